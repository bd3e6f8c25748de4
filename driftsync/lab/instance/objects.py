"""This module holds what a session can open: records of classes, collections, relationships and streams."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from driftsync.lab.contract import Argument, ObjectReference, Value
from driftsync.lab.instance.calling import as_number, as_text
from driftsync.lab.instance.checking import normalised
from driftsync.lab.instance.computed import computed_value, gateway_field
from driftsync.lab.instance.defaults import new_record
from driftsync.lab.instance.errors import OK, raised
from driftsync.lab.instance.facts import ClassFacts, PropertyFacts, all_classes
from driftsync.lab.instance.identities import Key, Record
from driftsync.lab.values import encode_list

if TYPE_CHECKING:
    from driftsync.lab.instance.session import SimulatedSession

EMBEDDED = frozenset({"OAuth2.Endpoint", "OAuth2.Client.Metadata", "OAuth2.Server.Metadata"})
"""Classes whose objects live inside another record."""

LINKED = {("OAuth2.Client", "ServerDefinition"): "OAuth2.ServerDefinition"}
"""Relationships to one object: the record holds its number."""


class LabObject:
    """Anything with an object reference."""

    class_name = ""

    def get(self, name: str) -> Any:
        """Return a property: a value, or another object."""
        raise raised("PROPERTY DOES NOT EXIST", f"{name},{self.class_name}")

    def set(self, name: str, value: Value) -> None:
        """Set a property; what a plain object has, nobody may set."""
        del value
        raise raised("PROPERTY DOES NOT EXIST", f"{name},{self.class_name}")

    def invoke(self, method: str, arguments: list[Argument]) -> tuple[Any, dict[int, Any]]:
        """Call a method; return its value and what goes back by place of the argument."""
        found: Callable[..., Any] | None = getattr(self, f"do_{method.lstrip('%')}", None)
        if found is None:
            raise raised("METHOD DOES NOT EXIST", f"{method},{self.class_name}")
        returned: dict[int, Any] = {}
        values = [argument.value for argument in arguments]
        try:
            return found(*values), returned
        except TypeError as error:
            if "positional argument" in str(error):
                raise raised("PARAMETER", f"{method},{self.class_name}") from error
            raise


class ListObject(LabObject):
    """A collection of texts that belongs to a record; changing it changes the record."""

    class_name = "%Collection.ListOfDT"

    def __init__(self, elements: list[Any]) -> None:
        self.elements = elements

    def get(self, name: str) -> Any:
        if name == "Size":
            return len(self.elements)
        return super().get(name)

    def do_Count(self) -> int:  # noqa: N802 - the names of IRIS
        return len(self.elements)

    def do_Size(self) -> int:  # noqa: N802
        return len(self.elements)

    def do_GetAt(self, place: Value) -> Any:  # noqa: N802
        number = as_number(place)
        return self.elements[number - 1] if 1 <= number <= len(self.elements) else ""

    def do_SetAt(self, value: Value, place: Value) -> int:  # noqa: N802
        number = as_number(place)
        if not 1 <= number <= len(self.elements):
            return 0
        self.elements[number - 1] = value
        return OK

    def do_Insert(self, value: Value) -> int:  # noqa: N802
        self.elements.append(value)
        return OK

    def do_InsertAt(self, value: Value, place: Value) -> int:  # noqa: N802
        self.elements.insert(as_number(place) - 1, value)
        return OK

    def do_RemoveAt(self, place: Value) -> Any:  # noqa: N802
        number = as_number(place)
        return self.elements.pop(number - 1) if 1 <= number <= len(self.elements) else ""

    def do_Clear(self) -> int:  # noqa: N802
        self.elements.clear()
        return OK

    def do_Find(self, value: Value, start: Value = 0) -> Value:  # noqa: N802
        for place, element in enumerate(self.elements[as_number(start) :], as_number(start) + 1):
            if as_text(element) == as_text(value):
                return place
        return ""

    def do_Serialize(self) -> bytes:  # noqa: N802
        return encode_list(self.elements)


class ArrayObject(LabObject):
    """A collection with keys that belongs to a record."""

    class_name = "%Collection.ArrayOfDT"

    def __init__(self, elements: dict[str, Any]) -> None:
        self.elements = elements

    def do_Count(self) -> int:  # noqa: N802
        return len(self.elements)

    def do_GetAt(self, key: Value) -> Any:  # noqa: N802
        return self.elements.get(as_text(key), "")

    def do_SetAt(self, value: Value, key: Value) -> int:  # noqa: N802
        self.elements[as_text(key)] = value
        return OK

    def do_IsDefined(self, key: Value) -> int:  # noqa: N802
        return int(as_text(key) in self.elements)

    def do_Next(self, key: Value = "") -> str:  # noqa: N802
        return min((other for other in self.elements if other > as_text(key)), default="")

    def do_RemoveAt(self, key: Value) -> Any:  # noqa: N802
        return self.elements.pop(as_text(key), "")

    def do_Clear(self) -> int:  # noqa: N802
        self.elements.clear()
        return OK


class RelationshipObject(LabObject):
    """The many objects of a relationship: a role's resources, the clients of an OAuth 2.0 server."""

    class_name = "%Library.RelationshipObject"

    def __init__(
        self, session: SimulatedSession, owner: RecordObject, child: str, records: list[Record]
    ) -> None:
        self._session = session
        self._owner = owner
        self._child = all_classes()[child]
        self._records = records

    def do_Count(self) -> int:  # noqa: N802
        return len(self._records)

    def do_GetAt(self, place: Value) -> Any:  # noqa: N802
        number = as_number(place)
        if not 1 <= number <= len(self._records):
            return ""
        return RecordObject(self._session, self._child, self._records[number - 1], owner=self._owner)

    def do_Insert(self, value: Value) -> int:  # noqa: N802
        child = self._session.open_object(value)
        if isinstance(child, RecordObject) and child.record not in self._records:
            self._records.append(child.record)
            child.owner = self._owner
        return OK

    def do_Remove(self, value: Value) -> int:  # noqa: N802
        child = self._session.open_object(value)
        if isinstance(child, RecordObject) and child.record in self._records:
            self._records.remove(child.record)
        return OK

    def do_RemoveAt(self, place: Value) -> Any:  # noqa: N802
        number = as_number(place)
        if not 1 <= number <= len(self._records):
            return ""
        record = self._records.pop(number - 1)
        return RecordObject(self._session, self._child, record, owner=self._owner)

    def do_Clear(self) -> int:  # noqa: N802
        self._records.clear()
        return OK


class RecordObject(LabObject):
    """One open object of a class with storage; `%Save` alone writes it back."""

    def __init__(
        self,
        session: SimulatedSession,
        facts: ClassFacts,
        record: Record,
        key: Key | None = None,
        owner: RecordObject | None = None,
    ) -> None:
        self.session = session
        self.facts = facts
        self.class_name = facts.name
        self.record = record
        self.key = key
        self.owner = owner

    def _property(self, name: str) -> PropertyFacts:
        found = self.facts.properties.get(name)
        if found is None or not self.session.instance.has_property(self.class_name, name):
            raise raised("PROPERTY DOES NOT EXIST", f"{name},{self.class_name}")
        if found.private:
            raise raised("PRIVATE PROPERTY", f"{name},{self.class_name}")
        return found

    def get(self, name: str) -> Any:
        found = self._property(name)
        if found.relationship:
            return self._related(name, found)
        if found.type in EMBEDDED:
            inner = all_classes()[found.type]
            if not isinstance(self.record.get(name), dict):
                if found.type != "OAuth2.Endpoint":
                    return ""
                self.record[name] = new_record(inner, self.session.instance)
            return RecordObject(self.session, inner, self.record[name], owner=self)
        if found.calculated or name not in self.record:
            return computed_value(self.class_name, name, self.record)
        value = self.record[name]
        if isinstance(value, dict):
            return ArrayObject(value)
        if isinstance(value, list):
            if found.collection:
                return ListObject(value)
            return encode_list(value) if value else ""
        return value

    def _related(self, name: str, found: PropertyFacts) -> Any:
        if name == "Resources":
            return RelationshipObject(
                self.session, self, "Security.Resource", self.record.setdefault(name, [])
            )
        if name == "TheRole":
            return self.owner or ""
        storage = self.session.instance.storage
        if (self.class_name, name) in LINKED:
            target = LINKED[self.class_name, name]
            record = storage.find(target, (as_text(self.record.get(name)),))
            return (
                ""
                if record is None
                else RecordObject(self.session, all_classes()[target], record, (as_text(record["ID"]),))
            )
        mine = [
            client
            for client in storage.rows(found.type)
            if as_text(client.get("ServerDefinition")) == as_text(self.record.get("ID"))
        ] if found.type in all_classes() else []  # fmt: skip
        return RelationshipObject(self.session, self, found.type, mine)

    def set(self, name: str, value: Value) -> None:
        found = self._property(name)
        if found.readonly:
            raise raised("CANNOT SET THIS PROPERTY", f"{name},{self.class_name}")
        if found.relationship:
            self._relate(name, value)
        elif found.type in EMBEDDED:
            inner = self.session.open_object(value)
            if isinstance(inner, RecordObject):
                self.record[name] = inner.record
        elif isinstance(value, ObjectReference):
            inner = self.session.open_object(value)
            if isinstance(inner, (ListObject, ArrayObject)):
                self.record[name] = inner.elements
        elif found.collection:
            raise raised("CANNOT SET THIS PROPERTY", f"{name},{self.class_name}")
        else:
            stored = gateway_field(as_text(self.record.get("Type")), name) if found.calculated else name
            self.record[stored or name] = normalised(self.facts, found, value)

    def _relate(self, name: str, value: Value) -> None:
        if value == "" and (self.class_name, name) in LINKED:
            self.record[name] = ""
            return
        other = self.session.open_object(value)
        if not isinstance(other, RecordObject):
            raise raised("CANNOT SET THIS PROPERTY", f"{name},{self.class_name}")
        if name == "TheRole":
            records = other.record.setdefault("Resources", [])
            if self.record not in records:
                records.append(self.record)
            self.owner = other
        elif (self.class_name, name) in LINKED:
            self.record[name] = other.record.get("ID", "")
        else:
            raise raised("CANNOT SET THIS PROPERTY", f"{name},{self.class_name}")
