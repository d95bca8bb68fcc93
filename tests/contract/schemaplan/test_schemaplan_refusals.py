"""Nothing unapproved, nothing that changed, nothing twice: what a schema plan refuses, and how it says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from qbwc.qbxml import build_add, message_set
from tests.contract.schemaplan.schema_office import ACCOUNTS, PRODUCTS, Office
from workbench import schemaplan
from workbench.errors import ApprovalError, UsageProblem, WorkbenchError
from workbench.store import schema as tables
from workbench.store.engine import now

pytestmark = pytest.mark.long

REGION = ("Region", "STR255TYPE", "Customer")


def by_hand(office: Office, entity: str, **fields: str) -> None:
    """Somebody makes it in QuickBooks."""
    answer = office.books.company.process(message_set([build_add(entity, fields, None, request_id="1")]))
    assert 'statusCode="0"' in answer


def test_only_what_was_shown_can_be_approved(office: Office) -> None:
    unseen = office.bench.schema_plan(shown=False)
    with pytest.raises(WorkbenchError, match="no schema plan was shown yet"):
        unseen.approve(by="maria")
    shown = office.bench.schema_plan()
    office.write_mapping("product-item", PRODUCTS.replace("Sales:Online", "Sales:Shop"))
    with pytest.raises(ApprovalError, match="changed since it was shown") as caught:
        shown.approve(by="maria")
    assert "account Sales:Online" in str(caught.value)
    assert "account Sales:Shop" in str(caught.value)
    with pytest.raises(ApprovalError, match="changed since it was shown"):
        office.bench.schema_plan(shown=False).approve(by="maria")
    office.bench.schema_plan().approve(by="maria")


def test_what_is_approved_must_be_what_is_wanted(office: Office) -> None:
    office.bench.schema_plan().approve(by="maria")
    office.write_mapping(
        "account-customer", ACCOUNTS.replace("quickbooks: Custom_Region", "quickbooks: Custom_region")
    )
    with pytest.raises(ApprovalError, match="not what is wanted now") as caught:
        office.bench.schema_plan().execute(wait=0)
    assert dict(caught.value.values) == {
        "approved": "custom field Region of Customer", "now": "custom field region of Customer"
    }  # fmt: skip
    office.calls()
    assert office.definitions() == []


def test_only_some_of_it(office: Office) -> None:
    schema = office.bench.schema_plan()
    with pytest.raises(UsageProblem, match="has no item Colour"):
        schema.approve(by="maria", only=["Colour"])
    approval = schema.approve(by="maria", only=["region"])
    assert len(approval.changes) == 1
    before = office.accounts()
    assert dict(office.applied(schema).counts) == {"applied": 1}
    assert (office.definitions(), office.accounts()) == ([REGION], before)
    states = office.bench.schema_plan().table.set_index("what")["state"]
    assert states["custom field Region of Customer"] == "applied"
    assert states["account Sales:Online (Income)"] == ""


def test_a_child_brings_its_parent(office: Office) -> None:
    office.write_mapping("product-item", PRODUCTS.replace("Sales:Online", "Shop:Online"))
    schema = office.bench.schema_plan()
    assert len(schema.approve(by="maria", only=["Shop:Online"]).changes) == 2
    assert dict(office.applied(schema).counts) == {"applied": 2}
    assert [name for name, _ in office.accounts() if name.startswith("Shop")] == ["Shop", "Shop:Online"]


def test_an_approval_expires(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    schema = office.bench.schema_plan()
    schema.approve(by="maria")
    monkeypatch.setattr("workbench.approval.approving.now", lambda: now() + timedelta(days=9))
    with pytest.raises(ApprovalError, match="expired"):
        schema.execute(wait=0)
    with pytest.raises(ApprovalError, match="expired"):
        schema.package(office.folder / "package")


#  what somebody writes into the approval, what a person reads
FORGED = [
    ({"expires_at": now() + timedelta(days=9)}, "not what its key has signed"),
    ({"approver": "eva"}, "not what its key has signed"),
    ({"key": "0" * 32}, "a key that nobody has let in"),
    ({"key": None, "signature": None}, "an earlier version has made it"),
]


@pytest.mark.parametrize(("values", "says"), FORGED, ids=[case[1] for case in FORGED])
def test_an_approval_that_no_approver_has_signed(
    office: Office, values: dict[str, object], says: str
) -> None:
    schema = office.bench.schema_plan()
    schema.approve(by="maria")
    with office.bench.workspace.store.write() as connection:
        connection.execute(update(tables.approvals).values(values))
    with pytest.raises(ApprovalError, match=says):
        schema.execute(wait=0)
    with pytest.raises(ApprovalError, match=says):
        schema.package(office.folder / "package")


def test_after_the_approvers_key_was_revoked_nothing_more_is_made(office: Office) -> None:
    schema = office.bench.schema_plan()
    schema.approve(by="maria")
    schema.execute(wait=0)
    office.bench.approvers.add("eva", by="maria")
    office.bench.approvers.revoke("maria", by="eva")
    office.calls()
    schemaplan.advance(office.bench.workspace)
    result = schema.result()
    assert dict(result.counts) == {"failed": 2}
    assert set(result.table["detail"].str.contains("was revoked by eva")) == {True}
    assert office.definitions() == []


def test_an_approval_that_expires_on_the_way_sends_nothing(office: Office) -> None:
    schema = office.bench.schema_plan()
    schema.approve(by="maria")
    schema.execute(wait=0)
    with office.bench.workspace.store.write() as connection:
        connection.execute(update(tables.schema_steps).values(not_after=now()))
    result = office.applied(schema)
    assert dict(result.counts) == {"failed": 2}
    assert set(result.table["detail"].str.contains("expired")) == {True}
    assert office.definitions() == []


def test_a_plan_that_was_tampered_with_is_not_applied(office: Office) -> None:
    schema = office.bench.schema_plan()
    schema.approve(by="maria", only=["Region"])
    table = tables.schema_plans
    with office.bench.workspace.store.write() as connection:
        text = schema.plan.content.replace("Region", "Reason")
        connection.execute(update(table).values(content=text))
    with pytest.raises(ApprovalError, match="not what would be pushed"):
        schema.execute(wait=0)


Make = Callable[[Office], None]
#  why                           what somebody makes after the snapshot, what the step says
MEANWHILE: list[tuple[str, Make, str, str]] = [
    ("the very field",
     lambda office: by_hand(office, "DataExtDef", OwnerID="0", DataExtName="REGION",
                            DataExtType="STR255TYPE", AssignToObject="Customer"),
     "applied", "it was there already; nothing was sent"),
    ("of another type",
     lambda office: by_hand(office, "DataExtDef", OwnerID="0", DataExtName="Region",
                            DataExtType="INTTYPE", AssignToObject="Customer"),
     "failed", "DataExtType: planned STR255TYPE, in QuickBooks INTTYPE"),
    ("for another list",
     lambda office: by_hand(office, "DataExtDef", OwnerID="0", DataExtName="Region",
                            DataExtType="STR255TYPE", AssignToObject="Vendor"),
     "failed", "AssignToObject: planned Customer, in QuickBooks Vendor"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("make", "state", "detail"), [case[1:] for case in MEANWHILE], ids=[case[0] for case in MEANWHILE]
)
def test_a_field_that_somebody_made_meanwhile(office: Office, make: Make, state: str, detail: str) -> None:
    schema = office.bench.schema_plan()
    schema.approve(by="maria", only=["Region"])
    make(office)
    before = office.definitions()
    result = office.applied(schema)
    (row,) = result.table.to_dict("records")
    assert (row["outcome"], detail in row["detail"]) == (state, True), row
    assert office.definitions() == before
    assert office.writes() == []


def test_an_account_that_somebody_made_meanwhile_as_a_bank(office: Office) -> None:
    schema = office.bench.schema_plan()
    schema.approve(by="maria", only=["Sales:Online"])
    by_hand(office, "Account", Name="Online", ParentRef_FullName="Sales", AccountType="Income")
    result = office.applied(schema)
    assert dict(result.counts) == {"applied": 1}
    assert [name for name, _ in office.accounts()].count("Sales:Online") == 1


def test_what_quickbooks_refused_can_be_tried_again(office: Office) -> None:
    office.write_mapping("product-item", PRODUCTS.replace("Sales:Online", "Shop:Online"))
    schema = office.bench.schema_plan()
    schema.approve(by="maria")
    by_hand(office, "Account", Name="Shop", AccountType="Bank")
    result = office.applied(schema)
    told = result.table.set_index("what")
    assert told.loc["account Shop (Income)", "outcome"] == "failed"
    assert "planned Income, in QuickBooks Bank" in told.loc["account Shop (Income)", "detail"]
    assert told.loc["account Shop:Online (Income)", "outcome"] == "failed"
    assert "was not made" in told.loc["account Shop:Online (Income)", "detail"]
    assert told.loc["custom field Region of Customer", "outcome"] == "applied"

    office.write_mapping("product-item", PRODUCTS)
    office.pull()
    again = office.bench.schema_plan()
    again.approve(by="maria")
    assert office.applied(again).finished
    assert ("Sales:Online", "Income") in office.accounts()


def test_advance_without_steps_does_nothing(office: Office) -> None:
    assert schemaplan.advance(office.bench.workspace) is False
