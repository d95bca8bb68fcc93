"""The raw records behind differences: what a side holds, by API field, for the few that are planned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from workbench.model import Mapping, Related, Side, SideSpec
from workbench.normalize.sql import tried

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Records:
    """Reads records of a mapping's two sides from the snapshots of a connection."""

    connection: duckdb.DuckDBPyConnection

    def by_key(self, mapping: Mapping, side: Side, keys: Iterable[str]) -> dict[str, Row]:
        """Answer records by key, with fields of related records as `Object.Field`."""
        spec = mapping.side(side)
        wanted = sorted(set(keys))
        found = {row[spec.key]: row for row in self._select(spec, spec.key, wanted)}
        for related in spec.related:
            for row in self._related(spec, related, wanted):
                values = {f"{related.object}.{name}": value for name, value in row.items()}
                found[row[related.key]].update(values)
        return found

    def lines_of(self, lines: Mapping, side: Side, parents: Iterable[str]) -> dict[str, list[Row]]:
        """Answer the lines of documents, in their order, by the document's key."""
        spec = lines.side(side)
        found: dict[str, list[Row]] = {}
        for row in self._select(spec, str(spec.parent), sorted(set(parents))):
            found.setdefault(row[str(spec.parent)], []).append(row)
        return found

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Answer rows as dictionaries; decimals stay Decimal."""
        cursor = self.connection.execute(query, list(parameters))
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _select(self, spec: SideSpec, field: str, values: Sequence[str]) -> list[Row]:
        order = f'"{spec.order}", "{spec.key}"' if spec.order else f'"{spec.key}"'
        return self._among(f'{spec.side}."{spec.object}"', field, values, f" ORDER BY {order}")

    def _among(self, table: str, field: str, values: Sequence[str], more: str) -> list[Row]:
        """The rows whose field is among values: joined, since a list is looked through for each row."""
        if not values:
            return []
        self.connection.register("planned_keys", pa.table({"planned_key": pa.array(values, pa.string())}))
        try:
            return self.rows(
                f'SELECT * FROM {table} WHERE "{field}" IN (SELECT planned_key FROM planned_keys){more}'
            )
        finally:
            self.connection.unregister("planned_keys")

    def _related(self, spec: SideSpec, related: Related, values: Sequence[str]) -> list[Row]:
        # A record that it fails on is listed by the diff, and is none of these.
        condition = f" AND {tried(related.where, spec.side)}" if related.where else ""
        table = f'{spec.side}."{related.object}"'
        return self._among(table, related.key, values, condition)
