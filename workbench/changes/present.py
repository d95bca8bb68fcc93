"""What the newest snapshots hold of the records that an undo is about: by system, object and key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import duckdb

from workbench.changes.records import Records, Row
from workbench.model import Side
from workbench.normalize import identifier

Place = tuple[str, str, str]
"""Side, object and key of a record."""

Child = tuple[str, str, str]
"""Object, key and referring field of a record that refers to another one of the same side."""

KEYS = ("Id", "ListID", "TxnID")


@dataclass
class Present:
    """Reads records from the snapshots of a connection, those of one object in one query.

    Attributes:
        describes: What each Salesforce object can hold, and what its fields refer to.
    """

    connection: duckdb.DuckDBPyConnection
    describes: Mapping[str, Mapping[str, Any]]
    rows: dict[Place, Row] = field(default_factory=dict)

    @cached_property
    def columns(self) -> dict[tuple[str, str], list[str]]:
        """Columns of each table by (side, name)."""
        found: dict[tuple[str, str], list[str]] = {}
        query = (
            "SELECT table_schema, table_name, column_name FROM information_schema.columns "
            "WHERE table_catalog = current_database() AND table_schema IN ('salesforce', 'quickbooks') "
            "ORDER BY ordinal_position"
        )
        for side, table, column in self.connection.execute(query).fetchall():
            found.setdefault((side, table), []).append(column)
        return found

    def reads(self, side: str, object_: str) -> bool:
        """Whether the snapshot has the object at all."""
        return (str(side), object_) in self.columns

    def fetch(self, places: Iterable[Place]) -> None:
        """Read records; those that are not there stay unknown."""
        wanted: dict[tuple[str, str], set[str]] = {}
        for side, object_, key in places:
            wanted.setdefault((str(side), object_), set()).add(key)
        for (side, object_), keys in wanted.items():
            if self.reads(side, object_):
                key = next(each for each in KEYS if each in self.columns[(side, object_)])
                for row in self._rows(side, object_, key, keys):
                    self.rows[(side, object_, str(row[key]))] = row

    def row(self, place: Place) -> Row | None:
        """The record as it is now; None when it is not there."""
        side, object_, key = place
        return self.rows.get((str(side), object_, key))

    def lines(self, object_: str, keys: Iterable[str]) -> dict[str, list[Row]]:
        """The lines of QuickBooks documents, in their order, by the document's key."""
        table = f"{object_}Line"
        found: dict[str, list[Row]] = {key: [] for key in keys}
        if self.reads(Side.QUICKBOOKS, table):
            for row in self._rows(Side.QUICKBOOKS, table, "TxnID", found):
                found[str(row["TxnID"])].append(row)
        return found

    def children(self, object_: str, keys: Iterable[str]) -> dict[str, list[Child]]:
        """The Salesforce records that refer to records of an object, as far as they are read, by key."""
        found: dict[str, list[Child]] = {key: [] for key in keys}
        for table, described in sorted(self.describes.items()):
            names = [
                each["name"] for each in described["fields"] if object_ in (each.get("referenceTo") or ())
            ]
            known = self.columns.get((str(Side.SALESFORCE), table), ())
            for name in (each for each in names if each in known and each != "Id"):
                for row in self._rows(Side.SALESFORCE, table, name, found):
                    found[str(row[name])].append((table, str(row["Id"]), name))
        return found

    def _rows(self, side: str, table: str, column: str, values: Iterable[str]) -> list[Row]:
        known = self.columns[(str(side), table)]
        order = ", ".join(identifier(each) for each in (column, "SeqNo", *KEYS) if each in (column, *known))
        query = (
            f"SELECT t.* FROM {side}.{identifier(table)} AS t "
            f"SEMI JOIN (SELECT unnest(CAST(? AS VARCHAR[])) AS wanted) ON wanted = t.{identifier(column)} "
            f"ORDER BY {order}"
        )
        return Records(self.connection).rows(query, [sorted(values)])
