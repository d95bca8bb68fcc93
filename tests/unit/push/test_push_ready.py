"""Which changes can go now, which never will, and the answers of others that they carry."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from workbench.changes import Answer, Change, ChangeSet, encode
from workbench.ledger import OutcomeRow
from workbench.push.ready import filled, orphans, ready


def sets(*links: tuple[str, str, str]) -> ChangeSet:
    """A change set from (id, side, needs)."""
    return ChangeSet(
        header={},
        changes=tuple(
            Change(
                id=name, mapping="m", side={"s": "salesforce", "q": "quickbooks"}[side], object="Account",
                action="create", record=None, label=f"record {name}", version=None, source_id=name, cells=(),
                depends_on=tuple(needs),
            )
            for name, side, needs in links
        ),
    )  # fmt: skip


def rows(text: str, **more: Any) -> dict[str, OutcomeRow]:
    """Outcomes from 'a applied, b waiting'; a `!` says that it was queued."""
    found = {}
    for part in filter(None, text.split(", ")):
        name, state = part.split(" ")
        settled = None if state.rstrip("!") in ("waiting", "unknown") else datetime.now(UTC)
        found[name] = OutcomeRow(
            changeset="cs", change=name, state=state.rstrip("!"), side="salesforce", mapping="m",
            request="r" if state.endswith("!") else None, settled_at=settled, **more,
        )  # fmt: skip
    return found


SET = sets(("a", "s", ""), ("b", "s", "a"), ("c", "s", "ab"), ("q", "q", ""), ("w", "s", "q"))


@pytest.mark.parametrize(
    ("states", "go"),
    [
        ("", ""),
        ("a waiting, b waiting, c waiting, q waiting, w waiting", "a"),
        ("a applied, b waiting, c waiting, q waiting, w waiting", "b"),
        ("a applied, b applied, c waiting, q waiting, w waiting", "c"),
        ("a unknown, b waiting", ""),
        ("a failed, b waiting", ""),
        ("b waiting", ""),
        ("a applied, b unknown, c waiting, q applied, w waiting", "w"),
        ("a waiting!, q waiting!, w waiting", ""),
        ("a applied, b applied, c applied, q applied, w applied", ""),
    ],
)
def test_a_change_goes_when_its_parents_are_applied(states: str, go: str) -> None:
    assert "".join(change.id for change in ready(SET, rows(states), "salesforce")) == go


@pytest.mark.parametrize(
    ("states", "lost"),
    [
        ("a waiting, b waiting", {}),
        ("a unknown, b waiting", {}),
        ("a applied, b waiting", {}),
        ("a failed, b waiting", {"b": "waits for 'record a', which is failed"}),
        ("a stale, b waiting", {"b": "waits for 'record a', which is stale"}),
        ("a skipped, b waiting", {"b": "waits for 'record a', which is skipped"}),
        ("b waiting", {"b": "waits for 'record a', which is not approved"}),
        ("a failed, b applied", {}),
        ("a failed, b skipped, c waiting", {"c": "waits for 'record a', which is failed"}),
        ("a applied, b failed, c waiting", {"c": "waits for 'record b', which is failed"}),
    ],
)
def test_a_change_whose_parent_will_never_be_applied(states: str, lost: dict[str, str]) -> None:
    assert {change.id: reason for change, reason in orphans(SET, rows(states))} == lost


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("as it is", "as it is"),
        (None, None),
        (Decimal("1.50"), Decimal("1.50")),
        (Answer("a", "ListID"), "8-1"),
        (Answer("a", "lines.0.TxnLineID"), "L-1"),
        (Answer("a", "lines.1.TxnLineID"), "L-2"),
        (Answer("a", "Balance"), Decimal("12.50")),
        (Answer("a", "TxnDate"), date(2026, 3, 30)),
        (Answer("a", "RefNumber"), None),
        (Answer("a", "lines.7.TxnLineID"), None),
    ],
)
def test_an_answer_is_filled_in_with_its_type(value: Any, found: Any) -> None:
    record = {
        "ListID": "8-1", "Balance": Decimal("12.50"), "TxnDate": date(2026, 3, 30),
        "lines": [{"TxnLineID": "L-1"}, {"TxnLineID": "L-2"}],
    }  # fmt: skip
    answered = filled(value, rows("a applied", read_back=encode(record)))
    assert (type(answered), answered) == (type(found), found)
