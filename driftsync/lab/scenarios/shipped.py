"""This module holds what every installation has: system databases, roles, resources, services, events, tasks."""

from __future__ import annotations

from typing import Any

from driftsync.lab.instance import SimulatedInstance
from driftsync.lab.instance.certificate_calls import certificate
from driftsync.lab.instance.facts import all_classes
from driftsync.lab.instance.texts import days_of, seconds_of

PASSWORDS = {"_SYSTEM": "lab-system", "driftsync": "lab-reader", "operator": "lab-operator"}
"""Who can log in to a member of the lab: everything, the reading account, and one that may see no security."""

READER = "DriftsyncReader"
READER_RESOURCES = [
    "%Admin_Secure:4",
    "%Admin_Manage:4",
    "%Admin_Operate:4",
    "%Admin_Task:4",
    "%Admin_OAuth2_Client:4",
    "%Admin_OAuth2_Server:4",
    "%DB_IRISSYS:1",
    "%Service_SQL:4",
    "%Service_Object:4",
]
READER_SCHEMAS = (
    "%Dictionary",
    "Security",
    "Config",
    "Config_NLS",
    "SYS",
    "%SYS",
    "%SYS_Task",
    "%Library",
    "OAuth2",
    "OAuth2_Server",
    "OAuth2_Client",
)
OPERATOR_RESOURCES = (
    "%Admin_Operate:4",
    "%Admin_Task:4",
    "%DB_IRISSYS:1",
    "%Service_SQL:4",
    "%Service_Object:4",
)

DATABASES = {
    "IRISSYS": "", "IRISLIB": "irislib/", "IRISTEMP": "iristemp/", "IRISLOCALDATA": "irislocaldata/",
    "IRISAUDIT": "irisaudit/", "ENSLIB": "enslib/", "USER": "user/",
}  # fmt: skip
NAMESPACES = {"%ALL": ("IRISTEMP", "IRISTEMP"), "%SYS": ("IRISSYS", "IRISSYS"), "USER": ("USER", "USER")}

RESOURCES = [
    "%Admin_Manage",
    "%Admin_Operate",
    "%Admin_Secure",
    "%Admin_Task",
    "%Admin_Journal",
    "%Admin_OAuth2_Client",
    "%Admin_OAuth2_Server",
    "%Admin_OAuth2_Registration",
    "%Development",
    "%DeepSee_Portal",
    "%Ens_Portal",
    "%Gateway_Object",
    "%System_CallOut",
    "%Secure_Break",
]
SERVICES = {
    "%Service_Bindings": (1, 32), "%Service_CallIn": (1, 48), "%Service_Console": (1, 16), "%Service_ECP": (0, 64),
    "%Service_Login": (1, 32), "%Service_Mirror": (1, 64), "%Service_Monitor": (0, 64), "%Service_SQL": (1, 32),
    "%Service_Telnet": (0, 32), "%Service_Terminal": (1, 48), "%Service_WebGateway": (1, 32), "%Service_DataCheck": (0, 64),
}  # fmt: skip
"""Enabled and methods of authentication."""
ROLES = {
    "%All": ("The Super-User Role", ""),
    "%Developer": (
        "A Role owned by all Developers",
        "%Development:4 %Service_SQL:4 %Service_Object:4 %System_CallOut:4",
    ),
    "%Manager": (
        "A Role for all System Managers",
        "%Admin_Manage:4 %Admin_Operate:4 %DB_IRISSYS:3 %Service_SQL:4",
    ),
    "%Operator": ("A Role for all System Operators", "%Admin_Operate:4 %DB_IRISSYS:1"),
    "%SQL": ("A Role for use by SQL", "%Service_SQL:4"),
    "%DB_IRISSYS": ("R/W access for this resource", "%DB_IRISSYS:3"),
    "%DB_USER": ("R/W access for this resource", "%DB_USER:3"),
}
EVENTS = {
    ("%System", "%Login", "Login"): 1, ("%System", "%Login", "LoginFailure"): 1, ("%System", "%Login", "Logout"): 0,
    ("%System", "%Security", "Protect"): 1, ("%System", "%Security", "AuditChange"): 1, ("%System", "%Security", "UserChange"): 1,
    ("%System", "%Security", "OAuth2"): 1, ("%System", "%System", "ConfigurationChange"): 1, ("%System", "%System", "Start"): 1,
    ("%System", "%SQL", "DynamicStatement"): 0, ("%Ens", "%Production", "StartStop"): 1,
}  # fmt: skip
APPLICATIONS = {
    "/csp/sys": ("%SYS", "", 32), "/csp/sys/op": ("%SYS", "", 32), "/csp/sys/sec": ("%SYS", "", 32), "/csp/user": ("USER", "", 32),
    "/api/mgmnt": ("%SYS", "%Api.Mgmnt.v2.disp", 32), "/api/atelier": ("%SYS", "%Api.Atelier", 32), "/api/monitor": ("%SYS", "%Api.Monitor", 64),
}  # fmt: skip
TASKS = {
    "Switch Journal": ("%SYS.Task.SwitchJournal", "00:30:00"), "Purge Journal": ("%SYS.Task.PurgeJournal", "00:35:00"),
    "Purge Tasks": ("%SYS.Task.PurgeTaskHistory", "01:00:00"), "Purge errors and log files": ("%SYS.Task.PurgeErrorsAndLogs", "01:00:00"),
    "Purge Audit Database": ("%SYS.Task.PurgeAudit", "01:00:00"), "Purge Backup Log": ("%SYS.Task.PurgeBackupLog", "01:00:00"),
    "Security Scan": ("%SYS.Task.SecurityScan", "01:00:00"), "Inventory Scan": ("%SYS.Task.InventoryScan", "02:00:00"),
}  # fmt: skip
DEVICES = {
    "0": ("0", "TRM", "C-IRIS Terminal"),
    "|TRM|": ("0", "TRM", "C-IRIS Terminal"),
    "2": ("2", "SPL", "PK-DEC"),
    "|PRN|": ("|PRN|", "OTH", "P-DEC"),
}
SUBTYPES = ("C-ANSI", "C-IRIS Terminal", "P-DEC", "PK-DEC", "M/UX", "MAIL")
DATATYPES = {
    "BIGINT": "%Library.BigInt", "BINARY(%1)": "%Library.Binary(MAXLEN=%1)", "BIT": "%Library.Boolean", "DATE": "%Library.Date",
    "INTEGER": "%Library.Integer", "VARCHAR(%1)": "%Library.String(MAXLEN=%1)", "TIMESTAMP": "%Library.TimeStamp",
}  # fmt: skip
GATEWAYS = {
    "%JDBC Server": ("JDBC", 53772), "%Java Server": ("Java", 53272), "%XSLT Server": ("XSLT", 53773), "%Python Server": ("Python", 53372),
    "%DotNet Server": (".NET", 53673),
}  # fmt: skip


def install(instance: SimulatedInstance) -> None:
    """Fill an empty instance with what the product brings."""
    _databases(instance)
    _security(instance)
    _accounts(instance)
    for name, (class_name, time) in TASKS.items():
        instance.add(
            "%SYS.Task",
            **task(
                instance,
                name,
                class_name,
                time=time,
                Type=0,
                RunAsUser="TASKMGR",
                Description=f"{name} (shipped)",
            ),
        )
    for name, (device, kind, subtype) in DEVICES.items():
        instance.add(
            "Config.Devices", Name=name, PhysicalDevice=device, Type=kind, SubType=subtype, Description=""
        )
    for name in SUBTYPES:
        instance.add("Config.DeviceSubTypes", Name=name, FormFeed="#", Backspace="$C(8)", ScreenLength=24)
    for name, datatype in DATATYPES.items():
        instance.add("Config.SqlSysDatatypes", Name=name, Datatype=datatype)
    instance.add("Config.MagTapes", Name="47", SystemDevice="/dev/st0")
    instance.add("Config.LicenseServers", Name="LOCAL", Address="127.0.0.1", Port=4002)
    for name, (kind, port) in GATEWAYS.items():
        instance.add(
            "Config.Gateways",
            Name=name,
            Type=kind,
            Port=port,
            Resource="%Gateway_SQL" if kind == "JDBC" else "%Gateway_Object",
        )
    if instance.release.has_class("Config.WorkQueues"):
        for name in ("SQL", "Default", "Utility"):
            instance.add("Config.WorkQueues", Name=name)
    for name, facts in all_classes().items():
        if name.startswith("Config.") and facts.single and instance.release.has_class(name):
            instance.add(name, **_SETTINGS.get(name, {}), **_host_settings(instance, name))
    _locales(instance)
    instance.storage.activate()


_SETTINGS: dict[str, dict[str, Any]] = {
    "Config.config": {"globals8kb": 4096, "globals": "0,0,4096,0,0,0", "routines": "512", "gmheap": 1048576, "locksiz": 67108864, "OsType": "UNIX", "Platform": "UNIX", "overview": "UNIX~UNIX"},
    "Config.Startup": {"EnsembleAutoStart": 1, "SystemMode": "LIVE"},
    "Config.SQL": {"LockTimeout": 10},
}  # fmt: skip


def _host_settings(instance: SimulatedInstance, name: str) -> dict[str, Any]:
    """Return what no two hosts have alike."""
    if name == "Config.Journal":
        return {
            "CurrentDirectory": f"/journal/{instance.host}/",
            "AlternateDirectory": f"/journal2/{instance.host}/",
        }
    if name == "Config.MirrorMember":
        return {"SystemName": instance.name}
    if name == "Config.config":
        return {"wijdir": f"/wij/{instance.host}/"}
    return {}


def _databases(instance: SimulatedInstance) -> None:
    names = dict(DATABASES)
    if instance.release.guarded:
        names["IRISSECURITY"] = "irissecurity/"
    for name, directory in names.items():
        add_database(instance, name, f"{instance.files.manager_directory}{directory}", mount=0)
    for name, (data, code) in NAMESPACES.items():
        instance.add("Config.Namespaces", Name=name, Globals=data, Routines=code)


def add_database(
    instance: SimulatedInstance, name: str, directory: str, *, mount: int = 1, **values: Any
) -> None:
    """Add the entry of a database and the label of its file."""
    instance.files.make_directory(directory)
    instance.add("Config.Databases", Name=name, Directory=directory, MountRequired=mount, **values)
    if not values.get("Server"):
        instance.add("SYS.Database", Directory=directory, Mounted=1, GlobalJournalState=3 if name != "IRISTEMP" else 2,
                     ResourceName=f"%DB_{name}", Size=512, EncryptedDB=0)  # fmt: skip


def _security(instance: SimulatedInstance) -> None:
    for name in RESOURCES:
        instance.add("Security.Resources", Name=name, Type=1, Description=f"The {name.strip('%')} resource")
    security = ["IRISSECURITY"] if instance.release.guarded else []
    for name in (*DATABASES, *security, "%DEFAULT"):
        instance.add(
            "Security.Resources",
            Name=f"%DB_{name}",
            Type=3,
            Description=f"The {name} database",
            PublicPermission=1 if name == "IRISLIB" else 0,
        )
    for name, (enabled, methods) in SERVICES.items():
        instance.add("Security.Services", Name=name, Enabled=enabled, AutheEnabled=methods, Description=f"Controls {name.removeprefix('%Service_')}",
                     AutheEnabledCapabilities=methods | 8240, Capabilities=11)  # fmt: skip
        instance.add("Security.Resources", Name=name, Type=5, Description=f"Controls access to {name}")
    instance.add(
        "Security.Resources", Name="%Service_Object", Type=5, Description="Controls access to objects"
    )
    for name, (description, resources) in ROLES.items():
        instance.add("Security.Roles", Name=name, Description=description, Resources=pairs(resources.split()))
    for (source, kind, name), enabled in EVENTS.items():
        instance.add(
            "Security.Events",
            Source=source,
            Type=kind,
            Name=name,
            Enabled=enabled,
            Description=f"{name} (shipped)",
        )
    for name, (namespace, dispatch, methods) in APPLICATIONS.items():
        path = "" if dispatch else f"{instance.install_directory}csp{name.removeprefix('/csp')}/"
        instance.add("Security.Applications", Name=name, NameSpace=namespace, DispatchClass=dispatch, AutheEnabled=methods, Path=path,
                     Description=f"{name} (shipped)", Type=3, MatchRoles=[])  # fmt: skip
    instance.add(
        "Security.System",
        AuditEnabled=1,
        AutheEnabled=8288,
        VersionSystem=instance.release.cpf_version,
        JWTIssuer="",
    )
    instance.add("Security.Servers", Port=instance.port, BindAddress="", Description="Default superserver", EnableCSP=1, EnableMirror=1,
                 EnableDataCheck=1, EnableECP=1, EnableSNMP=0, EnableNodeJS=1, SystemDefault=1, SSLSupportLevel=1, SSLConfig="%SuperServer")  # fmt: skip
    for name, role in (("%MirrorServer", 1), ("%MirrorClient", 0), ("%SuperServer", 1)):
        instance.add("Security.SSLConfigs", Name=name, Type=role, Description=f"TLS of {name}", VerifyPeer=1 if "Mirror" in name else 0,
                     CertificateFile=f"/etc/tls/{instance.host}.pem", PrivateKeyFile=f"/etc/tls/{instance.host}.key", CAFile="/etc/tls/ca.pem")  # fmt: skip
    instance.files.put(f"/etc/tls/{instance.host}.pem", certificate(instance.host, "2028-01-01 00:00:00"))
    instance.files.put("/etc/tls/ca.pem", b"-----BEGIN CERTIFICATE-----\nthe CA of the hospital\n")
    for name, gateway in (("AT&T Wireless", "txt.att.net"), ("Vodafone", "vodafone.net")):
        instance.add("%SYS.PhoneProviders", Name=name, SMSGateway=gateway)


def _accounts(instance: SimulatedInstance) -> None:
    instance.add(
        "Security.Roles",
        Name=READER,
        Description="Reads settings for driftsync",
        Resources=pairs(READER_RESOURCES),
    )
    instance.add(
        "Security.Roles",
        Name="LabOperator",
        Description="Operates, sees no security",
        Resources=pairs(OPERATOR_RESOURCES),
    )
    instance.add_user("_SYSTEM", PASSWORDS["_SYSTEM"], ["%All"], FullName="SQL System Manager")
    instance.add_user("driftsync", PASSWORDS["driftsync"], [READER], FullName="driftsync, reading account")
    instance.add_user("operator", PASSWORDS["operator"], ["LabOperator"], FullName="Operator")
    for name in ("Admin", "SuperUser", "CSPSystem"):
        instance.add_user(
            name,
            f"not-a-real-secret-{name}",
            ["%Manager"] if name == "Admin" else ["%All"] if name == "SuperUser" else [],
            FullName=name,
        )
    instance.add_user("UnknownUser", "", [], FullName="Unknown User", Enabled=1)
    for schema in READER_SCHEMAS:
        for right in ("s", "e"):
            instance.add(
                "Security.SQLPrivileges",
                Namespace="%SYS",
                SQLObject=f"5,{schema}",
                Privilege=right,
                Grantee=READER,
                Grantor="_SYSTEM",
                Grantable=0,
            )


def _locales(instance: SimulatedInstance) -> None:
    names = {
        found.name for found in all_classes()["Config.NLS.Locales"].properties.values() if found.required
    }
    for name, language in (("enuw", "English"), ("chsw", "Chinese")):
        texts: dict[str, Any] = {wanted: "RAW" for wanted in names if not wanted.endswith("Tables")}
        texts |= {
            "Name": name,
            "Language": language,
            "CharacterSet": "Unicode",
            "Description": f"{language}, Unicode",
            "Country": "US",
        }
        instance.add("Config.NLS.Locales", **texts, CollationTables=["IRIS standard"])


def pairs(texts: list[str] | tuple[str, ...]) -> list[dict[str, Any]]:
    """Return `%DB_USER:3` as the records of a role's relationship."""
    return [{"Name": text.rpartition(":")[0], "Permission": int(text.rpartition(":")[2])} for text in texts]


def task(
    instance: SimulatedInstance,
    name: str,
    class_name: str,
    *,
    time: str = "03:00:00",
    namespace: str = "%SYS",
    **values: Any,
) -> dict[str, Any]:
    """Return the record of a task that runs once a day."""
    made = {
        "Name": name, "TaskClass": class_name, "NameSpace": namespace, "DailyStartTime": seconds_of(time), "MirrorStatus": 3, "RunAsUser": "_SYSTEM",
        "StartDate": days_of("2024-03-01"), "JobGUID": instance.guid(), "DailyFrequency": 0, "TimePeriod": 0, "TimePeriodEvery": "1",
        "LastStarted": f"2026-11-20 {time}", "LastFinished": f"2026-11-20 {time}", "Status": "1", "DayNextScheduled": days_of("2026-11-22"),
        "TimeNextScheduled": seconds_of(time), "DailyEndTime": 0, "DailyFrequencyTime": 0, "OutputFileIsBinary": 1,
    }  # fmt: skip
    return {**made, **values}
