"""What was deleted on one side goes on the other, with evidence; the pairs end, and nothing comes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from tests.contract.states.states_office import Office, Written, running_office
from tests.contract.undo.undo_office import allow, carried_out, compared
from workbench import crosswalk
from workbench.bench.changes import Changes
from workbench.bench.diff import Diff
from workbench.ledger import OutcomeRow
from workbench.store.engine import now
from workbench.templates import DEFAULT

pytestmark = pytest.mark.long

GOES = {
    "account-customer": ("add, modify, deactivate", "add, modify, deactivate"),
    "contact-customer": ("add, modify, delete", "add, modify, delete"),
    "product-item": ("add, modify, deactivate", "add, modify, deactivate"),
    "opportunity-invoice": ("add, modify, delete", "add, delete"),
    "opportunity-estimate": ("add, modify, delete", "add, delete"),
}
"""Operations of Salesforce and of QuickBooks."""


@dataclass
class Told:
    """The story: both sides agree, records are deleted by hand, and what comes of it."""

    office: Office
    default: Diff
    found: Diff
    changes: Changes
    outcomes: list[OutcomeRow]
    written: Written
    after: Diff
    undo: Changes
    agreed_at: datetime
    pushed_at: datetime
    undone: list[OutcomeRow] = field(default_factory=list)
    back: Diff | None = None


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    with running_office(tmp_path_factory.mktemp("removals"), DEFAULT) as office:
        office.only(name for name in office.template.states if not name.endswith("ToReceivables"))
        office.diff()
        for _ in range(2):  # until both sides agree
            _, outcomes = office.push(compared(office))
            assert {row.state for row in outcomes} == {"applied"}
        assert not office.bench.plan(compared(office)).writable
        agreed_at = now()
        _delete(office)
        default = compared(office)
        for mapping, operations in GOES.items():
            allow(office, mapping, *operations)
        found = office.bench.diff()
        before = office.look()
        changes = office.bench.plan(found)
        outcomes = carried_out(office, changes)
        written = office.written(before)
        after = compared(office)
        undo = office.bench.undo(changes.id)
        story = Told(office, default, found, changes, outcomes, written, after, undo, agreed_at, now())
        story.undone = carried_out(office, undo)
        story.back = compared(office)
        yield story


def _delete(office: Office) -> None:
    """Somebody tidies up on both sides."""
    for name in ("Invoice won", "Estimate won"):  # their documents were made from here
        (deal,) = [row for row in office.org.records("Opportunity") if row["Name"] == name]
        office.org.delete("Opportunity", str(deal["Id"]))
    (contact,) = [row for row in office.org.records("Contact") if row["LastName"] == "Fir sold"]
    office.org.delete("Contact", str(contact["Id"]))
    office.company.delete("ItemDiscount", "Discount booked")
    office.company.delete("Customer", "Dogwood Dairy booked")
    office.company.delete("Customer", "Birch Works:Gale Gum booked")
    (invoice,) = [row for row in office.company.records("Invoice") if row["RefNumber"] == "INV-2"]
    office.company.edit("Invoice", "INV-2", lines=[{"TxnLineID": invoice["lines"][0]["TxnLineID"]}])


def deleted(diff: Diff) -> dict[str, str]:
    """What becomes of the records whose partner was deleted, by mapping and label."""
    rows = diff.table[diff.table["difference"] == "deleted"]
    return {f"{row['mapping']} {row['label']}": row["resolution"] for _, row in rows.iterrows()}


LABELS = {
    "account-customer Dogwood Dairy booked": "deactivate_salesforce",
    "contact-customer Gale Gum booked": "delete_salesforce",
    "contact-customer Birch Works:Finn Fir sold": "delete_quickbooks",
    "opportunity-estimate 1": "delete_quickbooks",
    "opportunity-invoice 1": "delete_quickbooks",
    "opportunity-invoice.lines Nails": "delete_salesforce",
    "product-item Discount booked": "deactivate_salesforce",
}


def test_by_default_a_person_decides_but_for_a_line_of_a_document_that_is_modified(told: Told) -> None:
    assert deleted(told.default) == {
        label: "delete_salesforce" if ".lines" in label else "undecided" for label in LABELS
    }


def test_the_reason_tells_who_says_so_and_when(told: Told) -> None:
    rows = told.default.table[told.default.table["difference"] == "deleted"]
    reasons = {row["mapping"]: row["reason"] for _, row in rows.iterrows()}
    assert "deleted, says Salesforce's delete log (20" in reasons["opportunity-invoice"]
    assert "deleted, says QuickBooks' list of deleted records (20" in reasons["product-item"]
    assert "its document in QuickBooks no longer has it" in reasons["opportunity-invoice.lines"]


def test_with_the_operations_it_goes_by_the_rule_of_the_states(told: Told) -> None:
    assert deleted(told.found) == LABELS


def test_each_record_goes_as_its_system_allows(told: Told) -> None:
    made = {(change.action, change.side, change.object) for change in told.changes.changeset.changes}
    assert made == {
        ("update", "salesforce", "Account"),
        ("delete", "salesforce", "Contact"),
        ("update", "salesforce", "Product2"),
        ("delete", "salesforce", "OpportunityLineItem"),
        ("update", "quickbooks", "Customer"),
        ("void", "quickbooks", "Invoice"),
        ("delete", "quickbooks", "Estimate"),
    }


def test_all_of_it_is_applied_and_nothing_else_is_written(told: Told) -> None:
    assert {(row.state, row.detail) for row in told.outcomes} == {("applied", None)}
    assert told.written.made == {}
    assert told.written.gone == {
        "Contact": ["Gale Gum booked"],
        "OpportunityLineItem": ["Birch Works INV-2#2"],
        "Estimate": ["Estimate 1"],
    }
    changed = {(name, label) for name, rows in told.written.changed.items() for label in rows}
    assert {
        ("Account", "Dogwood Dairy booked"), ("Product2", "Discount booked"),
        ("Customer", "Birch Works:Finn Fir sold"), ("Invoice", "Invoice 1"),
    } <= changed  # fmt: skip
    assert told.written.changed["Account"]["Dogwood Dairy booked"] == {"Active__c": False}
    assert told.written.changed["Invoice"]["Invoice 1"]["Memo"].startswith("VOID")


def test_nothing_of_it_comes_back(told: Told) -> None:
    assert deleted(told.after) == {}
    about = told.after.table[told.after.table["kind"] != "field"]
    assert {row["resolution"] for _, row in about.iterrows()} <= {"ignore", "undecided", "off"}
    ignored = {str(row["label"]) for _, row in about.iterrows() if row["resolution"] == "ignore"}
    assert {"Dogwood Dairy booked", "Discount booked", "Birch Works:Finn Fir sold", "1"} <= ignored


def test_the_pairs_have_ended_and_are_in_the_history(told: Told) -> None:
    def paired(at: Any = None) -> set[str]:
        found = crosswalk.pairs(told.office.workspace.store, at=at)
        return {str(row[f"{side}_id"]) for row in found for side in ("salesforce", "quickbooks")}

    records = {str(row.record) for row in told.outcomes}
    assert records <= paired(told.agreed_at)
    assert not records & paired(told.pushed_at)


# --- and its undo --------------------------------------------------------------------------


def test_what_was_made_inactive_can_be_taken_back_and_the_rest_is_told(told: Told) -> None:
    assert {(change.object, change.undo) for change in told.changes.changeset.changes} == {
        ("Account", "free"), ("Product2", "free"), ("Customer", "free"), ("Contact", "impossible"),
        ("OpportunityLineItem", "impossible"), ("Invoice", "impossible"), ("Estimate", "impossible"),
    }  # fmt: skip
    assert {change.object for change in told.undo.writable} == {"Account", "Product2", "Customer"}
    assert {change.object: change.hold for change in told.undo.held} == {
        "Contact": "cannot be undone: what was deleted stays so",
        "OpportunityLineItem": "cannot be undone: what was deleted stays so",
        "Estimate": "cannot be undone: what was deleted stays so",
        "Invoice": "cannot be undone: a void transaction stays void",
    }
    assert {row.state for row in told.undone} == {"applied"}


def test_what_is_active_again_is_linked_again_and_found_again(told: Told) -> None:
    assert told.back is not None
    assert deleted(told.back) == {
        label: resolution for label, resolution in LABELS.items()
        if label.startswith(("account", "product")) or "Finn" in label
    }  # fmt: skip
