"""What Salesforce's refusals mean, in plain words with a next step.

Sources: the fault texts of the SOAP login and the OAuth token endpoint, and Salesforce's table of
REST status codes.  Salesforce itself does not tell a wrong user from a wrong password or token.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import requests
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceError

from workbench.errors import ConnectionProblem

SOAP_ENDS = "SOAP login (user, password and token) ends in Summer '27: move to client credentials or JWT."

WRONG_SECRETS = frozenset(
    {
        "INVALID_LOGIN",
        "PASSWORD_LOCKOUT",
        "LOGIN_MUST_USE_SECURITY_TOKEN",
        "invalid_client",
        "invalid_client_id",
    }
)
"""Refusals that another try with the same secrets can only make worse: the user gets locked."""


class Refused(ConnectionProblem):
    """The org answered, and said no: nothing was done."""


class BrokenOff(ConnectionProblem):
    """An answer that came in part; reading it again does no harm."""


_LOGIN: Mapping[str, tuple[str, str]] = {
    "INVALID_LOGIN": (
        "the user name, password or security token was not accepted, or the user is locked out",
        "Check all three (a new password means a new token). Do not try often: it locks the user.",
    ),
    "LOGIN_MUST_USE_SECURITY_TOKEN": (
        "the security token is missing: this machine is outside the org's trusted networks",
        "Set salesforce.security_token (Salesforce: Settings > Reset My Security Token), "
        "or have this machine's address added under Network Access.",
    ),
    "LOGIN_DURING_RESTRICTED_DOMAIN": (  # (unverified) which code goes with which text
        "network access: the user's profile allows no login from this machine's address",
        "Have the address added to the login IP ranges of the user's profile.",
    ),
    "LOGIN_DURING_RESTRICTED_TIME": (
        "the user may not log in at this time of day",
        "Have the login hours of the user's profile changed, or run it at another time.",
    ),
    "INVALID_OPERATION": (
        "SOAP login is switched off in this org or gone from this API version",
        "Use `login: client_credentials` with an External Client App: SOAP login ends in Summer '27.",
    ),
    "PASSWORD_LOCKOUT": ("the user is locked out", "Wait, or have an administrator unlock the user."),
    "API_DISABLED_FOR_ORG": (
        "the API is not enabled for this org or user",
        "Ask for an edition with API access.",
    ),
    "API_CURRENTLY_DISABLED": ("the API is not enabled for this org", "Ask for an edition with API access."),
    "invalid_client_id": (
        "the client id was not accepted",
        "Copy the consumer key of the External Client App.",
    ),
    "invalid_client": (
        "the client id or client secret was not accepted",
        "Copy both again from the app's settings.",
    ),
    "invalid_grant": (
        "the app may not log in this way",
        "Enable the client credentials flow in the app and choose its run-as user.",
    ),
    "invalid_app_access": (
        "the user may not use this app",
        "Add the user's profile or a permission set under the app's policies.",
    ),
    "inactive_user": ("the user is inactive", "Have an administrator activate the user."),
    "inactive_org": ("the org is locked or closed", "Ask the org's administrator."),
    "unsupported_grant_type": (
        "this host does not offer the login that the profile asks for",
        "Client credentials need the org's My Domain host, not login.salesforce.com.",
    ),
}

_GRANT: tuple[tuple[str, str, str], ...] = (
    (
        "approved this consumer",
        "the app is not approved for this user",
        "In the app's policies choose 'Admin approved users are pre-authorized' and add the user's profile "
        "or a permission set.",
    ),
    (
        "audience",
        "the JWT is made for another login host",
        "Set salesforce.audience to https://login.salesforce.com, or for a sandbox to "
        "https://test.salesforce.com.",
    ),
    (
        "expired",
        "the JWT had run out when it arrived",
        "Set this machine's clock: it may differ by three minutes at most.",
    ),
    (
        "assertion",
        "the signature of the JWT was not accepted",
        "Upload the certificate that belongs to this private key to the app, and copy the client id again.",
    ),
    (
        "inactive",
        "the user is inactive",
        "Have an administrator activate the user, or choose another one.",
    ),
    (
        "no client credentials user",
        "the app has no run-as user",
        "Enable the client credentials flow in the app's policies and choose its run-as user.",
    ),
)
"""What `invalid_grant` means, by a part of its description (the texts are partly unverified)."""

_REQUEST: Mapping[str, tuple[str, str]] = {
    "REQUEST_LIMIT_EXCEEDED": (
        "the org has used up its API calls of the last 24 hours",
        "Wait, and run the command again: what was done stays done.",
    ),
    "INVALID_SESSION_ID": (
        "the session was not accepted",
        "Log in again; check that the user may use the API.",
    ),
    "INVALID_FIELD": ("a field does not exist or the user may not see it", "Run `workbench check`."),
    "INVALID_TYPE": ("an object does not exist or the user may not see it", "Run `workbench check`."),
    "API_DISABLED_FOR_ORG": (
        "the API is not enabled for this org or user",
        "Have an administrator give the user 'API Enabled'; some editions have no API.",
    ),
    "API_CURRENTLY_DISABLED": ("the API is not enabled for this org", "Ask for an edition with API access."),
    "UNSUPPORTED_API_VERSION": (
        "the API version was retired",
        "Set salesforce.api_version in profile.yaml to a newer one.",
    ),
    "SERVER_UNAVAILABLE": ("the org is busy or down", "Try again later; see the org's status page."),
    "QUERY_TIMEOUT": (
        "a query took the org too long",
        "Try again at a quieter hour, or lower salesforce.bulk_above so that Bulk API 2.0 reads it.",
    ),
    "INVALID_QUERY_LOCATOR": ("the org gave up a query in the middle", "Pull again."),
    "INVALIDJOBSTATE": ("a bulk job is not in the state for this", "Run the command again."),
}


_STRANGE = (
    "the answer was not one of Salesforce",
    "The org may be down: see its status page. Otherwise check the address in profile.yaml: the login host, "
    "or the org's My Domain host.",
)


def login_problem(error: SalesforceAuthenticationFailed, login: str, url: str) -> ConnectionProblem:
    """Say why a login was refused; the code of Salesforce stands in `values`."""
    code = str(error.code or "").removeprefix("sf:")
    message = str(error.auth_message)
    if code == "invalid_grant" and "ip restricted" in message:
        code = "LOGIN_DURING_RESTRICTED_DOMAIN"
    refused = (f"the login was refused: {message}", "See the org's login history.")
    if code == "invalid_grant":
        refused = next(((what, fix) for part, what, fix in _GRANT if part in message), _LOGIN[code])
    elif code in _LOGIN:
        refused = _LOGIN[code]
    # simple-salesforce gives the HTTP status as code where it could not read the answer.
    strange = isinstance(error.code, int) or code == "UNKNOWN_EXCEPTION_CODE" or _is_web_page(message)
    what, fix = _STRANGE if strange else refused
    if login == "password":
        fix = f"{fix} {SOAP_ENDS}"
    kind = ConnectionProblem if strange else Refused
    return kind(f"Salesforce: {what}", where=url, values={"login": login, "answer": code or "none"}, fix=fix)


def strange_answer(url: str) -> ConnectionProblem:
    """Say that whoever answered the login is not Salesforce."""
    what, fix = _STRANGE
    return ConnectionProblem(f"Salesforce: {what}", where=url, fix=fix)


def network_problem(error: requests.RequestException, url: str) -> ConnectionProblem:
    """Say why the org could not be reached."""
    kind = ConnectionProblem
    match error:
        case requests.exceptions.SSLError():
            what, fix = (
                "its TLS certificate was not accepted",
                "Check the address, and proxies that break TLS open.",
            )
        case requests.exceptions.Timeout():
            what, fix = "it did not answer in time", "Try again; if it was a write, pull first and look."
        case requests.exceptions.ConnectionError() if _NO_NAME.search(str(error)):
            what, fix = (
                "no such host is known (DNS)",
                "Check the address in profile.yaml for a slip, and this machine's DNS.",
            )
        case requests.exceptions.ChunkedEncodingError():
            kind = BrokenOff
            what, fix = "the answer broke off", "Try again; if it was a write, pull first and look."
        case requests.exceptions.ConnectionError():
            what, fix = "nothing answers there", "Check the address, the network and the firewall."
        case _:
            what, fix = f"the request failed ({type(error).__name__})", "Try again."
    return kind(f"Salesforce cannot be reached: {what}", where=url, fix=fix)


def request_problem(error: SalesforceError) -> ConnectionProblem:
    """Say why a request was refused as a whole; Salesforce's own words stand at the end.

    It is `Refused` where Salesforce itself said no; a web page may come from anything on the way, after the
    work was done.
    """
    code, message = error_of(error.content)
    what, fix = _REQUEST.get(code, (f"the request was refused: {message}", "Run `workbench check`."))
    kind = Refused if code and error.status < 500 else ConnectionProblem
    if _is_web_page(message):
        (what, fix), message = _STRANGE, "(a web page)"
    if "ConcurrentRequests" in message:
        what, fix = "too many of the org's requests run at the same time", "Run the command again."
    return kind(
        f"Salesforce: {what}",
        where=str(error.resource_name),
        values={"status": error.status, "code": code or "none", "answer": message},
        fix=fix,
    )


def _is_web_page(text: str) -> bool:
    return text.lstrip()[:9].casefold().startswith(("<html", "<!doctype", "<h1"))


def error_of(content: Any) -> tuple[str, str]:
    """Answer (code, message) of an error body; ('', its beginning) of anything else."""
    if isinstance(content, list) and content and isinstance(content[0], dict):
        return str(content[0].get("errorCode", "")), str(content[0].get("message", ""))
    return "", str(content)[:200]


_NO_NAME = re.compile("NameResolutionError|Failed to resolve|getaddrinfo|Name or service not known")
