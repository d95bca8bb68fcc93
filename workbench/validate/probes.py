"""The values that expressions would write, computed for whole tables in the place of one record at a time."""

from __future__ import annotations

from dataclasses import replace

import duckdb

from workbench.model import Expression, FieldMap, Mapping, Side
from workbench.normalize import identifier, prepare
from workbench.normalize.sql import canonical

VALUE = "value"


def probe(
    connection: duckdb.DuckDBPyConnection, mapping: Mapping, side: Side, field: FieldMap, given: Expression
) -> tuple[str, str]:
    """Compute an expression for all records of a side: SQL of its text, and of the join on `s.id`.

    Records that it fails on are listed in `work.unread`, under the name of `probe_name`.

    Raises:
        DiffError: The expression cannot be computed at all.
    """
    text = replace(given, text=f"CAST(({given.text}) AS VARCHAR)", target=None)
    api = given.columns or (mapping.side(side).key,)
    names = {side: api, side.other: (VALUE,)}
    only = FieldMap(
        name=VALUE,
        salesforce=names[Side.SALESFORCE],
        quickbooks=names[Side.QUICKBOOKS],
        expressions=(text,),
        line=field.line,
    )
    made = replace(mapping, name=probe_name(mapping, field, given), fields=(only,), match=())
    prepare(connection, made, side)
    return f"p.{identifier(f't:{VALUE}')}", f"JOIN {canonical(made, side)} AS p ON p.id = s.id"


def probe_name(mapping: Mapping, field: FieldMap, given: Expression) -> str:
    """The name that a probe is prepared under: what a report calls the field."""
    return f"{mapping.name}: {field.name}{f' ({given.target})' if given.target else ''}"
