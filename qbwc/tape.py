"""The tape: pages that QuickBooks answered, as they came, until they are loaded and pruned.

A page is kept, compressed, in the transaction that moves its request on, before QBWC gets its reply.  One
answer document may hold the pages of several requests; it is kept once.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, delete, func, insert, or_, select, update

from qbwc import store

_LEVEL = 1  # qbXML shrinks to a tenth at once; higher levels only cost time while QBWC waits


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of one request's answer.

    Attributes:
        sequence: From 1, in the order they were read.
        records: Records of this request in the document.
        document: The whole answer; `qbwc.qbxml.parse_records(document, request_id)` reads this page of it.
    """

    request_id: str
    entity: str
    sequence: int
    received_at: datetime
    records: int
    final: bool
    document: bytes = field(repr=False)


def pack(document: str) -> bytes:
    """Compress a document, outside of any transaction."""
    return zlib.compress(document.encode(), _LEVEL)


def unpack(body: bytes) -> bytes:
    """The document again."""
    return zlib.decompress(body)


def keep_document(connection: Connection, body: bytes, size: int, now: datetime) -> int:
    """Write a packed document and answer its id."""
    given = {"received_at": now, "size": size, "body": body}
    return int(connection.execute(_new_document(), given).scalar_one())


@cache
def _new_document() -> Any:
    return insert(store.documents).returning(store.documents.c.id)


def keep_page(
    connection: Connection, request_id: str, document_id: int, records: int, *, final: bool
) -> None:
    """Write one request's page of a document."""
    last = connection.execute(_last_page(), {"request": request_id}).scalar_one()
    connection.execute(
        _new_page(),
        {
            "request_id": request_id, "sequence": last + 1, "document_id": document_id,
            "records": records, "final": final,
        },
    )  # fmt: skip


@cache
def _last_page() -> Any:
    table = store.pages
    last = func.coalesce(func.max(table.c.sequence), 0)
    return select(last).where(table.c.request_id == bindparam("request"))


@cache
def _new_page() -> Any:
    return insert(store.pages)


def pages(
    engine: Engine, *, group: str | None = None, request_id: str | None = None, answered_only: bool = True
) -> Iterator[Page]:
    """Pages of a group or of one request, by request and sequence, one in memory at a time.

    With `answered_only` the pages of a query that is not complete yet are left out.
    """
    request, page = store.requests, store.pages
    query = (
        select(page.c.request_id, page.c.sequence)
        .join(request, request.c.id == page.c.request_id)
        .order_by(request.c.number, page.c.sequence)
    )
    if group is not None:
        query = query.where(request.c.group_id == group)
    if request_id is not None:
        query = query.where(request.c.id == request_id)
    if answered_only:
        query = query.where(request.c.state == "answered")
    with store.reading(engine) as connection:
        places = [(row.request_id, row.sequence) for row in connection.execute(query)]
    for name, sequence in places:
        found = _page(engine, name, sequence)
        if found is not None:
            yield found


def _page(engine: Engine, request_id: str, sequence: int) -> Page | None:
    request, page, document = store.requests, store.pages, store.documents
    query = (
        select(request.c.entity, page.c.records, page.c.final, document.c.received_at, document.c.body)
        .select_from(page)
        .join(request, request.c.id == page.c.request_id)
        .join(document, document.c.id == page.c.document_id)
        .where(page.c.request_id == request_id, page.c.sequence == sequence)
    )
    with store.reading(engine) as connection:
        row = connection.execute(query).one_or_none()
    if row is None:  # pruned, or dropped by a restart, since the list was made
        return None
    return Page(
        request_id=request_id,
        entity=row.entity,
        sequence=sequence,
        received_at=row.received_at,
        records=row.records,
        final=row.final,
        document=unpack(row.body),
    )


def drop(connection: Connection, ids: Sequence[str]) -> None:
    """Forget the pages of queries that start again."""
    if connection.execute(delete(store.pages).where(store.pages.c.request_id.in_(ids))).rowcount:
        _sweep(connection)


def prune(
    engine: Engine, *, keep_days: float, now: datetime | None = None, groups: Sequence[str] | None = None
) -> int:
    """Delete documents of settled requests received longer ago than that, and answer how many pages went.

    A pull (a group of queries) that is not finished keeps all its pages.  The documents of settled message
    sets go after the same time, unless one of their requests is `unknown`: then they are its evidence.
    Rows of requests and of message sets are never deleted: they are what proves that a change was sent once,
    and so that its id is not taken again.

    Args:
        keep_days: Days to keep; 0 keeps nothing that is settled.
        groups: Only pages of these groups, and no message sets.
    """
    before = (now or store.now()) - timedelta(days=keep_days)
    with store.writing(engine) as connection:
        gone = _prune_pages(connection, before, groups)
        if groups is None:
            _prune_message_sets(connection, before)
    return gone


def _prune_pages(connection: Connection, before: datetime, groups: Sequence[str] | None) -> int:
    request, page, document = store.requests, store.pages, store.documents
    sibling = request.alias("sibling")
    unfinished = select(1).where(
        sibling.c.company_id == request.c.company_id,
        or_(sibling.c.id == request.c.id, sibling.c.group_id == request.c.group_id),
        sibling.c.state.in_(("queued", "sent")),
    )
    doomed = (
        select(page.c.request_id, page.c.sequence)
        .join(request, request.c.id == page.c.request_id)
        .join(document, document.c.id == page.c.document_id)
        .where(document.c.received_at < before, ~unfinished.exists())
    )
    if groups is not None:
        doomed = doomed.where(request.c.group_id.in_(groups))
    rows = connection.execute(doomed).all()
    for row in rows:
        connection.execute(
            delete(page).where(page.c.request_id == row.request_id, page.c.sequence == row.sequence)
        )
    _sweep(connection)
    return len(rows)


def _prune_message_sets(connection: Connection, before: datetime) -> None:
    request, kept = store.requests, store.message_sets
    needed = select(1).where(
        request.c.message_set_id == kept.c.id, request.c.state.in_(("queued", "sent", "unknown"))
    )
    connection.execute(
        update(kept)
        .where(kept.c.sent_at < before, kept.c.state != "sent", kept.c.document != b"", ~needed.exists())
        .values(document=b"")
    )


def _sweep(connection: Connection) -> None:
    kept = select(store.pages.c.document_id)
    connection.execute(delete(store.documents).where(store.documents.c.id.not_in(kept)))
