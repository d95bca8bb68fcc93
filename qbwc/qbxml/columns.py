"""A page of an answer as columns of texts: the fast way from the tape into a snapshot.

`parse_records` makes a typed value of every element; here the texts stay what they are and DuckDB casts whole
columns.  Both give the same table, which a test holds for documents of every kind.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from qbwc.descriptor import (
    CONCRETE,
    ITEM_FIELDS,
    UNIONS,
    Column,
    Entity,
    Line,
    Union,
    columns,
    custom_name,
    line_entities,
)
from qbwc.errors import QbxmlError
from qbwc.qbxml.clean import clean, malformed
from qbwc.qbxml.reader import ENTITY_OF, MANY, Table, line_reader, reader
from qbwc.qbxml.unions import BRANCHES, homes_of
from qbwc.qbxml.values import read_time

Texts = dict[str, list[str | None]]
_Row = list[str | None]

# Tag -> the place of its text in the row; several texts of one element are joined, so a tuple of one place;
# for an element with children, their places.
_Places = dict[Any, Any]


def page_columns(
    document: bytes | str,
    request_id: str,
    entity: str,
    wanted: Collection[str] | None = None,
    custom: Iterable[Mapping[str, object]] = (),
) -> dict[str, Texts]:
    """The texts of one request's page: table -> column -> one text a record, None where there is none.

    The tables are those of the entity and of its lines, their columns those of `descriptor.columns` in that
    order.  A time is there as `<name>_Text` alone, unless its page has one in a form that is not simply cut
    off at the offset; then its local time stands beside.  Memory is bounded by the page.

    Args:
        wanted: Columns of the entity's own table; all when None.
        custom: Definitions of the custom fields that are columns too.

    Raises:
        QbxmlError: The document is malformed, or holds records of another entity.
    """
    sheets = _sheets(entity, wanted, tuple(custom))
    for answer in _answers(document, request_id):
        for element in answer:
            concrete = ENTITY_OF.get(str(element.tag))
            if concrete is not None:
                _record(element, concrete, entity, sheets)
    return {name: sheet.columns() for name, sheet in sheets.items()}


@dataclass(slots=True, kw_only=True)
class _Sheet:
    """One table while it is filled."""

    made: tuple[Column, ...]
    rows: list[_Row] = field(default_factory=list)
    place: dict[str, int] = field(default_factory=dict)
    custom: dict[str, int] = field(default_factory=dict)
    places: dict[str, _Places] = field(default_factory=dict)

    def __post_init__(self) -> None:
        texts = [one.name for one in self.made if one.kind != "time"]
        self.place = {name: number for number, name in enumerate(texts)}
        self.custom = {
            one.name.removeprefix("Custom_"): self.home(one.name)
            for one in self.made
            if one.name.startswith("Custom_") and self.home(one.name) >= 0
        }

    def home(self, name: str) -> int:
        """Where the text of a value stands in a row; -1 where it is not wanted."""
        return self.place.get(name, self.place.get(f"{name}_Text", -1))

    def columns(self) -> Texts:
        turned = zip(*self.rows, strict=True) if self.rows else ((),) * len(self.place)
        texts = dict(zip(self.place, map(list, turned), strict=True))
        made: Texts = {}
        for column in self.made:
            if column.kind == "time":
                made |= _odd_times(column.name, texts[f"{column.name}_Text"])
            else:
                made[column.name] = texts[column.name]
        return made


def _odd_times(name: str, texts: list[str | None]) -> Texts:
    """The local times of a column of which some cannot be had by cutting off an offset."""
    if all(text is None or len(text) in (19, 25) for text in texts):
        return {}
    return {name: [None if text is None else _local(name, text) for text in texts]}


def _local(name: str, text: str) -> str:
    try:
        return read_time(text).isoformat()
    except ValueError as error:
        raise QbxmlError(
            f"{name} cannot be read: {error}", field=name, value=text, fix="Keep the bytes of this page."
        ) from None


def _sheets(
    entity: str, wanted: Collection[str] | None, custom: tuple[Mapping[str, object], ...]
) -> dict[str, _Sheet]:
    made = columns(entity, custom)
    if wanted is not None:
        # A time comes with its text: the one is cast from the other.
        named = {*wanted, *(f"{one.name}_Text" for one in made if one.kind == "time" and one.name in wanted)}
        made = tuple(one for one in made if one.name in named)
    lines = {name: _Sheet(made=columns(name, custom)) for name in line_entities(entity)}
    return {entity: _Sheet(made=made), **lines}


def _answers(document: bytes | str, request_id: str) -> list[etree._Element]:
    source = clean(document)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True, collect_ids=False
    )
    try:
        root = etree.fromstring(source, parser)
    except etree.XMLSyntaxError as error:
        raise malformed(source, error) from None
    return [
        answer
        for found in root.iterchildren("QBXMLMsgsRs")
        for answer in found
        if answer.get("requestID") == request_id
    ]


# --- one record ---------------------------------------------------------------------------------------------


def _record(element: etree._Element, concrete: str, entity: str, sheets: dict[str, _Sheet]) -> None:
    sheet = sheets[entity]
    places = sheet.places.get(concrete)
    if places is None:
        places = sheet.places[concrete] = _places_of(sheet, concrete, entity)
    row: _Row = [None] * len(sheet.place)
    _fill(element, places, row)
    if sheet.custom:
        _fill_custom(element, sheet.custom, row)
    union = UNIONS.get(entity)
    if union is not None:
        _fill_view(element, union, concrete, sheet, row)
    sheet.rows.append(row)
    described = CONCRETE.get(concrete)
    if described is not None and described.lines is not None:
        _lines(element, described, described.lines, sheets[described.lines.name])


def _fill(element: etree._Element, places: _Places, row: _Row) -> None:
    """Put the texts below an element into their places of a row."""
    find = places.get
    for child in element:
        place = find(child.tag)
        if place is None:
            continue
        if place.__class__ is int:
            text = child.text
            if text:
                row[place] = text
        elif place.__class__ is dict:
            _fill(child, place, row)
        elif child.text:
            before = row[place[0]]
            row[place[0]] = f"{before};{child.text}" if before else child.text


def _fill_custom(element: etree._Element, custom: dict[str, int], row: _Row) -> None:
    for one in element.iterchildren("DataExtRet"):
        place = custom.get(custom_name(one.findtext("OwnerID"), one.findtext("DataExtName") or ""))
        if place is not None:
            row[place] = one.findtext("DataExtValue") or None


def _places_of(sheet: _Sheet, concrete: str, entity: str) -> _Places:
    """The places of a concrete entity's record in the table of the entity or union that was asked for."""
    union = UNIONS.get(entity)
    if union is None and concrete != entity:
        raise _stranger(concrete, entity)
    if union is None:
        return _placed(reader(concrete), {name: sheet.home(name) for name in _names(reader(concrete))})
    if concrete not in union.members and concrete not in union.others:
        raise _stranger(concrete, entity)
    homes = {name: sheet.home(name) for name in _names(reader(concrete))}
    for branch in (*BRANCHES, None):
        if (concrete, branch) in ITEM_FIELDS:
            homes |= {theirs: sheet.home(ours) for ours, theirs in homes_of(concrete, branch).items()}
    return _placed(reader(concrete), homes)


def _stranger(concrete: str, entity: str) -> QbxmlError:
    return QbxmlError(
        f"the answer to a query of {entity} holds a record of {concrete}", entity=entity, value=concrete,
        fix="Keep the bytes of this page.",
    )  # fmt: skip


def _names(table: Table) -> list[str]:
    return [
        name
        for place in table.values()
        for name in (_names(place) if isinstance(place, dict) else (place[0],))
    ]


def _placed(table: Table, homes: Mapping[str, int]) -> _Places:
    """The reader's table with places for names; what has none is left out, with groups that hold nothing."""
    made: _Places = {}
    for tag, place in table.items():
        if isinstance(place, dict):
            inner = _placed(place, homes)
            if inner:
                made[tag] = inner
        elif homes.get(place[0], -1) >= 0:
            home = homes[place[0]]
            made[tag] = (home,) if place[2] == MANY else home
    return made


def _fill_view(element: etree._Element, union: Union, concrete: str, sheet: _Sheet, row: _Row) -> None:
    """What the union's view adds to a record: its type, its branch, and the full name of a flat one."""
    _put(row, sheet, "Type", union.members.get(concrete) or union.others[concrete])
    if (concrete, BRANCHES[0]) in ITEM_FIELDS:
        _put(row, sheet, "SalesBranch", _branch(element, concrete))
    names = [name.text for name in element.iterchildren("Name")] if concrete in union.flat else []
    if names:
        _put(row, sheet, "FullName", next(filter(None, reversed(names)), None))


def _put(row: _Row, sheet: _Sheet, name: str, text: str | None) -> None:
    home = sheet.home(name)
    if home >= 0:
        row[home] = text


def _branch(element: etree._Element, concrete: str) -> str | None:
    table = reader(concrete)
    for branch in BRANCHES:
        for group in element.iterchildren(branch):
            if any(child.tag in table[branch] for child in group.iter() if child is not group):
                return branch
    return None


# --- lines --------------------------------------------------------------------------------------------------


def _lines(element: etree._Element, entity: Entity, lines: Line, sheet: _Sheet) -> None:
    """Lines in order; those of a group item name its line in GroupTxnLineID and follow it in place."""
    places = sheet.places.get(entity.name)
    if places is None:
        table = line_reader(entity.name)
        places = sheet.places[entity.name] = _placed(
            table, {name: sheet.home(name) for name in _names(table)}
        )
    assert entity.key is not None
    start: _Row = [None] * len(sheet.place)
    _put(start, sheet, entity.key, element.findtext(entity.key) or None)
    number = 0
    for child in element.iterchildren(lines.ret, f"{lines.group}Ret"):
        if child.tag == lines.ret:
            number += 1
            _line(child, places, sheet, start, number)
            continue
        bundle = child.findtext("TxnLineID") or None
        for inner in child.iterchildren(lines.ret):
            number += 1
            _put(_line(inner, places, sheet, start, number), sheet, "GroupTxnLineID", bundle)


def _line(element: etree._Element, places: _Places, sheet: _Sheet, start: _Row, number: int) -> _Row:
    row = start.copy()
    _put(row, sheet, "SeqNo", str(number))
    _fill(element, places, row)
    if sheet.custom:
        _fill_custom(element, sheet.custom, row)
    sheet.rows.append(row)
    return row
