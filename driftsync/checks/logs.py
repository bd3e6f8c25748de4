"""This module declares the checks of the logs: what happened since the last run, and what still lasts (mirror.md 3.5)."""

from __future__ import annotations

from driftsync.checks.log_rules import Rule, others, simply, until_ended, was_read
from driftsync.checks.spec import About, Check, can, failed, warned
from driftsync.language import N_
from driftsync.logs.patterns import BECAME_PRIMARY
from driftsync.model import Outcome


def _check(id: str, title: str, why: str, do: str, rule: Rule, *outcomes: Outcome) -> Check:
    return Check(
        id=id,
        title=title,
        why=why,
        do=do,
        source="messages.log, cconsole.log; Monitoring Guide, Monitoring Log Files",
        about=About.EACH,
        rule=rule,
        outcomes=can(Outcome.PASS, *outcomes),
    )


WARN, FAIL = Outcome.WARN, Outcome.FAIL

ARBITER = _check(
    "LOG-401",
    N_("The log: the arbiter was lost"),
    N_("Without the arbiter a backup that loses the primary may not dare to take over."),
    N_("Look at the network to the arbiter and at its ISCAgent, from both failover members."),
    until_ended("LOG-401", failed, warned),
    WARN, FAIL,
)  # fmt: skip
BACKUP = _check(
    "LOG-402",
    N_("The log: the connection to the backup was lost"),
    N_("While it lasts the backup does not get what the primary writes, and cannot take over without loss."),
    N_("Look at the log of the backup at the same time, and at the network between both."),
    until_ended("LOG-402", failed, warned),
    WARN, FAIL,
)  # fmt: skip
ASYNC = _check(
    "LOG-403",
    N_("The log: the connection to an async member was lost"),
    N_("IRIS logs this as a warning only, so no alert is sent; the journals pile up on the primary meanwhile."),
    N_("Look at the async member and at the network to it."),
    until_ended("LOG-403", warned, warned),
    WARN,
)  # fmt: skip
UNCONNECTED = _check(
    "LOG-404",
    N_("The log: an async member found no primary"),
    N_("A member that never connected gets nothing, and nobody may notice."),
    N_("Look at addresses, certificates and the agent of the primary as the member sees them."),
    until_ended("LOG-404", failed, warned),
    WARN, FAIL,
)  # fmt: skip
MODE = _check(
    "LOG-405",
    N_("The log: agent controlled failover"),
    N_("Without the arbiter's control the backup takes over in fewer situations."),
    N_("Bring the arbiter back; the mode changes by itself."),
    until_ended("LOG-405", warned, warned, forget=True),
    WARN,
)  # fmt: skip
ROLE = _check(
    BECAME_PRIMARY,
    N_("The log: the member became primary"),
    N_("No failure by itself. But what was edited on the old primary may be the better one: the direction changed."),
    N_("Compare before correcting: what differs since then may be newer on either side."),
    simply(BECAME_PRIMARY, warned),
    WARN,
)  # fmt: skip
PRESERVED = _check(
    "LOG-407",
    N_("The log: journals are kept for a member that is away"),
    N_("They pile up until that member is back; a full disk stops the primary too."),
    N_("Bring the member back, or take it out of the mirror. Never delete journal files of a mirror by hand."),
    simply("LOG-407", warned),
    WARN,
)  # fmt: skip
CHECKSUM = _check(
    "LOG-408",
    N_("The log: a mirror journal log could not be read"),
    N_("The member may not be able to prove which journal files it has."),
    N_("Look at the disk and the permissions of the journal directory; ask InterSystems before repairing."),
    simply("LOG-408", failed),
    FAIL,
)  # fmt: skip
UNTOLD = _check(
    "LOG-409",
    N_("The log: a member was not told of a change of the mirror"),
    N_("The definition of the mirror itself may now differ between members."),
    N_("Compare the mirror's members and addresses on each member; restart mirroring on the one that was not told."),
    simply("LOG-409", failed),
    FAIL,
)  # fmt: skip
NEITHER = _check(
    "LOG-410",
    N_("The log: neither primary nor backup at startup"),
    N_("The member is up and takes no part in the mirror."),
    N_("Read the lines before it in the log: they say what was missing."),
    until_ended("LOG-410", failed, warned),
    WARN, FAIL,
)  # fmt: skip
ABNORMAL = _check(
    "LOG-411",
    N_("The log: an abnormal shutdown"),
    N_("IRIS or its host went down without being asked; it may do so again."),
    N_("Find out why: the system's own log at that time, power, memory, the hypervisor."),
    simply("LOG-411", warned),
    WARN,
)  # fmt: skip
ADDRESS = _check(
    "LOG-412",
    N_("The log: the virtual address could not be taken"),
    N_("A member that cannot take the virtual address does not become primary."),
    N_("Look at the interface, at arping, and at whether IRIS was installed as root."),
    until_ended("LOG-412", failed, warned, forget=True),
    FAIL,
)  # fmt: skip
PRODUCTION = _check(
    "LOG-413",
    N_("The log: a production did not start by itself"),
    N_("After the next failover the interfaces may stay down until somebody notices."),
    N_("Look at the production and its auto-start on this member."),
    simply("LOG-413", warned),
    WARN,
)  # fmt: skip
ENCRYPTION = _check(
    "LOG-414",
    N_("The log: a mirrored database is encrypted elsewhere and not here"),
    N_("What is protected on one member lies open on another."),
    N_("Encrypt the database here too, or decide that it need not be."),
    simply("LOG-414", warned),
    WARN,
)  # fmt: skip
OTHERS = _check(
    "LOG-415",
    N_("The log: other severe lines"),
    N_("IRIS wrote them as severe or fatal; each may be what ends the next failover."),
    N_("Read them in the log, the most frequent first."),
    others,
    WARN,
)  # fmt: skip
READ = _check(
    "LOG-416",
    N_("The log could be read back to the window's beginning"),
    N_("What happened before the log's first line, nobody can tell."),
    N_(
        "Give copies of the log and of the one before it with --log, or a shorter window with --since; a larger MaxConsoleLogSize helps."
    ),
    was_read,
    WARN,
)  # fmt: skip
