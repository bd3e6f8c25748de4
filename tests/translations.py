"""This module keeps the catalogues: `make translations` takes in new sentences, compiles, and lists what is untranslated.

A catalogue names files and no lines, and no dates: so two branches that add sentences merge. After a merge that touched
one, run it again; a compiled catalogue is never merged.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from functools import lru_cache
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from driftsync.kinds import all_kinds
from driftsync.kinds.spec import Fold, Route, Shape, Treat

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "driftsync"
LOCALE = PACKAGE / "locale"
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
NO_DAY = datetime(2026, 1, 1, tzinfo=timezone.utc)
HEADER = """\
# What driftsync says, in {language}. `make translations` keeps the sentences, people translate them.
# Terms are those of InterSystems' own documentation and portal."""

Sentence = str | tuple[str, ...]


def languages() -> list[str]:
    """Return the languages that have a catalogue."""
    return sorted(path.name for path in LOCALE.iterdir() if path.is_dir())


def po(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "driftsync.po"


def mo(language: str) -> Path:
    return po(language).with_suffix(".mo")


@lru_cache(maxsize=1)
def extracted() -> Catalog:
    """Return every sentence of the sources that Babel finds, with where it stands."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found = Catalog(project="driftsync", charset="utf-8")
    for path, line, sentence, _comments, context in extract_from_dir(
        PACKAGE, methods, options, keywords=KEYWORDS
    ):
        found.add(sentence, locations=[(f"driftsync/{path}", line)], context=context)
    for sentence, place in declared():
        found.add(sentence, locations=[place])
    return found


def declared() -> Iterator[tuple[str, tuple[str, int]]]:
    """Yield what the table of kinds says and no call marks: words for values, shapes, treats; with where it stands."""
    enums = [each.value for enum in (Treat, Shape, Fold, Route) for each in enum]
    kinds = all_kinds().values()
    values = [word for kind in kinds for each in kind.properties for word in each.values.values()]
    others = [
        word
        for kind in kinds
        for word in (kind.title, kind.why, kind.portal, kind.replicated_how, kind.identity.leaves_out)
    ] + [word for kind in kinds for each in kind.properties for word in (each.because, each.about)]
    sources = {
        path: path.read_text(encoding="utf-8").splitlines()
        for path in sorted((PACKAGE / "kinds").glob("*.py"))
    }
    for word in dict.fromkeys((*enums, *values, *others)):
        if not re.search("[a-z]{2}", word) or (word in enums and word == Shape.HOROLOG.value):
            continue  # the same in every language: R, AES256, $HOROLOG
        places = (
            (f"{path.relative_to(ROOT)}", number)
            for path, lines in sources.items()
            for number, line in enumerate(lines, 1)
            if f'"{word}"' in line
        )
        yield word, next(places, ("driftsync/kinds/__init__.py", 1))


def marked() -> Iterator[tuple[str, int, Sentence | None, bool]]:
    """Yield (file, line, sentence, whether it stands in an f-string) of every marking call in Python, as Python reads it."""
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        within = {
            id(inner)
            for node in ast.walk(tree)
            if isinstance(node, ast.JoinedStr)
            for inner in ast.walk(node)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEYWORDS:
                words = node.args[: 2 if node.func.id == "ngettext" else 1]
                said = [word.value for word in words if isinstance(word, ast.Constant)]
                sentence = (said[0] if len(said) == 1 else tuple(said)) if len(said) == len(words) else None
                yield str(path.relative_to(ROOT)), node.lineno, sentence, id(node) in within


def held(language: str) -> Catalog:
    """Return the catalogue as it stands in its file."""
    with po(language).open("rb") as file:
        return read_po(file, locale=language)


def updated(language: str) -> Catalog:
    """Return the catalogue with the sentences of today: translated ones kept, gone ones dropped, new ones empty."""
    catalogue = Catalog(locale=language, project="driftsync", charset="utf-8", header_comment=HEADER)
    if po(language).is_file():
        catalogue = held(language)
    catalogue.header_comment = HEADER.format(language=language)
    catalogue.update(extracted(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def lacking(catalogue: Catalog) -> list[Message]:
    """Return what nobody has translated yet, or only a machine has guessed."""
    return [
        message
        for message in catalogue
        if message.id
        and (message.fuzzy or not (all(message.string) if message.pluralizable else message.string))
    ]


def text(catalogue: Catalog) -> bytes:
    """Return the catalogue as its file holds it: what changes from run to run is left out."""
    written = io.BytesIO()
    write_po(written, catalogue, width=0, sort_by_file=True, include_lineno=False, omit_header=True)
    head = (
        f'{catalogue.header_comment}\nmsgid ""\nmsgstr ""\n"Project-Id-Version: driftsync\\n"\n'
        f'"Language: {str(catalogue.locale).replace("Hans_", "")}\\n"\n"Plural-Forms: {catalogue.plural_forms}\\n"\n"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n\n'
    )
    return head.encode() + written.getvalue()


def compiled(catalogue: Catalog) -> bytes:
    """Return the catalogue as gettext reads it, the same bytes for the same sentences."""
    catalogue.creation_date = NO_DAY
    written = io.BytesIO()
    write_mo(written, catalogue)
    return written.getvalue()


def main() -> int:
    """Update and compile every catalogue; list what is missing."""
    missing = 0
    for language in languages():
        catalogue = updated(language)
        po(language).write_bytes(text(catalogue))
        mo(language).write_bytes(compiled(catalogue))
        without = lacking(catalogue)
        missing += len(without)
        for message in without:
            where = ", ".join(f"{path}:{line}" for path, line in message.locations)
            sentence = message.id if isinstance(message.id, str) else " | ".join(message.id)
            print(f"{language}: {where}: {sentence}")
        print(f"{language}: {len(catalogue)} sentences, {len(without)} untranslated", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
