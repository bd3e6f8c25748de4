"""Files are recognised by content, read in every encoding, and joined into one member."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from driftsync.documents import FORMATS, read_member
from driftsync.documents.recognising import UnknownFormatError, read_document
from driftsync.errors import ConflictError, DocumentError
from driftsync.files import write_snapshot
from driftsync.model import Coverage
from tests.documents import (
    CONFIG_API,
    CPF,
    FINGERPRINTER,
    MERGE,
    SECURITY,
    TASKS,
    compared,
    drift,
    items,
    read,
    setting,
    written,
)

CHINESE = CPF.replace("^^Printer", "^^打印机").replace("[SQL]", "[SQL]\nDefaultSchema=住院数据")
JAPANESE = CPF.replace("^^Printer", "^^プリンター")


def report(block: str, mark: str = "<div id=CPFfile></div>CPF file") -> str:
    return f"<html><head><title>x</title></head><body>\n{mark}\n<pre>\n{block}</pre>\n<p>more</p></body></html>\n"


EACH_FORMAT = {
    "cpf": CPF,
    "merge-file": MERGE,
    "security-export": SECURITY,
    "security-class-export": "<RolesExport><Roles><Name>A</Name></Roles></RolesExport>",
    "task-export": TASKS,
    "config-api": CONFIG_API,
    "diagnostic-report": report(CPF),
}


def folder_with(tmp_path: Path, **files: str | bytes) -> Path:
    for name, content in files.items():
        written(tmp_path / "folder", name, content)
    return tmp_path / "folder"


def read_folder(folder: Path, **words: object):
    return read_member(folder, fingerprinter=FINGERPRINTER, **words)


# -- by content -------------------------------------------------------------------------------------------------


def test_there_is_a_sample_of_each_format() -> None:
    assert EACH_FORMAT.keys() == FORMATS.keys()


@pytest.mark.parametrize(
    "name", ["iris.cpf", "security.xml", "tasks.json", "page.html", "picture.png", "README"]
)
@pytest.mark.parametrize("format", EACH_FORMAT)
def test_the_name_of_a_file_says_nothing(tmp_path: Path, format: str, name: str) -> None:
    assert read_document(written(tmp_path, name, EACH_FORMAT[format])).format == format


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n....", "PNG picture"),
        (b"PK\x03\x04....", "ZIP archive"),
        (b"\x1f\x8b\x08....", "gzip archive"),
        (b"%PDF-1.7", "PDF"),
        (b'{"name": "package"}', "no section of config-api"),
        (b"<AuditExport><Audit/></AuditExport>", "audit records"),
        (b"<?xml version='1.0'?><Manifest/>", "Manifest"),
        (b"<Export generator='IRIS' version='26'><Class name='x'/></Export>", "Manifest"),
        (b"<Project/>", "root <Project>"),
        (
            b"05/20/24-13:50:21:123 (684) 1 [Utility.Event] Becoming primary mirror server\n",
            "log of messages",
        ),
        (b"Class My.Installer Extends %Library.RegisteredObject\n{\n}\n", "source of a class"),
        (b"just words\n", "no format"),
        (b"\xef\xbb\xbf \n x", "no format"),
    ],
)
def test_what_is_nothing_of_ours_is_passed_over_in_a_folder(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    with pytest.raises(UnknownFormatError, match=reason):
        read_document(written(tmp_path, "alone", content))
    found = read_folder(folder_with(tmp_path, a=CPF, b=content))
    assert reason in found.header.sources[-1].remark
    assert found.header.gaps == []


def test_a_damaged_file_is_not_passed_over(tmp_path: Path) -> None:
    for content in (SECURITY[:-20], TASKS[:-8], CONFIG_API[:-4], "[config]\nx\ny=1\n"):
        with pytest.raises(DocumentError, match=r"b:\d+: "):
            read_folder(folder_with(tmp_path, a=CPF, b=content))


# -- reports ----------------------------------------------------------------------------------------------------


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


@pytest.mark.parametrize(
    "page",
    [
        report(CPF),
        report(CPF).replace("pre>", "PRE>"),
        report(CPF, '<a name="cpf"></a>Configuration File /usr/irissys/iris.cpf:'),
        report(escaped(CPF), '<a name="cpf"></a>Configuration File /usr/irissys/iris.cpf:'),
        report(CPF.rstrip("\n")),
        report(CPF[: CPF.index("#---")].rstrip("\n")),
        "<!DOCTYPE HTML>\n" + report(CPF).replace("\n", "\r\n"),
    ],
    ids=["raw", "upper case", "diagnostic", "escaped", "no end", "no end of value", "doctype"],
)
def test_the_copy_in_a_report_is_the_whole_file(tmp_path: Path, page: str) -> None:
    found = read(tmp_path, page)
    assert setting(found, "SQL/IdTrxFrom") == r"""~ `!@#$%^&*()_+-=[]\{}|;':",./<>?"""
    assert drift(read(tmp_path, CPF), found).clean


def test_what_looks_like_an_entity_in_an_unescaped_copy_stays(tmp_path: Path) -> None:
    changed = CPF.replace("Terminal=^%X364", "Terminal=a&lt;b")
    assert setting(read(tmp_path, report(changed)), "IO/Terminal") == "a&lt;b"


def test_an_error_in_a_report_counts_lines_of_the_report(tmp_path: Path) -> None:
    page = report(CPF.replace("[Journal]\n", "[Journal]\ncanary\n"))
    line = page[: page.index("canary")].count("\n") + 1
    with pytest.raises(DocumentError, match=f":{line}: is neither"):
        read(tmp_path, page)


def test_a_report_without_a_copy_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="without a copy"):
        read(tmp_path, report("nothing"))


# -- encodings --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [CHINESE, JAPANESE], ids=["Chinese", "Japanese"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_text_arrives_as_it_is(tmp_path: Path, text: str, encoding: str) -> None:
    found = read(tmp_path, text.encode(encoding))
    assert found.items == read(tmp_path, text).items
    assert compared(found, "device:|PRN|")["Description"] in {"打印机", "プリンター"}


def test_another_encoding_is_remarked(tmp_path: Path) -> None:
    assert "read as GBK" in read(tmp_path, CHINESE.encode("gbk")).header.sources[0].remark
    found = read(tmp_path, CPF.replace("^^Printer", "^^imprimé à côté").encode("latin-1"))
    assert compared(found, "device:|PRN|")["Description"] == "imprimé à côté"
    assert "read as Latin-1" in found.header.sources[0].remark


def test_text_of_big_endian_utf16_arrives(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xfe\xff" + CHINESE.encode("utf-16-be")).items == read(tmp_path, CHINESE).items


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (CPF.encode() + "病".encode()[:2], "middle of a character"),
        (CHINESE.encode("gbk") + "病".encode("gbk")[:1], "middle of a character"),
        (CHINESE.encode("utf-16")[:-1], "not the UTF-16"),
        (b"\xef\xbb\xbf[a]\nb=\xff\n", r":2: is not the UTF-8 that"),
        (b"[a]\nb=\0\n", ":2: .*zero byte"),
        (b"\xef\xbb\xbf[a]\nb=\0\n", ":2: .*zero byte"),
        ("[a]\nb=\0\n".encode("utf-16"), ":2: .*zero byte"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        read(tmp_path, content)


# -- one member -------------------------------------------------------------------------------------------------


def test_a_folder_is_one_member(tmp_path: Path) -> None:
    agreeing = CONFIG_API.replace("Payroll:RW", "Payroll:RW,%DB_APP:R")
    folder = folder_with(tmp_path, a=CPF, b=SECURITY, c=TASKS, d=agreeing)
    found = read_folder(folder)
    assert found.header.member.name == "folder"
    assert [source.format for source in found.header.sources] == [
        "cpf",
        "security-export",
        "task-export",
        "config-api",
    ]
    assert found.header.gaps == []
    assert compared(found, "web-application:/csp/pay")["Path"] == "${mgr}/csp/pay"


def test_hidden_files_and_folders_inside_are_left_alone(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, **{"a": CPF, ".b": b"\x89PNG", "sub/c": "[x]\ny"})
    assert len(read_folder(folder).header.sources) == 1


@pytest.mark.parametrize(
    ("first", "second", "property"),
    [
        (CPF, CPF.replace("gmheap=37568", "gmheap=canary1").replace("canary", ""), "Value"),
        (CPF, "[Startup]\nDefaultPort=1973\n", "Value"),
        (CPF, CONFIG_API.replace("1972", "51972"), "Value"),
        (
            SECURITY,
            "<RolesExport>\n<Roles><Name>clerk</Name><Description>canary</Description></Roles></RolesExport>",
            "Description",
        ),
    ],
)
def test_two_documents_that_disagree_are_both_named(
    tmp_path: Path, first: str, second: str, property: str
) -> None:
    with pytest.raises(ConflictError, match=rf"{property} here than in .*first") as caught:
        read_folder(folder_with(tmp_path, first=first, second=second))
    assert caught.value.path.name == "second"
    assert "canary" not in str(caught.value)


def test_documents_that_agree_are_joined(tmp_path: Path) -> None:
    merge = "[Actions]\nModifyRole:Name=Clerk,Description=x,GrantedRoles=%Developer\n"
    found = read_folder(folder_with(tmp_path, a=SECURITY, b=SECURITY, c=merge))
    assert compared(found, "role:Clerk")["Description"] == "x"
    assert found.header.coverage["role"] is Coverage.WHOLE


def test_what_one_document_lost_stays_lost(tmp_path: Path) -> None:
    cut = CPF[: CPF.index("[Devices]")]
    found = drift(read(tmp_path, CPF.replace("|PRN|=", "|NEW|=")), read_folder(folder_with(tmp_path, a=cut)))
    assert found.differences == []


def test_a_snapshot_in_a_folder_is_refused(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, a=CPF)
    with (folder / "b").open("wb") as file:
        write_snapshot(read(tmp_path, CPF), file)
    with pytest.raises(DocumentError, match="snapshot inside a folder"):
        read_folder(folder)


def test_a_folder_without_exports_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(DocumentError, match="no file in this folder"):
        read_folder(tmp_path / "folder")


@pytest.mark.skipif(sys.platform == "win32", reason="no such files there")
def test_what_is_no_regular_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path / "fifo", Path("/dev/zero")):
        with pytest.raises(DocumentError, match="no regular file"):
            read_folder(path)


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux only")
def test_a_name_that_is_no_unicode_can_be_stored(tmp_path: Path) -> None:
    name = os.fsdecode(b"cpf-\xff")
    found = read_member(
        written(tmp_path, name, "[Actions]\nCreateRole:Name=${x}\n"), fingerprinter=FINGERPRINTER
    )
    with (tmp_path / "out").open("wb") as file:
        write_snapshot(found, file)
    assert "\\udcff" in found.header.gaps[0].reason


def test_items_stand_in_the_order_of_their_keys(tmp_path: Path) -> None:
    found = read_folder(folder_with(tmp_path, a=CPF, b=SECURITY, c=TASKS))
    keys = [item.key.match for item in found.items]
    assert keys == sorted(keys)
    assert len(items(found)) == found.header.items
