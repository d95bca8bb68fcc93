"""Every mishap that the pretend Web Connector can have, against the real server.

However it goes wrong, a write is there once, or waits for a person as `unknown`; it is never there twice, and
an answer that says "applied" is never wrong.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from simulator_office import COMPANY, Office
from simulator_world import OWNER, World

from qbwc import queue, tape
from qbwc.qbxml import parse_records
from qbwc.simulator import Fault, WebConnector
from qbwc.simulator.faults import HRESULTS

pytestmark = pytest.mark.long


def dogwood(office: Office, *, probe: bool = True, name: str = "Dogwood") -> str:
    """A customer to add, that a probe can find again."""
    found = {"FullName": name} if probe else None
    (identity,) = office.enqueue(
        queue.WriteRequest(entity="Customer", action="add", fields={"Name": name}, probe=found)
    )
    return identity


def count(office: Office, name: str = "Dogwood") -> int:
    return [row["Name"] for row in office.world.company.records("Customer")].count(name)


#    kind                 outcome of the update that it strikes
KINDS = [
    ("crash_before_work",  "crashed"),
    ("lose_answer",        "crashed"),
    ("drop_reply",         "crashed"),
    ("drop_call",          "crashed"),
    ("duplicate",          None),
    ("authenticate_twice", None),
    ("send_twice",         None),
    ("hresult_before",     None),
    ("hresult_after",      None),
    ("new_session",        "done"),
    ("closed",             None),
    ("slow",               "done"),
    ("modal",              "failed"),
    ("cannot_open",        "failed"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "outcome"), KINDS)
def test_whatever_goes_wrong_the_customer_is_there_once(
    office: Office, kind: Any, outcome: str | None
) -> None:
    identity = dogwood(office)
    log = office.update(Fault(kind=kind))
    assert outcome in (None, log.outcome)
    office.settle()
    assert (count(office), office.row(identity).state) == (1, "answered")


@pytest.mark.parametrize("kind", ["lose_answer", "drop_call", "hresult_after", "closed", "send_twice"])
def test_what_cannot_be_found_again_is_never_sent_twice(office: Office, kind: Any) -> None:
    """QuickBooks forgot its stored answers, and no probe tells: a person must look."""
    identity = dogwood(office, probe=False)
    office.update(Fault(kind=kind))
    with office.world.company._books.change():
        office.world.company._books.run("delete from message_sets")
    office.settle()
    state = office.row(identity).state
    assert (state, count(office)) in (("unknown", 1), ("unknown", 0), ("answered", 1))


#    when the processing fails    what it tells
WHILE_OUT: list[tuple[Any, str]] = [
    *(("hresult_before", each) for each in sorted(HRESULTS)),
    # A parse error after the work was done cannot be.
    *(("hresult_after", each) for each in ("0x80040401", "0x80040402", "0x80010105")),
]  # fmt: skip


def test_each_hresult_while_a_write_is_out(office: Office) -> None:
    """Only the parse error says that nothing ran; after any other the server looks before it sends again."""
    for kind, hresult in WHILE_OUT:
        name = f"{kind} {hresult}"
        identity = dogwood(office, name=name)
        office.update(Fault(kind=kind, hresult=hresult))
        office.settle()
        expected = ("failed", 0) if hresult == "0x80040400" else ("answered", 1)
        assert (office.row(identity).state, count(office, name)) == expected, name


def test_each_reason_why_the_company_file_does_not_open(office: Office) -> None:
    identity = dogwood(office)
    for hresult in sorted(HRESULTS.keys() - {"0x80040400", "0x80040402", "0x80010105"}):
        log = office.update(Fault(kind="cannot_open", hresult=hresult))
        assert (log.outcome, log.operations.count("sendRequestXML")) == ("failed", 0), hresult
        assert log.operations.count("connectionError") <= 3, hresult
        assert log.operations[-1] == "closeConnection", hresult
        assert (office.row(identity).state, count(office)) == ("queued", 0), hresult
    office.settle()
    assert count(office) == 1


def test_another_company_file_is_open(office: Office, tmp_path: Path) -> None:
    office.enqueue(queue.QueryRequest(entity="Employee"))
    office.update()  # pairs the file
    identity = dogwood(office)
    (tmp_path / "other").mkdir()
    stranger = World(tmp_path / "other")
    stranger.company.stamp(OWNER, OWNER)
    log = office.update(Fault(kind="other_company", other=stranger.company))
    assert (log.outcome, log.exchanges) == ("failed", [])
    assert "Wrong company file" in log.message
    office.settle()
    assert (count(office), office.row(identity).state) == (1, "answered")
    assert "Dogwood" not in {row["Name"] for row in stranger.company.records("Customer")}
    stranger.company.close()


@pytest.mark.parametrize("kind", ["new_session", "closed", "lose_answer", "drop_call", "crash_before_work"])
@pytest.mark.parametrize("at", [1, 2])
def test_a_pull_is_whole_though_it_broke_between_two_pages(office: Office, kind: Any, at: int) -> None:
    (identity,) = office.enqueue(queue.QueryRequest(entity="Customer", max_returned=2))
    office.update(Fault(kind=kind, at=at))
    office.settle()
    assert office.row(identity).state == "answered"
    pages = list(tape.pages(office.engine, request_id=identity))
    found = [
        str(each.fields["FullName"]) for page in pages for each in parse_records(page.document, identity)
    ]
    assert sorted(set(found)) == ["Birch", "Birch:Kitchen", "Cedar", "Gone"]


def test_slow_answers_are_waited_for(office: Office) -> None:
    waited: list[float] = []
    identity = dogwood(office)
    connector = WebConnector(
        office.world.company, office.url, "wc", "s3cret", faults=[Fault(kind="slow", seconds=90.0)],
        sleep=waited.append,
    )  # fmt: skip
    office.update()  # pairs the file, with the write
    dogwood_again = office.enqueue(queue.QueryRequest(entity="Customer"))
    started = time.monotonic()
    assert connector.update_selected().outcome == "done"
    assert (waited, time.monotonic() - started < 30) == ([90.0], True)
    assert {office.row(each).state for each in (identity, *dogwood_again)} == {"answered"}


def test_two_mishaps_in_one_session(office: Office) -> None:
    identity = dogwood(office)
    office.update(Fault(kind="authenticate_twice"), Fault(kind="duplicate"))
    office.update(Fault(kind="send_twice"), Fault(kind="lose_answer"))
    office.settle()
    assert (count(office), office.row(identity).state) == (1, "answered")
    assert queue.overview(office.engine, COMPANY).get("unknown", 0) == 0
