"""What each step of a run costs, counted by the servers of both members, beside the properties that it sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from driftsync.applying import guarding, watching
from driftsync.applying.working import Work
from driftsync.kinds import all_kinds
from driftsync.kinds.written import ByObject
from driftsync.lab.serving import Server
from driftsync.model import Action, Sort

MOST = 6
"""Round trips of a step, plus one for each property that is set."""
SETS = "5EC2"
"""The function code by which the driver sets a property."""
MORE = {
    "instance-setting": 1,  # stands in no row that could be asked for beside other questions
    "oauth2-client": 1, "oauth2-server-configuration": 1, "oauth2-server-definition": 1,  # of several tables
}  # fmt: skip
"""What a step of a kind costs more, and why."""
HELD = 1
"""What it costs more to ask both users and roles whether they hold the role that is deleted."""
SECRET, PASSWORD = 2, 5
"""What it costs more to read a secret of the primary, and a password in its four parts."""


def watched(monkeypatch: pytest.MonkeyPatch, servers: Mapping[str, Server]) -> dict[str, int]:
    """Let each step of an item that is written as an object say by how many round trips it costs more than it may."""
    over: dict[str, int] = {}
    take = Work.take
    for module, name in ((guarding, "RULE_SECONDS"), (watching, "OTHERS_SECONDS")):
        monkeypatch.setattr(
            module, name, 3600.0
        )  # what is asked once in a while, however slow the machine is

    def counted(self: Work, journal: Any, planned: Action, action: Action, **words: Any) -> Any:
        before = _spent(servers)
        taken = take(self, journal, planned, action, **words)
        written = all_kinds()[action.kind].written
        if isinstance(written, ByObject) and not words.get("undoing"):
            over[f"{action.sort.value} {action.key}"] = _spent(servers) - before - MOST - _more(action)
        return taken

    monkeypatch.setattr(Work, "take", counted)
    return over


def _spent(servers: Mapping[str, Server]) -> int:
    tallies = [server.counts.total for server in servers.values()]
    return sum(each.round_trips - each.requests[SETS] for each in tallies)


def _more(action: Action) -> int:
    more = MORE.get(action.kind, 0) + (HELD if (action.kind, action.sort) == ("role", Sort.DELETE) else 0)
    more += sum(PASSWORD if name == "Password" else SECRET for name in action.secrets)
    for name, value in action.sets.items():
        if isinstance(value, list):  # brought, emptied, filled
            more += 2 + len(value)
        elif isinstance(value, dict):  # the pairs of a role are objects of their own: found, made, put in
            more += 2 + 2 * len(action.before.get(name) or {}) + 2 * len(value)
    return more
