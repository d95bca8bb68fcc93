"""Stories of sessions: the real desk, store and company file, with the Web Connector played by the test."""

from qbwc import queue, tape, users
from tests.unit.qbwc_server.qbwc_driver import OTHER_FILE, Connector, add, make_office, mod


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
