"""Every file that driftsync writes has a JSON Schema, generated from the nouns; `--update-expected` rewrites."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from driftsync.comparing import compare
from driftsync.delivering import Message, message_of
from driftsync.documents import read_member
from driftsync.files import ENCODER, SnapshotInMemory
from driftsync.fingerprinting import own_fingerprinter
from driftsync.model import (
    FORMAT_VERSION,
    Drift,
    Examination,
    Header,
    Line,
    MembersReport,
    MirrorReport,
    Plan,
    ReadinessReport,
    Rehearsal,
    Report,
    Run,
)

FOLDER = Path(__file__).parent.parent / "schemas"


def decoded(line: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """Return the noun of a line as a reader sees it: the parts that we leave encoded are objects."""
    fields = [
        (field.encode_name, dict[str, Any], {})
        if field.type is msgspec.Raw
        else (field.encode_name, field.type, field.default)
        for field in msgspec.structs.fields(line)
    ]
    required = [
        (name, kind) if default is msgspec.NODEFAULT else (name, kind, default)
        for name, kind, default in fields
    ]
    return msgspec.defstruct("Item", required, kw_only=True)


NOUNS = {
    "snapshot-header": Header,
    "snapshot-item": decoded(Line),
    "drift": Drift,
    "report": Report,
    "members": MembersReport,
    "doctor": Examination,
    "message": Message,
    "readiness": ReadinessReport,
    "rehearsal": Rehearsal,
    "plan": Plan,
    "run": Run,
}


def schema_of(noun: Any) -> dict[str, Any]:
    (schema,), components = msgspec.json.schema_components([noun], ref_template="#/$defs/{name}")
    for each in (
        schema,
        *components.values(),
    ):  # 3.13 takes the indentation out of docstrings, older ones do not
        if "description" in each:
            each["description"] = inspect.cleandoc(each["description"])
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "$defs": components}


@pytest.mark.parametrize("name", NOUNS)
def test_schema_is_that_of_the_noun(name: str, update_expected: bool) -> None:
    path = FOLDER / f"{name}.json"
    made = json.dumps(schema_of(NOUNS[name]), indent=2, ensure_ascii=False) + "\n"
    if update_expected:
        path.write_text(made, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == made, "make expected, and review the diff"


def test_no_schema_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(NOUNS)


def test_what_is_written_fits_its_schema(hospital: Path) -> None:
    primary = read_member(hospital / "hosp-a", fingerprinter=own_fingerprinter())
    member = read_member(hospital / "hosp-b", fingerprinter=own_fingerprinter())
    drift = compare(primary, member, show_local=True)
    assert drift.differences
    report = Report(
        format_version=FORMAT_VERSION,
        driftsync="test",
        taken_at=primary.header.taken_at,
        complete=drift.complete,
        mirrors=[MirrorReport(name="HOSPITAL", primary="hosp-a", drifts=[drift])],
    )
    for name, value in {
        "snapshot-header": primary.header,
        "drift": drift,
        "report": report,
        "message": message_of(report),
    }.items():
        jsonschema.validate(
            json.loads(ENCODER.encode(value)), json.loads((FOLDER / f"{name}.json").read_text())
        )
    schema = json.loads((FOLDER / "snapshot-item.json").read_text())
    for line in SnapshotInMemory(primary).lines():
        jsonschema.validate(json.loads(line), schema)


def test_drift_and_report_can_be_read_back(hospital: Path) -> None:
    primary = read_member(hospital / "hosp-a", fingerprinter=own_fingerprinter())
    member = read_member(hospital / "hosp-b", fingerprinter=own_fingerprinter())
    drift = compare(primary, member)
    again = msgspec.json.decode(ENCODER.encode(drift), type=Drift)
    assert ENCODER.encode(again) == ENCODER.encode(drift)


@pytest.fixture
def hospital() -> Path:
    return Path(__file__).parent.parent / "examples" / "hospital"
