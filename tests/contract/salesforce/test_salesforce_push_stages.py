"""A push to Salesforce in stages: canaries first; between two requests it can stop."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.contract.salesforce.salesforce_office import Office
from workbench import push
from workbench.changes import Answer, Change, ChangeSet
from workbench.errors import ConnectionProblem
from workbench.ledger import push_row
from workbench.push import salesforce_batches

ALDER, BIRCH, CEDAR = (f"00100000000000{number}AAA" for number in (1, 2, 3))
PRICE = "01u000000000001AAA"


@pytest.fixture
def pulled(office: Office) -> Office:
    office.pull()
    office.requests.seen.clear()
    return office


def creates(office: Office, count: int, **values: Any) -> list[Change]:
    return [
        office.create("Account", f"8-{n}", Name=f"New {n}", QuickBooks_Id__c=f"8-{n}", **values)
        for n in range(count)
    ]


def made(office: Office) -> int:
    return len([row for row in office.org.records("Account") if str(row["Name"]).startswith("New ")])


def counts(office: Office, changeset: ChangeSet) -> dict[str, int]:
    return dict(push.tally(office.workspace, changeset.id).counts)


def reason(office: Office, changeset: ChangeSet) -> str:
    row = push_row(office.workspace.store, changeset.id)
    assert row is not None
    return f"{row.stage}: {row.reason or ''}"


def writes(office: Office) -> list[str]:
    return [
        each for each in office.requests.seen if each.startswith(("POST", "PATCH")) and "/composite" in each
    ]


def test_one_of_each_kind_goes_first_then_all_the_others_in_the_same_call(pulled: Office) -> None:
    changed = [pulled.update("Account", id_, Phone="555-7777") for id_ in (ALDER, BIRCH, CEDAR)]
    changeset = pulled.push(*changed, *creates(pulled, 20))
    assert counts(pulled, changeset) == {"applied": 23}
    assert len(writes(pulled)) == 4, "two canaries, and the rest of each kind"
    assert reason(pulled, changeset) == "all: "


def test_a_canary_that_is_refused_is_the_only_one_that_is_sent(pulled: Office) -> None:
    changeset = pulled.push(*creates(pulled, 20, Phone="5" * 41))
    assert counts(pulled, changeset) == {"failed": 1, "skipped": 19}
    assert len(writes(pulled)) == 1
    assert reason(pulled, changeset).startswith(
        "stopped: the create of Account 'New 0' in Salesforce went first, and failed: STRING_TOO_LONG"
    )


def test_a_canary_that_holds_something_else_stops_the_push(pulled: Office) -> None:
    """A trigger of the org writes another phone number than was sent."""

    def trigger(name: str, _old: Any, new: Any) -> None:
        if name == "Account" and new.get("Phone"):
            new["Phone"] = "000"

    pulled.org.before_save.append(trigger)
    changeset = pulled.push(*creates(pulled, 20, Phone="555-7777"))
    assert counts(pulled, changeset) == {"failed": 1, "skipped": 19}
    assert made(pulled) == 1
    told = reason(pulled, changeset)
    assert "was accepted, and holds something else than was foretold" in told
    assert "Phone: sent 555-7777, Salesforce holds 000" in told


def test_what_the_plan_has_foretold_is_no_surprise(pulled: Office) -> None:
    pulled.org.before_save.append(
        lambda _name, _old, new: new.update(Phone="000") if new.get("Phone") else None
    )
    changes = []
    for change in creates(pulled, 12, Phone="555-7777"):
        cells = [
            replace(cell, loss="a trigger", stored="000") if cell.api == "Phone" else cell
            for cell in change.cells
        ]
        changes.append(replace(change, cells=tuple(cells)))
    changeset = pulled.push(*changes)
    assert counts(pulled, changeset) == {"applied": 12}


def test_a_document_goes_first_with_all_its_lines(pulled: Office) -> None:
    changes: list[Change] = []
    for number in range(6):
        parent = pulled.create(
            "Opportunity", f"9-{number}", Name=f"Deal {number}", AccountId=ALDER, StageName="Closed Won",
            CloseDate=date(2026, 3, 2), QuickBooks_Id__c=f"9-{number}",
        )  # fmt: skip
        lines = [
            pulled.create(
                "OpportunityLineItem", f"9-{number}-{n}", OpportunityId=Answer(parent.id, "Id"),
                PricebookEntryId=PRICE, QuickBooks_Line_Id__c=f"9-{number}-{n}", Quantity=Decimal(n),
                UnitPrice=Decimal("12.50"),
            )
            for n in (1, 2)
        ]  # fmt: skip
        changes += [parent, *lines]
    changeset = pulled.started(*changes)
    assert {each.change for each in push.preview(changeset, changeset.by_id) if each.canary} == {
        change.id for change in changes[:3]
    }
    pulled.advance(changeset)
    assert counts(pulled, changeset) == {"applied": 18}
    assert len(writes(pulled)) == 6, "each document with its lines in one request"


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(salesforce_batches, "COLLECTION_SIZE", 10)


@pytest.mark.usefixtures("small_batches")
def test_too_many_failures_stop_between_two_requests(pulled: Office) -> None:
    good, bad = creates(pulled, 60), creates(pulled, 60, Phone="5" * 41)
    changes = [*good[:15], *bad[15:35], *good[35:]]
    changeset = pulled.push(*changes)
    found = counts(pulled, changeset)
    assert found["failed"] >= 10
    assert found["skipped"] >= 25
    assert made(pulled) == found["applied"]
    assert "changes failed, and more than 10 in 100 stop a push" in reason(pulled, changeset)
    assert "STRING_TOO_LONG" in reason(pulled, changeset)


@pytest.mark.usefixtures("small_batches")
def test_who_cancels_between_two_requests_is_heard(pulled: Office) -> None:
    changeset = pulled.started(*creates(pulled, 60))
    seen: list[str] = []

    def cancelling(name: str, _old: Any, _new: Any) -> None:
        seen.append(name)
        if len(seen) == 15:
            push.cancel(pulled.workspace, changeset.id, by="eva")

    pulled.org.before_save.append(cancelling)
    pulled.advance(changeset)
    assert counts(pulled, changeset) == {"applied": made(pulled), "skipped": 60 - made(pulled)}
    assert made(pulled) == 21, "the canary, and two requests of ten: the second was on its way"
    assert reason(pulled, changeset) == "stopped: cancelled by eva"


def test_a_canary_whose_answer_is_lost_is_looked_for_before_another_goes(pulled: Office) -> None:
    changes = creates(pulled, 20)
    changeset = pulled.started(*changes)
    pulled.org.faults.arm("lose_response", path="/composite/")
    with pytest.raises(ConnectionProblem):
        pulled.advance(changeset)
    assert counts(pulled, changeset) == {"unknown": 1, "waiting": 19}
    pulled.advance(changeset)
    assert counts(pulled, changeset) == {"applied": 20}
    assert made(pulled) == 20


def test_a_canary_that_nobody_finds_again_is_followed_by_another(pulled: Office) -> None:
    changes = [pulled.create("Contact", f"8-{n}", LastName=f"Dow {n}") for n in range(20)]
    changeset = pulled.started(*changes)
    pulled.org.faults.arm("lose_request", path="/composite/")
    with pytest.raises(ConnectionProblem):
        pulled.advance(changeset)
    pulled.advance(changeset)
    assert counts(pulled, changeset) == {"unknown": 1, "applied": 19}


def test_while_the_org_is_down_quickbooks_gets_its_part(pulled: Office) -> None:
    changed = pulled.update("Account", ALDER, Phone="555-7777")
    for_quickbooks = replace(
        pulled.create("Customer", "001", Name="Dogwood"), side="quickbooks", object="Customer"
    )
    settings = pulled.profile.quickbooks
    pulled.workspace.queue.register(
        user="wc", password="p", owner_id=settings.owner_id, file_id=settings.file_id
    )
    changeset = pulled.started(changed, for_quickbooks)
    pulled.org.faults.arm("unavailable", path="/query", times=99)
    with pytest.raises(ConnectionProblem):
        pulled.advance(changeset)
    assert pulled.outcome(for_quickbooks).request
