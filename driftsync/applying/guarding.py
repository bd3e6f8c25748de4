"""This module looks again before each write: who is primary, whether the member still follows it, and the item itself.

Whatever is not as it was when the plan was made stops the run before the write, not after it (mirror.md 4).
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from driftsync.applying.failures import Stopped
from driftsync.connections import ObjectHandle
from driftsync.connections.asking import MIRROR, Statement, ask
from driftsync.connections.failures import CallFailed
from driftsync.errors import MirrorError
from driftsync.extracting.config import by_list
from driftsync.extracting.logs import EVENTS, observe_log
from driftsync.extracting.permitted import why
from driftsync.extracting.reach import Reach
from driftsync.extracting.single import SingleReader, Unreadable
from driftsync.files import digest_of_item
from driftsync.kinds import all_kinds
from driftsync.kinds.live import ClassQuery
from driftsync.kinds.written import in_cpf
from driftsync.language import english as _
from driftsync.logs.patterns import BECAME_PRIMARY
from driftsync.model import Action, MemberRole, Plan, PlannedFor
from driftsync.statuses import journal_transfer_of, state_of

UNSETTLED = timedelta(hours=2)
"""How long after it became primary nobody takes a member's configuration for the rule (mirror.md 4)."""
MEMBERS = ClassQuery("SYS.Mirror", "MemberStatusList", ("", 0))
FRESH_SECONDS = 1.0
"""How old the answer that a backup is Active may be when something is written to it: it costs two round trips."""
FOLLOWING = {MemberRole.BACKUP: "BACKUP", MemberRole.PRIMARY: "PRIMARY"}
"""What `GetStatus` says of a member in order; an async is `CONNECTED`."""


@dataclass
class Side:
    """One of the two members of a run, as it says itself what it is."""

    name: str
    reach: Reach
    mirror: str = ""
    status: str = ""

    def state(self) -> str:
        """Ask for the status code once more."""
        arguments = (self.mirror,) if self.mirror else ()
        return str(self.reach.connection.call(MIRROR, "GetStatus", *arguments).value)


class Guard:
    """Stands before each write of one run."""

    def __init__(self, plan: Plan, member: Side, primary: Side, reader: SingleReader) -> None:
        self._plan, self._member, self._primary, self._reader = plan, member, primary, reader
        self._active_at = -math.inf

    def look_first(self, *, unsettled: timedelta = UNSETTLED) -> None:
        """Compare both members with the plan, once, before anything is written. Raises `Stopped`."""
        for side, planned in ((self._member, self._plan.member), (self._primary, self._plan.primary)):
            said = self._said(side)
            side.mirror, side.status = said.mirror, said.status
            if said.role is not planned.role:
                raise Stopped(
                    _("{member} is no longer what it was: {before} when the plan was made, now {now}").format(
                        member=side.name, before=planned.role.value, now=said.role.value
                    ),
                    hint=_("make a new plan: what is right may have changed sides"),
                )
            if planned.instance and said.instance and planned.instance != said.instance:
                raise Stopped(
                    _("{member} is another instance: {before} when the plan was made, now {now}").format(
                        member=side.name, before=planned.instance, now=said.instance
                    ),
                    hint=_("check the address of this member in the settings"),
                )
            self._must_be_the_same(side, planned)
        self._roles()
        self._journal_transfer()
        newest = self._member if self._plan.terms.to_primary else self._primary
        self._settled(newest, unsettled)

    def before(self, action: Action, *, digest: str | None = None) -> ObjectHandle | None:
        """Look again before one write; return the item's object where looking opened it. Raises `Stopped`."""
        self._roles()
        self._journal_transfer()
        self.configuration(action)
        return self._item(action, action.digest_before if digest is None else digest)

    def configuration(self, action: Action) -> None:
        """Raise `Stopped` where the configuration may not be written to: somebody edited the CPF and left it so."""
        if in_cpf(all_kinds()[action.kind].iris_class):
            self.cpf()

    def cpf(self) -> None:
        """Raise `Stopped` where the CPF was edited and awaits activation."""
        connection = self._member.reach.connection
        needs = str(connection.call("Config.CPF", "CPFFileNeedsActivation").value)
        if needs not in {"0", "False", ""}:
            raise Stopped(
                _("{member}: its CPF was edited and awaits activation").format(member=self._member.name),
                hint=_("activate or take back that edit first: a write would bring it to life as well"),
            )

    def _said(self, side: Side) -> Statement:
        try:
            return ask(side.reach.connection, self._plan.mirror, with_definition=False)
        except (CallFailed, MirrorError) as error:
            raise Stopped(
                _("{member}: what it is in its mirror could not be read: {why}").format(
                    member=side.name, why=why(error)
                )
            ) from error

    def _must_be_the_same(self, side: Side, planned: PlannedFor) -> None:
        """Raise `Stopped` unless mirror and member have the GUIDs that they had; what is not known is not the same."""
        rows = (
            (self._plan.mirror_guid, "Config.Mirrors", (side.mirror,)),
            (planned.guid, "Config.MapMirrors", (side.mirror, planned.instance)),
        )
        for wanted, class_name, key in rows:
            try:
                now = str(by_list(side.reach, class_name, *key).get("GUID") or "")
            except (CallFailed, ValueError):
                now = ""
            if not wanted or now.upper() != wanted.upper():
                raise Stopped(
                    _(
                        "{member}: that it is the member of the mirror that the plan is for could not be shown"
                    ).format(member=side.name),
                    hint=_(
                        "make the plan from running members, with an account that may read the mirror's definition"
                    ),
                )

    def _roles(self) -> None:
        epoch = self._plan.epoch
        for side, planned, role in (
            (self._primary, epoch.primary_status, self._plan.primary.role),
            (self._member, epoch.member_status, self._plan.member.role),
        ):
            before, now = planned or FOLLOWING.get(role, "CONNECTED"), side.state()
            if now != before:
                raise Stopped(
                    _("{member} is {now} and was {before} when the plan was made").format(
                        member=side.name, now=now, before=before
                    ),
                    hint=_("wait until the mirror is quiet, then make a new plan"),
                )

    def _journal_transfer(self) -> None:
        """Raise `Stopped` where a backup is not *Active* in the primary's list of members, by an answer just given."""
        if (
            self._plan.member.role is not MemberRole.BACKUP
            or time.monotonic() - self._active_at < FRESH_SECONDS
        ):
            return
        rows = self._primary.reach.connection.query(f"SELECT * FROM {MEMBERS}").records()  # noqa: S608 - of this module
        row = next((each for each in rows if each.get("MemberName") == self._plan.member.instance), {})
        lag = journal_transfer_of(row.get("JournalTimeLatency") or row.get("JournalLatency"))
        state = lag.code if lag else state_of(row.get("CurrentStatus"))
        if state != "ACTIVE" or state_of(row.get("CurrentStatus")) not in {None, "ACTIVE"}:
            raise Stopped(
                _("{member} is not Active in journal transfer: {status}").format(
                    member=self._member.name, status=row.get("CurrentStatus") or "?"
                ),
                hint=_(
                    "a backup that lags or is in trouble has other worries: apply when it is Active again"
                ),
            )
        self._active_at = time.monotonic()

    def _settled(self, primary: Side, unsettled: timedelta) -> None:
        """Raise `Stopped` where the primary has become that only lately, or again since the plan was made."""
        if not unsettled:
            return  # a run that goes on, or is taken back, has looked before its first write
        since = datetime.now(timezone.utc) - unsettled
        planned = _moment(self._plan.created_at)
        told, untold = observe_log(primary.reach.connection, min(since, planned or since))
        if untold:
            raise Stopped(
                _("{member}: when it became primary cannot be read: {why}").format(
                    member=primary.name, why=untold[EVENTS]
                ),
                hint=_(
                    "let the account read messages.log there: nobody applies what a new primary has by mistake"
                ),
            )
        for event in told.get(EVENTS, []):
            if event.get("id") == BECAME_PRIMARY:
                raise Stopped(
                    _("{member} became primary only at {moment}").format(
                        member=primary.name, moment=event.get("last", "")
                    ),
                    hint=_(
                        "look first whether it had all that the primary before it had, then make a new plan"
                    ),
                )

    def _item(self, action: Action, expected: str) -> ObjectHandle | None:
        kind = all_kinds()[action.kind]
        try:
            seen = self._reader.one(kind, action.identity, absent=not expected)
            if digest_of_item(seen.item) == expected:
                return seen.handle
        except Unreadable:
            pass
        try:
            item = self._reader.whole(kind).get(self._reader.key(kind, action.identity))
        except Unreadable as error:
            raise Stopped(
                _("{key} could not be read again: {why}").format(key=action.key, why=error.message)
            ) from error
        if digest_of_item(item) != expected:
            raise Stopped(
                _("{key} is no longer as it was when the plan was made").format(key=action.key),
                hint=_("somebody changed it meanwhile: make a new plan"),
            )
        return None


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)
