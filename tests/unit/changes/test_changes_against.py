"""What a change set has that another has not; which changes keep the marks of a reviewer."""
# ruff: noqa: E501 -- cases stand as tables, one a line

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from workbench.changes import Cell, Change, ChangeSet, against, unchanged

PHONE = Cell(field="phone", api="Phone", before="1", after="2", why="winner quickbooks")
UPDATE = Change(
    id="ch-1", mapping="accounts", side="salesforce", object="Account", action="update", record="001A",
    label="Alder", version="v1", source_id="80-1", cells=(PHONE,),
)  # fmt: skip
INVOICE = replace(
    UPDATE, id="ch-2", action="create", record=None, version=None, side="quickbooks", object="Invoice",
    cells=(), lines=({"Quantity": Decimal(2)}, {"Quantity": Decimal(3)}),
)  # fmt: skip


def told(older: list[Change], newer: list[Change]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(turn.what, turn.change.id, dict(turn.values)) for turn in against(older, newer)]


TO_3 = replace(PHONE, after="3")
EMPTIED = replace(PHONE, after=None)
MOVED = replace(UPDATE, cells=(replace(PHONE, before="9"),), version="v2")
FAX = replace(PHONE, api="Fax")
LONGER = replace(INVOICE, lines=({"Quantity": Decimal(2)}, {"Quantity": Decimal(4)}))

#  why                     older    newer                                                  told
CASES = [
    ("the same",           UPDATE,  UPDATE,                              []),
    ("it comes",           None,    UPDATE,                              [("added", "ch-1", {"Phone": (None, "2")})]),
    ("it goes",            UPDATE,  None,                                [("removed", "ch-1", {"Phone": ("2", None)})]),
    ("another value",      UPDATE,  replace(UPDATE, cells=(TO_3,)),      [("changed", "ch-1", {"Phone": ("2", "3")})]),
    ("a value is emptied", UPDATE,  replace(UPDATE, cells=(EMPTIED,)),   [("changed", "ch-1", {"Phone": ("2", None)})]),
    ("a field more",       UPDATE,  replace(UPDATE, cells=(PHONE, FAX)), [("changed", "ch-1", {"Fax": (None, "2")})]),
    ("the record moved",   UPDATE,  MOVED,
     [("changed", "ch-1", {"Phone (before)": ("1", "9"), "(version)": ("v1", "v2")})]),
    ("it is held now",     UPDATE,  replace(UPDATE, hold="too long"),
     [("changed", "ch-1", {"(held)": ("no", "too long")})]),
    ("a line",             INVOICE, LONGER,
     [("changed", "ch-2", {"line 2, Quantity": (Decimal(3), Decimal(4))})]),
    ("only the reason",    UPDATE,  replace(UPDATE, cells=(replace(PHONE, why="decided"),)), []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("older", "newer", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_what_two_change_sets_do_not_have_in_common(
    older: Change | None, newer: Change | None, expected: list[Any]
) -> None:
    assert told([older] if older else [], [newer] if newer else []) == expected


@pytest.mark.parametrize(("older", "newer"), [case[1:3] for case in CASES], ids=[c[0] for c in CASES])
def test_a_mark_is_kept_only_where_all_that_was_looked_at_is_the_same(
    older: Change | None, newer: Change | None
) -> None:
    sets = [ChangeSet(header={}, changes=(each,) if each else ()) for each in (older, newer)]
    assert unchanged(*sets) == ({"ch-1"} if older == newer == UPDATE else frozenset())
