"""What the entries of a decisions file are about today, and what speaks against them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import duckdb
import pandas as pd

from workbench.bench.fitting import refused
from workbench.crosswalk import in_the_way
from workbench.decisionfile import REMOVALS, Written
from workbench.diff.fit import unfit
from workbench.mapping import with_lines
from workbench.model import ABOUT_MATCHING, DecisionKind, Kind, Side
from workbench.model import Mapping as FieldMapping
from workbench.normalize import comparable_text, identifier
from workbench.normalize.sql import canonical
from workbench.store import Store

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


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """One entry, weighed.

    Attributes:
        seen: Of a field: the comparable values of its records, Salesforce's first.
        wrong: Why it cannot be taken; `fix` says what to do.
        left_out: Why nothing is left to decide.
    """

    written: Written
    seen: tuple[str | None, str | None] | None = None
    wrong: str = ""
    fix: str = ""
    left_out: str = ""


class Weigher:
    """Holds the entries of one file against a diff and the crosswalk.

    Args:
        table: The differences that were looked at.
        entries: All entries: one may link the records that another one is about.
    """

    def __init__(
        self,
        store: Store,
        connection: duckdb.DuckDBPyConnection,
        mappings: Mapping[str, FieldMapping],
        table: pd.DataFrame,
        entries: Iterable[Written],
    ) -> None:
        self._store, self._connection = store, connection
        self._by_name = {each.name: each for each in with_lines(mappings.values())}
        self._entries = list(entries)
        self._table = table

    def about(self, entry: Written) -> list[About]:
        """What an entry is about, what speaks against it, or why nothing is left to decide.

        One about a whole pair is about each field that differs now: it must not decide what is edited later.
        """
        if entry.decision in ABOUT_MATCHING:
            return [self._matching(entry)]
        if entry.salesforce_id is None or entry.quickbooks_id is None:
            return [self._alone(entry)]
        return [self._field(entry)] if entry.field is not None else self._whole(entry)

    # --- records and their partners ------------------------------------------------

    def _matching(self, entry: Written) -> About:
        if entry.decision == DecisionKind.NOT_A_MATCH:
            return About(written=entry)
        parted = [
            (str(each.salesforce_id), str(each.quickbooks_id))
            for each in self._entries
            if each.mapping == entry.mapping and each.decision == DecisionKind.NOT_A_MATCH
        ]
        found = in_the_way(
            self._store, entry.mapping, str(entry.salesforce_id), str(entry.quickbooks_id), parted
        )
        if not found:
            wrong = self._apart(entry)
            return About(written=entry, wrong=wrong, fix="Lines match within one document and its partner.")
        taken = [self._partner(entry, row) for row in found]
        return About(
            written=entry, wrong="; ".join(taken), fix="Say not_a_match of those two first, if they are none."
        )

    def _apart(self, entry: Written) -> str:
        """Why two lines cannot be linked: their documents are not linked to each other; '' where they can."""
        mapping = self._by_name[entry.mapping]
        if mapping.parent is None:
            return ""
        parents = {side: self._parent(mapping, side, str(getattr(entry, f"{side}_id"))) for side in Side}
        pair = (mapping.parent, parents[Side.SALESFORCE], parents[Side.QUICKBOOKS])
        if pair in self._to_be_linked or self._is_pair(*pair):
            return ""
        one, other = (self._label(pair[0], side, parents[side]) for side in Side)
        return f"these lines are of {one} and of {other}, which are not linked to each other"

    def _parent(self, mapping: FieldMapping, side: Side, line: str) -> str:
        query = f"SELECT parent FROM {canonical(mapping, side)} WHERE id = ?"
        row = self._connection.execute(query, [line]).fetchone()
        return str(row[0]) if row else ""

    def _is_pair(self, mapping: str, salesforce_id: str, quickbooks_id: str) -> bool:
        query = "FROM kept.crosswalk WHERE mapping = ? AND salesforce_id = ? AND quickbooks_id = ?"
        found = self._connection.execute(f"SELECT 1 {query}", [mapping, salesforce_id, quickbooks_id])
        return found.fetchone() is not None

    def _partner(self, entry: Written, row: Mapping[str, Any]) -> str:
        side = Side.SALESFORCE if row["salesforce_id"] == entry.salesforce_id else Side.QUICKBOOKS
        name = getattr(entry, side)
        partner = self._label(entry.mapping, side.other, str(row[f"{side.other}_id"]))
        return f"{name} of {side.label} is linked to {partner} of {side.other.label}"

    def _whole(self, entry: Written) -> list[About]:
        place = (entry.mapping, str(entry.salesforce_id), str(entry.quickbooks_id))
        if place in self._to_be_linked:
            told = "what differs between these two shows when they are linked"
            return [About(written=entry, wrong=told, fix="Match first, then decide, or name the fields.")]
        if place not in self._linked:
            return [self._not_linked(entry)]
        fields = [str(each[3]) for each in self._fields if each[:3] == place]
        if not fields:
            return [About(written=entry, left_out="both sides agree")]
        return [self._field(replace(entry, field=name)) for name in fields]

    def _not_linked(self, entry: Written) -> About:
        return About(
            written=entry,
            wrong="these two records are not linked to each other",
            fix="Link them first (an entry `link`), or name the right ones.",
        )

    def _field(self, entry: Written) -> About:
        place = (entry.mapping, str(entry.salesforce_id), str(entry.quickbooks_id))
        if place not in self._linked:
            return self._not_linked(entry)
        mapping = self._by_name[entry.mapping]
        field = mapping.field(str(entry.field))
        if field not in mapping.compared:
            told = f"{entry.field} is written when a record is made, and not compared"
            return About(written=entry, wrong=told, fix="Take the entry out.")
        row = self._fields.get((*place, entry.field))
        wrong = unfit(row.kind, row.difference, entry.decision) if row is not None else ""
        wrong = wrong or refused(self._connection, mapping, field, entry.decision, entry.value)
        if wrong:
            return About(written=entry, wrong=wrong, fix="Correct that entry.")
        differs = row is not None or place in self._to_be_linked
        return About(
            written=entry,
            seen=self._values(entry),
            left_out="" if differs else f"both sides agree on {entry.field}",
        )

    def _alone(self, entry: Written) -> About:
        side = Side.SALESFORCE if entry.salesforce_id is not None else Side.QUICKBOOKS
        row = self._rows_alone.get((entry.mapping, side, str(getattr(entry, f"{side}_id"))))
        if row is not None:
            found = replace(entry, salesforce_id=row.salesforce_id, quickbooks_id=row.quickbooks_id)
            wrong = unfit(row.kind, row.difference, entry.decision)
            return About(written=found, wrong=wrong, fix="Correct that entry.")
        gone = f"{entry.decision} is for a record whose partner was deleted"
        partner = self._partners.get((entry.mapping, side, str(getattr(entry, f"{side}_id"))))
        if partner is None:
            wrong = f"{entry.decision} is for a record whose partner was deleted" * (
                entry.decision in REMOVALS
            )
            return About(written=entry, wrong=wrong, fix="Take the entry out.")
        linked = f"linked to {self._label(entry.mapping, side.other, partner)} of {side.other.label}"
        if entry.decision in REMOVALS:
            return About(written=entry, wrong=f"{gone}; this one is {linked}", fix="Take the entry out.")
        if entry.decision == DecisionKind.CREATE:
            return About(written=entry, left_out=f"it is there: {linked}")
        return About(written=entry, wrong=f"it is {linked}", fix="Name both records.")

    # --- what there is ---------------------------------------------------------------

    @cached_property
    def _rows(self) -> list[Row]:
        """The differences of the records that are named."""
        named = [self._table[f"{side}_id"].isin(self._ids(side)) for side in Side]
        rows = self._table.loc[named[0] | named[1], list(Row._fields)].astype(object)
        return [Row(*row) for row in rows.where(rows.notna(), None).itertuples(index=False, name=None)]

    @cached_property
    def _fields(self) -> dict[tuple[str | None, ...], Row]:
        """Those of fields, by mapping, ids and field."""
        return {tuple(row[:4]): row for row in self._rows if row.kind == Kind.FIELD}

    @cached_property
    def _rows_alone(self) -> dict[tuple[str, Side, str], Row]:
        """Those of records on one side, by mapping, side and id."""
        sides = {Kind.ONLY_SALESFORCE: Side.SALESFORCE, Kind.ONLY_QUICKBOOKS: Side.QUICKBOOKS}
        return {
            (row.mapping, side, getattr(row, f"{side}_id")): row
            for row in self._rows
            if (side := sides.get(Kind(row.kind))) is not None
        }

    def _ids(self, side: Side) -> list[str]:
        return [id_ for each in self._entries if (id_ := getattr(each, f"{side}_id")) is not None]

    @cached_property
    def _pairs(self) -> list[Pair]:
        found = self._connection.execute(
            "SELECT mapping, salesforce_id, quickbooks_id FROM kept.crosswalk "
            "WHERE list_contains(?, salesforce_id) OR list_contains(?, quickbooks_id)",
            [self._ids(side) for side in Side],
        )
        return [(str(row[0]), str(row[1]), str(row[2])) for row in found.fetchall()]

    @cached_property
    def _to_be_linked(self) -> frozenset[Pair]:
        """Pairs that entries of the file link, or that were decided to be linked and are not yet."""
        kept = self._connection.execute(
            "SELECT mapping, salesforce_id, quickbooks_id FROM kept.decisions WHERE decision = ?",
            [DecisionKind.LINK],
        )
        links = [(str(row[0]), str(row[1]), str(row[2])) for row in kept.fetchall()]
        links += [
            (each.mapping, str(each.salesforce_id), str(each.quickbooks_id))
            for each in self._entries
            if each.decision == DecisionKind.LINK
        ]
        return frozenset(links).difference(self._pairs)

    @cached_property
    def _linked(self) -> frozenset[Pair]:
        return frozenset(self._pairs) | self._to_be_linked

    @cached_property
    def _partners(self) -> dict[tuple[str, Side, str], str]:
        return {
            (pair[0], side, pair[1 + place]): pair[2 - place]
            for pair in self._pairs
            for place, side in enumerate(Side)
        }

    def _label(self, mapping: str, side: Side, id_: str) -> str:
        """What a person calls a record; its id where it is not there."""
        query = f"SELECT label FROM {canonical(self._by_name[mapping], side)} WHERE id = ?"
        found = self._connection.execute(query, [id_]).fetchone()
        return str(found[0]) if found and found[0] is not None else id_

    def _values(self, entry: Written) -> tuple[str | None, str | None]:
        return self._value(entry, Side.SALESFORCE), self._value(entry, Side.QUICKBOOKS)

    def _value(self, entry: Written, side: Side) -> str | None:
        known = self._of_field.get((entry.mapping, str(entry.field), side))
        return None if known is None else known.get(str(getattr(entry, f"{side}_id")))

    @cached_property
    def _of_field(self) -> dict[tuple[str, str, Side], dict[str, str | None]]:
        """Comparable values as text, by record, of the fields that entries are about."""
        found: dict[tuple[str, str, Side], dict[str, str | None]] = {}
        named = {(each.mapping, str(each.field)) for each in self._entries if each.field}
        named |= {(row.mapping, str(row.field)) for row in self._fields.values()}
        for name, field_name in sorted(named):
            mapping = self._by_name[name]
            field = mapping.field(str(field_name))
            if field not in mapping.compared:
                continue
            value = comparable_text(field, identifier(f"v:{field.name}"))
            for side in Side:
                query = f"SELECT id, {value} FROM {canonical(mapping, side)} WHERE list_contains(?, id)"
                rows = self._connection.execute(query, [self._ids(side)]).fetchall()
                found[name, str(field_name), side] = dict(rows)
        return found
