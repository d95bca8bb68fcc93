"""What both sides agree on now: the base of the next diff."""

from __future__ import annotations

import json

import duckdb

from workbench.diff.fields import known, moved, same, values, wide
from workbench.diff.pairs import find_moved, live_pairs
from workbench.diff.tables import create_agreed, forget_agreed
from workbench.model import FieldMap, Mapping, Side
from workbench.normalize import identifier, literal
from workbench.normalize.sql import joined_as_written, raw


def agreed(connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> None:
    """Put into `work.agreed` the fields, lines' too, that are the same now and whose base is not.

    One row a pair: `fields`, and the raw values of both sides as JSON objects of text by API field, to be
    merged into the base.  Reads the canonical tables that `compute` made on this connection.

    Raises:
        DiffError: A record is in two confirmed pairs.
    """
    create_agreed(connection)
    for each in (mapping, *((mapping.lines,) if mapping.lines else ())):
        forget_agreed(connection, each)
        if each.compared:
            find_moved(connection, each)
            if live_pairs(connection):
                _agree(connection, each)


def _agree(connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> None:
    names = ", ".join(
        f"CASE WHEN {_moves(field)} THEN {literal(field.name)} END" for field in mapping.compared
    )
    query = f"""
CREATE OR REPLACE TEMP TABLE diff_agreed AS
WITH {wide(mapping)}
SELECT pair, salesforce_id, quickbooks_id,
       list_filter([{names}], lambda part: part IS NOT NULL) AS agreed_fields
FROM compared
"""
    with joined_as_written(connection):
        connection.execute(query)
    connection.execute("DELETE FROM diff_agreed WHERE len(agreed_fields) = 0")
    connection.execute(
        f"""
INSERT INTO work.agreed
SELECT {literal(mapping.name)}, d.pair, d.agreed_fields, {_json(mapping, Side.SALESFORCE)},
       {_json(mapping, Side.QUICKBOOKS)}
FROM diff_agreed AS d
JOIN {raw(mapping, Side.SALESFORCE)} AS s ON s.id = d.salesforce_id
JOIN {raw(mapping, Side.QUICKBOOKS)} AS q ON q.id = d.quickbooks_id
ORDER BY d.pair
"""
    )


def _moves(field: FieldMap) -> str:
    """Whether the base of the field moves: both sides are the same, and the base is another or none."""
    left, right = values(field)[Side.SALESFORCE], values(field)[Side.QUICKBOOKS]
    sides = " OR ".join(moved(field, side) for side in Side)
    return f"({same(left, right, field)} AND (NOT {known(field)} OR {sides}))"


def _json(mapping: Mapping, side: Side) -> str:
    """A JSON object of the raw values of the agreed fields, in the order of their names."""
    flags: dict[str, list[str]] = {}
    for field in mapping.compared:
        for name in field.api(side):
            flags.setdefault(name, []).append(f"list_contains(d.agreed_fields, {literal(field.name)})")
    letter = "s" if side is Side.SALESFORCE else "q"
    entries = [
        f"CASE WHEN {' OR '.join(any_of)} THEN {literal(f'{json.dumps(name)}:')} || "
        f"coalesce(CAST(to_json({letter}.{identifier(f'raw:{name}')}) AS VARCHAR), 'null') END"
        for name, any_of in sorted(flags.items())
    ]
    return f"'{{' || concat_ws(',', {', '.join(entries)}) || '}}'"
