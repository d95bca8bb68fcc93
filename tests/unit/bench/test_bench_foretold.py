"""What is foretold of a change set, as an analyst sees it: tables, counts, the grid, the command line."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests.unit.bench.test_bench_changefiles import CELL, CHANGE, bench  # noqa: F401
from workbench.bench import Bench
from workbench.bench.changes import Changes
from workbench.changes import Change, ChangeSet
from workbench.cli.foretold import tell
from workbench.console import Output
from workbench.widgets.columns import choose

CASE = "e-mail case: Salesforce keeps e-mail addresses in small letters"
CUT = "truncation: the mapping keeps 5 of 12 characters"

FINE = replace(CHANGE, predicted="ok")
LOSING = replace(
    CHANGE, id="ch-2", record="001B", label="Birch", predicted="ok",
    cells=(replace(CELL, api="Mail", field="mail", after="Bo@X.example", stored="bo@x.example", loss=CASE),),
)  # fmt: skip
COMING = replace(
    CHANGE, id="ch-3", record="001C", label="Cedar", predicted="ok",
    cells=(CELL, replace(CELL, api="City__c", field="city", after="Sprin", stored="Sprin", loss=CUT)),
)  # fmt: skip
BESIDE = replace(CHANGE, id="ch-4", record="001D", label="Dogwood", predicted="ok", depends_on=("ch-3",))
REFUSED = replace(
    CHANGE, id="ch-5", record="001E", label="Elm", predicted="DUPLICATE_VALUE",
    hold="Salesforce would refuse it (DUPLICATE_VALUE): held by another",
)  # fmt: skip
SECRET = replace(CHANGE, id="ch-6", record="001F", label="Fir", object="Ghost__c")
FILLED = replace(
    CHANGE, id="ch-7", record=None, label="Gale", action="create", predicted="ok", filled={"Type": "Other"}
)  # fmt: skip

CITY = {
    "change": "ch-3", "mapping": "accounts", "side": "salesforce", "object": "Account", "record": "Cedar",
    "field": "city", "kind": "truncation", "cause": "the mapping keeps 5 of 12 characters",
}  # fmt: skip
TYPE = CITY | {"change": "ch-7", "record": "Gale", "field": "Type", "kind": "default", "cause": "filled"}


def planned(bench: Bench, *changes: Change, coming: tuple[dict[str, str], ...] = ()) -> Changes:  # noqa: F811
    header = {"profile": bench.workspace.profile.name, "to": "both", "convergence": list(coming)}
    return Changes(bench, ChangeSet(header=header, changes=changes))


@pytest.fixture
def changes(bench: Bench) -> Changes:  # noqa: F811
    made = (FINE, LOSING, COMING, BESIDE, REFUSED, SECRET, FILLED)
    return planned(bench, *made, coming=(CITY, TYPE))


def test_every_cell_says_what_will_be_held_and_what_is_lost(changes: Changes) -> None:
    columns = ["record", "field", "after", "stored", "loss", "predicted", "returns"]
    assert changes.table[columns].fillna("").values.tolist() == [
        ["Alder", "phone", "555-0101", "555-0101", "", "ok", ""],
        ["Birch", "mail", "Bo@X.example", "bo@x.example", CASE, "ok", ""],
        ["Cedar", "phone", "555-0101", "555-0101", "", "ok", ""],
        ["Cedar", "city", "Sprin", "Sprin", CUT, "ok", CITY["cause"]],
        ["Dogwood", "phone", "555-0101", "555-0101", "", "ok", ""],
        ["Elm", "phone", "555-0101", "555-0101", "", "DUPLICATE_VALUE", ""],
        ["Fir", "phone", "555-0101", "555-0101", "", "", ""],
        ["Gale", "phone", "555-0101", "555-0101", "", "ok", ""],
        ["Gale", "Type", "", "Other", "", "ok", "filled"],
    ]


def test_it_is_counted(changes: Changes) -> None:
    assert changes.predicted == {"ok": 5, "DUPLICATE_VALUE": 1, "unknown": 1}
    assert changes.losses == {"e-mail case": 1, "truncation": 1}


def test_what_would_come_back_is_a_table(changes: Changes) -> None:
    assert not changes.convergence.ok
    assert changes.convergence.table[["record", "field", "kind"]].values.tolist() == [
        ["Cedar", "city", "truncation"],
        ["Gale", "Type", "default"],
    ]


def test_updates_that_would_come_back_wait_for_a_person(changes: Changes) -> None:
    """And what depends on them; a record is created once, whatever comes back of it."""
    assert [change.label for change in changes.returning] == ["Cedar", "Dogwood"]


#  why, the changes, what comes back, the columns a grid has beside the usual ones
GRIDS: list[tuple[str, tuple[Change, ...], tuple[dict[str, str], ...], set[str]]] = [
    ("nothing to tell", (SECRET,), (), set()),
    ("an answer", (FINE,), (), {"predicted"}),
    ("a loss", (LOSING,), (), {"predicted", "loss"}),
    ("a loss that comes back", (COMING,), (CITY,), {"predicted", "loss", "returns"}),
]


@pytest.mark.parametrize(("why", "made", "coming", "shown"), GRIDS, ids=[case[0] for case in GRIDS])
def test_the_grid_shows_a_column_where_it_says_something(
    bench: Bench,  # noqa: F811
    why: str, made: tuple[Change, ...], coming: tuple[dict[str, str], ...], shown: set[str],
) -> None:  # fmt: skip
    columns = {each.name: each for each in choose(planned(bench, *made, coming=coming).table, None, ())}
    assert columns.keys() & {"predicted", "loss", "returns"} == shown, why
    assert columns["stored"].versus == "after", "what is held otherwise is marked"


#  the changes, what comes back, what the command says
SAID: list[tuple[tuple[Change, ...], tuple[dict[str, str], ...], list[str]]] = [
    ((FINE,), (), ["expected answers: 1 ok", "after the push a new plan would be empty"]),
    ((REFUSED, SECRET), (), ["1 refused (DUPLICATE_VALUE), 1 not known", "Salesforce would refuse it"]),
    ((LOSING,), (), ["values that a system holds otherwise: 1 e-mail case", "bo@x.example"]),
    ((COMING,), (CITY,), ["after the push 1 values would be written again: 1 truncation", "keeps 5 of 12"]),
]


@pytest.mark.parametrize(("made", "coming", "said"), SAID)
def test_the_command_line_says_it(
    bench: Bench, made: tuple[Change, ...], coming: tuple[dict[str, str], ...], said: list[str]  # noqa: F811
) -> None:  # fmt: skip
    written = io.StringIO()
    tell(planned(bench, *made, coming=coming), Output(out=Console(file=written, width=200)))
    assert [each for each in said if each not in written.getvalue()] == [], written.getvalue()


def test_what_is_foretold_is_in_the_file_and_comes_back(bench: Bench, tmp_path: Path) -> None:  # noqa: F811
    made = planned(bench, LOSING, REFUSED, FILLED, coming=(TYPE,))
    found: Any = bench.changes(made.save(tmp_path / "plan.jsonl")).changeset
    assert found.changes == made.changeset.changes
    assert found.header["convergence"] == [TYPE]
