"""Read answers as a stream: one record in memory at a time, whatever the size of the page.

Character references that XML forbids are removed first, because QuickBooks sends them.  References to the
range U+0080 to U+009F are read as Windows-1252, which is what a Windows program means by them (an inference:
as control characters they would mean nothing).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from typing import Any

from lxml import etree

from qbwc.descriptor import CONCRETE, UNIONS, Element, Entity
from qbwc.errors import QbxmlError
from qbwc.qbxml.unions import to_union, union_of
from qbwc.qbxml.values import READERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record of an answer.

    Attributes:
        entity: 'Customer', 'Invoice'; 'Item' and 'Terms' for records read through those queries.
        fields: Flattened name -> value (str, Decimal, bool, int, date, naive local datetime); a datetime also
            as `<name>_Text`.  What the answer does not hold is not in it.  Custom fields: `DataExt_<name>`.
            In the answer to a write of an item the fields of both views, which do not clash.
        lines: Line entity -> its lines in order, each with TxnID and SeqNo (from 1).
        raw_entity: Concrete entity, e.g. 'ItemService'.
        raw_fields: Fields by the names of the concrete entity.
    """

    entity: str
    fields: dict[str, object]
    lines: dict[str, list[dict[str, object]]]
    raw_entity: str
    raw_fields: dict[str, object]


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
        if element.tag in _READERS_OF:
            if event == "end" and current is not None:
                current.records.append(_record(element, current.name))
                _forget(element)
        elif element.tag == "QBXMLMsgsRs":
            if event == "end":
                yield from (_response(left) for left in element if left.tag not in _KNOWN)
        elif event == "start":
            current = _response(element)
        elif current is not None:
            yield current
            current = None
            _forget(element)


def parse_records(document: str | bytes, request_id: str | None = None) -> Iterator[Record]:
    """The records alone, of one request or of all; the way from a tape page into a snapshot."""
    name = ""
    wanted = True
    for event, element in _events(document):
        if element.tag in _READERS_OF:
            if event == "end":
                if wanted:
                    yield _record(element, name)
                _forget(element)
        elif event == "start" and element.tag != "QBXMLMsgsRs":
            name = str(element.tag)
            wanted = request_id is None or element.get("requestID") == request_id


def message_set_status(document: str | bytes) -> MessageSetStatus:
    """What the envelope says; for a set sent without message-set ids, all None."""
    for event, element in _events(document):
        if event == "start" and element.tag == "QBXMLMsgsRs":
            code = element.get("messageSetStatusCode") or element.get("statusCode")
            return MessageSetStatus(
                code=int(code) if code else None,
                message=element.get("statusMessage", ""),
                new_message_set_id=element.get("newMessageSetID"),
            )
    raise QbxmlError(
        "the answer holds no QBXMLMsgsRs", fix="Keep the bytes; QuickBooks sent no qbXML answer."
    )


def _events(document: str | bytes) -> Iterator[tuple[str, etree._Element]]:
    source = clean(document)
    events = etree.iterparse(
        BytesIO(source), events=("start", "end"), tag=_TAGS, huge_tree=True, resolve_entities=False,
        no_network=True, load_dtd=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        yield from events
    except etree.XMLSyntaxError as error:
        raise malformed(source, error) from None


def malformed(source: bytes, error: etree.XMLSyntaxError) -> QbxmlError:
    """An error with line, column and a short excerpt, for XML that cannot be read."""
    line, column = error.position
    lines = source.split(b"\n", line)
    text = lines[line - 1] if 0 < line <= len(lines) else b""
    excerpt = text[max(0, column - 40) : column + 20].decode("utf-8", "replace")
    return QbxmlError(
        f"malformed qbXML at line {line}, column {column}: {error.msg}",
        where=f"... {excerpt} ...", value=excerpt, fix="Keep the bytes and read the page again.",
    )  # fmt: skip


_DECLARED = re.compile(r"""^\s*(<\?xml[^>]*?)\s+encoding\s*=\s*["'][^"']*["']""")
_REFERENCE = re.compile(rb"&#(x[0-9A-Fa-f]+|[0-9]+);")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def clean(document: str | bytes) -> bytes:
    """The bytes to parse, without what XML forbids and QuickBooks sends; a DOCTYPE is refused."""
    if isinstance(document, str):
        # Text has been decoded already: an encoding it still names would mislead the parser.
        source = _DECLARED.sub(r"\1", document, count=1).encode("utf-8", "xmlcharrefreplace")
    else:
        source = document
    source = source.lstrip(b"\xef\xbb\xbf \t\r\n")
    if b"<!DOCTYPE" in source[:4096].upper() or b"<!ENTITY" in source[:4096].upper():
        raise QbxmlError("the answer holds a DOCTYPE, which qbXML never has", fix="Do not trust this peer.")
    if b"&#" in source:
        source = _REFERENCE.sub(_reference, source)
    if _CONTROL.search(source):
        source = _CONTROL.sub(b"", source)
    return source


def _reference(found: re.Match[bytes]) -> bytes:
    digits = found[1]
    code = int(digits[1:], 16) if digits.startswith(b"x") else int(digits)
    if code in (0x9, 0xA, 0xD) or 0x20 <= code < 0x80 or 0xA0 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD:
        return found[0]
    if 0x10000 <= code <= 0x10FFFF:
        return found[0]
    if 0x80 <= code < 0xA0:
        return bytes([code]).decode("cp1252", "ignore").encode("ascii", "xmlcharrefreplace")
    return b""


def _response(element: etree._Element) -> Response:
    remaining, count = element.get("iteratorRemainingCount"), element.get("retCount")
    return Response(
        request_id=element.get("requestID", ""),
        name=str(element.tag),
        status_code=int(element.get("statusCode", "-1")),
        severity=element.get("statusSeverity", ""),
        message=element.get("statusMessage", ""),
        iterator_id=element.get("iteratorID"),
        iterator_remaining=int(remaining) if remaining else None,
        ret_count=int(count) if count else None,
    )


def _forget(element: etree._Element) -> None:
    """Free the element and what stands before it, so that a page costs one record of memory."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


# Tag -> (flattened name, reader of the text, text is kept too) or, for an element with children, its table.
_Place = tuple[str, Callable[[str], object], bool]
_Table = dict[str, Any]


def _table(elements: tuple[Element, ...], prefix: str = "") -> _Table:
    made: _Table = {}
    for element in elements:
        if not element.ret:
            continue
        name = f"{prefix}{element.name}"
        if element.children:
            made[element.name] = _table(element.children, f"{name}_")
        else:
            made[element.name] = (name, READERS[element.kind], element.kind == "time")
    return made


def _head(key: str) -> _Table:
    return {
        key: (key, str, False),
        "TimeCreated": ("TimeCreated", READERS["time"], True),
        "TimeModified": ("TimeModified", READERS["time"], True),
        "EditSequence": ("EditSequence", str, False),
    }


@cache
def _reader(entity: str) -> _Table:
    described = CONCRETE.get(entity)
    if described is None:  # A type of item or terms of which only the common fields are read.
        union = union_of(entity)
        assert union is not None
        return {**_head("ListID"), **_table(union.elements)}
    head = _head(described.key) if described.key and described.shape in ("list", "txn") else {}
    return {**head, **_table(described.elements)}


@cache
def _line_reader(entity: str) -> _Table:
    lines = CONCRETE[entity].lines
    assert lines is not None
    group = {
        "ItemGroupRef": {
            "ListID": ("ItemGroupRef_ListID", str, False),
            "FullName": ("ItemGroupRef_FullName", str, False),
        },
        "TotalAmount": ("TotalAmount", READERS["amount"], False),
    }
    return {"TxnLineID": ("TxnLineID", str, False), **_table(lines.elements), **group}


def _record(element: etree._Element, response: str) -> Record:
    entity = _READERS_OF[str(element.tag)]
    fields: dict[str, object] = {}
    _read(element, _reader(entity), fields, entity)
    described = CONCRETE.get(entity)
    lines = _lines(element, described, fields) if described and described.lines else {}
    union = union_of(entity)
    if union is None or response == f"{entity}QueryRs":
        return Record(entity=entity, fields=fields, lines=lines, raw_entity=entity, raw_fields=fields)
    view = to_union(entity, fields)
    if response != f"{union.name}QueryRs":
        view = {**fields, **view}
    return Record(entity=union.name, fields=view, lines=lines, raw_entity=entity, raw_fields=fields)


def _read(element: etree._Element, table: _Table, into: dict[str, object], entity: str) -> None:
    for child in element:
        place = table.get(str(child.tag))
        if place is None:
            if child.tag == "DataExtRet":
                into[f"DataExt_{child.findtext('DataExtName')}"] = child.findtext("DataExtValue") or ""
            continue
        if type(place) is dict:
            _read(child, place, into, entity)
            continue
        name, read, keep = place
        text = child.text
        if not text:
            into[name] = None
            continue
        try:
            into[name] = read(text)
        except ValueError as error:
            raise QbxmlError(
                f"{entity}.{name} cannot be read: {error}", entity=entity, field=name, value=text,
                where=f"record {next(iter(into.values()), None)!r}", fix="Keep the bytes of this page.",
            ) from None  # fmt: skip
        if keep:
            into[f"{name}_Text"] = text


def _lines(
    element: etree._Element, entity: Entity, fields: dict[str, object]
) -> dict[str, list[dict[str, object]]]:
    """Lines in order; those of a group item name its line in GroupTxnLineID and follow it in place."""
    assert entity.lines is not None
    tag, group_tag = f"{entity.lines.name}Ret", f"{entity.lines.group}Ret"
    table = _line_reader(entity.name)
    made: list[dict[str, object]] = []
    groups: list[dict[str, object]] = []
    for child in element.iterchildren(tag, group_tag):
        if child.tag == tag:
            made.append(_line(child, table, fields, entity.lines.name, len(made) + 1))
            continue
        bundle = _line(child, table, fields, entity.lines.name, len(made) + 1)
        groups.append(bundle)
        for inner in child.iterchildren(tag):
            line = _line(inner, table, fields, entity.lines.name, len(made) + 1)
            line["GroupTxnLineID"] = bundle.get("TxnLineID")
            made.append(line)
    lines = {entity.lines.name: made}
    if groups and entity.lines.group:
        lines[entity.lines.group] = groups
    return lines


def _line(
    element: etree._Element, table: _Table, fields: dict[str, object], entity: str, number: int
) -> dict[str, object]:
    line: dict[str, object] = {"TxnID": fields.get("TxnID"), "SeqNo": number}
    _read(element, table, line, entity)
    return line


# Tag of a record -> its concrete entity.
_READERS_OF: dict[str, str] = {
    f"{name}Ret": name
    for name in (*CONCRETE, *(other for union in UNIONS.values() for other in union.others))
}
_ACTIONS = ("Query", "Add", "Mod")
_TAGS = (
    "QBXMLMsgsRs",
    *_READERS_OF,
    *(f"{name}{action}Rs" for name in (*CONCRETE, *UNIONS) for action in _ACTIONS),
)
# Answers of other names are told at the end of the set, without their records.
_KNOWN = frozenset(_TAGS)
