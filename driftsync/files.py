"""This module reads and writes the nouns: JSON Lines for snapshots, whole-or-nothing writes for everything."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

import msgspec

from driftsync.errors import DriftsyncError, SnapshotError
from driftsync.language import english as _
from driftsync.model import FORMAT_VERSION, Header, Item, ItemKey, Line, Snapshot
from driftsync.model.secret import revive

ENCODER = msgspec.json.Encoder(order="deterministic")
"""The one way in which a noun becomes bytes: the order of properties never carries meaning."""

FIRST_BYTES = b'{"format":"driftsync-snapshot"'
"""What every snapshot file begins with."""

LINE_DECODER = msgspec.json.Decoder(Line)
SECRET_MARK = b'"$secret"'
_HEADER_DECODER = msgspec.json.Decoder(Header)
_VALUES_DECODER = msgspec.json.Decoder(dict[str, Any])


@contextmanager
def written_whole(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that appears under its name only when everything was written.

    Raises `DriftsyncError` where the place cannot be written; the file that was there stays. A device or a pipe
    (`/dev/stdout`) is written to, never replaced.
    """
    if _is_no_file(path):
        try:
            with path.open("wb") as file:
                yield file
        except OSError as error:
            raise _not_writable(path, error) from None
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".new")
    except OSError as error:
        raise _not_writable(path, error) from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if os.name == "posix":
            mask = os.umask(0)
            os.umask(mask)
            Path(aside).chmod(0o666 & ~mask)
        Path(aside).replace(path)
    except OSError as error:
        raise _not_writable(path, error) from None
    finally:
        Path(aside).unlink(missing_ok=True)


def _is_no_file(path: Path) -> bool:
    return path.parent == Path("/dev") or (path.exists() and not path.is_file() and not path.is_dir())


def _not_writable(path: Path, error: OSError) -> DriftsyncError:
    return DriftsyncError(
        _("{path} cannot be written: {reason}").format(
            path=path, reason=error.strerror or type(error).__name__
        ),
        hint=_("nothing was written; choose another place with -o"),
    )


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` whole or not at all."""
    with written_whole(path) as file:
        file.write(content)


def encode_item(item: Item) -> bytes:
    """Encode one item as the line that stands in a snapshot file, without its line end."""
    encode = ENCODER.encode
    return encode(
        Line(
            key=item.key.match,
            spelled=str(item.key) if item.key.spelled else "",
            compared=msgspec.Raw(encode(item.compared)),
            local=msgspec.Raw(encode(item.local)),
            unlisted=msgspec.Raw(encode(item.unlisted)),
            unread=item.unread,
            partial=item.partial,
        )
    )


def decode_values(raw: msgspec.Raw) -> dict[str, Any]:
    """Decode one part of a line, bringing secrets back as `Secret`."""
    values = _VALUES_DECODER.decode(raw)
    return revive(values) if SECRET_MARK in bytes(raw) else values


def digest_of_line(compared: bytes, unlisted: bytes) -> str:
    """Return what the content of one item is known by: what is compared of it, whether a declaration lists it or not."""
    return sha256(b"\0".join((compared, unlisted))).hexdigest()


def digest_of_item(item: Item | None) -> str:
    """Return what the content of one item is known by, as `digest_of_line` does; empty where there is none."""
    if item is None:
        return ""
    return digest_of_line(ENCODER.encode(item.compared), ENCODER.encode(item.unlisted))


def write_snapshot(snapshot: Snapshot, file: IO[bytes]) -> None:
    """Write the header, then one item a line, in the order of keys."""
    write_lines(snapshot.header, SnapshotInMemory(snapshot).lines(), file)


def write_lines(header: Header, lines: Iterable[bytes], file: IO[bytes]) -> None:
    """Write a header and lines, each with its end; the header must promise as many as there are."""
    file.write(ENCODER.encode(header) + b"\n")
    file.writelines(lines)


def kind_of_line(line: bytes) -> str:
    """Return the kind of an encoded item without decoding it."""
    return line[len(b'{"key":"') : line.find(b":", len(b'{"key":"'))].decode()


class SnapshotInMemory:
    """A snapshot seen as lines, so that comparison has one way of reading."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.header = snapshot.header
        self.place = snapshot.header.member.name
        self._items = snapshot.items

    def lines(self) -> Iterator[bytes]:
        """Yield each item as it would stand in a file."""
        return (encode_item(item) + b"\n" for item in self._items)


class SnapshotKept:
    """A snapshot whose lines were kept as they stood in a file."""

    def __init__(self, header: Header, lines: Sequence[bytes], place: str) -> None:
        self.header = header
        self.place = place
        self._lines = lines

    def lines(self) -> Iterator[bytes]:
        """Yield each item as it was kept."""
        return (line + b"\n" for line in self._lines)


class SnapshotFile:
    """A snapshot file, read line by line: memory does not grow with the number of items."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.place = str(path)
        with path.open("rb") as file:
            first = file.readline()
        try:
            self.header = _HEADER_DECODER.decode(first)
        except msgspec.MsgspecError:
            version = _format_version(first)
            if version > FORMAT_VERSION:
                raise self._newer(version) from None
            raise SnapshotError(
                path,
                _("the header of this snapshot cannot be understood"),
                line=1,
                hint=_("make the snapshot again with `driftsync snapshot`"),
            ) from None
        if self.header.format_version > FORMAT_VERSION:
            raise self._newer(self.header.format_version)

    def _newer(self, version: int) -> SnapshotError:
        return SnapshotError(
            self.path,
            _("format version {version} is newer than this driftsync understands ({ours})").format(
                version=version, ours=FORMAT_VERSION
            ),
            line=1,
            hint=_("update driftsync here, or make the snapshot again with this version"),
        )

    def lines(self) -> Iterator[bytes]:
        """Yield each item's line with its end; raises `SnapshotError` where the file was cut."""
        count = 0
        with self.path.open("rb") as file:
            file.readline()
            for line in file:
                count += 1
                yield line
        if count != self.header.items:
            raise SnapshotError(
                self.path,
                _("holds {found} items where its header promises {promised}").format(
                    found=count, promised=self.header.items
                ),
                line=count + 1,
                hint=_("the file was cut or edited; make the snapshot again with `driftsync snapshot`"),
            )


def read_snapshot(path: Path) -> Snapshot:
    """Read a whole snapshot file into memory."""
    source = SnapshotFile(path)
    items = []
    for number, line in enumerate(source.lines(), start=2):
        try:
            decoded = LINE_DECODER.decode(line)
            items.append(_item(decoded))
        except (msgspec.MsgspecError, ValueError):
            raise damaged_line(path, number) from None
    return Snapshot(header=source.header, items=tuple(items))


def damaged_line(path: Path | str, number: int) -> SnapshotError:
    """Say that one line of a snapshot file cannot be read."""
    return SnapshotError(
        path,
        _("this line is no item of a snapshot"),
        line=number,
        hint=_("the file was damaged or edited; make the snapshot again with `driftsync snapshot`"),
    )


def _item(line: Line) -> Item:
    kind, _colon, rest = line.key.partition(":")
    return Item(
        key=ItemKey(kind, "", rest, line.spelled.partition(":")[2]),
        compared=decode_values(line.compared),
        local=decode_values(line.local),
        unlisted=decode_values(line.unlisted),
        unread=line.unread,
        partial=line.partial,
    )


def _format_version(line: bytes) -> int:
    try:
        found = msgspec.json.decode(line)
    except msgspec.MsgspecError:
        return 0
    version = found.get("format_version") if isinstance(found, dict) else 0
    return version if isinstance(version, int) else 0
