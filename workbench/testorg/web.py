"""The HTTP face: addresses, sessions, headers, faults; a WSGI application.

Order of a request: faults that strike before, the session, the daily limit, the resource, and then
the faults that lose an answer.  A lost answer breaks the connection: `ConnectionAbortedError` leaves
the application, and cheroot closes the socket without a word.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import unquote

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from . import bulk_rest, jsontext, oauth, rest, rest_query, soap, sobject_collections
from .api import Answer, Api, Resource
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
    resource, names = _find(request)
    if resource is rest.versions:
        return rest.versions()
    version = names.pop("version")
    _check_version(version)
    session = _session(org, request)
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
    )
    if "value" in names:
        names["value"] = _last_segment(request)
    try:
        return resource(api, **names)
    except OrgError as error:
        if error.status != 300:
            raise
        found = (f"{api.base}/sobjects/{names['name']}/{record_id}" for record_id in error.matches)
        return Answer(status=300, body=list(found))


def _session(org: TestOrg, request: Request) -> str:
    """The user of the session that the Authorization header names."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if org.faults.take("expire_session", request.method, request.path):
        org.door.expire(token)
    if scheme not in ("Bearer", "OAuth"):
        token = ""
    return org.door.session(token).username


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


def _find(request: Request) -> tuple[Resource, dict[str, str]]:
    """The resource of an address and the names in it."""
    adapter = _MAP.bind("", url_scheme="http")
    path = request.path.rstrip("/") or "/"
    try:
        endpoint, names = adapter.match(path, method=request.method)
    except MethodNotAllowed as error:
        allowed = ",".join(sorted(error.valid_methods or ()))
        raise OrgError(
            "METHOD_NOT_ALLOWED",
            f"HTTP Method '{request.method}' not allowed. Allowed are {allowed}",
            status=405,
        ) from None
    except HTTPException:
        raise not_found() from None
    return _RESOURCES[endpoint], dict(names)


def _last_segment(request: Request) -> str:
    """The value of an external id, from the raw address: it may hold an encoded slash."""
    raw = str(request.environ.get("REQUEST_URI") or request.environ.get("RAW_URI") or request.path)
    return unquote(raw.split("?")[0].rstrip("/").rsplit("/", 1)[-1])


_RESOURCES: Mapping[str, Resource] = {
    "versions": rest.versions,
    "resources": rest.resources,
    "limits": rest.limits,
    "list_objects": rest.list_objects,
    "basic_info": rest.basic_info,
    "describe": rest.describe,
    "deleted": rest_query.deleted,
    "updated": rest_query.updated,
    "create": rest.create,
    "retrieve": rest.retrieve,
    "update": rest.update,
    "delete": rest.delete,
    "retrieve_by_key": rest.retrieve_by_key,
    "upsert": rest.upsert,
    "delete_by_key": rest.delete_by_key,
    "query": partial(rest_query.query, include_deleted=False),
    "query_all": partial(rest_query.query, include_deleted=True),
    "query_more": rest_query.query_more,
    "ingest_create": bulk_rest.create_ingest,
    "ingest_upload": bulk_rest.upload,
    "ingest_change": bulk_rest.change_ingest,
    "ingest_results": bulk_rest.ingest_results,
    "ingest_one": partial(bulk_rest.one, kind="ingest"),
    "ingest_list": partial(bulk_rest.listed, kind="ingest"),
    "ingest_delete": partial(bulk_rest.remove, kind="ingest"),
    "query_create": bulk_rest.create_query,
    "query_change": bulk_rest.change_query,
    "query_results": bulk_rest.query_results,
    "query_one": partial(bulk_rest.one, kind="query"),
    "query_list": partial(bulk_rest.listed, kind="query"),
    "query_delete": partial(bulk_rest.remove, kind="query"),
    "many_create": sobject_collections.create,
    "many_update": sobject_collections.update,
    "many_delete": sobject_collections.delete,
    "many_upsert": sobject_collections.upsert,
    "many_retrieve": sobject_collections.retrieve,
}

#  address below /services/data/v{version}      method    resource
_ADDRESSES = (
    ("",                                        "GET",    "resources"),
    ("/limits",                                 "GET",    "limits"),
    ("/sobjects",                               "GET",    "list_objects"),
    ("/sobjects/<name>",                        "GET",    "basic_info"),
    ("/sobjects/<name>",                        "POST",   "create"),
    ("/sobjects/<name>/describe",               "GET",    "describe"),
    ("/sobjects/<name>/deleted",                "GET",    "deleted"),
    ("/sobjects/<name>/updated",                "GET",    "updated"),
    ("/sobjects/<name>/<record_id>",            "GET",    "retrieve"),
    ("/sobjects/<name>/<record_id>",            "PATCH",  "update"),
    ("/sobjects/<name>/<record_id>",            "DELETE", "delete"),
    ("/sobjects/<name>/<key>/<value>",          "GET",    "retrieve_by_key"),
    ("/sobjects/<name>/<key>/<value>",          "PATCH",  "upsert"),
    ("/sobjects/<name>/<key>/<value>",          "DELETE", "delete_by_key"),
    ("/query",                                  "GET",    "query"),
    ("/queryAll",                               "GET",    "query_all"),
    ("/query/<locator>",                        "GET",    "query_more"),
    ("/queryAll/<locator>",                     "GET",    "query_more"),
    ("/jobs/ingest",                            "POST",   "ingest_create"),
    ("/jobs/ingest",                            "GET",    "ingest_list"),
    ("/jobs/ingest/<job_id>",                   "GET",    "ingest_one"),
    ("/jobs/ingest/<job_id>",                   "PATCH",  "ingest_change"),
    ("/jobs/ingest/<job_id>",                   "DELETE", "ingest_delete"),
    ("/jobs/ingest/<job_id>/batches",           "PUT",    "ingest_upload"),
    ("/jobs/ingest/<job_id>/<which>",           "GET",    "ingest_results"),
    ("/jobs/query",                             "POST",   "query_create"),
    ("/jobs/query",                             "GET",    "query_list"),
    ("/jobs/query/<job_id>",                    "GET",    "query_one"),
    ("/jobs/query/<job_id>",                    "PATCH",  "query_change"),
    ("/jobs/query/<job_id>",                    "DELETE", "query_delete"),
    ("/jobs/query/<job_id>/results",            "GET",    "query_results"),
    ("/composite/sobjects",                     "POST",   "many_create"),
    ("/composite/sobjects",                     "PATCH",  "many_update"),
    ("/composite/sobjects",                     "DELETE", "many_delete"),
    ("/composite/sobjects/<name>",              "GET",    "many_retrieve"),
    ("/composite/sobjects/<name>",              "POST",   "many_retrieve"),
    ("/composite/sobjects/<name>/<key>",        "PATCH",  "many_upsert"),
)  # fmt: skip

_MAP = Map(
    [
        Rule("/services/data", methods=["GET"], endpoint="versions"),
        *(
            Rule(f"/services/data/v<version>{path}", methods=[method], endpoint=endpoint)
            for path, method, endpoint in _ADDRESSES
        ),
    ],
    strict_slashes=False,
    merge_slashes=False,
)


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
