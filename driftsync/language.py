"""This module lends every sentence that a person reads its place in a translation catalogue.

`_` translates where a sentence is shown; `N_` only marks one that is declared once and shown later
(a kind's *why*, for instance). Machine formats stay English and use neither.
"""

from __future__ import annotations

import gettext as _gettext
from functools import lru_cache
from pathlib import Path

CATALOGUES = Path(__file__).parent / "locale"
"""Where gettext catalogues live: `<language>/LC_MESSAGES/driftsync.mo`."""


@lru_cache(maxsize=1)
def _catalogue() -> _gettext.NullTranslations:
    return _gettext.translation("driftsync", localedir=CATALOGUES, fallback=True)


def _(sentence: str) -> str:
    """Return `sentence` in the reader's language, itself where no catalogue has it."""
    return _catalogue().gettext(sentence) if sentence else ""


def ngettext(one: str, many: str, count: int) -> str:
    """Return the singular or the plural in the reader's language."""
    return _catalogue().ngettext(one, many, count)


_VISIBLE = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))} | {10: "⏎"}


def visible(text: str) -> str:
    """Make control characters visible: what a file holds, or is called, must not steer a terminal."""
    return text.translate(_VISIBLE)


def N_(sentence: str) -> str:  # noqa: N802 - gettext's own name
    """Mark `sentence` for translation and return it unchanged."""
    return sentence
