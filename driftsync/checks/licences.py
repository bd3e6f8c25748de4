"""This module declares the checks of licences, certificates of the mirror and keys (mirror.md 3.3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from driftsync.checks.mirror_state import definitions
from driftsync.checks.spec import (
    PASS_WARN_FAIL,
    TAKES_OVER,
    About,
    Check,
    MemberView,
    Result,
    Unanswered,
    View,
    can,
    failed,
    gather,
    known,
    listed,
    passed,
    warned,
)
from driftsync.language import N_
from driftsync.language import english as _
from driftsync.model import FAILOVER_ROLES, OTHER_ROLES, Item, Measure, MemberRole, Outcome

UNATTENDED = 2
"""`DBEncStartMode`: 0 none, 1 interactive, 2 unattended (expected, not proven)."""


def _expires(view: View, member: MemberView) -> Result:
    said = member.fact("licence.expires")
    told = "" if said is None else str(said)
    if told in {"", "0"}:
        return passed(_("a permanent key"))
    try:
        last = date(1840, 12, 31) + timedelta(days=int(told))
    except (ValueError, OverflowError):
        raise Unanswered(_("the expiration date {told} is no day").format(told=told)) from None
    left = (last - datetime.fromisoformat(member.header.taken_at).date()).days
    seen = _("until {day}, {count} days").format(day=last.isoformat(), count=left)
    warn, fail = view.thresholds.licence_warn_days + 1, view.thresholds.licence_fail_days + 1
    measure = Measure(name="licence_days", value=left, warn=warn, fail=fail, falling=True)
    if left < fail:
        return failed(seen, measure)
    return warned(seen, measure) if left < warn else passed(seen, measure)


EXPIRES = Check(
    id="LIC-201",
    title=N_("Days left of the licence"),
    why=N_("A member whose licence ends lets nobody in, and stops mirroring."),
    do=N_("Ask InterSystems for a new key and activate it on every member."),
    source="%SYSTEM.License.KeyExpirationDate; Monitoring Guide, table 5-1",
    about=About.EACH,
    rule=_expires,
    outcomes=PASS_WARN_FAIL,
)


def _units(view: View) -> Result:
    units, used = view.the_promoted.number("licence.units"), view.the_primary.number("licence.most_used")
    if units < 0 or used < 0:
        raise Unanswered(_("{fact}: no answer").format(fact="%SYSTEM.License"))
    seen = _("{units} units, the primary used up to {used}").format(units=units, used=used)
    return failed(seen) if units < used else passed(seen)


UNITS = Check(
    id="LIC-202",
    title=N_("Licence of the would-be primary is large enough"),
    why=N_("Whoever comes after the last unit is refused."),
    do=N_("Activate a key of the same size on every failover member."),
    source="%SYSTEM.License.KeyLicenseUnits and LUMaxConsumed",
    about=About.PROMOTED,
    rule=_units,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)


def over_tls(view: View) -> bool:
    """Say whether the mirror's members talk TLS. Raises `Unanswered` where that is not known."""
    return all(known(item, "UseSSL") for item in definitions(view))


def _mirror_certificates(view: View, member: MemberView) -> Result:
    status = str(member.fact("mirror.certificates"))
    if status == "1":
        return passed(_("IRIS accepts them"))
    if not over_tls(view):
        return passed(_("the mirror does not use TLS"))
    return failed(status.removeprefix("0").strip() or _("IRIS does not accept them"))


MIRROR_CERTIFICATES = Check(
    id="SSL-203",
    title=N_("Certificates of the mirror"),
    why=N_("With an expired or wrong certificate the members no longer talk to each other."),
    do=N_("Renew the certificate behind %MirrorClient and %MirrorServer, then authorise the member anew."),
    source="SYS.Mirror.VerifyMirrorSSLCertificates(mirror, 1)",
    about=About.EACH,
    roles=FAILOVER_ROLES,
    rule=_mirror_certificates,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)


def _keys(view: View, member: MemberView) -> Result:
    needed = set(gather(_key_of(item) for item in member.items("database").values()))
    there = {key.partition(":")[2].casefold() for key in member.items("encryption-key")}
    lacking = sorted(needed - there)
    if lacking:
        return failed(listed(lacking))
    journals = False
    if member.role in TAKES_OVER:
        for writer, reader in ((view.the_primary, member), (member, view.the_primary)):
            key = _journal_key(writer)
            journals = journals or key is not None
            if key is not None and key not in _active(reader):
                return failed(
                    _("{name} cannot read the journals of {other}: key {key}").format(
                        name=reader.name, other=writer.name, key=key or "?"
                    )
                )
    if (needed or journals) and _start_mode(member) != UNATTENDED:
        return warned(_("after a restart somebody must activate the key"))
    return passed(_("{count} encryption keys are there").format(count=len(there)))


def _key_of(item: Item) -> Iterator[str]:
    """Yield the key of an encrypted database. Raises `Unanswered` where it has one that is not known."""
    if known(item, "EncryptedDB"):
        key = str(known(item, "EncryptionKeyID") or "")
        if not key:
            raise Unanswered(_("the key of {name} is not known").format(name=item.key))
        yield key.casefold()


def _active(member: MemberView) -> set[str]:
    return {key.partition(":")[2].casefold() for key in member.items("encryption-key")}


def _journal_key(member: MemberView) -> str | None:
    """Return the key that a member encrypts its journals with; `None` where it does not."""
    if not member.switch("journal.encrypted"):
        return None
    settings = _security(member)
    return str(known(settings, "DBEncJournalKeyID") or known(settings, "DBEncDefaultKeyID") or "").casefold()


def _start_mode(member: MemberView) -> int:
    mode = known(_security(member), "DBEncStartMode")
    if mode is None:
        raise Unanswered(_("how keys are activated at start-up is not known"))
    return int(mode)


def _security(member: MemberView) -> Item:
    for item in member.items("security-settings").values():
        return item
    raise Unanswered(_("the security settings have no row"))


KEYS = Check(
    id="KEY-206",
    title=N_("Encryption keys are activated"),
    why=N_("A database whose key is not activated cannot be mounted, and its journals cannot be read."),
    do=N_("Activate the key on the member, and let it be activated at start-up."),
    source="%SYSTEM.Encryption.ListEncryptionKeys, SYS.Database EncryptionKeyID",
    about=About.EACH,
    rule=_keys,
    outcomes=PASS_WARN_FAIL,
)


def _journal_encryption(view: View, member: MemberView) -> Result:
    if not view.the_primary.switch("journal.encrypted"):
        return passed(_("the primary does not encrypt its journals"))
    if member.role in TAKES_OVER and not over_tls(view):
        return failed(
            _("the mirror does not use TLS, which encrypted journals of failover and DR members need")
        )
    if member.switch("journal.encrypted"):
        return passed(_("on here as on the primary"))
    seen = _("off here, on at the primary")
    return failed(seen) if member.role is MemberRole.REPORTING_ASYNC else warned(seen)


JOURNAL_ENCRYPTION = Check(
    id="KEY-207",
    title=N_("Journal encryption"),
    why=N_("What is encrypted on the primary would lie open in the journals of the member."),
    do=N_("Switch journal encryption on at the member."),
    source="%SYS.Journal.System.IsJournalEncryptionEnabled; High Availability Guide 4.11.2",
    about=About.EACH,
    roles=OTHER_ROLES,
    rule=_journal_encryption,
    outcomes=PASS_WARN_FAIL,
)
