"""Why a change cannot be written: what the target cannot hold, what it refers to, what is under way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from workbench.changes.changeset import Answer, Change, new_lines
from workbench.model import Action, Side
from workbench.normalize import fits

Predict = Callable[[Change], str]
"""Answers why a system would refuse a change, '' when it would not."""

Describes = Mapping[str, Mapping[str, Any]]
"""What each object of a side can hold, by object name."""

Fields = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""The same by object name and field."""


def fields_of(describes: Describes) -> Fields:
    """The described fields by their names, to be looked up for many changes."""
    return {
        name: {field["name"]: field for field in described["fields"]} for name, described in describes.items()
    }


def hold(change: Change, fields: Fields, predictions: Iterable[Predict]) -> Change:
    """Answer the change with every reason for which it cannot be written."""
    reasons = [change.hold] if change.hold else []
    reasons += _unfit(change, fields.get(change.object))
    reasons += [reason for predict in predictions if (reason := predict(change))]
    return with_hold(change, reasons)


def with_hold(change: Change, reasons: Iterable[str]) -> Change:
    """The change with these reasons, each once; itself where it has them: most have none, and copies cost."""
    why = "; ".join(filter(None, dict.fromkeys(reasons)))
    return change if change.hold == why else replace(change, hold=why)


def hold_waiting(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Hold what cannot be written because another change is held.

    See `hold_dependents`, `hold_documents` and `hold_together`.
    """
    return hold_dependents(hold_together(hold_dependents(hold_documents(hold_dependents(changes)))))


def hold_documents(changes: Iterable[Change]) -> list[Change]:
    """Hold new documents of which a line cannot be written: without it their sum would be another."""
    made = list(changes)
    reasons = {
        document: f"{held.label} cannot be written: {held.hold}"
        for document, lines in new_lines(made).items()
        if (held := next((each for each in lines if each.hold), None)) is not None
    }
    return [
        replace(each, hold=reasons[each.id]) if each.id in reasons and not each.hold else each
        for each in made
    ]


def hold_together(changes: Iterable[Change]) -> list[Change]:
    """Hold what would be written on one side only: its value is for both, and the other change is held."""
    made = list(changes)
    held = {each.id: each for each in made if each.hold}
    return [
        replace(each, hold=_not_alone(held[each.together]))
        if each.together in held and not each.hold
        else each
        for each in made
    ]


def _not_alone(partner: Change) -> str:
    side = Side(partner.side).label
    return f"the value that was set goes to both sides, and cannot be written to {side}: {partner.hold}"


def hold_dependents(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Hold what depends on a change that is held; parents must stand before their dependents."""
    held: dict[str, str] = {}
    result = []
    for change in changes:
        parent = next((held[parent] for parent in change.depends_on if parent in held), None)
        if parent is not None and not change.hold:
            change = replace(change, hold=f"waits for {parent}, which cannot be written")
        if change.hold:
            held[change.id] = change.label
        result.append(change)
    return tuple(result)


def _unfit(change: Change, fields: Mapping[str, Mapping[str, Any]] | None) -> list[str]:
    if fields is None or change.action in (Action.DELETE, Action.VOID):
        return []
    reasons = []
    for api, value in change.values.items():
        if isinstance(value, Answer):
            continue
        if api not in fields:
            reasons.append(f"{change.object} has no field {api}")
        elif problem := fits(fields[api], value, side=Side(change.side)):
            reasons.append(str(problem.what))
    return reasons
