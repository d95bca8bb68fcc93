"""The base under today's mapping: the raw values at the last agreement, in comparable columns.

`prepare_base` makes the view `work."<mapping>.base"`:

| column | |
|---|---|
| pair, k, place | the pair, its `sql.key`, and its place in the table behind the view |
| complete, fields | whether all compared fields have a base; if not, those that do |
| `s:<field>`, `q:<field>` | comparable values of both sides as they were |
| told | Salesforce's values as a person reads them, where they are other texts (`told`) |
| hs, hq | hashes as in the canonical tables, NULL where the base lacks a compared field |
| g, source | hashes of all of it, and of what it was made from (`base_hash`) |

The table behind it keeps a value of QuickBooks' only where it is another than Salesforce's, all such of a row
in one JSON object of texts (`apart`): nearly all are the same, and cost nothing to read then.

In `kept.base` a raw value is text in a JSON object by API field ("12.50", "true", null): DuckDB reads a
JSON number through a float, so one with a decimal point is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass

import duckdb

from workbench.errors import DiffError
from workbench.model import FieldMap, Mapping, Side
from workbench.normalize import sql
from workbench.normalize.compare import comparable_text, comparable_type, compare_sql, computed, raw_text
from workbench.normalize.only import among
from workbench.normalize.sources import split, type_of
from workbench.normalize.sql import identifier, listed, literal
from workbench.normalize.told import json_object, told_column, told_path

Types = ReadOnly[str, str]
"""DuckDB types by API field."""

LETTER = {Side.SALESFORCE: "s", Side.QUICKBOOKS: "q"}


def prepare_base(connection: duckdb.DuckDBPyConnection, mapping: Mapping, *, narrowed: bool = False) -> None:
    """Make the view of the base of `mapping` (not of its lines).

    Args:
        narrowed: Of the pairs whose records `only.narrow` has chosen, and no others.

    Raises:
        DiffError: A pair has two bases, the JSON can't be read, or a number in it is a float.
    """
    connection.execute("CREATE SCHEMA IF NOT EXISTS work")
    view = sql.base(mapping)
    where = _of_records(mapping) if narrowed else "true"
    prepare_base_from(connection, read_base(connection, mapping), sql.rows(view), where)
    connection.execute(sql.placed(view, sql.rows(view), base_columns(mapping)))


def read_base(connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> BaseSources:
    """What `prepare_base` would read, without reading it."""
    types = {side: _types(connection, mapping, side) for side in Side}
    return BaseSources(mapping=mapping, types=types, fields=mapping.compared)


def prepare_base_from(
    connection: duckdb.DuckDBPyConnection, sources: BaseSources, table: str, where: str = "true"
) -> None:
    """Make the table behind the view, of those rows of `kept.base` that a condition chooses.

    Raises:
        DiffError: As `prepare_base`.
    """
    mapping = sources.mapping
    mine = f"FROM kept.base WHERE mapping = {literal(mapping.name)} AND {where}"
    _refuse_twice(connection, mapping, mine)
    try:
        _refuse_floats(connection, mapping, mine)
        with sql.failures_kept_apart(connection, mapping):
            connection.execute(f"CREATE OR REPLACE TABLE {table} AS\n{sources.table(where)}")
    except duckdb.Error as error:
        what = f"the base can't be read: {str(error).splitlines()[0]}"
        raise DiffError(what, where=f"mapping '{mapping.name}'") from error


def base_hash() -> str:
    """A hash of what a row of `kept.base` says."""
    return "hash(fields, salesforce, quickbooks)"


def _of_records(mapping: Mapping) -> str:
    either = " OR ".join(among(mapping, side, f"{side}_id", narrowed=True) for side in Side)
    where = f"mapping = {literal(mapping.name)} AND ({either})"
    return f"pair IN (SELECT pair FROM kept.crosswalk WHERE {where})"


def base_columns(mapping: Mapping) -> str:
    """The columns of the view, from those of the table."""
    chosen = ["pair", "k", "fields", "complete", "hs", "hq", "told", "g", "source"]
    for field in mapping.compared:
        left, right = _names(field)
        path = literal(told_path(field.name))
        value = f"CAST(json_extract_string(apart, {path}) AS {comparable_type(field)})"
        chosen += [
            left,
            f"CASE WHEN apart IS NULL THEN {left} "
            f"WHEN json_exists(apart, {path}) THEN {value} ELSE {left} END AS {right}",
        ]
    return listed(chosen)


def _names(field: FieldMap) -> tuple[str, str]:
    """The columns of both values."""
    return identifier(f"s:{field.name}"), identifier(f"q:{field.name}")


def _raw(field: FieldMap) -> str:
    return identifier(f"r:{field.name}")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseSources:
    """The SELECTs behind the table; each is a plain list of columns of the one before.

    Attributes:
        fields: The compared fields, or some of them.
    """

    mapping: Mapping
    types: ReadOnly[Side, Types]
    fields: tuple[FieldMap, ...]

    def table(self, where: str) -> str:
        lefts = [_names(field)[0] for field in self.fields]
        chosen = ["pair", "k", "fields", "complete", "hs", "hq", *lefts, "told", "apart"]
        every = ", ".join(["pair", "fields", *lefts, "told", "apart"])
        chosen += [f"hash({every}) AS g", "source"]
        return f"SELECT\n  {listed(chosen)}\nFROM (\n{self._packed(where)}\n)"

    def values(self, where: str) -> str:
        """`k` and the comparable values of both sides."""
        names = [name for field in self.fields for name in _names(field)]
        return f"SELECT {', '.join(['k', *names])} FROM (\n{self._known(where)}\n)"

    def _packed(self, where: str) -> str:
        """Values of QuickBooks' that are not Salesforce's in one column, and raw values in another."""
        told = told_column(
            (field.name, _raw(field), comparable_text(field, _names(field)[0])) for field in self.fields
        )
        apart = f"CASE WHEN hs = hq THEN NULL ELSE {self._apart()} END"
        return f"SELECT *, {told} AS told, {apart} AS apart FROM (\n{self._hashed(where)}\n)"

    def _apart(self) -> str:
        return json_object(
            (field.name, f"{left} IS DISTINCT FROM {right}", comparable_text(field, right))
            for field in self.fields
            for left, right in [_names(field)]
        )

    def _hashed(self, where: str) -> str:
        hashes = []
        for letter in ("s", "q"):
            names = ", ".join(identifier(f"{letter}:{field.name}") for field in self.fields)
            # A mapping that compares nothing has one hash for all, as its canonical tables do.
            hashed = f"hash({names})" if names else "CAST(0 AS UBIGINT)"
            hashes.append(f"CASE WHEN complete THEN {hashed} END AS h{letter}")
        return f"SELECT *, {', '.join(hashes)} FROM (\n{self._known(where)}\n)"

    def _known(self, where: str) -> str:
        """What has no base is NULL."""
        chosen = []
        for field in self.fields:
            has = f"complete OR list_contains(fields, {literal(field.name)})"
            names = [*_names(field), _raw(field)]
            chosen += [f"CASE WHEN {has} THEN {name} END AS {name}" for name in names]
        chosen.append("CASE WHEN NOT complete THEN fields END AS fields")
        kept = f"* REPLACE (\n  {listed(chosen)})" if chosen else "*"
        return f"SELECT {kept} FROM (\n{self._values(where)}\n)"

    def _values(self, where: str) -> str:
        chosen = ["pair", f"{sql.key('pair')} AS k", "fields", f"{self._complete()} AS complete", "source"]
        for field in self.fields:
            for side in Side:
                value = compare_sql(field, side, self._read(field, side))
                chosen.append(f"{value} AS {identifier(f'{LETTER[side]}:{field.name}')}")
            chosen.append(f"{self._told(field)} AS {_raw(field)}")
        return f"SELECT\n  {listed(chosen)}\nFROM (\n{self._flat(where)}\n) AS known"

    def _complete(self) -> str:
        """Whether all compared fields have a base; most rows have exactly these, in the order of names."""
        if not self.fields:
            return "true"
        names = ", ".join(literal(name) for name in sorted(field.name for field in self.fields))
        return f"coalesce(fields = [{names}] OR list_has_all(fields, [{names}]), false)"

    def _told(self, field: FieldMap) -> str:
        if field.read(Side.SALESFORCE):
            value = computed(field, Side.SALESFORCE, self._read(field, Side.SALESFORCE))
            return f"CAST(({value}).v AS VARCHAR)"
        return raw_text(field, Side.SALESFORCE, _column(Side.SALESFORCE))

    def _read(self, field: FieldMap, side: Side) -> Callable[[str], str]:
        """The columns as text, for an expression as values of their types."""
        plain = _column(side)
        if not field.read(side):
            return plain
        return lambda name: f"TRY_CAST({plain(name)} AS {self.types[side][name]})"

    def _flat(self, where: str) -> str:
        """The texts in the JSON objects, a column each."""
        texts, parsed = [], []
        for side in Side:
            names = dict.fromkeys(name for field in self.fields for name in field.api(side))
            structure = literal(json.dumps(dict.fromkeys(names, "VARCHAR")))
            parsed.append(f"from_json({side}, {structure}) AS {side}_raw")
            texts += [f"{side}_raw.{identifier(name)} AS {_flat(side, name)}" for name in names]
        chosen = f"SELECT pair, fields, {base_hash()} AS source, {', '.join(parsed)} FROM kept.base"
        mine = f"{chosen} WHERE mapping = {literal(self.mapping.name)} AND {where}"
        return f"SELECT\n  {listed(['pair', 'fields', 'source', *texts])}\nFROM ({mine})"


def _flat(side: Side, name: str) -> str:
    return identifier(f"{side}:{name}")


def _column(side: Side) -> Callable[[str], str]:
    return lambda name: f"known.{_flat(side, name)}"


def _refuse_twice(connection: duckdb.DuckDBPyConnection, mapping: Mapping, mine: str) -> None:
    if connection.execute(f"SELECT count(DISTINCT pair) = count(*) {mine}").fetchone() == (True,):
        return
    found = connection.execute(
        f"SELECT pair, count(*) {mine} GROUP BY pair HAVING count(*) > 1 OR pair IS NULL ORDER BY pair"
    ).fetchall()
    raise DiffError(
        f"{len(found)} pairs have more than one base",
        where=f"mapping '{mapping.name}'",
        values={f"pair {pair}": f"{count} times" for pair, count in found[:5]},
        fix="Restore the store from a backup; a base is never made up.",
    )


def _refuse_floats(connection: duckdb.DuckDBPyConnection, mapping: Mapping, mine: str) -> None:
    numbers = [field for field in mapping.compared if field.type.numeric]
    for side in Side if numbers else ():
        paths = ", ".join(literal(f'$."{field.api(side)[0]}"') for field in numbers)
        floats = f"list_contains(json_type(CAST({side} AS JSON), [{paths}]), 'DOUBLE')"
        if connection.execute(f"SELECT 1 {mine} AND {floats} LIMIT 1").fetchone() is not None:
            for field in numbers:
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
