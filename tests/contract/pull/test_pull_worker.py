"""What the worker does about pulls: the standing pull, tidying up, and trouble that others wait for."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from qbwc import store as tables
from qbwc import tape
from tests.contract.pull.pull_office import Office, requests
from workbench import ledger, snapshots, worker
from workbench.bench.bench import Bench
from workbench.connections.quickbooks import QuickBooksQueue
from workbench.errors import ConnectionProblem, MappingError, NeedsPerson, WorkbenchError
from workbench.pull import quickbooks
from workbench.snapshots import UnfitValue
from workbench.store.engine import now
from workbench.worker import round_of_work, tidy, work

pytestmark = pytest.mark.long


def pages(office: Office, pull: str) -> int:
    engine = office.workspace.store.engine
    return len(list(tape.pages(engine, group=pull)))


def older(office: Office, days: float) -> None:
    """Everything on the tape was received that long ago."""
    documents = tables.documents
    with tables.writing(office.workspace.store.engine) as connection:
        connection.execute(update(documents).values(received_at=now() - timedelta(days=days)))


def test_update_selected_pulls_by_itself_what_changed_when_it_is_due(office: Office) -> None:
    office.workspace.pulls.stand(0)  # due whenever the Web Connector calls
    assert office.call().outcome == "done"
    assert round_of_work(office.workspace)
    first = snapshots.newest(office.workspace.store, "quickbooks")
    assert first.kind == "full"
    office.workspace.pulls.stand(0)

    office.clock.forward(hours=2)
    office.company.edit("Customer", "Cedar", Phone="555")
    assert office.call().outcome == "done"
    asked = [each for each in office.sent if "<CustomerQueryRq" in each and 'iterator="Start"' in each]
    assert "<FromModifiedDate>" in asked[0], "it goes on from the first one's watermark"
    assert round_of_work(office.workspace)
    second = snapshots.newest(office.workspace.store, "quickbooks")
    office.agrees(second)
    assert (second.kind, office.changed(second)) == ("delta", {"Customer": 1})


def test_each_published_pull_renews_the_standing_one(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    stood = []
    real = QuickBooksQueue.stand

    def stand(self: QuickBooksQueue, minutes: int, asks: object) -> None:
        stood.append(asks)
        real(self, minutes, asks)  # type: ignore[arg-type]

    monkeypatch.setattr(QuickBooksQueue, "stand", stand)
    office.workspace.pulls.ask()
    office.call()
    assert round_of_work(office.workspace)
    assert not round_of_work(office.workspace)
    (asks,) = stood
    assert [ask.since for ask in asks if ask.entity == "Customer" and ask.role == 0] == [
        "2026-01-05T07:55:00"
    ]


# --- tidying up ------------------------------------------------------------------------------------------

#  days since the answers came, kept
KEPT = [(6.9, True), (7.1, False)]


@pytest.mark.parametrize(("days", "kept"), KEPT)
def test_answers_that_were_loaded_are_kept_for_some_days(office: Office, days: float, kept: bool) -> None:
    pull = office.pulls.ask()
    office.call()
    office.pulls.load_finished()
    older(office, days)
    tidy(office.workspace)
    assert (pages(office, pull) > 0) is kept
    assert requests(office, pull), "what was asked stays for ever"


def test_answers_that_wait_to_be_loaded_are_kept_however_old(office: Office) -> None:
    pull = office.pulls.ask()
    office.call()
    older(office, 900)
    tidy(office.workspace)
    assert pages(office, pull) > 0
    office.agrees(office.pulls.load_finished()[0])
    tidy(office.workspace)
    assert pages(office, pull) == 0


def test_what_lost_the_race_to_publish_is_taken_away_at_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.pulls.ask()
    office.call()
    monkeypatch.setattr(quickbooks, "publish", lambda *_, **__: False)
    assert office.pulls.load_finished() == []
    assert [path for path in office.workspace.profile.snapshots.rglob("*") if path.is_file()] == []


def test_a_pull_that_ended_before_the_newest_snapshot_is_not_laid_over_it(office: Office) -> None:
    office.pull()
    pull = office.pulls.ask()
    office.call()
    later = office.pull(full=True) if office.pulls.outcome(pull) else None
    office.pulls.load_finished()
    assert later is None
    newest = snapshots.newest(office.workspace.store, "quickbooks")
    with office.workspace.store.write() as connection:
        table = snapshots.catalog.schema.snapshots
        connection.execute(
            update(table).where(table.c.id == newest.id).values(ended_at=now() + timedelta(hours=1))
        )
    overtaken = office.pulls.ask()
    office.call()
    assert office.pulls.load_finished() == []
    assert office.pulls.outcome(overtaken) == newest.id


# --- trouble --------------------------------------------------------------------------------------------


def test_a_store_that_is_locked_does_not_fail_the_pull(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    pull = office.pulls.ask()
    office.call()

    def locked(*_: object, **__: object) -> bool:
        raise ConnectionProblem("the store did not take this: database is locked")

    with monkeypatch.context() as patched:
        patched.setattr(quickbooks, "publish", locked)
        with pytest.raises(ConnectionProblem, match="locked"):
            office.pulls.load_finished()
    assert office.pulls.outcome(pull) is None
    office.agrees(office.pulls.load_finished()[0])


def test_a_value_that_does_not_fit_fails_the_pull_for_good(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    pull = office.pulls.ask()
    office.call()

    def unfit(*_: object, **__: object) -> int:
        raise UnfitValue(
            "a value does not fit its column: '1.005' would be rounded", where="Customer.Balance"
        )

    monkeypatch.setattr("workbench.pull.quickbooks_load.write_table", unfit)
    assert office.pulls.load_finished() == []
    with pytest.raises(ConnectionProblem, match="would be rounded"):
        office.pulls.outcome(pull)


def test_who_waits_for_a_pull_is_told_the_trouble_of_the_worker(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker runs in another process, here in name only: it holds the lease and its disk is full."""
    said: list[str] = []
    bench = Bench(office.workspace, said.append)
    lease = ledger.take_lease(office.workspace.store, worker.LEASE)
    assert lease is not None
    lease.tell("the snapshot could not be written: No space left on device")
    with pytest.raises(NeedsPerson, match="has not delivered") as caught:
        bench.pull("quickbooks", wait=0.005)
    assert "No space left" in str(caught.value)
    assert [line for line in said if "No space left" in line]
    lease.tell(None)
    lease.release()


def test_the_worker_tells_its_trouble_and_when_it_is_over(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    trouble = [WorkbenchError("the disk is full")] * 2
    seen: list[str | None] = []

    def failing(_: object) -> bool:
        if trouble:
            raise trouble.pop(0)
        return False

    def stop() -> bool:
        seen.append(worker.worker_trouble(office.workspace))
        return len(seen) == 5

    monkeypatch.setattr(worker, "round_of_work", failing)
    monkeypatch.setattr(worker, "IDLE_SECONDS", 0.01)
    work(office.workspace, stop, lambda _: None)
    assert seen == [None, "the disk is full", "the disk is full", None, None]


# --- mappings that name what is not there ---------------------------------------------------------------

MAPPING = """
mapping: account-customer
title: Accounts
salesforce: {object: Account, label: Name}
quickbooks: {object: Customer, label: FullName}
states:
  AccountToCustomer: {to: quickbooks, on: true}
  CustomerToAccount: {to: salesforce, on: true}
operations: {salesforce: [modify], quickbooks: [modify]}
winner: quickbooks
match:
  - {rule: name, field: name, how: exact, accept: true}
fields:
  name: {salesforce: Name, quickbooks: Name, type: text}
  phone: {salesforce: Phone, quickbooks: Phone, type: phone}
"""

#  why, replaced in the mapping, by, words of the complaint
WRONG = [
    ("object", "object: Customer", "object: Custommer", ["unknown object 'Custommer'", "Closest: Customer"]),
    (
        "field",
        "quickbooks: Phone",
        "quickbooks: Phon",
        ["field 'phone': 'Phon' is no field of Customer", "Phone"],
    ),
    ("label", "label: FullName", "label: Fullest", ["label 'Fullest' is no field of Customer"]),
    ("no record", "object: Customer", "object: Company", ["unknown object 'Company'"]),
]


@pytest.mark.parametrize(("old", "new", "words"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_a_mapping_that_names_what_quickbooks_does_not_have(
    office: Office, old: str, new: str, words: list[str]
) -> None:
    file: Path = office.workspace.profile.mappings / "account-customer.yaml"
    file.write_text(MAPPING, encoding="utf-8")
    assert "Phone" in office.workspace.wanted()["Customer"]
    assert "Fax" not in office.workspace.wanted()["Customer"]
    file.write_text(MAPPING.replace(old, new), encoding="utf-8")
    with pytest.raises(MappingError) as caught:
        Bench(office.workspace, lambda _: None).pull("quickbooks", wait=0)
    for word in words:
        assert word in str(caught.value)
    assert caught.value.exit_code == 1
    office.workspace.renew_standing()  # the server and the worker go on
