"""This module reads security exports: all of it (`Security.System.ExportAll`) or a single class.

Facts: formats.md 3. Containers are mixed, so each record counts by its own tag; an empty property is left
out of a record, and a self-closed container says that there is nothing, which is knowledge.
"""

from __future__ import annotations

from pathlib import Path

from lxml import etree

from driftsync.documents.document import Document
from driftsync.documents.xml import containers, records, value_of
from driftsync.errors import DocumentError
from driftsync.kinds import places
from driftsync.kinds.making import RawItem
from driftsync.kinds.spec import Kind, Record
from driftsync.language import _
from driftsync.model import Coverage, Gap

FORMAT = "security-export"
SINGLE = "security-class-export"
WHOLE_ROOT = "SecurityExport"
GUESTS = {"RolesExport": {"SQLPrivileges"}, "UsersExport": {"SQLPrivileges", "SQLRoleGrantOption"}}
"""Records that stand in the container of another class; how many of them is not known."""


def kinds_by_record() -> dict[str, Kind]:
    """Return the kind of each record tag."""
    return {place.tag: kind for kind, place in places() if isinstance(place, Record)}


def read_security_export(path: Path, content: bytes, root: str) -> Document:
    """Read an export whose root element is `root`."""
    whole = root == WHOLE_ROOT
    kinds = kinds_by_record()
    document = Document(path, FORMAT if whole else SINGLE)
    if not whole:
        tag = root.removesuffix("Export")
        if tag not in kinds:
            raise DocumentError(
                path,
                _("is an export of {root}, which is no configuration that driftsync compares").format(
                    root=root
                ),
                line=1,
                hint=_("leave it out of the folder"),
            )
        document.saw(kinds[tag].name, Coverage.PARTIAL)
    else:
        _containers(document, content, kinds)
    for container, tag, element in records(path, content, depth=2 if whole else 1):
        kind = kinds.get(tag)
        if kind is None:
            document.gaps.append(
                Gap(reason=_("records <{tag}> of the export are covered by no kind").format(tag=tag))
            )
            continue
        home = container if whole else root
        if tag in GUESTS.get(home, set()) and kind.name not in document.coverage:
            document.saw(kind.name, Coverage.PARTIAL)
        elif kind.name not in document.coverage:
            document.saw(kind.name, Coverage.WHOLE if whole else Coverage.PARTIAL)
        _record(document, kind, element)
    document.gaps = list(dict.fromkeys(document.gaps))
    return document


def _containers(document: Document, content: bytes, kinds: dict[str, Kind]) -> None:
    seen = containers(document.path, content)
    for container in seen:
        kind = kinds.get(container.removesuffix("Export"))
        if kind:
            document.saw(kind.name, Coverage.WHOLE)
    if not seen:
        document.remarks.append(_("the export holds no class at all"))


def _record(document: Document, kind: Kind, element: etree._Element) -> None:
    values = {child.tag: value_of(child) for child in element}
    if kind.name == "security-settings" and isinstance(values.get("VersionSystem"), str):
        document.release = str(values["VersionSystem"])
    document.items.append(RawItem(kind, values, element.sourceline or 0))
