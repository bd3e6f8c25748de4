"""This package tells people what a report found: by mail, by webhook, and through the robots of work chats.

`message` is what there is to say and `composing` makes it, `changing` decides whether it has to be said, `templates` and
`flavours` put it into words for one channel, `cutting` keeps it within the channel's limit. `mail`, and one `Robot` a chat,
know their channel; `posting` and `mailing` are the only modules that open a connection, `attempting` tries again where that
can help, `delivery` is the verb.
"""

from driftsync.delivering.changing import digests_of
from driftsync.delivering.composing import message_of
from driftsync.delivering.delivery import Delivered, Result, deliver, try_out
from driftsync.delivering.message import Message

__all__ = [
    "Delivered",
    "Message",
    "Result",
    "deliver",
    "digests_of",
    "message_of",
    "try_out",
]
