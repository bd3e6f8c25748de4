"""This module seals a plan with a key of this user, and refuses one that was tampered with, expired or was used before."""

from __future__ import annotations

import hmac
import json
import os
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from driftsync.errors import DocumentError, PlanRefusedError
from driftsync.files import ENCODER, write_bytes
from driftsync.fingerprinting import Fingerprinter, key_file
from driftsync.language import english as _
from driftsync.model import FORMAT_VERSION, Plan

PURPOSE = "plan seal"
USED = "used-plans"
"""The folder, beside the key, that holds a file for every plan that was used."""
CLOCKS = timedelta(minutes=5)
"""How much later than here a plan may have been made by its own clock."""


def sealed(plan: Plan, own: Fingerprinter) -> Plan:
    """Return the plan with its seal, made with a key that is derived from this user's."""
    return replace(plan, seal=_seal(plan, own))


def _seal(plan: Plan, own: Fingerprinter) -> str:
    content = ENCODER.encode(replace(plan, seal=""))
    return hmac.new(own.key_for(PURPOSE), content, sha256).hexdigest()


def write_plan(plan: Plan, path: Path) -> None:
    """Write a plan whole or not at all, readable for a person."""
    write_bytes(path, msgspec.json.format(ENCODER.encode(plan), indent=2) + b"\n")


def read_plan(path: Path) -> Plan:
    """Read a plan without trusting it. Raises `DocumentError` for what is none."""
    try:
        content = path.read_bytes()
        plan = msgspec.json.decode(content, type=Plan)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DocumentError(path, reason, hint=_("`driftsync plan -o FILE` writes one")) from None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise DocumentError(
            path, _("this is no plan of driftsync"), hint=_("`driftsync plan -o FILE` writes one")
        ) from None
    if plan.format_version > FORMAT_VERSION:
        raise DocumentError(
            path, _("this plan was written by a newer driftsync"), hint=_("update driftsync here")
        )
    if not _says_that_alone(content, plan):
        raise _broken(plan)
    return plan


def _says_that_alone(content: bytes, plan: Plan) -> bool:
    """Say whether a file holds that plan and nothing beside it, so that a person reads what is carried out."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("twice")
        return found

    try:
        return bool(json.loads(content, object_pairs_hook=once) == msgspec.to_builtins(plan))
    except (ValueError, RecursionError):
        return False


def check_plan(plan: Plan, own: Fingerprinter, at: datetime) -> None:
    """Raise `PlanRefusedError` for a plan that may not be used: tampered with, of another user, expired, or used."""
    again = _("make it anew with `driftsync plan`")
    if not hmac.compare_digest(plan.seal.encode(), _seal(plan, own).encode()):
        raise _broken(plan)
    if datetime.fromisoformat(plan.created_at) > at + CLOCKS:
        raise PlanRefusedError(
            _("plan {id} was made at {when}, which is still to come by the clock here").format(
                id=plan.id, when=plan.created_at
            ),
            hint=_("set the clock of this computer, or make it anew with `driftsync plan`"),
        )
    if datetime.fromisoformat(plan.expires_at) <= at:
        raise PlanRefusedError(
            _("plan {id} expired at {when}").format(id=plan.id, when=plan.expires_at), hint=again
        )
    if _place(plan).exists():
        raise PlanRefusedError(_("plan {id} was used already").format(id=plan.id), hint=again)


def _broken(plan: Plan) -> PlanRefusedError:
    return PlanRefusedError(
        _("the seal of plan {id} does not fit: it was changed, or made with the key of another user").format(
            id=plan.id
        ),
        hint=_("make it anew with `driftsync plan`"),
    )


def use_plan(plan: Plan, at: datetime) -> None:
    """Note on the disk that a plan is being used. Raises `PlanRefusedError` where somebody was first."""
    place = _place(plan)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _not_noted(plan, error) from None
    try:
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(at.isoformat(timespec="seconds") + "\n")
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise PlanRefusedError(
            _("plan {id} was used already").format(id=plan.id), hint=_("make it anew with `driftsync plan`")
        ) from None
    except OSError as error:
        with suppress(OSError):
            place.unlink()  # the run is refused, so the plan is not used
        raise _not_noted(plan, error) from None


def _not_noted(plan: Plan, error: OSError) -> PlanRefusedError:
    return PlanRefusedError(
        _("that plan {id} is used cannot be noted: {reason}").format(
            id=plan.id, reason=error.strerror or type(error).__name__
        ),
        hint=_("see to the folder {path}").format(path=_place(plan).parent),
    )


def _place(plan: Plan) -> Path:
    return key_file().parent / USED / sha256(plan.id.encode()).hexdigest()[:32]
