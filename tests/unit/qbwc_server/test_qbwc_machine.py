"""The session machine and its parts as tables: no store, no clock, no SOAP."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from qbwc import status
from qbwc.qbxml import CompanyInfo, Record
from qbwc.queue import Item, QueryRequest, Remaining, Work, WriteRequest
from qbwc.session import Limits, comparing, machine, recovery
from qbwc.session.answers import read_answer
from qbwc.session.identity import negotiate, recognise
from qbwc.session.model import (
    AGAIN,
    Answer,
    Answered,
    Document,
    Failed,
    Flight,
    PairedNow,
    Receive,
    Requeued,
    Send,
    Sent,
    State,
    Told,
    Unknown,
)
from qbwc.users import Company, Paired

NOW = datetime(2026, 3, 30, 12, 0, tzinfo=UTC)
OWNER, FILE = "{57F3B9B1-86F1-4FCC-B1EE-566DE1813D20}", "{90A44FB5-33D9-4815-AC85-BC87A7E7D1EB}"
INFO = CompanyInfo(company_name="Alpine Tools", file_ids={OWNER: FILE}, country="US")
PAIRED = Paired(company_name="Alpine Tools", path="C:\\a.qbw", country="US", at=NOW)
COMPANY = Company(
    id="alpine", owner_id=OWNER, file_id=FILE, qbxml_version="13.0", pairing_until=None, paired=PAIRED,
    last_contact_at=None, last_trouble=None,
)  # fmt: skip
LIMITS = Limits()
READY = State(limit=10, version="13.0")


def send(state=READY, **given):
    event = {"now": NOW, "company": COMPANY, "work": Work(), "set_id": "S" * 20, **given}
    return machine.send(state, Send(**event), LIMITS)


def write(name="w", **given):
    given = {"entity": "Customer", "action": "add", "fields": {"Name": name}, "id": name, **given}
    return Item(request=WriteRequest(**given), answers={})


def query(name="q", entity="Customer", **given):
    return Item(request=QueryRequest(id=name, entity=entity, **given), answers={})


# --- percentages ------------------------------------------------------------------------------------------

#  why                          done  waits  remaining                                             percent
PERCENT = [
    ("nothing left",            7,    0,     Remaining(),                                          100),
    ("nothing done",            0,    0,     Remaining(sendable=True, writes=1),                      0),
    ("half",                    2,    0,     Remaining(sendable=True, writes=2),                      50),
    ("never 100 with work",     999,  0,     Remaining(sendable=True, writes=1),                      99),
    ("only blocked ones left",  3,    0,     Remaining(sendable=False, queued=2),                      100),
    ("work is prepared",        3,    0,     Remaining(preparing=True),                            99),
    ("prepared from the start", 0,    0,     Remaining(preparing=True),                            0),
    ("waited long enough",      3,    60,    Remaining(preparing=True),                            100),
    ("answers to forget",       3,    0,     Remaining(uncleared=1),                               99),
]  # fmt: skip


@pytest.mark.parametrize(
    ("why", "done", "waits", "left", "percent"), PERCENT, ids=[row[0] for row in PERCENT]
)
def test_percent(why, done, waits, left, percent):
    assert machine.percent(replace(READY, writes=done, waits=waits), left, LIMITS) == percent


#  why                            read  queries  left                                              percent
READING = [
    ("a page of ten",             500,  0,       Remaining(records=4500, counted=1),               10),
    ("as much as the average",    1000, 1,       Remaining(uncounted=1),                           50),
    ("the average of what is left", 500, 0,      Remaining(records=500, counted=1, uncounted=1),   25),
    ("nothing is known",          0,    0,       Remaining(uncounted=4),                           0),
    ("empty lists count too",     0,    3,       Remaining(uncounted=1),                           75),
    ("large and small",           9000, 1,       Remaining(records=1000, counted=1),               90),
]  # fmt: skip


@pytest.mark.parametrize(
    ("why", "read", "queries", "left", "percent"), READING, ids=[row[0] for row in READING]
)
def test_percent_of_reading(why, read, queries, left, percent):
    state = replace(READY, records=read, queries=queries)
    assert machine.percent(state, replace(left, sendable=True), LIMITS) == percent


def test_percent_never_goes_back():
    left = Remaining(sendable=True, records=10_000, counted=1)
    assert machine.percent(replace(READY, records=500, told=42), left, LIMITS) == 42


# --- which company ----------------------------------------------------------------------------------------

HERE, THERE = "C:\\a.qbw", "C:\\b.qbw"
LOWER = replace(INFO, file_ids={OWNER.lower(): FILE.lower()})
SPACES = replace(INFO, company_name=" alpine  TOOLS ")
BARE, FOREIGN, OTHER = (replace(INFO, file_ids=ids) for ids in ({}, {FILE: FILE}, {OWNER: OWNER}))
RENAMED = replace(INFO, company_name="B")

#  why                        info     path        pairing   trouble has        pair
IDENTITY = [
    ("the right one",         INFO,    HERE,       None,     None,              False),
    ("letter case of ids",    LOWER,   HERE,       None,     None,              False),
    ("spaces, case, slashes", SPACES,  "c:/A.qbw", None,     None,              False),
    ("nothing told",          None,    HERE,       None,     "did not say",     False),
    ("no stamp",              BARE,    HERE,       None,     "FileID (none)",   False),
    ("another owner's stamp", FOREIGN, HERE,       None,     "FileID (none)",   False),
    ("another stamp",         OTHER,   HERE,       None,     "Wrong company",   False),
    ("renamed",               RENAMED, HERE,       None,     "its name is 'B'", False),
    ("moved",                 INFO,    THERE,      None,     "its path is",     False),
    ("first, closed",         INFO,    HERE,       "closed", "not paired",      False),
    ("first, too late",       INFO,    HERE,       "past",   "not paired",      False),
    ("first, on purpose",     INFO,    HERE,       "open",   None,              True),
    ("first, wrong stamp",    OTHER,   HERE,       "open",   "Wrong company",   False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("why", "info", "path", "pairing", "trouble", "pair"), IDENTITY, ids=[row[0] for row in IDENTITY]
)
def test_recognise(why, info, path, pairing, trouble, pair):
    until = {"open": NOW + timedelta(seconds=1), "past": NOW}.get(pairing)
    company = COMPANY if pairing is None else replace(COMPANY, paired=None, pairing_until=until)
    verdict = recognise(company, info, path, NOW)
    assert verdict.pair == pair
    assert (trouble in verdict.trouble) if trouble else (verdict.trouble is None)


#  ours     QBWC's    QuickBooks'               used
VERSIONS = [
    ("13.0", (13, 0), ("1.0", "12.0", "13.0"), "13.0"),
    ("13.0", (16, 0), ("13.0", "16.0"), "13.0"),
    ("13.0", (12, 0), ("13.0",), "12.0"),
    ("13.0", (13, 0), ("11.0", "9.0"), "11.0"),
    ("13.0", (13, 0), ("CA3.0", "6.1"), "6.1"),
    ("13.0", (0, 0), (), "13.0"),
    ("13.0", (13, 0), ("x", ""), "13.0"),
]


@pytest.mark.parametrize(("ours", "offered", "supported", "used"), VERSIONS)
def test_negotiate(ours, offered, supported, used):
    assert negotiate(ours, offered, supported) == used


# --- sendRequestXML ---------------------------------------------------------------------------------------


def test_nothing_is_sent_before_the_company_is_known():
    step = send(State(limit=10), work=Work(writes=(write(),)))
    assert step.reply == Document(text="")
    assert step.effects == ()
    assert "did not say" in step.state.trouble
    assert send(step.state, info=INFO, path="C:\\a.qbw").reply == Document(text="")


def test_the_first_call_recognises_then_asks_again():
    step = send(State(limit=10), info=INFO, path="C:\\a.qbw", supported=("12.0",), offered=(13, 0))
    assert (step.reply, step.effects, step.state.version) == (AGAIN, (), "12.0")


def test_pairing_is_written_before_anything_is_sent():
    company = replace(COMPANY, paired=None, pairing_until=NOW + timedelta(minutes=1))
    step = send(State(limit=10), company=company, info=INFO, path="C:\\a.qbw", offered=(13, 0))
    assert step.effects == (PairedNow(info=INFO, path="C:\\a.qbw"),)


def test_writes_carry_a_message_set_id_and_their_bytes_are_kept():
    step = send(work=Work(writes=(write("a"), write("b"))))
    (sent,) = step.effects
    assert (sent.ids, sent.set_id, sent.document) == (("a", "b"), "S" * 20, step.reply.text)
    assert f'newMessageSetID="{"S" * 20}"' in step.reply.text
    assert 'onError="continueOnError"' in step.reply.text
    assert step.state.flight == Flight(kind="write", ids=("a", "b"), set_id="S" * 20)


def test_queries_carry_none():
    step = send(work=Work(queries=(query("q", entity="Terms"),)))
    assert "MessageSetID" not in step.reply.text
    assert step.effects == (Sent(ids=("q",)),)


def test_a_paged_query_goes_alone():
    step = send(work=Work(queries=(query("q"), query("r", entity="Terms"))))
    assert step.state.flight.ids == ("q",)
    assert 'iterator="Start"' in step.reply.text
    assert "<MaxReturned>500</MaxReturned>" in step.reply.text


def test_a_page_repeats_the_filters():
    reading = replace(query("q", from_modified="2026-03-01T08:00:00"), iterator_id="{I}")
    text = send(work=Work(reading=reading)).reply.text
    assert 'iterator="Continue" iteratorID="{I}"' in text
    assert "<FromModifiedDate>2026-03-01T08:00:00</FromModifiedDate>" in text
    assert "<MaxReturned>500</MaxReturned>" in text


def test_named_records_are_not_paged():
    text = send(work=Work(queries=(query("q", full_names=("A",)),))).reply.text
    assert "iterator" not in text
    assert "MaxReturned" not in text


#  bound      limits                   sent
BOUNDS = [
    ("count", {"limit": 3}, Limits(), 3),
    ("bytes", {"limit": 100}, Limits(size=250), 2),
    ("one that is too large goes alone", {"limit": 100}, Limits(size=1), 1),
    ("all fit", {"limit": 100}, Limits(), 5),
]


@pytest.mark.parametrize(("bound", "state", "limits", "sent"), BOUNDS, ids=[row[0] for row in BOUNDS])
def test_a_set_has_bounds(bound, state, limits, sent):
    work = Work(writes=tuple(write(f"customer-{number}") for number in range(5)))
    event = Send(now=NOW, company=COMPANY, work=work, set_id="S" * 20)
    assert len(machine.send(replace(READY, **state), event, limits).state.flight.ids) == sent


def test_recovery_goes_before_everything():
    lost = replace(write("lost"), doubt="lost", message_set_id="OLD")
    step = send(work=Work(doubtful=(lost,), writes=(write("new"),)))
    assert step.state.flight == Flight(kind="status", ids=("lost",), set_id="OLD")
    assert 'newMessageSetID="OLD"' in step.reply.text
    assert 'oldMessageSetID="OLD"' in step.reply.text
    assert "Rq" not in step.reply.text.replace("QBXMLMsgsRq", "")


def test_a_session_without_work_ends_with_a_harmless_query():
    step = send()
    assert "HostQueryRq" in step.reply.text
    assert machine.receive(step.state, Receive(answer=Answer()), LIMITS).reply == "percent"


def test_no_op_only_while_work_is_prepared():
    step = send(work=Work(preparing=True))
    assert step.reply == Document(text="")
    assert machine.last_error(step.state) == "NoOp"
    after = send(step.state, work=Work(writes=(write(),)))
    assert machine.last_error(after.state) != "NoOp"
    assert after.state.waits == 0


# --- receiveResponseXML -----------------------------------------------------------------------------------

FLYING = replace(READY, flight=Flight(kind="write", ids=("a", "b"), set_id="S"))


def answer_text(*answers):
    inner = "".join(f"<CustomerAddRs {attributes}/>" for attributes in answers)
    return f'<?xml version="1.0" ?><QBXML><QBXMLMsgsRs>{inner}</QBXMLMsgsRs></QBXML>'


def receive(told, state=FLYING, items=None, **given):
    items = items or {name: write(name) for name in state.flight.ids}
    return machine.receive(state, Receive(answer=Answer(told=told), items=items, **given), LIMITS)


#  code  effect of 'a'        why
CODES = [
    (0, Answered, "ok"),
    (500, Answered, "a warning: it was carried out"),
    (530, Answered, "a warning"),
    (999, Answered, "the last warning"),
    (1000, Failed, "the first error"),
    (3100, Failed, "name in use"),
    (3175, Requeued, "locked by somebody: nothing happened"),
    (3180, Failed, "could be a real failure"),
    (3200, Failed, "an add has no version to be stale"),
    (3231, Requeued, "not attempted"),
]


@pytest.mark.parametrize(("code", "effect", "why"), CODES)
def test_every_answer_of_a_set_is_read(code, effect, why):
    step = receive({"a": Told(code=code, message="said"), "b": Told(code=0)})
    by_id = {one.id: one for one in step.effects if hasattr(one, "id")}
    assert isinstance(by_id["a"], effect)
    assert isinstance(by_id["b"], Answered)


def test_a_write_without_an_answer_is_looked_up():
    step = receive({"a": Told(code=0)})
    doubted = [one for one in step.effects if getattr(one, "doubt", None)]
    assert [(one.ids, one.doubt) for one in doubted] == [(("b",), "probe")]


def test_a_write_whose_answer_has_no_status_code_is_looked_up():
    told = read_answer(FLYING.flight, answer_text('requestID="a"', 'requestID="b" statusCode="0"')).told
    step = receive(told)
    doubted = [one for one in step.effects if getattr(one, "doubt", None)]
    assert [(one.ids, one.doubt) for one in doubted] == [(("a",), "probe")]


@pytest.mark.parametrize("code", ["", 'statusCode="zero"', 'statusCode=""'])
def test_a_query_whose_answer_has_no_status_code_is_asked_again(code):
    flight = Flight(kind="query", ids=("q",))
    told = read_answer(flight, answer_text(f'requestID="q" {code}')).told
    (requeued,) = receive(told, state=replace(READY, flight=flight), items={"q": query("q")}).effects
    assert isinstance(requeued, Requeued)


def test_an_answer_to_somebody_else_changes_nothing():
    step = receive({"x": Told(code=0), "": Told(code=3100)})
    assert not [one for one in step.effects if isinstance(one, (Answered, Failed))]


def test_locked_records_are_not_tried_for_ever():
    items = {name: replace(write(name), attempts=LIMITS.attempts) for name in ("a", "b")}
    step = receive({"a": Told(code=3175), "b": Told(code=0)}, items=items)
    assert isinstance(step.effects[0], Failed)


def test_the_next_set_is_smaller_after_a_refusal_and_grows_again():
    refused = machine.receive(FLYING, Receive(hresult="0x80040400"), LIMITS)
    assert refused.state.limit == 1
    state = replace(refused.state, flight=FLYING.flight)
    assert receive({"a": Told(code=0), "b": Told(code=0)}, state=state).state.limit == 2


def test_the_last_page_still_carries_an_iterator_id():
    state = replace(READY, flight=Flight(kind="query", ids=("q",)))
    told = {"q": Told(code=0, count=2, iterator_id="{I}", remaining=0)}
    step = receive(told, state=state, items={"q": replace(query("q"), records=500, total=502)})
    page, read, answered = step.effects
    assert page.pages == (("q", 2, True),)
    assert (read.records, read.total, read.iterator_id) == (502, 502, None)
    assert answered.id == "q"


#  HRESULT as QBWC sends it   read as
HRESULTS = [
    ("0x80040400", "0x80040400"),
    ("80040400", "0x80040400"),
    ("0X8004040A", "0x8004040a"),
    ("-2147220480", "0x80040400"),
    ("garbage", "garbage"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "code"), HRESULTS)
def test_hresult(text, code):
    assert status.hresult(text) == code


# --- what became of a write -------------------------------------------------------------------------------


def record(entity="Customer", lines=None, **fields):
    return Record(
        entity=entity, fields=fields, lines={} if lines is None else {"InvoiceLine": lines},
        raw_entity=entity, raw_fields=fields,
    )  # fmt: skip


ADD = write("a", fields={"Name": "Ann", "Phone": "1", "CreditLimit": "50"}, probe={"FullName": "Ann"})
ANN = {"Name": "Ann", "FullName": "Ann", "Phone": "1", "CreditLimit": Decimal("50.00")}
MOD = replace(
    write("m", action="mod", key="80-1", edit_sequence="7", fields={"Phone": "2", "Fax": None}),
    edit_sequence="7",
)


def found(*fields):
    return Told(code=0, records=tuple(record(**one) for one in fields))


SAME, OTHER_PHONE, OTHER_KEY = ANN, {**ANN, "Phone": "9"}, {**ANN, "FullName": "Anna"}
POORER, FLAT = {"Name": "Ann", "FullName": "Ann"}, {"Name": "Ann", "Phone": "1", "CreditLimit": Decimal(50)}

#  why                              item  told                                    becomes
JUDGED = [
    ("no answer to the search",     ADD,  None,                                   Unknown),
    ("the search failed",           ADD,  Told(code=3250),                        Unknown),
    ("nothing found",               ADD,  Told(code=1),                           Requeued),
    ("nothing found, as a warning", ADD,  Told(code=500),                         Requeued),
    ("found as sent",               ADD,  found(SAME),                            Answered),
    ("found with another value",    ADD,  found(OTHER_PHONE),                     Unknown),
    ("found with one missing",      ADD,  found(POORER),                          Unknown),
    ("found twice",                 ADD,  found(SAME, SAME),                      Unknown),
    ("one of two is as sent",       ADD,  found(SAME, OTHER_PHONE),               Answered),
    ("found under another key",     ADD,  found(OTHER_KEY),                       Requeued),
    ("a flat list has no FullName", ADD,  found(FLAT),                            Answered),
    ("unchanged",                   MOD,  found({"EditSequence": "7"}),           Requeued),
    ("changed as sent",             MOD,  found({"EditSequence": "8", "Phone": "2"}), Answered),
    ("changed otherwise",           MOD,  found({"EditSequence": "8", "Phone": "3"}), Unknown),
    ("gone",                        MOD,  Told(code=500),                         Failed),
]  # fmt: skip


@pytest.mark.parametrize(("why", "item", "told", "becomes"), JUDGED, ids=[row[0] for row in JUDGED])
def test_judge(why, item, told, becomes):
    assert isinstance(recovery.judge(item, told), becomes)


#  sent               in QuickBooks            same
EQUAL = [
    ("12.50", Decimal("12.5"), True),
    (Decimal("12.50"), Decimal("12.51"), False),
    ("-1", Decimal(-1), True),
    (3, Decimal("3.00"), True),
    ("abc", Decimal(3), False),
    (True, True, True),
    ("true", True, True),
    (True, False, False),
    (date(2026, 3, 1), date(2026, 3, 1), True),
    ("2026-03-01", date(2026, 3, 1), True),
    (None, "", True),
    ("", None, True),
    ("x", None, False),
    (" x ", "x", True),
    ("x", "X", False),
    (0, None, False),
    (Decimal(0), Decimal("0.00"), True),
]


@pytest.mark.parametrize(("sent", "found", "same"), EQUAL)
def test_values_are_compared_whatever_their_type(sent, found, same):
    assert (comparing.compare({"Field": sent}, record(Field=found)) == []) == same


def test_names_of_references_are_compared_without_case():
    assert comparing.compare({"ParentRef_FullName": "ANN"}, record(ParentRef_FullName="Ann")) == []


A, B = {"Desc": "a"}, {"Desc": "b"}
SWAPPED = ["line 1 Desc is 'b', expected 'a'", "line 2 Desc is 'a', expected 'b'"]

#  why                 wanted                          found                       told
LINES = [
    ("same",           [{"Quantity": "2"}],            [{"Quantity": Decimal(2)}], []),
    ("a new line",     [{"TxnLineID": "-1", **A}],     [{"TxnLineID": "7", **A}],  []),
    ("another line",   [{"TxnLineID": "8"}],           [{"TxnLineID": "7"}],
     ["line 1 TxnLineID is '7', expected '8'"]),
    ("one more",       [A],                            [A, B],  ["it has 2 lines, expected 1"]),
    ("none",           [A],                            [],      ["it has 0 lines, expected 1"]),
    ("order",          [A, B],                         [B, A],  SWAPPED),
]  # fmt: skip


@pytest.mark.parametrize(("why", "wanted", "found", "told"), LINES, ids=[row[0] for row in LINES])
def test_lines_are_compared_in_order(why, wanted, found, told):
    assert comparing.compare({"lines": wanted}, record(entity="Invoice", lines=found)) == told


def test_a_stale_change_of_lines_needs_reviewed_lines():
    lines = [{"TxnLineID": "1", "Quantity": "2"}]
    stale = replace(
        write("m", entity="Invoice", action="mod", key="T", edit_sequence="7", fields={}, lines=lines,
              expected={"Memo": "x"}),
        doubt="stale",
    )  # fmt: skip
    now = record(
        entity="Invoice", lines=[{"TxnLineID": "1", "Quantity": Decimal(1)}], Memo="x", EditSequence="8"
    )
    assert isinstance(recovery.judge(stale, Told(code=0, records=(now,))), Failed)
    reviewed = {"Memo": "x", "lines": [{"TxnLineID": "1", "Quantity": "1"}]}
    proven = replace(stale, request=replace(stale.request, expected=reviewed))
    told = recovery.judge(proven, Told(code=0, records=(now,)))
    assert (told.edit_sequence, type(told)) == ("8", Requeued)
    again = replace(proven, refreshed=True)
    assert isinstance(recovery.judge(again, Told(code=0, records=(now,))), Failed)
