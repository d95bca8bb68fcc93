"""Undo a pushed change set: a change set that puts back what was, in both systems, in reverse order.

Each field three ways: what the push wrote and read back is the base, the snapshot says what is there now, and
what was there before is wanted.  As it was pushed: put back.  As it was before: undone already, left alone.
Otherwise somebody has edited it since: it stays, and is listed with both values; the other fields go on.
What was created goes again (`takeback`).  What cannot be undone is listed too: as a change that is held, with
the reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import duckdb

from workbench.changes.changeset import Answer, Cell, Change, ChangeSet
from workbench.changes.customs import CUSTOM
from workbench.changes.edited import told
from workbench.changes.holds import Fields, fields_of, hold, hold_dependents
from workbench.changes.plan import busy_reason, with_undo_cost
from workbench.changes.present import Present
from workbench.changes.takeback import TakeBack
from workbench.changes.undocost import may_be_put_back
from workbench.changes.undowork import UndoInputs, Work, Written, place
from workbench.model import Action, Side


def undo(connection: duckdb.DuckDBPyConnection, inputs: UndoInputs) -> ChangeSet:
    """Answer the change set that undoes a push, from the snapshots of a connection; writes nothing.

    Its header names what it `undoes`, and how many fields and records are `already_undone`.
    """
    work = Work(inputs, Present(connection, inputs.describes[Side.SALESFORCE]))
    fields = {side: fields_of(inputs.describes[side]) for side in Side}
    made = [_held(change, inputs, fields) for change in with_undo_cost(_changes(work), inputs.describes)]
    header = {**inputs.header, "undoes": inputs.pushed.id, "already_undone": work.already}
    return ChangeSet(header=header, changes=hold_dependents(made))


def _changes(work: Work) -> list[Change]:
    pushed, written = work.inputs.pushed, work.inputs.written
    work.present.fetch(place(each, written[each.id].record) for each in pushed.changes if each.id in written)
    created = TakeBack(work)
    created.read()
    found: list[Change] = []
    for change in reversed(pushed.changes):
        if change.id not in written or change.id in created.covered:
            continue
        for each in _undone(work, created, change, written[change.id]):
            found.append(each)
            # What could not be put back in a record needs no other one any more: it names another now.
            if change.action == Action.CREATE or not each.hold:
                work.made.setdefault(change.id, each)
    return found


def _held(change: Change, inputs: UndoInputs, fields: Mapping[Side, Fields]) -> Change:
    """The change with every reason for which it cannot be written."""
    if change.hold:
        return change
    waiting = replace(change, hold=busy_reason(change, inputs.busy))
    return hold(waiting, fields[Side(change.side)], inputs.predictions)


def _undone(work: Work, created: TakeBack, change: Change, written: Written) -> Iterator[Change]:
    if not written.known:
        reason = f"not known to be written, so that it can't be undone: {written.detail}"
        yield work.listed(change, "unknown", change.cells, reason)
    elif change.action in (Action.DELETE, Action.VOID):
        yield _for_good(work, change)
    elif change.action == Action.CREATE:
        yield from created.undone(change)
    else:
        yield from _put_back(work, change, written)


def _put_back(work: Work, change: Change, written: Written) -> Iterator[Change]:
    """What goes back in a record, what was edited since, and what can't go back."""
    row = work.row(change)
    if row is None:
        yield work.listed(change, "gone", change.cells, f"{work.absent(change)}: nothing can be put back")
        return
    back: list[Cell] = []
    lost: list[Cell] = []
    edited: list[Cell] = []
    moved: dict[str, tuple[Any, Any]] = {}
    for cell in change.cells:
        now, was = row.get(cell.api), _pushed(change, cell, written)
        wanted = work.cell(cell, now, cell.before)
        if work.inputs.same(now, cell.before):
            work.already += 1
        elif not work.inputs.same(now, was):
            moved[cell.api] = (was, now)
            edited.append(wanted)
        elif may_be_put_back(change, cell, work.described(change)):
            back.append(wanted)
        else:
            lost.append(wanted)
    if back:
        yield work.change(change, row, back)
    if edited:
        yield work.listed(change, "edited since", edited, f"edited since it was pushed: {told(moved)}")
    if lost:
        names = ", ".join(cell.api for cell in lost)
        reason = f"cannot be undone: {names} was empty, and {Side(change.side).label} does not empty it"
        yield work.listed(change, "for good", lost, reason)


def _pushed(change: Change, cell: Cell, written: Written) -> Any:
    """The value that the push has left; QuickBooks does not answer a custom field with its record."""
    if CUSTOM in change.context:
        return None if isinstance(cell.after, Answer) else cell.after
    return written.read_back.get(cell.api)


def _for_good(work: Work, change: Change) -> Change:
    """The undo of a delete would be a create of the same record, which no system takes."""
    what = "a void transaction stays void" if change.action == Action.VOID else "what was deleted stays so"
    cells = [replace(cell, before=None, after=cell.before) for cell in change.cells]
    return work.listed(change, "for good", cells, f"cannot be undone: {what}")
