"""Hold a mapping against what Salesforce does beyond types: lengths, decimals, keys, and price books.

`check_fields` says what cannot work at all; this says what the org would refuse, round or silently ignore.
Describes come as in `check_fields`, a dict by object name.  Sources: Salesforce's object reference for
PricebookEntry, OpportunityLineItem and Opportunity; partly blogs, see each rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as ReadOnly
from typing import Any

from workbench.errors import Problem
from workbench.mapping.absent import is_custom
from workbench.mapping.describe import NUMBERS
from workbench.model import FieldMap, FieldType, Mapping, Operation, Side

Described = ReadOnly[str, Any]
Describes = ReadOnly[str, Described]

NATURAL_KEYS = frozenset({"PricebookEntry"})
"""Objects whose records are found again by their parents."""


def check_org(mapping: Mapping, salesforce: Describes, quickbooks: Describes) -> list[Problem]:
    """Answer all that the org would refuse or bend in what this mapping writes.

    Severity is 'note' for what only some values run into, 'error' for what never works."""
    problems: list[Problem] = []
    for each in (mapping, *((mapping.lines,) if mapping.lines else ())):
        known = _fields(salesforce, each.salesforce.object)
        writes = [(field, name) for field in each.fields for name in _written(field)]
        for field, name in writes:
            described = known.get(name)
            if described is None:
                continue
            source = _source(each, field, quickbooks)
            problems += _length(each, field, described, source)
            problems += _scale(each, field, described, source)
            problems += _picklist(each, field, described, source)
            problems += _reference(each, field, described)
        problems += _key(each, [name for _, name in writes], known)
        problems += _price_books(each, writes, bool(mapping.lines), salesforce)
    return problems


def _written(field: FieldMap) -> tuple[str, ...]:
    return field.targets(Side.SALESFORCE) if field.direction.allows(Side.SALESFORCE) else ()


def _source(mapping: Mapping, field: FieldMap, quickbooks: Describes) -> Described | None:
    """The one QuickBooks field that is written from, if it is one."""
    names = field.api(Side.QUICKBOOKS)
    if len(names) != 1 or field.expressions or field.values:
        return None
    return _fields(quickbooks, mapping.quickbooks.object).get(names[0])


def _length(
    mapping: Mapping, field: FieldMap, here: Described, source: Described | None
) -> Iterator[Problem]:
    most, longest = int(here.get("length") or 0), int((source or {}).get("length") or 0)
    if most and longest > most and here.get("type") not in ("reference", "id"):
        yield _problem(
            mapping,
            field,
            f"'{here['name']}' holds {most} characters, QuickBooks up to {longest}: "
            "longer values are refused (STRING_TOO_LONG)",
            "Lengthen the field in Salesforce."
            if is_custom(Side.SALESFORCE, str(here["name"]))
            else "Shorten such values in QuickBooks; the length of a standard field cannot change.",
        )


def _scale(mapping: Mapping, field: FieldMap, here: Described, source: Described | None) -> Iterator[Problem]:
    if field.type not in (FieldType.MONEY, FieldType.PRICE, FieldType.QUANTITY) or source is None:
        return
    if here.get("type") not in NUMBERS:
        return  # it keeps text, which the type of the field is told of
    scale, finer = int(here.get("scale") or 0), int(source.get("scale") or 0)
    # A tolerance of half a unit or more says that the rounding is known.
    if finer > scale and field.tolerance * 2 * 10**scale < 1:
        yield _problem(
            mapping,
            field,
            f"'{here['name']}' keeps {scale} decimals, QuickBooks {finer}: values may come back rounded",
            "Give the field a tolerance of half a unit, or more decimals in Salesforce.",
        )


def _picklist(
    mapping: Mapping, field: FieldMap, here: Described, source: Described | None
) -> Iterator[Problem]:
    if not here.get("restrictedPicklist"):
        return
    active = {str(each["value"]) for each in here.get("picklistValues") or () if each.get("active", True)}
    dead = [value for value, _ in field.values if value not in active]
    if dead:
        what = f"'{here['name']}' does not take {', '.join(map(repr, dead))} (any more)"
        yield _problem(mapping, field, what, f"It takes: {', '.join(sorted(active))}.", "error")
    elif not field.values and not field.write(Side.SALESFORCE):
        given = _words(mapping, field, source)
        if given and given <= active:
            return  # the same words on both sides
        what = f"'{here['name']}' is a restricted picklist, and no values are named"
        yield _problem(mapping, field, what, f"Write `values:`; it takes: {', '.join(sorted(active))}.")


def _words(mapping: Mapping, field: FieldMap, source: Described | None) -> set[str]:
    """The values that QuickBooks' field can bring: as it is described, or as the states choose them."""
    if described := {str(each["value"]) for each in (source or {}).get("picklistValues") or ()}:
        return described
    names = "|".join(map(re.escape, field.api(Side.QUICKBOOKS)))
    gates = [each.where or "" for each in mapping.states if each.to is Side.SALESFORCE]
    chosen = [re.fullmatch(rf"\s*(?:{names})\s*=\s*'([^']+)'\s*", gate) for gate in gates]
    return {each[1] for each in chosen if each} if all(chosen) else set()


def _reference(mapping: Mapping, field: FieldMap, here: Described) -> Iterator[Problem]:
    if field.reference and here.get("type") not in ("reference", "id"):
        what = f"'{here['name']}' is no reference but {here.get('type')}"
        yield _problem(mapping, field, what, "Map the field that names the other record by its id.", "error")


def _key(mapping: Mapping, written: Iterable[str], known: ReadOnly[str, Described]) -> Iterator[Problem]:
    """Creates are found again by a unique external id after a lost answer."""
    adds = Operation.ADD in mapping.operations[Side.SALESFORCE]
    if not adds or mapping.salesforce.object in NATURAL_KEYS:
        return
    keys = [known[name] for name in written if name in known and known[name].get("externalId")]
    if any(each.get("unique") for each in keys):
        return
    named = ", ".join(str(each["name"]) for each in keys)
    why = f"'{named}' is an external id but not unique" if keys else "no unique external id is written"
    yield Problem(
        what=f"{why}: a record whose creation was not answered cannot be found again and stays `unknown`",
        where=f"{mapping.path or mapping.name}:{mapping.salesforce.line}",
        fix="Write the QuickBooks id to a field that is External ID and Unique; it works without, by hand.",
        severity="note",
    )


def _price_books(
    mapping: Mapping, writes: list[tuple[FieldMap, str]], has_lines: bool, salesforce: Describes
) -> Iterator[Problem]:
    name = mapping.salesforce.object
    by_name = {api: field for field, api in writes}
    if name == "OpportunityLineItem" and {"UnitPrice", "TotalPrice"} <= set(by_name):
        yield _problem(
            mapping,
            by_name["TotalPrice"],
            "a line takes UnitPrice or TotalPrice, not both",
            "Write one of them.",
            "error",
        )
    if name == "Opportunity" and has_lines and "Amount" in by_name:
        yield _problem(
            mapping,
            by_name["Amount"],
            "Salesforce ignores Amount, without an error, while an Opportunity has lines",
            "Give the field `direction: compare`.",
            "error",
        )
    for api in ("Pricebook2Id", "CurrencyIsoCode"):
        if name == "Opportunity" and has_lines and api in by_name and not by_name[api].create_only:
            yield _problem(
                mapping,
                by_name[api],
                f"{api} of an Opportunity with lines cannot change",
                "Write `on: create`.",
                "error",
            )
    prices = [field for api, field in by_name.items() if api == "PricebookEntry.UnitPrice"]
    standard = [field for api, field in by_name.items() if api.endswith("UseStandardPrice")]
    if prices and standard:
        yield _problem(
            mapping,
            standard[0],
            "UnitPrice cannot be written together with UseStandardPrice",
            "Write one of them.",
            "error",
        )
    if prices and "Pricebook2" not in salesforce:
        yield _problem(
            mapping,
            prices[0],
            "prices need a price book, and this user sees none",
            "Give the user read access to Price Books.",
            "error",
        )


def _fields(describes: Describes, name: str) -> dict[str, Described]:
    return {str(field["name"]): field for field in describes.get(name, {}).get("fields", ())}


def _problem(mapping: Mapping, field: FieldMap, what: str, fix: str, severity: str = "note") -> Problem:
    where = f"{mapping.path or mapping.name}:{field.line}"
    return Problem(what=f"field '{field.name}': {what}", where=where, fix=fix, severity=severity)
