"""Open snapshots for SQL: an in-memory DuckDB with the files attached read-only.

`salesforce` and `quickbooks` are schemas of views, so that `salesforce."Account"` is the table of the
snapshot that was asked for, whatever file it lies in.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from workbench.errors import WorkbenchError
from workbench.snapshots.catalog import Snapshot


def open_reader(snapshots: Iterable[Snapshot]) -> duckdb.DuckDBPyConnection:
    """Open an in-memory DuckDB with a schema of views for each snapshot's side."""
    connection = duckdb.connect()
    for snapshot in snapshots:
        attach(connection, snapshot)
    return connection


def attach(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, schema: str | None = None) -> None:
    """Attach a snapshot read-only and make a schema of views on its tables.

    Raises:
        WorkbenchError: The file is gone.
    """
    if not snapshot.file.is_file():
        raise WorkbenchError(
            f"the file of snapshot {snapshot.id} is gone", where=str(snapshot.file), fix="Pull again."
        )
    schema = schema or snapshot.side
    database = f"{schema}_file"
    path = str(snapshot.file).replace("'", "''")
    connection.execute(f"ATTACH '{path}' AS {database} (READ_ONLY)")
    connection.execute(f"CREATE SCHEMA {schema}")
    tables = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = ?", [database]
    ).fetchall()
    for (table,) in tables:
        connection.execute(f'CREATE VIEW {schema}."{table}" AS SELECT * FROM {database}."{table}"')
