"""The HTTP face: addresses, sessions, headers, faults; a WSGI application.

Order of a request: faults that strike before, the session, the daily limit, the resource, and then
the faults that lose an answer.  A lost answer breaks the connection: `ConnectionAbortedError` leaves
the application, and cheroot closes the socket without a word.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from . import bulk_rest, jsontext, oauth, rest, routes, soap
from .access import api_disabled
from .api import Answer, Api
from .errors import OrgError, not_found

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from .org import TestOrg

MAX_BODY = 50_000_000  # bytes of a request
MAX_ADDRESS = 16_384  # characters of an address: a longer SOQL in a GET answers 414
LOGIN_HOSTS = frozenset({"https://login.salesforce.com", "https://test.salesforce.com"})

_DOWN = "<html><head><title>Service Unavailable</title></head><body>The server is down.</body></html>"


def application(org: TestOrg) -> Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]:
    """The WSGI application of an org."""
    return partial(_respond, org)


def _respond(org: TestOrg, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    request = Request(environ)
    if org.faults.take("lose_request", request.method, request.path):
        raise _dropped()
    if slow := org.faults.take("slow", request.method, request.path):
        org.faults.wait(slow.seconds)
    response = _answer(org, request)
    response.headers["Date"] = org.clock().strftime("%a, %d %b %Y %H:%M:%S GMT")
    used, most = org.api_requests, org.settings.daily_limit
    response.headers["Sforce-Limit-Info"] = f"api-usage={used}/{most}"
    if org.faults.take("lose_response", request.method, request.path):
        raise _dropped()
    _spoil(org, request, response)
    return response(environ, start_response)


def _spoil(org: TestOrg, request: Request, response: Response) -> None:
    """Let an answer arrive otherwise than it was meant, as faults ask for."""
    where = (request.method, request.path)
    if response.mimetype == "text/csv":
        if org.faults.take("csv_without_charset", *where):
            response.headers["Content-Type"] = "text/csv"
        if org.faults.take("truncated_csv", *where):
            response.set_data(_half(response.get_data()))
    if org.faults.take("broken_body", *where):
        content = response.get_data()
        response.headers["Content-Length"] = str(len(content))
        response.response = _breaking(_half(content))


def _half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _breaking(content: bytes) -> Iterator[bytes]:
    yield content
    raise _dropped()


def _dropped() -> ConnectionAbortedError:
    return ConnectionAbortedError(errno.ECONNABORTED, "the connection was dropped, as a fault asked for")


def _answer(org: TestOrg, request: Request) -> Response:
    if org.faults.take("unavailable", request.method, request.path):
        return Response(_DOWN, 503, content_type="text/html;charset=utf-8")
    if len(request.full_path) > MAX_ADDRESS:
        return Response("<h1>URI Too Long</h1>", 414, content_type="text/html")
    most = bulk_rest.MAX_UPLOAD if request.path.endswith("/batches") else MAX_BODY
    if (request.content_length or 0) > most:
        return _refusal(OrgError("EXCEEDED_MAX_SIZE_REQUEST", "The request is too large", status=413))
    if request.path.startswith("/services/Soap/"):
        return _soap(org, request)
    if request.path == "/services/oauth2/token":
        return _token(org, request)
    try:
        return _sent(_rest(org, request))
    except OrgError as error:
        return _refusal(error)


# --- logins ------------------------------------------------------------------------------------


def _soap(org: TestOrg, request: Request) -> Response:
    parts = request.path.removeprefix("/services/Soap/u/").split("/")
    if not request.path.startswith("/services/Soap/u/") or request.method != "POST":
        return _refusal(not_found())
    place = soap.Place(
        url=_url(request),
        org_id=org.id,
        org_name="Embedded Test Org",
        sandbox=org.settings.sandbox,
    )
    try:
        text = soap.login(request.get_data(), parts[0], org.door, org.settings, place)
    except OrgError as error:
        return Response(soap.fault(error), 500, content_type="text/xml;charset=UTF-8")
    return Response(text, content_type="text/xml;charset=UTF-8")


def _token(org: TestOrg, request: Request) -> Response:
    if request.method != "POST":
        return _json(
            Answer(status=400, body={"error": "invalid_request", "error_description": "must use HTTP POST"})
        )
    url = _url(request)
    hosts = LOGIN_HOSTS | {url, url.replace("http://", "https://")}
    authorization = request.headers.get("Authorization")
    try:
        session = oauth.token(request.form, authorization, org.door, org.clock, hosts)
    except oauth.OAuthError as error:
        body = {"error": error.error, "error_description": error.description}
        return _json(Answer(status=error.status, body=body))
    return _json(
        Answer(
            body={
                "access_token": session.token,
                "instance_url": url,
                "id": f"{url}/id/{org.id}/{org.user_id(session.username)}",
                "token_type": "Bearer",
                "scope": "api",
                "issued_at": str(int(org.clock().timestamp() * 1000)),
            }
        )
    )


def _url(request: Request) -> str:
    return request.host_url.rstrip("/")


# --- REST --------------------------------------------------------------------------------------


def _rest(org: TestOrg, request: Request) -> Answer:
    raw = str(request.environ.get("REQUEST_URI") or request.environ.get("RAW_URI") or request.path)
    resource, names = routes.find(request.method, request.path, raw)
    if resource is rest.versions:
        return rest.versions()
    version = names.pop("version")
    _check_version(version)
    session = _session(org, request)
    if not org.settings.api_enabled:
        raise api_disabled()
    _refuse(org, request)
    _count(org, request)
    api = Api(
        org=org,
        version=version,
        args=request.args,
        headers={k.lower(): v for k, v in request.headers.items()},
        body=b"" if resource is bulk_rest.upload else request.get_data(),
        upload=request.stream,
        url=_url(request),
        username=session,
        find=routes.find,
        answer=routes.answer,
    )
    return routes.answer(api, resource, names)


def _session(org: TestOrg, request: Request) -> str:
    """The user of the session that the Authorization header names."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if org.faults.take("expire_session", request.method, request.path):
        org.door.expire(token)
    if scheme not in ("Bearer", "OAuth"):
        token = ""
    return org.door.session(token).username


def _refuse(org: TestOrg, request: Request) -> None:
    """Refuse for whatever reason a fault names."""
    if fault := org.faults.take("refuse", request.method, request.path):
        raise OrgError(fault.code, fault.message, status=fault.status)


def _count(org: TestOrg, request: Request) -> None:
    spent = org.api_requests >= org.settings.daily_limit
    if spent or org.faults.take("limit_spent", request.method, request.path):
        raise OrgError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403)
    with org.db.lock:
        org.api_requests += 1


def _check_version(version: str) -> None:
    if version in rest.REMOVED_VERSIONS:
        raise OrgError("UNSUPPORTED_API_VERSION", f"The API version {version} was retired", status=410)
    if version not in rest.VERSIONS:
        raise not_found()


# --- answers -----------------------------------------------------------------------------------


def _sent(answer: Answer) -> Response:
    if answer.csv is None:
        return _json(answer)
    response = Response(answer.csv, answer.status, content_type="text/csv;charset=UTF-8")
    response.headers.extend(dict(answer.headers))
    return response


def _json(answer: Answer) -> Response:
    text = "" if answer.body is None else jsontext.dumps(answer.body)
    response = Response(text, answer.status, content_type="application/json;charset=UTF-8")
    response.headers.extend(dict(answer.headers))
    return response


def _refusal(error: OrgError) -> Response:
    """The error body of REST: a list, also for a single error."""
    response = _json(Answer(status=error.status, body=[e.as_rest() for e in error.all()]))
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Token"
    return response
