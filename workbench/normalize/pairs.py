"""The confirmed pairs of a mapping, ready to be joined.

`prepare_pairs` makes the view `work."<mapping>.pairs"`:

| column | |
|---|---|
| pair, salesforce_id, quickbooks_id | as in `kept.crosswalk` |
| k, k_salesforce, k_quickbooks | `sql.key` of the three |
| based, hs, hq | whether the pair has a base, and the base's hashes: most pairs are compared by these alone |
| g, place | hash of all of it and of the base, and its place in the table behind the view |
"""

from __future__ import annotations

import duckdb

from workbench.errors import DiffError
from workbench.model import Mapping, Side
from workbench.normalize import sql
from workbench.normalize.only import among
from workbench.normalize.sql import literal


def prepare_pairs(connection: duckdb.DuckDBPyConnection, mapping: Mapping, *, narrowed: bool = False) -> None:
    """Make the view of the pairs of `mapping` (not of its lines), whose base is made already.

    Args:
        narrowed: Of the pairs whose records `only.narrow` has chosen, and no others.

    Raises:
        DiffError: A record is in two pairs, or a pair lacks a record.
    """
    connection.execute("CREATE SCHEMA IF NOT EXISTS work")
    view = sql.pairs(mapping)
    either = " OR ".join(among(mapping, side, f"{side}_id", narrowed=narrowed) for side in Side)
    query = pairs_query(mapping, f"({either})")
    connection.execute(f"CREATE OR REPLACE TABLE {sql.rows(view)} AS\n{query}")
    connection.execute(sql.placed(view, sql.rows(view)))
    need_partners(connection, mapping, view)


def pairs_query(mapping: Mapping, where: str = "true") -> str:
    """The rows of the table, of those pairs in `kept.crosswalk` that a condition chooses."""
    keys = ", ".join(f"{sql.key(f'{side}_id')} AS k_{side}" for side in Side)
    return (
        "SELECT p.pair, p.salesforce_id, p.quickbooks_id, p.k, p.k_salesforce, p.k_quickbooks, "
        "b.k IS NOT NULL AS based, b.hs, b.hq, hash(p.h, b.g) AS g "
        f"FROM (SELECT *, {sql.key('pair')} AS k, {keys}, {pair_hash()} AS h "
        f"FROM kept.crosswalk WHERE mapping = {literal(mapping.name)} AND {where}) AS p "
        f"LEFT JOIN {sql.base(mapping)} AS b ON b.k = p.k"
    )


def pairs_marked(mapping: Mapping) -> str:
    """`pair`, `k` and `g` of all rows that the table has."""
    return (
        "SELECT p.pair, p.k, hash(p.h, b.g) AS g "
        f"FROM (SELECT pair, {sql.key('pair')} AS k, {pair_hash()} AS h "
        f"FROM kept.crosswalk WHERE mapping = {literal(mapping.name)}) AS p "
        f"LEFT JOIN {sql.base(mapping)} AS b ON b.k = p.k"
    )


def pair_hash() -> str:
    """A hash of all that a row of `kept.crosswalk` says."""
    return "hash(pair, salesforce_id, quickbooks_id)"


def need_partners(connection: duckdb.DuckDBPyConnection, mapping: Mapping, table: str) -> None:
    """Refuse pairs that lack a record, or have one in common.

    Raises:
        DiffError: There are some.
    """
    for side in Side:
        single = connection.execute(f"SELECT count(DISTINCT k_{side}) = count(*) FROM {table}").fetchone()
        if single != (True,):
            _refuse(connection, mapping, side, table)


def _refuse(connection: duckdb.DuckDBPyConnection, mapping: Mapping, side: Side, table: str) -> None:
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
