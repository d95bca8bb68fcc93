"""The presets on full data: each writes all that it should to one side, and nothing at all to the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.states.states_office import ENTITIES, OBJECTS, Office, running_office
from tests.contract.states.states_records import DOCUMENTS, TYPES
from workbench.model import Side
from workbench.templates import list_templates

pytestmark = pytest.mark.long

SALESFORCE = OBJECTS
QUICKBOOKS = tuple("QuickBooks Account" if each == "Account" else each for each in ENTITIES)
BIDIRECTIONAL, RECEIVABLES = "salesforce-quickbooks-bidirectional", "quickbooks-to-salesforce-receivables"
PRODUCTS = ("Product2", "PricebookEntry")
TO_QUICKBOOKS = {"Customer", *(f"Item{kind}" for kind in TYPES), *DOCUMENTS}

PRESETS = {
    "Salesforce as master": (BIDIRECTIONAL, "salesforce", SALESFORCE, TO_QUICKBOOKS),
    "QuickBooks as master": (BIDIRECTIONAL, "quickbooks", QUICKBOOKS, set(OBJECTS)),
    "receivables": (RECEIVABLES, "quickbooks", QUICKBOOKS, {*PRODUCTS, "Account", "Receivable__c"}),
}
"""Template and preset, the objects that stay as they are, and those that are written."""


@pytest.mark.parametrize("title", PRESETS)
def test_a_master_pushes_nothing_in_the_other_direction(tmp_path: Path, title: str) -> None:
    name, preset, still, written = PRESETS[title]
    with running_office(tmp_path, name) as office:
        office.bench.set_master(preset)
        before = office.look()
        planned, outcomes = office.push(office.diff())
        assert {row.state for row in outcomes} == {"applied"}
        assert {each.side for each in planned.changes} == {_other(still)}
        after = office.look()
        assert [each for each in still if after[each] != before[each]] == [], "not even a time stamp"
        assert {each for each in after if after[each] != before[each]} == written
        if preset == "salesforce":  # no id is written back: the crosswalk alone keeps the links
            again = office.bench.plan(office.diff())
            assert [f"{each.action} {each.label}" for each in again.changeset.changes] == []
        else:
            assert _opportunity_of(office, "INV-2") == (
                "Birch Works INV-2" if name == BIDIRECTIONAL else None
            )


def _opportunity_of(office: Office, number: str) -> str | None:
    """A receivable names the opportunity that was made of its invoice in the same push; else none."""
    rows = office.look()["Receivable__c"].values()
    (found,) = [row["Opportunity__c"] for row in rows if row["Number__c"] == number]
    return office.labels[str(found)] if found else None


def _other(still: tuple[str, ...]) -> Side:
    return Side.QUICKBOOKS if still is SALESFORCE else Side.SALESFORCE


def test_a_master_writes_to_the_other_side_only_by_its_states() -> None:
    """Which way a state writes stands in its mapping; the exact lists, in the template."""
    (both,) = [each for each in list_templates() if each.name == BIDIRECTIONAL]
    to_quickbooks = [
        name for name in both.states if name.startswith(("Account", "Contact", "Product", "Opp"))
    ]
    salesforce, quickbooks = set(both.masters["salesforce"].states), set(both.masters["quickbooks"].states)
    assert salesforce == set(to_quickbooks) - {"ContactToCustomer"}
    assert quickbooks == set(both.states) - set(to_quickbooks)
    assert set(both.masters["both"].states) == {each for each in both.states if "Receivables" not in each}
