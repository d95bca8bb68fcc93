"""Changes of both sides that carry one value which a person has set: both are written, or neither.

Left on one side only the value would come back as an edit of that side.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from workbench.changes.changeset import Change
from workbench.changes.holds import with_hold
from workbench.changes.sheet import Difference, Sheet
from workbench.model import Kind, Resolution, Side

Place = tuple[str, str, str, str]
"""Mapping, side that is written, record on the other side, field."""


def joined(changes: Iterable[Change], sheet: Sheet) -> list[Change]:
    """The changes; two with one value set for both sides name each other, one that is left alone is held."""
    rows = [row for mapping in sheet.by_name.values() for row in sheet.of(mapping, Kind.FIELD)]
    both = [
        row for row in rows if row["resolution"] == Resolution.SET and len(row["set_to"] or ()) == len(Side)
    ]
    made = list(changes)
    if not both:
        return made
    places = {place: each.id for each in made for place in _places(each)}
    partners: dict[str, str] = {}
    left_out: dict[str, Side] = {}
    for row in both:
        for side in Side:
            mine, other = (places.get(_place(row, target)) for target in (side, side.other))
            if mine is not None and other is not None:
                partners[mine] = other
            elif mine is not None:
                left_out[mine] = side.other
    return [_with_partner(each, partners, left_out) for each in made]


def _with_partner(change: Change, partners: dict[str, str], left_out: dict[str, Side]) -> Change:
    side = left_out.get(change.id)
    if side is not None:
        why = f"the value that was set goes to both sides, and this plan does not write it to {side.label}"
        return with_hold(change, [change.hold, why])
    return replace(change, together=partners[change.id]) if change.id in partners else change


def _places(change: Change) -> Iterable[Place]:
    fields = {cell.field for cell in change.cells if cell.field}
    return [(change.mapping, str(change.side), str(change.source_id), name) for name in fields]


def _place(row: Difference, side: Side) -> Place:
    return row["mapping"], str(side), str(row[f"{side.other}_id"]), row["field"]
