"""Plan a change set from differences.

Each difference that writes becomes cells of a change: differences of one record are one change, a record
on one side only is a create with its lines and related records, and what is known only after QuickBooks
has answered (a new ListID in Salesforce's QuickBooks Id) is a change of its own that waits for the answer.
What goes because its partner was deleted comes last.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

import duckdb

from workbench.changes.changeset import Change, ChangeSet
from workbench.changes.creates import Creates
from workbench.changes.customs import CUSTOM, taken_apart
from workbench.changes.holds import Describes, Predict, fields_of, hold, hold_waiting, with_hold
from workbench.changes.removals import Removals
from workbench.changes.sheet import Sheet
from workbench.changes.together import joined
from workbench.changes.undocost import undo_cost
from workbench.changes.updates import Updates
from workbench.errors import PlanError, Problem, Problems
from workbench.model import Mapping, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """All that a plan is made from.

    Attributes:
        mappings: In dependency order: a mapping stands after those it refers to.
        describes: By side, what each object can hold.
        to: Sides that may be written.
        predictions: Reasons for which a system would refuse a change.
        busy: Reason by (side, record): an earlier change of it is not settled yet.
        header: What the change set records of its origin (snapshot ids, hashes).
    """

    mappings: Sequence[Mapping]
    describes: ReadOnly[Side, Describes]
    to: frozenset[Side] = frozenset(Side)
    predictions: Sequence[Predict] = ()
    busy: ReadOnly[tuple[str, str], str] = field(default_factory=dict)
    header: ReadOnly[str, Any] = field(default_factory=dict)


def plan(connection: duckdb.DuckDBPyConnection, inputs: Inputs) -> ChangeSet:
    """Answer the change set for the differences in `work.differences`; writes nothing.

    Raises:
        PlanError: Two mappings write to the same record; all such records are listed.
    """
    sheet = Sheet(connection, tuple(inputs.mappings), inputs.to)
    planned = chain(_changes(sheet), Removals(sheet, inputs.describes).all())
    apart = taken_apart(planned, inputs.describes[Side.QUICKBOOKS])
    made = with_undo_cost(joined(apart, sheet), inputs.describes)
    fields = {side: fields_of(inputs.describes[side]) for side in Side}
    changes = [
        hold(_busy(change, inputs.busy), fields[Side(change.side)], inputs.predictions) for change in made
    ]
    _refuse_twice(changes)
    return ChangeSet(header=inputs.header, changes=hold_waiting(changes))


def with_undo_cost(changes: Iterable[Change], describes: ReadOnly[Side, Describes]) -> Iterator[Change]:
    """The changes, each with what it would take to undo it."""
    for change in changes:
        entity = change.context[CUSTOM]["entity"] if CUSTOM in change.context else change.object
        yield replace(change, undo=undo_cost(change, describes[Side(change.side)].get(entity, {})) or "")


def _changes(sheet: Sheet) -> Iterator[Change]:
    creates, updates = Creates(sheet), Updates(sheet)
    for mapping in sheet.mappings:
        yield from creates.of_mapping(mapping)
        yield from updates.of_mapping(mapping)
        if mapping.lines:
            yield from creates.of_lines(mapping.lines)
            yield from updates.of_mapping(mapping.lines)


def _busy(change: Change, busy: ReadOnly[tuple[str, str], str]) -> Change:
    """Held while an earlier change of its record, or of its source, is under way."""
    return with_hold(change, [busy_reason(change, busy)]) if busy else change


def busy_reason(change: Change, busy: ReadOnly[tuple[str, str], str]) -> str:
    """Why a change waits: what it holds for, and an earlier change of its record that is not settled."""
    other = Side(change.side).other
    keys = [(str(change.side), change.record), (str(other), change.source_id)]
    reasons = [busy[(side, record)] for side, record in keys if record and (side, record) in busy]
    return "; ".join(filter(None, [change.hold, *dict.fromkeys(reasons)]))


def _refuse_twice(changes: Iterable[Change]) -> None:
    seen: dict[tuple[str, str, str], Change] = {}
    problems = []
    for change in changes:
        if change.record is None:
            continue
        first = seen.setdefault((change.side, change.object, change.record), change)
        if first is not change:
            problems.append(
                Problem(
                    what=f"two changes write to the same record {change.label}",
                    where=f"{change.side} {change.object} {change.record}",
                    values={"one": first.mapping, "other": change.mapping},
                    fix="Keep the filters (where) of the two mappings apart.",
                )
            )
    if problems:
        raise (
            Problems(problems)
            if len(problems) > 1
            else PlanError(
                problems[0].what, where=problems[0].where, values=problems[0].values, fix=problems[0].fix
            )
        )
