"""This module reads `driftsync.toml`: mirrors, their members, where each is read from, and the scope."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import msgspec

from driftsync.errors import SettingsError
from driftsync.language import _
from driftsync.model import Member, MemberRole

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # the same parser, before it came into the standard library

DEFAULT_NAME = "driftsync.toml"


class MemberSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[member.NAME]`: where a member is read from, and its own directories in `[member.NAME.paths]`."""

    source: str
    """A folder of exports, one export, or a snapshot file; relative to the settings file."""
    mirror: str = ""
    role: MemberRole = MemberRole.UNKNOWN
    """Used only where the files themselves do not tell."""
    paths: dict[str, str] = {}
    whole: list[str] = []
    """Kinds whose partial exports are to be taken as whole."""


class MirrorSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[mirror.NAME]`: which member is the primary. A file does not say so; a live member will be asked."""

    primary: str


class ScopeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[scope]`: what is looked at."""

    kinds: list[str] = []
    exclude: list[str] = []
    site_only: bool = False


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    mirror: dict[str, MirrorSettings] = {}
    member: dict[str, MemberSettings] = {}
    scope: ScopeSettings = ScopeSettings()
    path: Path = Path()

    def named(self, word: str) -> str | None:
        """Return the member that is called `word`, whatever its case where only one can be meant."""
        if word in self.member:
            return word
        alike = [name for name in self.member if name.casefold() == word.casefold()]
        return alike[0] if len(alike) == 1 else None

    def members_of(self, mirror: str) -> list[str]:
        """Return the members of a mirror, its primary first, then in the order of the file."""
        primary = self.mirror[mirror].primary
        others = [
            name for name, each in self.member.items() if self._mirror_of(each) == mirror and name != primary
        ]
        return [primary, *others]

    def _mirror_of(self, member: MemberSettings) -> str:
        return member.mirror or (next(iter(self.mirror)) if len(self.mirror) == 1 else "")

    def source_of(self, name: str) -> Path:
        """Return where a member is read from."""
        return self.path.parent / self.member[name].source

    def stated(self, name: str) -> Member:
        """Return the member as the settings state it."""
        settings = self.member[name]
        mirror = self._mirror_of(settings)
        primary = mirror in self.mirror and self.mirror[mirror].primary == name
        role = MemberRole.PRIMARY if primary else settings.role
        if not primary and role is MemberRole.PRIMARY:
            role = MemberRole.UNKNOWN
        return Member(name=name, role=role, mirror=mirror)


def find_settings(named: Path | None) -> Path | None:
    """Return the settings file: the one that was named, else `driftsync.toml` here or in a folder above."""
    if named is not None:
        return named
    here = Path.cwd()
    return next(
        (folder / DEFAULT_NAME for folder in (here, *here.parents) if (folder / DEFAULT_NAME).is_file()), None
    )


def read_settings(path: Path) -> Settings:
    """Read and check the settings; raises `SettingsError` naming the file and, where known, the line or key."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingsError(
            _("{path} cannot be read: {reason}").format(
                path=path, reason=error.strerror or type(error).__name__
            ),
            hint=_("name the settings file with --settings"),
        ) from None
    except UnicodeDecodeError:
        raise SettingsError(_("{path} is not UTF-8").format(path=path), hint=_("save it as UTF-8")) from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise SettingsError(
            _("{path}:{line}: this is not TOML").format(path=path, line=line[1] if line else "?"),
            hint=_("texts stand in quotes, tables in [brackets]; see examples/driftsync.toml"),
        ) from None
    settings = _convert(path, found)
    _check(path, settings)
    return settings


def _convert(path: Path, found: dict[str, Any]) -> Settings:
    if "path" in found:
        raise SettingsError(
            _("{path}: unknown key path").format(path=path), hint=_("see examples/driftsync.toml")
        )
    try:
        return msgspec.convert(
            {**found, "path": path}, Settings, dec_hook=lambda wanted, value: wanted(value)
        )
    except msgspec.ValidationError as error:
        where = re.search(r"at `\$\.?(.*)`", str(error))
        what = str(error).split(" - at ")[0]
        raise SettingsError(
            _("{path}: {where}: {what}").format(
                path=path, where=where[1] if where else "settings", what=what
            ),
            hint=_("see examples/driftsync.toml for every key there is"),
        ) from None


def _check(path: Path, settings: Settings) -> None:
    for name, mirror in settings.mirror.items():
        if mirror.primary not in settings.member:
            raise SettingsError(
                _("{path}: mirror {name}: its primary {primary} has no [member.{primary}]").format(
                    path=path, name=name, primary=mirror.primary
                ),
                hint=_("add the member, or correct the name"),
            )
    for name, member in settings.member.items():
        if member.mirror and member.mirror not in settings.mirror:
            raise SettingsError(
                _("{path}: member {name} belongs to mirror {mirror}, which has no [mirror.{mirror}]").format(
                    path=path, name=name, mirror=member.mirror
                ),
                hint=_("add [mirror.{mirror}] with its primary").format(mirror=member.mirror),
            )
        if len(settings.mirror) > 1 and not member.mirror:
            raise SettingsError(
                _("{path}: member {name} does not say which mirror it belongs to").format(
                    path=path, name=name
                ),
                hint=_('add mirror = "NAME" to [member.{name}]').format(name=name),
            )
