"""The stored snapshots, prepared and matched in memory as the next diff would find them; nothing is kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import duckdb

from workbench import matching
from workbench.errors import DiffError, WorkbenchError
from workbench.model import Mapping, Side, State
from workbench.normalize import identifier, prepare
from workbench.normalize.sql import canonical
from workbench.reconciliation import open_reconciliation
from workbench.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """How many records a state's gate takes, of how many in its mapping."""

    taken: int
    records: int


@dataclass(slots=True, kw_only=True)
class Today:
    """Today's data, or why there is none.

    Attributes:
        why_not: Why nothing can be told of today's data; "" when it can.
        ready: The mappings (those of lines too) whose tables are prepared, by name, without the custom
            fields that a side does not have.
        failed: Why a mapping cannot be prepared, by name.
        planned: Mappings by side whose new records are known there, for those that refer to them.
    """

    why_not: str = ""
    ready: dict[str, Mapping] = field(default_factory=dict)
    failed: dict[str, DiffError] = field(default_factory=dict)
    planned: dict[Side, set[str]] = field(default_factory=dict)
    _connection: duckdb.DuckDBPyConnection | None = field(default=None, repr=False)

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """In-memory DuckDB with both snapshots, what is kept, and the prepared tables."""
        assert self._connection is not None, self.why_not
        return self._connection

    def gate(self, mapping: Mapping, state: State, *, create: bool = False) -> Gate | None:
        """What the gate of a state (or its gate for creates) takes today; None where that cannot be told."""
        if mapping.name not in self.ready:
            return None
        gate = identifier(f"{'create ' if create else ''}gate:{state.name}")
        row = self.connection.execute(
            f"SELECT count(*) FILTER (in_scope AND {gate}), count(*) FILTER (in_scope) "
            f"FROM {canonical(mapping, state.to.other)}"
        ).fetchone()
        taken, records = row or (0, 0)
        return Gate(taken=int(taken), records=int(records))

    def in_both(self, one: Mapping, other: Mapping, side: Side) -> int | None:
        """How many records of a side two mappings both have; None where that cannot be told."""
        if not {one.name, other.name} <= self.ready.keys():
            return None
        row = self.connection.execute(
            f"SELECT count(*) FROM {canonical(one, side)} AS a JOIN {canonical(other, side)} AS b USING (id) "
            "WHERE a.in_scope AND b.in_scope"
        ).fetchone()
        return int((row or (0,))[0])


def no_data(why: str) -> Today:
    """Where today's data is not looked at."""
    return Today(why_not=why)


def prepare_today(workspace: Workspace, mappings: Iterable[Mapping]) -> Today:
    """Prepare the newest snapshots for all mappings, in their order, those that are off where they can be."""
    try:
        opened = open_reconciliation(workspace)
    except WorkbenchError as error:
        return no_data(error.what)
    return prepared(opened.connection, opened.usable(mappings))


def prepared(connection: duckdb.DuckDBPyConnection, mappings: Iterable[Mapping]) -> Today:
    """The same on a connection with the schemas of both sides and `kept`."""
    today = Today(_connection=connection)
    for mapping in mappings:
        _prepare(today, mapping)
    return today


def _prepare(today: Today, mapping: Mapping) -> None:
    both = [each for each in (mapping, mapping.lines) if each is not None]
    try:
        for each in both:
            for side in Side:
                prepare(today.connection, each, side)
        for each in both:
            _match(today.connection, each)
    except DiffError as error:
        today.failed[mapping.name] = error
        return
    today.ready |= {each.name: each for each in both}


def _match(connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> None:
    """Take what the rules would accept for linked, as the next `match` does: such a record is not new."""
    matching.match(connection, mapping, prepared=True)
    connection.execute(
        "INSERT INTO kept.crosswalk "
        "SELECT mapping, 'today ' || mapping || salesforce_id, salesforce_id, quickbooks_id "
        "FROM work.candidates WHERE mapping = ? AND status = 'accepted'",
        [mapping.name],
    )
