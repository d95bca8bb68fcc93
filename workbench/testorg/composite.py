"""POST /composite: up to 25 requests in one, later ones may use what earlier ones answered.

`@{account.id}` in an address or a body stands for a member of the answer whose referenceId is
`account`.  The answer is 200; each part carries a status of its own.  With allOrNone the first refusal
undoes everything.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from urllib.parse import parse_qsl, unquote, urlsplit

from . import jsontext
from .api import Answer, Api
from .errors import OrgError

MAX_PARTS = 25
MAX_QUERIES = 5  # parts that are queries
_REFERENCE = re.compile(r"@\{(\w+)\.([\w.\[\]]+)\}")
_ROLLED_BACK = "The transaction was rolled back since another operation in the same transaction failed."
Json = dict[str, object]


class _RollBack(Exception):
    """A part of an allOrNone request was refused."""


def composite(api: Api) -> Answer:
    """Run the parts in their order."""
    body = api.json_object()
    parts = body.get("compositeRequest")
    if not isinstance(parts, list) or not parts or not all(isinstance(p, dict) for p in parts):
        raise OrgError("JSON_PARSER_ERROR", "compositeRequest must be a list of requests")
    _check(api, parts)
    answers: dict[str, Json] = {}
    try:
        with api.org.db.transaction():
            for part in parts:
                answers[str(part["referenceId"])] = found = _part(api, part, answers)
                if body.get("allOrNone") is True and int(str(found["httpStatusCode"])) >= 400:
                    raise _RollBack
    except _RollBack:
        answers = {str(p["referenceId"]): _undone(p, answers) for p in parts}
    return Answer(body={"compositeResponse": list(answers.values())})


def _check(api: Api, parts: list[Json]) -> None:
    if len(parts) > MAX_PARTS:
        raise OrgError("LIMIT_EXCEEDED", f"Cannot have more than {MAX_PARTS} requests in a composite request")
    names = [part.get("referenceId") for part in parts]
    if not all(isinstance(n, str) and n for n in names) or len(set(names)) < len(names):
        raise OrgError("INVALID_FIELD", "every request needs a referenceId of its own")
    queries = [p for p in parts if str(p.get("url")).startswith(f"{api.base}/query")]
    if len(queries) > MAX_QUERIES:
        raise OrgError(
            "LIMIT_EXCEEDED", f"Cannot have more than {MAX_QUERIES} queries in a composite request"
        )


def _part(api: Api, part: Json, before: Mapping[str, Json]) -> Json:
    try:
        answer = _ask(api, part, partial(_filled, before))
    except OrgError as error:
        answer = Answer(status=error.status, body=[e.as_rest() for e in error.all()])
    return _shown(part, answer)


def _shown(part: Json, answer: Answer) -> Json:
    return {
        "body": answer.body,
        "httpHeaders": dict(answer.headers),
        "httpStatusCode": answer.status,
        "referenceId": part["referenceId"],
    }


def _undone(part: Json, answers: Mapping[str, Json]) -> Json:
    """What a part answers after a rollback: its own refusal, or that it was undone."""
    found = answers.get(str(part["referenceId"]))
    if found is not None and int(str(found["httpStatusCode"])) >= 400:
        return found
    error = OrgError("PROCESSING_HALTED", _ROLLED_BACK)
    return _shown(part, Answer(status=400, body=[error.as_rest()]))


def _ask(api: Api, part: Json, filled: Callable[[str], str]) -> Answer:
    url = filled(str(part.get("url")))
    address = urlsplit(url)
    if not address.path.startswith(f"{api.base}/") or address.path.startswith(f"{api.base}/jobs"):
        raise OrgError("INVALID_FIELD", f"url must begin with {api.base}/ and can't be of a Bulk job: {url}")
    resource, names = api.find(str(part.get("method")), unquote(address.path), url)
    if resource is composite:
        raise OrgError("INVALID_FIELD", "a composite request can't hold another")
    names.pop("version", None)
    given = part.get("httpHeaders")
    headers = {str(k).lower(): str(v) for k, v in given.items()} if isinstance(given, dict) else {}
    body = jsontext.dumps(_deep(part["body"], filled)).encode() if "body" in part else b""
    inner = replace(
        api,
        args=dict(parse_qsl(address.query, keep_blank_values=True)),
        headers={**headers, "content-type": "application/json"},
        body=body,
        upload=io.BytesIO(),
    )
    return api.answer(inner, resource, names)


def _deep(value: object, filled: Callable[[str], str]) -> object:
    """A JSON value with every text in it filled."""
    if isinstance(value, str):
        return filled(value)
    if isinstance(value, list):
        return [_deep(each, filled) for each in value]
    return {k: _deep(v, filled) for k, v in value.items()} if isinstance(value, dict) else value


def _filled(before: Mapping[str, Json], text: str) -> str:
    return _REFERENCE.sub(lambda match: _member(before, match.group(1), match.group(2)), text)


def _member(before: Mapping[str, Json], name: str, path: str) -> str:
    """The text of `records[0].Id` in the answer of an earlier part."""
    value: object = before[name]["body"] if name in before else None
    for step in re.findall(r"\w+", path):
        if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
    if value is None or isinstance(value, Mapping | list):
        raise OrgError(
            "PROCESSING_HALTED",
            f"Invalid reference specified. No value for {name}.{path} found in {name}",
        )
    return value if isinstance(value, str) else jsontext.dumps(value)
