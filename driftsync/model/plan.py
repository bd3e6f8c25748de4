"""This module holds what is to be done about a drift, and what was done: `Plan`, `Action`, `Withheld`, `Conflict`, `Run`.

A plan is made from one drift and read by three: whoever decides reads it, `rendering` writes it as text for somebody
else to run, `applying` carries it out. All of them read the same actions, and none of them looks at the drift again.

**Values.** `sets` and `before` hold properties by the name that IRIS gives them and values in the one spelling that
`normalize` gives their shape: a flag is true or false, a bit mask one number, a set a sorted list, pairs are name →
letters (`{"%DB_APP": "RW"}`), records are name → value, `$HOROLOG` is ISO 8601, a time of day `HH:MM:SS`. A path is
already one of the *member's* own host. `None` means that the property is empty or absent. The declaration of the kind
(`driftsync.kinds.declaration`) tells the shape, so a writer can turn the value into what its route takes.

**Secrets.** No value of a secret stands anywhere in a plan. An action names the properties in `secrets`; who applies it
reads them from the primary at that moment and carries them in memory, who renders it writes a placeholder.
"""

from __future__ import annotations

from enum import Enum

import msgspec

from driftsync.model.drift import Difference
from driftsync.model.item import Value
from driftsync.model.member import MemberRole
from driftsync.model.night import Origin
from driftsync.model.snapshot import Gap


class Hazard(Enum):
    """What somebody must know before an action is carried out; allowed by these names."""

    LOCKS_OUT = "locks-out"
    """Somebody who is not protected loses the login. Of a protected principal such a plan is never made."""
    REMOVES_ACCESS = "removes-access"
    GRANTS_ACCESS = "grants-access"
    AT_ONCE = "takes-effect-at-once"
    NEEDS_RESTART = "needs-restart"
    NEEDS_SECRET = "needs-secret"  # noqa: S105 - a word of the vocabulary
    """A secret must be carried, or what is made does not work until somebody supplies it."""
    NO_WAY_BACK = "cannot-be-undone"
    """A secret is replaced, or a thing deleted that no class API makes again as it was."""
    AGENT_AT_WORK = "agent-at-work"
    """Of the plan as a whole: the Mirror Monitor Agent may have steps pending on the member, which no client can see."""
    UNSEEN_MEMBER = "unseen-member"
    """Of the plan as a whole: a member of the mirror could not be asked whether it is a primary too."""

    @property
    def of_whole(self) -> bool:
        """Say whether it belongs to the moment and not to a step: applied only where it was allowed by its name."""
        return self in {Hazard.AGENT_AT_WORK, Hazard.UNSEEN_MEMBER}

    @property
    def narrows(self) -> bool:
        """Say whether something is taken away that an account may need to get in."""
        return self in {Hazard.LOCKS_OUT, Hazard.REMOVES_ACCESS}


class Sort(Enum):
    """What an action does to its item, with the sign under which it is shown."""

    CREATE = "create"
    CHANGE = "change"
    DELETE = "delete"

    @property
    def sign(self) -> str:
        return {"create": "+", "change": "~", "delete": "-"}[self.value]


class _About(msgspec.Struct, frozen=True, kw_only=True):
    """What an action and what was withheld have in common: which item, and what it would become."""

    sort: Sort
    kind: str
    key: str
    """As it is spelled: `web-application:/csp/Ward`."""
    namespace: str = ""
    identity: dict[str, str] = {}
    """The properties that name the item, as spelled and without any escape: `{"Namespace": "APP", "Name": "Order(1)"}`."""
    sets: dict[str, Value] = {}
    """What to write. Of something new all that the primary states, of a change only what differs, of a deletion nothing."""
    before: dict[str, Value] = {}
    """What was there: of a change for exactly the properties in `sets`, of a deletion everything that was compared."""
    secrets: list[str] = []
    """Properties that differ (or are new) and hold a secret: carried from the primary, never written down."""


class Action(_About, frozen=True, kw_only=True):
    """One step, in the order of the plan. What is in `sets` is all that it may write."""

    number: int
    """From 1, in the order in which they are carried out."""
    digest_before: str
    """`files.digest_of_item` of the member's item when the plan was made; empty where it was not there.

    Whoever writes reads the item again and refuses to go on where this digest has changed.
    """
    digest_rule: str = ""
    """The same of the primary's item; empty where it was not there. What has changed there since is no longer brought."""
    after: list[int] = []
    """Numbers of the actions that must have been carried out before this one; they are always smaller."""
    hazards: list[Hazard] = []
    note: str = ""
    """A sentence for whoever reads it (a new task is created suspended); empty where nothing is to be said."""


class Withheld(_About, frozen=True, kw_only=True):
    """A difference, or some properties of one, for which there is no action: why, and which way would work."""

    reason: str
    do: str
    """What to do instead, with the route or the page of the portal that would work."""
    properties: list[str] = []
    """The properties it is about; empty where it is about the item as a whole."""
    rendered: bool = False
    """Whether a rendering shows it for somebody else to carry out; `sets` and `before` are then as in an action."""
    needs: Hazard | None = None
    """The hazard that, once allowed by its name, turns it into an action; `None` where nothing does."""
    pending: bool = False
    """Whether it waits for a release: a task that an action creates suspended and somebody has to resume."""


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """A difference that says nothing of who is right: never written unless somebody names its key."""

    difference: Difference
    """With both values, and in `edited` who changed it when, as far as IRIS knows."""
    origin: Origin
    reason: str
    do: str


class PlannedFor(msgspec.Struct, frozen=True, kw_only=True):
    """One side of a plan: who it was, and what was read of it."""

    name: str
    role: MemberRole
    instance: str = ""
    """The mirror member name as the instance states it."""
    guid: str = ""
    """The GUID by which the mirror knows it; empty where it could not be read, and then nothing may be applied."""
    taken_at: str
    digest: str
    """Of the whole snapshot: what was compared of every item."""


class Epoch(msgspec.Struct, frozen=True, kw_only=True):
    """What must still be so before each write: the roles have not moved since the plan was made. Empty: not known."""

    primary_status: str = ""
    """`$SYSTEM.Mirror.GetStatus()` of the primary: `PRIMARY`."""
    member_status: str = ""
    """That of the member: `BACKUP`, `CONNECTED` …"""
    became_primary: str = ""
    """When the primary last wrote *Becoming primary* into its messages.log, ISO 8601, as the log has it."""


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What the user asked for: the scope of a plan, and what was allowed by name."""

    kinds: list[str] = []
    items: list[str] = []
    allow: list[Hazard] = []
    prune: list[str] = []
    prune_limit: int = 10
    """How many items one plan may delete; more, and it deletes none."""
    overwrite: list[str] = []
    keep: list[str] = []
    adopt: list[str] = []
    include_secrets: bool = False
    """Whether secrets may be carried from the primary; otherwise what needs one is withheld."""
    to_primary: bool = False
    """Whether the member that is written to is the present primary, and that was said."""


class Plan(msgspec.Struct, frozen=True, kw_only=True, tag_field="format", tag="driftsync-plan"):
    """All that is to be done to one member, in order, sealed with what it was made from."""

    format_version: int
    driftsync: str
    id: str
    """Random; a plan is used once, and this is what is remembered of it."""
    created_at: str
    """UTC, ISO 8601."""
    expires_at: str
    mirror: str
    mirror_guid: str
    """Empty where it could not be read, and then nothing may be applied."""
    primary: PlannedFor
    """Whose items are the rule."""
    member: PlannedFor
    """Who is written to."""
    epoch: Epoch
    terms: Terms
    complete: bool
    """Whether all that the plan is about was read."""
    gaps: list[Gap] = []
    """What was not, and why: there may be more to do, and nothing is deleted on the strength of it."""
    actions: list[Action]
    withheld: list[Withheld]
    conflicts: list[Conflict]
    beside: list[Hazard] = []
    """Hazards of the plan as a whole; each has its sentence among `warnings`, and is refused unless `terms` allow it."""
    warnings: list[str] = []
    """What is not about one item: rights that somebody loses, a name that fits nothing."""
    seal: str = ""
    """HMAC-SHA-256 with a key derived from the state key, over everything above; empty while it is not sealed."""

    @property
    def hazards(self) -> list[Hazard]:
        """The hazards of all actions and of the whole, each once, worst first."""
        there = {hazard for action in self.actions for hazard in action.hazards} | {*self.beside}
        return [hazard for hazard in Hazard if hazard in there]


class StepState(Enum):
    """How far one action of a run has come. Written to the journal, and to the disk, before what it speaks of is done."""

    PLANNED = "planned"
    SENDING = "sending"
    """The call is about to be made: after a crash the item itself has to say whether it was."""
    WRITTEN = "written"
    VERIFIED = "verified"
    """Read again, and as it was wanted."""
    FAILED = "failed"
    REVERTED = "reverted"

    @property
    def final(self) -> bool:
        return self in {StepState.VERIFIED, StepState.FAILED, StepState.REVERTED}


class StepOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to one action."""

    number: int
    key: str
    sort: Sort
    state: StepState
    at: str
    """When it came into this state, UTC, ISO 8601."""
    reason: str = ""
    """Why it failed, or why it was reverted."""


class RunState(Enum):
    """What became of a run as a whole."""

    RUNNING = "running"
    """Or its process died: `sync --resume` or `rollback` brings it to an end."""
    DONE = "done"
    UNCONFIRMED = "unconfirmed"
    """Done, and taken back by the member itself unless it is confirmed in time."""
    CONFIRMED = "confirmed"
    """Done, and confirmed in time: nothing waits on the member any more."""
    RECALLED = "recalled"
    """Not confirmed in time, and taken back by the member: its items were read and are as before."""
    FAILED = "failed"
    REVERTED = "reverted"

    @property
    def is_back(self) -> bool:
        """Say whether what the run did was taken back."""
        return self in {RunState.REVERTED, RunState.RECALLED}

    @property
    def wanted(self) -> StepState:
        """Return how far each step has come where nothing is left of such a run."""
        return StepState.REVERTED if self.is_back else StepState.VERIFIED


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One plan being carried out: each step, and what still differed afterwards."""

    format_version: int
    driftsync: str
    id: str
    plan: str
    """The id of the plan."""
    mirror: str
    member: str
    state: RunState
    started_at: str
    ended_at: str = ""
    confirm_by: str = ""
    """Until when it has to be confirmed, UTC, ISO 8601; empty where nothing on the member waits to take it back."""
    confirm_task: str = ""
    """The key of the task that waits on the member: no drift, and gone once the run is confirmed or taken back."""
    outcomes: list[StepOutcome]
    remaining: list[str] = []
    """Keys that differ after the run although it was to mend them."""
    compared_again: bool = False
    """Whether the member was read again at the end; without that nothing is proven."""
