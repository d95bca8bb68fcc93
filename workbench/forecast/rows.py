"""Rows of a snapshot by key, for many keys at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import duckdb
import pyarrow as pa

from workbench.model import Side
from workbench.normalize import identifier

Row = dict[str, Any]


@dataclass
class Rows:
    """The tables of one side of a connection.

    Attributes:
        schema: Where they are; the side's name.
    """

    connection: duckdb.DuckDBPyConnection
    side: Side

    @cached_property
    def tables(self) -> Mapping[str, tuple[str, ...]]:
        """Columns by table."""
        found = self.connection.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = ? "
            "AND database_name = current_database() ORDER BY table_name, column_index",
            [str(self.side)],
        ).fetchall()
        made: dict[str, list[str]] = {}
        for table, column in found:
            made.setdefault(table, []).append(column)
        return {table: tuple(columns) for table, columns in made.items()}

    def has(self, table: str, *columns: str) -> bool:
        """Whether the snapshot has a table with these columns."""
        return table in self.tables and set(columns) <= set(self.tables[table])

    def where(
        self, table: str, column: str, values: Iterable[str], *, order: str = "", select: str = "t.*"
    ) -> list[Row]:
        """The rows whose column holds one of these texts, by the column's name in upper and lower case.

        Args:
            order: Column that orders them, behind the column itself.
        """
        wanted = sorted(set(values))
        if not wanted or not self.has(table, column):
            return []
        self.connection.register("wanted_values", pa.table({"value": pa.array(wanted, pa.string())}))
        try:
            ordered = f", t.{identifier(order)}" if order else ""
            return self.query(
                f"SELECT {select} FROM {self.side}.{identifier(table)} AS t "
                f"JOIN wanted_values AS w ON w.value = t.{identifier(column)} "
                f"ORDER BY t.{identifier(column)}{ordered}"
            )
        finally:
            self.connection.unregister("wanted_values")

    def query(self, query: str, parameters: Iterable[Any] = ()) -> list[Row]:
        """Rows as dictionaries; decimals stay Decimal."""
        cursor = self.connection.execute(query, list(parameters))
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
