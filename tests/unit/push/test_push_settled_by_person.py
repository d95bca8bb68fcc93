"""A change whose answer was lost for good: a person looks it up in QuickBooks and says what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from qbwc import store as queue_store
from tests.unit.push.push_office import Office, open_office
from workbench import ledger
from workbench.bench import Bench
from workbench.changes import Answer, Change, ChangeSet
from workbench.errors import UsageProblem


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = open_office(tmp_path)
    yield made
    made.workspace.close()


def lost(office: Office, *changes: Change) -> ChangeSet:
    """A push whose first change went out, and of whose answer nothing is known."""
    made = office.queued(*changes)
    row = office.outcome(changes[0])
    with queue_store.writing(office.workspace.store.engine) as connection:
        table = queue_store.requests
        values = {"state": "unknown", "error": "the answer was lost"}
        connection.execute(update(table).where(table.c.id == row.request).values(**values))
    office.advance(made)
    assert office.state(changes[0]) == "unknown"
    return made


def say(
    office: Office, made: ChangeSet, change: str, outcome: str, reason: str = "looked at the screen"
) -> None:
    Bench(office.workspace).settle(made.id, change, outcome, reason=reason, by="maria")


@pytest.mark.parametrize(("outcome", "child"), [("failed", "skipped"), ("applied", "waiting")])
def test_what_a_person_says_settles_it_and_what_waits_for_it(
    office: Office, outcome: str, child: str
) -> None:
    parent = office.create("Customer", "SF 1", Name="Alder")
    job = office.create("Customer", "SF 2", Name="Roof", ParentRef_ListID=Answer(parent.id, "ListID"))
    made = lost(office, parent, job)
    say(office, made, parent.id, outcome)
    row = office.outcome(parent)
    assert (row.state, row.detail) == (outcome, "maria says: looked at the screen")
    assert row.read_back is None, "nothing was read back"
    office.advance(made)
    assert office.state(parent) == outcome
    assert office.state(job) == child
    (told,) = [each for each in ledger.events(office.workspace.store) if each["event"] == "settle"]
    assert (told["who"], told["detail"]["outcome"]) == ("maria", outcome)


#  why                           change       outcome     reason      told
REFUSED = [
    ("no such change",           "ch-nobody", "applied",  "looked",   "has no pushed change"),
    ("no such outcome",          "",          "skipped",  "looked",   "no outcome that a person can say"),
    ("no reason",                "",          "applied",  " ",        "a reason is needed"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "outcome", "reason", "told"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_what_cannot_be_said(office: Office, change: str, outcome: str, reason: str, told: str) -> None:
    alder = office.create("Customer", "SF 1", Name="Alder")
    made = lost(office, alder)
    with pytest.raises(UsageProblem, match=told):
        say(office, made, change or alder.id, outcome, reason)
    assert office.state(alder) == "unknown"


def test_what_is_known_is_not_settled_again(office: Office) -> None:
    alder = office.create("Customer", "SF 1", Name="Alder")
    made = office.pushed(alder)
    with pytest.raises(UsageProblem, match="the change is applied"):
        say(office, made, alder.id, "failed")
    assert office.state(alder) == "applied"
