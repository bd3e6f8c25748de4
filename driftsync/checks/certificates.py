"""This module declares the checks of certificates: until when they hold, and names that nobody has authorised (mirror.md 3.3)."""

from __future__ import annotations

from datetime import datetime

from driftsync.checks.licences import over_tls
from driftsync.checks.spec import (
    PASS_WARN_FAIL,
    About,
    Check,
    MemberView,
    Result,
    Unanswered,
    View,
    can,
    failed,
    listed,
    passed,
    warned,
)
from driftsync.language import N_
from driftsync.language import english as _
from driftsync.model import Outcome

FORMS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%SZ",
    "%b %d %H:%M:%S %Y GMT",
    "%y%m%d%H%M%SZ",
    "%Y%m%d%H%M%SZ",
    "%Y-%m-%d",
)
"""How a moment may be spelled; which of them `X509GetField` uses is not proven."""


def _expiry(view: View, member: MemberView) -> Result:
    rows = member.rows("certificates")
    read = datetime.fromisoformat(member.header.taken_at).replace(tzinfo=None)
    left: list[tuple[int, str]] = []
    unread: list[str] = []
    for row in rows:
        until = _moment(str(row.get("Until") or ""))
        if until is None:
            unread.append(f"{row.get('Name')}: {row.get('Unread') or row.get('Until')}")
        else:
            left.append(((until - read).days, f"{row.get('Name')} ({until.date().isoformat()})"))
    soon = sorted(each for each in left if each[0] <= view.thresholds.certificate_warn_days)
    seen = listed(_("{name}: {count} days left").format(name=name, count=days) for days, name in soon)
    if soon and soon[0][0] <= view.thresholds.certificate_fail_days:
        return failed(seen)
    if unread:
        raise Unanswered(listed(unread))
    if soon:
        return warned(seen)
    return passed(
        _("{count} certificates, the first ends in {days} days").format(count=len(left), days=min(left)[0])
        if left
        else _("no TLS configuration names a certificate")
    )


def _moment(text: str) -> datetime | None:
    for form in FORMS:
        try:
            return datetime.strptime(text.strip(), form)  # noqa: DTZ007 - UTC on both sides
        except ValueError:
            continue
    return None


EXPIRY = Check(
    id="SSL-204",
    title=N_("Days left of certificates"),
    why=N_("With an expired certificate TLS connections end: those of the mirror, and those of applications."),
    do=N_("Renew the certificate in time, put the file in its place on this member, and activate the configuration."),
    source="Security.SSLConfigs CertificateFile, %SYSTEM.Encryption.X509GetField; Monitoring Guide",
    about=About.EACH,
    rule=_expiry,
    outcomes=PASS_WARN_FAIL,
)  # fmt: skip


def _pending(view: View) -> Result:
    if not over_tls(view):
        return passed(_("the mirror does not use TLS"))
    rows = view.the_primary.rows("mirror.pending_names")
    names = [str(row.get("MemberName") or next(iter(row.values()), "?")) for row in rows]
    return failed(listed(names)) if names else passed(_("none is waiting"))


PENDING = Check(
    id="SSL-205",
    title=N_("No renewed certificate waits to be authorised"),
    why=N_("A member whose certificate has another name now is refused by the others until somebody authorises it."),
    do=N_("On the primary, authorise the pending members in the Mirror settings."),
    source="SYS.Mirror:PendingDNUpdates; High Availability Guide 5.4",
    about=About.MIRROR,
    rule=_pending,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)  # fmt: skip
