"""This module reads XML without entities, document types, network or trust."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from lxml import etree

from driftsync.errors import DocumentError
from driftsync.kinds.making import RawValue
from driftsync.language import english as _

LARGEST_RECORD = 500_000
"""Elements: a role with all permissions of the largest site has tens of thousands."""

_DOCTYPES = tuple("<!DOCTYPE".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))


@dataclass(frozen=True)
class Record:
    """One record of an export; with an empty `tag`, only the beginning of a container."""

    container: str
    tag: str = ""
    values: dict[str, RawValue] = field(default_factory=dict, repr=False)
    line: int = 0


def records(path: Path, content: bytes, *, depth: int) -> Iterator[Record]:
    """Yield each element `depth` levels below the root (1 or 2), and before them each container of depth 2.

    An element is dropped after it was yielded, so memory does not grow with the file. Raises `DocumentError`
    with the line, never with text of the file.
    """
    refuse_document_type(path, content)
    lead = len(content) - len(content.lstrip(b"\r\n\t "))
    shift = content.count(b"\n", 0, lead)
    level = size = 0
    container = ""
    try:
        for event, element in etree.iterparse(
            BytesIO(content[lead:]),
            events=("start", "end"),
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        ):
            if event == "start":
                level += 1
                size += 1
                if size > LARGEST_RECORD:
                    raise _damaged(path, _line(element, shift), 0)
                if level == 1 and element.getroottree().docinfo.internalDTD is not None:
                    raise _document_type(path, 1)
                if level == depth:
                    container = element.tag
                    if depth > 1:
                        yield Record(container)
                continue
            level -= 1
            if level == depth:
                line, size = _line(element, shift), 0
                if not len(element):
                    raise _damaged(path, line, 0)
                yield Record(container, element.tag, _properties(path, element, shift), line)
                element.clear()
                parent = element.getparent()
                while parent is not None and element.getprevious() is not None:
                    del parent[0]
    except etree.XMLSyntaxError as error:
        code = error.args[1] if len(error.args) > 1 else 0
        raise _damaged(path, (error.lineno or 1) + shift, code) from None


def _damaged(path: Path, line: int, code: int) -> DocumentError:
    return DocumentError(
        path,
        _("the XML ends too early or is damaged here"),
        line=line,
        hint=_("the export was cut, edited, or saved in another encoding; export it again"),
        details=f"libxml2 error {code}" if code else "",
    )


def refuse_document_type(path: Path, content: bytes) -> None:
    """Raise `DocumentError` where a DOCTYPE stands: no export has one, and one can hide an entity bomb."""
    for mark in _DOCTYPES:
        at = content.find(mark)
        if at >= 0:
            raise _document_type(path, content.count(b"\n", 0, at) + 1)


def _document_type(path: Path, line: int) -> DocumentError:
    return DocumentError(
        path,
        _("holds a document type (DOCTYPE), which no export of IRIS has"),
        line=line,
        hint=_("it was not read any further; take the export from the member again"),
    )


def _properties(path: Path, element: etree._Element, shift: int) -> dict[str, RawValue]:
    """Return the properties of a record; raises `DocumentError` where one stands twice with other content."""
    found: dict[str, RawValue] = {}
    for child in element:
        value = _value_of(child)
        if found.setdefault(child.tag, value) != value:
            raise DocumentError(
                path,
                _("a property of the record stands here for the second time with another value"),
                line=_line(child, shift),
                hint=_("which of the two counts cannot be known; export it again"),
            )
    return found


def _line(element: etree._Element, shift: int) -> int:
    return shift + (element.sourceline if isinstance(element.sourceline, int) else 0)


def _value_of(element: etree._Element) -> RawValue:
    """Return what a property element holds: a text, a list of texts, or a list of records."""
    children = list(element)
    if not children:
        return element.text or ""
    if all(len(child) == 0 for child in children):
        return [child.text or "" for child in children]
    return [{grandchild.tag: grandchild.text or "" for grandchild in child} for child in children]
