"""This module turns a drift or a report into the bytes of one format."""

from __future__ import annotations

from driftsync.files import ENCODER
from driftsync.model import Drift, Report


def as_bytes(found: Drift | Report, format: str) -> bytes:
    """Return `found` as `json`, `markdown` or `html`."""
    if format == "json":
        import msgspec

        return msgspec.json.format(ENCODER.encode(found), indent=2) + b"\n"
    if format == "markdown":
        from driftsync.reporting.markdown import drift_as_markdown, report_as_markdown

        return (drift_as_markdown(found) if isinstance(found, Drift) else report_as_markdown(found)).encode()
    from driftsync.reporting.html import as_html

    return as_html(found).encode()
