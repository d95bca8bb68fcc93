"""The smallest SOAP client: requests as recorded from a real Web Connector, answers as bytes."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from lxml import etree

NS = "http://developer.intuit.com/"

# As recorded (johnballantyne/qbws#10): declaration with an encoding, xsi and xsd declared, no prefix inside.
ENVELOPE = (
    '<?xml version="1.0" encoding="utf-8"?><soap:Envelope'
    ' xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:xsd="http://www.w3.org/2001/XMLSchema"><soap:Body>{body}</soap:Body></soap:Envelope>'
)

ARGUMENTS = {
    "serverVersion": (),
    "clientVersion": ("strVersion",),
    "authenticate": ("strUserName", "strPassword"),
    "sendRequestXML": (
        "ticket", "strHCPResponse", "strCompanyFileName", "qbXMLCountry", "qbXMLMajorVers", "qbXMLMinorVers",
    ),
    "receiveResponseXML": ("ticket", "response", "hresult", "message"),
    "connectionError": ("ticket", "hresult", "message"),
    "getLastError": ("ticket",),
    "closeConnection": ("ticket",),
    "getInteractiveURL": ("wcTicket", "sessionID"),
    "interactiveRejected": ("wcTicket", "reason"),
    "interactiveDone": ("wcTicket",),
}  # fmt: skip


def envelope(operation, *values):
    """A call as the Web Connector writes it."""
    arguments = "".join(
        f"<{name}>{escape(str(value))}</{name}>"
        for name, value in zip(ARGUMENTS[operation], values, strict=True)
    )
    inside = f">{arguments}</{operation}>" if arguments else " />"
    return ENVELOPE.format(body=f'<{operation} xmlns="{NS}"{inside}').encode()


class Wire:
    """A connection to a server, with the desk's calls over SOAP."""

    def __init__(self, url):
        parts = urlsplit(url)
        self.address, self.path = parts.netloc, parts.path
        self.statuses = []

    def post(self, body, *, headers=None, path=None):
        """Send bytes; answer (status, headers, bytes)."""
        connection = http.client.HTTPConnection(self.address, timeout=30)
        try:
            connection.request(
                "POST", path or self.path, body, headers or {"Content-Type": "text/xml; charset=utf-8"}
            )
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def get(self, path, method="GET"):
        connection = http.client.HTTPConnection(self.address, timeout=30)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def bytes_of(self, operation, *values):
        """The answer to a call, as bytes."""
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{NS}{operation}"'}
        status, _, body = self.post(envelope(operation, *values), headers=headers)
        self.statuses.append(status)
        return body

    def result(self, operation, *values):
        """The result element of a call."""
        parser = etree.XMLParser(huge_tree=True)
        root = etree.fromstring(self.bytes_of(operation, *values), parser)
        return root.find(f".//{{{NS}}}{operation}Result")

    def text(self, operation, *values):
        return self.result(operation, *values).text or ""

    def authenticate(self, user, password):
        return [one.text or "" for one in self.result("authenticate", user, password)]

    def send_request(self, ticket, hcp, path, country, major, minor):
        return self.text("sendRequestXML", ticket, hcp, path, country, major, minor)

    def receive_response(self, ticket, response, hresult, message):
        return int(self.text("receiveResponseXML", ticket, response, hresult, message))

    def connection_error(self, ticket, hresult, message):
        return self.text("connectionError", ticket, hresult, message)

    def last_error(self, ticket):
        return self.text("getLastError", ticket)

    def close(self, ticket):
        return self.text("closeConnection", ticket)
