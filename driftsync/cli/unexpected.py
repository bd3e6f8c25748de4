"""This module turns a mistake of driftsync itself into an error like others, without a value that a member returned."""

from __future__ import annotations

import traceback
from pathlib import PurePath

from driftsync.errors import DriftsyncError
from driftsync.language import _


def told(error: Exception) -> DriftsyncError:
    """Return what a user may see of `error`: its type and place; the way there goes into the details."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{PurePath(each.filename).name}:{each.lineno} {each.name}" for each in frames]
    where = places[-1].partition(" ")[0] if places else "?"
    return DriftsyncError(
        _("internal error ({type} at {where})").format(type=type(error).__name__, where=where),
        hint=_(
            "this is a mistake in driftsync: please report this line and what you ran; --verbose shows the way there"
        ),
        details="\n".join(f"  {place}" for place in places),
    )
