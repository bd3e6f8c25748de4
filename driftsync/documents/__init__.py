"""This package turns files that an administrator has into the items of one member.

One module per format; `recognising` tells formats apart by content, `assembling` makes a `Snapshot` of any
number of documents.
"""

from driftsync.documents.assembling import read_member
from driftsync.documents.recognising import FORMATS

__all__ = ["FORMATS", "read_member"]
