"""The service over real HTTP, with requests as a real Web Connector sends them.

Answers are compared byte by byte with tests/golden/qbwc, where only the ticket and the version are put in: a
WCF or spyne that moves `string` into another namespace would give QBWC1012 (recorded).
"""

import re
import time
from pathlib import Path

import pytest

from qbwc import queue, tape, users
from qbwc.service import ClientPolicy, running_server
from qbwc.service.bodies import SMALL, take_body
from qbwc.service.web import BODY_LIMIT
from qbwc.simulator import WebConnector
from tests.contract.qbwc_server.qbwc_wire import ARGUMENTS, ENVELOPE, NS, Wire, envelope
from tests.unit.qbwc_server.qbwc_driver import FILE, OWNER, PATH, Clock, add, make_office

pytestmark = pytest.mark.long

GOLDEN = Path(__file__).parents[2] / "golden" / "qbwc"


def golden(name, body):
    """Compare with the golden file; ticket and version are different each time."""
    told = body.decode()
    told = re.sub(r"(<tns:string>)[0-9a-f]{40}(</tns:string>)", r"\1TICKET\2", told)
    told = re.sub(r"(sfqb-workbench)[^<]*", r"\1", told)
    path = GOLDEN / f"{name}.xml"
    assert path.is_file(), f"golden file missing: {path.name}; the answer was\n{told}"
    assert told == path.read_text("utf-8")


#  golden                  operation             arguments
CALLS = [
    ("serverVersion",      "serverVersion",      ()),
    ("clientVersion",      "clientVersion",      ("2.3.0.215",)),
    ("authenticate_nvu",   "authenticate",       ("maria", "wrong")),
    ("authenticate_none",  "authenticate",       ("maria", "correct horse")),
    ("sendRequestXML",     "sendRequestXML",     ("unknown", "", "", "US", 13, 0)),
    ("receiveResponseXML", "receiveResponseXML", ("unknown", "", "", "")),
    ("connectionError",    "connectionError",    ("unknown", "0x80040408", "Could not start QuickBooks.")),
    ("getLastError",       "getLastError",       ("unknown",)),
    ("closeConnection",    "closeConnection",    ("",)),
    # Constants, in no public WSDL (unverified).
    ("getInteractiveURL",  "getInteractiveURL",  ("unknown", "1")),
    ("interactiveRejected", "interactiveRejected", ("unknown", "no")),
    ("interactiveDone",    "interactiveDone",    ("unknown",)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "operation", "arguments"), CALLS, ids=[row[0] for row in CALLS])
def test_golden_answers(office, name, operation, arguments):
    golden(name, office.wire.bytes_of(operation, *arguments))
    assert office.wire.statuses == [200]


def test_golden_authenticate_with_the_open_company(tmp_path):
    office = make_office(tmp_path, paired=False)
    users.open_pairing(office.engine, "alpine", minutes=5)
    with running_server(office.engine) as url:
        golden("authenticate_open", Wire(url).bytes_of("authenticate", "maria", "correct horse"))


def test_golden_authenticate_with_work(office):
    office.enqueue(add("Someone"))
    golden("authenticate_work", office.wire.bytes_of("authenticate", "maria", "correct horse"))


#  golden                    postponed  every  work   elements after the ticket
PACES = [
    ("authenticate_every",      None,      300,   True,  [PATH, "0", "300"]),
    ("authenticate_none_every", None,      300,   False, ["none", "0", "300"]),
    ("authenticate_postponed",  90,        None,  True,  ["", "90"]),
    ("authenticate_both",       90,        300,   True,  ["", "90", "300"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "postponed", "every", "work", "told"), PACES, ids=[row[0] for row in PACES])
def test_golden_authenticate_with_a_pace(tmp_path, name, postponed, every, work, told):
    clock = Clock()
    office = make_office(tmp_path, clock=clock)
    if work:
        office.enqueue(add("Someone"))
    users.set_pace(office.engine, "alpine", postpone_seconds=postponed, every_seconds=every, now=clock.now)
    with running_server(office.engine, clock=clock) as url:
        wire = Wire(url)
        golden(name, wire.bytes_of("authenticate", "maria", "correct horse"))
        assert wire.authenticate("maria", "correct horse")[1:] == told


#  golden                    policy                                    version
VERSIONS = [
    ("clientVersion_warn",   ClientPolicy(warn_below="2.3"),           "2.1.0.30"),
    ("clientVersion_refuse", ClientPolicy(refuse_below="2.3"),         "2.1.0.30"),
    ("clientVersion_want",   ClientPolicy(want_version="2.3.0.215"),   "2.1.0.30"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "policy", "version"), VERSIONS, ids=[row[0] for row in VERSIONS])
def test_golden_client_versions(tmp_path, name, policy, version):
    office = make_office(tmp_path, paired=False)
    with running_server(office.engine, policy=policy) as url:
        golden(name, Wire(url).bytes_of("clientVersion", version))


def test_a_flood_of_guesses_is_answered_nvu_and_the_right_password_soon_after(office):
    office.enqueue(add("Someone"))
    assert office.wire.authenticate("maria", "correct horse")[1] == PATH
    assert {office.wire.authenticate("maria", f"guess {number}")[1] for number in range(60)} == {"nvu"}
    time.sleep(0.3)
    assert office.wire.authenticate("maria", "correct horse")[1] == PATH
    assert set(office.wire.statuses) == {200}


def test_a_whole_session_over_http(office):
    (read,) = office.enqueue(queue.QueryRequest(entity="Customer", max_returned=3))
    (write,) = office.enqueue(add("Grüße & <Co>"))
    log = office.connector.update()
    assert (log.errors, log.percents[-1]) == ([], 100)
    assert office.state(read, write) == ["answered", "answered"]
    assert "Grüße & <Co>" in office.customers()
    assert set(office.wire.statuses) == {200}


def test_a_whole_session_with_the_simulated_web_connector(office):
    ids = office.enqueue(queue.QueryRequest(entity="Customer", max_returned=3), add("Newcomer"))
    connector = WebConnector(
        office.company, office.url, "maria", "correct horse", owner_id=OWNER, file_id=FILE
    )
    log = connector.update_selected()
    assert log.ok, log.message
    assert office.state(*ids) == ["answered", "answered"]


def test_server_version_with_an_argument(office):
    body = ENVELOPE.format(body=f'<serverVersion xmlns="{NS}"><strVersion>1</strVersion></serverVersion>')
    status, _, told = office.wire.post(body.encode())
    assert status == 200
    assert b"serverVersionResult>sfqb-workbench" in told


@pytest.mark.parametrize("operation", [name for name, arguments in ARGUMENTS.items() if arguments])
def test_a_known_operation_without_its_arguments_is_no_fault(office, operation):
    status, _, told = office.wire.post(ENVELOPE.format(body=f'<{operation} xmlns="{NS}" />').encode())
    assert status == 200
    assert f"{operation}Result>".encode() in told


def test_a_call_that_waits_for_100_continue(office):
    """As .NET sends them."""
    status, _, told = office.wire.post(
        envelope("getLastError", "t"), headers={"Content-Type": "text/xml", "Expect": "100-continue"}
    )
    assert (status, b"getLastErrorResult>" in told) == (200, True)


@pytest.mark.parametrize("number", ["", "abc", "99999999999999999999", "-1", "1.5"])
def test_a_version_that_is_no_number_is_no_fault(office, number):
    status, _, told = office.wire.post(envelope("sendRequestXML", "t", "", "", "US", number, number))
    assert (status, b"Fault" in told) == (200, False)


def test_rpc_style_arguments_are_understood(office):
    """With <Style>RPC</Style> QBWC would type every argument (community)."""
    body = ENVELOPE.format(
        body=f'<q1:clientVersion xmlns:q1="{NS}"><q1:strVersion xsi:type="xsd:string">2.3</q1:strVersion>'
        "</q1:clientVersion>"
    )
    assert office.wire.post(body.encode())[0] == 200


def test_a_page_larger_than_the_usual_limits(office):
    (read,) = office.enqueue(queue.QueryRequest(entity="Customer"))
    ticket, _ = office.wire.authenticate("maria", "correct horse")
    hcp = office.company.host_company_preferences(OWNER)
    office.wire.send_request(ticket, hcp, PATH, "US", 13, 0)
    notes = "<CustomerRet><ListID>1</ListID><Notes>" + "n" * 4000 + "</Notes></CustomerRet>"
    answer = (
        f'<QBXML><QBXMLMsgsRs><CustomerQueryRs requestID="{read}" statusCode="0" statusSeverity="Info" '
        f'statusMessage="Status OK">{notes * 3000}</CustomerQueryRs></QBXMLMsgsRs></QBXML>'
    )
    assert len(answer) > 12_000_000
    assert office.wire.receive_response(ticket, answer, "", "") == 100
    (page,) = tape.pages(office.engine, request_id=read)
    assert (page.records, page.document.decode()) == (3000, answer)


# --- what is no call of the Web Connector -----------------------------------------------------------------

BOMB = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;">]>' + envelope("getLastError", "t")[38:]
UTF16 = envelope("getLastError", "t").decode().encode("utf-16")
UTF7 = b'<?xml version="1.0" encoding="UTF-7"?><a/>'
FOREIGN = ENVELOPE.format(body='<authenticate xmlns="urn:x"/>').encode()
CROWDED = ENVELOPE.format(body=f'<authenticate xmlns="{NS}">{"<a/>" * 1000}</authenticate>').encode()
NESTED = ENVELOPE.format(body=f'<authenticate xmlns="{NS}">{"<a>" * 20}{"</a>" * 20}</authenticate>').encode()
ENVELOPE12 = envelope("getLastError", "t").replace(b"xmlsoap.org/soap", b"w3.org/2003/05/soap")
UNKNOWN = ENVELOPE.format(body=f'<dropTables xmlns="{NS}"/>').encode()

#  why                         body                                  faultstring has
FAULTS = [
    ("unknown operation",      UNKNOWN,                              b"not found"),
    ("another namespace",      FOREIGN,                              b"not found"),
    ("no XML",                 b"hello",                             b"is no XML: syn"),
    ("broken XML",             envelope("getLastError", "t")[:-20],  b"is no XML"),
    ("a thousand elements",    CROWDED,                              b"at most 100 elements"),
    ("nested in a call",       NESTED,                               b"10 deep"),
    ("SOAP 1.2",               ENVELOPE12,                           b"SOAP 1.1"),
    ("nothing",                b"",                                  b"no body"),
    ("blank",                  b"  \n",                              b"no body"),
    ("empty envelope",         ENVELOPE.format(body="").encode(),    b"faultstring"),
    ("no envelope",            b"<a/>",                              b"Envelope"),
    ("a DTD",                  BOMB,                                 b"A DTD is not allowed"),
    ("UTF-16",                 UTF16,                                b"Only UTF-8"),
    ("an encoding that hides", UTF7,                                 b"UTF-7 is not understood"),
    ("deep nesting",           b"<a>" * 100_000,                     b"faultstring"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "body", "said"), FAULTS, ids=[row[0] for row in FAULTS])
def test_anything_else_is_a_fault_without_a_traceback(office, why, body, said):
    status, _, told = office.wire.post(body)
    assert status == 500
    assert b"Fault>" in told
    assert said in told
    assert b"Traceback" not in told
    assert b".py" not in told


def test_a_body_that_is_too_large_is_refused_before_it_is_read(office):
    headers = {"Content-Type": "text/xml", "Content-Length": str(BODY_LIMIT + 1)}
    status, _, _ = office.wire.post(b"<a/>", headers=headers)
    assert status == 413


LARGE = "x" * (SMALL + 1)

#  operation             arguments                                    answer
STRANGERS = [
    ("receiveResponseXML", ("unknown", LARGE, "", ""),                b">-1<"),
    ("sendRequestXML",     ("unknown", LARGE, "", "US", 13, 0),       b"sendRequestXMLResult></"),
    ("authenticate",       ("maria", LARGE),                          b">nvu<"),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "arguments", "told"), STRANGERS, ids=[row[0] for row in STRANGERS])
def test_a_large_body_without_a_session_is_thrown_away_without_a_fault(office, operation, arguments, told):
    assert told in office.wire.bytes_of(operation, *arguments)
    assert office.wire.statuses == [200]


def test_a_large_body_that_is_no_call_is_a_fault(office):
    status, _, told = office.wire.post(f"<a>{LARGE}</a>".encode())
    assert (status, b"Fault>" in told) == (500, True)


def test_strangers_fill_no_memory():
    """A stranger's body is read in small pieces, of which none is kept."""

    class Given:
        left, most = 100 * SMALL, 0

        def read(self, size):
            self.most = max(self.most, size)
            taken = b"<receiveResponseXML><ticket>guess</ticket><response>".ljust(min(size, self.left), b"x")
            self.left -= len(taken)
            return taken

    given = Given()
    environ = {"CONTENT_LENGTH": str(100 * SMALL), "wsgi.input": given}
    call = take_body(environ, BODY_LIMIT, lambda _ticket: False, ["receiveResponseXML"])
    assert (call.operation, call.arguments) == ("receiveResponseXML", {"ticket": "guess"})
    assert (given.left, given.most <= 64 * 1024) == (0, True)


# --- pages for people -------------------------------------------------------------------------------------

#  path             method  status  type
PAGES = [
    ("/",           "GET",  200, "text/html; charset=utf-8"),
    ("/qbwc",       "GET",  200, "text/html; charset=utf-8"),
    ("/qbwc/",      "GET",  200, "text/html; charset=utf-8"),
    ("/support",    "GET",  200, "text/html; charset=utf-8"),
    ("/support",    "HEAD", 200, "text/html; charset=utf-8"),
    ("/health",     "GET",  200, "application/json; charset=utf-8"),
    ("/qbwc?wsdl",  "GET",  200, "text/xml; charset=utf-8"),
    ("/qbwc?WSDL",  "GET",  200, "text/xml; charset=utf-8"),
    ("/etc/passwd", "GET",  404, "text/plain; charset=utf-8"),
    ("/",           "DELETE", 405, "text/plain; charset=utf-8"),
    ("/support",    "POST", 405, "text/plain; charset=utf-8"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "method", "status", "kind"), PAGES)
def test_pages(office, path, method, status, kind):
    office.enqueue(add("Secret Customer"))
    found, headers, body = office.wire.get(path, method)
    assert (found, headers["Content-Type"]) == (status, kind)
    assert b"Secret" not in body
    assert b"alpine" not in body.lower()


def test_nothing_secret_is_logged(office, caplog, capfd):
    caplog.set_level("DEBUG")
    office.enqueue(add("Secret Customer"), queue.QueryRequest(entity="Customer"))
    office.connector.update()
    office.wire.post(envelope("authenticate", "maria", "hunter2")[:-30])
    office.wire.post(ENVELOPE.format(body="<x>hunter2</x>").encode())
    told = caplog.text + "".join(capfd.readouterr())
    assert "session begins" in told
    for secret in ("Secret Customer", "correct horse", "hunter2", "Customer 01"):
        assert secret not in told
