"""What stands in front of the SOAP service: pages for people, and a guard for what comes in.

`/` and `/qbwc` answer GET with a status page and `/support` with help, because the Web Connector asks for
both when the .qwc file is loaded (QBWC1003, QBWC1004); no login, and no data on them.  `/health` is for
machines.  SOAP is POST on `/qbwc`.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from html import escape
from http import HTTPStatus
from io import BytesIO
from typing import Any

from qbwc.service.bodies import take_body
from qbwc.service.calls import NotACall, SoapCall, read_call
from qbwc.service.soap import CALL, NAMESPACE, OPERATIONS, server_version
from qbwc.status import QBWC_HELP

log = logging.getLogger("qbwc.service")

SOAP_PATH = "/qbwc"
BODY_LIMIT = 128 * 1024 * 1024
"""Bytes of a request: a page of answers arrives as one body, and its markup escaped, so nearly doubled."""

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
_ENCODINGS = frozenset({"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "windows-1252"})
_HEADERS = [
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
]


def application(
    soap: Application,
    *,
    knows: Callable[[str], bool] = lambda _ticket: True,
    answering: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Application:
    """The whole site around the SOAP application.

    Args:
        knows: Says whose large bodies are taken, by ticket.
        answering: Entered while a call is worked on that has arrived whole.
    """

    def site(environ: Environ, start: StartResponse) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "/").rstrip("/") or "/"
        if path == SOAP_PATH and (method == "POST" or _asks_wsdl(environ)):
            return _soap(soap, environ, start, knows, answering)
        if method not in ("GET", "HEAD"):
            return _answer(
                environ,
                start,
                HTTPStatus.METHOD_NOT_ALLOWED,
                "Only GET, and POST on /qbwc.",
                extra=[("Allow", "GET, HEAD, POST" if path == SOAP_PATH else "GET, HEAD")],
            )
        if path in ("/", SOAP_PATH):
            return _answer(environ, start, HTTPStatus.OK, _status_page(), "text/html")
        if path == "/support":
            return _answer(environ, start, HTTPStatus.OK, _help_page(), "text/html")
        if path == "/health":
            return _answer(environ, start, HTTPStatus.OK, json.dumps({"ok": True}), "application/json")
        return _answer(
            environ, start, HTTPStatus.NOT_FOUND, "There is nothing here. The service is at /qbwc."
        )

    return site


def _asks_wsdl(environ: Environ) -> bool:
    return environ["REQUEST_METHOD"] == "GET" and str(environ.get("QUERY_STRING", "")).lower() == "wsdl"


def _soap(
    soap: Application,
    environ: Environ,
    start: StartResponse,
    knows: Callable[[str], bool],
    answering: Callable[[], AbstractContextManager[None]],
) -> Iterable[bytes]:
    if environ["REQUEST_METHOD"] != "POST":
        return _answered(soap, environ, start)
    try:
        body = take_body(environ, BODY_LIMIT, knows, OPERATIONS)
    except (ValueError, OSError):  # lengths that are none, or the line went
        return _fault(start, "Client", "The request could not be read.", [("Connection", "close")])
    with answering():
        try:
            call = body if isinstance(body, SoapCall) else _read(body, environ.get("CONTENT_TYPE", ""))
        except NotACall as error:
            return _fault(start, "Client", str(error))
        del body
        environ[CALL] = call
        short = call.envelope(NAMESPACE)
        environ |= {"wsgi.input": BytesIO(short), "CONTENT_LENGTH": str(len(short))}
        environ["CONTENT_TYPE"] = "text/xml; charset=utf-8"
        return _answered(soap, environ, start)


def _answered(soap: Application, environ: Environ, start: StartResponse) -> Iterable[bytes]:
    try:
        return list(soap(environ, start))
    except Exception as error:  # a peer gets a sentence, never a traceback; the log gets the kind of trouble
        log.error("SOAP request failed with %s", type(error).__name__)
        return _fault(start, "Server", "The request could not be processed.")


def _read(body: bytes, content_type: str) -> SoapCall:
    encoding, trouble = refusal(body, content_type)
    if trouble:
        raise NotACall(trouble)
    return read_call(body, encoding=encoding, namespace=NAMESPACE, operations=OPERATIONS)


def refusal(body: bytes, content_type: str) -> tuple[str, str | None]:
    """The encoding of a body, and why it is not handed on to the parser; None when it may be.

    The parser refuses a DTD, which could make a small body grow without bound; an exotic encoding could
    hide one.
    """
    if not body or body.isspace():
        return "", "The request has no body."
    if len(body) > BODY_LIMIT:
        return "", f"The request is larger than {BODY_LIMIT} bytes."
    if b"\0" in body[:64]:
        return "", "Only UTF-8 is understood."
    declared = re.search(rb"""^[^>]{0,80}encoding\s*=\s*["']([\w.:-]+)["']""", body[:200])
    charset = re.search(r"""charset\s*=\s*["']?([\w.:-]+)""", content_type, re.I)
    names = [charset[1]] if charset else []
    names += [declared[1].decode()] if declared else []
    for name in names:
        if name.lower() not in _ENCODINGS:
            return "", f"The encoding {name} is not understood; use UTF-8."
    # What HTTP says counts more than what the document says of itself (SOAP 1.1; RFC 2376).
    return (names[0].lower() if names else "utf-8"), None


def _fault(
    start: StartResponse, code: str, text: str, extra: list[tuple[str, str]] | None = None
) -> list[bytes]:
    body = (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><soap:Fault>'
        f"<faultcode>soap:{code}</faultcode><faultstring>{escape(text)}</faultstring>"
        "</soap:Fault></soap:Body></soap:Envelope>"
    ).encode()
    start(
        "500 Internal Server Error",
        [("Content-Type", "text/xml; charset=utf-8"), ("Content-Length", str(len(body))), *(extra or [])],
    )
    return [body]


def _answer(
    environ: Environ,
    start: StartResponse,
    code: HTTPStatus,
    text: str,
    kind: str = "text/plain",
    extra: list[tuple[str, str]] | None = None,
) -> list[bytes]:
    body = text.encode()
    headers = [("Content-Type", f"{kind}; charset=utf-8"), ("Content-Length", str(len(body)))]
    start(f"{code.value} {code.phrase}", headers + _HEADERS + (extra or []))
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem;color:#222}"
    "h1{font-size:1.4rem}table{border-collapse:collapse}"
    "td,th{border-bottom:1px solid #ddd;padding:.4rem .6rem;text-align:left;vertical-align:top}"
)


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>{body}</body></html>"
    )


def _status_page() -> str:
    return _page(
        "The Web Connector service is running",
        f"<p>{escape(server_version())}. The QuickBooks Web Connector talks to this address; there is "
        'nothing to do here with a browser.</p><p><a href="/support">Help</a></p>',
    )


def _help_page() -> str:
    rows = "".join(
        f"<tr><td>{escape(code)}</td><td>{escape(meaning)}</td><td>{escape(action)}</td></tr>"
        for code, (meaning, action) in QBWC_HELP.items()
    )
    return _page(
        "Connecting QuickBooks",
        "<ol><li>Open the company file in QuickBooks as the Admin user, in single-user mode.</li>"
        "<li>In the Web Connector choose Add an Application and open the .qwc file.</li>"
        '<li>In QuickBooks answer "Yes, always; allow access even if QuickBooks is not running".</li>'
        "<li>Type the password into the Password column, and say yes to saving it.</li>"
        "<li>Tick the application and press Update Selected.</li></ol>"
        "<h2>What the codes mean</h2>"
        f"<table><tr><th>Code</th><th>Meaning</th><th>What to do</th></tr>{rows}</table>",
    )
