"""Values of a write, converted as QuickBooks does: a wrong one ends its request, not the set."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from qbwc.descriptor import Element
from qbwc.qbxml.values import read_time
from qbwc.simulator.orders import Order
from qbwc.simulator.refusals import Refusal, bad_value, too_long


def convert(order: Order, element: Element, name: str, text: str) -> str:
    """The value as QuickBooks keeps it: characters outside Windows-1252 have become '?'."""
    if text == "":
        return ""
    if element.limit is not None and len(text) > element.limit:
        order.note(too_long(text, name, element.limit))
    rule = _CONVERT.get(element.kind)
    if rule is not None and not rule[2](text):
        order.note(bad_value(rule[0], rule[1], text, name))
    if element.kind == "enum" and text not in element.values:
        order.note(bad_value(3110, "enumerated", text, name))
    if element.kind == "name" and ":" in text:
        words = f'The name "{text}" holds a colon, which is not allowed in the field "{name}".'
        order.note(Refusal(3210, words))
    if order.refusal is None and element.kind == "amount":
        return f"{Decimal(text):.2f}"
    if element.kind == "bool":
        return {"1": "true", "0": "false"}.get(text, text)
    return text.encode("cp1252", "replace").decode("cp1252")


def _is_date(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def _is_time(text: str) -> bool:
    try:
        return bool(read_time(text))
    except ValueError:
        return False


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


_AMOUNT = _matches(r"[+-]?[0-9]{1,13}(\.[0-9]{2})?")
_PRICE = _matches(r"[+-]?[0-9]{1,10}(\.[0-9]{1,5})?")
_CONVERT: dict[str, tuple[int, str, Callable[[str], bool]]] = {
    "bool": (3010, "boolean", _matches("true|false|0|1")),
    "date": (3020, "date", _is_date),
    "time": (3020, "date", _is_time),
    "int": (3030, "integer", _matches(r"[+-]?[0-9]+")),
    "amount": (3040, "amount", _AMOUNT),
    "price": (3045, "price", _PRICE),
    "quantity": (3045, "quantity", _PRICE),
    "percent": (3045, "percent", _PRICE),
    "rate": (3045, "rate", _matches(r"[+-]?[0-9]+(\.[0-9]+)?")),
    "guid": (3035, "GUID", _matches(r"0|\{[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}")),
}
CODES: dict[str, int] = {kind: rule[0] for kind, rule in _CONVERT.items()} | {"enum": 3110}
"""The code of a value that cannot be converted, by the kind of its element."""
