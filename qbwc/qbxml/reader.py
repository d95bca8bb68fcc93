"""One Ret element as a record: typed values under flattened names, lines in order, both views of an item."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from lxml import etree

from qbwc.descriptor import CONCRETE, UNIONS, Element, Entity, custom_name
from qbwc.errors import QbxmlError
from qbwc.qbxml.unions import to_union, union_of
from qbwc.qbxml.values import READERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record of an answer.

    Attributes:
        entity: 'Customer', 'Invoice'; 'Item' and 'Terms' for records read through those queries.
        fields: Flattened name -> value (str, Decimal, bool, int, date, naive local datetime); a datetime also
            as `<name>_Text`, and several values of one element as one text, joined by ";".  What the answer
            does not hold is not in it.  In the answer to a write of an item the fields of both views, which
            do not clash.
        lines: Line entity -> its lines in order, each with the record's key and SeqNo (from 1), and with its
            custom fields under `custom` where it has any.
        raw_entity: Concrete entity, e.g. 'ItemService'.
        raw_fields: Fields by the names of the concrete entity.
        custom: Custom fields by DataExtName, as text; private ones as '{OwnerID}.name'.
    """

    entity: str
    fields: dict[str, object]
    lines: dict[str, list[dict[str, object]]]
    raw_entity: str
    raw_fields: dict[str, object]
    custom: dict[str, str] = field(default_factory=dict)


# Tag -> (flattened name, reader of the text, one of these) or, for an element with children, its table.
PLAIN, TEXT_TOO, MANY = 0, 1, 2
_Place = tuple[str, Callable[[str], object], int]
Table = dict[Any, Any]


def _table(elements: tuple[Element, ...], prefix: str = "") -> Table:
    made: Table = {}
    for element in elements:
        if not element.ret:
            continue
        name = f"{prefix}{element.name}"
        if element.children:
            made[element.tag("ret")] = _table(element.children, f"{name}_")
        else:
            made[element.tag("ret")] = (name, READERS[element.kind], _extra(element))
    return made


def _extra(element: Element) -> int:
    if element.many:
        return MANY
    return TEXT_TOO if element.kind == "time" else PLAIN


def _head(key: str) -> Table:
    return {
        key: (key, str, PLAIN),
        "TimeCreated": ("TimeCreated", READERS["time"], TEXT_TOO),
        "TimeModified": ("TimeModified", READERS["time"], TEXT_TOO),
        "EditSequence": ("EditSequence", str, PLAIN),
    }


@cache
def reader(entity: str) -> Table:
    """How the values of a record of an entity are read, by tag."""
    described = CONCRETE.get(entity)
    if described is None:  # A type of item or terms of which only the common fields are read.
        union = union_of(entity)
        assert union is not None
        return {**_head("ListID"), **_table(union.elements)}
    head = _head(described.key) if described.key and described.shape in ("list", "txn") else {}
    return {**head, **_table(described.elements)}


@cache
def line_reader(entity: str) -> Table:
    """How the values of a line of an entity are read, by tag."""
    lines = CONCRETE[entity].lines
    assert lines is not None
    if lines.bare:
        return _table(lines.inner, f"{lines.elements[0].name}_")
    if lines.key is None:
        return _table(lines.elements)
    group = {
        "ItemGroupRef": {
            "ListID": ("ItemGroupRef_ListID", str, PLAIN),
            "FullName": ("ItemGroupRef_FullName", str, PLAIN),
        },
        "TotalAmount": ("TotalAmount", READERS["amount"], PLAIN),
    }
    return {lines.key: (lines.key, str, PLAIN), **_table(lines.elements), **group}


def read_record(element: etree._Element, response: str) -> Record:
    """The record that a Ret element of the answer named `response` holds; `QbxmlError` names a bad value."""
    entity = ENTITY_OF[str(element.tag)]
    fields: dict[str, object] = {}
    custom: dict[str, str] = {}
    _read(element, reader(entity), fields, custom, entity)
    described = CONCRETE.get(entity)
    lines = _lines(element, described, fields) if described and described.lines else {}
    union = union_of(entity)
    if union is None or response == f"{entity}QueryRs":
        name, view = entity, fields
    else:
        name, view = union.name, to_union(entity, fields)
        if response != f"{union.name}QueryRs":
            view = {**fields, **view}
    return Record(entity=name, fields=view, lines=lines, raw_entity=entity, raw_fields=fields, custom=custom)


def _read(
    element: etree._Element, table: Table, into: dict[str, object], custom: dict[str, str], entity: str
) -> None:
    for child in element:
        place = table.get(child.tag)
        if place is None:
            if child.tag == "DataExtRet":
                _read_custom(child, custom)
            continue
        if type(place) is dict:
            _read(child, place, into, custom, entity)
            continue
        name, read, extra = place
        text = child.text
        if not text:
            into.setdefault(name, None)
            continue
        if extra == MANY and into.get(name):
            text = f"{into[name]};{text}"
        try:
            into[name] = read(text)
        except ValueError as error:
            raise QbxmlError(
                f"{entity}.{name} cannot be read: {error}", entity=entity, field=name, value=text,
                where=f"record {next(iter(into.values()), None)!r}", fix="Keep the bytes of this page.",
            ) from None  # fmt: skip
        if extra == TEXT_TOO:
            into[f"{name}_Text"] = text


def _read_custom(row: etree._Element, custom: dict[str, str]) -> None:
    name = custom_name(row.findtext("OwnerID"), row.findtext("DataExtName") or "")
    custom[name] = row.findtext("DataExtValue") or ""


def _lines(
    element: etree._Element, entity: Entity, fields: dict[str, object]
) -> dict[str, list[dict[str, object]]]:
    """Lines in order; those of a group item name its line in GroupTxnLineID and follow it in place."""
    assert entity.lines is not None
    assert entity.key is not None
    key = entity.key
    tag, group_tag = entity.lines.ret, f"{entity.lines.group}Ret"
    table = line_reader(entity.name)
    made: list[dict[str, object]] = []
    groups: list[dict[str, object]] = []
    for child in element.iterchildren(tag, group_tag):
        if child.tag == tag:
            made.append(
                _line(child, table, {key: fields.get(key), "SeqNo": len(made) + 1}, entity.lines.name)
            )
            continue
        bundle = _line(child, table, {key: fields.get(key), "SeqNo": len(made) + 1}, entity.lines.name)
        groups.append(bundle)
        for inner in child.iterchildren(tag):
            line = _line(inner, table, {key: fields.get(key), "SeqNo": len(made) + 1}, entity.lines.name)
            line["GroupTxnLineID"] = bundle.get("TxnLineID")
            made.append(line)
    lines = {entity.lines.name: made}
    if groups and entity.lines.group:
        lines[entity.lines.group] = groups
    return lines


def _line(element: etree._Element, table: Table, line: dict[str, object], entity: str) -> dict[str, object]:
    """A line, put to its place: the record's key and SeqNo."""
    custom: dict[str, str] = {}
    _read(element, table, line, custom, entity)
    if custom:
        line["custom"] = custom
    return line


def read_plain(answer: etree._Element) -> list[Record]:
    """Records of answers that hold them otherwise: a written custom field, and what was voided or deleted.

    The answer to TxnVoid, TxnDel and ListDel names the record without a Ret of its own; its Record has the
    key, times and number or name, but no EditSequence.
    """
    kind = _GONE.get(str(answer.tag))
    if kind is None:
        return [_data_ext(row) for row in answer.iterchildren("DataExtRet")]
    entity = answer.findtext(kind)
    fields: dict[str, object] = {}
    _read(answer, _GONE_TABLE, fields, {}, entity or str(answer.tag))
    if entity is None or not fields:
        return []
    union = union_of(entity)
    name = union.name if union else entity
    return [Record(entity=name, fields=fields, lines={}, raw_entity=entity, raw_fields=fields)]


def _data_ext(row: etree._Element) -> Record:
    fields: dict[str, object] = {}
    _read(row, reader("DataExt"), fields, {}, "DataExt")
    return Record(entity="DataExt", fields=fields, lines={}, raw_entity="DataExt", raw_fields=fields)


# Answer -> the element that names the kind of record.
_GONE = {"TxnVoidRs": "TxnVoidType", "TxnDelRs": "TxnDelType", "ListDelRs": "ListDelType"}
_GONE_TABLE: Table = {
    **{name: (name, str, PLAIN) for name in ("ListID", "TxnID", "RefNumber", "FullName")},
    **{name: (name, READERS["time"], TEXT_TOO) for name in ("TimeCreated", "TimeModified", "TimeDeleted")},
}
PLAIN_ANSWERS = frozenset({*_GONE, "DataExtAddRs", "DataExtModRs"})

# Tag of a record -> its concrete entity.
ENTITY_OF: dict[str, str] = {
    f"{name}Ret": name
    for name in (*CONCRETE, *(other for union in UNIONS.values() for other in union.others))
    if name != "DataExt"  # Stands within other records; see `parse`.
}
