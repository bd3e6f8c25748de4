"""This module tries a delivery again where that can help, a bounded number of times."""

from __future__ import annotations

from collections.abc import Callable

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
"""Seconds; also the most that a server may ask for."""


class DeliveryError(Exception):
    """One attempt failed; `reason` and `hint` are for a person and hold no secret."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


class MayPassError(DeliveryError):
    """It may work in a moment: nobody answered, too much at once, trouble at the other end."""

    def __init__(self, reason: str, hint: str = "", *, after: float | None = None) -> None:
        super().__init__(reason, hint)
        self.after = after
        """Seconds that the server asks to wait."""


class RefusedError(DeliveryError):
    """It will fail the same way each time until somebody changes something."""


def attempt(
    once: Callable[[], None], attempts: int, wait: Callable[[float], None]
) -> tuple[int, DeliveryError | None]:
    """Call `once` until it works, is refused or was tried often enough; return how often, and what is wrong."""
    for number in range(1, attempts + 1):
        try:
            once()
        except RefusedError as error:
            return number, error
        except MayPassError as error:
            if number == attempts:
                return number, error
            wait(min(error.after or FIRST_PAUSE * 2 ** (number - 1), LONGEST_PAUSE))
        else:
            return number, None
    raise AssertionError(attempts)
