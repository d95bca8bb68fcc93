"""What goes in QuickBooks: void, deleted or inactive, once; its pair ends, and what stays is ignored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.unit.push.push_office import Office, open_office
from tests.unit.qbwc_server.qbwc_driver import Gone, gone_when
from workbench import crosswalk, push
from workbench.changes import Cell, Change, ChangeSet
from workbench.crosswalk import Agreement, Decision, Pair, pair_id

INVOICE, ESTIMATE = "opportunity-invoice", "opportunity-estimate"
LINES = [{"ItemRef_FullName": "Guiding", "Quantity": "1", "Rate": "80.00"}]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    opened = open_office(tmp_path)
    opened.call()
    for entity in ("Invoice", "Estimate"):
        opened.company.add(
            entity, lines=LINES, CustomerRef_FullName="Customer 01", RefNumber="7", TxnDate="2026-03-30"
        )
    yield opened
    opened.workspace.close()


def removal(office: Office, action: str, entity: str, mapping: str = INVOICE, **more: Any) -> Change:
    (record,) = office.company.records(entity)
    return Change(
        id=f"ch-{action}-{entity}",
        mapping=mapping,
        side="quickbooks",
        object=entity,
        action=action,
        record=record["TxnID"],
        label="7",
        version=record["EditSequence"],
        source_id="006A",
        cells=(Cell(field="number", api="RefNumber", before="7", after=None, why="by hand"),),
        unlinks=True,
        **more,
    )


def deactivation(office: Office, name: str) -> Change:
    return replace(office.update(name, IsActive=False), unlinks=True, source_id="001A")


def link(office: Office, mapping: str, salesforce: str, quickbooks: str) -> None:
    pair = Pair(
        mapping=mapping, salesforce_id=salesforce, quickbooks_id=quickbooks, rule="name", confirmed_by="rule"
    )
    crosswalk.confirm(office.workspace.store, [pair])


def linked(office: Office) -> list[tuple[Any, Any]]:
    return [(row["mapping"], row["quickbooks_id"]) for row in crosswalk.pairs(office.workspace.store)]


def decided(office: Office) -> set[tuple[Any, ...]]:
    names = ("mapping", "salesforce_id", "quickbooks_id", "decision", "decided_by")
    return {tuple(row[name] for name in names) for row in crosswalk.decisions(office.workspace.store)}


def test_an_invoice_is_voided_and_an_estimate_deleted(office: Office) -> None:
    void, delete = removal(office, "void", "Invoice"), removal(office, "delete", "Estimate", ESTIMATE)
    office.pushed(void, delete)
    assert office.state(void, delete) == ["applied", "applied"]
    (invoice,) = office.company.records("Invoice")
    assert (invoice["Subtotal"], invoice["Memo"]) == (Decimal(0), "VOID")
    assert office.company.records("Estimate") == []
    assert (office.outcome(void).read_back or {})["TxnID"] == void.record


@pytest.mark.parametrize(("action", "entity"), [("void", "Invoice"), ("delete", "Estimate")])
def test_what_moved_since_review_is_stale_and_stays(office: Office, action: str, entity: str) -> None:
    change = removal(office, action, entity)
    office.company.edit(entity, "7", Memo="by hand")
    office.pushed(change)
    row = office.outcome(change)
    assert row.state == "stale"
    assert "reviewed with EditSequence" in str(row.detail)
    assert office.company.records(entity)[0]["Memo"] == "by hand"


def test_what_is_deleted_already_needs_no_delete_but_a_void_is_told(office: Office) -> None:
    void, delete = removal(office, "void", "Invoice"), removal(office, "delete", "Estimate")
    for entity in ("Invoice", "Estimate"):
        office.company.delete(entity, "7")
    office.pushed(void, delete)
    assert office.state(void, delete) == ["failed", "applied"]
    assert office.outcome(delete).detail == "it was gone already"


@pytest.mark.parametrize(("action", "entity"), [("void", "Invoice"), ("delete", "Estimate")])
@pytest.mark.parametrize("step", ["send", "receive"])
def test_a_lost_answer_is_settled_by_the_next_session(
    office: Office, action: str, entity: str, step: str
) -> None:
    change = removal(office, action, entity)
    changeset = office.queued(change)
    office.connector.fault = gone_when(step)
    with pytest.raises(Gone):
        office.call()
    office.connector.fault = lambda *_: False
    office.call()
    office.advance(changeset)
    assert office.state(change) == "applied"


def test_a_customer_is_made_inactive_only_after_its_invoice_is_void(office: Office) -> None:
    void = removal(office, "void", "Invoice")
    customer = replace(deactivation(office, "Customer 01"), depends_on=(void.id,))
    office.pushed(void, customer)
    sent = [row for row in office.requests() if row.kind == "write"]
    by_change = {row.change_id: row for row in sent}
    assert list(by_change[customer.id].request.depends_on) == [by_change[void.id].id]
    assert office.state(void, customer) == ["applied", "applied"]
    assert office.customer("Customer 01")["IsActive"] is False


def test_what_waits_for_a_void_that_is_refused_is_skipped(office: Office) -> None:
    void = removal(office, "void", "Invoice")
    office.company.edit("Invoice", "7", Memo="by hand")
    customer = replace(deactivation(office, "Customer 01"), depends_on=(void.id,))
    office.pushed(void, customer)
    assert office.state(void, customer) == ["stale", "skipped"]
    assert office.customer("Customer 01")["IsActive"] is not False


# --- what follows -----------------------------------------------------------------------------------------


def test_the_pair_ends_with_its_lines_and_its_base(office: Office) -> None:
    void = removal(office, "void", "Invoice", line_sources=("00kA",))
    link(office, INVOICE, "006A", str(void.record))
    link(office, f"{INVOICE}.lines", "00kA", "L-1")
    link(office, f"{INVOICE}.lines", "00kZ", "L-9")
    found = Agreement(
        mapping=INVOICE, pair=pair_id(INVOICE, "006A", str(void.record)), fields=("memo",),
        salesforce={"Description": "x"}, quickbooks={"Memo": "x"},
    )  # fmt: skip
    crosswalk.agree(office.workspace.store, [found])
    office.pushed(void)
    assert linked(office) == [(f"{INVOICE}.lines", "L-9")]
    assert crosswalk.agreements(office.workspace.store) == []


def test_what_stays_is_ignored_in_the_name_of_the_approver(office: Office) -> None:
    void = removal(office, "void", "Invoice")
    link(office, INVOICE, "006A", str(void.record))
    office.pushed(void)
    assert decided(office) == {(INVOICE, None, void.record, "ignore", "maria")}


def test_nothing_is_decided_about_what_is_gone(office: Office) -> None:
    change = removal(office, "delete", "Estimate", ESTIMATE)
    link(office, ESTIMATE, "006A", str(change.record))
    office.pushed(change)
    assert (linked(office), decided(office)) == ([], set())


def test_a_pair_ends_once_whoever_links_the_records_again(office: Office) -> None:
    void = removal(office, "void", "Invoice")
    link(office, INVOICE, "006A", str(void.record))
    changeset = office.pushed(void)
    crosswalk.decide(
        office.workspace.store,
        [Decision(mapping=INVOICE, salesforce_id=None, quickbooks_id=void.record, field=None,
                  decision="create", reason="mine", decided_by="eva")],
    )  # fmt: skip
    link(office, INVOICE, "006A", str(void.record))
    office.advance(changeset)
    assert linked(office) == [(INVOICE, void.record)]
    assert {row[3] for row in decided(office)} == {"create"}


def test_a_removal_that_was_not_applied_ends_nothing(office: Office) -> None:
    void = removal(office, "void", "Invoice")
    link(office, INVOICE, "006A", str(void.record))
    office.company.edit("Invoice", "7", Memo="by hand")
    office.pushed(void)
    assert (office.state(void), linked(office)) == ("stale", [(INVOICE, void.record)])


def test_the_dry_run_shows_the_void(office: Office) -> None:
    void = removal(office, "void", "Invoice")
    (shown,) = push.preview(ChangeSet(header={}, changes=(void,)), [void.id])
    assert "<TxnVoidRq" in shown.text
    assert str(void.record) in shown.text


def test_quickbooks_is_foretold_not_to_void_an_estimate(office: Office) -> None:
    assert push.refusal(removal(office, "void", "Invoice")) == ""
    assert "Estimate" in push.refusal(removal(office, "void", "Estimate"))
