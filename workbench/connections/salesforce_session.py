"""Requests to one org: time-outs, one renewal of the session, retries where repeating is safe, counting.

simple-salesforce knows the logins and the errors; the requests are sent here, because its own renewal
sends a request again without the caller's headers, without bound for single records, and not at all for
Bulk API 2.0.  A request is repeated after trouble on the way only where that is safe (reading, and what is
marked `repeatable`), or where Salesforce said that it has not begun with it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.exceptions import SalesforceError
from simple_salesforce.util import exception_handler
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from workbench.connections.salesforce_errors import error_of, network_problem, request_problem
from workbench.connections.salesforce_limits import Usage, usage
from workbench.connections.salesforce_login import Login, log_in, renewable
from workbench.errors import ConnectionProblem
from workbench.profile import Profile

CONNECT_SECONDS, READ_SECONDS = 10, 120
TRIES = 4
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.5, 8.0
"""Before the second try, doubled for each further one, less a random part; and at most."""

USAGE_SECONDS = 300.0
"""How long it is believed what the org said about its API calls."""

LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")
_BUSY = (429, 500, 502, 503, 504)
"""Answers of a server that is down or busy; for a read only."""


class SalesforceSession:
    """A login that is kept alive.

    Attributes:
        calls: Requests to the API so far, logins left out.
        usage: What the org said about its API calls last.
        server_time: The org's clock at its last answer (aware, UTC); None before the first one.
    """

    def __init__(self, profile: Profile, *, again: bool = False) -> None:
        self._profile = profile
        self._http = _http(profile.salesforce.url)
        self._turn = threading.Lock()
        self._login = log_in(profile, self._http, again=again)
        self.calls = 0
        self.usage: Usage | None = None
        self._told_at = 0.0
        self.server_time: datetime | None = None

    @property
    def host(self) -> str:
        return self._login.instance

    @property
    def usage_is_old(self) -> bool:
        """Whether others may have used, or the day given back, many calls since the org told."""
        return self.usage is not None and time.monotonic() - self._told_at > USAGE_SECONDS

    def get(self, path: str, **keywords: Any) -> Any:
        """Read JSON; numbers come as Decimal."""
        return parsed(self.request("GET", path, **keywords))

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
        stream: bool = False,
    ) -> requests.Response:
        """Send one request and answer a response below 300.

        Args:
            path: Below `/services/data/vXX.0/`, or from the root with a slash at its beginning.
            repeatable: Whether it may be sent again after trouble on the way; without it, reads may.
            stream: The body is read later by the caller.

        Raises:
            Refused: Salesforce said no: nothing was done.
            ConnectionProblem: It cannot be told what became of it.
        """
        keywords = {"params": params, "data": body, "stream": stream}
        may_repeat = method == "GET" if repeatable is None else repeatable
        try:
            for attempt in _tries(may_repeat):
                with attempt:
                    return self._once(method, path, dict(headers or {}), keywords)
        except SalesforceError as error:
            raise request_problem(error) from error
        except requests.RequestException as error:
            raise network_problem(error, self._profile.salesforce.url) from error
        raise AssertionError("tenacity ends with an answer or an error")

    def _once(
        self, method: str, path: str, headers: dict[str, str], keywords: Mapping[str, Any]
    ) -> requests.Response:
        login = self._login
        response = self._sent(login, method, path, headers, keywords)
        if response.status_code == 401 and renewable(self._profile):
            response = self._sent(self._renewed(login), method, path, headers, keywords)
        if response.status_code >= 300:
            exception_handler(response, path.partition("?")[0])
        return response

    def _sent(
        self, login: Login, method: str, path: str, headers: dict[str, str], keywords: Mapping[str, Any]
    ) -> requests.Response:
        version = self._profile.salesforce.api_version
        place = path if path.startswith("/") else f"/services/data/v{version}/{path}"
        own = {"Authorization": f"Bearer {login.session_id}", "Accept": "application/json"}
        self.calls += 1
        response = self._http.request(
            method,
            f"https://{login.instance}{place}",
            headers=own | headers,
            allow_redirects=False,  # a write that is redirected would arrive as a read
            **keywords,
        )
        told = usage(response.headers)
        if told is not None:
            self.usage, self._told_at = told, time.monotonic()
        self.server_time = _server_time(response) or self.server_time
        return response

    def _renewed(self, ended: Login) -> Login:
        """Log in once, however many threads found the same session ended."""
        with self._turn:
            if self._login is ended:
                self._login = log_in(self._profile, self._http)
            return self._login


def parsed(response: requests.Response) -> Any:
    """Read the JSON of a response, numbers as Decimal; None of an empty one.

    Raises:
        ConnectionProblem: It is no JSON, although the status said that all is well.
    """
    if not response.content:
        return None
    try:
        return response.json(parse_float=Decimal)
    except ValueError as error:
        raise ConnectionProblem(
            "Salesforce: the answer is not JSON",
            where=urlsplit(response.url).path,
            values={"status": response.status_code, "content type": response.headers.get("Content-Type")},
            fix="Check the address in profile.yaml, and proxies on the way.",
        ) from error


def _tries(may_repeat: bool) -> Retrying:
    return Retrying(
        stop=stop_after_attempt(TRIES),
        wait=wait_random_exponential(multiplier=FIRST_WAIT_SECONDS, max=LONGEST_WAIT_SECONDS),
        retry=retry_if_exception(lambda error: _passes(error, may_repeat)),
        reraise=True,
    )


def _passes(error: BaseException, may_repeat: bool) -> bool:
    """Whether trouble is of the kind that passes, and trying again does no harm."""
    match error:
        case requests.exceptions.SSLError():
            return False
        case (
            requests.exceptions.ConnectionError()
            | requests.exceptions.Timeout()
            | requests.exceptions.ChunkedEncodingError()
        ):
            return may_repeat and "Failed to resolve" not in str(error)
        case SalesforceError():
            code, message = error_of(error.content)
            if code == "REQUEST_LIMIT_EXCEEDED":
                # The daily limit does not pass; requests at the same time do, and were not begun with.
                return "ConcurrentRequests" in message
            return may_repeat and error.status in _BUSY and code != "QUERY_TIMEOUT"
    return False


def _server_time(response: requests.Response) -> datetime | None:
    try:
        return parsedate_to_datetime(response.headers["Date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return None


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


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps requests from putting a password of ~/.netrc in the place of our session."""
    return request


def _http(url: str) -> requests.Session:
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
    session.auth = _as_it_is
    session.mount("https://", _Adapter(plain_http=False))
    if parts.scheme == "http":
        session.trust_env = False  # a proxy has no business between two processes of one machine
        session.mount(f"https://{parts.netloc}", _Adapter(plain_http=True))
    return session
