"""How changes are put into requests: in the order of their parents, lines of one parent together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from workbench.changes import Answer, Change
from workbench.connections.salesforce import COLLECTION_SIZE

PARENTS: Mapping[str, str] = {
    "Contact": "AccountId",
    "Opportunity": "AccountId",
    "PricebookEntry": "Product2Id",
    "OpportunityLineItem": "OpportunityId",
}
"""Salesforce locks the parent of a record that is written; rows in its order wait less for each other."""

TOGETHER = frozenset({"OpportunityLineItem"})
"""Lines: those of one parent are created all, or none of them."""

Values = Callable[[Change], Mapping[str, Any]]


def ordered(changes: Sequence[Change], values: Values) -> list[Change]:
    """Answer changes in the order of their parents, else as they stand."""
    return sorted(changes, key=lambda change: _parent(change, values))


def batches(changes: Sequence[Change], values: Values) -> Iterator[tuple[list[Change], bool]]:
    """Yield (changes for one request, all or none)."""
    for whole, group in groupby(ordered(changes, values), key=lambda change: _whole(change, values)):
        listed = list(group)
        for start in range(0, len(listed), COLLECTION_SIZE):
            yield listed[start : start + COLLECTION_SIZE], bool(whole)


def lines_of(parent: Change, lines: Sequence[Change]) -> bool:
    """Whether all of these are lines that name the new parent, and nothing else that is new."""
    own = Answer(parent.id, "Id")
    for line in lines:
        answers = [value for value in line.values.values() if isinstance(value, Answer)]
        if line.object not in TOGETHER or answers.count(own) != 1:
            return False
    return True


def _parent(change: Change, values: Values) -> str:
    field = PARENTS.get(change.object)
    return str(values(change).get(field) or "") if field else ""


def _whole(change: Change, values: Values) -> str:
    return _parent(change, values) if change.action == "create" and change.object in TOGETHER else ""
