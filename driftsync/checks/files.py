"""This module declares the checks of what stands beside the databases: pages, libraries, drivers, and code of the site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from driftsync.checks.named_code import BESIDE, is_zmirror, missing_files
from driftsync.checks.spec import (
    PASS_WARN_FAIL,
    About,
    Check,
    Manual,
    MemberView,
    Result,
    View,
    can,
    failed,
    gather,
    known,
    listed,
    passed,
    shipped,
    warned,
)
from driftsync.language import N_
from driftsync.language import english as _
from driftsync.model import Item, Outcome

CALLED_BY_IRIS = frozenset({"%ZSTART", "%ZSTOP", "ZSTART", "ZSTOP", "ZAUTHENTICATE", "ZAUTHORIZE"})
"""Routines that IRIS itself calls: at start, at stop, at login (mirror.md 2.4); MIR-021 tells of `^ZMIRROR`."""


def _gateways(view: View) -> Result:
    primary, member = view.the_primary, view.the_promoted
    lost = gather(
        part
        for kind in BESIDE
        for part in (_undefined(kind, primary, member), map(str, missing_files(member, kind)))
    )
    if lost:
        return failed(listed(lost))
    sources = sorted(
        {
            str(known(item, "DSN"))
            for item in member.items("sql-gateway-connection").values()
            if known(item, "DSN")
        }
    )
    seen = _("every definition and driver is there")
    if sources:
        more = _("data sources are the host's and were not looked up: {names}").format(names=listed(sources))
        seen = f"{seen}; {more}"
    return passed(seen)


def _undefined(kind: str, primary: MemberView, member: MemberView) -> Iterator[str]:
    there = member.items(kind)
    for key, item in primary.items(kind).items():
        if key not in there and not shipped(item):
            yield _("{item} is not there").format(item=item.key)


GATEWAYS_THERE = Check(
    id="CFG-508",
    title=N_("SQL gateways and language servers are there with their drivers"),
    why=N_(
        "Without its definition or its driver, linked tables, adapters and Java, .NET or Python code fail."
    ),
    do=N_("Define it on the member and copy the files that its class path names; look at odbc.ini as well."),
    source="%Library.SQLConnection, Config.Gateways, %Library.File",
    about=About.PROMOTED,
    rule=_gateways,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)


def _files(view: View) -> Result:
    here, there = view.the_primary.items("file"), view.the_promoted.items("file")
    missing = [str(item.key) for key, item in here.items() if key not in there]
    if missing:
        return failed(_("missing: {names}").format(names=listed(missing)))
    other = gather(_version(item, there[key]) for key, item in here.items())
    if other:
        return warned(_("another version: {names}").format(names=listed(other)))
    return passed(_("{count} files agree").format(count=len(here)))


def _version(item: Item, other: Item) -> Iterator[str]:
    if known(item, "Hash") != known(other, "Hash"):
        yield str(item.key)


FILES = Check(
    id="CFG-510",
    title=N_("Files beside the databases are those of the primary"),
    why=N_("The mirror carries no pages, libraries or drivers: users meet an error, or yesterday's version."),
    do=N_("Copy the files to the member, and let deployments go to every member."),
    source="%Library.File below web applications, class paths and the paths of the settings",
    about=About.PROMOTED,
    rule=_files,
    outcomes=PASS_WARN_FAIL,
)

STREAMS = Manual(
    id="CFG-510b",
    title=N_("Stream files of mirrored databases reach the member"),
    why=N_("What programs keep as files below the stream directory of a database is no journal record: no mirror carries it."),
    do=N_("Where classes of the site store streams in files: put the stream directories on shared or replicated storage."),
    source="High Availability Guide 4.2",
)  # fmt: skip


def _code(view: View) -> Result:
    here, there = (_of_the_site(each) for each in (view.the_primary, view.the_promoted))
    missing = [str(item.key) for key, item in here.items() if key not in there]
    other = gather(_version(item, there[key]) for key, item in here.items() if key in there)
    extra = [str(item.key) for key, item in there.items() if key not in here]
    called = [name for name in (*other, *extra) if _is_called(name)]
    if missing or called:
        parts = [_("missing: {names}").format(names=listed(missing))] if missing else []
        parts += [_("differs, and IRIS calls it: {names}").format(names=listed(called))] if called else []
        return failed("; ".join(parts))
    if other:
        return warned(_("another version: {names}").format(names=listed(other)))
    return passed(_("{count} routines and classes agree").format(count=len(here)))


def _of_the_site(member: MemberView) -> Mapping[str, Item]:
    return {key: item for key, item in member.items("custom-code").items() if not is_zmirror(item)}


def _is_called(key: str) -> bool:
    return key.partition(":")[2].rpartition(".")[0].upper() in CALLED_BY_IRIS


CODE = Check(
    id="CFG-511",
    title=N_("Code of the site in %SYS is that of the primary"),
    why=N_("What should run at start-up, at login or at the switch does not run, or in another version."),
    do=N_("Import the same routines and classes into %SYS on the member."),
    source="%Z* and Z* code in IRISSYS",
    about=About.PROMOTED,
    rule=_code,
    outcomes=PASS_WARN_FAIL,
)
