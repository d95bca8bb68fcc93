"""Whatever was pushed and undone, the next diff shows exactly what it showed before the push.

Random pairs with random bases, winners and directions; what a plan writes is written into the tables, and the
base is kept in a store, as a push and a diff do it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from core_world import DEFAULT, World
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from test_core_diff_property import Scenario, build, scenarios

from workbench import crosswalk
from workbench.changes import ChangeSet, Inputs, UndoInputs, Written, plan, undo
from workbench.crosswalk import Agreement
from workbench.diff import agreed, compute
from workbench.model import Mapping, Side
from workbench.normalize import prepare_base
from workbench.push.aftermath import _Pairs, _returns
from workbench.push.values import same
from workbench.store import Store, open_store, schema
from workbench.store.engine import now

pytestmark = pytest.mark.long

TABLES = {Side.SALESFORCE: ("salesforce.A", "Id"), Side.QUICKBOOKS: ("quickbooks.B", "ListID")}
SHOWN = (
    "salesforce_id, quickbooks_id, kind, field, difference, base, salesforce, quickbooks, resolution, reason"
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder: Path = tmp_path_factory.mktemp("store")
    opened = open_store(f"sqlite:///{(folder / 'store.sqlite').as_posix()}")
    yield opened
    opened.close()


class Books:
    """The tables of both sides, the base in the store, and what is done with them."""

    def __init__(self, scenario: Scenario, store: Store) -> None:
        self.store = store
        self.world: World
        self.mapping: Mapping
        self.world, self.mapping = build(scenario)
        with store.write() as connection:
            for table in (schema.base, schema.base_history):
                connection.execute(delete(table))
        rows = self.world.query("SELECT mapping, pair, fields, salesforce, quickbooks FROM kept.base")
        self._agree(rows)

    def diff(self, *, keep: bool = True) -> set[tuple[Any, ...]]:
        """Compare; what agrees becomes the base."""
        self._load()
        compute(self.world.connection, self.mapping, zone="UTC")
        found = set(self.world.query(f"SELECT {SHOWN} FROM work.differences"))
        if keep:
            agreed(self.world.connection, self.mapping)
            self._agree(self.world.query("SELECT * FROM work.agreed"))
        return found

    def plan(self) -> ChangeSet:
        return plan(
            self.world.connection, Inputs(mappings=[self.mapping], describes={side: {} for side in Side})
        )

    def write(self, changes: ChangeSet) -> None:
        for change in changes.changes:
            table, key = TABLES[Side(change.side)]
            for cell in change.cells if not change.hold else ():
                query = f'UPDATE {table} SET "{cell.api}" = ? WHERE "{key}" = ?'
                self.world.connection.execute(query, [cell.after, change.record])

    def undo(self, pushed: ChangeSet, at: Any) -> ChangeSet:
        """Plan the undo, write it, and let the base follow as a push does."""
        written = {
            change.id: Written(record=str(change.record), read_back=change.values)
            for change in pushed.changes
            if not change.hold
        }
        made = undo(
            self.world.connection,
            UndoInputs(pushed=pushed, written=written, describes={side: {} for side in Side}, same=same),
        )
        self.write(made)
        settled = now()
        rows = [
            {"mapping": "m", "salesforce_id": left, "quickbooks_id": right, "pair": pair}
            for pair, left, right in self.world.query(
                "SELECT pair, salesforce_id, quickbooks_id FROM kept.crosswalk"
            )
        ]
        known = _Pairs({("m", str(side), row[f"{side}_id"]): row["pair"] for row in rows for side in Side})
        applied = [(change, settled) for change in made.changes if not change.hold]
        crosswalk.go_back(self.store, _returns(known, {"m": self.mapping}, applied, at))
        return made

    def _agree(self, rows: list[tuple[Any, ...]]) -> None:
        crosswalk.agree(
            self.store,
            [
                Agreement(
                    mapping=mapping,
                    pair=pair,
                    fields=tuple(fields),
                    salesforce=json.loads(left),
                    quickbooks=json.loads(right),
                )
                for mapping, pair, fields, left, right in rows
            ],
        )

    def _load(self) -> None:
        self.world.connection.execute("DELETE FROM kept.base")
        for row in crosswalk.agreements(self.store):
            self.world.base("m", row["pair"], row["salesforce"], row["quickbooks"], *row["fields"])
        prepare_base(self.world.connection, self.mapping)


@given(scenarios(), st.booleans(), st.booleans())
@settings(
    max_examples=max(25, DEFAULT if DEFAULT > 100 else 0),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_after_push_and_undo_the_diff_is_what_it_was(
    store: Store, scenario: Scenario, looked: bool, twice: bool
) -> None:
    books = Books(scenario, store)
    books.diff()
    before = books.diff()
    pushed, at = books.plan(), now()
    books.write(pushed)
    if looked:  # somebody takes a diff in between, and the base moves to what was pushed
        books.diff()
    made = books.undo(pushed, at)
    assert [change.hold for change in made.changes] == [""] * len(made.changes)
    assert books.diff(keep=False) == before
    if twice:
        assert books.undo(pushed, at).changes == ()
        assert books.diff(keep=False) == before
