"""Random records of both systems, and what each keeps of a value: told apart from the program's own rules.

What a system keeps comes from its describe alone (length, decimals, list), from QuickBooks' code page, and
from what Salesforce does to every text it saves; nothing here asks `workbench.normalize`.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

from hypothesis import strategies as st

from qbwc.descriptor import describe
from workbench.model import FieldType, Mapping, Side
from workbench.testorg.describe import describe_object
from workbench.testorg.objects import CUSTOM, STANDARD

Described = ReadOnly[str, Any]
NUMBERS = {"currency": 2, "double": 5, "percent": 5, "int": 0, "long": 0}
LETTERS = "aBz09 .,:;-/&'\"<>@éüß€“–™e\u0301Ωж漢😀\u00a0\u2003\u200b\t\n\r\x01\x0b\x1f\x7f\x85"
WORDS = [
    *("United States", "USA", "Bolt & Nut: East", "A - B", "Ann@Example.COM", "Service", "Net 30", "?"),
    *("+1 (415) 555-0134 ext. 7", "call the office", "1 Main St\r\nSuite 5\n\n Floor 2 \nRoom 3"),
]

SALESFORCE = {
    each.name: describe_object(STANDARD.with_objects(CUSTOM), each, "64.0", "http://127.0.0.1")
    for each in STANDARD.with_objects(CUSTOM).objects
}


def described(mapping: Mapping, side: Side, name: str) -> Described:
    """What a side says of a field of a mapping, `Object.Field` for one of a related record."""
    head, dot, tail = name.partition(".")
    return _fields(side, head if dot else mapping.side(side).object)[tail if dot else name]


@cache
def _fields(side: Side, entity: str) -> dict[str, Described]:
    found = SALESFORCE[entity] if side is Side.SALESFORCE else describe(entity)
    return {each["name"]: each for each in found["fields"]}


@dataclass(frozen=True)
class Pool:
    """Values that the columns of random records are filled from, in turn."""

    texts: list[str | None]
    numbers: list[Decimal | None]
    dates: list[date | None]

    def value(self, kind: Described, side: Side, place: int) -> object:
        """A value that the field can hold."""
        if kind["type"] == "boolean":
            return (True, False, None)[place % 3]
        if kind["type"] in ("date", "datetime"):
            return self.dates[place % len(self.dates)]
        if kind["type"] in NUMBERS:
            number = self.numbers[place % len(self.numbers)]
            return None if number is None else _held_number(kind, number)
        listed = [each["value"] for each in kind["picklistValues"] or ()]
        if kind["restrictedPicklist"] and listed:
            return [*listed, None][place % (len(listed) + 1)]
        text = self.texts[place % len(self.texts)]
        return None if text is None else _held_text(kind, side, text)


def pools() -> st.SearchStrategy[Pool]:
    """Texts of usual and unusual characters, short and long; numbers of any size; days of two centuries."""
    short = st.text(st.sampled_from(LETTERS), max_size=12)
    part = st.text(st.sampled_from(LETTERS), min_size=1, max_size=6)
    long = st.builds(lambda text, times: text * times, part, st.integers(5, 90))
    texts = st.one_of(st.sampled_from(WORDS), short, long, st.none())
    numbers = st.decimals(min_value=-(10**11), max_value=10**11, places=5) | st.decimals(-100, 100, places=2)
    days = st.dates(date(1901, 1, 1), date(2099, 12, 31))
    return st.builds(
        Pool,
        texts=st.lists(texts, min_size=7, max_size=7),
        numbers=st.lists(numbers | st.none(), min_size=5, max_size=5),
        dates=st.lists(days | st.none(), min_size=2, max_size=2),
    )


def _held_number(kind: Described, number: Decimal) -> Decimal | int:
    scale = kind["scale"] if kind["precision"] else NUMBERS[kind["type"]]
    room = (kind["precision"] or 15) - scale
    small = number % Decimal(10) ** min(room, 12)
    held = small.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP)
    return int(held) if kind["type"] in ("int", "long") else held


def _held_text(kind: Described, side: Side, text: str) -> str | None:
    if side is Side.QUICKBOOKS:
        text = text.encode("cp1252", "ignore").decode("cp1252")
        text = "".join(each for each in text if each >= " " or each in "\t\n")
        text = text.replace(":", "") if kind["name"] == "Name" else text
    text = str(kept(kind, side, text) or "")
    return text[: kind["length"] or None].strip() or None


def kept(kind: Described, side: Side, value: object) -> object:
    """What a system shows afterwards of a value that it took.

    QuickBooks writes '?' for what its code page lacks; Salesforce trims a text, has one kind of line end, an
    e-mail address in small letters, and rounds half up.  Both cut what is longer than the field here: in
    truth they refuse it.
    """
    if isinstance(value, Decimal):
        scale = Decimal(1).scaleb(-kind["scale"])
        return value.quantize(scale, rounding=ROUND_HALF_UP) if kind["precision"] else value
    if not isinstance(value, str):
        return value
    if side is Side.QUICKBOOKS:
        value = value.encode("cp1252", "replace").decode("cp1252")
    else:
        value = value.replace("\r\n", "\n").replace("\r", "\n").strip()
        value = value.lower() if kind["type"] == "email" else value
    return value[: kind["length"] or None] or None


def losses(kind: Described, side: Side, value: object) -> Iterator[str]:
    """Words of each loss that writing a value means, as a person must be told."""
    if value is None:
        if not kind["nillable"] and not kind["defaultedOnCreate"]:
            yield "is empty"
    elif isinstance(value, Decimal) and kind["precision"]:
        if value != kept(kind, side, value):
            yield "decimal places"
        if abs(int(value)) >= 10 ** (kind["precision"] - kind["scale"]):
            yield "digits before the point"
    elif isinstance(value, str):
        yield from _text_losses(kind, side, value)


def _text_losses(kind: Described, side: Side, value: str) -> Iterator[str]:
    if kind["length"] and len(value) > kind["length"]:
        yield f"has {len(value)} characters"
    listed = [each["value"] for each in kind["picklistValues"] or ()]
    if kind["restrictedPicklist"] and listed and value not in listed:
        yield "is not in the list"
    if side is Side.QUICKBOOKS:
        lost = [each for each in value if each.encode("cp1252", "replace") == b"?" != each.encode()[:1]]
        if lost or any(each < " " and each not in "\t\n\r" for each in value):
            yield "which QuickBooks would store as '?'"
        if kind["name"] == "Name" and ":" in value:
            yield "holds ':'"


def column_type(kind: Described, number: FieldType) -> str:
    """The DuckDB type of a column in a snapshot."""
    if kind["type"] in NUMBERS:
        return "BIGINT" if kind["type"] in ("int", "long") else "DECIMAL(28,5)"
    return {"boolean": "BOOLEAN", "date": "DATE", "datetime": "TIMESTAMP"}.get(kind["type"], "VARCHAR")
