"""driftsync: what an InterSystems mirror does not replicate, read, compared and reported.

The nouns and verbs are imported when they are first used, so that `driftsync --help` stays fast::

    from driftsync import compare, read_member
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from driftsync.version import __version__

_HOMES = {
    "Drift": "driftsync.model",
    "Item": "driftsync.model",
    "ItemKey": "driftsync.model",
    "Member": "driftsync.model",
    "Report": "driftsync.model",
    "Secret": "driftsync.model",
    "Snapshot": "driftsync.model",
    "all_kinds": "driftsync.kinds",
    "compare": "driftsync.comparing",
    "read_member": "driftsync.documents",
    "read_snapshot": "driftsync.files",
    "write_snapshot": "driftsync.files",
}

__all__ = ["__version__", *_HOMES]  # noqa: PLE0604 - names that are resolved below


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'driftsync' has no attribute {name!r}")
