"""The configuration parameter file: its grammar, its positions, its versions, and what a cut leaves of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftsync.documents.sections import split_sections
from driftsync.errors import ConflictError, DocumentError
from driftsync.model import Coverage, MemberRole, Product, Snapshot
from tests.documents import CPF, compared, drift, items, read, setting, written

HERE = Path("x.cpf")

LAST_VALUE = CPF.index("#----------")
"""Where the comments begin that a clone leaves at the end."""


def with_section(name: str, *lines: str) -> str:
    """Return the CPF with other lines in one section."""
    before, _head, rest = CPF.partition(f"[{name}]\n")
    return f"{before}[{name}]\n" + "".join(f"{line}\n" for line in lines) + "\n" + rest.partition("\n\n")[2]


# -- grammar ----------------------------------------------------------------------------------------------------


def test_a_whole_file_has_no_gap(tmp_path: Path) -> None:
    found = read(tmp_path, CPF)
    assert found.header.gaps == []
    assert {Coverage.WHOLE} == set(found.header.coverage.values())


def test_the_first_equals_sign_outside_quotes_divides_a_mapping(tmp_path: Path) -> None:
    assert compared(read(tmp_path, CPF), 'global-mapping:APP/Order("a=b")')["Database"] == "USER"


def test_a_mapping_whose_quote_is_never_closed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r":3: is neither"):
        split_sections(HERE, '\n[Map.APP]\nGlobal_X("a=b=APP\n')


def test_commas_and_colons_in_subscripts_stay_in_the_name(tmp_path: Path) -> None:
    assert compared(read(tmp_path, CPF), 'global-mapping:APP/Order("x,y"):("z")')["Database"] == "USER"


def test_comment_characters_inside_a_value_are_the_value(tmp_path: Path) -> None:
    found = read(tmp_path, CPF)
    assert setting(found, "SQL/IdTrxFrom") == r"""~ `!@#$%^&*()_+-=[]\{}|;':",./<>?"""
    assert compared(found, "device-subtype:C-ANSI")["CursorControl"] == '$C(27,91)_(DY+1)_";"_(DX+1)_"H"'
    assert compared(found, "device-subtype:C-ANSI")["FormFeed"].startswith("#,$C(27")


@pytest.mark.parametrize(
    "comment", ["# a=b", "; a=b", "// a=b", "/* a=b */", "/*\na=b\n*/", "/* a\n; b */", "  # indented"]
)
def test_a_whole_line_comment_is_nothing(tmp_path: Path, comment: str) -> None:
    changed = CPF.replace("[Journal]\n", f"[Journal]\n{comment}\n")
    assert read(tmp_path, changed).items == read(tmp_path, CPF).items


def test_what_follows_the_end_of_a_comment_counts() -> None:
    sections = split_sections(HERE, "[config]\n/* one\ntwo */ gmheap=1\n/* three */ locksiz=2\n")
    assert [(each.key, each.line) for each in sections.by_name["config"].entries] == [
        ("gmheap", 3),
        ("locksiz", 4),
    ]


def test_a_comment_that_never_ends_is_refused_where_it_begins(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r":2: a comment begins here"):
        split_sections(HERE, "[config]\n/* one\ngmheap=1\n")


def test_the_remarks_of_a_clone_are_no_drift(tmp_path: Path) -> None:
    assert drift(read(tmp_path, CPF), read(tmp_path, CPF[:LAST_VALUE])).clean


@pytest.mark.parametrize(
    "spelled",
    [
        CPF.replace("\n", "\r\n"),
        "\ufeff" + CPF,
        "\n\n" + CPF,
        CPF.replace("\n\n", "\n\n\n"),
        CPF.replace("\n", "  \n").replace("gmheap", "  gmheap"),
        CPF.rstrip("\n"),
        CPF[:LAST_VALUE].rstrip("\n"),
        CPF.replace("[config]", "[Config]")
        .replace("[Journal]", "[JOURNAL]")
        .replace("[Map.APP]", "[map.app]"),
        CPF.replace("\n", "\r"),
    ],
    ids=["CRLF", "BOM", "blank first", "blank lines", "spaces", "no end", "no end of value", "case", "CR"],
)
def test_another_spelling_is_no_drift(tmp_path: Path, spelled: str) -> None:
    assert drift(read(tmp_path, CPF), read(tmp_path, spelled)).clean


def test_the_order_of_sections_and_keys_means_nothing(tmp_path: Path) -> None:
    head, *rest = CPF[:LAST_VALUE].rstrip().split("\n\n")
    turned = [
        head,
        *(body.split("\n")[0] + "\n" + "\n".join(body.split("\n")[:0:-1]) for body in rest[-2::-1]),
        rest[-1],
    ]
    assert drift(read(tmp_path, CPF), read(tmp_path, "\n\n".join(turned) + "\n")).clean


def test_a_line_that_is_nothing_is_refused_without_being_quoted(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r":4: is neither") as caught:
        read(tmp_path, CPF.replace("\n\n[ECPS", "\ncanary-in-a-damaged-line\n\n[ECPS"))
    assert "canary" not in f"{caught.value}{caught.value.hint}{caught.value.details}"


def test_a_section_or_a_key_twice_is_refused_with_both_lines(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r":4: section \[Config\] .* line 1"):
        split_sections(HERE, "[config]\ngmheap=1\n\n[Config]\ngmheap=1\n")
    with pytest.raises(DocumentError, match=r":3: \[config\] gmheap has another value here than at line 2"):
        split_sections(HERE, "[config]\ngmheap=1\ngmheap=canary\n")
    split_sections(HERE, "[config]\ngmheap=1\ngmheap=1\n")


def test_one_name_in_two_cases_is_a_conflict_where_iris_ignores_case(tmp_path: Path) -> None:
    with pytest.raises(ConflictError, match=r":\d+: .* has another Server here than in .*:\d+"):
        read(tmp_path, with_section("Databases", "IRISSYS=/m/", "App=:mirror:C:A,ONE", "APP=:mirror:C:A,TWO"))


# -- positions --------------------------------------------------------------------------------------------------


def test_a_remote_database_of_a_mirror_has_no_path(tmp_path: Path) -> None:
    remote = items(read(tmp_path, CPF))["database:REMOTE"]
    assert remote.compared["Server"] == "DATA1"
    assert remote.local["Directory"] == ":mirror:CARE:APP"


def test_routines_default_to_globals(tmp_path: Path) -> None:
    other = with_section("Namespaces", "%SYS=IRISSYS,IRISSYS", "APP=APP,APP", "USER=USER,USER,IRISTEMP")
    assert drift(read(tmp_path, CPF), read(tmp_path, other)).clean


def test_keys_may_hold_every_sort_of_character(tmp_path: Path) -> None:
    found = items(read(tmp_path, CPF))
    assert {
        "sql-datatype:system/VARCHAR(%1,%2)",
        "device:|PRN|",
        "language-server:%JDBC Server",
    } <= found.keys()
    assert found["sql-datatype:system/VARCHAR(%1,%2)"].compared != {}


def test_the_arbiter_is_one_field_of_a_mirror(tmp_path: Path) -> None:
    mirror = compared(read(tmp_path, CPF), "mirror:CARE")
    assert mirror["ArbiterNode"] == "arbiter|2188"
    assert mirror["QOSTimeout"] == 8000


def test_the_name_of_a_member_may_hold_a_slash_and_its_dn_is_base64(tmp_path: Path) -> None:
    entry = compared(read(tmp_path, CPF), "mirror-member-map:CARE/HOST-A/IRIS")
    assert entry["SSLComputerName"] == "CN=a,OU=IRIS"
    assert entry["MirrorSSPort"] == 1972


def test_a_member_knows_its_role_from_its_own_row(tmp_path: Path) -> None:
    assert read(tmp_path, CPF).header.member.role is MemberRole.UNKNOWN
    own = CPF.replace("SystemName=", "SystemName=HOST-A/IRIS")
    found = read(tmp_path, own).header
    assert (found.member.role, found.member.instance, found.member.mirror) == (
        MemberRole.FAILOVER,
        "HOST-A/IRIS",
        "CARE",
    )
    assert found.facts.virtual_address is True
    dr = own.replace("F92AAF60,/data/,0,", "F92AAF60,/data/,2,")
    assert read(tmp_path, dr).header.member.role is MemberRole.DR_ASYNC


def test_gateways_of_2021_and_of_2023_agree(tmp_path: Path) -> None:
    old = with_section("Gateways", "%JDBC Server=JDBC,127.0.0.1,53772")
    new = with_section("Gateways", "%JDBC Server=JDBC,53772,,,,,,,,")
    assert drift(read(tmp_path, old), read(tmp_path, new)).clean


def test_the_address_of_a_remote_gateway_of_2021_is_kept(tmp_path: Path) -> None:
    old = with_section("Gateways", "Elsewhere=Remote,10.1.1.1,53000")
    assert compared(read(tmp_path, old), "language-server:Elsewhere") == {
        "Type": "Remote",
        "Port": 53000,
        "Field1": ["10.1.1.1"],
    }


def test_an_unknown_section_or_sort_of_line_is_a_gap(tmp_path: Path) -> None:
    reasons = [gap.reason for gap in read(tmp_path, CPF + "[Invented]\na=b\n").header.gaps]
    assert any("[Invented] is covered by no kind" in reason for reason in reasons)
    reasons = [gap.reason for gap in read(tmp_path, with_section("Map.APP", "Other_X=APP")).header.gaps]
    assert any("[Map.APP] is of a sort that no kind covers" in reason for reason in reasons)


# -- versions ---------------------------------------------------------------------------------------------------


def test_a_file_without_product_is_of_cache(tmp_path: Path) -> None:
    assert read(tmp_path, CPF).header.facts.product is Product.IRIS
    old = CPF.replace("Product=IRIS\n", "").replace("2024.1", "2017.1").replace("IRISSYS", "CACHESYS")
    assert read(tmp_path, old).header.facts.product is Product.CACHE


def test_a_damaged_head_does_not_make_another_product(tmp_path: Path) -> None:
    assert read(tmp_path, CPF.replace("Product=IRIS\n", "")).header.facts.product is Product.IRIS


def test_without_version_it_is_a_merge_file(tmp_path: Path) -> None:
    found = read(tmp_path, CPF.replace("Version=2024.1", "DefaultGlobals=USER"))
    assert found.header.sources[0].format == "merge-file"
    assert Coverage.WHOLE not in found.header.coverage.values()


@pytest.mark.parametrize(
    ("section", "kind", "since", "before"),
    [
        ("Gateways", "language-server", "2021.1", "2020.4"),
        ("WorkQueues", "work-queue", "2023.1", "2022.3"),
        ("Logging", "instance-setting", "2024.1", "2023.3"),
    ],
)
def test_a_section_counts_from_its_release_on(
    tmp_path: Path, section: str, kind: str, since: str, before: str
) -> None:
    head, _name, rest = CPF.partition(f"[{section}]\n")
    without = head + rest.partition("\n\n")[2]
    lost = read(tmp_path, without.replace("2024.1", since)).header
    assert [gap.kind for gap in lost.gaps if f"[{section}]" in gap.reason] == [kind]
    older = read(tmp_path, without.replace("2024.1", before)).header
    assert not [gap for gap in older.gaps if f"[{section}]" in gap.reason]
    if kind != "instance-setting":
        assert kind not in older.coverage


def test_a_section_that_a_conversion_kept_is_looked_at_in_an_older_release(tmp_path: Path) -> None:
    assert (
        read(tmp_path, CPF.replace("2024.1", "2020.4")).header.coverage["language-server"] is Coverage.WHOLE
    )


# -- cuts -------------------------------------------------------------------------------------------------------


def promises_of_a_cut(whole: Snapshot, folder: Path, content: bytes, cut: int, nothing_lost: int) -> None:
    """Check that a cut makes a gap or an error, and neither a difference nor a complete comparison."""
    try:
        part = read(folder, content[:cut])
    except DocumentError:
        return
    for found in (drift(whole, part), drift(part, whole)):
        assert found.differences == [], content[max(0, cut - 30) : cut]
        assert not found.complete or cut >= nothing_lost, content[max(0, cut - 30) : cut]


CHINESE = CPF.replace("^^Printer", "^^打印机").replace("[SQL]", "[SQL]\nDefaultSchema=数据")
OF_2021 = (
    CPF.replace("2024.1", "2021.1")
    .replace("[Gateways]\n%JDBC Server=JDBC,53772,%Gateway_SQL,,,,,,,0\n\n", "")
    .replace("[MirrorMember]", "[Gateways]\n%JDBC Server=JDBC,127.0.0.1,53772\n\n[MirrorMember]")
)
VARIANTS = {
    "LF": CPF.encode(),
    "CRLF": CPF.replace("\n", "\r\n").encode(),
    "UTF-8": CHINESE.encode(),
    "UTF-16": CHINESE.encode("utf-16"),
    "GBK": CHINESE.encode("gbk"),
    "2021": OF_2021.encode(),
    "HTML": ("<html><a name='cpf'></a><pre>" + CPF + "</pre></html>").encode(),
}


def where_nothing_is_lost(variant: str) -> int:
    """Return the position from which on a cut takes away comments or line ends only."""
    content = VARIANTS[variant]
    last = "13:50:21".encode("utf-16-le" if variant == "UTF-16" else "ascii")
    return content.index(last) + len(last)


@pytest.mark.parametrize("variant", VARIANTS)
@settings(max_examples=80)
@given(data=st.data())
def test_a_cut_is_a_gap_and_never_a_difference(
    tmp_path_factory: pytest.TempPathFactory, variant: str, data: st.DataObject
) -> None:
    folder, content = tmp_path_factory.mktemp("cut"), VARIANTS[variant]
    cut = data.draw(st.integers(1, len(content) - 1))
    promises_of_a_cut(read(folder, content), folder, content, cut, where_nothing_is_lost(variant))


@pytest.mark.parametrize("variant", ["LF", "CRLF"])
def test_a_cut_at_the_edges_of_every_section(tmp_path: Path, variant: str) -> None:
    content = VARIANTS[variant]
    whole = read(tmp_path, content)
    for section in (each for each in content.split(b"\n") if each.startswith(b"[")):
        start = content.index(section)
        for cut in range(max(1, start - 3), start + len(section) + 4):
            promises_of_a_cut(whole, tmp_path, content, cut, where_nothing_is_lost(variant))


@pytest.mark.soak
@pytest.mark.parametrize("variant", VARIANTS)
def test_a_cut_at_every_byte(tmp_path: Path, variant: str) -> None:
    content = VARIANTS[variant]
    whole = read(tmp_path, content)
    for cut in range(1, len(content)):
        promises_of_a_cut(whole, tmp_path, content, cut, where_nothing_is_lost(variant))


def test_a_name_that_was_cut_is_no_name(tmp_path: Path) -> None:
    """A shorter name would clash, or hide a clash, with that of another member."""
    cut = CPF[: CPF.index("SystemName=")] + "SystemName=HOST-A"
    assert "SystemName" not in compared(read(tmp_path, cut), "mirror-member:this")
    assert read(tmp_path, cut).header.member.instance == ""


def test_an_edited_file_that_lacks_a_section_has_a_gap_for_it(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        CPF.replace("[Devices]", "[Devices]\n").partition("[Devices]")[0] + CPF[CPF.index("[MagTapes]") :],
    )
    assert [(gap.kind, found.header.coverage[gap.kind]) for gap in found.header.gaps] == [
        ("device", Coverage.NONE)
    ]


def test_a_value_of_the_cut_file_is_whole_or_absent(tmp_path: Path) -> None:
    path = written(tmp_path, "x", "")
    values = {each.key.match: each for each in read(path.parent, CPF).items}
    for cut in range(CPF.index("[Journal]"), CPF.index("[Devices]"), 7):
        for item in read(tmp_path, CPF[:cut]).items:
            whole = values[item.key.match]
            assert item.compared == whole.compared or (
                item.partial and item.compared.items() <= whole.compared.items()
            )
