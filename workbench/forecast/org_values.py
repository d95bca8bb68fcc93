"""One value in a Salesforce field: what the org makes of it, and what it has against it, by the describe.

Sources: Salesforce's reference (section 6, the codes of refusals; section 9, describe) and, for what it does
in silence, its behaviour as recorded: blanks at the ends of a text are dropped and empty text is no value,
e-mail addresses are kept in small letters, numbers are rounded half up to the scale of their field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from workbench.connections.salesforce_ids import long_id

Described = Mapping[str, Any]

NUMBERS = frozenset({"currency", "double", "percent"})
WHOLE = frozenset({"int", "long"})
NOT_TEXT = NUMBERS | WHOLE | {"boolean", "date", "datetime", "reference", "id"}
INT_DIGITS = 8
"""Digits of a whole number where the describe does not tell (Salesforce's own limit)."""

_EMAIL = re.compile(r"[^\s@,;<>()\[\]\"]+@[^\s@.,;<>()]+(\.[^\s@.,;<>()]+)+", re.ASCII)


class Refusal(Exception):
    """Why Salesforce would not take a record."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message


def stored(field: Described, value: Any) -> Any:
    """The value as the org keeps it.

    Raises:
        Refusal: It cannot be read as one of the field's type.
    """
    kind = str(field.get("type"))
    if value is None or value == "":
        return None
    if kind in NUMBERS:
        return _number(field, value)
    if kind in WHOLE:
        return _whole(field, value)
    if kind == "boolean":
        if not isinstance(value, bool):
            raise _unread(field, "boolean", value)
        return value
    if kind == "date":
        return value.date() if isinstance(value, datetime) else value
    if kind == "datetime":
        return value.replace(microsecond=0) if isinstance(value, datetime) else value
    if kind in ("reference", "id"):
        return long_id(str(value))
    if not isinstance(value, str):
        raise _unread(field, "string", value)
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    return (text.lower() if kind == "email" else text) or None


def problem(field: Described, value: Any) -> Refusal | None:
    """What the org has against a value as it would be kept, apart from other records."""
    label, kind = field.get("label") or field["name"], field.get("type")
    if value is None:
        if kind == "boolean":
            return Refusal("INVALID_TYPE_ON_FIELD_IN_RECORD", f"{label}: value not of required type: ")
        return None
    if kind in ("picklist", "multipicklist") and field.get("restrictedPicklist"):
        known = {str(each["value"]) for each in field.get("picklistValues") or () if each.get("active", True)}
        given = str(value).split(";") if kind == "multipicklist" else [str(value)]
        if wrong := next((each for each in given if each not in known), None):
            return Refusal(
                "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                f"{label}: bad value for restricted picklist field: {wrong}",
            )
    length = int(field.get("length") or 0)
    if isinstance(value, str) and kind not in NOT_TEXT and length and len(value) > length:
        shown = value if len(value) <= 255 else f"{value[:255]}..."
        return Refusal("STRING_TOO_LONG", f"{label}: data value too large: {shown} (max length={length})")
    if kind == "email" and not _EMAIL.fullmatch(str(value)):
        return Refusal("INVALID_EMAIL_ADDRESS", f"{label}: invalid email address: {value}")
    return None


def first(field: Described) -> Any:
    """What a new record holds in a field that is not given: a check box is never without a value."""
    default = field.get("defaultValue")
    if field.get("type") == "boolean":
        return default is True or default == "true"
    if field.get("type") == "picklist":
        entries = field.get("picklistValues") or ()
        return next((each["value"] for each in entries if each.get("defaultValue") is True), None)
    return None


def _number(field: Described, value: Any) -> Decimal:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise _unread(field, "double", value) from None
    if isinstance(value, bool) or not amount.is_finite():
        raise _unread(field, "double", value)
    scale = int(field.get("scale") or 0)
    room = int(field.get("precision") or 18) - scale
    if amount and amount.adjusted() >= room:
        raise _out_of_range(field, value)
    rounded = amount.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP)
    if abs(rounded) >= Decimal(10) ** room:
        raise _out_of_range(field, value)
    return rounded


def _whole(field: Described, value: Any) -> int:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise _unread(field, "int", value) from None
    if isinstance(value, bool) or not number.is_finite() or number != number.to_integral_value():
        raise _unread(field, "int", value)
    if abs(number) >= Decimal(10) ** int(field.get("digits") or INT_DIGITS):
        raise _out_of_range(field, value)
    return int(number)


def _out_of_range(field: Described, value: Any) -> Refusal:
    label = field.get("label") or field["name"]
    return Refusal(
        "NUMBER_OUTSIDE_VALID_RANGE", f"{label}: value outside of valid range on numeric field: {value}"
    )


def _unread(field: Described, kind: str, value: Any) -> Refusal:
    return Refusal(
        "JSON_PARSER_ERROR", f"Cannot deserialize instance of {kind} from {value!r}: {field['name']}"
    )
