"""The tape: pages that QuickBooks answered, as they came, until they are loaded and pruned.

A page is kept, compressed, in the transaction that moves its request on, before QBWC gets its reply.  One
answer document may hold the pages of several requests; it is kept once.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, func, insert, select

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
    result = connection.execute(
        insert(store.documents).values(received_at=now, size=size, body=body).returning(store.documents.c.id)
    )
    return int(result.scalar_one())


def keep_page(
    connection: Connection, request_id: str, document_id: int, records: int, *, final: bool
) -> None:
    """Write one request's page of a document."""
    table = store.pages
    last = connection.execute(
        select(func.coalesce(func.max(table.c.sequence), 0)).where(table.c.request_id == request_id)
    ).scalar_one()
    connection.execute(
        insert(table).values(
            request_id=request_id, sequence=last + 1, document_id=document_id, records=records, final=final
        )
    )


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


def prune(engine: Engine, *, before: datetime, groups: Sequence[str] | None = None) -> int:
    """Delete pages of settled requests received before a time, of the groups given or of all.

    Answers how many pages went.  Requests themselves stay.
    """
    request, page, document = store.requests, store.pages, store.documents
    doomed = (
        select(page.c.request_id, page.c.sequence)
        .join(request, request.c.id == page.c.request_id)
        .join(document, document.c.id == page.c.document_id)
        .where(document.c.received_at < before, request.c.state.not_in(("queued", "sent")))
    )
    if groups is not None:
        doomed = doomed.where(request.c.group_id.in_(groups))
    with store.writing(engine) as connection:
        rows = connection.execute(doomed).all()
        for row in rows:
            connection.execute(
                delete(page).where(page.c.request_id == row.request_id, page.c.sequence == row.sequence)
            )
        _sweep(connection)
    return len(rows)


def _sweep(connection: Connection) -> None:
    kept = select(store.pages.c.document_id)
    connection.execute(delete(store.documents).where(store.documents.c.id.not_in(kept)))
