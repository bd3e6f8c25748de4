"""The readiness page: the answer first, then what blocks it; nothing that was not read looks good on it."""

from __future__ import annotations

from pathlib import Path

import lxml.html
import msgspec
import pytest

from driftsync.language import choose
from driftsync.model import (
    Audience,
    Consequence,
    Effect,
    Finding,
    MemberRole,
    Readiness,
    ReadinessReport,
    Rehearsal,
    Verdict,
)
from driftsync.reporting.html import as_html
from driftsync.reporting.readiness import Answer, answers_of, sentence_of
from tests.test_check_command import FAIL, MANUAL, PASS, UNKNOWN, WARN, finding, report
from tests.test_html import CHROMIUM, HOSTILE, driven, text_of

MIRROR, CONFIGURATION = "MIR-001", "CFG-502"
MOMENT = "2026-01-31T12:00:00+00:00"
YES, NO, OPEN = Answer.YES, Answer.NO, Answer.UNKNOWN


def rehearsal(*effects: Effect, blind: tuple[str, ...] = ()) -> Rehearsal:
    return Rehearsal(
        format_version=1, driftsync="test", taken_at=MOMENT, primary="A", promote="B",
        primary_taken_at=MOMENT, promote_taken_at=MOMENT, promote_role=MemberRole.BACKUP, not_looked_at=[],
        consequences=[
            Consequence(effect=each, audience=Audience.USERS, who="nurses", what=f"would see {each.value}", key="user:nurse", portal="Users")
            for each in effects
        ],
        blind=list(blind),
    )  # fmt: skip


def answer(*found: Finding, swap: Rehearsal | None = None, **other: object) -> Readiness:
    return msgspec.structs.replace(report(*found).mirrors[0], rehearsal=swap, **other)


def page(*mirrors: Readiness) -> lxml.html.HtmlElement:
    whole = msgspec.structs.replace(report(), mirrors=list(mirrors))
    return lxml.html.fromstring(as_html(whole))


def find(tree: lxml.html.HtmlElement, path: str) -> list[lxml.html.HtmlElement]:
    """Find elements by tags and `.classes`, one below the other."""
    steps = [
        f"//*[contains(concat(' ', @class, ' '), ' {step[1:]} ')]" if step[0] == "." else f"//{step}"
        for step in path.split()
    ]
    return tree.xpath("." + "".join(steps))


def parts(tree: lxml.html.HtmlElement) -> list[str]:
    return [each.get("class").split()[1] for each in find(tree, ".readiness .part")]


LOST = msgspec.structs.replace(finding(UNKNOWN, "CFG-513"), source="this run")
GOOD = (finding(PASS, MIRROR), finding(PASS, CONFIGURATION))


@pytest.mark.parametrize(
    ("found", "swap", "expected"),
    [
        (GOOD, rehearsal(), (YES, YES)),
        (GOOD, rehearsal(Effect.CHANGES), (YES, YES)),
        (GOOD, rehearsal(Effect.BREAKS), (YES, NO)),
        (GOOD, rehearsal(blind=("user: refused",)), (YES, OPEN)),
        (GOOD, None, (YES, YES)),
        ((finding(FAIL, MIRROR), *GOOD), None, (NO, YES)),
        ((finding(UNKNOWN, CONFIGURATION), *GOOD), None, (YES, OPEN)),
        ((finding(UNKNOWN, CONFIGURATION), *GOOD), rehearsal(Effect.STOPS), (YES, NO)),
        ((finding(UNKNOWN, "CFG-513"), *GOOD), None, (YES, OPEN)),
        ((LOST, *GOOD), None, (OPEN, YES)),
        ((finding(WARN, MIRROR), *GOOD), None, (YES, YES)),
        ((finding(MANUAL),), None, (OPEN, OPEN)),
        ((), None, (OPEN, OPEN)),
    ],
)
def test_two_answers_make_one_sentence(
    found: tuple[Finding, ...], swap: Rehearsal | None, expected: tuple[Answer, Answer]
) -> None:
    one = answer(*found, swap=swap)
    assert answers_of(one) == expected
    assert sentence_of(one)
    assert ("could take over from A, and the applications would work." in sentence_of(one)) is (
        expected == (YES, YES)
    )


def test_warnings_stand_in_the_way_where_they_count() -> None:
    assert answers_of(answer(finding(WARN, MIRROR), *GOOD, strict=True)) == (NO, YES)


def test_nobody_to_promote_is_said() -> None:
    assert "Nobody is known" in sentence_of(answer(promote=""))


def test_the_answer_is_first_then_what_blocks_it_and_what_passed_is_folded() -> None:
    outcomes = [
        finding(each, f"CFG-50{number}") for number, each in enumerate((PASS, MANUAL, WARN, UNKNOWN, FAIL))
    ]
    tree = page(answer(*outcomes, swap=rehearsal(Effect.BREAKS)))
    assert "not everything would work" in text_of(find(tree, "main h1")[0])
    assert parts(tree) == ["fail", "unknown", "swap", "warn", "manual", "pass"]
    assert find(tree, ".pass details")[0].get("open") is None
    one = text_of(find(tree, ".fail .findings li")[0])
    for said in ("A title", "CFG-504", "B", "was seen", "because", "do this", "a class"):
        assert said in one


def test_one_check_of_several_members_is_told_once() -> None:
    tree = page(answer(*(finding(FAIL, MIRROR, member) for member in ("A", "B", "DR"))))
    (item,) = find(tree, ".fail .findings li")
    assert [each.text_content() for each in find(item, ".seen b")] == ["A", "B", "DR"]
    assert text_of(item).count("because") == 1


def test_what_is_unknown_for_one_reason_is_told_together() -> None:
    tree = page(answer(*(finding(UNKNOWN, f"LOG-40{number}") for number in range(1, 5))))
    (item,) = find(tree, ".unknown .findings li")
    assert all(f"LOG-40{number}" in text_of(item) for number in range(1, 5))
    assert "never counted as good" in text_of(find(tree, "header .lead")[0])


def test_a_page_that_knows_nothing_is_no_all_clear() -> None:
    tree = page(answer())
    assert "clean" not in find(tree, ".readiness")[0].get("class")
    assert not find(tree, ".readiness .clean")


def test_the_worst_mirror_stands_first() -> None:
    good, bad = answer(*GOOD, mirror="GOOD"), answer(finding(FAIL), mirror="BAD")
    assert [each.get("id") for each in find(page(good, bad), ".readiness")] == [
        "readiness-BAD",
        "readiness-GOOD",
    ]


def test_anchors_are_unique_and_hostile_text_stays_text() -> None:
    one = answer(
        *(finding(each, name, HOSTILE) for each in (FAIL, PASS) for name in (MIRROR, CONFIGURATION)),
        swap=rehearsal(Effect.BREAKS, blind=(HOSTILE,)),
        mirror=HOSTILE,
    )
    tree = page(one, one)
    anchors = tree.xpath("//@id")
    assert len(anchors) == len(set(anchors))
    assert not tree.xpath("//main//script | //main//img | //main//*[@onerror]")


def test_it_speaks_the_readers_language() -> None:
    choose("zh_CN")
    told = text_of(page(answer(*GOOD, swap=rehearsal()))).replace(" ", "")
    assert "B可以接替A，应用程序也能正常工作。" in told


WIDTH = """<script>
const out = document.createElement("pre"); out.id = "outcome";
const wide = [...document.querySelectorAll("body *")].filter((each) => !each.closest(".unseen") && each.getBoundingClientRect().right > innerWidth + 1).map((each) => each.outerHTML.slice(0, 90));
const fold = document.querySelector(".passed"); fold.querySelector("summary").focus();
out.textContent = JSON.stringify({ width: [document.documentElement.scrollWidth, innerWidth], wide, focused: document.activeElement.tagName, folded: !fold.open });
document.body.append(out);
</script>
"""


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_it_fits_a_phone_and_its_fold_takes_the_keyboard(tmp_path: Path) -> None:
    long = msgspec.structs.replace(finding(FAIL), seen="global-mapping:EMR/" + "X" * 300)
    found: ReadinessReport = msgspec.structs.replace(
        report(), mirrors=[answer(long, *GOOD, swap=rehearsal(*Effect), verdict=Verdict.NOT_READY)]
    )
    outcome = driven(found, tmp_path, 390, WIDTH)
    assert (outcome["wide"], outcome["width"][0] <= outcome["width"][1]) == ([], True)
    assert (outcome["focused"], outcome["folded"]) == ("SUMMARY", True)
