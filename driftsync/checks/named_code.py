"""This module looks up the files and the code that items of a member name.

Only what stands beside the mirrored databases can be looked up: files below class paths, and code of the site in %SYS.
A class in another database is the mirror's matter, and a data source the host's: they are told apart, never judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from driftsync.checks.resolving import Mapped
from driftsync.checks.spec import MemberView, Unanswered, known, shipped
from driftsync.kinds.roots_of_files import class_path
from driftsync.language import english as _
from driftsync.model import Item

BESIDE = ("sql-gateway-connection", "language-server")
"""Kinds whose items name files that they run code from."""
CLASSES: Mapping[str, tuple[str, ...]] = {
    "web-application": ("DispatchClass", "EventClass", "SuperClass"),
    "task": ("TaskClass",),
    "oauth2-server-configuration": ("AuthenticateClass", "SessionClass", "ValidateUserClass", "GenerateTokenClass", "RevokeTokenClass"),
}  # fmt: skip
"""Kind → properties that name a class."""
ROUTINES: Mapping[str, tuple[str, ...]] = {
    "user": ("Routine",),
    "security-settings": ("PasswordValidationRoutine",),
    "ldap-configuration": ("LDAPAttributeRoutine",),
}
"""Kind → properties that name a routine, perhaps with a label before it: `check^ZPASSWORD`."""
IN_SYS = "%SYS"
PRODUCT = ("%ZEN", "%Zen")


@dataclass(frozen=True)
class Dangling:
    """One reference that leads nowhere."""

    item: str
    property: str
    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.item} {self.property} → {self.kind}:{self.name}"


def missing_files(member: MemberView, kind: str) -> Iterator[Dangling]:
    """Yield the files of class paths that are not on the host. Raises `Unanswered`."""
    there: set[str] | None = None
    for item in member.items(kind).values():
        if shipped(item):
            continue
        for name, path in _paths(item):
            if there is None:
                there = _files(member)
            folded = _folded(path)
            inside = f"{folded.rstrip('/')}/"
            if folded not in there and not any(each.startswith(inside) for each in there):
                yield Dangling(str(item.key), name, "file", path)


def _paths(item: Item) -> Iterator[tuple[str, str]]:
    for name in ("Field1", "Field2", "Field3", "classpath"):
        if name in item.unread:
            raise Unanswered(_("{key} {property} could not be read").format(key=item.key, property=name))
        value = item.local.get(name, item.compared.get(name))
        plain = ";".join(value) if isinstance(value, list) else value
        if isinstance(plain, str):
            for path in class_path({name: plain}):
                yield name, path


def _files(member: MemberView) -> set[str]:
    return {_folded(item.local.get("Location") or "") for item in member.items("file").values()}


def _folded(path: Any) -> str:
    """Return a path with one sort of slash; Windows knows no case."""
    plain = str(path).replace("\\", "/")
    return plain.casefold() if plain[1:2] == ":" or plain.startswith("//") else plain


def missing_code(member: MemberView) -> Iterator[Dangling]:
    """Yield classes and routines of the site in %SYS that are named and not there. Raises `Unanswered`."""
    for item, name, code in _named(member, CLASSES):
        if _is_of_the_site(member, item, code) and f"custom-code:{code}.cls" not in member.items(
            "custom-code"
        ):
            yield Dangling(str(item.key), name, "custom-code", f"{code}.cls")
    for item, name, code in _named(member, ROUTINES):
        routine = code.rpartition("^")[2].partition("(")[0]
        if _is_of_the_site(member, item, routine):
            there = member.items("custom-code")
            if not any(f"custom-code:{routine}.{ending}" in there for ending in ("mac", "int", "MAC", "INT")):
                yield Dangling(str(item.key), name, "custom-code", routine)


def names_code_elsewhere(member: MemberView) -> bool:
    """Say whether items name classes in databases, which nothing here can look up."""
    return any(
        not code.startswith("%") and not _is_of_the_site(member, item, code)
        for item, _name, code in _named(member, CLASSES)
    )


def _named(member: MemberView, kinds: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[Item, str, str]]:
    for kind, properties in kinds.items():
        for item in member.items(kind).values():
            for name in properties:
                value = known(item, name)
                if isinstance(value, str) and value and not (shipped(item) and value.startswith("%")):
                    yield item, name, value


def _is_of_the_site(member: MemberView, item: Item, code: str) -> bool:
    """Say whether code lies in IRISSYS if it lies anywhere: %Z everywhere, Z in %SYS alone, unless it is mapped."""
    if code.startswith(PRODUCT) or not code.startswith(("%Z", "%z", "Z", "z")):
        return False
    namespace = str(item.compared.get("NameSpace") or item.key.namespace or IN_SYS).upper()
    if not code.startswith("%") and namespace != IN_SYS:
        return False
    return not any(
        code.startswith(mapped.rstrip("*"))
        for kind in ("package-mapping", "routine-mapping")
        for mapped in Mapped(member, kind).within(namespace)
    )


def is_zmirror(item: Item) -> bool:
    """Say whether a piece of code is `^ZMIRROR`, which has a check of its own (MIR-021)."""
    return item.key.identity.partition(".")[0].upper() == "ZMIRROR"
