"""The HTML report: complete and safe as text, and usable when a browser really drives it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import unquote

import lxml.html
import msgspec
import pytest

from driftsync.model import (
    FORMAT_VERSION,
    Acknowledgement,
    Change,
    Changed,
    Clash,
    Coverage,
    CoveragePair,
    Difference,
    Drift,
    Extra,
    Extraction,
    Facts,
    Gap,
    KindReading,
    Member,
    MemberRole,
    MirrorReport,
    Missing,
    Night,
    Note,
    NoteType,
    Origin,
    Product,
    ReadinessReport,
    Reopened,
    Report,
    Resolved,
    Secret,
    Severity,
    Source,
    Standing,
    Summary,
    Unreadable,
    WithoutRun,
)
from driftsync.model.drift import Party
from driftsync.reporting.html import as_html
from driftsync.version import __version__

HOSTILE = "<script>alert('x')</script><img src=x onerror=\"alert(1)\">"
NAMES = [
    "病人门户",
    "בית חולים",
    "a b\tc",
    "%All",
    'it\'s "quoted"',
    "~gaps",
    "{{ 7 * 7 }}",
    "</style><!--",
    HOSTILE,
]
TOKENS = ("canary-of-the-primary", "canary-of-the-member")
AT = "2026-11-20T22:10:00+00:00"


def party(name: str, role: MemberRole = MemberRole.BACKUP, remark: str = "") -> Party:
    return Party(
        name=name,
        member=Member(name=name, role=role),
        facts=Facts(product=Product.IRIS, release="2024.1"),
        taken_at=AT,
        sources=[Source(path=f"/exports/{name}/iris.cpf", format="cpf", remark=remark)],
    )


def changed(key: str, severity: Severity, *changes: Change) -> Changed:
    return Changed(key=key, kind=key.partition(":")[0], severity=severity, changes=list(changes))


def every_sort() -> list[Difference]:
    many = {f"Property{number}": f"value-{number}" for number in range(9)}
    return [
        Missing(
            key="role:Payroll",
            kind="role",
            severity=Severity.FAILOVER,
            expected={"Resources": {"%DB_PAY": "RW"}, "Description": "", "Password": Secret(TOKENS[0])},
        ),
        Missing(key="role:%Developer", kind="role", severity=Severity.SECURITY, expected={}, product=True),
        changed(
            "user:anna",
            Severity.SECURITY,
            Change(property="Password", expected=Secret(TOKENS[0]), actual=Secret(TOKENS[1])),
            Change(property="Roles", expected=["A", "B"], actual=["A"], detail=[f"- B{n}" for n in range(9)]),
            Change(property="Unheard", expected="x" * 900, actual=None, unlisted=True),
        ),
        Extra(key="task:Purge old", kind="task", severity=Severity.APPLICATION, actual=many),
        Clash(
            key="mirror-member:this instance",
            kind="mirror-member",
            severity=Severity.FAILOVER,
            changes=[Change(property="SystemName", expected="HOSP-A", actual="HOSP-A")],
        ),
        changed(
            "unheard-kind:thing", Severity.HYGIENE, Change(property="Width", expected="W" * 200, actual="")
        ),
    ]


def hostile() -> list[Difference]:
    return [
        changed(
            f"web-application:/{name}",
            Severity.HYGIENE,
            Change(property=name, expected=name, actual=f"{name}!", detail=[f"- {name}"]),
        )
        for name in NAMES
    ]


GAPS = [
    Gap(reason="made with other salts", kind="user", key=f"user:u{number}", property="Password", member="b")
    for number in range(20)
] + [
    Gap(reason=f"reason with {HOSTILE}", kind="task", member="b"),
    Gap(reason="not allowed to read", kind="sql-privilege", namespace="APP", member="b"),
]


def drift(
    differences: list[Difference],
    gaps: list[Gap] | None = None,
    name: str = "hosp-b",
    role: MemberRole = MemberRole.BACKUP,
) -> Drift:
    gaps = gaps or []
    counts = {
        each.__name__.lower(): sum(isinstance(d, each) for d in differences)
        for each in (Missing, Extra, Changed, Clash)
    }
    whole, none = Coverage.WHOLE, Coverage.NONE
    return Drift(
        format_version=FORMAT_VERSION,
        complete=not gaps,
        primary=party("hosp-a", MemberRole.PRIMARY),
        member=party(name, role, remark=f"remark {HOSTILE}"),
        summary=Summary(**counts, gaps=len(gaps), compared=412, local=1, product=1),
        differences=differences,
        gaps=gaps,
        coverage={"role": CoveragePair(whole, whole), "task": CoveragePair(whole, none)},
        notes=[
            Note(type=NoteType.LOCAL, kind="database", key="database:APP", property="Directory", text="why"),
            Note(type=NoteType.UNLISTED, kind="role", text=HOSTILE, expected=1, actual=None),
        ],
    )


def report() -> Report:
    return Report(
        format_version=FORMAT_VERSION,
        driftsync="9.8.7",
        taken_at=AT,
        complete=False,
        mirrors=[
            MirrorReport(
                name="HOSPITAL",
                primary="hosp-a",
                drifts=[
                    drift(every_sort(), GAPS),
                    drift(every_sort()[:2], name="hosp-dr"),
                    drift([], name="hosp-c"),
                ],
                unreadable=[Unreadable(member="hosp-e", reason="no document here", hint=f"export {HOSTILE}")],
            ),
            MirrorReport(
                name="LAB", primary="lab-a", drifts=[], unreadable=[Unreadable(member="lab-a", reason="gone")]
            ),
            MirrorReport(name="ALONE", primary="alone-a", drifts=[]),
        ],
    )


def extracted(of: Drift) -> Drift:
    """The same, as if the member had been read live: with another route than the best, and something unsaid."""
    roles = KindReading(
        route="objects of Security.Roles", closed=[f"with %All only {HOSTILE}"], round_trips=9
    )
    how = Extraction(
        driver="5.3.2", version="IRIS", round_trips=211, seconds=5.4,
        kinds={"role": roles, "task": KindReading(route="SELECT FROM %SYS.Task")},
    )  # fmt: skip
    facts = msgspec.structs.replace(of.member.facts, unobserved={"mirror.arbiter": "not permitted"})
    member = msgspec.structs.replace(of.member, sources=[], extraction=how, facts=facts)
    return msgspec.structs.replace(of, member=member)


def word(until: str, reason: str = "known", owner: str = "M. Oyelaran") -> Acknowledgement:
    return Acknowledgement(
        mirror="HOSPITAL", member="hosp-b", key="", reason=reason, owner=owner, until=until, accepted_at=AT, seen="x"
    )  # fmt: skip


def standings(previous: str = "2026-11-17T22:10:00+00:00") -> Night:
    """Every way in which the six differences of `every_sort` can stand."""
    since, now = "2026-11-01T22:10:00+00:00", AT
    return Night(
        at=AT,
        run=3,
        previous=previous,
        primary_before="hosp-b",
        missed=2,
        standings=[
            Standing(member="hosp-b", key="role:Payroll", new=True, since=now, origin=Origin.PRIMARY),
            Standing(member="hosp-b", key="role:%Developer", new=False, since=since, origin=Origin.NEVER),
            Standing(member="hosp-b", key="user:anna", new=True, since=now, origin=Origin.MEMBER),
            Standing(
                member="hosp-b", key="task:Purge old", new=False, since=since, origin=Origin.NEVER,
                accepted=word("2026-11-22", f"until the move {HOSTILE}"),
            ),
            Standing(
                member="hosp-b", key="mirror-member:this instance", new=True, since=since, origin=Origin.BOTH,
                reopened=Reopened.CHANGED,
            ),
            Standing(
                member="hosp-b", key="unheard-kind:thing", new=False, since=since, origin=Origin.NEVER,
                accepted=word("2027-06-01"),
            ),
        ],
        resolved=[
            Resolved(member="hosp-b", key=f"resource:{HOSTILE}", kind="resource", type="missing",
                     severity=Severity.SECURITY, since=since),
        ],
    )  # fmt: skip


def night_report(previous: str = "2026-11-17T22:10:00+00:00") -> Report:
    """Two mirrors: one with every sort of news, one that is quiet; and one that nobody read."""
    quiet = Night(at=AT, run=4, previous=AT, standings=[])
    kept = drift(every_sort()[:1], name="lab-b")
    all_accepted = Standing(
        member="lab-b", key="role:Payroll", new=False, since=AT, origin=Origin.NEVER, accepted=word("2026-11-30")
    )  # fmt: skip
    return Report(
        format_version=FORMAT_VERSION,
        driftsync="9.8.7",
        taken_at=AT,
        complete=False,
        mirrors=[
            MirrorReport(
                name="LAB", primary="lab-a", drifts=[kept],
                night=msgspec.structs.replace(quiet, standings=[all_accepted]),
            ),
            MirrorReport(
                name="HOSPITAL", primary="hosp-a",
                drifts=[extracted(drift(every_sort(), GAPS)), drift([], name="hosp-dr")],
                night=standings(previous),
            ),
            MirrorReport(name="FULL", primary="full-a", drifts=[drift([], name="full-b")], not_kept="disk full"),
        ],
        without_run=[WithoutRun(mirror="GONE", last="2026-10-01T01:00:00+00:00"), WithoutRun(mirror="NEVER")],
    )  # fmt: skip


PAGES = {
    "every sort": drift(every_sort(), GAPS),
    "hostile": drift(hostile(), GAPS, name=HOSTILE),
    "clean": drift([]),
    "only gaps": drift([], GAPS),
    "report": report(),
    "night": night_report(),
    "first night": night_report(previous=""),
    "empty report": Report(
        format_version=FORMAT_VERSION, driftsync="9", taken_at="?", complete=True, mirrors=[]
    ),
}


def drifts_of(found: Drift | Report) -> list[Drift]:
    return (
        [found]
        if isinstance(found, Drift)
        else [drift for mirror in found.mirrors for drift in mirror.drifts]
    )


def parsed(found: Drift | Report) -> lxml.html.HtmlElement:
    return lxml.html.fromstring(as_html(found))


def text_of(element: lxml.html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


@pytest.fixture(params=PAGES, ids=str)
def found(request: pytest.FixtureRequest) -> Drift | Report:
    return PAGES[request.param]


def test_every_difference_and_every_gap_is_in_the_page(found: Drift | Report) -> None:
    page = parsed(found)
    rows = page.xpath("//tbody[contains(concat(' ', @class, ' '), ' d ')]")
    keys = [row.xpath(".//th")[0].xpath(".//bdi")[0].text_content() for row in rows]
    wanted = [each.key for drift in drifts_of(found) for each in drift.differences]
    assert keys == wanted or (sorted(keys) == sorted(wanted) and "night" in str(page.xpath("//@class")))
    said = text_of(page.xpath("//main")[0])
    for each in drifts_of(found):
        for gap in each.gaps:
            assert " ".join(gap.reason.split()) in said
            assert (gap.key or gap.kind) in said
        for difference in each.differences:
            for change in getattr(difference, "changes", []):
                assert " ".join(change.property.split()) in said


def test_without_javascript_nothing_is_hidden_and_no_filter_is_offered(found: Drift | Report) -> None:
    page = parsed(found)
    assert not page.xpath("//*[contains(@class, 'd ')][@hidden]")
    assert not page.xpath("/html[contains(@class, 'js')]")
    assert ".filters { display: none; }" in page.xpath("//style")[0].text


def test_values_stand_side_by_side() -> None:
    row = parsed(drift(every_sort())).get_element_by_id("hosp-b-user:anna")
    values = [text_of(each) for each in row.xpath(".//td[contains(@class, 'v')]")]
    assert values[0] == "(secret)"
    assert values[1] not in {"", "(secret)"}
    assert values[2:4] == ["A, B", "A"]
    assert values[4].endswith("x" * 900)
    assert values[5] == "(empty)"
    assert [each.text_content() for each in row.xpath(".//td[contains(@class, 'detail')]//li")] == [
        f"- B{number}" for number in range(9)
    ]


# -- a night -----------------------------------------------------------------------------------------------------------


def test_what_is_new_stands_on_top_and_leads_to_its_row() -> None:
    page = parsed(night_report())
    assert "4 new differences" not in text_of(page.xpath("//h1")[0])
    assert text_of(page.xpath("//h1//span[contains(@class, 'line')]")[0]) == "✗3 new differences"
    tonight = page.xpath("//section[contains(@class, 'tonight')]")[0]
    said = text_of(tonight)
    for words in (
        "Mirror GONE is not in this report; its last run was on 2026-10-01.",
        "Mirror NEVER is not in this report and never had a run.",
        "3 new, 1 still open, 1 resolved, 2 accepted",
        "The primary was hosp-b then and is hosp-a now.",
        "2 nights before this one have no run.",
        "This run could not be kept, so nothing is known of what is new: disk full",
        "Resolved: 1",
    ):
        assert words in said, words
    news = tonight.xpath(".//ul[@class='news']/li")
    assert [text_of(each.xpath(".//a")[0]) for each in news] == [
        "mirror-member:this instance", "user:anna", "role:Payroll",
    ]  # fmt: skip
    assert "changed on both: a conflict" in text_of(news[0])
    assert "was accepted with other values" in text_of(news[0])
    # mirrors with news come first, quiet ones in one line each
    assert [text_of(each) for each in tonight.xpath(".//article/h3")] == ["HOSPITAL", "FULL"]
    assert "LAB" in text_of(tonight.xpath(".//ul[@class='quiet']")[0])


def test_each_difference_says_how_it_stands_and_not_by_colour_alone() -> None:
    page = parsed(night_report())

    def said(key: str) -> str:
        return text_of(page.get_element_by_id(f"hosp-b-{key}").xpath(".//*[contains(@class, 'standing')]")[0])

    assert said("role:Payroll") == "● NEW changed on the primary"
    assert said("role:%Developer") == "○ since 2026-11-01"
    assert said("user:anna") == "● NEW ⚠ changed on the member: a conflict"
    assert said("mirror-member:this_instance").startswith("↻ OPEN AGAIN ⚠ was accepted with other values; ")
    assert said("unheard-kind:thing") == (
        "✓ accepted until 2027-06-01 (for 194 more days) by M. Oyelaran known"
    )
    assert "until 2026-11-22 (for 3 more days)" in said("task:Purge_old")
    soon = page.get_element_by_id("hosp-b-task:Purge_old").xpath(".//span[@class='soon']")
    assert len(soon) == 1


def test_what_was_accepted_is_counted_and_folded() -> None:
    page = parsed(night_report())
    folds = page.xpath("//details[@class='accepted']")
    assert [text_of(each.xpath("./summary")[0]).split(":")[0] for each in folds] == [
        "✓ 1 accepted difference", "✓ 2 accepted differences",
    ]  # fmt: skip
    assert not any("open" in each.attrib for each in folds)
    hosp = page.get_element_by_id("member-hosp-b")
    assert "Differences: 4 and 2 accepted" in text_of(hosp)
    assert "1 member differs only in what was accepted" in text_of(page.xpath("//h1")[0])
    assert "1 of 4 members differs from its primary" in text_of(page.xpath("//h1")[0])
    assert page.get_element_by_id("member-lab-b").get("class") == "member accepted"


def test_the_first_night_calls_nothing_new() -> None:
    page = parsed(night_report(previous=""))
    assert "First run that is kept: 6 differences." in text_of(page.xpath("//section[@class='tonight']")[0])
    row = page.get_element_by_id("hosp-b-role:Payroll")
    assert text_of(row.xpath(".//*[contains(@class, 'standing')]")[0]) == "○ first seen"


def test_how_a_running_member_was_read() -> None:
    backing = text_of(parsed(night_report()).get_element_by_id("member-hosp-b~backing").getparent())
    for words in (
        "read live in 5.4 s with 211 round trips, by driver 5.3.2",
        "the preferred route could not read, and another did 1",
        "objects of Security.Roles",
        "with %All only <script>",
        "What hosp-b was asked and did not say 1",
        "mirror.arbiter",
        "not permitted",
    ):
        assert words in backing, words


def test_without_a_store_nothing_is_said_of_nights() -> None:
    page = parsed(report())
    assert not page.xpath("//*[contains(@class, 'tonight') or contains(@class, 'standing')]")
    assert not page.xpath("//*[@id='f-standing']")


def test_what_a_kind_means_stands_above_its_rows() -> None:
    head = text_of(parsed(drift(every_sort())).xpath("//tbody[@data-k='role']")[0])
    assert "Users and applications that hold the role" in head
    assert "Mirrored? no" in head
    assert "Set in System Administration > Security > Roles" in head


def test_hostile_text_stays_text() -> None:
    page = as_html(PAGES["hostile"])
    assert "<img" not in page
    assert "alert(1)" in page
    tree = lxml.html.fromstring(page)
    assert len(tree.xpath("//script")) == 2
    assert not tree.xpath("//script[contains(., 'alert')]")
    assert not tree.xpath("//@onerror")
    assert len(tree.xpath("//style")) == 1
    assert "{{ 7 * 7 }}" in page


def test_anchors_are_unique_and_links_lead_somewhere(found: Drift | Report) -> None:
    page = parsed(found)
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    for link in page.xpath("//a/@href"):
        assert link.startswith("#")
        assert unquote(link[1:]) in ids
    for label in page.xpath("//@aria-labelledby"):
        assert label in ids


def test_nothing_is_loaded_from_anywhere(found: Drift | Report) -> None:
    page = parsed(found)
    assert page.xpath("//link/@href") == ["data:,"]
    assert not page.xpath("//@src | //@srcset | //@action | //iframe | //object | //embed | //base")
    source = as_html(found)
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest|https?://", source)
    policy = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert "default-src 'none'" in policy


def test_secrets_are_not_in_the_page(found: Drift | Report) -> None:
    page = as_html(found)
    assert not any(token in page for token in TOKENS)


def test_a_member_that_could_not_be_read_is_as_loud_as_drift() -> None:
    page = parsed(report())
    verdict = text_of(page.xpath("//h1")[0])
    assert "2 of 5 members differ from their primary" in verdict
    assert "2 members could not be read or compared at all" in verdict
    lost = [text_of(each) for each in page.xpath("//section[@class='lost']")]
    assert len(lost) == 2
    assert "hosp-e" in lost[0]
    assert "no document here" in lost[0]
    assert "export" in lost[0]
    assert "no member of mirror LAB could be compared" in lost[1]
    overview = text_of(page.xpath("//table[contains(@class, 'overview')]")[0])
    assert all(name in overview for name in ("hosp-b", "hosp-c", "hosp-dr", "hosp-e", "lab-a", "ALONE"))


def test_a_member_that_never_takes_over_does_not_fail_the_failover() -> None:
    reporting = drift(every_sort(), name="hosp-r", role=MemberRole.REPORTING_ASYNC)
    backup = drift(every_sort()[1:2])
    for drifts, said in (([reporting], "never takes over"), ([reporting, backup], "After a failover")):
        mirrors = [MirrorReport(name="HOSPITAL", primary="hosp-a", drifts=drifts)]
        found = Report(
            format_version=FORMAT_VERSION, driftsync="9", taken_at=AT, complete=True, mirrors=mirrors
        )
        assert said in text_of(parsed(found).xpath("//main/header")[0])


def test_gaps_stand_before_the_differences() -> None:
    source = as_html(PAGES["every sort"])
    assert source.index('class="gaps"') < source.index('class="differences"')


@pytest.mark.parametrize(
    ("name", "state"), [("every sort", "drift"), ("only gaps", "gap"), ("clean", "clean")]
)
def test_the_verdict_comes_first_and_is_not_said_by_colour_alone(name: str, state: str) -> None:
    page = parsed(PAGES[name])
    first = page.xpath("//h1")[0]
    assert first.xpath(".//span[contains(@class, 'mark')]/@class")[0] == f"mark {state}"
    assert text_of(first)[0] == {"drift": "✗", "gap": "?", "clean": "✓"}[state]


def test_where_it_comes_from_and_who_made_it() -> None:
    said = text_of(parsed(PAGES["every sort"]))
    for words in (
        "/exports/hosp-a/iris.cpf",
        "remark <script>",
        "2026-11-20 22:10 UTC",
        __version__,
        "could not be read",
    ):
        assert words in said
    assert "driftsync 9.8.7" in text_of(parsed(report()))


def test_every_field_has_a_label_and_every_table_heads() -> None:
    page = parsed(report())
    for field in page.xpath("//input | //select"):
        assert field.xpath("ancestor::label"), field.get("id")
    assert not page.xpath("//th[not(@scope)]")
    assert page.get("lang")


def test_ten_thousand_differences_stay_a_page_one_can_mail() -> None:
    rows = [
        Missing(key=f"role:R{n}", kind="role", severity=Severity.SECURITY, expected={"Description": f"d{n}"})
        for n in range(10_000)
    ]
    begun = datetime.now(timezone.utc)
    page = as_html(drift(rows))
    assert len(page) < 9_000_000
    assert (datetime.now(timezone.utc) - begun).total_seconds() < 20


CHROMIUM = next(
    filter(
        None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"))
    ),
    None,
)
DRIVER = """
<script>
(async () => {
  const outcome = {};
  const seen = () => [...document.querySelectorAll("tbody.d")].filter((row) => row.checkVisibility() && getComputedStyle(row).display !== "none");
  const set = async (name, value) => {
    const field = document.getElementById("f-" + name);
    if (field.type === "checkbox") { field.checked = value; } else { field.value = value; }
    field.dispatchEvent(new Event(field.type === "search" ? "input" : "change"));
    await new Promise((done) => setTimeout(done, 250));
  };
  const note = (step) => { outcome[step] = { keys: seen().map((row) => row.id), count: document.getElementById("f-count").textContent,
    groups: [...document.querySelectorAll("tbody.g")].filter((each) => each.getClientRects().length > 0).map((each) => each.dataset.k),
    sections: [...document.querySelectorAll(".member")].filter((each) => !each.hidden).map((each) => each.id) }; };
  try {
    outcome.width = [document.documentElement.scrollWidth, innerWidth];
    outcome.wide = [...document.querySelectorAll("body *")].filter((each) => !each.closest(".unseen") && each.getBoundingClientRect().right > innerWidth + 1).map((each) => each.outerHTML.slice(0, 90));
    note("start");
    await set("product", true); note("product"); await set("product", false);
    await set("text", "USER anna"); note("search");
    await set("text", "no such thing"); note("nothing"); outcome.none = [...document.querySelectorAll(".none")].some((each) => each.getClientRects().length > 0);
    document.getElementById("f-clear").click(); note("cleared");
    await set("severity", "fails-failover"); note("severity"); await set("severity", "");
    await set("type", "clash"); note("type"); await set("type", "");
    await set("kind", "task"); note("kind"); await set("kind", "");
    if (document.getElementById("f-standing")) {
      for (const code of ["new", "reopened", "open", "conflict", "accepted"]) { await set("standing", code); note(code); }
      await set("standing", ""); note("after");
      await set("text", "purge"); note("within"); await set("text", "");
      location.hash = "#hosp-b-task:Purge_old"; await new Promise((done) => setTimeout(done, 250)); note("folded"); location.hash = "";
      for (const each of document.querySelectorAll("details.accepted")) each.open = false;
      await new Promise((done) => setTimeout(done, 250));
    }
    if (document.getElementById("f-member")) { await set("member", "member-hosp-dr"); note("member"); await set("member", ""); }
    await set("kind", "task"); location.hash = "#hosp-b-role:%25Developer"; await new Promise((done) => setTimeout(done, 250)); note("link");
  } catch (error) { outcome.error = String(error); }
  const out = document.createElement("pre"); out.id = "outcome"; out.textContent = JSON.stringify(outcome); document.body.append(out);
})();
</script>
"""
FRAME = """<!DOCTYPE html><body style="margin: 0"><iframe id="frame" style="border: 0; width: WIDTHpx; height: 900px"></iframe>
<script>
const frame = document.getElementById("frame");
frame.srcdoc = INSIDE;
const timer = setInterval(() => {
  const outcome = frame.contentDocument?.getElementById("outcome");
  if (!outcome) return;
  clearInterval(timer);
  document.body.replaceChildren(outcome);
}, 100);
</script>"""


def driven(found: Drift | Report | ReadinessReport, folder: Path, width: int, driver: str = DRIVER) -> dict:
    """Open the page in a frame of `width` pixels (a window cannot be as narrow), drive it, return what it saw."""
    frame = as_html(found).replace("</body>", driver + "</body>")
    assert driver in frame
    inside = json.dumps(frame).replace("<", "\\u003c")
    (folder / "page.html").write_text(
        FRAME.replace("WIDTH", str(width)).replace("INSIDE", inside), encoding="utf-8"
    )
    arguments = [
        *(
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-sync",
        ),
        *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"),
        *(f"--user-data-dir={folder / 'profile'}", "--window-size=1400,1000"),
        *("--virtual-time-budget=20000", "--dump-dom", (folder / "page.html").as_uri()),
    ]
    ended = subprocess.run([str(CHROMIUM), *arguments], capture_output=True, timeout=120, check=False)
    tree = lxml.html.fromstring(ended.stdout.decode("utf-8"))
    outcome = json.loads(tree.get_element_by_id("outcome").text_content())
    assert "error" not in outcome, outcome["error"]
    return outcome


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
@pytest.mark.parametrize("width", [390, 1280])
def test_a_browser_filters_one_drift(tmp_path: Path, width: int) -> None:
    outcome = driven(drift(every_sort(), GAPS), tmp_path, width)
    assert outcome["width"][1] == width
    assert outcome["width"][0] <= width
    assert outcome["wide"] == []
    site, product = 5, "hosp-b-role:%Developer"
    assert len(outcome["start"]["keys"]) == site
    assert product not in outcome["start"]["keys"]
    assert outcome["start"]["count"] == "5 of 6 differences shown"
    assert product in outcome["product"]["keys"]
    assert outcome["product"]["count"] == "6 of 6 differences shown"
    assert outcome["search"]["keys"] == ["hosp-b-user:anna"]
    assert outcome["search"]["groups"] == ["user"]
    assert outcome["search"]["count"] == "1 of 6 differences shown"
    assert outcome["nothing"]["keys"] == []
    assert outcome["none"] is True
    assert len(outcome["cleared"]["keys"]) == site
    assert outcome["severity"]["keys"] == ["hosp-b-role:Payroll", "hosp-b-mirror-member:this_instance"]
    assert outcome["type"]["keys"] == ["hosp-b-mirror-member:this_instance"]
    assert outcome["kind"]["keys"] == ["hosp-b-task:Purge_old"]
    assert product in outcome["link"]["keys"]


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_a_browser_filters_a_report_by_member(tmp_path: Path) -> None:
    outcome = driven(report(), tmp_path, 390)
    assert outcome["width"][0] <= outcome["width"][1]
    assert outcome["wide"] == []
    assert outcome["start"]["count"] == "6 of 8 differences shown"
    assert outcome["member"]["keys"] == ["hosp-dr-role:Payroll"]
    assert outcome["member"]["sections"] == ["member-hosp-dr"]
    assert outcome["start"]["sections"] == ["member-hosp-b", "member-hosp-dr", "member-hosp-c"]


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
@pytest.mark.parametrize("width", [390, 1280])
def test_a_browser_filters_a_night_by_standing(tmp_path: Path, width: int) -> None:
    outcome = driven(night_report(), tmp_path, width)
    assert outcome["width"][0] <= outcome["width"][1]
    assert outcome["wide"] == []
    # of seven, one is the product's own and three are accepted and folded
    assert outcome["start"]["count"] == "3 of 7 differences shown"
    payroll, anna, clash = "hosp-b-role:Payroll", "hosp-b-user:anna", "hosp-b-mirror-member:this_instance"
    assert outcome["new"]["keys"] == [payroll, anna, clash]
    assert outcome["reopened"]["keys"] == [clash]
    assert outcome["conflict"]["keys"] == [anna, clash]
    assert outcome["open"]["keys"] == []
    accepted = ["lab-b-role:Payroll", "hosp-b-task:Purge_old", "hosp-b-unheard-kind:thing"]
    assert outcome["accepted"]["keys"] == accepted
    assert outcome["accepted"]["count"] == "3 of 7 differences shown"
    assert outcome["after"]["keys"] == [payroll, anna, clash]
    assert outcome["within"]["keys"] == ["hosp-b-task:Purge_old"]
    assert "hosp-b-task:Purge_old" in outcome["folded"]["keys"]


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_a_browser_runs_no_hostile_text(tmp_path: Path) -> None:
    found = drift([*every_sort(), *hostile()], GAPS, name="hosp-b")
    outcome = driven(found, tmp_path, 390)
    assert outcome["width"][0] <= 390
    assert outcome["start"]["count"] == f"{5 + len(NAMES)} of {6 + len(NAMES)} differences shown"
