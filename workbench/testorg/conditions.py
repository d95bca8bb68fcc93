"""Conditions of a WHERE clause as SQL.

SOQL's logic has two values: a comparison with null is false, so `!=` and NOT find rows that hold
null.  Text is compared without regard to case, except ids and case-sensitive keys.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from .errors import OrgError
from .ids import long_id
from .schema import NUMBERS, FieldDef, ObjectDef
from .soql_tree import TOO_COMPLICATED, Both, Compare, Condition, Constant, In, Not, Path, refuse
from .store import folded, quoted
from .values import Stored, parse_date, parse_moment

MAX_CONDITIONS = 500  # joined by one word; SQLite can't nest more than twice as many


@dataclass(slots=True)
class Source:
    """One table of the FROM clause: the queried object (t0) or a parent of it."""

    obj: ObjectDef
    alias: str
    parents: dict[str, Source] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """Where a field is found: which table, which field of it."""

    source: Source
    field: FieldDef

    @property
    def sql(self) -> str:
        return f"{self.source.alias}.{quoted(self.field.name)}"


class Conditions:
    """Turns conditions into SQL, and collects the parameters in their order."""

    def __init__(self, text: str, resolve: Callable[[Path], Column]) -> None:
        self._text = text
        self._resolve = resolve
        self.parameters: list[Stored] = []

    def _refuse(self, path: Path, code: str, message: str) -> OrgError:
        return refuse(self._text, path.at, code, message)

    # --- conditions ----------------------------------------------------------------------------

    def sql(self, condition: Condition) -> str:
        if isinstance(condition, Both):
            if len(condition.conditions) > MAX_CONDITIONS:
                raise OrgError("QUERY_TOO_COMPLICATED", TOO_COMPLICATED)
            return f" {condition.word} ".join(f"({self.sql(c)})" for c in condition.conditions)
        if isinstance(condition, Not):
            return f"NOT COALESCE(({self.sql(condition.condition)}), 0)"
        column = self._filterable(condition.path)
        if isinstance(condition, In):
            return self._in(condition, column)
        return self._compare(condition, column)

    def _filterable(self, path: Path) -> Column:
        column = self._resolve(path)
        if not column.field.filterable or column.field.compound:
            raise self._refuse(
                path, "INVALID_FIELD", f"field '{path.names[-1]}' can not be filtered in a query call"
            )
        return column

    def _compare(self, condition: Compare, column: Column) -> str:
        operator, value = condition.operator, condition.value
        if operator == "LIKE":
            return self._like(condition, column)
        if value.kind == "null":
            if operator not in ("=", "!="):
                raise self._wrong_operator(condition.path, column)
            return f"{column.sql} IS {'NOT ' if operator == '!=' else ''}NULL"
        if operator not in ("=", "!=") and column.field.type in ("reference", "boolean"):
            raise self._wrong_operator(condition.path, column)
        if column.field.type in NUMBERS or column.field.type == "int":
            return self._compare_number(column, operator, self._number(condition.path, column, value))
        sql = self._comparison(column, operator, self._literal(condition.path, column, value))
        return f"({sql} OR {column.sql} IS NULL)" if operator == "!=" else sql

    def _comparison(self, column: Column, operator: str, value: Stored) -> str:
        self.parameters.append(value)
        sign = "<>" if operator == "!=" else operator
        if not folded(column.field):
            return f"{column.sql} {sign} ?"
        if operator in ("=", "!=") and str(value).isascii():
            return f"{column.sql} {sign} ? COLLATE NOCASE"
        return f"fold({column.sql}) {sign} fold(?)"

    def _compare_number(self, column: Column, operator: str, amount: Decimal) -> str:
        """Compare in whole units of the field's scale; a literal between two units equals none."""
        units = amount.scaleb(column.field.scale)
        whole = units == units.to_integral_value()
        if operator in ("=", "!="):
            if not whole:
                return "0" if operator == "=" else "1"
            self.parameters.append(int(units))
            return f"{column.sql} = ?" if operator == "=" else f"{column.sql} IS NOT ?"
        bound = math.ceil(units) if operator in ("<", ">=") else math.floor(units)
        self.parameters.append(max(-(2**63), min(2**63 - 1, bound)))
        return f"{column.sql} {operator} ?"

    def _like(self, condition: Compare, column: Column) -> str:
        if not folded(column.field) and not column.field.case_sensitive:
            raise self._wrong_operator(condition.path, column)
        if condition.value.kind != "string":
            raise self._wrong_type(condition.path, column)
        pattern = condition.value.pattern
        self.parameters.append(pattern if pattern.isascii() else pattern.lower())
        sql = column.sql if pattern.isascii() else f"fold({column.sql})"
        return f"{sql} LIKE ? ESCAPE '\\'"

    def _in(self, condition: In, column: Column) -> str:
        plain = [v for v in condition.values if v.kind != "null"]
        parts = [self._in_list(condition.path, column, plain)] if plain else []
        if len(plain) < len(condition.values):
            parts.append(f"{column.sql} IS NULL")
        sql = " OR ".join(parts)
        return f"NOT COALESCE(({sql}), 0)" if condition.negated else f"({sql})"

    def _in_list(self, path: Path, column: Column, values: Sequence[Constant]) -> str:
        if column.field.type in NUMBERS or column.field.type == "int":
            units = [self._number(path, column, v).scaleb(column.field.scale) for v in values]
            wanted: list[Stored] = [int(u) for u in units if u == u.to_integral_value()]
        else:
            wanted = [self._literal(path, column, v) for v in values]
        left = column.sql
        if folded(column.field):
            ascii_only = all(str(v).isascii() for v in wanted)
            left = f"{left} COLLATE NOCASE" if ascii_only else f"fold({left})"
            wanted = wanted if ascii_only else [str(v).lower() for v in wanted]
        self.parameters.extend(wanted)
        marks = ", ".join("?" * len(wanted))
        return f"{left} IN ({marks})"

    # --- literals ------------------------------------------------------------------------------

    def _literal(self, path: Path, column: Column, value: Constant) -> Stored:
        kind = column.field.type
        expected = {"boolean": "boolean", "date": "date", "datetime": "datetime"}.get(kind, "string")
        if value.kind != expected:
            raise self._wrong_type(path, column)
        if kind in ("id", "reference"):
            record_id = long_id(str(value.value))
            if record_id is None:
                raise self._refuse(path, "INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {value.value}")
            return record_id
        if kind == "boolean":
            return int(value.value is True)
        text = str(value.value)
        if kind in ("date", "datetime"):
            moment = parse_date(text) if kind == "date" else parse_moment(text)
            if moment is None:
                raise self._wrong_type(path, column)
            return moment
        return text

    def _number(self, path: Path, column: Column, value: Constant) -> Decimal:
        if not isinstance(value.value, Decimal):
            raise self._wrong_type(path, column)
        return value.value

    def _wrong_type(self, path: Path, column: Column) -> OrgError:
        kind = column.field.type
        wanted = {"datetime": "dateTime", "id": "string", "reference": "string"}.get(kind, kind)
        plain = kind in NUMBERS or kind in ("int", "boolean", "date", "datetime")
        wanted = wanted if plain else "string"
        tail = "should not be enclosed in quotes" if plain else "should be enclosed in quotes"
        return self._refuse(
            path,
            "INVALID_FIELD",
            f"value of filter criterion for field '{path.names[-1]}' must be of type {wanted} and {tail}",
        )

    def _wrong_operator(self, path: Path, column: Column) -> OrgError:
        return self._refuse(
            path, "INVALID_QUERY_FILTER_OPERATOR", f"invalid operator on {column.field.type} field"
        )
