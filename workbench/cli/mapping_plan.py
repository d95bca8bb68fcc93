"""What would change in the plan if one mapping took the place of another; nothing is kept or written."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import duckdb

from workbench import diff as differ
from workbench import matching
from workbench.changes import Change, ChangeSet, Inputs, against, plan
from workbench.connections import quickbooks
from workbench.crosswalk import pair_id
from workbench.errors import UsageProblem
from workbench.mapping import in_order, in_use
from workbench.model import Mapping, Side
from workbench.reconciliation import open_reconciliation
from workbench.workspace import Workspace, workspace

Row = dict[str, Any]
NAMED = ("mapping", "side", "object", "action", "label", "record")


def compared(profile: Path, old: Mapping, new: Mapping, to: str, say: Callable[[str], None]) -> list[Row]:
    """The changes that come, go or become others, in the order of the plans.

    The new mapping takes the old one's name, since the crosswalk and the base know it by that.

    Raises:
        UsageProblem: The two are about other objects, so the links of one say nothing of the other.
    """
    for side in Side:
        one, other = old.side(side).object, new.side(side).object
        if one != other:
            raise UsageProblem(
                f"{old.name} is about {side.label}'s {one}, {new.name} about {other}",
                fix="Compare two mappings of the same objects, such as a mapping and a copy of it.",
            )
    with workspace(profile) as opened:
        others = {name: each for name, each in opened.mappings().items() if name not in (old.name, new.name)}
        if not (_is_on(old) or _is_on(new)):
            say(f"{old.name} and {new.name} are off: compared as if all their states were on")
            old = _as_on(old, {})
        before = _planned(opened, others, old, old.name, to)
        say(f"with {old.path or old.name}: {len(before.changes):,} changes")
        if not _is_on(new):
            say(f"{new.path or new.name} is off: compared as if its states were those of {old.name}")
            new = _as_on(new, {state.name: state.on for state in old.states})
        after = _planned(opened, others, new, old.name, to)
        say(f"with {new.path or new.name}: {len(after.changes):,} changes")
    return [*_rows(before.changes, after.changes)]


def _is_on(mapping: Mapping) -> bool:
    return any(state.on for state in mapping.states)


def _as_on(mapping: Mapping, known: dict[str, bool]) -> Mapping:
    """A copy starts with its states off; what it would do is asked all the same."""
    states = tuple(dataclasses.replace(each, on=known.get(each.name, True)) for each in mapping.states)
    lines = dataclasses.replace(mapping.lines, states=states) if mapping.lines else None
    return dataclasses.replace(mapping, states=states, lines=lines)


def _planned(
    opened: Workspace, others: dict[str, Mapping], mapping: Mapping, name: str, to: str
) -> ChangeSet:
    mappings = in_use(in_order({**others, name: _called(mapping, name)}))
    reconciliation = open_reconciliation(opened)
    usable = reconciliation.usable(mappings.values())
    with reconciliation.connection as connection:
        zone = opened.profile.quickbooks.time_zone
        for each in usable:
            _matched(connection, each)
            if each.lines:
                _matched(connection, each.lines)
            differ.compute(connection, each, zone=zone)
        sides = frozenset(Side) if to == "both" else frozenset({Side(to)})
        describes = {
            Side.SALESFORCE: reconciliation.salesforce.describes,
            Side.QUICKBOOKS: {**quickbooks.describes(), **reconciliation.quickbooks.describes},
        }
        return plan(connection, Inputs(mappings=usable, describes=describes, to=sides))


def _matched(connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> None:
    """Match, and link what a rule may accept in this connection only."""
    matching.match(connection, mapping)
    found = connection.execute(
        "SELECT salesforce_id, quickbooks_id FROM work.candidates WHERE mapping = ? AND status = 'accepted' "
        "AND salesforce_id NOT IN (SELECT salesforce_id FROM kept.crosswalk WHERE mapping = ?)",
        [mapping.name, mapping.name],
    ).fetchall()
    for left, right in found:
        link: list[str] = [mapping.name, pair_id(mapping.name, left, right), left, right]
        connection.execute("INSERT INTO kept.crosswalk VALUES (?, ?, ?, ?)", link)


def _called(mapping: Mapping, name: str) -> Mapping:
    if mapping.name == name:
        return mapping
    lines = mapping.lines
    renamed = dataclasses.replace(lines, name=f"{name}.lines", parent=name) if lines else None
    return dataclasses.replace(mapping, name=name, lines=renamed)


def _rows(before: Iterable[Change], after: Iterable[Change]) -> Iterable[Row]:
    for turn in against(before, after):
        named = {name: getattr(turn.change, name) for name in NAMED}
        yield {"what": turn.what, **named, "values": dict(turn.values)}
