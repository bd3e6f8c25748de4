"""This module reads a status of a mirror that was copied as text: the display of `^MIRROR` (`Monitor^MIRROR`), an SNMP walk.

What a file shows becomes the columns of `SYS.Mirror:MemberStatusList`, as texts. What was cut off is not there: a line
counts only if its end was written, a list of members only if what follows it was. The display stands in the High
Availability Guide (Using the ^MIRROR Status Monitor); its labels in other languages are assumed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from driftsync.language import english as _
from driftsync.statuses.reading import dejournaling_of, journal_transfer_of
from driftsync.statuses.words import LABEL, plain, table_of

Row = dict[str, str]
MOST = 8 * 1024 * 1024
"""Bytes of a file that is looked at; a display is a page."""
LONGEST = 2000
"""Characters of a line that are looked at."""
COLUMNS = ("DisplayType", "DisplayStatus", "JournalTimeLatency", "DatabaseTimeLatency")

_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|[@-Z\\-_])|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_RULE = re.compile(r"\s*-{3,}(?:\s+-{3,}){3}\s*")
_TITLE = re.compile(r"(?:[Mm]irror|镜像|ミラー)\s*[:：]?\s*([A-Za-z0-9_%-]{1,15})\b.*?\d{1,2}:\d{2}")
_CLOCK = re.compile(r"\b(\d{1,2}:\d{2}:\d{2})\b")
_DAY = re.compile(r"\b(\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4})\b")
_LABELLED = re.compile(r"\s*([^:：]{2,40})[:：]\s*(.*\S)\s*")


class StatusUnreadable(Exception):  # noqa: N818 - named for what happened
    """A file shows no status that could be understood."""


@dataclass(frozen=True)
class Shown:
    """What one file shows of a mirror."""

    mirror: str = ""
    moment: datetime | None = None
    """By the clock of the member that showed it; `None` where the file does not say."""
    rows: tuple[Row, ...] = ()
    cut: str = ""
    """Why members may be missing among the rows; empty where the list was seen to its end."""
    arbiter: str = ""
    """How failover members are connected to the arbiter."""
    mode: str = ""
    """The failover mode."""
    walked: bool = False
    """Whether it is an SNMP walk, which never says when it was made."""


def decoded(raw: bytes) -> str:
    """Return a file's text: UTF-16 where it says so, UTF-8, else GB18030, else Latin-1; without what moves a cursor."""
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        text = raw.decode("utf-16", "replace")
    else:
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            try:
                text = raw.decode("gb18030")
            except UnicodeDecodeError:
                text = raw.decode("latin-1")
    return _ESCAPES.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def read_display(text: str) -> Shown:
    """Read the last screen of a display; raises `StatusUnreadable` where there is none."""
    lines = [line[:LONGEST] for line in text.split("\n")]
    ended = lines[:-1]  # what stands after the last line end may have been cut
    rules = [number for number, line in enumerate(ended) if _RULE.fullmatch(line)]
    if not rules:
        raise StatusUnreadable(_("it shows no list of members"))
    rule = rules[-1]
    begin = rules[-2] + 1 if len(rules) > 1 else 0
    mirror, moment = _title(ended[begin:rule])
    rows, after = _members(ended, rule)
    shown = Shown(mirror, moment, tuple(rows), _cut(ended, after))
    for line in ended[after:]:
        labelled = _LABELLED.fullmatch(line)
        label = table_of(LABEL).get(plain(labelled[1])) if labelled else None
        if labelled and label == "connection-status":
            shown = replace(shown, arbiter=labelled[2])
        elif labelled and label == "failover-mode":
            shown = replace(shown, mode=labelled[2])
    return shown


def _title(lines: list[str]) -> tuple[str, datetime | None]:
    """Read `Status of Mirror NAME at 17:17:53 on 02/27/2018`, the last such line above the list."""
    for line in reversed(lines):
        named, clock, day = _TITLE.search(line), _CLOCK.search(line), _DAY.search(line)
        if clock and day:
            form = "%Y-%m-%d" if "-" in day[1] else "%m/%d/%Y"
            try:
                moment = datetime.strptime(f"{day[1]} {clock[1]}", f"{form} %H:%M:%S")  # noqa: DTZ007 - it names no zone
            except ValueError:
                continue
            return named[1] if named else "", moment
    return "", None


def _members(lines: list[str], rule: int) -> tuple[list[Row], int]:
    """Return the members below the rule, and where they end."""
    starts = [found.start() for found in re.finditer("-{3,}", lines[rule])]
    rows: list[Row] = []
    place = rule + 1
    while place < len(lines) and lines[place].strip():
        name = lines[place].strip()
        if lines[place][:1].isspace() or place + 1 >= len(lines) or not lines[place + 1][:1].isspace():
            place += 1  # a name without its line, or a line without its name: neither can be told
            continue
        told = _columns(lines[place + 1], starts)
        rows.append({"MemberName": name, **dict(zip(COLUMNS, told, strict=False))})
        place += 2
    return rows, place


def _columns(line: str, starts: list[int]) -> list[str]:
    """Divide a member's line where two blanks stand, else at the columns of the rule; nothing where neither fits."""
    parts = re.split(r"\s{2,}", line.strip())
    if len(parts) == len(COLUMNS) - 1:
        parts = [*parts[:-1], *_divided(parts[-1])]
    if len(parts) == len(COLUMNS):
        return parts
    edges = [0, *starts[1:], len(line)]
    if len(line) < edges[-2] or any(edge and not line[edge - 1].isspace() for edge in edges[1:-1]):
        return []
    return [line[left:right].strip() for left, right in pairwise(edges)]


def _divided(text: str) -> list[str]:
    """Divide a journal transfer that outgrew its column from the dejournaling behind it, where that can be in one place only."""
    words = text.split(" ")
    pairs = [(" ".join(words[:number]), " ".join(words[number:])) for number in range(1, len(words))]
    found = [pair for pair in pairs if journal_transfer_of(pair[0]) and dejournaling_of(pair[1])]
    return list(found[0]) if len(found) == 1 else [text]


def _cut(lines: list[str], after: int) -> str:
    """Say why the list may lack members: it ends with the file, or nothing shows that it does not."""
    return "" if after < len(lines) and not lines[after].strip() else _("the list of members is cut off")
