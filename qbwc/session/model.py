"""Words of the session machine: its state, what happens to it, what it answers, what it wants written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from qbwc.errors import QbxmlError
from qbwc.qbxml import Record
from qbwc.queue import Item, Work
from qbwc.users import Company, CompanyFacts

Kind = Literal["write", "query", "status", "probe", "look", "clear", "rest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one session.

    Attributes:
        writes: Writes in one message set.
        size: Bytes of the requests in one message set.
        queries: Queries without pages in one message set.
        probes: Records looked for in one message set.
        list_page, transaction_page: Records a page, for queries that do not say.
        attempts: How often a request is sent before it counts as failed.
        waits: How often in a row QBWC is asked to wait (5 seconds each) for work that is being prepared.
        linger_seconds: How long a call looks out for such work itself before it asks QBWC to wait.
        old_add_seconds: An add that waited longer, and says how to find its record, is looked for first.
    """

    writes: int = 200
    size: int = 1024 * 1024
    queries: int = 20
    probes: int = 50
    list_page: int = 500
    transaction_page: int = 200
    attempts: int = 8
    waits: int = 60
    linger_seconds: float = 2.0
    old_add_seconds: float = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """The message set that QBWC has, and whose answer is awaited.

    Attributes:
        ids: Requests in it; for 'status' those of the message set that is asked for; for 'look' queued ones
            that are looked up before they go.
        set_id: Message-set id, for 'write', 'status' and 'clear'.
    """

    kind: Kind
    ids: tuple[str, ...] = ()
    set_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A session, from authenticate to closeConnection.

    Attributes:
        version: Negotiated qbXML version; None until the company file was recognised.
        flight: None between receiveResponseXML and sendRequestXML.
        limit: Requests in the next set; halves when QuickBooks refuses a set, doubles when it takes one.
        done, failed: Requests settled in this session, and how many of them not as wished.
        writes, records, queries: Of what was done: writes settled, records read, queries read to their end.
        told: The percentage that QBWC was told last.
        checked: Requests that were looked up, found as reviewed, and go next.
        waits: How often QBWC was asked to wait in a row.
        waiting: The last reply asked it to wait, so getLastError says so.
        trouble: Why the session ends early, as its user reads it.
    """

    version: str | None = None
    flight: Flight | None = None
    limit: int
    done: int = 0
    failed: int = 0
    writes: int = 0
    records: int = 0
    queries: int = 0
    told: int = 0
    checked: tuple[str, ...] = ()
    waits: int = 0
    waiting: bool = False
    trouble: str | None = None


# --- events -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """QBWC asks for the next message set.

    Attributes:
        company: Whose login this is.
        info: The open company file; given with the first call only.
        unreadable: Why `info` could not be read.
        path: The open company file's path.
        offered: Highest qbXML version as (major, minor), by QBWC.
        set_id: A fresh message-set id, at most 24 characters.
    """

    now: datetime
    company: Company
    info: CompanyFacts | None = None
    supported: tuple[str, ...] = ()
    unreadable: str | None = None
    path: str = ""
    offered: tuple[int, int] = (0, 0)
    work: Work
    set_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The answer to one request of a message set; records only where they are needed at once.

    `in_all` is the count that a query for metadata brings.
    """

    code: int
    message: str = ""
    count: int = 0
    in_all: int | None = None
    iterator_id: str | None = None
    remaining: int | None = None
    records: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to a message set: each request's answer by its id."""

    told: Mapping[str, Told] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receive:
    """QBWC brings an answer, or the reason why there is none.

    Attributes:
        answer: None when QuickBooks did not process the set, or the answer could not be read.
        unreadable: Why it could not be read.
        hresult, message: Why QuickBooks did not process the set; "" when it did.
        items: The requests of the flight, by id.
    """

    answer: Answer | None = None
    unreadable: QbxmlError | None = None
    hresult: str = ""
    message: str = ""
    items: Mapping[str, Item] = field(default_factory=dict)


# --- replies ----------------------------------------------------------------------------------------------

AGAIN: Final = "again"
"""Write the effects, look at the queue again, and ask the machine once more."""

PERCENT: Final = "percent"
"""Write the effects, count what is left, and answer how far the session is."""

ERROR: Final = "error"
"""Answer -1, so that QBWC asks for the error and closes the session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """qbXML for QBWC; "" makes it ask getLastError."""

    text: str = ""


Reply = Document | Literal["again", "percent", "error"]


# --- effects, written in one transaction before the reply --------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """These requests leave now; a set with writes is kept with its id and its bytes."""

    ids: tuple[str, ...]
    set_id: str | None = None
    document: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    id: str
    code: int
    message: str = ""
    answer: Mapping[str, Any] | None = field(default=None, repr=False)
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    id: str
    error: str
    code: int | None = None
    message: str | None = None
    answer: Mapping[str, Any] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    id: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Requeued:
    id: str
    note: str
    edit_sequence: str | None = None
    blameless: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubted:
    """No answer: 'lost' asks the message set, 'probe' looks for the record, 'stale' compares it."""

    ids: tuple[str, ...]
    doubt: Literal["lost", "probe", "stale"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageKept:
    """The answer document goes to the tape as a page of these requests: (id, records, is the last)."""

    pages: tuple[tuple[str, int, bool], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A page was read and more follow."""

    id: str
    records: int
    total: int | None
    iterator_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """QuickBooks told how many records there are."""

    id: str
    total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetIs:
    """What became of a message set: answered, refused, lost or cleared."""

    set_id: str
    state: Literal["answered", "refused", "lost", "cleared"]
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedNow:
    """The open company file is this company's from now on."""

    info: CompanyFacts
    path: str


Effect = (
    Sent
    | Answered
    | Failed
    | Unknown
    | Cancelled
    | Requeued
    | Doubted
    | PageKept
    | Read
    | Counted
    | SetIs
    | PairedNow
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What an event leads to."""

    state: State
    reply: Reply
    effects: tuple[Effect, ...] = ()
