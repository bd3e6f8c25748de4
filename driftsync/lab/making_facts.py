"""This module makes `facts.json.gz` out of a folder with the catalogue of system classes: run by hand, never by the lab.

    python -m driftsync.lab.making_facts CATALOGUE

The catalogue says nothing of the superclass of `%SYS.Task`; what is known of its properties stands here.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent / "facts.json.gz"

PACKAGES = ("Security.", "Config.")
SINGLE = [
    "OAuth2.Client",
    "OAuth2.Client.Metadata",
    "OAuth2.Endpoint",
    "OAuth2.Server.Client",
    "OAuth2.Server.Configuration",
    "OAuth2.Server.Metadata",
    "OAuth2.ServerDefinition",
    "%SYS.Task",
    "%SYS.Task.Config",
    "%SYS.Task.History",
    "%SYS.Task.RunLegacyTask",
    "%SYS.X509Credentials",
    "%SYS.PhoneProviders",
    "%Library.SQLConnection",
    "SYS.Database",
    "SYS.Mirror",
    "%SYSTEM.Mirror",
    "%SYSTEM.Security",
    "%SYSTEM.Version",
    "%SYSTEM.License",
    "%SYSTEM.Status",
    "%SYSTEM.Encryption",
    "%SYSTEM.SYS",
    "%SYSTEM.Util",
    "%SYSTEM.Process",
    "%SYS.Namespace",
    "%SYS.Ensemble",
    "%SYS.ProcessQuery",
    "%SYS.Journal.System",
    "%SYS.NLS.Locale",
    "%SYS.System",
    "%Library.File",
    "%Library.Routine",
    "%Library.RoutineMgr",
    "%Library.EnsembleMgr",
    "%Stream.FileCharacter",
    "%Stream.FileBinary",
    "%Dictionary.ClassDefinition",
    "%Dictionary.CompiledClass",
    "%Dictionary.CompiledMethod",
    "%Dictionary.CompiledProperty",
    "%Dictionary.CompiledQuery",
    "%SQL.Statement",
    "%SQL.StatementResult",
    "%SYSTEM.SQL.Security",
]
LEFT_OUT = (
    "Config.Common",
    "Config.Generic",
    "Config.NLS.Tables",
    "Config.NLS.SubTables",
    "Config.Configuration",
)

_NUMBER, _FLAG, _TEXT, _DATE = "%Library.Integer", "%Library.Boolean", "%Library.String", "%Library.Date"


def _choice(values: str, words: str, initial: str = "") -> dict[str, Any]:
    made: dict[str, Any] = {"type": _NUMBER, "params": {"VALUELIST": values, "DISPLAYLIST": words}}
    return {**made, "initial": initial} if initial else made


TASK: dict[str, dict[str, Any]] = {
    "TimePeriod": _choice(",0,1,2,3,4,5", ",Daily,Weekly,Monthly,Monthly Special,Run After,On Demand", "0"),
    "DailyFrequencyTime": _choice(",0,1", ",Minutes,Hourly"),
    "Priority": _choice(",0,1,2", ",Normal,Low,High", "0"),
    "MirrorStatus": _choice(",1,2,3", ",Primary,Non-Primary,Any"),
    "Suspended": _choice(",0,1,2", ",No,Suspend Leave,Suspend Reschedule", "0"),
    "Type": _choice(",0,1,2", ",System,System,User", "2"),
    **{
        name: {"type": _FLAG, "initial": initial}
        for name, initial in {
            "DeleteAfterRun": "0", "EmailOutput": "0", "Expires": "0", "IsBatch": "0", "OpenOutputFile": "0",
            "OutputFileIsBinary": "0", "RescheduleOnStart": "0", "SuspendOnError": "0", "SuspendTerminated": "1",
            "SkipAuditOnReschedule": "0",
        }.items()
    },
    **{name: {"type": _TEXT, "collection": "list"} for name in ("EmailOnCompletion", "EmailOnError", "EmailOnExpiration")},
    **{name: {"type": _DATE} for name in ("StartDate", "EndDate", "DayNextScheduled")},
    **{name: {"type": "%Library.Time"} for name in ("DailyStartTime", "DailyEndTime", "TimeNextScheduled")},
    **{name: {"type": _NUMBER} for name in ("DailyIncrement", "ExpiresDays", "ExpiresHours", "ExpiresMinutes", "RunningJobNumber")},
    **{name: {"type": "%Library.TimeStamp"} for name in ("LastStarted", "LastFinished", "LastSchedule")},
    "Name": {"type": _TEXT, "required": True, "params": {"MINLEN": "1", "MAXLEN": "50"}},
    "Description": {"type": _TEXT, "params": {"MAXLEN": "100"}},
    "NameSpace": {"type": _TEXT, "required": True},
    "TaskClass": {"type": _TEXT, "required": True},
    "TimePeriodEvery": {"type": _TEXT, "initial": "1"},
    "Settings": {"type": "%Library.List"},
}  # fmt: skip
"""What the class reference and exported tasks tell of `%SYS.TaskSuper`; the words of codes are expected, not proven."""


def _property(name: str, facts: dict[str, Any]) -> dict[str, Any]:
    kept = ("type", "initial", "required", "collection", "calculated", "transient", "internal", "private",
            "readonly", "relationship", "restart", "xmlprojection", "sqlfieldname")  # fmt: skip
    made = {key: facts[key] for key in kept if facts.get(key)}
    if "relationship" in made:
        made["relationship"] = True
    for key in ("collection", "xmlprojection"):
        if key in made:
            made[key] = str(made[key]).lower()
    params = {
        key: value
        for key, value in (facts.get("params") or {}).items()
        if key in {"MINVAL", "MAXVAL", "MINLEN", "MAXLEN", "VALUELIST", "DISPLAYLIST", "XMLNAME", "XMLIO"}
    }
    return {"name": name, **made, **({"params": params} if params else {})}


def _class(found: dict[str, Any], adaptors: set[str]) -> dict[str, Any]:
    properties = {facts["name"]: facts for facts in found["properties"]}
    if found["class"] == "%SYS.Task":
        for name, known in TASK.items():
            properties[name] = {**properties.get(name, {"name": name}), **known}
        for facts in properties.values():
            facts["type"] = facts.get("type") or _TEXT
    return {
        "table": found["sql_table"] or "",
        "blocked": bool(found["sql_dml_blocked"]),
        "xml": found["class"] in adaptors,
        "parameters": found["parameters"],
        "properties": [_property(name, facts) for name, facts in properties.items()],
        "methods": [
            {
                "name": method["name"],
                "class": bool(method["classmethod"]),
                "arguments": [
                    [argument["name"], argument.get("default"), bool(argument.get("byref") or argument.get("output"))]
                    for argument in method["args"]
                ],
                "returns": method.get("returns") or "",
                "internal": bool(method.get("internal")),
                "origin": method["origin"],
            }
            for method in found["methods"]
            if not method["name"].endswith(("Fetch", "Close"))
        ],
        "queries": [
            {
                "name": query["name"],
                "arguments": [[argument["name"], argument.get("default")] for argument in query["args"]],
                "columns": query["rowspec"] or [],
                "procedure": query["sqlproc"],
            }
            for query in found["queries"]
        ],
    }  # fmt: skip


def make(catalogue: Path) -> dict[str, Any]:
    """Return the facts of every class that the lab has."""
    loaded = {
        path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(catalogue.glob("*.json"))
    }
    adaptors: set[str] = {"%XML.Adaptor", "Config.CommonMethods"}
    for _ in range(4):
        adaptors |= {name for name, found in loaded.items() if adaptors & set(found["extends"] or ())}
    wanted = [
        name
        for name in loaded
        if (name.startswith(PACKAGES) and not name.startswith(LEFT_OUT)) or name in SINGLE
    ]
    return {name: _class(loaded[name], adaptors) for name in wanted}


def main(words: Sequence[str] | None = None) -> None:
    """Write the file anew, byte for byte the same for the same catalogue; leave it alone where there is none."""
    parser = argparse.ArgumentParser(
        prog="python -m driftsync.lab.making_facts",
        description="Make the lab's facts.json.gz anew out of a folder with the catalogue of system classes.",
    )
    parser.add_argument("catalogue", type=Path, help="the folder, with one <Class>.json for each class")
    catalogue: Path = parser.parse_args(words).catalogue
    if not (catalogue / f"{SINGLE[0]}.json").is_file():
        parser.error(f"{catalogue} is no catalogue: it has no {SINGLE[0]}.json; name the folder that has it")
    text = json.dumps(make(catalogue), separators=(",", ":"), sort_keys=True)
    with TARGET.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as packed:
        packed.write(text.encode())


if __name__ == "__main__":
    main()
