"""This module finds the CPF inside the HTML of DiagnosticReport and SystemPerformance (^pButtons).

Both put it into `<pre>`, SystemPerformance without escaping: the block is cut at `</pre>`, not at the first `<`.
Facts: formats.md 1.1, 7b.
"""

from __future__ import annotations

import html
import re
from pathlib import Path

from driftsync.documents.cpf import read_cpf
from driftsync.documents.document import Document
from driftsync.errors import DocumentError
from driftsync.language import english as _

FORMAT = "diagnostic-report"

_VERBATIM = re.compile(r"<div id=[\"']?CPFfile[\"']?", re.IGNORECASE)
"""SystemPerformance, which does not escape the CPF."""
_ESCAPED = re.compile(r"<a name=[\"']?cpf[\"']?", re.IGNORECASE)
"""DiagnosticReport, whose copy may be escaped."""
_END = re.compile(r"</pre\s*>", re.IGNORECASE)


def read_embedded(path: Path, text: str) -> Document:
    """Read the copy of the CPF that the report holds; raises `DocumentError` where there is none."""
    for mark in (_VERBATIM, _ESCAPED):
        found = mark.search(text)
        start = text.find("[ConfigFile]", found.end()) if found else -1
        if start < 0:
            continue
        end = _END.search(text, start)
        block = text[start : end.start()] + "\n" if end else text[start:]
        if mark is _ESCAPED and re.search(r"&(lt|gt|amp|quot);", block):
            block = html.unescape(block)
        document = read_cpf(path, block, first_line=text.count("\n", 0, start) + 1)
        document.format = FORMAT
        document.remarks.append(_("of the report only its copy of the CPF is compared"))
        return document
    raise DocumentError(
        path,
        _("is an HTML page without a copy of the CPF"),
        line=1,
        hint=_(
            "DiagnosticReport and SystemPerformance (^pButtons) reports hold one; other pages cannot be read"
        ),
    )
