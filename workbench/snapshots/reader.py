"""Open snapshots for SQL: an in-memory DuckDB with the files attached read-only.

`salesforce` and `quickbooks` are schemas of views, so that `salesforce."Account"` is the table of the
snapshot that was asked for, whatever files it lies in.  `quickbooks._deleted` says which records are gone,
and how that is known.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb

from workbench.errors import WorkbenchError
from workbench.snapshots.catalog import Snapshot
from workbench.snapshots.chain import compose
from workbench.snapshots.files import literal


def open_reader(snapshots: Iterable[Snapshot]) -> duckdb.DuckDBPyConnection:
    """Open an in-memory DuckDB with a schema of views for each snapshot's side."""
    # By itself DuckDB fetches an extension from the internet when a query could use one.
    connection = duckdb.connect(
        config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    )
    for snapshot in snapshots:
        attach(connection, snapshot)
    return connection


def attach(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, schema: str | None = None) -> None:
    """Attach a snapshot read-only and make a schema of views on its tables.

    Raises:
        WorkbenchError: One of its files is gone.
    """
    missing = next((file for file in snapshot.files if not file.is_file()), None)
    if missing is not None:
        raise WorkbenchError(
            f"the file of snapshot {snapshot.id} is gone", where=str(missing), fix="Pull again."
        )
    attach_files(connection, snapshot.files, schema or snapshot.side)


def database_of(schema: str, number: int) -> str:
    """The name by which a file of the chain that a schema shows is attached; the full one has number 0."""
    return f"{schema}_file{f'_{number}' if number else ''}"


def attach_files(connection: duckdb.DuckDBPyConnection, files: Iterable[Path], schema: str) -> None:
    """Attach a full file and its deltas read-only, and compose them in a schema of views."""
    databases = []
    for number, file in enumerate(files):
        database = database_of(schema, number)
        connection.execute(f"ATTACH '{literal(file)}' AS {database} (READ_ONLY)")
        databases.append(database)
    compose(connection, schema, databases)
