"""This module reads one displayed text about a mirror: role, status, how far behind, the arbiter, the failover mode."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from driftsync.statuses.words import (
    ARBITER,
    BEHIND,
    CAUGHT_UP,
    DISCONNECTED,
    LAG,
    MODE,
    NEEDS_ATTENTION,
    ROLE,
    STATE,
    STATUS,
    STOPPED,
    TYPE,
    plain,
    table_of,
)

SECONDS = {
    "second": 1, "seconds": 1, "sec": 1, "secs": 1, "s": 1, "秒": 1, "秒钟": 1,
    "minute": 60, "minutes": 60, "min": 60, "mins": 60, "分钟": 60, "分": 60,
    "hour": 3600, "hours": 3600, "hr": 3600, "hrs": 3600, "小时": 3600, "时": 3600, "時間": 3600,
    "day": 86_400, "days": 86_400, "天": 86_400, "日": 86_400,
}  # fmt: skip
"""Units of a latency; only `seconds` was seen, the others are assumed."""
_PIECE = re.compile(r"(\d{1,9}(?:\.\d{1,6})?) ?([a-z]+|秒钟?|分钟?|小时|时|時間|天|日)")
_CLOCK = re.compile(r"(?:(\d{1,5}) )?(\d{1,5}):([0-5]\d):([0-5]\d)")
_NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,6})?")
_MULTI = re.compile(r"(\d{1,4}/\d{1,4}) (.+)")
_MOMENTS = (
    "%Y-%m-%d %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%y %H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%H:%M:%S %m/%d/%Y",
)
_ONLY_AGENT = re.compile(r"only [^ ]+ is connected(?: to the arbiter)?")


@dataclass(frozen=True)
class Lag:
    """How far a member follows, as *Journal Transfer* or *Dejournaling* shows it."""

    code: str
    """ACTIVE, CAUGHT_UP, BEHIND, DISCONNECTED, NOT_APPLICABLE; of dejournaling also NEEDS_ATTENTION, STOPPED."""
    seconds: int | None = None
    """Behind by so much; 0 where it is caught up or active, `None` where no time is told."""
    since: datetime | None = None
    """When it was disconnected, by the member's own clock; `None` where that is not told or cannot be read."""


def role_of(text: object) -> str | None:
    """Give PRIMARY, BACKUP or ASYNC for `CurrentRole`; `None` for `Unknown` and whatever else."""
    return table_of(ROLE).get(_plain(text))


def member_type_of(text: object) -> str | None:
    """Give FAILOVER, DISASTER_RECOVERY, READ_ONLY_REPORTING, READ_WRITE_REPORTING, ASYNC, INDETERMINATE, NOT_MEMBER."""
    return table_of(TYPE).get(_plain(text))


def status_of(text: object) -> str | None:
    """Give the code of `GetStatus` for `DisplayStatus` or `GetMemberStatus`; further TROUBLE, ERROR and DOWN."""
    word = _plain(text)
    several = _MULTI.fullmatch(word)
    if several and table_of(STATUS).get(several[2]) == "CONNECTED":
        return f"MULTIASYNC^{several[1]}"
    if re.fullmatch(r"multiasync\^\d{1,4}/\d{1,4}", word):
        return word.upper()
    return table_of(STATUS).get(word)


def state_of(text: object) -> str | None:
    """Give the code of `CurrentStatus`: ACTIVE, CATCHUP, DOWN, TROUBLE …."""
    return table_of(STATE).get(_plain(text))


def journal_transfer_of(text: object) -> Lag | None:
    """Read *Journal Transfer* or `JournalTimeLatency`: a text, or seconds as a number."""
    lag = _lag(_plain(text))
    return None if lag and lag.code in {NEEDS_ATTENTION, STOPPED} else lag


def dejournaling_of(text: object) -> Lag | None:
    """Read *Dejournaling* or `DatabaseTimeLatency`: a text, or seconds as a number."""
    lag = _lag(_plain(text))
    return None if lag and lag.code == "ACTIVE" else lag


def arbiter_of(text: object) -> str | None:
    """Give BOTH, ONE, NONE or UNCONFIGURED for how failover members are connected to the arbiter."""
    word = _plain(text)
    return "ONE" if _ONLY_AGENT.fullmatch(word) else table_of(ARBITER).get(word)


def failover_mode_of(text: object) -> str | None:
    """Give ARBITER_CONTROLLED or AGENT_CONTROLLED."""
    return table_of(MODE).get(_plain(text))


def _lag(word: str) -> Lag | None:
    code = table_of(LAG).get(word)
    if code is not None:
        return Lag(code, 0 if code in {CAUGHT_UP, "ACTIVE"} else None)
    if _NUMBER.fullmatch(word):
        return _behind(float(word))
    return _disconnected(word) or _stated_behind(word)


def _behind(seconds: float) -> Lag:
    return Lag("BEHIND", max(1, round(seconds))) if seconds else Lag(CAUGHT_UP, 0)


def _disconnected(word: str) -> Lag | None:
    """Read `Disconnected on 2023-05-01 12:00:03`, and what stands there instead of a moment that can be read."""
    for text, code in table_of(LAG).items():
        if code == DISCONNECTED and word.startswith(text):
            rest = re.sub(r"^(?:on|at|since|于|自|:)?\s*", "", word[len(text) :].strip())
            return Lag(DISCONNECTED, since=_moment(rest)) if rest[:1].isdigit() else None
        if code == DISCONNECTED and word.endswith(text) and word[:1].isdigit():
            moment = _moment(re.sub(r"\s*(?:に|于)?$", "", word[: -len(text)].strip()))
            return Lag(DISCONNECTED, since=moment) if moment else None
    return None


def _moment(word: str) -> datetime | None:
    word = re.sub(r"\s+", " ", word.replace("t", " ", 1) if "t" in word[:12] else word)
    for form in _MOMENTS:
        try:
            return datetime.strptime(word, form)  # noqa: DTZ007 - the display names no zone
        except ValueError:
            continue
    return None


def _stated_behind(word: str) -> Lag | None:
    """Read `12 seconds behind`, `1 hour 5 minutes behind`, `00:05:12 behind` and their like in other languages."""
    marks = [text for text in table_of(BEHIND) if word.startswith(text) or word.endswith(text)]
    if not marks:
        return None
    mark = max(marks, key=len)
    rest = (word[len(mark) :] if word.startswith(mark) else word[: -len(mark)]).strip(" :")
    clock = _CLOCK.fullmatch(rest)
    if clock:
        days, hours, minutes, seconds = (int(each or 0) for each in clock.groups())
        return _behind(((days * 24 + hours) * 60 + minutes) * 60 + seconds)
    total, place = 0.0, 0
    while place < len(rest):
        piece = _PIECE.match(rest, place)
        if piece is None or piece[2] not in SECONDS:
            return None
        total += float(piece[1]) * SECONDS[piece[2]]
        between = re.compile(r"[ ,、の]*(?:and )?").match(rest, piece.end())
        place = between.end() if between else piece.end()
    return _behind(total) if rest else None


def _plain(text: object) -> str:
    return plain(str(text)) if isinstance(text, (str, int, float)) and not isinstance(text, bool) else ""
