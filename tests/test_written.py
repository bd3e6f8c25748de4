"""What kinds say of how they are written: every class, method and argument is one that the system classes have."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from driftsync.errors import SpecError
from driftsync.kinds import all_kinds
from driftsync.kinds.resources import RESOURCE
from driftsync.kinds.settings_table import SETTINGS
from driftsync.kinds.spec import Kind, Shape, Treat
from driftsync.kinds.written import ByObject
from driftsync.lab.instance.facts import all_classes

BY_OBJECT = [name for name, kind in all_kinds().items() if isinstance(kind.written, ByObject)]
GENERATED = {"%Save", "NameIndexOpen", "NameIndexDelete", "%OpenId", "%New", "%DeleteId"}
"""What the compiler makes of every persistent class, or of a unique index."""


def classes(kind: Kind, written: ByObject) -> Iterator[str]:
    if kind.per_item:
        yield from (
            f"Config.{section}"
            for section in SETTINGS
            if section not in {"Conversions", "Debug", "ConfigFile"}
        )
    elif written.class_by:
        yield from written.class_by[1].values()
    else:
        yield written.iris_class or kind.iris_class


def forms(kind: Kind) -> Iterator[ByObject]:
    assert isinstance(kind.written, ByObject)
    yield kind.written
    yield from kind.written.beside.values()


@pytest.mark.parametrize("name", BY_OBJECT)
def test_every_method_is_in_the_catalog(name: str) -> None:
    kind = all_kinds()[name]
    for written in forms(kind):
        for iris_class in classes(kind, written):
            methods = {each.name: each for each in all_classes()[iris_class].methods.values()}
            for method in {
                written.opener,
                written.creates,
                written.deletes,
                written.saves,
                written.activates,
            } - {
                "",
                *GENERATED,
            }:
                assert method in methods, f"{iris_class} has no {method}"
            if written.arguments:
                given = tuple(each.name for each in methods[written.creates].arguments)
                assert len(written.arguments) <= len(given)


@pytest.mark.parametrize("name", BY_OBJECT)
def test_what_is_no_plain_value_is_in_the_catalog_as_it_is_written(name: str) -> None:
    kind = all_kinds()[name]
    for written in forms(kind):
        for iris_class in classes(kind, written) if written.parts or written.texts else ():
            properties = all_classes()[iris_class].properties
            assert {properties[part].type for part in written.parts} == set(written.parts.values())
            assert not any(properties[text].collection for text in written.texts)
            for linked, opener, key in written.links.values():
                assert opener in all_classes()[linked].methods
                assert key in all_classes()[linked].properties
            for each in kind.properties:
                head, dot, part = each.name.partition(".")
                if dot:
                    facts = all_classes()[written.parts[head]].properties[part]
                    assert (facts.short_type == "List") is (each.shape is Shape.SET), each.name


@pytest.mark.parametrize("name", BY_OBJECT)
def test_what_an_object_is_brought_by_is_what_names_it(name: str) -> None:
    kind = all_kinds()[name]
    local = {each.name for each in kind.properties if each.treat is Treat.LOCAL}
    named = {*kind.identity.properties, kind.identity.namespace, *local}
    assert isinstance(kind.written, ByObject)
    if not kind.written.found_by and not kind.written.literal:
        assert set(kind.written.key) <= named
    secrets = {each.part_of or each.name for each in kind.properties}
    assert kind.written.carries <= secrets


def test_one_time_passwords_and_private_keys_are_never_carried() -> None:
    for name in BY_OBJECT:
        written = all_kinds()[name].written
        assert isinstance(written, ByObject)
        assert not written.carries & {
            "HOTPKey",
            "PrivateKey",
            "PrivateKeyPassword",
            "PrivateJWKS",
            "LegacyPassword",
        }


def test_a_kind_that_is_never_written_says_what_to_do() -> None:
    from dataclasses import replace

    with pytest.raises(SpecError, match="what to do"):
        replace(RESOURCE, written=None)
    with pytest.raises(SpecError, match="needs a reason"):
        replace(RESOURCE, written=ByObject(deletes=""))
    with pytest.raises(SpecError, match="not declared"):
        replace(RESOURCE, written=ByObject(carries=frozenset({"Nothing"})))
