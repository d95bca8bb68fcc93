"""A profile whose snapshots are small books, with change sets that were planned, pushed and read back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tests.unit.core.core_world import World
from tests.unit.moneyproof.money_books import CUSTOMERS, DEALS, PRODUCTS
from tests.unit.profile.bare_profile import bare_profile
from workbench import crosswalk, snapshots
from workbench.bench import Bench, proving
from workbench.changes import Change, ChangeSet
from workbench.crosswalk import Pair
from workbench.ledger import OutcomeRow, begin, save_changeset, settle
from workbench.model import Side
from workbench.reconciliation import open_reconciliation
from workbench.snapshots import Column, Snapshot, TableData, write_file
from workbench.store import open_store, schema
from workbench.store.engine import now
from workbench.workspace import Workspace


@dataclass
class MoneyOffice:
    """A bench on a profile that was pulled from books."""

    bench: Bench
    folder: Path
    pulls: int = 0

    @property
    def workspace(self) -> Workspace:
        return self.bench.workspace

    def pull(
        self, world: World, *, minutes: float = 0, sides: tuple[Side, ...] = tuple(Side)
    ) -> list[Snapshot]:
        """Publish books as snapshots whose reading began so many minutes from now."""
        self.pulls += 1
        return [self._publish(world, side, now() + timedelta(minutes=minutes)) for side in sides]

    def _publish(self, world: World, side: Side, at: datetime) -> Snapshot:
        file = self.folder / f"{side}-{self.pulls}.duckdb"
        names = [row[0] for row in world.query(
            f"SELECT table_name FROM duckdb_tables() WHERE schema_name = '{side}' ORDER BY 1"
        )]  # fmt: skip
        made = Snapshot(
            id=file.stem, side=side, file=file, started_at=at, ended_at=at,
            counts=write_file(file, [_table(world, side, name) for name in names]),
            describes={name: {"name": name, "fields": []} for name in names},
        )  # fmt: skip
        assert snapshots.publish(self.workspace.store, made)
        return made

    def link(self, mapping: str, *pairs: tuple[str, str]) -> None:
        """Confirm pairs (Salesforce id, QuickBooks id)."""
        crosswalk.confirm(
            self.workspace.store,
            [
                Pair(
                    mapping=mapping, salesforce_id=left, quickbooks_id=right, rule="id", confirmed_by="maria"
                )
                for left, right in pairs
            ],
        )

    def plan(self, *changes: Change, predicted: World | None, made: dict[str, str] | None = None) -> str:
        """A change set of the newest snapshots, its money measured unless nothing is predicted."""
        newest = open_reconciliation(self.workspace)
        header = {
            "salesforce": newest.salesforce.id,
            "quickbooks": newest.quickbooks.id,
            "mappings": {each.name: each.hash for each in self.workspace.mappings().values()},
        }
        planned = ChangeSet(header=header, changes=changes)
        save_changeset(
            self.workspace.store,
            id_=planned.id,
            content_hash=planned.content_hash,
            content=planned.content,
            by="maria",
        )
        if predicted is not None:
            money = proving.planned_money(self.workspace, newest, predicted.connection, made or {})
            proving.keep_money(self.workspace, planned.id, money)
        return planned.id

    def push(self, changeset: str, *rows: tuple[Change, str, dict[str, str] | None]) -> None:
        """As if these changes were pushed: (change, outcome, what was read back)."""
        store = self.workspace.store
        with store.write() as connection:
            begin(connection, [_outcome(changeset, change) for change, _, _ in rows])
            connection.execute(
                schema.changesets.update().where(schema.changesets.c.id == changeset).values(pushed_at=now())
            )
        for change, state, read_back in rows:
            record = (read_back or {}).get("Id") or (read_back or {}).get("TxnID") or change.record
            settle(store, changeset, change.id, state, record=record, read_back=read_back)


def _outcome(changeset: str, change: Change) -> OutcomeRow:
    return OutcomeRow(
        changeset=changeset, change=change.id, state="waiting", side=change.side, mapping=change.mapping,
        source_id=change.source_id, record=change.record,
    )  # fmt: skip


def _table(world: World, side: Side, name: str) -> TableData:
    described = world.query(f'DESCRIBE {side}."{name}"')
    columns = [Column(str(row[0]), str(row[1])) for row in described]
    rows = world.query(f'FROM {side}."{name}"')
    return TableData(
        name=name,
        columns=columns,
        rows=[dict(zip((column.name for column in columns), row, strict=True)) for row in rows],
    )


@contextmanager
def money_office(folder: Path) -> Iterator[MoneyOffice]:
    """The office; `say` writes nothing."""
    profile = bare_profile(folder / "books")
    for name, text in (("clients", CUSTOMERS), ("goods", PRODUCTS), ("deals", DEALS)):
        (profile.mappings / f"{name}.yaml").write_text(text, encoding="utf-8")
    workspace = Workspace(profile=profile, store=open_store(profile.store_url))
    try:
        yield MoneyOffice(Bench(workspace, lambda _: None), folder)
    finally:
        workspace.close()
