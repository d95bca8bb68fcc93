"""What there is about the records that the entries of a decisions file name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

import duckdb
import pandas as pd

from workbench.decisionfile import Written
from workbench.mapping import with_lines
from workbench.model import DecisionKind, Kind, Side
from workbench.model import Mapping as FieldMapping
from workbench.normalize import comparable_text, identifier
from workbench.normalize.sql import canonical

Pair = tuple[str, str, str]
"""Mapping, Salesforce id, QuickBooks id."""


class Row(NamedTuple):
    """A difference, as far as it counts here."""

    mapping: str
    salesforce_id: str | None
    quickbooks_id: str | None
    field: str | None
    kind: str
    difference: str


class Ground:
    """The differences, pairs and values of the records that some entries name; each is read when asked for.

    Args:
        table: The differences that were looked at.
        entries: All entries: one may link the records that another one is about.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        mappings: Mapping[str, FieldMapping],
        table: pd.DataFrame,
        entries: Iterable[Written],
    ) -> None:
        self.connection = connection
        self.entries = list(entries)
        self.mappings = {each.name: each for each in with_lines(mappings.values())}
        self._table = table

    @cached_property
    def _rows(self) -> list[Row]:
        """The differences of the records that are named."""
        named = [self._table[f"{side}_id"].isin(self._ids(side)) for side in Side]
        rows = self._table.loc[named[0] | named[1], list(Row._fields)].astype(object)
        return [Row(*row) for row in rows.where(rows.notna(), None).itertuples(index=False, name=None)]

    @cached_property
    def fields(self) -> dict[tuple[str | None, ...], Row]:
        """Those of fields, by mapping, ids and field."""
        return {tuple(row[:4]): row for row in self._rows if row.kind == Kind.FIELD}

    @cached_property
    def alone(self) -> dict[tuple[str, Side, str], Row]:
        """Those of records on one side, by mapping, side and id."""
        sides = {Kind.ONLY_SALESFORCE: Side.SALESFORCE, Kind.ONLY_QUICKBOOKS: Side.QUICKBOOKS}
        return {
            (row.mapping, side, getattr(row, f"{side}_id")): row
            for row in self._rows
            if (side := sides.get(Kind(row.kind))) is not None
        }

    def _ids(self, side: Side) -> list[str]:
        return [id_ for each in self.entries if (id_ := getattr(each, f"{side}_id")) is not None]

    @cached_property
    def _pairs(self) -> list[Pair]:
        found = self.connection.execute(
            "SELECT mapping, salesforce_id, quickbooks_id FROM kept.crosswalk "
            "WHERE list_contains(?, salesforce_id) OR list_contains(?, quickbooks_id)",
            [self._ids(side) for side in Side],
        )
        return [(str(row[0]), str(row[1]), str(row[2])) for row in found.fetchall()]

    @cached_property
    def to_be_linked(self) -> frozenset[Pair]:
        """Pairs that entries of the file link, or that were decided to be linked and are not yet."""
        kept = self.connection.execute(
            "SELECT mapping, salesforce_id, quickbooks_id FROM kept.decisions WHERE decision = ?",
            [DecisionKind.LINK],
        )
        links = [(str(row[0]), str(row[1]), str(row[2])) for row in kept.fetchall()]
        links += [
            (each.mapping, str(each.salesforce_id), str(each.quickbooks_id))
            for each in self.entries
            if each.decision == DecisionKind.LINK
        ]
        return frozenset(links).difference(self._pairs)

    @cached_property
    def linked(self) -> frozenset[Pair]:
        return frozenset(self._pairs) | self.to_be_linked

    @cached_property
    def partners(self) -> dict[tuple[str, Side, str], str]:
        return {
            (pair[0], side, pair[1 + place]): pair[2 - place]
            for pair in self._pairs
            for place, side in enumerate(Side)
        }

    def label(self, mapping: str, side: Side, id_: str) -> str:
        """What a person calls a record; its id where it is not there."""
        query = f"SELECT label FROM {canonical(self.mappings[mapping], side)} WHERE id = ?"
        found = self.connection.execute(query, [id_]).fetchone()
        return str(found[0]) if found and found[0] is not None else id_

    def values(self, entry: Written) -> tuple[str | None, str | None]:
        return self._value(entry, Side.SALESFORCE), self._value(entry, Side.QUICKBOOKS)

    def _value(self, entry: Written, side: Side) -> str | None:
        known = self._of_field.get((entry.mapping, str(entry.field), side))
        return None if known is None else known.get(str(getattr(entry, f"{side}_id")))

    @cached_property
    def _of_field(self) -> dict[tuple[str, str, Side], dict[str, str | None]]:
        """Comparable values as text, by record, of the fields that entries are about."""
        found: dict[tuple[str, str, Side], dict[str, str | None]] = {}
        named = {(each.mapping, str(each.field)) for each in self.entries if each.field}
        named |= {(row.mapping, str(row.field)) for row in self.fields.values()}
        for name, field_name in sorted(named):
            mapping = self.mappings[name]
            field = mapping.field(str(field_name))
            if field not in mapping.compared:
                continue
            value = comparable_text(field, identifier(f"v:{field.name}"))
            for side in Side:
                query = f"SELECT id, {value} FROM {canonical(mapping, side)} WHERE list_contains(?, id)"
                rows = self.connection.execute(query, [self._ids(side)]).fetchall()
                found[name, str(field_name), side] = dict(rows)
        return found

    def parent(self, mapping: FieldMapping, side: Side, line: str) -> str:
        query = f"SELECT parent FROM {canonical(mapping, side)} WHERE id = ?"
        row = self.connection.execute(query, [line]).fetchone()
        return str(row[0]) if row else ""

    def is_pair(self, mapping: str, salesforce_id: str, quickbooks_id: str) -> bool:
        query = "FROM kept.crosswalk WHERE mapping = ? AND salesforce_id = ? AND quickbooks_id = ?"
        found = self.connection.execute(f"SELECT 1 {query}", [mapping, salesforce_id, quickbooks_id])
        return found.fetchone() is not None
