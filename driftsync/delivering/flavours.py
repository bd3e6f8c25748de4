"""This module declares how each channel writes text: what it takes for markup, and how it writes bold, code and links."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from driftsync.language import visible


@dataclass(frozen=True)
class Flavour:
    """How one channel writes: `escape` takes every meaning from a text that is none of ours."""

    escape: Callable[[str], str]
    bold: str = "{}"
    code: str = "{}"
    """For keys of items."""
    link: str = "{text}: {url}"
    line_end: str = "\n"

    def as_bold(self, text: str) -> str:
        return self.bold.format(self.escape(text))

    def as_code(self, text: str) -> str:
        if "`" in self.code:  # within backticks nothing but a backtick has a meaning
            return self.code.format(self.escape(text).replace("`", "'"))
        return self.code.format(self.escape(text))

    def as_link(self, url: str, text: str) -> str:
        safe = re.sub(r"[\s()<>|\"]", lambda match: f"%{ord(match[0]):02X}", url)
        return self.link.format(url=safe, text=self.escape(text))


def _one_line(text: str) -> str:
    return visible(text)


_LOOK_ALIKE = str.maketrans({"<": "＜", ">": "＞", "*": "＊", "[": "［", "]": "］", "`": "'"})


def _look_alikes(text: str) -> str:
    """Write wide forms of what would be markup or a mention: these vendors document no way to escape."""
    return _one_line(text).translate(_LOOK_ALIKE)


def _entities(marks: str) -> Callable[[str], str]:
    table = str.maketrans({mark: f"&#{ord(mark)};" for mark in marks})
    return lambda text: _one_line(text).translate(table)


def _backslashes(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]()#~|<>!])", r"\\\1", _one_line(text))


def _slack(text: str) -> str:
    return _one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


_MARKDOWN_LINK = "[{text}]({url})"
PLAIN = Flavour(_one_line)
WECOM = Flavour(_look_alikes, bold="**{}**", code="`{}`", link=_MARKDOWN_LINK)
DINGTALK = Flavour(_look_alikes, bold="**{}**", link=_MARKDOWN_LINK, line_end="  \n")
FEISHU = Flavour(_entities("&*~<>[]()_`#|\\"), bold="**{}**", link=_MARKDOWN_LINK)
SLACK = Flavour(_slack, bold="*{}*", code="`{}`", link="<{url}|{text}>")
TEAMS = Flavour(_backslashes, bold="**{}**", link=_MARKDOWN_LINK)
