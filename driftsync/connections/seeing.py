"""This module turns what became of asking each member into what is shown of it, and of the mirror as a whole."""

from __future__ import annotations

import re
from dataclasses import dataclass

import msgspec

from driftsync.connections.asking import DefinedMember, Statement
from driftsync.errors import DriftsyncError, MirrorError, PrimaryError
from driftsync.language import english as _
from driftsync.model import MemberRole, MemberSeen
from driftsync.settings import Login

ORDER = {role: rank for rank, role in enumerate(MemberRole)}
"""How members are shown: the primary first, what is not known last."""


@dataclass(frozen=True)
class Asked:
    """What became of asking one member."""

    name: str
    login: Login
    place: str
    configured: bool
    statement: Statement | None = None
    error: DriftsyncError | None = None
    defined: DefinedMember | None = None


def seen_of(asked: Asked, mirror: str) -> MemberSeen:
    """Return a member as it is shown; `mirror` is the one that it should belong to."""
    statement, error, defined = asked.statement, asked.error, asked.defined
    seen = MemberSeen(
        name=asked.name,
        instance=defined.name if defined else "",
        role=defined.role if defined else MemberRole.UNKNOWN,
        address=asked.place,
        tls=bool(asked.login.tls),
        configured=asked.configured,
        defined=defined.addresses if defined else None,
    )
    if statement is None:
        reason = _shortened(error.message, asked) if error else _("not asked")
        elsewhere = _("say host = … in [member.{name}], if this address is private to the mirror")
        hint = error.hint if error and asked.configured else elsewhere.format(name=seen.name)
        return _failed(seen, reason, hint)
    if not asked.configured and defined and statement.instance not in ("", defined.name):
        return _failed(
            seen,
            _("{name} answers at this address").format(name=statement.instance),
            _("say in the settings where {name} is reached").format(name=defined.name),
        )
    seen = msgspec.structs.replace(
        seen,
        instance=statement.instance or seen.instance,
        role=statement.role,
        status=statement.status,
        mirror=statement.mirror,
        release=statement.release,
    )
    if statement.mirror.casefold() != mirror.casefold():
        return _failed(
            msgspec.structs.replace(seen, role=MemberRole.UNKNOWN),
            _("belongs to the mirror {mirror}").format(mirror=statement.mirror),
            _("give it the right [mirror.NAME] in the settings"),
        )
    return seen


def _failed(seen: MemberSeen, reason: str, hint: str) -> MemberSeen:
    return msgspec.structs.replace(seen, reason=reason, hint=hint)


def _shortened(message: str, asked: Asked) -> str:
    """Return an error without the name and address that stand beside it anyway."""
    begin = rf"(?:{re.escape(asked.name)} )?\(?{re.escape(asked.place)}\)?: |{re.escape(asked.name)}: "
    return re.sub(f"^(?:{begin})", "", message)


def without_doubles(members: list[MemberSeen]) -> list[MemberSeen]:
    """Mark a member that is reached under two names, as happens with a virtual address."""
    first: dict[str, str] = {}
    found = []
    for member in members:
        if member.answered and member.instance and member.instance in first:
            found.append(
                _failed(
                    msgspec.structs.replace(member, role=MemberRole.UNKNOWN),
                    _("{instance} answers here, as at {other}").format(
                        instance=member.instance, other=first[member.instance]
                    ),
                    _("give each member its own address, not the virtual one of the mirror"),
                )
            )
            continue
        if member.answered:
            first[member.instance] = member.name
        found.append(member)
    return found


def problem_of(members: list[MemberSeen], asked: list[Asked]) -> DriftsyncError | None:
    """Return why these members have no primary, or more than one."""
    primaries = [member.name for member in members if member.role is MemberRole.PRIMARY]
    if len(primaries) == 1:
        return None
    silent = _("no answer")
    said = ", ".join(f"{each.name} {each.status if each.answered else silent}" for each in members)
    if primaries:
        return PrimaryError(
            _("several members say that they are the primary: {said}").format(said=said),
            hint=_(
                "they may be of different mirrors, or their mirror has come apart: look at the Mirror Monitor of each"
            ),
        )
    if not any(each.statement for each in asked):
        errors = [each.error for each in asked if each.error]
        return (
            errors[0]
            if len(errors) == 1
            else MirrorError(_("none of the members could be asked"), hint=_("the reason stands beside each"))
        )
    return PrimaryError(
        _("no member says that it is the primary: {said}").format(said=said),
        hint=_("the primary may be the one that does not answer, or the mirror is switching over; try again"),
    )
