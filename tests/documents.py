"""Small exports for tests, written here from the facts about each format, and short ways of reading them."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from driftsync.comparing import compare
from driftsync.documents import read_member
from driftsync.fingerprinting import Fingerprinter
from driftsync.model import Drift, Item, Snapshot
from tests.serial import encode_pairs

FINGERPRINTER = Fingerprinter(b"d" * 32)

CPF = r"""[ConfigFile]
Product=IRIS
Version=2024.1

[ECPServers]
DATA1=10.1.2.3,1972,1

[Databases]
IRISSYS=/usr/irissys/mgr/
IRISLIB=/usr/irissys/mgr/irislib/
IRISTEMP=/usr/irissys/mgr/iristemp/
APP=/data/app/,,1
REMOTE=:mirror:CARE:APP,DATA1
USER=/usr/irissys/mgr/user/

[Namespaces]
%SYS=IRISSYS
APP=APP
USER=USER

[Map.%ALL]
Global_Shared=APP

[Map.APP]
Global_Order=APP
Global_Order("a=b")=USER
Global_Order("x,y"):("z")=USER
Routine_Bill*=USER
Package_Bill=USER

[MirrorMember]
AgentAddress=
JoinMirror=1
SystemName=

[Mirrors]
CARE=F92B993E-0000,2,1,,8000,0,1,10.9.9.9/24,0,arbiter|2188,0,0,0,0,0

[MapMirrors.CARE]
HOST-A/IRIS=host-a,2188,,host-a,F92AAF60,/data/,0,host-a,1972,Q049YSxPVT1JUklT,0,,,0
HOST-B/IRIS=host-b,2188,,host-b,F92AAF61,/data/,0,host-b,1972,Q049YixPVT1JUklT,0,,,0

[Journal]
CurrentDirectory=/usr/irissys/mgr/journal/
DaysBeforePurge=2
FreezeOnError=1

[Startup]
DefaultPort=1972
PasswordHash=cafe,salt,10000,SHA512
TerminalPrompt=8,2

[WorkQueues]
Utility=8,8,,,1

[Logging]
Enabled=0

[Gateways]
%JDBC Server=JDBC,53772,%Gateway_SQL,,,,,,,0

[DeviceSubTypes]
C-ANSI=80^#,$C(27,91,72,27,91,74)^24^$C(8)^$C(27,91)_(DY+1)_";"_(DX+1)_"H"

[Devices]
|PRN|=|PRN|^OTH^P-DEC^^"W"^^Printer

[MagTapes]
47=/dev/st0

[config]
globals=0,0,0,200,0,0
gmheap=37568
zfheap=0,0

[Miscellaneous]
Undefined=0

[ECP]
ClientReconnectDuration=1200

[Cluster]
JoinCluster=0

[LicenseServers]
LOCAL=127.0.0.1,4002

[Monitor]
SNMPEnabled=0

[IO]
Terminal=^%X364

[SQL]
IdTrxFrom=~ `!@#$%^&*()_+-=[]\{}|;':",./<>?
LockTimeout=10

[SqlSysDatatypes]
VARCHAR(%1,%2)=%Library.String(MAXLEN=%1)

[Telnet]
Port=23

[Conversions]
LastConvertTime=2024-05-20 13:50:21
#----------CPF conversion detail------------
# Updated from Clone
# [Databases] section change APP to /data/app/
"""
"""A CPF with every section that each CPF has, and those of a mirror member."""

SECURITY = """<?xml version="1.0" encoding="UTF-8"?>
<SecurityExport>
<SystemExport>
<System>
<AuditEnabled>true</AuditEnabled>
<VersionSystem>2024.1</VersionSystem>
</System>
</SystemExport>
<DocDBsExport/>
<ServicesExport>
<Services>
<Name>%Service_Bindings</Name>
<AutheEnabled>32</AutheEnabled>
<Enabled>true</Enabled>
</Services>
</ServicesExport>
<ResourcesExport>
<Resources>
<Name>Payroll</Name>
<Description>病人 &amp; 職員</Description>
<PublicPermission>0</PublicPermission>
</Resources>
</ResourcesExport>
<RolesExport>
<Roles>
<Name>Clerk</Name>
<Resources>
<Resource><Name>Payroll</Name><Permission>3</Permission></Resource>
<Resource><Name>%DB_APP</Name><Permission>1</Permission></Resource>
</Resources>
<GrantedRoles><GrantedRolesItem>%Developer</GrantedRolesItem></GrantedRoles>
</Roles>
<SQLPrivileges>
<Namespace>APP</Namespace>
<SQLObject>1,Pay.Slip</SQLObject>
<Privilege>s</Privilege>
<Grantee>Clerk</Grantee>
<Grantor>_SYSTEM</Grantor>
<Grantable>0</Grantable>
</SQLPrivileges>
</RolesExport>
<UsersExport>
<Users>
<Name>Wang</Name>
<Enabled>1</Enabled>
<FullName>王</FullName>
<Password>Y2FuYXJ5LWhhc2g=</Password>
<Salt>c2FsdA==</Salt>
<Roles><RolesItem>Clerk</RolesItem></Roles>
</Users>
</UsersExport>
<ApplicationsExport>
<Applications>
<Name>/csp/pay</Name>
<Enabled>true</Enabled>
<AutheEnabled>32</AutheEnabled>
<Path>/usr/irissys/mgr/csp/pay/</Path>
<NameSpace>APP</NameSpace>
</Applications>
</ApplicationsExport>
<OpenAMIdentityServicesExport/>
</SecurityExport>
"""

SETTINGS = base64.b64encode(
    encode_pairs({"Device": "/usr/irissys/mgr/Backup/", "ApiToken": "canary-token"})
).decode()

TASKS = f"""<?xml version="1.0" encoding="UTF-8"?>
<Tasks><Task>
<Name>Backup</Name>
<RunAsUser>_SYSTEM</RunAsUser>
<Suspended>0</Suspended>
<TaskClass>%SYS.Task.BackupFullDatabaseList</TaskClass>
<Settings>{SETTINGS}</Settings>
<NameSpace>%SYS</NameSpace>
<TimePeriod>5</TimePeriod>
<JobGUID>1111</JobGUID>
<MirrorStatus>1</MirrorStatus>
</Task>

<Task>
<Name>Report</Name>
<Suspended>0</Suspended>
<TaskClass>Pay.Task.Report</TaskClass>
<NameSpace>APP</NameSpace>
<TimePeriod>4</TimePeriod>
<RunAfterGUID>1111</RunAfterGUID>
<JobGUID>2222</JobGUID>
</Task></Tasks>"""

MERGE = """# site settings
[Startup]
DefaultPort=1972
[Actions]
CreateResource:Name=Payroll,PublicPermission=R
CreateRole:Name=Clerk,Resources=Payroll:RW,Description="the clerk, of payroll"
ModifyRole:Name=Clerk,GrantedRoles=%Developer
CreateUser:Name=wang,Roles=%All,Clerk,PasswordHash=cafe,salt,10000,SHA512
CreateNamespace:Name=APP,Globals=APP
"""

CONFIG_API = """{
  "Defaults": {"DB": "APP", "DIR": "/data/app/"},
  "Databases": {"${DB}": {"Directory": "${DIR}"}},
  "Namespaces": {"APP": {"Globals": "${DB}"}},
  "MapGlobals": {"APP": [{"Name": "Order", "Database": "${DB}"}]},
  "Security.Roles": {"Clerk": {"Resources": "Payroll:RW"}},
  "Security.System": {"AuditEnabled": true},
  "Startup": {"DefaultPort": 1972}
}
"""


def written(folder: Path, name: str, content: str | bytes) -> Path:
    """Write a document as it is, line ends included, and return where."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(folder: Path, content: str | bytes, **words: Any) -> Snapshot:
    """Read one document, whose name says nothing of what it is."""
    return read_member(written(folder, "member.dat", content), fingerprinter=FINGERPRINTER, **words)


def items(snapshot: Snapshot) -> dict[str, Item]:
    return {str(item.key): item for item in snapshot.items}


def compared(snapshot: Snapshot, key: str) -> dict[str, Any]:
    return items(snapshot)[key].compared


def setting(snapshot: Snapshot, name: str) -> Any:
    """Return the value of one setting, `section/setting`."""
    return compared(snapshot, f"instance-setting:{name}").get("Value")


def drift(a: Snapshot, b: Snapshot) -> Drift:
    return compare(a, b)
