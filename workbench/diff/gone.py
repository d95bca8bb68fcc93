"""Records of a mapping whose linked partner is gone, and what is known of how it went.

Absence is not deletion: only what the partner's system says of it, or a look at all its keys that hides
nothing, is evidence.  Of a line its document is: one that is there on both sides has all its lines.

`gone` makes the temporary table `diff_gone_<side>`: pair, salesforce_id, quickbooks_id, parent_pair, id and
place (of the record that is there), difference (`outside`, `deleted`, `missing`), told (the evidence in
words, else NULL), edited (whether it left the base) and inactive (whether it is inactive already).
"""

from __future__ import annotations

import duckdb

from workbench.diff.fields import has_base
from workbench.mapping.removable import active_field
from workbench.model import Mapping, Side
from workbench.normalize import identifier, literal
from workbench.normalize.sql import base, canonical

HIDDEN = "deleted long ago, or not visible any more"
"""How Salesforce's pull words what is no evidence: a record that this user may not see is missing too."""

LETTER = {Side.SALESFORCE: "s", Side.QUICKBOOKS: "q"}


def gone(connection: duckdb.DuckDBPyConnection, mapping: Mapping, side: Side) -> None:
    """Make the table for the records of a side; reads `diff_pairs`, canonical tables and base."""
    mine, theirs = LETTER[side], LETTER[side.other]
    connection.execute(
        f"""
CREATE OR REPLACE TEMP TABLE {gone_table(side)} AS
SELECT p.pair, p.salesforce_id, p.quickbooks_id, p.parent_pair, p.{side}_id AS id, p.{mine}_place AS place,
       CASE WHEN p.{theirs}_here THEN 'outside' WHEN known.told IS NOT NULL THEN 'deleted' ELSE 'missing' END
         AS difference, known.told, false AS edited, false AS inactive
FROM diff_pairs AS p LEFT JOIN ({_evidence(connection, mapping, side.other)}) AS known
  ON known.id = p.{side.other}_id
WHERE p.{mine}_in AND NOT p.{theirs}_in
"""
    )
    if connection.execute(
        f"SELECT 1 FROM {gone_table(side)} WHERE difference = 'deleted' LIMIT 1"
    ).fetchone():
        connection.execute(_edited(mapping, side))
        _inactive(connection, mapping, side)


def gone_table(side: Side) -> str:
    """The table of the records of a side whose partner is gone."""
    return f"diff_gone_{side}"


def _evidence(connection: duckdb.DuckDBPyConnection, mapping: Mapping, side: Side) -> str:
    """A query of (id, told): which records of a side are known to be gone."""
    if mapping.parent is not None:
        told = literal(f"its document in {side.label} no longer has it")
        return f"SELECT {side}_id AS id, {told} AS told FROM diff_pairs WHERE NOT {LETTER[side]}_here"
    if not _there(connection, side, "_deleted"):
        return "SELECT CAST(NULL AS VARCHAR) AS id, CAST(NULL AS VARCHAR) AS told WHERE false"
    clock = " UTC" if side is Side.SALESFORCE else ", by the clock of the QuickBooks computer"
    at = f"' (' || strftime(deleted_at, '%Y-%m-%d %H:%M') || {literal(clock + ')')}"
    words = """CASE evidence WHEN 'ListDeleted' THEN 'deleted, says QuickBooks'' list of deleted records'
      WHEN 'TxnDeleted' THEN 'deleted, says QuickBooks'' list of deleted transactions' ELSE evidence END"""
    return (
        f"SELECT \"key\" AS id, {words} || coalesce({at}, '') AS told FROM {side}._deleted "
        f'WHERE "table" = {literal(mapping.side(side).object)} AND NOT contains(evidence, {literal(HIDDEN)})'
    )


def _edited(mapping: Mapping, side: Side) -> str:
    """Mark records of which a field left what both sides agreed on."""
    moved = [
        f"({has_base(field)} AND r.{identifier(f'v:{field.name}')} IS DISTINCT FROM "
        f"b.{identifier(f'{LETTER[side]}:{field.name}')})"
        for field in mapping.compared
    ]
    return (
        f"UPDATE {gone_table(side)} AS g SET edited = true "
        f"FROM {base(mapping)} AS b, {canonical(mapping, side)} AS r "
        f"WHERE b.pair = g.pair AND r.id = g.id AND ({' OR '.join(moved) or 'false'})"
    )


def _inactive(connection: duckdb.DuckDBPyConnection, mapping: Mapping, side: Side) -> None:
    """Mark records that are inactive already."""
    spec = mapping.side(side)
    table = f"{side}.{identifier(spec.object)}"
    known = {str(row[0]) for row in connection.execute(f"DESCRIBE SELECT * FROM {table}").fetchall()}
    found = active_field(mapping, side, known)
    if found is not None and mapping.parent is None:
        connection.execute(
            f"UPDATE {gone_table(side)} AS g SET inactive = true FROM {table} AS source "
            f"WHERE CAST(source.{identifier(spec.key)} AS VARCHAR) = g.id "
            f"AND NOT coalesce(CAST(source.{identifier(found[1])} AS BOOLEAN), true)"
        )


def _there(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> bool:
    query = (
        "SELECT 1 FROM information_schema.tables WHERE table_catalog = current_database() "
        "AND table_schema = ? AND table_name = ?"
    )
    return connection.execute(query, [str(schema), name]).fetchone() is not None
