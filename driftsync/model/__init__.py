"""This package holds the nouns: frozen values without I/O, which can be written to a file and read back."""

from driftsync.model.drift import (
    Change,
    Changed,
    Clash,
    CoveragePair,
    Difference,
    Drift,
    Extra,
    Missing,
    Note,
    NoteType,
    Severity,
    Summary,
)
from driftsync.model.item import Item, Value
from driftsync.model.key import ItemKey
from driftsync.model.member import Facts, Member, MemberRole, Product
from driftsync.model.mirror import Addresses, MemberSeen, MembersReport, MirrorSeen
from driftsync.model.night import Acknowledgement, Night, Origin, Resolved, Standing
from driftsync.model.report import MirrorReport, Report, Unreadable, WithoutRun
from driftsync.model.secret import Secret, SecretAnswer
from driftsync.model.snapshot import Coverage, Extraction, Gap, Header, KindReading, Line, Snapshot, Source

FORMAT_VERSION = 1
"""The version of every file that driftsync writes; a reader refuses a higher one."""

__all__ = [
    "FORMAT_VERSION",
    "Acknowledgement",
    "Addresses",
    "Change",
    "Changed",
    "Clash",
    "Coverage",
    "CoveragePair",
    "Difference",
    "Drift",
    "Extra",
    "Extraction",
    "Facts",
    "Gap",
    "Header",
    "Item",
    "ItemKey",
    "KindReading",
    "Line",
    "Member",
    "MemberRole",
    "MemberSeen",
    "MembersReport",
    "MirrorReport",
    "MirrorSeen",
    "Missing",
    "Night",
    "Note",
    "NoteType",
    "Origin",
    "Product",
    "Report",
    "Resolved",
    "Secret",
    "SecretAnswer",
    "Severity",
    "Snapshot",
    "Source",
    "Standing",
    "Summary",
    "Unreadable",
    "Value",
    "WithoutRun",
]
