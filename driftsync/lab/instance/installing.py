"""This module does what a class with a `%Installer` Manifest does, as `api.md` 3.2 and the classes `%Installer.*` say.

It reads the class by itself: what wrote it must not be its only reader. A tag creates and passes over what exists; a
`SystemSetting` changes a value; `Invoke` calls a class method and stops at a status that is an error; `If` asks first, and
of conditions the lab knows one: whether a class method finds an object, or does not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from driftsync.lab.contract import Argument
from driftsync.lab.instance.errors import OK, error_text, failed
from driftsync.lab.instance.filling import create, modify

if TYPE_CHECKING:
    from driftsync.lab.instance.session import SimulatedSession

PROPERTIES = {
    "CSPApplication": {
        "Url": "Name", "Description": "Description", "Directory": "Path", "Resource": "Resource", "Recurse": "Recurse",
        "LoginClass": "LoginPage", "CookiePath": "CookiePath", "AuthenticationMethods": "AutheEnabled",
        "LockCSPName": "LockCSPName", "EventClass": "EventClass", "DefaultTimeout": "Timeout", "DefaultSuperclass": "SuperClass",
        "UseSessionCookie": "UseCookies", "ServeFiles": "ServeFiles", "ServeFilesTimeout": "ServeFilesTimeout",
        "CustomErrorPage": "ErrorPage", "PackageName": "Package", "ChangePasswordPage": "ChangePasswordPage",
        "GroupById": "GroupById", "CSPZENEnabled": "CSPZENEnabled", "InboundWebServicesEnabled": "InbndWebServicesEnabled",
        "IsNamespaceDefault": "IsNameSpaceDefault", "PermittedClasses": "PermittedClasses", "AutoCompile": "AutoCompile",
        "DispatchClass": "DispatchClass", "MatchRoles": "MatchRoles",
    },
    "Resource": {"Name": "Name", "Description": "Description", "Permission": "PublicPermission"},
    "Role": {"Name": "Name", "Description": "Description", "Resources": "Resources", "RolesGranted": "GrantedRoles"},
    "User": {
        "Username": "Name", "Roles": "Roles", "Fullname": "FullName", "Namespace": "NameSpace", "Routine": "Routine",
        "ChangePassword": "ChangePassword", "Enabled": "Enabled", "Comment": "Comment",
    },
}  # fmt: skip
"""Tag → attribute → property of the class that it makes an object of."""
SECURITY = {
    "CSPApplication": "Security.Applications",
    "Resource": "Security.Resources",
    "Role": "Security.Roles",
    "User": "Security.Users",
}
MAPPINGS = {
    "GlobalMapping": ("Config.MapGlobals", "Global"),
    "RoutineMapping": ("Config.MapRoutines", "Routines"),
    "ClassMapping": ("Config.MapPackages", "Package"),
}
INITIAL = {"CSPApplication": {"Recurse": "0", "LockCSPName": "1", "CSPZENEnabled": "1", "InboundWebServicesEnabled": "1", "IsNamespaceDefault": "0", "AutoCompile": "1"}}  # fmt: skip
"""Initial values of the classes of tags."""


_TEXT = r'"(?:[^"]|"")*"|\$w?char\(\d+(?:,\d+)*\)'
_ARGUMENT = rf"(?:{_TEXT})(?:_(?:{_TEXT}))*"
_CONDITION = re.compile(
    rf"(?P<no>'?)(?P<is>\$isobject\()?##class\((?P<class>[%\w.]+)\)\.(?P<method>%?\w+)\((?P<given>{_ARGUMENT}(?:, {_ARGUMENT})*)?\)(?(is)\))"
)


def install(session: SimulatedSession, text: str, variables: dict[str, str] | None = None) -> None:
    """Carry out the Manifest of a class. Raises `StatusError` at the first thing that goes wrong."""
    found = re.search(r"^\{\s*(<Manifest>.*?</Manifest>)\s*^\}", text, re.DOTALL | re.MULTILINE)
    if found is None:
        raise failed(5001, "The class has no Manifest")
    root = ET.fromstring(found[1])  # noqa: S314 - the lab reads what its own client wrote
    _Installing(session, variables or {}).run(root, "%SYS")


class _Installing:
    def __init__(self, session: SimulatedSession, variables: dict[str, str]) -> None:
        self._session, self._variables = session, variables

    def run(self, element: ET.Element, namespace: str) -> None:
        for child in element:
            given = {name: self._filled(value) for name, value in child.attrib.items()}
            if child.tag == "Namespace":
                self._namespace(given)
                self.run(child, given["Name"])
            elif child.tag == "Configuration":
                self.run(child, namespace)
            elif child.tag in MAPPINGS:
                self._mapping(child.tag, given, namespace)
            elif child.tag in SECURITY:
                self._security(child.tag, given, namespace)
            elif child.tag == "SystemSetting":
                config, section, name = given["Name"].split(".", 2)
                modify(self._session, f"{config}.{section}", [], {name: given["Value"]})
            elif child.tag == "If":
                if self._holds(given["Condition"]):
                    self.run(child, namespace)
            elif child.tag == "Invoke":
                self._invoke(child, given)
            else:
                raise failed(5001, f"The lab does not know the tag {child.tag}")

    def _filled(self, text: str) -> str:
        def value(match: re.Match[str]) -> str:
            if match[1] not in self._variables:
                raise failed(5001, f"Variable {match[1]} is not defined")
            return self._variables[match[1]]

        return re.sub(r"\$\{(\w+)\}", value, text)

    def _namespace(self, given: dict[str, str]) -> None:
        if given.get("Create", "yes") == "no":
            return
        databases = {"Globals": given["Data"], "Routines": given["Code"]}
        create(self._session, "Config.Namespaces", [given["Name"]], {"Name": given["Name"], **databases})

    def _mapping(self, tag: str, given: dict[str, str], namespace: str) -> None:
        class_name, attribute = MAPPINGS[tag]
        name = given[attribute]
        if given.get("Type", "ALL") != "ALL":
            name += f"_{given['Type']}"
        values = {"Namespace": namespace, "Name": name, "Database": given["From"]}
        if given.get("Collation"):
            values["Collation"] = given["Collation"]
        create(self._session, class_name, [namespace, name], values)

    def _security(self, tag: str, given: dict[str, str], namespace: str) -> None:
        attributes = {**INITIAL.get(tag, {}), **given}
        values = {
            property_: attributes[name] for name, property_ in PROPERTIES[tag].items() if name in attributes
        }
        if tag == "CSPApplication":
            values["NameSpace"] = namespace
        if tag == "User":
            values["PasswordExternal"] = self._variables[given["PasswordVar"]]
        create(self._session, SECURITY[tag], [values["Name"]], values)

    def _holds(self, condition: str) -> bool:
        found = _CONDITION.fullmatch(condition)
        if found is None:
            raise failed(5001, f"The lab does not know the condition {condition}")
        given = [Argument(_value(each)) for each in re.findall(_ARGUMENT, found["given"] or "")]
        there = self._session.class_method(found["class"], found["method"], given).value
        return (there not in ("", 0, "0")) is not bool(found["no"])

    def _invoke(self, element: ET.Element, given: dict[str, str]) -> None:
        arguments = [Argument(self._filled(each.get("Value", ""))) for each in element if each.tag == "Arg"]
        status: Any = self._session.class_method(given["Class"], given["Method"], arguments).value
        if given.get("CheckStatus") in {"1", "true"} and status not in (OK, str(OK)):
            raise failed(5001, error_text(status))


def _value(expression: str) -> str:
    """Return the text that literals and characters make, one behind the other."""
    return "".join(
        part[1:-1].replace('""', '"')
        if part.startswith('"')
        else "".join(map(chr, map(int, re.findall(r"\d+", part))))
        for part in re.findall(_TEXT, expression)
    )
