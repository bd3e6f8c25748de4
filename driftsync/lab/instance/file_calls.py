"""This module answers `%Library.File` and the file streams."""

from __future__ import annotations

import hashlib
from typing import Any

from driftsync.lab.contract import Argument, Value
from driftsync.lab.instance.calling import Call, answers, as_number, as_text
from driftsync.lab.instance.cpf_file import cpf_text
from driftsync.lab.instance.errors import OK, StatusError, raised
from driftsync.lab.instance.host_files import HostFiles
from driftsync.lab.instance.objects import LabObject

PAGE = 32000


@answers("%Library.File", "TempFilename")
def _temp(call: Call) -> Value:
    return call.instance.files.temporary(call.text("ext"), call.text("dir"))


@answers("%Library.File", "Exists")
def _exists(call: Call) -> Value:
    return int(call.instance.files.exists(call.text("filename")))


@answers("%Library.File", "DirectoryExists")
def _directory_exists(call: Call) -> Value:
    return int(call.instance.files.has_directory(call.text("filename")))


@answers("%Library.File", "Delete")
def _delete(call: Call) -> Value:
    return int(call.instance.files.delete(call.text("filename")))


@answers("%Library.File", "CopyFile")
def _copy(call: Call) -> Value:
    files, name = call.instance.files, call.text("from")
    is_cpf = name == call.instance.cpf_file and not files.exists(name)
    try:
        files.write(
            call.text("to"), cpf_text(call.instance).encode("latin-1") if is_cpf else files.read(name)
        )
    except StatusError:
        call.give("return", -2)  # the number that the operating system gave
        return 0
    call.give("return", 0)
    return 1


@answers("%Library.File", "GetFileSize")
def _size(call: Call) -> Value:
    content = call.instance.files.find(call.text("filename"))
    return -2 if content is None else len(content)


@answers("%Library.File", "GetFileDateModified")
def _modified(call: Call) -> Value:
    return "66900,36000" if call.instance.files.exists(call.text("filename")) else ""


@answers("%Library.File", "GetFileSHA256Hash")
def _hash(call: Call) -> Value:
    try:
        content = call.instance.files.read(call.text("filename"))
    except StatusError as error:
        call.give("sc", error.status)
        return ""
    call.give("sc", OK)
    return hashlib.sha256(content).hexdigest()


@answers("%Library.File", "GetDirectorySpace")
def _space(call: Call) -> Value:
    """Tell the room on the disk of the journals, in megabytes; every directory is on it."""
    call.give("FreeSpace", call.instance.journal_free_megabytes)
    call.give("TotalSpace", call.instance.journal_disk_megabytes)
    return OK


@answers("%Library.File", "CreateDirectory", "CreateDirectoryChain")
def _make(call: Call) -> Value:
    call.instance.files.make_directory(call.text("name"))
    return 1


@answers("%Library.File", "ManagerDirectory")
def _manager(call: Call) -> Value:
    return call.instance.files.manager_directory


@answers("%Library.File", "NormalizeDirectory")
def _normalised(call: Call) -> Value:
    return call.instance.files.full_path(call.text("directory")).rstrip("/") + "/"


@answers("%Library.File", "NormalizeFilename")
def _normalised_file(call: Call) -> Value:
    return call.instance.files.full_path(call.text("filename"))


class FileStream(LabObject):
    """A stream over one file: characters are UTF-8 in the file, as `TranslateTable` says."""

    def __init__(self, files: HostFiles, class_name: str) -> None:
        self.class_name = class_name
        self._files = files
        self._characters = class_name.endswith("Character")
        self._name = ""
        self._content: str | bytes = "" if self._characters else b""
        self._place = 0

    def get(self, name: str) -> Any:
        match name:
            case "AtEnd":
                return int(self._place >= len(self._content))
            case "Size":
                return len(self._content)
            case "Filename":
                return self._name
            case "TranslateTable":
                return "UTF8" if self._characters else ""
        return super().get(name)

    def set(self, name: str, value: Value) -> None:
        if name == "Filename":
            self.do_LinkToFile(value)
        elif name not in {"TranslateTable", "LineTerminator", "RemoveOnClose"}:
            super().set(name, value)

    def invoke(self, method: str, arguments: list[Argument]) -> tuple[Any, dict[int, Any]]:
        try:
            value, returned = super().invoke(method, arguments)
        except StatusError as error:
            return error.status, {}
        if method in {"Read", "ReadLine"}:
            returned = {0: len(value), 1: OK}
        return value, returned

    def do_LinkToFile(self, name: Value) -> int:  # noqa: N802 - the names of IRIS
        self._name, self._place = as_text(name), 0
        content = self._files.find(self._name) or b""
        self._content = content.decode("utf-8", "replace") if self._characters else content
        return OK

    def do_Read(self, size: Value = PAGE, _sc: Value = "") -> str | bytes:  # noqa: N802
        count = as_number(size, PAGE) or PAGE
        found = self._content[self._place : self._place + count]
        self._place += len(found)
        return found

    def do_ReadLine(self, size: Value = PAGE, _sc: Value = "", *_more: Value) -> str | bytes:  # noqa: N802
        if isinstance(self._content, bytes):
            return self.do_Read(size)
        line = self._content[self._place :].partition("\n")[0][: as_number(size, PAGE) or PAGE]
        self._place += len(line) + (self._content[self._place + len(line) :][:1] == "\n")
        return line.removesuffix("\r")

    def do_Write(self, data: Value = "") -> int:  # noqa: N802
        if isinstance(self._content, str):
            self._content += as_text(data)
        else:
            self._content += data if isinstance(data, bytes) else as_text(data).encode("latin-1", "replace")
        self._place = len(self._content)
        return OK

    def do_WriteLine(self, data: Value = "") -> int:  # noqa: N802
        return self.do_Write(as_text(data) + "\n")

    def do_Save(self, *_related: Value) -> int:  # noqa: N802
        content = self._content.encode() if isinstance(self._content, str) else self._content
        self._files.write(self._name or self._files.temporary("stream"), content)
        return OK

    def do_Rewind(self) -> int:  # noqa: N802
        self._place = 0
        return OK

    def do_MoveTo(self, position: Value = 1) -> int:  # noqa: N802
        place = as_number(position, 1) - 1
        if not 0 <= place <= len(self._content):
            return 0
        self._place = place
        return 1

    def do_MoveToEnd(self) -> int:  # noqa: N802
        self._place = len(self._content)
        return OK

    def do_Clear(self, *_permanent: Value) -> int:  # noqa: N802
        self._content = "" if self._characters else b""
        self._place = 0
        return OK


@answers("%Stream.File*", "%New")
def _new_stream(call: Call) -> Any:
    if call.facts.name not in {"%Stream.FileCharacter", "%Stream.FileBinary"}:
        raise raised("UNIMPLEMENTED", call.facts.name)
    return FileStream(call.instance.files, call.facts.name)
