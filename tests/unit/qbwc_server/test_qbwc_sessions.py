"""Stories of sessions: what is read, what is written, in which order, and what is stopped."""

from datetime import timedelta

import pytest

from qbwc import queue, tape
from qbwc.errors import QueueError
from qbwc.session import Desk, Limits
from tests.unit.qbwc_server.qbwc_driver import (
    NOON,
    Clock,
    add,
    lose_everything,
    make_office,
)


def test_pull_and_write_in_one_session(office):
    (read,) = office.enqueue(queue.QueryRequest(entity="Customer", group="pull-1", max_returned=3))
    (write,) = office.enqueue(add("Newcomer", Phone="555-9999"))
    log = office.connector.update()
    assert log.verdict == office.connector.path
    assert office.state(read, write) == ["answered", "answered"]
    # Writes go before pulls, so the pull sees what was written: 8 customers in pages of 3.
    pages = list(tape.pages(office.engine, group="pull-1"))
    assert [page.records for page in pages] == [3, 3, 2]
    assert [page.final for page in pages] == [False, False, True]
    assert office.row(read).progress == queue.Progress(records=8, total=8)
    assert office.row(write).answer["FullName"] == "Newcomer"
    assert office.row(write).answer["EditSequence"] == office.customer("Newcomer")["EditSequence"]
    assert log.percents[-1] == 100
    assert all(percent < 100 for percent in log.percents[:-1])
    assert log.farewell == "OK: 2 requests settled."


def test_nothing_to_do_is_none(office):
    log = office.connector.update()
    assert (log.verdict, log.sent) == ("none", [])
    assert log.farewell == "OK"


def test_lists_without_pages_share_a_set_and_one_document(office):
    office.enqueue(*(queue.QueryRequest(entity=name, group="p") for name in ("Terms", "Account", "Employee")))
    log = office.connector.update()
    assert len(log.sent) == 1
    pages = list(tape.pages(office.engine, group="p"))
    assert [(page.entity, page.records) for page in pages] == [("Terms", 0), ("Account", 2), ("Employee", 0)]
    assert len({page.document for page in pages}) == 1


def test_a_query_that_matches_nothing_is_an_empty_page(office):
    (read,) = office.enqueue(queue.QueryRequest(entity="Customer", from_modified="2099-01-01T00:00:00"))
    office.connector.update()
    row = office.row(read)
    assert (row.state, row.status_code, row.progress.records) == ("answered", 1, 0)
    assert [page.records for page in tape.pages(office.engine, request_id=read)] == [0]


def test_a_thousand_writes_take_at_most_twelve_round_trips(office):
    ids = office.enqueue(*(add(f"Bulk {number:04}") for number in range(1000)))
    log = office.connector.update()
    assert set(office.state(*ids)) == {"answered"}
    assert len(log.sent) <= 12


def test_a_refused_write_does_not_stop_the_others_of_its_set(office):
    first, clash, last = office.enqueue(add("A"), add("Rope Maker"), add("B"))
    log = office.connector.update()
    assert office.state(first, clash, last) == ["answered", "failed", "answered"]
    row = office.row(clash)
    assert row.status_code == 3100
    assert "match it" in row.error
    assert log.farewell == "OK: 3 requests settled, 1 not as wished; see the workbench."


def test_percentages_rise_and_reach_100_only_at_the_end(office):
    office.connector.calls = office.desk = Desk(office.engine, limits=Limits(writes=1))
    office.enqueue(*(add(f"C{number}") for number in range(4)))
    log = office.connector.update()
    # Four writes, then QuickBooks forgets the four kept answers: nothing is left to send only after those.
    assert log.percents == [25, 50, 75, 99, 99, 99, 99, 100]


# --- dependencies --------------------------------------------------------------------------------------


def customer_of(parent):
    return {"$answer": parent, "field": "ListID"}


def test_a_job_is_sent_after_its_customer_with_its_new_id(office):
    parent, child = office.enqueue(
        add("Parent", request_id="parent"),
        queue.WriteRequest(
            id="child",
            entity="Customer",
            action="add",
            fields={"Name": "Job", "ParentRef_ListID": customer_of("parent")},
            probe={"FullName": "Parent:Job"},
        ),
    )
    log = office.connector.update()
    assert office.state(parent, child) == ["answered", "answered"]
    assert "Parent:Job" in office.customers()
    assert "Job" not in log.sent[0]


def test_the_order_in_the_queue_does_not_matter_within_a_call(office):
    child, parent = office.enqueue(
        queue.WriteRequest(
            id="child",
            entity="Customer",
            action="add",
            fields={"Name": "Job", "ParentRef_ListID": customer_of("parent")},
        ),
        add("Parent", request_id="parent"),
    )
    office.connector.update()
    assert office.state(child, parent) == ["answered", "answered"]


def test_what_needs_a_failed_request_is_cancelled_and_says_why(office):
    office.enqueue(
        add("Rope Maker", request_id="parent"),
        queue.WriteRequest(
            id="child",
            entity="Customer",
            action="add",
            fields={"Name": "Job", "ParentRef_ListID": customer_of("parent")},
        ),
        queue.WriteRequest(
            id="grandchild",
            entity="Customer",
            action="add",
            fields={"Name": "Part", "ParentRef_ListID": customer_of("child")},
        ),
        add("Bystander", request_id="bystander"),
    )
    office.connector.update()
    assert office.state("parent", "child", "grandchild") == ["failed", "cancelled", "cancelled"]
    assert office.state("bystander") == "answered"
    assert office.row("child").error.startswith("parent failed: QuickBooks 3100")
    assert "child was cancelled: parent failed" in office.row("grandchild").error


def test_what_needs_an_unknown_request_waits_for_a_person(office):
    office.enqueue(
        add("Lost", request_id="lost", probe=False),
        queue.WriteRequest(
            id="child",
            entity="Customer",
            action="add",
            fields={"Name": "Job", "ParentRef_ListID": customer_of("lost")},
        ),
    )
    lose_everything(office, "send")
    assert office.connector.update().farewell == "OK: 1 request settled, 1 not as wished; see the workbench."
    assert office.state("lost", "child") == ["unknown", "queued"]
    assert office.connector.update().verdict == "none"

    office.company.add("Customer", Name="Lost")
    queue.resolve(office.engine, "lost", "applied", "seen by maria", answer=office.customer("Lost"))
    office.connector.update()
    assert office.state("lost", "child") == ["answered", "answered"]
    assert "Lost:Job" in office.customers()


def test_a_person_says_that_it_did_not_happen(office):
    office.enqueue(
        add("Lost", request_id="lost", probe=False), queue.WriteRequest(
            id="child", entity="Customer", action="add",
            fields={"Name": "Job", "ParentRef_ListID": customer_of("lost")},
        ),
    )  # fmt: skip
    lose_everything(office, "send")
    office.connector.update()
    queue.resolve(office.engine, "lost", "failed", "not in the list")
    assert office.state("lost", "child") == ["failed", "cancelled"]
    with pytest.raises(QueueError, match="is failed; only an unknown one"):
        queue.resolve(office.engine, "lost", "applied", "changed my mind")


def test_an_answer_without_the_field_fails_the_one_that_needs_it(office):
    office.enqueue(
        add("Parent", request_id="parent"),
        queue.WriteRequest(
            id="child",
            entity="Customer",
            action="add",
            fields={"Name": "Job", "Phone": {"$answer": "parent", "field": "Fax"}},
        ),
    )
    office.connector.update()
    assert office.state("parent", "child") == ["answered", "failed"]
    assert office.row("child").error == "it needs Fax of the answer to parent, which has none"


# --- cancel and expire ---------------------------------------------------------------------------------


def test_a_cancelled_request_never_leaves(office):
    keep, stop = office.enqueue(add("Keep"), add("Stop"))
    assert queue.cancel(office.engine, [stop, keep, "no such"][:1], "the review was withdrawn") == [stop]
    office.connector.update()
    assert office.state(keep, stop) == ["answered", "cancelled"]
    assert office.row(stop).error == "the review was withdrawn"
    assert "Stop" not in office.customers()


def test_a_request_that_has_left_is_not_cancelled(office):
    (sent,) = office.enqueue(add("Away"))
    lose_everything(office, "run")
    assert queue.cancel(office.engine, [sent], "too late") == []
    office.connector.update()
    assert office.state(sent) == "answered"


#  why                     sent at, from noon          state
EXPIRY = [
    ("before", timedelta(seconds=-1), "answered"),
    ("at the very moment", timedelta(0), "answered"),
    ("after", timedelta(seconds=1), "cancelled"),
]


@pytest.mark.parametrize(("why", "late", "state"), EXPIRY, ids=[row[0] for row in EXPIRY])
def test_expiry_is_checked_when_a_request_leaves(tmp_path, why, late, state):
    clock = Clock()
    clock.now = NOON - timedelta(hours=1)
    office = make_office(tmp_path, clock=clock)
    (request,) = office.enqueue(
        queue.WriteRequest(entity="Customer", action="add", fields={"Name": "Timely"}, not_after=NOON)
    )
    clock.now = NOON + late
    log = office.connector.update()
    assert office.state(request) == state
    assert ("Timely" in office.customers()) == (state == "answered")
    # Nothing was left to send: the session still ends without an error.
    assert log.errors == []
    assert log.percents[-1] == 100
