"""This module counts what was written on one instance: by class and method, and apart what was tried and refused."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

METHODS = frozenset({
    "%Save", "Save", "%DeleteId", "Delete", "DeleteId", "NameIndexDelete", "Create", "Copy", "Rename", "Import", "ImportAll",
    "AddRoles", "RemoveRoles", "AddEscalationRoles", "RemoveEscalationRoles", "CreateDatabase", "ModifyDatabase",
    "GrantPrivilege", "GrantPrivilegeWithGrant", "RevokePrivilege", "Write", "Activate", "ActivateAll", "MoveToActive", "Load",
    "CopyFile", "CreateDirectory", "CreateDirectoryChain", "SetAutoStart", "Audit",
})  # fmt: skip
"""Methods that write, whether or not anything is different afterwards."""

FILES = ("%Library.File", "%Stream.")


@dataclass
class Writes:
    """The writes of one instance since it was made, or since `reset`."""

    done: Counter[str] = field(default_factory=Counter)
    """By class and method: `Security.Roles.%Save`; of a statement `SQL.GRANT`."""
    refused: Counter[str] = field(default_factory=Counter)
    """What was asked for and ended with an error, counted apart: it left nothing."""

    @property
    def total(self) -> int:
        """Every write to the configuration; files beside it, such as a copy of the CPF, are none."""
        return sum(count for name, count in self.done.items() if not name.startswith(FILES))

    def of(self, class_name: str) -> int:
        """Return how often a class was written to."""
        return sum(count for name, count in self.done.items() if name.rpartition(".")[0] == class_name)

    def note(self, class_name: str, method: str, *, done: bool) -> None:
        """Count one write."""
        (self.done if done else self.refused)[f"{class_name}.{method}"] += 1

    def reset(self) -> None:
        """Count anew."""
        self.done.clear()
        self.refused.clear()
