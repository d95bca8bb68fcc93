"""What is decided by a click in the grid of differences: the next diff and its plan follow it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.contract.states.states_office import Office, running_office
from tests.contract.undo.undo_office import compared, would_write
from workbench.bench.diff import Diff
from workbench.templates import DEFAULT
from workbench.widgets import DecisionGrid

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with running_office(tmp_path_factory.mktemp("clicks"), DEFAULT) as office:
        yield office


def plain(diff: Diff) -> tuple[str, str]:
    """A text field of a linked record that takes a side."""
    table = diff.table
    sided = table["resolution"].isin(["take_salesforce", "take_quickbooks"])
    found = table[(table["kind"] == "field") & sided & table["type"].isin(["text", "phone", "name"])]
    row = found.iloc[0]
    return str(row["label"]), str(row["field"])


def click(grid: DecisionGrid, label: str, field: str, decision: str, value: str | None = None) -> None:
    names = grid.frame[["label", "field"]].apply(tuple, axis=1)
    positions = [place for place, name in enumerate(names) if name == (label, field)]
    assert grid.decide(positions, decision, "seen in the grid", value) == len(positions) == 1


def row_of(diff: Diff, label: str, field: str) -> Any:
    table = diff.table
    return table[(table["label"] == label) & (table["field"] == field)].iloc[0]


def test_a_click_changes_the_side_and_nothing_else(office: Office, tmp_path: Path) -> None:
    diff = compared(office)
    before = office.bench.plan(diff)
    label, field = plain(diff)
    was = row_of(diff, label, field)["resolution"]
    other = "take_quickbooks" if was == "take_salesforce" else "take_salesforce"
    click(diff.review(), label, field, other)
    again = office.bench.diff()
    row = row_of(again, label, field)
    assert (row["resolution"], row["resolved_by"]) == (other, "decision")
    assert row["reason"].endswith("seen in the grid")
    after = office.bench.plan(again)
    kept, made = would_write(before.changeset), would_write(after.changeset)
    differing = {key for key in kept.keys() | made.keys() if kept.get(key) != made.get(key)}
    assert 0 < len(differing) <= 2  # the record is written on the other side now


def test_a_value_of_ones_own_goes_to_both_sides(office: Office) -> None:
    diff = office.bench.diff()
    label, field = plain(diff)
    click(diff.review(), label, field, "set", "503-555-0166")
    row = row_of(office.bench.diff(), label, field)
    assert (row["resolution"], row["set_value"], set(row["set_to"])) == (
        "set", "503-555-0166", {"salesforce", "quickbooks"},
    )  # fmt: skip


def test_the_past_is_only_looked_at(office: Office) -> None:
    from workbench.store.engine import now

    assert not isinstance(office.bench.diff(as_of=now()).review(), DecisionGrid)
