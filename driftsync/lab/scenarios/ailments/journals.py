"""This module holds what can be wrong with journals and their disks."""

from __future__ import annotations

from driftsync.lab.scenarios.ailments.ailment import (
    BACKUP,
    DR,
    FAIL,
    PRIMARY,
    REPORTING,
    WARN,
    Ailment,
    given,
    record,
)

PURGE = {"TaskClass": "%SYS.Task.PurgeJournal"}

AILMENTS = (
    Ailment("JRN-301", WARN, DR, given(DR, journal_free_megabytes=200)),
    Ailment("JRN-301", FAIL, PRIMARY, given(PRIMARY, journal_free_megabytes=20)),
    Ailment("JRN-302", WARN, BACKUP, given(BACKUP, oldest_journal_days=9)),
    Ailment("JRN-302", FAIL, PRIMARY, given(PRIMARY, oldest_journal_days=9)),
    Ailment("JRN-304", WARN, BACKUP, given(BACKUP, disk_free_megabytes={"/data/emr/": 5})),
    Ailment("JRN-306", WARN, DR, logged=(
        (70, 0, "[Utility.Event] Mirror Catchup started for /data/emr/"),
        (69, 2, "[Utility.Event] Previous system shutdown was abnormal, ^SHUTDOWN forced down"))),
    Ailment("JRN-307", WARN),
    Ailment("JRN-303", WARN, REPORTING, record(REPORTING, "Config.Journal", {}, AlternateDirectory="/journal/hosp-rpt/")),
    Ailment("JRN-303", FAIL, REPORTING, record(REPORTING, "Config.Journal", {}, CurrentDirectory="")),
    Ailment("JRN-305", FAIL, BACKUP, record(BACKUP, "%SYS.Task", PURGE, Suspended=1)),
)  # fmt: skip
