"""Put requests into the queue: all of a call in one transaction, or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from qbwc import store, users
from qbwc.errors import QbxmlError, QueueError
from qbwc.qbxml import check_write
from qbwc.queue import sealing, whole
from qbwc.queue.model import (
    ID_LIMIT,
    QueryRequest,
    Request,
    WriteRequest,
    body_of,
    new_id,
    parents_of,
    valid_id,
)

Check = Callable[[WriteRequest], Sequence[QbxmlError]]
_CHUNK = 400  # ids in one SQL "IN"; SQLite's own bound is far higher


def check(request: WriteRequest) -> Sequence[QbxmlError]:
    """Every reason why QuickBooks would refuse or mangle a write."""
    lines = [dict(line) for line in request.lines] if request.lines is not None else None
    return check_write(request.entity, request.action, request.fields, lines)


def enqueue(
    engine: Engine, company_id: str, requests: Sequence[Request], *, check: Check = check
) -> list[str]:
    """Queue requests in this order and answer their ids.

    Raises:
        QueueError: An id, a dependency or a value is wrong; all problems are listed, nothing was queued.
        UserError: The company is not known.
    """
    named = [request if request.id else replace(request, id=new_id()) for request in requests]
    parents = {str(request.id): parents_of(request) for request in named}
    problems = [*_own_problems(named), *_cycles(parents), *_value_problems(named, check)]
    with store.writing(engine) as connection:
        users.company_row(connection, company_id, lock=True)
        problems += _store_problems(connection, company_id, parents)
        if problems:
            raise QueueError(
                f"{len(problems)} problem(s), nothing was queued:\n"
                + "\n".join(f"  {one}" for one in problems),
                fix="Correct them and queue the requests again.",
            )
        insert_requests(connection, company_id, named)
    return list(parents)


def insert_requests(
    connection: Connection, company_id: str, requests: Iterable[Request], now: datetime | None = None
) -> None:
    """Write rows that have been checked, within a transaction."""
    rows = [_sealed(connection, company_id, request, now or store.now()) for request in requests]
    if not rows:
        return
    connection.execute(insert(store.requests), rows)
    pairs = [
        {"request_id": request.id, "parent_id": parent}
        for request in requests
        for parent in parents_of(request)
    ]
    if pairs:
        connection.execute(insert(store.needs), pairs)


def _sealed(connection: Connection, company_id: str, request: Request, now: datetime) -> dict[str, Any]:
    row = _row(company_id, request, now)
    return row | {"seal": sealing.seal_of_request(connection, row, parents_of(request))}


def _row(company_id: str, request: Request, now: datetime) -> dict[str, Any]:
    write = isinstance(request, WriteRequest)
    return {
        "id": request.id,
        "company_id": company_id,
        "kind": "write" if write else "query",
        "entity": request.entity,
        "action": request.action if isinstance(request, WriteRequest) else "query",
        "group_id": request.group,
        "change_id": request.change_id,
        "priority": request.priority,
        "not_after": request.not_after,
        "body": store.dump(body_of(request)),
        "state": "queued",
        "queued_at": now,
        "total": request.expected_records if isinstance(request, QueryRequest) else None,
    }


def _own_problems(requests: Sequence[Request]) -> list[str]:
    problems = []
    seen: set[str] = set()
    for request in requests:
        name = str(request.id)
        if not valid_id(name):
            problems.append(f"id {name!r}: up to {ID_LIMIT} letters, digits and . _ : - are allowed")
        if name in seen:
            problems.append(f"id {name!r} is given twice")
        seen.add(name)
        problems.extend(f"{name}: {trouble}" for trouble in _incomplete(request))
    return problems


def _incomplete(request: Request) -> list[str]:
    if request.not_after is not None and request.not_after.tzinfo is None:
        return ["not_after has no time zone"]
    if isinstance(request, WriteRequest):
        return whole.problems(request)
    if request.count_only and (request.selects or request.types):
        return ["count_only counts what a filter lets through, not records that are named"]
    return []


def _value_problems(requests: Sequence[Request], check: Check) -> list[str]:
    return [
        f"{request.id}: {problem.what}"
        for request in requests
        if isinstance(request, WriteRequest) and request.action in whole.ACTIONS
        for problem in check(request)
    ]


def _cycles(parents: Mapping[str, Sequence[str]]) -> list[str]:
    """Requests that wait for each other, found by taking away whatever waits for nothing."""
    left = {name: {parent for parent in needed if parent in parents} for name, needed in parents.items()}
    while free := [name for name, needed in left.items() if not needed]:
        for name in free:
            del left[name]
        for needed in left.values():
            needed.difference_update(free)
    return [f"{name} waits for itself through {', '.join(sorted(needed))}" for name, needed in left.items()]


def _store_problems(
    connection: Connection, company_id: str, parents: Mapping[str, Sequence[str]]
) -> list[str]:
    outside = {parent for needed in parents.values() for parent in needed if parent not in parents}
    known = _known(connection, [*parents, *outside])
    problems = [f"id {name!r} is in the queue already" for name in parents if name in known]
    for name, needed in parents.items():
        for parent in needed:
            if parent in parents:
                continue
            company, state = known.get(parent, (None, "nowhere"))
            if company != company_id:
                problems.append(f"{name} needs {parent!r}, which is not in this company's queue")
            elif state in ("failed", "cancelled"):
                problems.append(f"{name} needs {parent!r}, which is {state}")
    return problems


def _known(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    table = store.requests
    found: dict[str, tuple[str, str]] = {}
    for start in range(0, len(ids), _CHUNK):
        rows = connection.execute(
            select(table.c.id, table.c.company_id, table.c.state).where(
                table.c.id.in_(ids[start : start + _CHUNK])
            )
        )
        found.update({row.id: (row.company_id, row.state) for row in rows})
    return found
