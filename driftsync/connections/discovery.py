"""This module finds a whole mirror from some of its members: all are asked side by side, none is dropped.

What the settings say of an address wins. Members that they do not name are asked where the mirror's own definition
says they are, which may be an address that is private to the mirror.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Thread

import msgspec

from driftsync.connections.asking import DefinedMember, ask
from driftsync.connections.opening import open_member
from driftsync.connections.seeing import ORDER, Asked, problem_of, seen_of, without_doubles
from driftsync.errors import DriftsyncError
from driftsync.model import MirrorSeen
from driftsync.settings import DEFAULT_PORT, Login, Settings


@dataclass(frozen=True)
class Discovered:
    """A mirror, how each of its members is reached by name, and what keeps it from being a whole."""

    mirror: MirrorSeen
    logins: Mapping[str, Login]
    """With the place that answered first; members that the settings do not name are among them."""
    problem: DriftsyncError | None = None

    def whole(self) -> MirrorSeen:
        """Return the mirror where exactly one member is its primary; raises the problem otherwise."""
        if self.problem is not None:
            raise self.problem
        return self.mirror


@dataclass(frozen=True)
class _Asking:
    """How members are asked in one discovery."""

    base: Path
    mirror: str
    password: str | None = field(default=None, repr=False)

    def all(self, logins: Mapping[str, Login], *, configured: bool) -> list[Asked]:
        """Ask everybody at once, in threads that Ctrl-C need not wait for."""
        found: dict[str, Asked] = {}
        broken: list[BaseException] = []

        def ask_one(name: str) -> None:
            try:
                found[name] = self.one(name, logins[name], configured=configured)
            except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
                broken.append(error)

        threads = [Thread(target=ask_one, args=(name,), daemon=True) for name in logins]
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                thread.join(0.2)  # so that Ctrl-C is noticed on Windows too
        if broken:
            raise broken[0]
        return [found[name] for name in logins]

    def one(self, name: str, login: Login, *, configured: bool) -> Asked:
        asked = Asked(name, login, _spelled(login.host, login.port), configured)
        try:
            with open_member(login, name, self.base, password=self.password) as connection:
                host, port = connection.address.host, connection.address.port
                asked = replace(asked, login=_first_at(login, host, port), place=str(connection.address))
                return replace(asked, statement=ask(connection, self.mirror))
        except DriftsyncError as error:
            return replace(asked, error=error)


def discover_configured(settings: Settings, mirror: str) -> Discovered:
    """Discover a mirror of the settings from its running members; "" stands for members without a mirror."""
    names = [
        name for name in settings.member if settings.is_live(name) and settings.mirror_of(name) == mirror
    ]
    return discover(
        {name: settings.login_of(name) for name in names},
        settings.path.parent,
        mirror=mirror,
        otherwise=[name for name in settings.member if not settings.is_live(name)],
    )


def discover(
    logins: Mapping[str, Login],
    base: Path,
    *,
    mirror: str = "",
    password: str | None = None,
    otherwise: Iterable[str] = (),
) -> Discovered:
    """Ask the members that are known by name, then those that the mirror's definition adds.

    `base` is where relative paths of passwords start. `mirror` is how the settings call it, and which one is meant
    where an async member belongs to several. `password` is for who has just typed it. Members in `otherwise` are read
    from files and not asked. A member that cannot be asked is listed with the reason; nothing is raised for it.
    """
    asked = _Asking(base, mirror, password).all(logins, configured=True)
    told = _most_telling(asked, mirror)
    if told is not None and told.statement is not None:
        asked = _with_definition(asked, told.statement.defined)
        asked += _Asking(base, told.statement.mirror, password).all(
            _others(told, asked, otherwise), configured=False
        )
        asked = _with_definition(asked, told.statement.defined)
    own = told.statement.mirror if told and told.statement else ""
    members = without_doubles([seen_of(each, own) for each in asked])
    problem = problem_of(members, asked)
    return Discovered(
        MirrorSeen(
            name=mirror or own,
            members=sorted(members, key=lambda member: ORDER[member.role]),
            problem=problem.message if problem else "",
            hint=problem.hint if problem else "",
            untold=told.statement.not_told if told and told.statement else "",
        ),
        {each.name: each.login for each in asked},
        problem,
    )


def short_name(instance: str, taken: Iterable[str]) -> str:
    """Return what stands before the stroke in `HOSPA/IRIS`, the whole where that name is taken."""
    short = instance.partition("/")[0]
    return instance if not short or short.casefold() in {each.casefold() for each in taken} else short


def _most_telling(asked: list[Asked], mirror: str) -> Asked | None:
    """Return whose word on the mirror counts: of the mirror that is meant, with a definition, the primary."""

    def rank(each: Asked) -> tuple[bool, bool, int]:
        statement = each.statement
        if statement is None:
            return (True, True, len(ORDER))
        return (
            statement.mirror.casefold() != mirror.casefold(),
            not statement.defined,
            ORDER[statement.role],
        )

    return min((each for each in asked if each.statement), key=rank, default=None)


def _with_definition(asked: list[Asked], defined: tuple[DefinedMember, ...]) -> list[Asked]:
    return [each if each.defined else replace(each, defined=_defined_as(each, defined)) for each in asked]


def _defined_as(asked: Asked, defined: tuple[DefinedMember, ...]) -> DefinedMember | None:
    """Return a member's row of the definition: by its own word, else by its name or address."""
    if asked.statement and asked.statement.instance:
        wanted = asked.statement.instance.casefold()
        return next((row for row in defined if row.name.casefold() == wanted), None)
    name = asked.name.casefold()
    tests: tuple[Callable[[DefinedMember], bool], ...] = (
        lambda row: row.name.casefold() == name,
        lambda row: row.name.partition("/")[0].casefold() == name,
        lambda row: row.host.casefold() == asked.login.host.casefold() and row.port == asked.login.port,
    )
    for test in tests:
        found = [row for row in defined if test(row)]
        if len(found) == 1:
            return found[0]
    return None


def _others(told: Asked, asked: list[Asked], otherwise: Iterable[str]) -> dict[str, Login]:
    """Return how the members are reached that the definition has and the settings have not."""
    known = {each.defined.name for each in asked if each.defined}
    files = {name.casefold() for name in otherwise}
    found: dict[str, Login] = {}
    for row in told.statement.defined if told.statement else ():
        names = {row.name.casefold(), row.name.partition("/")[0].casefold()}
        if row.name not in known and not names & files:
            name = short_name(row.name, [*(each.name for each in asked), *found])
            found[name] = told.login.at(row.host or row.name, row.port or DEFAULT_PORT)
    return found


def _first_at(login: Login, host: str, port: int) -> Login:
    """Return the login with the place that answered first, the others as alternatives."""
    others = tuple(place for place in login.places if place != (host, port))
    return msgspec.structs.replace(login, host=host, port=port, alternatives=others)


def _spelled(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
