"""Read the lines of documents whose amounts differ, with their partners on the other side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from workbench.model import FieldMap, FieldType, Mapping, Side
from workbench.moneyproof import books
from workbench.moneyproof.subjects import Subject, first_field
from workbench.moneyproof.tables import Tables, amount
from workbench.normalize import identifier, literal

AMOUNT = {Side.SALESFORCE: "TotalPrice", Side.QUICKBOOKS: "Amount"}
"""Where a line's amount stands, when the mapping has no field for it."""

PERCENT_OFF = "Discount"
"""Salesforce's standard field of a product line: a discount in percent, which is in its amount already."""

AT_ONCE = 50_000
"""Documents whose lines are read by one query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a document.

    Attributes:
        item: ListID of its item, in Salesforce of the item that its product is linked to; '' where unknown.
        kind: Type of that item, e.g. Discount; '' where unknown.
        amount: As that side holds it, signed as the document is.
        doubt: How far quantity x price may be from it by the places that the price is kept with.
        off: The part of the amount that a discount on the line itself has taken away, negative.
        partner: Key of the line on the other side that the crosswalk links it to; None without one.
    """

    key: str
    label: str
    item: str
    kind: str
    quantity: Decimal | None
    price: Decimal | None
    amount: Decimal
    doubt: Decimal
    off: Decimal
    partner: str | None


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of one document, in their order.

    Attributes:
        salesforce, quickbooks: None where that side's lines were not read.
    """

    salesforce: Sequence[Line] | None = None
    quickbooks: Sequence[Line] | None = None


NO_LINES = Lines()


def read_lines(
    tables: Tables, subject: Subject, salesforce: Iterable[str], quickbooks: Iterable[str]
) -> tuple[dict[str, list[Line]] | None, dict[str, list[Line]] | None]:
    """The lines of these documents by their keys, of each side; None where they are not there to be read."""
    if subject.lines is None:
        return None, None
    return (
        _read(tables, subject, subject.lines, Side.SALESFORCE, list(salesforce)),
        _read(tables, subject, subject.lines, Side.QUICKBOOKS, list(quickbooks)),
    )


def _read(
    tables: Tables, subject: Subject, lines: Mapping, side: Side, documents: list[str]
) -> dict[str, list[Line]] | None:
    query = _query(tables, subject, lines, side)
    if query is None:
        return None
    found: dict[str, list[Line]] = {}
    for start in range(0, len(documents), AT_ONCE):
        part = documents[start : start + AT_ONCE]
        for parent, *row in tables.connection.execute(query, [part]).fetchall():
            found.setdefault(parent, []).append(_line(row))
    return found


def _line(row: Sequence[Any]) -> Line:
    key, label, item, kind, quantity, price, total, off, partner, doubt = row
    whole, taken = amount(total), amount(off)
    assert whole is not None
    assert taken is not None
    return Line(
        key=key, label=label or key, item=item or "", kind=kind or "", quantity=quantity, price=price,
        amount=whole, doubt=abs(doubt * (quantity or 0)), off=taken, partner=partner,
    )  # fmt: skip


def _query(tables: Tables, subject: Subject, lines: Mapping, side: Side) -> str | None:
    """(document, key, label, item, kind, quantity, price, amount, taken off, partner, doubt of the price)."""
    spec = lines.side(side)
    known = tables.columns(side, spec.object)
    quantity = _column(
        tables, side, spec.object, first_field(lines, "Quantity", FieldType.QUANTITY), "Quantity"
    )
    price = _column(
        tables, side, spec.object, first_field(lines, "Rate", FieldType.PRICE, FieldType.MONEY), "Rate"
    )
    total = _column(tables, side, spec.object, first_field(lines, "Amount", FieldType.MONEY), AMOUNT[side])
    if total is None and (quantity is None or price is None):
        return None
    product = f"round({quantity} * {price}, 2)" if quantity and price else "NULL"
    item_field = first_field(lines, "ItemRef_ListID", FieldType.REFERENCE)
    item, joined = _item(tables, side, item_field, spec.object)
    places = tables.scale(side, spec.object, price[3:-1]) if price else None
    sign = -1 if subject.entity.sign < 0 else 1
    # A line without an amount is text.
    worth = f"coalesce({total or 'NULL'}, {product}, 0)"
    percent = side is Side.SALESFORCE and PERCENT_OFF.lower() in known
    off = f"CASE WHEN l.{identifier(PERCENT_OFF)} <> 0 THEN {worth} - {product} END" if percent else "NULL"
    order = f"l.{identifier(spec.order)}, " if spec.order and spec.order.lower() in known else ""
    key = f"CAST(l.{identifier(spec.key)} AS VARCHAR)"
    text = f"l.{identifier(spec.label)}" if spec.label.lower() in known else "NULL"
    parent = f"CAST(l.{identifier(str(spec.parent))} AS VARCHAR)"
    kinds = "kinds.Type" if "kinds" in joined else "NULL"
    return f"""
        SELECT {parent}, {key}, CAST({text} AS VARCHAR), {item}, {kinds},
            {quantity or "NULL"}, {price or "NULL"},
            CAST({sign} * {worth} AS DECIMAL(38,10)), CAST({sign} * coalesce({off}, 0) AS DECIMAL(38,10)),
            link.{side.other}_id,
            CAST({0 if places is None else f"5e-{places + 1}"} AS DECIMAL(38,20))
        FROM (SELECT * FROM {tables.live(side, spec.object)}) AS l
        {joined}
        LEFT JOIN kept.crosswalk AS link
            ON link.mapping = {literal(lines.name)} AND link.{side}_id = {key}
        WHERE list_contains(?, {parent}) AND {kinds} IS DISTINCT FROM '{books.REPEATS}'
        ORDER BY {order}{key}
    """


def _column(tables: Tables, side: Side, object_: str, field: FieldMap | None, plain: str) -> str | None:
    """The column of a line's field on a side; the plain one where no field is mapped to it."""
    name = field.api(side)[0] if field is not None and field.read(side) is None else plain
    return (
        f"l.{identifier(name)}" if "." not in name and name.lower() in tables.columns(side, object_) else None
    )


def _item(tables: Tables, side: Side, field: FieldMap | None, object_: str) -> tuple[str, str]:
    """The item of a line and the joins that it needs."""
    typed = "type" in tables.columns(Side.QUICKBOOKS, books.ITEMS)
    kinds = f"LEFT JOIN quickbooks.{books.ITEMS} AS kinds ON kinds.ListID = " if typed else ""
    if side is Side.QUICKBOOKS:
        has = "itemref_listid" in tables.columns(side, object_)
        return ("l.ItemRef_ListID", kinds and f"{kinds}l.ItemRef_ListID") if has else ("NULL", "")
    column = _column(tables, side, object_, field, "")
    if field is None or column is None:
        return "NULL", ""
    linked = (
        f"LEFT JOIN kept.crosswalk AS item ON item.mapping = {literal(str(field.reference))} "
        f"AND item.salesforce_id = CAST({column} AS VARCHAR)"
    )
    return "item.quickbooks_id", f"{linked} {kinds and f'{kinds}item.quickbooks_id'}"
