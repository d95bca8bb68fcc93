"""Answers that no QuickBooks would give: nothing grows, nothing is fetched, and the write is looked up."""

import time

import pytest

from qbwc import queue
from tests.unit.qbwc_server.qbwc_driver import OWNER, add

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMB = f'<!DOCTYPE q [<!ENTITY l0 "ha">{LAUGHS}]><QBXML><QBXMLMsgsRs>&l9;</QBXMLMsgsRs></QBXML>'
IN_ATTRIBUTE = BOMB.replace(">&l9;<", '><A requestID="&l9;"/><')
XXE = '<!DOCTYPE q [<!ENTITY x SYSTEM "file:///etc/passwd">]><QBXML><QBXMLMsgsRs>&x;</QBXMLMsgsRs></QBXML>'
OUTSIDE = '<!DOCTYPE q SYSTEM "http://127.0.0.1:9/x.dtd"><QBXML><QBXMLMsgsRs/></QBXML>'

MANY = " ".join(f"a{number}='1'" for number in range(50_000))

#  why                        answer
HOSTILE = [
    ("billion laughs",        BOMB),
    ("... in an attribute",   IN_ATTRIBUTE),
    ("... after a comment",   f"<!--{'x' * 10_000}-->{BOMB}"),
    ("an outside entity",     XXE),
    ("an outside DTD",        OUTSIDE),
    ("deep nesting",          "<QBXML><QBXMLMsgsRs>" + "<a>" * 100_000),
    ("deep and closed",       f"<QBXML><QBXMLMsgsRs>{'<a>' * 5000}{'</a>' * 5000}</QBXMLMsgsRs></QBXML>"),
    ("a huge attribute",      f'<QBXML><QBXMLMsgsRs a="{"x" * 11_000_000}"/></QBXML>'),
    ("many attributes",       f"<QBXML {MANY}/>"),
    ("a bound namespace",     '<QBXML xmlns="urn:x"><QBXMLMsgsRs/></QBXML>'),
]  # fmt: skip


@pytest.mark.parametrize("kind", ["write", "query"])
@pytest.mark.parametrize(("why", "answer"), HOSTILE, ids=[row[0] for row in HOSTILE])
def test_a_hostile_answer(office, why, answer, kind):
    request = add("Once") if kind == "write" else queue.QueryRequest(entity="Customer")
    (name,) = office.enqueue(request)
    ticket, _ = office.desk.authenticate("maria", "correct horse")
    hcp = office.company.host_company_preferences(OWNER)
    office.desk.send_request(ticket, hcp, office.connector.path, "US", 13, 0)
    began = time.process_time()
    assert office.desk.receive_response(ticket, answer, "", "") == -1
    assert time.process_time() - began < 5
    told = office.desk.last_error(ticket)
    assert "could not be read" in told
    assert len(told) < 1000
    assert "root:" not in told
    assert office.state(name) == ("sent" if kind == "write" else "queued")
    office.connector.update()
    assert office.state(name) == "answered"


#  characters  taken
ITERATORS = [(60, True), (61, False), (10_000, False)]


@pytest.mark.parametrize(("length", "taken"), ITERATORS)
def test_an_iterator_longer_than_any_is_not_kept(office, length, taken):
    (name,) = office.enqueue(queue.QueryRequest(entity="Customer"))
    ticket, _ = office.desk.authenticate("maria", "correct horse")
    hcp = office.company.host_company_preferences(OWNER)
    office.desk.send_request(ticket, hcp, office.connector.path, "US", 13, 0)
    answer = (
        f'<QBXML><QBXMLMsgsRs><CustomerQueryRs requestID="{name}" statusCode="0" iteratorID="{"x" * length}" '
        'iteratorRemainingCount="9"><CustomerRet/></CustomerQueryRs></QBXMLMsgsRs></QBXML>'
    )
    told = office.desk.receive_response(ticket, answer, "", "")
    assert (told != -1) == taken
