"""This module finds the secrets of a delivery, and keeps them out of whatever is said about it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from driftsync.connections.credentials import find
from driftsync.delivering.attempting import RefusedError
from driftsync.errors import SettingsError
from driftsync.language import _, visible
from driftsync.settings import Deliver, is_plain_proxy

LONGEST_WORDS = 200
_SHORTEST = 4
_SHORTEST_SEGMENT = 8
"""Shorter parts of a URL are no tokens, and hiding them would make the rest unreadable."""


class Secrets:
    """The secrets of one delivery by the words of its table; shows none of them."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)
        self._told = sorted(set(self._parts()), key=len, reverse=True)

    def __getitem__(self, word: str) -> str:
        """Return one secret, empty where the table has none."""
        return self._values.get(word, "")

    def __repr__(self) -> str:
        return f"Secrets({', '.join(self._values)})"

    def _parts(self) -> Iterator[str]:
        """Yield the secrets, and what of a URL a server could repeat: tokens in its path, its query, before its host."""
        for word, value in self._values.items():
            found = [value]
            if word in {"url", "proxy"}:
                rest = value.partition("://")[2]
                login, _at, _host = rest.partition("/")[0].rpartition("@")
                path, _mark, query = rest.partition("/")[2].partition("?")
                found += [f"/{path}", *re.split(r"[&=#]", query), *login.split(":")]
                found += [each for each in path.split("/") if len(each) >= _SHORTEST_SEGMENT]
            for each in found:
                forms = {each, unquote(each), quote(each), base64.b64encode(each.encode()).decode()}
                yield from (form for form in forms if len(form) >= _SHORTEST)

    def hidden(self, text: str) -> str:
        """Return what a server said without any secret, in one line of bounded length."""
        for secret in self._told:
            text = re.sub(re.escape(secret), "…", text, flags=re.IGNORECASE)
        text = visible(" ".join(text.split()))
        return text if len(text) <= LONGEST_WORDS else text[:LONGEST_WORDS] + "…"


def secrets_of(table: Deliver, base: Path) -> Secrets:
    """Follow the references of a table. Raises `RefusedError` naming the word, never the value."""
    found = {}
    for word, reference in table.references.items():
        if word == "proxy" and is_plain_proxy(reference):
            found[word] = reference
            continue
        try:
            found[word] = find(reference, base)
        except SettingsError as error:
            raise RefusedError(f"{word}: {error.message}", error.hint) from None
        if word in {"url", "proxy", "token"}:
            found[word] = found[word].strip()
        if not found[word]:
            raise RefusedError(_("{word}: the secret is empty").format(word=word))
        if word == "token" and not re.fullmatch(r"[\x21-\x7e]+", found[word]):
            raise RefusedError(
                _("{word}: it holds blanks, line ends or letters beyond ASCII").format(word=word)
            )
    return Secrets(found)


def place_of(url: str) -> str:
    """Return the host of a URL, the only part of it that is ever said."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
