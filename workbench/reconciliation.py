"""The tables that matching, diff and plan work on: snapshots as they are, and what is kept about them.

Opens an in-memory DuckDB with the schemas `salesforce` and `quickbooks` (views on two snapshots) and
`kept` (crosswalk, base, decisions, closed), as the pure modules expect them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa
from sqlalchemy import JSON, ColumnElement, Select, Text, cast, select

from workbench import crosswalk
from workbench.derived import Derived, Folder
from workbench.mapping.absent import without_absent
from workbench.model import Mapping as FieldMapping
from workbench.model import Side
from workbench.snapshots import Snapshot, history, newest, open_reader
from workbench.snapshots.memory import bound
from workbench.store import Store
from workbench.workspace import Workspace

_TEXT, _TEXTS, _YES, _TIME = "VARCHAR", "VARCHAR[]", "BOOLEAN", "TIMESTAMP WITH TIME ZONE"
_KEPT: Mapping[str, Mapping[str, str]] = {
    "crosswalk": {"mapping": _TEXT, "pair": _TEXT, "salesforce_id": _TEXT, "quickbooks_id": _TEXT},
    "base": {"mapping": _TEXT, "pair": _TEXT, "fields": _TEXTS, "salesforce": _TEXT, "quickbooks": _TEXT},
    "decisions": {
        "mapping": _TEXT,
        "salesforce_id": _TEXT,
        "quickbooks_id": _TEXT,
        "field": _TEXT,
        "decision": _TEXT,
        "salesforce_seen": _TEXT,
        "quickbooks_seen": _TEXT,
        "pinned": _YES,
        "value": _TEXT,
        "reason": _TEXT,
        "decided_by": _TEXT,
        "decided_at": _TIME,
    },
    "closed": {"mapping": _TEXT},
    "parted": {"mapping": _TEXT, "salesforce_id": _TEXT, "quickbooks_id": _TEXT},
}
_LISTED = "from_json({}, '[\"VARCHAR\"]')"
"""A list comes as JSON."""
_ARROW = {_TEXT: pa.string(), _TEXTS: pa.string(), _YES: pa.bool_(), _TIME: pa.timestamp("us", tz="UTC")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """Two snapshots with what is kept about their records, open for SQL.

    Attributes:
        connection: In-memory DuckDB; matching and diff write their results into its schema `work`.
        derived: Makes the tables that they read.
    """

    connection: duckdb.DuckDBPyConnection
    salesforce: Snapshot
    quickbooks: Snapshot
    derived: Derived

    def usable(self, mappings: Iterable[FieldMapping]) -> list[FieldMapping]:
        """The mappings without the custom fields that a side does not have."""
        describes = {Side.SALESFORCE: self.salesforce.describes, Side.QUICKBOOKS: self.quickbooks.describes}
        return [without_absent(each, describes) for each in mappings]


def open_reconciliation(
    workspace: Workspace,
    salesforce: Snapshot | None = None,
    quickbooks: Snapshot | None = None,
    *,
    at: datetime | None = None,
) -> Reconciliation:
    """Open two snapshots, the newest ones unless others are given.

    Args:
        at: What is kept about their records is read as it was then.

    Raises:
        WorkbenchError: A side has no snapshot yet.
    """
    left = salesforce or newest(workspace.store, "salesforce")
    right = quickbooks or newest(workspace.store, "quickbooks")
    connection = _opened(workspace, (left, right), at)
    # What is looked at once makes no files: they would take the place of those that the next diff needs.
    folder = Folder(workspace.profile.derived) if at is None else None
    return _reconciliation(workspace, connection, left, right, folder)


def go_on(workspace: Workspace, matched: Reconciliation | None) -> Reconciliation | None:
    """What was opened for matching, made ready for a diff: its tables need not be made again.

    None where a side has a newer snapshot since, or nothing was matched.
    """
    if matched is None:
        return None
    newer = [newest(workspace.store, side).id != getattr(matched, side).id for side in Side]
    if any(newer):
        return None
    matched.connection.execute("DROP TABLE IF EXISTS work.candidates")
    refresh_kept(workspace, matched.connection)
    return matched


def open_newest(workspace: Workspace) -> duckdb.DuckDBPyConnection:
    """Open what has been pulled: after a pull of one side, that side alone.

    Raises:
        WorkbenchError: Nothing was pulled yet.
    """
    found = [each for side in Side for each in history(workspace.store, side)[:1]]
    return _opened(workspace, found or [newest(workspace.store, Side.SALESFORCE)])


def open_as_of(workspace: Workspace, at: datetime) -> Reconciliation:
    """Open what was known at a time: the newest snapshots that had ended, and what was kept then.

    Raises:
        WorkbenchError: A side had no snapshot yet.
    """
    left, right = (newest(workspace.store, side, before=at) for side in Side)
    return open_reconciliation(workspace, left, right, at=at)


def _reconciliation(
    workspace: Workspace,
    connection: duckdb.DuckDBPyConnection,
    left: Snapshot,
    right: Snapshot,
    folder: Folder | None,
) -> Reconciliation:
    derived = Derived(
        connection=connection,
        snapshots={Side.SALESFORCE: left, Side.QUICKBOOKS: right},
        folder=folder,
        zone=workspace.profile.quickbooks.time_zone,
    )
    return Reconciliation(connection=connection, salesforce=left, quickbooks=right, derived=derived)


def _opened(
    workspace: Workspace, snapshots: Sequence[Snapshot], at: datetime | None = None
) -> duckdb.DuckDBPyConnection:
    connection = open_reader(snapshots)
    bound(connection, workspace.profile.data / "spill")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("CREATE SCHEMA kept")
    refresh_kept(workspace, connection, at)
    return connection


def refresh_kept(
    workspace: Workspace, connection: duckdb.DuckDBPyConnection, at: datetime | None = None
) -> None:
    """Read what is kept again, after a decision or a confirmed match; or as it was at a time."""
    store = workspace.store
    _fill(connection, "crosswalk", store, crosswalk.pairs_query(at=at))
    _fill(connection, "decisions", store, crosswalk.decisions_query(at))
    _fill(connection, "closed", store, crosswalk.closed_query(at))
    _fill(connection, "parted", store, crosswalk.parted_query(at))
    _fill(connection, "base", store, crosswalk.agreements_query(at))


def _fill(connection: duckdb.DuckDBPyConnection, name: str, store: Store, query: Select[Any]) -> None:
    """Make a table of what is kept: perhaps of a million rows, so that none is looked at by itself."""
    kinds, found = _KEPT[name], query.subquery().c
    chosen = select(*(cast(found[each], Text) if _is_json(found[each]) else found[each] for each in kinds))
    declared = ", ".join(f"{column} {kind}" for column, kind in kinds.items())
    read = ", ".join(_LISTED.format(each) if kind == _TEXTS else each for each, kind in kinds.items())
    connection.execute(f"CREATE OR REPLACE TABLE kept.{name} ({declared})")
    for rows in store.batches(chosen):
        columns = zip(zip(*rows, strict=True), kinds.values(), strict=True)
        arrays = [pa.array(values, type=_ARROW[kind]) for values, kind in columns]
        connection.register("kept_rows", pa.Table.from_arrays(arrays, names=list(kinds)))
        connection.execute(f"INSERT INTO kept.{name} SELECT {read} FROM kept_rows")
        connection.unregister("kept_rows")


def _is_json(column: ColumnElement[Any]) -> bool:
    return isinstance(column.type, JSON)
