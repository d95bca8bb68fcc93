"""Which changes of a push go first: one of each kind, with what it needs, as canaries for the rest.

A kind is a mapping, a side, an object and an action.  It is proved when one of its changes was applied or
refused; one that was stale, skipped or lost tells nothing, and others go first in its place: as many as have
told nothing so far, so that a thousand stale ones cost ten rounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workbench.changes import Answer, Change, ChangeSet
from workbench.ledger import OutcomeRow
from workbench.model import Action
from workbench.push.salesforce_batches import PARENTS, TOGETHER

LEAST = 10
"""A smaller set goes in one stage: a person has looked at each of its changes."""

TELLING = ("applied", "failed")

Kind = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Canaries:
    """The canaries of a push, as far as it is.

    Attributes:
        next: Changes that are to go now, with what they need.
        awaited: Changes that went and whose answer is waited for.
    """

    next: frozenset[str] = frozenset()
    awaited: frozenset[str] = frozenset()

    @property
    def done(self) -> bool:
        """Whether every kind is proved, or nothing of it is left to prove."""
        return not (self.next or self.awaited)


def kind(change: Change) -> Kind:
    """What is alike when it comes to whether a system takes it."""
    return change.mapping, change.side, change.object, change.action


def canaries(changeset: ChangeSet, rows: Mapping[str, OutcomeRow]) -> Canaries:
    """Answer the canaries for the changes that have an outcome."""
    kinds: dict[Kind, list[Change]] = {}
    for change in changeset.changes:
        if change.id in rows and not change.hold:
            kinds.setdefault(kind(change), []).append(change)
    lines = _lines(changeset)
    chosen: set[str] = set()
    awaited: set[str] = set()
    for members in kinds.values():
        awaited.update(change.id for change in members if _under_way(rows[change.id]))
        for change in _chosen(changeset, rows, members, chosen):
            found = _with_kin(changeset, change, lines)
            chosen |= {id_ for id_ in found if _is_waiting(rows, id_)}
    return Canaries(next=frozenset(chosen), awaited=frozenset(awaited))


def first_canaries(changeset: ChangeSet, approved: Iterable[str]) -> frozenset[str]:
    """Answer the canaries of a push that has not begun; none when it will go in one stage."""
    rows = {id_: _unsent(changeset, id_) for id_ in approved if id_ in changeset.by_id}
    found = canaries(changeset, rows).next
    sent = [id_ for id_ in rows if not changeset.by_id[id_].hold]
    small = len(sent) < LEAST or 2 * len(found) > len(sent)
    return frozenset() if small else found


def _chosen(
    changeset: ChangeSet, rows: Mapping[str, OutcomeRow], members: list[Change], chosen: set[str]
) -> list[Change]:
    """The changes of one kind that are to go now."""
    states = [rows[change.id].state for change in members]
    if any(state in TELLING for state in states) or any(_under_way(rows[each.id]) for each in members):
        return []
    waiting = [each for each in members if _may_go(changeset, rows, each)]
    if any(each.id in chosen for each in waiting):
        return []  # it goes along with another kind's
    silent = sum(state in ("stale", "skipped", "unknown") for state in states)
    waiting.sort(key=lambda each: _cost(changeset, rows, each, chosen))  # as they stand, of the same cost
    return waiting[: max(1, silent)]


def _cost(
    changeset: ChangeSet, rows: Mapping[str, OutcomeRow], change: Change, chosen: set[str]
) -> tuple[bool, int]:
    """What speaks against a canary: that it is to be refused, and how much it takes along."""
    refused = change.predicted not in ("", "ok")
    needs = changeset.with_parents(change.depends_on)
    return refused, sum(each not in chosen and _is_waiting(rows, each) for each in needs)


def _lines(changeset: ChangeSet) -> Mapping[str, list[str]]:
    """New lines by the new document that they are created with, all or none."""
    found: dict[str, list[str]] = {}
    for change in changeset.changes:
        if change.object in TOGETHER and change.action == Action.CREATE:
            document = change.values.get(PARENTS[change.object])
            if isinstance(document, Answer):
                found.setdefault(document.change, []).append(change.id)
    return found


def _with_kin(changeset: ChangeSet, change: Change, lines: Mapping[str, list[str]]) -> set[str]:
    """A change with what it needs, and documents with their lines and what those need."""
    found: set[str] = set()
    todo = [change.id]
    while todo:
        id_ = todo.pop()
        if id_ not in found and id_ in changeset.by_id:
            found.add(id_)
            todo += [*changeset.by_id[id_].depends_on, *lines.get(id_, ())]
    return found


def _is_waiting(rows: Mapping[str, OutcomeRow], change: str) -> bool:
    row = rows.get(change)
    return row is not None and row.state == "waiting" and row.request is None


def _may_go(changeset: ChangeSet, rows: Mapping[str, OutcomeRow], change: Change) -> bool:
    """Whether a change waits for nothing that nobody knows the end of."""
    if not _is_waiting(rows, change.id):
        return False
    needs = changeset.with_parents(change.depends_on)
    return all(each in rows and rows[each].state in ("waiting", "applied") for each in needs)


def _under_way(row: OutcomeRow) -> bool:
    return row.state == "waiting" and row.request is not None


def _unsent(changeset: ChangeSet, change: str) -> OutcomeRow:
    found = changeset.by_id[change]
    return OutcomeRow(
        changeset=changeset.id, change=change, state="waiting", side=found.side, mapping=found.mapping
    )
