"""This module answers the calls of the configuration file, of databases, tasks, OAuth 2.0 and SQL gateways."""

from __future__ import annotations

from typing import Any

from driftsync.lab.contract import Value
from driftsync.lab.instance.calling import Call, answers, as_text, matches
from driftsync.lab.instance.checking import system_path
from driftsync.lab.instance.defaults import new_record
from driftsync.lab.instance.errors import OK, failed, not_found
from driftsync.lab.instance.exporting import task_export
from driftsync.lab.instance.identities import Key
from driftsync.lab.instance.record_calls import opened
from driftsync.lab.instance.saving import WORK_QUEUES, delete, save


@answers("Config.CPF", "CPFFileNeedsActivation")
def _needs_activation(call: Call) -> Value:
    edited = call.instance.cpf_edited
    call.give("Msg", "CPF file has been modified and needs to be activated" if edited else "")
    return int(edited)


@answers("Config.CPF", "PendingRestart")
def _pending_restart(call: Call) -> Value:
    reasons = call.instance.storage.restart_reasons
    call.give("Reasons", len(reasons))
    return int(bool(reasons))


@answers("Config.CPF", "Write")
def _write(call: Call) -> Value:
    if call.instance.faults.disk_full:
        raise failed(5002, "<DSKFUL>zWrite+1^Config.CPF.1")
    call.instance.storage.unwritten = False
    return OK


@answers("Config.CPF", "Activate")
def _activate(call: Call) -> Value:
    call.instance.cpf_edited = False
    call.instance.storage.activate()
    return OK


@answers("Config.CPF", "Validate")
def _validate(call: Call) -> Value:
    call.give("ErrorText", "")
    return OK


@answers("Config.Map*", "MoveToActive", "Load")
@answers("Config.Namespaces", "MoveToActive", "Load")
def _move(call: Call) -> Value:
    for key in call.instance.storage.table(call.facts.name):
        call.instance.storage.make_live(call.facts.name, key)
    if call.method == "Load":
        call.instance.activations[call.text(next(iter(call.arguments))).upper()] += 1
    return OK


@answers("Config.WorkQueues", "IsSystemWorkQueue")
def _system_queue(call: Call) -> Value:
    return int(call.text(next(iter(call.arguments))) in WORK_QUEUES)


# -- database files -------------------------------------------------------------------------------------------


@answers("SYS.Database", "%OpenId")
def _open_database(call: Call) -> Any:
    path = system_path(call.text("id"))
    found = opened(call, call.facts, (path,))
    call.give("sc", OK if found else not_found(call.facts.name, path).status)
    return found or ""


@answers("SYS.Database", "CreateDatabase")
def _create_database(call: Call) -> Value:
    directory = system_path(call.text("Directory"))
    if not call.instance.files.has_directory(directory):
        raise failed(5001, f"Directory {directory} does not exist")
    record = new_record(call.facts, call.instance)
    names = {"Resource": "ResourceName", "NewGlobalCollation": "NewGlobalCollation"}
    for name, value in call.arguments.items():
        stored = names.get(name, name)
        if stored in record and value not in ("", None):
            record[stored] = value
    record |= {"Directory": directory, "Mounted": 1, "GlobalJournalState": record["GlobalJournalState"] or 3}
    record["Mirrored"] = int(bool(record["MirrorDBName"]))
    save(call.session, call.facts, record, None)
    return OK


@answers("SYS.Database", "ModifyDatabase")
def _modify_database(call: Call) -> Value:
    key: Key = (system_path(call.text("Directory")),)
    record = call.instance.storage.find(call.facts.name, key)
    if record is None:
        raise not_found(call.facts.name, key[0])
    for name, stored in (
        ("Size", "Size"),
        ("Resource", "ResourceName"),
        ("GlobalJournalState", "GlobalJournalState"),
    ):
        if call.text(name):
            record[stored] = call.value(name)
    save(call.session, call.facts, record, key)
    return OK


@answers("SYS.Database", "IsSystemDB")
def _is_system(call: Call) -> Value:
    return int(system_path(call.text("Directory")).startswith(call.instance.files.manager_directory))


# -- tasks, OAuth 2.0, SQL gateways, certificates ----------------------------------------------------------------


@answers("%SYS.Task", "ExportTasks")
def _export_tasks(call: Call) -> Value:
    rows = call.instance.storage.rows("%SYS.Task")
    chosen = [record for record in rows if matches(as_text(record["ID"]), call.text("Tasks"))]
    call.instance.files.write(call.text("FileName"), task_export(chosen).encode())
    return OK


@answers("OAuth2.*", "Open")
def _open_oauth(call: Call) -> Any:
    names = [name for name in call.arguments if name != "sc"]
    key: Key = (call.text(names[0]),) if names else ("singleton",)
    return _given(call, key)


@answers("OAuth2.ServerDefinition", "OpenByIssuer")
def _open_by_issuer(call: Call) -> Any:
    issuer = call.text("issuerEndpoint")
    rows = call.instance.storage.rows(call.facts.name)
    number = next(
        (as_text(record["ID"]) for record in rows if record.get("IssuerEndpoint") == issuer), issuer
    )
    return _given(call, (number,))


def _given(call: Call, key: Key) -> Any:
    found = opened(call, call.facts, key)
    call.give("sc", OK if found else not_found(call.facts.name, key[0]).status)
    return found or ""


@answers("OAuth2.Server.Configuration", "Delete")
def _delete_server(call: Call) -> Value:
    delete(call.session, call.facts, ("singleton",))
    return OK


@answers("OAuth2.ServerDefinition", "ClientCount")
def _client_count(call: Call) -> Value:
    number = as_text(call.target.get("ID")) if call.target and "ID" in call.facts.properties else ""
    record = getattr(call.target, "record", {})
    number = number or as_text(record.get("ID"))
    return sum(
        as_text(row.get("ServerDefinition")) == number for row in call.instance.storage.rows("OAuth2.Client")
    )


def _connection(call: Call, name: str) -> Key | None:
    rows = call.instance.storage.rows("%Library.SQLConnection")
    return next(((as_text(record["ID"]),) for record in rows if record.get("Name") == name), None)


@answers("%Library.SQLConnection", "NameIndexOpen")
def _open_connection(call: Call) -> Any:
    key = _connection(call, call.text("K1"))
    call.give("sc", OK if key else not_found(call.facts.name, call.text("K1")).status)
    return opened(call, call.facts, key) if key else ""


@answers("%Library.SQLConnection", "NameIndexExists")
def _has_connection(call: Call) -> Value:
    key = _connection(call, call.text("K1"))
    call.give("id", key[0] if key else "")
    return int(key is not None)


@answers("%Library.SQLConnection", "ConnExists")
def _connection_exists(call: Call) -> Value:
    return int(_connection(call, call.text("nm")) is not None)


@answers("%Library.SQLConnection", "NameIndexDelete")
def _delete_connection(call: Call) -> Value:
    key = _connection(call, call.text("K1"))
    if key is None:
        raise not_found(call.facts.name, call.text("K1"))
    delete(call.session, call.facts, key)
    return OK


@answers("%SYS.X509Credentials", "GetByAlias")
def _by_alias(call: Call) -> Any:
    return opened(call, call.facts, (call.text("alias"),)) or ""
