"""This package keeps what outlives a run, in one SQLite file: snapshots, agreements, findings, acknowledgements.

`place` finds the file, `schema` makes and checks it, `store` writes a whole run or nothing and answers questions.
"""

from driftsync.store.place import ENVIRONMENT, store_path
from driftsync.store.store import Found, MemberRead, RunRow, Store

__all__ = ["ENVIRONMENT", "Found", "MemberRead", "RunRow", "Store", "store_path"]
