"""A value that a person sets goes to both sides, or to neither."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.states.states_office import Office, running_office
from tests.contract.undo.undo_office import compared, pushed
from workbench.bench.changes import Changes
from workbench.changes import Change
from workbench.templates import DEFAULT

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with running_office(tmp_path_factory.mktemp("both"), DEFAULT) as office:
        office.diff()
        yield office


def phone(office: Office) -> dict[str, Any]:
    """A telephone number that differs."""
    table = office.bench.diff().table
    row = table[(table["kind"] == "field") & (table["type"] == "phone")].iloc[0]
    ids = {row["salesforce_id"], row["quickbooks_id"]}
    return {"pair": row["pair"], "field": row["field"], "ids": ids}


def planned(office: Office, value: str, to: str = "both") -> tuple[Changes, dict[str, Change]]:
    """A plan with the number set, and its changes of that record by side."""
    row = phone(office)
    where = {"pair": row["pair"], "field": row["field"]}
    office.bench.diff().decide(where, decision="set", value=value, reason="told on the phone", by="maria")
    changes = office.bench.plan(office.bench.diff(), to)
    mine = [each for each in changes.changeset.changes if {each.record, each.source_id} == row["ids"]]
    return changes, {str(each.side): each for each in mine}


def test_what_one_side_cannot_hold_is_written_to_neither(office: Office) -> None:
    _, found = planned(office, "☎ 555")
    assert "QuickBooks would store as '?'" in found["quickbooks"].hold
    assert found["salesforce"].hold == (
        "the value that was set goes to both sides, and cannot be written to QuickBooks: "
        + found["quickbooks"].hold
    )


@pytest.mark.parametrize(("to", "other"), [("salesforce", "QuickBooks"), ("quickbooks", "Salesforce")])
def test_a_plan_for_one_side_leaves_it_out(office: Office, to: str, other: str) -> None:
    _, found = planned(office, "503-555-0133", to)
    assert {side: each.hold for side, each in found.items()} == {
        to: f"the value that was set goes to both sides, and this plan does not write it to {other}"
    }


def test_both_are_signed_and_written_together_and_both_sides_agree(office: Office) -> None:
    changes, found = planned(office, "503-555-0144")
    ids = {each.id for each in found.values()}
    assert {each.together for each in found.values()} == ids
    approval = changes.approve({"change": found["salesforce"].id}, by="maria")
    assert set(approval.changes) == ids
    row = phone(office)
    rows = {each.change: each.state for each in pushed(office, changes)}
    assert rows == dict.fromkeys(ids, "applied")
    left = compared(office).table
    assert left[(left["pair"] == row["pair"]) & (left["field"] == row["field"])].empty
