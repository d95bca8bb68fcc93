"""The client half of the Web Connector's SOAP: the bytes that the real one sends, and nothing kinder.

SOAP 1.1, document/literal, HTTP POST, everything in Intuit's namespace; `serverVersion` goes without
arguments (recorded).  http is taken for this machine only, as QBWC does (QBWC1010).
"""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from lxml import etree

NAMESPACE = "http://developer.intuit.com/"
_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class SoapTrouble(Exception):
    """A call that brought no usable answer.

    Attributes:
        sent: The server may have taken the call: it failed after the request was sent.
    """

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent


class SoapClient:
    """Calls one service; the connection is kept open between calls."""

    def __init__(self, url: str, *, ca: Path | None = None, timeout: float = 120) -> None:
        self._parts = urlsplit(url)
        self._timeout = timeout
        self._ca = ca
        self._connection: Any = None

    def call(self, operation: str, arguments: Sequence[tuple[str, str]]) -> list[str]:
        """The result: one text, or the strings of an array.  `SoapTrouble` when there is none."""
        body = self.post(operation, envelope(operation, arguments))
        return result(operation, body)

    def send_only(self, operation: str, arguments: Sequence[tuple[str, str]]) -> None:
        """Send a call and lose the connection once the server has answered, without reading what."""
        self.post(operation, envelope(operation, arguments))
        self.close()

    def send_half(self, operation: str, arguments: Sequence[tuple[str, str]]) -> None:
        """Send the first half of a call and lose the connection."""
        body = envelope(operation, arguments)
        connection = self._connection or self._connect()
        try:
            connection.putrequest("POST", self._parts.path or "/")
            for name, value in (*_headers(operation).items(), ("Content-Length", str(len(body)))):
                connection.putheader(name, value)
            connection.endheaders(body[: len(body) // 2])
        except OSError as error:
            raise SoapTrouble(f"{type(error).__name__}: {error}", sent=False) from None
        finally:
            connection.close()
            self._connection = None

    def close(self) -> None:
        """Drop the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> Any:
        host, secure = self._parts.hostname or "", self._parts.scheme == "https"
        if not secure and host not in _HERE:
            raise SoapTrouble(
                f"QBWC1010: https is required for {host}; http is for this machine only", sent=False
            )
        if not secure:
            return http.client.HTTPConnection(host, self._parts.port, timeout=self._timeout)
        context = ssl.create_default_context(cafile=None if self._ca is None else str(self._ca))
        return http.client.HTTPSConnection(host, self._parts.port, timeout=self._timeout, context=context)

    def post(self, operation: str, body: bytes) -> bytes:
        """Send an envelope as it is; the body that comes back.  `SoapTrouble` when there is none."""
        headers = _headers(operation)
        kept = self._connection is not None
        sent = False
        try:
            if self._connection is None:
                self._connection = self._connect()
            self._connection.request("POST", self._parts.path or "/", body, headers)
            sent = True
            answer = self._connection.getresponse()
            content = bytes(answer.read())
        except http.client.RemoteDisconnected:
            self.close()
            if kept and operation in ("serverVersion", "clientVersion"):
                return self.post(operation, body)
            raise SoapTrouble("the server closed the connection without an answer", sent=sent) from None
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise SoapTrouble(f"{type(error).__name__}: {error}", sent=sent) from None
        if answer.status != 200:
            raise SoapTrouble(f"HTTP {answer.status}: {_fault(content)}", sent=True)
        return content


def _headers(operation: str) -> dict[str, str]:
    return {
        "Content-Type": "text/xml; charset=utf-8",
        "SOAPAction": f'"{NAMESPACE}{operation}"',
        "User-Agent": "Simulated Web Connector",
    }


def envelope(operation: str, arguments: Sequence[tuple[str, str]]) -> bytes:
    """The request as the real Web Connector writes it (recorded shape)."""
    inner = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in arguments)
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        f'<soap:Envelope xmlns:soap="{_ENVELOPE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xmlns:xsd="http://www.w3.org/2001/XMLSchema"><soap:Body>'
        f'<{operation} xmlns="{NAMESPACE}">{inner}</{operation}></soap:Body></soap:Envelope>'
    ).encode()


def result(operation: str, body: bytes) -> list[str]:
    """The result of an answer; as QBWC, nothing missing, nil or in another namespace is accepted."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise SoapTrouble(f"the answer is no XML: {error}", sent=True) from None
    found = root.find(f".//{{{NAMESPACE}}}{operation}Response/{{{NAMESPACE}}}{operation}Result")
    if found is None or found.get("{http://www.w3.org/2001/XMLSchema-instance}nil"):
        raise SoapTrouble("Object reference not set to an instance of an object.", sent=True)
    if operation == "authenticate":
        strings = [each.text or "" for each in found.iterchildren(f"{{{NAMESPACE}}}string")]
        if not 2 <= len(strings) <= 4:
            raise SoapTrouble("Index was outside the bounds of the array.", sent=True)
        return strings
    return [found.text or ""]


def _fault(content: bytes) -> str:
    try:
        text = etree.fromstring(content, etree.XMLParser(resolve_entities=False)).findtext(".//faultstring")
    except etree.XMLSyntaxError:
        text = None
    return text or content[:200].decode("utf-8", "replace")
