"""Reasons for which a change cannot be written: names that are taken, parents that are held."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.changes import Answer, Cell, Change, name_rule
from workbench.changes.holds import hold_dependents

NAMES = {
    "Customer": [("8-1", "Alder Supply"), ("8-2", "Zed & Sons")],
    "Vendor": [("V-1", "Rope Maker")],
    "Employee": [("E-1", "Eva Muster")],
    "OtherName": [("O-1", "Petty Cash")],
    "Item": [("7-1", "Guiding")],
}


def change(action: str = "create", record: str | None = None, **values: Any) -> Change:
    more: dict[str, Any] = {name: values.pop(name) for name in ("object", "context") if name in values}
    return Change(
        id="ch-1",
        mapping="accounts",
        side="quickbooks",
        object=more.get("object", "Customer"),
        action=action,
        record=record,
        label="x",
        version=None,
        source_id=None,
        cells=tuple(Cell(field="", api=k, before=None, after=v, why="") for k, v in values.items()),
        context=more.get("context", {}),
    )


#  why, the change, whose name it is ('': free)
CASES = [
    ("a new name", change(Name="Birch"), ""),
    ("a customer has it", change(Name="Alder Supply"), "customer"),
    ("upper and lower case alike", change(Name="ALDER supply"), "customer"),
    ("a vendor has it", change(Name="Rope Maker"), "vendor"),
    ("an employee has it", change(Name="Eva Muster"), "employee"),
    ("another name has it", change(Name="Petty Cash"), "othername"),
    ("an item is another list", change(Name="Guiding"), ""),
    ("only a part of it", change(Name="Alder"), ""),
    ("the record itself", change("update", "8-1", Name="Alder SUPPLY"), ""),
    ("a renaming onto another", change("update", "8-2", Name="Alder Supply"), "customer"),
    ("an update of something else", change("update", "8-2", Phone="1"), ""),
    ("the name is emptied", change("update", "8-2", Name=None), ""),
    ("a job below a customer", change(Name="Alder Supply", ParentRef_ListID="8-2"), ""),
    ("a job below a new customer", change(Name="Alder Supply", ParentRef_ListID=Answer("c", "ListID")), ""),
    ("a job is renamed", change("update", "8-9", Name="Alder Supply", context={"Sublevel": 1}), ""),
    ("a customer is renamed", change("update", "8-9", Name="Rope Maker", context={"Sublevel": 0}), "vendor"),
    ("an item of that name", change(Name="Rope Maker", object="Item"), ""),
]


@pytest.mark.parametrize(("wanted", "kind"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_name_is_unique_across_the_name_lists(wanted: Change, kind: str) -> None:
    said = name_rule(NAMES)(wanted)
    assert bool(said) == bool(kind), said
    if kind:
        assert "3100" in said
        assert kind in said


def test_without_names_nothing_is_taken() -> None:
    assert name_rule({})(change(Name="Alder")) == ""


def held(*links: tuple[str, str, str]) -> list[str]:
    """Plan (id, needs, hold) and answer the holds."""
    changes = [
        Change(
            id=name, mapping="m", side="salesforce", object="Account", action="create", record=None,
            label=f"record {name}", version=None, source_id=name, cells=(), depends_on=tuple(needs),
            hold=hold,
        )
        for name, needs, hold in links
    ]  # fmt: skip
    return [each.hold for each in hold_dependents(changes)]


@pytest.mark.parametrize(
    ("links", "holds"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([("a", "", ""), ("b", "a", "")], ["", ""], id="all free"),
        pytest.param(
            [("a", "", "too long"), ("b", "a", "")],
            ["too long", "waits for record a, which cannot be written"],
            id="one step",
        ),
        pytest.param(
            [("a", "", "x"), ("b", "a", ""), ("c", "b", "")],
            [
                "x",
                "waits for record a, which cannot be written",
                "waits for record b, which cannot be written",
            ],
            id="two steps",
        ),
        pytest.param([("a", "", "x"), ("b", "a", "y")], ["x", "y"], id="its own reason stands"),
        pytest.param(
            [("a", "", ""), ("b", "", "x"), ("c", "a", "")], ["", "x", ""], id="a neighbour goes on"
        ),
        pytest.param(
            [("a", "", ""), ("b", "", "x"), ("c", "ab", "")],
            ["", "x", "waits for record b, which cannot be written"],
            id="one of two parents",
        ),
    ],
)
def test_what_depends_on_a_held_change_is_held(links: list[tuple[str, str, str]], holds: list[str]) -> None:
    assert held(*links) == holds
