"""What waits in the queue is sealed: what somebody changes in the store is not sent, and the row says why."""

import pytest
from sqlalchemy import insert, select, update

from qbwc import queue, store
from tests.unit.qbwc_server.qbwc_driver import SEAL_KEY, add, invoice, lose_everything, mod

BODY = '{"fields":{"Name":"Once","Phone":"666"},"probe":{"FullName":"Once"}}'

#  what somebody changes                 values                                      says
CHANGED = [
    ("the values", {"body": BODY}, "not as it was queued"),
    ("what it does", {"action": "delete"}, "not as it was queued"),
    ("of what kind", {"entity": "Vendor"}, "not as it was queued"),
    ("until when it may go", {"not_after": None}, "not as it was queued"),
    ("the change it carries out", {"change_id": "ch-other"}, "not as it was queued"),
    ("the seal", {"seal": "0" * 64}, "not as it was queued"),
    ("nonsense", {"body": "{nonsense"}, "not as it was queued"),
    ("names that nobody knows", {"body": '{"nosuch":1}'}, "not as it was queued"),
    ("a query of it", {"kind": "query"}, "not as it was queued"),
    ("no seal at all", {"seal": None}, "has no seal"),
]


def change(office, request, **values):
    with store.writing(office.engine) as connection:
        connection.execute(update(store.requests).where(store.requests.c.id == request).values(**values))


@pytest.mark.parametrize(("what", "values", "says"), CHANGED, ids=[row[0] for row in CHANGED])
def test_what_was_changed_in_the_store_is_not_sent(office, what, values, says):
    until = store.now().replace(year=2999)
    request, other = office.enqueue(
        queue.WriteRequest(
            entity="Customer",
            action="add",
            fields={"Name": "Once"},
            probe={"FullName": "Once"},
            not_after=until,
            change_id="ch-1",
        ),
        add("Beside"),
    )
    assert office.row(request).broken is None
    change(office, request, **values)
    assert says in office.row(request).broken
    before = office.customers()
    office.connector.update()
    row = office.row(request)
    assert (row.state, row.attempts) == ("failed", 0)
    assert row.error.startswith("it was not sent: ")
    assert says in row.error
    assert office.state(other) == "answered"
    assert office.customers() == [*before, "Beside"]


def test_of_a_kind_that_nobody_knows_it_is_not_waited_for(office):
    (request,) = office.enqueue(add("Once"))
    change(office, request, kind="Write")
    assert "not as it was queued" in office.row(request).broken
    assert office.connector.update().verdict == "none"
    assert office.customers().count("Once") == 0


@pytest.mark.parametrize("how", ["answered", "cancelled"])
def test_what_is_over_does_not_go_again(office, how):
    (request,) = office.enqueue(add("Once"))
    if how == "cancelled":
        queue.cancel(office.engine, [request], "not now")
    office.connector.update()
    before = office.customers().count("Once")
    office.company.edit("Customer", "Once", Name="Another") if before else None
    change(office, request, state="queued", answer=None)
    office.connector.update()
    assert office.state(request) == "failed"
    assert "has no seal" in office.row(request).error
    assert office.customers().count("Once") == 0


def test_what_it_needs_is_sealed_too(office):
    first, second = office.enqueue(add("First", request_id="first"), add("Second"))
    with store.writing(office.engine) as connection:
        connection.execute(insert(store.needs).values(request_id=second, parent_id=first))
    office.connector.update()
    assert (office.state(first), office.state(second)) == ("answered", "failed")


def test_an_answer_that_was_changed_fills_nothing(office):
    victim = office.customer("Customer 07")
    (parent,) = office.enqueue(add("Payer", request_id="payer"))
    office.connector.update()
    child = invoice({"ListID": {"$answer": parent, "field": "ListID"}}, "77")
    (request,) = office.enqueue(child)
    change(office, parent, answer=store.dump({"ListID": victim["ListID"], "FullName": "Payer"}))
    office.connector.update()
    row = office.row(request)
    assert row.state == "failed"
    assert "the answer to payer is not as QuickBooks told it" in row.error
    assert "not as QuickBooks told it" in office.row(parent).broken
    assert list(office.company.records("Invoice")) == []


def test_an_answer_that_nobody_can_read_any_more_is_told(office):
    (parent,) = office.enqueue(add("Payer", request_id="payer"))
    office.connector.update()
    (request,) = office.enqueue(invoice({"ListID": {"$answer": parent, "field": "ListID"}}, "77"))
    change(office, parent, answer="{nonsense")
    assert "not as QuickBooks told it" in office.row(parent).broken
    assert office.row(parent).answer is None
    office.connector.update()
    assert office.state(request) == "failed"


def test_an_answer_that_was_not_changed_fills_what_needs_it(office):
    parent, request = office.enqueue(
        add("Payer", request_id="payer"), invoice({"ListID": {"$answer": "payer", "field": "ListID"}}, "77")
    )
    office.connector.update()
    assert (office.state(parent), office.state(request)) == ("answered", "answered")


def test_an_edit_sequence_that_nobody_told_is_not_used(office):
    record = office.customer("Customer 01")
    (request,) = office.enqueue(mod(record, expected={"Phone": record["Phone"]}, Phone="555-9"))
    office.company.edit("Customer", "Customer 01", Phone="555-5")  # it would be stale
    change(office, request, edit_sequence=office.customer("Customer 01")["EditSequence"])
    office.connector.update()
    row = office.row(request)
    assert row.state == "failed"
    assert "its EditSequence is not the one that QuickBooks told" in row.error
    assert office.customer("Customer 01")["Phone"] == "555-5"


def test_a_lost_answer_of_a_request_that_was_changed_is_for_a_person(office):
    (request,) = office.enqueue(add("Once"))
    lose_everything(office, "send")
    change(office, request, body=BODY)
    office.connector.update()
    assert office.state(request) == "unknown"
    assert "not as it was queued" in office.row(request).error
    assert office.customers().count("Once") == 0


def test_without_a_key_nothing_is_sealed_and_nothing_refused(office):
    plain = store.open_store(str(office.engine.url))
    (request,) = queue.enqueue(plain, "alpine", [add("Once")])
    with store.reading(plain) as connection:
        assert connection.execute(select(store.requests.c.seal)).scalar_one() is None
    (row,) = queue.requests(plain, ids=[request])
    assert row.broken is None
    office.connector.update()  # its server has a key
    assert office.state(request) == "failed"
    assert "has no seal" in office.row(request).error


def test_a_short_key_is_refused(office):
    with pytest.raises(ValueError, match="a key of 5 bytes seals nothing"):
        queue.seal_with(office.engine, SEAL_KEY[:5])
