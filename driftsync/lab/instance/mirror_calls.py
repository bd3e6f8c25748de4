"""This module answers `%SYSTEM.Mirror` and what `SYS.Mirror` tells without changing anything."""

from __future__ import annotations

from driftsync.lab.contract import Value
from driftsync.lab.instance.calling import Call, answers
from driftsync.lab.instance.errors import OK, failed
from driftsync.lab.instance.mirror import ASYNC, MemberState, SimulatedMirror
from driftsync.lab.values import encode_list


def _here(call: Call) -> tuple[SimulatedMirror, MemberState] | None:
    mirror = call.instance.mirror
    return (mirror, mirror.state_of(call.instance)) if mirror else None


@answers("%SYSTEM.Mirror", "IsMember")
def _is_member(call: Call) -> Value:
    here = _here(call)
    return 0 if here is None else 2 if here[1].member_type in ASYNC else 1


@answers("%SYSTEM.Mirror", "IsPrimary")
def _is_primary(call: Call) -> Value:
    here = _here(call)
    return int(bool(here and here[1].status == "PRIMARY"))


@answers("%SYSTEM.Mirror", "IsBackup")
def _is_backup(call: Call) -> Value:
    here = _here(call)
    return int(bool(here and here[1].status == "BACKUP"))


@answers("%SYSTEM.Mirror", "IsAsyncMember")
def _is_async(call: Call) -> Value:
    here = _here(call)
    return int(bool(here and here[1].member_type in ASYNC))


@answers("%SYSTEM.Mirror", "MirrorName")
def _name(call: Call) -> Value:
    here = _here(call)
    return here[0].name if here else ""


@answers("%SYSTEM.Mirror", "GetMirrorNames")
def _names(call: Call) -> Value:
    here = _here(call)
    return encode_list([here[0].name]) if here else ""


@answers("%SYSTEM.Mirror", "GetStatus")
def _status(call: Call) -> Value:
    here = _here(call)
    return here[1].status if here else "NOTINIT"


@answers("%SYSTEM.Mirror", "GetMemberStatus")
def _member_status(call: Call) -> Value:
    here = _here(call)
    if here is None:
        return encode_list(["Not Initialized"])
    word = here[1].status.capitalize()
    return encode_list([word, "Trouble"] if here[1].in_trouble else [word])


@answers("%SYSTEM.Mirror", "GetMemberType")
def _member_type(call: Call) -> Value:
    here = _here(call)
    return here[1].member_type if here else "Not Member"


@answers("%SYSTEM.Mirror", "ArbiterState")
def _arbiter(call: Call) -> Value:
    here = _here(call)
    if not here or not here[0].arbiter:
        return ""
    return here[1].arbiter_state or here[0].arbiter_state


@answers("SYS.Mirror", "GetFailoverMemberStatus")
def _failover_members(call: Call) -> Value:
    here = _here(call)
    if here is None or here[1].member_type in ASYNC:
        raise failed(5001, "This is not a failover member")
    mirror, mine = here
    other = next(
        (state for state in mirror.states if state is not mine and state.member_type not in ASYNC), None
    )
    for name, state in (("ThisMember", mine), ("OtherMember", other)):
        call.give(name, mirror.member_list(state) if state else "")
    return OK


@answers("SYS.Mirror", "JournalFilesLatency", "DatabasesLatency")
def _latency(call: Call) -> Value:
    here = _here(call)
    if here is None:
        return -1
    return here[1].journal_seconds if call.method.startswith("Journal") else here[1].database_seconds


@answers("SYS.Mirror", "DistanceFromPrimaryJournalFiles", "DistanceFromPrimaryDatabases")
def _distance(call: Call) -> Value:
    here = _here(call)
    if here is None:
        return 0
    seconds = here[1].journal_seconds if call.method.endswith("Files") else here[1].database_seconds
    return 1 if seconds == 0 else seconds * 100_000


@answers("SYS.Mirror", "IsMirrorStarted")
def _started(call: Call) -> Value:
    here = _here(call)
    return int(bool(here and here[1].status not in {"STOPPED", "CRASHED"}))


@answers("SYS.Mirror", "IsFailoverReady")
def _ready(call: Call) -> Value:
    here = _here(call)
    if here is None or here[1].member_type in ASYNC:
        return encode_list([0, "This is not a failover member"])
    reason = here[0].why_not_ready(call.number("numSecOfDBLatency", 60))
    return encode_list([0, reason] if reason else [1])


@answers("SYS.Mirror", "VerifyMirrorSSLCertificates")
def _certificates(call: Call) -> Value:
    if call.instance.certificate_expired:
        raise failed(5001, "The certificate of %MirrorServer has expired")
    return OK


@answers("SYS.Mirror", "CheckISCAgent")
def _agent(call: Call) -> Value:
    if call.instance.agent_error:
        raise failed(5001, call.instance.agent_error)
    return OK


@answers("SYS.Mirror", "JrnPurgeDefaultWait")
def _purge_wait(call: Call) -> Value:
    return call.instance.journal_purge_wait


@answers("SYS.Mirror", "PromoteCheck")
def _promote_check(call: Call) -> Value:
    here = _here(call)
    call.give("UnavailableMembers", here[1].unavailable_members if here else "")
    call.give("Partner", "")
    if here is None or here[1].member_type != "Disaster Recovery":
        raise failed(5001, "This is not a disaster recovery async member")
    if call.instance.promotion_error:
        raise failed(5001, call.instance.promotion_error)
    return OK


@answers("SYS.Mirror", "AsyncDejournalStatus")
def _dejournal(call: Call) -> Value:
    here = _here(call)
    return "Running" if here and here[1].member_type in ASYNC else ""


@answers("SYS.Mirror", "DefaultSystemName")
def _system_name(call: Call) -> Value:
    return call.instance.name
