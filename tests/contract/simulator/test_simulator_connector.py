"""The pretend Web Connector against a scripted server: order of calls, and what each answer leads to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from lxml import etree
from simulator_world import FILE, OWNER, World

from qbwc.errors import QbwcError
from qbwc.qbxml import build_add, build_query, company_info, message_set, parse_responses
from qbwc.simulator import Fault, SessionLog, WebConnector, from_qwc
from qbwc.simulator.soap import NAMESPACE, SoapTrouble, envelope, result

Answer = Callable[[dict[str, str]], Any]
QUERY = message_set([build_query("Customer", request_id="1")])
ADD = message_set([build_add("Customer", {"Name": "New"}, request_id="1")])


class Script:
    """A server that says what it is told to; `seen` keeps every call with its arguments."""

    def __init__(self, **answers: Any) -> None:
        self.answers: dict[str, Any] = {
            "serverVersion": "test 1",
            "clientVersion": "",
            "authenticate": ["TICKET", ""],
            "sendRequestXML": [QUERY],
            "receiveResponseXML": ["100"],
            "getLastError": "no reason",
            "closeConnection": "OK",
            "connectionError": "done",
            **answers,
        }
        self.seen: list[tuple[str, dict[str, str]]] = []

    @property
    def operations(self) -> list[str]:
        return [operation for operation, _ in self.seen]

    def arguments(self, operation: str, number: int = 0) -> dict[str, str]:
        return [given for name, given in self.seen if name == operation][number]

    def answer(self, body: bytes) -> bytes:
        element = etree.fromstring(body)[0][0]
        operation = etree.QName(element).localname
        self.seen.append((operation, {etree.QName(child).localname: child.text or "" for child in element}))
        said = self.answers[operation]
        if operation in ("sendRequestXML", "receiveResponseXML") and isinstance(said, list):
            said = said[min(self.operations.count(operation), len(said)) - 1]
        if isinstance(said, bytes):
            return said
        texts = (
            "".join(f"<string>{text}</string>" for text in said)
            if operation == "authenticate"
            else escaped(said)
        )
        return soap(operation, f"<{operation}Result>{texts}</{operation}Result>")


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def soap(operation: str, inner: str) -> bytes:
    return (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
        f'<{operation}Response xmlns="{NAMESPACE}">{inner}</{operation}Response></e:Body></e:Envelope>'
    ).encode()


@contextmanager
def serving(script: Script) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            answer = script.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def update(world: World, script: Script, **more: Any) -> SessionLog:
    with serving(script) as url:
        connector = WebConnector(world.company, url, "wc", "s3cret", owner_id=OWNER, file_id=FILE, **more)
        return connector.update_selected()


def test_a_session_in_the_order_of_the_real_one(world: World) -> None:
    script = Script(sendRequestXML=[QUERY, ADD], receiveResponseXML=["50", "100"])
    log = update(world, script)
    assert (log.outcome, log.message, log.progress) == ("done", "OK", [50, 100])
    assert script.operations == [
        "serverVersion", "clientVersion", "authenticate", "sendRequestXML", "receiveResponseXML",
        "sendRequestXML", "receiveResponseXML", "closeConnection",
    ]  # fmt: skip
    assert log.operations == script.operations
    assert script.arguments("serverVersion") == {}
    assert script.arguments("authenticate") == {"strUserName": "wc", "strPassword": "s3cret"}
    assert {given.get("ticket") for _, given in script.seen[3:]} == {"TICKET"}
    assert world.row("Customer", "New")


def test_the_first_call_tells_which_company_is_open(world: World) -> None:
    script = Script(sendRequestXML=[QUERY, QUERY], receiveResponseXML=["50", "100"])
    update(world, script)
    first = script.arguments("sendRequestXML")
    info = company_info(first["strHCPResponse"])
    assert [response.request_id for response in parse_responses(first["strHCPResponse"])] == ["0", "1", "2"]
    assert (info.company_name, info.file_id(OWNER)) == ("Alder & Sons", FILE)
    assert info.supported_versions[-1] == "13.0"
    assert (first["strCompanyFileName"], first["qbXMLCountry"]) == ("C:\\QB\\alder.qbw", "US")
    assert (first["qbXMLMajorVers"], first["qbXMLMinorVers"]) == ("13", "0")
    assert script.arguments("sendRequestXML", 1)["strHCPResponse"] == ""


def test_the_answer_reaches_the_server(world: World) -> None:
    script = Script()
    log = update(world, script)
    given = script.arguments("receiveResponseXML")
    assert (given["hresult"], given["message"]) == ("", "")
    (response,) = parse_responses(given["response"])
    assert len(response.records) == 4
    assert log.exchanges[0].response == given["response"].replace("\n", "\n")


#    why                      authenticate                outcome      calls after it
LOGINS = [
    ("no work",               ["T", "none"],              "nothing",   ["closeConnection"]),
    ("wrong password",        ["T", "nvu"],               "refused",   ["closeConnection"]),
    ("no ticket at all",      ["", "nvu"],                "refused",   ["closeConnection"]),
    ("busy",                  ["T", "busy"],              "busy",      ["closeConnection"]),
    ("later",                 ["T", "", "60"],            "postponed", ["closeConnection"]),
    ("a lower bound", ["T", "", "0", "90"],
     "done", ["sendRequestXML", "receiveResponseXML", "closeConnection"]),
    ("the open file by path", ["T", "c:\\qb\\ALDER.QBW"],
     "done", ["sendRequestXML", "receiveResponseXML", "closeConnection"]),
    ("another file",          ["T", "C:\\other.qbw"],     "failed", ["connectionError", "closeConnection"]),
    ("an array too long",     ["T", "", "0", "0", ""],    "failed",    ["closeConnection"]),
    ("an array too short",    ["T"],                      "failed",    ["closeConnection"]),
]  # fmt: skip


@pytest.mark.parametrize(("why", "answer", "outcome", "calls"), LOGINS)
def test_what_authenticate_leads_to(
    world: World, why: str, answer: list[str], outcome: str, calls: list[str]
) -> None:
    script = Script(authenticate=answer)
    log = update(world, script)
    assert (log.outcome, script.operations[3:]) == (outcome, calls)
    assert log.ok is (outcome in ("done", "nothing"))
    if "array" in why:
        assert log.message.startswith("QBWC1012")
    if why == "a lower bound":
        assert log.minimum_seconds == 90


def test_strings_in_another_namespace_are_not_seen(world: World) -> None:
    other = '<string xmlns="http://other/">T</string><string xmlns="http://other/"></string>'
    wrong = soap("authenticate", f"<authenticateResult>{other}</authenticateResult>")
    log = update(world, Script(authenticate=wrong))
    assert (log.outcome, log.message[:8]) == ("failed", "QBWC1012")


#    why                clientVersion outcome    message
VERSIONS = [
    ("go on",           "",          "done",    "OK"),
    ("a warning",       "W:old",     "done",    "OK"),
    ("an error",        "E:too old", "refused", "too old"),
    ("another version", "O:2.4",     "refused", "2.4"),
    ("bad syntax",      "hello",     "failed",  "QBWC1046"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "answer", "outcome", "message"), VERSIONS)
def test_what_client_version_leads_to(
    world: World, why: str, answer: str, outcome: str, message: str
) -> None:
    log = update(world, Script(clientVersion=answer))
    assert log.outcome == outcome
    assert log.message.startswith(message)


def test_nothing_to_send_asks_for_the_reason(world: World) -> None:
    script = Script(sendRequestXML=[""], getLastError="no plan yet")
    log = update(world, script)
    assert (log.outcome, log.message) == ("failed", "no plan yet")
    assert script.operations[3:] == ["sendRequestXML", "getLastError", "closeConnection"]


def test_noop_means_ask_again_after_a_while(world: World) -> None:
    waited: list[float] = []
    script = Script(sendRequestXML=["", "", QUERY], getLastError="NoOp")
    log = update(world, script, sleep=waited.append)
    assert (log.outcome, waited) == ("done", [5.0, 5.0])


def test_noop_for_ever_is_given_up(world: World) -> None:
    script = Script(sendRequestXML=[""], getLastError="NoOp")
    log = update(world, script, noop_limit=3, sleep=lambda _: None)
    assert (log.outcome, script.operations.count("getLastError")) == ("failed", 4)


def test_a_negative_progress_asks_for_the_reason(world: World) -> None:
    script = Script(receiveResponseXML=["-1"], getLastError="cannot read it")
    log = update(world, script)
    assert (log.outcome, log.message) == ("failed", "cannot read it")
    assert script.operations[-2:] == ["getLastError", "closeConnection"]


def test_a_set_of_wrong_form_is_told_by_its_hresult(world: World) -> None:
    script = Script(sendRequestXML=[QUERY.replace("CustomerQueryRq", "CustmerQueryRq")])
    update(world, script)
    given = script.arguments("receiveResponseXML")
    assert (given["response"], given["hresult"]) == ("", "0x80040400")
    assert "CustmerQueryRq" not in given["message"]  # QuickBooks never says which


def test_a_missing_result_is_what_the_real_one_calls_it(world: World) -> None:
    log = update(world, Script(sendRequestXML=soap("sendRequestXML", "")))
    assert log.message == "QBWC1041: Object reference not set to an instance of an object."


def test_a_server_that_is_not_there(world: World) -> None:
    with serving(Script()) as url:
        pass
    log = WebConnector(world.company, url, "wc", "s3cret").update_selected()
    assert (log.outcome, log.operations) == ("unreachable", ["serverVersion"])


def test_http_is_for_this_machine_only(world: World) -> None:
    log = WebConnector(world.company, "http://books.example.com/", "wc", "s3cret").update_selected()
    assert (log.outcome, log.message[:8]) == ("unreachable", "QBWC1010")


def test_no_password_or_ticket_is_kept(world: World) -> None:
    with serving(Script()) as url:
        connector = WebConnector(world.company, url, "wc", "s3cret")
        log = connector.update_selected()
    told = f"{connector!r} {log!r}"
    assert "s3cret" not in told
    assert "TICKET" not in told


# -- mishaps ---------------------------------------------


def mishap(world: World, kind: Any, **more: Any) -> tuple[SessionLog, Script]:
    script = Script(sendRequestXML=[ADD], receiveResponseXML=["100"])
    return update(world, script, faults=[Fault(kind=kind, **more)], sleep=lambda _: None), script


#    kind                 outcome    done by QuickBooks, calls after sendRequestXML
MISHAPS = [
    ("crash_before_work", "crashed", False, []),
    ("lose_answer",       "crashed", True,  []),
    ("drop_reply",        "crashed", True,  ["receiveResponseXML"]),
    ("duplicate",         "done",    True,  ["receiveResponseXML", "receiveResponseXML", "closeConnection"]),
    ("hresult_before",    "done",    False, ["receiveResponseXML", "closeConnection"]),
    ("hresult_after",     "done",    True,  ["receiveResponseXML", "closeConnection"]),
    ("slow",              "done",    True,  ["receiveResponseXML", "closeConnection"]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "outcome", "done", "calls"), MISHAPS)
def test_mishaps(world: World, kind: str, outcome: str, done: bool, calls: list[str]) -> None:
    log, script = mishap(world, kind)
    assert (log.outcome, script.operations[4:]) == (outcome, calls)
    assert ("New" in {row["Name"] for row in world.company.records("Customer")}) is done
    if kind.startswith("hresult"):
        assert script.arguments("receiveResponseXML")["hresult"] == "0x80040402"


def test_a_dialog_in_quickbooks(world: World) -> None:
    log, script = mishap(world, "modal")
    assert script.operations[3:] == ["connectionError", "closeConnection"]
    assert script.arguments("connectionError")["hresult"] == "0x80040414"
    assert log.outcome == "failed"


def test_quickbooks_closed_between_two_pages(world: World) -> None:
    start = message_set([build_query("Customer", request_id="1", max_returned=2, iterator="Start")])
    first = update(world, Script(sendRequestXML=[start])).exchanges[0].response
    identity = next(parse_responses(first)).iterator_id
    assert identity
    page = {"request_id": "1", "max_returned": 2, "iterator": "Continue"}
    following = identity.replace(identity[-13:-1], f"{int(identity[-13:-1], 16) + 1:012x}")
    more = message_set([build_query("Customer", iterator_id=following, **page)])  # type: ignore[arg-type]
    script = Script(sendRequestXML=[start, more], receiveResponseXML=["50", "100"])
    log = update(world, script, faults=[Fault(kind="new_session", at=2)])
    assert [next(parse_responses(each.response)).status_code for each in log.exchanges] == [0, 3391]


def test_a_mishap_strikes_once_at_its_place(world: World) -> None:
    script = Script(sendRequestXML=[QUERY], receiveResponseXML=["50", "50", "100"])
    with serving(script) as url:
        fault = Fault(kind="lose_answer", at=2)
        connector = WebConnector(world.company, url, "wc", "s3cret", faults=[fault])
        first = connector.update_selected()
        second = connector.update_selected()
    assert (first.outcome, first.operations.count("sendRequestXML")) == ("crashed", 2)
    assert second.outcome == "done"


# -- adding the application --------------------------------------------

QWC = f"""<?xml version="1.0"?><QBWCXML><AppName>Test</AppName><AppID></AppID><AppURL>http://localhost:1/</AppURL>
<AppDescription>d</AppDescription><AppSupport>http://localhost:1/</AppSupport><UserName>wc</UserName>
<OwnerID>{OWNER}</OwnerID><FileID>{FILE}</FileID><QBType>QBFS</QBType></QBWCXML>"""


def test_an_application_is_added_by_its_qwc(world: World) -> None:
    connector = from_qwc(world.company, QWC, "s3cret")
    assert (connector.url, connector.user, connector.owner_id) == ("http://localhost:1/", "wc", OWNER)
    assert world.company.only_owner() == OWNER.lower()
    with pytest.raises(QbwcError, match=r"QBWC1039.*FileID"):
        from_qwc(world.company, QWC.replace(FILE, OWNER), "s3cret")
    with pytest.raises(QbwcError, match="lacks QBType"):
        from_qwc(world.company, QWC.replace("QBType", "QBTyp"), "s3cret")


# -- the bytes -----------------------------------------------


def test_the_bytes_of_a_call() -> None:
    assert envelope("closeConnection", [("ticket", "a<b>&")]) == (
        b'<?xml version="1.0" encoding="utf-8"?><soap:Envelope '
        b'xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" '
        b'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">'
        b'<soap:Body><closeConnection xmlns="http://developer.intuit.com/"><ticket>a&lt;b&gt;&amp;</ticket>'
        b"</closeConnection></soap:Body></soap:Envelope>"
    )


@pytest.mark.parametrize(
    "body", [b"", b"<html/>", soap("closeConnection", ""), soap("other", "<otherResult/>")]
)
def test_what_is_no_answer(body: bytes) -> None:
    with pytest.raises(SoapTrouble):
        result("closeConnection", body)
    assert result("closeConnection", soap("closeConnection", "<closeConnectionResult/>")) == [""]
