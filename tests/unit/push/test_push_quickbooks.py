"""A push to QuickBooks: queued once, settled from the answers, linked when it was read back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from qbwc import queue
from qbwc import store as qbwc_store
from tests.unit.push.push_office import Office, open_office
from tests.unit.qbwc_server.qbwc_driver import OWNER, Gone, gone_when
from workbench import approval, crosswalk, ledger, push
from workbench.changes import Answer, Change, ChangeSet, decode
from workbench.errors import ApprovalError
from workbench.profile import seal_key
from workbench.store.engine import now


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    opened = open_office(tmp_path)
    opened.call()
    yield opened
    opened.workspace.close()


def test_a_customer_is_changed_when_the_web_connector_calls(office: Office) -> None:
    change = office.update("Customer 01", Phone="555-7777", BillAddress_City="Bern")
    changeset = office.queued(change)
    assert (office.state(change), office.customer("Customer 01")["Phone"]) == ("waiting", "555-0001")

    office.call()
    office.advance(changeset)
    row = office.outcome(change)
    assert (row.state, row.detail, row.record) == ("applied", None, change.record)
    assert row.read_back is not None
    assert (row.read_back["Phone"], row.read_back["BillAddress_City"]) == ("555-7777", "Bern")
    assert row.read_back["EditSequence"] != change.version
    assert office.customer("Customer 01")["Phone"] == "555-7777"


def test_advancing_again_and_again_queues_once(office: Office) -> None:
    change = office.update("Customer 01", Phone="555-7777")
    changeset = office.queued(change)
    for _ in range(3):
        office.advance(changeset)
    writes = [row for row in office.requests() if row.kind == "write"]
    assert [row.change_id for row in writes] == [change.id]


def test_a_crash_between_queueing_and_remembering_queues_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    changeset = office.started(office.create("Customer", "001A", Name="Dogwood"))

    def crash(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("workbench.push.quickbooks.settle_many", crash)
        with pytest.raises(KeyboardInterrupt):
            office.advance(changeset)
    office.advance(changeset)
    office.call()
    office.advance(changeset)
    assert office.names().count("Dogwood") == 1
    assert office.state(*changeset.changes) == "applied"


def test_a_request_carries_what_the_server_must_decide_by(office: Office) -> None:
    change = office.update("Customer 01", Phone="555-7777")
    changeset = office.queued(change)
    (row,) = [row for row in office.requests() if row.kind == "write"]
    request = row.request
    assert isinstance(request, queue.WriteRequest)
    expires = approval.latest_approval(office.workspace.store, changeset.id)
    assert expires is not None
    assert (request.key, request.edit_sequence) == (change.record, change.version)
    assert request.expected == {"Phone": "555-0001"}
    assert request.not_after == expires.expires_at
    assert (request.change_id, request.group) == (change.id, changeset.id)


def test_a_customer_that_moved_since_review_is_stale(office: Office) -> None:
    stale = office.update("Customer 01", Phone="555-7777")
    fresh = office.update("Customer 02", Phone="555-8888")
    office.company.edit("Customer", "Customer 01", Phone="555-0199")
    office.pushed(stale, fresh)

    assert office.state(stale, fresh) == ["stale", "applied"]
    assert office.customer("Customer 01")["Phone"] == "555-0199"
    assert (
        office.outcome(stale).detail == "Phone: approved against 555-0001, now 555-0199; nothing was written"
    )


def test_another_field_that_moved_does_not_stop_a_change(office: Office) -> None:
    change = office.update("Customer 01", Phone="555-7777")
    office.company.edit("Customer", "Customer 01", Fax="555-0999")
    office.pushed(change)
    office.call()
    assert office.state(change) == "applied"
    assert office.customer("Customer 01")["Fax"] == "555-0999"


@pytest.mark.parametrize("who", ["the push", "the server"])
def test_a_request_that_was_changed_in_the_store_stops_the_push(office: Office, who: str) -> None:
    first = office.update("Customer 01", Phone="555-7777")
    second = office.update("Customer 02", Phone="555-8888")
    changeset = office.queued(first, second)
    engine, table = office.workspace.store.engine, qbwc_store.requests
    with qbwc_store.writing(engine) as connection:
        row = connection.execute(select(table).where(table.c.change_id == first.id)).mappings().one()
        body = row["body"].replace("555-7777", "555-6666")
        assert body != row["body"]
        connection.execute(update(table).where(table.c.id == row["id"]).values(body=body))
    if who == "the server":
        office.call()
    office.advance(changeset)
    office.call()

    phones = [office.customer(name)["Phone"] for name in ("Customer 01", "Customer 02")]
    stopped = ledger.push_row(office.workspace.store, changeset.id)
    assert stopped is not None
    assert stopped.stopped is not None
    assert "the request for Customer 'Customer 01' was changed in the queue" in stopped.stopped
    if who == "the server":
        assert (phones, office.state(first, second)) == (["555-0001", "555-8888"], ["failed", "applied"])
    else:
        assert (phones, office.state(first, second)) == (["555-0001", "555-0002"], ["skipped", "skipped"])


def test_an_answer_that_was_changed_in_the_store_is_not_believed(office: Office) -> None:
    change = office.create("Customer", "001A", Name="Dogwood")
    changeset = office.queued(change)
    office.call()
    victim = office.customer("Customer 07")["ListID"]
    table = qbwc_store.requests
    with qbwc_store.writing(office.workspace.store.engine) as connection:
        row = connection.execute(select(table).where(table.c.change_id == change.id)).mappings().one()
        told = qbwc_store.load(row["answer"]) | {"ListID": victim}
        values = {"answer": qbwc_store.dump(told)}
        connection.execute(update(table).where(table.c.id == row["id"]).values(**values))
    office.advance(changeset)
    found = office.outcome(change)
    assert (found.state, found.record) == ("unknown", None)
    assert found.detail is not None
    assert "is not as QuickBooks told it" in found.detail
    assert "workbench settle" in found.detail
    stopped = ledger.push_row(office.workspace.store, changeset.id)
    assert stopped is not None
    assert stopped.stopped is not None
    assert crosswalk.pairs(office.workspace.store) == []


def test_a_request_that_is_gone_stops_the_push_and_is_for_a_person(office: Office) -> None:
    first = office.update("Customer 01", Phone="555-7777")
    second = office.update("Customer 02", Phone="555-8888")
    changeset = office.queued(first, second)
    table = qbwc_store.requests
    with qbwc_store.writing(office.workspace.store.engine) as connection:
        connection.execute(delete(table).where(table.c.change_id == first.id))
    office.advance(changeset)
    assert office.state(first, second) == ["unknown", "skipped"]
    assert "its request is gone from the queue" in str(office.outcome(first).detail)


def test_the_key_of_the_seal_is_made_once_and_never_in_the_store(office: Office) -> None:
    data = office.workspace.profile.data
    key = seal_key(office.workspace.profile)
    assert seal_key(office.workspace.profile) == key
    assert (data / "queue.key").read_text(encoding="utf-8").strip().encode() == key
    office.queued(office.update("Customer 01", Phone="555-7777"))
    office.workspace.close()
    assert all(key not in path.read_bytes() for path in data.glob("store.sqlite*"))


def test_a_refusal_of_quickbooks_is_a_failure_with_its_code(office: Office) -> None:
    change = office.create("Customer", "001A", Name="Rope Maker")
    office.pushed(change)
    row = office.outcome(change)
    assert row.state == "failed"
    assert str(row.detail).startswith("3100: ")


def test_a_new_customer_and_its_job_are_linked_with_their_sources(office: Office) -> None:
    customer = office.create("Customer", "001A", Name="Dogwood")
    job = office.create("Customer", "003A", Name="Dora", ParentRef_ListID=Answer(customer.id, "ListID"))
    office.pushed(customer, job)

    assert office.state(customer, job) == ["applied", "applied"]
    assert "Dogwood:Dora" in office.names()
    pairs = {row["salesforce_id"]: row["quickbooks_id"] for row in crosswalk.pairs(office.workspace.store)}
    assert pairs == {
        "001A": office.customer("Dogwood")["ListID"],
        "003A": office.customer("Dogwood:Dora")["ListID"],
    }


def test_what_waits_for_a_refused_change_is_never_sent(office: Office) -> None:
    customer = office.create("Customer", "001A", Name="Rope Maker")
    job = office.create("Customer", "003A", Name="Dora", ParentRef_ListID=Answer(customer.id, "ListID"))
    office.pushed(customer, job)
    assert office.state(customer) == "failed"
    assert office.state(job) in ("skipped", "failed")
    assert not [name for name in office.names() if "Dora" in name]
    assert crosswalk.pairs(office.workspace.store) == []


def test_an_invoice_and_its_lines_are_linked(office: Office) -> None:
    (item,) = office.company.records("ItemService")
    invoice = office.create(
        "Invoice",
        "006A",
        {"ItemRef_ListID": item["ListID"], "Quantity": Decimal(2), "Rate": Decimal("80.00")},
        {"ItemRef_ListID": item["ListID"], "Quantity": Decimal("1.5"), "Rate": Decimal("12.34567")},
        CustomerRef_ListID=office.customer("Customer 01")["ListID"],
    )
    office.pushed(invoice)

    row = office.outcome(invoice)
    assert (row.state, row.detail) == ("applied", None)
    assert row.read_back is not None
    assert decode(row.read_back["Subtotal"]) == Decimal("178.52")
    pairs = {one["salesforce_id"]: one["quickbooks_id"] for one in crosswalk.pairs(office.workspace.store)}
    assert pairs["006A"] == row.record
    lines = [line["TxnLineID"] for line in row.read_back["lines"]]
    assert [pairs["006A line 1"], pairs["006A line 2"]] == lines
    assert len(set(lines)) == 2


def test_a_field_is_cleared(office: Office) -> None:
    change = office.update("Customer 01", Phone=None)
    office.pushed(change)
    assert (office.state(change), office.customer("Customer 01").get("Phone")) == ("applied", None)


class Mangled:
    """QuickBooks, with an answer that shows something else than was sent."""

    def __init__(self, session: Any, before: str, after: str) -> None:
        self._session, self._before, self._after = session, before, after

    def process(self, text: str) -> str:
        return str(self._session.process(text)).replace(self._before, self._after)


def mangle(office: Office, before: str, after: str) -> None:
    office.connector.open = lambda company: Mangled(company.session(owner_id=OWNER), before, after)


def test_a_record_that_came_back_otherwise_is_a_failure(office: Office) -> None:
    change = office.update("Customer 01", Phone="555-7777")
    mangle(office, "<Phone>555-7777</Phone>", "<Phone>555-7770</Phone>")
    office.pushed(change)
    row = office.outcome(change)
    assert (row.state, row.detail) == ("failed", "Phone: sent 555-7777, QuickBooks holds 555-7770")


def test_a_field_that_was_to_be_cleared_and_was_not_is_a_failure(office: Office) -> None:
    change = office.update("Customer 01", Phone=None)
    mangle(office, "<IsActive>true</IsActive>", "<IsActive>true</IsActive><Phone>555-0001</Phone>")
    office.pushed(change)
    row = office.outcome(change)
    assert (row.state, row.detail) == ("failed", "Phone: sent (empty), QuickBooks holds 555-0001")


def test_a_line_that_came_back_otherwise_is_a_failure(office: Office) -> None:
    (item,) = office.company.records("ItemService")
    invoice = office.create(
        "Invoice",
        "006A",
        {"ItemRef_ListID": item["ListID"], "Quantity": Decimal(2), "Rate": Decimal("80.00")},
        CustomerRef_ListID=office.customer("Customer 01")["ListID"],
    )
    mangle(office, "<Rate>80</Rate>", "<Rate>81</Rate>")
    office.pushed(invoice)
    row = office.outcome(invoice)
    assert (row.state, row.detail) == ("failed", "line 1 Rate: sent 80.00, QuickBooks holds 81")


@pytest.mark.parametrize("step", ["send", "run", "receive"])
def test_a_lost_answer_is_recovered_without_writing_twice(office: Office, step: str) -> None:
    add = office.create("Customer", "001A", Name="Dogwood")
    mod = office.update("Customer 01", Phone="555-7777")
    changeset = office.queued(add, mod)
    office.connector.fault = gone_when(step)
    with pytest.raises(Gone):
        office.call()
    office.advance(changeset)
    assert set(office.state(add, mod)) <= {"waiting", "unknown", "applied"}

    for _ in range(2):
        office.call()
        office.advance(changeset)
    assert office.state(add, mod) == ["applied", "applied"]
    assert office.names().count("Dogwood") == 1
    assert len(crosswalk.pairs(office.workspace.store)) == 1


def test_a_request_that_is_cancelled_is_skipped(office: Office) -> None:
    change = office.update("Customer 01", Phone="555-7777")
    changeset = office.queued(change)
    office.workspace.queue.cancel([str(office.outcome(change).request)], "no longer wanted")
    office.call()
    office.advance(changeset)
    assert office.state(change) == "skipped"
    assert "no longer wanted" in str(office.outcome(change).detail)
    assert office.customer("Customer 01")["Phone"] == "555-0001"


def test_after_the_approval_expired_quickbooks_gets_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = office.update("Customer 01", Phone="555-7777")
    changeset = office.queued(change)
    office.connector.calls.clock = lambda: now() + timedelta(days=30)
    office.call()
    office.advance(changeset)
    assert office.customer("Customer 01")["Phone"] == "555-0001"
    assert office.state(change) in ("skipped", "failed")


def test_a_change_set_is_pushed_once_by_two_presses_of_the_button(office: Office) -> None:
    changeset = office.queued(office.update("Customer 01", Phone="555-7777"))
    with pytest.raises(ApprovalError):
        push.start(office.workspace, changeset, by="maria")
    assert len(ledger.outcomes(office.workspace.store, changeset.id)) == 1


# --- the dry run and the prediction ------------------------------------------------------------------------


def test_the_dry_run_shows_the_requests_and_sends_nothing(office: Office) -> None:
    customer = office.create("Customer", "001A", Name="Dogwood & Sons")
    job = office.create("Customer", "003A", Name="Dora", ParentRef_ListID=Answer(customer.id, "ListID"))
    mod = office.update("Customer 01", Phone="555-7777")
    held = replace(office.update("Customer 02", Phone="1"), hold="too long")
    changeset = push_set(customer, job, mod, held)

    shown = {each.change: each.text for each in push.preview(changeset, changeset.by_id)}
    assert "<Name>Dogwood &amp; Sons</Name>" in shown[customer.id]
    assert "CustomerAdd" in shown[customer.id]
    assert "<ListID>{ListID}</ListID>" in shown[job.id]
    assert f"<EditSequence>{mod.version}</EditSequence>" in shown[mod.id]
    assert "<Phone>555-7777</Phone>" in shown[mod.id]
    assert shown[held.id] == "held: too long"
    assert [row for row in office.requests() if row.kind == "write"] == []


def test_the_dry_run_shows_what_is_approved_only(office: Office) -> None:
    one, other = office.update("Customer 01", Phone="1"), office.update("Customer 02", Phone="2")
    changeset = push_set(one, other)
    assert [each.change for each in push.preview(changeset, [other.id])] == [other.id]
    assert push.preview(changeset, []) == []


def push_set(*changes: Change) -> ChangeSet:
    return ChangeSet(header={}, changes=changes)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"Name": "Dogwood"}, ""),
        ({"Name": "D" * 41}, ""),
        ({"Name": "D" * 42}, "Name"),
        ({"Name": "\u4e2d\u6587"}, "Name"),
        ({"Name": "A: B"}, "Name"),
        ({"Name": "Dogwood", "Phone": "5" * 22}, "Phone"),
        ({"Name": "Caf\u00e9 \u20ac"}, ""),
    ],
)
def test_what_quickbooks_would_refuse_or_mangle_is_predicted(
    office: Office, values: dict[str, Any], says: str
) -> None:
    said = push.refusal(office.create("Customer", "001A", **values))
    assert bool(said) == bool(says), said
    assert says in said


def test_nothing_is_predicted_for_the_other_side_or_a_held_change(office: Office) -> None:
    change = office.create("Customer", "001A", Name="D" * 42)
    assert push.refusal(replace(change, side="salesforce")) == ""
    assert push.refusal(replace(change, hold="held already")) == ""
