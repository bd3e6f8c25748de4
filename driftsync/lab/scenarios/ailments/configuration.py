"""This module holds what can be wrong with the configuration that a mirror does not carry."""

from __future__ import annotations

from dataclasses import replace

from driftsync.lab.instance import Production, SimulatedInstance
from driftsync.lab.scenarios.ailments.ailment import (
    BACKUP,
    DR,
    FAIL,
    PRIMARY,
    WARN,
    Ailment,
    Plant,
    both,
    given,
    on,
    record,
    without,
)
from driftsync.lab.scenarios.shipped import add_database, task

LABTECH = {"Name": "LabTech"}
PAGE = "/data/web/emr/index.csp"
ARCHIVE = {"Directory": "/archive/hosp-b/archive2019/"}


def _stopped(instance: SimulatedInstance) -> None:
    instance.productions = {"INTEROP": Production("Hosp.Production", auto_start=False)}


def _purging(instance: SimulatedInstance) -> None:
    instance.add(
        "%SYS.Task",
        **task(
            instance, "Purge messages", "Ens.Util.Tasks.Purge", namespace="INTEROP", Type=0, MirrorStatus=3
        ),
    )


def _unmirrored(name: str) -> Plant:
    """Let the primary keep the credentials of a namespace in a database outside the mirror."""

    def add(instance: SimulatedInstance) -> None:
        add_database(instance, name, f"/data/{name.lower()}/", mount=0)
        instance.add("Security.Resources", Name=f"%DB_{name}", Type=3)
        instance.storage.activate()

    return on(PRIMARY, add)


def _restarting(instance: SimulatedInstance) -> None:
    instance.storage.restart_reasons = ["config:routines"]


def _edited(instance: SimulatedInstance) -> None:
    instance.code = [
        replace(one, source=f"{one.source}// old\n") if one.name == "Z.Tools.cls" else one
        for one in instance.code
    ]


def _without_start(instance: SimulatedInstance) -> None:
    instance.code = [one for one in instance.code if one.name != "%ZSTART.mac"]


def _left_over(instance: SimulatedInstance) -> None:
    """Let somebody have stayed who once helped out."""
    instance.add_user("helper", "not-a-real-secret-helper", ["%All"], FullName="Left over")
    instance.change("Security.Users", {"Name": "helper"}, {"CreateDateTime": "67100,36000"})


def _without_agent(instance: SimulatedInstance) -> None:
    """Let a member be of a health product, whose agent last started long ago."""
    if not instance.has_namespace("HSSYS"):
        add_database(instance, "HSSYS", "/data/hssys/")
        instance.add("Security.Resources", Name="%DB_HSSYS", Type=3)
        made = task(instance, "Mirror Monitor Launch Task", "HS.Util.Mirror.Task", Type=1)
        instance.add("%SYS.Task", **made)
        instance.storage.activate()


AILMENTS = (
    Ailment("CFG-500", WARN, BACKUP, record(BACKUP, "Security.Events", {"Source": "Emr", "Name": "Read"}, Description="another"), group="drift"),
    Ailment("CFG-500", FAIL, BACKUP, without(BACKUP, "Security.Roles", Name="Nurse")),
    Ailment("CFG-501", FAIL, BACKUP, without(BACKUP, "Config.MapRoutines", Name="HOSPUTIL*")),
    Ailment("CFG-502", FAIL, BACKUP, record(BACKUP, "SYS.Database", ARCHIVE, Mounted=0)),
    Ailment("CFG-503", FAIL, BACKUP, record(BACKUP, "%SYS.Task", {"Name": "Clean temp"}, MirrorStatus="")),
    Ailment("CFG-503b", FAIL, BACKUP, record(BACKUP, "%SYS.Task", {"Name": "Send claims"}, RunAsUser="nobody")),
    Ailment("CFG-503c", FAIL, BACKUP, record(BACKUP, "%SYS.Task", {"Name": "Lab statistics"}, Suspended=1)),
    Ailment("CFG-503d", WARN, BACKUP, on(BACKUP, _purging)),
    Ailment("CFG-504", FAIL, BACKUP, on(BACKUP, _stopped)),
    Ailment("CFG-505", FAIL, BACKUP, without(BACKUP, "Security.Applications", Name="/portal")),
    Ailment("CFG-506", WARN, BACKUP, record(BACKUP, "Security.Users", {"Name": "dora"}, PasswordChangedDateTime="67000,3600")),
    Ailment("CFG-506", FAIL, BACKUP, record(BACKUP, "Security.Users", {"Name": "nina"}, Enabled=0)),
    Ailment("CFG-506b", FAIL, BACKUP, without(BACKUP, "Security.SQLPrivileges", Namespace="LAB", Grantee="LabTech")),
    Ailment("CFG-506c", WARN, BACKUP, on(BACKUP, _left_over)),
    Ailment("CFG-507", WARN, BACKUP, record(BACKUP, "Security.Services", {"Name": "%Service_Console"}, Enabled=0)),
    Ailment("CFG-507", FAIL, BACKUP, record(BACKUP, "Security.Services", {"Name": "%Service_WebGateway"}, Enabled=0)),
    Ailment("CFG-508", FAIL, BACKUP, without(BACKUP, "%Library.SQLConnection", Name="Accounts")),
    Ailment("CFG-509", WARN, BACKUP, both(without(PRIMARY, "Security.Roles", **LABTECH), without(BACKUP, "Security.Roles", **LABTECH))),
    Ailment("CFG-509", FAIL, BACKUP, without(BACKUP, "Security.Roles", **LABTECH)),
    Ailment("CFG-510", WARN, BACKUP, on(BACKUP, lambda one: one.files.put(PAGE, b"<html>EMR, an old version</html>"))),
    Ailment("CFG-510", FAIL, BACKUP, on(BACKUP, lambda one: one.files.delete(PAGE))),
    Ailment("CFG-511", WARN, BACKUP, on(BACKUP, _edited)),
    Ailment("CFG-511", FAIL, BACKUP, on(BACKUP, _without_start)),
    Ailment("CFG-512", FAIL, DR, on(DR, _without_agent)),
    Ailment("CFG-515", FAIL, BACKUP, without(BACKUP, "Security.Resources", Name="%DB_ARCHIVE2019")),
    Ailment("CFG-516", WARN, PRIMARY, _unmirrored("LABSECONDARY")),
    Ailment("CFG-516", FAIL, PRIMARY, _unmirrored("INTEROPSECONDARY")),
    Ailment("CFG-517", FAIL, plant=on(DR, _stopped)),
    Ailment("CFG-518", WARN, BACKUP, without(BACKUP, "%SYS.Task.Config", ParamName="SMTPServer")),
    Ailment("CFG-520", WARN, DR, on(DR, _restarting)),
    Ailment("CFG-521", FAIL, DR, given(DR, physical_megabytes=4096)),
)  # fmt: skip
