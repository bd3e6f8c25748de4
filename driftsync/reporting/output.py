"""This module turns what was found into the bytes of one format."""

from __future__ import annotations

from collections.abc import Iterator

from driftsync.files import ENCODER
from driftsync.model import Drift, ReadinessReport, Report


def as_bytes(found: Drift | Report | ReadinessReport, format: str) -> bytes:
    """Return `found` in one format, whole."""
    return b"".join(as_pieces(found, format))


def as_pieces(found: Drift | Report | ReadinessReport, format: str) -> Iterator[bytes]:
    """Yield `found` in one format, named as on the command line; what may be long comes piece by piece."""
    if format == "json":
        import msgspec

        yield msgspec.json.format(ENCODER.encode(found), indent=2) + b"\n"
    elif isinstance(found, ReadinessReport):
        yield from _readiness(found, format)
    elif format == "markdown":
        from driftsync.reporting.markdown import drift_as_markdown, report_as_markdown

        yield (drift_as_markdown(found) if isinstance(found, Drift) else report_as_markdown(found)).encode()
    elif format == "junit":
        from driftsync.reporting.junit import as_junit

        yield from (piece.encode() for piece in as_junit(found))
    elif format == "sarif":
        from driftsync.reporting.sarif import as_sarif

        yield from as_sarif(found)
    elif format == "prometheus":
        from driftsync.reporting.metrics import as_metrics

        yield as_metrics(found).encode()
    elif format == "nagios":
        from driftsync.reporting.nagios import as_nagios

        yield as_nagios(found).encode()
    else:
        from driftsync.reporting.html import as_html

        yield as_html(found).encode()


def _readiness(found: ReadinessReport, format: str) -> Iterator[bytes]:
    if format == "junit":
        from driftsync.reporting.junit import readiness_as_junit

        yield from (piece.encode() for piece in readiness_as_junit(found))
    elif format == "nagios":
        from driftsync.reporting.nagios import readiness_as_nagios

        yield readiness_as_nagios(found).encode()
    else:
        from driftsync.reporting.html import as_html

        yield as_html(found).encode()
