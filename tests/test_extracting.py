"""Running members are read whole and truly: planted drift is found, nothing else is, and nothing is changed."""

from __future__ import annotations

import copy
import re
from functools import cache
from typing import Any

import pytest

from driftsync.comparing import compare
from driftsync.connections import Answer, Connection, ObjectHandle, Table
from driftsync.extracting.permitted import (
    OF_OBJECTS,
    READERS,
    NotPermittedError,
    PermittedConnection,
    is_permitted,
)
from driftsync.extracting.reach import classes_of_kinds
from driftsync.kinds import all_kinds
from driftsync.kinds.live import ConfigRows, Objects, QueryRows, Sections
from driftsync.kinds.live import Table as TableRoute
from driftsync.kinds.making import key_of
from driftsync.kinds.spec import Kind
from driftsync.lab.instance import SimulatedInstance, SimulatedMirror
from driftsync.lab.instance.facts import all_classes
from driftsync.lab.scenarios import Planted, build
from driftsync.lab.scenarios.hospital import PLANTED
from driftsync.model import Changed, Coverage, NoteType, Snapshot
from tests.live import (
    ACCOUNTS,
    BACKUP,
    DR,
    EVERYTHING,
    PRIMARY,
    PROFILES,
    READER,
    REPORTING,
    compared,
    found,
    member_of,
    read,
    read_mirror,
)

# -- what is planted is found, and nothing else ---------------------------------------------------------------

BESIDE_TABLES = {
    BACKUP: {
        "user:try": "extra",
        "task:USER/Try task": "extra",
        "custom-code:%ZSTART.mac": "missing",
        "custom-code:ZTRY.mac": "extra",
        "custom-code:ZMIRROR.mac": "changed",
        "file:web-application:/emr/style.css": "missing",
        "file:web-application:/emr/index.csp": "changed",
        "file:sql-gateway-connection:Insurance/postgresql.jar": "changed",
        "ipm-package:EMR/hosp-util": "changed",
        "ipm-package:EMR/csvgen": "missing",
        "production:INTEROP/Hosp.Production": "changed",
        "nls-locale:enuw": "missing",
        "nls-locale:chsw": "extra",
    },
    DR: {
        "production:INTEROP/Hosp.Production": "changed",
        "encryption-key:0A1B2C3D-0000-4000-8000-00000000EMR1": "missing",
    },
    REPORTING: {},
}
"""What `_beside_tables` of the scenario plants."""

FOLLOWS = {
    BACKUP: {
        "file:language-server:PdfServer/pdf.jar": "the planted path of the gateway holds no file",
        "file:web-application:/portal/index.html": "nothing names it, for its web application is missing",
    },
    DR: {
        "ipm-package:LAB/fhir-tools": "its namespace is missing",
        "instance-setting:config/globals": "memory is compared on a DR async, which becomes primary in a disaster",
    },
    REPORTING: {},
}
"""What is reported and not planted by name, and why it is right to report it."""

CONTRADICTIONS = {
    BACKUP: {("database", "database:TESTDB"): "nobody created the file that the planted entry names"},
    DR: {
        (kind, ""): "the planting took the namespace away and left its mappings in the table"
        for kind in ("global-mapping", "routine-mapping", "package-mapping")
    },
    REPORTING: {},
}
"""Gaps of a member whose planted configuration contradicts itself."""

NO_KIND = {"OAuth2.Server.Client"}
"""Planted where driftsync does not look: clients that are registered at the member's own authorization server."""

RIGHTLY_LOCAL = {"magnetic-tape:48": "what the operating system of each host calls the device"}
"""Planted as drift where the kind knows better."""

SETTINGS = {"Config.config", "Config.Startup", "Config.SQL", "Config.Journal"}
SETS = {"Config.SqlSysDatatypes": "system", "Config.SqlUserDatatypes": "user"}


@cache
def kinds_of_classes() -> dict[str, Kind]:
    return {kind.iris_class: kind for kind in all_kinds().values()}


def keys_of(one: Planted, mirror: SimulatedMirror, clean: SimulatedMirror) -> list[str]:
    """Return the keys under which a planted difference must be told."""
    if one.class_name in SETTINGS:
        section = one.class_name.rpartition(".")[2]
        return [f"instance-setting:{section}/{name}" for name in one.values]
    home = member_of(mirror if one.sort == "extra" else clean, one.member)
    if one.class_name == "SYS.Database":
        return [f"database:{home.where('Config.Databases', **one.where)['Name']}"]
    record = home.where(one.class_name, **one.where)
    kind = all_kinds()["sql-datatype"] if one.class_name in SETS else kinds_of_classes()[one.class_name]
    return [str(key_of(kind, {**record, "Set": SETS.get(one.class_name)}))]


@pytest.fixture(
    scope="module", params=[(profile, user) for profile in PROFILES for user in ACCOUNTS], ids=str
)
def hospital(request: pytest.FixtureRequest) -> tuple[str, dict[str, Snapshot]]:
    profile, user = request.param
    return profile, read_mirror("hospital", profile, user)


@pytest.mark.parametrize("name", [BACKUP, DR, REPORTING])
def test_every_planted_difference_is_found_and_nothing_else(
    hospital: tuple[str, dict[str, Snapshot]], name: str
) -> None:
    profile, members = hospital
    mirror, clean = build("hospital", profile), build("clean", profile)
    drift = compare(members[PRIMARY], members[name], show_local=True)
    told = found(drift)
    allowed = {note.key for note in drift.notes if note.type is NoteType.EXPECTED}
    wanted: dict[str, str] = {}
    local: set[str] = set()
    for one in PLANTED:
        release = member_of(clean, one.member).release
        if one.member != name or one.class_name in NO_KIND or not release.has_class(one.class_name):
            continue
        keys = keys_of(one, mirror, clean)
        if one.sort == "local":
            local |= {*keys}
        else:
            wanted |= dict.fromkeys(keys, one.sort)
    wanted |= BESIDE_TABLES[name]
    wanted = {key: sort for key, sort in wanted.items() if key not in RIGHTLY_LOCAL}
    lacking = {key: sort for key, sort in wanted.items() if told.get(key) != sort and key not in allowed}
    assert lacking == {}
    assert set(told) - set(wanted) == set(FOLLOWS[name]) & set(told)
    assert not (local - set(wanted) - set(FOLLOWS[name])) & set(told)
    gaps = {(gap.kind, gap.key) for gap in drift.gaps}
    assert gaps == set(CONTRADICTIONS[name])


def test_a_change_names_the_properties_that_were_changed(
    hospital: tuple[str, dict[str, Snapshot]],
) -> None:
    profile, members = hospital
    mirror, clean = build("hospital", profile), build("clean", profile)
    changed = {
        (name, each.key): {change.property for change in each.changes}
        for name in (BACKUP, DR)
        for each in compare(members[PRIMARY], members[name]).differences
        if isinstance(each, Changed)
    }
    looked = 0
    for one in PLANTED:
        release = member_of(clean, one.member).release
        skipped = one.class_name in NO_KIND | SETTINGS or not release.has_class(one.class_name)
        if one.sort != "changed" or skipped:
            continue
        (key,) = keys_of(one, mirror, clean)
        if key in RIGHTLY_LOCAL:
            continue
        assert changed[one.member, key] == set(one.values), key
        looked += 1
    assert looked > 35


def test_what_waits_for_a_restart_is_observed(hospital: tuple[str, dict[str, Snapshot]]) -> None:
    _profile, members = hospital
    pending = {
        name: str(snapshot.header.facts.observed["configuration.pending_restart"])
        for name, snapshot in members.items()
    }
    assert "routines" in pending[BACKUP] or pending[BACKUP] == "1"
    assert pending[PRIMARY] != pending[BACKUP]


@pytest.mark.parametrize("profile", PROFILES)
def test_members_that_agree_show_no_drift(profile: str) -> None:
    members = read_mirror("clean", profile, READER)
    for name in (BACKUP, DR, REPORTING):
        drift = compare(members[PRIMARY], members[name])
        assert found(drift) == {}, name
        assert drift.gaps == []
        assert drift.clean
        assert not [note for note in drift.notes if note.type is NoteType.UNLISTED]


@pytest.mark.parametrize("profile", PROFILES)
def test_two_accounts_see_the_same(profile: str) -> None:
    """From 2025.2 one reads tables and the other objects."""
    member = member_of(build("clean", profile), PRIMARY)
    one, other = (read(member, user=user).snapshot for user in ACCOUNTS)
    assert compared(one) == compared(other)
    assert len(one.items) > 400


class Spy:
    """A connection that writes down what it is asked for."""

    def __init__(self, inner: Connection, asked: list[tuple[str, str]]) -> None:
        self._inner, self._asked = inner, asked
        self.address, self.version = inner.address, inner.version

    @property
    def calls(self) -> int:
        return self._inner.calls

    def query(self, sql: str, *parameters: Any) -> Table:
        self._asked.append(("query", sql))
        return self._inner.query(sql, *parameters)

    def call(self, class_name: str, method: str, *arguments: Any) -> Answer:
        self._asked.append(("call", f"{class_name}.{method}"))
        return self._inner.call(class_name, method, *arguments)

    def invoke(self, target: ObjectHandle, method: str, *arguments: Any) -> Answer:
        self._asked.append(("invoke", method))
        return self._inner.invoke(target, method, *arguments)

    def get(self, target: ObjectHandle, name: str) -> Any:
        self._asked.append(("get", name))
        return self._inner.get(target, name)

    def close(self) -> None:
        self._inner.close()


# -- routes -----------------------------------------------------------------------------------------------------


@cache
def agreeing(profile: str) -> Snapshot:
    return read(member_of(build("clean", profile), PRIMARY)).snapshot


def against_the_primary(profile: str, *faults: str, kinds: tuple[str, ...] = ()) -> Any:
    """Compare a member that agrees, read with these faults, with its primary."""
    from driftsync.comparing import Scope

    snapshot = read(member_of(build("clean", profile), BACKUP), *faults, kinds=kinds).snapshot
    return compare(agreeing(profile), snapshot, scope=Scope(only=frozenset(kinds)))


def test_where_a_table_is_refused_objects_are_read() -> None:
    member = member_of(build("clean", "2025.2"), PRIMARY)
    routes = {
        user: read(member, user=user, kinds=("user", "oauth2-client")).snapshot.header.extraction
        for user in ACCOUNTS
    }
    assert routes[EVERYTHING].kinds["user"].route == "SELECT FROM Security.Users"
    assert routes[READER].kinds["user"].route == "objects of Security.Users"
    assert routes[READER].kinds["oauth2-client"].route == "objects of OAuth2.Client"


def test_a_table_that_is_refused_by_itself_is_read_as_objects() -> None:
    drift = against_the_primary("2025.2", kinds=("role", "user"))
    assert drift.clean


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("no-procedure:Security.Users:List", "user"),
        ("no-procedure:Config.ECPServers:List", "ecp-server"),
        ("no-procedure:Config.MapGlobals:List", "global-mapping"),
        ("absent:Config.Devices:List", "device"),
    ],
)
def test_a_class_query_that_sql_cannot_call_is_a_gap(fault: str, kind: str) -> None:
    drift = against_the_primary("2025.2", fault, kinds=(kind, "work-queue"))
    assert found(drift) == {}
    assert {gap.kind for gap in drift.gaps} == {kind}


@pytest.mark.parametrize("profile", PROFILES)
def test_a_dictionary_that_may_not_be_read_brings_gaps_and_no_drift(profile: str) -> None:
    drift = against_the_primary(profile, "refuse:%Dictionary.*")
    assert found(drift) == {}
    assert {"task", "database", "custom-code"} <= {gap.kind for gap in drift.gaps}
    whole = {gap.kind for gap in drift.gaps if not gap.key}
    assert not whole & {"role", "global-mapping", "namespace", "instance-setting"}


def test_a_label_that_cannot_be_read_is_unread_and_not_empty() -> None:
    drift = against_the_primary("2024.1", "refuse:SYS.Database", kinds=("database",))
    assert found(drift) == {}
    assert {gap.property for gap in drift.gaps} >= {"ResourceName", "MaxSize", "GlobalJournalState"}


class Another(Spy):
    """A connection whose member shows rows of another CPF in the table of ECP servers (api.md 2.1)."""

    def __init__(self, inner: Connection, old: str, new: str) -> None:
        super().__init__(inner, [])
        self._old, self._new = old, new

    def query(self, sql: str, *parameters: Any) -> Table:
        answer = super().query(sql, *parameters)
        if not sql.endswith("FROM Config.ECPServers"):
            return answer
        rows = [tuple(self._new if each == self._old else each for each in row) for row in answer.rows]
        assert rows != list(answer.rows)
        return Table(answer.columns, (*answer.rows, *(row for row in rows if row not in answer.rows)))


@pytest.mark.parametrize("profile", PROFILES)
def test_a_row_of_another_cpf_does_not_count(profile: str) -> None:
    member = member_of(build("clean", profile), BACKUP)
    before = compared(read(member, kinds=("ecp-server",)).snapshot)
    after = read(
        member, kinds=("ecp-server",), opened=lambda inner: Another(inner, "10.20.4.31", "10.0.0.1")
    ).snapshot
    assert compared(after) == before
    assert after.header.gaps == []


def test_a_table_that_says_more_than_its_list_is_a_gap() -> None:
    member = member_of(build("clean", "2024.1"), BACKUP)
    snapshot = read(
        member, kinds=("ecp-server",), opened=lambda inner: Another(inner, "PACS", "FORMER")
    ).snapshot
    assert "ecp-server:PACS" in compared(snapshot)
    assert "ecp-server:FORMER" not in compared(snapshot)
    assert [gap.kind for gap in snapshot.header.gaps] == ["ecp-server"]


# -- refused and absent classes ---------------------------------------------------------------------------------

OF_READERS = {
    "database": ("Config.Databases",),
    "task": ("%SYS.Task",),
    "oauth2-server-definition": ("OAuth2.ServerDefinition",),
    "oauth2-client": ("OAuth2.Client",),
    "oauth2-server-configuration": ("OAuth2.Server.Configuration",),
    "sql-datatype": ("Config.SqlSysDatatypes", "Config.SqlUserDatatypes"),
    "encryption-key": ("%SYSTEM.Encryption",),
    "nls-locale": ("%SYS.NLS.Locale",),
    "custom-code": ("%Library.Routine",),
    "file": ("%Library.File",),
    "production": ("Ens.Director",),
}
"""The classes that the readers of their own cannot do without."""
NEEDS = {
    "global-mapping": ("Config.Namespaces",),
    "routine-mapping": ("Config.Namespaces",),
    "package-mapping": ("Config.Namespaces",),
    "ipm-package": ("Config.Namespaces",),
    "production": ("Config.Namespaces", "Ens.Director"),
    "mirror-member-entry": ("Config.Mirrors",),
    "file": ("Security.Applications", "Config.Gateways", "%Library.SQLConnection", "%Library.File"),
}
"""Classes that a kind needs to know where to look."""
ONCE_ABSENT_KNOWN = {"production"}
"""A namespace without `Ens.Director` has no production: that is knowledge."""


def classes_behind(kind: Kind) -> set[str]:
    """Return the classes without which a kind cannot be read."""
    behind = {*OF_READERS.get(kind.name, ()), *NEEDS.get(kind.name, ())}
    for route in kind.live:
        match route:
            case TableRoute(unsure=False) | ConfigRows() | QueryRows():
                behind.add(route.iris_class)
            case Objects():
                behind.add(route.home)
            case Sections():
                behind.update(f"Config.{name}" for name in route.sections)
            case _:
                pass
    if any(isinstance(route, ConfigRows) and route.by_namespace == "ID" for route in kind.live):
        behind.add("Config.Mirrors")
    return behind


def classes() -> list[str]:
    found = {name for kind in all_kinds().values() for name in classes_behind(kind)}
    return sorted(found - {"Config.MirrorMember"})


def fourth(number: int) -> list[str]:
    return classes()[number::4]


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("profile", ["2022.1", "2025.2"])
def test_refused_classes_are_gaps_of_exactly_their_kinds(profile: str, number: int) -> None:
    refused(profile, "refuse", fourth(number))


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("profile", ["2022.1", "2025.2"])
def test_absent_classes_are_gaps_of_exactly_their_kinds(profile: str, number: int) -> None:
    refused(profile, "absent", fourth(number))


@pytest.mark.soak
@pytest.mark.parametrize("fault", ["refuse", "absent"])
@pytest.mark.parametrize("profile", PROFILES)
def test_each_class_by_itself_is_a_gap_of_exactly_its_kinds(profile: str, fault: str) -> None:
    for name in classes():
        refused(profile, fault, [name])


def refused(profile: str, fault: str, names: list[str]) -> None:
    mirror = build("clean", profile)
    member = member_of(mirror, BACKUP)
    present = [name for name in names if member.release.has_class(name)]
    drift = against_the_primary(profile, *(f"{fault}:{name}" for name in present))
    hit = {kind.name for kind in all_kinds().values() if classes_behind(kind) & {*present}}
    had = {kind for kind, seen in agreeing(profile).header.coverage.items() if seen is Coverage.WHOLE}
    hit = hit & had - (ONCE_ABSENT_KNOWN if fault == "absent" and "Ens.Director" in present else set())
    told = {key: sort for key, sort in found(drift).items() if key.partition(":")[0] not in ONCE_ABSENT_KNOWN}
    assert told == {}, present
    gaps = {gap.kind for gap in drift.gaps} - {""}
    assert hit - gaps == set(), present
    assert gaps - hit - {"production"} == set(), present
    assert not drift.complete


# -- nothing is changed -------------------------------------------------------------------------------------------


def state_of(instance: SimulatedInstance) -> dict[str, Any]:
    """Return all that a write could have changed."""
    tables = {name: dict(instance.storage.table(name)) for name in all_classes()}
    return copy.deepcopy(
        {
            "tables": tables,
            "files": {path: instance.files.read(path) for path in instance.files.below("/")},
            "code": instance.code,
            "packages": instance.packages,
            "productions": instance.productions,
            "keys": instance.encryption_keys,
            "locale": instance.locale,
        }
    )


@pytest.fixture(
    scope="module", params=[(profile, user) for profile in PROFILES for user in ACCOUNTS], ids=str
)
def watched(
    request: pytest.FixtureRequest,
) -> tuple[list[tuple[str, str]], dict[str, Any], dict[str, Any]]:
    profile, user = request.param
    member = member_of(build("hospital", profile), PRIMARY)
    asked: list[tuple[str, str]] = []
    before = state_of(member)
    read(member, user=user, opened=lambda inner: Spy(inner, asked))
    return asked, before, state_of(member)


def test_a_whole_extraction_asks_only_what_changes_nothing(watched: Any) -> None:
    asked, _before, _after = watched
    by_sort = {
        sort: {what for each, what in asked if each == sort} for sort in ("query", "call", "invoke", "get")
    }
    assert len(by_sort["query"]) > 30
    for sql in by_sort["query"]:
        assert re.match(r"SELECT\s", sql), sql
        assert not re.search(r"\b(INSERT|UPDATE|DELETE|CALL|CREATE|DROP|ALTER|GRANT|INTO)\b|;", sql), sql
    for what in by_sort["call"]:
        class_name, _dot, method = what.rpartition(".")
        assert is_permitted(class_name, method), what
    assert by_sort["invoke"] <= OF_OBJECTS


def test_a_whole_extraction_leaves_the_member_as_it_was(watched: Any) -> None:
    _asked, before, after = watched
    assert before["tables"]["Security.Users"]
    assert before["files"]
    for part, value in before.items():
        assert after[part] == value, part


WRITERS = {
    "Save", "Set", "Modify", "Create", "Delete", "Import", "ImportAll", "Export", "ExportAll", "Copy", "Remove", "Kill",
    "%Save", "%Delete", "%DeleteId", "%KillExtent", "Activate", "Write", "Start", "Stop", "Enable", "Disable",
    "Grant", "Revoke", "Mount", "Dismount", "Purge", "Execute",
}  # fmt: skip


@pytest.mark.parametrize("word", sorted(WRITERS))
def test_no_method_that_writes_is_permitted(word: str) -> None:
    permitted = {method for methods in READERS.values() for method in methods} | OF_OBJECTS
    permitted -= {"SetNamespace"}  # moves the session alone
    assert word not in permitted
    assert not [method for method in permitted if re.match(rf"{re.escape(word)}(?=[A-Z]|$)", method)]


class Nothing:
    """A connection that must not be reached."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE Security.Users SET Enabled = 0",
        "DELETE FROM Config.MapGlobals",
        "INSERT INTO Config.ECPServers (Name) VALUES ('X')",
        "CALL Security.Users_Import('x')",
        "SELECT 1; DELETE FROM Security.Users",
        " /* SELECT */ DELETE FROM Security.Users",
        "SELECTED",
        "",
    ],
)
def test_statements_that_could_write_are_refused_before_they_are_sent(sql: str) -> None:
    connection = PermittedConnection(Nothing)  # type: ignore[arg-type]
    with pytest.raises(NotPermittedError):
        connection.query(sql)


def test_methods_that_could_write_are_refused_before_they_are_sent() -> None:
    connection = PermittedConnection(Nothing)  # type: ignore[arg-type]
    for class_name, method in (
        ("Security.Users", "Modify"),
        ("Config.MapGlobals", "Create"),
        ("Security.System", "ExportAll"),
        ("%Library.File", "Delete"),
        ("No.Such", "Exists"),
        ("Security.SQLPrivileges.Inner", "Delete"),
    ):
        with pytest.raises(NotPermittedError):
            connection.call(class_name, method)
    for method in ("%Save", "Insert", "SetAt", "%Close", "Write"):
        with pytest.raises(NotPermittedError):
            connection.invoke(ObjectHandle(0), method)


# -- what it costs ----------------------------------------------------------------------------------------------


OAUTH2 = {
    "oauth2-server-definition": ("OAuth2.ServerDefinition", "OAuth2.Server.Metadata"),
    "oauth2-client": ("OAuth2.Client", "OAuth2.Client.Metadata", "OAuth2.Endpoint"),
    "oauth2-server-configuration": (
        "OAuth2.Server.Configuration",
        "OAuth2.Server.Metadata",
        "OAuth2.Endpoint",
    ),
}


@pytest.mark.parametrize(
    ("profile", "user"), [("2022.1", READER), ("2024.1", READER), ("2025.2", EVERYTHING), ("2025.2", READER)]
)
def test_round_trips_do_not_grow_with_the_items(
    profile: str, user: str, capsys: pytest.CaptureFixture[str]
) -> None:
    member = member_of(build("large", profile), PRIMARY)
    reading = read(member, user=user)
    header = reading.snapshot.header
    assert header.extraction is not None
    kinds = [item.key.kind for item in reading.snapshot.items]
    namespaces = len(list(member.storage.rows("Config.Namespaces")))
    databases = len(list(member.storage.rows("Config.Databases")))
    bound = 95 + 5 * namespaces + 3 * databases + kinds.count("file")
    by_object = {
        name for name, each in header.extraction.kinds.items() if each.route.startswith("objects of")
    }
    if profile == "2025.2":
        secure = [kind for kind in kinds if kind in by_object and kind not in OAUTH2]
        bound += 2 * len(secure)
        bound += sum(
            len(all_classes()[name].properties)
            for kind in kinds
            if kind in by_object
            for name in OAUTH2.get(kind, ())
        )
    else:
        assert not by_object
    trips = reading.round_trips - reading.pages
    with capsys.disabled():
        print(  # noqa: T201 - the count is part of the promise
            f"\nlarge, {profile}, {user}: {len(kinds)} items, {trips} round trips and {reading.pages} pages; bound {bound}"
        )
    assert len(kinds) > 8000
    assert header.gaps == []
    assert trips <= bound
    assert abs(header.extraction.round_trips - trips) <= 10


def test_every_class_that_is_asked_for_is_known_to_the_dictionary_of_the_tests() -> None:
    assert classes_of_kinds() >= {name for name in classes() if name.startswith(("Config.", "Security."))}
