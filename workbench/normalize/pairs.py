"""The confirmed pairs of a mapping, ready to be joined.

`prepare_pairs` makes the view `work."<mapping>.pairs"`: pair, salesforce_id, quickbooks_id, `k`,
`k_salesforce` and `k_quickbooks` (`sql.key` of the three), and `place`.
"""

from __future__ import annotations

import duckdb

from workbench.errors import DiffError
from workbench.model import Mapping, Side
from workbench.normalize import sql
from workbench.normalize.only import among
from workbench.normalize.sql import literal


def prepare_pairs(connection: duckdb.DuckDBPyConnection, mapping: Mapping, *, narrowed: bool = False) -> None:
    """Make the view of the pairs of `mapping` (not of its lines).

    Args:
        narrowed: Of the pairs whose records `only.narrow` has chosen, and no others.

    Raises:
        DiffError: A record is in two pairs, or a pair lacks a record.
    """
    connection.execute("CREATE SCHEMA IF NOT EXISTS work")
    view = sql.pairs(mapping)
    connection.execute(f"CREATE OR REPLACE TABLE {sql.rows(view)} AS\n{_pairs(mapping, narrowed)}")
    connection.execute(sql.placed(view, sql.rows(view)))
    for side in Side:
        _refuse_twice(connection, mapping, side)


def _pairs(mapping: Mapping, narrowed: bool) -> str:
    either = " OR ".join(among(mapping, side, f"{side}_id", narrowed=narrowed) for side in Side)
    keys = ", ".join(f"{sql.key(f'{side}_id')} AS k_{side}" for side in Side)
    return (
        f"SELECT pair, salesforce_id, quickbooks_id, {sql.key('pair')} AS k, {keys} FROM kept.crosswalk "
        f"WHERE mapping = {literal(mapping.name)} AND ({either})"
    )


def _refuse_twice(connection: duckdb.DuckDBPyConnection, mapping: Mapping, side: Side) -> None:
    table = sql.pairs(mapping)
    single = connection.execute(f"SELECT count(DISTINCT k_{side}) = count(*) FROM {table}").fetchone()
    if single != (True,):
        found = connection.execute(
            f"SELECT {side}_id, count(*) FROM {table} "
            f"GROUP BY ALL HAVING count(*) > 1 OR {side}_id IS NULL ORDER BY ALL"
        ).fetchall()
        raise DiffError(
            f"{len(found)} {side.label} records are in more than one pair, or in half a pair",
            where=f"mapping '{mapping.name}'",
            values={str(record or "(empty)"): f"in {count} pairs" for record, count in found[:5]},
            fix="Undo the wrong link, then match again.",
        )
