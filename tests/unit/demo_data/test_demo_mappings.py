"""The shipped mappings: they load, fit both systems, and say who wins and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from qbwc.descriptor import describe
from workbench.mapping import check_fields, in_use, load_mappings
from workbench.model import Direction, Mapping, Side, Winner
from workbench.testorg.describe import describe_object
from workbench.testorg.objects import CUSTOM, STANDARD

IN_THE_DEMO = ["account-customer", "contact-customer", "product-item", "opportunity-invoice"]
DOCUMENTS = [f"opportunity-{each}" for each in ("estimate", "sales-order", "sales-receipt")]
RECEIVABLES = [
    f"{each}-receivable" for each in ("invoice", "estimate", "sales-order", "credit-memo", "payment")
]
NAMES = IN_THE_DEMO + DOCUMENTS + RECEIVABLES


@pytest.fixture(scope="module")
def mappings(shipped: Path) -> dict[str, Mapping]:
    return load_mappings(shipped)


def test_the_mappings_load_with_references_first(mappings: dict[str, Mapping]) -> None:
    assert sorted(mappings) == sorted(NAMES)
    order = list(mappings)
    for name, mapping in mappings.items():
        assert all(order.index(each) < order.index(name) for each in mapping.references), name


@pytest.mark.parametrize("name", NAMES)
def test_every_field_exists_and_may_be_written_where_the_mapping_writes(
    name: str, mappings: dict[str, Mapping]
) -> None:
    org = STANDARD.with_objects(CUSTOM)
    salesforce = {o.name: describe_object(org, o, "64.0", "http://127.0.0.1") for o in org.objects}
    quickbooks = {each: describe(each) for each in _entities(mappings[name])}
    assert [str(problem) for problem in check_fields(mappings[name], salesforce, quickbooks)] == []


def _entities(mapping: Mapping) -> list[str]:
    return [each.quickbooks.object for each in (mapping, mapping.lines) if each]


@pytest.mark.parametrize("name", IN_THE_DEMO)
def test_both_directions_are_there_and_on(name: str, mappings: dict[str, Mapping]) -> None:
    states = mappings[name].states
    assert {state.to for state in states} == set(Side)
    assert all(state.on for state in states)


def test_what_not_every_company_has_is_off(mappings: dict[str, Mapping]) -> None:
    assert list(in_use(mappings)) == [name for name in mappings if name in IN_THE_DEMO]


@pytest.mark.parametrize("name", RECEIVABLES)
def test_receivables_never_write_to_quickbooks(name: str, mappings: dict[str, Mapping]) -> None:
    mapping = mappings[name]
    assert not mapping.operations[Side.QUICKBOOKS]
    assert {field.direction for field in mapping.fields} == {Direction.TO_SALESFORCE}


@pytest.mark.parametrize("name", NAMES)
def test_the_quickbooks_id_is_written_to_salesforce_only(name: str, mappings: dict[str, Mapping]) -> None:
    field = mappings[name].field("quickbooks_id")
    assert field.direction is Direction.TO_SALESFORCE
    assert (field.winner or mappings[name].winner) is Winner.QUICKBOOKS
    assert mappings[name].match[0].fields == ("quickbooks_id",), "the id is tried before any name"


def test_a_winner_other_than_the_mapping_s_is_explained(mappings: dict[str, Mapping]) -> None:
    silent = [
        f"{mapping.name}.{field.name}"
        for mapping in mappings.values()
        for field in mapping.fields
        if field.winner not in (None, mapping.winner) and field.name != "quickbooks_id" and not field.notes
    ]
    assert silent == []
