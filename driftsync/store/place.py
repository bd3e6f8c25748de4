"""This module finds where the store is: the environment, the settings, else the user's state directory."""

from __future__ import annotations

import os
from pathlib import Path

ENVIRONMENT = "DRIFTSYNC_STORE"
FILE = "driftsync.sqlite"


def store_path(settings_path: Path | None, stated: str) -> Path:
    """Return the file. `stated` is `[store] path`, relative to the settings file."""
    if named := os.environ.get(ENVIRONMENT):
        return Path(named)
    if stated:
        return (settings_path.parent if settings_path else Path()) / stated
    from platformdirs import user_state_path

    return user_state_path("driftsync", appauthor=False) / FILE
