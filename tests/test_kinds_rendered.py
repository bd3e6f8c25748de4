"""Beside the drift of a case stands what each rendering says of it: `rendered.txt`, rewritten by `--update-expected`."""

from __future__ import annotations

import json
import re
from contextlib import suppress

import pytest

from driftsync.errors import PlanRefusedError
from driftsync.kinds import all_kinds
from driftsync.rendering import Form, render
from driftsync.rendering.steps import steps_of
from tests import planned
from tests.test_kinds import CASES, FOLDERS, RENDERED, read_case, snapshot_of, whole

SAID = [
    case
    for case in CASES
    if case.partition("/")[2] in RENDERED and all_kinds()[case.partition("/")[0]].routes
]


def body(form: Form, text: str) -> str:
    """Return a rendering without what it begins with and what all of its sort have."""
    match form:
        case Form.MERGE_FILE:
            return text.partition("\n[")[1][1:] + text.partition("\n[")[2]
        case Form.ROUTINE:
            return "\n".join(
                re.findall(r"^[SW]\d+\(secret\) PUBLIC\n\{\n(.*?)^\}", text, re.DOTALL | re.MULTILINE)
            )
        case Form.MANIFEST:
            return text.partition("\n<Manifest>\n")[2].partition("</Manifest>")[0]
        case Form.CONFIG_API:
            found = json.loads(text)
            del found["Defaults"]
            return json.dumps(found, indent=1, ensure_ascii=False) if found else ""
        case Form.TASK_XML:
            return text.partition("<Tasks>")[2].removesuffix("</Tasks>")
    return "\n[ ] ".join(["", *text.split("\n[ ] ")[1:]])


@pytest.mark.parametrize("case", SAID)
def test_a_case_is_rendered_as_expected(case: str, update_expected: bool) -> None:
    kind, content = all_kinds()[case.partition("/")[0]], read_case(case)
    sides = [whole(snapshot_of(kind, content, side)) for side in ("primary", "member")]
    made = None
    with suppress(PlanRefusedError):
        made = planned.planned(*sides)
    parts = []
    for form in Form if made and steps_of(made) else ():
        assert made is not None
        found = render(made, form)
        said = body(form, found.text).strip("\n")
        unsaid = [
            f"! {' '.join((each.step.title, *each.properties))}: {each.reason}" for each in found.unsaid
        ]
        if said or (form is not Form.TASK_XML and unsaid):
            parts.append("\n".join(filter(None, [f"=== {form.value}", said, *unsaid])))
    file = FOLDERS / case / "rendered.txt"
    rendered = "\n\n".join(parts) + "\n" if parts else ""
    if update_expected and rendered:
        file.write_text(rendered, "utf-8")
    assert rendered == (file.read_text("utf-8") if file.is_file() else "")
