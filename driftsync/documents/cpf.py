"""This module reads a configuration parameter file (CPF) of every schema version from Caché 2012 to IRIS 2025.

Facts: formats.md 1; the order of sections is the product's and means nothing, but a file that ends before its
last section was cut, and what the cut took away is a gap.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path, PureWindowsPath

from driftsync.documents.document import Document
from driftsync.documents.sections import Entry, Section, Sections, split_sections
from driftsync.errors import DocumentError
from driftsync.kinds import places
from driftsync.kinds.databases import as_stated
from driftsync.kinds.making import RawItem, RawValue
from driftsync.kinds.places import CpfRows, CpfSection, CpfSettings
from driftsync.kinds.spec import Kind
from driftsync.language import english as _
from driftsync.model import Coverage, Gap, MemberRole, Product

FORMAT = "cpf"

SPINE = (
    "ConfigFile", "Databases", "Namespaces", "MirrorMember", "Journal", "Startup", "DeviceSubTypes", "Devices",
    "MagTapes", "config", "Miscellaneous", "ECP", "Cluster", "LicenseServers", "Monitor", "IO", "SQL",
    "SqlSysDatatypes", "Telnet", "Conversions",
)  # fmt: skip
"""Sections that every CPF has, in the order of the file (formats.md 1.2)."""

SINCE = {"Gateways": (2021, 1), "WorkQueues": (2023, 1), "Logging": (2024, 1)}
"""Sections that a CPF has from some schema version on."""

AFTER_MAPPINGS = SPINE.index("MirrorMember")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_THIS_HOST = {"", "127.0.0.1", "::1", "localhost"}
_ASYNC_TYPES = {"0": MemberRole.DR_ASYNC, "1": MemberRole.REPORTING_ASYNC, "2": MemberRole.REPORTING_ASYNC}


def looks_like_cpf(text: str) -> bool:
    """Say whether a text has `[ConfigFile]` with `Version=`: without, it is a configuration merge file."""
    head = re.search(r"^[ \t]*\[ConfigFile\][ \t]*$", text, re.MULTILINE | re.IGNORECASE)
    if head is None:
        return False
    rest = re.compile(r"^[ \t]*(?:\[|(Version)[ \t]*=)", re.MULTILINE | re.IGNORECASE).search(
        text, head.end()
    )
    return bool(rest and rest[1])


def read_cpf(path: Path, text: str, *, first_line: int = 1) -> Document:
    """Read a CPF. Coverage is whole for what its sections hold; what a cut file lost is a gap."""
    sections = split_sections(path, text, first_line=first_line)
    cut = _was_cut(sections)
    if cut:
        sections.forget_unfinished()
    document = Document(path, FORMAT)
    _facts(document, sections)
    for section in sections.by_name.values():
        read_section(document, section, partial=cut and section is sections.last)
    _coverage(document, sections, cut=cut)
    return document


def _was_cut(sections: Sections) -> bool:
    """Say whether a CPF ends too early: before its last section, within it, or within a line.

    Every CPF ends with a line end; where only that is missing, or a part of the comments, nothing is lost.
    """
    end = sections.get(SPINE[-1])
    if end is None or not end.entries or sections.fragment:
        return True
    if not sections.unfinished:
        return False
    last = end.entries[-1]
    return last.line != sections.unfinished or not _MOMENT.fullmatch(last.value)


def read_section(document: Document, section: Section, *, partial: bool = False) -> None:
    """Add the raw items of one section; what no kind covers is a gap.

    `partial` says that a section which is one item may not state all of it.
    """
    items, known = _section_items(document.path, section, partial=partial)
    document.items.extend(items)
    if not known:
        document.gaps.append(
            Gap(reason=_("section [{name}] is covered by no kind").format(name=section.name))
        )
        return
    lines = {item.line for item in items}
    document.gaps.extend(
        Gap(
            reason=_("line {line} of section [{name}] is of a sort that no kind covers").format(
                line=entry.line, name=section.name
            )
        )
        for entry in section.entries
        if entry.line not in lines and section.line not in lines
    )


def _section_items(path: Path, section: Section, *, partial: bool) -> tuple[list[RawItem], bool]:
    head, _dot, rest = section.name.partition(".")
    items: list[RawItem] = []
    known = False
    for kind, place in places():
        if isinstance(place, CpfRows) and _is_section(place.section, section.name):
            known = True
            items += [
                _row(path, kind, place, entry, rest)
                for entry in section.entries
                if entry.key.startswith(place.prefix)
            ]
        elif isinstance(place, CpfSection) and place.section.lower() == section.name.lower():
            known = True
            values: dict[str, RawValue] = {entry.key: entry.value for entry in section.entries}
            items.append(RawItem(kind, values, section.line, partial=partial))
        elif isinstance(place, CpfSettings) and head.lower() in (each.lower() for each in place.sections):
            known = True
            spelled = next(each for each in place.sections if each.lower() == head.lower())
            items += [
                RawItem(kind, {"Section": spelled, "Name": entry.key, "Value": entry.value}, entry.line)
                for entry in section.entries
            ]
    return items, known


def is_known_section(name: str) -> bool:
    """Say whether a section of this name holds items of some kind."""
    return any(
        (isinstance(place, CpfSettings) and name.lower() in (each.lower() for each in place.sections))
        or (isinstance(place, (CpfRows, CpfSection)) and _is_section(place.section, name))
        for _kind, place in places()
    )


def _is_section(declared: str, found: str) -> bool:
    if declared.endswith(".*"):
        return found.lower().startswith(declared[:-1].lower())
    return declared.lower() == found.lower()


def _row(path: Path, kind: Kind, place: CpfRows, entry: Entry, namespace: str) -> RawItem:
    values: dict[str, RawValue] = {**place.sets, kind.identity.properties[-1]: entry.key[len(place.prefix) :]}
    if kind.identity.namespace:
        values[kind.identity.namespace] = namespace
    parts = entry.value.split(place.separator) if entry.value else []
    if kind.name == "language-server":
        parts = _gateway_parts(parts)
    for position, part in enumerate(parts):
        if position >= len(place.fields):
            values[f"Position{position + 1}"] = part
        elif place.fields[position]:
            values[place.fields[position]] = part
    if kind.name == "database":
        values = as_stated(values)
    if values.get("SSLComputerName"):
        values["SSLComputerName"] = _distinguished_name(str(values["SSLComputerName"]))
    if entry.key == place.prefix:
        raise DocumentError(path, _("names nothing before the ="), line=entry.line)
    return RawItem(kind, values, entry.line)


def _distinguished_name(written: str) -> str:
    """Return the name of a certificate, which the CPF writes in base64 because it holds commas."""
    try:
        return base64.b64decode(written, validate=True).decode()
    except ValueError:
        return written


def _gateway_parts(parts: list[str]) -> list[str]:
    """Bring the line of the 2021 schema (`Type,Address,Port`) into the order of later ones.

    Its address is that of the host itself; only a server that runs elsewhere keeps it, as later schemas do.
    """
    if len(parts) == 3 and not parts[1].isdigit() and parts[2].isdigit():  # noqa: PLR2004 - the three of 2021
        kind, address, port = parts
        return [kind, port] if address in _THIS_HOST else [kind, port, "", address]
    return parts


def _facts(document: Document, sections: Sections) -> None:
    config_file = sections.get("ConfigFile")
    if config_file:
        document.release = config_file.value("Version")
    member = sections.get("MirrorMember")
    if member:
        document.instance = member.value("SystemName")
    mirrors = sections.get("Mirrors")
    if mirrors and mirrors.entries:
        document.mirror = mirrors.entries[0].key
        position = 7  # of VirtualAddress, counted from 0
        parts = mirrors.entries[0].value.split(",")
        document.virtual_address = len(parts) > position and bool(parts[position].strip())
        document.role = _role(document, sections)
    databases = sections.get("Databases")
    if databases:
        document.directories = directories_of(lambda name: databases.value(name).split(",")[0])
        document.product = _product(databases, config_file)


def _product(databases: Section, config_file: Section | None) -> Product:
    """Tell the product: the CPF of Caché has no `Product`, but a database that IRIS calls otherwise."""
    if databases.value("IRISSYS") or (config_file and config_file.value("Product")):
        return Product.IRIS
    return Product.CACHE if databases.value("CACHESYS") else Product.UNKNOWN


def _role(document: Document, sections: Sections) -> MemberRole:
    """Read the role from the row of this instance in `[MapMirrors]`: MemberType 0 failover, 2 async."""
    members = sections.get(f"MapMirrors.{document.mirror}")
    row = members.value(document.instance) if members and document.instance else ""
    parts = row.split(",")
    if len(parts) < 7:  # noqa: PLR2004 - MemberType is the seventh
        return MemberRole.UNKNOWN
    if parts[6] == "0":
        return MemberRole.FAILOVER
    async_type = parts[13] if len(parts) > 13 and parts[13] else "0"  # noqa: PLR2004 - AsyncMemberType is the 14th
    return _ASYNC_TYPES.get(async_type, MemberRole.UNKNOWN)


def directories_of(directory: Callable[[str], str]) -> dict[str, str]:
    """Return this member's own directories: `mgr` from the system database, `install` above it or its library.

    `directory` gives that of a database, empty where there is none of the name.
    """
    found: dict[str, str] = {}
    manager = directory("IRISSYS") or directory("CACHESYS")
    if not re.match(r"^([A-Za-z]:[\\/]|\\\\|/)", manager):
        return found
    found["mgr"] = manager
    library = directory("IRISLIB") or directory("CACHELIB")
    install = _parent(library, 2) if library else _parent(manager, 1)
    if install and install.rstrip("\\/"):
        found["install"] = install
    return found


def _parent(directory: str, levels: int) -> str:
    windows = "\\" in directory or bool(re.match(r"^[A-Za-z]:", directory))
    if windows:
        parents = PureWindowsPath(directory).parents
        return str(parents[levels - 1]) if len(parents) > levels else ""
    parts = directory.rstrip("/").split("/")[:-levels]
    return "/".join(parts) + "/" if len(parts) > 1 else ""


def _coverage(document: Document, sections: Sections, *, cut: bool) -> None:
    version = tuple(int(part) for part in re.findall(r"\d+", document.release)[:2])
    lost = _Losses(sections, version, cut=cut)
    for kind, place in places():
        if isinstance(place, CpfSettings):
            document.saw(kind.name, Coverage.WHOLE)
            reasons = ((name, lost.of(name)) for name in place.sections)
            document.gaps += [
                Gap(kind=kind.name, namespace=name, reason=reason) for name, reason in reasons if reason
            ]
        elif isinstance(place, (CpfRows, CpfSection)):
            reason = lost.of(place.section)
            present = sections.get(place.section) is not None
            if reason:
                document.saw(kind.name, Coverage.PARTIAL if present else Coverage.NONE)
                document.gaps.append(Gap(kind=kind.name, reason=reason))
            elif present or version >= SINCE.get(place.section, ()):
                document.saw(kind.name, Coverage.WHOLE)


class _Losses:
    """What of the sections is not in a file that was cut or edited."""

    def __init__(self, sections: Sections, version: tuple[int, ...], *, cut: bool) -> None:
        self._sections, self._version = sections, version
        self._last = sections.last.name if cut and sections.last else ""
        self._before_end = cut and sections.get(SPINE[-1]) is None
        self._before_mirror = not any(sections.get(name) for name in SPINE[AFTER_MAPPINGS:])

    def of(self, section: str) -> str:
        """Say what is lost of a section, nothing where all of it is there or rightly absent."""
        if self._last and _is_section(section, self._last):
            return _("the CPF was cut inside or after section [{name}]").format(name=self._last)
        if self._sections.get(section):
            return ""
        if self._before_end and (section != "Map.*" or self._before_mirror):
            return _("the CPF was cut before section [{name}], or before its end").format(name=section)
        if section in SPINE or (section in SINCE and self._version >= SINCE[section]):
            return _("the CPF has no section [{name}]: it was cut or edited").format(name=section)
        return ""
