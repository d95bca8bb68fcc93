"""Read the queue: rows for a person or a worker, and the work that a session may take next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine, Integer, Select, and_, bindparam, case, exists, func, or_, select

from qbwc import store
from qbwc.queue import sealing
from qbwc.queue.model import Progress, QueryRequest, Request, RequestRow, WriteRequest, request_of

_CHUNK = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A request as a session sees it.

    Attributes:
        request: What was queued.
        attempts: How often it was sent before.
        doubt: 'lost', 'probe' or 'stale' while recovery looks for its outcome; None otherwise.
        message_set_id: The message set it was last sent in, if that had an id.
        edit_sequence: The EditSequence to send, read anew or reviewed.
        refreshed: The EditSequence was read anew already.
        iterator_id: Of a query that is being read page by page.
        records, total: Of such a query.
        queued_at, sent_at: When it was queued, and last sent.
        answers: Answers of the requests it needs, by id.
        broken: Why a write must not be sent as it stands in the store (`qbwc.queue.sealing`).
    """

    request: Request
    attempts: int = 0
    doubt: str | None = None
    message_set_id: str | None = None
    edit_sequence: str | None = None
    refreshed: bool = False
    iterator_id: str | None = None
    records: int = 0
    total: int | None = None
    queued_at: datetime | None = None
    sent_at: datetime | None = None
    answers: Mapping[str, Mapping[str, Any] | None]
    broken: str | None = None

    @property
    def id(self) -> str:
        return str(self.request.id)

    @property
    def write(self) -> WriteRequest:
        """The request, known to be a write."""
        assert isinstance(self.request, WriteRequest)
        return self.request

    @property
    def query(self) -> QueryRequest:
        """The request, known to be a query."""
        assert isinstance(self.request, QueryRequest)
        return self.request


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What there is to do for a company, each part in the order in which it should be done.

    Attributes:
        doubtful: Writes whose answer did not come.
        reading: A query that is being read page by page.
        writes, queries: Queued, everything they need is answered; not all of them when there are many.
        flying: What was sent and may still be answered.
        uncleared: Answered message sets whose answer QuickBooks still keeps.
        preparing: A process is still preparing work.
    """

    doubtful: tuple[Item, ...] = ()
    reading: Item | None = None
    writes: tuple[Item, ...] = ()
    queries: tuple[Item, ...] = ()
    flying: tuple[Item, ...] = ()
    uncleared: tuple[str, ...] = ()
    preparing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Remaining:
    """How much is left for a company.

    Attributes:
        sendable: A session could move a request now; doubtful ones count.
        queued: All that are queued or under way, also those that wait for others.
        writes: Writes among them that nothing holds up.
        records: Records to be read yet by those queries whose totals are known.
        counted: How many queries those are.
        uncounted: Queries of which nobody knows how much they will bring.
        preparing: A process is still preparing work.
        uncleared: Answered message sets whose answer QuickBooks still keeps.
    """

    sendable: bool = False
    queued: int = 0
    writes: int = 0
    records: int = 0
    counted: int = 0
    uncounted: int = 0
    preparing: bool = False
    uncleared: int = 0

    @property
    def any(self) -> bool:
        """Whether a session has something to do or to wait for."""
        return self.sendable or self.preparing


def requests(
    engine: Engine,
    company_id: str | None = None,
    *,
    group: str | None = None,
    ids: Sequence[str] | None = None,
    state: str | Sequence[str] | None = None,
) -> list[RequestRow]:
    """Requests in the order they were queued; without a filter all of a company."""
    table = store.requests
    query = select(table).order_by(table.c.number)
    if company_id is not None:
        query = query.where(table.c.company_id == company_id)
    if group is not None:
        query = query.where(table.c.group_id == group)
    if state is not None:
        query = query.where(table.c.state.in_([state] if isinstance(state, str) else state))
    with store.reading(engine) as connection:
        rows = [dict(row) for part in _parts(query, ids) for row in connection.execute(part).mappings()]
        parents = _parents(connection, [row["id"] for row in rows])
        rows.sort(key=lambda row: int(row["number"]))
        return [_row(connection, row, parents.get(row["id"], ())) for row in rows]


def _parts(query: Select[Any], ids: Sequence[str] | None) -> Iterable[Select[Any]]:
    if ids is None:
        yield query
        return
    for start in range(0, len(ids), _CHUNK):
        yield query.where(store.requests.c.id.in_(ids[start : start + _CHUNK]))


def _row(connection: Connection, row: Mapping[str, Any], parents: Sequence[str]) -> RequestRow:
    broken = sealing.broken(connection, row, parents)
    return RequestRow(
        id=row["id"],
        company_id=row["company_id"],
        kind=row["kind"],
        entity=row["entity"],
        action=row["action"],
        group=row["group_id"],
        change_id=row["change_id"],
        state=row["state"],
        status_code=row["status_code"],
        status_message=row["status_message"],
        error=row["error"],
        note=row["note"],
        queued_at=row["queued_at"],
        sent_at=row["sent_at"],
        answered_at=row["answered_at"],
        attempts=row["attempts"],
        answer=_loaded(row["answer"], broken),
        progress=Progress(records=row["records"], total=row["total"]),
        request=_request(row, parents, broken),
        broken=broken,
    )


def _loaded(answer: str | None, broken: str | None) -> dict[str, Any] | None:
    """The record in an answer; none in one that somebody has made unreadable."""
    if answer is None:
        return None
    try:
        found: dict[str, Any] = store.load(answer)
    except ValueError:
        if broken is None:
            raise
        return None
    return found


def _request(row: Mapping[str, Any], parents: Sequence[str], broken: str | None) -> Request:
    """What was queued; of what somebody has made unreadable no more than its columns."""
    if broken is None:
        return request_of(row, store.load(row["body"]), parents)
    try:
        return request_of(row, store.load(row["body"]), parents)
    except (ValueError, TypeError):
        return request_of({**row, "kind": "write"}, {}, parents)


def _parents(connection: Connection, ids: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for start in range(0, len(ids), _CHUNK):
        for row in connection.execute(_needs_of(), {"ids": ids[start : start + _CHUNK]}):
            found.setdefault(row.request_id, []).append(row.parent_id)
    return found


# Making a statement takes longer than running it, and a session runs the same few for every reply: each is
# made once, with its values as parameters.
@cache
def _needs_of() -> Select[Any]:
    return select(store.needs).where(store.needs.c.request_id.in_(_ids()))


def _ids() -> Any:
    return bindparam("ids", expanding=True)


def _blocked() -> Any:
    parent = store.requests.alias("parent")
    return exists(
        select(1)
        .select_from(store.needs)
        .join(parent, parent.c.id == store.needs.c.parent_id)
        .where(store.needs.c.request_id == store.requests.c.id, parent.c.state != "answered")
    )


def items(
    connection: Connection,
    company_id: str,
    *,
    kind: str,
    state: str,
    ids: Sequence[str] | None = None,
    limit: int = 0,
) -> tuple[Item, ...]:
    """Requests of a company as a session sees them, by priority, then by age.

    Queued ones are answered only when nothing they need is open.
    """
    values = {"company": company_id, "kind": kind, "state": state, "ids": ids, "most": limit or None}
    query = _items_query(free=state == "queued", named=ids is not None, some=bool(limit))
    given = {name: value for name, value in values.items() if value is not None}
    return _items(connection, connection.execute(query, given).mappings().all())


def under_way(connection: Connection, company_id: str, *, limit: int) -> tuple[Item, ...]:
    """What was sent and is not at an end: doubtful writes, and queries that are read page by page."""
    given = {"company": company_id, "most": limit}
    return _items(connection, connection.execute(_under_way_query(), given).mappings().all())


def _items(connection: Connection, rows: Sequence[Mapping[Any, Any]]) -> tuple[Item, ...]:
    parents = _parents(connection, [row["id"] for row in rows if row["parents"]])
    answers = _answers(connection, {parent for named in parents.values() for parent in named})
    return tuple(_item(connection, dict(row), parents.get(row["id"], []), answers) for row in rows)


@cache
def _items_query(*, free: bool, named: bool, some: bool) -> Select[Any]:
    table = store.requests
    query = _ordered().where(table.c.kind == bindparam("kind"), table.c.state == bindparam("state"))
    if free:
        query = query.where(~_blocked())
    if named:
        query = query.where(table.c.id.in_(_ids()))
    return query.limit(bindparam("most", type_=Integer)) if some else query


@cache
def _under_way_query() -> Select[Any]:
    table = store.requests
    doubtful = and_(table.c.kind == "write", table.c.doubt.is_not(None))
    reading = and_(table.c.kind == "query", table.c.iterator_id.is_not(None))
    query = _ordered().where(table.c.state == "sent", or_(doubtful, reading))
    return query.limit(bindparam("most", type_=Integer))


def _ordered() -> Select[Any]:
    """Requests of a company by priority, then by age, each with the number of those it needs."""
    table = store.requests
    parents = select(func.count()).where(store.needs.c.request_id == table.c.id).scalar_subquery()
    mine = select(table, parents.label("parents")).where(table.c.company_id == bindparam("company"))
    return mine.order_by(table.c.priority.desc(), table.c.number)


@dataclass(frozen=True, slots=True)
class _Told:
    """The answer to a request, and why it must not fill another one."""

    answer: Mapping[str, Any] | None
    broken: str | None


def _answers(connection: Connection, ids: Iterable[str]) -> dict[str, _Told]:
    table = store.requests
    wanted = list(ids)
    found: dict[str, _Told] = {}
    for start in range(0, len(wanted), _CHUNK):
        rows = connection.execute(
            select(table.c.id, table.c.answer, table.c.told_seal).where(
                table.c.id.in_(wanted[start : start + _CHUNK])
            )
        )
        for row in rows.mappings():
            broken = sealing.broken_answer(connection, dict(row))
            found[row["id"]] = _Told(_loaded(row["answer"], broken), broken)
    return found


def _item(
    connection: Connection, row: Mapping[str, Any], parents: Sequence[str], told: Mapping[str, _Told]
) -> Item:
    broken = sealing.broken(connection, row, parents)
    request = _request(row, parents, broken)
    answers = [told[parent] for parent in parents if parent in told]
    wrong = [broken, *(each.broken for each in answers)]
    return Item(
        request=request,
        attempts=row["attempts"],
        doubt=row["doubt"],
        message_set_id=row["message_set_id"],
        edit_sequence=row["edit_sequence"] or getattr(request, "edit_sequence", None),
        refreshed=row["edit_sequence"] is not None,
        iterator_id=row["iterator_id"],
        records=row["records"],
        total=row["total"],
        queued_at=row["queued_at"],
        sent_at=row["sent_at"],
        answers={parent: told[parent].answer if parent in told else None for parent in parents},
        broken=next((each for each in wrong if each), None),
    )


def remaining(connection: Connection, company_id: str, *, preparing: bool = False) -> Remaining:
    """How much is left for a company, in one statement; requests in flight are not counted."""
    row = connection.execute(_remaining_query(), {"company": company_id}).one()
    sendable, waiting, on_the_way, writes, records, counted, uncounted, uncleared_sets = row
    return Remaining(
        sendable=bool(sendable) or on_the_way > 0,
        queued=waiting + on_the_way,
        writes=writes,
        records=int(records),
        counted=counted,
        uncounted=uncounted,
        preparing=preparing,
        uncleared=uncleared_sets,
    )


@cache
def _remaining_query() -> Select[Any]:
    table, sets = store.requests, store.message_sets
    company: Any = bindparam("company")
    mine = table.c.company_id == company
    free = and_(mine, table.c.state == "queued", table.c.kind.in_(("write", "query")), ~_blocked())
    reading = and_(mine, table.c.state == "sent", table.c.iterator_id.is_not(None))
    moving = or_(reading, and_(mine, table.c.state == "sent", table.c.doubt.is_not(None)))
    queries = and_(or_(free, reading), table.c.kind == "query")
    known = and_(queries, table.c.total.is_not(None))
    left = case((table.c.total - table.c.records > 1, table.c.total - table.c.records), else_=1)

    def count(condition: Any) -> Any:
        return select(func.count()).select_from(table).where(condition).scalar_subquery()

    kept = select(func.count()).select_from(sets)
    return select(
        exists().where(free),
        count(and_(mine, table.c.state == "queued")),
        count(moving),
        count(and_(or_(free, moving), table.c.kind == "write")),
        select(func.coalesce(func.sum(left), 0)).where(known).scalar_subquery(),
        count(known),
        count(and_(queries, table.c.total.is_(None))),
        kept.where(sets.c.company_id == company, sets.c.state == "answered").scalar_subquery(),
    )


def uncleared(connection: Connection, company_id: str) -> tuple[str, ...]:
    """Answered message sets whose answer QuickBooks still keeps, oldest first."""
    table = store.message_sets
    rows = connection.execute(
        select(table.c.id)
        .where(table.c.company_id == company_id, table.c.state == "answered")
        .order_by(table.c.sent_at)
    )
    return tuple(rows.scalars())


def overview(engine: Engine, company_id: str) -> dict[str, int]:
    """Number of requests by state."""
    table = store.requests
    with store.reading(engine) as connection:
        rows = connection.execute(
            select(table.c.state, func.count())
            .where(table.c.company_id == company_id)
            .group_by(table.c.state)
        ).all()
    return {str(state): int(number) for state, number in rows}
