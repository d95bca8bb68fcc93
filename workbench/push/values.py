"""Compare a value that was written or reviewed with the value that is there now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any


def same(one: Any, other: Any) -> bool:
    """Whether two raw values are the same thing, whatever form a system sent them in.

    Numbers are compared as decimals, empty text is no value, line ends are one kind; text is compared
    without case only where it holds an `@`: both systems change the case of e-mail addresses.
    """
    left, right = _plain(one), _plain(other)
    if any(value is None or isinstance(value, bool) for value in (left, right)):
        return left is right  # True == 1 in Python, but a check box is no number
    numbers = _number(left), _number(right)
    if None not in numbers and not (isinstance(left, str) and isinstance(right, str)):
        return numbers[0] == numbers[1]
    if "@" in str(left):
        return str(left).casefold() == str(right).casefold()
    return str(left) == str(right)


def differing(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Answer (wanted, found) of the fields in which a record is not as wanted."""
    return {api: (value, found.get(api)) for api, value in wanted.items() if not same(value, found.get(api))}


def said(differences: Mapping[str, tuple[Any, Any]], one: str, other: str) -> str:
    """Say differences in words, e.g. `Phone: approved against 555-0101, now 555-0199`."""
    return "; ".join(
        f"{api}: {one} {_shown(first)}, {other} {_shown(second)}"
        for api, (first, second) in differences.items()
    )


def _plain(value: Any) -> Any:
    match value:
        case str():
            return value.replace("\r\n", "\n").strip() or None
        case datetime():
            return value.isoformat()
        case date():
            return value.isoformat()
    return value


def _number(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _shown(value: Any) -> str:
    return "(empty)" if value is None or value == "" else str(value)
