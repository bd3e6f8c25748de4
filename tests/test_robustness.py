"""Whatever a file holds, the command line ends in 0, 1, 2 or 3, says one line on 2, and tells nothing of the content."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import Ended
from tests.documents import CONFIG_API, CPF, MERGE, SECURITY, TASKS, written

Cli = Callable[..., Ended]

QUICK = settings(max_examples=40)
SAMPLES = {
    "cpf": CPF.encode(),
    "merge": MERGE.encode(),
    "security": SECURITY.encode(),
    "tasks": TASKS.encode(),
    "config-api": CONFIG_API.encode(),
    "report": f"<html><pre><div id=CPFfile></div>CPF file\n{CPF}</pre></html>".encode(),
    "utf-16": CPF.encode("utf-16"),
}

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "canary">'
    + "".join(
        f'<!ENTITY {name} "{"&" + before + ";" * 1}{("&" + before + ";") * 9}">'
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]><SecurityExport>&i;</SecurityExport>"
)
EXTERNAL = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><RolesExport><Roles><Name>&e;</Name></Roles></RolesExport>'

BROKEN = {
    "nothing": b"",
    "spaces": b" \t\r\n \n",
    "zero bytes": b"\0" * 1000,
    "only a BOM": b"\xef\xbb\xbf",
    "picture": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "archive": b"PK\x03\x04\x14\0",
    "garbage": bytes(range(256)) * 8,
    "high garbage": bytes(range(128, 256)) * 8,
    "words": b"canary\ncanary\n",
    "bomb": BOMB.encode(),
    "bomb in UTF-16": BOMB.replace("?xml", "?xml", 1).encode("utf-16"),
    "bomb in UTF-7": BOMB.replace('"1.0"', '"1.0" encoding="UTF-7"', 1).replace("<!DOCTYPE", "+ADw-!DOCTYPE").encode(),
    "external entity": EXTERNAL.encode(),
    "external entity in UTF-7": EXTERNAL.replace('"1.0"', '"1.0" encoding="UTF-7"').replace("<!DOCTYPE", "+ADwAIQ-DOCTYPE").encode(),
    "document type": b"<!DOCTYPE SecurityExport SYSTEM 'http://127.0.0.1:1/x.dtd'><SecurityExport/>",
    "unknown entity": b"<RolesExport><Roles><Name>&canary;</Name></Roles></RolesExport>",
    "wrong encoding": b"<?xml version='1.0' encoding='UTF-16'?><RolesExport><Roles><Name>canary</Name></Roles></RolesExport>",
    "invented encoding": b"<?xml version='1.0' encoding='canary'?><RolesExport/>",
    "not the encoding": "<?xml version='1.0' encoding='UTF-8'?><RolesExport><Roles><Name>canaryé</Name></Roles></RolesExport>".encode("latin-1"),
    "zero byte in XML": SECURITY.encode().replace(b"Clerk", b"can\0ary"),
    "zero byte in CPF": CPF.encode().replace(b"gmheap", b"can\0ary"),
    "surrogate in XML": b"<RolesExport><Roles><Name>&#xD800;</Name></Roles></RolesExport>",
    "surrogate in JSON": b'{"Security.Roles": {"canary": {"Description": "\\ud800"}}}',
    "surrogate in bytes": b'{"Security.Roles": {"canary": {"Description": "\xed\xa0\x80"}}}x',
    "section twice": CPF.encode() + b"[config]\ngmheap=1\n",
    "section twice in JSON": b'{"Startup": {"IPv6": 0},\n"Startup": {"IPv6": 1}}',
    "deep XML": b"<SecurityExport>" + b"<a>" * 100_000,
    "deep closed XML": b"<RolesExport>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</RolesExport>",
    "deep JSON": b'{"Startup":' * 100_000,
    "deep closed JSON": b'{"Startup":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "half deep JSON": b'{"Security.Users": {"a": {"Comment":' + b"[" * 400 + b"]" * 400 + b"}}}",
    "list in JSON": b"[1, 2]",
    "comment without end": b"[config]\n/* canary\ngmheap=1\n",
    "quote without end": b'[Actions]\nCreateRole:Name="canary\n',
    "line of a CPF": CPF.encode().replace(b"\n\n[Devices]", b"\ncanary\n\n[Devices]"),
    "audit": b"<AuditExport><Audit><EventData>canary</EventData></Audit></AuditExport>",
    "Manifest": b"<Manifest><Namespace Name='canary'/></Manifest>",
    "two roots": SECURITY.encode() + b"<SecurityExport/>",
    "bracket": b"[",
    "angle": b"<",
    "brace": b"{",
}  # fmt: skip

WITHOUT_LINES = {"nothing at all"}


def check(ended: Ended, path: Path, *, reads: bool = True) -> None:
    """Check what is promised of every end, whatever the file."""
    assert ended.code in {0, 1, 2, 3}, ended
    assert "Traceback" not in ended.err
    if ended.code == 2:
        assert ended.out == ""
        assert ended.err.count("\n") == 1, ended.err
        assert str(path) in ended.err
    elif reads:
        assert "canary" not in ended.err


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    return written(tmp_path, "whole", CPF)


# -- files that are broken --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_in_one_line(tmp_path: Path, whole: Path, cli: Cli, name: str) -> None:
    path = written(tmp_path, "broken", BROKEN[name])
    output = written(tmp_path, "out.json", "what was there")
    for words in (
        ("diff", whole, path),
        ("diff", path, whole, "-o", output),
        ("snapshot", path, "-o", output),
    ):
        ended = cli(*words)
        check(ended, path)
        assert ended.code == 2, ended
        assert "canary" not in ended.err
        assert output.read_text() == "what was there"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["broken", "out.json", "whole"]


@pytest.mark.parametrize("name", BROKEN)
def test_details_tell_nothing_of_the_content_either(tmp_path: Path, cli: Cli, name: str) -> None:
    path = written(tmp_path, "broken", BROKEN[name])
    ended = cli("snapshot", path, "-o", tmp_path / "out", "--verbose")
    assert ended.code == 2
    assert "canary" not in ended.out + ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    "name", ["bomb", "document type", "section twice", "line of a CPF", "zero byte in CPF", "comment without end",
             "quote without end", "surrogate in XML", "not the encoding", "two roots"],
)  # fmt: skip
def test_the_line_is_named(tmp_path: Path, cli: Cli, name: str) -> None:
    path = written(tmp_path, "broken", BROKEN[name])
    assert re.search(rf"{re.escape(str(path))}:\d+: ", cli("snapshot", path, "-o", tmp_path / "out").err)


def test_a_broken_file_in_a_folder_stops_it(tmp_path: Path, whole: Path, cli: Cli) -> None:
    folder = tmp_path / "folder"
    written(folder, "a", CPF)
    path = written(folder, "b", SECURITY[:400])
    ended = cli("diff", whole, folder)
    check(ended, path)
    assert ended.code == 2


# -- places that are no files -----------------------------------------------------------------------------------


def test_a_missing_file(tmp_path: Path, whole: Path, cli: Cli) -> None:
    path = tmp_path / "missing"
    ended = cli("diff", whole, path)
    check(ended, path)
    assert ended.code == 2


def test_an_empty_folder_and_one_without_exports(tmp_path: Path, whole: Path, cli: Cli) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for _round in range(2):
        ended = cli("diff", folder, whole)
        check(ended, folder)
        assert ended.code == 2
        written(folder, "a.png", BROKEN["picture"])


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="everything can be read here")
def test_a_file_and_a_folder_that_must_not_be_read(tmp_path: Path, whole: Path, cli: Cli) -> None:
    path = written(tmp_path / "folder", "closed", CPF)
    for closed in (path, path.parent):
        closed.chmod(0)
        ended = cli("diff", whole, closed)
        closed.chmod(0o700)
        check(ended, closed)
        assert ended.code == 2


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
@pytest.mark.parametrize("inside", [False, True])
def test_links_that_lead_nowhere(tmp_path: Path, whole: Path, cli: Cli, inside: bool) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, target in (("loop", "loop"), ("broken", "nowhere")):
        link = folder / name
        link.symlink_to(target)
        ended = cli("diff", whole, folder if inside else link)
        check(ended, folder)
        assert ended.code == 2
        link.unlink()


@pytest.mark.skipif(sys.platform == "win32", reason="no such files there")
def test_a_pipe_is_not_waited_for(tmp_path: Path, whole: Path, cli: Cli) -> None:
    os.mkfifo(tmp_path / "pipe")
    ended = cli("diff", whole, tmp_path / "pipe")
    check(ended, tmp_path / "pipe")
    assert ended.code == 2


# -- sizes ------------------------------------------------------------------------------------------------------

MEGABYTES = 50
LONG = {
    "cpf": (b"[ConfigFile]\nVersion=2024.1\n[config]\ngmheap=", b"9", b"\n"),
    "xml": (b"<RolesExport><Roles><Name>", b"x", b"</Name></Roles></RolesExport>"),
    "many records": (b"<RolesExport>", b"<Roles/>", b"</RolesExport>"),
    "many properties": (b"<RolesExport><Roles>", b"<a/>", b"</Roles></RolesExport>"),
    "json text": (b'{"Startup": {"IPv6": "', b"x", b'"}}'),
    "json lists": (b'{"Startup": [', b"[],", b"1]}"),
    "blank lines": (b"[config]", b"\n", b"x"),
    "spaces": (b"", b" ", b"[config]"),
    "brackets": (b"", b"[", b""),
    "angles": (b"", b"<", b""),
    "high bytes": (b"[a]\nb=", b"\xe9 ", b""),
    "comments": (b"", b"<!--", b""),
    "html": (b"<html><div id=CPFfile>", b"[ConfigFile]", b""),
    "actions": (b"[Actions]\nCreateRole:Name=x,Roles=", b"a,", b"\n"),
}
"""What begins a file, fills it, and ends it. It is made when it is wanted: together they are most of a gigabyte."""
LESS = {"actions": 1}
"""Megabytes where fewer say enough."""


def long(name: str) -> bytes:
    first, unit, last = LONG[name]
    return first + unit * ((LESS.get(name, MEGABYTES) << 20) // len(unit)) + last


RUN = "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, ({0}, {0})); from driftsync.cli import main; main()"


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are set as Linux does")
@pytest.mark.parametrize("name", LONG)
def test_fifty_megabytes_in_one_line_cost_neither_memory_nor_time(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, "long", long(name))
    words = [sys.executable, "-c", RUN.format(1 << 30), "snapshot", str(path), "-o", str(tmp_path / "out")]
    began = time.monotonic()
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    check(Ended(done.returncode, done.stdout, done.stderr), path)
    assert time.monotonic() - began < 20
    assert (tmp_path / "out").exists() == (done.returncode != 2)


def test_the_limit_of_memory_is_in_force() -> None:
    words = [
        sys.executable,
        "-c",
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30)); b'x' * (1 << 31)",
    ]
    assert resource.RLIMIT_AS is not None
    assert subprocess.run(words, capture_output=True, check=False).returncode == 1


# -- mutations --------------------------------------------------------------------------------------------------


def mutations(content: bytes) -> st.SearchStrategy[bytes]:
    """Bytes flipped, inserted, deleted, duplicated; lines swapped, doubled, dropped; the end cut off."""
    position = st.integers(0, len(content) - 1)
    spans = st.tuples(position, st.integers(1, 60))
    lines = content.split(b"\n")
    line = st.integers(0, len(lines) - 1)

    def swapped(pair: tuple[int, int]) -> bytes:
        changed = list(lines)
        changed[pair[0]], changed[pair[1]] = changed[pair[1]], changed[pair[0]]
        return b"\n".join(changed)

    return st.one_of(
        position.map(lambda at: content[:at]),
        st.tuples(position, st.integers(1, 255)).map(
            lambda pair: content[: pair[0]] + bytes([content[pair[0]] ^ pair[1]]) + content[pair[0] + 1 :]
        ),
        spans.map(lambda pair: content[: pair[0]] + content[sum(pair) :]),
        spans.map(lambda pair: content[: sum(pair)] + content[pair[0] :]),
        st.tuples(position, st.binary(min_size=1, max_size=4)).map(
            lambda pair: content[: pair[0]] + pair[1] + content[pair[0] :]
        ),
        st.tuples(position, st.sampled_from([b'"', b"<", b">", b"=", b"[", b"]", b"{", b"}", b"\n", b",", b"${x}", b"/*", b"&", b"9" * 400, b"1e999"])).map(
            lambda pair: content[: pair[0]] + pair[1] + content[pair[0] :]
        ),
        st.tuples(line, line).map(swapped),
        line.map(lambda at: b"\n".join([*lines[: at + 1], *lines[at:]])),
        line.map(lambda at: b"\n".join([*lines[:at], *lines[at + 1 :]])),
    )  # fmt: skip


def endings(cli: Cli, folder: Path, name: str, content: bytes) -> Iterator[Ended]:
    whole = written(folder, "whole", SAMPLES[name])
    path = written(folder, "mutated", content)
    output = folder / "out.json"
    output.unlink(missing_ok=True)
    for words in (("diff", whole, path, "--format", "json"), ("diff", path, whole, "-o", output)):
        ended = cli(*words)
        check(ended, path, reads=False)
        yield ended
    assert output.exists() == (ended.code != 2)


def survive(cli: Cli, folder: Path, name: str, content: bytes) -> None:
    codes = {ended.code for ended in endings(cli, folder, name, content)}
    assert len(codes) == 1


@pytest.mark.parametrize("name", SAMPLES)
@QUICK
@given(data=st.data())
def test_a_mutated_file_is_read_or_refused(tmp_path: Path, cli: Cli, name: str, data: st.DataObject) -> None:
    survive(cli, tmp_path, name, data.draw(mutations(SAMPLES[name])))


@pytest.mark.parametrize("name", ["security", "tasks", "config-api"])
@QUICK
@given(data=st.data())
def test_a_cut_export_is_refused(tmp_path: Path, cli: Cli, name: str, data: st.DataObject) -> None:
    content = SAMPLES[name].rstrip()
    path = written(tmp_path, "cut", content[: data.draw(st.integers(1, len(content) - 1))])
    ended = cli("snapshot", path, "-o", tmp_path / "out")
    check(ended, path)
    assert ended.code == 2
    assert not (tmp_path / "out").exists()


@QUICK
@given(content=st.binary(min_size=1, max_size=300))
@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"[config]\n",
        b"[Actions]\n",
        b"{",
        b"<",
        b"<Tasks><Task>",
        b"\xff\xfe",
        b"[ConfigFile]\nVersion=1\n",
    ],
)
def test_any_bytes_are_read_or_refused(tmp_path: Path, cli: Cli, start: bytes, content: bytes) -> None:
    path = written(tmp_path, "any", start + content)
    check(cli("snapshot", path, "-o", tmp_path / "out"), path, reads=False)


@pytest.mark.soak
@pytest.mark.parametrize("name", SAMPLES)
@given(data=st.data())
def test_many_mutations(tmp_path: Path, cli: Cli, name: str, data: st.DataObject) -> None:
    once = data.draw(mutations(SAMPLES[name]))
    survive(cli, tmp_path, name, data.draw(mutations(once)) if once else b"x")


@pytest.mark.parametrize(
    ("sample", "secret"),
    [("cpf", b"cafe"), ("merge", b"cafe"), ("security", b"Y2FuYXJ5LWhhc2g="), ("tasks", b"Q2FuYXJ5")],
)
@QUICK
@given(data=st.data())
def test_damage_beside_a_secret_does_not_tell_it(
    tmp_path: Path, cli: Cli, sample: str, secret: bytes, data: st.DataObject
) -> None:
    content = SAMPLES[sample].replace(secret, b"canarycanary")
    at = content.find(b"canary") + data.draw(st.integers(-12, 20))
    hit = data.draw(st.sampled_from([b"\n", b"<", b"]", b"", b"\0", b"\xff", b'"', b"&"]))
    damaged = content[:at] + hit + content[at + 1 :]
    path = written(tmp_path, "damaged", damaged)
    ended = cli("snapshot", path, "-o", tmp_path / "out", "--verbose")
    if ended.code == 2:
        assert "canary" not in ended.err


# -- through the real program -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["bomb", "garbage", "deep XML", "deep JSON", "zero byte in CPF"])
def test_the_program_itself_ends_as_promised(tmp_path: Path, whole: Path, name: str) -> None:
    path = written(tmp_path, "broken", BROKEN[name])
    words = [sys.executable, "-c", "from driftsync.cli import main; main()", "diff", str(whole), str(path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=30)
    check(Ended(done.returncode, done.stdout, done.stderr), path)
    assert done.returncode == 2
