"""This module is the scenario `hospital`: every sort of drift, and what rightly differs between members."""

from __future__ import annotations

from driftsync.lab.instance import CodeElement, Production, SimulatedInstance, SimulatedMirror
from driftsync.lab.scenarios.clean import join, make_members
from driftsync.lab.scenarios.logs import PLANTED as LOGGED
from driftsync.lab.scenarios.logs import write_log
from driftsync.lab.scenarios.planting import CHANGED, EXTRA, LOCAL, MISSING, Planted, plant
from driftsync.lab.scenarios.shipped import pairs, task
from driftsync.lab.scenarios.site import EXPIRY
from driftsync.lab.values import encode_list

BACKUP, DR, REPORTING = "HOSPB/IRIS", "HOSPDR/IRIS", "HOSPRPT/IRIS"

PLANTED: tuple[Planted, ...] = (
    # configuration
    Planted(BACKUP, MISSING, "Config.ECPServers", {"Name": "RESEARCH"}),
    Planted(BACKUP, CHANGED, "Config.ECPServers", {"Name": "PACS"}, {"Port": 51972}),
    Planted(BACKUP, EXTRA, "Config.ECPServers", {"Name": "TEST", "Address": "10.20.9.9"}),
    Planted(BACKUP, MISSING, "Config.MapGlobals", {"Namespace": "EMR", "Name": "LabResult"}),
    Planted(BACKUP, CHANGED, "Config.MapGlobals", {"Namespace": "LAB", "Name": "Patient"}, {"Database": "LAB"}),
    Planted(BACKUP, EXTRA, "Config.MapGlobals", {"Namespace": "EMR", "Name": "TempTest*", "Database": "USER"}),
    Planted(BACKUP, MISSING, "Config.MapRoutines", {"Name": "LABEL*_INC"}),
    Planted(BACKUP, CHANGED, "Config.MapRoutines", {"Name": "HOSPUTIL*"}, {"Database": "LABCODE"}),
    Planted(BACKUP, EXTRA, "Config.MapRoutines", {"Namespace": "EMR", "Name": "TRY*", "Database": "USER"}),
    Planted(BACKUP, MISSING, "Config.MapPackages", {"Name": "Hosp.Lab.Model"}),
    Planted(BACKUP, CHANGED, "Config.MapPackages", {"Name": "Hosp.Patient"}, {"Database": "LABCODE"}),
    Planted(BACKUP, EXTRA, "Config.MapPackages", {"Namespace": "EMR", "Name": "Try", "Database": "USER"}),
    Planted(DR, MISSING, "Config.Namespaces", {"Name": "LAB"}),
    Planted(DR, CHANGED, "Config.Namespaces", {"Name": "EMR"}, {"Routines": "EMR"}),
    Planted(BACKUP, EXTRA, "Config.Namespaces", {"Name": "SANDBOX", "Globals": "USER", "Routines": "USER"}),
    Planted(BACKUP, MISSING, "Config.Databases", {"Name": "DRUGKB"}),
    Planted(BACKUP, CHANGED, "Config.Databases", {"Name": "EMR"}, {"MountRequired": 0}),
    Planted(BACKUP, EXTRA, "Config.Databases", {"Name": "TESTDB", "Directory": "/data/testdb/"}),
    Planted(BACKUP, CHANGED, "SYS.Database", {"Directory": "/data/lab/"}, {"ResourceName": "%DB_LABX"}),
    Planted(BACKUP, MISSING, "Config.WorkQueues", {"Name": "Night"}),
    Planted(BACKUP, CHANGED, "Config.WorkQueues", {"Name": "Interfaces"}, {"MaxActiveWorkers": 2}),
    Planted(BACKUP, EXTRA, "Config.WorkQueues", {"Name": "Try"}),
    Planted(BACKUP, MISSING, "Config.Devices", {"Name": "PHARMACY"}),
    Planted(BACKUP, CHANGED, "Config.Devices", {"Name": "WRISTBAND"}, {"Alias": 77}),
    Planted(BACKUP, EXTRA, "Config.Devices", {"Name": "TRY", "PhysicalDevice": "/dev/null", "Type": "OTH", "SubType": "P-DEC"}),
    Planted(BACKUP, MISSING, "Config.DeviceSubTypes", {"Name": "P-REPORT"}),
    Planted(BACKUP, CHANGED, "Config.DeviceSubTypes", {"Name": "P-WRIST"}, {"RightMargin": 50}),
    Planted(BACKUP, EXTRA, "Config.DeviceSubTypes", {"Name": "P-TRY", "ScreenLength": 24}),
    Planted(BACKUP, MISSING, "Config.ComPorts", {"Name": "COM3"}),
    Planted(BACKUP, CHANGED, "Config.ComPorts", {"Name": "COM2"}, {"BaudRate": 9600}),
    Planted(BACKUP, EXTRA, "Config.ComPorts", {"Name": "COM9"}),
    Planted(BACKUP, MISSING, "Config.MagTapes", {"Name": "49"}),
    Planted(BACKUP, CHANGED, "Config.MagTapes", {"Name": "48"}, {"SystemDevice": "/dev/st9"}),
    Planted(BACKUP, EXTRA, "Config.MagTapes", {"Name": "57", "SystemDevice": "/dev/st7"}),
    Planted(BACKUP, MISSING, "Config.LicenseServers", {"Name": "SPARE"}),
    Planted(BACKUP, CHANGED, "Config.LicenseServers", {"Name": "CENTRAL"}, {"Port": 4003}),
    Planted(BACKUP, EXTRA, "Config.LicenseServers", {"Name": "TRY", "Address": "127.0.0.1"}),
    Planted(BACKUP, MISSING, "Config.Archives", {"Name": "COLD"}),
    Planted(BACKUP, CHANGED, "Config.Archives", {"Name": "NFS"}, {"Location": "/nfs/other"}),
    Planted(BACKUP, EXTRA, "Config.Archives", {"Name": "TRY", "Type": "S3", "Location": "s3://try"}),
    Planted(BACKUP, MISSING, "Config.SqlSysDatatypes", {"Name": "MONEY"}),
    Planted(BACKUP, CHANGED, "Config.SqlSysDatatypes", {"Name": "NVARCHAR2(%1)"}, {"Datatype": "%Library.String(MAXLEN=50)"}),
    Planted(BACKUP, EXTRA, "Config.SqlSysDatatypes", {"Name": "TRYTYPE", "Datatype": "%Library.String"}),
    Planted(BACKUP, MISSING, "Config.SqlUserDatatypes", {"Name": "DOSE"}),
    Planted(BACKUP, CHANGED, "Config.SqlUserDatatypes", {"Name": "WARD"}, {"Datatype": "%Library.String(MAXLEN=8)"}),
    Planted(BACKUP, EXTRA, "Config.SqlUserDatatypes", {"Name": "TRY", "Datatype": "%Library.String"}),
    Planted(BACKUP, MISSING, "Config.Gateways", {"Name": "OldServer"}),
    Planted(BACKUP, CHANGED, "Config.Gateways", {"Name": "ImageServer"}, {"ConnectionTimeout": 30}),
    Planted(BACKUP, LOCAL, "Config.Gateways", {"Name": "PdfServer"}, {"Field1": "/srv/pdf/pdf.jar"}),
    Planted(BACKUP, EXTRA, "Config.Gateways", {"Name": "TryServer", "Type": "Java", "Port": 55199}),
    Planted(BACKUP, CHANGED, "Config.config", {"Name": "config"}, {"gmheap": 524288}),
    Planted(BACKUP, CHANGED, "Config.Startup", {"Name": "Startup"}, {"EnsembleAutoStart": 0}),
    Planted(BACKUP, CHANGED, "Config.SQL", {"Name": "SQL"}, {"LockTimeout": 30}),
    Planted(BACKUP, CHANGED, "Config.Journal", {"Name": "Journal"}, {"DaysBeforePurge": 5}),
    Planted(DR, LOCAL, "Config.config", {"Name": "config"}, {"globals8kb": 1024, "globals": "0,0,1024,0,0,0"}),
    # security
    Planted(BACKUP, MISSING, "Security.Resources", {"Name": "Lab_Release"}),
    Planted(BACKUP, CHANGED, "Security.Resources", {"Name": "Emr_Write"}, {"PublicPermission": 4}),
    Planted(BACKUP, EXTRA, "Security.Resources", {"Name": "Try_Resource", "Type": 2147483648}),
    Planted(BACKUP, MISSING, "Security.Roles", {"Name": "LabTech"}),
    Planted(BACKUP, CHANGED, "Security.Roles", {"Name": "Doctor"}, {"Resources": pairs(["Emr_Read:4", "%DB_EMR:1"]), "GrantedRoles": []}),
    Planted(BACKUP, EXTRA, "Security.Roles", {"Name": "TryRole", "Resources": pairs(["%DB_USER:3"])}),
    Planted(BACKUP, MISSING, "Security.Users", {"Name": "locum"}),
    Planted(BACKUP, CHANGED, "Security.Users", {"Name": "nina"}, {"Enabled": 0}),
    Planted(BACKUP, LOCAL, "Security.Users", {"Name": "dora"}, {"LoginDateTime": "67100,36000"}),
    Planted(DR, CHANGED, "Security.Users", {"Name": "locum"}, {"ExpirationDate": EXPIRY}),
    Planted(BACKUP, CHANGED, "Security.Services", {"Name": "%Service_CacheDirect"}, {"ClientSystems": ["10.20.4.0/24|Nurse"]}),
    Planted(BACKUP, CHANGED, "Security.Services", {"Name": "%Service_Telnet"}, {"Enabled": 1}),
    Planted(BACKUP, MISSING, "Security.Applications", {"Name": "/portal"}),
    Planted(BACKUP, CHANGED, "Security.Applications", {"Name": "/lab/api"}, {"AutheEnabled": 64, "Timeout": 900}),
    Planted(BACKUP, LOCAL, "Security.Applications", {"Name": "/emr"}, {"Path": "/srv/web/emr/"}),
    Planted(BACKUP, EXTRA, "Security.Applications", {"Name": "/try", "NameSpace": "USER"}),
    Planted(BACKUP, MISSING, "Security.Events", {"Source": "Emr", "Name": "Print"}),
    Planted(BACKUP, CHANGED, "Security.Events", {"Source": "%System", "Name": "OAuth2"}, {"Enabled": 0}),
    Planted(BACKUP, EXTRA, "Security.Events", {"Source": "Try", "Type": "Try", "Name": "Try", "Enabled": 1}),
    Planted(BACKUP, MISSING, "Security.SSLConfigs", {"Name": "Referrals"}),
    Planted(BACKUP, CHANGED, "Security.SSLConfigs", {"Name": "LabAnalyser"}, {"VerifyPeer": 0, "TLSMinVersion": 8}),
    Planted(BACKUP, EXTRA, "Security.SSLConfigs", {"Name": "Try"}),
    Planted(BACKUP, MISSING, "Security.LDAPConfigs", {"Name": "old.example"}),
    Planted(BACKUP, CHANGED, "Security.LDAPConfigs", {"Name": "hospital.example"}, {"LDAPHostNames": "ldap1.hospital.example", "LDAPSearchPassword": "not-a-real-secret-ldap-old"}),
    Planted(BACKUP, EXTRA, "Security.LDAPConfigs", {"Name": "try.example", "LDAPBaseDN": "dc=try", "LDAPBaseDNForGroups": "dc=try", "LDAPSearchUsername": "cn=try"}),
    Planted(BACKUP, MISSING, "Security.SQLPrivileges", {"Namespace": "LAB", "Grantee": "LabTech"}),
    Planted(BACKUP, CHANGED, "Security.SQLPrivileges", {"Namespace": "EMR", "Grantee": "Doctor"}, {"Grantable": 1}),
    Planted(BACKUP, EXTRA, "Security.SQLPrivileges", {"Namespace": "EMR", "SQLObject": "1,Emr.Visit", "Privilege": "d", "Grantee": "Nurse", "Grantor": "_SYSTEM", "Grantable": 0}),
    Planted(BACKUP, MISSING, "Security.SQLAdminPrivilegeSet", {"Namespace": "LAB", "Grantee": "LabTech"}),
    Planted(BACKUP, CHANGED, "Security.SQLAdminPrivilegeSet", {"Namespace": "EMR", "Grantee": "Doctor"}, {"CreateTable": 1}),
    Planted(BACKUP, EXTRA, "Security.SQLAdminPrivilegeSet", {"Namespace": "EMR", "Grantee": "Nurse", "DropTable": 1}),
    Planted(BACKUP, MISSING, "Security.SQLRoleGrantOption", {"UserOrRole": "LabTech"}),
    Planted(BACKUP, CHANGED, "Security.SQLRoleGrantOption", {"UserOrRole": "Doctor"}, {"Grantable": 0}),
    Planted(BACKUP, EXTRA, "Security.SQLRoleGrantOption", {"UserOrRole": "Nurse", "RoleGranted": "Doctor", "Grantable": 0}),
    Planted(BACKUP, MISSING, "Security.Servers", {"Port": 51775}),
    Planted(BACKUP, CHANGED, "Security.Servers", {"Port": 51773}, {"SSLSupportLevel": 0}),
    Planted(BACKUP, EXTRA, "Security.Servers", {"Port": 51799, "BindAddress": ""}),
    Planted(BACKUP, MISSING, "Security.DocDBs", {"Name": "Hosp.Note"}),
    Planted(BACKUP, CHANGED, "Security.DocDBs", {"Name": "Hosp.Sample"}, {"Enabled": 0}),
    Planted(BACKUP, EXTRA, "Security.DocDBs", {"Namespace": "USER", "Name": "Try.Doc"}),
    Planted(BACKUP, MISSING, "Security.Domains", {"Name": "old.example"}),
    Planted(BACKUP, CHANGED, "Security.Domains", {"Name": "lab.example"}, {"Description": "Lab"}),
    Planted(BACKUP, EXTRA, "Security.Domains", {"Name": "try.example"}),
    Planted(BACKUP, MISSING, "Security.KMIPServer", {"Name": "Vault3"}),
    Planted(BACKUP, CHANGED, "Security.KMIPServer", {"Name": "Vault2"}, {"Port": 5697}),
    Planted(BACKUP, EXTRA, "Security.KMIPServer", {"Name": "Try", "Host": "try", "SSLConfig": "Try"}),
    Planted(BACKUP, MISSING, "Security.X509Users", {"LookupKey": "CN=analyser3"}),
    Planted(BACKUP, CHANGED, "Security.X509Users", {"LookupKey": "CN=analyser2"}, {"Enabled": 0}),
    Planted(BACKUP, EXTRA, "Security.X509Users", {"LookupKey": "CN=try", "Username": "nina"}),
    Planted(BACKUP, CHANGED, "Security.System", {"Name": "SYSTEM"}, {"InactiveLimit": 30, "SMTPPassword": "not-a-real-secret-smtp"}),
    # other stores of IRISSYS
    Planted(BACKUP, MISSING, "%SYS.X509Credentials", {"Alias": "Old"}),
    Planted(BACKUP, CHANGED, "%SYS.X509Credentials", {"Alias": "Referral"}, {"Thumbprint": b"thumb of another", "OwnerList": "_SYSTEM,Admin", "PeerNames": "try.example"}),
    Planted(BACKUP, EXTRA, "%SYS.X509Credentials", {"Alias": "Try", "Certificate": b"try", "Thumbprint": b"try"}),
    Planted(BACKUP, MISSING, "%SYS.PhoneProviders", {"Name": "OldSms"}),
    Planted(BACKUP, CHANGED, "%SYS.PhoneProviders", {"Name": "WardSms"}, {"SMSGateway": "ward2.example"}),
    Planted(BACKUP, EXTRA, "%SYS.PhoneProviders", {"Name": "TrySms", "SMSGateway": "try.example"}),
    Planted(BACKUP, MISSING, "%Library.SQLConnection", {"Name": "Accounts"}),
    Planted(BACKUP, CHANGED, "%Library.SQLConnection", {"Name": "Statistics"}, {"Usr": "other"}),
    Planted(BACKUP, LOCAL, "%Library.SQLConnection", {"Name": "Insurance"}, {"classpath": "/srv/jdbc/postgresql.jar"}),
    Planted(BACKUP, EXTRA, "%Library.SQLConnection", {"Name": "Try", "DSN": "try"}),
    Planted(BACKUP, MISSING, "%SYS.Task.Config", {"ParamName": "Sender"}),
    Planted(BACKUP, CHANGED, "%SYS.Task.Config", {"ParamName": "AuthPass"}, {"Data": "not-a-real-secret-task-mail-old"}),
    Planted(BACKUP, MISSING, "%SYS.Task", {"Name": "Lab statistics"}),
    Planted(BACKUP, CHANGED, "%SYS.Task", {"Name": "Clean temp"}, {"MirrorStatus": ""}),
    Planted(BACKUP, CHANGED, "%SYS.Task", {"Name": "Night report"}, {"Suspended": 1, "DailyStartTime": 7200}),
    Planted(BACKUP, CHANGED, "%SYS.Task", {"Name": "Send claims"}, {"Settings": encode_list(["Directory", "/data/out/2/", "Password", "not-a-real-secret-task-old"])}),
    Planted(BACKUP, MISSING, "OAuth2.ServerDefinition", {"IssuerEndpoint": "https://sso.hospital.example/old"}),
    Planted(BACKUP, CHANGED, "OAuth2.ServerDefinition", {"IssuerEndpoint": "https://sso.hospital.example/patients"}, {"SSLConfiguration": "Try"}),
    Planted(BACKUP, EXTRA, "OAuth2.ServerDefinition", {"IssuerEndpoint": "https://try.example"}),
    Planted(BACKUP, MISSING, "OAuth2.Client", {"ApplicationName": "old-app"}),
    Planted(BACKUP, CHANGED, "OAuth2.Client", {"ApplicationName": "lab-api"}, {"Enabled": 0, "ClientSecret": "not-a-real-secret-lab-api-old"}),
    Planted(BACKUP, EXTRA, "OAuth2.Client", {"ApplicationName": "try", "ClientType": "public", "SSLConfiguration": "Try"}),
    Planted(BACKUP, CHANGED, "OAuth2.Server.Configuration", {"Key": "singleton"}, {"AccessTokenInterval": 600, "SupportedScopes": {"openid": "Login"}}),
    Planted(BACKUP, MISSING, "OAuth2.Server.Client", {"ClientId": "old-kiosk"}),
    Planted(BACKUP, CHANGED, "OAuth2.Server.Client", {"ClientId": "kiosk"}, {"RedirectURL": ["https://kiosk2.example/cb"]}),
    Planted(BACKUP, EXTRA, "OAuth2.Server.Client", {"ClientId": "try", "Name": "try", "ClientType": "public"}),
    # a reporting member may have its own
    Planted(REPORTING, MISSING, "%SYS.Task", {"Name": "Send claims"}),
    Planted(REPORTING, EXTRA, "Config.Namespaces", {"Name": "REPORTS", "Globals": "USER", "Routines": "EMRCODE"}),
)  # fmt: skip


def build_hospital(profile: str) -> SimulatedMirror:
    """Make the mirror."""
    members = make_members(profile)
    for member in members:
        plant(member, PLANTED)
        _beside_tables(member)
        write_log(member, LOGGED[member.name])
    mirror = join(members)
    mirror.state_of(members[2]).database_seconds = 4
    return mirror


def _beside_tables(member: SimulatedInstance) -> None:
    """Plant the drift that is not in a table: an extra user and task, code, files, packages, productions, locale."""
    if member.name == DR:
        member.productions["INTEROP"] = Production("Hosp.Production", auto_start=False)
        member.encryption_keys = []
    if member.name != BACKUP:
        return
    member.add_user("try", "not-a-real-secret-try", ["%All"], FullName="Left over")
    member.change("Security.Users", {"Name": "try"}, {"CreateDateTime": "67100,36000"})
    member.add("%SYS.Task", **task(member, "Try task", "Try.Task", namespace="USER"))
    member.code = [one for one in member.code if one.name != "%ZSTART.mac"]
    member.code += [CodeElement("%SYS", "ZTRY.mac", "ZTRY quit\n")]
    member.code = [
        CodeElement(one.namespace, one.name, one.source + "; old\n") if one.name == "ZMIRROR.mac" else one
        for one in member.code
    ]
    member.files.delete("/data/web/emr/style.css")
    member.files.put("/data/web/emr/index.csp", b"<html>EMR, an old version</html>")
    member.files.put("/srv/web/emr/index.csp", b"<html>EMR, an old version</html>")
    member.files.put("/srv/jdbc/postgresql.jar", b"PK jar 42.5")
    member.files.make_directory("/srv/web/portal")  # empty: the application that belongs there is missing too
    member.packages = [
        {**one, "VersionString": "1.3.0"} if one["Name"] == "hosp-util" else one
        for one in member.packages
        if one["Name"] != "csvgen"
    ]
    member.productions = {"INTEROP": Production("Hosp.Production", auto_start=False)}
    member.storage.restart_reasons = ["config:routines"]
    member.locale = "chsw"
