"""This module declares how SQL data types become classes, and the national language of an instance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from driftsync.kinds.live import Reader
from driftsync.kinds.places import ConfigApi, CpfRows
from driftsync.kinds.spec import Kind, Route, by, flag, names, number, text
from driftsync.kinds.written import ByObject
from driftsync.language import N_
from driftsync.model import Severity


def shipped_datatype(_namespace: str, identity: str, _properties: Mapping[str, Any]) -> bool:
    """Say whether a data type belongs to the system's set."""
    return identity.startswith("system/")


SQL_DATATYPE = Kind(
    name="sql-datatype",
    title=N_("SQL data type"),
    iris_class="Config.SqlSysDatatypes and Config.SqlUserDatatypes",
    source="classes Config.SqlSysDatatypes, Config.SqlUserDatatypes; api.md 5.20, formats.md 1.3",
    live=(
        Reader(
            "data types",
            "SELECT FROM Config.SqlSysDatatypes and Config.SqlUserDatatypes, each checked against its List()",
        ),
    ),
    written=ByObject(
        class_by=("Set", {"system": "Config.SqlSysDatatypes", "user": "Config.SqlUserDatatypes"}),
        opener="Open",
    ),
    identity=by("Set", "Name"),
    properties=(text("Datatype", about=N_("the class, with its parameters, that the SQL type becomes")),),
    severity=Severity.APPLICATION,
    why=N_("Tables that are created after the switch get other types than those created before."),
    portal=N_("System Administration > Configuration > SQL and Object Settings > User DDL Mappings"),
    pages_by=(
        "Set",
        {
            "system": N_(
                "System Administration > Configuration > SQL and Object Settings > System DDL Mappings"
            )
        },
    ),
    places=(
        CpfRows("SqlSysDatatypes", fields=("Datatype",), separator="\n", sets={"Set": "system"}),
        CpfRows("SqlUserDatatypes", fields=("Datatype",), separator="\n", sets={"Set": "user"}),
        ConfigApi("SqlSysDatatypes", sets={"Set": "system"}),
        ConfigApi("SqlUserDatatypes", sets={"Set": "user"}),
    ),
    routes=(Route.CLASS_API, Route.CONFIG_API),
    built_in=shipped_datatype,
)

NLS_LOCALE = Kind(
    name="nls-locale",
    title=N_("National language locale"),
    iris_class="Config.NLS.Locales",
    source="class Config.NLS.Locales; api.md 5.24; mirror.md 2.1",
    live=(Reader("locales", "Config.NLS.Locales_List(); the current one by an object of %SYS.NLS.Locale"),),
    left_because=N_(
        "a locale decides how data is stored and sorted: it is not changed under running databases"
    ),
    instead=N_("Install the same locale by ^NLS on both: a mirror needs one locale and one character width."),
    identity=by("Name"),
    properties=(
        text("CharacterSet"),
        text("AccentTable"),
        names("AccentTables"),
        text("AM"),
        text("CollationTable"),
        names("CollationTables"),
        text("Country"),
        text("CountryAbbr"),
        text("Currency"),
        number("DateFormat"),
        number("DateMaximum"),
        number("DateMinimum"),
        text("DateSeparator"),
        text("DecimalSeparator"),
        text("Description", severity=Severity.HYGIENE, localised=True),
        text("IdentifierTable"),
        names("IdentifierTables"),
        text("Language"),
        text("LanguageAbbr"),
        text("LowerCaseTable"),
        names("LowerCaseTables"),
        text("Midnight"),
        text("MinusSign"),
        text("MonthAbbr"),
        text("MonthName"),
        text("Noon"),
        text("NumericGroupSeparator"),
        number("NumericGroupSize"),
        text("PatternTable"),
        names("PatternTables"),
        flag("PhysicalCursor"),
        text("PM"),
        text("PlusSign"),
        number("Resource"),
        number("TimeFormat"),
        number("TimePrecision"),
        text("TimeSeparator"),
        text("TitleCaseTable"),
        names("TitleCaseTables"),
        text("TranDDP"),
        text("TranDTMDCP"),
        text("TranMagTape"),
        text("TranPrinter"),
        text("TranProgrammer"),
        text("TranSequential"),
        text("TranSystemCall"),
        text("TranTCP"),
        text("TranTerminal"),
        text("TranZCVT"),
        text("UpperCaseTable"),
        names("UpperCaseTables"),
        text("WeekdayAbbr"),
        text("WeekdayName"),
        names("XLTTables", about=N_("the names of the translation tables")),
        text("XYTable"),
        names("XYTables"),
        number("YearOption"),
    ),
    severity=Severity.FAILOVER,
    why=N_("Members must share locale and character width: with another, text sorts and reads differently."),
    portal=N_("System Administration > Configuration > National Language Settings > Locale Definitions"),
    routes=(),
    expectation={},
)
