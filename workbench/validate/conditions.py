"""Filters and gates, held against empty tables of what both systems can hold: DuckDB itself reads them.

The tables have the columns and types that a pull would give them, so a condition that passes here fails on
no snapshot for a name or a type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import duckdb

from workbench.connections import quickbooks_reading
from workbench.errors import Problem
from workbench.mapping.nodes import closest
from workbench.model import Mapping, Side, State
from workbench.normalize import identifier
from workbench.pull.salesforce import columns
from workbench.validate.known import Known
from workbench.validate.wording import whose

_COLUMN = re.compile(r'Referenced column "([^"]+)" not found')
_TABLE = re.compile(r"Table with name (\S+) does not exist")


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition of a mapping.

    Attributes:
        mapping: The mapping that names the object; of lines, theirs.
        state: The state whose gate it is; None for a filter.
        object: The object whose records it chooses.
    """

    mapping: Mapping
    side: Side
    object: str
    text: str
    line: int
    state: State | None = None

    @property
    def title(self) -> str:
        """What a person calls it."""
        if self.state is not None:
            return f"gate of {self.state.name}"
        return f"filter of {whose(self.side)} {self.object}"


def conditions(mapping: Mapping) -> Iterator[Condition]:
    """The filters of a mapping and its lines, then the gates of its states."""
    for each in filter(None, (mapping, mapping.lines)):
        for side in Side:
            spec = each.side(side)
            for name, text, line in (
                (spec.object, spec.where, spec.line),
                *((related.object, related.where, related.line) for related in spec.related),
            ):
                if text:
                    yield Condition(mapping=each, side=side, object=name, text=text, line=line)
    for state in mapping.states:
        if state.where:
            side = state.to.other
            yield Condition(
                mapping=mapping,
                side=side,
                object=mapping.side(side).object,
                text=state.where,
                line=state.line,
                state=state,
            )


@dataclass(slots=True)
class Skeleton:
    """Empty tables of both systems; a table is made when a condition first needs it."""

    known: Known
    _made: set[str] = field(default_factory=set, repr=False)
    _connection: duckdb.DuckDBPyConnection | None = field(default=None, repr=False)

    def problem(self, condition: Condition) -> Problem | None:
        """Say what is wrong with a condition; None when it can choose records."""
        where = f"{condition.mapping.path or condition.mapping.name}:{condition.line}"
        try:
            kind = self._kind(condition)
        except duckdb.Error as error:
            what, fix = self._refused(error, condition)
            return Problem(what=what, where=where, fix=fix, values={"condition": condition.text})
        if kind != "BOOLEAN":
            what = f"the condition gives {kind}, not true or false"
            return Problem(what=what, where=where, fix="Compare with something, e.g. \"Type = 'Service'\".")
        return None

    def _kind(self, condition: Condition) -> str:
        """The type of what a condition gives; duckdb.Error where it cannot be read."""
        self._make(condition.side, condition.object)
        table = _table(condition.side, condition.object)
        query = f"DESCRIBE SELECT (\n{condition.text}\n) AS chosen FROM {table}"
        while True:
            try:
                rows = self._opened().execute(query).fetchall()
                return str(rows[0][1])
            except duckdb.CatalogException as error:  # perhaps a subquery on another table
                missing = _TABLE.search(str(error))
                if missing is None or not self._make_named(missing[1].strip('"')):
                    raise

    def _opened(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            self._connection = duckdb.connect(config={"threads": 1, "enable_external_access": "false"})
            for side in Side:
                self._connection.execute(f"CREATE SCHEMA {side}")
        return self._connection

    def _make_named(self, name: str) -> bool:
        """Make the tables of that name that were not made yet; answers whether there were any."""
        sides = [side for side in Side if name in self.known.describes(side)]
        new = [side for side in sides if _table(side, name) not in self._made]
        for side in new:
            self._make(side, name)
        return bool(new)

    def _make(self, side: Side, name: str) -> None:
        table = _table(side, name)
        named = [] if table in self._made else self._columns(side, name)
        self._made.add(table)
        if named:
            listed = ", ".join(f"{identifier(column)} {type_}" for column, type_ in named)
            self._opened().execute(f"CREATE TABLE {table} ({listed})")

    def _columns(self, side: Side, name: str) -> list[tuple[str, str]]:
        if side is Side.SALESFORCE:
            described = dict(self.known.salesforce.get(name, {"fields": []}))
            return [(column.name, column.type) for column in columns(described)]
        for entity in quickbooks_reading.objects():
            if name in quickbooks_reading.tables(entity):
                return quickbooks_reading.columns(entity, name, (), self.known.definitions)
        return []

    def _refused(self, error: duckdb.Error, condition: Condition) -> tuple[str, str]:
        text = str(error).strip().splitlines()[0]
        if found := _COLUMN.search(text):
            described = self.known.describes(condition.side).get(condition.object, {})
            names = [str(each["name"]) for each in described.get("fields", ())]
            return (
                f"{whose(condition.side)} '{condition.object}' has no field '{found[1]}'",
                closest(found[1], names),
            )
        if found := _TABLE.search(text):
            return f"there is no table {found[1]}", closest(found[1], self.known.salesforce)
        return f"the condition cannot be read: {text}", "Write a condition of SQL over the record's fields."


def _table(side: Side, name: str) -> str:
    return f"{side}.{identifier(name)}"
