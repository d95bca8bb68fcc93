"""The base under today's mapping: the raw values at the last agreement, in comparable columns.

`prepare_base` makes the table `work."<mapping>.base"`: `pair`, `fields` (those that have a base),
`s:<field>` and `q:<field>` (comparable values of both sides as they were), `hs` and `hq` (hashes as in the
canonical tables, NULL where the base lacks a compared field), and the view `work."<mapping>.base.raw"`
with `raw:<field>`, Salesforce's value as a person reads it.

In `kept.base` a raw value is text in a JSON object by API field ("12.50", "true", null): DuckDB reads a
JSON number through a float, so one with a decimal point is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from collections.abc import Mapping as ReadOnly

import duckdb

from workbench.errors import DiffError
from workbench.model import FieldMap, Mapping, Side
from workbench.normalize import sql
from workbench.normalize.compare import compare_sql, computed, raw_text
from workbench.normalize.only import among
from workbench.normalize.sources import split, type_of
from workbench.normalize.sql import identifier, listed, literal

Types = ReadOnly[str, str]
"""DuckDB types by API field."""

LETTER = {Side.SALESFORCE: "s", Side.QUICKBOOKS: "q"}


def prepare_base(connection: duckdb.DuckDBPyConnection, mapping: Mapping, *, narrowed: bool = False) -> None:
    """Make the base's table and view of `mapping` (not of its lines).

    Args:
        narrowed: Of the pairs whose records `only.narrow` has chosen, and no others.

    Raises:
        DiffError: A pair has two bases, the JSON can't be read, or a number in it is a float.
    """
    connection.execute("CREATE SCHEMA IF NOT EXISTS work")
    _refuse_twice(connection, mapping)
    try:
        _refuse_floats(connection, mapping)
        with sql.failures_kept_apart(connection, mapping):
            types = {side: _types(connection, mapping, side) for side in Side}
            connection.execute(
                f"CREATE OR REPLACE TABLE {sql.base(mapping)} AS\n{_hashed(mapping, types, narrowed)}"
            )
        connection.execute(f"CREATE OR REPLACE VIEW {sql.base_raw(mapping)} AS\n{_raw(mapping, narrowed)}")
    except duckdb.Error as error:
        what = f"the base can't be read: {str(error).splitlines()[0]}"
        raise DiffError(what, where=f"mapping '{mapping.name}'") from error


def _types(connection: duckdb.DuckDBPyConnection, mapping: Mapping, side: Side) -> Types:
    """Column types of what expressions read: the base keeps text, and an expression works on the values."""
    spec = mapping.side(side)
    read = [field.read(side) for field in mapping.compared]
    wanted = dict.fromkeys(name for each in read if each for name in each.columns)
    objects = dict.fromkeys(split(name, spec)[0] for name in wanted)
    known: dict[str, dict[str, str]] = {}
    for name in objects:
        rows = connection.execute(f"DESCRIBE SELECT * FROM {side}.{identifier(name)}").fetchall()
        known[name] = {str(row[0]).lower(): str(row[1]) for row in rows}
    return {name: type_of(name, spec, known) for name in wanted}


def _hashed(mapping: Mapping, types: ReadOnly[Side, Types], narrowed: bool) -> str:
    names = {
        side: [identifier(f"{LETTER[side]}:{field.name}") for field in mapping.compared] for side in Side
    }
    complete = " AND ".join(f"list_contains(fields, {literal(field.name)})" for field in mapping.compared)
    hashes = [
        f"CASE WHEN {complete} THEN hash({', '.join(names[side])}) END AS h{LETTER[side]}" for side in Side
    ]
    return f"SELECT *, {', '.join(hashes)} FROM (\n{_values(mapping, types, narrowed)}\n)"


def _values(mapping: Mapping, types: ReadOnly[Side, Types], narrowed: bool) -> str:
    chosen = ["pair", "fields"]
    for side in Side:
        chosen += [
            f"CASE WHEN {_has(field)} THEN {compare_sql(field, side, _read(field, side, types))} END "
            f"AS {identifier(f'{LETTER[side]}:{field.name}')}"
            for field in mapping.compared
        ]
    for field in _computed(mapping):
        value = computed(field, Side.SALESFORCE, _read(field, Side.SALESFORCE, types))
        chosen.append(f"CAST(({value}).v AS VARCHAR) AS {identifier(f't:{field.name}')}")
    return f"SELECT\n  {listed(chosen)}\n{_source(mapping, narrowed)}"


def _raw(mapping: Mapping, narrowed: bool) -> str:
    chosen = ["pair"]
    for field in mapping.compared:
        if field.read(Side.SALESFORCE):
            text = f"(SELECT made.{identifier(f't:{field.name}')} FROM {sql.base(mapping)} AS made "
            text += "WHERE made.pair = known.pair)"
        else:
            text = raw_text(field, Side.SALESFORCE, _columns(Side.SALESFORCE))
        chosen.append(f"CASE WHEN {_has(field)} THEN {text} END AS {identifier(f'raw:{field.name}')}")
    return f"SELECT\n  {listed(chosen)}\n{_source(mapping, narrowed)}"


def _computed(mapping: Mapping) -> list[FieldMap]:
    return [field for field in mapping.compared if field.read(Side.SALESFORCE)]


def _has(field: FieldMap) -> str:
    return f"list_contains(fields, {literal(field.name)})"


def _source(mapping: Mapping, narrowed: bool) -> str:
    parsed = [
        f"from_json(CAST({side} AS JSON), {literal(_structure(mapping, side))}) AS {side}_raw"
        for side in Side
    ]
    where = f"mapping = {literal(mapping.name)}"
    if narrowed:
        either = " OR ".join(among(mapping, side, f"{side}_id", narrowed=True) for side in Side)
        where += f" AND pair IN (SELECT pair FROM kept.crosswalk WHERE {where} AND ({either}))"
    return f"FROM (SELECT pair, fields, {', '.join(parsed)} FROM kept.base WHERE {where}) AS known"


def _structure(mapping: Mapping, side: Side) -> str:
    names = dict.fromkeys(name for field in mapping.compared for name in field.api(side))
    return json.dumps(dict.fromkeys(names, "VARCHAR"))


def _columns(side: Side) -> Callable[[str], str]:
    return lambda name: f"known.{side}_raw.{identifier(name)}"


def _read(field: FieldMap, side: Side, types: ReadOnly[Side, Types]) -> Callable[[str], str]:
    """The columns as text, for an expression as values of their types."""
    plain = _columns(side)
    if not field.read(side):
        return plain
    return lambda name: f"TRY_CAST({plain(name)} AS {types[side][name]})"


def _refuse_twice(connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> None:
    found = connection.execute(
        "SELECT pair, count(*) FROM kept.base WHERE mapping = ? "
        "GROUP BY pair HAVING count(*) > 1 OR pair IS NULL ORDER BY pair",
        [mapping.name],
    ).fetchall()
    if found:
        raise DiffError(
            f"{len(found)} pairs have more than one base",
            where=f"mapping '{mapping.name}'",
            values={f"pair {pair}": f"{count} times" for pair, count in found[:5]},
            fix="Restore the store from a backup; a base is never made up.",
        )


def _refuse_floats(connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> None:
    for field in (each for each in mapping.compared if each.type.numeric):
        for side in Side:
            _refuse_floats_in(connection, mapping, field, side)


def _refuse_floats_in(
    connection: duckdb.DuckDBPyConnection, mapping: Mapping, field: FieldMap, side: Side
) -> None:
    path = f'$."{field.api(side)[0]}"'
    found = connection.execute(
        f"SELECT pair, CAST({side} AS VARCHAR) FROM kept.base "
        f"WHERE mapping = ? AND json_type(CAST({side} AS JSON), ?) = 'DOUBLE' LIMIT 5",
        [mapping.name, path],
    ).fetchall()
    if found:
        raise DiffError(
            f"the base of field '{field.name}' holds {side.label}'s value as a JSON number, a float",
            where=f"mapping '{mapping.name}'",
            values={f"pair {pair}": text for pair, text in found},
            fix='Keep raw values as text: "12.50".',
        )
