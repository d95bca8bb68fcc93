"""One Ret element as a record: typed values under flattened names, lines in order, both views of an item."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
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
            made[element.tag("ret")] = _table(element.children, f"{name}_")
        else:
            made[element.tag("ret")] = (name, READERS[element.kind], element.kind == "time")
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
    if lines.bare:
        return _table(lines.inner, f"{lines.elements[0].name}_")
    if lines.key is None:
        return _table(lines.elements)
    group = {
        "ItemGroupRef": {
            "ListID": ("ItemGroupRef_ListID", str, False),
            "FullName": ("ItemGroupRef_FullName", str, False),
        },
        "TotalAmount": ("TotalAmount", READERS["amount"], False),
    }
    return {"TxnLineID": ("TxnLineID", str, False), **_table(lines.elements), **group}


def read_record(element: etree._Element, response: str) -> Record:
    """The record that a Ret element of the answer named `response` holds; `QbxmlError` names a bad value."""
    entity = ENTITY_OF[str(element.tag)]
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
    tag, group_tag = entity.lines.ret, f"{entity.lines.group}Ret"
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
    key = "TxnID" if "TxnID" in fields else "ListID"
    line: dict[str, object] = {key: fields.get(key), "SeqNo": number}
    _read(element, table, line, entity)
    return line


# Tag of a record -> its concrete entity.
ENTITY_OF: dict[str, str] = {
    f"{name}Ret": name
    for name in (*CONCRETE, *(other for union in UNIONS.values() for other in union.others))
    if name != "DataExt"  # Stands within other records; see `parse`.
}
