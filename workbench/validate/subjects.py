"""Which records of today's data a direction of a mapping is about: would be created, or may be changed."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from workbench.diff.decided import latest_decisions
from workbench.diff.states import Open
from workbench.model import DecisionKind, FieldMap, Mapping, Operation, Side, Winner
from workbench.normalize import comparable_text, fingerprint_sql, identifier, literal
from workbench.normalize.sql import canonical

SETTLED = (DecisionKind.ACCEPT, DecisionKind.REFUSE, DecisionKind.IGNORE)
"""Decisions after which a record is not created on the other side."""


def new_table(mapping: str, target: Side) -> str:
    """The table of records (id, label) that a mapping would create on a side."""
    return identifier(f"new {mapping} {target}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects:
    """The records of one direction.

    Attributes:
        new: How many it would create.
    """

    mapping: Mapping
    target: Side
    new: int

    @classmethod
    def of(cls, connection: duckdb.DuckDBPyConnection, mapping: Mapping, target: Side) -> Subjects:
        """Find the records that would be created, and keep them in a temporary table."""
        table = new_table(mapping.name, target)
        latest_decisions(connection, mapping)
        decided = _decided_table(mapping)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {decided} AS FROM diff_decisions")
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {_new(mapping, target)}")
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        return cls(mapping=mapping, target=target, new=int((row or (0,))[0]))

    def of_field(self, field: FieldMap) -> str | None:
        """SQL of (id, label) of records whose value of a field may be written; None where none ever is."""
        parts = []
        if self.new and Open.of(self.mapping).carries(field, self.target):
            parts.append(f"SELECT id, label FROM {new_table(self.mapping.name, self.target)}")
        if changed := self._changed(field):
            parts.append(changed)
        return " UNION ALL ".join(parts) or None

    def _changed(self, field: FieldMap) -> str | None:
        """Linked records whose field differs, where the side that is written does not win."""
        mapping, target, source = self.mapping, self.target, self.target.other
        winner = field.winner or mapping.winner
        wins = Winner.SALESFORCE if target is Side.SALESFORCE else Winner.QUICKBOOKS
        allowed = field.direction.allows(target) and Operation.MODIFY in mapping.operations[target]
        if field.create_only or not allowed or winner is wins:
            return None
        value = identifier(f"v:{field.name}")
        # Within the tolerance the two are the same, and nothing is written.
        close = f"AND abs(r.{value} - o.{value}) > {field.tolerance:f}" if field.tolerance else ""
        empty = f"AND o.{value} IS NULL" if winner is Winner.FILL_EMPTY_ONLY else ""
        return (
            f"SELECT r.id, r.label FROM {canonical(mapping, source)} AS r "
            f"JOIN kept.crosswalk AS x ON x.mapping = {literal(mapping.name)} AND x.{source}_id = r.id "
            f"JOIN {canonical(mapping, target)} AS o ON o.id = x.{target}_id "
            f"{_undecided_field(mapping, field, target)} "
            f"WHERE r.in_scope AND o.in_scope AND r.{value} IS DISTINCT FROM o.{value} "
            f"AND r.{value} IS NOT NULL {empty} {close} AND {Open.of(mapping).condition(target, 'r', field)}"
        )


def _new(mapping: Mapping, target: Side) -> str:
    """Records without a partner, and without a candidate for one, that a state that is on would create."""
    source = target.other
    waiting = (
        f"SELECT {source}_id AS id FROM work.candidates "
        f"WHERE mapping = {literal(mapping.name)} AND status <> 'rejected'"
    )
    linked = f"SELECT {source}_id AS id FROM kept.crosswalk WHERE mapping = {literal(mapping.name)}"
    alone = f"ANTI JOIN ({linked} UNION ALL {waiting}) AS known ON known.id = r.id"
    taken = Open.of(mapping).condition(target, "r")
    adds = Operation.ADD in mapping.operations[target]
    if mapping.parent is None:
        where = taken if adds else "false"
    else:  # a line goes with its new document, or alone into one that is there
        documents = f"SELECT id FROM {new_table(mapping.parent, target)}"
        there = f"SELECT {source}_id AS id FROM kept.crosswalk WHERE mapping = {literal(mapping.parent)}"
        where = f"r.parent IN ({documents})"
        where += f" OR (r.parent IN ({there}) AND {taken})" if adds else ""
    return (
        f"SELECT r.id, r.label FROM {canonical(mapping, source)} AS r {alone} {_undecided(mapping, target)} "
        f"WHERE r.in_scope AND ({where})"
    )


def _decided_table(mapping: Mapping) -> str:
    return identifier(f"decided {mapping.name}")


def _undecided(mapping: Mapping, target: Side) -> str:
    """Leaves out what a person wants on one side only, as long as the record is as it was then."""
    source = target.other
    return (
        f"ANTI JOIN {_decided_table(mapping)} AS d ON d.{source}_id = r.id "
        f"AND d.{target}_id IS NULL AND d.field IS NULL "
        f"AND d.decision IN ({', '.join(map(literal, SETTLED))}) "
        f"AND (NOT d.pinned OR d.{source}_seen IS NOT DISTINCT FROM {fingerprint_sql(mapping, 'r')})"
    )


def _undecided_field(mapping: Mapping, field: FieldMap, target: Side) -> str:
    """Leaves out fields that a person wants as they are, as long as both values are as they were then."""
    kept = (*SETTLED, DecisionKind(f"take_{target}"))
    texts = {alias: comparable_text(field, f"{alias}.{identifier(f'v:{field.name}')}") for alias in "ro"}
    return (
        f"ANTI JOIN {_decided_table(mapping)} AS d ON d.salesforce_id = x.salesforce_id "
        f"AND d.quickbooks_id = x.quickbooks_id AND d.field = {literal(field.name)} "
        f"AND d.decision IN ({', '.join(map(literal, kept))}) "
        f"AND (NOT d.pinned OR (d.{target.other}_seen IS NOT DISTINCT FROM {texts['r']} "
        f"AND d.{target}_seen IS NOT DISTINCT FROM {texts['o']}))"
    )
