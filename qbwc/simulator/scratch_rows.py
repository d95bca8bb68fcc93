"""A row of a snapshot as the record that a company file keeps; nothing is checked, nothing looked up.

What was not read of a transaction, and is needed to work out its totals anew, is filled so that they come
out as they stand: tax and payments from the totals, and one line for lines that are not there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache

from qbwc.descriptor import CONCRETE, line_entities
from qbwc.simulator.custom import place, split_name
from qbwc.simulator.lines import GROUP, MEMBER_OF, plain
from qbwc.simulator.lists import cents
from qbwc.simulator.records import Kept
from qbwc.simulator.seed_values import fields_of
from qbwc.simulator.times import stored
from qbwc.simulator.totals import COUNTS

Row = Mapping[str, object]

UNREAD_LINE = "0-0"
"""Identity of the line that stands for lines which were not read."""

CUSTOM = "Custom_"
_LEFT_OUT = frozenset({"FullName", "Sublevel", "IsPaid", "TimeModified", "SeqNo"})
_ZERO = Decimal(0)


Counted = Callable[[Kept], list[dict[str, str]]]
"""The lines of a transaction that make its subtotal."""


def kept(
    entity: str, row: Row, lines: Sequence[Row], *, position: int, modified: str, counted: Counted
) -> Kept:
    """The record of a row and those of its lines, in their order, by the concrete entity's names."""
    fields = _texts(entity, row)
    described = CONCRETE.get(entity)
    txn = described is not None and described.shape == "txn"
    key = fields.pop(str(described.key) if described and described.key else "ListID")
    fields.setdefault("EditSequence", "0")
    fields.setdefault("TimeCreated", modified)
    if txn:
        fields.setdefault("TxnDate", modified[:10])
    else:
        fields.setdefault("Name", str(row.get("FullName") or key).rpartition(":")[2])
    name = fields.get("RefNumber" if txn else "Name", "")
    made = Kept(
        key=key, entity=entity, position=position, name=name,
        full_name=name if txn else str(row.get("FullName") or name),
        parent=None if txn else fields.get("ParentRef_ListID"), active=fields.get("IsActive") != "false",
        modified=modified, fields=fields, custom=_custom(row),
    )  # fmt: skip
    made.lines = _lines(entity, lines) if lines else []
    if txn:
        _complete(made, row, counted)
    elif entity == "Customer":
        fields.pop("TotalBalance", None)
        made.cents = cents(fields.pop("Balance", "0"))
    return made


def _texts(entity: str, row: Row) -> dict[str, str]:
    writers = _writers(entity)
    return {
        name: writers[name](value)
        for name, value in row.items()
        if name in writers and value is not None and value != ""
    }


@cache
def _writers(entity: str) -> dict[str, Callable[[object], str]]:
    """How each value is kept as text; the name of a reference follows from its ListID."""
    return {
        name: _WRITE.get(leaf.element.kind, str)
        for name, leaf in fields_of(entity).items()
        if name not in _LEFT_OUT and not (name.endswith("_FullName") and len(leaf.path) > 1)
    }


def _bool(value: object) -> str:
    return "true" if value else "false"


def _time(value: object) -> str:
    return stored(value) if isinstance(value, datetime) else str(value)


def _date(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _amount(value: object) -> str:
    return f"{Decimal(str(value)):.2f}"


def _number(value: object) -> str:
    return plain(Decimal(str(value)))


_WRITE: dict[str, Callable[[object], str]] = {
    "bool": _bool, "time": _time, "date": _date, "amount": _amount,
    **dict.fromkeys(("price", "quantity", "percent", "rate"), _number),
}  # fmt: skip


def _custom(row: Row) -> dict[str, dict[str, str]]:
    found = {
        place(*split_name(name.removeprefix(CUSTOM))): _plain_text(value)
        for name, value in row.items()
        if name.startswith(CUSTOM) and not name.endswith("_Text") and value not in (None, "")
    }
    return {"": found} if found else {}


def _plain_text(value: object) -> str:
    match value:
        case bool():
            return _bool(value)
        case Decimal():
            return _number(value)
        case datetime():
            return stored(value)
        case date():
            return value.isoformat()
    return str(value)


def _lines(entity: str, lines: Sequence[Row]) -> list[dict[str, str]]:
    """The lines; before those of a group item stands the line that bundles them."""
    table = next(iter(line_entities(entity)), "")
    made: list[dict[str, str]] = []
    bundle = ""
    for line in lines:
        texts = _texts(table, line)
        for owner in ("TxnID", "ListID"):
            texts.pop(owner, None)
        group = str(line.get(MEMBER_OF) or "")
        if group and group != bundle:
            made.append({"TxnLineID": group, GROUP: ""})
        bundle = group
        made.append(texts | ({MEMBER_OF: group} if group else {}))
    return made


def _complete(record: Kept, row: Row, counted: Counted) -> None:
    """Fill what the totals are worked out from."""
    fields = record.fields
    if record.entity == "ReceivePayment":
        fields.setdefault("UnusedPayment", "0.00")
        fields.setdefault("UnusedCredits", "0.00")
    else:
        _fill_totals(record, row, counted)
    field, sign = COUNTS.get(record.entity, ("", 0))
    pending = fields.get("IsPending") == "true"
    record.cents = 0 if pending or not field else sign * cents(fields[field])


def _fill_totals(record: Kept, row: Row, counted: Counted) -> None:
    fields = record.fields
    tax = _given(row, "SalesTaxTotal")
    total, subtotal = _given(row, "TotalAmount"), _given(row, "Subtotal")
    if record.entity == "Invoice":
        remaining, applied = _given(row, "BalanceRemaining"), _given(row, "AppliedAmount") or _ZERO
        total = None if remaining is None else remaining - applied
        fields["AppliedAmount"] = f"{applied:.2f}"
    there = sum((Decimal(line.get("Amount", "0")) for line in counted(record)), _ZERO)
    if subtotal is None:
        subtotal = there if total is None or record.lines else total - (tax or _ZERO)
    if subtotal != there:
        record.lines.append({"TxnLineID": UNREAD_LINE, "Amount": f"{subtotal - there:.2f}"})
    if tax is None:
        tax = _ZERO if total is None else total - subtotal
    total = subtotal + tax
    fields["SalesTaxTotal"], fields["Subtotal"] = f"{tax:.2f}", f"{subtotal:.2f}"
    if record.entity == "Invoice":
        fields["BalanceRemaining"] = f"{total + Decimal(fields['AppliedAmount']):.2f}"
    else:
        fields["TotalAmount"] = f"{total:.2f}"
    if record.entity == "CreditMemo":
        fields.setdefault("CreditRemaining", fields["TotalAmount"])


def _given(row: Row, name: str) -> Decimal | None:
    value = row.get(name)
    return None if value is None else Decimal(str(value))


def balances(records: Iterable[Kept]) -> dict[str, tuple[int, int]]:
    """By customer, what it owes itself and with all its jobs, in cents."""
    customers = {each.key: each for each in records if each.entity == "Customer"}
    total = dict.fromkeys(customers, 0)
    for each in customers.values():
        at: str | None = each.key
        while at in customers and at is not None:
            total[at] += each.cents
            at = customers[at].parent
    return {key: (each.cents, total[key]) for key, each in customers.items()}
