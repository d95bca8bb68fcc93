"""Work that is being prepared, and work that the server finds by itself."""

import threading

import pytest

from qbwc import queue, store
from qbwc.session import Desk, Limits
from tests.unit.qbwc_server.qbwc_driver import (
    Clock,
    add,
    make_office,
)


def test_the_web_connector_waits_while_work_is_prepared(office):
    queue.preparing(office.engine, "alpine", seconds=60)
    waits = []

    def prepare():
        waits.append(1)
        if len(waits) == 3:
            office.enqueue(add("Prepared", request_id="prepared"))
            queue.prepared(office.engine, "alpine")

    office.connector.wait = prepare
    log = office.connector.update()
    assert (len(waits), log.errors, log.percents[-1]) == (3, [], 100)
    assert office.state("prepared") == "answered"


def test_work_that_comes_within_a_moment_is_waited_for_in_the_call(tmp_path):
    office = make_office(tmp_path, limits=Limits(linger_seconds=30))
    queue.preparing(office.engine, "alpine", seconds=60)

    def prepare():
        office.enqueue(add("Prepared", request_id="prepared"))
        queue.prepared(office.engine, "alpine")

    timer = threading.Timer(0.3, prepare)
    office.connector.wait = lambda: pytest.fail("QBWC was asked to wait")
    timer.start()
    log = office.connector.update()
    timer.join()
    assert (log.errors, log.percents[-1]) == ([], 100)
    assert office.state("prepared") == "answered"


def test_nothing_that_is_prepared_after_all_ends_the_call_at_once(tmp_path):
    office = make_office(tmp_path, limits=Limits(linger_seconds=30))
    queue.preparing(office.engine, "alpine", seconds=60)
    timer = threading.Timer(0.3, queue.prepared, [office.engine, "alpine"])
    office.connector.wait = lambda: pytest.fail("QBWC was asked to wait")
    timer.start()
    assert office.connector.update().percents == [100]
    timer.join()


def test_waiting_has_a_bound(tmp_path):
    office = make_office(tmp_path, limits=Limits(waits=4, linger_seconds=0))
    queue.preparing(office.engine, "alpine", seconds=10_000)
    waits = []
    office.connector.wait = lambda: waits.append(1)
    log = office.connector.update()
    assert (len(waits), log.errors, log.percents) == (4, [], [100])


def test_who_prepares_and_dies_is_waited_for_at_most_15_minutes(tmp_path):
    clock = Clock()
    office = make_office(tmp_path, clock=clock)
    queue.preparing(office.engine, "alpine", seconds=10**6, now=clock.now)
    assert office.desk.authenticate("maria", "correct horse")[1] == office.connector.path
    clock.pass_time(minutes=15)
    assert office.desk.authenticate("maria", "correct horse")[1] == "none"


def test_the_standing_pull_is_queued_when_it_is_due(tmp_path):
    clock = Clock()
    clock.now = store.now()
    office = make_office(tmp_path, clock=clock)
    queue.standing(office.engine, "alpine", [queue.QueryRequest(entity="Customer")], 60)
    assert office.connector.update().verdict == office.connector.path
    (row,) = queue.requests(office.engine, "alpine")
    assert (row.state, row.group.split("-")[0]) == ("answered", "standing")
    clock.pass_time(minutes=59)
    assert office.connector.update().verdict == "none"
    clock.pass_time(minutes=1)
    assert office.connector.update().verdict == office.connector.path
    queue.standing(office.engine, "alpine", [], 60)
    clock.pass_time(days=1)
    assert office.connector.update().verdict == "none"
    assert len(queue.requests(office.engine, "alpine")) == 2


def test_a_pull_that_a_person_asked_for_counts_as_the_last_one(office):
    queue.standing(office.engine, "alpine", [queue.QueryRequest(entity="Vendor")], 60)
    office.enqueue(queue.QueryRequest(entity="Customer"))
    office.connector.update()
    assert office.connector.update().verdict == "none"
    assert [row.entity for row in queue.requests(office.engine, "alpine")] == ["Customer"]


# --- the store is out of reach -------------------------------------------------------------------------


def test_a_store_out_of_reach_is_told_without_a_fault(tmp_path):
    engine = store.open_store(f"sqlite:///{tmp_path / 'gone' / 'store.sqlite'}")
    (tmp_path / "gone").rmdir()
    desk = Desk(engine)
    ticket, verdict = desk.authenticate("maria", "correct horse")
    assert verdict == "busy"
    assert desk.send_request(ticket, "", "", "", 13, 0) == ""
    assert desk.receive_response(ticket, "<QBXML/>", "", "") == -1
    assert "The store did not take this" in desk.last_error(ticket)
    assert "The store did not take this" in desk.close(ticket)
