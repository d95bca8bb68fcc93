"""A new document and its lines in Salesforce, each a change of its own: written whole, or not at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from workbench.changes import Answer, Cell, Change, ChangeSet
from workbench.changes.changeset import new_lines
from workbench.changes.holds import hold_waiting


def made(id_: str, mapping: str, object_: str, *needs: str, hold: str = "") -> Change:
    """A create that belongs to others."""
    cells = tuple(
        Cell(field="", api="Owner", before=None, after=Answer(each, "Id"), why="") for each in needs
    )
    return Change(
        id=id_, mapping=mapping, side="salesforce", object=object_, action="create", record=None, label=id_,
        version=None, source_id=f"Q {id_}", cells=cells, depends_on=needs, links=True, hold=hold,
    )  # fmt: skip


ITEM = made("item", "product-item", "Product2")
PRICE = made("price", "product-item", "PricebookEntry", "item")
DEAL = made("deal", "opportunity-invoice", "Opportunity")
FIRST = made("first", "opportunity-invoice.lines", "OpportunityLineItem", "deal")
SECOND = made("second", "opportunity-invoice.lines", "OpportunityLineItem", "deal", "price")
OTHER = made("other", "opportunity-invoice.lines", "OpportunityLineItem")
RECEIVABLE = made("receivable", "invoice-receivable", "Receivable__c", "deal")
ALL = (ITEM, PRICE, DEAL, FIRST, SECOND, OTHER, RECEIVABLE)


def test_lines_are_known_by_the_document_that_makes_them() -> None:
    assert new_lines(ALL) == {"deal": [FIRST, SECOND]}


#  what is held                     what is not written then
HELD = [
    ("first", {"first", "deal", "second", "receivable"}),
    ("price", {"price", "second", "deal", "first", "receivable"}),
    ("deal", {"deal", "first", "second", "receivable"}),
    ("other", {"other"}),
    ("receivable", {"receivable"}),
]


@pytest.mark.parametrize(("held", "all_"), HELD)
def test_without_a_line_there_is_no_document(held: str, all_: set[str]) -> None:
    changes = [replace(each, hold="it is too long") if each.id == held else each for each in ALL]
    found = {each.id: each.hold for each in hold_waiting(changes) if each.hold}
    assert set(found) == all_
    if held == "first":
        assert found["deal"] == "first cannot be written: it is too long"


def test_the_lines_go_along_with_their_document() -> None:
    changeset = ChangeSet(header={}, changes=ALL)
    assert changeset.with_parents(["deal"]) == {"deal", "first", "second", "price", "item"}
    assert changeset.with_parents(["other"]) == {"other"}
