"""The shipped mappings and template: they load, fit both systems, and say the same states."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from qbwc.descriptor import describe
from workbench.mapping import check_fields, load_mappings
from workbench.model import Direction, Mapping, Side, Winner
from workbench.testorg.describe import describe_object
from workbench.testorg.objects import STANDARD

NAMES = ["account-customer", "contact-customer", "product-item", "opportunity-invoice"]


@pytest.fixture(scope="module")
def mappings(shipped: Path) -> dict[str, Mapping]:
    return load_mappings(shipped)


@pytest.fixture(scope="module")
def template(shipped: Path) -> Any:
    path = shipped / "templates" / "salesforce-quickbooks-bidirectional.yaml"
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def test_the_four_mappings_load_with_references_first(mappings: dict[str, Mapping]) -> None:
    assert sorted(mappings) == sorted(NAMES)
    order = list(mappings)
    for name, mapping in mappings.items():
        assert all(order.index(each) < order.index(name) for each in mapping.references), name


@pytest.mark.parametrize("name", NAMES)
def test_every_field_exists_and_may_be_written_where_the_mapping_writes(
    name: str, mappings: dict[str, Mapping]
) -> None:
    salesforce = {o.name: describe_object(STANDARD, o, "64.0", "http://127.0.0.1") for o in STANDARD.objects}
    quickbooks = {each: describe(each) for each in ("Customer", "Item", "Invoice", "InvoiceLine")}
    assert [str(problem) for problem in check_fields(mappings[name], salesforce, quickbooks)] == []


@pytest.mark.parametrize("name", NAMES)
def test_both_directions_are_there_and_on(name: str, mappings: dict[str, Mapping]) -> None:
    states = mappings[name].states
    assert {state.to for state in states} == set(Side)
    assert all(state.on for state in states)


@pytest.mark.parametrize("name", NAMES)
def test_the_quickbooks_id_is_written_to_salesforce_only(name: str, mappings: dict[str, Mapping]) -> None:
    field = mappings[name].field("quickbooks_id")
    assert (field.direction, field.winner) == (Direction.TO_SALESFORCE, Winner.QUICKBOOKS)
    assert mappings[name].match[0].fields == ("quickbooks_id",), "the id is tried before any name"


def test_a_winner_other_than_the_mapping_s_is_explained(mappings: dict[str, Mapping]) -> None:
    silent = [
        f"{mapping.name}.{field.name}"
        for mapping in mappings.values()
        for field in mapping.fields
        if field.winner not in (None, mapping.winner) and field.name != "quickbooks_id" and not field.notes
    ]
    assert silent == []


def test_the_template_switches_the_states_of_its_mappings(
    template: Any, mappings: dict[str, Mapping]
) -> None:
    states = {state.name: state for mapping in mappings.values() for state in mapping.states}
    assert {name: set(states) for name, states in template["states"].items()} == {
        mapping.name: {state.name for state in mapping.states} for mapping in mappings.values()
    }
    masters = {name: set(preset["states"]) for name, preset in template["masters"].items()}
    assert masters["both"] == set(states)
    assert masters["salesforce"] == {name for name, state in states.items() if state.to is Side.QUICKBOOKS}
    assert masters["quickbooks"] == {name for name, state in states.items() if state.to is Side.SALESFORCE}
    assert template["master"] in masters
