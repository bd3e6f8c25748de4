"""This module hashes files on the member's host: pages of web applications, class paths, and what the settings name.

A file is called after what it belongs to (`web-application:/emr/index.csp`), for members keep it in different places;
what the settings name goes by its path with the member's own directories put aside.
"""

from __future__ import annotations

from driftsync.connections.failures import CallFailed
from driftsync.connections.interface import BY_REFERENCE
from driftsync.extracting.permitted import PermittedConnection, why
from driftsync.extracting.reach import Reach, Read
from driftsync.extracting.together import Question, ask_together
from driftsync.extracting.values import as_flag, as_name, as_raw, as_text, is_ok
from driftsync.kinds import all_kinds
from driftsync.kinds.code import FILE
from driftsync.kinds.live import ClassQuery
from driftsync.kinds.making import RawItem
from driftsync.kinds.roots_of_files import Roots, base_of
from driftsync.language import english as _
from driftsync.model import Gap

MOST_FILES = 5_000
"""Files of one member, after which the rest is a gap: a directory of data is no directory of code."""
DEEPEST = 12
MOST_AT_ONCE = 25
"""Directories listed in one statement."""
WORTH_ASKING = 4
"""From how many directories of one parent on its own listing is asked first."""


def read_files(reach: Reach, roots: Roots) -> Read:
    """List the directories, then hash every file, one call each."""
    read = Read(route="%Library.File")
    files = dict(roots.files)
    level = _existing(reach, roots.directories)
    for _depth in range(DEEPEST):
        if not level or len(files) > MOST_FILES:
            break
        level = _list(reach, level, files, read)
    if len(files) > MOST_FILES:
        reason = _("more than {count} files; only these were hashed").format(count=MOST_FILES)
        read.gaps.append(Gap(kind=FILE.name, reason=reason))
        read.whole = False
    wanted = sorted(files.items())[:MOST_FILES]
    for item, gap in reach.each(wanted, lambda connection, each: _hashed(connection, *each)):
        read.items += [item] if item else []
        read.gaps += [gap] if gap else []
    return read


def _existing(reach: Reach, directories: dict[str, str]) -> dict[str, str]:
    """Leave out directories that are not there, where asking what their parent holds is the shorter way."""
    siblings: dict[str, list[str]] = {}
    for path in directories:
        siblings.setdefault(path.replace("\\", "/").rpartition("/")[0], []).append(path)
    crowded = [(parent, "") for parent, found in siblings.items() if len(found) > WORTH_ASKING and parent]
    ignored = Read()
    there: set[str] = set()
    asked: set[str] = set()
    for start in range(0, len(crowded), MOST_AT_ONCE):
        together = crowded[start : start + MOST_AT_ONCE]
        for (parent, _name), rows in zip(together, _listings(reach, together, ignored), strict=True):
            asked.add(parent)
            there.update(path.replace("\\", "/").rstrip("/") for path, _sort in rows)
    if ignored.gaps:
        return dict(directories)
    return {
        path: name
        for path, name in directories.items()
        if (folded := path.replace("\\", "/")) in there or folded.rpartition("/")[0] not in asked
    }


def _list(reach: Reach, level: dict[str, str], files: dict[str, str], read: Read) -> dict[str, str]:
    """List directories into `files`; return the directories below them."""
    below: dict[str, str] = {}
    waiting = list(level.items())
    for start in range(0, len(waiting), MOST_AT_ONCE):
        together = waiting[start : start + MOST_AT_ONCE]
        for (directory, name), rows in zip(together, _listings(reach, together, read), strict=True):
            for path, sort in rows:
                target = below if sort.upper() == "D" else files
                target.setdefault(path, f"{name}/{base_of(path)}")
            del directory
    return below


def _listings(reach: Reach, together: list[tuple[str, str]], read: Read) -> list[list[tuple[str, str]]]:
    queries = [str(ClassQuery("%Library.File", "FileSet", (path, "*", "", 1))) for path, _name in together]
    try:
        found = ask_together(reach.connection, [Question(("Name", '"Type"'), query) for query in queries])
    except CallFailed:
        return _one_by_one(reach, together, queries, read)
    return [[(as_name(path), as_text(sort)) for path, sort in rows] for rows in found]


def _one_by_one(
    reach: Reach, together: list[tuple[str, str]], queries: list[str], read: Read
) -> list[list[tuple[str, str]]]:
    found: list[list[tuple[str, str]]] = [[] for _query in queries]
    for number, query in enumerate(queries):
        try:
            rows = reach.connection.query(f'SELECT Name, "Type" FROM {query}').rows  # noqa: S608
            found[number] = [(as_name(path), as_text(sort)) for path, sort in rows]
        except CallFailed as error:
            if _is_absent(reach, together[number][0]):
                continue  # what names a directory that is not there is drift of its own
            reason = _("{path}: {why}").format(path=together[number][0], why=why(error))
            read.gaps.append(Gap(kind=FILE.name, reason=reason))
            read.whole = False
    return found


def _is_absent(reach: Reach, path: str) -> bool:
    try:
        return not as_flag(reach.connection.call("%Library.File", "DirectoryExists", path).value)
    except (CallFailed, ValueError):
        return False


def _hashed(connection: PermittedConnection, path: str, name: str) -> tuple[RawItem | None, Gap | None]:
    try:
        answer = connection.call("%Library.File", "GetFileSHA256Hash", path, BY_REFERENCE)
        digest = as_text(as_raw(answer.value))
        if digest and (not answer.returned or is_ok(answer.returned[0])):
            return RawItem(FILE, {"Path": name, "Hash": digest.lower(), "Location": path}), None
        if not as_flag(connection.call("%Library.File", "Exists", path).value):
            return None, None  # what names a file that is not there is drift of its own
        reason = _("the file cannot be read by the instance")
    except (CallFailed, ValueError) as error:
        reason = why(error)
    return None, Gap(kind=FILE.name, key=f"{FILE.name}:{name}", reason=reason)


def kinds_behind_files() -> list[str]:
    """Return the kinds that name files, which are read before them."""
    return [
        name
        for name in ("web-application", "language-server", "sql-gateway-connection")
        if name in all_kinds()
    ]
