"""The way back: what is written on one side so that it compares equal with the other.

Nothing is rounded, cut or dropped on the way: where a value has no form on the other side, a PlanError
says which and why.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping as ReadOnly
from datetime import date, datetime
from decimal import Decimal

from workbench.errors import PlanError
from workbench.model import Expression, FieldMap, FieldType, Side, Transform
from workbench.money import exact, fixed
from workbench.normalize.evaluate import Evaluate, evaluate

# White space as `compare.clean` knows it: RE2's \s and \p{Z}.  Python's own \s takes more (U+001F, U+0085).
WHITE = "\t\n\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
RUN = re.compile(f"[{WHITE}]+")
EDGES = re.compile(f"^[{WHITE}]+|[{WHITE}]+\\Z")
# Fewest and most decimal places written: QuickBooks' AMTTYPE has two, PRICETYPE and QUANTYPE up to five.
PLACES = {FieldType.MONEY: (2, 2), FieldType.PRICE: (2, 5), FieldType.QUANTITY: (0, 5)}

TEXTUAL = frozenset({FieldType.TEXT, FieldType.NAME, FieldType.PHONE, FieldType.EMAIL, FieldType.ID})


def write_values(
    field: FieldMap, to_side: Side, source_raw: ReadOnly[str, object], evaluated: Evaluate = evaluate
) -> dict[str, object]:
    """The values to write on `to_side`, by API field; None clears.

    Args:
        source_raw: Raw values of the other side by API field, typed or as text.
        evaluated: Gives the values of expressions; for many records those of `evaluate.Values`.

    Raises:
        PlanError: The value has no form on that side, would have to be rounded, or an expression fails.
        ValueError: For a reference field; its ids come from the crosswalk.
    """
    if field.type is FieldType.REFERENCE:
        raise ValueError(f"field {field.name!r} is a reference: its ids come from the crosswalk")
    if written := field.write(to_side):
        return {
            name: _given(field, evaluated(each, source_raw, _of(field))) for name, each in written.items()
        }
    targets = field.targets(to_side)
    if read := field.read(to_side.other):
        return {targets[0]: _value(field, to_side, evaluated(read, source_raw, _of(field)))}
    values = [source_raw.get(name) for name in field.api(to_side.other)]
    if field.transform is Transform.STREET_LINES:
        return _street(field, to_side, values)
    return {targets[0]: _value(field, to_side, values[0])}


def expressions_of_write(field: FieldMap, to_side: Side) -> tuple[Expression, ...]:
    """The expressions that `write_values` asks for."""
    if written := field.write(to_side):
        return tuple(written.values())
    read = field.read(to_side.other)
    return (read,) if read else ()


def _of(field: FieldMap) -> str:
    return f"field '{field.name}'"


def _given(field: FieldMap, value: object) -> object:
    """What a `write` expression gives is in the words of the side that is written, and of its own type."""
    if _empty(value):
        return None
    if isinstance(value, str):
        return EDGES.sub("", value)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        number = exact(value, where=_of(field))
        places = PLACES.get(field.type, PLACES[FieldType.QUANTITY])
        return None if number is None else fixed(number, *places, where=_of(field))
    return value.date() if isinstance(value, datetime) else value


def _value(field: FieldMap, to_side: Side, value: object) -> object:
    if field.type not in TEXTUAL or _empty(value):
        return _typed(field, value)
    return _text(field, to_side, str(value))


def _empty(value: object) -> bool:
    return value is None or (isinstance(value, str) and not _squeezed(value))


def _typed(field: FieldMap, value: object) -> object:
    if _empty(value):
        return None
    if field.type in PLACES:
        number = exact(value, where=_of(field))
        return None if number is None else fixed(number, *PLACES[field.type], where=_of(field))
    return _date(field, value) if field.type is FieldType.DATE else _boolean(field, value)


def _text(field: FieldMap, to_side: Side, value: str) -> str:
    if to_side is Side.QUICKBOOKS:
        value = unicodedata.normalize("NFC", value)  # it keeps "é", and knows no "e" with an accent behind it
    if field.transform is Transform.COLON_DASH and to_side is Side.QUICKBOOKS:
        value = _squeezed(re.sub(" ?: ?", " - ", _squeezed(value)))
    if field.values:
        return _mapped(field, to_side, _squeezed(value))
    return _squeezed(value) if field.type is FieldType.NAME else EDGES.sub("", value)


def _mapped(field: FieldMap, to_side: Side, value: str) -> str:
    forward = dict(field.values)
    if to_side is Side.QUICKBOOKS:
        return forward.get(value, value)
    backward = {right: left for left, right in reversed(field.values)}
    written = backward.get(value, value)
    if forward.get(written, written) != value:
        raise PlanError(
            f"field '{field.name}': QuickBooks' {value!r} has no Salesforce value",
            values={"would be written": written, "which stands for": forward[written]},
            fix="Add it to `values` of the field.",
        )
    return written


def _street(field: FieldMap, to_side: Side, values: list[object]) -> dict[str, object]:
    lines = [
        line
        for value in values
        if value is not None
        for line in map(_squeezed, re.split(r"\r\n|\r|\n", str(value)))
        if line
    ]
    targets = field.api(to_side)
    if len(targets) == 1:
        return {targets[0]: "\n".join(lines) or None}
    if len(lines) > len(targets):
        raise PlanError(
            f"field '{field.name}' has {len(lines)} lines, {to_side.label} has room for {len(targets)}",
            values={f"line {number}": line for number, line in enumerate(lines, 1)},
            fix=f"Map more of {to_side.label}'s address lines, or shorten the address.",
        )
    return dict(zip(targets, lines + [None] * (len(targets) - len(lines)), strict=True))


def _date(field: FieldMap, value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value).strip()[:10])
    except ValueError as error:
        raise PlanError(
            f"field '{field.name}': {value!r} is no date", fix="Write it as 2026-03-30."
        ) from error


def _boolean(field: FieldMap, value: object) -> bool:
    if isinstance(value, bool):
        return value
    known = {"true": True, "false": False}.get(str(value).strip().lower())
    if known is None:
        raise PlanError(f"field '{field.name}': {value!r} is neither true nor false")
    return known


def _squeezed(value: str) -> str:
    """The same as `compare.clean` in DuckDB: white space collapsed, accents composed."""
    return RUN.sub(" ", unicodedata.normalize("NFC", value)).strip(" ")
