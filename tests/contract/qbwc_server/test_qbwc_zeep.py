"""A client that others wrote, from WSDLs that others wrote, runs whole sessions with the server."""

from __future__ import annotations

from io import BytesIO

import pytest

from qbwc import queue, users
from qbwc.simulator.refusals import QuickBooksRefused
from tests.oracles import oracle
from tests.unit.qbwc_server.qbwc_driver import PATH, Connector, add

zeep = pytest.importorskip("zeep", reason="zeep is not installed: it is only needed to play a foreign client")

WSDLS = ["wsdl/QBWebConnectorSvc.consolibyte.wsdl", "wsdl/qbws.quickbooks-js.wsdl"]


class Offline(zeep.transports.Transport):
    """Talks to the server under test; whatever a WSDL names elsewhere is not fetched."""

    def load(self, url):
        raise AssertionError(f"the WSDL wants to fetch {url}")


class ZeepCalls:
    """The desk's calls through a zeep service."""

    def __init__(self, service):
        self.service = service

    def authenticate(self, user, password):
        return [one or "" for one in self.service.authenticate(user, password)]

    def send_request(self, ticket, hcp, path, country, major, minor):
        return self.service.sendRequestXML(ticket, hcp, path, country, major, minor) or ""

    def receive_response(self, ticket, response, hresult, message):
        return self.service.receiveResponseXML(ticket, response, hresult, message)

    def connection_error(self, ticket, hresult, message):
        return self.service.connectionError(ticket, hresult, message)

    def last_error(self, ticket):
        return self.service.getLastError(ticket)

    def close(self, ticket):
        return self.service.closeConnection(ticket)


@pytest.fixture(params=WSDLS, ids=["consolibyte", "quickbooks-js"])
def service(request, office):
    source = oracle(request.param).read_bytes()
    # The second file has a comment before its XML declaration, which no parser takes.
    source = source[source.index(b"<?xml") :]
    settings = zeep.Settings(strict=True)
    client = zeep.Client(BytesIO(source), transport=Offline(), settings=settings)
    (binding,) = [name for name in client.wsdl.bindings if "Soap12" not in name]
    return client.create_service(binding, office.url)


@pytest.mark.oracle
def test_a_whole_session(office, service):
    ids = office.enqueue(queue.QueryRequest(entity="Customer", max_returned=3), add("Newcomer"))
    office.connector = Connector(ZeepCalls(service), office.company)
    log = office.connector.update()
    assert (log.verdict, log.errors, log.percents[-1]) == (PATH, [], 100)
    assert office.state(*ids) == ["answered", "answered"]
    assert log.farewell == "OK: 2 requests settled."


@pytest.mark.oracle
def test_every_operation_and_every_empty_answer(office, service):
    assert service.serverVersion("2.0").startswith("sfqb-workbench")
    assert service.clientVersion("2.3.0.215") in ("", None)
    assert [one or "" for one in service.authenticate("maria", "wrong")][1] == "nvu"
    assert service.sendRequestXML("x", "", "", "US", 13, 0) in ("", None)
    assert service.receiveResponseXML("x", "", "", "") == -1
    assert service.connectionError("x", "0x80040408", "no") == "done"
    assert "not known" in service.getLastError("x")
    assert service.closeConnection("x") == "OK"


def test_the_interactive_operations_by_our_own_description(office):
    """No public WSDL has them; ours describes what it answers."""
    _, _, source = office.wire.get("/qbwc?wsdl")
    client = zeep.Client(BytesIO(source), transport=Offline(), settings=zeep.Settings(strict=True))
    (binding,) = client.wsdl.bindings
    service = client.create_service(binding, office.url)
    assert service.getInteractiveURL("t", "1") in ("", None)
    assert service.interactiveRejected("t", "no") == "Interactive mode is not used."
    assert service.interactiveDone("t") == "Done"
    assert service.authenticate("maria", "wrong")[1] == "nvu"


@pytest.mark.oracle
def test_a_company_with_a_pace(office, service):
    office.enqueue(add("Newcomer"))
    users.set_pace(office.engine, "alpine", postpone_seconds=600, every_seconds=300)
    ticket, *told = [one or "" for one in service.authenticate("maria", "correct horse")]
    assert (told[0], 590 < int(told[1]) <= 600, told[2]) == ("", True, "300")
    assert "postponed" in service.getLastError(ticket)


@pytest.mark.oracle
def test_quickbooks_refuses_everything(office, service):
    office.enqueue(queue.QueryRequest(entity="Customer"))

    class Refuses:
        def process(self, _text):
            raise QuickBooksRefused("0x80040414", "A modal dialog box is showing.")

    office.connector = Connector(ZeepCalls(service), office.company)
    office.connector.open = lambda _company: Refuses()
    log = office.connector.update()
    assert log.percents == [-1]
    assert "a dialog is open in QuickBooks" in log.farewell
