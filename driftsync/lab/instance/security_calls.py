"""This module answers the calls of the security classes that are their own: scalar `Create`, roles, export files."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from driftsync.lab.contract import Value
from driftsync.lab.instance import exporting
from driftsync.lab.instance.calling import Call, answers, as_text, matches
from driftsync.lab.instance.checking import permission_bits
from driftsync.lab.instance.defaults import new_record
from driftsync.lab.instance.errors import OK, failed, not_found
from driftsync.lab.instance.identities import Record, id_of, key_of
from driftsync.lab.instance.importing import import_text
from driftsync.lab.instance.privileges import login_of, may_select
from driftsync.lab.instance.record_calls import create, key_from_arguments, listed, target
from driftsync.lab.instance.saving import save
from driftsync.lab.instance.storage import facts_of

RESOURCE_TYPES = {"%db_": 2, "%service_": 4}


def pairs(text: str) -> list[Record]:
    """Return `Res:RWU,Res2:R` as the records of a relationship."""
    made = []
    for part in listed(text):
        name, _, permission = part.partition(":")
        made.append({"Name": name, "Permission": permission_bits(permission or "RWU")})
    return made


@answers("Security.Roles", "Create")
def _create_role(call: Call) -> Value:
    return create(call, {
        "Name": call.value("Name"), "Description": call.value("Description"),
        "Resources": pairs(call.text("Resources")), "GrantedRoles": listed(call.text("GrantedRoles")),
        "EscalationOnly": call.value("EscalationOnly"),
    })  # fmt: skip


@answers("Security.Resources", "Create")
def _create_resource(call: Call) -> Value:
    name = call.text("Name")
    kind = next(
        (bits for start, bits in RESOURCE_TYPES.items() if name.lower().startswith(start)), 2147483648
    )
    return create(call, {
        "Name": name, "Description": call.value("Description"), "PublicPermission": call.value("PublicPermission"),
        "Type": call.value("Type") or kind,
    })  # fmt: skip


@answers("Security.Users", "Create")
def _create_user(call: Call) -> Value:
    for name in listed(call.text("UserRoles")):
        if not call.instance.storage.has("Security.Roles", (name.lower(),)):
            raise failed(5001, f"Role {name} does not exist")
    simple = {formal.name for formal in call.facts.methods["Create"].arguments} & set(call.facts.properties)
    values: dict[str, Any] = {name: call.value(name) for name in simple}
    values |= {"Name": call.value("Username"), "PasswordExternal": call.value("Password")}
    values.pop("Password")
    values["Roles"] = listed(call.text("UserRoles"))
    values["EscalationRoles"] = listed(call.text("EscalationRoles"))
    values["Attributes"] = []
    return create(call, values)


@answers("Security.Events", "Create")
def _create_event(call: Call) -> Value:
    return create(
        call, {name: call.value(name) for name in ("Source", "Type", "Name", "Description", "Enabled")}
    )


@answers("Security.X509Users", "Create")
def _create_x509_user(call: Call) -> Value:
    return create(call, {name: call.value(name) for name in ("LookupKey", "Username", "Enabled", "Comment")})


def _change_roles(
    call: Call, holder: str, class_name: str, name: str, change: Callable[[list[str]], list[str]]
) -> Value:
    facts = facts_of(class_name)
    key = key_of(facts, [call.text(holder)])
    record = call.instance.storage.find(class_name, key)
    if record is None:
        raise not_found(class_name, id_of(key))
    record[name] = change(record.get(name, []))
    save(call.session, facts, record, key)
    return OK


@answers("Security.Users", "AddRoles", "AddEscalationRoles", "RemoveRoles", "RemoveEscalationRoles")
def _user_roles(call: Call) -> Value:
    wanted = listed(call.text("Roles"))
    name = "EscalationRoles" if "Escalation" in call.method else "Roles"
    if call.method.startswith("Add"):
        return _change_roles(call, "Username", "Security.Users", name, lambda held: _with(held, wanted))
    return _change_roles(call, "Username", "Security.Users", name, lambda held: _without(held, wanted))


@answers("Security.Roles", "AddRoles", "RemoveRoles")
def _role_roles(call: Call) -> Value:
    wanted = listed(call.text("Roles"))
    change = _with if call.method == "AddRoles" else _without
    return _change_roles(
        call, "Rolename", "Security.Roles", "GrantedRoles", lambda held: change(held, wanted)
    )


def _with(held: list[str], wanted: list[str]) -> list[str]:
    known = {role.lower() for role in held}
    return held + [role for role in wanted if role.lower() not in known]


def _without(held: list[str], wanted: list[str]) -> list[str]:
    leaving = {role.lower() for role in wanted}
    return [role for role in held if role.lower() not in leaving]


@answers("Security.*", "Copy")
def _copy(call: Call) -> Value:
    names = [formal.name for formal in call.facts.methods["Copy"].arguments]
    key = key_of(call.facts, [call.text(names[0])])
    record = call.instance.storage.find(call.facts.name, key)
    if record is None:
        raise not_found(call.facts.name, id_of(key))
    copied = copy.deepcopy(record)
    copied["Name"] = call.text(names[1])
    if call.text("NewDescription"):
        copied["Description"] = call.text("NewDescription")
    save(call.session, call.facts, copied, None)
    return OK


@answers("Security.SSLConfigs", "Activate", "ActivateAll")
def _activate(call: Call) -> Value:
    del call
    return OK


@answers("Security.Applications", "IsPublic")
def _is_public(call: Call) -> Value:
    return int(not as_text(target(call).record.get("Resource")))


def _records(call: Call, class_name: str, patterns: str = "*") -> list[Record]:
    name = {"Security.X509Users": "LookupKey", "%SYS.X509Credentials": "Alias"}.get(class_name, "Name")
    rows = call.instance.storage.rows(class_name)
    return [record for record in rows if patterns == "*" or matches(as_text(record.get(name)), patterns)]


@answers("Security.System", "ExportAll")
def _export_all(call: Call) -> Value:
    flags, parts, count = call.number("Flags", -1), [], 0
    for class_name, bit in exporting.ORDER:
        if call.instance.has_class(class_name) and (flags == -1 or flags >> bit & 1):
            records = _records(call, class_name)
            count += len(records)
            parts.append(exporting.class_export(facts_of(class_name), records, call.instance.release))
    call.instance.files.write(call.text("FileName"), exporting.security_export(parts).encode())
    call.give("NumExported", count)
    return OK


@answers("Security.*", "Export")
@answers("%SYS.X509Credentials", "Export")
def _export(call: Call) -> Value:
    names = [formal.name for formal in call.facts.methods["Export"].arguments]
    records = _records(call, call.facts.name, call.text(names[2]) if len(names) > 2 else "*")  # noqa: PLR2004
    if call.facts.name == "Security.SSLConfigs" and call.number("NoPwd"):
        records = [{**record, "PrivateKeyPassword": ""} for record in records]
    text = exporting.HEAD + exporting.class_export(call.facts, records, call.instance.release)
    call.instance.files.write(call.text("FileName"), text.encode())
    call.give("NumExported", len(records))
    return OK


@answers("Security.System", "ImportAll")
@answers("Security.*", "Import")
@answers("%SYS.X509Credentials", "Import")
def _import(call: Call) -> Value:
    text = call.instance.files.read(call.text("FileName")).decode()
    only = "" if call.method == "ImportAll" else call.facts.name
    count = import_text(call.session, text, only, count_only=bool(call.number("Flags") & 1))
    call.give("NumImported", count)
    return OK


@answers("%SYSTEM.Security", "Check")
def _check(call: Call) -> Value:
    bits = call.session.login.permission(call.text("ResourceName"))
    asked = call.text("Permissions")
    if not asked:
        words = (("READ", 1), ("WRITE", 2), ("USE", 4))
        return ",".join(word for word, bit in words if bits & bit)
    wanted = permission_bits(asked)
    return int(bits & wanted == wanted)


@answers("%SYSTEM.Security", "CheckUserPermission", "CheckRolesPermission")
def _check_other(call: Call) -> Value:
    user = call.text("Username")
    held = listed(call.text("Roles"))
    if call.method == "CheckUserPermission":
        held = (call.instance.storage.find("Security.Users", (user.lower(),)) or {}).get("Roles", [])
    return int(
        login_of(call.instance.storage, user, held).may(
            f"{call.text('ResourceName')}:{call.text('Permissions')}"
        )
    )


@answers("%SYSTEM.Security", "Audit")
def _audit(call: Call) -> Value:
    parts = [call.value(name) for name in list(call.arguments)[:3]]
    key = key_of(facts_of("Security.Events"), parts)
    event = call.instance.storage.find("Security.Events", key)
    if event is None or not int(event.get("Enabled") or 0):
        return 0
    event["Written"] = int(event.get("Written") or 0) + 1
    call.instance.storage.put(facts_of("Security.Events"), event)
    return 1


@answers("%SYSTEM.SQL.Security", "UserExists", "RoleExists")
def _named(call: Call) -> Value:
    class_name = "Security.Users" if call.method == "UserExists" else "Security.Roles"
    name = call.text("username") or call.text("rolename")
    return int(call.instance.storage.has(class_name, (name.lower(),)))


@answers("%SYSTEM.SQL.Security", "CheckPrivilege")
def _check_privilege(call: Call) -> Value:
    storage, login = call.instance.storage, call.session.login
    user = call.text("Username")
    if user.lower() != login.user.lower():
        call.session.must_may("Security.Users")
        held = (storage.find("Security.Users", (user.lower(),)) or {}).get("Roles", [])
        login = login_of(storage, user, held)
    namespace = call.text("Namespace").upper() or call.session.namespace
    kinds = {"s": "1", "e": "9"}
    return int(
        all(
            may_select(storage, login, namespace, kinds.get(right.strip(), "1"), call.text("Object"))
            for right in call.text("Action").split(",")
        )
    )


RIGHTS = {"%ALTER": "a", "INSERT": "i", "UPDATE": "u", "DELETE": "d", "SELECT": "s", "REFERENCES": "r",
           "EXECUTE": "e", "USE": "l"}  # fmt: skip
_OBJECTS = {"TABLE": "1", "VIEW": "3", "SCHEMA": "5", "STORED PROCEDURE": "9", "PROCEDURE": "9"}


def grant(
    session: Any,
    rights: list[str],
    objects: list[str],
    kind: str,
    users: list[str],
    *,
    grantable: int,
    revoke: bool,
    only_option: bool = False,
) -> None:
    """Write or take away rows of `Security.SQLPrivileges` in the namespace of the session; or only the grant option."""
    storage, facts = session.instance.storage, facts_of("Security.SQLPrivileges")
    number = _OBJECTS.get(kind.upper(), "1")
    for right in rights:
        if right.upper() not in RIGHTS:
            raise failed(5001, f"Unknown privilege {right}")
        for name in objects:
            for user in users:
                record = new_record(facts, session.instance)
                record |= {
                    "Namespace": session.namespace,
                    "SQLObject": f"{number},{name}",
                    "Privilege": RIGHTS[right.upper()],
                }
                record |= {"Grantee": user, "Grantor": session.login.user, "Grantable": grantable}
                same = ("Namespace", "SQLObject", "Privilege", "Grantee")
                there = [
                    row for row in storage.rows(facts.name) if all(row[part] == record[part] for part in same)
                ]
                if not revoke:
                    before = [row for row in there if row["Grantor"] == record["Grantor"]]
                    record["Grantable"] = max([grantable, *(int(row["Grantable"] or 0) for row in before)])
                    storage.put(facts, record)
                    continue
                for other in there:
                    if only_option:
                        storage.put(facts, {**other, "Grantable": 0})
                    else:
                        storage.remove(
                            facts.name, key_of(facts, [other[part] for part in (*same, "Grantor")])
                        )


@answers("%SYSTEM.SQL.Security", "GrantPrivilege", "GrantPrivilegeWithGrant", "RevokePrivilege")
def _grant(call: Call) -> Value:
    call.session.must_may("Security.SQLPrivileges", write=True)
    grant(
        call.session, listed(call.text("ObjPriv")), listed(call.text("ObjList")), call.text("Type"), listed(call.text("User")),
        grantable=int(call.method.endswith("WithGrant")), revoke=call.method == "RevokePrivilege",
    )  # fmt: skip
    return OK


@answers("Security.SQLPrivileges", "Exists")
def _privilege_exists(call: Call) -> Value:
    return int(call.instance.storage.has(call.facts.name, key_from_arguments(call)))
