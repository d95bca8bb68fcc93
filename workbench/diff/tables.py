"""The tables that a diff leaves behind."""

from __future__ import annotations

import duckdb

from workbench.model import Mapping, Side
from workbench.normalize import literal
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


def create_differences(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `work.differences` when it is not there yet."""
    _create(connection, "differences", DIFFERENCES)


def create_agreed(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `work.agreed` when it is not there yet."""
    _create(connection, "agreed", AGREED)


def forget(
    connection: duckdb.DuckDBPyConnection, table: str, mapping: Mapping, *, narrowed: bool = False
) -> None:
    """Remove the rows of a mapping from one of these tables; narrowed, those about what is looked at."""
    either = " OR ".join(among(mapping, side, f"{side}_id", narrowed=narrowed) for side in Side)
    connection.execute(f"DELETE FROM work.{table} WHERE mapping = ? AND ({either})", [mapping.name])


def take_over(connection: duckdb.DuckDBPyConnection, mapping: Mapping, query: str) -> None:
    """Put the rows of a query beside those of a mapping and its lines, in the order that `compare` leaves."""
    both = [each for each in (mapping, mapping.lines) if each is not None]
    mine = f"mapping IN ({', '.join(literal(each.name) for each in both)})"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE diff_new AS SELECT * FROM work.differences WHERE {mine}"
    )
    connection.execute(f"DELETE FROM work.differences WHERE {mine}")
    for each in both:
        fields = ", ".join(literal(field.name) for field in each.compared)
        connection.execute(
            "INSERT INTO work.differences "
            f"SELECT * FROM (FROM diff_new UNION ALL {query}) WHERE mapping = {literal(each.name)} "
            "ORDER BY list_position(['field', 'only_salesforce', 'only_quickbooks'], kind), "
            f"label, salesforce_id, quickbooks_id, list_position(CAST([{fields}] AS VARCHAR[]), field)"
        )


def exists(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Whether schema `work` has a table of that name."""
    # A look into the catalogue takes ten times as long as trying.
    try:
        connection.execute(f"SELECT 1 FROM work.{name} LIMIT 0")
    except duckdb.CatalogException:
        return False
    return True


def _create(connection: duckdb.DuckDBPyConnection, name: str, columns: dict[str, str]) -> None:
    declared = ", ".join(f"{column} {kind}" for column, kind in columns.items())
    connection.execute("CREATE SCHEMA IF NOT EXISTS work")
    connection.execute(f"CREATE TABLE IF NOT EXISTS work.{name} ({declared})")
