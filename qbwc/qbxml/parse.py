"""Read answers as a stream: one record in memory at a time, whatever the size of the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO

from lxml import etree

from qbwc import status
from qbwc.descriptor import CONCRETE, UNIONS
from qbwc.errors import QbxmlError
from qbwc.qbxml.clean import clean, malformed
from qbwc.qbxml.reader import ENTITY_OF, PLAIN_ANSWERS, Record, read_plain, read_record


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The answer to one request.

    Attributes:
        request_id: As sent; "" where QuickBooks gives none.
        name: Tag, e.g. 'CustomerQueryRs'.
        status_code: 0 OK, 1 nothing matched, 500 to 999 warnings, 1000 and above errors.
        iterator_id: Also on the last page, where nothing remains.
    """

    request_id: str
    name: str
    status_code: int
    severity: str
    message: str
    iterator_id: str | None = None
    iterator_remaining: int | None = None
    ret_count: int | None = None
    records: list[Record] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSetStatus:
    """What the envelope of an answer says about the message set (unverified without a real QuickBooks).

    `code` comes from `messageSetStatusCode`, or from `statusCode` where that stands instead.
    """

    code: int | None
    message: str
    new_message_set_id: str | None


def parse_responses(document: str | bytes) -> Iterator[Response]:
    """Every answer of a message set, in order; `QbxmlError` tells line and column of malformed XML.

    Being a generator, it raises when the broken place is reached: what came before has been yielded.
    """
    current: Response | None = None
    for event, element in _events(document):
        if element.tag in ENTITY_OF:
            if event == "end" and current is not None:
                current.records.append(read_record(element, current.name))
                _forget(element)
        elif element.tag == "QBXMLMsgsRs":
            if event == "end":
                yield from (_response(left) for left in element if left.tag not in _KNOWN)
        elif event == "start":
            current = _response(element)
        elif current is not None:
            if current.name in PLAIN_ANSWERS:
                current.records.extend(read_plain(element))
            yield current
            current = None
            _forget(element)


def parse_records(document: str | bytes, request_id: str | None = None) -> Iterator[Record]:
    """The records alone, of one request or of all; the way from a tape page into a snapshot."""
    name = ""
    wanted = True
    for event, element in _events(document):
        if element.tag in ENTITY_OF:
            if event == "end":
                if wanted:
                    yield read_record(element, name)
                _forget(element)
        elif event == "start" and element.tag != "QBXMLMsgsRs":
            name = str(element.tag)
            wanted = request_id is None or element.get("requestID") == request_id


def message_set_status(document: str | bytes) -> MessageSetStatus:
    """What the envelope says; for a set sent without message-set ids, all None."""
    for event, element in _events(document):
        if event == "start" and element.tag == "QBXMLMsgsRs":
            code = _number(element, "messageSetStatusCode")
            return MessageSetStatus(
                code=_number(element, "statusCode") if code is None else code,
                message=element.get("statusMessage", ""),
                new_message_set_id=element.get("newMessageSetID"),
            )
    raise QbxmlError(
        "the answer holds no QBXMLMsgsRs", fix="Keep the bytes; QuickBooks sent no qbXML answer."
    )


def _events(document: str | bytes) -> Iterator[tuple[str, etree._Element]]:
    source = clean(document)
    events = etree.iterparse(
        BytesIO(source), events=("start", "end"), tag=_TAGS, resolve_entities=False,
        no_network=True, load_dtd=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        yield from events
    except etree.XMLSyntaxError as error:
        raise malformed(source, error) from None


def _response(element: etree._Element) -> Response:
    code = _number(element, "statusCode")
    return Response(
        request_id=element.get("requestID", ""),
        name=str(element.tag),
        status_code=status.NO_CODE if code is None else code,
        severity=element.get("statusSeverity", ""),
        message=element.get("statusMessage", ""),
        iterator_id=element.get("iteratorID"),
        iterator_remaining=_number(element, "iteratorRemainingCount"),
        ret_count=_number(element, "retCount"),
    )


def _number(element: etree._Element, name: str) -> int | None:
    text = element.get(name)
    if not text:
        return None
    if not _INTEGER.fullmatch(text):
        raise QbxmlError(
            f"{element.tag!s} {name} is {text[:40]!r}, not a number", where=element.get("requestID"),
            value=text, fix="Keep the bytes of this answer.",
        )  # fmt: skip
    return int(text)


_INTEGER = re.compile(r"-?[0-9]{1,9}")


def _forget(element: etree._Element) -> None:
    """Free the element and what stands before it, so that a page costs one record of memory."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


_ACTIONS = ("Query", "Add", "Mod")
_TAGS = (
    "QBXMLMsgsRs",
    *ENTITY_OF,
    *(f"{name}{action}Rs" for name in (*CONCRETE, *UNIONS) for action in _ACTIONS),
    *sorted(PLAIN_ANSWERS - {"DataExtAddRs", "DataExtModRs"}),
)
# Answers of other names are told at the end of the set, without their records.
_KNOWN = frozenset(_TAGS)

__all__ = [
    "MessageSetStatus",
    "Record",
    "Response",
    "clean",
    "malformed",
    "message_set_status",
    "parse_records",
    "parse_responses",
]
