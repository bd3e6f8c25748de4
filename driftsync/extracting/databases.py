"""This module reads databases: the entry in the configuration, and the label in the file where it is mounted.

A database that was never mounted since the start has no label to read (api.md 5.3): what a label would say is then
unread, never empty.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from driftsync.connections.failures import CallFailed
from driftsync.extracting.config import ConfigNames, read_rows
from driftsync.extracting.objects import one_by_one, opened
from driftsync.extracting.permitted import PermittedConnection
from driftsync.extracting.reach import Reach, Read, RouteClosed
from driftsync.extracting.tables import is_wanted, logical, record_of, select
from driftsync.extracting.together import Question, Rows
from driftsync.kinds.databases import as_stated
from driftsync.kinds.live import ConfigRows, sql_name
from driftsync.kinds.making import RawItem, RawValue
from driftsync.kinds.spec import Kind, Treat

ENTRIES = ConfigRows(iris_class="Config.Databases")
LABEL = "SYS.Database"
OF_THE_ENTRY = frozenset({"Directory", "ClusterMountMode", "Name", "Resource"})
"""Properties of a label that the entry has too, or that repeat another."""

Label = tuple[dict[str, RawValue], list[str]]


def read_databases(reach: Reach, names: ConfigNames, kind: Kind) -> Read:
    """Read entries and labels. Raises `RouteClosed` where the entries cannot be had."""
    read = read_rows(reach, names, kind, ENTRIES)
    with reach.whole():
        labels = _labels(reach, kind)
    local = [item for item in read.items if not item.values.get("Server") and _directory(item)]
    missing = [_directory(item) for item in local if _folded(_directory(item)) not in labels]

    def one(connection: PermittedConnection, directory: str) -> Label:
        return _label(connection, reach, kind, directory)

    for directory, found in zip(missing, reach.each(missing, one), strict=True):
        labels[_folded(directory)] = found
    read.items = [_joined(item, labels.get(_folded(_directory(item)))) for item in read.items]
    return read


def _joined(item: RawItem, label: Label | None) -> RawItem:
    stated = as_stated(dict(item.values))
    if label is None or stated.get("Server"):
        return RawItem(item.kind, stated, unread=item.unread)
    values, unread = label
    return RawItem(item.kind, {**values, **stated}, unread=(*item.unread, *unread))


def _directory(item: RawItem) -> str:
    found = str(item.values.get("Directory") or "")
    return "" if found.startswith(":") else found


def _folded(directory: str) -> str:
    return directory.rstrip("/\\").casefold() if "\\" in directory else directory.rstrip("/")


def _wanted(reach: Reach, kind: Kind) -> list[str]:
    facts = reach.dictionary.properties(LABEL)
    return [name for name in facts if name not in OF_THE_ENTRY and is_wanted(kind, name)]


def label_of(reach: Reach, kind: Kind, name: str) -> Question | None:
    """Return how the label of one database is asked for by its table; `None` where that has none."""
    columns = _columns(reach, kind)
    if not columns:
        return None
    entry = f'SELECT "Directory" FROM {sql_name(ENTRIES.iris_class)} WHERE "Name" = ?'  # noqa: S608 - of this module
    return Question(logical(columns.values()), f'{LABEL} WHERE "{columns["Directory"]}" = ({entry})', (name,))


def with_label(reach: Reach, kind: Kind, entry: RawItem, rows: Rows) -> RawItem:
    """Return the database of its entry and label. Raises `RouteClosed` where a local one has no label there."""
    if not rows and not entry.values.get("Server") and _directory(entry):
        raise RouteClosed("")
    labels = _by_directory(reach, kind, rows)
    return _joined(entry, labels.get(_folded(_directory(entry))))


def _columns(reach: Reach, kind: Kind) -> dict[str, str]:
    """Return property → column of what the table of labels shows; nothing where that is the directory alone."""
    facts = reach.dictionary.properties(LABEL)
    names = [name for name in _wanted(reach, kind) if facts[name].stored]
    return {name: facts[name].column for name in ("Directory", *names)} if names else {}


def _labels(reach: Reach, kind: Kind) -> dict[str, Label]:
    """Return the labels that the table shows, none where it does not answer."""
    columns = _columns(reach, kind)
    if not columns:
        return {}
    try:
        answer = reach.connection.query(select(LABEL, columns.values()))
    except CallFailed:
        return {}
    return _by_directory(reach, kind, answer.rows)


def _by_directory(reach: Reach, kind: Kind, rows: Iterable[tuple[Any, ...]]) -> dict[str, Label]:
    names, facts = list(_columns(reach, kind)), reach.dictionary.properties(LABEL)
    records = (record_of(row, names, facts) for row in rows)
    return {_folded(str(row.pop("Directory"))): (row, []) for row in records}


def _label(connection: PermittedConnection, reach: Reach, kind: Kind, directory: str) -> Label:
    facts = reach.dictionary.properties(LABEL)
    names = _wanted(reach, kind)
    compared = [
        each.name
        for each in kind.properties
        if each.beside == "label" and each.kept and each.treat is not Treat.LOCAL
    ]
    if not facts:
        return {}, compared
    try:
        handle = opened(connection, LABEL, "%OpenId", (directory,))
        return one_by_one(connection, handle, names, facts)
    except (CallFailed, ValueError):
        return {}, [name for name in compared if name in names]
