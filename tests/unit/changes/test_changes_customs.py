"""Custom fields of QuickBooks are taken out of the changes of their records."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from workbench.changes import Answer, Cell, Change, read_changeset
from workbench.changes.changeset import ChangeSet
from workbench.changes.customs import taken_apart
from workbench.model import Side

DESCRIBES = {"Customer": {"fields": [{"name": "Custom_Region", "type": "string", "length": 10}]}}


def change(*apis: str, action: str = "update", side: Side = Side.QUICKBOOKS, after: Any = "West") -> Change:
    record = "80000001-1" if action == "update" else None
    return Change(
        id="ch-1", mapping="m", side=side, object="Customer", action=action, record=record, label="Birch",
        version="7", source_id="001", depends_on=("ch-0",), links=action == "create",
        cells=tuple(Cell(field=api, api=api, before=None, after=after, why="") for api in apis),
    )  # fmt: skip


def apart(given: Change) -> list[Change]:
    return list(taken_apart([given], DESCRIBES))


#  why                         change                                        objects, the last one's parents
CASES: list[tuple[str, Change, list[str], tuple[str, ...]]] = [
    ("none",                   change("Phone"),                              ["Customer"], ("ch-0",)),
    ("beside its own",         change("Phone", "Custom_Region"),
     ["Customer", "Customer.Custom_Region"], ("ch-1",)),
    ("alone",                  change("Custom_Region"),
     ["Customer.Custom_Region"], ("ch-0",)),
    ("two of them",            change("Custom_Region", "Custom_Size"),
     ["Customer.Custom_Region", "Customer.Custom_Size"], ("ch-0",)),
    ("of a new record",        change("Custom_Region", action="create"),
     ["Customer", "Customer.Custom_Region"], ("ch-1",)),
    ("that another answer tells", change("Custom_Region", after=Answer("ch-5", "Id")),
     ["Customer.Custom_Region"], ("ch-0", "ch-5")),
    ("in Salesforce",          change("Custom_Region", side=Side.SALESFORCE), ["Customer"], ("ch-0",)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "objects", "parents"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_what_becomes_of_a_change(given: Change, objects: list[str], parents: tuple[str, ...]) -> None:
    made = apart(given)
    assert [each.object for each in made] == objects
    assert made[-1].depends_on == parents
    assert len({each.id for each in made}) == len(made)
    assert sum(len(each.cells) for each in made) == len(given.cells)


def test_a_custom_field_has_no_version_and_links_nothing() -> None:
    own, region = apart(change("Phone", "Custom_Region", action="create"))
    assert (own.version, own.links) == ("7", True)
    assert (region.version, region.links, region.action) == (None, False, "create")


#  why                        the value       what holds it
VALUES: list[tuple[str, Any, str]] = [
    ("as long as it may be",  "x" * 10,       ""),
    ("longer",                "x" * 11,       "10"),
    ("nothing",               None,           "does not empty a custom field"),
    ("an empty text",         "",             "does not empty a custom field"),
]  # fmt: skip


@pytest.mark.parametrize(("after", "hold"), [case[1:] for case in VALUES], ids=[case[0] for case in VALUES])
def test_values_that_it_cannot_hold(after: Any, hold: str) -> None:
    own, region = apart(change("Phone", "Custom_Region", after=after))
    assert own.hold == ""
    assert (hold in region.hold) if hold else region.hold == ""


def test_a_field_that_is_not_there_is_held_by_name() -> None:
    assert "no custom field 'Size'" in apart(change("Custom_Size"))[0].hold


def test_custom_fields_of_lines_hold_the_document() -> None:
    (made,) = apart(replace(change("Memo", action="create"), lines=({"Custom_Size": "1"},)))
    assert "custom fields of lines are only read here: Custom_Size" in made.hold


def test_it_can_be_written_down_and_read_again() -> None:
    changeset = ChangeSet(header={}, changes=tuple(apart(change("Phone", "Custom_Region"))))
    assert read_changeset(changeset.content).changes == changeset.changes
