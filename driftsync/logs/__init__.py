"""This package reads the logs of a member (`messages.log`, `cconsole.log`, `alerts.log`) from their end, in constant memory.

What comes out are few small records, one a sort of event, never the log itself.
"""

from driftsync.logs.events import Event, LogRead, Window
from driftsync.logs.reading import LogUnreadable, read_log
from driftsync.logs.sources import FileSource, Source, file_sources

__all__ = [
    "Event",
    "FileSource",
    "LogRead",
    "LogUnreadable",
    "Source",
    "Window",
    "file_sources",
    "read_log",
]
