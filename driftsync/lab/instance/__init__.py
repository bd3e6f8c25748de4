"""This package is the instance half of the lab: system classes that answer calls and SQL, one object a member.

It shares nothing with the rest of driftsync on purpose: were its facts wrong in the same way, no test would show it.
"""

from driftsync.lab.instance import (
    certificate_calls,
    code_calls,
    config_calls,
    file_calls,
    mirror_calls,
    record_calls,
    security_calls,
    system_calls,
    task_calls,
)
from driftsync.lab.instance.faults import Faults
from driftsync.lab.instance.member import CodeElement, Production, SimulatedInstance
from driftsync.lab.instance.mirror import (
    DISASTER_RECOVERY,
    FAILOVER,
    READ_ONLY,
    READ_WRITE,
    MemberState,
    SimulatedMirror,
)
from driftsync.lab.instance.release import RELEASES

ANSWERING = (
    certificate_calls, code_calls, config_calls, file_calls, mirror_calls, record_calls, security_calls, system_calls, task_calls
)  # fmt: skip
"""The modules that register answers when they are imported."""

__all__ = [
    "ANSWERING",
    "DISASTER_RECOVERY",
    "FAILOVER",
    "READ_ONLY",
    "READ_WRITE",
    "RELEASES",
    "CodeElement",
    "Faults",
    "MemberState",
    "Production",
    "SimulatedInstance",
    "SimulatedMirror",
]
