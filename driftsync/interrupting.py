"""This module lets children be started that do not hear Ctrl-C: whoever started them hears it, and ends them.

A terminal sends it to everybody in front of it, also to a child that is still importing and would answer with a traceback.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker


@contextmanager
def unheard() -> Iterator[None]:
    """Start children inside: what decides whether Ctrl-C is heard is inherited, and is as before afterwards."""
    if sys.platform == "win32":
        import ctypes

        console = ctypes.windll.kernel32
        console.SetConsoleCtrlHandler(None, True)
        try:
            yield
        finally:
            console.SetConsoleCtrlHandler(None, False)
    else:
        resource_tracker.ensure_running()  # it unblocks Ctrl-C where it is started, so it is started first
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            yield
        finally:  # what was sent meanwhile is heard now
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
