"""Two members that differ in every property of every kind that is written, made from the declarations alone.

A probe is one item that one of the two members has, or both. Its values come from the shape of each property and from what its
class declares (length, limits, list of values, collection), in the form in which the lab keeps them: a new property is
covered by itself, and a kind that cannot be probed makes its test fail.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from driftsync.applying.writing import class_of, stored_name
from driftsync.kinds import all_kinds, declaration
from driftsync.kinds.settings_table import SETTINGS
from driftsync.kinds.spec import Fold, Kind, Property, Shape, Treat
from driftsync.kinds.written import ByObject
from driftsync.lab.instance import SimulatedInstance
from driftsync.lab.instance.facts import PropertyFacts, all_classes
from driftsync.lab.instance.release import RELEASES, Release
from driftsync.lab.instance.saving import COMPOSITES, set_password
from driftsync.lab.scenarios.shipped import add_database, task
from driftsync.lab.values import encode_list

Record = dict[str, Any]
Records = dict[str, Record]
"""What an item holds, by the class that stores it."""

MISSING, EXTRA, SECRET, REMOTE = "Missing", "Extra", "secret", "Remote"
ONCE = frozenset({"instance-setting", "oauth2-server-configuration", "security-settings"})
"""Kinds whose items are there once and for all."""
WITHOUT_NEW = frozenset({"database"})
"""Kinds that others refer to and of which none is made."""
SERVICES = (
    "%Service_ECP", "%Service_Telnet", "%Service_Monitor", "%Service_DataCheck", "%Service_Console", "%Service_CallIn", "%Service_Terminal",
)  # fmt: skip
"""Nobody has a service made; these are not the ones by which this tool and the portal come in."""

TARGETS: Mapping[str, tuple[str, str]] = {
    "database": ("EMR", "LAB"),
    "device-subtype": ("P-DEC", "P-LABEL"),
    "ecp-server": ("PACS", "RESEARCH"),
    "namespace": ("EMR", "LAB"),
    "oauth2-server-definition": (
        "https://sso.hospital.example/staff",
        "https://sso.hospital.example/patients",
    ),
    "phone-provider": ("WardSms", "OldSms"),
    "resource": ("Emr_Read", "Emr_Write"),
    "role": ("Nurse", "LabTech"),
    "task": ("EMR/Night report", "EMR/Clean temp"),
    "tls-configuration": ("Insurance", "Referrals"),
    "user": ("nina", "lara"),
    "x509-credentials": ("Signing", "Referral"),
}
"""Items of the hospital that a property may name, by the kind that it refers to."""

VALUES: Mapping[tuple[str, str], tuple[Any, ...]] = {
    ("archive", "Type"): ("S3", "NFS"),
    ("device", "Type"): ("OTH", "SPL"),
    ("global-mapping", "LockDatabase"): ("USER", "DRUGKB"),  # none that the mapping itself leads to
    ("instance-setting", "globals"): ("0,0,1024,0,0,0", "0,0,2048,0,0,0"),
    ("instance-setting", "routines"): ("64", "128"),
    ("instance-setting", "zfheap"): ("0,0", "1024,2048"),
    ("language-server", "Type"): ("Java", "JDBC"),
    ("security-settings", "InactiveLimit"): (365, 730),  # fewer days would disable accounts that nobody used
    ("security-settings", "AutheEnabled"): (32, 96, 48),  # passwords stay: this tool logs in with one
    ("sql-datatype", "Datatype"): ("%Library.String(MAXLEN=%1)", "%Library.Numeric"),
    ("web-application", "MatchRoles"): ("Doctor:%DB_LAB", ":Nurse", "LabTech:%DB_EMR:%DB_LAB"),
    ("web-application", "Type"): (2, 4),
    ("web-application", "Path"): ("/data/web/emr/", "/data/web/portal/"),
}
"""Where any value of its shape is not good enough: values that differ from each other."""

ONLY: Mapping[tuple[str, str], tuple[str, Any, Any]] = {
    ("security-settings", "RequiredRole"): (
        "emptied",
        "",
        "Nurse",
    ),  # a plan that asks it of everybody is refused
}
"""What can differ in a property of which nothing else is ever applied."""

NEEDED: Mapping[str, Record] = {
    "device": {"PhysicalDevice": "/dev/ek"},
    "licence-server": {"Address": "10.20.4.99"},
    "magnetic-tape": {"SystemDevice": "/dev/ek"},
    "ldap-configuration": {"LDAPBaseDN": "dc=ek", "LDAPBaseDNForGroups": "dc=ek", "LDAPSearchUsername": "cn=ek"},
    "package-mapping": {"Database": "EMR"},
    "sql-privilege": {"Grantor": "_SYSTEM"},
    "user": {"FullName": "Ek"},
    "x509-credentials": {"Certificate": b"ek", "Thumbprint": b"ek"},
}  # fmt: skip
"""What an item must have beside the property that is probed."""

NUMBERS = (7, 11, 23, 60, 120, 512, 1024, 20000, 1, 2, 0)


@dataclass(frozen=True)
class Changing:
    """What differs in one property, and where it is stored."""

    what: str
    class_name: str
    stored: str
    part: str = ""
    """The property that is an object of its own and holds it."""


@dataclass(frozen=True)
class Probe:
    """One item, as each of the two members has it; `None` where it has not."""

    kind: str
    names: Mapping[str, str]
    class_name: str
    primary: Records | None
    member: Records | None
    changes: Mapping[str, Changing]


@dataclass(frozen=True)
class Place:
    """Where one property of a kind is stored."""

    declared: Property
    class_name: str
    facts: PropertyFacts
    part: str = ""
    """The property that is an object of its own and holds it."""

    def put(self, records: Records, value: Any) -> None:
        record = records.setdefault(self.class_name, {})
        if self.part:
            record = record.setdefault(self.part, {})
        record[self.facts.name] = value


# -- values ----------------------------------------------------------------------------------------------------------


def values_of(kind: Kind, place: Place) -> tuple[Any, ...]:
    """Return values that differ from each other and are none of nothing; of a list, its elements."""
    declared, facts = place.declared, place.facts
    if _stated(kind, place):
        return VALUES[kind.name, facts.name]
    allowed = facts.params.get("VALUELIST", "")
    if facts.short_type == "SysPath":
        return "/ek/one/", "/ek/two/"
    match declared.shape:
        case Shape.FLAG:
            return 1, 0
        case Shape.MASK:
            return tuple(sorted(map(int, declared.values)))[:3]
        case Shape.CHOICE:
            codes = [int(each) if each.lstrip("-").isdigit() else each for each in declared.values]
            return tuple(sorted(codes, key=lambda each: each == declared.default))
        case Shape.HOROLOG:
            return 68000, 68100
        case Shape.TIME:
            return 3600, 9000
        case Shape.PATH | Shape.GUARDED:
            return "/ek/one/", "/ek/two/"
        case Shape.PATHS:
            return "/ek/one.jar", "/ek/two.jar"
        case Shape.URL:
            return "jdbc:postgresql://ek-a/db", "jdbc:postgresql://ek-b/db"
        case Shape.RECORDS:
            return encode_list(["Ward", "ek-a"]), encode_list(["Ward", "ek-b"])
    if allowed:
        found = [each for each in allowed[1:].split(allowed[0]) if each]
        return tuple(int(each) if facts.holds_number else each for each in found)
    if declared.shape is Shape.NUMBER or facts.holds_number:
        low, high = (
            float(facts.params.get(name) or wide) for name, wide in (("MINVAL", 0), ("MAXVAL", 2**30))
        )
        return tuple(
            each for each in dict.fromkeys((*NUMBERS, ceil(low), ceil(low) + 1)) if low <= each <= high
        )
    if declared.refers_to:  # what follows another property must not follow it here
        return TARGETS[declared.refers_to][:: -1 if declared.default_from else 1]
    if declared.shape in {Shape.SET, Shape.LIST, Shape.PAIRS}:
        return "ek-a", "ek-b", "ek-c"
    if int(facts.params.get("MAXLEN") or 99) < len("Ek two, or 3"):
        return tuple(letter * int(facts.params.get("MINLEN") or 1) for letter in "xy")
    made = ("Ek one", "Ek two, or 3")
    return tuple(each.upper() for each in made) if declared.upper else made


def transitions(kind: Kind, place: Place) -> list[tuple[str, Any, Any]]:
    """Return what can differ in a property, with what each of the two members then has: the primary first."""
    declared, facts = place.declared, place.facts
    values = values_of(kind, place)
    shape = declared.shape
    if shape is Shape.FLAG:
        return [("on", 1, 0), ("off", 0, 1)]
    if (kind.name, facts.name) in ONLY:
        return [ONLY[kind.name, facts.name]]
    if shape in {Shape.SET, Shape.LIST, Shape.PAIRS} and (
        facts.collection or not (_stated(kind, place) or facts.holds_number)
    ):
        return [
            (what, _collected(place, primary), _collected(place, member))
            for what, primary, member in _of_lists(
                shape, values, required=facts.required and not facts.collection
            )
        ]
    if shape is Shape.MASK:
        a, b = values[0], values[1]
        found = [("another", a, b), ("more", a | b, a), ("less", a, a | b)]
        return found if _stated(kind, place) else [*found, ("none", 0, a), ("first", a, 0)]
    if shape is Shape.CHOICE:
        found = [("another", each, values[place - 1]) for place, each in enumerate(values)]
    else:
        found = [("another", values[0], values[1]), ("and back", values[1], values[0])]
    if shape is Shape.TEXT and _any_text(kind, place):
        found.append(("case", "Ek", "EK"))
    if not facts.required and facts.name not in COMPOSITES and not _stands_alone(kind, declared):
        found += [("emptied", "", values[0]), ("set", values[0], "")]
    return found


def _stated(kind: Kind, place: Place) -> bool:
    return (kind.name, place.facts.name) in VALUES


def _stands_alone(kind: Kind, declared: Property) -> bool:
    """Say whether a property is the only one of its place: whoever has nothing of that place says nothing about it."""
    return bool(declared.beside) and [each.beside for each in kind.properties].count(declared.beside) == 1


def _any_text(kind: Kind, place: Place) -> bool:
    """Say whether a property takes any text, and keeps the case of its letters."""
    declared, facts = place.declared, place.facts
    limited = facts.params.get("VALUELIST") or int(facts.params.get("MAXLEN") or 99) < 2 or facts.holds_number
    limited = limited or facts.short_type == "SysPath"
    return not (declared.refers_to or declared.upper or limited or _stated(kind, place))


def _of_lists(shape: Shape, values: tuple[Any, ...], *, required: bool) -> list[tuple[str, Any, Any]]:
    a, b = values[:2]
    found = [("another", [a], [b]), ("one more", [a, b], [b]), ("one less", [b], [a, b])]
    found += [] if required else [("emptied", [], [a]), ("first", [a], [])]
    if shape is Shape.LIST:
        found.append(("order", [a, b], [b, a]))
    if shape is Shape.PAIRS:
        found.append(("letters", [(a, 1), (b, 3)], [(a, 3), (b, 1)]))
    return found


def _collected(place: Place, elements: list[Any]) -> Any:
    if place.part:  # a `%List`
        return encode_list(list(map(str, elements)))
    if place.declared.shape is Shape.PAIRS:
        return [
            {"Name": one[0], "Permission": one[1]}
            if isinstance(one, tuple)
            else {"Name": one, "Permission": 1}
            for one in elements
        ]
    return list(elements) if place.facts.collection else place.declared.separator.join(map(str, elements))


# -- probes ----------------------------------------------------------------------------------------------------------


def probes(kind: Kind, profile: str, way: int = 0) -> list[Probe]:
    """Return the probes of a kind on one release; none where the release has no such class.

    An item that is there once only can differ in one way at a time: of these `way` says which.
    """
    return list(_Probing(kind, RELEASES[profile]).all(way))


def ways(kind: Kind, profile: str) -> int:
    """Return in how many ways the one item of a kind can differ; 1 where there can be many items."""
    if kind.name not in ONCE:
        return 1
    probing = _Probing(kind, RELEASES[profile])
    places = [place for names in probing.named() for place in probing.places(names)]
    return max((len(transitions(kind, place)) for place in places), default=0)


class _Probing:
    def __init__(self, kind: Kind, release: Release) -> None:
        self.kind, self.written, self.release = kind, kind.written, release
        self.carried = self.written.carries if isinstance(self.written, ByObject) else frozenset()
        self.made = not isinstance(self.written, ByObject) or bool(self.written.creates)
        self.made_here = self.made and kind.name not in WITHOUT_NEW

    def all(self, way: int) -> Iterator[Probe]:
        if self.kind.name in ONCE:
            every = (self.changed(names, way) for names in self.named())
            yield from (probe for probe in every if probe.changes)
            return
        if not self.release.has_class(self.class_name(self.names("0"))):
            return
        places = list(self.places(self.names("0")))
        shown = [place for place in places if place.declared.name not in self.carried]
        tags = range(max((len(transitions(self.kind, place)) for place in shown), default=0))
        for number in tags:
            names = {"Name": SERVICES[number]} if self.kind.name == "service" else self.names(f"Way{number}")
            yield self.changed(names, number)
        if self.kind.name == "database":
            yield from (self.changed(self.names(f"{REMOTE}{number}"), number) for number in range(2))
        if self.made and self.kind.name != "instance-setting":
            yield self.alone(MISSING, places)
            yield self.alone(EXTRA, places)
        for place in places:
            if place.declared.name in self.carried:
                yield self.secret(place)

    def named(self) -> Iterator[dict[str, str]]:
        """Yield what names the items of a kind that are always there."""
        if self.kind.identity.fixed:
            yield {}
        for section, settings in SETTINGS.items() if self.kind.per_item else ():
            if self.release.has_class(f"Config.{section}"):
                yield from ({"Section": section, "Name": name} for name in settings)

    def class_name(self, names: Mapping[str, str]) -> str:
        if not isinstance(self.written, ByObject):
            return self.kind.iris_class
        return class_of(self.kind, self.written, names)

    def places(self, names: Mapping[str, str]) -> Iterator[Place]:
        """Yield every property that is compared and can be written, with where this release stores it."""
        key = (names.get(self.kind.identity.namespace, ""), names.get("Name", ""))
        named = {*self.kind.identity.properties, self.kind.identity.namespace}
        for each in self.kind.properties:
            declared = declaration(self.kind, *key, each.name) or each
            if (
                (declared.treat is not Treat.COMPARE and declared.name not in self.carried)
                or declared.name in named
                or (declared.part_of and declared.name != declared.part_of)
            ):
                continue
            class_name, name = self.class_name(names), declared.name
            if isinstance(self.written, ByObject):
                form = self.written.beside.get(declared.beside, self.written)
                if name in form.leaves or (self.kind.name == "database" and _of_another(names, declared)):
                    continue
                class_name = form.iris_class if declared.beside in self.written.beside else class_name
                name = stored_name(form, names, name)
            part, _dot, inner = name.rpartition(".")
            home = class_name
            if part and isinstance(self.written, ByObject):
                home, name = self.written.parts[part], inner
            facts = all_classes()[home].properties.get(name)
            kept = facts is not None and (not facts.transient or declared.name in self.carried)
            if facts is not None and kept and self.release.has_property(home, name):
                yield Place(declared, class_name, facts, part)

    def names(self, tag: str) -> dict[str, str]:
        """Return what names an item, told apart by a tag."""
        identity = self.kind.identity
        found = dict.fromkeys(identity.properties, f"Ek{tag}")
        if identity.namespace:
            found[identity.namespace] = "EMR"
        special: dict[str, dict[str, str]] = {
            "web-application": {"Name": f"/ek/{tag.lower()}"},
            "sql-privilege": {"SQLObject": f"1,Ek.{tag}", "Privilege": "s", "Grantee": "Nurse"},
            "sql-admin-privilege": {"Grantee": f"EkAdmin{tag}"},
            "sql-role-grant": {"UserOrRole": f"EkHolder{tag}", "RoleGranted": f"EkHeld{tag}"},
            "sql-datatype": {"Set": "user"},
            "role": {"Name": f"EkRole{tag}"},  # no user is called as a role is
            "superserver": {"Port": str(52000 + sum(tag.encode()))},
        }
        if identity.fold is Fold.UPPER:
            found = {name: value.upper() for name, value in found.items()}
        return found | special.get(self.kind.name, {})

    def changed(self, names: Mapping[str, str], number: int) -> Probe:
        """Return an item that differs in every property at once, each in its own way of that number."""
        primary: Records = {}
        member: Records = {}
        changes: dict[str, Changing] = {}
        for place in self.places(names):
            if place.declared.name in self.carried and place.declared.shape is not Shape.GUARDED:
                continue
            found = transitions(self.kind, place)
            # what holds nothing at all is no item: its properties do not all change in the same way
            at = number + (len(changes) if self.kind.says_nothing is not None else 0)
            what, theirs, own = found[at % len(found)]
            changes[place.declared.name] = Changing(what, place.class_name, place.facts.name, place.part)
            place.put(primary, theirs)
            place.put(member, own)
        return self.probe(names, primary, member, changes)

    def alone(self, tag: str, places: list[Place]) -> Probe:
        """Return an item that only one of the two has; what it names is as new or as left over as itself."""
        names = self.names(tag)
        values: Records = {}
        for place in places:
            value = transitions(self.kind, place)[0][1]
            target = all_kinds().get(place.declared.refers_to)
            if target is not None and target is not self.kind and _Probing(target, self.release).made_here:
                (name,) = _Probing(target, self.release).names(tag).values()
                value = [name] if isinstance(value, list) else name
                if place.declared.shape is Shape.PAIRS:
                    value = [{"Name": name, "Permission": 3}]
            place.put(values, value)
        sides = (values, None) if tag == MISSING else (None, values)
        return self.probe(names, *sides, {})

    def secret(self, place: Place) -> Probe:
        """Return an item that differs in one secret that is carried."""
        name = place.facts.name
        theirs, own = "not-a-real-secret-one", "not-a-real-secret-two"
        if place.declared.shape in {Shape.URL, Shape.RECORDS}:
            _what, theirs, own = transitions(self.kind, place)[0]
        names = self.names(f"Secret{name}")
        primary: Records = {}
        member: Records = {}
        for each in self.places(names):
            if each.facts.required:
                each.put(primary, transitions(self.kind, each)[0][1])
                each.put(member, transitions(self.kind, each)[0][1])
        place.put(primary, theirs)
        place.put(member, own)
        changing = Changing(SECRET, place.class_name, name, place.part)
        return self.probe(names, primary, member, {place.declared.name: changing})

    def probe(
        self, names: Mapping[str, str], primary: Records | None, member: Records | None, changes: Any
    ) -> Probe:
        return Probe(self.kind.name, dict(names), self.class_name(names), primary, member, changes)


def _of_another(names: Mapping[str, str], declared: Property) -> bool:
    """Say whether a property is one of remote databases and this is a local one, or the other way round."""
    return names["Name"].startswith(f"EK{REMOTE.upper()}") is not (
        declared.name in {"Server", "RemoteDirectory"}
    )


# -- planting --------------------------------------------------------------------------------------------------------


def everybody_was_here(instance: SimulatedInstance) -> None:
    """Let no account be one that nobody used for long: a plan that disables it would be refused."""
    today = instance.moment()
    for user in list(instance.storage.rows("Security.Users")):
        instance.change("Security.Users", {"Name": user["Name"]}, {"LoginDateTime": today})


def named(probe: Probe) -> Record:
    """Return what names an item as its class stores it: a port is a number."""
    facts = all_classes()[probe.class_name].properties
    return {
        name: int(value) if value.isdigit() and facts[name].holds_number else value
        for name, value in probe.names.items()
    }


def plant(instance: SimulatedInstance, probe: Probe, values: Records | None) -> None:
    """Give a member of the lab what one side of a probe has."""
    if values is None:
        return
    if probe.kind == "sql-role-grant":  # who is granted a role holds it as well
        held, holder = probe.names["RoleGranted"], probe.names["UserOrRole"]
        instance.add("Security.Roles", Name=held, Resources=[], GrantedRoles=[])
        instance.add("Security.Roles", Name=holder, Resources=[], GrantedRoles=[held])
    if probe.kind == "sql-admin-privilege":
        instance.add("Security.Roles", Name=probe.names["Grantee"], Resources=[], GrantedRoles=[])
    own = {**NEEDED.get(probe.kind, {}), **named(probe), **values.get(probe.class_name, {})}
    match probe.kind:
        case "oauth2-server-configuration":
            found = values[probe.class_name]
            there = instance.where(probe.class_name)
            parts = {name: {**there[name], **one} for name, one in found.items() if isinstance(one, dict)}
            instance.change(probe.class_name, {}, {**found, **parts})
        case "service" | "security-settings" | "instance-setting":
            one = probe.names.get("Section") or probe.names.get("Name") or "SYSTEM"
            found = values.get(probe.class_name, {})
            for whole in found.keys() & COMPOSITES.keys():  # shown only: the class puts it together
                parts = zip(COMPOSITES[whole], str(found[whole]).split(","), strict=True)
                found = {**found, **{part: int(each) for part, each in parts}}
            there = instance.where(probe.class_name, Name=one)
            stated = {f"{name}Present": 1 for name in found if f"{name}Present" in there}
            instance.change(probe.class_name, {"Name": one}, {**found, **stated})
        case "database":
            name = own.pop("Name")
            directory = own.pop("Directory", f"/data/{name.lower()}/")
            add_database(instance, name, directory, mount=own.pop("MountRequired", 0), **own)
            if label := values.get("SYS.Database"):
                instance.change("SYS.Database", {"Directory": directory}, label)
        case "user":
            name, clear = own.pop("Name"), own.pop("PasswordHash", "not-a-real-secret")
            instance.add_user(name, str(clear), own.pop("Roles", []), **own)
            salted: Record = {}
            set_password(salted, str(clear), b"one salt for all")  # under two salts nothing can be compared
            instance.change("Security.Users", {"Name": name}, salted)
        case "task":
            name, space = own.pop("Name"), own.pop("NameSpace")
            class_name = own.pop("TaskClass", "Ek.Task")
            if after := own.get("RunAfterGUID"):
                own["RunAfterGUID"] = instance.where("%SYS.Task", Name=after.partition("/")[2])["JobGUID"]
            instance.add("%SYS.Task", **{**task(instance, name, class_name, namespace=space), **own})
        case "oauth2-client":
            issuer = own["ServerDefinition"]
            row = instance.where("OAuth2.ServerDefinition", IssuerEndpoint=issuer) if issuer else {"ID": ""}
            instance.add(probe.class_name, **{**own, "ServerDefinition": row["ID"]})
        case _:
            instance.add(probe.class_name, **own)
