"""This module turns a secret into a keyed fingerprint (HMAC-SHA-256) and keeps the key."""

from __future__ import annotations

import hmac
import os
import secrets
import stat
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from driftsync.errors import KeyFileError
from driftsync.language import english as _
from driftsync.model import Secret

KEY_BYTES = 32
ENVIRONMENT = "DRIFTSYNC_KEY_FILE"


class Fingerprinter:
    """Makes fingerprints with one key. Only snapshots made with the same key can be compared by secret."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.key_id = hmac.new(key, b"driftsync key id", sha256).hexdigest()[:8]

    def __repr__(self) -> str:
        return f"Fingerprinter(key {self.key_id})"

    def fingerprint(self, place: str, *parts: str, context: tuple[str, ...] = ()) -> Secret:
        """Fingerprint `parts` as they stand at `place` (item key and property).

        Parts in `context` must agree before two fingerprints can be compared at all.
        """
        return Secret.of(
            self.key_id,
            self._digest(place, *context, *parts),
            self._digest(place, "context", *context)[:16] if context else "",
        )

    def key_for(self, purpose: str) -> bytes:
        """Return a key of its own for another purpose, from which nothing can be learnt of this one."""
        return hmac.new(self._key, f"driftsync {purpose}".encode(), sha256).digest()

    def _digest(self, *parts: str) -> str:
        message = b"".join(len(data).to_bytes(8, "big") + data for data in (part.encode() for part in parts))
        return hmac.new(self._key, message, sha256).hexdigest()[:32]


def key_file() -> Path:
    """Return where the key is kept: `DRIFTSYNC_KEY_FILE`, or the user's state directory."""
    if named := os.environ.get(ENVIRONMENT):
        return Path(named)
    from platformdirs import user_state_path

    return user_state_path("driftsync", appauthor=False) / "fingerprint.key"


def own_fingerprinter() -> Fingerprinter:
    """Return the fingerprinter of this user, making its key at first use.

    Raises `KeyFileError` where the file is damaged, or others than its owner can read it.
    """
    place = key_file()
    try:
        if not place.exists():
            _make(place)
        _refuse_if_shared(place)
        key = bytes.fromhex(place.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise KeyFileError(
            _("the key for comparing secrets cannot be used: {path}").format(path=place),
            hint=_("name another place in {variable}, or move the file away: a new key is then made").format(
                variable=ENVIRONMENT
            ),
            details=type(error).__name__,
        ) from None
    if len(key) != KEY_BYTES:
        raise KeyFileError(
            _("the key for comparing secrets is damaged: {path}").format(path=place),
            hint=_(
                "move the file away: a new key is then made, and secrets of older snapshots are not comparable"
            ),
        )
    return Fingerprinter(key)


def _make(place: Path) -> None:
    from filelock import FileLock

    place.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{place}.lock"):
        if place.exists():
            return
        aside = place.with_name(place.name + ".new")
        aside.unlink(missing_ok=True)
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(KEY_BYTES) + "\n")
        if sys.platform == "win32":
            _only_owner_on_windows(aside)
        aside.replace(place)


def _only_owner_on_windows(place: Path) -> None:
    """Take inherited access away and leave full access to the user who runs this."""
    user = f"{os.environ.get('USERDOMAIN', '.')}\\{os.environ.get('USERNAME', '')}"
    icacls = Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32" / "icacls.exe"
    subprocess.run(  # noqa: S603 - a fixed program of the system, with our own file
        [str(icacls), str(place), "/inheritance:r", "/grant:r", f"{user}:F"], check=True, capture_output=True
    )


def _refuse_if_shared(place: Path) -> None:
    if sys.platform == "win32":
        return
    if place.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyFileError(
            _("others can read the key for comparing secrets: {path}").format(path=place),
            hint=_("chmod 600 {path}").format(path=place),
        )
