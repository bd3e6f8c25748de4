"""Telling people: what is sent to whom, what is done when it fails, and that no secret is ever told."""

from __future__ import annotations

import base64
import gc
import hashlib
import hmac
import json
import logging
import re
import socket
import time
import warnings
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jsonschema
import lxml.html
import msgspec
import pytest

from driftsync.delivering import Delivered, Result, deliver, digests_of, message_of, try_out
from driftsync.delivering.cutting import cut
from driftsync.delivering.delivery import Clock
from driftsync.lab.certificates import Certificates, make_certificates
from driftsync.model import (
    FORMAT_VERSION,
    Acknowledgement,
    Change,
    Changed,
    Difference,
    Drift,
    Facts,
    Gap,
    Member,
    MemberRole,
    MirrorReport,
    Missing,
    Night,
    Origin,
    Report,
    Resolved,
    Severity,
    Standing,
    Summary,
    Unreadable,
)
from driftsync.model.drift import Party
from driftsync.settings import Settings, read_settings
from tests.receivers import Recorder, drip, drop, hang, http_server, mail_server, nonsense

CANARY = "Kanarienvogel-7391"
AT = "2026-11-20T22:10:00+00:00"
ROOT = Path(__file__).parent.parent
HOSTILE = "<@all> <script>*x* [a](http://evil) `b`"
LOOPBACK = ("127.", "::1", "localhost")


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here ever leaves this computer; a name that has to be looked up is not found."""
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def guarded(self: socket.socket, address: Any) -> None:
        assert isinstance(address, (str, bytes)) or str(address[0]).startswith(LOOPBACK), address
        connect(self, address)

    def known(host: Any, *words: Any, **more: Any) -> Any:
        if not str(host).startswith(LOOPBACK):
            raise socket.gaierror(socket.EAI_NONAME, "not known")
        return look_up(host, *words, **more)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setattr(socket, "getaddrinfo", known)


def party(name: str) -> Party:
    member = Member(name=name, role=MemberRole.BACKUP)
    return Party(name=name, member=member, facts=Facts(), taken_at=AT, sources=[])


def missing(key: str, severity: Severity = Severity.SECURITY) -> Missing:
    return Missing(key=key, kind=key.partition(":")[0], severity=severity, expected={"Description": CANARY})


def drift(name: str, differences: list[Difference], gaps: list[Gap] | None = None) -> Drift:
    kinds = [type(each).__name__ for each in differences]
    return Drift(
        format_version=FORMAT_VERSION,
        complete=not gaps,
        primary=party("HOSP-A"),
        member=party(name),
        summary=Summary(
            missing=kinds.count("Missing"),
            extra=kinds.count("Extra"),
            changed=kinds.count("Changed"),
            clash=0,
            gaps=len(gaps or []),
            compared=100,
            local=0,
            product=0,
        ),
        differences=differences,
        gaps=gaps or [],
        coverage={},
        notes=[],
    )


def report(*drifts: Drift, name: str = "HOSPITAL", unreadable: str = "") -> Report:
    lost = [Unreadable(member=unreadable, reason="it does not answer")] if unreadable else []
    mirror = MirrorReport(name=name, primary="HOSP-A", drifts=list(drifts), unreadable=lost)
    return Report(
        format_version=FORMAT_VERSION, driftsync="test", taken_at=AT, complete=not lost, mirrors=[mirror]
    )


def usual() -> Report:
    change = Change(property="Suspended", expected=CANARY, actual=CANARY + "x")
    task = Changed(key="task:EMR/病区床位日报", kind="task", severity=Severity.APPLICATION, changes=[change])
    return report(
        drift("HOSP-B", [missing("user:labfeed"), missing("namespace:LAB", Severity.FAILOVER), task]),
        drift("HOSP-DR", []),
        unreadable="HOSP-RPT",
    )


def clean() -> Report:
    return report(drift("HOSP-B", []))


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """Write settings with [[deliver]] tables; `secrets` become environment variables."""

    def make(text: str, **secrets: str) -> Settings:
        for name, value in secrets.items():
            monkeypatch.setenv(name, value)
        path = tmp_path / "driftsync.toml"
        path.write_text(text, encoding="utf-8")
        return read_settings(path)

    return make


class Waits(list[float]):
    """The pauses between attempts, not waited for; the moment is always the same."""

    @property
    def clock(self) -> Clock:
        return Clock(wait=self.append, now=lambda: 1_700_000_000.5)


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


def table(to: str, **words: Any) -> str:
    lines = [f"{name.rstrip('_')} = {json.dumps(value)}" for name, value in words.items()]
    return "\n".join(["[[deliver]]", f'to = "{to}"', *lines, ""])


def only(found: list[Delivered]) -> Delivered:
    (one,) = found
    return one


GOOD = {
    "webhook": (204, ""),
    "wecom": (200, '{"errcode":0,"errmsg":"ok"}'),
    "dingtalk": (200, '{"errcode":0,"errmsg":"ok"}'),
    "feishu": (200, '{"code":0,"msg":"success","data":{}}'),
    "slack": (200, "ok"),
    "teams": (202, ""),
}


# -- what is said ----------------------------------------------------------------------------------------------------


def test_a_message_names_what_differs_worst_first_and_never_a_value() -> None:
    message = message_of(usual(), link="https://intranet.example/r.html")
    assert message.subject == (
        "driftsync: HOSPITAL: 3 differences on 1 of 3 members, worst: fails a failover, 1 member not read in full"
    )
    assert [each.key for each in message.differences] == [
        "namespace:LAB",
        "task:EMR/病区床位日报",
        "user:labfeed",
    ]
    assert CANARY not in repr(message)
    assert [member.read for member in message.mirrors[0].members] == [True, True, False]


def test_a_clean_report_says_so() -> None:
    assert message_of(clean()).subject == "driftsync: HOSPITAL: no drift"


def seen(report: Report, *, new: str = "", accepted: str = "", first: bool = False) -> Report:
    """Return a report as the second night sees it."""
    (mirror,) = report.mirrors
    given = Acknowledgement(
        mirror=mirror.name,
        member="HOSP-B",
        key=accepted,
        reason="r",
        owner="o",
        until=AT,
        accepted_at=AT,
        seen="d",
    )
    standings = [
        Standing(
            member=each.member.name,
            key=difference.key,
            new=difference.key == new,
            since=AT,
            origin=Origin.NEVER,
            accepted=given if difference.key == accepted else None,
        )
        for each in mirror.drifts
        for difference in each.differences
    ]
    gone = Resolved(
        member="HOSP-B", key="user:x", kind="user", type="missing", severity=Severity.SECURITY, since=AT
    )
    night = Night(
        at=AT, run=2, previous="" if first else AT, standings=standings, resolved=[] if first else [gone]
    )
    return msgspec.structs.replace(report, mirrors=[msgspec.structs.replace(mirror, night=night)])


def test_what_is_accepted_is_counted_and_not_told_and_what_is_new_is_marked() -> None:
    message = message_of(seen(usual(), new="user:labfeed", accepted="namespace:LAB"))
    assert (message.open, message.new, message.accepted, message.resolved) == (2, 1, 1, 1)
    assert [(each.key, each.new) for each in message.differences] == [
        ("task:EMR/病区床位日报", False),
        ("user:labfeed", True),
    ]
    assert message.mirrors[0].members[0].verdict == "2 differences, 1 accepted"
    assert message.worst is Severity.APPLICATION
    assert "1 new, 1 resolved" in message.subject


def test_on_the_first_night_nothing_is_new() -> None:
    message = message_of(seen(usual(), new="user:labfeed", first=True))
    assert (message.new, {each.new for each in message.differences}) == (None, {None})


def test_drift_that_is_gone_is_good_news() -> None:
    assert message_of(seen(clean())).subject == "driftsync: HOSPITAL: no drift, 1 resolved"


def test_only_two_hundred_are_named_and_the_others_counted() -> None:
    message = message_of(report(drift("B", [missing(f"user:{n}") for n in range(5_000)])))
    assert (message.open, len(message.differences), message.more) == (5_000, 200, 4_800)


# -- each channel ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", GOOD)
def test_each_channel_is_told(to: str, configured: Callable[..., Settings], waits: Waits) -> None:
    with http_server(GOOD[to]) as server:
        settings = configured(table(to, url="env:URL"), URL=f"{server.url}/hook/{CANARY}?key={CANARY}")
        done = only(deliver(usual(), settings, clock=waits.clock))
    assert (done.result, done.reason, done.attempts) == (Result.SENT, "", 1)
    assert done.place == "127.0.0.1"
    (request,) = server.received
    assert request.path == f"/hook/{CANARY}?key={CANARY}"
    assert request.headers["content-type"] == "application/json; charset=utf-8"
    assert "病区床位日报" in request.body.decode()
    assert CANARY not in request.body.decode()


def test_wecom_is_sent_markdown(configured: Callable[..., Settings]) -> None:
    with http_server(GOOD["wecom"]) as server:
        deliver(
            usual(), configured(table("wecom", url="env:URL", link="https://x.example/r"), URL=server.url)
        )
    body = server.received[0].json
    assert body["msgtype"] == "markdown"
    lines = body["markdown"]["content"].splitlines()
    assert lines[0].startswith("**driftsync: HOSPITAL: 3 differences")
    assert lines[1] == "2026-11-20 22:10 UTC · [the report](https://x.example/r)"
    assert "- HOSP-RPT, could not be read: it does not answer" in lines
    assert "- HOSP-B: `task:EMR/病区床位日报` changed (Suspended), breaks an application" in lines


def test_dingtalk_is_signed_in_the_url(configured: Callable[..., Settings], waits: Waits) -> None:
    with http_server(GOOD["dingtalk"]) as server:
        settings = configured(
            table("dingtalk", url="env:URL", secret="env:SECRET"),
            URL=f"{server.url}/robot/send?access_token=t",
            SECRET=CANARY,
        )
        deliver(usual(), settings, clock=waits.clock)
    query = parse_qs(urlsplit(server.received[0].path).query)
    text = f"1700000000500\n{CANARY}".encode()
    expected = base64.b64encode(hmac.new(CANARY.encode(), text, hashlib.sha256).digest()).decode()
    assert query == {"access_token": ["t"], "timestamp": ["1700000000500"], "sign": [expected]}
    body = server.received[0].json
    assert body["markdown"]["title"].startswith("driftsync: HOSPITAL")
    assert "  \n- HOSP-DR (backup)" in body["markdown"]["text"]


def test_feishu_is_signed_in_the_body(configured: Callable[..., Settings], waits: Waits) -> None:
    with http_server(GOOD["feishu"]) as server:
        settings = configured(
            table("feishu", url="env:URL", secret="env:SECRET"), URL=server.url, SECRET=CANARY
        )
        deliver(usual(), settings, clock=waits.clock)
    body = server.received[0].json
    key = f"1700000000\n{CANARY}".encode()
    assert body["timestamp"] == "1700000000"
    assert body["sign"] == base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()
    assert body["card"]["header"]["template"] == "red"
    assert not body["card"]["elements"][0]["content"].startswith("**driftsync")


def test_a_webhook_gets_the_message_as_its_schema_says(configured: Callable[..., Settings]) -> None:
    with http_server() as server:
        settings = configured(
            table("webhook", url="env:URL", secret="env:SECRET", token="env:TOKEN"),
            URL=server.url,
            SECRET="s3cret",
            TOKEN="t0ken",
        )
        deliver(usual(), settings)
    (request,) = server.received
    jsonschema.validate(request.json, json.loads((ROOT / "schemas" / "message.json").read_text()))
    digest = hmac.new(b"s3cret", request.body, hashlib.sha256).hexdigest()
    assert request.headers["x-driftsync-signature"] == f"sha256={digest}"
    assert request.headers["authorization"] == "Bearer t0ken"


def test_slack_gets_a_header_and_sections(configured: Callable[..., Settings]) -> None:
    with http_server(GOOD["slack"]) as server:
        deliver(usual(), configured(table("slack", url="env:URL"), URL=server.url))
    blocks = server.received[0].json["blocks"]
    assert [each["type"] for each in blocks] == ["header", "section"]
    assert "`namespace:LAB` missing" in blocks[1]["text"]["text"]


def test_teams_gets_an_adaptive_card(configured: Callable[..., Settings]) -> None:
    with http_server(GOOD["teams"]) as server:
        deliver(clean(), configured(table("teams", url="env:URL"), URL=server.url))
    (attachment,) = server.received[0].json["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert attachment["content"]["body"][0]["color"] == "Good"
    assert "driftsync: HOSPITAL: no drift" in attachment["content"]["body"][0]["text"]


@pytest.mark.parametrize("to", [*GOOD, "mail"])
def test_names_of_items_are_no_markup(to: str, configured: Callable[..., Settings]) -> None:
    """Whoever may create a user must not be able to notify everybody, or to put a link into a message."""
    hostile = report(drift("B", [missing(f"user:{HOSTILE}\n# big")]))
    if to == "mail":
        with mail_server() as (box, port):
            settings = configured(mail_table(port, tls="none"))
            assert only(deliver(hostile, settings)).result is Result.SENT
        mail = message_from_bytes(box.mails[0][0].content, policy=policy.default)
        page = lxml.html.fromstring(mail.get_body(("html",)).get_content())  # type: ignore[union-attr]
        assert HOSTILE in page.text_content()
        assert not page.xpath("//script")
        return
    with http_server(GOOD[to]) as server:
        deliver(hostile, configured(table(to, url="env:URL"), URL=server.url))
    said = server.received[0].body.decode()
    if to != "webhook":
        assert "<@all>" not in said
        assert "<script>" not in said
    if to in {"dingtalk", "feishu", "teams"}:
        assert "[a](http" not in said
        assert "\\n# big" not in said


# -- within the limits -----------------------------------------------------------------------------------------------


LIMITS: dict[str, Callable[[Any, bytes], bool]] = {
    "wecom": lambda json, _body: len(json["markdown"]["content"].encode()) <= 4096,
    "dingtalk": lambda _json, body: len(body) <= 20_000,
    "feishu": lambda _json, body: len(body) <= 20_000,
    "slack": lambda json, _body: (
        len(json["blocks"]) <= 50
        and all(
            len(each["text"]["text"]) <= (150 if each["type"] == "header" else 3000)
            for each in json["blocks"]
        )
    ),
    "teams": lambda _json, body: len(body) <= 28_000,
}


@pytest.mark.parametrize("to", LIMITS)
@pytest.mark.parametrize(
    "name", ["user:{}", "user:住院部护士站电子病历床位统计日报汇总{}", "user:" + "病" * 2_000 + "{}"]
)
def test_no_limit_is_passed_and_what_is_left_out_is_counted(
    to: str, name: str, configured: Callable[..., Settings]
) -> None:
    many = report(drift("HOSP-B", [missing(name.format(number)) for number in range(3_000)]))
    with http_server(GOOD[to]) as server:
        settings = configured(
            table(to, url="env:URL", secret="env:S")
            if to in {"feishu", "dingtalk"}
            else table(to, url="env:URL"),
            URL=server.url,
            S="x",
        )
        assert only(deliver(many, settings)).result is Result.SENT
    (request,) = server.received
    assert LIMITS[to](request.json, request.body)
    said = request.body.decode()
    assert "3000 differences on 1 of 1 members" in said
    told = said.count("missing, security")
    assert f"… {3_000 - told} more, see the report" in said
    if len(name) < 100:
        assert told > 15


def test_a_cut_is_at_the_end_of_a_line_in_bytes() -> None:
    text = "头\n" + "".join(f"- 第{number}行\n" for number in range(50))
    kept = cut(text, lambda each: len(each.encode()) <= 100)
    assert len(kept.encode()) <= 100
    lines = kept.splitlines()
    assert lines[0] == "头"
    assert lines[-1] == f"… {50 - (len(lines) - 2)} more, see the report"
    assert cut("short\n", lambda _each: True) == "short\n"
    assert cut("病" * 100, lambda each: len(each.encode()) <= 33) == "病" * 10 + "…"
    assert cut("病" * 100 + "\nb\nc", lambda each: len(each.encode()) <= 60).endswith(
        "病…\n… 2 more, see the report"
    )
    assert cut("a\n", lambda _each: True, more=7) == "a\n… 7 more, see the report"


# -- when ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "found", "told", "sent"),
    [
        ("always", "clean", "same", True),
        ("drift", "clean", "other", False),
        ("drift", "usual", "same", True),
        ("change", "usual", "same", False),
        ("change", "usual", "other", True),
        ("change", "usual", "nothing", True),
        ("change", "clean", "other", True),
    ],
)
def test_when_a_channel_is_told(
    when: str, found: str, told: str, sent: bool, configured: Callable[..., Settings]
) -> None:
    made = {"clean": clean, "usual": usual}[found]()
    other = {"HOSPITAL": "another digest"}
    before = {"same": {"slack": digests_of(made)}, "other": {"slack": other}, "nothing": {}}[told]
    with http_server(GOOD["slack"]) as server:
        settings = configured(table("slack", url="env:URL", when=when), URL=server.url)
        done = only(deliver(made, settings, told=before))
    assert (done.result is Result.SENT) is sent
    assert len(server.received) == sent
    assert done.digests == digests_of(made)


def test_gaps_are_told_as_drift_is(configured: Callable[..., Settings]) -> None:
    partly = report(drift("B", [], [Gap(reason="refused", kind="task", member="B")]))
    with http_server(GOOD["slack"]) as server:
        settings = configured(table("slack", url="env:URL", when="drift"), URL=server.url)
        assert only(deliver(partly, settings)).result is Result.SENT


def test_what_moves_by_itself_is_no_change() -> None:
    one = report(
        drift("B", [missing("user:a"), missing("user:b")], [Gap(reason="no answer in 30.1 s", kind="task")])
    )
    two = report(
        drift("B", [missing("user:b"), missing("user:a")], [Gap(reason="no answer in 30.2 s", kind="task")])
    )
    assert digests_of(one) == digests_of(two)
    assert digests_of(one) != digests_of(report(drift("B", [missing("user:a")])))
    assert digests_of(seen(one, accepted="user:b")) != digests_of(one)
    assert digests_of(seen(one, new="user:b")) == digests_of(seen(one, first=True)) == digests_of(one)


def test_a_channel_is_told_of_its_own_mirrors_only(configured: Callable[..., Settings]) -> None:
    both = usual()
    clinic = report(drift("CLINIC-B", [missing("user:x")]), name="CLINIC").mirrors
    both = Report(
        format_version=FORMAT_VERSION,
        driftsync="test",
        taken_at=AT,
        complete=False,
        mirrors=[*both.mirrors, *clinic],
    )
    mirrors = (
        '[mirror.HOSPITAL]\nprimary = "A"\n[mirror.CLINIC]\nprimary = "B"\n[mirror.ELSE]\nprimary = "C"\n'
        + "".join(
            f'[member.{name}]\nsource = "."\nmirror = "{mirror}"\n'
            for name, mirror in (("A", "HOSPITAL"), ("B", "CLINIC"), ("C", "ELSE"))
        )
    )
    with http_server() as server:
        settings = configured(
            mirrors
            + table("webhook", name="clinic", url="env:URL", mirrors=["CLINIC"])
            + table("webhook", name="else", url="env:URL", mirrors=["ELSE"], when="always"),
            URL=server.url,
        )
        found = deliver(both, settings)
    assert [each.result for each in found] == [Result.SENT, Result.NOT_DUE]
    assert [each["name"] for each in server.received[0].json["mirrors"]] == ["CLINIC"]
    assert "HOSP-B" not in server.received[0].body.decode()
    assert set(found[0].digests) == {"CLINIC"}


# -- what fails ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to", "answers", "attempts", "says"),
    [
        ("slack", [(429, "slow"), (200, "ok")], 2, ""),
        ("slack", [(503, ""), (500, ""), (200, "ok")], 3, ""),
        ("slack", [drop, (200, "ok")], 2, ""),
        ("slack", [nonsense, (200, "ok")], 2, ""),
        ("slack", [(502, "")], 3, "the answer is 502"),
        ("slack", [(403, "invalid_token")], 1, "the answer is 403"),
        ("slack", [(302, "")], 1, "a redirect"),
        ("slack", [(200, "<html>a login page</html>")], 1, "not ok"),
        ("wecom", [(200, '{"errcode":45009,"errmsg":"limit"}'), GOOD["wecom"]], 2, ""),
        ("wecom", [(200, '{"errcode":93000,"errmsg":"invalid webhook url"}')], 1, "errcode 93000"),
        ("wecom", [(200, "[]")], 1, "holds no errcode"),
        ("wecom", [(200, '{"errcode":"0"}')], 1, "holds no errcode"),
        ("dingtalk", [(200, '{"errcode":130101,"errmsg":"send too fast"}'), GOOD["dingtalk"]], 2, ""),
        (
            "dingtalk",
            [(200, '{"errcode":310000,"errmsg":"sign not match"}')],
            1,
            "errcode 310000: sign not match",
        ),
        ("feishu", [(200, '{"code":19021,"msg":"sign match fail"}')], 1, "code 19021"),
        ("feishu", [(200, '{"StatusCode":0,"StatusMessage":"success"}')], 1, ""),
        ("teams", [(200, "1")], 1, ""),
        ("teams", [(200, "Webhook message delivery failed with error: HTTP error 413")], 1, "413"),
        ("teams", [(200, "endpoint returned HTTP error 429"), (202, "")], 2, ""),
    ],
)
def test_what_may_pass_is_tried_again_and_nothing_else(
    to: str, answers: list[Any], attempts: int, says: str, configured: Callable[..., Settings], waits: Waits
) -> None:
    with http_server(*answers) as server:
        done = only(deliver(usual(), configured(table(to, url="env:URL"), URL=server.url), clock=waits.clock))
    assert (done.result is Result.SENT) is not says, done
    assert says in done.reason
    assert done.attempts == attempts == len(server.received)
    assert waits == [1.0, 2.0][: attempts - 1]
    assert len({request.headers["x-driftsync-delivery"] for request in server.received}) == 1


def test_attempts_are_bounded_and_a_server_may_ask_for_patience(
    configured: Callable[..., Settings], waits: Waits
) -> None:
    with http_server((429, ""), Retry_After="7") as server:
        settings = configured(table("slack", url="env:URL", attempts=4), URL=server.url)
        assert only(deliver(usual(), settings, clock=waits.clock)).attempts == 4
    assert waits == [7.0, 7.0, 7.0]
    waits.clear()
    with http_server((503, ""), Retry_After="86400") as server:
        settings = configured(table("slack", url="env:URL", attempts=2), URL=server.url)
        deliver(usual(), settings, clock=waits.clock)
    assert waits == [60.0]


@pytest.mark.parametrize("silence", [hang, drip])
def test_silence_costs_the_timeout_and_no_more(
    silence: Any, configured: Callable[..., Settings], waits: Waits
) -> None:
    with http_server(silence) as server:
        settings = configured(table("slack", url="env:URL", timeout=0.4, attempts=1), URL=server.url)
        begun = time.monotonic()
        done = only(deliver(usual(), settings, clock=waits.clock))
    assert done.reason == "no answer within 0.4 seconds"
    assert time.monotonic() - begun < 2


def test_nobody_there(configured: Callable[..., Settings], waits: Waits) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = configured(table("slack", url="env:URL"), URL=f"http://127.0.0.1:{port}/{CANARY}")
    done = only(deliver(usual(), settings, clock=waits.clock))
    assert done.reason.startswith("not reached: ")
    assert done.attempts == 3
    settings = configured(table("slack", url="env:URL"), URL=f"https://hooks.example.invalid/{CANARY}")
    done = only(deliver(usual(), settings, clock=waits.clock))
    assert (done.reason, done.place) == ("its host name is not found", "hooks.example.invalid")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (CANARY, "no web address"),
        (f"ftp://x/{CANARY}", "no web address"),
        (f"https://x/{CANARY}\r\nX: y", "no web address"),
        (f"https://x:99999/{CANARY}", "no web address"),
        (f"https://x/{CANARY}病", "no web address"),
        (f"http://intranet.example/{CANARY}", "not https"),
        (f"https://u:{CANARY}@x.example/", "a user or a password"),
    ],
)
def test_a_url_that_cannot_be_used(
    url: str, says: str, configured: Callable[..., Settings], waits: Waits
) -> None:
    done = only(deliver(usual(), configured(table("wecom", url="env:URL"), URL=url), clock=waits.clock))
    assert done.result is Result.FAILED
    assert says in done.reason
    assert CANARY not in repr(done)
    assert waits == []


@pytest.mark.parametrize("token", [f"{CANARY}\r\nX: y", f"{CANARY}病", f"{CANARY} x"])
def test_a_token_that_no_header_can_hold(
    token: str, configured: Callable[..., Settings], waits: Waits
) -> None:
    with http_server() as server:
        settings = configured(table("webhook", url="env:URL", token="env:TOKEN"), URL=server.url, TOKEN=token)
        done = only(deliver(usual(), settings, clock=waits.clock))
    assert done.reason.startswith("token: it holds")
    assert CANARY not in repr(done)
    assert server.received == []


def test_a_url_of_ipv6_without_a_port(monkeypatch: pytest.MonkeyPatch) -> None:
    from driftsync.delivering.posting import Way, _connection, _taken_apart

    scheme, host, port, target = _taken_apart("https://[fe80::1]/x?y=z", Way(timeout=1))
    connection, _target = _connection(scheme, host, port, target, Way(timeout=1))
    assert (connection.host, connection.port, target) == ("fe80::1", 443, "/x?y=z")


def test_a_mistake_of_ours_keeps_no_other_from_being_told(
    configured: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    from driftsync.delivering import delivery

    def broken(*_words: Any) -> None:
        raise ZeroDivisionError(CANARY)

    monkeypatch.setattr(delivery, "mail_of", broken)
    with http_server(GOOD["slack"]) as server:
        settings = configured(mail_table(1, tls="none") + table("slack", url="env:URL"), URL=server.url)
        found = deliver(usual(), settings)
    assert [each.result for each in found] == [Result.FAILED, Result.SENT]
    assert found[0].reason == "internal error (ZeroDivisionError)"


def test_one_that_fails_hinders_no_other(configured: Callable[..., Settings], waits: Waits) -> None:
    with http_server(GOOD["slack"]) as server:
        settings = configured(
            table("wecom", url="env:NOT_SET_ANYWHERE") + table("slack", url="env:URL"), URL=server.url
        )
        found = deliver(usual(), settings, clock=waits.clock)
    assert [each.result for each in found] == [Result.FAILED, Result.SENT]
    assert found[0].reason == "url: the environment variable NOT_SET_ANYWHERE is not set"


# -- TLS and proxies -------------------------------------------------------------------------------------------------


def test_certificates_are_checked(
    configured: Callable[..., Settings], certificates: Certificates, waits: Waits
) -> None:
    with http_server(GOOD["slack"], tls=certificates.server_context()) as server:
        settings = configured(table("slack", url="env:URL"), URL=server.url)
        done = only(deliver(usual(), settings, clock=waits.clock))
        assert "is not accepted" in done.reason
        assert "ca_file" in done.hint
        assert (done.attempts, server.received) == (1, [])
        settings = configured(
            table("slack", url="env:URL", ca_file=str(certificates.authority)), URL=server.url
        )
        assert only(deliver(usual(), settings)).result is Result.SENT
        settings = configured(table("slack", url="env:URL", ca_file="none.pem"), URL=server.url)
        assert "cannot be read" in only(deliver(usual(), settings)).reason


def test_a_proxy_is_used_where_it_is_said_and_only_there(
    configured: Callable[..., Settings],
    certificates: Certificates,
    waits: Waits,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    ca_file = str(certificates.authority)
    with (
        http_server(GOOD["slack"], tls=certificates.server_context()) as server,
        http_server((200, "")) as proxy,
    ):
        plain = table("slack", url="env:URL", ca_file=ca_file)
        assert only(deliver(usual(), configured(plain, URL=server.url))).result is Result.SENT
        assert proxy.received == []
        through = table("slack", url="env:URL", ca_file=ca_file, proxy=f"http://127.0.0.1:{proxy.port}")
        assert only(deliver(usual(), configured(through, URL=f"{server.url}/{CANARY}"))).result is Result.SENT
        assert [each.path for each in proxy.received] == [f"127.0.0.1:{server.port}"]
        secret = table("slack", url="env:URL", ca_file=ca_file, proxy="env:PROXY")
        settings = configured(secret, URL=server.url, PROXY=f"http://me:{CANARY}@127.0.0.1:{proxy.port}")
        assert only(deliver(usual(), settings)).result is Result.SENT
        login = base64.b64encode(f"me:{CANARY}".encode()).decode()
        assert proxy.received[1].headers["proxy-authorization"] == f"Basic {login}"
        proxy.answers[:] = [(407, "")]
        with warnings.catch_warnings():  # Python 3.10 leaves the refused connection to the garbage collector
            warnings.simplefilter("ignore", ResourceWarning)
            done = only(deliver(usual(), settings, clock=waits.clock))
            gc.collect()
        assert (done.reason, done.attempts) == ("the proxy does not let it through: 407", 1)


def test_a_proxy_for_plain_http(configured: Callable[..., Settings]) -> None:
    with http_server((200, "")) as proxy:
        settings = configured(
            table("webhook", url="env:URL", tls=False, proxy=f"http://127.0.0.1:{proxy.port}"),
            URL="http://inner.example/hook",
        )
        assert only(deliver(usual(), settings)).result is Result.SENT
    assert proxy.received[0].path == "http://inner.example/hook"


# -- mail ------------------------------------------------------------------------------------------------------------


def mail_table(port: int, **words: Any) -> str:
    usual = {
        "from": "driftsync <driftsync@hosp.example>",
        "recipients": ["ops@hosp.example", "夜班 <night@hosp.example>"],
    }
    return table("mail", host="127.0.0.1", port=port, **{**usual, **words})


def test_a_mail_has_a_text_a_page_and_the_report(
    configured: Callable[..., Settings], certificates: Certificates
) -> None:
    with mail_server(tls=certificates.server_context(), password=CANARY) as (box, port):
        settings = configured(
            mail_table(port, ca_file=str(certificates.authority), user="driftsync", password="env:PASSWORD"),
            PASSWORD=CANARY,
        )
        done = only(deliver(usual(), settings))
    assert (done.result, done.reason, done.place) == (Result.SENT, "", f"127.0.0.1:{port}")
    assert box.logins[-1] == ("driftsync", CANARY)
    ((envelope, encrypted),) = box.mails
    assert encrypted
    assert envelope.rcpt_tos == ["ops@hosp.example", "night@hosp.example"]
    mail = message_from_bytes(envelope.content, policy=policy.default)
    assert mail["Subject"].startswith("driftsync: HOSPITAL: 3 differences")
    assert mail["To"] == "ops@hosp.example, 夜班 <night@hosp.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "- HOSP-B: task:EMR/病区床位日报 changed (Suspended), breaks an application" in text
    page = lxml.html.fromstring(mail.get_body(("html",)).get_content())  # type: ignore[union-attr]
    assert "病区床位日报" in page.text_content()
    assert not page.xpath("//script | //link | //img | //style")
    (attachment,) = mail.iter_attachments()
    assert attachment.get_filename() == "driftsync-report.html"
    assert "namespace:LAB" in attachment.get_content()
    assert CANARY not in text + page.text_content()


def test_a_mail_over_tls_from_the_first_byte(
    configured: Callable[..., Settings], certificates: Certificates, waits: Waits
) -> None:
    with mail_server(tls=certificates.server_context(), direct=True) as (box, port):
        known = mail_table(port, tls="direct", ca_file=str(certificates.authority), attach=False)
        assert only(deliver(usual(), configured(known))).result is Result.SENT
        unknown = only(deliver(usual(), configured(mail_table(port, tls="direct")), clock=waits.clock))
    assert "is not accepted" in unknown.reason
    mail = message_from_bytes(box.mails[0][0].content, policy=policy.default)
    assert list(mail.iter_attachments()) == []


def test_a_server_without_starttls_gets_nothing(configured: Callable[..., Settings], waits: Waits) -> None:
    with mail_server() as (box, port):
        done = only(deliver(usual(), configured(mail_table(port)), clock=waits.clock))
    assert "does not offer what is asked for: STARTTLS" in done.reason
    assert (box.mails, done.attempts) == ([], 1)


def test_a_wrong_password_is_not_repeated_to_anybody(
    configured: Callable[..., Settings], certificates: Certificates, waits: Waits
) -> None:
    with mail_server(tls=certificates.server_context(), password="right") as (_box, port):
        words = mail_table(
            port, ca_file=str(certificates.authority), user="driftsync", password="env:PASSWORD"
        )
        done = only(deliver(usual(), configured(words, PASSWORD=CANARY), clock=waits.clock))
        assert "535" in done.reason
        assert CANARY not in repr(done)
        assert done.attempts == 1
        done = only(deliver(usual(), configured(words, PASSWORD="病" + CANARY), clock=waits.clock))
        assert done.result is Result.FAILED
        assert CANARY not in repr(done)


def test_a_server_that_says_later_is_asked_again(configured: Callable[..., Settings], waits: Waits) -> None:
    with mail_server() as (box, port):
        box.data_answers[:] = ["451 greylisted, try later", "451 greylisted, try later"]
        done = only(deliver(usual(), configured(mail_table(port, tls="none")), clock=waits.clock))
        assert (done.result, done.attempts, len(box.mails)) == (Result.SENT, 3, 1)
        box.data_answers[:] = ["554 no"]
        done = only(deliver(usual(), configured(mail_table(port, tls="none")), clock=waits.clock))
        assert (done.reason, done.attempts) == ("the server says 554 no", 1)


def test_a_refused_recipient_is_named_and_the_others_get_it_once(
    configured: Callable[..., Settings], waits: Waits
) -> None:
    with mail_server() as (box, port):
        box.refuse = {"night@hosp.example": "550 no such user"}
        done = only(deliver(usual(), configured(mail_table(port, tls="none")), clock=waits.clock))
        assert "night@hosp.example" in done.reason
        assert (done.result, done.attempts, len(box.mails)) == (Result.FAILED, 1, 1)
        box.refuse["ops@hosp.example"] = "450 mailbox busy"
        done = only(deliver(usual(), configured(mail_table(port, tls="none")), clock=waits.clock))
        assert done.result is Result.FAILED


def test_a_port_that_speaks_no_smtp(configured: Callable[..., Settings], waits: Waits) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        settings = configured(mail_table(port, tls="none", timeout=0.3, attempts=2))
        done = only(deliver(usual(), settings, clock=waits.clock))
    assert (done.reason, done.attempts) == ("no answer within 0.3 seconds", 2)


# -- templates -------------------------------------------------------------------------------------------------------


def test_a_template_of_the_sites_own(configured: Callable[..., Settings], tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "chat.j2").write_text(
        "{% include 'head.j2' %}\n{{ message.open }} → {{ message.differences[0].key }}, {{ message.worst | severity }}",
        "utf-8",
    )
    (tmp_path / "own" / "head.j2").write_text("**镜像 {{ message.mirrors[0].name }}**\n\n", "utf-8")
    with http_server(GOOD["wecom"]) as server:
        settings = configured(table("wecom", url="env:URL", template="own/chat.j2"), URL=server.url)
        assert only(deliver(usual(), settings)).reason == ""
    assert (
        server.received[0].json["markdown"]["content"]
        == "**镜像 HOSPITAL**\n3 → namespace:LAB, fails a failover\n"
    )


def test_templates_of_a_mail(configured: Callable[..., Settings], tmp_path: Path) -> None:
    (tmp_path / "m.txt").write_text("text {{ message.open }}", "utf-8")
    (tmp_path / "m.html").write_text("<p>{{ message.mirrors[0].name }} {{ '<' }}</p>", "utf-8")
    with mail_server() as (box, port):
        settings = configured(mail_table(port, tls="none", template="m.txt", html_template="m.html"))
        assert only(deliver(usual(), settings)).reason == ""
    mail = message_from_bytes(box.mails[0][0].content, policy=policy.default)
    assert mail.get_body(("plain",)).get_content().split() == ["text", "3"]  # type: ignore[union-attr]
    assert mail.get_body(("html",)).get_content().strip() == "<p>HOSPITAL &lt;</p>"  # type: ignore[union-attr]


def test_a_template_of_a_webhook_makes_the_whole_body(
    configured: Callable[..., Settings], tmp_path: Path
) -> None:
    own = tmp_path / "hook.j2"
    own.write_text(
        '{"title": {{ message.subject | tojson }}, "priority": {{ 5 if message.open else 1 }}}', "utf-8"
    )
    with http_server() as server:
        settings = configured(table("webhook", url="env:URL", template="hook.j2"), URL=server.url)
        assert only(deliver(usual(), settings)).reason == ""
        assert server.received[0].json == {"title": message_of(usual()).subject, "priority": 5}
        own.write_text("{{ message.subject }}", "utf-8")
        assert "is no JSON" in only(deliver(usual(), settings)).reason


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{{ message.nonsense }}", "nonsense"),
        ("a\n{% if %}", ":2: "),
        ("{{ message.__class__.__mro__ }}", "fails"),
        ("{{ ''.__class__.__base__.__subclasses__() }}", "unsafe"),
        ("{% include '../driftsync.toml' %}", "is not there"),
        ("{{ 1 / 0 }}", "division"),
    ],
)
def test_a_template_that_fails_is_named_and_can_do_nothing(
    text: str, says: str, configured: Callable[..., Settings], tmp_path: Path, waits: Waits
) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "t.j2").write_text(text, "utf-8")
    with http_server(GOOD["slack"]) as server:
        settings = configured(table("slack", url="env:URL", template="own/t.j2"), URL=server.url)
        done = only(deliver(usual(), settings, clock=waits.clock))
    assert done.result is Result.FAILED
    assert says in done.reason
    assert server.received == []


# -- secrets ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", GOOD)
def test_a_server_that_repeats_the_secrets_is_not_repeated(
    to: str, configured: Callable[..., Settings], waits: Waits, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said = f"bad token {CANARY} at /hook/{CANARY}?key=k-{CANARY} of s-{CANARY}"
    for status in (200, 403, 500):
        body = json.dumps({"errcode": 7, "code": 7, "errmsg": said, "msg": said})
        with http_server((status, said if to in {"slack", "teams"} else body)) as server:
            words = {"secret": "env:SECRET"} if to in {"dingtalk", "feishu", "webhook"} else {}
            settings = configured(
                table(to, url="env:URL", **words),
                URL=f"{server.url}/hook/{CANARY}?key=k-{CANARY}",
                SECRET=f"s-{CANARY}",
            )
            found = [*deliver(usual(), settings, clock=waits.clock), *try_out(settings, clock=waits.clock)]
        assert CANARY not in repr(found) + repr(settings) + caplog.text
    assert CANARY not in caplog.text


def test_no_secret_shows_itself() -> None:
    from driftsync.delivering.hiding import Secrets
    from driftsync.delivering.robot import Post

    secrets = Secrets({"url": f"https://x.example/{CANARY}", "secret": CANARY})
    post = Post(url=secrets["url"], body={}, headers={"Authorization": CANARY})
    assert CANARY not in repr(secrets) + repr(post)
    assert secrets.hidden(f"see https://x.example/{CANARY.lower()}") == "see …"


# -- the command line ------------------------------------------------------------------------------------------------


HOSPITAL = """
[mirror.HOSPITAL]
primary = "HOSP-A"
[member.HOSP-A]
source = "{hospital}/hosp-a"
[member.HOSP-B]
source = "{hospital}/hosp-b"
role = "backup"
[scope]
kinds = ["service"]
"""


def test_the_settings_in_the_readme_are_settings(configured: Callable[..., Settings]) -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    (block,) = (each for each in re.findall(r"```toml\n(.*?)```", text, re.DOTALL) if "[[deliver]]" in each)
    assert [each.called for each in configured(block).deliver] == ["mail", "dingtalk"]


@pytest.fixture
def night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, Recorder]]:
    with http_server(GOOD["slack"]) as server:
        monkeypatch.setenv("URL", f"{server.url}/{CANARY}")
        path = tmp_path / "driftsync.toml"
        hospital = (ROOT / "examples" / "hospital").as_posix()
        path.write_text(HOSPITAL.format(hospital=hospital) + table("slack", url="env:URL"), "utf-8")
        yield path, server


def test_a_report_at_noon_tells_nobody(night: tuple[Path, Recorder], cli: Callable[..., Any]) -> None:
    path, server = night
    assert cli("report", "--settings", path).code == 1
    assert cli("report", "--settings", path, "--no-deliver").code == 1
    assert server.received == []


def test_a_report_at_night_tells_people(
    night: tuple[Path, Recorder], cli: Callable[..., Any], tmp_path: Path
) -> None:
    path, server = night
    ended = cli("report", "--settings", path, "--deliver", "--format", "json", "-o", tmp_path / "r.json")
    assert ended.code == 1
    assert "slack: told by slack, 127.0.0.1" in ended.err
    assert (tmp_path / "r.json").is_file()
    assert "%Service_Telnet" in server.received[0].body.decode()


def test_the_second_night_tells_only_what_changed(
    night: tuple[Path, Recorder], cli: Callable[..., Any], tmp_path: Path
) -> None:
    path, server = night
    words = ("report", "--settings", path, "--deliver")
    server.answers[:] = [(404, ""), GOOD["slack"]]
    assert cli(*words).code == 4
    assert cli(*words).code == 1  # it was not told, so it is told now
    assert len(server.received) == 2
    ended = cli(*words)
    assert (ended.code, len(server.received)) == (1, 2)
    assert "slack: nothing to tell" in ended.err
    ended = cli("accept", "service:%Service_Telnet", "--reason", "r", "--owner", "o", "--until", "2099-01-01",
                "--settings", path)  # fmt: skip
    assert ended.code == 0, ended.err
    cli(*words)
    assert len(server.received) == 3
    assert "Telnet" not in server.received[2].body.decode()
    assert "1 difference is accepted and not listed" in server.received[2].body.decode()
    cli(*words, "--no-remember")
    assert len(server.received) == 4


def test_a_delivery_that_fails_changes_the_exit_and_the_report_is_there(
    night: tuple[Path, Recorder], cli: Callable[..., Any], tmp_path: Path
) -> None:
    path, server = night
    server.answers[:] = [(404, f"no_service {CANARY}")]
    ended = cli("report", "--settings", path, "--deliver", "-o", tmp_path / "r.html", "--verbose")
    assert ended.code == 4
    (line,) = (each for each in ended.err.splitlines() if "failed" in each)
    assert line.startswith("driftsync: delivery slack failed (slack, 127.0.0.1): the answer is 404 (")
    assert CANARY not in ended.err + ended.out
    assert (tmp_path / "r.html").is_file()


def test_nobody_to_tell_is_said_before_anything_is_read(cli: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "driftsync.toml"
    path.write_text('[mirror.M]\nprimary = "A"\n[member.A]\nsource = "nowhere"\n', "utf-8")
    for words in (("report", "--deliver"), ("deliver", "--test")):
        ended = cli(*words, "--settings", path)
        assert ended.code == 2
        assert "no [[deliver]] table" in ended.err


def test_a_channel_can_be_tried(night: tuple[Path, Recorder], cli: Callable[..., Any]) -> None:
    path, server = night
    ended = cli("deliver", "--settings", path)
    assert (ended.code, server.received) == (2, [])
    assert "--test" in ended.err
    ended = cli("deliver", "--test", "slack", "--settings", path)
    assert (ended.code, ended.out) == (0, "slack: told by slack, 127.0.0.1\n")
    assert "this is a test of the delivery slack" in server.received[0].body.decode()
    ended = cli("deliver", "--test", "mail", "--settings", path)
    assert ended.code == 2
    assert "it has: slack" in ended.err
    server.answers[:] = [(500, "")]
    server.headers["Retry-After"] = "0"
    path.write_text(path.read_text("utf-8") + "attempts = 1\n", "utf-8")
    ended = cli("deliver", "--test", "--settings", path)
    assert ended.code == 4
    assert CANARY not in ended.err
