"""The records that are open to matching, and what people have decided about them.

Temporary tables: `match_open_<side>` (id, parent_pair, position, label, taken, tainted),
`match_links` and `match_refused` (salesforce_id, quickbooks_id, reason).
"""

from __future__ import annotations

import duckdb

from workbench.model import Mapping, Side
from workbench.normalize import fingerprint_sql, literal
from workbench.normalize.sql import canonical


def open_records(connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> None:
    """Fill the temporary tables from canonical tables, crosswalk and decisions."""
    _decisions(connection, mapping)
    for side in Side:
        connection.execute(_open(mapping, side))


def _decisions(connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> None:
    """The latest word on each pair; a later link of one of its records takes the place of a link."""
    latest = (
        "SELECT * FROM kept.decisions WHERE mapping = $mapping AND field IS NULL "
        "AND salesforce_id IS NOT NULL AND quickbooks_id IS NOT NULL AND decision IN ('link', 'not_a_match') "
        "QUALIFY row_number() OVER (PARTITION BY salesforce_id, quickbooks_id "
        "ORDER BY decided_at DESC NULLS LAST, decision) = 1"
    )
    last = "row_number() OVER (PARTITION BY {side}_id ORDER BY decided_at DESC NULLS LAST, {other}_id) = 1"
    lasts = " AND ".join(last.format(side=side, other=side.other) for side in Side)
    said = "coalesce(decided_by, 'a person') || ': ' || coalesce(reason, '')"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE match_links AS SELECT salesforce_id, quickbooks_id, {said} AS reason "
        f"FROM ({latest}) WHERE decision = 'link' QUALIFY {lasts}",
        {"mapping": mapping.name},
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE match_refused AS "
        f"SELECT salesforce_id, quickbooks_id, {said} AS reason FROM ({latest}) "
        "WHERE decision = 'not_a_match'",
        {"mapping": mapping.name},
    )


def _open(mapping: Mapping, side: Side) -> str:
    lines = mapping.parent is not None
    return f"""
CREATE OR REPLACE TEMP TABLE match_open_{side} AS
SELECT record.id, {"document.pair" if lines else "''"} AS parent_pair, record.position, record.label,
       false AS taken, false AS tainted
FROM {canonical(mapping, side)} AS record
{_documents(mapping.parent, side) if mapping.parent else ""}
ANTI JOIN (SELECT {side}_id AS id FROM kept.crosswalk WHERE mapping = {literal(mapping.name)}) AS linked
  ON linked.id = record.id
ANTI JOIN ({_ignored(mapping, side)}) AS ignored
  -- A pinned `ignore` holds while the record is as it was.
  ON ignored.id = record.id
  AND (NOT ignored.pinned OR ignored.seen = {fingerprint_sql(mapping, "record")})
WHERE record.in_scope
"""


def _ignored(mapping: Mapping, side: Side) -> str:
    return f"""
  SELECT {side}_id AS id, coalesce(pinned, false) AS pinned, {side}_seen AS seen, decision FROM kept.decisions
  WHERE mapping = {literal(mapping.name)} AND field IS NULL
    AND {side}_id IS NOT NULL AND {side.other}_id IS NULL
  QUALIFY row_number() OVER (PARTITION BY {side}_id ORDER BY decided_at DESC NULLS LAST, decision) = 1
    AND decision = 'ignore'
"""


def _documents(parent: str, side: Side) -> str:
    """Lines are open within confirmed documents only."""
    return f"""
JOIN (SELECT {side}_id AS id, min(pair) AS pair FROM kept.crosswalk
      WHERE mapping = {literal(parent)} GROUP BY ALL) AS document
  ON document.id = record.parent
"""
