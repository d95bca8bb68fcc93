"""Void, delete, lines and custom fields: qbXML would not stop them if the record has moved; we look first."""

import pytest

from qbwc import queue
from qbwc.errors import QueueError
from qbwc.qbxml import build_query, message_set, parse_records
from tests.unit.qbwc_server.qbwc_driver import (
    OWNER,
    SEED,
    Gone,
    forget_answers,
    make_office,
    refuse,
)

CUSTOM = {
    **SEED,
    "DataExtDef": [
        {"DataExtName": "Region", "DataExtType": "STR255TYPE", "AssignToObject": ["Customer", "Item"]},
    ],
}
LINES = [
    {"ItemRef_FullName": "Guiding", "Desc": name, "Quantity": "1", "Rate": "80.00"} for name in ("a", "b")
]


@pytest.fixture
def office(tmp_path):
    made = make_office(tmp_path, seed=CUSTOM)
    for entity in ("Invoice", "Estimate"):
        made.company.add(
            entity, lines=LINES, CustomerRef_FullName="Customer 01", RefNumber="7", TxnDate="2026-03-30"
        )
    yield made
    made.company.close()
    made.engine.dispose()


def one(office, entity="Invoice"):
    (record,) = office.company.records(entity)
    return record


def removal(office, action, entity, **given):
    record = one(office, entity)
    return queue.WriteRequest(
        entity=entity, action=action, key=record["TxnID"], edit_sequence=record["EditSequence"], **given
    )


def gone(office, action, entity):
    """Whether it happened."""
    if action == "delete":
        return office.company.records(entity) == []
    record = one(office, entity)
    return record["Subtotal"] == 0 and record["Memo"].startswith("VOID")


BOTH = pytest.mark.parametrize(("action", "entity"), [("void", "Invoice"), ("delete", "Estimate")])


@BOTH
def test_it_is_read_again_and_goes_at_once_after(office, action, entity):
    (request,) = office.enqueue(removal(office, action, entity))
    log = office.connector.update()
    assert office.state(request) == "answered"
    assert gone(office, action, entity)
    assert f"{entity}QueryRq" in log.sent[0]
    assert f"Txn{'Void' if action == 'void' else 'Del'}Rq" in log.sent[1]
    assert (log.errors, log.percents[-1]) == ([], 100)


@BOTH
@pytest.mark.parametrize(
    "expected", [None, {"RefNumber": "7"}], ids=["nothing reviewed", "without its lines"]
)
def test_what_moved_since_review_is_stale_and_stays(office, action, entity, expected):
    (request,) = office.enqueue(removal(office, action, entity, expected=expected))
    office.company.edit(entity, "7", Memo="by hand")
    log = office.connector.update()
    row = office.row(request)
    assert (row.state, row.status_code) == ("failed", 3200)
    assert "stale: reviewed with EditSequence" in row.error
    assert row.answer["Memo"] == "by hand"
    assert not gone(office, action, entity)
    assert not any("TxnVoid" in text or "TxnDel" in text for text in log.sent)


@BOTH
def test_what_moved_but_is_as_reviewed_with_its_lines_goes(office, action, entity):
    reviewed = one(office, entity)
    expected = {"RefNumber": "7", "lines": [{"TxnLineID": line["TxnLineID"]} for line in reviewed["lines"]]}
    (request,) = office.enqueue(removal(office, action, entity, expected=expected))
    office.company.edit(entity, "7", Memo="by hand")
    office.connector.update()
    assert office.state(request) == "answered"
    assert gone(office, action, entity)


@BOTH
def test_what_is_gone_already_is_told(office, action, entity):
    (request,) = office.enqueue(removal(office, action, entity))
    office.company.delete(entity, "7")
    office.connector.update()
    assert (office.state(request), office.row(request).status_code) == ("failed", 3120)


@BOTH
@pytest.mark.parametrize("kept", [True, False], ids=["answers kept", "answers forgotten"])
@pytest.mark.parametrize("at", [1, 2, 3, 4, 5, 6])
def test_it_happens_once_wherever_the_answer_is_lost(office, action, entity, kept, at):
    (request,) = office.enqueue(removal(office, action, entity))
    office.connector.fault = lambda _step, number, start=office.connector._number: number == start + at
    with pytest.raises(Gone):
        office.connector.update()
    office.connector.fault = lambda _step, _number: False
    if not kept:
        forget_answers(office.company)
    office.connector.update()
    row = office.row(request)
    assert (row.state, row.error) == ("answered", None)
    assert gone(office, action, entity)


def test_a_void_of_what_changed_meanwhile_is_for_a_person(office):
    (request,) = office.enqueue(removal(office, "void", "Invoice"))
    office.connector.fault = gone_when_sending("TxnVoidRq", office)
    with pytest.raises(Gone):
        office.connector.update()
    office.connector.fault = lambda _step, _number: False
    office.company.edit("Invoice", "7", Memo="by hand")
    office.connector.update()
    row = office.row(request)
    assert row.state == "unknown"
    assert "is not void, and has changed since" in row.error
    assert "in message set" in row.error


def gone_when_sending(_tag, office):
    """The second set of the session: the first one only looks."""
    start = office.connector._number
    return lambda step, number: step == "send" and number > start + 1


def test_a_search_that_is_refused_sends_nothing(office):
    (request,) = office.enqueue(removal(office, "void", "Invoice"))
    refuse(office, lambda text: "InvoiceQueryRq" in text)
    office.connector.update()
    assert office.state(request) == "failed"
    assert "could not be looked up before it is sent, so it was not" in office.row(request).error
    assert not gone(office, "void", "Invoice")


def test_who_cancels_while_it_is_looked_up_is_heard(office):
    (request,) = office.enqueue(removal(office, "void", "Invoice"))
    ticket, _ = office.desk.authenticate("maria", "correct horse")
    hcp = office.company.host_company_preferences(OWNER)
    text = office.desk.send_request(ticket, hcp, office.connector.path, "US", 13, 0)
    assert queue.cancel(office.engine, [request], "no") == [request]
    office.desk.receive_response(ticket, office.company.process(text), "", "")
    assert "TxnVoidRq" not in office.desk.send_request(ticket, "", office.connector.path, "US", 13, 0)


#  why                    changed                                    says
REFUSED = [
    ("no key",            {"key": None},                             "needs the key and the EditSequence"),
    ("no version",        {"edit_sequence": None},                   "needs the key and the EditSequence"),
    ("values",            {"fields": {"Memo": "x"}},                 "takes no values"),
    ("cannot be voided",  {"entity": "Estimate"},                    "void"),
    ("cannot be deleted", {"action": "delete"},                      "delete"),
    ("a list",            {"entity": "Customer", "action": "delete"}, "delete"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "changed", "says"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_removal_that_cannot_be_queued(office, why, changed, says):
    whole = {"entity": "Invoice", "action": "void", "key": "1-1", "edit_sequence": "7"}
    with pytest.raises(QueueError, match="nothing was queued") as refused:
        office.enqueue(queue.WriteRequest(**{**whole, **changed}))
    assert says in str(refused.value)


# --- lines ------------------------------------------------------------------------------------------------


def change(office, *, keep, removes=(), reviewed=True):
    """A change of the invoice's lines; `keep` are places, from 0."""
    record = one(office)
    ids = [str(line["TxnLineID"]) for line in record["lines"]]
    named = [*ids, "nobody"]
    return queue.WriteRequest(
        entity="Invoice",
        action="mod",
        key=record["TxnID"],
        edit_sequence=record["EditSequence"],
        lines=[{"TxnLineID": ids[place], "Desc": "new"} for place in keep]
        or [{"TxnLineID": "-1", **LINES[0]}],
        removes=[named[place] for place in removes],
        expected={"lines": [{"TxnLineID": one_id} for one_id in ids]} if reviewed else {"Memo": None},
    )


def test_a_line_goes_only_with_leave(office):
    (request,) = office.enqueue(change(office, keep=[0], removes=[1]))
    office.connector.update()
    assert office.state(request) == "answered"
    assert [line["Desc"] for line in one(office)["lines"]] == ["new"]


#  why                       keep   removes  reviewed  says
LOST = [
    ("one is not named",     [0],   (),      True,  "would be lost"),
    ("none is named",        [],    (),      True,  "would be lost"),
    ("another is removed",   [0],   (0,),    True,  "would be lost"),
    ("a line nobody knows",  [0, 1], (2,),   True,  "removes names line nobody"),
    ("kept and removed",     [0, 1], (1,),   True,  "is both kept and removed"),
    ("no lines reviewed",    [0, 1], (),     False, "needs the reviewed lines"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "keep", "removes", "reviewed", "says"), LOST, ids=[row[0] for row in LOST])
def test_a_line_is_never_lost_without_leave(office, why, keep, removes, reviewed, says):
    with pytest.raises(QueueError) as refused:
        office.enqueue(change(office, keep=keep, removes=removes, reviewed=reviewed))
    assert says in str(refused.value)


def test_the_session_looks_at_the_lines_again(office, monkeypatch):
    """A request that an older version has queued, or that a later one forgets to check."""
    with monkeypatch.context() as patch:
        patch.setattr("qbwc.queue.whole.problems", lambda _request: [])
        (request,) = queue.enqueue(office.engine, "alpine", [change(office, keep=[0])])
    log = office.connector.update()
    assert office.state(request) == "failed"
    assert "which nobody approved" in office.row(request).error
    assert not any("InvoiceModRq" in text for text in log.sent)
    assert len(one(office)["lines"]) == 2


# --- custom fields ----------------------------------------------------------------------------------------


def region(office, value, *, was, action="mod"):
    return queue.WriteRequest(
        entity="DataExt",
        action=action,
        fields={
            "OwnerID": "0",
            "DataExtName": "Region",
            "ListDataExtType": "Customer",
            "ListObjRef_ListID": office.customer("Customer 01")["ListID"],
            "DataExtValue": value,
        },
        expected={"DataExtValue": was},
    )


def held(office):
    asked = build_query("Customer", request_id="1", full_names=["Customer 01"], owner_ids=["0"])
    (record,) = parse_records(office.company.process(message_set([asked])))
    return record.custom.get("Region", "")


@pytest.mark.parametrize("action", ["add", "mod"])
def test_a_custom_field_is_read_again_and_written(office, action):
    (request,) = office.enqueue(region(office, "West", was="", action=action))
    office.connector.update()
    assert (office.state(request), held(office)) == ("answered", "West")


def test_a_custom_field_that_moved_is_stale(office):
    (first,) = office.enqueue(region(office, "West", was=""))
    office.connector.update()
    (second,) = office.enqueue(region(office, "East", was="North"))
    office.connector.update()
    row = office.row(second)
    assert (office.state(first), row.state, row.status_code) == ("answered", "failed", 3200)
    assert "is 'West', expected 'North'" in row.error
    assert held(office) == "West"


@pytest.mark.parametrize("step", ["send", "run", "receive"])
@pytest.mark.parametrize("forget", [True, False])
def test_a_custom_field_whose_answer_was_lost(office, step, forget):
    (request,) = office.enqueue(region(office, "West", was=""))
    seen = []
    # The first set only looks; the second one writes.
    office.connector.fault = lambda now, _number: seen.append(now) or seen.count(step) == 2
    with pytest.raises(Gone):
        office.connector.update()
    office.connector.fault = lambda _step, _number: False
    if forget:
        forget_answers(office.company)
    office.connector.update()
    assert (office.state(request), held(office)) == ("answered", "West")
    assert office.row(request).attempts == (2 if step == "send" else 1)


def test_a_changed_custom_field_needs_its_reviewed_value(office):
    with pytest.raises(QueueError, match="needs its reviewed value"):
        office.enqueue(queue.WriteRequest(**{**_given(region(office, "x", was="")), "expected": None}))


def _given(request):
    return {name: getattr(request, name) for name in request.__dataclass_fields__}
