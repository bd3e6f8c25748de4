"""This module holds the words in which a kind is declared, and refuses a declaration that contradicts itself.

A declaration reads like a sentence: `mask("AutheEnabled", bits=...).secret(because=...)`. Each property is
made by the word for its *shape* (`text`, `flag`, `pairs` …), then marked with its *treat* (`.local()`,
`.ignored()`, `.secret()`, `.must_differ()`, `.read_only()`); without a mark it is compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from typing import Any

from driftsync.errors import SpecError
from driftsync.kinds.live import LiveRoute
from driftsync.kinds.places import CpfRows, Place
from driftsync.kinds.tags import Tag
from driftsync.kinds.written import ByObject, ByStatement, Written, contradictions
from driftsync.model import MemberRole, Severity


class Treat(Enum):
    """What a difference in a property means."""

    COMPARE = "compared"
    SECRET = "secret"  # noqa: S105 - a word of the vocabulary
    LOCAL = "local"
    IGNORE = "ignored"
    MUST_DIFFER = "must differ"
    READ_ONLY = "read only"


class Shape(Enum):
    """How IRIS writes a value; `normalize` has one function for each."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    MASK = "bit mask"
    CHOICE = "enumeration"
    SET = "set"
    LIST = "ordered list"
    PAIRS = "pairs"
    RECORDS = "records"
    PATH = "path"
    HOROLOG = "$HOROLOG"
    URL = "connection URL"
    PATHS = "list of paths"
    GUARDED = "path, or arguments that may hold a secret"
    TIME = "time of day"


WHETHER_SET = " (set)"
"""After the name of a local property: whether it is set at all."""


class Fold(Enum):
    """Whether IRIS tells names apart by case."""

    NONE = "case matters"
    LOWER = "case is ignored"
    UPPER = "stored in upper case"


class Expectation(Enum):
    """How far a member of some role is expected to agree with the primary."""

    SAME = "same"
    OPTIONAL = "optional"
    """Only what the databases present there need: a missing or extra item is a note, not drift."""


class Replicated(Enum):
    """Whether the mirror carries a kind to the other members by itself."""

    NO = "no"
    PARTLY = "partly"
    YES = "yes"


@dataclass(frozen=True, kw_only=True)
class Property:
    """One property of a kind, its name as IRIS spells it."""

    name: str
    shape: Shape
    treat: Treat = Treat.COMPARE
    because: str = ""
    about: str = ""
    """What the property does, or what its value means, for `driftsync explain`."""
    values: Mapping[str, str] = field(default_factory=dict)
    """For an enumeration or a bit mask: raw value or bit → word."""
    default: Any = None
    """The value that an absent property stands for."""
    default_from: str = ""
    """The property whose value an absent one takes over (`Routines` from `Globals`)."""
    only_when: tuple[str, frozenset[str]] | None = None
    """The property counts only when another has one of these values (a gateway's `Type`)."""
    since: str = ""
    """The first release known to have it: its absence elsewhere is a version note, not drift."""
    refers_to: str = ""
    """The kind that the value names."""
    severity: Severity | None = None
    """Where it differs from that of the kind."""
    part_of: str = ""
    """The secret that several properties form together (hash, salt, work factor, algorithm)."""
    salted: bool = False
    """The one text holds hash, salt, work factor and algorithm, divided by commas."""
    salt: bool = False
    """Within such a secret: must agree before the rest can be compared."""
    separator: str = ","
    """What stands between elements where a list is written as one text."""
    upper: bool = False
    """IRIS stores it in upper case."""
    localised: bool = False
    """The product fills it in, in the language of the instance, for the items that it ships."""
    restart: bool = False
    """A change takes effect only after a restart."""
    presence: str = ""
    """Of a local property: compare whether it is set, `always` or between `failover` members."""
    inner: str = ""
    """Within an element of a set: what divides its head from names whose order means nothing."""
    free_on_reporting: bool = False
    """A reporting async may have its own (ports, sizes, purging)."""
    compared_if: str = ""
    """A fact that must not be known to be false for the property to be compared: `virtual_address`."""
    beside: str = ""
    """The place that it stands in beside the rest of its item (`label`): a side with nothing of it says nothing."""

    def local(self, because: str, *, presence: str = "") -> Property:
        """Keep it, and show it on request: it rightly differs between members."""
        return replace(self, treat=Treat.LOCAL, because=because, presence=presence)

    def whether_set(self) -> Property:
        """Return what stands for its presence, where only that is compared."""
        return replace(self, name=f"{self.name}{WHETHER_SET}", shape=Shape.FLAG, treat=Treat.COMPARE)

    def ignored(self, because: str) -> Property:
        """Leave it out altogether: it moves by itself."""
        return replace(self, treat=Treat.IGNORE, because=because)

    def secret(
        self, because: str = "", *, part_of: str = "", salt: bool = False, salted: bool = False
    ) -> Property:
        """Compare by fingerprint, show never; `part_of` joins several properties into one secret."""
        return replace(self, treat=Treat.SECRET, because=because, part_of=part_of, salt=salt, salted=salted)

    def must_differ(self, because: str) -> Property:
        """Report equal values."""
        return replace(self, treat=Treat.MUST_DIFFER, because=because)

    def read_only(self, because: str) -> Property:
        """Report a difference that IRIS gives no way to mend."""
        return replace(self, treat=Treat.READ_ONLY, because=because)

    @property
    def kept(self) -> bool:
        return self.treat is not Treat.IGNORE


def _maker(shape: Shape) -> Callable[..., Property]:
    def make(name: str, **words: Any) -> Property:
        return Property(name=name, shape=shape, **words)

    make.__doc__ = f"Declare a property whose value is a {shape.value}."
    return make


text, number, flag = _maker(Shape.TEXT), _maker(Shape.NUMBER), _maker(Shape.FLAG)
choice, mask, path = _maker(Shape.CHOICE), _maker(Shape.MASK), _maker(Shape.PATH)
names, ordered, pairs = _maker(Shape.SET), _maker(Shape.LIST), _maker(Shape.PAIRS)
records, horolog, url = _maker(Shape.RECORDS), _maker(Shape.HOROLOG), _maker(Shape.URL)
paths, time, guarded = _maker(Shape.PATHS), _maker(Shape.TIME), _maker(Shape.GUARDED)


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Which properties name an item, and how IRIS folds them."""

    properties: tuple[str, ...]
    fold: Fold = Fold.NONE
    namespace: str = ""
    """The property that holds the namespace (or section, or mirror) the item lives in."""
    fixed: str = ""
    """The name of the only item, for a kind that has one."""
    leaves_out: str = ""
    """What of IRIS's own key is left out because it is local (a grantor, an address), and why."""


def by(*properties: str, fold: Fold = Fold.NONE, namespace: str = "", leaves_out: str = "") -> Identity:
    """Declare that `properties` together name an item."""
    return Identity(properties=properties, fold=fold, namespace=namespace, leaves_out=leaves_out)


def only_one(name: str) -> Identity:
    """Declare that an instance has exactly one item of the kind, called `name` in keys."""
    return Identity(properties=(), fixed=name)


class Route(Enum):
    """A way in which an item of the kind can be written."""

    CLASS_API = "class API"
    MANIFEST = "Manifest"
    MERGE_FILE = "merge file"
    CONFIG_API = "config-api"
    TASK_XML = "task XML"
    SQL = "SQL"


BuiltIn = Callable[[str, str, Mapping[str, Any]], bool]
"""Whether the product ships an item: takes namespace, identity and compared properties."""


def never(_namespace: str, _identity: str, _properties: Mapping[str, Any]) -> bool:
    """Say that the product ships no item of this kind."""
    return False


def percent(_namespace: str, identity: str, _properties: Mapping[str, Any]) -> bool:
    """Say that the product's items are those whose name begins with a percent sign."""
    return identity.startswith("%")


def named(*shipped: str) -> BuiltIn:
    """Say that the product ships exactly these, whatever their case."""
    folded = frozenset(name.casefold() for name in shipped)

    def check(_namespace: str, identity: str, _properties: Mapping[str, Any]) -> bool:
        return identity.casefold() in folded

    return check


def everything(_namespace: str, _identity: str, _properties: Mapping[str, Any]) -> bool:
    """Say that the set of items is the product's; only their values are the site's."""
    return True


DEFAULT_EXPECTATION: Mapping[MemberRole, Expectation] = {MemberRole.REPORTING_ASYNC: Expectation.OPTIONAL}


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of item: from this follow keys, parsing, comparison, secrecy, order and every explanation."""

    name: str
    """Singular and hyphenated: `web-application`."""
    title: str
    """What a person calls it: `Web application`."""
    iris_class: str
    identity: Identity
    properties: tuple[Property, ...]
    severity: Severity
    why: str
    """Why it matters after a failover, in one sentence."""
    portal: str
    """Where it is set in the Management Portal (or the utility that sets it)."""
    pages_by: tuple[str, Mapping[str, str]] | None = None
    """A property of the identity, and for its values pages of their own."""
    places: tuple[Place, ...] = ()
    routes: tuple[Route, ...] = (Route.CLASS_API,)
    live: tuple[LiveRoute, ...] = ()
    """How a live member shows them, best first; empty where no way is established."""
    written: Written | None = None
    """How a running member takes them; `None`: never written by this tool."""
    tag: Tag | None = None
    """By which tag of a Manifest an item is made."""
    left_because: str = ""
    """Why this tool never writes it."""
    instead: str = ""
    """What to do where it is never written, or never made, in one sentence."""
    only_rendered: bool = False
    """Whether every rendering shows for somebody else what this tool leaves alone of it as a whole."""
    replicated: Replicated = Replicated.NO
    replicated_how: str = ""
    built_in: BuiltIn = never
    compared_if: str = ""
    """A fact that must not be known to be false for the item's presence to count (a port in its name)."""
    by_itself: Callable[[Mapping[str, Any]], bool] | None = None
    """Whether an item, by its properties, appears by itself (a user that LDAP brought): never drift."""
    says_nothing: Callable[[Mapping[str, Any]], bool] | None = None
    """Whether an item, by its raw properties, is as good as absent (a set of privileges that holds none)."""
    expectation: Mapping[MemberRole, Expectation] = field(default_factory=lambda: DEFAULT_EXPECTATION)
    refers_to: tuple[str, ...] = ()
    """Kinds that must exist before an item of this one, beyond those that properties name."""
    per_item: Callable[[str, str], Property] | None = None
    """For settings: the declaration of one item's value, by section and setting."""
    optional_items: frozenset[str] = frozenset()
    """Items (`section/setting`) whose absence is drift whatever the release, never a version note."""
    stated: tuple[str, ...] = ()
    """What every new item must state, even where it is empty: the class would fill in something else."""
    edited: tuple[str, str] = ("", "")
    """The local properties that tell when an item was last edited on a member, and by whom (may be empty)."""
    since: str = ""
    source: str = ""
    """Where the facts come from: class or document page."""

    def __post_init__(self) -> None:
        _check(self)

    @property
    def listed_by(self) -> str:
        """How a live member shows them, as a sentence."""
        return "; else ".join(str(route) for route in self.live)

    def declared(self, name: str) -> Property | None:
        """Return the declaration of one property, `None` where it is not listed."""
        found = self._by_name.get(name.removesuffix(WHETHER_SET))
        return found.whether_set() if found and name.endswith(WHETHER_SET) else found

    @cached_property
    def _by_name(self) -> dict[str, Property]:
        return {each.name: each for each in self.properties}

    def creation_after(self) -> frozenset[str]:
        """Return the kinds that must exist before an item of this one can be created."""
        named_by = (each.refers_to for each in self.properties if each.refers_to)
        return frozenset({*self.refers_to, *named_by} - {self.name})

    @cached_property
    def must_differ(self) -> bool:
        """Whether equal items may be a finding, so that equal bytes prove nothing."""
        return any(each.treat is Treat.MUST_DIFFER for each in self.properties)


def _check(kind: Kind) -> None:
    """Raise `SpecError` for the first word of the declaration that contradicts another."""
    listed = [each.name for each in kind.properties]
    for name in listed:
        if listed.count(name) > 1:
            raise SpecError(kind.name, name, "is declared twice")
    if kind.name != kind.name.lower() or " " in kind.name:
        raise SpecError(kind.name, "name", "kinds are named in lower case with hyphens")
    if not kind.why.endswith("."):
        raise SpecError(kind.name, "why", "must be a sentence")
    identity = kind.identity
    if bool(identity.properties) == bool(identity.fixed):
        raise SpecError(kind.name, "identity", "needs either properties or the name of the only item")
    for each in kind.properties:
        _check_property(kind, each, listed)
    if isinstance(kind.written, ByObject):
        for word, wrong in contradictions(kind.written, {*listed, *identity.properties, identity.namespace}):
            raise SpecError(kind.name, word, wrong)
    elif kind.written is None and not kind.instead.endswith("."):
        raise SpecError(kind.name, "instead", "what is never written needs a sentence on what to do")
    if (kind.written is None) is not bool(kind.left_because):
        raise SpecError(kind.name, "left_because", "is for what is never written, and needed there")
    for route, form in ((Route.CLASS_API, ByObject), (Route.SQL, ByStatement)):
        if (route in kind.routes) is not isinstance(kind.written, form):
            raise SpecError(kind.name, "routes", f"{route.value} is a route exactly where `written` says how")
    if (kind.tag is not None) is not (Route.MANIFEST in kind.routes):
        raise SpecError(kind.name, "tag", "a Manifest is a route exactly where there is a tag")
    named = {*listed, *identity.properties, identity.namespace}
    for name in kind.tag.attributes if kind.tag else ():
        if name not in named:
            raise SpecError(kind.name, "tag", f"{name} is no property of the kind")
    for name in kind.stated:
        if name not in listed:
            raise SpecError(kind.name, "stated", f"{name} is no property of the kind")
    for name in filter(None, kind.edited):
        declared = kind.declared(name)
        if declared is None or declared.treat is not Treat.LOCAL:
            raise SpecError(kind.name, "edited", f"{name} is no local property")
    for place in kind.places:
        if isinstance(place, CpfRows):
            unknown = [name for name in place.fields if name and name not in listed]
            if unknown:
                raise SpecError(kind.name, f"[{place.section}]", f"{unknown[0]} is no property of the kind")


def _check_property(kind: Kind, each: Property, listed: list[str]) -> None:
    excused = {Treat.LOCAL, Treat.IGNORE, Treat.MUST_DIFFER, Treat.READ_ONLY}
    if each.treat in excused and not each.because:
        raise SpecError(kind.name, each.name, f"{each.treat.value} needs a reason (because=...)")
    if each.shape in {Shape.MASK, Shape.CHOICE} and not each.values:
        raise SpecError(kind.name, each.name, f"a {each.shape.value} needs its values")
    if each.default_from and each.default_from not in listed:
        raise SpecError(
            kind.name, each.name, f"takes its default from {each.default_from}, which is not declared"
        )
    if each.only_when and each.only_when[0] not in listed:
        raise SpecError(kind.name, each.name, f"depends on {each.only_when[0]}, which is not declared")
    if each.salt and not each.part_of:
        raise SpecError(kind.name, each.name, "a salt needs the secret that it is part of")
    named = {*kind.identity.properties, kind.identity.namespace}
    if each.name in named and each.treat is not Treat.COMPARE:
        raise SpecError(kind.name, each.name, f"names the item, so it cannot be {each.treat.value}")
