"""This module declares devices, their subtypes, magnetic tapes and serial ports."""

from __future__ import annotations

from driftsync.kinds.live import ConfigRows
from driftsync.kinds.places import Action, ConfigApi, CpfRows
from driftsync.kinds.spec import Fold, Kind, Route, by, named, number, text
from driftsync.kinds.written import ByObject
from driftsync.language import N_
from driftsync.model import Severity

HOST = N_("what the operating system of this host calls it")
ROUTES = (Route.CLASS_API, Route.MERGE_FILE, Route.CONFIG_API)

DEVICE = Kind(
    name="device",
    title=N_("Device"),
    iris_class="Config.Devices",
    source="class Config.Devices; api.md 5.23 and 10; formats.md 1.3",
    live=(ConfigRows(iris_class="Config.Devices"),),
    written=ByObject(opener="Open", own=("PhysicalDevice",), carries=frozenset({"OpenParameters"})),
    identity=by("Name"),
    properties=(
        text("PhysicalDevice").local(HOST, presence="always"),
        text("Type", about=N_("TRM terminal, SPL spool, MT and BT tape, OTH other")),
        text("SubType", refers_to="device-subtype"),
        number("Prompt"),
        text("OpenParameters").secret(N_("the parameters of OPEN may hold a password")),
        text("AlternateDevice"),
        text("Description", severity=Severity.HYGIENE, localised=True),
        number("Alias"),
    ),
    severity=Severity.APPLICATION,
    why=N_("Programs that print or write to a device by name end with an error on the new primary."),
    portal=N_("System Administration > Configuration > Device Settings > Devices"),
    places=(
        CpfRows(
            "Devices",
            fields=(
                "PhysicalDevice",
                "Type",
                "SubType",
                "Prompt",
                "OpenParameters",
                "AlternateDevice",
                "Description",
                "Alias",
            ),
            separator="^",
        ),
        ConfigApi("Devices"),
        Action("Device"),
    ),
    routes=ROUTES,
    built_in=named("0", "2", "47", "48", "57", "58", "SPOOL", "TERM", "|LAT|", "|PRN|", "|TNT|", "|TRM|"),
)

DEVICE_SUBTYPE = Kind(
    name="device-subtype",
    title=N_("Device subtype"),
    iris_class="Config.DeviceSubTypes",
    source="class Config.DeviceSubTypes; api.md 5.23, formats.md 1.3; most values are ObjectScript",
    live=(ConfigRows(iris_class="Config.DeviceSubTypes"),),
    written=ByObject(opener="Open"),
    identity=by("Name"),
    properties=(
        number("RightMargin"),
        text("FormFeed"),
        number("ScreenLength"),
        text("Backspace"),
        text("CursorControl"),
        text("EraseEOF"),
        text("EraseEOL"),
        text("ZU22FormFeed"),
        text("ZU22Backspace"),
    ),
    severity=Severity.HYGIENE,
    why=N_("Terminals and printers lay out their output differently on the new primary."),
    portal=N_("System Administration > Configuration > Device Settings > Device Subtypes"),
    places=(
        CpfRows(
            "DeviceSubTypes",
            fields=(
                "RightMargin",
                "FormFeed",
                "ScreenLength",
                "Backspace",
                "CursorControl",
                "EraseEOF",
                "EraseEOL",
                "ZU22FormFeed",
                "ZU22Backspace",
            ),
            separator="^",
        ),
        ConfigApi("DeviceSubTypes"),
        Action("DeviceSubType"),
    ),
    routes=ROUTES,
    built_in=named(
        "C-ANSI",
        "C-Cache Terminal",
        "C-IRIS Terminal",
        "C-TV925",
        "C-VT100",
        "C-VT101W",
        "C-VT132",
        "C-VT220",
        "C-VT240",
        "C-VT52",
        "M/UX",
        "MAIL",
        "P-DEC",
        "PK-DEC",
        "PK-QUME",
    ),
)

MAGNETIC_TAPE = Kind(
    name="magnetic-tape",
    title=N_("Magnetic tape"),
    iris_class="Config.MagTapes",
    source="class Config.MagTapes; api.md 5.20 and 10, formats.md 1.3",
    live=(ConfigRows(iris_class="Config.MagTapes"),),
    written=ByObject(opener="Open", own=("SystemDevice",)),
    identity=by("Name"),
    properties=(text("SystemDevice").local(HOST),),
    severity=Severity.HYGIENE,
    why=N_("Backups to a tape drive that the new primary does not know end with an error."),
    portal=N_("System Administration > Configuration > Device Settings > IO Settings"),
    places=(
        CpfRows("MagTapes", fields=("SystemDevice",), separator="^"),
        ConfigApi("MagTapes"),
        Action("MagTape"),
    ),
    routes=ROUTES,
    built_in=named(*(str(unit) for unit in range(47, 63))),
)

COM_PORT = Kind(
    name="com-port",
    title=N_("Serial port"),
    iris_class="Config.ComPorts",
    source="class Config.ComPorts; api.md 5.20 and 10",
    live=(ConfigRows(iris_class="Config.ComPorts"),),
    written=ByObject(opener="Open", leaves={"Definition": N_("the positions of the line are not known")}),
    identity=by("Name", fold=Fold.UPPER),
    properties=(
        text(
            "Definition", beside="line", about=N_("the whole line of the CPF, whose positions are not known")
        ),
        number("BaudRate", beside="object"),
        text("DTR", beside="object"),
        text("DataBits", beside="object"),
        text("FlowControl", beside="object"),
        text("ModemControl", beside="object"),
        text("Parity", beside="object"),
        text("StopBits", beside="object"),
        text("ZAError", beside="object"),
    ),
    severity=Severity.HYGIENE,
    why=N_(
        "Equipment on a serial line is not understood when its port is set differently on the new primary."
    ),
    portal=N_("no page: the class Config.ComPorts, or the section [ComPorts] of the CPF"),
    places=(
        CpfRows("ComPorts", fields=("Definition",), separator="\n"),
        Action("ComPort", omits=frozenset({"Definition"})),
    ),
    routes=(Route.CLASS_API, Route.MERGE_FILE),
)
