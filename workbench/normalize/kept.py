"""The tables of schema `kept`: what people and earlier runs have settled, as matching and diff read it.

The facade fills them from the store; `create_kept` makes them empty, so that the pure modules can run on
any connection.
"""

from __future__ import annotations

import duckdb

TABLES = {
    "crosswalk": "mapping VARCHAR, pair VARCHAR, salesforce_id VARCHAR, quickbooks_id VARCHAR",
    "base": "mapping VARCHAR, pair VARCHAR, fields VARCHAR[], salesforce VARCHAR, quickbooks VARCHAR",
    "decisions": (
        "mapping VARCHAR, salesforce_id VARCHAR, quickbooks_id VARCHAR, field VARCHAR, decision VARCHAR, "
        "salesforce_seen VARCHAR, quickbooks_seen VARCHAR, pinned BOOLEAN, value VARCHAR, "
        "reason VARCHAR, decided_by VARCHAR, decided_at TIMESTAMPTZ"
    ),
    "closed": "mapping VARCHAR",
}


def create_kept(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables of schema `kept` that are not there yet."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS kept")
    for name, columns in TABLES.items():
        connection.execute(f"CREATE TABLE IF NOT EXISTS kept.{name} ({columns})")
