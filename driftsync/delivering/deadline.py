"""This module ends a conversation that takes too long, also with a server that sends a byte now and then."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator
from threading import Event, Timer


@contextlib.contextmanager
def ended_after(seconds: float, current: Callable[[], socket.socket | None]) -> Iterator[None]:
    """Shut the socket that `current` returns after so many seconds; whatever that leads to becomes `TimeoutError`."""
    over = Event()

    def end() -> None:
        over.set()
        found = current()
        if found is not None:
            with contextlib.suppress(OSError, ValueError):
                socket.socket.shutdown(found, socket.SHUT_RDWR)

    timer = Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception as error:
        if over.is_set() or isinstance(error.__context__, TimeoutError):  # smtplib makes another error of it
            raise TimeoutError from None
        raise
    finally:
        timer.cancel()
    if over.is_set():
        raise TimeoutError
