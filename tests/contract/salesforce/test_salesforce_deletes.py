"""Deletes in Salesforce: only what is as it was reviewed, into the recycle bin, once, and read back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.contract.salesforce.salesforce_office import Office
from workbench import crosswalk, push
from workbench.changes import Cell, Change, ChangeSet
from workbench.crosswalk import Pair
from workbench.errors import ConnectionProblem
from workbench.push import salesforce as writer

pytestmark = pytest.mark.long

ALDER, BIRCH, CEDAR = (f"00100000000000{number}AAA" for number in (1, 2, 3))
ASH, DEAL, LINE = "003000000000001AAA", "006000000000001AAA", "00k000000000001AAA"


@pytest.fixture
def pulled(office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(writer, "FIRST_WAIT_SECONDS", 0.001)
    office.pull()
    office.requests.seen.clear()
    return office


def delete(
    office: Office, object_: str, record: str, *fields: str, mapping: str = "account-customer"
) -> Change:
    """A delete reviewed against the record as it is now."""
    now = office.org.record(object_, record)
    cells = tuple(Cell(field="", api=api, before=now[api], after=None, why="by hand") for api in fields)
    change = office.update(object_, record)
    return replace(change, mapping=mapping, action="delete", cells=cells, unlinks=True)


def there(office: Office, object_: str, record: str) -> bool:
    return any(row["Id"] == record for row in office.org.records(object_))


def deletes(office: Office) -> list[str]:
    return [each for each in office.requests.seen if each.startswith("DELETE")]


def test_a_record_goes_into_the_recycle_bin_and_that_is_read_back(pulled: Office) -> None:
    change = delete(pulled, "Account", BIRCH, "Name", "Phone")
    changeset = pulled.push(change)
    row = pulled.outcome(change)
    assert (row.state, row.record, row.read_back) == ("applied", BIRCH, {"Id": BIRCH, "IsDeleted": True})
    assert not there(pulled, "Account", BIRCH)
    assert len(deletes(pulled)) == 1
    pulled.advance(changeset)
    assert len(deletes(pulled)) == 1, "a settled change is never sent again"


def test_its_pair_ends_and_those_of_the_lines_with_it(pulled: Office) -> None:
    def pair(mapping: str, left: str, right: str) -> Pair:
        return Pair(
            mapping=mapping, salesforce_id=left, quickbooks_id=right, rule="name", confirmed_by="rule"
        )

    names = ("opportunity-invoice", "opportunity-invoice.lines")
    crosswalk.confirm(pulled.workspace.store, [pair(names[0], DEAL, "9-1"), pair(names[1], LINE, "L-1")])
    change = delete(pulled, "Opportunity", DEAL, "Name", mapping=names[0])
    pulled.push(replace(change, source_id="9-1", line_sources=("L-1",)))
    assert crosswalk.pairs(pulled.workspace.store) == []
    assert crosswalk.decisions(pulled.workspace.store) == [], "nothing stays that could be ignored"


#  why                          edited                        deletes, state, detail
MOVED: list[tuple[str, dict[str, Any], str]] = [
    ("a field that was reviewed", {"Phone": "555-0199"}, "Phone: approved against 555-0102, now 555-0199"),
    ("any other field", {"Fax": "1"}, "modified at "),
    ("saved without a change", {"Phone": "555-0102"}, "modified at "),
]


@pytest.mark.parametrize(("edit", "said"), [row[1:] for row in MOVED], ids=[row[0] for row in MOVED])
def test_whatever_moved_since_review_makes_a_delete_stale(
    pulled: Office, edit: dict[str, Any], said: str
) -> None:
    change = delete(pulled, "Account", BIRCH, "Name", "Phone")
    pulled.org.edit("Account", BIRCH, edit)
    pulled.push(change)
    row = pulled.outcome(change)
    assert row.state == "stale"
    assert str(row.detail).startswith(said)
    assert str(row.detail).endswith("nothing was sent")
    assert deletes(pulled) == []
    assert there(pulled, "Account", BIRCH)


def test_what_is_in_the_bin_already_needs_no_delete(pulled: Office) -> None:
    change = delete(pulled, "Account", BIRCH, "Name")
    pulled.org.delete("Account", BIRCH)
    pulled.push(change)
    assert (pulled.state(change), pulled.outcome(change).detail) == ("applied", "it was gone already")
    assert deletes(pulled) == []


def test_what_may_only_be_hidden_is_not_taken_for_gone(pulled: Office) -> None:
    change = replace(delete(pulled, "Account", BIRCH, "Name"), record="001000000000099AAA")
    pulled.push(change)
    assert pulled.state(change) == "stale"
    assert "may not be read any more" in str(pulled.outcome(change).detail)


def test_what_salesforce_does_not_let_go_fails_with_its_reason_and_the_others_go(pulled: Office) -> None:
    needed = delete(pulled, "Account", ALDER, "Name")
    free = delete(pulled, "Account", BIRCH, "Name")
    pulled.push(needed, free)
    assert pulled.state(needed, free) == ["failed", "applied"]
    assert "DELETE_FAILED" in str(pulled.outcome(needed).detail)
    assert there(pulled, "Account", ALDER)


def test_what_depends_is_deleted_in_its_order(pulled: Office) -> None:
    line = delete(pulled, "OpportunityLineItem", LINE, "Quantity")
    contact = delete(pulled, "Contact", ASH, "LastName")
    changes = (line, contact)
    pulled.push(*changes, replace(delete(pulled, "Account", BIRCH, "Name"), depends_on=(contact.id,)))
    assert pulled.state(*changes) == ["applied", "applied"]
    assert not there(pulled, "Account", BIRCH)


@pytest.mark.parametrize("fault", ["lose_response", "lose_request"])
def test_a_lost_answer_is_settled_by_looking_whether_it_is_gone(pulled: Office, fault: Any) -> None:
    change = delete(pulled, "Account", BIRCH, "Name")
    pulled.org.faults.arm(fault, path="/composite/")
    changeset = pulled.started(change)
    with pytest.raises(ConnectionProblem):
        pulled.advance(changeset)
    assert pulled.state(change) == "unknown"
    pulled.advance(changeset)
    assert pulled.state(change) == "applied"
    assert not there(pulled, "Account", BIRCH)
    assert len(deletes(pulled)) == (1 if fault == "lose_response" else 2)


def test_after_a_lost_request_what_moved_meanwhile_is_not_deleted(pulled: Office) -> None:
    change = delete(pulled, "Account", BIRCH, "Name")
    pulled.org.faults.arm("lose_request", path="/composite/")
    changeset = pulled.started(change)
    with pytest.raises(ConnectionProblem):
        pulled.advance(changeset)
    pulled.org.edit("Account", BIRCH, {"Phone": "1"})
    pulled.advance(changeset)
    assert pulled.state(change) == "stale"
    assert there(pulled, "Account", BIRCH)


def test_rows_that_others_have_locked_go_again(pulled: Office) -> None:
    change = delete(pulled, "Account", BIRCH, "Name")
    pulled.org.faults.arm("lock_row", times=1)
    pulled.push(change)
    assert pulled.state(change) == "applied"


# --- by job -----------------------------------------------------------------------------------------------


@pytest.fixture
def many(pulled: Office) -> Office:
    """Two changes of a kind are many here."""
    pulled.workspace._salesforce = pulled.connect(bulk_above=2)
    pulled.requests.seen.clear()
    return pulled


def three(office: Office) -> list[Change]:
    ids = [office.org.create("Account", {"Name": f"Many {number}"}) for number in range(3)]
    return [delete(office, "Account", id_, "Name") for id_ in ids]


def test_many_deletes_go_by_one_job_and_are_read_back(many: Office) -> None:
    changes = three(many)
    many.push(*changes)
    assert many.state(*changes) == ["applied"] * 3
    assert not [row for row in many.org.records("Account") if row["Name"].startswith("Many")]
    assert len([each for each in many.requests.seen if each.endswith("/jobs/ingest")]) == 1
    assert deletes(many) == []


def test_a_job_deletes_nothing_that_moved(many: Office) -> None:
    changes = three(many)
    many.org.edit("Account", str(changes[1].record), {"Phone": "1"})
    many.push(*changes)
    assert many.state(*changes) == ["applied", "stale", "applied"]


def test_a_job_whose_answer_was_lost_is_settled_by_its_results(many: Office) -> None:
    changes = three(many)
    many.org.faults.arm("lose_response", method="PUT", path="/jobs/ingest")
    changeset = many.started(*changes)
    with pytest.raises(ConnectionProblem):
        many.advance(changeset)
    for _ in range(3):
        many.advance(changeset)
    assert many.state(*changes) == ["applied"] * 3


def test_the_dry_run_names_the_record_and_nothing_else(pulled: Office) -> None:
    change = delete(pulled, "Account", BIRCH, "Name", "Phone")
    (shown,) = push.preview(ChangeSet(header={}, changes=(change,)), [change.id])
    assert (shown.action, BIRCH in shown.text, "Phone" in shown.text) == ("delete", True, False)
