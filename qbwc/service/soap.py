"""The SOAP face: operations, argument names and namespace exactly as the Web Connector expects them.

SOAP 1.1, document/literal wrapped, everything in `http://developer.intuit.com/` (Intuit, QBWC Programmer's
Guide, chapters 5 and 10).  Result elements are never left out: "" is an element with nothing in it.  The
real QBWC calls `serverVersion` without arguments although WSDL copies declare one (recorded).
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from time import perf_counter
from typing import Any

from qbwc.service.calls import SoapCall
from qbwc.service.journal import Journal
from qbwc.service.versions import ClientPolicy
from qbwc.session import Desk
from qbwc.spyne_compat import (
    Application,
    Array,
    Integer32,
    ServiceBase,
    Soap11,
    Unicode,
    WsgiApplication,
    rpc,
)

NAMESPACE = "http://developer.intuit.com/"
NAME = "QBWebConnectorSvc"

# `string` children in Intuit's namespace: another one gives QBWC1012 (recorded).
_Strings = Array(Unicode).customize(type_name="ArrayOfString")
# An int in the WSDL, taken as text: what is no number must not make a known operation answer with a fault.
_Int = type("_Int", (Unicode,), {"__type_name__": "int", "__namespace__": "http://www.w3.org/2001/XMLSchema"})

Call = Callable[..., Any]  # (desk, peer, *arguments as text) -> result
# name -> (argument names, result, what it does)
_OPERATIONS: dict[str, tuple[tuple[str, ...], Any, Call]] = {
    "serverVersion": (("strVersion",), Unicode, lambda _desk, _peer, _version: server_version()),
    # Answered by the policy: see `_service`.
    "clientVersion": (("strVersion",), Unicode, lambda _desk, _peer, _version: ""),
    "authenticate": (
        ("strUserName", "strPassword"),
        _Strings,
        lambda desk, peer, user, password: desk.authenticate(user, password, peer=peer),
    ),
    "sendRequestXML": (
        (
            "ticket",
            "strHCPResponse",
            "strCompanyFileName",
            "qbXMLCountry",
            "qbXMLMajorVers",
            "qbXMLMinorVers",
        ),
        Unicode,
        lambda desk, _peer, ticket, hcp, path, country, major, minor: desk.send_request(
            ticket, hcp, path, country, _number(major), _number(minor)
        ),
    ),
    "receiveResponseXML": (
        ("ticket", "response", "hresult", "message"),
        Integer32,
        lambda desk, _peer, ticket, response, hresult, message: desk.receive_response(
            ticket, response, hresult, message
        ),
    ),
    "connectionError": (
        ("ticket", "hresult", "message"),
        Unicode,
        lambda desk, _peer, ticket, hresult, message: desk.connection_error(ticket, hresult, message),
    ),
    "getLastError": (("ticket",), Unicode, lambda desk, _peer, ticket: desk.last_error(ticket)),
    "closeConnection": (("ticket",), Unicode, lambda desk, _peer, ticket: desk.close(ticket)),
    # Interactive mode is withdrawn (Guide, chapter 6).  These answers are constants and unverified: no public
    # WSDL has the operations, and Intuit's texts disagree about interactiveDone.
    "getInteractiveURL": (("wcTicket", "sessionID"), Unicode, lambda _desk, _peer, _ticket, _id: ""),
    "interactiveRejected": (
        ("wcTicket", "reason"),
        Unicode,
        lambda _desk, _peer, _ticket, _reason: "Interactive mode is not used.",
    ),
    "interactiveDone": (("wcTicket",), Unicode, lambda _desk, _peer, _ticket: "Done"),
}
OPERATIONS = frozenset(_OPERATIONS)

CALL = "qbwc.call"
"""Where the WSGI environment holds the `SoapCall`: its texts do not pass through spyne, which copies them."""

_INTS = frozenset({"qbXMLMajorVers", "qbXMLMinorVers"})


def soap_application(
    desk: Desk, *, body_limit: int, policy: ClientPolicy | None = None, journal: Journal | None = None
) -> Any:
    """The operations as a WSGI application; it takes bodies up to `body_limit` bytes."""
    application = Application(
        [_service(desk, policy or ClientPolicy(), journal or Journal())],
        tns=NAMESPACE,
        name=NAME,
        in_protocol=Soap11(parse_xsi_type=False),
        out_protocol=Soap11(),
    )
    return WsgiApplication(application, max_content_length=body_limit)


def server_version() -> str:
    """What QBWC shows under "More information"."""
    try:
        return f"sfqb-workbench {version('sfqb-workbench')}"
    except PackageNotFoundError:
        return "sfqb-workbench"


def _service(desk: Desk, policy: ClientPolicy, journal: Journal) -> Any:
    rows = {**_OPERATIONS, "clientVersion": (("strVersion",), Unicode, _client_version(policy))}
    operations = {name: _operation(desk, journal, name, *row) for name, row in rows.items()}
    return type("QBWebConnectorSvcSoap", (ServiceBase,), operations)


def _client_version(policy: ClientPolicy) -> Call:
    return lambda _desk, _peer, version: policy.answer(version)


def _operation(
    desk: Desk, journal: Journal, name: str, arguments: tuple[str, ...], result: Any, call: Call
) -> Any:
    def answer(ctx: Any, *_: None) -> Any:
        peer, began = str(ctx.transport.req_env.get("REMOTE_ADDR", "")), perf_counter()
        given: SoapCall = ctx.transport.req_env[CALL]
        # An element that is missing or nil counts as empty.
        values = [given.arguments.get(argument, "") for argument in arguments]
        told = call(desk, peer, *values)
        journal.write(name, peer, list(zip(arguments, values, strict=True)), told, perf_counter() - began)
        return told

    answer.__name__ = name
    types = [_Int if argument in _INTS else Unicode for argument in arguments]
    return rpc(*types, _returns=result, _args=arguments)(answer)


def _number(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None
