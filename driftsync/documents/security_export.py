"""This module reads security exports: all of it (`Security.System.ExportAll`) or a single class.

Facts: formats.md 3. Containers are mixed, so each record counts by its own tag; an empty property is left
out of a record, and a self-closed container says that there is nothing, which is knowledge.
"""

from __future__ import annotations

from pathlib import Path

from driftsync.documents.document import Document
from driftsync.documents.xml import records
from driftsync.errors import DocumentError
from driftsync.kinds import places
from driftsync.kinds.making import RawItem
from driftsync.kinds.places import Record as RecordPlace
from driftsync.kinds.spec import Kind
from driftsync.language import english as _
from driftsync.model import Coverage, Gap

FORMAT = "security-export"
SINGLE = "security-class-export"
WHOLE_ROOT = "SecurityExport"
GUESTS = frozenset({"SQLRoleGrantOption"})
"""Records without a container of their own: that there is none says nothing."""


def kinds_by_record() -> dict[str, Kind]:
    """Return the kind of each record tag."""
    return {place.tag: kind for kind, place in places() if isinstance(place, RecordPlace)}


def read_security_export(path: Path, content: bytes, root: str) -> Document:
    """Read an export whose root element is `root`."""
    whole = root == WHOLE_ROOT
    kinds = kinds_by_record()
    document = Document(path, FORMAT if whole else SINGLE)
    if not whole and _home(root) not in kinds:
        raise DocumentError(
            path,
            _("is an export of {root}, which is no configuration that driftsync compares").format(root=root),
            line=1,
            hint=_("leave it out of the folder"),
        )
    containers = set() if whole else {root}
    strangers: dict[str, None] = {}
    for record in records(path, content, depth=2 if whole else 1):
        kind = kinds.get(record.tag)
        if not record.tag:
            containers.add(record.container)
        elif kind is None:
            strangers[record.tag] = None
        else:
            if kind.name == "security-settings":
                document.release = str(record.values.get("VersionSystem", ""))
            document.items.append(RawItem(kind, record.values, record.line))
    document.gaps += [
        Gap(reason=_("records <{tag}> of the export are covered by no kind").format(tag=tag))
        for tag in strangers
    ]
    _coverage(document, {kinds[_home(name)].name for name in containers if _home(name) in kinds}, whole=whole)
    if not containers:
        document.remarks.append(_("the export holds no class at all"))
    return document


def _home(container: str) -> str:
    return container.removesuffix("Export")


def _coverage(document: Document, at_home: set[str], *, whole: bool) -> None:
    """Note what was seen: guests in the container of another class are never known to be all there are."""
    for name in at_home:
        document.saw(name, Coverage.WHOLE if whole else Coverage.PARTIAL)
    for name in {item.kind.name for item in document.items} - at_home:
        document.saw(name, Coverage.PARTIAL)
