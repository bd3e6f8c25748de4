"""This module holds what the hospital has set up itself, the same on every member; secrets are marked as no real ones."""

from __future__ import annotations

from typing import Any

from driftsync.lab.instance import CodeElement, Production, SimulatedInstance
from driftsync.lab.instance.facts import all_classes
from driftsync.lab.instance.texts import days_of
from driftsync.lab.scenarios.shipped import add_database, install, pairs, task
from driftsync.lab.values import encode_list

MIRRORED = ("EMR", "EMRCODE", "LAB", "LABCODE", "INTEROP", "INTEROPCODE")
NAMESPACES = {"EMR": ("EMR", "EMRCODE"), "LAB": ("LAB", "LABCODE"), "INTEROP": ("INTEROP", "INTEROPCODE")}
LOCAL_DATABASES = ("ARCHIVE2019",)

ITEMS: dict[str, list[dict[str, Any]]] = {
    "Config.ECPServers": [{"Name": "KBSERVER", "Address": "10.20.4.30", "Port": 1972}, {"Name": "PACS", "Address": "10.20.4.31"}, {"Name": "RESEARCH", "Address": "10.20.4.32"}],
    "Config.MapGlobals": [
        {"Namespace": "EMR", "Name": "LabResult", "Database": "LAB"}, {"Namespace": "EMR", "Name": "Visit", "Database": "EMR"},
        {"Namespace": "EMR", "Name": "Visit(1):(500000)", "Database": "ARCHIVE2019"}, {"Namespace": "EMR", "Name": "DrugKB*", "Database": "DRUGKB"},
        {"Namespace": "LAB", "Name": "Patient", "Database": "EMR"}, {"Namespace": "%ALL", "Name": "HospShared*", "Database": "EMR"},
    ],
    "Config.MapRoutines": [{"Namespace": "LAB", "Name": "HOSPUTIL*", "Database": "EMRCODE"}, {"Namespace": "LAB", "Name": "LABEL*_INC", "Database": "EMRCODE"}, {"Namespace": "EMR", "Name": "LABRPT*", "Database": "LABCODE"}],
    "Config.MapPackages": [{"Namespace": "LAB", "Name": "Hosp.Util", "Database": "EMRCODE"}, {"Namespace": "LAB", "Name": "Hosp.Patient", "Database": "EMRCODE"}, {"Namespace": "EMR", "Name": "Hosp.Lab.Model", "Database": "LABCODE"}],
    "Config.WorkQueues": [{"Name": "Reports", "MaxActiveWorkers": 4}, {"Name": "Interfaces", "MaxActiveWorkers": 8}, {"Name": "Night", "MaxActiveWorkers": 2}],
    "Config.Devices": [{"Name": "LABELS", "PhysicalDevice": "/dev/labels", "Type": "OTH", "SubType": "P-DEC", "Alias": 901}, {"Name": "WRISTBAND", "PhysicalDevice": "/dev/wrist", "Type": "OTH", "SubType": "P-DEC"}, {"Name": "PHARMACY", "PhysicalDevice": "/dev/pharm", "Type": "OTH", "SubType": "P-DEC"}],
    "Config.DeviceSubTypes": [{"Name": "P-LABEL", "RightMargin": 40}, {"Name": "P-WRIST", "RightMargin": 60}, {"Name": "P-REPORT", "RightMargin": 132}],
    "Config.ComPorts": [{"Name": "COM1", "BaudRate": 9600}, {"Name": "COM2", "BaudRate": 19200}, {"Name": "COM3", "BaudRate": 9600}],
    "Config.MagTapes": [{"Name": "48", "SystemDevice": "/dev/st1"}, {"Name": "49", "SystemDevice": "/dev/st2"}],
    "Config.LicenseServers": [{"Name": "CENTRAL", "Address": "10.20.4.40", "Port": 4002}, {"Name": "SPARE", "Address": "10.20.4.41", "Port": 4002}],
    "Config.Archives": [{"Name": "S3", "Type": "S3", "Location": "s3://hospital/journals"}, {"Name": "NFS", "Type": "NFS", "Location": "/nfs/journals"}, {"Name": "COLD", "Type": "S3", "Location": "s3://hospital/cold"}],
    "Config.SqlSysDatatypes": [{"Name": "NVARCHAR2(%1)", "Datatype": "%Library.String(MAXLEN=%1)"}, {"Name": "MONEY", "Datatype": "%Library.Currency"}],
    "Config.SqlUserDatatypes": [{"Name": "MRN", "Datatype": "%Library.String(MAXLEN=10)"}, {"Name": "WARD", "Datatype": "%Library.String(MAXLEN=4)"}, {"Name": "DOSE", "Datatype": "%Library.Numeric"}],
    "Config.Gateways": [
        {"Name": "PdfServer", "Type": "Java", "Port": 55101, "Resource": "%Gateway_Object", "Field1": "/opt/pdf/pdf.jar", "passphraseList": ""},
        {"Name": "ImageServer", "Type": "Python", "Port": 55102, "Resource": "%Gateway_Object"}, {"Name": "OldServer", "Type": ".NET", "Port": 55103, "Resource": "%Gateway_Object"},
    ],
    "Security.Resources": [{"Name": "Emr_Read", "Description": "Reading the record", "Type": 2147483648}, {"Name": "Emr_Write", "Description": "Writing", "Type": 2147483648}, {"Name": "Lab_Release", "PublicPermission": 0, "Type": 2147483648}],
    "Security.Roles": [
        {"Name": "Nurse", "Description": "Nurses", "Resources": pairs(["Emr_Read:4", "%DB_EMR:1"]), "GrantedRoles": []},
        {"Name": "Doctor", "Description": "Doctors", "Resources": pairs(["Emr_Read:4", "Emr_Write:4", "%DB_EMR:3"]), "GrantedRoles": ["Nurse"]},
        {"Name": "LabTech", "Description": "Laboratory", "Resources": pairs(["Lab_Release:4", "%DB_LAB:3"]), "GrantedRoles": []},
    ],
    "Security.Services": [{"Name": "%Service_CacheDirect", "Enabled": 0, "AutheEnabled": 64, "Description": "Old clients", "ClientSystems": ["10.20.4.0/24|Nurse,Doctor", "10.20.5.7"]}],
    "Security.Applications": [
        {"Name": "/emr", "NameSpace": "EMR", "AutheEnabled": 32, "Path": "/data/web/emr/", "Resource": "Emr_Read", "MatchRoles": ["Doctor:%DB_LAB"], "Description": "电子病历"},
        {"Name": "/lab/api", "NameSpace": "LAB", "AutheEnabled": 32, "DispatchClass": "Hosp.Lab.Api", "Timeout": 600}, {"Name": "/portal", "NameSpace": "EMR", "AutheEnabled": 64, "Path": "/data/web/portal/"},
    ],
    "Security.Events": [{"Source": "Emr", "Type": "Record", "Name": "Read", "Enabled": 1, "Description": "Record read"}, {"Source": "Emr", "Type": "Record", "Name": "Break", "Enabled": 1}, {"Source": "Emr", "Type": "Record", "Name": "Print", "Enabled": 1}],
    "Security.SSLConfigs": [
        {"Name": "Insurance", "Type": 0, "VerifyPeer": 1, "CAFile": "/etc/tls/ca.pem", "PrivateKeyPassword": "not-a-real-secret-tls-insurance", "PrivateKeyFile": "/etc/tls/insurance.key"},
        {"Name": "LabAnalyser", "Type": 0, "VerifyPeer": 1}, {"Name": "Referrals", "Type": 0, "VerifyPeer": 1},
    ],
    "Security.LDAPConfigs": [
        {"Name": "hospital.example", "LDAPBaseDN": "ou=staff,dc=hospital,dc=example", "LDAPBaseDNForGroups": "ou=groups,dc=hospital,dc=example", "LDAPFlags": 74, "LDAPHostNames": "ldap1.hospital.example ldap2.hospital.example",
         "LDAPSearchUsername": "cn=iris,dc=hospital,dc=example", "LDAPSearchPassword": "not-a-real-secret-ldap"},
        {"Name": "lab.example", "LDAPBaseDN": "dc=lab", "LDAPBaseDNForGroups": "dc=lab", "LDAPSearchUsername": "cn=iris", "LDAPSearchPassword": "not-a-real-secret-ldap-lab"},
        {"Name": "old.example", "LDAPBaseDN": "dc=old", "LDAPBaseDNForGroups": "dc=old", "LDAPSearchUsername": "cn=iris"},
    ],
    "Security.SQLPrivileges": [
        {"Namespace": "EMR", "SQLObject": "1,Emr.Visit", "Privilege": "s", "Grantee": "Nurse", "Grantor": "_SYSTEM", "Grantable": 0}, {"Namespace": "EMR", "SQLObject": "1,Emr.Visit", "Privilege": "u", "Grantee": "Doctor", "Grantor": "_SYSTEM", "Grantable": 0},
        {"Namespace": "LAB", "SQLObject": "1,Lab.Result", "Privilege": "s", "Grantee": "LabTech", "Grantor": "_SYSTEM", "Grantable": 0},
    ],
    "Security.SQLAdminPrivilegeSet": [{"Namespace": "EMR", "Grantee": "Doctor", "CreateTable": 0, "CreateView": 1}, {"Namespace": "LAB", "Grantee": "LabTech", "CreateView": 1}, {"Namespace": "LAB", "Grantee": "Doctor", "CreateView": 1}],
    "Security.SQLRoleGrantOption": [{"UserOrRole": "Doctor", "RoleGranted": "Nurse", "Grantable": 1}, {"UserOrRole": "LabTech", "RoleGranted": "Nurse", "Grantable": 0}, {"UserOrRole": "_SYSTEM", "RoleGranted": "Doctor", "Grantable": 1}],
    "Security.Servers": [{"Port": 51773, "BindAddress": "", "Description": "Partners", "SSLSupportLevel": 2, "SSLConfig": "%SuperServer"}, {"Port": 51774, "BindAddress": "", "Description": "Wards"}, {"Port": 51775, "BindAddress": "", "Description": "Old"}],
    "Security.DocDBs": [{"Namespace": "EMR", "Name": "Hosp.CarePlan", "Resource": "%DB_EMR"}, {"Namespace": "LAB", "Name": "Hosp.Sample"}, {"Namespace": "EMR", "Name": "Hosp.Note"}],
    "Security.Domains": [{"Name": "hospital.example", "Description": "Staff"}, {"Name": "lab.example", "Description": "Laboratory"}, {"Name": "old.example", "Description": "Old"}],
    "Security.KMIPServer": [{"Name": "Vault", "Host": "kmip1.hospital.example", "SSLConfig": "Insurance"}, {"Name": "Vault2", "Host": "kmip2.hospital.example", "SSLConfig": "Insurance"}, {"Name": "Vault3", "Host": "kmip3", "SSLConfig": "Insurance"}],
    "Security.X509Users": [{"LookupKey": "CN=analyser1", "Username": "analyser"}, {"LookupKey": "CN=analyser2", "Username": "analyser"}, {"LookupKey": "CN=analyser3", "Username": "analyser"}],
    "%SYS.X509Credentials": [
        {"Alias": alias, "OwnerList": "_SYSTEM", "PeerNames": "", "Certificate": f"certificate of {alias}".encode(), "Thumbprint": f"thumb of {alias}".encode(), "HasPrivateKey": 1, "IssuerDN": "CN=Hospital CA", "SubjectDN": f"CN={alias}",
         "SerialNumber": "4711", "ValidityNotBefore": "2024-01-01 00:00:00", "ValidityNotAfter": "2027-01-01 00:00:00", "CAFile": "/etc/tls/ca.pem"}
        for alias in ("Signing", "Referral", "Old")
    ],
    "%SYS.PhoneProviders": [{"Name": "HospitalSms", "SMSGateway": "sms.hospital.example"}, {"Name": "WardSms", "SMSGateway": "ward.example"}, {"Name": "OldSms", "SMSGateway": "old.example"}],
    "%Library.SQLConnection": [
        {"Name": "Insurance", "isJDBC": 1, "URL": "jdbc:postgresql://claims/db", "driver": "org.postgresql.Driver", "Usr": "iris", "pwd": "not-a-real-secret-claims", "classpath": "/opt/jdbc/postgresql.jar"},
        {"Name": "Statistics", "isJDBC": 0, "DSN": "stats", "Usr": "iris", "pwd": "not-a-real-secret-stats"}, {"Name": "Accounts", "isJDBC": 0, "DSN": "accounts"},
    ],
    "%SYS.Task.Config": [{"ParamName": "SMTPServer", "Data": "mail.hospital.example"}, {"ParamName": "AuthPass", "Data": "not-a-real-secret-task-mail"}, {"ParamName": "Sender", "Data": "iris@hospital.example"}],
    "OAuth2.ServerDefinition": [{"IssuerEndpoint": f"https://sso.hospital.example/{realm}", "SSLConfiguration": "Insurance", "TokenEndpoint": f"https://sso.hospital.example/{realm}/token", "InitialAccessToken": f"not-a-real-secret-iat-{realm}", "Metadata": {"issuer": f"https://sso.hospital.example/{realm}", "scopes_supported": ["openid", "email"]}} for realm in ("staff", "patients", "old")],
    "OAuth2.Client": [
        {"ApplicationName": name, "ClientType": "confidential", "SSLConfiguration": "Insurance", "ServerDefinition": 1, "ClientId": name, "ClientSecret": f"not-a-real-secret-{name}", "DefaultScope": "openid profile",
         "RedirectionEndpoint": {"UseSSL": 1, "Host": "emr.hospital.example", "Port": "443", "Prefix": "emr"}, "Metadata": {"client_name": name, "redirect_uris": [f"https://emr.hospital.example/{name}"], "client_secret": f"not-a-real-secret-{name}"}}
        for name in ("emr-portal", "lab-api", "old-app")
    ],
    "OAuth2.Server.Configuration": [{
        "Key": "singleton", "IssuerEndpoint": {"UseSSL": 1, "Host": "iris.hospital.example", "Port": "443", "Prefix": ""}, "SupportedScopes": {"openid": "Login", "emr": "The record"}, "CustomizationRoles": "%DB_IRISSYS,%Manager",
        "CustomizationNamespace": "%SYS", "SupportedGrantTypes": "AP", "ServerPassword": "not-a-real-secret-oauth-server", "PrivateJWKS": '{"keys":["not-a-real-secret-jwks"]}', "Metadata": {"issuer": "https://iris.hospital.example", "scopes_supported": ["openid", "emr"]},
    }],
    "OAuth2.Server.Client": [{"ClientId": name, "Name": name, "ClientType": "confidential", "ClientSecret": f"not-a-real-secret-{name}", "RedirectURL": [f"https://{name}.example/cb"], "Metadata": {"client_name": name}} for name in ("tablet", "kiosk", "old-kiosk")],
}  # fmt: skip
"""At least three of each kind where the class allows it: one that agrees everywhere, and two that drift in `hospital`."""

USERS = {
    "nina": ["Nurse"],
    "dora": ["Doctor"],
    "lara": ["LabTech"],
    "analyser": ["LabTech"],
    "locum": ["Doctor"],
}
TASKS = {
    "Night report": ("Hosp.Task.NightReport", "EMR", 1), "Send claims": ("Hosp.Task.Claims", "EMR", 1), "Clean temp": ("%SYS.Task.RunLegacyTask", "EMR", 3),
    "Lab statistics": ("Hosp.Task.LabStatistics", "LAB", 1), "Archive visits": ("Hosp.Task.Archive", "EMR", 1),
}  # fmt: skip
FILES = {
    "/data/web/emr/index.csp": b"<html>EMR</html>", "/data/web/emr/style.css": b"body{}", "/data/web/portal/index.html": b"<html>portal</html>",
    "/opt/jdbc/postgresql.jar": b"PK jar 42.7", "/opt/pdf/pdf.jar": b"PK pdf 1.0",
}  # fmt: skip
CODE = {
    "ZMIRROR.mac": "NotifyBecomePrimary() PUBLIC {\n  quit 1\n}\n", "%ZSTART.mac": "SYSTEM quit\n", "ZAUTHENTICATE.mac": "ZAUTHENTICATE quit\n",
    "Z.Tools.cls": "Class Z.Tools\n{\nClassMethod Ping()\n{\n quit 1\n}\n}\n",
}  # fmt: skip


def furnish(instance: SimulatedInstance) -> None:
    """Fill an empty instance with what it should hold as a member of the mirror of the hospital."""
    install(instance)
    for name in MIRRORED:
        add_database(instance, name, f"/data/{name.lower()}/")
        _guard(instance, name)
    for name in LOCAL_DATABASES:
        add_database(instance, name, f"/archive/{instance.host}/{name.lower()}/", mount=0)
        _guard(instance, name)
        instance.change(
            "SYS.Database", {"Directory": f"/archive/{instance.host}/{name.lower()}/"}, {"ReadOnly": 1}
        )
    add_database(instance, "DRUGKB", "/kb/data/", mount=0, Server="KBSERVER")
    for name, (data, code) in NAMESPACES.items():
        instance.add("Config.Namespaces", Name=name, Globals=data, Routines=code)
    for class_name, records in ITEMS.items():
        if instance.release.has_class(class_name):
            for record in records:
                instance.add(class_name, **_with_references(instance, class_name, record))
    for name, roles in USERS.items():
        instance.add_user(
            name,
            f"not-a-real-secret-{name}",
            roles,
            FullName=name.capitalize(),
            NameSpace="EMR",
            Comment="site",
        )
    for number, (name, (class_name, namespace, runs_on)) in enumerate(TASKS.items(), 1):
        settings = (
            encode_list(["Directory", f"/data/out/{number}/", "Password", "not-a-real-secret-task"])
            if "Claims" in class_name
            else b""
        )
        made = task(
            instance,
            name,
            class_name,
            namespace=namespace,
            time=f"0{number}:15:00",
            MirrorStatus=runs_on,
            Settings=settings,
        )
        instance.add("%SYS.Task", **made, EmailOnError=["it@hospital.example"])
    first, after = (
        instance.where("%SYS.Task", Name="Night report"),
        {"TimePeriod": 4, "TimePeriodDay": "0", "RunAfterGUID": ""},
    )
    instance.change("%SYS.Task", {"Name": "Archive visits"}, after | {"RunAfterGUID": first["JobGUID"]})
    for path, content in FILES.items():
        instance.files.put(path, content)
    instance.code = [CodeElement("%SYS", name, source) for name, source in CODE.items()]
    instance.interoperable = {"INTEROP"}
    instance.productions = {"INTEROP": Production("Hosp.Production", auto_start=True)}
    instance.packages = [
        _package("EMR", "hosp-util", "1.4.0"),
        _package("EMR", "csvgen", "1.5.1"),
        _package("LAB", "fhir-tools", "2.0.3"),
    ]
    instance.encryption_keys = ["0A1B2C3D-0000-4000-8000-00000000EMR1"]
    instance.storage.activate()


def _guard(instance: SimulatedInstance, name: str) -> None:
    """Add the resource of a database, and the role that goes with it."""
    instance.add("Security.Resources", Name=f"%DB_{name}", Type=3, Description=f"The {name} database")
    instance.add(
        "Security.Roles",
        Name=f"%DB_{name}",
        Description=f"The {name} database",
        Resources=pairs([f"%DB_{name}:3"]),
        GrantedRoles=[],
    )


def _with_references(instance: SimulatedInstance, class_name: str, record: dict[str, Any]) -> dict[str, Any]:
    """Fill embedded metadata up with all its properties."""
    filled = dict(record)
    for name, found in all_classes()[class_name].properties.items():
        inner = all_classes().get(found.type)
        if inner is not None and isinstance(filled.get(name), dict) and found.type.endswith("Metadata"):
            filled[name] = {**{part.name: "" for part in instance.release.properties(inner)}, **filled[name]}
    return filled


def _package(namespace: str, name: str, version: str) -> dict[str, Any]:
    return {
        "Namespace": namespace, "Name": name, "VersionString": version, "Packaging": "module", "Root": f"/opt/ipm/{name}/", "Description": name,
        "ExternalName": "", "DeveloperMode": 0, "Deployed": 0, "GlobalScope": 0,
    }  # fmt: skip


EXPIRY = days_of("2026-12-31")
"""When the account of the locum ends."""
