"""Groups of queries at a glance, for whoever waits for one: one statement, however long the queue is."""

from __future__ import annotations

from sqlalchemy import Engine, func, select

from qbwc import store


def groups(engine: Engine, company_id: str) -> dict[str, list[str]]:
    """The states of the queries of each group, each state once, by group, oldest first."""
    table = store.requests
    query = (
        select(table.c.group_id, table.c.state)
        .where(table.c.company_id == company_id, table.c.kind == "query", table.c.group_id.is_not(None))
        .group_by(table.c.group_id, table.c.state)
        .order_by(func.min(table.c.number))
    )
    found: dict[str, list[str]] = {}
    with store.reading(engine) as connection:
        for row in connection.execute(query):
            found.setdefault(row.group_id, []).append(row.state)
    return found
