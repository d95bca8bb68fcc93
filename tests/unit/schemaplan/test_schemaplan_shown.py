"""A schema plan as text: a block an item, no word broken, and each use once where all is asked for."""

from __future__ import annotations

import pytest

from tests.unit.schemaplan.plan_world import planned, text
from workbench.schemaplan import Item, SchemaPlan, block, package_files

FIELDS = tuple(
    f"f{n}: {{salesforce: Field_{n}__c, quickbooks: Notes, direction: to_salesforce}}" for n in range(9)
)


def made() -> SchemaPlan:
    """Five mappings with long names that want the same object."""
    names = [f"receivables-of-the-{each}-company" for each in ("first", "second", "third", "fourth", "fifth")]
    return planned(*(text(*FIELDS, name=name, salesforce="Receivable__c", label="Name") for name in names))


def object_() -> Item:
    return next(item for item in made().items if item.kind == "object")


@pytest.mark.parametrize("width", [80, 100])
def test_no_line_is_wider_and_no_word_is_broken(width: int) -> None:
    for item in made().items:
        words = block(item, "", "", width=1_000, everything=True).split()
        for everything in (False, True):
            shown = block(item, "held", "wanted as Date and as Currency", width=width, everything=everything)
            assert max(map(len, shown.splitlines())) <= width
            whole = block(item, "held", "wanted as Date and as Currency", width=1_000)
            assert set(shown.split()) <= {*words, *whole.split(), "..."}


def test_a_block_has_one_line_a_mapping() -> None:
    lines = block(object_(), "", "", width=100).splitlines()
    assert lines[0].endswith("  object Receivable__c")
    assert sum("receivables-of-the-" in line and ": object, 9 fields" in line for line in lines) == 5
    assert "  needed      yes" in lines
    assert len(lines) < 15


def test_everything_names_each_use_with_its_line() -> None:
    item = object_()
    shown = " ".join(block(item, "", "", width=80, everything=True).split())
    assert all(reason.where in shown for reason in item.reasons)
    assert all(reason.without in shown for reason in item.reasons)


def test_states_beyond_the_first_are_counted() -> None:
    item = object_()
    assert "(Out and 1 more)" in block(item, "", "", width=200)
    assert "(Out, In)" in block(item, "", "", width=200, everything=True)


#  state        detail         the last line
STATES = [
    ("",          "",            "  needed      yes"),
    ("held",      "too many",    "  held        too many"),
    ("approved",  "",            "  approved    yes"),
    ("",          "look here",   "  note        look here"),
]  # fmt: skip


@pytest.mark.parametrize(("state", "detail", "last"), STATES)
def test_how_far_it_is_stands_last(state: str, detail: str, last: str) -> None:
    assert block(object_(), state, detail, width=80).splitlines()[-1] == last


def test_no_row_of_the_readme_is_long() -> None:
    plan = made()
    readme = package_files(plan.items, plan=plan.id, profile="books", approver="maria")["README.md"]
    rows = [line for line in readme.splitlines() if line.startswith("|")]
    assert len(rows) == 2 + len(plan.items)
    assert max(map(len, rows)) <= 110
    assert "- without it: nothing of receivables-of-the-fifth-company can be read or written" in readme
