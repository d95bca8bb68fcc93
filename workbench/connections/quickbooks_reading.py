"""What a pull asks of QuickBooks, and what its answers look like as tables.

A pull is a group of queries, told apart by their priority: records are read first, then columns that change
without a record's modification time, then again what was modified meanwhile, and at last, in one message set,
how many records there are and which were deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qbwc import descriptor, qbxml, queue
from qbwc.errors import QbwcError
from qbwc.qbxml import unions
from qbwc.qbxml.values import READERS

Row = dict[str, Any]

READ, SWEEP, AGAIN, PROOF = 0, -1, -2, -3
"""Priorities: what a query is in its pull."""

COUNTED_BY = {"list": "ListDeleted", "txn": "TxnDeleted"}

NAME_LISTS = ("Customer", "Vendor", "Employee", "OtherName")
"""Their names exclude each other (3100), inactive ones included."""

BESIDES = ("Account", "Terms", "SalesTaxCode", "Class", "Preferences", "Company", "Host", "DataExtDef")
"""Small lists that records refer to, and what the company file says of itself."""

RECORDS = ("Customer", "Item", "Invoice")
"""Read where no mapping says anything else."""

PAGE_SIZES: Mapping[str, int] = {"list": 500, "txn": 200}
"""Records a page."""

SWEEP_PAGE = 2_000
"""Records a page of a sweep, which are a few columns each: about as much as a page of documents."""

PUBLIC = ("0",)
"""OwnerID of custom fields that people see in QuickBooks."""

_ALWAYS: Mapping[str, tuple[str, ...]] = {
    "list": ("TimeCreated", "Name", "FullName", "IsActive", "ParentRef_ListID", "Sublevel"),
    "txn": ("TimeCreated", "TxnDate", "RefNumber", "CustomerRef_ListID"),
}
"""Names, times and references that matching and planning use whatever the mapping says."""

_BY_ENTITY: Mapping[str, tuple[str, ...]] = {
    "Item": ("Type", "SalesBranch", "TaxRate"),
    "Customer": (
        *("ItemSalesTaxRef_ListID", "ItemSalesTaxRef_FullName"),
        *("SalesTaxCodeRef_ListID", "SalesTaxCodeRef_FullName"),
    ),
}
"""What besides is read of an entity: how it is written, and the sales tax that QuickBooks will add."""

Wanted = Mapping[str, tuple[str, ...]]
"""Entity -> the columns to read besides the keys; none means all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One query of a pull.

    Attributes:
        role: READ, SWEEP, AGAIN or PROOF.
        since: Local time of the QuickBooks machine: only what was modified (or deleted) since.
        include: Columns; none means all.
        types: Kinds of deleted records.
        count: Only how many there are.
    """

    entity: str
    role: int
    since: str | None = None
    include: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    count: bool = False


def everything(entities: Sequence[str] = RECORDS) -> Wanted:
    """All columns of these entities and of what is always read."""
    return {entity: () for entity in dict.fromkeys((*entities, *NAME_LISTS, *BESIDES)) if known(entity)}


def chosen(columns: Mapping[str, Iterable[str]]) -> Wanted:
    """The columns that mappings name, by entity, and those that are always read."""
    entities = dict.fromkeys((*columns, *NAME_LISTS, *BESIDES))
    return {entity: _chosen(entity, columns.get(entity, ())) for entity in entities if known(entity)}


def _chosen(entity: str, columns: Iterable[str]) -> tuple[str, ...]:
    shape = descriptor.known(entity).shape
    if shape not in _ALWAYS:
        return ()  # one record, or definitions: all of it
    has = {column.name for column in descriptor.columns(entity)}
    wanted = [*_ALWAYS[shape], *_BY_ENTITY.get(entity, ()), *columns]
    if entity in BESIDES:
        wanted += sorted(has - descriptor.volatile(entity))
    return tuple(sorted({name for name in wanted if name in has}))


def known(entity: str) -> bool:
    """Whether the library has tables of an entity."""
    return entity in descriptor.ENTITIES


def objects() -> list[str]:
    """The lists and transactions that can be read."""
    return [entity for entity in descriptor.ENTITIES if key(entity) is not None]


def key(entity: str) -> str | None:
    """ListID or TxnID; None for what is no list of records."""
    described = descriptor.known(entity)
    return described.key if described.shape in _ALWAYS else None


def tables(entity: str) -> tuple[str, ...]:
    """The snapshot tables of an entity: its own and those of its lines."""
    return (entity, *descriptor.line_entities(entity))


def volatile(entity: str, include: Sequence[str]) -> tuple[str, ...]:
    """Columns among those that are read that change without the record's modification time (unverified)."""
    found = descriptor.volatile(entity)
    return tuple(sorted(found & {name for name, _ in columns(entity, entity, include)}))


def columns(
    entity: str, table: str, include: Sequence[str] = (), definitions: Sequence[Row] = ()
) -> list[tuple[str, str]]:
    """(name, DuckDB type) of the columns of an entity's table that a query with `include` reads.

    Only whole elements can be asked for, so an address comes with all its lines, and all of a line of a
    transaction.
    """
    made = descriptor.columns(table, definitions if descriptor.known(entity).owner_id else ())
    if not include or table != entity:
        return [(column.name, column.type) for column in made]
    tops = _tops(entity, include)
    return [
        (column.name, column.type)
        for column in made
        if column.name.startswith("Custom_") or _top(entity, column.name) <= tops
    ]


def _tops(entity: str, include: Sequence[str]) -> set[str]:
    head = {key(entity) or "ListID", "EditSequence", "TimeModified"}
    return head.union(*(_top(entity, name) for name in include))


def _top(entity: str, column: str) -> set[str]:
    """The elements that a column comes from."""
    union = descriptor.UNIONS.get(entity)
    name = column.removesuffix("_Text") if column.startswith("Time") else column
    if union is None or name in ("TimeCreated", "TimeModified", "EditSequence"):
        return {name.split("_")[0]}
    return set(unions.tops(union, name))


def definitions_of(records: Iterable[Row]) -> list[Row]:
    """Definitions of custom fields that can be columns, in the order of their names."""
    found = []
    for record in records:
        row = {name: record.get(name) for name in ("OwnerID", "DataExtName", "DataExtType", "AssignToObject")}
        try:
            column = descriptor.custom_column(row)
        except QbwcError:  # a type of a newer QuickBooks: its values stay where they are
            continue
        if '"' not in column.name:
            found.append(row)
    return sorted(found, key=lambda row: (str(row["DataExtName"]).casefold(), str(row["OwnerID"])))


def describe(table: str, definitions: Sequence[Row] = ()) -> Row:
    """What an entity or a line can hold, in the form of a Salesforce describe."""
    return descriptor.describe(table, definitions)


def rows(record: qbxml.Record, entity: str, definitions: Sequence[Row]) -> Iterator[tuple[str, Row]]:
    """The rows of a record, as (table, row): its own, then those of its lines.

    Raises:
        ValueError: A custom field is not of its type.
    """
    yield entity, record.fields | _custom(entity, record.custom, definitions)
    for table in descriptor.line_entities(entity):
        for line in record.lines.get(table, ()):
            values: Any = line.get("custom")
            yield table, line | _custom(table, values, definitions) if values else line


def _custom(table: str, values: Mapping[str, str], definitions: Sequence[Row]) -> Row:
    if not values or not definitions:
        return {}
    kinds = {column.name: column.kind for column in descriptor.columns(table, definitions)}
    made: Row = {}
    for name, text in values.items():
        column = f"Custom_{name}"
        if text and column in kinds:
            made[column] = READERS[kinds[column]](text)
            if kinds[column] == "time":
                made[f"{column}_Text"] = text
    return made


def deleted_types(entities: Iterable[str]) -> dict[str, dict[str, str]]:
    """What the deleted-queries call these entities: query -> its type -> entity."""
    found: dict[str, dict[str, str]] = {name: {} for name in COUNTED_BY.values()}
    for entity in entities:
        shape = descriptor.known(entity).shape
        if shape in COUNTED_BY:
            union = descriptor.UNIONS.get(entity)
            names = [entity] if union is None else [*union.members, *union.others]
            found[COUNTED_BY[shape]] |= dict.fromkeys(names, entity)
    return {query: types for query, types in found.items() if types}


def requests(asks: Iterable[Ask], group: str | None) -> list[queue.QueryRequest]:
    """The queries as they go into the queue; inactive records are read too."""
    return [_request(ask, group) for ask in asks]


def _request(ask: Ask, group: str | None) -> queue.QueryRequest:
    described = descriptor.known(ask.entity)
    custom = described.owner_id and ask.role in (READ, AGAIN)
    include = ask.include
    if include and ask.role != SWEEP and described.lines and described.lines.group:
        include = (*include, f"{described.lines.group}Ret")
    return queue.QueryRequest(
        entity=ask.entity,
        group=group,
        priority=ask.role,
        from_modified=ask.since,
        include=include,
        types=ask.types,
        count_only=ask.count,
        max_returned=_page_size(ask, described.shape) if described.iterator and not ask.count else None,
        active="All",
        include_lines=ask.role != SWEEP,
        owner_ids=PUBLIC if custom or described.shape == "definition" else (),
    )


def _page_size(ask: Ask, shape: str) -> int | None:
    return SWEEP_PAGE if ask.role == SWEEP else PAGE_SIZES.get(shape)


def asked(request: queue.QueryRequest) -> Ask:
    """The query of a pull again, as it was asked."""
    lines = descriptor.known(request.entity).lines
    group = f"{lines.group}Ret" if lines and lines.group else None
    return Ask(
        entity=request.entity,
        role=request.priority,
        since=None if request.from_modified is None else str(request.from_modified),
        include=tuple(name for name in request.include if name != group),
        types=request.types,
        count=request.count_only,
    )
