"""Money is Decimal from wire to wire: exact parsing, cents, and a sentence for every float.

Amounts are in currency units (100.00), never in cents, and never rounded without being asked.
"""

from __future__ import annotations

import re
from decimal import Decimal

from workbench.errors import WorkbenchError

CENT = Decimal("0.01")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)\Z", re.ASCII)


class MoneyError(WorkbenchError):
    """A value that is no exact number, or that would have to be rounded."""


def exact(value: object, *, where: str | None = None) -> Decimal | None:
    """The number as an exact Decimal; None for None and for an empty text.

    Takes Decimal, int and text such as '1250.00'.  Raises MoneyError for a float, a bool, an exponent,
    a thousands separator, NaN and infinity.
    """
    if value is None:
        return None
    if isinstance(value, bool | float):
        raise MoneyError(
            f"{type(value).__name__} {value!r} is not exact money",
            where=where,
            fix="Read it as Decimal or text, for example json.loads(..., parse_float=Decimal).",
        )
    if isinstance(value, Decimal) and value.is_finite():
        return value
    if isinstance(value, int):
        return Decimal(value)
    return _parsed(value, where)


def _parsed(value: object, where: str | None) -> Decimal | None:
    text = value.strip() if isinstance(value, str) else repr(value)
    if not text:
        return None
    if not _NUMBER.match(text):
        raise MoneyError(
            f"{text!r} is not a plain number",
            where=where,
            fix="Write digits with a point, for example 1250.00.",
        )
    return Decimal(text)


def places(value: Decimal) -> int:
    """How many decimal places are needed to write it exactly: 1.50 needs 1."""
    return len(plain(value).partition(".")[2].rstrip("0"))


def fixed(value: Decimal, least: int, most: int, *, where: str | None = None) -> Decimal:
    """The same number written with at least `least` and at most `most` decimal places.

    Raises MoneyError when it has more: a number is never rounded silently.
    """
    needed = places(value)
    if needed > most:
        raise MoneyError(
            f"{plain(value)} has {needed} decimal places, room is for {most}",
            where=where,
            fix="Correct the value in the system it comes from.",
        )
    return _scaled(value, max(needed, least))


def cents(value: Decimal, *, where: str | None = None) -> Decimal:
    """The amount with exactly two decimal places; MoneyError when it is not a whole number of cents."""
    return fixed(value, 2, 2, where=where)


def plain(value: Decimal) -> str:
    """Its digits without an exponent, as many decimal places as it has: '1250.00'."""
    return f"{value:f}"


def _scaled(value: Decimal, scale: int) -> Decimal:
    # quantize() fails beyond 28 digits under the default context; text has no such limit.
    whole, _, fraction = plain(value).partition(".")
    return Decimal(f"{whole}.{fraction.rstrip('0').ljust(scale, '0')}" if scale else whole)
