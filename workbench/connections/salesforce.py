"""Salesforce through simple-salesforce: login, describe, query and sObject Collections.

simple-salesforce speaks https only and sets no time-outs, so one adapter is mounted for the org's
origin: it adds a time-out to every call and, for an org on loopback, speaks http.  A session that
has expired is renewed here, once, and the same request is sent again with the same headers
(simple-salesforce's own renewal would drop them).
"""

from __future__ import annotations

import json
import re
import secrets
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Literal
from urllib.parse import quote, urlsplit
from xml.parsers.expat import ExpatError

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceError,
    SalesforceExpiredSession,
)
from simple_salesforce.login import SalesforceLogin, token_login

from workbench.connections.salesforce_errors import (
    login_problem,
    network_problem,
    request_problem,
    strange_answer,
)
from workbench.errors import ConnectionProblem
from workbench.profile import Profile

CONNECT_SECONDS, READ_SECONDS = 10, 120
COLLECTION_SIZE = 200
"""Records in one sObject Collections request (Salesforce's limit)."""

Row = dict[str, Any]
RowResult = Mapping[str, Any]
"""`{"id": ..., "success": bool, "errors": [{"statusCode", "message", "fields"}]}`."""

LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")


class SalesforceConnection:
    """A logged-in org.

    Every call raises `ConnectionProblem` in plain words when the org cannot be reached or refuses the
    request as a whole; rows that are refused one by one come back as results.
    """

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._session = _session(profile.salesforce.url)
        self._client = self._login()

    @property
    def host(self) -> str:
        return str(self._client.sf_instance)

    def describe_objects(self) -> list[str]:
        """Answer the API names of all objects this user can see."""
        answer = self._call(lambda client: client.restful("sobjects"))
        return [item["name"] for item in answer["sobjects"]]

    def describe(self, name: str) -> Row:
        """Answer the describe of an object, as Salesforce sends it."""
        answer: Row = self._call(lambda client: client.restful(f"sobjects/{quote(name)}/describe"))
        return answer

    def query(self, soql: str) -> Iterator[Row]:
        """Yield the records of a query, page by page; money comes as Decimal."""
        page = self._call(lambda client: client.query(soql))
        while True:
            for record in page["records"]:
                record.pop("attributes", None)
                yield record
            if page["done"]:
                return
            page = self._following(page["nextRecordsUrl"])

    def _following(self, url: str) -> Row:
        page: Row = self._call(lambda client: client.query_more(url, identifier_is_url=True))
        return page

    def records(self, name: str, fields: Sequence[str], ids: Sequence[str]) -> dict[str, Row]:
        """Answer records by id; those that cannot be found are not in the answer."""
        found: dict[str, Row] = {}
        for start in range(0, len(ids), COLLECTION_SIZE):
            part = ", ".join(literal(id_) for id_ in ids[start : start + COLLECTION_SIZE])
            wanted = ", ".join(dict.fromkeys(("Id", *fields)))
            for record in self.query(f"SELECT {wanted} FROM {name} WHERE Id IN ({part})"):
                found[record["Id"]] = record
        return found

    def create(self, name: str, rows: Sequence[Row]) -> list[RowResult]:
        """Create up to 200 records; answers one result a row, in order."""
        return self._collection("POST", "composite/sobjects", name, rows)

    def update(self, name: str, rows: Sequence[Row]) -> list[RowResult]:
        """Update up to 200 records; each row holds its `Id`."""
        return self._collection("PATCH", "composite/sobjects", name, rows)

    def _collection(
        self, method: Literal["POST", "PATCH"], path: str, name: str, rows: Sequence[Row]
    ) -> list[RowResult]:
        body = collection_body(name, rows)
        answer = self._call(
            lambda client: client.restful(
                path,
                method=method,
                data=body,
                headers={"Content-Type": "application/json; charset=UTF-8"},
            )
        )
        return list(answer or ())

    def _call(self, send: Callable[[Salesforce], Any]) -> Any:
        try:
            try:
                return send(self._client)
            except SalesforceExpiredSession:
                self._client = self._login()
                return send(self._client)
        except SalesforceError as error:
            raise request_problem(error) from error
        except requests.RequestException as error:
            raise network_problem(error, self._profile.salesforce.url) from error

    def _login(self) -> Salesforce:
        settings = self._profile.salesforce
        try:
            session_id, instance = self._session_id()
        except SalesforceAuthenticationFailed as error:
            raise login_problem(error, settings.login, settings.url) from error
        except requests.RequestException as error:
            raise network_problem(error, settings.url) from error
        except (AttributeError, KeyError, ValueError, ExpatError) as error:
            raise strange_answer(settings.url) from error
        return Salesforce(
            session_id=session_id,
            instance=instance,
            session=self._session,
            version=settings.api_version,
            parse_float=Decimal,
        )

    def _session_id(self) -> tuple[str, str]:
        settings = self._profile.salesforce
        if settings.login == "password":
            # SOAP login ends at version 64 and in Summer '27; newer versions refuse it.
            return SalesforceLogin(
                username=settings.username,
                password=self._profile.secret("salesforce.password"),
                security_token=self._profile.secret("salesforce.security_token"),
                sf_version="64.0",
                scratch_url=_https(settings.url),
                session=self._session,
            )
        client_id = self._profile.secret("salesforce.client_id")
        client_secret = self._profile.secret("salesforce.client_secret")
        return token_login(
            f"{_https(settings.url)}/services/oauth2/token",
            {"grant_type": "client_credentials"},
            "",
            client_id,
            {"Authorization": "Basic " + b64encode(f"{client_id}:{client_secret}".encode()).decode()},
            None,
            self._session,
        )


def literal(text: str) -> str:
    """Answer a SOQL string literal."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{escaped}'"


def collection_body(name: str, rows: Sequence[Row], *, all_or_none: bool = False) -> str:
    """Answer the exact JSON of a Collections request."""
    records = [{"attributes": {"type": name}} | row for row in rows]
    return exact_json({"allOrNone": all_or_none, "records": records})


def exact_json(value: object, *, indent: int | None = None) -> str:
    """Answer JSON in which decimals are written digit by digit, and dates as Salesforce takes them.

    The json module would send a Decimal through a float, so it gets a marked text and the marks are
    taken off afterwards; the mark holds a random part, so that no customer's text can look like one.
    """
    mark = f"decimal-{secrets.token_hex(8)}:"

    def plain(value: object) -> object:
        if isinstance(value, Decimal):
            return mark + format(value, "f")
        if isinstance(value, date):
            return value.isoformat()
        raise TypeError(f"{type(value).__name__} cannot be sent to Salesforce: {value!r}")

    text = json.dumps(value, default=plain, ensure_ascii=False, indent=indent)
    return re.sub(f'"{mark}([^"]*)"', r"\1", text)


class _Adapter(HTTPAdapter):
    """Adds a time-out to every request and, for an org on loopback, speaks http instead of https."""

    def __init__(self, *, plain_http: bool) -> None:
        self._plain_http = plain_http
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **keywords: Any) -> requests.Response:
        if self._plain_http and request.url is not None:
            request.url = "http://" + request.url.removeprefix("https://")
        if keywords.get("timeout") is None:
            keywords["timeout"] = (CONNECT_SECONDS, READ_SECONDS)
        return super().send(request, *args, **keywords)


def _session(url: str) -> requests.Session:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConnectionProblem(
            f"{url!r} is not the address of an org",
            where="profile.yaml: salesforce.url",
            fix="Write it like https://example.my.salesforce.com.",
        )
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ConnectionProblem(
            "plain http is for an org on this machine only",
            where="profile.yaml: salesforce.url",
            values={"url": url},
            fix="Use https.",
        )
    session = requests.Session()
    session.mount("https://", _Adapter(plain_http=False))
    if parts.scheme == "http":
        session.trust_env = False  # a proxy has no business between two processes of one machine
        session.mount(f"https://{parts.netloc}", _Adapter(plain_http=True))
    return session


def _https(url: str) -> str:
    parts = urlsplit(url)
    return f"https://{parts.netloc}"
