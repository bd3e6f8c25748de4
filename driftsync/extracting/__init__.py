"""This package reads running members: connection × kinds → Snapshot.

`permitted` lets through only what changes nothing, `dictionary` asks what a release has, one module a route reads
items (`tables`, `objects`, `config`, and readers of their own), `reading` follows the routes of a kind's declaration,
`facts` asks for what is no item, `extraction` makes the snapshot.
`examining` takes the same routes for one row each, `privileges` asks what the account may do, `probing` what IRIS does,
and `granting` writes the lines of a least-privileged account.
"""

from driftsync.extracting.examining import examine
from driftsync.extracting.extraction import Wanted, extract
from driftsync.extracting.granting import grants

__all__ = ["Wanted", "examine", "extract", "grants"]
