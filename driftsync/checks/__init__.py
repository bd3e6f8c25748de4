"""This package holds the checks of readiness, one declaration each, one file a family; all are collected here."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from driftsync.checks.spec import Check, Manual
from driftsync.errors import SpecError

_FAMILIES = (
    "mirror_state",
    "mirror_connections",
    "mirror_databases",
    "mirror_members",
    "health_products",
    "platform",
    "licences",
    "certificates",
    "journals",
    "mirror_journals",
    "logs",
    "configuration",
    "namespaces",
    "tasks",
    "productions",
    "applications",
    "logins",
    "files",
    "watching",
    "capacity",
    "references",
    "forecasts",
    "idle_tasks",
    "manual",
)


@cache
def all_checks() -> tuple[Check, ...]:
    """Return every check, in the order of their families."""
    found = [check for check in _declared() if isinstance(check, Check)]
    ids = [check.id for check in found]
    for name in ids:
        if ids.count(name) > 1:
            raise SpecError(name, "id", "is declared twice")
    return tuple(found)


@cache
def manual_checks() -> tuple[Manual, ...]:
    """Return what a person must look at."""
    return tuple(check for check in _declared() if isinstance(check, Manual))


def _declared() -> list[Check | Manual]:
    modules = (import_module(f"driftsync.checks.{name}") for name in _FAMILIES)
    return [
        value for module in modules for value in vars(module).values() if isinstance(value, (Check, Manual))
    ]
