"""What of a record is another than it was when a push made it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from workbench.changes.changeset import Change
from workbench.model import Side

Same = Callable[[Any, Any], bool]
Row = Mapping[str, Any]
Moved = dict[str, tuple[Any, Any]]
"""(as it was made, as it is now) by API field."""

LINE_KEY = "TxnLineID"


def edits(
    change: Change, read_back: Row, row: Row, lines: Sequence[Row], described: Mapping[str, Any], same: Same
) -> Moved:
    """What was edited in a created record: of what was written, and of all that QuickBooks had answered.

    What Salesforce held in fields that were not written is not known from then.

    Args:
        row: The record as it is now.
        lines: The lines of a QuickBooks document as they are now.
    """
    names = [cell.api for cell in change.cells]
    if change.side == Side.QUICKBOOKS:
        names += [each["name"] for each in described.get("fields", ()) if _set_by_hand(each)]
    moved = {
        api: (read_back.get(api), row[api])
        for api in dict.fromkeys(names)
        if api in row and not same(read_back.get(api), row[api])
    }
    return moved | _lines(change, read_back.get("lines") or (), lines, same) if change.lines else moved


def told(moved: Mapping[str, tuple[Any, Any]]) -> str:
    """In words, e.g. `Phone: pushed 555-0101, now 555-0199`."""
    return "; ".join(f"{api}: pushed {_shown(was)}, now {_shown(now)}" for api, (was, now) in moved.items())


def _set_by_hand(field: Mapping[str, Any]) -> bool:
    """A name of what is referred to changes without the record."""
    return (
        bool(field.get("updateable")) and not field.get("custom") and not field["name"].endswith("_FullName")
    )


def _lines(change: Change, made: Sequence[Row], now: Sequence[Row], same: Same) -> Moved:
    there = {str(line.get(LINE_KEY)): line for line in now}
    kept = {str(line.get(LINE_KEY)) for line in made}
    if kept != set(there):
        return {
            "lines": (f"{len(made)} lines", f"{len(now)} lines, of which {len(set(there) - kept)} others")
        }
    moved: Moved = {}
    for number, line in enumerate(made):
        held = there[str(line.get(LINE_KEY))]
        sent = change.lines[number] if number < len(change.lines) else {}
        for api in (api for api in sent if api in held and not same(line.get(api), held[api])):
            moved[f"line {number + 1} {api}"] = (line.get(api), held[api])
    return moved


def _shown(value: Any) -> str:
    return "(empty)" if value is None or value == "" else str(value)
