"""One value: from Python to the text of qbXML and back, by the kind its element has.

Writing refuses what QuickBooks would refuse or mangle, with the field and what would fit.  Reading is
lenient where real answers are (absent seconds, empty elements) and strict where a wrong value would pass
for a right one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from qbwc.descriptor import Element
from qbwc.errors import QbxmlError

# Kind -> (integer digits, decimals, decimals are written out).  AMTTYPE takes no decimals or exactly two.
_NUMBERS = {
    "amount": (13, 2, True),
    "price": (10, 5, False),
    "quantity": (10, 5, False),
    "percent": (10, 5, False),
    "rate": (10, 8, False),
}
_GUID = re.compile(r"0|\{[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}")
_TIME = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:T(\d{1,2})(?::(\d{1,2})(?::(\d{1,2}))?)?)?")


def to_text(element: Element, value: object, *, entity: str, field: str) -> str:
    """The text QuickBooks reads for a value; `QbxmlError` names field, value and what would fit.

    Numbers are Decimal, int or text (never float); dates are `date` or ISO text; booleans are bool or
    "true"/"false".
    """
    for problem in _part_problems(element, value, entity=entity, field=field):
        raise problem
    return _WRITERS[element.kind](element, value)


def parts(element: Element, value: object) -> list[object]:
    """The single values of an element that may occur several times: a sequence, or text joined by ";"."""
    if not element.many:
        return [value]
    several = value.split(";") if isinstance(value, str) else value
    return list(several) if isinstance(several, list | tuple | set | frozenset) else [several]


def value_problems(element: Element, value: object, *, entity: str, field: str) -> list[QbxmlError]:
    """Every reason why QuickBooks would refuse or mangle this value; empty when it takes it."""
    return [
        problem
        for part in parts(element, value)
        for problem in _part_problems(element, part, entity=entity, field=field)
    ]


def _part_problems(element: Element, value: object, *, entity: str, field: str) -> list[QbxmlError]:
    misfits = _text_misfits(element, value) if element.kind in _TEXTS else []
    if not misfits:
        try:
            _WRITERS[element.kind](element, value)
        except _Misfit as misfit:
            misfits = [misfit]
    return [
        QbxmlError(
            f"{entity}.{field} {misfit.why}",
            entity=entity,
            field=field,
            value=value,
            limit=misfit.limit,
            fix=misfit.fix,
        )
        for misfit in misfits
    ]


_TEXTS = frozenset({"text", "email", "name", "id", "edit"})


class _Misfit(Exception):
    """A value that does not fit: why, what would, and the next step."""

    def __init__(self, why: str, limit: object, fix: str) -> None:
        super().__init__(why)
        self.why, self.limit, self.fix = why, limit, fix


def _text(_: Element, value: object) -> str:
    return str(value)


def _text_misfits(element: Element, value: object) -> list[_Misfit]:
    if not isinstance(value, str):
        why = f"is {type(value).__name__} {value!r}, expected text"
        return [_Misfit(why, "text", "Give the value as text.")]
    misfits: list[_Misfit] = []
    if element.limit is not None and len(value) > element.limit:
        why = f"has {len(value)} characters, QuickBooks takes {element.limit}: {value!r}"
        fix = f"Shorten it by {len(value) - element.limit}; what fits is {value[: element.limit]!r}."
        misfits.append(_Misfit(why, element.limit, fix))
    if element.kind == "name" and ":" in value:
        why = f"holds a colon, which QuickBooks keeps for the path of a sub-record: {value!r}"
        misfits.append(_Misfit(why, "no ':'", "Replace the colon, e.g. by a dash."))
    outside = unsendable(value)
    if outside:
        shown = ", ".join(f"{character!r} (U+{ord(character):04X})" for character in outside[:5])
        why = f"holds characters that QuickBooks turns into '?': {shown}"
        fix = "Write them in Windows-1252 (Western European) characters."
        misfits.append(_Misfit(why, "Windows-1252", fix))
    return misfits


def unsendable(text: str) -> list[str]:
    """Characters, each once, that do not survive: outside Windows-1252, or forbidden in XML."""
    if text.isascii() and text.isprintable():
        return []
    return [character for character in dict.fromkeys(text) if not _survives(character)]


def _survives(character: str) -> bool:
    if character < " ":
        return character in "\t\n\r"
    try:
        character.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _guid(_: Element, value: object) -> str:
    if not isinstance(value, str) or not _GUID.fullmatch(value):
        raise _Misfit(f"is {value!r}, not a GUID in braces", "{8-4-4-4-12}", "Give a GUID in braces, or 0.")
    return value


def _bool(_: Element, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value in ("true", "false"):
        return str(value)
    raise _Misfit(f"is {value!r}, expected true or false", ("true", "false"), "Give a bool.")


def _int(_: Element, value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str) and re.fullmatch(r"[+-]?\d+", value):
        return value
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        return str(int(value))
    raise _Misfit(f"is {value!r}, expected a whole number", "whole number", "Give an int.")


def _number(element: Element, value: object) -> str:
    digits, decimals, written_out = _NUMBERS[element.kind]
    number = _decimal(value)
    if -int(number.normalize().as_tuple().exponent) > decimals:
        raise _Misfit(
            f"is {number}, QuickBooks takes {decimals} decimals",
            decimals,
            f"Round it to {decimals} decimals.",
        )
    if abs(number) >= Decimal(10) ** digits:
        raise _Misfit(
            f"is {number}, QuickBooks takes {digits} digits before the point", digits, "Check the value."
        )
    if written_out:
        return f"{number:.{decimals}f}"
    plain = f"{number:.{decimals}f}".rstrip("0").rstrip(".")
    return plain or "0"


def _decimal(value: object) -> Decimal:
    if isinstance(value, float):
        raise _Misfit(
            f"is float {value!r}, expected Decimal",
            "Decimal",
            "A float cannot hold money exactly: give a Decimal.",
        )
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
        raise _Misfit(f"is {value!r}, expected a number", "number", "Give a Decimal.")
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise _Misfit(f"is {value!r}, not a number", "number", "Give a Decimal.")
    return number + 0 if number else Decimal(0)


def _date(_: Element, value: object) -> str:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str):
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            pass
    raise _Misfit(f"is {value!r}, expected a date", "YYYY-MM-DD", "Give a date without a time.")


def _enum(element: Element, value: object) -> str:
    if value in element.values:
        return str(value)
    listed = ", ".join(element.values)
    raise _Misfit(f"is {value!r}, not one of {listed}", element.values, f"Choose one of {listed}.")


def _time(_: Element, value: object) -> str:
    return local_time(value)


_WRITERS: dict[str, Callable[[Element, object], str]] = {
    "text": _text, "email": _text, "id": _text, "edit": _text, "name": _text, "guid": _guid, "bool": _bool,
    "int": _int, "amount": _number, "price": _number, "quantity": _number, "percent": _number,
    "rate": _number, "date": _date, "time": _time, "enum": _enum,
}  # fmt: skip


def local_time(value: object) -> str:
    """A time for a filter: local time of the QuickBooks machine, without an offset.

    QuickBooks reads filters as local time, and the offsets in its answers ignore daylight saving; an aware
    time would shift by an hour for half of the year, so it is refused.
    """
    if isinstance(value, str):
        value = read_time(value) if not re.search(r"[+-]\d\d:\d\d$|Z$", value) else value
    if not isinstance(value, datetime) or value.tzinfo is not None:
        raise _Misfit(
            f"is {value!r}, expected local time without an offset",
            "YYYY-MM-DDTHH:MM:SS",
            "Strip the offset: QuickBooks' own offsets ignore daylight saving.",
        )
    return value.isoformat(timespec="seconds")


def filter_time(value: object, field: str) -> str:
    """`local_time` for a filter, its misfit told as a `QbxmlError`."""
    try:
        return local_time(value)
    except _Misfit as misfit:
        raise QbxmlError(
            f"{field} {misfit.why}", field=field, value=value, limit=misfit.limit, fix=misfit.fix
        ) from None


def read_time(text: str) -> datetime:
    """Local time of a QuickBooks datetime; its offset is dropped because it ignores daylight saving."""
    if len(text) in (19, 25):
        return datetime.fromisoformat(text[:19])
    found = _TIME.match(text)
    if found is None:
        raise ValueError(f"not a datetime: {text!r}")
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    return datetime(year, month, day, hour, minute, second)


def _read_bool(text: str) -> bool:
    if text in ("true", "1"):
        return True
    if text in ("false", "0"):
        return False
    raise ValueError(f"not a boolean: {text!r}")


def _read_decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(f"not a number: {text!r}") from None


READERS: dict[str, Callable[[str], object]] = {
    "bool": _read_bool, "int": int, "date": date.fromisoformat, "time": read_time,
    **dict.fromkeys(("amount", "price", "quantity", "percent", "rate"), _read_decimal),
    **dict.fromkeys(("text", "name", "email", "id", "edit", "guid", "enum"), str),
}  # fmt: skip
