"""This package plans the remedy: Drift × snapshots × terms → Plan, in an order that never locks anybody out.

`planning` makes the whole; `whose` and `withholding` say what is left to others, `deciding` which side is right,
`values` what is to be written, `hazards` what to know before, `drafting` puts these together for one difference.
`needing`, `proving` and `ordering` look at all actions together, on paper (`afterwards`), `around` at what happens beside
them; `sealing` closes the plan.
"""

from driftsync.planning.afterwards import afterwards
from driftsync.planning.around import agent_at
from driftsync.planning.deciding import Known
from driftsync.planning.planning import LIFETIME, Wish, digest_of_lines, plan
from driftsync.planning.proving import prove, read_whole
from driftsync.planning.sealing import check_plan, read_plan, sealed, use_plan, write_plan

__all__ = [
    "LIFETIME",
    "Known",
    "Wish",
    "afterwards",
    "agent_at",
    "check_plan",
    "digest_of_lines",
    "plan",
    "prove",
    "read_plan",
    "read_whole",
    "sealed",
    "use_plan",
    "write_plan",
]
