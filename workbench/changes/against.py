"""One change set held against another: what comes, what goes, what becomes something else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.changes.changeset import Change, ChangeSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A change that two change sets do not have in common.

    Attributes:
        what: 'added', 'removed' or 'changed'.
        change: The change as the newer one has it; of one that was removed, as it was.
        values: (older, newer) by API field where they write something else; `<field> (before)` where the
            record itself was another, '(version)' and '(held)' likewise.
    """

    what: str
    change: Change
    values: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)


def against(older: Iterable[Change], newer: Iterable[Change]) -> Iterator[Turn]:
    """Yield what differs, in the order of the older and then of the newer change set."""
    old, new = {each.id: each for each in older}, {each.id: each for each in newer}
    for id_ in dict.fromkeys((*old, *new)):
        if id_ not in new:
            yield Turn(what="removed", change=old[id_], values=_values(old[id_], None))
        elif id_ not in old:
            yield Turn(what="added", change=new[id_], values=_values(None, new[id_]))
        elif values := _values(old[id_], new[id_]) | _circumstances(old[id_], new[id_]):
            yield Turn(what="changed", change=new[id_], values=values)


def unchanged(older: ChangeSet, newer: ChangeSet) -> frozenset[str]:
    """Ids of the changes that are the same in both, in every part that a person could have looked at."""
    return frozenset(each.id for each in newer.changes if older.by_id.get(each.id) == each)


def _values(old: Change | None, new: Change | None) -> dict[str, tuple[Any, Any]]:
    """By API field, what each would write; only where they are not the same."""
    return _unequal(_written(old), _written(new))


def _circumstances(old: Change, new: Change) -> dict[str, tuple[Any, Any]]:
    """What else differs: the record as it was reviewed, and whether it may be written."""
    before = _unequal(old.before, new.before)
    found = {
        f"{api} (before)": pair for api, pair in before.items() if api in old.before and api in new.before
    }
    if old.version != new.version:
        found["(version)"] = (old.version, new.version)
    if old.hold != new.hold:
        found["(held)"] = (old.hold or "no", new.hold or "no")
    return found


def _unequal(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    names = dict.fromkeys((*one, *other))
    return {name: (one.get(name), other.get(name)) for name in names if one.get(name) != other.get(name)}


def _written(change: Change | None) -> dict[str, Any]:
    if change is None:
        return {}
    lines = {
        f"line {number}, {name}": value
        for number, line in enumerate(change.lines, 1)
        for name, value in line.items()
    }
    return {**change.values, **lines}
