"""The confirmed pairs of a mapping, and where their records are now.

Temporary tables: `diff_pairs` (pair, both ids, `<s|q>_here`, `<s|q>_in`, `<s|q>_h`, parent_pair, live),
and `diff_documents`, the live pairs of a mapping whose lines come next.
"""

from __future__ import annotations

import duckdb

from workbench.errors import DiffError
from workbench.model import Mapping, Side
from workbench.normalize import literal
from workbench.normalize.only import among
from workbench.normalize.sql import canonical


def pairs(connection: duckdb.DuckDBPyConnection, mapping: Mapping, *, narrowed: bool = False) -> None:
    """Make `diff_pairs`, of the records that are looked at.

    Raises:
        DiffError: A record is in two pairs, or a pair lacks a record.
    """
    for side in Side:
        _refuse_twice(connection, mapping, side)
    connection.execute(_pairs(mapping, narrowed))


def documents(connection: duckdb.DuckDBPyConnection) -> None:
    """Keep the live pairs as the documents of the lines that come next."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE diff_documents AS "
        "SELECT pair, salesforce_id, quickbooks_id FROM diff_pairs WHERE live"
    )


def _pairs(mapping: Mapping, narrowed: bool) -> str:
    lines = mapping.parent is not None
    either = " OR ".join(among(mapping, side, f"{side}_id", narrowed=narrowed) for side in Side)
    parent = "coalesce(s_document.pair, q_document.pair)" if lines else "CAST(NULL AS VARCHAR)"
    joined = """
LEFT JOIN diff_documents AS s_document ON s_document.salesforce_id = s.parent
LEFT JOIN diff_documents AS q_document ON q_document.quickbooks_id = q.parent
WHERE s_document.pair IS NOT NULL OR q_document.pair IS NOT NULL
"""
    return f"""
CREATE OR REPLACE TEMP TABLE diff_pairs AS
SELECT known.pair, known.salesforce_id, known.quickbooks_id,
       s.id IS NOT NULL AS s_here, coalesce(s.in_scope, false) AS s_in, s.h AS s_h,
       q.id IS NOT NULL AS q_here, coalesce(q.in_scope, false) AS q_in, q.h AS q_h,
       {parent} AS parent_pair, s_in AND q_in AS live
FROM (SELECT * FROM kept.crosswalk WHERE mapping = {literal(mapping.name)} AND ({either})) AS known
LEFT JOIN {canonical(mapping, Side.SALESFORCE)} AS s ON s.id = known.salesforce_id
LEFT JOIN {canonical(mapping, Side.QUICKBOOKS)} AS q ON q.id = known.quickbooks_id
{joined if lines else ""}
"""


def _refuse_twice(connection: duckdb.DuckDBPyConnection, mapping: Mapping, side: Side) -> None:
    found = connection.execute(
        f"SELECT {side}_id, count(*) FROM kept.crosswalk WHERE mapping = ? "
        f"GROUP BY ALL HAVING count(*) > 1 OR {side}_id IS NULL ORDER BY ALL",
        [mapping.name],
    ).fetchall()
    if found:
        raise DiffError(
            f"{len(found)} {side.label} records are in more than one pair, or in half a pair",
            where=f"mapping '{mapping.name}'",
            values={str(record or "(empty)"): f"in {count} pairs" for record, count in found[:5]},
            fix="Undo the wrong link, then match again.",
        )
