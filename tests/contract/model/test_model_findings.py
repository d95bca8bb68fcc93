"""What the model-based test has found, each as the shortest story that shows it."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.faults.model_world import World

pytestmark = pytest.mark.long


def alone(world: World, label: str) -> pd.DataFrame:
    """The differences of records of a name that stand on one side only."""
    assert world.diff_now is not None
    table = world.diff_now.table
    return table[(table["kind"] != "field") & (table["label"] == label)]


def creates(world: World) -> set[str]:
    world.plan()
    changes = world.bench.changes(world.planned[-1]).changeset.changes
    return {each.label for each in changes if each.action == "create" and not each.hold}


def test_a_record_that_may_be_one_of_several_is_created_nowhere(world: World) -> None:
    org, company = world.systems.org, world.systems.company
    for phone in ("555-0101", "555-0102"):
        org.create("Account", {"Name": "Cedar", "Phone": phone})
    company.add("Customer", Name="Cedar")
    world.seen = world.systems.look()
    for act in (world.pull, world.match, world.diff):
        act()
    assert set(alone(world, "Cedar")["resolution"]) == {"undecided"}
    assert all("a match waits for review" in reason for reason in alone(world, "Cedar")["reason"])
    assert "Cedar" not in creates(world)


def test_a_record_that_matching_has_not_seen_yet_is_created_nowhere(world: World) -> None:
    world.systems.org.create("Account", {"Name": "Dogwood"})
    world.systems.company.add("Customer", Name="Dogwood")
    world.seen = world.systems.look()
    for act in (world.pull, world.diff):
        act()
    assert "Dogwood" not in creates(world)
    for act in (world.match, world.diff):
        act()
    assert alone(world, "Dogwood").empty, "they are the same"


def test_what_two_change_sets_create_is_created_once(world: World) -> None:
    """An invoice has no name that QuickBooks would refuse the second time."""
    world.plan()
    world.plan(to=2)
    both, one = world.planned
    world.approve(0)
    world.approve(1)
    world.push(0)
    world._finish_pushes()
    invoices = len(world.seen["Invoice"])
    world.push(1)
    world._finish_pushes()
    assert len(world.seen["Invoice"]) == invoices
    told = {row.change: row for row in world.bench.result(both).rows}
    for change in world.reference.sets[one].changes:
        assert told[change.id].state == "skipped"
        assert f"{one} has created it since this was planned" in told[change.id].detail
