"""Every state of the template runs: alone in its mapping, it writes what its story tells, and nothing else.

One office for all of them.  In each round at most one state of each mapping is on; of products and items, one
in each direction, for other types of items.  Mappings meet nowhere but in references, and each story has
records of its own, so what is written is told apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.contract.states.states_office import Office, Written, running_office
from tests.contract.states.states_records import DOCUMENTS
from tests.contract.states.states_stories import Story, line_pairs, stories
from workbench.changes import ChangeSet
from workbench.ledger import OutcomeRow
from workbench.templates import DEFAULT, template

pytestmark = pytest.mark.long

STORIES = stories()
ROUNDS: list[list[str]] = [
    ["AccountToCustomer", "ContactToCustomer", "ProductToItemService",
     *(f"OpportunityTo{each}" for each in DOCUMENTS)],
    ["CustomerToAccount", "CustomerToContact", "ItemServiceToProduct", "ProductToItemInventory",
     *(f"{each}ToOpportunity" for each in DOCUMENTS)],
    ["ItemInventoryToProduct", "ProductToItemNonInventory", *(f"{each}LineUpdate" for each in DOCUMENTS)],
    ["ItemNonInventoryToProduct", "ProductToItemOtherCharge",
     *(each for each in STORIES if each.endswith("ToReceivables"))],
    ["ItemOtherChargeToProduct", "ProductToItemDiscount"],
    ["ItemDiscountToProduct"],
]  # fmt: skip


@dataclass
class Round:
    """What one round has planned and written."""

    states: list[str]
    planned: ChangeSet
    outcomes: list[OutcomeRow]
    written: Written


@dataclass
class Told:
    """The office after all rounds.

    Attributes:
        left: What would still be written with every state on.
    """

    office: Office
    rounds: list[Round]
    left: list[str]

    def of(self, state: str) -> Round:
        (found,) = [each for each in self.rounds if state in each.states]
        return found


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    with running_office(tmp_path_factory.mktemp("states"), DEFAULT) as office:
        rounds = [_run(office, states) for states in ROUNDS]
        office.only(office.template.states)
        changes = office.bench.plan(office.diff())
        yield Told(office, rounds, [f"{each.action} {each.object} {each.label}" for each in changes.writable])


def _run(office: Office, states: list[str]) -> Round:
    office.only(states)
    before = office.look()
    planned, outcomes = office.push(office.diff())
    return Round(states, planned, outcomes, office.written(before))


def test_every_state_of_the_template_has_its_story_and_its_round() -> None:
    assert set(STORIES) == set(template(DEFAULT).states)
    assert sorted(each for states in ROUNDS for each in states) == sorted(STORIES)


def test_a_round_has_one_state_of_a_mapping_at_most() -> None:
    mappings = {name: state.mapping for name, state in template(DEFAULT).states.items()}
    for states in ROUNDS:
        alone = [mappings[each] for each in states if mappings[each] != "product-item"]
        assert len(set(alone)) == len(alone), states
        for word in ("ProductToItem", "ToProduct"):
            assert len([each for each in states if word in each]) <= 1, states


@pytest.mark.parametrize("state", STORIES)
def test_the_state_makes_the_records_of_its_story(told: Told, state: str) -> None:
    made = told.of(state).written.made
    for name, wanted in STORIES[state].made.items():
        for row in wanted:
            assert [_part(row, each) for each in made.get(name, []) if _same(row, each)] == [row], name


@pytest.mark.parametrize("state", [name for name, story in STORIES.items() if story.changed])
def test_the_state_changes_linked_records_as_its_story_tells(told: Told, state: str) -> None:
    changed = told.of(state).written.changed
    for name, wanted in STORIES[state].changed.items():
        assert {label: changed.get(name, {}).get(label) for label in wanted} == wanted, name


@pytest.mark.parametrize("number", range(len(ROUNDS)), ids=[states[0] for states in ROUNDS])
def test_nothing_else_was_written(told: Told, number: int) -> None:
    found = told.rounds[number]
    parts = [STORIES[each] for each in found.states]
    assert {name: len(rows) for name, rows in found.written.made.items()} == _counted(parts)
    assert {name: set(rows) for name, rows in found.written.changed.items()} == _named(parts)
    assert found.written.gone == {}


@pytest.mark.parametrize("number", range(len(ROUNDS)), ids=[states[0] for states in ROUNDS])
def test_every_change_that_was_planned_was_applied_and_read_back(told: Told, number: int) -> None:
    found = told.rounds[number]
    assert {row.detail for row in found.outcomes if row.state != "applied"} == set()
    assert len(found.outcomes) == len(found.planned.changes) > 0
    assert not [each.label for each in found.planned.changes if each.hold]


@pytest.mark.parametrize("entity", DOCUMENTS)
def test_the_lines_of_every_document_are_linked_one_to_one(told: Told, entity: str) -> None:
    mapping = told.office.template.states[f"OpportunityTo{entity}"].mapping
    assert told.office.crosswalk(f"{mapping}.lines") == set(line_pairs(entity))


def test_in_the_end_nothing_is_left_to_write(told: Told) -> None:
    assert told.left == []


# --- how stories are read -----------------------------------------------------------------------------------


def _same(wanted: dict[str, Any], row: dict[str, Any]) -> bool:
    return _part(wanted, row) == wanted


def _part(wanted: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    """The fields of a record that its story tells of."""
    found = {name: row.get(name) for name in wanted}
    if "lines" in wanted:
        lines = zip(wanted["lines"], row["lines"], strict=False)
        found["lines"] = [_part(line, other) for line, other in lines]
        found["lines"] += row["lines"][len(wanted["lines"]) :]
    return found


def _counted(parts: list[Story]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for story in parts:
        for name, rows in story.made.items():
            counts[name] = counts.get(name, 0) + len(rows)
    return counts


def _named(parts: list[Story]) -> dict[str, set[str]]:
    names: dict[str, set[str]] = {}
    for story in parts:
        for name, rows in story.changed.items():
            names.setdefault(name, set()).update(rows)
    return names
