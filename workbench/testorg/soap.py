"""SOAP login (partner namespace) at `/services/Soap/u/{31..64}`; it ends before API 65."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape

from lxml import etree

from .access import Doorkeeper, OrgSettings
from .errors import OrgError

FIRST_VERSION, LAST_VERSION = 31, 64
MAX_BODY = 100_000  # bytes of a login request
_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_PARTNER = "urn:partner.soap.sforce.com"
_FAULT = "urn:fault.partner.soap.sforce.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the org says it is: `url` without a slash at its end, and its ids."""

    url: str
    org_id: str
    org_name: str
    sandbox: bool


def login(body: bytes, version: str, door: Doorkeeper, settings: OrgSettings, place: Place) -> str:
    """Answer a login request; `version` is the last part of the address, e.g. `64.0`.

    Raises:
        OrgError: what the fault shall say; see `fault`.
    """
    _check_version(version)
    username, secret, organization = _read(body)
    if not settings.soap_login:
        raise OrgError(
            "INVALID_OPERATION",
            "SOAP API login() is disabled by default in this org. An administrator can enable it, or the"
            " client can log in by OAuth.",
        )
    if organization is not None and organization[:15] != place.org_id[:15]:
        raise OrgError("INVALID_LOGIN", "Invalid organization for the user name.")
    session = door.login(username, secret)
    return _answer(session.token, session.username, version, place)


def _check_version(version: str) -> None:
    number = version.removesuffix(".0")
    if not number.isdigit() or int(number) < FIRST_VERSION:
        raise OrgError("UNSUPPORTED_API_VERSION", f"Invalid Api version specified on URL: {version}")
    if int(number) > LAST_VERSION:
        raise OrgError(
            "INVALID_OPERATION",
            f"The SOAP Login operation is not available in the API version specified ({version}). Use"
            f" version {LAST_VERSION}.0 or earlier, or an OAuth flow.",
        )


def _read(body: bytes) -> tuple[str, str, str | None]:
    """User name, password with token, and the organization id of a LoginScopeHeader."""
    if len(body) > MAX_BODY:
        raise OrgError("XML_PARSER_ERROR", f"The request is larger than {MAX_BODY} bytes")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise OrgError("XML_PARSER_ERROR", f"The request is not well-formed XML: {error.msg}") from None
    if root.getroottree().docinfo.doctype:
        raise OrgError("XML_PARSER_ERROR", "A document type declaration is not allowed")
    call = root.find(f"{{{_ENVELOPE}}}Body/{{{_PARTNER}}}login")
    if call is None:
        raise OrgError("INVALID_OPERATION", "No operation available for request; this org knows login only")
    username = call.findtext(f"{{{_PARTNER}}}username") or ""
    secret = call.findtext(f"{{{_PARTNER}}}password") or ""
    organization = root.findtext(
        f"{{{_ENVELOPE}}}Header/{{{_PARTNER}}}LoginScopeHeader/{{{_PARTNER}}}organizationId"
    )
    return username, secret, organization


def _answer(token: str, username: str, version: str, place: Place) -> str:
    """The login result; clients look for `sessionId` and `serverUrl` without a prefix."""
    server = f"{place.url}/services/Soap/u/{version}/{place.org_id}"
    user_info = (
        f"<organizationId>{place.org_id}</organizationId>"
        f"<organizationName>{escape(place.org_name)}</organizationName>"
        f"<userName>{escape(username)}</userName>"
    )
    result = (
        f"<metadataServerUrl>{escape(server)}</metadataServerUrl><passwordExpired>false</passwordExpired>"
        f"<sandbox>{'true' if place.sandbox else 'false'}</sandbox>"
        f"<serverUrl>{escape(server)}</serverUrl><sessionId>{escape(token)}</sessionId>"
        f"<userInfo>{user_info}</userInfo>"
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{_ENVELOPE}"'
        f' xmlns="{_PARTNER}"><soapenv:Body><loginResponse><result>{result}</result></loginResponse>'
        "</soapenv:Body></soapenv:Envelope>"
    )


def fault(error: OrgError) -> str:
    """A SOAP fault with `sf:exceptionCode` and `sf:exceptionMessage`; its HTTP status is 500."""
    message = escape(error.message)
    detail = (
        f'<sf:LoginFault xsi:type="sf:LoginFault"><sf:exceptionCode>{error.code}</sf:exceptionCode>'
        f"<sf:exceptionMessage>{message}</sf:exceptionMessage></sf:LoginFault>"
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{_ENVELOPE}"'
        f' xmlns:sf="{_FAULT}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>'
        f"<soapenv:Fault><faultcode>sf:{error.code}</faultcode><faultstring>{error.code}: {message}"
        f"</faultstring><detail>{detail}</detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )
