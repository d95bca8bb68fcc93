"""The queue: what shall be read from and written to QuickBooks, and what became of it.

    queued -> sent -> answered | failed | unknown
    queued -> cancelled

States are written before the reply that depends on them, and rows are never deleted.  `put` takes requests
in, `look` reads them, `steer` is for people and workers, `settle` is for sessions.
"""

from qbwc.queue.groups import groups
from qbwc.queue.look import Item, Remaining, Work, overview, requests
from qbwc.queue.model import (
    Progress,
    QueryRequest,
    Request,
    RequestRow,
    WriteRequest,
    new_id,
)
from qbwc.queue.put import enqueue
from qbwc.queue.sealing import seal_with
from qbwc.queue.steer import cancel, prepared, preparing, resolve, standing

__all__ = [
    "Item",
    "Progress",
    "QueryRequest",
    "Remaining",
    "Request",
    "RequestRow",
    "Work",
    "WriteRequest",
    "cancel",
    "enqueue",
    "groups",
    "new_id",
    "overview",
    "prepared",
    "preparing",
    "requests",
    "resolve",
    "seal_with",
    "standing",
]
