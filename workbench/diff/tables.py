"""The tables that a diff leaves behind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import duckdb

from workbench.model import Kind, Mapping, Side
from workbench.normalize import identifier, literal
from workbench.normalize.only import among

GAP = "DECIMAL(38,5)"
DIFFERENCES = {
    "mapping": "VARCHAR",
    "pair": "VARCHAR",
    "salesforce_id": "VARCHAR",
    "quickbooks_id": "VARCHAR",
    "label": "VARCHAR",
    "kind": "VARCHAR",
    "field": "VARCHAR",
    "type": "VARCHAR",
    "difference": "VARCHAR",
    "base": "VARCHAR",
    "salesforce": "VARCHAR",
    "quickbooks": "VARCHAR",
    "salesforce_value": "VARCHAR",
    "quickbooks_value": "VARCHAR",
    "gap": GAP,
    "resolution": "VARCHAR",
    "resolved_by": "VARCHAR",
    "reason": "VARCHAR",
    "parent_pair": "VARCHAR",
    "salesforce_modified": "TIMESTAMP",
    "quickbooks_modified": "TIMESTAMP",
    "salesforce_version": "VARCHAR",
    "quickbooks_version": "VARCHAR",
    "set_value": "VARCHAR",
    "set_to": "VARCHAR[]",
}
AGREED = {
    "mapping": "VARCHAR",
    "pair": "VARCHAR",
    "fields": "VARCHAR[]",
    "salesforce": "VARCHAR",
    "quickbooks": "VARCHAR",
}


def differences_of(mapping: Mapping) -> str:
    """The table of the differences of a mapping (not of its lines); `work.differences` shows those of all."""
    return f"work.{identifier(f'{mapping.name}.differences')}"


def create_differences(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `work.differences` when it is not there yet."""
    if not exists(connection, "differences"):
        connection.execute("CREATE SCHEMA IF NOT EXISTS work")
        _show_all(connection)


def write_differences(
    connection: duckdb.DuckDBPyConnection, mapping: Mapping, queries: Sequence[str]
) -> None:
    """Make the table of the differences of a mapping from queries of its rows; an older one goes."""
    table = differences_of(mapping)
    new = not exists(connection, f"{mapping.name}.differences")
    parts = [_no_difference(), *(f"({query})" for query in queries)]
    connection.execute(f"CREATE OR REPLACE TABLE {table} AS\n{' UNION ALL '.join(parts)}")
    if new or not exists(connection, "differences"):
        _show_all(connection)


def forget_differences(connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> None:
    """Let a mapping and its lines have no differences."""
    for each in filter(None, (mapping, mapping.lines)):
        write_differences(connection, each, [])


def others(mapping: Mapping, table: str) -> str:
    """The rows of a table of differences that are about no record which is looked at (`only.narrow`)."""
    return f"SELECT * FROM {table} WHERE mapping = {literal(mapping.name)} AND NOT ({_looked_at(mapping)})"


def looked_at(mapping: Mapping, table: str) -> str:
    """The rows of a table of differences that are about a record which is looked at (`only.narrow`)."""
    return f"SELECT * FROM {table} WHERE mapping = {literal(mapping.name)} AND ({_looked_at(mapping)})"


def _looked_at(mapping: Mapping) -> str:
    return " OR ".join(
        f"coalesce({among(mapping, side, f'{side}_id', narrowed=True)}, false)" for side in Side
    )


def in_order(mappings: Iterable[Mapping]) -> str:
    """The ORDER BY of differences as they are looked through; a table has no order."""
    each = [one for mapping in mappings for one in (mapping, mapping.lines) if one is not None]
    fields = [f"{one.name}.{field.name}" for one in each for field in one.compared]
    field = _place(fields, "mapping || '.' || field")
    mapping, kind = _place([one.name for one in each], "mapping"), _place(Kind, "kind")
    return f"ORDER BY {mapping}, {kind}, label, salesforce_id, quickbooks_id, {field}"


def create_agreed(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `work.agreed` when it is not there yet."""
    declared = ", ".join(f"{column} {kind}" for column, kind in AGREED.items())
    connection.execute("CREATE SCHEMA IF NOT EXISTS work")
    connection.execute(f"CREATE TABLE IF NOT EXISTS work.agreed ({declared})")


def forget_agreed(connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> None:
    """Remove the rows of a mapping."""
    connection.execute("DELETE FROM work.agreed WHERE mapping = ?", [mapping.name])


def exists(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Whether schema `work` has a table of that name."""
    # A look into the catalogue takes ten times as long as trying.
    try:
        connection.execute(f"SELECT 1 FROM work.{identifier(name)} LIMIT 0")
    except duckdb.CatalogException:
        return False
    return True


def _show_all(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `work.differences`, of all mappings that have a table."""
    found = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() "
        "AND schema_name = 'work' AND ends_with(table_name, '.differences') ORDER BY table_oid"
    ).fetchall()
    parts = [_no_difference(), *(f"SELECT * FROM work.{identifier(name)}" for (name,) in found)]
    connection.execute(f"CREATE OR REPLACE VIEW work.differences AS {' UNION ALL '.join(parts)}")


def _no_difference() -> str:
    """A query of no rows, which says the columns and their types."""
    columns = ", ".join(f"CAST(NULL AS {kind}) AS {column}" for column, kind in DIFFERENCES.items())
    return f"SELECT {columns} WHERE false"


def _place(words: Iterable[str], column: str) -> str:
    return f"list_position(CAST([{', '.join(literal(word) for word in words)}] AS VARCHAR[]), {column})"
