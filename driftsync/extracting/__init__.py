"""This package reads running members: connection × kinds → Snapshot.

`permitted` lets through only what changes nothing, `dictionary` asks what a release has, one module a route reads
items (`tables`, `objects`, `config`, and readers of their own), `reading` follows the routes of a kind's declaration,
`facts` asks for what is no item, `extraction` makes the snapshot.
"""

from driftsync.extracting.extraction import Wanted, extract

__all__ = ["Wanted", "extract"]
