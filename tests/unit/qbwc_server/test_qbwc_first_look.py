"""How a record is found again: adds that waited long, jobs, transactions without a number, and evidence."""

from datetime import UTC, datetime

import pytest

from qbwc import queue, store, tape, users
from qbwc.errors import UserError
from qbwc.queue import Item
from qbwc.session.finding import probe_of, wanted_of
from tests.unit.qbwc_server.qbwc_driver import Clock, add, invoice, lose_everything, make_office


@pytest.fixture
def aged(tmp_path):
    """An office with a clock, whose queue can grow old."""
    clock = Clock()
    clock.now = store.now()
    made = make_office(tmp_path, clock=clock)
    made.clock = clock
    yield made
    made.company.close()
    made.engine.dispose()


def sets_of(log, tag):
    return [text for text in log.sent if f"<{tag}" in text]


#  waited  looked first
WAITS = [(0, False), (299, False), (301, True), (86_400, True)]


@pytest.mark.parametrize(("seconds", "first"), WAITS)
def test_an_add_that_waited_long_is_looked_for_first(aged, seconds, first):
    (request,) = aged.enqueue(add("Late"))
    aged.clock.pass_time(seconds=seconds)
    log = aged.connector.update()
    assert aged.state(request) == "answered"
    assert bool(sets_of(log, "CustomerQueryRq")) == first


def test_without_a_probe_it_just_goes(aged):
    (request,) = aged.enqueue(add("Late", probe=False))
    aged.clock.pass_time(hours=9)
    log = aged.connector.update()
    assert (aged.state(request), sets_of(log, "CustomerQueryRq")) == ("answered", [])


def test_an_invoice_that_somebody_entered_meanwhile_is_not_entered_twice(aged):
    customer = aged.customer("Customer 01")
    (request,) = aged.enqueue(invoice(customer, "77"))
    aged.company.add(
        "Invoice",
        lines=[{"ItemRef_FullName": "Guiding", "Quantity": "3", "Rate": "80.00"}],
        CustomerRef_FullName="Customer 01", RefNumber="77", TxnDate="2026-03-30",
    )  # fmt: skip
    aged.clock.pass_time(hours=9)
    log = aged.connector.update()
    row = aged.row(request)
    assert row.state == "failed"
    assert "is in QuickBooks already" in row.error
    assert "Nothing was sent" in row.error
    assert row.answer["TxnID"] == aged.company.records("Invoice")[0]["TxnID"]
    assert (len(aged.company.records("Invoice")), sets_of(log, "InvoiceAddRq")) == (1, [])


def test_the_same_number_of_another_customer_is_no_twin(aged):
    (request,) = aged.enqueue(invoice(aged.customer("Customer 01"), "77"))
    aged.company.add(
        "Invoice", lines=[{"ItemRef_FullName": "Guiding"}], CustomerRef_FullName="Customer 02",
        RefNumber="77", TxnDate="2026-03-30",
    )  # fmt: skip
    aged.clock.pass_time(hours=9)
    aged.connector.update()
    assert aged.state(request) == "answered"


def test_three_hundred_old_adds_are_looked_for_in_sets(tmp_path):
    clock = Clock()
    clock.now = store.now()
    office = make_office(tmp_path, clock=clock)
    ids = office.enqueue(*(add(f"Late {number:03}") for number in range(300)))
    clock.pass_time(hours=9)
    log = office.connector.update()
    assert set(office.state(*ids)) == {"answered"}
    assert (len(sets_of(log, "CustomerQueryRq")), len(sets_of(log, "CustomerAddRq"))) == (2, 2)


def test_an_old_add_whose_answer_was_lost_is_adopted(aged):
    (request,) = aged.enqueue(add("Late", Phone="1"))
    lose_everything(aged, "run")
    aged.clock.pass_time(hours=9)
    aged.connector.update()
    assert (aged.state(request), aged.customers().count("Late")) == ("answered", 1)


# --- keys -------------------------------------------------------------------------------------------------

PARENT = {"$answer": "p", "field": "ListID"}
ANSWERS = {"p": {"ListID": "80-1", "FullName": "Ann"}}

#  why                          probe                                            wanted
KEYS = [
    ("a full name",             {"FullName": "Ann:Job"},                         {"FullName": "Ann:Job"}),
    ("a name alone",            {"Name": "Ann"},                                 {"FullName": "Ann"}),
    ("parent by name",          {"ParentRef_FullName": "Ann", "Name": "Job"},    {"FullName": "Ann:Job"}),
    ("parent by its answer",    {"ParentRef_ListID": PARENT, "Name": "Job"},     {"FullName": "Ann:Job"}),
    ("parent by id alone",      {"ParentRef_ListID": "80-1", "Name": "Job"},     {}),
    ("nothing",                 {},                                              {}),
]  # fmt: skip


@pytest.mark.parametrize(("why", "probe", "wanted"), KEYS, ids=[row[0] for row in KEYS])
def test_the_key_of_a_job(why, probe, wanted):
    request = queue.WriteRequest(id="j", entity="Customer", action="add", fields={"Name": "Job"}, probe=probe)
    item = Item(request=request, answers=ANSWERS)
    assert wanted_of(item) == wanted
    assert (probe_of(item) is None) == (not wanted)


@pytest.mark.parametrize("step", ["send", "run", "receive"])
def test_a_job_whose_answer_was_lost_is_found_below_its_parent(office, step):
    job = queue.WriteRequest(
        id="job", entity="Customer", action="add",
        fields={"Name": "Job", "ParentRef_ListID": {"$answer": "parent", "field": "ListID"}},
        probe={"ParentRef_ListID": {"$answer": "parent", "field": "ListID"}, "Name": "Job"},
    )  # fmt: skip
    office.enqueue(add("Parent", request_id="parent"))
    office.connector.update()
    office.enqueue(job)
    lose_everything(office, step)
    office.connector.update()
    assert office.state("job") == "answered"
    assert office.customers().count("Parent:Job") == 1


def unnumbered(office, marker="wb-1"):
    customer = office.customer("Customer 01")
    return queue.WriteRequest(
        entity="Invoice", action="add",
        fields={"CustomerRef_ListID": customer["ListID"], "TxnDate": "2026-03-30", "Memo": marker},
        lines=[{"ItemRef_FullName": "Guiding", "Quantity": "2", "Rate": "80.00"}],
        probe={"Memo": marker, "CustomerRef_ListID": customer["ListID"], "TxnDate": "2026-03-30"},
    )  # fmt: skip


@pytest.mark.parametrize("step", ["send", "run", "receive"])
def test_a_transaction_without_a_number_is_found_by_its_marker(office, step):
    (request,) = office.enqueue(unnumbered(office))
    lose_everything(office, step)
    office.connector.update()
    assert office.state(request) == "answered"
    assert len(office.company.records("Invoice")) == 1


def test_its_search_reads_what_changed_since_it_left_and_has_no_bound(office):
    sent = datetime(2026, 3, 30, 12, tzinfo=UTC)
    item = Item(
        request=queue.WriteRequest(**{**_given(unnumbered(office)), "id": "x"}), answers={}, sent_at=sent
    )
    element = probe_of(item)
    assert element.findtext("ModifiedDateRangeFilter/FromModifiedDate") == "2026-03-29T23:00:00"
    assert element.find("MaxReturned") is None


def test_two_with_the_same_marker_are_for_a_person(office):
    (request,) = office.enqueue(unnumbered(office))
    lose_everything(office, "run")
    kept = office.company.records("Invoice")[0]
    office.company.add(
        "Invoice", lines=[{"ItemRef_FullName": "Guiding", "Quantity": "2", "Rate": "80.00"}],
        CustomerRef_FullName="Customer 01", TxnDate="2026-03-30", Memo=kept["Memo"],
        RefNumber=kept.get("RefNumber") or "",
    )  # fmt: skip
    office.connector.update()
    row = office.row(request)
    assert row.state == "unknown"
    assert "2 records have its key" in row.error


def _given(request):
    return {name: getattr(request, name) for name in request.__dataclass_fields__}


# --- evidence ---------------------------------------------------------------------------------------------


def test_an_unknown_says_when_and_how_it_was_sent_and_what_was_found(office):
    (request,) = office.enqueue(add("Once", Phone="555-1"))
    lose_everything(office, "send")
    office.company.add("Customer", Name="Once", Phone="999")
    sent_at = office.row(request).sent_at
    office.connector.update()
    told = office.row(request).error
    assert f"sent {sent_at:%Y-%m-%d %H:%M:%S} UTC" in told
    assert "in message set" in told
    assert "gave no stored answer" in told
    assert "{'FullName': 'Once'}" in told
    assert "Phone is '999', expected '555-1'" in told


def test_what_waits_for_an_unknown_request_says_so(office):
    parent = {"$answer": "lost", "field": "ListID"}
    office.enqueue(
        add("Lost", request_id="lost", probe=False), add("Job", request_id="job", ParentRef_ListID=parent)
    )
    lose_everything(office, "send")
    office.connector.update()
    assert office.state("lost", "job") == ["unknown", "queued"]
    assert "waits for lost, whose outcome is unknown" in office.row("job").note
    office.company.add("Customer", Name="Lost")
    queue.resolve(office.engine, "lost", "applied", "seen", answer=office.customer("Lost"))
    assert office.row("job").note is None


# --- counts and percentages -------------------------------------------------------------------------------


def test_a_count_is_asked_for_alone_and_keeps_no_page(office):
    (count,) = office.enqueue(queue.QueryRequest(entity="Customer", count_only=True))
    log = office.connector.update()
    row = office.row(count)
    assert (row.state, row.progress) == ("answered", queue.Progress(records=0, total=7))
    assert 'metaData="MetaDataOnly"' in log.sent[0]
    assert "iterator" not in log.sent[0]
    assert list(tape.pages(office.engine, request_id=count)) == []


def test_a_count_of_nothing_is_nought(office):
    (count,) = office.enqueue(
        queue.QueryRequest(entity="Customer", count_only=True, from_modified="2099-01-01T00:00:00")
    )
    office.connector.update()
    assert office.row(count).progress.total == 0


def test_percentages_follow_records_where_totals_are_known(office):
    office.enqueue(
        queue.QueryRequest(entity="Customer", max_returned=1, expected_records=7),
        queue.QueryRequest(entity="Vendor", max_returned=1, expected_records=1),
    )
    log = office.connector.update()
    assert log.percents == [12, 25, 37, 50, 62, 75, 87, 100]


def test_a_count_tells_the_queries_of_its_group_how_far_they_are(office):
    office.enqueue(
        queue.QueryRequest(entity="Customer", group="g", count_only=True, priority=1),
        queue.QueryRequest(entity="Customer", group="g", max_returned=1, id="read"),
        queue.QueryRequest(entity="Customer", group="other", id="other"),
    )
    office.connector.update()
    assert office.row("read").progress == (7, 7)


# --- a company's pace -------------------------------------------------------------------------------------


def test_a_postponed_update_gets_nothing_even_if_it_comes(aged):
    (request,) = aged.enqueue(add("Someone"))
    users.set_pace(aged.engine, "alpine", postpone_seconds=600, now=aged.clock.now)
    ticket, *told = aged.desk.authenticate("maria", "correct horse")
    assert told == ["", "600"]
    assert aged.desk.send_request(ticket, "", "", "US", 13, 0) == ""
    assert "Updates are postponed until" in aged.desk.last_error(ticket)
    assert "postponed" in aged.desk.close(ticket)
    assert aged.state(request) == "queued"
    aged.clock.pass_time(seconds=600)
    assert aged.desk.authenticate("maria", "correct horse")[1:] == [aged.connector.path]


@pytest.mark.parametrize("given", [{"postpone_seconds": 0}, {"every_seconds": -1}, {"every_seconds": 10**9}])
def test_a_pace_that_is_none(office, given):
    with pytest.raises(UserError, match="from 1 to 604800"):
        users.set_pace(office.engine, "alpine", **given)
