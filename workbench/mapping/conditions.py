"""Conditions of a mapping (filters, gates, related records) against what both systems say of themselves."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass
from typing import Any

from workbench.errors import Problem
from workbench.mapping.absent import is_custom
from workbench.mapping.nodes import closest
from workbench.mapping.typed import column_type
from workbench.model import Mapping, Side

Describes = ReadOnly[Side, ReadOnly[str, ReadOnly[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A condition and where it stands.

    Attributes:
        what: As a message names it.
        object: The object whose records it chooses.
        related: Whether it may look into other tables of its side.
        empties: Whether a custom field that nobody has made counts as empty (`mapping.absent`).
    """

    what: str
    side: Side
    object: str
    text: str
    line: int
    related: bool = False
    empties: bool = False


def places(mapping: Mapping) -> Iterator[Place]:
    """Every condition of a mapping and its lines."""
    for each in (mapping, *((mapping.lines,) if mapping.lines else ())):
        for side in Side:
            yield from filters(each, side)
    yield from gates(mapping)


def filters(mapping: Mapping, side: Side) -> Iterator[Place]:
    """The conditions of one side of a mapping, or of its lines' one, that choose its records."""
    spec, within = mapping.side(side), "lines." if mapping.parent else ""
    if spec.where:
        what = f"'where' of {within}{side}"
        yield Place(what=what, side=side, object=spec.object, text=spec.where, line=spec.line)
    for related in (one for one in spec.related if one.where):
        what = f"'where' of related '{related.object}'"
        yield Place(what=what, side=side, object=related.object, text=str(related.where),
                    line=related.line, related=True)  # fmt: skip


def gates(mapping: Mapping) -> Iterator[Place]:
    """The conditions of the states of a mapping; those of its lines are of their documents."""
    for state in mapping.states:
        side = state.to.other
        for word, text in (("where", state.where), ("create_where", state.create_where)):
            if text:
                yield Place(what=f"'{word}' of state '{state.name}'", side=side,
                            object=mapping.side(side).object, text=text, line=state.line,
                            empties=word == "create_where")  # fmt: skip


def check_conditions(mapping: Mapping, describes: Describes) -> Iterator[Problem]:
    """Columns and tables that a side does not have, and conditions that are not true or false."""
    for place in places(mapping):
        where = f"{mapping.path or mapping.name}:{place.line}"
        for what, fix, severity in _problems(place, describes[place.side]):
            yield Problem(what=f"{place.what}: {what}", where=where, fix=fix or None, severity=severity)


def _problems(place: Place, describes: ReadOnly[str, ReadOnly[str, Any]]) -> Iterator[tuple[str, str, str]]:
    from workbench.expressions.conditions import read_condition

    if place.object not in describes:
        return  # told already
    read = read_condition(place.text, place.side if place.related else None)
    wrong = False
    for name, columns in ((place.object, read.columns), *read.tables):
        if name not in describes:
            yield f"unknown object '{name}'", closest(name, describes), "error"
            wrong = True
            continue
        known = _columns(describes[name])
        for column in (each for each in columns if each not in known):
            what, fix = f"{place.side.label}'s '{name}' has no field '{column}'", closest(column, known)
            if place.empties and is_custom(place.side, column):
                yield (
                    what,
                    f"It counts as empty; `workbench schema plan` offers it. {fix}".rstrip(),
                    "warning",
                )
            else:
                yield what, fix, "error"
            wrong = True
    if not (wrong or read.tables):
        types = {name: _columns(describes[place.object])[name] for name in read.columns}
        yield from ((what, fix, "error") for what, fix in _kind(place, types))


def _kind(place: Place, types: dict[str, str]) -> Iterator[tuple[str, str]]:
    from workbench.expressions.check import Unreadable
    from workbench.expressions.types import result_type

    try:
        given = result_type(place.text, types, own=False)
    except Unreadable as error:
        yield error.what, error.fix
        return
    if given != "BOOLEAN":
        yield f"it gives {given}, and a condition is true or false", "Write a comparison, a = 'x'."


def _columns(described: ReadOnly[str, Any]) -> dict[str, str]:
    """DuckDB types of the columns of an object, by name."""
    return {str(field["name"]): column_type(field) for field in described.get("fields", ())}
