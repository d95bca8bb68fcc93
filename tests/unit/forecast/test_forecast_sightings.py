"""What earlier writes have shown of a field: nothing, what becomes of a value, or that nobody can know."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.changes import Cell, Change
from workbench.forecast import sightings
from workbench.ledger import OutcomeRow

Told = tuple[Any, str] | None


def pushed(
    sent: Any, held: Any, *, api: str = "Phone", side: str = "salesforce"
) -> tuple[Change, OutcomeRow]:
    change = Change(
        id="ch-1", mapping="accounts", side=side, object="Account", action="update", record="001A",
        label="Alder", version=None, source_id=None,
        cells=(Cell(field="", api=api, before=None, after=sent, why=""),),
    )  # fmt: skip
    row = OutcomeRow(
        changeset="cs-1", change="ch-1", state="applied", side=side, mapping="accounts", read_back={api: held}
    )
    return change, row


CHANGED = ("555", "+1 555")
DOUBT = "doubt: Salesforce made '+1 555' of '555' before, and may change this too"

#  why, what was pushed, the value that is asked about, what is told: the value held and the words
CASES: list[tuple[str, list[tuple[Any, Any]], Any, Told]] = [
    ("nothing was pushed", [], "555", None),
    ("all was held as it was sent", [("555", "555"), ("444", "444")], "555", None),
    ("the same value", [CHANGED], "555", ("+1 555", "trigger: Salesforce made '+1 555' of it before")),
    ("another value", [CHANGED], "444", (None, DOUBT)),
    ("another value that was kept once", [CHANGED, ("444", "444")], "444", None),
    ("the trigger is gone again", [CHANGED, ("555", "555")], "555", None),
    ("the trigger is new", [("555", "555"), CHANGED], "555",
     ("+1 555", "trigger: Salesforce made '+1 555' of it before")),
    ("a trigger that empties", [("555", None)], "555",
     (None, "trigger: Salesforce made nothing of it before")),
    ("nothing is the same as an empty text", [("", None)], "555", None),
]  # fmt: skip


@pytest.mark.parametrize(("why", "pairs", "value", "told"), CASES, ids=[case[0] for case in CASES])
def test_what_was_seen(why: str, pairs: list[tuple[Any, Any]], value: Any, told: Told) -> None:
    found = sightings(pushed(*pair) for pair in pairs).of("Account", "Phone", value)
    shown = found and (found[0].value if found[0] else None, found[1])
    assert shown == told, why


def test_another_field_is_not_in_doubt() -> None:
    found = sightings([pushed(*CHANGED)])
    assert found.of("Account", "Fax", "555") is None
    assert found.of("Contact", "Phone", "555") is None


def test_what_quickbooks_holds_is_told_by_its_copy() -> None:
    assert sightings([pushed(*CHANGED, side="quickbooks")]).pairs == {}
