"""Which address leads to which resource."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from urllib.parse import unquote

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, Rule

from . import bulk_rest, composite, rest, rest_query, sobject_collections
from .api import Answer, Api, Resource
from .errors import OrgError, not_found


def find(method: str, path: str, raw: str) -> tuple[Resource, dict[str, str]]:
    """The resource of an address and the names in it.

    Args:
        path: Without percent signs, as the parts of an address are read.
        raw: The address as it was sent: the value of an external id may hold an encoded slash.

    Raises:
        OrgError: 404, or 405 with the methods that the address knows.
    """
    adapter = ADDRESSES_BY_PATH.bind("", url_scheme="http")
    try:
        endpoint, found = adapter.match(path.rstrip("/") or "/", method=method)
    except MethodNotAllowed as error:
        allowed = ",".join(sorted(error.valid_methods or ()))
        raise OrgError(
            "METHOD_NOT_ALLOWED",
            f"HTTP Method '{method}' not allowed. Allowed are {allowed}",
            status=405,
        ) from None
    except HTTPException:
        raise not_found() from None
    names = dict(found)
    if "value" in names:
        names["value"] = unquote(raw.split("?")[0].rstrip("/").rsplit("/", 1)[-1])
    return RESOURCES[endpoint], names


def answer(api: Api, resource: Resource, names: Mapping[str, str]) -> Answer:
    """Ask the resource; several matches of an external id are an answer (300), not an error.

    Raises:
        OrgError: the resource refuses.
    """
    try:
        return resource(api, **names)
    except OrgError as error:
        if error.status != 300:
            raise
        found = (f"{api.base}/sobjects/{names['name']}/{record_id}" for record_id in error.matches)
        return Answer(status=300, body=list(found))


RESOURCES: Mapping[str, Resource] = {
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
    "composite": composite.composite,
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
    ("/composite",                              "POST",   "composite"),
    ("/composite/sobjects",                     "POST",   "many_create"),
    ("/composite/sobjects",                     "PATCH",  "many_update"),
    ("/composite/sobjects",                     "DELETE", "many_delete"),
    ("/composite/sobjects/<name>",              "GET",    "many_retrieve"),
    ("/composite/sobjects/<name>",              "POST",   "many_retrieve"),
    ("/composite/sobjects/<name>/<key>",        "PATCH",  "many_upsert"),
)  # fmt: skip

ADDRESSES_BY_PATH = Map(
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
