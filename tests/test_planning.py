"""Planning: nothing of a drift is lost, the order never stumbles, nobody is locked out, and who is right is three-way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from driftsync.access import Access, holders_of_all
from driftsync.checks.viewing import view_member
from driftsync.errors import PlanRefusedError
from driftsync.files import ENCODER, SnapshotInMemory, digest_of_item
from driftsync.kinds import parse_key
from driftsync.model import Coverage, Epoch, Facts, Hazard, MemberRole, Origin, Plan, Snapshot, Sort, Terms
from driftsync.planning import Known, afterwards, check_plan, read_plan, sealed, use_plan, write_plan
from driftsync.planning.needing import needs_of
from driftsync.planning.ordering import phase_of
from tests.planned import ANYTHING, AT, FINGERPRINTER, MGR, drift, of, planned, snapshot

NOBODY_ASKED = Terms()


def users(*names: str, **words: Any) -> list[dict[str, Any]]:
    return [{"Name": name, "Enabled": 1, "Flags": 1, **words} for name in names]


DOORS: dict[str, list[dict[str, Any]]] = {
    "security-settings": [{"AutheEnabled": 32}],
    "service": [
        {"Name": "%Service_Bindings", "Enabled": 1, "AutheEnabled": 32},
        {"Name": "%Service_WebGateway", "Enabled": 1, "AutheEnabled": 32},
    ],
    "web-application": [{"Name": "/csp/sys", "Enabled": 1, "AutheEnabled": 32, "Type": 3}],
    "role": [{"Name": "%All"}, {"Name": "%Manager", "Resources": "%Admin_Manage:U"}],
    "user": users("_SYSTEM", Roles=["%All"]),
}


def sides(primary: Mapping[str, Any], member: Mapping[str, Any]) -> tuple[Snapshot, Snapshot]:
    """Return two sides that both have an open door and somebody who holds %All, and beside that what is given."""

    def whole(side: Mapping[str, Any]) -> dict[str, list[Any]]:
        return {
            kind: [
                *(
                    each
                    for each in DOORS.get(kind, [])
                    if each.get("Name") not in {one.get("Name") for one in side.get(kind, [])} or kind == "x"
                ),
                *side.get(kind, []),
            ]
            for kind in {**DOORS, **side}
        }

    return snapshot("primary", whole(primary)), snapshot("member", whole(member))


def keys(made: Plan, sort: Sort | None = None) -> list[str]:
    return [each.key for each in made.actions if sort in {None, each.sort}]


def why(made: Plan, key: str) -> str:
    return next(each.reason for each in made.withheld if each.key == key)


# -- who is right --------------------------------------------------------------------------------------------------


def changed_resource() -> tuple[Snapshot, Snapshot]:
    return sides(
        {"resource": [{"Name": "Payroll", "Description": "new"}]},
        {"resource": [{"Name": "Payroll", "Description": "old"}]},
    )


def test_without_a_baseline_only_what_is_missing_is_planned() -> None:
    primary, member = sides(
        {"resource": [{"Name": "Payroll", "Description": "a"}, {"Name": "New"}]},
        {"resource": [{"Name": "Payroll", "Description": "b"}, {"Name": "Left"}]},
    )
    made = planned(primary, member, NOBODY_ASKED)
    assert keys(made) == ["resource:New"]
    assert {each.key for each in made.withheld} == {"resource:Payroll", "resource:Left"}
    assert "--adopt resource" in next(each.do for each in made.withheld if each.key == "resource:Payroll")
    assert keys(planned(primary, member, Terms(adopt=["resource"]))) == ["resource:New", "resource:Payroll"]


@pytest.mark.parametrize("origin", [Origin.MEMBER, Origin.BOTH, Origin.PRIMARY_ALONE])
def test_what_the_member_changed_is_a_conflict_until_somebody_settles_it(origin: Origin) -> None:
    primary, member = changed_resource()
    known = {"resource:Payroll": Known(origin)}
    made = planned(primary, member, ANYTHING, known)
    assert not made.actions
    (conflict,) = made.conflicts
    (change,) = conflict.difference.changes
    assert (change.expected, change.actual, conflict.origin) == ("new", "old", origin)
    over = planned(primary, member, Terms(overwrite=["resource:PAYROLL"]), known)
    assert keys(over) == ["resource:Payroll"], "IRIS ignores the case of its name"
    kept = planned(primary, member, Terms(keep=["resource:Payroll"]), known)
    assert not kept.actions
    assert "accept" in kept.withheld[0].do


def test_what_the_primary_changed_is_planned_with_what_was_there() -> None:
    primary, member = changed_resource()
    made = planned(primary, member, NOBODY_ASKED, {"resource:payroll": Known(Origin.PRIMARY)})
    (action,) = made.actions
    assert (action.sets, action.before) == ({"Description": "new"}, {"Description": "old"})
    payroll = next(item for item in member.items if item.key.kind == "resource")
    assert action.digest_before == digest_of_item(payroll)


def test_what_was_accepted_is_left_alone() -> None:
    primary, member = changed_resource()
    made = planned(
        primary,
        member,
        ANYTHING,
        {"resource:payroll": Known(Origin.PRIMARY, accepted="Ann until 2027-01-01")},
    )
    assert not made.actions
    assert "Ann" in why(made, "resource:Payroll")


def test_the_primary_is_written_to_only_when_that_is_said() -> None:
    primary, member = changed_resource()
    turned = (
        replace(
            primary,
            header=replace(primary.header, member=replace(primary.header.member, role=MemberRole.BACKUP)),
        ),
        replace(
            member,
            header=replace(member.header, member=replace(member.header.member, role=MemberRole.PRIMARY)),
        ),
    )
    with pytest.raises(PlanRefusedError, match="is the primary"):
        planned(*turned)
    with pytest.raises(PlanRefusedError, match="is not the primary"):
        planned(primary, member, replace(ANYTHING, to_primary=True))
    known = {"resource:payroll": Known(Origin.MEMBER)}
    made = planned(*turned, Terms(to_primary=True), known)
    assert keys(made) == ["resource:Payroll"], "who moved is seen from the other side"


# -- what is withheld -------------------------------------------------------------------------------------------------


def test_deleting_is_off_and_asks_for_a_name() -> None:
    primary, member = sides({}, {"resource": [{"Name": "Left"}]})
    assert "deleting is off" in why(planned(primary, member, Terms(adopt=["resource"])), "resource:Left")
    assert keys(planned(primary, member, Terms(prune=["resource:left"]))) == ["resource:Left"]
    assert not planned(primary, member, Terms(prune=["resource"])).actions, "it may be new here"
    added = {"resource:left": Known(Origin.MEMBER)}
    assert planned(primary, member, Terms(prune=["resource"]), added).conflicts
    assert keys(planned(primary, member, Terms(prune=["resource"]), {"resource:left": Known(Origin.PRIMARY)}))


def test_a_primary_that_was_not_read_whole_deletes_nothing() -> None:
    primary, member = sides({}, {"resource": [{"Name": "Left"}]})
    for coverage in (Coverage.PARTIAL, Coverage.NONE):
        partly = replace(
            primary,
            header=replace(primary.header, coverage={**primary.header.coverage, "resource": coverage}),
        )
        made = planned(partly, member, Terms(prune=["resource:Left"]))
        assert not made.actions
        assert not made.withheld, "nothing follows from what was not seen, not even a difference"
        assert not made.complete


def test_too_many_deletions_are_none() -> None:
    primary, member = sides({}, {"resource": [{"Name": f"Left{each}"} for each in range(4)]})
    made = planned(primary, member, replace(ANYTHING, prune_limit=3))
    assert not made.actions
    assert "may delete 3" in why(made, "resource:Left0")
    assert len(planned(primary, member, replace(ANYTHING, prune_limit=4)).actions) == 4


def test_a_user_is_disabled_before_it_is_deleted() -> None:
    primary, member = sides({}, {"user": users("temp")})
    made = planned(primary, member, Terms(prune=["user:temp"]))
    assert [(each.sort, each.sets) for each in made.actions] == [
        (Sort.CHANGE, {"Enabled": False}),
        (Sort.DELETE, {}),
    ]
    first, second = made.actions
    assert second.after == [first.number]
    assert second.digest_before != first.digest_before
    assert Hazard.NO_WAY_BACK in second.hazards


@pytest.mark.parametrize("key", ["role:%Developer", "resource:%Ens_Alerts", "user:_SYSTEM"])
def test_what_ships_with_the_product_is_never_deleted(key: str) -> None:
    kind, _colon, name = key.partition(":")
    primary, member = sides(
        {}, {kind: [{"Name": name, "Enabled": 1}] if kind == "user" else [{"Name": name}]}
    )
    primary = replace(primary, items=tuple(each for each in primary.items if str(each.key) != "user:_SYSTEM"))
    made = planned(primary, member, Terms(prune=[kind, key], overwrite=[key]))
    assert not made.actions
    assert "ships with the product" in why(made, key)


def test_nothing_is_written_into_the_file_of_a_mirrored_database() -> None:
    def database(**words: object) -> dict[str, Any]:
        return {
            "database": [
                {
                    "Name": "EMR",
                    "Directory": "/e",
                    "ResourceName": "%DB_EMR",
                    "MirrorSetName": "HOSPITAL",
                    **words,
                }
            ]
        }

    made = planned(*sides(database(MaxSize=0, ResourceName="%DB_NEW"), database(MaxSize=900)))
    assert not made.actions
    assert made.withheld
    assert all("mirror" in each.reason for each in made.withheld)


def test_what_a_directory_or_the_mirror_keeps_is_left_to_it() -> None:
    for flags in (2, 4):  # LDAP, delegated
        made = planned(
            *sides({"user": users("guest", Flags=flags)}, {"user": users("guest", Flags=flags, Enabled=0)})
        )
        assert not made.actions
        assert "delegated login made this account" in made.withheld[0].reason
    service = [{"Name": "%Service_Mirror", "Enabled": 1, "AutheEnabled": 64}]
    made = planned(*sides({"service": service}, {"service": [{**service[0], "Enabled": 0}]}))
    assert not made.actions
    assert "mirror sets this up" in made.withheld[0].reason


def test_what_acts_at_once_says_so() -> None:
    primary, member = sides(
        {
            "service": [{"Name": "%Service_Telnet", "Enabled": 1, "AutheEnabled": 32}],
            "task": [
                {
                    "Name": "Night",
                    "NameSpace": "USER",
                    "TaskClass": "App.Task",
                    "MirrorStatus": 1,
                    "RunAsUser": "_SYSTEM",
                }
            ],
        },
        {"service": [{"Name": "%Service_Telnet", "Enabled": 0, "AutheEnabled": 32}]},
    )
    hazards = {each.key: each.hazards for each in planned(primary, member).actions}
    assert hazards["service:%Service_Telnet"] == [Hazard.GRANTS_ACCESS, Hazard.AT_ONCE]
    assert hazards["task:USER/Night"] == [Hazard.AT_ONCE]


def test_what_would_follow_another_property_from_now_on_is_written_beside_it() -> None:
    mapping = {"Namespace": "APP", "Name": "Order", "LockDatabase": "LAB"}
    database = [{"Name": name, "Directory": f"/{name}"} for name in ("APP", "LAB")]
    space = [{"Name": "APP", "Globals": "APP", "Routines": "APP"}]
    primary, member = sides(
        {"database": database, "namespace": space, "global-mapping": [{**mapping, "Database": "APP"}]},
        {"database": database, "namespace": space, "global-mapping": [{**mapping, "Database": "LAB", "LockDatabase": ""}]},
    )  # fmt: skip
    (change,) = planned(primary, member).actions
    assert change.sets == {"Database": "APP", "LockDatabase": "LAB"}


def test_what_is_still_named_is_not_deleted() -> None:
    primary, member = sides(
        {"database": [{"Name": "LAB", "Directory": "/l", "ResourceName": "%DB_LAB"}]},
        {
            "database": [{"Name": "LAB", "Directory": "/l", "ResourceName": "%DB_LAB"}],
            "resource": [{"Name": "%DB_LAB"}, {"Name": "Gone"}],
            "role": [{"Name": "Old", "Resources": "Gone:U"}],
        },
    )
    made = planned(primary, member, Terms(prune=["resource:%DB_LAB", "resource:Gone"]))
    assert "database:LAB" in why(made, "resource:%DB_LAB")
    assert "role:Old" in why(made, "resource:Gone")
    both = planned(primary, member, Terms(prune=["resource:Gone", "role:Old"]))
    assert keys(both) == ["role:Old", "resource:Gone"], "backwards"


def test_a_port_that_is_open_is_changed_only_where_that_is_allowed_and_cuts_nobody_off_from_mending() -> None:
    ports = [{"Port": 51773}, {"Port": 51774}, {"Port": 1972, "SystemDefault": 1}]
    here = [{**each, "EnableCSP": 1, "BindAddress": "10.0.0.2"} for each in ports]
    primary, member = sides({"superserver": [*ports, {"Port": 51775}]}, {"superserver": here})
    assert not planned(primary, member).actions
    made = planned(primary, member, replace(ANYTHING, allow=[Hazard.NEEDS_RESTART]), port=51774)
    (action,) = made.actions
    assert (action.key, action.identity) == (
        "superserver:51773",
        {"Port": "51773", "BindAddress": "10.0.0.2"},
    )
    assert action.hazards == [Hazard.REMOVES_ACCESS, Hazard.AT_ONCE]
    for own in ("superserver:1972", "superserver:51774"):
        assert "connection of this tool" in why(made, own)
    assert "is free" in why(made, "superserver:51775")
    assert all(each.rendered for each in made.withheld)


@pytest.mark.parametrize(
    ("databases", "without", "said"),
    [
        ([{"Name": "HSSYS"}], (), "a task of the product"),
        ([], ("database",), "could not be read"),
        ([{"Name": "EMR"}], (), ""),
    ],
)
def test_what_a_task_of_a_health_product_brings_is_left_to_it(
    databases: list[dict[str, Any]], without: tuple[str, ...], said: str
) -> None:
    server = {"IssuerEndpoint": "https://login.example", "TokenEndpoint": "https://login.example/token"}
    primary = snapshot(
        "primary", {"oauth2-server-definition": [server], "database": databases}, without=without
    )
    made = planned(primary, snapshot("member", {"database": databases}))
    assert keys(made) == ([] if said else ["oauth2-server-definition:https://login.example"])
    assert [said in each.reason for each in made.withheld] == ([True] if said else [])


@pytest.mark.parametrize(
    ("kind", "record", "said"),
    [
        ("namespace", {"Name": "FLOW", "Globals": "USER"}, "interoperability namespace"),
        ("namespace", {"Name": "OTHER", "Globals": "USER"}, "could not be read"),
        ("database", {"Name": "EMR", "Directory": "/e", "MirrorSetName": "HOSPITAL"}, "mirrored database"),
        ("web-application", {"Name": "/open", "Enabled": 1}, "not stated"),
        ("global-mapping", {"Namespace": "APP", "Name": "%Z", "Database": "USER"}, "hides the system's own"),
        (
            "oauth2-client",
            {"ApplicationName": "app", "ClientSecret": "CANARY"},
            "no route of this tool carries",
        ),
        ("oauth2-server-configuration", {"AudRequired": 1}, "signs its tokens"),
        ("oauth2-resource-server", {"Name": "api"}, "not established"),
        ("superserver", {"Port": 51773, "BindAddress": ""}, "rendered"),
        ("task", {"Name": "HS", "NameSpace": "HSSYS", "TaskClass": "HS.Util.Task"}, "Mirror Monitor Agent"),
        (
            "task",
            {"Name": "driftsync takes 20261121T100000-abcdef back", "NameSpace": "%SYS"},
            "unless that is confirmed",
        ),
        ("tls-configuration", {"Name": "%MirrorClient"}, "mirror sets this up"),
        ("licence-server", {"Name": "SPARE", "Address": "10.0.0.1"}, "each host has its own"),
        (
            "sql-privilege",
            {"Namespace": "APP", "SQLObject": "9,A.P", "Privilege": "e", "Grantee": "X"},
            "not established",
        ),
    ],
)
def test_what_is_somebody_elses_is_withheld_with_the_way_that_works(
    kind: str, record: dict[str, Any], said: str
) -> None:
    primary, member = sides(
        {kind: [record], "namespace": [{"Name": "APP"}] if kind != "namespace" else [record]},
        {"namespace": [{"Name": "APP"}]} if kind != "namespace" else {},
    )
    made = planned(primary, member)
    assert not made.actions
    (held,) = made.withheld
    assert said in held.reason
    assert held.do


def test_settings_of_the_start_are_rendered_and_applied_only_where_that_is_allowed() -> None:
    def setting(section: str, name: str, value: object) -> dict[str, list[dict[str, Any]]]:
        return {"instance-setting": [{"Section": section, "Name": name, "Value": value}]}

    primary, member = sides(
        setting("Startup", "EnsembleAutoStart", 1), setting("Startup", "EnsembleAutoStart", 0)
    )
    (held,) = planned(primary, member).withheld
    assert (held.needs, held.rendered, held.sets, held.before) == (
        Hazard.NEEDS_RESTART,
        True,
        {"Value": True},
        {"Value": False},
    )
    (action,) = planned(primary, member, replace(ANYTHING, allow=[Hazard.NEEDS_RESTART])).actions
    assert Hazard.NEEDS_RESTART in action.hazards
    for section, name, one, other in (
        ("config", "gmheap", 1, 2),
        ("config", "locksiz", 1, 2),
        ("Startup", "DefaultPort", 1972, 1973),
        ("Journal", "AlternateDirectory", "/x", "/y"),
    ):
        primary, member = sides(setting(section, name, one), setting(section, name, other))
        made = planned(primary, member, replace(ANYTHING, allow=[Hazard.NEEDS_RESTART]))
        assert not made.actions, "nobody has seen whether it fits the host"
        assert made.withheld[0].rendered


@pytest.mark.parametrize(("host", "fits"), [(4000, True), (2000, False), ("", False), (None, False)])
def test_memory_is_applied_only_where_the_host_is_known_to_have_room(host: object, fits: bool) -> None:
    def asked(megabytes: int) -> dict[str, list[dict[str, Any]]]:
        sizes = f"0,0,{megabytes},0,0,0"
        return {"instance-setting": [{"Section": "config", "Name": "globals", "Value": sizes}]}

    primary, member = sides(asked(2048), asked(1024))
    observed = {} if host is None else {"platform.memory": host}
    facts = replace(member.header.facts, observed=observed)
    member = replace(member, header=replace(member.header, facts=facts))
    assert planned(primary, member).withheld[0].needs is Hazard.NEEDS_RESTART
    made = planned(primary, member, replace(ANYTHING, allow=[Hazard.NEEDS_RESTART]))
    assert bool(made.actions) is fits
    assert bool(made.withheld) is not fits


def task(status: object, suspended: int = 0) -> dict[str, list[dict[str, Any]]]:
    record = {
        "Name": "Report",
        "NameSpace": "%SYS",
        "TaskClass": "Site.Report",
        "Suspended": suspended,
        "Type": 2,
    }
    return {"task": [{**record, "MirrorStatus": status}]}


def test_a_new_task_waits_for_a_person_unless_it_runs_on_the_primary_only() -> None:
    (action,) = planned(*sides(task(1), {})).actions
    assert action.sets["Suspended"] == 0
    for status in (2, 3, ""):
        made = planned(*sides(task(status), {}))
        (action,) = made.actions
        assert action.sets["Suspended"] == 1
        assert Hazard.AT_ONCE not in action.hazards
        assert [(each.properties, each.pending) for each in made.withheld] == [(["Suspended"], True)]
    made = planned(*sides(task(3), task(3, suspended=1)))
    assert not made.actions, "nor is one released by a plan"
    assert made.withheld[0].pending


def test_a_secret_is_carried_only_when_that_is_asked_and_never_written_down() -> None:
    primary, member = sides({"user": users("nurse", Password="CANARY-hash", Salt="ab", FullName="N")}, {})
    made = planned(primary, member, replace(ANYTHING, include_secrets=False))
    assert not made.actions, "an account without its password is worse than none"
    assert (made.withheld[0].needs, made.withheld[0].secrets) == (Hazard.NEEDS_SECRET, ["Password"])
    (action,) = planned(primary, member).actions
    assert action.secrets == ["Password"]
    assert "Password" not in action.sets
    for plan in (made, planned(primary, member)):
        assert "CANARY" not in ENCODER.encode(plan).decode()
        assert FINGERPRINTER.key_id not in ENCODER.encode(plan).decode(), "not even a fingerprint"


def test_one_time_passwords_are_never_carried() -> None:
    primary, member = (
        {"user": users("nurse", AutheEnabled=2097152, HOTPKey=key, Password="p")} for key in ("A", "B")
    )
    made = planned(*sides(primary, member))
    assert not made.actions
    assert made.withheld[0].properties == ["HOTPKey"]
    assert made.withheld[0].needs is None


def test_paths_are_the_members_own() -> None:
    application = {"Name": "/app", "Enabled": 1, "AutheEnabled": 32, "Type": 2}
    primary, member = sides(
        {"web-application": [{**application, "Path": f"{MGR['primary']}web"}]},
        {"web-application": [{**application, "Path": "/elsewhere"}]},
    )
    (action,) = planned(primary, member).actions
    assert (action.sets, action.before) == ({"Path": "/usr/b/mgr/web"}, {"Path": "/elsewhere"})
    unknown = replace(member, header=replace(member.header, facts=Facts()))
    made = planned(primary, unknown)
    assert not made.actions or "${" not in str(made.actions[0].sets)


def test_auditing_is_never_switched_off() -> None:
    def event(on: int) -> dict[str, Any]:
        return {"audit-event": [{"Source": "App", "Type": "T", "Name": "N", "Enabled": on}]}

    made = planned(*sides(event(0), event(1)))
    assert not made.actions
    assert "audited" in made.withheld[0].reason
    assert keys(planned(*sides(event(1), event(0))))
    primary, member = ({"security-settings": [{"AutheEnabled": 32, "AuditEnabled": on}]} for on in (0, 1))
    made = planned(*sides(primary, member))
    assert "audited" in made.withheld[0].reason
    for on in (1, 0):
        made = planned(*sides({}, event(on)), Terms(prune=["audit-event:App/T/N"]))
        assert [each.sort for each in made.actions] == [] if on else [Sort.DELETE], "what is on stays on"


# -- order -----------------------------------------------------------------------------------------------------------


def test_what_is_named_comes_first() -> None:
    primary, member = sides(
        {
            "user": users("lab", Roles=["Lab"], Password="p"),
            "role": [{"Name": "Lab", "Resources": "Bench:RW", "GrantedRoles": ["Basic"]}, {"Name": "Basic"}],
            "resource": [{"Name": "Bench"}],
            "namespace": [{"Name": "LAB", "Globals": "USER", "Routines": "USER"}],
            "global-mapping": [
                {"Namespace": "LAB", "Name": "Order(1)", "Database": "USER"},
                {"Namespace": "LAB", "Name": "Order", "Database": "USER"},
            ],
            "task": [
                {
                    "Name": "A",
                    "NameSpace": "LAB",
                    "RunAfter": "LAB/B",
                    "TaskClass": "C",
                    "MirrorStatus": 1,
                    "RunAsUser": "lab",
                },
                {"Name": "B", "NameSpace": "LAB", "TaskClass": "C", "MirrorStatus": 1},
            ],
        },
        {},
    )
    made = planned(primary, member)
    assert not made.withheld
    place = {each.key: each.number for each in made.actions}
    for first, second in (
        ("resource:Bench", "role:Lab"),
        ("role:Basic", "role:Lab"),
        ("role:Lab", "user:lab"),
        ("namespace:LAB", "global-mapping:LAB/Order"),
        ("global-mapping:LAB/Order", "global-mapping:LAB/Order(1)"),
        ("task:LAB/B", "task:LAB/A"),
        ("user:lab", "task:LAB/A"),
    ):
        assert place[first] < place[second]
        assert place[first] in next(each.after for each in made.actions if each.key == second)


def test_what_grants_comes_before_what_takes_away() -> None:
    primary, member = sides(
        {
            "service": [
                {"Name": "%Service_Telnet", "Enabled": 0},
                {"Name": "%Service_Terminal", "Enabled": 1, "AutheEnabled": 32},
            ],
            "role": [{"Name": "Zeta", "Resources": "A:RW"}],
            "resource": [{"Name": "A"}],
        },
        {
            "service": [
                {"Name": "%Service_Telnet", "Enabled": 1},
                {"Name": "%Service_Terminal", "Enabled": 0, "AutheEnabled": 32},
            ],
            "role": [{"Name": "Zeta"}],
            "resource": [{"Name": "A", "PublicPermission": 1}],
        },
    )
    made = planned(primary, member)
    grants = [each.number for each in made.actions if Hazard.REMOVES_ACCESS not in each.hazards]
    takes = [each.number for each in made.actions if Hazard.REMOVES_ACCESS in each.hazards]
    assert grants
    assert takes
    assert max(grants) < min(takes)


def test_what_needs_something_withheld_is_withheld_too() -> None:
    primary, member = sides(
        {
            "database": [{"Name": "NEWDB", "Directory": "/n"}],
            "namespace": [{"Name": "APP", "Globals": "NEWDB", "Routines": "NEWDB"}],
            "global-mapping": [{"Namespace": "APP", "Name": "X", "Database": "USER"}],
        },
        {},
    )
    made = planned(primary, member)
    assert not made.actions
    assert "database:NEWDB" in why(made, "namespace:APP")
    assert "namespace:APP" in why(made, "global-mapping:APP/X")


# -- nobody is locked out ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("primary", "member", "path"),
    [
        ({"user": users("_SYSTEM", Enabled=0, Roles=["%All"])}, {}, "user:_SYSTEM"),
        ({"user": users("_SYSTEM", Roles=["%Manager"])}, {}, "user:_SYSTEM"),
        ({"service": [{"Name": "%Service_Bindings", "Enabled": 0, "AutheEnabled": 32}]}, {}, "service:%Service_Bindings would be closed"),
        (
            {"service": [{"Name": "%Service_Bindings", "Enabled": 1, "AutheEnabled": 32, "ClientSystems": ["10.0.0.1"]}]},
            {},
            "address *",
        ),
        ({"web-application": [{"Name": "/csp/sys", "Enabled": 0, "AutheEnabled": 32, "Type": 3}]}, {}, "web-application:/csp/sys"),
        ({"security-settings": [{"AutheEnabled": 64}]}, {}, "security-settings:SYSTEM"),
        ({"security-settings": [{"AutheEnabled": 32, "RequiredRole": "Staff"}], "role": [{"Name": "Staff"}], "user": users("ops", Roles=["Staff"], Password="p")}, {"user": users("ops", Password="p"), "role": [{"Name": "Staff"}]}, ""),
        ({"user": users("Admin", Roles=["%Manager"])}, {"user": users("Admin", Roles=["%Manager", "Extra"]), "role": [{"Name": "Extra"}]}, "Admin would lose Extra"),
        ({"user": []}, {"user": users("other", Roles=["%All"])}, "other would be gone"),
        ({"role": [{"Name": "%Manager"}], "user": users("Admin", Roles=["%Manager"])}, {"user": users("Admin", Roles=["%Manager"])}, "role:%Manager"),
    ],
)  # fmt: skip
def test_a_plan_that_would_lock_out_what_must_stay_open_is_refused_with_the_path(
    primary: dict[str, Any], member: dict[str, Any], path: str
) -> None:
    def made() -> Plan:
        return planned(*sides(primary, member))

    if not path:
        assert made().actions, "who holds %All needs no required role"
        return
    with pytest.raises(PlanRefusedError, match=path.replace("*", r"\*")) as refused:
        made()
    assert refused.value.exit_code == 5
    assert "--keep" in refused.value.hint


def test_the_tools_own_account_is_protected_and_what_others_lose_is_told() -> None:
    primary, member = sides({"user": users("robot", Enabled=0)}, {"user": users("robot")})
    with pytest.raises(PlanRefusedError, match="robot could no longer log in"):
        planned(primary, member, protected=frozenset({"Robot"}))
    made = planned(primary, member)
    assert Hazard.LOCKS_OUT in made.actions[0].hazards
    assert any("robot could no longer log in" in each for each in made.warnings)


def test_where_access_was_not_read_nothing_narrows_it() -> None:
    primary, member = sides({"user": users("robot", Enabled=0)}, {"user": users("robot")})
    blind = replace(member, header=replace(member.header, coverage={**member.header.coverage}))
    blind.header.coverage.pop("service")
    made = planned(primary, blind)
    assert not made.actions
    assert "cannot be proven" in made.withheld[0].reason


def test_a_lower_limit_of_idle_days_counts_who_was_never_here() -> None:
    primary, member = (
        {"security-settings": [{"AutheEnabled": 32, "InactiveLimit": days}]} for days in (30, 90)
    )
    with pytest.raises(PlanRefusedError, match="unused for more than 30 days"):
        planned(*sides(primary, member))
    assert planned(*sides(member, primary)).actions


def test_what_is_told_beside_the_actions() -> None:
    primary, member = changed_resource()
    log = [{"id": "LOG-406", "last": "2026-11-21 08:00:00"}, {"id": "LOG-401", "last": "2026-11-21 08:30:00"}]
    turned = observed(primary, {"log.events": log, "mirror.status": "PRIMARY"})
    made = planned(turned, observed(member, {"configuration.needs_activation": 1, "mirror.status": "BACKUP"}))
    assert made.epoch == Epoch(
        primary_status="PRIMARY", member_status="BACKUP", became_primary="2026-11-21 08:00:00"
    )
    assert "primary became the primary at 2026-11-21 08:00:00" in made.warnings[0]
    assert "not activated" in made.warnings[1]
    assert planned(primary, member).warnings == []


def observed(snapshot: Snapshot, facts: dict[str, Any]) -> Snapshot:
    """Return a snapshot whose member said these facts."""
    said = replace(snapshot.header.facts, observed=facts)
    return replace(snapshot, header=replace(snapshot.header, facts=said))


# -- the file ------------------------------------------------------------------------------------------------------------


def made_plan() -> Plan:
    return sealed(planned(*changed_resource()), FINGERPRINTER)


def test_a_plan_is_sealed_and_any_change_breaks_the_seal(tmp_path: Path) -> None:
    plan = made_plan()
    write_plan(plan, tmp_path / "plan.json")
    again = read_plan(tmp_path / "plan.json")
    assert again == plan
    check_plan(again, FINGERPRINTER, AT)
    text = (tmp_path / "plan.json").read_text()
    for old, new in (
        ('"new"', '"evil"'),
        ("backup", "primary"),
        ("2026-11-21T10", "2036-11-21T10"),
        (plan.id, "0" * 16),
    ):
        assert old in text
        (tmp_path / "other.json").write_text(text.replace(old, new))
        with pytest.raises(PlanRefusedError, match="seal") as refused:
            check_plan(read_plan(tmp_path / "other.json"), FINGERPRINTER, AT)
        assert refused.value.exit_code == 5


def test_a_plan_expires_and_is_used_once() -> None:
    from datetime import timedelta

    plan = made_plan()
    with pytest.raises(PlanRefusedError, match="expired"):
        check_plan(plan, FINGERPRINTER, AT + timedelta(hours=1))
    use_plan(plan, AT)
    for again in (lambda: use_plan(plan, AT), lambda: check_plan(plan, FINGERPRINTER, AT)):
        with pytest.raises(PlanRefusedError, match="used already"):
            again()


# -- laws ----------------------------------------------------------------------------------------------------------------

NAMES = ("Aa", "Bb", "Cc")
ROLES = ("%All", "%Manager", *NAMES)


@st.composite
def record(draw: st.DrawFn, kind: str, name: str) -> dict[str, Any]:
    """Draw one item: small domains, so that sides agree in part and name each other."""

    def some(values: Iterable[str]) -> list[str]:
        return draw(st.lists(st.sampled_from(sorted(values)), max_size=2, unique=True))

    def bit(*values: int) -> int:
        return draw(st.sampled_from(values))

    match kind:
        case "resource":
            return {"Name": name, "PublicPermission": bit(0, 1, 7)}
        case "role":
            return {
                "Name": name,
                "Resources": ",".join(
                    f"{each}:{draw(st.sampled_from(['R', 'RWU']))}" for each in some(NAMES)
                ),
                "GrantedRoles": some(ROLES),
            }
        case "user":
            return {
                "Name": name,
                "Enabled": bit(0, 1, 1),
                "Roles": some(ROLES),
                "Flags": 1,
                "Password": draw(st.sampled_from(["p", "q"])),
            }
        case "service":
            return {"Name": name, "Enabled": bit(0, 1), "AutheEnabled": bit(32, 64, 96)}
        case "web-application":
            return {
                "Name": name,
                "Enabled": bit(0, 1),
                "AutheEnabled": bit(32, 64),
                "Resource": draw(st.sampled_from(["", *NAMES])),
                "Type": 2,
                "Path": draw(st.sampled_from(["/x", f"{MGR['primary']}x"])),
            }
        case "namespace":
            return {"Name": name, "Globals": draw(st.sampled_from(["USER", "LABDB"])), "Routines": "USER"}
        case "global-mapping":
            return {
                "Namespace": draw(st.sampled_from(["APP", "LAB"])),
                "Name": name,
                "Database": draw(st.sampled_from(["USER", "LABDB"])),
            }
        case "task":
            return {
                "Name": name,
                "NameSpace": "APP",
                "TaskClass": "C",
                "MirrorStatus": bit(1, 2, 3),
                "Suspended": bit(0, 1),
                "RunAsUser": draw(st.sampled_from(["", *NAMES])),
                "RunAfter": draw(st.sampled_from(["", *(f"APP/{each}" for each in NAMES)])),
            }
        case _:
            return {"AutheEnabled": bit(32, 64, 96), "InactiveLimit": bit(0, 90)}


POOLS = {
    "resource": NAMES, "role": NAMES, "user": (*NAMES, "_SYSTEM"), "service": ("%Service_Bindings", "%Service_Telnet"),
    "web-application": ("/csp/sys", "/app"), "namespace": ("APP", "LAB", "FLOW"),
    "global-mapping": ("X", "X(1)", "%Y"), "task": NAMES, "security-settings": ("SYSTEM",),
}  # fmt: skip


@st.composite
def mirrors(draw: st.DrawFn) -> tuple[Snapshot, Snapshot]:
    """Draw two members that agree in some items, differ in others, and lack some."""
    primary: dict[str, list[dict[str, Any]]] = {"database": [{"Name": "USER"}]}
    member: dict[str, list[dict[str, Any]]] = {"database": [{"Name": "USER"}]}
    for kind, names in POOLS.items():
        for name in names:
            mine = draw(record(kind, name))
            how = draw(st.sampled_from(["both", "changed", "missing", "extra", "neither"]))
            if how in {"both", "changed", "missing"}:
                primary.setdefault(kind, []).append(mine)
            if how in {"both", "extra"}:
                member.setdefault(kind, []).append(mine)
            if how == "changed":
                member.setdefault(kind, []).append(draw(record(kind, name)))
    return snapshot("primary", primary), snapshot("member", member)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Snapshot, Snapshot, Terms, dict[str, Known]]:
    primary, member = draw(mirrors())
    known = {
        each.key: Known(draw(st.sampled_from(list(Origin))))
        for each in drift(primary, member).differences
        if draw(st.booleans())
    }
    some = st.lists(st.sampled_from(sorted(POOLS)), unique=True)
    terms = Terms(
        adopt=draw(some),
        prune=draw(some),
        prune_limit=draw(st.sampled_from([0, 3, 100])),
        include_secrets=draw(st.booleans()),
        overwrite=draw(st.lists(st.sampled_from(sorted(known) or ["user:x"]), max_size=2)),
    )
    return primary, member, terms, known


def nothing_is_lost(made: Plan, primary: Snapshot, member: Snapshot) -> None:
    there = {
        parse_key(key).match
        for key in (
            *(each.key for each in made.actions),
            *(each.key for each in made.withheld),
            *(each.difference.key for each in made.conflicts),
        )
    }
    assert there == {parse_key(each.key).match for each in drift(primary, member).differences}


def the_drift_is_closed_but_for_what_is_withheld(made: Plan, primary: Snapshot, member: Snapshot) -> None:
    a, b = (view_member(SnapshotInMemory(each)) for each in (primary, member))
    after = afterwards(a, b, made.actions)
    items = [item for kind in ("database", *POOLS) for item in after.all_of(kind).values()]
    left = drift(primary, of("member", items, facts=member.header.facts))
    whole = {parse_key(each.key).match for each in made.withheld if not each.properties}
    whole |= {parse_key(each.difference.key).match for each in made.conflicts}
    parts = {(parse_key(each.key).match, name) for each in made.withheld for name in each.properties}
    for difference in left.differences:
        key = parse_key(difference.key).match
        if key not in whole:
            assert {(key, change.property) for change in difference.changes} <= parts


def the_order_respects_what_is_named(made: Plan) -> None:
    assert [each.number for each in made.actions] == list(range(1, len(made.actions) + 1))
    assert all(before < each.number for each in made.actions for before in each.after)
    phases = [phase_of(each) for each in made.actions if Hazard.LOCKS_OUT not in each.hazards]
    assert phases == sorted(phases)
    created = {parse_key(each.key).match: each.number for each in made.actions if each.sort is Sort.CREATE}
    deleted = {parse_key(each.key).match for each in made.actions if each.sort is Sort.DELETE}
    assert not created.keys() & deleted, "nothing is deleted to be made again"
    for action in made.actions:
        for need in needs_of(action):
            assert all(created[key] < action.number for key in need.keys if key in created)


@given(cases())
def test_a_plan_loses_nothing_closes_its_drift_and_keeps_the_order(
    case: tuple[Snapshot, Snapshot, Terms, dict[str, Known]],
) -> None:
    primary, member, terms, known = case
    try:
        made = planned(primary, member, terms, known)
    except PlanRefusedError:
        return
    nothing_is_lost(made, primary, member)
    the_drift_is_closed_but_for_what_is_withheld(made, primary, member)
    the_order_respects_what_is_named(made)


@given(mirrors(), st.sets(st.sampled_from(NAMES), max_size=2))
def test_no_plan_takes_away_the_last_login_that_holds_all(
    pair: tuple[Snapshot, Snapshot], holders: set[str]
) -> None:
    primary, member = pair
    open_doors = snapshot("member", {**DOORS, "user": users("_SYSTEM", *holders, Roles=["%All"])})
    there = {item.key.match: item for item in (*member.items, *open_doors.items)}
    member = of("member", there.values(), facts=member.header.facts)
    a, b = (view_member(SnapshotInMemory(each)) for each in (primary, member))
    before = holders_of_all(Access(b, AT.date()).principals)
    assert before >= {"_system", *(name.casefold() for name in holders)}
    try:
        made = planned(primary, member, ANYTHING)
    except PlanRefusedError:
        return
    assert before <= holders_of_all(Access(afterwards(a, b, made.actions), AT.date()).principals)
