"""This module declares the settings of an instance, one item each: the single-valued sections of its CPF."""

from __future__ import annotations

from driftsync.kinds.live import Sections
from driftsync.kinds.places import ConfigApi, CpfSettings
from driftsync.kinds.settings_table import COUNTERPART, OPTIONAL_SETTINGS, SETTINGS
from driftsync.kinds.spec import Kind, Property, Route, by, text
from driftsync.kinds.tags import Tag
from driftsync.kinds.written import ByObject
from driftsync.language import N_
from driftsync.model import Severity

UNLISTED = N_("no declaration lists this setting, so its value might be a secret")

_FOLDED = {
    (section.casefold(), name.casefold()): declared
    for section, settings in SETTINGS.items()
    for name, declared in settings.items()
}
_PRESENT = frozenset(f"{name}Present".casefold() for name in OPTIONAL_SETTINGS)


def setting_value(section: str, setting: str) -> Property:
    """Return how the value of one setting is declared; the case of section and setting does not matter."""
    if f"{section}/{setting}".casefold() in _PRESENT:
        return text("Value").ignored(COUNTERPART)
    return _FOLDED.get((section.casefold(), setting.casefold()), text("Value").secret(UNLISTED))


PAGES = {
    "config": N_(
        "System Administration > Configuration > System Configuration > Memory and Startup, or Additional Settings > Advanced Memory"
    ),
    "Journal": N_("System Administration > Configuration > System Configuration > Journal Settings"),
    "Startup": N_("System Administration > Configuration > Additional Settings > Startup"),
    "Miscellaneous": N_("System Administration > Configuration > Additional Settings > Compatibility"),
    "Monitor": N_("System Administration > Configuration > Additional Settings > Monitor"),
    "SQL": N_("System Administration > Configuration > SQL and Object Settings > SQL"),
    "IO": N_("System Administration > Configuration > Device Settings > IO Settings"),
    "Telnet": N_("System Administration > Configuration > Device Settings > Telnet Settings"),
    "ECP": N_("System Administration > Configuration > Connectivity > ECP Settings"),
    "Logging": N_("no page: the routine ^LOGDMN in %SYS"),
}
"""Section → its page, as *Changing This Parameter* of its parameters names it (RACS_*; for logging, ALOG)."""

INSTANCE_SETTING = Kind(
    name="instance-setting",
    title=N_("Setting of the instance"),
    iris_class="Config.config, Config.Startup, Config.Journal and the like",
    source="the Config class of each section; api.md 5.20 and 10; formats.md 1.3, 1.4; mirror.md 2.2",
    live=(Sections(sections=tuple(SETTINGS), per_setting=True, since={"Logging": "2024.1"}),),
    written=ByObject(
        iris_class="Config.{Section}",
        opener="Open",
        key=(),
        deletes="",
        made_of={
            "globals": tuple(f"globals{size}kb" for size in (2, 4, 8, 16, 32, 64)),
            "zfheap": ("ZFSize", "ZFString"),
            "memlock": (),
        },
        keeps=N_("a setting that is not stated has its default; which that is depends on the release"),
    ),
    identity=by("Name", namespace="Section"),
    properties=(text("Value"),),
    severity=Severity.APPLICATION,
    why=N_("The new primary runs with other memory, another journal or other rules than the old one."),
    portal=N_("System Administration > Configuration, the page of the section"),
    pages_by=("Section", PAGES),
    places=(
        CpfSettings(tuple(SETTINGS)),
        ConfigApi("config"),
        ConfigApi("Startup"),
        ConfigApi("Miscellaneous"),
        ConfigApi("SQL"),
        ConfigApi("Journal"),
        ConfigApi("IO"),
        ConfigApi("ECP"),
        ConfigApi("Cluster"),
        ConfigApi("ConfigFile"),
        ConfigApi("Debug"),
        ConfigApi("Monitor"),
        ConfigApi("Telnet"),
    ),
    routes=(Route.CLASS_API, Route.MANIFEST, Route.MERGE_FILE, Route.CONFIG_API),
    tag=Tag(
        name="SystemSetting",
        attributes={"Name": "Name", "Value": "Value"},
        needs=frozenset({"Value"}),
        changes=True,
    ),
    per_item=setting_value,
    optional_items=OPTIONAL_SETTINGS,
)
