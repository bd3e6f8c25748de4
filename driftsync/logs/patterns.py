"""This module declares what is looked for in a log: LOG-401 to LOG-414, and what ends them (mirror.md 3.5).

A mark is found by its literals first, which is fast, and decided by its regular expression. The wordings that *end* an
event are not all given by a source: they are taken widely, and a line that denies (`not`, `failed`, `lost`) ends nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

FOUND, ENDED = "found", "ended"

SEVERE = 2
"""Severities: 0 information, 1 warning, 2 severe, 3 fatal."""
SEVERE_LITERALS = (b") 2 ", b") 3 ")
EVERYBODY = "*"
"""Ends the events of every partner."""


@dataclass(frozen=True, eq=False)
class Mark:
    """One wording: which check it is about, and whether it begins or ends what the check looks for."""

    id: str
    literals: tuple[bytes, ...]
    """Of which every line with the mark has one."""
    pattern: bytes
    sort: str = FOUND
    lasting: bool = False
    """Whether it holds until something ends it, so that it counts from before the window too."""
    everybody: bool = False
    """Of an ending: whatever the partner."""
    regex: re.Pattern[bytes] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "regex", re.compile(self.pattern))


_DENIED = re.compile(
    rb"\b(?:not|fail(?:ed|s|ing|ure)?|unable|cannot|can't|skipp\w*|lost|no longer|terminated|refused|disconnect\w*)\b",
    re.IGNORECASE,
)
_ARBITER_BACK = (
    rb"[Cc]onnected to (?:the )?[Aa]rbiter|[Aa]rbiter (?:is )?(?:re)?connected"
    rb"|[Aa]rbiter connection (?:was |has been )?(?:re)?-?(?:established|restored|connected|made)"
    rb"|[Cc]onnection to (?:the )?[Aa]rbiter (?:was |has been )?(?:re)?-?(?:established|restored|made)"
)
_TO_AGENT = rb"[Ss]witched from Arbiter Controlled to Agent Controlled failover"
_TO_ARBITER = rb"[Ss]witched from Agent Controlled to Arbiter Controlled failover"
_PARTNER_BACK = (
    rb"MirrorServer: (?:.{0,80}? )?[Cc]onnection (?:to|from|with) ([^ ,;:\r\n]+)(?: \([^)]*\))? (?:was |has been )?"
    rb"(?:re)?-?(?:established|restored|accepted|made|connected)"
    rb"|MirrorServer: (?:[Rr]e)?-?[Cc]onnected (?:to|from|with) (?:(?:the )?(?:backup|async member|failover member) )?([^ ,;:\r\n]+)"
    rb"|MirrorServer: ([^ ,;:\r\n]+)(?: \([^)]*\))? (?:is |has |was )?(?:now )?(?:re)?-?connected"
)
_BECOMING_PRIMARY = rb"[Bb]ecoming primary mirror server"
_BECOMING_BACKUP = rb"[Ff]ound [^ \r\n]+ as primary, becoming backup"
_CONNECTED = rb"MirrorClient: (?:[Rr]e)?-?[Cc]onnected to primary"

BECAME_PRIMARY = "LOG-406"
"""What checks and plans ask for by name: that a member took over."""

MARKS: tuple[Mark, ...] = (
    Mark("LOG-401", (b"rbiter",), rb"Arbiter connection lost|[Ll]ost (?:the )?connection to (?:the )?arbiter", lasting=True),
    Mark("LOG-401", (b"rbiter",), _ARBITER_BACK, ENDED, lasting=True),
    Mark("LOG-401", (b"rbiter",), _TO_ARBITER, ENDED, lasting=True),
    Mark("LOG-402", (b"MirrorServer: ",), rb"MirrorServer: Connection to ([^ \r\n]+) \(backup\) terminated", lasting=True),
    Mark("LOG-402", (b"MirrorServer: ",), _PARTNER_BACK, ENDED, lasting=True),
    Mark("LOG-402", (b"ecoming ",), _BECOMING_BACKUP, ENDED, lasting=True, everybody=True),
    Mark("LOG-403", (b"MirrorServer: ",), rb"MirrorServer: Connection to ([^ \r\n]+) \((?:DR )?async(?: member)?\) terminated", lasting=True),
    Mark("LOG-403", (b"MirrorServer: ",), _PARTNER_BACK, ENDED, lasting=True),
    Mark("LOG-403", (b"ecoming ",), _BECOMING_BACKUP, ENDED, lasting=True, everybody=True),
    Mark("LOG-404", (b"connect to primary",), rb"Async member for .{1,200}started but failed to connect to primary", lasting=True),
    Mark("LOG-404", (b"MirrorClient: ",), _CONNECTED, ENDED, lasting=True, everybody=True),
    Mark("LOG-405", (b"rbiter",), _TO_AGENT, lasting=True),
    Mark("LOG-405", (b"rbiter",), _TO_ARBITER, ENDED, lasting=True),
    Mark(BECAME_PRIMARY, (b"ecoming ",), _BECOMING_PRIMARY),
    Mark("LOG-407", (b"Preserving all mirror journal",), rb"Preserving all mirror journal files for offline failover member"),
    Mark("LOG-408", (b"Could not open mirror journal",), rb"Could not open mirror journal log to read checksum"),
    Mark("LOG-409", (b"Failed to notify ",), rb"Failed to notify ([^ \r\n]+) for mirror configuration change"),
    Mark("LOG-410", (b"either Primary or Backup",), rb"Failed to become either Primary or Backup at startup", lasting=True),
    Mark("LOG-410", (b"ecoming ",), _BECOMING_PRIMARY, ENDED, lasting=True),
    Mark("LOG-410", (b"ecoming ",), _BECOMING_BACKUP, ENDED, lasting=True),
    Mark("LOG-411", (b"shutdown was abnormal", b"^SHUTDOWN forced"), rb"system shutdown was abnormal|\^SHUTDOWN forced down"),
    Mark("JRN-306", (b"atchup started for",), rb"[Cc]atchup started for (?:mirrored )?(?:database )?([^ \r\n]+)", lasting=True),
    Mark("JRN-306", (b"atchup completed for",), rb"[Cc]atchup completed for (?:mirrored )?(?:database )?([^ \r\n]+)", ENDED, lasting=True),
    Mark("LOG-412", (b"AddVirtualAddress failed",), rb"AddVirtualAddress failed, cannot become primary", lasting=True),
    Mark("LOG-412", (b"ecoming ",), _BECOMING_PRIMARY, ENDED, lasting=True),
    Mark("LOG-413", (b"already running",), rb"[Pp]roduction.{0,200}already running"),
    Mark("LOG-413", (b"uto-start", b"utostart", b"utoStart"), rb"[Aa]uto-?[Ss]tart.{0,200}[Ss]kipp|[Ss]kipp.{0,200}[Aa]uto-?[Ss]tart"),
    Mark("LOG-414", (b"ncrypted",), rb"[Mm]irror.{0,200}(?:not encrypted|unencrypted)|(?:not encrypted|[Uu]nencrypted).{0,200}[Mm]irror"),
)  # fmt: skip
"""Every wording. `about` is the first group that matched: the partner whose connection it is."""

OTHER = "LOG-415"
"""Any other line of severity 2 or 3."""

LITERALS = tuple(dict.fromkeys((*SEVERE_LITERALS, *(one for mark in MARKS for one in mark.literals))))
"""All literals: a record without any of them says nothing."""


_BY_LITERAL = tuple(
    (literal, tuple(mark for mark in MARKS if literal in mark.literals))
    for literal in LITERALS
    if literal not in SEVERE_LITERALS
)


def marks_in(text: bytes) -> Iterator[tuple[Mark, bytes]]:
    """Find the marks of a message, and the partner each is about."""
    wanted = [mark for literal, marks in _BY_LITERAL if literal in text for mark in marks]
    for mark in dict.fromkeys(wanted):
        found = mark.regex.search(text)
        if found is None or (mark.sort == ENDED and _DENIED.search(_line_of(text, found))):
            continue
        about = next((group for group in found.groups() if group), b"")
        yield mark, EVERYBODY.encode() if mark.everybody else about


def _line_of(text: bytes, found: re.Match[bytes]) -> bytes:
    start = text.rfind(b"\n", 0, found.start()) + 1
    end = text.find(b"\n", found.end())
    return text[start : len(text) if end < 0 else end]
