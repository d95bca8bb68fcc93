"""A diff of some records only: the same rows as a diff of all, and other rows stay as they are."""

from __future__ import annotations

import pytest
from core_invoices import INVOICES, L1, confirmed, invoices
from core_world import World, differences, examples, read
from hypothesis import given as drawn
from hypothesis import strategies as st
from test_core_diff_property import Scenario, build, scenarios

from workbench.diff import compute, forget_differences
from workbench.normalize import Only

pytestmark = pytest.mark.long

ALL = "* EXCLUDE (reason), reason"
MOVED = "UPDATE quickbooks.InvoiceLine SET Rate = 7, \"Desc\" = 'y' WHERE TxnLineID = 'A'"


@drawn(scenarios(), st.booleans())
@examples(12)
def test_record_by_record_gives_what_all_together_give(scenario: Scenario, prepared: bool) -> None:
    world, mapping = build(scenario)
    compute(world.connection, mapping, zone="UTC")
    whole = differences(world, ALL)

    forget_differences(world.connection, mapping)
    for number in range(len(scenario.pairs)):
        one = Only(salesforce=[f"r{number}"]) if number % 2 else Only(quickbooks=[f"r{number}"])
        compute(world.connection, mapping, zone="UTC", only=one, prepared=prepared)
    assert differences(world, ALL) == whole


def changed() -> World:
    """A linked invoice with a linked line, compared once; then the line is edited in QuickBooks."""
    given = confirmed(invoices(L1), ("l1", "1", "A"))
    assert differences(given) == []
    given.query(MOVED)
    return given


def test_what_is_not_named_stays_as_it_was() -> None:
    given = changed()
    compute(given.connection, read(INVOICES), only=Only(salesforce=["another"]))
    assert differences(given) == []


def test_a_line_is_named_by_itself_by_its_partner_or_by_a_document_of_either_side() -> None:
    for only in (
        Only(quickbooks=["A"]),
        Only(salesforce=["1"]),
        Only(salesforce=["O"]),
        Only(quickbooks=["I"]),
    ):
        given = changed()
        compute(given.connection, read(INVOICES), only=only)
        found = differences(given, "mapping, field, resolution, parent_pair")
        assert found == [
            "invoices.lines rate take_quickbooks d",
            "invoices.lines text take_quickbooks d",
        ], only


def test_a_row_goes_when_its_record_is_equal_again() -> None:
    given = changed()
    compute(given.connection, read(INVOICES))
    given.query("UPDATE quickbooks.InvoiceLine SET Rate = 5, \"Desc\" = 'x'")
    compute(given.connection, read(INVOICES), only=Only(quickbooks=["A"]))
    assert differences(given) == []
