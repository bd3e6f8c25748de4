"""This module reads the code of the site in %SYS: routines by their source, classes by the hash IRIS keeps of them."""

from __future__ import annotations

import hashlib

from driftsync.connections import ObjectHandle
from driftsync.connections.failures import CallFailed
from driftsync.extracting.permitted import PermittedConnection, why
from driftsync.extracting.reach import Reach, Read, RouteClosed
from driftsync.extracting.values import as_bytes, as_name, as_text
from driftsync.kinds.making import RawItem
from driftsync.kinds.spec import Kind
from driftsync.language import english as _
from driftsync.model import Gap

BEGINNINGS = ("Z", "%Z")
SOURCES = {"MAC": "routine", "INT": "routine", "INC": "include file"}
PRODUCT = "%ZEN"
"""What begins so is the product's; a routine with a dot in its name was made from a class."""
CHARACTERS = 32_000
LONGEST = 2_000
"""Pieces of one routine."""


def read_code(reach: Reach, kind: Kind) -> Read:
    """Read routines and classes. Raises `RouteClosed` where routines cannot be listed."""
    read = Read(route="%Library.Routine_RoutineList()")
    names = _routines(reach)
    for item, gap in reach.each(names, lambda connection, name: _routine(connection, kind, name)):
        read.items += [item] if item else []
        read.gaps += [gap] if gap else []
    try:
        answer = reach.connection.query(
            "SELECT Name, Hash FROM %Dictionary.CompiledClass WHERE Name %STARTSWITH 'Z' OR Name %STARTSWITH '%Z'"
        )
        for name, hashed in answer.rows:
            if as_text(name).startswith(PRODUCT):
                continue
            digest = hashlib.sha256(as_bytes(hashed)).hexdigest() if hashed else None
            read.items.append(
                RawItem(
                    kind,
                    {"Name": f"{as_name(name)}.cls", "Kind": "class", "Hash": digest},
                    unread=() if digest else ("Hash",),
                )
            )
    except (CallFailed, ValueError) as error:
        read.gaps.append(Gap(kind=kind.name, reason=why(error)))
        read.whole = False
    return read


def _routines(reach: Reach) -> list[str]:
    found: dict[str, None] = {}
    for beginning in BEGINNINGS:
        try:
            answer = reach.connection.query(
                "SELECT * FROM %Library.Routine_RoutineList(?)", f"{beginning}*.*"
            )
        except CallFailed as error:
            raise RouteClosed(why(error)) from error
        folded = [name.casefold() for name in answer.columns]
        if "name" not in folded:
            raise RouteClosed(_("the list of routines does not give the names"))
        for row in answer.rows:
            name = as_name(row[folded.index("name")])
            stem, _dot, ending = name.rpartition(".")
            if ending.upper() in SOURCES and "." not in stem and not stem.startswith(PRODUCT):
                found[name] = None
    sources = {name.rpartition(".")[0] for name in found if name.upper().endswith(".MAC")}
    return [
        name for name in found if not (name.upper().endswith(".INT") and name.rpartition(".")[0] in sources)
    ]


def _routine(connection: PermittedConnection, kind: Kind, name: str) -> tuple[RawItem | None, Gap | None]:
    try:
        source = _source(connection, name)
    except (CallFailed, ValueError) as error:
        return None, Gap(kind=kind.name, key=f"{kind.name}:{name}", reason=why(error))
    hashed = hash_of_source(source)
    word = SOURCES[name.rpartition(".")[2].upper()]
    return RawItem(kind, {"Name": name, "Hash": hashed, "Kind": word}), None


def _source(connection: PermittedConnection, name: str) -> str:
    handle = connection.call("%Library.Routine", "%OpenId", name).value
    if not isinstance(handle, ObjectHandle):
        raise ValueError("no routine")
    pieces: list[str] = []
    for _number in range(LONGEST):
        piece = as_text(connection.invoke(handle, "Read", CHARACTERS).value)
        if not piece:
            return "".join(pieces)
        pieces.append(piece)
    raise ValueError("a routine without an end")


def hash_of_source(source: str) -> str:
    """Return the SHA-256 of a source, line ends and trailing blanks of lines put aside."""
    lines = source.replace("\r\n", "\n").rstrip("\n").split("\n")
    return hashlib.sha256("\n".join(line.rstrip() for line in lines).encode()).hexdigest()
