"""The instance half of the lab, in one process: calls, objects, SQL, privileges, releases, the mirror, scenarios."""

# ruff: noqa: S608, S314, RUF043 - a simulated database, our own XML

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from driftsync.lab.contract import (
    Argument,
    Describes,
    FailsOver,
    Instance,
    LoginRefused,
    ObjectReference,
    ObjectScriptError,
    Session,
    SqlError,
    Value,
)
from driftsync.lab.instance import RELEASES, Faults, SimulatedInstance, SimulatedMirror
from driftsync.lab.instance.facts import all_classes, procedures, tables
from driftsync.lab.scenarios import MEMBERS, PASSWORDS, SCENARIOS, build, make_member
from driftsync.lab.scenarios.hospital import PLANTED
from driftsync.lab.scenarios.planting import CHANGED, EXTRA, LOCAL, MISSING
from driftsync.lab.values import decode

OUT = Argument("", by_reference=True)


def enter(instance: SimulatedInstance, user: str = "_SYSTEM", namespace: str = "%SYS") -> Any:
    return instance.login(user, PASSWORDS[user], namespace)


def call(session: Any, class_name: str, method: str, *values: Value | Argument) -> Any:
    return session.class_method(class_name, method, as_arguments(values)).value


def on(session: Any, target: Any, method: str, *values: Value | Argument) -> Any:
    return session.method(target, method, as_arguments(values)).value


def as_arguments(values: Any) -> list[Argument]:
    return [value if isinstance(value, Argument) else Argument(value) for value in values]


def rows(session: Any, sql: str, *parameters: Value) -> list[tuple[Value, ...]]:
    return [tuple(row) for row in session.query(sql, parameters).rows]


def table(session: Any, sql: str, *parameters: Value) -> list[dict[str, Value]]:
    found = session.query(sql, parameters)
    names = [column.name for column in found.columns]
    return [dict(zip(names, row, strict=True)) for row in found.rows]


def text_of(session: Any, status: Any) -> Any:
    return call(session, "%SYSTEM.Status", "GetErrorText", status)


def elements(data: Value) -> list[Value]:
    assert isinstance(data, bytes)
    return decode(data)


def pairs_of(session: Any, class_name: str, *key: Value) -> dict[str, Value]:
    status, *pairs = elements(call(session, class_name, "GetList", *key))
    assert status == 1, text_of(session, status)
    found = [decode(str(pair).encode("latin-1")) for pair in pairs]
    return {str(name): value for name, value in found}


def existing(session: Any, class_name: str, *key: Value) -> Any:
    reply = session.class_method(class_name, "Exists", [*as_arguments(key), OUT, OUT])
    assert reply.value == 1, text_of(session, reply.returned[1])
    return reply.returned[0]


@pytest.fixture(scope="module")
def shared() -> SimulatedMirror:
    """The hospital on 2024.1, for tests that change nothing."""
    return build("hospital")


@pytest.fixture(scope="module")
def reader(shared: SimulatedMirror) -> Iterator[Any]:
    session = enter(shared.states[0].instance)
    yield session
    session.close()


@pytest.fixture
def instance() -> SimulatedInstance:
    return build("clean").states[0].instance


@pytest.fixture
def session(instance: SimulatedInstance) -> Any:
    return enter(instance)


def test_it_is_what_the_server_expects(instance: SimulatedInstance, session: Any) -> None:
    plain: Instance = instance
    opened: Session = session
    assert isinstance(instance, FailsOver)
    assert isinstance(session, Describes)
    assert plain.version.startswith("IRIS for UNIX")
    assert opened is session


class TestEntering:
    def test_accounts(self, instance: SimulatedInstance) -> None:
        for user in PASSWORDS:
            enter(instance, user).close()
        assert instance.sessions == {}

    @pytest.mark.parametrize(
        ("user", "password", "namespace"),
        [("_SYSTEM", "wrong", "%SYS"), ("nobody", "x", "%SYS"), ("_SYSTEM", "lab-system", "NOWHERE")],
    )
    def test_refusals(self, instance: SimulatedInstance, user: str, password: str, namespace: str) -> None:
        with pytest.raises(LoginRefused):
            instance.login(user, password, namespace)

    def test_service_and_account_decide(self, instance: SimulatedInstance) -> None:
        instance.change("Security.Services", {"Name": "%Service_Bindings"}, {"AutheEnabled": 64})
        with pytest.raises(LoginRefused):
            enter(instance)
        instance.change("Security.Services", {"Name": "%Service_Bindings"}, {"AutheEnabled": 32})
        instance.change("Security.Users", {"Name": "driftsync"}, {"Enabled": 0})
        with pytest.raises(LoginRefused):
            enter(instance, "driftsync")

    def test_wrong_password_on_demand(self, instance: SimulatedInstance) -> None:
        instance.faults.wrong_password = True
        with pytest.raises(LoginRefused):
            enter(instance)


class TestErrors:
    @pytest.mark.parametrize(
        ("class_name", "method", "start"),
        [
            ("No.Such", "Get", "<CLASS DOES NOT EXIST>zx+1^%SYS *No.Such"),
            ("Security.Users", "Nothing", "<METHOD DOES NOT EXIST>zx+1^%SYS *Nothing,Security.Users"),
            ("Security.Users", "%Save", "<INVALID OREF>"),
            ("%SYSTEM.License", "DumpKey", "<UNIMPLEMENTED>"),
        ],
    )
    def test_calls(self, reader: Any, class_name: str, method: str, start: str) -> None:
        with pytest.raises(ObjectScriptError) as caught:
            call(reader, class_name, method)
        assert str(caught.value).startswith(start)

    def test_too_many_arguments(self, reader: Any) -> None:
        with pytest.raises(ObjectScriptError, match="^<PARAMETER>"):
            call(reader, "%SYSTEM.Mirror", "GetStatus", 1, 2, 3)

    def test_properties(self, reader: Any) -> None:
        user = existing(reader, "Security.Users", "nina")
        with pytest.raises(
            ObjectScriptError, match=r"^<PROPERTY DOES NOT EXIST>zx\+1\^%SYS \*Nix,Security.Users"
        ):
            reader.get(user, "Nix")
        with pytest.raises(ObjectScriptError, match="^<PRIVATE PROPERTY>"):
            reader.get(user, "PasswordUpdated")
        with pytest.raises(ObjectScriptError, match="^<CANNOT SET THIS PROPERTY>"):
            reader.set(user, "NameLowerCase", "x")
        with pytest.raises(ObjectScriptError, match="^<INVALID OREF>"):
            reader.get(ObjectReference(9999999, "X"), "Name")

    def test_system_classes_outside_sys(self, shared: SimulatedMirror) -> None:
        session = enter(shared.states[0].instance, namespace="EMR")
        with pytest.raises(ObjectScriptError, match="CLASS DOES NOT EXIST"):
            call(session, "Config.SQL", "GetList")
        assert call(session, "%SYSTEM.Mirror", "IsMember") == 1
        with pytest.raises(SqlError) as caught:
            rows(session, "SELECT Name FROM Security.Users")
        assert caught.value.code == -30

    def test_status_texts(self, reader: Any) -> None:
        missing = reader.class_method("Security.Users", "Exists", [Argument("nix"), OUT, OUT])
        assert missing.value == 0
        assert missing.returned[0] == ""
        assert "ERROR #5809" in text_of(reader, missing.returned[1])
        as_it_comes_back = missing.returned[1].decode("latin-1")
        assert text_of(reader, as_it_comes_back) == text_of(reader, missing.returned[1])
        assert text_of(reader, 1) == ""
        assert call(reader, "%SYSTEM.Status", "IsError", as_it_comes_back) == 1


class TestRecords:
    def test_exists_gives_the_object(self, reader: Any) -> None:
        role = existing(reader, "Security.Roles", "DOCTOR")
        assert reader.get(role, "Name") == "Doctor"
        resources = reader.get(role, "Resources")
        assert on(reader, resources, "Count") == 3
        first = on(reader, resources, "GetAt", 1)
        assert reader.get(first, "Permission") in {1, 3, 4}
        assert reader.get(reader.get(first, "TheRole"), "Name") == "Doctor"
        granted = reader.get(role, "GrantedRoles")
        assert [on(reader, granted, "GetAt", n + 1) for n in range(on(reader, granted, "Count"))] == ["Nurse"]
        assert on(reader, role, "%Id") == "doctor"

    def test_keys_of_several_parts(self, reader: Any) -> None:
        assert reader.get(existing(reader, "Security.Events", "emr", "record", "read"), "Name") == "Read"
        assert reader.get(existing(reader, "Security.Servers", 51773, ""), "SSLSupportLevel") == 2
        assert reader.get(existing(reader, "Config.MapGlobals", "emr", "LabResult"), "Database") == "LAB"
        assert reader.get(existing(reader, "Security.System", "SYSTEM"), "InactiveLimit") == 90
        assert (
            reader.get(existing(reader, "%SYS.X509Credentials", "Signing"), "Thumbprint")
            == b"thumb of Signing"
        )

    def test_get_list(self, reader: Any) -> None:
        assert pairs_of(reader, "Config.SQL")["LockTimeout"] == 10
        found = pairs_of(reader, "Config.MapGlobals", "EMR", "Visit(1):(500000)")
        assert (found["Database"], found["Collation"], found["CPFName"]) == ("ARCHIVE2019", 5, "iris")
        assert pairs_of(reader, "Config.Gateways", "PdfServer")["ClassPath"] == "/opt/pdf/pdf.jar"
        status = elements(call(reader, "Config.Devices", "GetList", "none"))[0]
        assert "5809" in text_of(reader, status)

    def test_open_of_configuration(self, reader: Any) -> None:
        database = call(reader, "Config.Databases", "Open", "emr")
        assert reader.get(database, "Directory") == "/data/emr/"
        assert call(reader, "Config.Databases", "Open", "NONE") == ""

    def test_every_class_can_be_opened(self, reader: Any, shared: SimulatedMirror) -> None:
        storage, opened = shared.states[0].instance.storage, 0
        for name, facts in all_classes().items():
            for key in list(storage.table(name))[:2]:
                target = call(reader, name, "%OpenId", "||".join(key))
                assert isinstance(target, ObjectReference), name
                for found in shared.states[0].instance.release.properties(facts):
                    if not found.private:
                        reader.get(target, found.name)
                opened += 1
        assert opened > 100

    def test_xml_of_an_object(self, reader: Any) -> None:
        user = existing(reader, "Security.Users", "nina")
        reply = reader.method(user, "XMLExportToString", [OUT])
        record = ET.fromstring(reply.returned[0])
        assert record.tag == "Users"
        assert record.findtext("Enabled") == "true"
        assert [item.text for item in record.find("Roles")] == ["Nurse"]  # type: ignore[union-attr]
        assert record.find("NameLowerCase") is None
        task = call(reader, "%SYS.Task", "%OpenId", 1000)
        with pytest.raises(ObjectScriptError, match="METHOD DOES NOT EXIST"):
            reader.method(task, "XMLExportToString", [OUT])

    def test_create_change_delete(self, session: Any) -> None:
        made = call(session, "Security.Applications", "%New")
        assert session.get(made, "AutheEnabled") == 64
        for name, value in (("Name", "/New"), ("NameSpace", "emr"), ("Timeout", "300")):
            session.set(made, name, value)
        on(session, session.get(made, "MatchRoles"), "Insert", ":Nurse")
        assert on(session, made, "%Save") == 1
        again = existing(session, "Security.Applications", "/new")
        assert session.get(again, "NameSpace") == "EMR"
        assert session.get(again, "Timeout") == 300
        assert on(session, session.get(again, "MatchRoles"), "GetAt", 1) == ":Nurse"
        assert call(session, "Security.Applications", "Delete", "/NEW") == 1
        assert call(session, "Security.Applications", "%ExistsId", "/new") == 0
        assert "5810" in text_of(session, call(session, "Security.Applications", "Delete", "/NEW"))

    def test_nothing_is_kept_without_save(self, session: Any) -> None:
        role = existing(session, "Security.Roles", "Nurse")
        session.set(role, "Description", "changed")
        on(session, session.get(role, "GrantedRoles"), "Insert", "Doctor")
        assert session.get(existing(session, "Security.Roles", "Nurse"), "Description") == "Nurses"

    @pytest.mark.parametrize(
        ("class_name", "values", "code"),
        [
            ("Security.Applications", {"Name": "/x", "Timeout": 100001}, "#7203"),
            ("Security.Applications", {"Name": "/x", "Timeout": -1}, "#7204"),
            ("Security.Applications", {"Name": "/x", "ServeFiles": 9}, "#7205"),
            ("Security.Applications", {"Name": "/x", "Enabled": "maybe"}, "#7206"),
            ("Security.Applications", {}, "#5659"),
            (
                "Config.Devices",
                {"Name": "x" * 65, "PhysicalDevice": "a", "SubType": "b", "Type": "TRM"},
                "#7201",
            ),
            ("Config.Devices", {"Name": "x", "PhysicalDevice": "a", "SubType": "b", "Type": "T"}, "#7202"),
            ("Config.Databases", {"Name": "emr", "Directory": "/x"}, "#5808"),
        ],
    )
    def test_wrong_values(self, session: Any, class_name: str, values: dict[str, Value], code: str) -> None:
        made = call(session, class_name, "%New")
        for name, value in values.items():
            session.set(made, name, value)
        assert code in text_of(session, on(session, made, "%Save"))

    def test_scalar_creation(self, session: Any) -> None:
        assert call(session, "Security.Resources", "Create", "%DB_New", "new", "RW") == 1
        assert (
            call(session, "Security.Roles", "Create", "NewRole", "new", "%DB_New:RW,Emr_Read:U", "Nurse") == 1
        )
        assert call(session, "Security.Users", "Create", "new", "NewRole", "Secret123", "New User") == 1
        assert call(session, "Security.Events", "Create", "A", "B", "C", "d") == 1
        role = existing(session, "Security.Roles", "newrole")
        assert on(session, session.get(role, "Resources"), "Count") == 2
        assert "ERROR" in text_of(session, call(session, "Security.Users", "Create", "n2", "NoRole", "x"))
        assert call(session, "Security.Users", "AddRoles", "new", "Nurse,NewRole") == 1
        assert table(session, "SELECT Roles FROM Security.Users WHERE Name='new'") == [
            {"Roles": "NewRole,Nurse"}
        ]
        assert call(session, "Security.Roles", "Delete", "NewRole") == 1
        assert table(session, "SELECT Roles FROM Security.Users WHERE Name='new'") == [{"Roles": "Nurse"}]

    def test_password_hash_travels(self, instance: SimulatedInstance, session: Any) -> None:
        nina = existing(session, "Security.Users", "nina")
        packed = ",".join(
            [session.get(nina, "Password").hex(), session.get(nina, "Salt").hex(), "10000", "SHA512"]
        )
        dora = existing(session, "Security.Users", "dora")
        session.set(dora, "PasswordHash", packed)
        assert on(session, dora, "%Save") == 1
        instance.change("Security.Users", {"Name": "dora"}, {"Roles": ["%All"]})
        instance.login("dora", "not-a-real-secret-nina", "%SYS").close()

    def test_a_part_of_a_global_needs_the_whole(self, session: Any) -> None:
        made = call(session, "Config.MapGlobals", "%New")
        for name, value in (("Namespace", "lab"), ("Name", 'Result( "a" )'), ("Database", "emr")):
            session.set(made, name, value)
        assert on(session, made, "%Save") == 1
        found = rows(
            session, "SELECT Name, Database FROM Config.MapGlobals WHERE Name LIKE 'Result%' ORDER BY Name"
        )
        assert found == [("Result", "LAB"), ('Result("a")', "EMR")]

    def test_fixed_things(self, session: Any) -> None:
        assert "ERROR" in text_of(session, call(session, "Config.WorkQueues", "Delete", "SQL"))
        assert "ERROR" in text_of(
            session, call(session, "Security.Events", "Delete", "%System", "%Login", "Login")
        )
        made = call(session, "Security.Services", "%New")
        session.set(made, "Name", "%Service_New")
        session.set(made, "Description", "x")
        assert "ERROR" in text_of(session, on(session, made, "%Save"))


class TestConfiguration:
    def test_flags_and_activation(self, instance: SimulatedInstance, session: Any) -> None:
        made = call(session, "Config.Namespaces", "%New")
        for name, value in (("Name", "new"), ("Globals", "EMR"), ("Routines", "EMRCODE"), ("Flags", 1)):
            session.set(made, name, value)
        assert on(session, made, "%Save") == 1
        assert pairs_of(session, "Config.Namespaces", "NEW")["Globals"] == "EMR"
        assert call(session, "%SYS.Namespace", "Exists", "NEW") == 0
        assert "NEW" not in [row[0] for row in rows(session, "SELECT Nsp FROM %SYS.Namespace_List(0,1)")]
        assert call(session, "Config.CPF", "Activate") == 1
        assert call(session, "%SYS.Namespace", "Exists", "NEW") == 1
        assert instance.login("_SYSTEM", PASSWORDS["_SYSTEM"], "new").namespace == "NEW"

    def test_an_edited_file_stops_every_change(self, instance: SimulatedInstance, session: Any) -> None:
        instance.cpf_edited = True
        reply = session.class_method("Config.CPF", "CPFFileNeedsActivation", [OUT])
        assert (reply.value, reply.returned[0] != "") == (1, True)
        settings = call(session, "Config.SQL", "Open")
        session.set(settings, "LockTimeout", 20)
        assert "activated" in text_of(session, on(session, settings, "%Save"))
        assert pairs_of(session, "Config.SQL")["LockTimeout"] == 10

    def test_pending_restart(self, session: Any) -> None:
        assert call(session, "Config.CPF", "PendingRestart") == 0
        settings = call(session, "Config.config", "Open")
        session.set(settings, "jrnbufs", 128)
        assert on(session, settings, "%Save") == 1
        reply = session.class_method("Config.CPF", "PendingRestart", [OUT])
        assert reply.value == 1
        assert reply.returned == (1,)

    def test_database_files(self, session: Any) -> None:
        assert "does not exist" in text_of(
            session, call(session, "SYS.Database", "CreateDatabase", "/data/new")
        )
        call(session, "%Library.File", "CreateDirectoryChain", "/data/new")
        assert call(session, "SYS.Database", "CreateDatabase", "/data/new", 20, 8192, 0, "%DB_EMR") == 1
        label = call(session, "SYS.Database", "%OpenId", "/data/new")
        assert (session.get(label, "Size"), session.get(label, "ResourceName")) == (20, "%DB_EMR")


class TestFiles:
    def test_streams(self, session: Any) -> None:
        name = call(session, "%Library.File", "TempFilename", "xml")
        stream = call(session, "%Stream.FileCharacter", "%New")
        session.set(stream, "Filename", name)
        on(session, stream, "Write", "ä 病历")
        assert on(session, stream, "%Save") == 1
        assert call(session, "%Library.File", "GetFileSize", name) == len("ä 病历".encode())
        second = call(session, "%Stream.FileBinary", "%New")
        assert on(session, second, "LinkToFile", name) == 1
        read = session.method(second, "Read", [Argument(3, by_reference=True), OUT])
        assert read.value == "ä ".encode()
        assert read.returned == (3, 1)
        assert session.get(second, "AtEnd") == 0
        assert len(call(session, "%Library.File", "GetFileSHA256Hash", name)) == 64
        assert call(session, "%Library.File", "Delete", name) == 1
        assert call(session, "%Library.File", "Exists", name) == 0
        assert call(session, "%Library.File", "GetFileSHA256Hash", name) == ""

    def test_export_all(self, session: Any, instance: SimulatedInstance) -> None:
        name = call(session, "%Library.File", "TempFilename", "xml")
        reply = session.class_method("Security.System", "ExportAll", [Argument(name), OUT, Argument(-1)])
        assert reply.value == 1
        root = ET.fromstring(instance.files.read(name))
        assert root.tag == "SecurityExport"
        assert reply.returned[0] == sum(len(container) for container in root)
        containers = {container.tag for container in root}
        assert {
            "UsersExport",
            "RolesExport",
            "KMIPServerExport",
            "SystemExport",
            "SSLConfigsExport",
        } <= containers
        doctor = next(role for role in root.iter("Roles") if role.findtext("Name") == "Doctor")
        assert {pair.findtext("Name") for pair in doctor.find("Resources")} == {
            "Emr_Read",
            "Emr_Write",
            "%DB_EMR",
        }  # type: ignore[union-attr]

    def test_export_and_import(self, session: Any, instance: SimulatedInstance) -> None:
        call(session, "Security.Users", "Export", "users.xml", OUT, "nina")
        before = instance.where("Security.Users", Name="nina")
        call(session, "Security.Users", "Delete", "nina")
        reply = session.class_method("Security.Users", "Import", [Argument("users.xml"), OUT, Argument(1)])
        assert reply.returned == (1,)
        assert call(session, "Security.Users", "%ExistsId", "nina") == 0
        assert call(session, "Security.Users", "Import", "users.xml", OUT) == 1
        after = instance.where("Security.Users", Name="nina")
        for name in ("Password", "Salt", "Roles", "Enabled", "HOTPKey", "FullName"):
            assert after[name] == before[name]

    def test_no_password_of_a_key(self, session: Any, instance: SimulatedInstance) -> None:
        call(session, "Security.SSLConfigs", "Export", "a.xml")
        secret = base64.b64encode(b"not-a-real-secret-tls-insurance")  # as XML writes binary values
        assert secret in instance.files.read("a.xml")
        names = [formal.name for formal in all_classes()["Security.SSLConfigs"].methods["Export"].arguments]
        values = ["b.xml", "", *["*"] * (names.index("NoPwd") - 2), 1]
        assert call(session, "Security.SSLConfigs", "Export", *values) == 1
        assert secret not in instance.files.read("b.xml")
        assert b"<Name>Insurance</Name>" in instance.files.read("b.xml")

    def test_disk_full(self, session: Any, instance: SimulatedInstance) -> None:
        instance.faults.disk_full = True
        assert "DSKFUL" in text_of(session, call(session, "Security.System", "ExportAll", "all.xml"))
        stream = call(session, "%Stream.FileCharacter", "%New")
        session.set(stream, "Filename", "x")
        assert "DSKFUL" in text_of(session, on(session, stream, "%Save"))
        assert "DSKFUL" in text_of(session, call(session, "Config.CPF", "Write"))

    def test_tasks(self, session: Any, instance: SimulatedInstance) -> None:
        assert call(session, "%SYS.Task", "ExportTasks", "tasks.xml") == 1
        text = instance.files.read("tasks.xml").decode()
        assert "<Tasks><Task>\n" in text
        claims = next(task for task in ET.fromstring(text) if task.findtext("Name") == "Send claims")
        assert claims.findtext("DailyStartTime") == "02:15:00"
        assert claims.findtext("StartDate") == "2024-03-01"
        assert (claims.findtext("Settings") or "").startswith("CwFEaXJlY3Rvcnk")

    def test_new_task(self, session: Any) -> None:
        made = call(session, "%SYS.Task", "%New")
        for name, value in (("Name", "Mine"), ("NameSpace", "emr"), ("TaskClass", "X.Y")):
            session.set(made, name, value)
        assert on(session, made, "%Save") == 1
        assert int(on(session, made, "%Id")) >= 1000
        assert len(session.get(made, "JobGUID")) == 36
        session.set(made, "TimePeriod", 7)
        assert "#7205" in text_of(session, on(session, made, "%Save"))


class TestSql:
    def test_formats(self, reader: Any) -> None:
        sql = """SELECT Name, AutheEnabled, %INTERNAL(AutheEnabled) AS Bits, Enabled, %INTERNAL(Enabled) AS Flag, MatchRoles,
                 %INTERNAL(MatchRoles) AS List, %EXTERNAL(ServeFiles) AS Serve FROM Security.Applications WHERE Name = '/emr'"""
        (found,) = table(reader, sql)
        assert found["AutheEnabled"] == "Password"
        assert (found["Bits"], found["Enabled"], found["Flag"]) == ("32", "Yes", "1")
        assert found["MatchRoles"] == "Doctor:%DB_LAB"
        assert elements(found["List"]) == ["Doctor:%DB_LAB"]
        assert found["Serve"] == "Always"

    def test_as_the_driver_sends_it(self, reader: Any) -> None:
        sql = "SELECT %INTERNAL ( Enabled ) AS E , u . Name FROM Security . Users u WHERE u . Name = :%qpar(1) OR u . Name = :%qpar(2) ORDER BY u . Name DESC"
        assert rows(reader, sql, "NINA", "dora") == [("1", "nina"), ("1", "dora")]
        sql = "SELECT * FROM Security . Users_List ( :%qpar(1) ) WHERE Name LIKE :%qpar(2)"
        assert [row["Name"] for row in table(reader, sql, "*", "lar%")] == ["lara"]
        sql = 'SELECT "Task Name" FROM %SYS . Task_TaskListDetail ( )'
        assert ("Night report",) in rows(reader, sql)

    def test_tables(self, reader: Any) -> None:
        assert rows(reader, "SELECT count(*) FROM Config.MapGlobals WHERE Namespace = 'EMR'") == [(4,)]
        assert table(
            reader, "SELECT TOP 1 Connection_Name, isJDBC FROM %Library.sys_SQLConnection ORDER BY ID"
        ) == [{"Connection_Name": "Insurance", "isJDBC": True}]
        assert rows(
            reader,
            "SELECT DailyStartTime, %INTERNAL(DailyStartTime) FROM %SYS.Task WHERE Name = ?",
            "Send claims",
        ) == [("02:15:00", "8100")]
        assert rows(
            reader, "SELECT RedirectionEndpoint_Host FROM OAuth2.Client WHERE ApplicationName='lab-api'"
        ) == [("emr.hospital.example",)]
        assert len(rows(reader, "SELECT * FROM OAuth2_Server.Configuration_SupportedScopes")) == 2
        assert ("doctor", "Emr_Write", "U") in rows(
            reader, "SELECT TheRole, Name, Permission FROM Security.Resource"
        )
        assert rows(reader, "SELECT Data FROM %SYS_Task.Config WHERE ParamName='Sender'") == [
            ("iris@hospital.example",)
        ]

    def test_numbers_and_references(self, reader: Any) -> None:
        site = rows(reader, "SELECT ID, Name FROM %SYS.Task WHERE ID >= 1000 ORDER BY ID")
        assert site[0] == (1000, "Night report")
        assert len(site) == 5
        sql = """SELECT m.client_name FROM OAuth2.Client c JOIN OAuth2_Client.Metadata m ON m.ID = c.Metadata
                 WHERE c.ApplicationName = 'lab-api'"""
        assert rows(reader, sql) == [("lab-api",)]

    def test_every_table_and_query_answers(self, reader: Any, shared: SimulatedMirror) -> None:
        release = shared.states[0].instance.release
        for facts in tables().values():
            if facts.table.startswith("%Dictionary") or not release.has_class(facts.name):
                continue
            found = reader.query(f"SELECT * FROM {facts.table}", [])
            assert all(len(row) == len(found.columns) for row in found.rows), facts.table
        asked = 0
        for name, (facts, query) in procedures().items():
            if not release.has_class(facts.name) or facts.name.startswith("%Dictionary"):
                continue
            schema, _, short = name.rpartition(".")
            arguments = ",".join(
                "'EMR'" if formal.name in {"Namespace", "ID"} else "'*'" for formal in query.arguments[:1]
            )
            found = reader.query(f'SELECT * FROM "{schema}"."{short}"({arguments})', [])
            list(found.rows)
            asked += 1
        assert asked > 100

    def test_joins_and_subqueries(self, reader: Any) -> None:
        sql = """SELECT r.Name, (SELECT count(*) FROM Security.Users u WHERE u.Roles = r.Name) AS Holders FROM Security.Roles r
                 WHERE r.Name IN (SELECT TheRole FROM Security.Resource WHERE Name = 'Emr_Read') ORDER BY 1"""
        assert rows(reader, sql) == [("Doctor", "2"), ("Nurse", "1")]
        sql = "SELECT a.Name, b.Name FROM Security.Roles a JOIN Security.Roles b ON b.Name = a.GrantedRoles WHERE a.Name %STARTSWITH 'Doc'"
        assert rows(reader, sql) == [("Doctor", "Nurse")]

    def test_dictionary(self, reader: Any) -> None:
        found = table(
            reader,
            "SELECT Name, Type, Collection FROM %Dictionary.CompiledProperty WHERE parent = ? AND Name = ?",
            "Security.Users",
            "Roles",
        )
        assert found == [{"Name": "Roles", "Type": "%Library.String", "Collection": "list"}]
        assert rows(
            reader,
            "SELECT SqlProc FROM %Dictionary.CompiledQuery WHERE parent = 'Security.Users' AND Name = 'List'",
        ) == [(1,)]
        names = {
            row[0]
            for row in rows(reader, "SELECT Name FROM %Dictionary.CompiledMethod WHERE parent='Config.SQL'")
        }
        assert {"GetList", "Open", "%Save"} <= names
        assert rows(reader, "SELECT Name FROM %Dictionary.CompiledClass WHERE Name %STARTSWITH 'Z'") == [
            ("Z.Tools",)
        ]

    @pytest.mark.parametrize(
        ("sql", "code"),
        [
            ("SELEC Name FROM Security.Users", -1),
            ("SELECT Name FROM Security.Nothing", -30),
            ("SELECT * FROM Security.Users_Nothing('*')", -30),
            ("SELECT Nothing FROM Security.Users", -29),
            ("SELECT PasswordHash FROM Security.Users", -29),
            ("SELECT JWTIssuer(Name) FROM Security.Users", -400),
        ],
    )
    def test_errors(self, reader: Any, sql: str, code: int) -> None:
        with pytest.raises(SqlError) as caught:
            rows(reader, sql)
        assert caught.value.code == code

    def test_changes_are_refused(self, reader: Any) -> None:
        for sql, code in (
            ("DELETE FROM Config.SQL", -134),
            ("UPDATE Security.Users SET Enabled = 0", -132),
            ("INSERT INTO Security.Roles (Name) VALUES ('x')", -130),
        ):
            with pytest.raises(SqlError) as caught:
                reader.execute(sql, [])
            assert caught.value.code == code

    def test_grant(self, instance: SimulatedInstance) -> None:
        session = enter(instance, namespace="EMR")
        session.execute("GRANT SELECT ON Emr.Patient TO LabTech", [])
        home = enter(instance)
        sql = "SELECT Namespace, Privilege, Grantor FROM Security.SQLPrivileges WHERE SQLObject = '1,Emr.Patient'"
        assert rows(home, sql) == [("EMR", "s", "_SYSTEM")]
        session.execute("REVOKE SELECT ON Emr.Patient FROM LabTech", [])
        assert rows(home, sql) == []

    def test_columns_are_known_before_values(self, reader: Any) -> None:
        columns = reader.describe("SELECT Name, %INTERNAL(Roles) AS R FROM Security.Users WHERE Name = ?", 1)
        assert [column.name for column in columns] == ["Name", "R"]
        assert reader.describe("SELECT * FROM SYS.Mirror_MemberStatusList(?)", 1)[0].name == "MemberName"

    def test_statement_object(self, reader: Any) -> None:
        statement = call(reader, "%SQL.Statement", "%New")
        assert on(reader, statement, "%PrepareClassQuery", "SYS.Mirror", "MemberStatusList", 0) == 1
        result = on(reader, statement, "%Execute")
        found = []
        while on(reader, result, "%Next"):
            found.append((on(reader, result, "%Get", "MemberName"), on(reader, result, "%GetData", 2)))
        assert found[:2] == [("HOSPA/IRIS", "Primary"), ("HOSPB/IRIS", "Backup")]
        assert reader.get(result, "%SQLCODE") == 100


class TestPrivileges:
    def test_operator_sees_no_security(self, shared: SimulatedMirror) -> None:
        session = enter(shared.states[0].instance, "operator")
        with pytest.raises(ObjectScriptError, match=r"^<PROTECT>zx\+1\^%SYS \*Security.Users"):
            call(session, "Security.Users", "Exists", "nina")
        for sql in ("SELECT Name FROM Security.Users", "SELECT * FROM Security.Users_List('*')"):
            with pytest.raises(SqlError) as caught:
                rows(session, sql)
            assert caught.value.code == -99
        assert call(session, "%SYSTEM.Security", "Check", "%Admin_Secure", "USE") == 0
        assert call(session, "%SYSTEM.Security", "Check", "%Admin_Operate", "U") == 1
        assert call(session, "%SYSTEM.Mirror", "GetStatus") == "PRIMARY"

    def test_reading_account(self, shared: SimulatedMirror) -> None:
        session = enter(shared.states[0].instance, "driftsync")
        assert rows(session, "SELECT Name FROM Security.Users WHERE Name = 'nina'") == [("nina",)]
        assert pairs_of(session, "Config.SQL")
        settings = call(session, "Config.SQL", "Open")
        with pytest.raises(ObjectScriptError, match="<PROTECT>"):
            on(session, settings, "%Save")

    def test_guarded_release(self) -> None:
        instance = build("clean", "2025.2").states[0].instance
        session = enter(instance, "driftsync")
        for name in ("Security.Users", "OAuth2.Client", "%SYS.X509Credentials"):
            with pytest.raises(SqlError) as caught:
                rows(session, f"SELECT ID FROM {name}")
            assert caught.value.code == -99
        assert ("nina",) in rows(session, "SELECT Name FROM Security.Users_List('*')")
        assert session.get(existing(session, "Security.Users", "nina"), "FullName") == "Nina"
        assert ("IRISSECURITY",) in rows(session, "SELECT Name FROM Config.Databases_List()")
        assert rows(enter(instance), "SELECT Name FROM Security.Users WHERE Name='nina'") == [("nina",)]

    def test_faults(self, instance: SimulatedInstance) -> None:
        instance.faults = Faults(
            refused_classes={"Security.Users", "OAuth2.*"}, absent_classes={"Config.Gateways"}, absent_queries={"Security.Roles:ListAll"},
            absent_methods={"Config.SQL:GetList"}, absent_properties={"Security.Roles:EscalationOnly", "Security.Roles:Description"},
            not_procedures={"SYS.Mirror:MemberStatusList"},
        )  # fmt: skip
        session = enter(instance)
        with pytest.raises(ObjectScriptError, match="<PROTECT>"):
            call(session, "Security.Users", "Exists", "nina")
        with pytest.raises(ObjectScriptError, match="<PROTECT>"):
            call(session, "OAuth2.Client", "Open", "lab-api")
        with pytest.raises(ObjectScriptError, match="<CLASS DOES NOT EXIST>"):
            call(session, "Config.Gateways", "GetList", "x")
        with pytest.raises(ObjectScriptError, match="<METHOD DOES NOT EXIST>"):
            call(session, "Config.SQL", "GetList")
        for sql, code in (
            ("SELECT Name FROM Security.Users", -99), ("SELECT Name FROM Config.Gateways", -30), ("SELECT * FROM Security.Roles_ListAll('*')", -30),
            ("SELECT Description FROM Security.Roles", -29), ("SELECT * FROM SYS.Mirror_MemberStatusList()", -30),
        ):  # fmt: skip
            with pytest.raises(SqlError) as caught:
                rows(session, sql)
            assert caught.value.code == code, sql
        assert rows(session, "SELECT Name FROM %Dictionary.CompiledClass WHERE Name='Config.Gateways'") == []
        statement = call(session, "%SQL.Statement", "%New")
        on(session, statement, "%PrepareClassQuery", "SYS.Mirror", "MemberStatusList")
        assert on(session, on(session, statement, "%Execute"), "%Next") == 1


class TestReleases:
    @pytest.mark.parametrize(("profile", "known"), [("2022.1", False), ("2025.2", True)])
    def test_a_query_has_no_column_of_a_later_release(self, profile: str, known: bool) -> None:
        session = enter(build("clean", profile).states[0].instance)
        columns = session.query("SELECT * FROM Security.Roles_ListAll('*')", []).columns
        assert ("EscalationOnly" in [column.name for column in columns]) is known

    @pytest.mark.parametrize(
        ("profile", "queues", "logging", "tokens", "wsgi"),
        [("2022.1", 0, 0, 0, 0), ("2024.1", 1, 1, 1, 0), ("2025.2", 1, 1, 1, 1)],
    )
    def test_what_came_when(self, profile: str, queues: int, logging: int, tokens: int, wsgi: int) -> None:
        session = enter(build("clean", profile).states[0].instance)
        has = "SELECT count(*) FROM %Dictionary.CompiledClass WHERE Name = ?"
        assert rows(session, has, "Config.WorkQueues") == [(queues,)]
        assert rows(session, has, "Config.Logging") == [(logging,)]
        has = "SELECT count(*) FROM %Dictionary.CompiledProperty WHERE parent = 'Security.Applications' AND Name = ?"
        assert rows(session, has, "JWTAuthEnabled") == [(tokens,)]
        assert rows(session, has, "WSGIType") == [(wsgi,)]
        application = existing(session, "Security.Applications", "/emr")
        if wsgi:
            assert session.get(application, "WSGIType") == 1
        else:
            with pytest.raises(ObjectScriptError, match="PROPERTY DOES NOT EXIST"):
                session.get(application, "WSGIType")
        assert call(session, "%SYSTEM.Version", "GetNumber").startswith(profile)

    def test_versions(self) -> None:
        for name, release in RELEASES.items():
            assert f" {name}." in release.version()


class TestMirror:
    def test_roles(self, shared: SimulatedMirror) -> None:
        told = [call(enter(state.instance), "%SYSTEM.Mirror", "GetStatus") for state in shared.states]
        assert told == ["PRIMARY", "BACKUP", "CONNECTED", "CONNECTED"]
        kinds = [call(enter(state.instance), "%SYSTEM.Mirror", "GetMemberType") for state in shared.states]
        assert kinds == ["Failover", "Failover", "Disaster Recovery", "Read-Only Reporting"]
        assert [call(enter(state.instance), "%SYSTEM.Mirror", "IsMember") for state in shared.states] == [
            1,
            1,
            2,
            2,
        ]

    def test_definition_is_the_same_everywhere(self, shared: SimulatedMirror) -> None:
        seen = [rows(enter(state.instance), "SELECT * FROM Config.MapMirrors") for state in shared.states]
        assert len(seen[0]) == 4
        assert all(found == seen[0] for found in seen)
        assert (
            pairs_of(enter(shared.states[1].instance), "Config.Mirrors", "hospital")["ArbiterNode"]
            == "arbiter.hospital.example|2188"
        )
        names = {
            pairs_of(enter(state.instance), "Config.MirrorMember")["SystemName"] for state in shared.states
        }
        assert names == set(MEMBERS["hospital"])

    def test_queries(self, reader: Any, shared: SimulatedMirror) -> None:
        found = table(reader, "SELECT * FROM SYS.Mirror_MemberStatusList()")
        assert [row["CurrentRole"] for row in found] == ["Primary", "Backup", "Async", "Async"]
        assert found[2]["DatabaseLatency"] == "4 seconds behind"
        backup = enter(shared.states[1].instance)
        databases = table(backup, "SELECT * FROM SYS.Mirror_MirroredDatabaseList()")
        assert {row["MirrorStatus"] for row in databases} == {"Dejournaling"}
        assert call(reader, "SYS.Mirror", "IsFailoverReady") == b"\x03\x04\x01"
        reply = reader.class_method("SYS.Mirror", "GetFailoverMemberStatus", [OUT, OUT])
        assert [elements(value)[0] for value in reply.returned] == ["HOSPA/IRIS", "HOSPB/IRIS"]
        assert rows(reader, "SELECT * FROM SYS.Mirror_MissingMirroredDatabases('HOSPITAL')") == []
        assert call(reader, "SYS.Mirror", "IsMirrorStarted", "HOSPITAL") == 1

    def test_failover_while_sessions_are_open(self) -> None:
        mirror = build("clean")
        sessions = [enter(state.instance) for state in mirror.states]
        mirror.states[1].instance.fail_over()
        told = [call(session, "%SYSTEM.Mirror", "GetStatus") for session in sessions]
        assert told == ["BACKUP", "PRIMARY", "CONNECTED", "CONNECTED"]
        label = call(sessions[0], "SYS.Database", "%OpenId", "/data/emr/")
        assert (sessions[0].get(label, "Mirrored"), sessions[0].get(label, "MirrorNoWrite")) == (1, 1)

    def test_without_a_mirror(self) -> None:
        from driftsync.lab.scenarios.shipped import install

        instance = SimulatedInstance("ALONE/IRIS")
        install(instance)
        session = enter(instance)
        assert call(session, "%SYSTEM.Mirror", "GetStatus") == "NOTINIT"
        assert call(session, "%SYSTEM.Mirror", "IsMember") == 0


class TestSystem:
    def test_host(self, reader: Any) -> None:
        assert call(reader, "%SYSTEM.Util", "InstallDirectory") == "/usr/irissys/"
        assert call(reader, "%SYSTEM.SYS", "NameSpace") == "%SYS"
        assert call(reader, "%SYSTEM.License", "KeyLicenseUnits") == 100
        assert call(reader, "%SYSTEM.Encryption", "ListEncryptionKeys").startswith("0A1B2C3D")
        assert call(reader, "%SYS.Journal.System", "GetFreeSpace") == 51200
        locale = call(reader, "%SYS.NLS.Locale", "%New")
        assert reader.get(locale, "Name") == "enuw"
        processes = [row[0] for row in rows(reader, "SELECT Routine FROM %SYS.ProcessQuery_SS()")]
        assert "Mirror Primary" in processes

    def test_oauth(self, reader: Any) -> None:
        reply = reader.class_method("OAuth2.Client", "Open", [Argument("lab-api"), OUT])
        client = reply.value
        assert reader.get(reader.get(client, "Metadata"), "client_name") == "lab-api"
        assert decode(reader.get(reader.get(client, "Metadata"), "redirect_uris")) == [
            "https://emr.hospital.example/lab-api"
        ]
        assert reader.get(reader.get(client, "RedirectionEndpoint"), "Port") == "443"
        assert reader.get(reader.get(client, "ServerDefinition"), "IssuerEndpoint").endswith("/staff")
        server = call(reader, "OAuth2.Server.Configuration", "Open")
        scopes = reader.get(server, "SupportedScopes")
        assert on(reader, scopes, "Next", "") == "emr"
        assert on(reader, scopes, "GetAt", "emr") == "The record"
        assert call(reader, "OAuth2.ServerDefinition", "OpenByIssuer", "https://nix") == ""
        found = call(reader, "OAuth2.ServerDefinition", "OpenByIssuer", "https://sso.hospital.example/staff")
        assert on(reader, found, "ClientCount") == 3

    def test_beside_the_classes(self, shared: SimulatedMirror) -> None:
        primary, backup = (state.instance for state in shared.states[:2])
        sql = "SELECT Name, VersionString FROM %IPM_Storage.ModuleItem ORDER BY Name"
        assert rows(enter(primary, namespace="EMR"), sql) == [("csvgen", "1.5.1"), ("hosp-util", "1.4.0")]
        assert rows(enter(backup, namespace="EMR"), sql) == [("hosp-util", "1.3.0")]
        with pytest.raises(SqlError):
            rows(enter(primary, namespace="USER"), sql)
        interoperable = enter(primary, namespace="INTEROP")
        assert call(interoperable, "Ens.Director", "GetActiveProductionName") == "Hosp.Production"
        assert call(enter(backup, namespace="INTEROP"), "Ens.Director", "GetAutoStart") == ""
        names = {row[0] for row in rows(enter(backup), "SELECT Name FROM %Library.Routine_RoutineList('*')")}
        assert "ZTRY.mac" in names
        routine = call(enter(primary), "%Library.Routine", "%OpenId", "ZMIRROR.mac")
        assert routine
        assert call(interoperable, "%Library.EnsembleMgr", "IsEnsembleNamespace") == 1


class TestScenarios:
    @pytest.mark.parametrize("profile", list(RELEASES))
    @pytest.mark.parametrize("scenario", ["clean", "hospital"])
    def test_everything_can_be_read(self, scenario: str, profile: str) -> None:
        for state in build(scenario, profile).states:
            session = enter(state.instance)
            for facts in tables().values():
                if state.instance.release.has_class(facts.name) and not facts.table.startswith("%Dictionary"):
                    list(session.query(f"SELECT * FROM {facts.table}", []).rows)

    def test_clean_has_no_drift(self) -> None:
        first, *others = [state.instance for state in build("clean").states]
        for class_name in (
            "Security.Roles",
            "Security.Applications",
            "Config.MapGlobals",
            "Config.Namespaces",
            "Security.Services",
        ):
            expected = list(first.storage.rows(class_name))
            assert all(list(other.storage.rows(class_name)) == expected for other in others), class_name

    def test_every_planted_difference_is_there(self, shared: SimulatedMirror) -> None:
        members = {state.instance.name: state.instance for state in shared.states}
        primary = members["HOSPA/IRIS"]
        for one in PLANTED:
            mine = members[one.member]
            if one.sort == MISSING:
                primary.where(one.class_name, **one.where)
                with pytest.raises(KeyError):
                    mine.where(one.class_name, **one.where)
            elif one.sort == EXTRA:
                mine.where(one.class_name, **one.where)
            else:
                here, there = (
                    mine.where(one.class_name, **one.where),
                    primary.where(one.class_name, **one.where),
                )
                assert all(here[name] == value != there.get(name) for name, value in one.values.items()), one

    def test_every_sort_for_every_class(self) -> None:
        sorts: dict[str, set[str]] = {}
        for one in PLANTED:
            sorts.setdefault(one.class_name, set()).add(one.sort)
        whole = [name for name, found in sorts.items() if {MISSING, EXTRA, CHANGED} <= found]
        assert len(whole) >= 35
        assert any(LOCAL in found for found in sorts.values())

    def test_large_is_large(self) -> None:
        session = enter(make_member("large", "HOSPA/IRIS", "2022.1"))
        assert rows(session, "SELECT count(*) FROM Security.Users") > [(2000,)]
        assert len(rows(session, "SELECT Name, %INTERNAL(Roles) FROM Security.Users")) > 2000
        mapped = sum(
            int(str(rows(session, f"SELECT count(*) FROM Config.{name}")[0][0]))
            for name in ("MapGlobals", "MapRoutines", "MapPackages")
        )
        assert mapped >= 5000

    def test_names(self) -> None:
        assert set(SCENARIOS) == set(MEMBERS)
        assert make_member("clean", "HOSPDR/IRIS").host == "hosp-dr"


class TestWriting:
    def test_writes_are_counted_and_refusals_apart(self, instance: SimulatedInstance, session: Any) -> None:
        made = call(session, "Security.Resources", "%New")
        session.set(made, "Name", "Counted")
        assert instance.writes.total == 0
        on(session, made, "%Save")
        call(session, "Security.Resources", "Delete", "Counted")
        call(session, "Security.Resources", "Delete", "Counted")
        session.execute("GRANT SELECT ON Emr.Patient TO LabTech", [])
        assert dict(instance.writes.done) == {
            "Security.Resources.%Save": 1,
            "Security.Resources.Delete": 1,
            "SQL.GRANT": 1,
        }
        assert dict(instance.writes.refused) == {"Security.Resources.Delete": 1}
        assert (instance.writes.of("Security.Resources"), instance.writes.total) == (2, 3)
        instance.writes.reset()
        existing(session, "Security.Roles", "Nurse")
        assert instance.writes.total == 0

    def test_a_copy_of_the_cpf_is_no_write_to_the_configuration(
        self, instance: SimulatedInstance, session: Any
    ) -> None:
        instance.files.put("/usr/irissys/iris.cpf", b"[ConfigFile]")
        assert (
            call(session, "%Library.File", "CopyFile", "/usr/irissys/iris.cpf", "/usr/irissys/old.cpf") == 1
        )
        assert instance.files.read("/usr/irissys/old.cpf") == b"[ConfigFile]"
        assert call(session, "%Library.File", "CopyFile", "/nowhere", "/usr/irissys/older.cpf") == 0
        assert (instance.writes.total, instance.writes.of("%Library.File")) == (0, 1)

    def test_who_may_not_write_is_counted_as_refused(self, instance: SimulatedInstance) -> None:
        with pytest.raises(ObjectScriptError, match="PROTECT"):
            call(enter(instance, "operator"), "Security.Resources", "Delete", "Emr_Read")
        assert (instance.writes.total, instance.writes.refused.total()) == (0, 1)

    def test_nothing_of_the_configuration_is_written_while_the_cpf_waits(
        self, instance: SimulatedInstance, session: Any
    ) -> None:
        instance.cpf_edited = True
        opened = call(session, "Config.Devices", "Open", "LABELS")
        session.set(opened, "Description", "x")
        before = instance.storage.find("Config.Devices", ("LABELS",))
        assert "activated" in text_of(session, on(session, opened, "%Save"))
        assert "activated" in text_of(session, call(session, "Config.Devices", "Delete", "LABELS"))
        assert instance.storage.find("Config.Devices", ("LABELS",)) == before
        assert instance.writes.total == 0

    def test_mappings_become_live_together_with_one_activation(
        self, instance: SimulatedInstance, session: Any
    ) -> None:
        for number in range(3):
            made = call(session, "Config.MapGlobals", "%New")
            for name, value in (("Namespace", "LAB"), ("Name", f"Made{number}"), ("Database", "EMR")):
                session.set(made, name, value)
            session.set(made, "Flags", 7 if number == 2 else 1)
            assert on(session, made, "%Save") == 1
            live = [
                instance.storage.is_live("Config.MapGlobals", ("LAB", f"Made{each}")) for each in range(3)
            ]
            assert live == [number == 2] * 3
        assert instance.activations == {"LAB": 1}
        assert call(session, "Config.MapGlobals", "Delete", "LAB", "Made0", "", 1) == 1
        assert instance.activations == {"LAB": 1}

    def test_the_label_of_a_mirrored_database_belongs_to_the_primary(self) -> None:
        primary, backup, *_ = (state.instance for state in build("clean").states)
        for member, refused in ((primary, False), (backup, True)):
            session = enter(member)
            entry = next(row for row in member.storage.rows("Config.Databases") if row["Name"] == "EMR")
            label = call(session, "SYS.Database", "%OpenId", entry["Directory"])
            session.set(label, "MaxSize", 5000)
            assert ("mirrored" in text_of(session, on(session, label, "%Save"))) is refused

    def test_a_lock_belongs_to_one_session(self, instance: SimulatedInstance, session: Any) -> None:
        other = enter(instance)
        session.lock("driftsync(apply)", "")
        session.lock("^driftsync(apply)", "")
        with pytest.raises(ObjectScriptError, match="<TIMEOUT>"):
            other.lock("driftsync(apply)", "")
        session.unlock("driftsync(apply)")
        with pytest.raises(ObjectScriptError, match="<TIMEOUT>"):
            other.lock("driftsync(apply)", "")
        session.close()
        other.lock("driftsync(apply)", "")
