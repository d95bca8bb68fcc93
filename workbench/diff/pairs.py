"""What a comparison has to look at: pairs that are not quiet, and records that are in none.

A million pairs are joined on the numbers of their keys, and looked at in their hashes only; whatever is read
of those that remain is read by its place.  Temporary tables:

| table | |
|---|---|
| diff_touched | `<p|s|q>_place` of pair and records; `<s|q>_here`, `<s|q>_in` (in scope); |
| | `both_left`: there is a base, and both sides are others than it |
| diff_pairs | those of them that are in a pair: pair, k, ids, parent_pair, live, and all of the above |
| diff_documents | for lines: the live pairs of their documents (pair, ids) |
"""

from __future__ import annotations

import duckdb

from workbench.model import Mapping, Side
from workbench.normalize.only import among_keys, only_pairs
from workbench.normalize.sql import canonical, canonical_of, key, pairs, pairs_of

LIVE = "coalesce(s.in_scope AND q.in_scope, false)"
DIFFERENT = "(s.h IS DISTINCT FROM q.h OR (p.based AND p.hs IS DISTINCT FROM s.h))"
"""Of a live pair: it differs, or its sides are the same and Salesforce left the base."""
MOVED = "(NOT p.based OR p.hs IS DISTINCT FROM s.h OR p.hq IS DISTINCT FROM q.h)"
"""Of a live pair: its base may have to move."""
LETTER = {Side.SALESFORCE: "s", Side.QUICKBOOKS: "q"}


def find_touched(connection: duckdb.DuckDBPyConnection, mapping: Mapping, *, narrowed: bool = False) -> None:
    """Make the tables for a diff: pairs that are different or not live, and records in no pair."""
    loose = f"(coalesce(s.in_scope, false) OR coalesce(q.in_scope, false)) AND NOT {LIVE}"
    _find(connection, mapping, "FULL", f"{loose} OR ({LIVE} AND {DIFFERENT})", narrowed)


def find_moved(connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> None:
    """Make the tables for what agrees: the live pairs whose base is another than what they hold, or none."""
    _find(connection, mapping, "LEFT", f"{LIVE} AND {MOVED}", narrowed=False)


def live_pairs(connection: duckdb.DuckDBPyConnection) -> int:
    """How many pairs of `diff_pairs` are to be compared field by field."""
    row = connection.execute("SELECT count(*) FROM diff_pairs WHERE live").fetchone()
    return int(row[0]) if row else 0


def alone_on(connection: duckdb.DuckDBPyConnection, side: Side) -> bool:
    """Whether `diff_touched` has records of a side without a live partner: to plan for none costs as much."""
    query = f"SELECT 1 FROM diff_touched WHERE {LETTER[side]}_in AND NOT {LETTER[side.other]}_in LIMIT 1"
    return connection.execute(query).fetchone() is not None


def _find(
    connection: duckdb.DuckDBPyConnection, mapping: Mapping, join: str, wanted: str, narrowed: bool
) -> None:
    connection.execute(_touched(mapping, join, wanted, narrowed))
    if mapping.parent is not None:
        connection.execute(_documents(mapping, mapping.parent))
    connection.execute(_pairs(mapping, only_pairs(mapping) if narrowed else pairs(mapping)))


def _touched(mapping: Mapping, join: str, wanted: str, narrowed: bool) -> str:
    known = only_pairs(mapping) if narrowed else pairs(mapping)
    sides = {side: _records(mapping, side, narrowed) for side in Side}
    return f"""
CREATE OR REPLACE TEMP TABLE diff_touched AS
SELECT p.place AS p_place, s.place AS s_place, q.place AS q_place,
       coalesce(p.based AND p.hs IS DISTINCT FROM s.h AND p.hq IS DISTINCT FROM q.h, false) AS both_left,
       s.k IS NOT NULL AS s_here, coalesce(s.in_scope, false) AS s_in,
       q.k IS NOT NULL AS q_here, coalesce(q.in_scope, false) AS q_in
FROM {known} AS p
{join} JOIN {sides[Side.SALESFORCE]} AS s ON s.k = p.k_salesforce
{join} JOIN {sides[Side.QUICKBOOKS]} AS q ON q.k = p.k_quickbooks
WHERE {wanted}
"""


def _records(mapping: Mapping, side: Side, narrowed: bool) -> str:
    table = canonical(mapping, side)
    return f"(SELECT * FROM {table} WHERE {among_keys(mapping, side, 'k')})" if narrowed else table


def _pairs(mapping: Mapping, known: str) -> str:
    lines = mapping.parent is not None
    parent = "coalesce(s_document.pair, q_document.pair)" if lines else "CAST(NULL AS VARCHAR)"
    joined = f"""
LEFT JOIN {canonical(mapping, Side.SALESFORCE)} AS s ON s.place = t.s_place
LEFT JOIN {canonical(mapping, Side.QUICKBOOKS)} AS q ON q.place = t.q_place
LEFT JOIN diff_documents AS s_document ON s_document.salesforce_id = s.parent
LEFT JOIN diff_documents AS q_document ON q_document.quickbooks_id = q.parent
WHERE s_document.pair IS NOT NULL OR q_document.pair IS NOT NULL
"""
    return f"""
CREATE OR REPLACE TEMP TABLE diff_pairs AS
SELECT p.pair, p.k, p.salesforce_id, p.quickbooks_id, {parent} AS parent_pair, t.s_in AND t.q_in AS live, t.*
FROM diff_touched AS t JOIN {known} AS p ON p.place = t.p_place
{joined if lines else ""}
"""


def _documents(mapping: Mapping, parent: str) -> str:
    """The live pairs of the documents of the lines that are looked at."""
    wanted, joined = [], []
    for side, letter in LETTER.items():
        wanted.append(
            f"p.k_{side} IN (SELECT {key('r.parent')} FROM diff_touched AS t "
            f"JOIN {canonical(mapping, side)} AS r ON r.place = t.{letter}_place)"
        )
        joined.append(
            f"JOIN {canonical_of(parent, side)} AS {letter} ON {letter}.k = p.k_{side} AND {letter}.in_scope"
        )
    return f"""
CREATE OR REPLACE TEMP TABLE diff_documents AS
SELECT p.pair, p.salesforce_id, p.quickbooks_id FROM {pairs_of(parent)} AS p {" ".join(joined)}
WHERE {" OR ".join(wanted)}
"""
