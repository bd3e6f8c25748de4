"""This package keeps what outlives a run, in one SQLite file: snapshots, agreements, findings, acknowledgements.

`place` finds the file, `schema` makes and checks it, `rows` is what it gives, `store` writes a whole run or nothing and answers questions.
"""

from driftsync.store.place import ENVIRONMENT, store_path
from driftsync.store.rows import Agreed, Before, Found, MemberRead, ReadingRow, RunRow
from driftsync.store.store import Store

__all__ = [
    "ENVIRONMENT",
    "Agreed",
    "Before",
    "Found",
    "MemberRead",
    "ReadingRow",
    "RunRow",
    "Store",
    "store_path",
]
