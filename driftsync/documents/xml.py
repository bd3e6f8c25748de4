"""This module reads XML without entities, document types, network or trust."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from lxml import etree

from driftsync.errors import DocumentError
from driftsync.kinds.making import RawValue
from driftsync.language import _

_DOCTYPES = tuple("<!DOCTYPE".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))


def records(path: Path, content: bytes, *, depth: int) -> Iterator[tuple[str, str, etree._Element]]:
    """Yield (container tag, record tag, record) for each element `depth` levels below the root (1 or 2).

    An element is emptied after it was yielded, so memory does not grow with the file. Raises `DocumentError`
    with the line, never with text of the file.
    """
    refuse_document_type(path, content)
    lead = len(content) - len(content.lstrip(b"\r\n\t "))
    shift = content[:lead].count(b"\n")
    level = 0
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
                if level == depth:
                    container = element.tag
                continue
            level -= 1
            if level == depth:
                yield container, element.tag, element
                element.clear()
    except etree.XMLSyntaxError as error:
        line = (error.lineno or 1) + shift
        raise DocumentError(
            path,
            _("the XML ends too early or is damaged here"),
            line=line,
            hint=_("the export was cut, edited, or saved in another encoding; export it again"),
            details=f"libxml2 error {error.code}",
        ) from None


def containers(path: Path, content: bytes) -> list[str]:
    """Return the tags of the elements directly below the root, empty ones too."""
    return [tag for _container, tag, _element in records(path, content, depth=1)]


def refuse_document_type(path: Path, content: bytes) -> None:
    """Raise `DocumentError` where a DOCTYPE stands: no export has one, and one can hide an entity bomb."""
    for mark in _DOCTYPES:
        at = content.find(mark)
        if at >= 0:
            raise DocumentError(
                path,
                _("holds a document type (DOCTYPE), which no export of IRIS has"),
                line=content[:at].count(b"\n") + 1,
                hint=_("it was not read any further; take the export from the member again"),
            )


def value_of(element: etree._Element) -> RawValue:
    """Return what a property element holds: a text, a list of texts, or a list of records."""
    children = list(element)
    if not children:
        return element.text or ""
    if all(len(child) == 0 for child in children):
        return [child.text or "" for child in children]
    return [{grandchild.tag: grandchild.text or "" for grandchild in child} for child in children]
