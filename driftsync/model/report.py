"""This module holds the drift of one mirror or many, as `driftsync report` tells it."""

from __future__ import annotations

import msgspec

from driftsync.model.drift import Drift
from driftsync.model.night import Night
from driftsync.model.readiness import Readiness


class Unreadable(msgspec.Struct, frozen=True, kw_only=True):
    """A member that could not be read at all: a gap as wide as the member."""

    member: str
    reason: str
    hint: str = ""


class MirrorReport(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Every member of one mirror against its primary."""

    name: str
    primary: str
    drifts: list[Drift]
    unreadable: list[Unreadable] = []
    night: Night | None = None
    """What earlier runs say of it; `None` where no store was used."""
    readiness: Readiness | None = None
    """Whether the backup could take over; `None` where that was not asked: of files, or of some kinds only."""
    not_kept: str = ""
    """Why this run could not be kept, where it should have been: what is new is then not known."""


class WithoutRun(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A mirror of the settings that is not in this report, and was in none for a night at least."""

    mirror: str
    last: str = ""
    """When its last run ended; empty where there never was one."""


class Report(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One mirror or many, at one moment."""

    format_version: int
    driftsync: str
    taken_at: str
    complete: bool
    mirrors: list[MirrorReport]
    remarks: list[str] = []
    """What is to be said of the settings: rules that fit nothing, or contradict each other."""
    without_run: list[WithoutRun] = []
