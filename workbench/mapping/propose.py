"""Propose which fields of two objects correspond, with the reason; nothing is decided here.

A pair of fields is scored by name, by type and length, and by how often the two agree on records that are
the same; the best pairs that share no field are proposed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from workbench.model import Direction, FieldType

Described = ReadOnly[str, Any]
Row = ReadOnly[str, Any]

ENOUGH = 0.5
"""Least score of a proposal; names alone reach it when all their words are the same."""
FEWEST = 3
"""Records on which both must have a value before their agreement counts."""

SAME_WORDS = {
    "addr": "street", "addr1": "street", "telephone": "phone", "tel": "phone", "mail": "email",
    "zip": "postal", "postalcode": "postal", "code": "", "c": "", "ref": "", "txn": "", "bill": "billing",
    "ship": "shipping", "address": "", "desc": "description", "memo": "description", "amount": "total",
    "qty": "quantity", "is": "", "unit": "", "rate": "price", "alt": "mobile", "no": "number", "job": "",
    "full": "", "list": "",
}  # fmt: skip
LEFT_OUT = frozenset({"reference", "id", "address", "location", "base64", "anyType", "complexvalue"})
"""Types that are no plain value; the parts of an address are fields of their own."""
SYSTEM = frozenset({"id", "isdeleted", "systemmodstamp", "createddate", "lastmodifieddate", "editsequence"})
TYPED = {
    FieldType.MONEY: "amounts",
    FieldType.QUANTITY: "numbers",
    FieldType.DATE: "days",
    FieldType.BOOLEAN: "yes or no",
}
"""Types that say something of themselves; a text can be anything."""
NUMBERS = frozenset({"currency", "double", "int", "long", "percent"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One pair of fields that may correspond.

    Attributes:
        score: From 0 to 1.
        why: The reason, in a sentence.
        reference: The mapping that a reference goes by, else ''.
    """

    name: str
    salesforce: str
    quickbooks: str
    type: FieldType
    direction: Direction
    score: float
    why: str
    reference: str = ""


def propose(
    salesforce: Iterable[Described], quickbooks: Iterable[Described], pairs: Iterable[tuple[Row, Row]] = ()
) -> list[Proposal]:
    """The best proposals, in the order of Salesforce's fields.

    Args:
        salesforce, quickbooks: The describes of the fields of the two objects.
        pairs: Records that are the same, Salesforce's and QuickBooks'.
    """
    left, right = [*_usable(salesforce)], [*_usable(quickbooks)]
    agreed = _agreement([each["name"] for each in left], [each["name"] for each in right], list(pairs))
    scored = sorted(_scored(left, right, agreed), key=lambda each: (-each.score, each.salesforce))
    order = {str(each["name"]): place for place, each in enumerate(left)}
    return sorted(named(best(scored)), key=lambda each: order[each.salesforce])


def _usable(fields: Iterable[Described]) -> Iterator[Described]:
    for each in fields:
        if str(each["name"]).lower() not in SYSTEM and str(each.get("type")) not in LEFT_OUT:
            yield each


def _scored(
    left: list[Described], right: list[Described], agreed: ReadOnly[tuple[str, str], tuple[int, int]]
) -> Iterator[Proposal]:
    for ours in left:
        for theirs in right:
            kind = _type(ours, theirs)
            if kind is None:
                continue
            likeness = _likeness(str(ours["name"]), str(theirs["name"]))
            same, both = agreed.get((ours["name"], theirs["name"]), (0, 0))
            score = likeness if both < FEWEST else 0.35 * likeness + 0.65 * same / both
            if score >= ENOUGH:
                yield Proposal(
                    name="",
                    salesforce=str(ours["name"]),
                    quickbooks=str(theirs["name"]),
                    type=kind,
                    direction=direction(ours, theirs),
                    score=round(score, 3),
                    why=_why(ours, theirs, likeness, same, both, kind),
                )


def best(scored: Iterable[Proposal]) -> Iterator[Proposal]:
    """Those that share no field with a better one before them."""
    taken: set[tuple[str, str]] = set()
    for each in scored:
        ends = {("salesforce", each.salesforce), ("quickbooks", each.quickbooks)}
        if not ends & taken:
            taken |= ends
            yield each


def named(found: Iterable[Proposal]) -> Iterator[Proposal]:
    """With names of our own, each once, made of Salesforce's."""
    names: set[str] = set()
    for each in found:
        given = each.name or each.salesforce
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", given.removesuffix("__c")).lower()
        while name in names:
            name += "_2"
        names.add(name)
        yield Proposal(**{slot: getattr(each, slot) for slot in Proposal.__slots__} | {"name": name})


def _type(ours: Described, theirs: Described) -> FieldType | None:
    """How the two would be compared; None when no type fits both."""
    one, other = str(ours.get("type", "string")), str(theirs.get("type", "string"))
    if "boolean" in (one, other):
        return FieldType.BOOLEAN if one == other else None
    dates = {"date", "datetime"}
    if {one, other} & dates:
        return FieldType.DATE if {one, other} <= dates else None
    if {one, other} & NUMBERS:
        if not {one, other} <= NUMBERS:
            return None
        return FieldType.MONEY if "currency" in (one, other) else FieldType.QUANTITY
    name = str(ours["name"]).lower()
    by_type = {"phone": FieldType.PHONE, "email": FieldType.EMAIL}
    if one in by_type:
        return by_type[one]
    return FieldType.NAME if name in ("name", "fullname", "companyname") else FieldType.TEXT


def direction(ours: Described, theirs: Described) -> Direction:
    """The way values may go: to where they can be created and updated."""
    to_salesforce = ours.get("createable", True) and ours.get("updateable", True)
    to_quickbooks = theirs.get("createable", True) and theirs.get("updateable", True)
    if to_salesforce and to_quickbooks:
        return Direction.BOTH
    if to_salesforce:
        return Direction.TO_SALESFORCE
    return Direction.TO_QUICKBOOKS if to_quickbooks else Direction.COMPARE


def _words(name: str) -> frozenset[str]:
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+\d*|\d+", name.replace("__c", ""))
    words = [SAME_WORDS.get(part.lower(), part.lower()) for part in parts]
    return frozenset(filter(None, words)) or frozenset({name.lower()})


def _likeness(one: str, other: str) -> float:
    """Share of the words that two names have in common, from 0 to 1."""
    left, right = _words(one), _words(other)
    return len(left & right) / len(left | right)


def _why(ours: Described, theirs: Described, likeness: float, same: int, both: int, kind: FieldType) -> str:
    if likeness == 1:
        found = ["their names are the same"]
    else:
        found = ["their names are alike"] if likeness >= ENOUGH else []
    if kind in TYPED:
        found.append(f"both are {TYPED[kind]}")
    if both >= FEWEST:
        found.append(f"they agree on {same} of {both} records that are the same")
    lengths = [int(each.get("length") or 0) for each in (ours, theirs)]
    if all(lengths) and lengths[0] > lengths[1]:
        found.append(f"QuickBooks holds {lengths[1]} characters, Salesforce {lengths[0]}")
    told = "; ".join(found)
    return f"{told[:1].upper()}{told[1:]}."


def _agreement(
    left: list[str], right: list[str], pairs: list[tuple[Row, Row]]
) -> dict[tuple[str, str], tuple[int, int]]:
    """By both names, on how many records they agree, and on how many both have a value."""
    counts: dict[tuple[str, str], tuple[int, int]] = {}
    ours = [{name: _plain(row.get(name)) for name in left} for row, _ in pairs]
    theirs = [{name: _plain(row.get(name)) for name in right} for _, row in pairs]
    for one in left:
        for other in right:
            values = [(a[one], b[other]) for a, b in zip(ours, theirs, strict=True) if a[one] and b[other]]
            # A field that says the same of every record agrees by chance.
            if len({a for a, _ in values}) > 1:
                counts[(one, other)] = sum(a == b for a, b in values), len(values)
    return counts


def _plain(value: object) -> str:
    """A value as the text that is compared for this purpose only; '' for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal | int):
        return f"{Decimal(value).normalize():f}"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    text = " ".join(str(value).split()).casefold()
    digits = re.sub(r"\D", "", text)
    return digits[-10:] if len(digits) >= 7 and not re.search(r"[a-z]", text) else text
