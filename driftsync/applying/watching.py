"""This module watches the mirror while a run goes on: roles, journal transfer, a second primary, and the epoch.

All of it is asked anew before each write, in as few round trips as it can be had honestly: one statement for the primary's
list of its members and the size of its log, in which *Becoming primary* would stand, and one call for the status of the
other side. Only where that log has grown is it read again. Further questions to the primary find room in that statement.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from driftsync.applying.failures import Stopped
from driftsync.connections.asking import MIRROR
from driftsync.connections.failures import CallFailed, ConnectionFailed
from driftsync.extracting.config import by_list
from driftsync.extracting.logs import EVENTS, log_of, observe_log
from driftsync.extracting.permitted import why
from driftsync.extracting.reach import Reach
from driftsync.extracting.together import Question, Rows, ask_together
from driftsync.extracting.values import MISREAD, as_text
from driftsync.kinds.live import ClassQuery
from driftsync.language import english as _
from driftsync.logs.patterns import BECAME_PRIMARY
from driftsync.model import Hazard, MemberRole, Plan
from driftsync.statuses import not_following, role_of, row_lag, state_of

PRIMARY, ACTIVE = "PRIMARY", "ACTIVE"
MOVING = frozenset({"TRANSITION", "SYNCHRONIZING"})
LIST = ClassQuery("SYS.Mirror", "MemberStatusList", ("", 0))
FOLLOWING = {MemberRole.BACKUP: "BACKUP", MemberRole.PRIMARY: PRIMARY}
"""What `GetStatus` says of a member in order; an async is `CONNECTED`."""
OTHERS_SECONDS = 1.0
"""How old what is known of third members may be; the primary's own list is always asked anew."""
WINDOW = timedelta(hours=1)
"""How far before the plan the log is read where only what happens from now on counts."""


CLOCKS = timedelta(minutes=10)
"""How much earlier than here it may be on a member: its log is read so much further back than to the plan."""


@dataclass
class Side:
    """A member, as it says itself what it is."""

    name: str
    reach: Reach
    instance: str = ""
    mirror: str = ""

    def state(self) -> str:
        """Ask for the status code once more."""
        arguments = (self.mirror,) if self.mirror else ()
        return str(self.reach.connection.call(MIRROR, "GetStatus", *arguments).value)


@dataclass
class MirrorWatch:
    """Knows who leads and who follows; every look raises `Stopped` where the mirror is not as it was."""

    plan: Plan
    member: Side
    rule: Side
    others: Sequence[Side] = ()
    """Further members of the mirror, as far as they can be asked."""
    silent: list[str] = field(default_factory=list)
    """Whom of the others nobody could ask."""
    _unseen: dict[str, str] = field(default_factory=dict)
    _taking_back: bool = False
    """What was done may be taken back although somebody is silent now: it was done before that."""
    _columns: tuple[str, ...] = ()
    """Those of the primary's list, once it was seen."""
    _apart: bool = False
    """Whether the primary does not take several questions in one statement."""
    _others_at: float = -math.inf
    _log: str = ""
    _size: str = ""
    _since: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    _became: tuple[str, ...] = ()

    @property
    def told(self) -> tuple[str, ...]:
        """Say of whom it was taken on trust that they are no primary, or is not known."""
        said = _("{member} did not answer: that it is no primary is known only from the lists of the others")
        trusted = () if self._unseen else tuple(said.format(member=name) for name in self.silent)
        return (*trusted, *(() if not self._unseen else (_unseen(self._unseen),)))

    @property
    def lead(self) -> Side:
        """The primary: the rule, unless the plan is for the primary itself."""
        return self.member if self.plan.terms.to_primary else self.rule

    @property
    def follower(self) -> Side:
        return self.rule if self.plan.terms.to_primary else self.member

    def begin(self, unsettled: timedelta | None) -> None:
        """Take the first look. `unsettled`: for how long a new primary is none; `None`, to take back, asks only from now on."""
        self._taking_back = unsettled is None
        self.look()
        created = _moment(self.plan.created_at) or datetime.now(timezone.utc)
        since = created - WINDOW if unsettled is None else datetime.now(timezone.utc) - unsettled
        self._since = min(since, created - CLOCKS)
        self._log = self._log_of_lead()
        self._size = self._size_of_log()
        self._became = self._became_primary()
        if unsettled is not None and self._became:
            raise Stopped(
                _("{member} became primary only at {moment}").format(
                    member=self.lead.name, moment=self._became[-1]
                ),
                hint=_("look first whether it had all that the primary before it had, then make a new plan"),
            )

    def look(self, beside: Sequence[Question] = ()) -> list[Rows] | None:
        """Look once: who is what by the primary's list and by each itself, and whether anybody became primary since.

        Returns the answers to what was to be asked `beside`; `None` where the primary does not take it in one statement.
        """
        rows, size, answers = self._asked(beside)
        self._lead_leads(rows.get(self.lead.instance.casefold(), {}))
        self._one_primary(rows)
        self._follower_follows(rows.get(self.follower.instance.casefold(), {}))
        if time.monotonic() - self._others_at >= OTHERS_SECONDS:
            self._others_do_not(rows)
            self._others_at = time.monotonic()
        if self._log and size != self._size:
            became = self._became_primary()
            if became != self._became:
                raise Stopped(
                    _("{member} became primary again at {moment}").format(
                        member=self.lead.name, moment=became[-1] if became else "?"
                    ),
                    hint=_("wait until the mirror is quiet, then make a new plan"),
                )
            self._size = size
        return answers

    def _asked(
        self, beside: Sequence[Question]
    ) -> tuple[Mapping[str, dict[str, Any]], str, list[Rows] | None]:
        """Return the primary's list, the size of its log, and the answers to what was to be asked beside."""
        if self._log and not self._apart:
            for more in (beside, ()) if beside else ((),):
                try:
                    listed, log, *answers = ask_together(
                        self.lead.reach.connection, (self._members(), self._file(), *more)
                    )
                    ((size,),) = log
                except (CallFailed, *MISREAD):
                    continue
                rows = [dict(zip(self._columns, row, strict=True)) for row in listed]
                return _by_name(rows), as_text(size), answers if more else None
            self._apart = True
        return self._rows(self.lead), self._size_of_log() if self._log else "", None

    def _members(self) -> Question:
        return Question(tuple(f'"{name}"' for name in self._columns), str(LIST))

    def _file(self) -> Question:
        """Return the question for the size of the log, by the list of its directory."""
        name = re.split(r"[/\\]", self._log)[-1]
        listed = ClassQuery("%Library.File", "FileSet", (self._log.removesuffix(name), name, "", 0))
        return Question(('"Size"',), str(listed))

    # -- roles -------------------------------------------------------------------------------------------------

    def _rows(self, side: Side) -> Mapping[str, dict[str, Any]]:
        try:
            found = side.reach.connection.query(f"SELECT * FROM {LIST}")  # noqa: S608 - of this module
        except CallFailed as error:
            raise Stopped(
                _("{member}: its list of the mirror's members could not be read: {why}").format(
                    member=side.name, why=why(error)
                )
            ) from error
        if side is self.lead:
            self._columns = found.columns
        return _by_name(found.records())

    def _lead_leads(self, row: Mapping[str, Any]) -> None:
        role, state = role_of(row.get("CurrentRole")), state_of(row.get("CurrentStatus"))
        if (role, state) == (PRIMARY, ACTIVE):
            return
        now = self.lead.state()  # in words that no table knows the list says nothing
        if now != PRIMARY:
            raise _moved(self.lead, PRIMARY, now)
        if state not in {None, ACTIVE}:
            raise Stopped(
                _("{member} is the primary, and in trouble: {status}").format(
                    member=self.lead.name, status=row.get("CurrentStatus")
                ),
                hint=_("wait until the mirror is quiet, then make a new plan"),
            )

    def _one_primary(self, rows: Mapping[str, Mapping[str, Any]]) -> None:
        for name, row in rows.items():
            if name != self.lead.instance.casefold() and role_of(row.get("CurrentRole")) == PRIMARY:
                raise _two(self.lead.name, str(row.get("MemberName")))

    def _follower_follows(self, row: Mapping[str, Any]) -> None:
        to_primary = self.plan.terms.to_primary
        planned = self.plan.primary if to_primary else self.plan.member
        epoch = self.plan.epoch
        before = (epoch.primary_status if to_primary else epoch.member_status) or FOLLOWING.get(
            planned.role, "CONNECTED"
        )
        now = self.follower.state()
        if now == PRIMARY:
            raise _two(self.lead.name, self.follower.name)
        if now != before:
            raise _moved(self.follower, before, now)
        if planned.role is not MemberRole.BACKUP:
            return
        lag, state = row_lag(row), state_of(row.get("CurrentStatus"))
        if (lag.code if lag else state) != ACTIVE or state not in {None, ACTIVE}:
            raise Stopped(
                _("{member} is not Active in journal transfer: {status}").format(
                    member=self.follower.name, status=row.get("CurrentStatus") or "?"
                ),
                hint=_(
                    "a backup that lags or is in trouble has other worries: apply when it is Active again"
                ),
            )

    def _others_do_not(self, rows: Mapping[str, dict[str, Any]]) -> None:
        """Ask third members whether they are a primary; of one that does not say so itself, both sides have to show it."""
        asked = [self.lead.instance, self.follower.instance]
        for other in self.others:
            state = self._said_by(other)
            if state == PRIMARY:
                raise _two(self.lead.name, other.name)
            if state in MOVING:
                raise Stopped(
                    _("{member} is {now}: the mirror is not at rest").format(member=other.name, now=state),
                    hint=_("wait until the mirror is quiet, then make a new plan"),
                )
            asked += [other.instance] if state else []
        if not {*rows} - {name.casefold() for name in asked}:
            return
        theirs: Mapping[str, dict[str, Any]] = {}
        with suppress(Stopped):  # then what it does not show counts as not shown
            theirs = self._rows(self.follower)
        self._one_primary(theirs)
        unseen = not_following((rows.values(), theirs.values()), asked)
        self._unseen |= unseen
        if unseen and not self._taking_back and Hazard.UNSEEN_MEMBER not in self.plan.terms.allow:
            raise Stopped(
                _unseen(unseen),
                hint=_(
                    "neither do they say so themselves, nor do both members list them as connected; a plan made with --allow unseen-member goes on nevertheless"
                ),
            )

    def _said_by(self, other: Side) -> str:
        """Return the status code of a third member, empty where it does not answer; it is asked for no second time then."""
        if other.name in self.silent:
            return ""
        try:
            state = other.state()
            if not other.instance:
                own = by_list(other.reach, "Config.MirrorMember")
                other.instance = str(own.get("SystemName") or "")
        except (CallFailed, ConnectionFailed, ValueError):
            self.silent.append(other.name)
            return ""
        return state

    # -- the epoch ---------------------------------------------------------------------------------------------

    def _log_of_lead(self) -> str:
        try:
            return log_of(self.lead.reach.connection)
        except (CallFailed, OSError) as error:
            raise self._unread(why(error)) from error

    def _size_of_log(self) -> str:
        try:
            answer = self.lead.reach.connection.call("%Library.File", "GetFileSize", self._log)
        except CallFailed as error:
            raise self._unread(why(error)) from error
        return as_text(answer.value)

    def _became_primary(self) -> tuple[str, ...]:
        """Return how often, and when last, the primary became that, as its log has it; nothing where it did not."""
        told, untold = observe_log(self.lead.reach.connection, self._since)
        if untold:
            raise self._unread(untold[EVENTS])
        found = next((each for each in told.get(EVENTS, []) if each.get("id") == BECAME_PRIMARY), None)
        return (str(found.get("count")), str(found.get("last"))) if found else ()

    def _unread(self, reason: str) -> Stopped:
        return Stopped(
            _("{member}: when it became primary cannot be read: {why}").format(
                member=self.lead.name, why=reason
            ),
            hint=_(
                "let the account read messages.log there: nobody applies what a new primary has by mistake"
            ),
        )


def _by_name(rows: Sequence[dict[str, Any]]) -> Mapping[str, dict[str, Any]]:
    return {str(row.get("MemberName") or "").casefold(): row for row in rows}


def _moved(side: Side, before: str, now: str) -> Stopped:
    return Stopped(
        _("{member} is {now} and was {before} when the plan was made").format(
            member=side.name, now=now, before=before
        ),
        hint=_("wait until the mirror is quiet, then make a new plan"),
    )


def _unseen(members: Mapping[str, str]) -> str:
    return _("whether these are a primary too could not be seen: {members}").format(
        members=", ".join(f"{name} ({status or '?'})" for name, status in members.items())
    )


def _two(one: str, other: str) -> Stopped:
    return Stopped(
        _("two members say that they are the primary: {one} and {other}").format(one=one, other=other),
        hint=_("let nobody write to either before it is settled which of them is right"),
    )


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)
