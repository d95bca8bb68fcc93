"""Pulls of what changed, over a real server: whatever happens in QuickBooks, the snapshot holds it too.

Every story ends with `agrees`: all tables against all records of the company file.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from qbwc.qbxml import build_add, message_set
from qbwc.users import unpair
from tests.contract.pull.pull_office import ENTITIES, Clock, Office, requests, running_office
from workbench import snapshots
from workbench.bench import pulling
from workbench.connections import quickbooks_reading as reading
from workbench.errors import ConnectionProblem
from workbench.store import schema

pytestmark = pytest.mark.long


def custom_field(office: Office, name: str, kind: str = "STR255TYPE") -> None:
    """The bookkeeper defines a custom field of customers."""
    fields = {"OwnerID": "0", "DataExtName": name, "DataExtType": kind, "AssignToObject": "Customer"}
    answer = office.company.process(message_set([build_add("DataExtDef", fields, request_id="1")]))
    assert 'statusCode="0"' in answer


def custom_value(office: Office, customer: str, name: str, value: str) -> None:
    fields = {
        "OwnerID": "0", "DataExtName": name, "ListDataExtType": "Customer",
        "ListObjRef_ListID": office.key("Customer", customer), "DataExtValue": value,
    }  # fmt: skip
    answer = office.company.process(message_set([build_add("DataExt", fields, request_id="1")]))
    assert 'statusCode="0"' in answer


def test_the_first_pull_reads_everything_and_the_next_one_nothing(office: Office) -> None:
    first = office.pull()
    office.agrees(first)
    assert (first.kind, first.previous, set(ENTITIES) <= set(first.counts)) == ("full", None, True)
    assert {"Company", "Host", "Preferences", "DataExtDef", "Class"} <= set(first.counts)

    office.clock.forward(hours=2)
    second = office.pull()
    office.agrees(second)
    assert (second.kind, second.previous, office.changed(second)) == ("delta", first.id, {})
    assert second.counts == first.counts
    assert second.file.stat().st_size < first.file.stat().st_size / 2


Work = Callable[[Office], object]


def work(entity: str, name: str, **fields: object) -> Work:
    return lambda office: office.company.edit(entity, name, **fields)


def remove(entity: str, name: str) -> Work:
    return lambda office: office.company.delete(entity, name)


def first_line_only(office: Office) -> None:
    line = office.company.record("Invoice", "1")["lines"][0]  # type: ignore[index]
    office.company.edit("Invoice", "1", lines=[{"TxnLineID": line["TxnLineID"]}])


#  what the bookkeeper does, and the records that change
STORIES: list[tuple[str, Work, dict[str, int]]] = [
    ("edits a customer", work("Customer", "Cedar", Phone="555"), {"Customer": 1}),
    ("empties a field", work("Customer", "Birch", Phone=None), {"Customer": 1}),
    ("adds a customer", lambda o: o.company.add("Customer", Name="Dogwood"), {"Customer": 1}),
    ("adds a vendor", lambda o: o.company.add("Vendor", Name="Dogwood"), {"Vendor": 1}),
    ("deactivates", work("Customer", "Cedar", IsActive=False), {"Customer": 1}),
    ("deletes a customer", remove("Customer", "Cedar"), {"Customer": 1}),
    ("edits an item", work("ItemService", "Consulting", SalesOrPurchase_Price="40"), {"Item": 1}),
    ("edits an invoice", work("Invoice", "1", Memo="thanks"), {"Invoice": 1}),
    ("removes a line", first_line_only, {"Invoice": 1, "Customer": 1}),
    # Its customer, and the one above, owe less.
    ("deletes an invoice", remove("Invoice", "2"), {"Invoice": 1, "Customer": 2}),
    # Both jobs below it and both invoices bear its name.
    ("renames a customer", work("Customer", "Birch", Name="Beech"), {"Customer": 3, "Invoice": 2}),
    ("renames an item", work("ItemNonInventory", "Nails", Name="Screws"), {"Item": 1, "Invoice": 2}),
]


@pytest.mark.parametrize(("act", "changed"), [s[1:] for s in STORIES], ids=[s[0] for s in STORIES])
def test_what_the_bookkeeper_does_is_in_the_next_pull(
    office: Office, act: Work, changed: dict[str, int]
) -> None:
    first = office.pull()
    office.clock.forward(hours=30)
    act(office)
    second = office.pull()
    office.agrees(second)
    assert (second.kind, office.changed(second)) == ("delta", changed)
    assert len(office.rows(first, "Customer")) == 5, "and the first one is as it was"


@pytest.mark.parametrize("swept", [True, False])
def test_deletions_are_known_with_their_evidence_and_stay_known(tmp_path: Path, swept: bool) -> None:
    with running_office(tmp_path, clock=Clock(datetime.now(UTC))) as office:
        if not swept:  # then nothing but the deleted-queries tells
            office.wanted = lambda: reading.chosen({"Customer": ["Phone"], "Invoice": ["Memo"]})
        office.pull()
        customer, invoice = office.key("Customer", "Cedar"), office.key("Invoice", "2")
        office.clock.forward(minutes=3)
        office.company.delete("Customer", "Cedar")
        office.company.delete("Invoice", "2")
        told = [("Customer", customer, "ListDeleted"), ("Invoice", invoice, "TxnDeleted")]
        second = office.pull()
        office.agrees(second)
        assert office.deleted(second) == told
        full = office.pull(full=True)
        office.agrees(full)
        assert office.deleted(full) == told


def test_a_full_pull_stores_only_what_changed(office: Office) -> None:
    first = office.pull()
    office.clock.forward(hours=3)
    office.company.edit("Customer", "Cedar", Phone="555")
    second = office.pull(full=True)
    office.agrees(second)
    assert (second.kind, second.previous, office.changed(second)) == ("delta", first.id, {"Customer": 1})
    assert not any("<FromModifiedDate" in each and 'iterator="Start"' in each and i == 0
                   for i, each in enumerate(office.sent))  # fmt: skip


def test_time_travel(office: Office) -> None:
    made = []
    for number in range(4):
        office.company.edit("Customer", "Cedar", Phone=f"555-{number}")
        made.append(office.pull())
        office.clock.forward(hours=2)
    for number, each in enumerate(made):
        found = snapshots.newest(office.workspace.store, "quickbooks", before=each.ended_at)
        assert found == each
        (cedar,) = [row for row in office.rows(found, "Customer") if row["Name"] == "Cedar"]
        assert cedar["Phone"] == f"555-{number}"
    assert [len(each.files) for each in made] == [1, 2, 3, 4]


# --- while the pull runs --------------------------------------------------------------------------------


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("moment", ["Vendor", "Invoice", "ItemService"])
def test_what_is_modified_during_the_pull_is_read_again(tmp_path: Path, full: bool, moment: str) -> None:
    with running_office(tmp_path, clock=Clock(datetime.now(UTC))) as office:
        if not full:
            office.pull()
        office.clock.forward(minutes=1)
        office.before_query("Invoice" if moment != "Vendor" else "Vendor", lambda: (
            office.company.edit("Customer", "Cedar", Phone="555"),
            office.company.add("Customer", Name="Dogwood"),
            office.company.edit("ItemService", "Consulting", SalesOrPurchase_Price="99"),
            office.company.delete("Customer", "Gone"),
        ))  # fmt: skip
        snapshot = office.pull()
        office.agrees(snapshot)


def test_a_record_modified_between_two_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE_SIZES", {"list": 2, "txn": 1})
    with running_office(tmp_path, clock=Clock(datetime.now(UTC))) as office:
        office.before_query(
            "Customer", lambda: office.company.edit("Customer", "Birch", Phone="555"), which=2
        )
        first = office.pull()
        office.agrees(first)
        (birch,) = [row for row in office.rows(first, "Customer") if row["Name"] == "Birch"]
        assert birch["Phone"] == "555"


def test_what_comes_between_reading_again_and_counting_fails_the_pull_and_the_next_one_is_full(
    office: Office,
) -> None:
    first = office.pull()
    office.clock.forward(hours=2)
    # The last message set: counts and deleted-queries.
    office.before_query("ListDeleted", lambda: office.company.add("Customer", Name="Dogwood"))
    with pytest.raises(ConnectionProblem, match="5 here, 6 in QuickBooks") as caught:
        office.pull()
    assert "Pull again" in str(caught.value.fix)
    assert [each.id for each in snapshots.history(office.workspace.store)] == [first.id]
    leftovers = [path.name for path in office.workspace.profile.snapshots.rglob("*") if path.is_file()]
    assert leftovers == [first.file.name]

    office.meanwhile.clear()
    made = office.pulls.plan()
    assert (made.full, made.why) == (True, "the last pull has shown that records were missed")
    second = office.pull()
    office.agrees(second)
    assert not office.pulls.plan().full


def test_where_the_profile_says_so_a_count_that_differs_is_only_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with running_office(tmp_path, prove_counts=False) as office:
        office.before_query("ListDeleted", lambda: office.company.add("Customer", Name="Dogwood"))
        assert office.pull().counts["Customer"] == 5
    assert "5 here, 6 in QuickBooks" in caplog.text


def test_a_balance_that_moves_without_its_customer_is_swept(office: Office) -> None:
    office.pull()
    office.clock.forward(hours=30)
    office.company.add(
        "Invoice", CustomerRef_FullName="Cedar", RefNumber="3",
        lines=[{"ItemRef_FullName": "Consulting", "Quantity": 2}],
    )  # fmt: skip
    second = office.pull()
    office.agrees(second)
    (cedar,) = [row for row in office.rows(second, "Customer") if row["Name"] == "Cedar"]
    assert str(cedar["Balance"]) == "66.66"
    swept = [
        each for each in office.sent if "<IncludeRetElement>Balance<" in each and "CustomerQuery" in each
    ]
    assert swept, "by a narrow query of its own"
    assert all("<IncludeRetElement>Phone<" not in each for each in swept)


def test_nothing_is_swept_where_no_such_column_is_wanted(office: Office) -> None:
    office.wanted = lambda: reading.chosen({"Customer": ["Phone"], "Invoice": ["Memo"]})
    office.pull()
    office.clock.forward(hours=2)
    second = office.pull()
    office.agrees(second)
    assert "Balance" not in {name for name, _ in second.reading["columns"]["Customer"]}
    assert not [each for each in office.sent if "Balance<" in each]


def test_a_sweep_that_shows_an_unknown_version_fails_the_pull(office: Office) -> None:
    """As if QuickBooks had not told that a customer was modified."""
    office.company.edit("Customer", "Birch", Phone="2")
    office.pull()
    office.clock.forward(hours=-300)
    office.company.edit("Customer", "Cedar", Phone="555")
    with pytest.raises(ConnectionProblem, match="modified without being told"):
        office.pull()
    second = office.pull()
    office.agrees(second)


# --- the hour that autumn repeats -----------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [1, 1800, 3599])
def test_the_hour_that_autumn_repeats(tmp_path: Path, seconds: int) -> None:
    """At 9:00 UTC on that Sunday Pacific time goes from 2:00 back to 1:00."""
    back = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
    clock = Clock(back - timedelta(seconds=1))
    with running_office(tmp_path, clock=clock) as office:
        office.company.edit("Customer", "Birch", Phone="before")
        first = office.pull()
        assert first.reading["watermarks"]["Customer"] == "2026-11-01T01:59:59"
        clock.now = back + timedelta(seconds=seconds)
        office.company.edit("Customer", "Cedar", Phone="after")
        assert str(office.company.record("Customer", "Cedar")["TimeModified"]) < "2026-11-01 01:59:59.1"
        second = office.pull()
        office.agrees(second)
        assert (second.kind, office.changed(second)) == ("delta", {"Customer": 1})


def test_a_time_of_the_future_is_no_watermark(office: Office) -> None:
    office.clock.now = datetime.now(UTC) + timedelta(days=900)
    office.company.edit("Customer", "Birch", Phone="from a wrong clock")
    office.clock.now = datetime.now(UTC)
    first = office.pull()
    assert first.reading["watermarks"]["Customer"] < f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}"
    office.clock.forward(hours=1)
    office.company.edit("Customer", "Cedar", Phone="555")
    second = office.pull()
    office.agrees(second)
    assert office.changed(second) == {"Customer": 1}


# --- everything again -----------------------------------------------------------------------------------


def test_a_custom_field_is_a_column_of_the_next_pull_but_one(office: Office) -> None:
    office.pull()
    office.clock.forward(hours=2)
    custom_field(office, "Region")
    custom_field(office, "Visits", "INTTYPE")
    custom_value(office, "Cedar", "Region", "North")
    custom_value(office, "Cedar", "Visits", "12")
    second = office.pull()
    assert "Custom_Region" not in office.rows(second, "Customer")[0], "its emptiness is not known yet"
    assert office.pulls.plan().why == "custom fields were added or removed"
    third = office.pull()
    office.agrees(third)
    assert third.kind == "full"
    rows = {
        row["Name"]: (row["Custom_Region"], row["Custom_Visits"]) for row in office.rows(third, "Customer")
    }
    assert (rows["Cedar"], rows["Birch"]) == (("North", 12), (None, None))
    assert "Custom_Region" in {field["name"] for field in third.describes["Customer"]["fields"]}

    office.clock.forward(hours=2)
    custom_value(office, "Birch", "Region", "South")
    fourth = office.pull(full=True)
    office.agrees(fourth)
    assert fourth.kind == "delta"


def test_other_columns_make_a_full_pull_and_a_full_file(office: Office) -> None:
    office.wanted = lambda: reading.chosen({"Customer": ["Phone"]})
    first = office.pull()
    office.agrees(first)
    assert "Invoice" not in first.counts
    office.wanted = lambda: reading.chosen({"Customer": ["Phone", "BillAddress_City"], "Invoice": []})
    assert office.pulls.plan().why == "other columns are wanted"
    second = office.pull()
    office.agrees(second)
    assert (second.kind, second.previous) == ("full", first.id)
    names = {name for name, _ in second.reading["columns"]["Customer"]}
    assert "BillAddress_PostalCode" in names, "an address comes whole"
    assert "Fax" not in names, "what was not read is no column"


def test_another_company_file_starts_afresh(office: Office, tmp_path: Path) -> None:
    office.pull()
    company = office.workspace.profile.quickbooks.company
    unpair(office.workspace.store.engine, company)
    office.workspace.queue.open_pairing(10)
    made = office.pulls.plan()
    assert made.full
    second = office.pull()
    office.agrees(second)
    assert (second.kind, second.previous) == ("full", None)


@pytest.mark.parametrize(("days", "full"), [(29.9, False), (30.1, True)])
def test_all_records_are_read_again_after_thirty_days(office: Office, days: float, full: bool) -> None:
    first = office.pull()
    with office.workspace.store.write() as connection:
        table = schema.snapshots
        old = (datetime.now(UTC) - timedelta(days=days)).isoformat()
        connection.execute(
            update(table).where(table.c.id == first.id).values(reading=first.reading | {"full_at": old})
        )
    assert office.pulls.plan().full is full


def test_a_snapshot_whose_file_is_gone_is_followed_by_a_full_pull(office: Office) -> None:
    office.pull().file.unlink()
    second = office.pull()
    office.agrees(second)
    assert second.kind == "full"


@pytest.mark.parametrize(("before", "told"), [(timedelta(0), True), (pulling.EARLIER, False)])
def test_a_pull_that_was_answered_before_says_when(
    office: Office, monkeypatch: pytest.MonkeyPatch, before: timedelta, told: bool
) -> None:
    monkeypatch.setattr(pulling, "EARLIER", before)
    office.pulls.ask()
    office.call()
    said: list[str] = []
    pulling.pull_sides(office.workspace, "quickbooks", minutes=1, full=False, say=said.append)
    assert any("pull again for what it holds now" in line for line in said) is told


def test_a_pull_under_way_is_joined_unless_all_is_asked_for(office: Office) -> None:
    office.pull()
    pull = office.pulls.ask()
    assert office.pulls.ask() == pull
    whole = office.pulls.ask(full=True)
    assert whole != pull
    assert all(
        row.request.from_modified is None for row in requests(office, whole) if row.request.priority == 0
    )
    office.call()
    assert [each.kind for each in office.pulls.load_finished()] == ["delta", "delta"]
    office.agrees(snapshots.newest(office.workspace.store, "quickbooks"))
