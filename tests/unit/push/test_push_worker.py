"""The worker: one process at a time, as long as there is work, whoever does it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from tests.unit.push.push_office import Office, open_office
from workbench import ledger, snapshots, worker
from workbench.bench import pushing
from workbench.bench.pushing import carry_on
from workbench.changes import Answer
from workbench.crosswalk import Agreement, Decision, Pair, agree, close, confirm, decide
from workbench.errors import ApprovalError, ConnectionProblem
from workbench.reconciliation import open_reconciliation
from workbench.snapshots import Column, Snapshot, TableData, write_file
from workbench.store import schema
from workbench.store.engine import now
from workbench.worker import round_of_work, work, work_until


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    opened = open_office(tmp_path)
    opened.call()
    yield opened
    opened.workspace.close()


def rounds(count: int) -> Callable[[], bool]:
    """Stop after some looks."""
    left = [count]

    def stop() -> bool:
        left[0] -= 1
        return left[0] < 0

    return stop


def test_a_pull_is_loaded_when_its_last_page_has_come(office: Office) -> None:
    pull = office.workspace.pulls.ask()
    assert not round_of_work(office.workspace)
    assert office.workspace.pulls.outcome(pull) is None
    assert office.workspace.pulls.ask() == pull, "a second pull joins the first"

    office.call()
    assert round_of_work(office.workspace)
    snapshot = snapshots.newest(office.workspace.store, "quickbooks")
    assert office.workspace.pulls.outcome(pull) == snapshot.id
    assert snapshot.counts["Customer"] == 7
    assert not round_of_work(office.workspace), "once"
    assert office.workspace.pulls.ask() != pull


def test_a_pull_has_typed_tables_of_every_entity(office: Office) -> None:
    office.workspace.pulls.ask()
    office.call()
    round_of_work(office.workspace)
    with snapshots.open_reader([snapshots.newest(office.workspace.store, "quickbooks")]) as connection:
        customers = connection.execute(
            'SELECT "FullName", "Balance", "IsActive" FROM quickbooks."Customer" ORDER BY 1 LIMIT 1'
        ).fetchall()
        kinds = dict(
            connection.execute(
                "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name IN ('Item', 'Invoice')"
            ).fetchall()
        )
        tables = {row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert [row[0] for row in customers] == ["Customer 01"]
    assert customers[0][2] is True
    assert (kinds["Price"], kinds["Subtotal"], kinds["TxnDate"]) == ("DECIMAL(18,5)", "DECIMAL(18,2)", "DATE")
    assert {"Customer", "Item", "Invoice", "InvoiceLine", "Vendor", "Employee", "OtherName"} <= tables


def test_a_pull_that_quickbooks_refuses_says_so_and_publishes_nothing(office: Office) -> None:
    pull = office.workspace.pulls.ask()
    queued = [row.id for row in office.requests() if row.group == pull]
    office.workspace.queue.cancel(queued[:1], "QuickBooks was closed")
    office.call()
    round_of_work(office.workspace)
    with pytest.raises(ConnectionProblem, match="QuickBooks was closed"):
        office.workspace.pulls.outcome(pull)
    assert snapshots.history(office.workspace.store) == []


def test_a_push_is_carried_on_by_whoever_works(office: Office) -> None:
    change = office.update("Customer 01", Phone="555-7777")
    office.started(change)
    round_of_work(office.workspace)
    office.call()
    round_of_work(office.workspace)
    assert office.state(change) == "applied"


def test_what_the_queue_would_refuse_fails_and_says_why_and_the_rest_goes(office: Office) -> None:
    """Whatever a plan has overlooked: a push never waits for what nobody will ever send."""
    good = office.update("Customer 01", Phone="555-7777")
    long = office.create("Customer", "001L", Name="N" * 50)
    invoice = office.create(
        "Invoice", "006L",
        {"ItemRef_ListID": "80000001-1", "Quantity": 1},
        CustomerRef_ListID=Answer(long.id, "ListID"), TxnDate="2026-03-30",
    )  # fmt: skip
    office.pushed(good, long, invoice)
    assert office.state(good, long, invoice) == ["applied", "failed", "skipped"]
    assert "Customer.Name has 50 characters, QuickBooks takes 41" in str(office.outcome(long).detail)
    assert "which is failed" in str(office.outcome(invoice).detail)
    assert office.outcome(long).settled_at is not None
    assert "N" * 41 not in " ".join(office.names())


def test_who_waits_works_until_it_has_its_answer(office: Office) -> None:
    change = office.update("Customer 01", Phone="555-7777")
    office.started(change)

    def answered() -> str | None:
        state = str(office.state(change))
        return state if state == "applied" else None

    assert work_until(office.workspace, answered, seconds=20, progress=office.call) == "applied"
    assert ledger.take_lease(office.workspace.store, worker.LEASE) is not None, "and lets go"


def test_who_waits_in_vain_gives_up_in_time(office: Office) -> None:
    began = time.monotonic()
    assert work_until(office.workspace, lambda: None, seconds=0.3) is None
    assert 0.2 < time.monotonic() - began < 10


def test_who_does_not_hold_the_lease_only_looks(office: Office) -> None:
    change = office.update("Customer 01", Phone="555-7777")
    office.started(change)
    assert ledger.take_lease(office.workspace.store, worker.LEASE) is not None
    assert work_until(office.workspace, lambda: None, seconds=0.3) is None
    assert [row for row in office.requests() if row.kind == "write"] == []


def sent_elsewhere(office: Office) -> tuple[str, str]:
    """A change that another process has sent, and whose answer it has not read yet."""
    change = office.update("Customer 01", Phone="555-7777")
    changeset = office.started(change)
    store = office.workspace.store
    ledger.settle(store, changeset.id, change.id, "unknown", detail="sent, answer not read yet")
    held = {"name": worker.LEASE, "holder": "elsewhere:1:ab", "expires_at": now() + timedelta(minutes=5)}
    with store.write() as connection:
        connection.execute(insert(schema.leases).values(**held))
    return changeset.id, change.id


def test_who_looks_on_waits_for_the_answers_of_what_another_has_sent(office: Office) -> None:
    changeset, change = sent_elsewhere(office)
    store = office.workspace.store

    def answered() -> None:
        ledger.settle(store, changeset, change, "applied")
        ledger.finish_push(store, changeset)

    timer = threading.Timer(1.0, answered)
    timer.start()
    carry_on(office.workspace, changeset, minutes=1, say=lambda _: None)
    timer.join()
    assert ledger.outcome_states(store, changeset)[change][0] == "applied"


def test_who_looks_on_gives_up_when_nothing_moves(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    changeset, change = sent_elsewhere(office)
    monkeypatch.setattr(pushing, "QUIET_SECONDS", 0.3)
    carry_on(office.workspace, changeset, minutes=5, say=lambda _: None)
    assert ledger.outcome_states(office.workspace.store, changeset)[change][0] == "unknown"


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_who_is_interrupted_lets_go_of_the_lease(office: Office, error: type[BaseException]) -> None:
    def interrupted() -> None:
        raise error

    with pytest.raises(error):
        work_until(office.workspace, interrupted, seconds=5)
    assert ledger.take_lease(office.workspace.store, worker.LEASE) is not None


def test_trouble_is_said_once_and_tried_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    trouble = [ConnectionProblem("the org is down")] * 3 + [ConnectionProblem("now it is slow")]

    def failing(_: object) -> bool:
        if trouble:
            raise trouble.pop(0)
        return False

    monkeypatch.setattr(worker, "round_of_work", failing)
    monkeypatch.setattr(worker, "IDLE_SECONDS", 0.01)
    work(office.workspace, rounds(6), said.append)
    assert said == ["the org is down", "now it is slow"]
    assert ledger.take_lease(office.workspace.store, worker.LEASE) is not None


def test_one_spoilt_change_set_does_not_stop_the_others(office: Office) -> None:
    spoilt = office.started(office.update("Customer 01", Phone="555-7777"))
    good = office.update("Customer 02", Phone="555-8888")
    office.started(good)
    with office.workspace.store.write() as connection:
        table = schema.changesets
        forged = spoilt.content.replace("555-7777", "555-6666")
        connection.execute(update(table).where(table.c.id == spoilt.id).values(content=forged))

    for _ in range(2):
        with pytest.raises(ApprovalError):
            round_of_work(office.workspace)
        office.call()
    assert office.state(good) == "applied"
    assert office.customer("Customer 01")["Phone"] == "555-0001"


# --- what matching and diff work on -----------------------------------------------------------------------


def snapshot(folder: Path, side: str, table: str) -> Snapshot:
    file = folder / f"{side}.duckdb"
    counts = write_file(
        file, [TableData(name=table, columns=[Column("Id", "VARCHAR")], rows=[{"Id": f"{side} 1"}])]
    )
    return Snapshot(
        id=side, side=side, file=file, started_at=now(), ended_at=now(), counts=counts, describes={}
    )


def test_two_snapshots_and_what_is_kept_lie_side_by_side(office: Office, tmp_path: Path) -> None:
    store = office.workspace.store
    for side, table in (("salesforce", "Account"), ("quickbooks", "Customer")):
        snapshots.publish(store, snapshot(tmp_path, side, table))
    confirm(
        store,
        [Pair(mapping="a", salesforce_id="001A", quickbooks_id="8-1", rule="name", confirmed_by="rule")],
    )
    agree(
        store,
        [
            Agreement(
                mapping="a",
                pair="p",
                fields=("phone",),
                salesforce={"Phone": "1"},
                quickbooks={"Phone": None},
            )
        ],
    )
    made = Decision(
        mapping="a", salesforce_id="001A", quickbooks_id=None, field=None, decision="ignore", reason="old",
        decided_by="maria",
    )  # fmt: skip
    decide(store, [made, replace(made, decision="create", reason="new")])
    close(store, "a", "maria")

    connection = open_reconciliation(office.workspace).connection

    def all_of(sql: str) -> list[tuple[object, ...]]:
        return connection.execute(sql).fetchall()

    assert all_of('SELECT * FROM salesforce."Account", quickbooks."Customer"') == [
        ("salesforce 1", "quickbooks 1")
    ]
    assert all_of("SELECT mapping, salesforce_id, quickbooks_id FROM kept.crosswalk") == [
        ("a", "001A", "8-1")
    ]
    assert all_of("SELECT fields, salesforce->>'Phone', quickbooks->>'Phone' FROM kept.base") == [
        (["phone"], "1", None)
    ]
    assert all_of("SELECT decision, reason, pinned FROM kept.decisions") == [("create", "new", False)]
    assert all_of("FROM kept.closed") == [("a",)]
