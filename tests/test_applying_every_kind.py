"""Every kind that is written, every property of it, every way to differ: planned, applied, proven, and taken back.

Many items that differ are planted at once, so that one plan and one reading prove all of them. The suite runs a part of
every kind on one release; all of it on every release is a soak (`make soak`).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from driftsync.comparing import compare
from driftsync.errors import PlanRefusedError
from driftsync.kinds import all_kinds, parse_key
from driftsync.kinds.making import key_of
from driftsync.kinds.spec import Kind, Shape, Treat
from driftsync.kinds.written import ByObject
from driftsync.lab.instance import SimulatedInstance, SimulatedMirror
from driftsync.lab.scenarios import build
from driftsync.model import Changed, Drift, Extra, Hazard, Missing, Plan, RunState, Snapshot, Sort, StepState
from tests.live import BACKUP, PRIMARY, PROFILES, compared, member_of
from tests.sweeping import EXTRA, MISSING, ONCE, SECRET, Probe, everybody_was_here, named, plant, probes, ways
from tests.test_applying import Pair, planned, serving

WRITTEN = [kind for kind in all_kinds().values() if kind.written is not None]
ROUNDS = 11
"""In how many ways an item can differ that is there only once; asserted below."""

AUDITED = "never switches off what is audited"
NOT_KNOWN = "which one belongs here is not known"
NOT_SEEN = "was not seen"
MEMORY = "memory"
LEFT = {
    ("audit-event", EXTRA): AUDITED,
    ("audit-event", "Enabled"): AUDITED,
    ("device", MISSING): NOT_KNOWN,
    ("licence-server", MISSING): NOT_KNOWN,
    ("magnetic-tape", MISSING): NOT_KNOWN,
    ("ldap-configuration", EXTRA): "deletes the users that came from it",
    ("file", MISSING): "only a hash is read",
    ("file", EXTRA): "only a hash is read",
    ("instance-setting", "config/MaxServerConn"): MEMORY,
    ("instance-setting", "config/MaxServers"): MEMORY,
    ("instance-setting", "config/bbsiz"): MEMORY,
    ("instance-setting", "config/locksiz"): MEMORY,
    ("instance-setting", "config/memlock"): MEMORY,
    ("instance-setting", "config/zfheap"): MEMORY,
    ("instance-setting", "Journal/AlternateDirectory"): NOT_SEEN,
    ("instance-setting", "Journal/CurrentDirectory"): NOT_SEEN,
    ("instance-setting", "Startup/DefaultPort"): NOT_SEEN,
    ("instance-setting", "Startup/WebServerPort"): NOT_SEEN,
    ("instance-setting", "Telnet/Port"): NOT_SEEN,
    ("oauth2-client", "ClientId"): "the server gave out both when the client was registered",
    ("user", "HOTPKey"): "a secret that no route of this tool carries",
}
"""Kind with property, setting or sort of item → words of the planner's reason to leave it: nothing else of all that is planted."""


NOT_THERE = {
    "language-server": {
        "BindToIPAddress": "from 2025.3",
        "BindToIPAddresses": "from 2025.3",
    },
    "web-application": {"TraceEnabled": "in no release that the lab has facts of"},
}
"""Kind → property → why no member of the lab has it."""

UNSEEN = {("service", "Description"): "the product fills it in, in its own language, for what it ships"}
"""What may differ without being drift."""


OWN = {
    ("global-mapping", "LockDatabase"): "what follows the database on one may be stated on the other",
    ("oauth2-client", "ServerDefinition"): "each instance has its own number of the same description",
    ("task", "RunAfter"): "each instance has its own identifier of the same task",
}
"""What two records hold differently although it is the same."""


@cache
def sweep(profile: str, way: int) -> tuple[Probe, ...]:
    return tuple(probe for kind in WRITTEN for probe in probes(kind, profile, way))


def key(probe: Probe) -> str:
    return key_of(all_kinds()[probe.kind], dict(probe.names)).match


def planted(profile: str, chosen: Iterable[Probe]) -> SimulatedMirror:
    mirror = build("clean", profile)
    for name in (PRIMARY, BACKUP):
        instance = member_of(mirror, name)
        everybody_was_here(instance)
        for probe in chosen:
            plant(instance, probe, probe.primary if name == PRIMARY else probe.member)
    return mirror


def all_is_mended_and_taken_back(profile: str, chosen: tuple[Probe, ...], folder: Path) -> None:
    with serving(Pair(planted(profile, chosen), folder, kinds=())) as pair:
        drift = compare(pair.rule, pair.before)
        what_was_planted_is_seen(chosen, drift)
        made = planned(pair.rule, pair.before)
        nothing_is_left_out(chosen, drift, made)

        carried = pair.apply(made)
        failed = [
            (each.key, each.reason) for each in carried.run.outcomes if each.state is not StepState.VERIFIED
        ]
        assert failed == []
        assert (carried.run.state, carried.writes, pair.primary.writes.total) == (
            RunState.DONE, len(made.actions), 0,
        )  # fmt: skip
        after = pair.read(pair.member)
        assert {each.key for each in compare(pair.rule, after).differences} <= {
            each.key for each in made.withheld
        }
        assert planned(pair.rule, after).actions == []
        the_lab_holds_what_the_primary_holds(chosen, made, pair.primary, pair.member)

        pair.member.writes.reset()
        with pytest.raises(PlanRefusedError, match="is left to be done"):
            pair.apply(made)
        assert pair.written == 0

        returned = pair.roll_back(carried.run.id).run
        print(  # noqa: T201 - the numbers of the sweep
            f"{profile}: {len({each.kind for each in made.actions})} kinds, {len(drift.differences)} differences, "
            f"{len(made.actions)} steps, {len(made.withheld)} withheld"
        )
        what_did_not_come_back_was_told_before(made, returned.outcomes, pair.before, pair.read(pair.member))


def what_was_planted_is_seen(chosen: Iterable[Probe], drift: Drift) -> None:
    found = {parse_key(each.key).match: each for each in drift.differences}
    unseen = []
    for probe in chosen:
        difference = found.get(key(probe))
        if not probe.changes:
            sort = Missing if probe.member is None else Extra
            unseen += [] if isinstance(difference, sort) else [key(probe)]
        else:
            seen = (
                {each.property for each in difference.changes} if isinstance(difference, Changed) else set()
            )
            unseen += [
                f"{key(probe)} {name}: {each.what}"
                for name, each in probe.changes.items()
                if name not in seen and (probe.kind, name) not in UNSEEN
            ]
    assert unseen == [], "\n".join(unseen)


def nothing_is_left_out(chosen: Iterable[Probe], drift: Drift, made: Plan) -> None:
    assert made.conflicts == []
    for each in made.withheld:
        one = parse_key(each.key)
        sort = {Sort.CREATE: MISSING, Sort.DELETE: EXTRA}.get(each.sort, f"{one.namespace}/{one.identity}")
        for name in each.properties or [sort]:
            why = LEFT.get((each.kind, name), "that it is left is told in this test")
            assert why in each.reason, f"{each.key} {name}"
            assert each.do
    steps = {
        (parse_key(each.key).match, name) for each in made.actions for name in (*each.sets, *each.secrets)
    }
    steps |= {(parse_key(each.key).match, "") for each in made.actions if each.sort is not Sort.CHANGE}
    parts = {(parse_key(each.key).match, name) for each in made.withheld for name in each.properties}
    whole = {parse_key(each.key).match for each in made.withheld if not each.properties}
    for probe in chosen:
        for name in probe.changes or [""]:
            assert key(probe) in whole or (key(probe), name) in steps | parts or (probe.kind, name) in UNSEEN


def the_lab_holds_what_the_primary_holds(
    chosen: Iterable[Probe], made: Plan, primary: SimulatedInstance, member: SimulatedInstance
) -> None:
    """Look into the records themselves: what reads and what writes might make the same mistake."""
    withheld = {
        (parse_key(each.key).match, name) for each in made.withheld for name in each.properties or [""]
    }
    for probe in chosen:
        for name, changing in probe.changes.items():
            if {(key(probe), name), (key(probe), "")} & withheld or (probe.kind, name) in UNSEEN | OWN:
                continue
            records = [record(one, probe, changing.class_name) for one in (primary, member)]
            if changing.part:
                records = [each[changing.part] for each in records]
            theirs, own = (each.get(changing.stored) for each in records)
            declared = all_kinds()[probe.kind].declared(name)
            if declared and declared.shape is Shape.SET and isinstance(theirs, str):
                theirs, own = (str(each).split(declared.separator) for each in (theirs, own))
            assert plain(theirs) == plain(own), f"{key(probe)} {name}"


def plain(value: object) -> object:
    """Return a raw value so that one of nothing, the slash behind a directory and the order of a set make no difference."""
    if isinstance(value, list):
        return sorted(
            f"{each['Name']}:{each['Permission']}" if isinstance(each, dict) else str(each) for each in value
        )
    if isinstance(value, bytes):  # a list of IRIS is bytes or their characters
        return value.decode("latin-1")
    return value.rstrip("/") if isinstance(value, str) else value or ""


def record(instance: SimulatedInstance, probe: Probe, class_name: str) -> dict[str, object]:
    if class_name == "SYS.Database":
        return instance.where(class_name, Directory=f"/data/{probe.names['Name'].lower()}/")
    if probe.kind in ONCE:
        return instance.where(class_name)
    names = {name: value for name, value in named(probe).items() if name != "Set"}
    return instance.where(class_name, **names)


def what_did_not_come_back_was_told_before(
    made: Plan, outcomes: Iterable[object], before: Snapshot, now: Snapshot
) -> None:
    told = {each.key for each in made.actions if Hazard.NO_WAY_BACK in each.hazards}
    failed = {each.key: each.reason for each in outcomes if each.state is not StepState.REVERTED}
    assert failed.keys() <= told
    assert all("cannot be undone" in reason or "made again, but not" in reason for reason in failed.values())
    former, present = compared(before), compared(now)  # an absent value is that which it stands for
    changed = {
        each.key for each in compare(before, now).differences if former.get(each.key) != present.get(each.key)
    }
    assert {parse_key(each).match for each in changed} == {parse_key(each).match for each in failed}


def in_part(profile: str) -> tuple[Probe, ...]:
    """Return one item of each kind in each of the three sorts, and some settings."""
    found: dict[tuple[str, str], Probe] = {}
    settings = 0
    for probe in sweep(profile, 0):
        if probe.kind == "instance-setting":
            settings += 1
            found[probe.kind, str(settings // 12)] = probe
        elif not any(each.what == SECRET for each in probe.changes.values()):
            sort = "changed" if probe.changes else MISSING if probe.member is None else EXTRA
            found.setdefault((probe.kind, sort), probe)
    return tuple(found.values())


def test_every_kind_is_mended_and_taken_back(tmp_path: Path) -> None:
    chosen = in_part("2025.2")
    assert {probe.kind for probe in chosen} == {kind.name for kind in WRITTEN}
    all_is_mended_and_taken_back("2025.2", chosen, tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("way", range(ROUNDS))
def test_every_property_is_mended_and_taken_back(profile: str, way: int, tmp_path: Path) -> None:
    chosen = tuple(probe for probe in sweep(profile, way) if way == 0 or probe.kind in ONCE)
    all_is_mended_and_taken_back(profile, chosen, tmp_path)


@pytest.mark.parametrize("name", [kind.name for kind in WRITTEN])
def test_every_way_to_differ_has_a_probe(name: str) -> None:
    kind = all_kinds()[name]
    assert ways(kind, "2025.2") <= ROUNDS
    found = [probe for way in range(ways(kind, "2025.2")) for probe in probes(kind, "2025.2", way)]
    sorts = {"changed" if each.changes else MISSING if each.member is None else EXTRA for each in found}
    made = name not in ONCE and (not isinstance(kind.written, ByObject) or bool(kind.written.creates))
    assert sorts >= ({MISSING, EXTRA} if made else {"changed"})
    assert {name for each in found for name in each.changes} >= {
        each.name for each in kind.properties if each.treat is Treat.COMPARE and each.name not in never(kind)
    }


def never(kind: Kind) -> set[str]:
    """Return the properties that are not written on the newest release of the lab."""
    forms = [kind.written, *kind.written.beside.values()] if isinstance(kind.written, ByObject) else []
    left = {name for form in forms for name in form.leaves}
    return {*left, *kind.identity.properties, *NOT_THERE.get(kind.name, {})}
