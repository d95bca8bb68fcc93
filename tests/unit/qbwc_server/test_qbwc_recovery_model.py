"""Whatever is lost, at whatever step, any number of times: each write happens once, or is for a person.

Hypothesis makes the writes and the faults; the company file is the judge.  Faults stop the Web Connector, the
server, or both, and QuickBooks may or may not keep the answers of its message sets.
"""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbwc import queue
from qbwc.session import Limits
from tests.unit.qbwc_server.qbwc_driver import Gone, add, forget_answers, invoice, make_office, mod

pytestmark = pytest.mark.long

FAULTS = st.lists(
    st.tuples(st.integers(1, 25), st.booleans(), st.booleans()),  # step, server restarts, answers forgotten
    max_size=4,
)
WRITES = st.lists(
    st.sampled_from(["add", "add blind", "mod", "child", "invoice", "pull"]), min_size=1, max_size=8
)


@settings(max_examples=40)
@given(writes=WRITES, faults=FAULTS, size=st.integers(1, 4))
def test_each_write_happens_once_or_is_for_a_person(writes, faults, size):
    with tempfile.TemporaryDirectory() as folder:
        office = make_office(Path(folder), limits=Limits(writes=size, attempts=30))
        try:
            ids = office.enqueue(*_requests(office, writes))
            for step, restart, forget in faults:
                _broken_session(office, step)
                if restart:
                    office.restart()
                if forget:
                    forget_answers(office.company)
            for _ in range(3):
                office.connector.update()
            assert office.connector.update().verdict == "none"
            _check(office, writes, ids)
        finally:
            office.company.close()
            office.engine.dispose()


def _requests(office, writes):
    for number, kind in enumerate(writes):
        name = f"New {number}"
        if kind == "add":
            yield add(name, request_id=f"r{number}", Phone=str(number))
        elif kind == "add blind":
            yield add(name, request_id=f"r{number}", probe=False)
        elif kind == "mod" and number < 7:
            record = office.customer(f"Customer {number + 1:02}")
            yield mod(record, request_id=f"r{number}", Fax=f"9-{number}")
        elif kind == "invoice":
            yield invoice(office.customer("Customer 01"), f"INV-{number}", request_id=f"r{number}")
        elif kind == "child" and number and writes[number - 1] in ("add", "add blind"):
            parent = {"$answer": f"r{number - 1}", "field": "ListID"}
            yield queue.WriteRequest(
                id=f"r{number}",
                entity="Customer",
                action="add",
                fields={"Name": "Job", "ParentRef_ListID": parent},
                probe={"FullName": f"New {number - 1}:Job"},
            )
        else:
            yield queue.QueryRequest(id=f"r{number}", entity="Customer", max_returned=2)


def _broken_session(office, step):
    start = office.connector._number
    office.connector.fault = lambda _step, number: number == start + step
    try:
        office.connector.update()
    except Gone:
        pass
    finally:
        office.connector.fault = lambda _step, _number: False


def _check(office, writes, ids):
    names, invoices = office.customers(), office.company.records("Invoice")
    for number, request_id in enumerate(ids):
        row = office.row(request_id)
        blind = writes[number] == "add blind"
        if row.kind == "query":
            assert row.state == "answered"
            assert row.progress.records == row.progress.total
        elif row.action == "mod":
            assert row.state == "answered"
            record = office.customer(f"Customer {number + 1:02}")
            assert record["Fax"] == f"9-{number}"
            assert row.answer["EditSequence"] == record["EditSequence"]
        elif row.entity == "Invoice":
            assert row.state == "answered"
            found = [one for one in invoices if one["RefNumber"] == f"INV-{number}"]
            assert [one["TxnID"] for one in found] == [row.answer["TxnID"]]
        elif row.state == "queued":  # a child of an unknown parent waits for a person
            assert office.row(f"r{number - 1}").state == "unknown"
        else:
            parent = row.request.fields.get("ParentRef_ListID")
            name = f"New {number - 1}:Job" if parent else f"New {number}"
            assert row.state == "answered" or (blind and row.state == "unknown")
            # A second one of that name would be refused, and the request failed.
            assert names.count(name) == 1 or (row.state == "unknown" and names.count(name) == 0)
            if row.state == "answered":
                found = office.customer(name)
                assert row.answer["ListID"] == found["ListID"]
