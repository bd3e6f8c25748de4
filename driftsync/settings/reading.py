"""This module finds `driftsync.toml`, reads it and checks that it makes sense as a whole."""

from __future__ import annotations

import re
import sys
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import msgspec

from driftsync.errors import SettingsError
from driftsync.language import english as _
from driftsync.model import MemberRole
from driftsync.settings.login import check_reference, is_host, is_place
from driftsync.settings.tables import LoginWords, MemberSettings, MirrorSettings, RuleSettings, Settings
from driftsync.settings.telling import check_deliveries
from driftsync.settings.thresholds import Thresholds, out_of_order

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # the same parser, before it came into the standard library

DEFAULT_NAME = "driftsync.toml"


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
    settings = _convert(path, read_toml(path))
    _check(path, settings)
    return settings


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file; raises `SettingsError` naming the file and, where known, the line."""
    try:
        found: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8-sig"))
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
    return found


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
        near = _nearest(what) if where and where[1] == "check" else ""
        raise SettingsError(
            _("{path}: {where}: {what}").format(
                path=path, where=where[1] if where else "settings", what=what
            ),
            hint=_("did you mean {name}?").format(name=near)
            if near
            else _("see examples/driftsync.toml for every key there is"),
        ) from None


def _nearest(what: str) -> str:
    """Return the threshold that is spelled most like the one that is not known."""
    said = re.search(r"unknown field `(.*)`", what)
    known = [each.name for each in msgspec.structs.fields(Thresholds)]
    return next(iter(get_close_matches(said[1], known, 1, 0.3)), "") if said else ""


def _check(path: Path, settings: Settings) -> None:
    for name, member in settings.member.items():
        if member.mirror and member.mirror not in settings.mirror:
            raise SettingsError(
                _("{path}: member {name} belongs to mirror {mirror}, which has no [mirror.{mirror}]").format(
                    path=path, name=name, mirror=member.mirror
                ),
                hint=_("add [mirror.{mirror}]").format(mirror=member.mirror),
            )
        if len(settings.mirror) > 1 and not member.mirror:
            raise SettingsError(
                _("{path}: member {name} does not say which mirror it belongs to").format(
                    path=path, name=name
                ),
                hint=_('add mirror = "NAME" to [member.{name}]').format(name=name),
            )
        _check_addresses(path, name, member)
        _check_place(path, settings, name)
        _check_words(path, f"member {name}", member)
    for name, mirror in settings.mirror.items():
        _check_words(path, f"mirror {name}", mirror)
        _check_primary(path, settings, name)
        _check_upgrade(path, name, mirror)
    _check_thresholds(path, settings)
    check_deliveries(path, settings)
    for number, rule in enumerate(settings.rule, 1):
        _check_rule(path, settings, number, rule)


def _check_upgrade(path: Path, name: str, mirror: MirrorSettings) -> None:
    try:
        _days = mirror.upgrade
    except ValueError:
        raise SettingsError(
            _("{path}: mirror {name}: {text} are no days").format(
                path=path, name=name, text=repr(mirror.upgrade_window)
            ),
            hint=_('upgrade_window = "2026-11-21..2026-11-25", the first and the last day'),
        ) from None


def _check_thresholds(path: Path, settings: Settings) -> None:
    pair = out_of_order(settings.check)
    if pair is not None:
        raise SettingsError(
            _("{path}: check: {first} = {value} is above {second} = {other}").format(
                path=path,
                first=pair[0],
                value=getattr(settings.check, pair[0]),
                second=pair[1],
                other=getattr(settings.check, pair[1]),
            ),
            hint=_("a failure is worse than a warning: correct one of the two"),
        )


def _check_rule(path: Path, settings: Settings, number: int, rule: RuleSettings) -> None:
    """Refuse a rule that would fit everything, or that can fit nothing."""

    def wrong(what: str, hint: str) -> SettingsError:
        return SettingsError(
            _("{path}: [[rule]] number {number} {what}").format(path=path, number=number, what=what),
            hint=hint,
        )

    if not (rule.kind or rule.key or rule.property):
        raise wrong(_("does not say what it is about"), _("add kind, key or property"))
    if rule.member and rule.member not in settings.member:
        raise wrong(
            _("is for member {name}, which has no [member.{name}]").format(name=rule.member),
            _("correct the name"),
        )
    if rule.key and ":" not in rule.key and not rule.key.startswith("*"):
        raise wrong(
            _("has a key without its kind: {key}").format(key=rule.key),
            _('write it as the report prints it: key = "task:EMR/*"'),
        )


def _check_primary(path: Path, settings: Settings, name: str) -> None:
    primary = settings.mirror[name].primary
    if not primary and not any(map(settings.is_live, settings.members_of(name))):
        raise SettingsError(
            _("{path}: mirror {name} does not name its primary, and files do not tell it").format(
                path=path, name=name
            ),
            hint=_(
                'add primary = "MEMBER" to [mirror.{name}], or let its members be running ones (host = …)'
            ).format(name=name),
        )
    if primary and primary not in settings.member:
        raise SettingsError(
            _("{path}: mirror {name}: its primary {primary} has no [member.{primary}]").format(
                path=path, name=name, primary=primary
            ),
            hint=_("add the member, or correct the name"),
        )
    if primary and settings.is_live(primary):
        raise SettingsError(
            _(
                "{path}: mirror {name}: its primary {primary} is a running member, which says itself what it is"
            ).format(path=path, name=name, primary=primary),
            hint=_("take primary = … out of [mirror.{name}]").format(name=name),
        )


def _check_place(path: Path, settings: Settings, name: str) -> None:
    """Refuse a member that is neither, or both, of files and a running instance, or has the other's words."""
    member = settings.member[name]

    def wrong(what: str, hint: str) -> SettingsError:
        return SettingsError(
            _("{path}: member {name} {what}").format(path=path, name=name, what=what), hint=hint
        )

    if bool(member.source) == bool(member.host):
        raise wrong(
            _("has both source and host") if member.host else _("has neither source nor host"),
            _("source reads its exports, host asks the running instance: say one of the two"),
        )
    if not member.host:
        said = [*member.said, *(["alternatives"] if member.alternatives else [])]
        if said:
            raise wrong(
                _("is read from files, and {keys} is for running members").format(keys=", ".join(said)),
                _("take it out, or say host instead of source"),
            )
        return
    if member.role is not MemberRole.UNKNOWN or member.whole:
        raise wrong(
            _("is a running member, and {key} is for files").format(
                key="role" if member.role is not MemberRole.UNKNOWN else "whole"
            ),
            _("take it out: a running member is asked"),
        )
    login = settings.login_of(name)
    for key, value in (("user", login.user), ("password", login.password_reference)):
        if not value:
            raise wrong(
                _("has no {key}").format(key=key),
                _("add {key} = … to [member.{name}], or to its mirror for all members").format(
                    key=key, name=name
                ),
            )


def _check_words(path: Path, where: str, words: LoginWords) -> None:
    if words.password:
        check_reference(words.password, f"{path}: {where}: ")
    if words.ca_file and words.tls not in (None, True):
        raise SettingsError(
            _("{path}: {where}: ca_file counts only with tls = true").format(path=path, where=where),
            hint=_("take ca_file out, or say tls = true"),
        )
    if words.tls == "":
        raise SettingsError(
            _("{path}: {where}: tls is empty").format(path=path, where=where),
            hint=_("true, false, or the name of a section in the driver's TLS settings file"),
        )


def _check_addresses(path: Path, name: str, member: MemberSettings) -> None:
    for address, is_one in (
        (member.host, is_host),
        *((each, is_place) for each in member.alternatives),
    ):
        if address and not is_one(address):
            raise SettingsError(
                _("{path}: member {name}: {address} is no address").format(
                    path=path, name=name, address=repr(address)
                ),
                hint=_('host = "10.20.4.11" with port = 1972; alternatives = ["10.30.4.11:1972"]'),
            )
