"""A large push: jobs of Bulk API 2.0, rows that are locked, parents with their lines, duplicate rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.contract.salesforce.salesforce_office import Office
from workbench import ledger
from workbench.changes import Answer, Change, ChangeSet
from workbench.connections.salesforce_session import TRIES
from workbench.errors import ConnectionProblem
from workbench.push import salesforce as writer

pytestmark = pytest.mark.long

ALDER, BIRCH, CEDAR = (f"00100000000000{number}AAA" for number in (1, 2, 3))
DEAL, PRICE = "006000000000001AAA", "01u000000000001AAA"
AWKWARD = 'two\nlines, "quoted", O\'Neil; été 中 \u2028 end\\'
INGEST = "/services/data/v64.0/jobs/ingest"


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "FIRST_WAIT_SECONDS", 0.001)


@pytest.fixture
def many(office: Office) -> Office:
    """Two changes of a kind are many here."""
    office.pull()
    office.workspace._salesforce = office.connect(bulk_above=2)
    office.requests.seen.clear()
    return office


def calls(office: Office, part: str) -> int:
    return len([each for each in office.requests.seen if part in each])


def updates(office: Office, **values: Any) -> list[Change]:
    return [office.update("Account", id_, **values) for id_ in (ALDER, BIRCH, CEDAR)]


def creates(office: Office, count: int = 3, **values: Any) -> list[Change]:
    return [
        office.create("Account", f"8-{n}", Name=f"New {n}", QuickBooks_Id__c=f"8-{n}", **values)
        for n in range(count)
    ]


def named(office: Office, start: str) -> list[str]:
    return sorted(str(row["Name"]) for row in office.org.records("Account") if row["Name"].startswith(start))


# --- what goes well -----------------------------------------------------------------------------------


def test_many_updates_go_by_one_job_and_are_read_back(many: Office) -> None:
    changes = updates(many, Phone="555-7777", Description=AWKWARD, Fax=None)
    many.push(*changes)

    assert many.state(*changes) == ["applied"] * 3
    assert calls(many, f"POST {INGEST}") == 1
    assert calls(many, "/composite/sobjects ") == 0
    birch = many.org.record("Account", BIRCH)
    assert (birch["Phone"], birch["Description"], birch["Fax"]) == ("555-7777", AWKWARD, None)


def test_a_field_that_a_change_does_not_name_stays_as_it_is(many: Office) -> None:
    first = many.update("Account", ALDER, Phone="1")
    others = [many.update("Account", id_, Fax="2") for id_ in (BIRCH, CEDAR)]
    many.push(first, *others)
    assert many.org.record("Account", BIRCH)["Phone"] == "555-0102"


def test_many_creates_are_told_apart_by_our_key_and_linked(many: Office) -> None:
    changes = creates(many)
    many.push(*changes)
    assert many.state(*changes) == ["applied"] * 3
    assert named(many, "New") == ["New 0", "New 1", "New 2"]
    by_key = {row["QuickBooks_Id__c"]: row["Id"] for row in many.org.records("Account")}
    assert [many.outcome(change).record for change in changes] == [by_key[f"8-{n}"] for n in range(3)]


@pytest.mark.parametrize(
    ("why", "values"),
    [
        ("the text means empty in CSV", {"Site": "#N/A"}),
        ("two with the same key", {"QuickBooks_Id__c": "8-0"}),
    ],
)
def test_what_a_job_cannot_say_goes_by_collections(many: Office, why: str, values: dict[str, Any]) -> None:
    odd = many.create("Account", "9", **({"Name": "Odd", "QuickBooks_Id__c": "9"} | values))
    changes = creates(many)
    many.push(*changes, odd)
    assert many.state(*changes) == ["applied"] * 3
    assert calls(many, "POST /services/data/v64.0/composite/sobjects") == 1, why
    if "Site" in values:
        assert many.org.record("Account", str(many.outcome(odd).record))["Site"] == "#N/A"
    else:
        assert "DUPLICATE_VALUE" in str(many.outcome(odd).detail)


@pytest.mark.parametrize(("count", "jobs"), [(2, 0), (3, 1)])
def test_the_threshold_decides(many: Office, count: int, jobs: int) -> None:
    many.push(*creates(many, count))
    assert calls(many, f"POST {INGEST}") == jobs


def test_rows_that_a_job_refuses_fail_with_the_reason_and_the_others_stand(many: Office) -> None:
    bad = many.update("Account", BIRCH, Phone="5" * 41)
    good = [many.update("Account", id_, Phone="1") for id_ in (ALDER, CEDAR)]
    many.push(bad, *good)
    assert many.state(bad, *good) == ["failed", "applied", "applied"]
    assert "STRING_TOO_LONG" in str(many.outcome(bad).detail)


def test_stale_rows_do_not_enter_a_job(many: Office) -> None:
    changes = updates(many, Phone="555-7777")
    many.org.edit("Account", BIRCH, {"Phone": "555-0199"})
    many.push(*changes)
    assert many.state(*changes) == ["applied", "stale", "applied"]
    assert (
        many.outcome(changes[1]).detail == "Phone: approved against 555-0102, now 555-0199; nothing was sent"
    )


# --- what goes wrong ----------------------------------------------------------------------------------


def interrupted(office: Office, *changes: Change) -> ChangeSet:
    changeset = office.started(*changes)
    with pytest.raises(ConnectionProblem):
        office.advance(changeset)
    return changeset


@pytest.mark.parametrize("kind", ["update", "create"])
@pytest.mark.parametrize("fault", ["lose_request", "lose_response", "expire_session", "unavailable"])
@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "/batches"), ("PATCH", "/jobs/ingest/"), ("GET", "/jobs/ingest/"), ("GET", "successfulResults")],
)
def test_a_job_that_is_cut_off_anywhere_writes_each_change_once(
    many: Office, kind: str, fault: Any, method: str, path: str
) -> None:
    changes = updates(many, Phone="555-7777") if kind == "update" else creates(many)
    changeset = many.started(*changes)
    many.org.faults.arm(fault, method=method, path=path, times=TRIES if method == "GET" else 1)
    try:
        many.advance(changeset)
    except ConnectionProblem:
        assert set(many.state(*changes)) <= {"unknown", "waiting"}
        many.org.faults.clear()
        many.advance(changeset)
    assert many.state(*changes) == ["applied"] * 3
    if kind == "create":
        assert named(many, "New") == ["New 0", "New 1", "New 2"]


def test_the_jobs_id_is_kept_before_anything_is_uploaded(many: Office) -> None:
    changes = updates(many, Phone="555-7777")
    many.org.faults.arm("lose_request", path="/batches")
    interrupted(many, *changes)
    (job,) = {row.request for row in ledger.outcomes(many.workspace.store)}
    assert str(job).startswith("750")
    assert many.state(*changes) == ["unknown"] * 3


@pytest.mark.parametrize(("times", "state"), [(1, "applied"), (99, "failed")])
def test_rows_that_a_failed_job_did_not_come_to_go_again_a_few_times(
    many: Office, times: int, state: str
) -> None:
    changes = creates(many, 5)
    many.org.faults.arm("fail_job", path="Account/insert", rows=1, times=times)
    many.push(*changes)
    states = many.state(*changes)
    assert states.count("applied") >= 1
    if times == 1:
        assert states == ["applied"] * 5
    assert len(named(many, "New")) == states.count("applied")
    assert "unknown" not in states


@pytest.mark.parametrize("fault", ["truncated_csv", "csv_without_charset", "broken_body"])
def test_results_that_do_not_come_whole_are_read_again(many: Office, fault: Any) -> None:
    changes = creates(many, Description=AWKWARD)
    many.org.faults.arm(fault, path="/successfulResults")
    many.push(*changes)
    assert many.state(*changes) == ["applied"] * 3


@pytest.mark.parametrize("above", [2, 9], ids=["by a job", "by collections"])
@pytest.mark.parametrize(("times", "states"), [(1, ["applied"] * 3), (99, ["failed"] * 3)])
def test_locked_rows_wait_and_go_again_in_halves(
    many: Office, above: int, times: int, states: list[str]
) -> None:
    many.workspace._salesforce = many.connect(bulk_above=above)
    changes = updates(many, Phone="555-7777")
    many.org.faults.arm("lock_row", path="Account", times=times)
    many.push(*changes)
    assert many.state(*changes) == states
    if times > 1:
        assert "UNABLE_TO_LOCK_ROW" in str(many.outcome(changes[0]).detail)
        assert f"tried {writer.TRIES} times" in str(many.outcome(changes[0]).detail)
        assert many.org.record("Account", BIRCH)["Phone"] == "555-0102"


# --- a parent and its lines ------------------------------------------------------------------------------


def deal(office: Office, *quantities: str) -> tuple[Change, list[Change]]:
    parent = office.create(
        "Opportunity", "9-0", Name="Dogwood 1", AccountId=ALDER, StageName="Closed Won",
        CloseDate=date(2026, 3, 2), QuickBooks_Id__c="9-0",
    )  # fmt: skip
    lines = [
        replace(
            office.create(
                "OpportunityLineItem", f"9-{n}", OpportunityId=Answer(parent.id, "Id"),
                PricebookEntryId=PRICE, QuickBooks_Line_Id__c=f"9-{n}", Quantity=Decimal(quantity),
                UnitPrice=Decimal("12.50"),
            ),
            mapping="opportunity-invoice.lines",
        )
        for n, quantity in enumerate(quantities, start=1)
    ]  # fmt: skip
    return parent, lines


def test_a_parent_and_its_lines_are_created_in_one_request(many: Office) -> None:
    parent, lines = deal(many, "1", "2", "3")
    many.push(parent, *lines)
    assert many.state(parent, *lines) == ["applied"] * 4
    assert calls(many, "/composite") == 1
    made = [row for row in many.org.records("OpportunityLineItem") if row["QuickBooks_Line_Id__c"]]
    assert {row["OpportunityId"] for row in made} == {many.outcome(parent).record}


def test_a_line_that_is_refused_takes_its_parent_and_the_other_lines_with_it(many: Office) -> None:
    parent, lines = deal(many, "1", "0")
    many.push(parent, *lines)
    assert set(many.state(parent, *lines)) <= {"failed", "skipped"}
    assert not [row for row in many.org.records("Opportunity") if row["Name"] == "Dogwood 1"]
    assert "Quantity" in str(many.outcome(lines[1]).detail)


@pytest.mark.parametrize("fault", ["lose_request", "lose_response"])
def test_a_parent_with_lines_whose_answer_is_lost_is_there_once(many: Office, fault: Any) -> None:
    parent, lines = deal(many, "1", "2")
    many.org.faults.arm(fault, path="/composite")
    changeset = interrupted(many, parent, *lines)
    assert set(many.state(parent, *lines)) == {"unknown"}
    many.advance(changeset)
    assert many.state(parent, *lines) == ["applied"] * 3
    assert len([row for row in many.org.records("Opportunity") if row["Name"] == "Dogwood 1"]) == 1
    assert len([r for r in many.org.records("OpportunityLineItem") if r["QuickBooks_Line_Id__c"]]) == 2


# --- the whole request refused -----------------------------------------------------------------------------


def test_a_request_that_is_refused_as_a_whole_leaves_its_changes_waiting(many: Office) -> None:
    """Salesforce said no, so nothing was written: even a create without a key goes again later."""
    change = many.create("Contact", "8-9", LastName="Dow")
    many.org.faults.arm("limit_spent", path="/composite/")
    changeset = interrupted(many, change)
    assert many.state(change) == "waiting"
    many.advance(changeset)
    assert many.state(change) == "applied"


def test_a_push_stops_before_it_starves_the_org_and_goes_on_later(many: Office) -> None:
    many.org.settings.daily_limit = 100
    many.org.api_requests = 90
    change = many.update("Account", ALDER, Phone="555-7777")
    many.workspace.salesforce().count("Account")
    changeset = interrupted(many, change)
    assert many.state(change) == "waiting"
    many.org.api_requests = 0
    many.workspace.salesforce().count("Account")
    many.advance(changeset)
    assert many.state(change) == "applied"
