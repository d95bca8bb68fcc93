"""The tables of both sides as the proof finds them: which columns are there, and what is missed."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import duckdb

from workbench.model import Side
from workbench.money import CENT
from workbench.normalize import identifier


class Tables:
    """The columns of both sides' tables, looked up once each.

    Attributes:
        missing: Columns that were wanted and are not there, as `Object.Column`, by side.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.missing: dict[Side, dict[str, None]] = {side: {} for side in Side}
        self._known: dict[tuple[Side, str], dict[str, str]] = {}

    def columns(self, side: Side, name: str) -> dict[str, str]:
        """Types by lower-case name; none where there is no such table."""
        key = (side, name)
        if key not in self._known:
            try:
                rows = self.connection.execute(f"DESCRIBE {side}.{identifier(name)}").fetchall()
            except duckdb.CatalogException:
                rows = []
            self._known[key] = {str(row[0]).lower(): str(row[1]) for row in rows}
        return self._known[key]

    def has(self, side: Side, name: str, *columns: str) -> bool:
        """Whether a table has these columns; those that it has not are remembered as missing."""
        known = self.columns(side, name)
        gone = [column for column in columns if column.lower() not in known]
        self.missing[side].update(dict.fromkeys(f"{name}.{column}" for column in gone))
        return not gone

    def live(self, side: Side, name: str) -> str:
        """FROM and WHERE of a table's records: Salesforce's recycle bin is left out."""
        deleted = "isdeleted" in self.columns(side, name)
        return f"{side}.{identifier(name)} WHERE {'NOT coalesce(IsDeleted, false)' if deleted else 'true'}"

    def scale(self, side: Side, name: str, column: str) -> int | None:
        """Decimal places of a column; None where it is no DECIMAL."""
        found = self.columns(side, name).get(column.lower(), "")
        return int(found.rstrip(")").rpartition(",")[2]) if found.startswith("DECIMAL(") else None


def amount(value: Decimal | None) -> Decimal | None:
    """The same amount with two decimal places; with as many as it needs where these are not enough."""
    if value is None:
        return None
    whole = value.quantize(CENT)
    return whole if whole == value else value.normalize()


def listed(names: Iterable[Any]) -> str:
    """Names in a sentence: a, b and c."""
    *rest, last = [str(each) for each in names]
    return f"{', '.join(rest)} and {last}" if rest else last
