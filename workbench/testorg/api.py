"""What a resource of the REST API gets and gives: `Api` (the org and one request) and `Answer`.

Knows no HTTP library; `web` makes the one and sends the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from . import jsontext
from .dml import Call
from .duplicates import read_header
from .errors import OrgError, not_found
from .schema import ObjectDef

if TYPE_CHECKING:
    from .org import TestOrg


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """One request to the REST API.

    Attributes:
        version: API version of the address, e.g. `64.0`.
        args: Query parameters.
        headers: By lower-case name.
        body: Raw body; empty when `upload` is read instead.
        upload: The body as a stream, for what may be too large to hold.
        url: Address of the org, without a slash at its end.
        username: Whose session it is.
        find, answer: Lead an inner request to its resource; see `routes`.
    """

    org: TestOrg
    version: str
    args: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    upload: IO[bytes]
    url: str
    username: str
    find: Callable[[str, str, str], tuple[Resource, dict[str, str]]]
    answer: Callable[[Api, Resource, Mapping[str, str]], Answer]

    @property
    def base(self) -> str:
        return f"/services/data/v{self.version}"

    def call(self) -> Call:
        """A writing request in the name of the session's user."""
        options = read_header(self.headers.get("sforce-duplicate-rule-header"))
        return self.org.call(self.username, options)

    def json_object(self) -> dict[str, object]:
        """The body as one JSON object.

        Raises:
            OrgError: JSON_PARSER_ERROR or UNSUPPORTED_MEDIA_TYPE.
        """
        if "application/json" not in self.headers.get("content-type", ""):
            raise OrgError(
                "UNSUPPORTED_MEDIA_TYPE", "Content-Type header must be application/json", status=415
            )
        found = jsontext.loads(self.body)
        if not isinstance(found, dict):
            raise OrgError("JSON_PARSER_ERROR", "The HTTP entity body must be a JSON object")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status, JSON body (None for no body) and further headers.

    Attributes:
        csv: Sent instead of JSON, piece by piece.
    """

    status: int = 200
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    csv: Iterable[bytes] | None = None


Resource = Callable[..., Answer]


def object_of(api: Api, name: str) -> ObjectDef:
    """The object that an address names.

    Raises:
        OrgError: 404 NOT_FOUND.
    """
    found = api.org.schema.object(name)
    if found is None:
        raise not_found()
    return found
