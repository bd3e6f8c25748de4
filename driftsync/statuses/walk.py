"""This module reads what `snmpwalk` printed of an InterSystems MIB: objects whose names tell of a mirror's members.

The grammar of a walk and the enterprise number (16563) are known; how ISC-IRIS.mib and ISC-CACHE.mib call what they
tell of a mirror is in no public document, so an object is known by how its name ends, as the columns of
`SYS.Mirror:MemberStatusList` or the headings of the display are called. A walk that names no objects, made without the
MIB, tells nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from driftsync.language import english as _
from driftsync.statuses.display import LONGEST, Row, Shown, StatusUnreadable

ENTERPRISE = re.compile(r"(?:enterprises|(?:iso|\.?1)\.3\.6\.1\.4\.1)\.16563\.")
_LINE = re.compile(
    r"(?:(?P<mib>[A-Za-z][\w-]*)::)?(?P<object>[A-Za-z]\w*)\.(?P<index>\S+) = (?:(?P<type>[A-Za-z][\w-]*): )?(?P<value>.*)"
)
_ENUMERATED = re.compile(r"(.+)\((\d+)\)")

COLUMNS: Mapping[str, str] = {
    "membername": "MemberName",
    "currentrole": "CurrentRole", "memberrole": "CurrentRole", "role": "CurrentRole",
    "currentstatus": "CurrentStatus", "memberstate": "CurrentStatus", "state": "CurrentStatus",
    "displaytype": "DisplayType", "membertype": "DisplayType", "type": "DisplayType",
    "displaystatus": "DisplayStatus", "memberstatus": "DisplayStatus", "status": "DisplayStatus",
    "journaltimelatency": "JournalTimeLatency", "journaltransfer": "JournalTimeLatency",
    "databasetimelatency": "DatabaseTimeLatency", "dejournaling": "DatabaseTimeLatency",
}  # fmt: skip
ARBITER = {"arbiterstate", "arbiterstatus", "arbiterconnection", "arbiterconnectionstatus"}
MODE = {"failovermode"}


def is_walk(text: str) -> bool:
    """Say whether a text looks like a walk."""
    return any(
        " = " in line and (_LINE.fullmatch(line) or ENTERPRISE.search(line)) for line in text.split("\n")
    )


def read_walk(text: str) -> Shown:
    """Read the mirror's members from a walk; raises `StatusUnreadable` where it tells of none."""
    rows: dict[str, Row] = {}
    arbiter = mode = ""
    numbered = False
    for line in text.split("\n")[:-1]:
        found = _LINE.fullmatch(line[:LONGEST].rstrip())
        numbered = numbered or ENTERPRISE.match(line) is not None or "enterprises.16563." in line
        if not found or not _of_mirror(found):
            continue
        ending, value = _ending(found["object"]), _value(found["value"])
        if column := COLUMNS.get(ending):
            rows.setdefault(found["index"], {})[column] = value
        elif ending in ARBITER:
            arbiter = value
        elif ending in MODE:
            mode = value
    members = tuple(row for row in rows.values() if row.get("MemberName"))
    if not members:
        raise StatusUnreadable(
            _("the walk names no objects: walk again with the MIB loaded (snmpwalk -m ALL)")
            if numbered
            else _("the walk tells of no member of a mirror")
        )
    cut = _("a walk does not say whether it shows all members")
    return Shown(rows=members, cut=cut, arbiter=arbiter, mode=mode, walked=True)


def _of_mirror(found: re.Match[str]) -> bool:
    mib, name = found["mib"] or "", found["object"].casefold()
    return "mirror" in name and (mib.upper().startswith("ISC-") or name.startswith(("iris", "cache", "isc")))


def _ending(name: str) -> str:
    return name.casefold().rpartition("mirror")[2]


def _value(raw: str) -> str:
    """Give `"Active"` and `active(1)` as texts; a bare number stays one, which no table holds."""
    value = raw.strip()
    if len(value) > 1 and value[0] == value[-1] == '"':
        return value[1:-1]
    enumerated = _ENUMERATED.fullmatch(value)
    return enumerated[1] if enumerated else value
