"""This module answers the small system classes: version, licence, status texts, journal, namespaces, productions."""

from __future__ import annotations

from typing import Any

from driftsync.lab.contract import Argument, SqlError, Value
from driftsync.lab.instance.calling import Call, answers, as_number, as_text
from driftsync.lab.instance.defaults import new_record
from driftsync.lab.instance.errors import OK, error_codes, error_text, failed
from driftsync.lab.instance.facts import sql_name
from driftsync.lab.instance.objects import LabObject, RecordObject
from driftsync.lab.instance.session import SimulatedSession
from driftsync.lab.values import encode_list

# -- %SYSTEM.Status and %SYSTEM.Version ---------------------------------------------------------------------------


@answers("%SYSTEM.Status", "GetErrorText", "GetOneErrorText", "GetOneStatusText")
def _error_text(call: Call) -> Value:
    return error_text(call.value("statuscode"))


@answers("%SYSTEM.Status", "GetErrorCodes")
def _error_codes(call: Call) -> Value:
    return error_codes(call.value("statuscode"))


@answers("%SYSTEM.Status", "IsError", "IsOK")
def _is_error(call: Call) -> Value:
    wrong = call.text("statuscode")[:1] == "0"
    return int(wrong == (call.method == "IsError"))


@answers("%SYSTEM.Status", "OK")
def _ok(call: Call) -> Value:
    del call
    return OK


@answers("%SYSTEM.Status", "Error")
def _error(call: Call) -> Value:
    return failed(call.number("errorcode", 5001), call.text("message1"), call.text("message2")).status


@answers("%SYSTEM.Version", "GetNumber", "GetVersion", "GetMajor", "GetMinor", "GetPoint", "GetBuildNumber", "GetProduct",
         "GetOS", "GetPlatform", "Format")  # fmt: skip
def _version(call: Call) -> Value:
    release = call.instance.release
    major, minor, point = release.number.split(".")
    told: dict[str, Value] = {
        "GetNumber": release.number,
        "GetVersion": call.instance.version,
        "GetMajor": major,
        "GetMinor": minor,
        "GetPoint": point,
        "GetBuildNumber": release.build,
        "GetProduct": "IRIS",
        "GetOS": "UNIX",
        "Format": call.instance.version,
        "GetPlatform": "UNIX (Ubuntu Server LTS for x86-64 Containers)",
    }
    return told[call.method]  # fmt: skip


@answers("%SYSTEM.Version", "IsUnicode", "Is64Bits")
def _yes(call: Call) -> Value:
    del call
    return 1


@answers("%SYSTEM.Version", "IsBigEndian")
def _no(call: Call) -> Value:
    del call
    return 0


@answers("%SYSTEM.Version", "SystemMode")
def _mode(call: Call) -> Value:
    return next((as_text(row.get("SystemMode")) for row in call.instance.storage.rows("Config.Startup")), "")


# -- the host and the instance ------------------------------------------------------------------------------------


@answers("%SYSTEM.Util", "InstallDirectory", "ManagerDirectory", "BinaryDirectory", "NumberOfCPUs", "GetPhysicalMemory",
         "GetEnviron", "GetOSVersionInfo")  # fmt: skip
def _util(call: Call) -> Value:
    instance = call.instance
    told: dict[str, Value] = {
        "InstallDirectory": instance.install_directory,
        "ManagerDirectory": instance.files.manager_directory,
        "BinaryDirectory": f"{instance.install_directory}bin/",
        "NumberOfCPUs": 8,
        "GetPhysicalMemory": instance.physical_megabytes,
        "GetEnviron": "",
        "GetOSVersionInfo": "Ubuntu 22.04.4 LTS",
    }
    return told[call.method]  # fmt: skip


@answers("%SYSTEM.Util", "CreateGUID")
def _guid(call: Call) -> Value:
    return call.instance.guid()


@answers("%SYSTEM.SYS", "NameSpace", "ProcessID", "Horolog", "TimeStamp", "TimeZone")
def _sys(call: Call) -> Value:
    moment = call.instance.moment()
    told: dict[str, Value] = {
        "NameSpace": call.session.namespace,
        "ProcessID": call.session.job,
        "Horolog": moment.partition(".")[0],
        "TimeStamp": moment,
        "TimeZone": call.instance.time_zone,
    }
    return told[call.method]  # fmt: skip


@answers("%SYSTEM.Process", "UserName", "NameSpace")
def _process(call: Call) -> Value:
    return call.session.login.user if call.method == "UserName" else call.session.namespace


@answers("%SYSTEM.Process", "SetNamespace")
def _set_namespace(call: Call) -> Value:
    before, wanted = call.session.namespace, call.text("namespace").upper()
    if wanted:
        if not call.instance.has_namespace(wanted):
            raise failed(5001, f"Namespace {wanted} does not exist")
        call.session.namespace = wanted
    return before


@answers("%SYSTEM.License", "KeyCustomerName", "KeyLicenseUnits", "KeyExpirationDate", "KeyProduct", "KeyLicenseType",
         "KeyOrderNumber", "KeyCoresLicensed", "KeyFeatures", "KeyLicenseCapacity", "LUConsumed", "LUAvailable",
         "LUMaxConsumed", "LUMinAvailable", "GetFeature")  # fmt: skip
def _licence(call: Call) -> Value:
    return call.instance.licence(call.method)


@answers("%SYSTEM.Encryption", "ListEncryptionKeys")
def _keys(call: Call) -> Value:
    return ",".join(call.instance.encryption_keys)


@answers("%SYS.Journal.System", "GetFreeSpace", "GetPrimaryDirectory", "GetAlternateDirectory", "GetJournalFilePrefix",
         "GetStateString", "GetState", "GetCurrentFileName", "IsJournalEncryptionEnabled", "GetCurrentFileCount")  # fmt: skip
def _journal(call: Call) -> Value:
    journal: dict[str, Any] = next(iter(call.instance.storage.rows("Config.Journal")), {})
    if "Status" in call.arguments:
        call.give("Status", OK)
    directory = as_text(journal.get("CurrentDirectory"))
    told: dict[str, Value] = {
        "GetFreeSpace": call.instance.journal_free_megabytes,
        "GetPrimaryDirectory": directory,
        "GetAlternateDirectory": as_text(journal.get("AlternateDirectory")),
        "GetStateString": "Enabled",
        "GetState": 0,
        "GetJournalFilePrefix": as_text(journal.get("JournalFilePrefix")),
        "IsJournalEncryptionEnabled": int(call.instance.journal_encrypted),
        "GetCurrentFileName": f"{directory}20261121.001",
        "GetCurrentFileCount": 12,
    }
    return told[call.method]  # fmt: skip


@answers("%SYS.NLS.Locale", "%New")
def _locale(call: Call) -> Any:
    record = new_record(call.facts, call.instance) | {"Name": call.instance.locale}
    return RecordObject(call.session, call.facts, record)


@answers("%SYS.Namespace", "Exists")
def _namespace_exists(call: Call) -> Value:
    return int(call.instance.has_namespace(call.text("NamespaceName").upper()))


@answers("%SYS.Namespace", "GetGlobalDest")
def _global_place(call: Call) -> Value:
    record = (
        call.instance.storage.find(
            "Config.Namespaces", (call.text("Namespace").upper() or call.session.namespace,)
        )
        or {}
    )
    database = call.instance.storage.find("Config.Databases", (as_text(record.get("Globals")),)) or {}
    return f"^{as_text(database.get('Directory'))}" if database else ""


@answers("%Library.EnsembleMgr", "IsEnsembleNamespace")
def _is_interoperable(call: Call) -> Value:
    return int((call.text("pNamespace").upper() or call.session.namespace) in call.instance.interoperable)


@answers("%Library.EnsembleMgr", "IsEnsembleInstalled")
def _has_interoperability(call: Call) -> Value:
    return int(call.instance.storage.has("Config.Databases", ("ENSLIB",)))


@answers("%SYS.Ensemble", "GlobalInMirroredDB")
def _in_mirrored(call: Call) -> Value:
    storage, namespace = call.instance.storage, call.session.namespace
    home = storage.find("Config.MapGlobals", (namespace, call.text("pGlobal").lstrip("^"))) or {}
    name = home.get("Database") or (storage.find("Config.Namespaces", (namespace,)) or {}).get("Globals", "")
    entry = storage.find("Config.Databases", (as_text(name),)) or {}
    label = storage.find("SYS.Database", (as_text(entry.get("Directory")),)) or {}
    call.give("pMirrored", int(bool(label.get("Mirrored"))))
    return OK


@answers(
    "Ens.Director", "GetActiveProductionName", "IsProductionRunning", "GetProductionStatus", "GetAutoStart"
)
def _production(call: Call) -> Value:
    found = call.instance.productions.get(call.session.namespace)
    name = found.name if found else ""
    running = bool(found and call.instance.is_primary)
    call.give("pProductionName", name)
    call.give("pState", 1 if running else 2)
    told: dict[str, Value] = {
        "GetActiveProductionName": name if running else "",
        "IsProductionRunning": int(running),
        "GetProductionStatus": OK,
        "GetAutoStart": name if found and found.auto_start else "",
    }
    return told[call.method]  # fmt: skip


# -- %SQL.Statement -----------------------------------------------------------------------------------------------


class StatementObject(LabObject):
    """A statement: prepared from SQL or from a class query, then executed."""

    class_name = "%SQL.Statement"

    def __init__(self, session: SimulatedSession) -> None:
        self._session = session
        self._sql = ""

    def do_Prepare(self, text: Value = "", *_more: Value) -> Any:  # noqa: N802 - the names of IRIS
        self._sql = as_text(text)
        return OK

    def do_PrepareClassQuery(self, class_name: Value = "", query: Value = "", *_more: Value) -> Any:  # noqa: N802
        name, wanted = as_text(class_name), as_text(query)
        facts = self._session.facts(name)
        if wanted not in facts.queries or not self._session.instance.has_query(name, wanted):
            return failed(5001, f"Query {name}:{wanted} does not exist").status
        marks = ",".join("?" * len(facts.queries[wanted].arguments))
        schema, _, short = sql_name(name).rpartition(".")
        self._sql = f'SELECT * FROM "{schema}"."{short}_{wanted}"({marks})'  # noqa: S608 - simulated
        return OK

    def do_Execute(self, *values: Value) -> Any:  # noqa: N802
        from driftsync.lab.instance.sql import run_query

        given = list(values[: self._sql.count("?")])
        given += [None] * (self._sql.count("?") - len(given))
        try:
            found = run_query(self._session, self._sql, given, class_queries=True)
            return ResultObject([column.name for column in found.columns], list(found.rows))
        except SqlError as error:
            return ResultObject([], [], error.code, error.message)


class ResultObject(LabObject):
    """The rows of a statement, one after another."""

    class_name = "%SQL.StatementResult"

    def __init__(self, names: list[str], rows: list[Any], code: int = 0, message: str = "") -> None:
        self._names = names
        self._rows = rows
        self._place = -1
        self._code = code
        self._message = message

    def get(self, name: str) -> Any:
        match name:
            case "%SQLCODE":
                return self._code or (100 if self._place >= len(self._rows) else 0)
            case "%Message":
                return self._message
            case "%ROWCOUNT":
                return min(self._place + 1, len(self._rows))
            case "%ResultColumnCount":
                return len(self._names)
        return self.do_Get(name) if name in self._names else super().get(name)

    def invoke(self, method: str, arguments: list[Argument]) -> tuple[Any, dict[int, Any]]:
        value, _ = super().invoke(method, arguments)
        if method == "%Next":
            return value, {0: OK}
        return (value, {0: value, 1: OK}) if method == "%GetRow" else (value, {})

    def do_Next(self, *_sc: Value) -> int:  # noqa: N802
        self._place = min(self._place + 1, len(self._rows))
        return int(self._place < len(self._rows))

    def _row(self) -> Any:
        return self._rows[self._place] if 0 <= self._place < len(self._rows) else [""] * len(self._names)

    def do_Get(self, name: Value) -> Any:  # noqa: N802
        folded = [known.lower() for known in self._names]
        wanted = as_text(name).lower()
        if wanted not in folded:
            return ""
        value = self._row()[folded.index(wanted)]
        return "" if value is None else value

    def do_GetData(self, number: Value) -> Any:  # noqa: N802
        place = as_number(number)
        value = self._row()[place - 1] if 1 <= place <= len(self._names) else ""
        return "" if value is None else value

    def do_GetRow(self, *_more: Value) -> Any:  # noqa: N802
        return encode_list(self._row()) if self.do_Next() else ""

    def do_GetMetadata(self) -> Any:  # noqa: N802
        return MetadataObject(self._names)


class MetadataObject(LabObject):
    """The columns of a result; `ColumnNames` is the lab's own short way to them."""

    class_name = "%SQL.StatementMetadata"

    def __init__(self, names: list[str]) -> None:
        self._names = names

    def get(self, name: str) -> Any:
        match name:
            case "columnCount":
                return len(self._names)
            case "columns":
                from driftsync.lab.instance.objects import ListObject

                return ListObject([ColumnObject(known) for known in self._names])
        return super().get(name)


class ColumnObject(LabObject):
    """One column of a result."""

    class_name = "%SQL.StatementColumn"

    def __init__(self, name: str) -> None:
        self._name = name

    def get(self, name: str) -> Any:
        return self._name if name in {"colName", "label"} else super().get(name)


@answers("%SQL.Statement", "%New")
def _statement(call: Call) -> Any:
    return StatementObject(call.session)
