"""Whether a side can hold a value, told from its describe before anything is sent.

A field's describe is a dict in Salesforce's form.  Two keys that Salesforce does not have may be added:
`encoding` (a Python codec; QuickBooks stores CP1252) and `forbidden` (characters that it refuses).
"""

from __future__ import annotations

from collections.abc import Mapping as ReadOnly
from datetime import date
from decimal import Decimal
from typing import Any

from workbench.errors import Problem
from workbench.model import Side
from workbench.money import places, plain

Described = ReadOnly[str, Any]
NUMBERS = frozenset({"currency", "double", "percent", "int", "long"})
WHOLE = frozenset({"int", "long"})


def fits(described: Described, value: object, *, side: Side | None = None) -> Problem | None:
    """The first reason why the field can't hold the value; None when it can.

    Args:
        described: The field's describe.
        side: QUICKBOOKS says CP1252, and no colon in `Name`, where the describe does not.
    """
    name = str(described.get("name", "the field"))
    if value is None:
        return _empty(described, name)
    if isinstance(value, float):
        return _problem(name, value, "is a float, which is no exact number", "Take it as Decimal.")
    kind = str(described.get("type", "string"))
    if kind in NUMBERS:
        return _number(described, kind, name, value)
    if kind == "boolean":
        return None if isinstance(value, bool) else _problem(name, value, "is neither true nor false")
    if kind in ("date", "datetime"):
        return None if isinstance(value, date) else _problem(name, value, "is no date")
    if not isinstance(value, str):
        return _problem(name, value, f"is {type(value).__name__}, and the field holds text")
    return _text(described, kind, name, value, side)


def _empty(described: Described, name: str) -> Problem | None:
    if described.get("nillable", True) or described.get("defaultedOnCreate"):
        return None
    return _problem(name, None, "is empty, and the field needs a value", "Fill it in, or give a default.")


def _number(described: Described, kind: str, name: str, value: object) -> Problem | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return _problem(name, value, "is no number")
    number = Decimal(value)
    if not number.is_finite():
        return _problem(name, value, "is no number")
    precision, scale = int(described.get("precision") or 0), int(described.get("scale") or 0)
    if kind in WHOLE:
        precision, scale = int(described.get("digits") or precision), 0
    if (kind in WHOLE or precision) and places(number) > scale:
        what = f"has {places(number)} decimal places, the field keeps {scale}"
        return _problem(name, plain(number), what, "Correct the value; it is never rounded silently.")
    room = precision - scale
    whole = len(plain(abs(number)).partition(".")[0].lstrip("0"))
    if precision and whole > room:
        return _problem(name, plain(number), f"has {whole} digits before the point, the field keeps {room}")
    return None


def _text(described: Described, kind: str, name: str, value: str, side: Side | None) -> Problem | None:
    length = int(described.get("length") or 0)
    if length and len(value) > length:
        return _problem(name, value, f"has {len(value)} characters, the field holds {length}", "Shorten it.")
    if kind in ("picklist", "multipicklist") and described.get("restrictedPicklist"):
        problem = _picklist(described, kind, name, value)
        if problem:
            return problem
    return _characters(described, name, value, side)


def _picklist(described: Described, kind: str, name: str, value: str) -> Problem | None:
    entries = described.get("picklistValues") or ()
    known = [str(each["value"]) for each in entries if each.get("active", True)]
    given = value.split(";") if kind == "multipicklist" else [value]
    wrong = [each for each in given if each not in known]
    return _problem(name, wrong[0], "is not in the list", f"Known: {', '.join(known)}.") if wrong else None


def _characters(described: Described, name: str, value: str, side: Side | None) -> Problem | None:
    quickbooks = side is Side.QUICKBOOKS
    encoding = described.get("encoding") or ("cp1252" if quickbooks else None)
    lost = [each for each in dict.fromkeys(value) if encoding and not _encodable(each, str(encoding))]
    if lost:
        shown = ", ".join(
            f"{each if each.isprintable() else ''} (U+{ord(each):04X})".strip() for each in lost
        )
        what = f"holds {shown}, which QuickBooks would store as '?'"
        return _problem(name, value, what, "Write it with characters of CP1252 (Western European).")
    forbidden = str(described.get("forbidden") or (":" if quickbooks and name == "Name" else ""))
    found = [each for each in forbidden if each in value]
    if found:
        return _problem(name, value, f"holds '{found[0]}', which is not allowed in it")
    return None


def _encodable(character: str, encoding: str) -> bool:
    if character < " " and character not in "\t\n\r":
        return False  # every code page has it, and XML does not carry it
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _problem(name: str, value: object, what: str, fix: str | None = None) -> Problem:
    return Problem(what=f"{name} {what}", values={"value": value}, fix=fix)
