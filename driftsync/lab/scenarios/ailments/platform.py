"""This module holds what can be wrong with what members run on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from driftsync.lab.instance import SimulatedInstance
from driftsync.lab.scenarios.ailments.ailment import (
    BACKUP,
    DR,
    FAIL,
    PRIMARY,
    WARN,
    Ailment,
    both,
    given,
    on,
    record,
)

MIRROR = {"Name": "HOSPITAL"}


def _older(instance: SimulatedInstance) -> None:
    instance.release = replace(instance.release, number="2021.1.3")


AILMENTS = (
    Ailment("PLT-101", WARN, DR, on(DR, _older)),
    Ailment("PLT-101", FAIL, BACKUP, on(BACKUP, _older)),
    Ailment("PLT-102", FAIL, BACKUP, given(BACKUP, locale="chsw")),
    Ailment("PLT-103", FAIL, BACKUP, given(BACKUP, agent_error="The ISCAgent does not answer on port 2188")),
    Ailment("PLT-104", WARN, plant=record(PRIMARY, "Config.Mirrors", MIRROR, ArbiterNode="")),
    Ailment("PLT-104", FAIL, plant=record(PRIMARY, "Config.Mirrors", MIRROR, ArbiterNode="hosp-b|2188")),
    Ailment("PLT-105b", FAIL, BACKUP, record(BACKUP, "Config.MirrorMember", {}, VirtualAddressInterface="")),
    Ailment("PLT-108", FAIL, BACKUP, both(
        record(PRIMARY, "Security.Services", {"Name": "%Service_ECP"}, Enabled=1),
        record(BACKUP, "Config.config", {}, MaxServerConn=0),
    )),
    Ailment("PLT-108", WARN, BACKUP, record(BACKUP, "Config.Startup", {}, DefaultPort=51773)),
    Ailment("PLT-109", WARN, BACKUP, given(BACKUP, clock_ahead=timedelta(minutes=20))),
    Ailment("PLT-109", FAIL, DR, given(DR, time_zone="-480")),
    Ailment("PLT-110", WARN, BACKUP, record(BACKUP, "Config.config", {}, gmheap=943_718)),
    Ailment("PLT-110", FAIL, BACKUP, record(BACKUP, "Config.config", {}, gmheap=524_288)),
)  # fmt: skip
