"""This module writes drift as Markdown, for tickets and wikis."""

from __future__ import annotations

from driftsync.language import _, translated
from driftsync.model import Changed, Clash, Difference, Drift, MirrorReport, Report
from driftsync.reporting import nights, wording
from driftsync.reporting.readiness import mark_of, summary_of


def drift_as_markdown(drift: Drift, *, level: int = 1) -> str:
    """Return the drift of one member as a Markdown document, or a chapter of one."""
    head = "#" * level
    counts = drift.summary
    lines = [
        f"{head} {_text(drift.member.name)}" + _(": ") + _text(wording.verdict(drift)),
        "",
        _text(wording.meaning_in_one_line(drift)),
        "",
        _(
            "Compared with {primary}. Missing {missing}, extra {extra}, changed {changed}, clash {clash}, gaps {gaps}."
        ).format(
            primary=_text(drift.primary.name),
            missing=counts.missing,
            extra=counts.extra,
            changed=counts.changed,
            clash=counts.clash,
            gaps=counts.gaps,
        ),
    ]
    for kind, differences in wording.by_kind(drift).items():
        lines += ["", f"{head}# {_text(wording.title_of(kind))} ({len(differences)})", ""]
        lines += [
            "| | " + " | ".join((_("item"), _("property"), _("primary"), _("member"), _("severity"))) + " |",
            "| --- " * 6 + "|",
        ]
        for difference in differences:
            lines += _rows(difference)
    if drift.gaps:
        lines += ["", f"{head}# " + _("Not read or not comparable") + f" ({len(drift.gaps)})", ""]
        for member, reason, places in wording.folded_gaps(drift.gaps):
            lines.append(f"- **{_text(member)}** {_text(', '.join(places))}" + _(": ") + _text(reason))
    return "\n".join(lines) + "\n"


def report_as_markdown(report: Report) -> str:
    """Return all mirrors as one Markdown document."""
    lines = [f"# driftsync, {report.taken_at}", ""]
    for mirror in report.mirrors:
        lines += [
            "## "
            + _("mirror {name}, primary {primary}").format(
                name=_text(mirror.name), primary=_text(mirror.primary)
            ),
            "",
        ]
        for sentence in nights.summary_of(mirror):
            lines += [_text(sentence), ""]
        if mirror.readiness:
            lines += [f"**{mark_of(mirror.readiness)}** {_text(summary_of(mirror.readiness))}", ""]
        lines += _night(mirror)
        for unreadable in mirror.unreadable:
            lines += [
                f"### {_text(unreadable.member)}: " + _("could not be read"),
                "",
                _text(translated(unreadable.reason)),
                "",
            ]
        lines += [drift_as_markdown(drift, level=3) for drift in mirror.drifts]
    lines += [f"- {_text(remark)}" for remark in report.remarks]
    return "\n".join(lines)


def _night(mirror: MirrorReport) -> list[str]:
    """List what is new since the last run, and what is gone."""
    night = mirror.night
    if night is None or not night.previous:
        return []
    lines = [
        "- **"
        + _("new")
        + f"** {_code(each.key)} {_text(each.member)}"
        + _(": ")
        + _text(nights.standing_in_words(each))
        for each in night.standings
        if each.new and not each.accepted
    ]
    lines += [
        "- " + _("resolved") + _(": ") + _text(nights.resolved_in_words(each)) for each in night.resolved
    ]
    return [*lines, ""] if lines else []


def _rows(difference: Difference) -> list[str]:
    sign, severity = _(wording.TYPES[type(difference)]), _(wording.SEVERITIES[difference.severity])
    if not isinstance(difference, (Changed, Clash)):
        return [
            f"| {sign} | {_code(difference.key)} | | {_text(wording.one_line(difference))} | | {severity} |"
        ]
    rows = []
    for change in difference.changes:
        expected, actual = wording.show_change(change, difference.kind, difference.key)
        rows.append(
            f"| {sign} | {_code(difference.key)} | {_text(change.property)} | {_text(expected)} | {_text(actual)} | {severity} |"
        )
    return rows


def _text(value: str) -> str:
    """Escape what Markdown or HTML would read as markup."""
    value = value.replace("\\", "\\\\").replace("\r", "").replace("\n", " ")
    for mark in "|*_`<>[]#":
        value = value.replace(mark, f"\\{mark}" if mark not in "<>" else {"<": "&lt;", ">": "&gt;"}[mark])
    return value


def _code(value: str) -> str:
    """Write a key as code; a bar would end the cell, a backtick the code."""
    return "`" + value.replace("|", "\\|").replace("`", "'").replace("\n", " ") + "`"
