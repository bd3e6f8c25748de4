"""This module looks again before each write: whether the mirror is as it was (`watching`), the CPF, and both items.

Whatever is not as it was when the plan was made stops the run before the write, not after it (mirror.md 4).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import timedelta

from driftsync.applying.batching import batch_of, is_batched
from driftsync.applying.failures import Stopped
from driftsync.applying.watching import MirrorWatch, Side
from driftsync.connections import ObjectHandle
from driftsync.connections.asking import Statement, ask
from driftsync.connections.failures import CallFailed
from driftsync.errors import MirrorError
from driftsync.extracting.config import by_list
from driftsync.extracting.one_row import OneRow
from driftsync.extracting.permitted import why
from driftsync.extracting.reach import RouteClosed
from driftsync.extracting.single import SingleReader, Unreadable
from driftsync.extracting.together import Rows
from driftsync.files import digest_of_item
from driftsync.kinds import all_kinds
from driftsync.kinds.written import ByStatement
from driftsync.language import english as _
from driftsync.model import Action, Item, Plan, PlannedFor

UNSETTLED = timedelta(hours=2)
"""How long after it became primary nobody takes a member's configuration for the rule (mirror.md 4)."""
RULE_SECONDS = 10.0
"""How old the reading of the rule may be when one of many mappings or privileges is written: they are read all at once."""


def _read_all_at_once(action: Action) -> bool:
    """Say whether the rule's items of a kind are read together, every few seconds: there may be thousands."""
    return is_batched(action) or isinstance(all_kinds()[action.kind].written, ByStatement)


class Guard:
    """Stands before each write of one run."""

    def __init__(self, plan: Plan, watch: MirrorWatch, reader: SingleReader, model: SingleReader) -> None:
        self._plan, self._watch, self._reader, self._model = plan, watch, reader, model
        self._batch = ""
        self._by_itself: set[str] = set()
        """Kinds whose items are asked for apart from the mirror."""
        self._rule: dict[str, tuple[float, Mapping[str, Item]]] = {}

    def look_first(self, *, unsettled: timedelta | None = UNSETTLED) -> None:
        """Compare both members with the plan, once, before anything is written. Raises `Stopped`.

        `unsettled` is for how long a new primary is none; `None` leaves out since when it is one.
        """
        for side, planned in (
            (self._watch.member, self._plan.member),
            (self._watch.rule, self._plan.primary),
        ):
            said = self._said(side)
            side.mirror = said.mirror
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
            side.instance = planned.instance or said.instance
            self._must_be_the_same(side, planned)
        self._watch.begin(unsettled)

    def before(
        self, action: Action, *, digest: str | None = None, activate: bool = True, undoing: bool = False
    ) -> ObjectHandle | None:
        """Look again before one write; return the item's object where looking opened it. Raises `Stopped`.

        Where a step is taken back (`undoing`), what the rule has by now does not matter.
        """
        row = None if undoing else self._row_of_rule(action)
        answers = self._watch.look(row.questions if row else ())
        self.configuration(action, activate=activate)
        if not undoing:
            self._rule_stands(action, row, answers)
        return self._item(action, action.digest_before if digest is None else digest)

    def configuration(self, action: Action, *, activate: bool = True) -> None:
        """Raise `Stopped` where the configuration may not be written to: somebody edited the CPF and left it so.

        Of mappings that are only saved, to be activated together, it is asked before the first and before the activation:
        what lies between reaches neither the file nor the running instance.
        """
        if not all_kinds()[action.kind].iris_class.startswith("Config."):
            return
        batch = batch_of(action) if is_batched(action) and not activate else ""
        if not batch or batch != self._batch:
            self.cpf()
        self._batch = batch

    def cpf(self, *, of_rule: bool = False) -> None:
        """Raise `Stopped` where the CPF was edited and awaits activation: of the member, or of whose items are the rule."""
        side = self._watch.rule if of_rule else self._watch.member
        connection = side.reach.connection
        needs = str(connection.call("Config.CPF", "CPFFileNeedsActivation").value)
        if needs not in {"0", "False", ""}:
            raise Stopped(
                _("{member}: its CPF was edited and awaits activation").format(member=side.name),
                hint=_(
                    "what it has there is not settled yet: activate or take back that edit, then plan anew"
                )
                if of_rule
                else _("activate or take back that edit first: a write would bring it to life as well"),
            )

    def _row_of_rule(self, action: Action) -> OneRow | None:
        """Return how the rule's item is asked for in the statement about the mirror; `None` where it is asked for by itself."""
        kind = all_kinds()[action.kind]
        if (
            _read_all_at_once(action)
            or kind.name in self._by_itself
            or self._watch.lead is not self._watch.rule
        ):
            return None
        try:
            return self._model.row(kind, action.identity)
        except (CallFailed, RouteClosed):
            return None

    def _rule_stands(self, action: Action, row: OneRow | None, answers: list[Rows] | None) -> None:
        """Raise `Stopped` where the rule's item is another than when the plan was made."""
        kind = all_kinds()[action.kind]
        if row is not None and self._is_as_planned(action, row, answers):
            return
        if not _read_all_at_once(action):
            try:
                if digest_of_item(self._model.one(kind, action.identity).item) == action.digest_rule:
                    if row is not None:
                        self._by_itself.add(
                            kind.name
                        )  # a row of this kind does not show what its object does
                    return
                self._rule.pop(
                    kind.name, None
                )  # by itself it looks otherwise: so may it among all of them now
            except Unreadable:
                pass
        self.ruled(action)

    def _is_as_planned(self, action: Action, row: OneRow, answers: list[Rows] | None) -> bool:
        try:
            return answers is not None and (
                digest_of_item(self._model.of_row(row, answers)) == action.digest_rule
            )
        except Unreadable:
            return False

    def ruled(self, action: Action) -> None:
        """Raise `Stopped` where the rule's item was another when all of its kind were read, a few seconds ago at most."""
        kind = all_kinds()[action.kind]
        item = self.rules(action.kind).get(self._model.key(kind, action.identity))
        if digest_of_item(item) != action.digest_rule:
            raise Stopped(
                _("{key} was changed on {member} since the plan was made").format(
                    key=action.key, member=self._watch.rule.name
                ),
                hint=_("the plan would bring what is no longer so: make a new plan"),
            )

    def rules(self, name: str) -> Mapping[str, Item]:
        """Return the rule's items of a kind, read a few seconds ago at most. Raises `Stopped`."""
        at, items = self._rule.get(name, (0.0, {}))
        if name not in self._rule or time.monotonic() - at >= RULE_SECONDS:
            try:
                items = self._model.whole(all_kinds()[name])
            except Unreadable as error:
                raise Stopped(
                    _("{member}: the items of kind {kind} could not be read again: {why}").format(
                        member=self._watch.rule.name, kind=name, why=error.message
                    )
                ) from error
            self._rule[name] = (time.monotonic(), items)
        return items

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

    def _item(self, action: Action, expected: str) -> ObjectHandle | None:
        kind = all_kinds()[action.kind]
        try:
            seen = self._reader.one(kind, action.identity)
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
