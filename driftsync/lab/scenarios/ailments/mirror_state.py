"""This module holds what can be wrong with the state of a mirror."""

from __future__ import annotations

from dataclasses import replace

from driftsync.lab.instance import SimulatedInstance, SimulatedMirror
from driftsync.lab.scenarios.ailments.ailment import (
    BACKUP,
    DR,
    FAIL,
    PRIMARY,
    REPORTING,
    WARN,
    Ailment,
    both,
    given,
    on,
    record,
    state,
)
from driftsync.lab.scenarios.shipped import add_database, task

MIRROR = {"Name": "HOSPITAL"}
EMR = {"Name": "EMR"}
LABCODE = {"Directory": "/data/labcode/"}
OAUTH_EVENT = {"Name": "OAuth2ResourceServerChange"}
AGENT = {"Name": "Mirror Monitor Launch Task"}
OAUTH = ("OAuth2.Client", "OAuth2.ServerDefinition", "OAuth2.Server.Configuration")


def _another_zmirror(instance: SimulatedInstance) -> None:
    instance.code = [
        replace(one, source="Old() quit 0\n") if one.name == "ZMIRROR.mac" else one for one in instance.code
    ]


def health_product(mirror: SimulatedMirror) -> None:
    """Give every member what IRIS for Health needs to be there."""
    for each in mirror.states:
        instance = each.instance
        if instance.has_namespace("HSSYS"):
            return
        for name in ("HSSYS", "HSLIB"):
            add_database(instance, name, f"/data/{name.lower()}/")
            instance.add("Config.Namespaces", Name=name, Globals=name, Routines=name)
            instance.add("Security.Resources", Name=f"%DB_{name}", Type=3)
        instance.add_user("HS_Services", "not-a-real-secret-hs", ["%Manager"], FullName="HS_Services")
        for name, minutes in (("Mirror Monitor Launch Task", 5), ("Mirror OAuth2 config sync task", 5)):
            instance.add(
                "%SYS.Task",
                **task(instance, name, f"HS.Util.{len(name)}", namespace="HSSYS", Type=1)
                | {
                    "DailyFrequency": 1,
                    "DailyFrequencyTime": 0,
                    "DailyIncrement": minutes,
                    "MirrorStatus": 3,
                },
            )
        instance.add(
            "Security.Events",
            Source="%System",
            Type="%Security",
            Name="OAuth2ResourceServerChange",
            Enabled=1,
        )
        label = {"Mirrored": 1, "MirrorSetName": mirror.name, "MirrorDBName": "HSSYS"}
        instance.change("SYS.Database", {"Directory": "/data/hssys/"}, label)
        instance.storage.activate()


def without_oauth(mirror: SimulatedMirror) -> None:
    """Take away what would use OAuth2."""
    for each in mirror.states:
        for name in OAUTH:
            for key in list(each.instance.storage.table(name)):
                each.instance.storage.remove(name, key)


AILMENTS = (
    Ailment("MIR-001", FAIL, BACKUP, state(BACKUP, database_seconds=3600)),
    Ailment("MIR-002", FAIL, plant=state(BACKUP, status="PRIMARY"), group="two-primaries"),
    Ailment("MIR-003", WARN, plant=state(BACKUP, status="SYNCHRONIZING")),
    Ailment("MIR-003", FAIL, plant=state(BACKUP, status="CRASHED")),
    Ailment("MIR-004", WARN, plant=state(BACKUP, status="SYNCHRONIZING")),
    Ailment("MIR-004", FAIL, plant=state(BACKUP, status="CRASHED")),
    Ailment("MIR-005", WARN, BACKUP, state(BACKUP, database_seconds=12)),
    Ailment("MIR-005", FAIL, DR, state(DR, database_seconds=3600)),
    Ailment("MIR-006", WARN, DR, state(DR, journal_seconds=300)),
    Ailment("MIR-006", FAIL, REPORTING, state(REPORTING, status="STOPPED")),
    Ailment("MIR-007", WARN, plant=state(BACKUP, arbiter_state="This member is not connected")),
    Ailment("MIR-007", FAIL, plant=both(
        state(PRIMARY, arbiter_state="This member is not connected"),
        state(BACKUP, arbiter_state="This member is not connected"),
    )),
    Ailment("MIR-008", WARN, plant=record(PRIMARY, "Config.Mirrors", MIRROR, ArbiterNode="")),
    Ailment("MIR-008", FAIL, plant=state(BACKUP, arbiter_state="This member is not connected")),
    Ailment("MIR-009", FAIL, plant=record(PRIMARY, "Config.Mirrors", MIRROR, DefinedPrimary="HOSPA/IRIS")),
    Ailment("MIR-010", FAIL, plant=state(PRIMARY, in_trouble=True)),
    Ailment("MIR-011", WARN, REPORTING, both(
        state(REPORTING, database_statuses={"EMR": "Needs Catchup"}),
        record(REPORTING, "Config.Databases", EMR, MountRequired=0),
    )),
    Ailment("MIR-011", FAIL, BACKUP, state(BACKUP, database_statuses={"EMR": "Dejournaling Stopped"})),
    Ailment("MIR-012", FAIL, DR, record(DR, "SYS.Database", {"Directory": "/data/lab/"}, Mirrored=0, MirrorDBName="")),
    Ailment("MIR-013", FAIL, PRIMARY, record(PRIMARY, "SYS.Database", LABCODE, Mounted=0)),
    Ailment("MIR-014", WARN, plant=record(PRIMARY, "SYS.Database", {"Directory": "/archive/hosp-a/archive2019/"}, ReadOnly=0)),
    Ailment("MIR-014", FAIL, plant=record(PRIMARY, "SYS.Database", {"Directory": "/data/interopcode/"}, Mirrored=0, MirrorSetName="", MirrorDBName="")),
    Ailment("MIR-016", WARN, DR, both(health_product, without_oauth, record(DR, "Security.Events", OAUTH_EVENT, Enabled=0))),
    Ailment("MIR-016", FAIL, BACKUP, both(health_product, record(BACKUP, "%SYS.Task", AGENT, Suspended=1))),
    Ailment("MIR-017", FAIL, plant=record(PRIMARY, "Config.MapMirrors", {"Name": "HOSPDR/IRIS"}, MirrorAddress="hosp-rpt")),
    Ailment("MIR-018", WARN, DR, state(DR, unavailable_members="HOSPA/IRIS")),
    Ailment("MIR-018", FAIL, DR, given(DR, promotion_error="The journals of the primary are not there")),
    Ailment("MIR-019", FAIL, REPORTING, record(REPORTING, "Config.MirrorMember", {}, JoinMirror=0)),
    Ailment("MIR-020", WARN, plant=record(PRIMARY, "Config.Mirrors", MIRROR, QOSTimeout=2000)),
    Ailment("MIR-021", FAIL, BACKUP, on(BACKUP, _another_zmirror)),
    Ailment("MIR-022", FAIL, PRIMARY, given(PRIMARY, ended_processes={"Mirror Svr"})),
)  # fmt: skip
