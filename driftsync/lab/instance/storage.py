"""This module keeps the records of one instance, class by class, and knows which of them are live."""

from __future__ import annotations

import copy
from collections.abc import Iterator

from driftsync.lab.instance.facts import ClassFacts, all_classes
from driftsync.lab.instance.identities import COUNTED, Key, Record, key_of_record

FIRST_USER_TASK = 1000


class Storage:
    """The records. What the lab hands out are copies; only `put` and `remove` change anything."""

    def __init__(self) -> None:
        self._tables: dict[str, dict[Key, Record]] = {}
        self.live: dict[str, set[Key]] = {}
        """Keys of the configuration that was activated; what is saved alone is not live."""
        self.unwritten = False
        """Whether the configuration database holds what the CPF does not."""
        self.restart_reasons: list[str] = []
        self.changes = 0
        """How often a record was put or taken away."""

    def table(self, class_name: str) -> dict[Key, Record]:
        """Return the records of a class by key."""
        return self._tables.setdefault(class_name, {})

    def rows(self, class_name: str) -> Iterator[Record]:
        """Yield the records of a class in the order of their keys."""
        records = self.table(class_name)
        counted = class_name in COUNTED
        for key in sorted(records, key=lambda key: (int(key[0]),) if counted else key):
            yield records[key]

    def find(self, class_name: str, key: Key) -> Record | None:
        """Return a copy of a record."""
        found = self.table(class_name).get(key)
        return copy.deepcopy(found) if found is not None else None

    def has(self, class_name: str, key: Key) -> bool:
        return key in self.table(class_name)

    def put(self, facts: ClassFacts, record: Record) -> Key:
        """Keep a copy of a record under its key; a counted one gets a number."""
        if facts.name in COUNTED and not record.get("ID"):
            record["ID"] = self._next(facts.name, record)
        key = key_of_record(facts, record)
        self.table(facts.name)[key] = copy.deepcopy(record)
        self.changes += 1
        return key

    def remove(self, class_name: str, key: Key) -> bool:
        """Take a record away; return whether it was there."""
        self.changes += 1
        self.live.get(class_name, set()).discard(key)
        return self.table(class_name).pop(key, None) is not None

    def activate(self) -> None:
        """Make the whole configuration live."""
        for name in self._tables:
            if name.startswith("Config."):
                self.live[name] = set(self._tables[name])

    def make_live(self, class_name: str, key: Key) -> None:
        """Make one record live."""
        self.live.setdefault(class_name, set()).add(key)

    def is_live(self, class_name: str, key: Key) -> bool:
        return key in self.live.get(class_name, ())

    def _next(self, class_name: str, record: Record) -> int:
        used = [int(key[0]) for key in self.table(class_name)]
        if class_name == "%SYS.Task":
            system = str(record.get("Type")) in {"0", "1"}
            used = [number for number in used if (number < FIRST_USER_TASK) == system]
            return max(used, default=0 if system else FIRST_USER_TASK - 1) + 1
        return max(used, default=0) + 1


def facts_of(class_name: str) -> ClassFacts:
    """Return the facts of a class that the lab has for certain."""
    return all_classes()[class_name]
