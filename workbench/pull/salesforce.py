"""Pull Salesforce objects into a snapshot: describe first, then what changed, or everything.

Small objects are read whole each time: it costs the same calls.  Of a large one (`salesforce.bulk_above`)
the records are read whose SystemModstamp is not older than the last pull's start by the org's own clock less
an overlap, because rows are committed late with earlier stamps; every so often it is read whole again, since
formula fields change without a stamp.

Absence is no deletion: a record that is not there any more is looked for in Salesforce's delete log and
recycle bin, and a count that does not fit leads to a sweep of all keys.  `_deleted` of the snapshot says how
it is known of each.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from workbench.connections.salesforce import Row, SalesforceConnection
from workbench.diff.gone import HIDDEN
from workbench.errors import WorkbenchError
from workbench.pull.salesforce_columns import columns, converted, converters, describe, naive_utc
from workbench.pull.salesforce_pages import STAGE, read_records
from workbench.snapshots import (
    Column,
    Family,
    Read,
    Snapshot,
    TableData,
    newest,
    publish,
    store_snapshot,
    write_table,
)
from workbench.store import Store

Progress = Callable[[str, str, int], None]
"""Told (side, object, rows so far)."""

OVERLAP = timedelta(minutes=15)
"""Before the last pull's start: rows are committed later with an earlier stamp."""

WHOLE_EVERY = timedelta(days=7)
"""A large object is read whole again after this; the delete log and the recycle bin know 15 days."""

IN_THE_LOG = "deleted, says Salesforce's delete log"
NOT_READ = f"not in a full read: {HIDDEN}"
NOT_SWEPT = f"not in a sweep of all keys: {HIDDEN}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Object:
    """How one object is read.

    Attributes:
        since: What changed since then (aware, UTC); None for all of it.
        whole_at: When it was read whole last, ISO.
        count: Its records, as counted before.
        last: When the last pull began, less the overlap; None without one.
    """

    name: str
    columns: tuple[Column, ...]
    count: int
    bulk: bool
    since: datetime | None
    whole_at: str
    last: datetime | None
    at: datetime

    def kept(self) -> dict[str, Any]:
        """What the next pull must know of this one."""
        return {
            "columns": [[column.name, column.type] for column in self.columns],
            "since": (self.at - OVERLAP).isoformat(),
            "whole_at": self.whole_at,
        }


def pull_salesforce(
    connection: SalesforceConnection,
    store: Store,
    folder: Path,
    objects: Iterable[str],
    progress: Progress = lambda *_: None,
    *,
    whole: bool = False,
) -> Snapshot:
    """Read objects into a new snapshot and publish it.

    Args:
        whole: Everything is read, whatever was read before.

    Raises:
        ConnectionProblem: The org cannot be reached, an object does not exist, or the org's API calls are
            nearly used up; nothing is published.
    """
    started_at = datetime.now(UTC)
    calls = connection.calls
    describes = {name: describe(connection, name) for name in objects}
    before = _before(store)
    renew = before is not None and _kept_columns(before.reading) != {
        name: _listed(columns(described)) for name, described in describes.items()
    }
    reading = before.reading.get("objects", {}) if before is not None and not renew else {}
    plans: list[_Object] = []

    def fill(duck: duckdb.DuckDBPyConnection) -> list[Read]:
        for name, described in describes.items():
            connection.check_calls()
            progress("salesforce", name, 0)
            plans.append(_plan(connection, name, described, reading.get(name), whole))
        return [_read(duck, connection, plan, progress, before is not None and not renew) for plan in plans]

    id_ = f"salesforce-{started_at:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    file = folder / "salesforce" / f"{id_}.duckdb"
    stored = store_snapshot(file, fill, before=before, renew=renew)
    snapshot = Snapshot(
        id=id_,
        side="salesforce",
        file=file,
        started_at=started_at,
        ended_at=datetime.now(UTC),
        counts=stored.counts,
        describes=describes,
        kind=stored.kind,
        previous=before.id if before is not None else None,
        reading={
            "objects": {plan.name: plan.kept() for plan in plans},
            "calls": connection.calls - calls,
        },
        below=before.files if before is not None and stored.kind == "delta" else (),
    )
    publish(store, snapshot)
    return snapshot


def _before(store: Store) -> Snapshot | None:
    """The snapshot that changes can be laid over; None without one that says how it was read."""
    try:
        found = newest(store, "salesforce")
    except WorkbenchError:
        return None
    return found if found.readable and found.reading.get("objects") else None


def _kept_columns(reading: Mapping[str, Any]) -> dict[str, list[list[str]]]:
    return {name: kept["columns"] for name, kept in reading.get("objects", {}).items()}


def _listed(table_columns: Iterable[Column]) -> list[list[str]]:
    return [[column.name, column.type] for column in table_columns]


def _plan(
    connection: SalesforceConnection,
    name: str,
    described: Row,
    kept: Mapping[str, Any] | None,
    whole: bool,
) -> _Object:
    count = connection.count(name)
    at = connection.now()
    table_columns = tuple(columns(described))
    bulk = count > connection.bulk_above
    last = datetime.fromisoformat(kept["since"]) if kept else None
    stamped = any(column.name == "SystemModstamp" for column in table_columns)
    fresh = kept is not None and at - datetime.fromisoformat(kept["whole_at"]) < WHOLE_EVERY
    since = last if bulk and stamped and fresh and not whole else None
    whole_at = str(kept["whole_at"]) if kept is not None and since is not None else at.isoformat()
    return _Object(
        name=name,
        columns=table_columns,
        count=count,
        bulk=bulk,
        since=since,
        whole_at=whole_at,
        last=last,
        at=at,
    )


def _read(
    duck: duckdb.DuckDBPyConnection,
    connection: SalesforceConnection,
    plan: _Object,
    progress: Progress,
    anything_before: bool,
) -> Read:
    def told(rows: int) -> None:
        progress("salesforce", plan.name, rows)

    family = Family(name=plan.name, key="Id")
    if plan.since is None:
        rows = read_records(duck, connection, plan.name, plan.columns, bulk=plan.bulk, told=told)
        told(rows)
        if anything_before and plan.last is not None and _keys(duck, _gone(plan.name)):
            _note_deleted(duck, connection, plan, plan.last)
        return Read(family=family, whole=True, evidence=NOT_READ)
    where = f"SystemModstamp >= {plan.since:%Y-%m-%dT%H:%M:%SZ}"
    changed = connection.count(plan.name, where)
    many = changed > connection.bulk_above
    told(read_records(duck, connection, plan.name, plan.columns, bulk=many, where=where, told=told))
    _note_deleted(duck, connection, plan, plan.since)
    if _expected(duck, plan.name) != connection.count(plan.name):
        _sweep(duck, connection, plan)
    return Read(family=family, whole=False)


# --- what is gone ------------------------------------------------------------------------------------


def _gone(name: str) -> str:
    """SQL for the keys that the snapshot before has and this whole read has not."""
    return f'SELECT "Id" FROM before."{name}" WHERE "Id" NOT IN (SELECT "Id" FROM {STAGE}."{name}")'


def _keys(duck: duckdb.DuckDBPyConnection, sql: str) -> list[str]:
    return [str(row[0]) for row in duck.execute(sql).fetchall()]


def _note_deleted(
    duck: duckdb.DuckDBPyConnection, connection: SalesforceConnection, plan: _Object, since: datetime
) -> None:
    """Put what Salesforce says was deleted, and did not come back, beside the records."""
    there = set(_keys(duck, f'SELECT "Id" FROM {STAGE}."{plan.name}"'))
    log = connection.deleted(plan.name, since, connection.now() + timedelta(minutes=1))
    for id_, at in log.items():
        if id_ not in there:
            _delete(duck, plan.name, id_, IN_THE_LOG, at)


def _delete(duck: duckdb.DuckDBPyConnection, name: str, id_: str, evidence: str, at: datetime | None) -> None:
    naive = None if at is None else at.replace(tzinfo=None)
    duck.execute(f"INSERT INTO {STAGE}._deleted VALUES (?, ?, ?, ?)", [name, id_, evidence, naive])


def _expected(duck: duckdb.DuckDBPyConnection, name: str) -> int:
    """How many records there must be: those from before that are not deleted, and the new ones."""
    row = duck.execute(
        f'SELECT count(*) FROM (SELECT "Id" FROM before."{name}" UNION SELECT "Id" FROM {STAGE}."{name}") '
        f'WHERE "Id" NOT IN (SELECT "key" FROM {STAGE}._deleted WHERE "table" = ?)',
        [name],
    ).fetchone()
    return int((row or (0,))[0])


def _sweep(duck: duckdb.DuckDBPyConnection, connection: SalesforceConnection, plan: _Object) -> None:
    """Read all keys: what is missing is gone or hidden, what nobody knew yet is read."""
    name = plan.name
    swept = f"{name}__keys"
    keys = [Column("Id", "VARCHAR")]
    read_records(duck, connection, name, keys, bulk=True, into=swept)
    known = f'SELECT "Id" FROM before."{name}" UNION SELECT "Id" FROM {STAGE}."{name}"'
    missing = _keys(
        duck,
        f'SELECT "Id" FROM before."{name}" WHERE "Id" NOT IN (SELECT "Id" FROM {STAGE}."{swept}") '
        f'AND "Id" NOT IN (SELECT "Id" FROM {STAGE}."{name}") '
        f'AND "Id" NOT IN (SELECT "key" FROM {STAGE}._deleted WHERE "table" = \'{name}\')',
    )
    for id_ in missing:
        _delete(duck, name, id_, NOT_SWEPT, None)
    unknown = _keys(duck, f'SELECT "Id" FROM {STAGE}."{swept}" WHERE "Id" NOT IN ({known})')
    makers = converters(plan.columns)
    found = connection.records(name, [column.name for column in plan.columns], unknown)
    rows = [converted(record, name, makers) for record in found.values()]
    write_table(duck, STAGE, TableData(name=name, columns=plan.columns, rows=rows))
    duck.execute(f'DROP TABLE {STAGE}."{swept}"')


__all__ = ["columns", "describe", "naive_utc", "pull_salesforce"]
