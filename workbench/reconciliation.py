"""The tables that matching, diff and plan work on: snapshots as they are, and what is kept about them.

Opens an in-memory DuckDB with the schemas `salesforce` and `quickbooks` (views on two snapshots) and
`kept` (crosswalk, base, decisions, closed), as the pure modules expect them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from workbench import crosswalk
from workbench.derived import Derived, Folder
from workbench.mapping.absent import without_absent
from workbench.model import Mapping as FieldMapping
from workbench.model import Side
from workbench.snapshots import Snapshot, history, newest, open_reader
from workbench.workspace import Workspace

_TEXT = pa.string()
_KEPT: Mapping[str, pa.Schema] = {
    "crosswalk": pa.schema(
        [("mapping", _TEXT), ("pair", _TEXT), ("salesforce_id", _TEXT), ("quickbooks_id", _TEXT)]
    ),
    "base": pa.schema(
        [
            ("mapping", _TEXT),
            ("pair", _TEXT),
            ("fields", pa.list_(_TEXT)),
            ("salesforce", _TEXT),
            ("quickbooks", _TEXT),
        ]
    ),
    "decisions": pa.schema(
        [
            ("mapping", _TEXT),
            ("salesforce_id", _TEXT),
            ("quickbooks_id", _TEXT),
            ("field", _TEXT),
            ("decision", _TEXT),
            ("salesforce_seen", _TEXT),
            ("quickbooks_seen", _TEXT),
            ("pinned", pa.bool_()),
            ("value", _TEXT),
            ("reason", _TEXT),
            ("decided_by", _TEXT),
            ("decided_at", pa.timestamp("us", tz="UTC")),
        ]
    ),
    "closed": pa.schema([("mapping", _TEXT)]),
}


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
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("CREATE SCHEMA kept")
    refresh_kept(workspace, connection, at)
    return connection


def refresh_kept(
    workspace: Workspace, connection: duckdb.DuckDBPyConnection, at: datetime | None = None
) -> None:
    """Read what is kept again, after a decision or a confirmed match; or as it was at a time."""
    store = workspace.store
    _fill(connection, "crosswalk", crosswalk.pairs(store, at=at))
    _fill(connection, "decisions", crosswalk.decisions(store, at=at))
    _fill(connection, "closed", [{"mapping": name} for name in sorted(crosswalk.closed(store, at=at))])
    agreements = [
        row | {"salesforce": json.dumps(row["salesforce"]), "quickbooks": json.dumps(row["quickbooks"])}
        for row in crosswalk.agreements(store, at=at)
    ]
    _fill(connection, "base", agreements)


def _fill(connection: duckdb.DuckDBPyConnection, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    schema = _KEPT[name]
    arrays = [pa.array([row[field.name] for row in rows], type=field.type) for field in schema]
    connection.register("kept_rows", pa.Table.from_arrays(arrays, schema=schema))
    connection.execute(f"CREATE OR REPLACE TABLE kept.{name} AS SELECT * FROM kept_rows")
    connection.unregister("kept_rows")
