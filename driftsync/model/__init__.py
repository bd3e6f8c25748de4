"""This package holds the nouns: frozen values without I/O, which can be written to a file and read back."""

from driftsync.model.drift import (
    Change,
    Changed,
    Clash,
    CoveragePair,
    Difference,
    Drift,
    Edited,
    Extra,
    Missing,
    Note,
    NoteType,
    Severity,
    Summary,
)
from driftsync.model.examination import (
    Examination,
    Fact,
    Grants,
    Held,
    KindExamined,
    Legible,
    Licence,
    MemberExamined,
    Privilege,
    Truth,
)
from driftsync.model.item import Item, Value
from driftsync.model.key import ItemKey
from driftsync.model.member import Facts, Member, MemberRole, Product
from driftsync.model.mirror import Addresses, MemberSeen, MembersReport, MirrorSeen
from driftsync.model.night import Acknowledgement, Night, Origin, Reopened, Resolved, Standing
from driftsync.model.readiness import Finding, Outcome, Readiness, Verdict
from driftsync.model.rehearsal import Consequence, Effect, Rehearsal
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
    "Consequence",
    "Coverage",
    "CoveragePair",
    "Difference",
    "Drift",
    "Edited",
    "Effect",
    "Examination",
    "Extra",
    "Extraction",
    "Fact",
    "Facts",
    "Finding",
    "Gap",
    "Grants",
    "Header",
    "Held",
    "Item",
    "ItemKey",
    "KindExamined",
    "KindReading",
    "Legible",
    "Licence",
    "Line",
    "Member",
    "MemberExamined",
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
    "Outcome",
    "Privilege",
    "Product",
    "Readiness",
    "Rehearsal",
    "Reopened",
    "Report",
    "Resolved",
    "Secret",
    "SecretAnswer",
    "Severity",
    "Snapshot",
    "Source",
    "Standing",
    "Summary",
    "Truth",
    "Unreadable",
    "Value",
    "Verdict",
    "WithoutRun",
]
