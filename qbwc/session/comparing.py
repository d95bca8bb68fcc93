"""Whether a record in QuickBooks holds the values that were meant, and in what it differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from qbwc.qbxml import Record
from qbwc.queue import Item
from qbwc.queue.model import WriteRequest, filled


def differences(item: Item, record: Record) -> list[str]:
    """In what a record differs from the values that were sent; an empty list when it holds them all."""
    request: WriteRequest = item.write
    sent = dict(filled(request.fields, item.answers))
    if request.lines is not None:
        sent["lines"] = filled(list(request.lines), item.answers)
    return compare(sent, record)


def compare(wanted: Mapping[str, Any], record: Record) -> list[str]:
    """In what a record differs from flattened values (lines under 'lines'), each as a person reads it."""
    told = [
        f"{name} is {_shown(record.fields.get(name))}, expected {_shown(value)}"
        for name, value in wanted.items()
        if name != "lines" and not equal(name, value, record.fields.get(name))
    ]
    if wanted.get("lines") is not None:
        told += _compare_lines(wanted["lines"], next(iter(record.lines.values()), []))
    return told


def _compare_lines(wanted: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]]) -> list[str]:
    if len(wanted) != len(found):
        return [f"it has {len(found)} lines, expected {len(wanted)}"]
    return [
        f"line {number} {name} is {_shown(there.get(name))}, expected {_shown(value)}"
        for number, (line, there) in enumerate(zip(wanted, found, strict=True), 1)
        for name, value in line.items()
        if not (name == "TxnLineID" and value == "-1") and not equal(name, value, there.get(name))
    ]


def _shown(value: object) -> str:
    return "empty" if value in (None, "") else repr(value) if isinstance(value, str) else str(value)


def equal(name: str, wanted: object, found: object) -> bool:
    """Whether QuickBooks' value is the one meant: types may differ, as 'true' and True do."""
    if wanted in (None, "") or found in (None, ""):
        return wanted in (None, "") and found in (None, "")
    if isinstance(found, bool) or isinstance(wanted, bool):
        return _text(wanted) == _text(found)
    if isinstance(found, (Decimal, int)) or isinstance(wanted, (Decimal, int)):
        return _number(wanted) is not None and _number(wanted) == _number(found)
    left, right = _text(wanted), _text(found)
    return left.casefold() == right.casefold() if name.endswith("FullName") else left == right


def _number(value: object) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value).strip()
