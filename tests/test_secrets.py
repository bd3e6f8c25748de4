"""No secret appears anywhere: a canary in every place where an administrator's files can hold one."""

from __future__ import annotations

import base64
import json
import logging
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest

from driftsync.errors import KeyFileError
from driftsync.fingerprinting import Fingerprinter, key_file, own_fingerprinter
from driftsync.kinds import all_kinds
from driftsync.kinds.places import Record
from driftsync.kinds.spec import Treat
from driftsync.model import Secret, SecretAnswer
from tests.serial import encode_pairs

CANARY = "Kanarienvogel-7391"


def security_export(version: str) -> str:
    """Return an export of every class with a canary in every SECRET property."""
    containers = []
    for kind in all_kinds().values():
        for place in kind.places:
            if not isinstance(place, Record):
                continue
            fields = {name: "X" for name in (*kind.identity.properties, kind.identity.namespace) if name}
            for declared in kind.properties:
                if declared.treat is Treat.SECRET:
                    fields[declared.name] = f"{CANARY}-{declared.name}-{version}"
            fields["NeverHeardOf"] = f"{CANARY}-unlisted-{version}"
            if kind.name == "user":
                fields["AutheEnabled"] = "2097152"
            inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())
            containers.append(f"<{place.tag}Export><{place.tag}>{inner}</{place.tag}></{place.tag}Export>")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<SecurityExport>{"".join(containers)}</SecurityExport>\n'


def task_export(version: str) -> str:
    tasks = []
    for number, task_class in enumerate(
        ["Site.Task.Feed", "%SYS.Task.RunLegacyTask", "%SYS.Task.PurgeJournal"]
    ):
        settings = {
            "Password": f"{CANARY}-{version}",
            "ExecuteCode": f'do ^FEED("{CANARY}","{version}")',
            "Target": f"ftp://u:{CANARY}{version}@host/",
            "ApiKey": "12345",
        }
        encoded = base64.b64encode(encode_pairs(settings)).decode()
        tasks.append(
            f"<Task><Name>T{number}</Name><NameSpace>APP</NameSpace><TaskClass>{task_class}</TaskClass>"
            f"<Settings>{encoded}</Settings></Task>"
        )
    return "<?xml version='1.0'?><Tasks>" + "\n\n".join(tasks) + "</Tasks>"


def config_api(version: str) -> str:
    urls = [
        f"jdbc:IRIS://host:1972/NS?password={CANARY}{version}",
        f"jdbc:sqlserver://host:1433;databaseName=d;user=u;password={CANARY}{version}",
        f"jdbc:oracle:thin:u/{CANARY}{version}@//host:1521/s",
        f"jdbc:postgresql://u:{CANARY}{version}@host/d",
        f"jdbc:odd {CANARY}{version}",
    ]
    connections = {
        f"C{number}": {
            "isJDBC": True,
            "URL": url,
            "pwd": f"{CANARY}{version}",
            "properties": f"k={CANARY}{version}",
        }
        for number, url in enumerate(urls)
    }
    users = {"merged": {"PasswordHash": f"{CANARY},{version},1000,SHA512", "Enabled": 1}}
    return json.dumps({"Library.SQLConnection": connections, "Security.Users": users})


def merge_file(version: str) -> str:
    return (
        f"[Startup]\nPasswordHash={CANARY}{version}\nNeverHeardOf={CANARY}{version}\n"
        f"[Devices]\nTAPE=tape^MT^M/UX^^{CANARY}{version}^^x^\n[Actions]\n"
        f"ModifyUser:Name=labfeed,PasswordHash={CANARY},{version},10000,SHA512,Enabled=1\n"
        f'Execute:Namespace="%SYS",ClassName="A",MethodName="B",Arg1="{CANARY}{version}"\n'
        f'CreateSSLConfig:Name=LAB,PrivateKeyPassword="{CANARY}{version}"\n'
    )


@pytest.fixture
def members(tmp_path: Path) -> Path:
    for member, version in (("a", "one"), ("b", "two")):
        folder = tmp_path / member
        folder.mkdir()
        (folder / "security.xml").write_text(security_export(version), encoding="utf-8")
        (folder / "tasks.xml").write_text(task_export(version), encoding="utf-8")
        (folder / "config.json").write_text(config_api(version), encoding="utf-8")
        (folder / "merge.cpf").write_text(merge_file(version), encoding="utf-8")
    (tmp_path / "driftsync.toml").write_text(
        '[mirror.M]\nprimary = "A"\n[member.A]\nsource = "a"\n[member.B]\nsource = "b"\nwhole = ["all"]\n'
    )
    return tmp_path


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_no_canary_in_any_output(
    members: Path, cli: Callable[..., Any], caplog: pytest.LogCaptureFixture, own_state: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    inputs = set(files_below(members))
    a, b = members / "a", members / "b"
    said = [cli("snapshot", member, "-o", members / f"{member.name}.jsonl", "--verbose") for member in (a, b)]
    for shape in ("terminal", "json", "markdown", "html", "junit", "sarif", "prometheus"):
        flags = ("--format", shape, "--verbose", "--show-local", "--whole", "all")
        said.append(cli("diff", a, b, *flags))
        said.append(cli("diff", a, b, *flags, "-o", members / f"diff.{shape}"))
        said.append(cli("diff", members / "a.jsonl", members / "b.jsonl", *flags[:4]))
        said.append(cli("report", "--settings", members / "driftsync.toml", *flags[:4]))
    assert {each.code for each in said} <= {0, 1, 3}
    said.append(cli("diff", a, b, "--format", "nagios"))
    said.append(cli("diff", a, b, "--format", "nagios", "-o", members / "diff.nagios"))
    assert any("user:labfeed" in each.out or "user:X" in each.out for each in said)
    for each in said:
        assert CANARY not in each.out
        assert CANARY not in each.err
    for path in {*files_below(members), *files_below(own_state)} - inputs:
        assert CANARY.encode() not in path.read_bytes(), path
    assert CANARY not in caplog.text


def test_a_changed_secret_is_reported_without_being_shown(members: Path, cli: Callable[..., Any]) -> None:
    ended = cli("diff", members / "a", members / "b", "--whole", "all", "--format", "json")
    found = {each["key"]: each for each in json.loads(ended.out)["differences"]}
    changed = {change["property"]: change for change in found["sql-gateway-connection:C1"]["changes"]}
    assert {"pwd", "properties", "URL"} <= set(changed)
    assert changed["URL"]["expected"]["shown"] == "jdbc:sqlserver://host:1433…"
    assert "Settings" in {change["property"] for change in found["task:APP/T0"]["changes"]}
    assert "tls-configuration:X" in found


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("security.xml", "</SecurityExport>"),
        ("tasks.xml", "</Tasks>"),
        ("config.json", "}"),
        ("merge.cpf", "="),
    ],
)
def test_no_canary_in_errors_about_damaged_files(
    members: Path, cli: Callable[..., Any], name: str, damage: str
) -> None:
    path = members / "a" / name
    text = path.read_text(encoding="utf-8")
    for broken in (
        text.replace(damage, ""),
        text[: len(text) * 2 // 3],
        text.replace("<", f"&{CANARY};<", 3),
    ):
        path.write_text(broken, encoding="utf-8")
        ended = cli("diff", members / "a", members / "b", "--verbose")
        assert CANARY not in ended.out + ended.err
        assert "Traceback" not in ended.err


# -- the type and the key -----------------------------------------------------------------------------------


def test_a_secret_never_shows_itself() -> None:
    secret = Fingerprinter(b"k" * 32).fingerprint("user:x Password", CANARY)
    for text in (repr(secret), str(secret), f"{secret}", repr({"Password": [secret]})):
        assert CANARY not in text
        assert "secret" in text


def test_three_answers() -> None:
    maker, other = Fingerprinter(b"k" * 32), Fingerprinter(b"o" * 32)
    one = maker.fingerprint("p", "hash", context=("salt",))
    assert one.against(maker.fingerprint("p", "hash", context=("salt",))) is SecretAnswer.SAME
    assert one.against(maker.fingerprint("p", "other", context=("salt",))) is SecretAnswer.DIFFERENT
    assert one.against(maker.fingerprint("p", "hash", context=("pepper",))) is SecretAnswer.NOT_COMPARABLE
    assert one.against(other.fingerprint("p", "hash", context=("salt",))) is SecretAnswer.NOT_COMPARABLE


def test_one_secret_in_two_places_has_two_fingerprints() -> None:
    maker = Fingerprinter(b"k" * 32)
    assert maker.fingerprint("user:a Password", "x") != maker.fingerprint("user:b Password", "x")
    assert maker.fingerprint("p", "ab", "c") != maker.fingerprint("p", "a", "bc")


def test_the_key_is_made_once_and_for_its_owner_alone() -> None:
    first = own_fingerprinter()
    assert first.key_id == own_fingerprinter().key_id
    if sys.platform != "win32":
        assert stat.S_IMODE(key_file().stat().st_mode) == 0o600


@pytest.mark.skipif(
    sys.platform == "win32", reason="modes are POSIX; on Windows the access list is set instead"
)
def test_a_key_that_others_can_read_is_refused() -> None:
    own_fingerprinter()
    key_file().chmod(0o644)
    with pytest.raises(KeyFileError, match="others can read"):
        own_fingerprinter()


@pytest.mark.parametrize("content", ["", "zz", "ab" * 8, "\u75c5"])
def test_a_damaged_key_is_an_error_and_is_not_replaced(content: str) -> None:
    own_fingerprinter()
    key_file().write_text(content, encoding="utf-8")
    with pytest.raises(KeyFileError):
        own_fingerprinter()
    assert key_file().read_text(encoding="utf-8") == content


def test_repr_of_a_fingerprinter_does_not_show_its_key() -> None:
    assert (b"k" * 32).hex() not in repr(Fingerprinter(b"k" * 32))
    assert "kkkk" not in repr(Fingerprinter(b"k" * 32))


def test_a_secret_is_a_type_of_its_own() -> None:
    assert not isinstance(Secret("a:b:c"), str)
