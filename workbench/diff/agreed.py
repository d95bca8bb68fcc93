"""What both sides agree on now: the base of the next diff."""

from __future__ import annotations

import json

import duckdb

from workbench.diff.fields import known, moved, same, values
from workbench.diff.pairs import documents, pairs
from workbench.diff.tables import create_agreed, forget
from workbench.model import FieldMap, Mapping, Side
from workbench.normalize import identifier, literal
from workbench.normalize.sql import base, canonical, raw


def agreed(connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> None:
    """Put into `work.agreed` the fields, lines' too, that are the same now and whose base is not.

    One row a pair: `fields`, and the raw values of both sides as JSON objects of text by API field, to be
    merged into the base.  Reads the canonical tables that `compute` made on this connection.

    Raises:
        DiffError: A record is in two confirmed pairs.
    """
    create_agreed(connection)
    for each in (mapping, *((mapping.lines,) if mapping.lines else ())):
        forget(connection, "agreed", each)
        pairs(connection, each)
        if each.compared:
            connection.execute(_agreed(each))
        if each.parent is None:
            documents(connection)


def _agreed(mapping: Mapping) -> str:
    flags = ", ".join(f"{_moves(field)} AS {identifier(f'a:{field.name}')}" for field in mapping.compared)
    names = ", ".join(
        f"CASE WHEN {identifier(f'a:{field.name}')} THEN {literal(field.name)} END"
        for field in mapping.compared
    )
    return f"""
INSERT INTO work.agreed
SELECT {literal(mapping.name)}, pair, list_filter([{names}], lambda part: part IS NOT NULL) AS agreed_fields,
       {_json(mapping, Side.SALESFORCE)}, {_json(mapping, Side.QUICKBOOKS)}
FROM (
  SELECT p.pair, {flags}, sr.* EXCLUDE (id) RENAME ({_renamed(mapping, Side.SALESFORCE)}),
         qr.* EXCLUDE (id) RENAME ({_renamed(mapping, Side.QUICKBOOKS)})
  FROM diff_pairs AS p
  JOIN {canonical(mapping, Side.SALESFORCE)} AS s ON s.id = p.salesforce_id
  JOIN {canonical(mapping, Side.QUICKBOOKS)} AS q ON q.id = p.quickbooks_id
  JOIN {raw(mapping, Side.SALESFORCE)} AS sr ON sr.id = p.salesforce_id
  JOIN {raw(mapping, Side.QUICKBOOKS)} AS qr ON qr.id = p.quickbooks_id
  LEFT JOIN {base(mapping)} AS b ON b.pair = p.pair
  WHERE p.live AND (b.pair IS NULL OR b.hs IS DISTINCT FROM p.s_h OR b.hq IS DISTINCT FROM p.q_h)
)
WHERE len(agreed_fields) > 0
ORDER BY pair
"""


def _moves(field: FieldMap) -> str:
    """Whether the base of the field moves: both sides are the same, and the base is another or none."""
    left, right = values(field)[Side.SALESFORCE], values(field)[Side.QUICKBOOKS]
    sides = " OR ".join(moved(field, side) for side in Side)
    return f"({same(left, right, field)} AND (NOT {known(field)} OR {sides}))"


def _renamed(mapping: Mapping, side: Side) -> str:
    # Both sides may have an API field of the same name.
    names = dict.fromkeys(name for field in mapping.fields for name in field.api(side))
    return ", ".join(f"{identifier(f'raw:{name}')} AS {identifier(f'{side}:{name}')}" for name in names)


def _json(mapping: Mapping, side: Side) -> str:
    """A JSON object of the raw values of the agreed fields, in the order of their names."""
    flags: dict[str, list[str]] = {}
    for field in mapping.compared:
        for name in field.api(side):
            flags.setdefault(name, []).append(identifier(f"a:{field.name}"))
    entries = [
        f"CASE WHEN {' OR '.join(any_of)} THEN {literal(f'{json.dumps(name)}:')} || "
        f"coalesce(CAST(to_json({identifier(f'{side}:{name}')}) AS VARCHAR), 'null') END"
        for name, any_of in sorted(flags.items())
    ]
    return f"'{{' || concat_ws(',', {', '.join(entries)}) || '}}'"
