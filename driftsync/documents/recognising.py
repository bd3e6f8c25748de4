"""This module tells what a file is by its content, never by its name."""

from __future__ import annotations

import re
from pathlib import Path

from driftsync.documents import (
    collection_manifest,
    config_api,
    cpf,
    embedded,
    merge_file,
    security_export,
    task_export,
)
from driftsync.documents.document import Document
from driftsync.documents.text import decode, read_bytes
from driftsync.documents.xml import refuse_document_type
from driftsync.errors import DocumentError
from driftsync.files import FIRST_BYTES
from driftsync.language import N_
from driftsync.language import english as _

FORMATS = {
    cpf.FORMAT: N_("configuration parameter file (CPF)"),
    embedded.FORMAT: N_("DiagnosticReport or SystemPerformance report (its copy of the CPF)"),
    merge_file.FORMAT: N_("configuration merge file"),
    security_export.FORMAT: N_("security export, all classes"),
    security_export.SINGLE: N_("security export of one class"),
    task_export.FORMAT: N_("task export"),
    config_api.FORMAT: N_("config-api JSON"),
}
"""Every format of a file that is understood, with what a person calls it. A collection is a folder."""

WHAT_TO_GIVE = N_("give a CPF, a merge file, a security or task export, config-api JSON, or a folder of them")

_MAGIC = (
    (b"\x89PNG", N_("is a PNG picture")),
    (b"\xff\xd8\xff", N_("is a JPEG picture")),
    (b"%PDF", N_("is a PDF document")),
    (b"PK\x03\x04", N_("is a ZIP archive")),
    (b"\x1f\x8b", N_("is a gzip archive")),
    (b"SQLite format 3", N_("is an SQLite database")),
)
_OF_A_COLLECTION = (collection_manifest.FIRST_BYTES, b'{"class":"')
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<|\xff\xfe<|\xfe\xff\0<")
_NO_ELEMENT = re.compile(rb"\s+|\xef\xbb\xbf|\xff\xfe|\xfe\xff|<!--.*?-->|<\?.*?\?>", re.DOTALL)
_ROOT = re.compile(rb"<([A-Za-z_][\w.:-]*)")
_SOURCE = re.compile(r"^[ \t]*(Class|Include|XData) ", re.MULTILINE)
_LOG_LINE = re.compile(r"^(\S+ \| )?\d\d/\d\d/\d\d-\d\d:\d\d:\d\d:\d{3} \(", re.MULTILINE)
_REFUSED_ROOTS = {
    "AuditExport": N_("holds audit records, not configuration"),
    "Export": N_("is a class or Manifest export: what somebody intends, not what a member has"),
    "Manifest": N_("is a Manifest: what somebody intends, not what a member has"),
}


class UnknownFormatError(DocumentError):
    """A file is nothing that driftsync reads, and does not try to look like it."""


def is_snapshot(path: Path) -> bool:
    """Say whether a file begins as a snapshot does."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(len(FIRST_BYTES)) == FIRST_BYTES
    except OSError:
        return False


def read_document(path: Path) -> Document:
    """Read one file, whatever it is.

    Raises `UnknownFormatError` for what is not of this field at all, `DocumentError` for what is and is damaged.
    """
    content = read_bytes(path)
    for magic, what in _MAGIC:
        if content.startswith(magic):
            raise UnknownFormatError(path, what, line=1, hint=_(WHAT_TO_GIVE))
    if _MARKUP.match(content):
        return _markup(path, content)
    if content.startswith(_OF_A_COLLECTION):
        raise DocumentError(
            path,
            _("is one file of a collection"),
            line=1,
            hint=_("give the whole folder that the script made; without its manifest it cannot be read"),
        )
    text, remark = decode(path, content)
    document = _text(path, text)
    if remark:
        document.remarks.append(remark)
    return document


def _text(path: Path, text: str) -> Document:
    if text.lstrip().startswith(("{", "[{")):
        found = config_api.parse_json(path, text)
        if config_api.looks_like_config_api(found):
            return config_api.read_config_api(path, found, text)
        raise UnknownFormatError(
            path, _("is JSON, but holds no section of config-api"), line=1, hint=_(WHAT_TO_GIVE)
        )
    if cpf.looks_like_cpf(text):
        return cpf.read_cpf(path, text)
    if _LOG_LINE.search(text[:4096]):
        raise UnknownFormatError(
            path, _("is a log of messages, which holds no configuration"), line=1, hint=_(WHAT_TO_GIVE)
        )
    if merge_file.looks_like_merge_file(text):
        return merge_file.read_merge_file(path, text)
    if _SOURCE.search(text[:65536]):
        raise UnknownFormatError(
            path, _("is the source of a class: what somebody intends, not what a member has"), line=1,
            hint=_(WHAT_TO_GIVE),
        )  # fmt: skip
    raise UnknownFormatError(path, _("is of no format that driftsync knows"), line=1, hint=_(WHAT_TO_GIVE))


def _markup(path: Path, content: bytes) -> Document:
    head = content[:65536].replace(b"\0", b"")
    if re.search(rb"<!doctype\s+html|<html", head, re.IGNORECASE):
        return embedded.read_embedded(path, decode(path, content)[0])
    refuse_document_type(path, content)
    root = _root(head)
    if root in _REFUSED_ROOTS:
        raise UnknownFormatError(path, _(_REFUSED_ROOTS[root]), line=1, hint=_(WHAT_TO_GIVE))
    if root == task_export.ROOT:
        return task_export.read_task_export(path, content)
    if root.endswith("Export"):
        return security_export.read_security_export(path, content, root)
    raise UnknownFormatError(
        path, _("is XML with the root <{root}>, which driftsync does not know").format(root=root or "?"), line=1,
        hint=_(WHAT_TO_GIVE),
    )  # fmt: skip


def _root(head: bytes) -> str:
    """Return the tag of the first element, empty where there is none."""
    at = 0
    while passed := _NO_ELEMENT.match(head, at):
        at = passed.end()
    found = _ROOT.match(head, at)
    return found[1].decode("ascii", "replace") if found else ""
