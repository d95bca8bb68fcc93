"""A push to Salesforce: what was approved is written once, checked before, read back after."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from tests.contract.salesforce.salesforce_office import Office
from tests.unit.kept.kept_store import at_once
from workbench import approval, crosswalk, ledger, push
from workbench.changes import Answer, Change, ChangeSet
from workbench.connections.salesforce_session import TRIES
from workbench.errors import ApprovalError, ConnectionProblem
from workbench.store import schema
from workbench.store.engine import now

pytestmark = pytest.mark.long

ALDER, BIRCH, CEDAR = (f"00100000000000{number}AAA" for number in (1, 2, 3))
ASH, PRICE, DEAL, LINE = (
    "003000000000001AAA",
    "01u000000000001AAA",
    "006000000000001AAA",
    "00k000000000001AAA",
)
GUIDING, STANDARD = "01t000000000001AAA", "01s000000000001AAA"


@pytest.fixture
def pulled(office: Office) -> Office:
    office.pull()
    office.requests.seen.clear()
    return office


def phone(office: Office, account: str = ALDER) -> Any:
    return office.org.record("Account", account)["Phone"]


def accounts(office: Office, name: str) -> list[dict[str, Any]]:
    return [row for row in office.org.records("Account") if row["Name"] == name]


# --- what goes well -------------------------------------------------------------------------------


def test_an_update_is_written_once_and_read_back(pulled: Office) -> None:
    change = pulled.update("Account", ALDER, Phone="555-7777", Website="alder.example")
    changeset = pulled.push(change)

    row = pulled.outcome(change)
    assert (row.state, row.record, row.detail) == ("applied", ALDER, None)
    assert row.read_back is not None
    assert row.read_back["Phone"] == "555-7777"
    assert row.settled_at is not None
    assert phone(pulled) == "555-7777"
    assert len(pulled.requests.writes) == 1

    pulled.advance(changeset)
    assert len(pulled.requests.writes) == 1, "a settled change is never sent again"


def test_a_mapping_that_breaks_during_a_push_does_not_keep_it_from_its_end(pulled: Office) -> None:
    change = pulled.update("Account", ALDER, Phone="555-7777")
    changeset = pulled.started(change)
    folder = pulled.workspace.profile.mappings
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "account-customer.yaml").write_text("mapping: [", encoding="utf-8")
    pulled.advance(changeset)
    assert (pulled.state(change), phone(pulled)) == ("applied", "555-7777")


def test_one_request_carries_up_to_two_hundred_records(pulled: Office) -> None:
    ids = [pulled.org.create("Account", {"Name": f"Many {number:03}"}) for number in range(201)]
    changes = [pulled.update("Account", id_, Phone="555-0000") for id_ in ids]
    pulled.push(*changes)

    assert set(pulled.state(*changes)) == {"applied"}
    assert len(pulled.requests.writes) == 2


@pytest.mark.parametrize(
    ("object_", "record", "values", "held"),
    [
        pytest.param(
            "Contact", ASH, {"Email": "Mixed.Case@Alder.Example"}, {"Email": "mixed.case@alder.example"},
            id="Salesforce keeps e-mail in small letters",
        ),
        pytest.param(
            "Account", ALDER, {"Phone": "  555-2222 "}, {"Phone": "555-2222"}, id="text is trimmed"
        ),
        pytest.param(
            "Account", ALDER, {"BillingStreet": "1 Main St\r\nSuite 2"}, {}, id="one kind of line end"
        ),
        pytest.param(
            "PricebookEntry", PRICE, {"UnitPrice": Decimal("80.10")}, {"UnitPrice": Decimal("80.10")},
            id="a price, exact",
        ),
        pytest.param("PricebookEntry", PRICE, {"UnitPrice": Decimal("90")}, {}, id="a price without cents"),
        pytest.param(
            "OpportunityLineItem", LINE, {"Quantity": Decimal("2.00000")}, {}, id="a quantity with zeros"
        ),
        pytest.param("Opportunity", DEAL, {"CloseDate": date(2026, 3, 31)}, {}, id="a date"),
        pytest.param("Account", ALDER, {"Active__c": False}, {"Active__c": False}, id="a check box off"),
        pytest.param("Account", ALDER, {"Phone": None}, {"Phone": None}, id="a field cleared"),
        pytest.param("Account", CEDAR, {"Phone": "555 (0) 'x' \\ \u00e9\u4e2d"}, {}, id="quotes and accents"),
    ],
)  # fmt: skip
def test_what_salesforce_writes_in_its_own_form_counts_as_applied(
    pulled: Office, object_: str, record: str, values: dict[str, Any], held: dict[str, Any]
) -> None:
    change = pulled.update(object_, record, **values)
    pulled.push(change)

    row = pulled.outcome(change)
    assert (row.state, row.detail) == ("applied", None)
    now_held = pulled.org.record(object_, record)
    assert {api: now_held[api] for api in held} == held


def test_a_create_is_linked_to_its_source(pulled: Office) -> None:
    change = pulled.create("Account", "80000001", Name="Dogwood", QuickBooks_Id__c="80000001")
    pulled.push(change)

    (made,) = accounts(pulled, "Dogwood")
    assert (pulled.state(change), pulled.outcome(change).record) == ("applied", made["Id"])
    (pair,) = crosswalk.pairs(pulled.workspace.store, "account-customer")
    assert (pair["salesforce_id"], pair["quickbooks_id"], pair["rule"]) == (made["Id"], "80000001", "push")


def test_a_contact_is_created_after_its_account_and_below_it(pulled: Office) -> None:
    account = pulled.create("Account", "80000001", Name="Dogwood", QuickBooks_Id__c="80000001")
    contact = pulled.create("Contact", "80000002", LastName="Dow", AccountId=Answer(account.id, "Id"))
    pulled.push(account, contact)

    assert pulled.state(account, contact) == ["applied", "applied"]
    (made,) = [row for row in pulled.org.records("Contact") if row["LastName"] == "Dow"]
    assert made["AccountId"] == pulled.outcome(account).record


def test_only_what_was_approved_is_written(pulled: Office) -> None:
    yes = pulled.update("Account", ALDER, Phone="555-1111")
    no = pulled.update("Account", BIRCH, Phone="555-2222")
    pulled.push(yes, no, only=[yes])

    assert (phone(pulled, ALDER), phone(pulled, BIRCH)) == ("555-1111", "555-0102")
    assert [row.change for row in ledger.outcomes(pulled.workspace.store)] == [yes.id]


# --- stale ------------------------------------------------------------------------------------------


def test_a_record_that_moved_since_review_is_stale_and_both_values_are_shown(pulled: Office) -> None:
    stale = pulled.update("Account", ALDER, Phone="555-7777")
    fresh = pulled.update("Account", BIRCH, Phone="555-8888")
    pulled.org.edit("Account", ALDER, {"Phone": "555-0199"})
    pulled.push(stale, fresh)

    row = pulled.outcome(stale)
    assert row.state == "stale"
    assert row.detail == "Phone: approved against 555-0101, now 555-0199; nothing was sent"
    assert phone(pulled) == "555-0199"
    assert pulled.state(fresh) == "applied", "the others go on"


@pytest.mark.parametrize(
    ("edit", "values", "state"),
    [
        pytest.param({"Fax": "555-0999"}, {"Phone": "555-7777"}, "applied", id="another field moved"),
        pytest.param({"Phone": "555-7777"}, {"Phone": "555-7777"}, "applied", id="to what is wanted"),
        pytest.param({"Phone": "555-0199"}, {"Phone": "555-7777"}, "stale", id="the field itself moved"),
        pytest.param({"Phone": None}, {"Phone": "555-7777"}, "stale", id="the field was emptied"),
        pytest.param({"Phone": "555-0101 "}, {"Phone": "555-7777"}, "applied", id="saved, nothing changed"),
        pytest.param(
            {"Phone": "555-7777", "Fax": "1"}, {"Phone": "555-7777", "Fax": "2"}, "stale",
            id="one as wanted, one not",
        ),
        pytest.param({"Fax": "555-0999"}, {"Fax": "2"}, "stale", id="a field that was empty was filled"),
    ],
)  # fmt: skip
def test_stale_is_about_the_fields_that_would_be_written(
    pulled: Office, edit: dict[str, Any], values: dict[str, Any], state: str
) -> None:
    change = pulled.update("Account", ALDER, **values)
    pulled.org.edit("Account", ALDER, edit)
    pulled.push(change)
    assert pulled.state(change) == state


def test_a_record_deleted_since_review_is_stale(pulled: Office) -> None:
    change = pulled.update("Account", BIRCH, Phone="555-7777")
    pulled.org.delete("Account", BIRCH)
    pulled.push(change)

    assert pulled.state(change) == "stale"
    assert "gone" in str(pulled.outcome(change).detail)
    assert pulled.requests.writes == []


# --- refused, and not as sent -------------------------------------------------------------------------


def test_a_refused_row_fails_with_salesforces_reason_and_the_others_are_written(pulled: Office) -> None:
    wrong = pulled.update("Contact", ASH, Email="no address")
    right = pulled.update("Account", ALDER, Phone="555-1111")
    also = pulled.update("Account", BIRCH, Phone="5" * 41)
    pulled.push(wrong, right, also)

    assert pulled.state(wrong, right, also) == ["failed", "applied", "failed"]
    assert "INVALID_EMAIL_ADDRESS" in str(pulled.outcome(wrong).detail)
    assert "STRING_TOO_LONG" in str(pulled.outcome(also).detail)


def test_success_is_no_proof_an_amount_that_salesforce_ignores_is_a_failure(pulled: Office) -> None:
    change = pulled.update("Opportunity", DEAL, Amount=Decimal("999.99"))
    pulled.push(change)

    row = pulled.outcome(change)
    assert row.state == "failed"
    assert row.detail == "Amount: sent 999.99, Salesforce holds 160.0"


def test_a_value_that_a_trigger_puts_back_is_a_failure(pulled: Office) -> None:
    pulled.org.before_save.append(lambda _name, _old, new: new.update(Phone="555-0101"))
    filled = pulled.update("Account", ALDER, Phone="555-7777")
    pulled.push(filled)
    assert pulled.outcome(filled).detail == "Phone: sent 555-7777, Salesforce holds 555-0101"


def test_a_field_that_was_to_be_cleared_and_was_not_is_a_failure(pulled: Office) -> None:
    pulled.org.before_save.append(lambda _name, _old, new: new.update(Phone="555-0101"))
    cleared = pulled.update("Account", ALDER, Phone=None)
    pulled.push(cleared)

    row = pulled.outcome(cleared)
    assert (row.state, row.detail) == ("failed", "Phone: sent (empty), Salesforce holds 555-0101")


def test_a_create_whose_key_was_taken_meanwhile_overwrites_nothing(pulled: Office) -> None:
    change = pulled.create("Account", "80000001", Name="Dogwood", QuickBooks_Id__c="80000001", Phone="1")
    pulled.org.edit("Account", CEDAR, {"QuickBooks_Id__c": "80000001"})
    pulled.push(change)

    assert pulled.state(change) == "failed"
    assert "DUPLICATE_VALUE" in str(pulled.outcome(change).detail)
    cedar = pulled.org.record("Account", CEDAR)
    assert (cedar["Name"], cedar["Phone"]) == ("Cedar O'Neil", None), "nobody approved a change of this one"


def test_what_waits_for_a_change_that_failed_is_skipped_with_the_reason(pulled: Office) -> None:
    account = pulled.create("Account", "80000001", Name="D" * 256)
    contact = pulled.create("Contact", "80000002", LastName="Dow", AccountId=Answer(account.id, "Id"))
    pulled.push(account, contact)

    assert pulled.state(account, contact) == ["failed", "skipped"]
    assert "which is failed" in str(pulled.outcome(contact).detail)
    assert not [row for row in pulled.org.records("Contact") if row["LastName"] == "Dow"]


def test_what_waits_for_a_change_that_nobody_approved_is_skipped(pulled: Office) -> None:
    account = pulled.create("Account", "80000001", Name="Dogwood")
    contact = pulled.create("Contact", "80000002", LastName="Dow", AccountId=Answer(account.id, "Id"))
    pulled.push(account, contact, only=[contact])

    assert pulled.state(contact) == "skipped"
    assert "not approved" in str(pulled.outcome(contact).detail)
    assert accounts(pulled, "Dogwood") == []


def test_a_change_that_is_held_is_skipped_with_its_reason_and_never_sent(pulled: Office) -> None:
    change = replace(pulled.update("Account", ALDER, Phone="555-7777"), hold="the name is too long")
    pulled.push(change)

    assert (pulled.state(change), pulled.outcome(change).detail) == ("skipped", "the name is too long")
    assert pulled.requests.writes == []


# --- lost answers ----------------------------------------------------------------------------------------


def interrupted(office: Office, *changes: Change) -> ChangeSet:
    """Start a push and run into the fault that is armed."""
    changeset = office.started(*changes)
    with pytest.raises(ConnectionProblem):
        office.advance(changeset)
    return changeset


@pytest.mark.parametrize("fault", ["lose_response", "lose_request"])
@pytest.mark.parametrize("lost", ["update", "create with our key", "create of a price", "create of a line"])
def test_a_lost_answer_is_settled_by_reading_and_nothing_is_written_twice(
    pulled: Office, fault: Any, lost: str
) -> None:
    product = pulled.org.create("Product2", {"Name": "Rope", "IsActive": True})
    change = {
        "update": pulled.update("Account", ALDER, Phone="555-7777"),
        "create with our key": pulled.create("Account", "8-1", Name="Dogwood", QuickBooks_Id__c="8-1"),
        "create of a price": pulled.create(
            "PricebookEntry", "8-2", Pricebook2Id=STANDARD, Product2Id=product, UnitPrice=Decimal("12.50"),
            IsActive=True,
        ),
        "create of a line": pulled.create(
            "OpportunityLineItem", "8-3", OpportunityId=DEAL, PricebookEntryId=PRICE,
            QuickBooks_Line_Id__c="8-3", Quantity=Decimal(3), UnitPrice=Decimal("12.50"),
        ),
    }[lost]  # fmt: skip
    before = len(pulled.org.records(change.object))
    pulled.org.faults.arm(fault, path="/composite/")

    changeset = interrupted(pulled, change)
    assert pulled.state(change) == "unknown"
    stamp = {row["Id"]: row["SystemModstamp"] for row in pulled.org.records(change.object)}

    pulled.advance(changeset)
    assert pulled.state(change) == "applied"
    assert len(pulled.org.records(change.object)) == before + (change.action == "create")
    record = pulled.org.record(change.object, str(pulled.outcome(change).record))
    if fault == "lose_response":
        assert stamp[record["Id"]] == record["SystemModstamp"], "it was written before; not again"
        assert len(pulled.requests.writes) == 1


def test_a_lost_create_that_cannot_be_found_again_stays_unknown(pulled: Office) -> None:
    change = pulled.create("Contact", "80000002", LastName="Dow")
    pulled.org.faults.arm("lose_response", path="/composite/")
    changeset = interrupted(pulled, change)

    pulled.advance(changeset)
    assert pulled.state(change) == "unknown", "it has no key to look for, so it is never sent again"
    assert len([row for row in pulled.org.records("Contact") if row["LastName"] == "Dow"]) == 1


def test_a_read_back_that_got_lost_is_done_again_without_writing(pulled: Office) -> None:
    change = pulled.update("Account", ALDER, Phone="555-7777")
    pulled.org.faults.arm("lose_response", method="GET", path="/query", skip=1, times=TRIES)
    changeset = interrupted(pulled, change)
    assert pulled.state(change) == "unknown"

    pulled.advance(changeset)
    assert (pulled.state(change), len(pulled.requests.writes)) == ("applied", 1)


def test_after_a_lost_answer_somebody_elses_edit_is_not_overwritten(pulled: Office) -> None:
    change = pulled.update("Account", ALDER, Phone="555-7777")
    pulled.org.faults.arm("lose_request", path="/composite/")
    changeset = interrupted(pulled, change)
    pulled.org.edit("Account", ALDER, {"Phone": "555-0199"})

    pulled.advance(changeset)
    assert phone(pulled) == "555-0199"
    assert pulled.state(change) in ("stale", "failed")
    detail = str(pulled.outcome(change).detail)
    assert "555-0199" in detail
    assert len(pulled.requests.writes) == 1


def test_an_org_that_is_down_loses_nothing_and_the_same_push_goes_on_later(pulled: Office) -> None:
    first = pulled.update("Account", ALDER, Phone="555-1111")
    second = pulled.create("Contact", "8-2", LastName="Dow", QuickBooks_Id__c="8-2")
    pulled.org.faults.arm("unavailable", path="/query", times=TRIES)
    changeset = interrupted(pulled, first, second)
    assert pulled.state(first, second) == ["waiting", "unknown"], "its read-back did not come"

    pulled.advance(changeset)
    assert pulled.state(first, second) == ["applied", "applied"]


def test_a_session_that_ends_in_the_middle_is_renewed(pulled: Office) -> None:
    change = pulled.create("Account", "8-1", Name="Dogwood", QuickBooks_Id__c="8-1")
    pulled.org.faults.arm("expire_session", path="/composite/")
    pulled.push(change)
    assert pulled.state(change) == "applied"
    assert len(accounts(pulled, "Dogwood")) == 1


def test_two_workers_that_advance_at_once_write_each_change_once(pulled: Office) -> None:
    """The lease is to prevent it; a process that slept through its lease must do no harm either."""
    lines = [
        pulled.create(
            "OpportunityLineItem", f"8-{number}", OpportunityId=DEAL, PricebookEntryId=PRICE,
            Quantity=Decimal(number), UnitPrice=Decimal("12.50"),
        )
        for number in range(1, 6)
    ]  # fmt: skip
    changeset = pulled.started(*lines)
    pulled.org.faults.arm("slow", path="/composite/", seconds=0.3, times=9)
    at_once(2, lambda _: pulled.advance(changeset))
    pulled.advance(changeset)

    made: list[Any] = [
        row["Quantity"] for row in pulled.org.records("OpportunityLineItem") if row["Id"] != LINE
    ]
    assert sorted(made) == [1, 2, 3, 4, 5]
    assert set(pulled.state(*lines)) == {"applied"}


# --- the dry run ----------------------------------------------------------------------------------------


def test_the_dry_run_shows_what_is_sent_and_sends_nothing(pulled: Office) -> None:
    account = pulled.create("Account", "8-1", Name="Dogwood")
    price = pulled.update("PricebookEntry", PRICE, UnitPrice=Decimal("9007199254740993.10"))
    contact = pulled.create("Contact", "8-2", LastName="Dow", AccountId=Answer(account.id, "Id"))
    held = replace(pulled.update("Account", ALDER, Phone="1"), hold="too long")
    changeset = ChangeSet(header={}, changes=(account, price, contact, held))
    pulled.requests.seen.clear()

    shown = {each.change: each.text for each in push.preview(changeset, changeset.by_id)}
    assert '"Name": "Dogwood"' in shown[account.id]
    assert '"UnitPrice": 9007199254740993.10' in shown[price.id], "digit by digit"
    assert PRICE in shown[price.id]
    assert f"{{Id of {account.id}}}" in shown[contact.id], "what is not known yet"
    assert shown[held.id] == "held: too long"
    assert pulled.requests.seen == []


# --- approval ---------------------------------------------------------------------------------------------


def approved(office: Office, changeset: ChangeSet, *changes: Change, hours: float = 1.0) -> None:
    approval.approve(
        office.workspace.store,
        office.workspace.own_keys,
        changeset=changeset.id,
        content_hash=changeset.content_hash,
        changes=[change.id for change in changes],
        by="maria",
        hours=hours,
    )


def refused(office: Office, changeset: ChangeSet, word: str) -> None:
    with pytest.raises(ApprovalError, match=word):
        push.start(office.workspace, changeset, by="maria")


def test_a_push_without_a_good_approval_sends_nothing(pulled: Office) -> None:
    change = pulled.update("Account", ALDER, Phone="555-7777")
    changeset = pulled.saved(change)
    refused(pulled, changeset, "nobody has approved")

    approved(pulled, changeset, change, hours=1e-9)
    refused(pulled, changeset, "expired")

    assert ledger.outcomes(pulled.workspace.store) == []
    assert phone(pulled) == "555-0101"


def test_a_change_set_that_differs_from_the_approved_one_is_refused(pulled: Office) -> None:
    reviewed = pulled.update("Account", ALDER, Phone="555-7777")
    changeset = pulled.saved(reviewed)
    approved(pulled, changeset, reviewed)
    other = ChangeSet(header=changeset.header, changes=(pulled.update("Account", ALDER, Phone="555-6666"),))
    with pytest.raises(ApprovalError):
        push.start(pulled.workspace, other, by="maria")
    assert ledger.outcomes(pulled.workspace.store) == []


def test_a_change_set_is_pushed_once(pulled: Office) -> None:
    change = pulled.update("Account", ALDER, Phone="555-7777")
    changeset = pulled.push(change)
    refused(pulled, changeset, "pushed once|pushed already|it is pushed once")
    with pytest.raises(ApprovalError):
        approved(pulled, changeset, change)


def test_an_approval_that_expired_before_it_could_be_sent_is_not_sent(
    pulled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = pulled.update("Account", ALDER, Phone="555-7777")
    changeset = pulled.started(change)
    monkeypatch.setattr("workbench.approval.approving.now", lambda: now() + timedelta(hours=2))
    pulled.advance(changeset)

    assert phone(pulled) == "555-0101"
    assert pulled.state(change) == "skipped"
    assert "expired" in str(pulled.outcome(change).detail)


@pytest.mark.parametrize("field", ["expires_at", "approver", "limits"])
def test_an_approval_changed_in_the_store_sends_nothing(pulled: Office, field: str) -> None:
    change = pulled.update("Account", ALDER, Phone="555-7777")
    changeset = pulled.started(change)
    value = {"expires_at": now() + timedelta(days=9), "approver": "eva", "limits": {"changes": 99}}[field]
    with pulled.workspace.store.write() as connection:
        connection.execute(update(schema.approvals).values({field: value}))
    pulled.advance(changeset)
    assert (phone(pulled), pulled.state(change)) == ("555-0101", "skipped")
    assert "not what its key has signed" in str(pulled.outcome(change).detail)


def test_content_changed_in_the_store_after_the_approval_is_never_sent(pulled: Office) -> None:
    change = pulled.update("Account", ALDER, Phone="555-7777")
    changeset = pulled.started(change)
    forged = changeset.content.replace("555-7777", "555-6666")
    with pulled.workspace.store.write() as connection:
        connection.execute(update(schema.changesets).values(content=forged))

    with pytest.raises(ApprovalError, match="not what"):
        pulled.advance(changeset)
    assert phone(pulled) == "555-0101"


def test_a_push_leaves_a_line_in_the_ledger_without_customers_data(pulled: Office) -> None:
    changeset = pulled.push(pulled.update("Account", ALDER, Phone="555-7777"))
    (event,) = [each for each in ledger.events(pulled.workspace.store) if each["event"] == "push"]
    assert (event["who"], event["subject"], event["detail"]["changes"]) == ("maria", changeset.id, 1)
    assert "555" not in str(event["detail"])
