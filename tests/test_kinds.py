"""This module walks tests/kinds/<kind>/<case>/: what IRIS returned on two members, and what driftsync says of it.

`case.json` holds the raw properties of each thing as an export or the driver gives them; `expected.json` holds the
drift, `plan.json` the plan, secrets shown as "<secret>". `--update-expected` rewrites the latter: reviewing that diff is the test.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from driftsync.comparing import Scope, compare
from driftsync.errors import PlanRefusedError
from driftsync.files import ENCODER, encode_item
from driftsync.fingerprinting import Fingerprinter
from driftsync.kinds import all_kinds
from driftsync.kinds.making import Maker, RawItem, moves_by_itself
from driftsync.kinds.settings_table import SETTINGS
from driftsync.kinds.spec import Kind, Property, Shape, Treat
from driftsync.model import FORMAT_VERSION, Coverage, Drift, Facts, Gap, Header, Member, MemberRole, Snapshot
from tests import planned

FOLDERS = Path(__file__).parent / "kinds"
CASES = sorted(file.parent.relative_to(FOLDERS).as_posix() for file in FOLDERS.glob("*/*/case.json"))
KINDS = sorted(all_kinds())
FINGERPRINTER = Fingerprinter(b"k" * 32)

SHOWN_OF_DIFFERENCE = ("type", "key", "severity", "product", "expected", "actual", "changes")
SHOWN_OF_NOTE = ("type", "key", "property", "text")
SHOWN_OF_GAP = ("member", "key", "property", "reason")

WHOLE_CASES = {"agreed": set(), "missing": {"missing"}, "extra": {"extra"}, "changed": {"changed"}}
OTHER_CASES = {"local": set(), "clash": {"clash"}, "secret": {"changed"}}
RENDERED = {"missing", "changed"}
"""Cases beside which stands what the renderings say of their plan."""
DELIVERED = {**WHOLE_CASES, **OTHER_CASES}
"""Case → the types of difference that its name promises; other names promise nothing."""


def read_case(case: str) -> dict[str, Any]:
    return json.loads((FOLDERS / case / "case.json").read_text("utf-8"))


def snapshot_of(kind: Kind, case: Mapping[str, Any], side: str) -> Snapshot:
    """Make the snapshot of one side, which saw the whole kind unless the case calls it partial."""
    facts = msgspec.convert(case.get(f"{side}_facts", {}), Facts)
    partial = case.get("partial") == side
    items, gaps = [], list[Gap]()
    for record in case[side]:
        raw = RawItem(kind, record, partial=partial)
        if not moves_by_itself(raw):
            item, new_gaps = Maker(FINGERPRINTER, facts.paths).make(raw)
            items.append(item)
            gaps.extend(new_gaps)
    keys = [item.key.match for item in items]
    assert len(keys) == len(set(keys)), f"two records of {side} have one name"
    role = MemberRole.PRIMARY if side == "primary" else MemberRole(case.get("member_role", "backup"))
    header = Header(
        format_version=FORMAT_VERSION,
        driftsync="test",
        member=Member(name=side, role=role),
        taken_at="2024-05-21T06:30:00+00:00",
        items=len(items),
        facts=facts,
        coverage={kind.name: Coverage.PARTIAL if partial else Coverage.WHOLE},
        gaps=gaps,
    )
    return Snapshot(header=header, items=tuple(sorted(items, key=lambda item: item.key)))


def drift_of(kind: Kind, case: Mapping[str, Any]) -> Drift:
    scope = msgspec.convert(case.get("scope", {}), Scope)
    sides = snapshot_of(kind, case, "primary"), snapshot_of(kind, case, "member")
    return compare(*sides, scope=scope, show_local=case.get("show_local", False))


def shown(drift: Drift) -> dict[str, Any]:
    """Return what expected.json holds of a drift: no secret, and nothing that is the same in every case."""
    found = json.loads(
        ENCODER.encode(drift), object_hook=lambda seen: "<secret>" if "$secret" in seen else seen
    )
    parts = {"differences": SHOWN_OF_DIFFERENCE, "notes": SHOWN_OF_NOTE, "gaps": SHOWN_OF_GAP}
    return {
        part: [
            {name: each[name] for name in names if each.get(name, False) is not False} for each in found[part]
        ]
        for part, names in parts.items()
    }


def values_of(kind: Kind) -> Iterator[Property]:
    """Yield every declared property that is no name, and every declared setting where items are settings."""
    named = {*kind.identity.properties, kind.identity.namespace}
    if kind.per_item:
        yield from (each for section in SETTINGS.values() for each in section.values())
    else:
        yield from (each for each in kind.properties if each.name not in named)


def demanded(kind: Kind) -> set[str]:
    """Return the cases that the declaration of a kind demands."""
    treats = {each.treat for each in values_of(kind)}
    wanted = {"agreed", "missing", "extra"}
    wanted |= {"changed"} if treats & {Treat.COMPARE, Treat.READ_ONLY} else set()
    wanted |= {"secret"} if Treat.SECRET in treats else set()
    wanted |= {"local"} if Treat.LOCAL in treats else set()
    return wanted | ({"clash"} if Treat.MUST_DIFFER in treats else set())


@pytest.mark.parametrize("case", CASES)
def test_a_case_gives_what_is_expected(case: str, update_expected: bool) -> None:
    file = FOLDERS / case / "expected.json"
    found = shown(drift_of(all_kinds()[case.partition("/")[0]], read_case(case)))
    if update_expected:
        file.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", "utf-8")
    assert found == json.loads(file.read_text("utf-8"))
    assert FINGERPRINTER.key_id not in json.dumps(found), "not even a fingerprint is shown"


@pytest.mark.parametrize("case", CASES)
def test_a_case_gives_the_plan_that_is_expected(case: str, update_expected: bool) -> None:
    """Under terms that hold back only what is always held back; every kind counts as read, those of others as empty."""
    kind, content = all_kinds()[case.partition("/")[0]], read_case(case)
    file = FOLDERS / case / "plan.json"
    sides = [whole(snapshot_of(kind, content, side)) for side in ("primary", "member")]
    if not drift_of(kind, content).differences:
        assert not file.exists(), "where nothing differs there is nothing to plan"
        return
    try:
        found = planned.shown(planned.planned(*sides))
    except PlanRefusedError as refused:
        found = {"refused": refused.message}
    if update_expected:
        file.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", "utf-8")
    assert found == json.loads(file.read_text("utf-8"))
    assert FINGERPRINTER.key_id not in json.dumps(found), "not even a fingerprint is shown"


def whole(snapshot: Snapshot) -> Snapshot:
    """Return a snapshot that saw all other kinds, too, and found nothing there."""
    coverage = {**dict.fromkeys(all_kinds(), Coverage.WHOLE), **snapshot.header.coverage}
    return msgspec.structs.replace(
        snapshot, header=msgspec.structs.replace(snapshot.header, coverage=coverage)
    )


@pytest.mark.parametrize("case", CASES)
def test_a_case_keeps_the_promise_of_its_name(case: str) -> None:
    kind, name = all_kinds()[case.partition("/")[0]], case.partition("/")[2]
    content = read_case(case)
    assert content["about"].endswith("."), "`about` is a sentence"
    assert content["primary"] != content["member"], "records that are spelled alike prove nothing"
    drift = drift_of(kind, content)
    found = {each["type"] for each in shown(drift)["differences"]}
    assert found == DELIVERED.get(name, found)
    assert drift.gaps == [] or name not in DELIVERED
    if name == "secret":
        changes = {change.property for each in drift.differences for change in each.changes}
        secret = {each.part_of or each.name for each in values_of(kind) if each.treat is Treat.SECRET}
        assert changes & secret, "the difference must be in a secret"
    if name == "local":
        assert {note.type.value for note in drift.notes} == {"local"}


@pytest.mark.parametrize("case", CASES)
def test_making_is_repeatable_and_nothing_drifts_from_itself(case: str) -> None:
    kind, content = all_kinds()[case.partition("/")[0]], read_case(case)
    primary, again = (snapshot_of(kind, content, "primary") for _ in range(2))
    assert [encode_item(item) for item in primary.items] == [encode_item(item) for item in again.items]
    drift = compare(primary, primary)
    assert drift.differences == []


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_has_the_cases_that_its_declaration_demands(name: str) -> None:
    there = {case.partition("/")[2] for case in CASES if case.startswith(f"{name}/")}
    assert demanded(all_kinds()[name]) <= there
    assert there & set(DELIVERED) <= demanded(all_kinds()[name]), (
        "a case that the declaration knows nothing of"
    )


def test_every_folder_is_a_kind_and_every_case_whole() -> None:
    assert {folder.name for folder in FOLDERS.iterdir()} == set(KINDS)
    files = {file.relative_to(FOLDERS).as_posix() for file in FOLDERS.rglob("*") if file.is_file()}
    rendered = {f"{case}/rendered.txt" for case in CASES if case.partition("/")[2] in RENDERED}
    assert files - rendered == {
        f"{case}/{file}" for case in CASES for file in ("case.json", "expected.json")
    } | {
        f"{case}/plan.json"
        for case in CASES
        if json.loads((FOLDERS / case / "expected.json").read_text("utf-8"))["differences"]
    }


def hidden(kind: Kind, canary: Callable[[str], str]) -> list[dict[str, Any]]:
    """Return records with a canary wherever a secret may stand: declared, unlisted, or inside a value."""
    names = {name: "/x" for name in (*kind.identity.properties, kind.identity.namespace) if name}
    if kind.per_item:
        secret = [(s, n) for s in SETTINGS for n, each in SETTINGS[s].items() if each.treat is Treat.SECRET]
        secret.append(("Debug", "NotListed"))
        return [{"Section": section, "Name": name, "Value": canary(name)} for section, name in secret]
    record: dict[str, Any] = {**names, "NotListed": canary("NotListed")}
    for each in kind.properties:
        if each.treat is Treat.SECRET:
            record[each.name] = canary(each.name)
            if each.only_when:
                record[each.only_when[0]] = min(each.only_when[1])
        elif each.shape is Shape.URL:
            record[each.name] = f"jdbc:IRIS://host:1972/APP;password={canary(each.name)}"
        elif each.shape is Shape.RECORDS:
            record[each.name] = {"ApiKey": canary(each.name), "Text": canary(each.name)}
    return [record]


@pytest.mark.parametrize("name", KINDS)
def test_no_output_shows_a_secret(name: str) -> None:
    kind = all_kinds()[name]
    sides = {
        side: hidden(kind, lambda prop, side=side: f"CANARY-{name}-{prop}-{side}")
        for side in ("primary", "member")
    }
    drift = drift_of(kind, sides)
    shapes = {each.shape for each in values_of(kind)}
    assert drift.differences
    assert drift.summary.changed == len(sides["member"])
    found = {change.property for each in drift.differences for change in each.changes}
    if not kind.per_item:
        wanted = {each.part_of or each.name for each in kind.properties if each.treat is Treat.SECRET}
        noted = {note.property for note in drift.notes}
        assert wanted | {"NotListed"} <= found | noted, "a canary that was dropped proves nothing"
        assert not shapes & {Shape.URL, Shape.RECORDS} or found & {"URL", "Settings"}
    outputs = [ENCODER.encode(drift).decode(), repr(drift), json.dumps(shown(drift))]
    for record in sides["member"]:
        raw = RawItem(kind, record)
        item, gaps = Maker(FINGERPRINTER).make(raw)
        outputs += [repr(raw), str(raw), repr(item), str(item), encode_item(item).decode(), repr(gaps)]
    assert not [output for output in outputs if "CANARY" in output]
