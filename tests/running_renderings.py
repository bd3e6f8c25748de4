"""Renderings carried out on members of the lab by readers that know nothing of their writer, as somebody does who has the secrets."""

from __future__ import annotations

import json
import re
from typing import Any

from driftsync.kinds import all_kinds
from driftsync.lab.instance import SimulatedInstance
from driftsync.lab.instance.installing import install
from driftsync.lab.instance.merging import CLASSES, merge, values_of
from driftsync.lab.instance.session import SimulatedSession
from driftsync.lab.scenarios import PASSWORDS
from driftsync.model import Action, Plan
from driftsync.rendering import Form, Rendered, render
from driftsync.rendering.merge_file import PLACEHOLDER, quoted
from tests.live import EVERYTHING
from tests.running_config_api import load
from tests.running_object_script import Routine, subscripts
from tests.running_task_export import import_tasks

CLEAR = "not-a-real-password"
"""What a Manifest is given for the password of a user: it takes no hash."""


def carried_out(plan: Plan, form: Form, member: SimulatedInstance, primary: SimulatedInstance) -> Rendered:
    """Carry a plan out on a member in one form, with the secrets of the primary; what goes wrong fails the test."""
    rendered = render(plan, form)
    session = opened(member)
    match form:
        case Form.MERGE_FILE:
            assert merge(session, with_secrets(rendered.text, primary)) == []
        case Form.ROUTINE:
            routine, secrets = routine_with_secrets(plan, member, primary)
            assert routine.call("RUN", secrets) == 1, routine.written
        case Form.MANIFEST:
            install(session, rendered.text, {f"SECRET_{action.number}": CLEAR for action in plan.actions})
        case Form.CONFIG_API:
            load(session, with_variables(rendered.text, plan, primary), if_exists="Update")
        case Form.TASK_XML:
            import_tasks(session, rendered.text)
        case Form.CHECKLIST:
            raise AssertionError("only a person carries a checklist out")
    return rendered


def opened(instance: SimulatedInstance) -> SimulatedSession:
    return instance.login(EVERYTHING, PASSWORDS[EVERYTHING], "%SYS")


def hash_of(record: dict[str, Any]) -> str:
    """Return the text in which IRIS takes over the hash of a password."""
    return f"{record['Password'].hex()},{record['Salt'].hex()},10000,SHA512"


def with_secrets(text: str, primary: SimulatedInstance) -> str:
    """Fill in the placeholders of a merge file; what was withheld stays a comment."""
    withheld = False

    def filled(line: str) -> str:
        nonlocal withheld
        if opening := re.match(r"# (w?)\d+\. [-+~] ", line):
            withheld = bool(opening[1])
        if withheld or PLACEHOLDER not in line or not re.match(r"# (Create|Modify)\w+:", line):
            return line
        verb, _colon, given = line.removeprefix("# ").partition(":")
        name = values_of(given).get("Name", "").lower() or "SYSTEM"
        record = primary.storage.find(CLASSES[verb[6:]][0], (name,))
        assert record is not None, line
        return re.sub(
            rf"(\w+)={PLACEHOLDER}",
            lambda word: (
                f"{word[1]}={quoted(hash_of(record) if word[1] == 'PasswordHash' else str(record[word[1]]))}"
            ),
            line.removeprefix("# "),
        )

    return "\n".join(map(filled, text.splitlines()))


def with_variables(text: str, plan: Plan, primary: SimulatedInstance) -> str:
    """Add the secrets that a config-api document asks for to its `Defaults`."""
    document = json.loads(text)
    for name, label in re.findall(r"\$\{(DRIFTSYNC_SECRET_(\d+)_\w+)\}", text):
        (secret,) = plan.actions[int(label) - 1].secrets
        document["Defaults"][name] = secret_of(plan.actions[int(label) - 1], secret, primary)
    return json.dumps(document)


def routine_with_secrets(
    plan: Plan, member: SimulatedInstance, primary: SimulatedInstance
) -> tuple[Routine, dict[str, str]]:
    """Return the routine on a member, and the secrets that it asks for."""
    text = render(plan, Form.ROUTINE).text
    secrets = {
        subscripts(label, name): secret_of(plan.actions[int(label) - 1], name, primary)
        for label, name in re.findall(r'^    ; +set secret\("(\d+)", "(\w+)"\)', text, re.MULTILINE)
    }
    return Routine(text, opened(member)), secrets


def secret_of(about: Action, name: str, primary: SimulatedInstance) -> str:
    """Return a secret of an item, as somebody has it from the primary; of a user the text that takes the hash over."""
    record = next(
        row
        for row in primary.storage.rows(all_kinds()[about.kind].iris_class)
        if all(str(row.get(part)).lower() == text.lower() for part, text in about.identity.items())
    )
    return hash_of(record) if name == "Password" else str(record[name])
