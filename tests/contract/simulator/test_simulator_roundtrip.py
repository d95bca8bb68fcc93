"""What is built, sent, kept and read again is the same, for random records of every kind."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from simulator_world import World

from qbwc.descriptor import CONCRETE, Element

CHARACTERS = "abcXYZ 019&<>\"'éß€“”\n"
#    entity             what it needs
KINDS = {
    "Customer": {},
    "ItemService": {"SalesOrPurchase_Desc": "d"},
    "ItemNonInventory": {"SalesAndPurchase_PurchaseDesc": "d"},
    "ItemInventory": {},
    "ItemOtherCharge": {"SalesOrPurchase_Desc": "d"},
    "ItemDiscount": {},
    "Invoice": {"CustomerRef_FullName": "Cedar"},
}


def value(element: Element) -> st.SearchStrategy[Any] | None:
    texts = st.text(CHARACTERS, min_size=1, max_size=min(element.limit or 40, 40)).filter(str.strip)
    cents = st.integers(-(10**9), 10**9).map(lambda number: Decimal(number).scaleb(-2))
    fine = st.integers(-(10**9), 10**9).map(lambda number: Decimal(number).scaleb(-5))
    return {
        "text": texts,
        "email": texts,
        "bool": st.booleans(),
        "amount": cents,
        "price": fine,
        "quantity": fine,
        "percent": fine,
        "date": st.dates(),
        "enum": st.sampled_from(element.values or ("",)),
    }.get(element.kind)


def candidates(elements: tuple[Element, ...], prefix: str = "") -> Iterator[tuple[str, Element]]:
    """Fields that can be written and read back: no references, no choices, nothing computed."""
    for element in elements:
        if not (element.add and element.mod and element.ret) or element.choice or element.kind == "ref":
            continue
        if element.children:
            yield from candidates(element.children, f"{prefix}{element.name}_")
        elif value(element) is not None:
            yield f"{prefix}{element.name}", element


@st.composite
def bodies(draw: st.DrawFn, entity: str) -> dict[str, Any]:
    found = dict(candidates(CONCRETE[entity].elements))
    names = draw(st.lists(st.sampled_from(sorted(found)), unique=True, max_size=8))
    return {name: draw(value(found[name])) for name in names}  # type: ignore[arg-type]


@pytest.mark.parametrize("entity", sorted(KINDS))
def test_what_was_sent_comes_back(entity: str) -> None:
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        world = World(Path(folder))
        names = (f"Record {number}" for number in range(10_000))

        @settings(max_examples=25, suppress_health_check=list(HealthCheck))
        @given(bodies(entity), bodies(entity))
        def holds(first: dict[str, Any], second: dict[str, Any]) -> None:
            name = next(names)  # each example a record of its own
            given_name: dict[str, Any] = {"RefNumber": name[-11:]} if entity == "Invoice" else {"Name": name}
            added = world.add(entity, {**first, **KINDS[entity], **given_name})
            assert added.status_code == 0, added.message
            sent = {**first, **given_name}
            assert {key: added.records[0].raw_fields.get(key) for key in sent} == sent
            stored = next(iter(given_name.values()))
            changed = world.mod(entity, str(stored), {**second, **given_name})
            assert changed.status_code == 0, changed.message
            merged = {**first, **second, **given_name}
            assert {key: changed.records[0].raw_fields.get(key) for key in merged} == merged

        holds()
        world.company.close()
