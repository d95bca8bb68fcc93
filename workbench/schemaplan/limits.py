"""How many custom fields QuickBooks allows: what would go beyond is held, and a person chooses.

15 for customers, vendors and employees together and 7 for each of them, 5 for items; in Enterprise 30, 12
and 15 (Intuit's list of limits, as community articles quote it; unverified).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.schemaplan.model import Item, Kind
from workbench.schemaplan.quickbooks import HOLDERS, NAMED, assigned, public

Row = Mapping[str, Any]

FIX = "name fewer of them in the mappings, or delete some in QuickBooks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many public custom fields a company file holds."""

    edition: str
    together: int
    each: int
    items: int


PRO = Limits(edition="QuickBooks Pro and Premier", together=15, each=7, items=5)
ENTERPRISE = Limits(edition="QuickBooks Enterprise", together=30, each=12, items=15)


def limits(product: str) -> Limits:
    """By the ProductName that HostQuery tells."""
    return ENTERPRISE if "enterprise" in product.casefold() else PRO


def held_by_limits(items: Sequence[Item], definitions: Sequence[Row], product: str) -> Iterator[Item]:
    """Custom fields of a list that cannot hold them all are held, so that a person chooses."""
    most = limits(product)
    fields = [item for item in items if item.kind is Kind.CUSTOM_FIELD and not item.hold]
    wanted = [set(item.object.split(";")) for item in fields]
    full = list(_too_many(definitions, wanted, most))
    for item in items:
        over = [
            f"{whose} would have {count} custom fields, {most.edition} allows {bound} (unverified)"
            for whose, count, bound in full
            if item in fields and _concerns(whose, set(item.object.split(";")))
        ]
        yield replace(item, hold="; ".join([*over, FIX])) if over else item


def _concerns(whose: str, objects: set[str]) -> bool:
    named = whose.partition(" ")[0]
    return named in objects if named in HOLDERS else bool(objects & set(NAMED))


def _too_many(
    definitions: Sequence[Row], wanted: Sequence[set[str]], most: Limits
) -> Iterator[tuple[str, int, int]]:
    """(whose, how many there would be, how many there may be) for every limit that would be passed."""
    there = [assigned(each) for each in public(definitions)]
    everyone = [*there, *wanted]
    for name in HOLDERS:
        count = sum(name in objects for objects in everyone)
        bound = most.items if name == "Item" else most.each
        if count > bound and any(name in objects for objects in wanted):
            yield f"{name} records", count, bound
    together = sum(bool(objects & set(NAMED)) for objects in everyone)
    if together > most.together and any(objects & set(NAMED) for objects in wanted):
        yield "customers, vendors and employees together", together, most.together
