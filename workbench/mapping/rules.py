"""What must hold between the parts of one mapping, whatever the two systems look like."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping as ReadOnly

from workbench.mapping.forms import Form
from workbench.mapping.nodes import closest
from workbench.model import Direction, FieldMap, FieldType, How, Mapping, Side, Transform, Winner

LOSER = {Winner.SALESFORCE: Side.QUICKBOOKS, Winner.QUICKBOOKS: Side.SALESFORCE}
"""The side that a winner's value is written to."""

TEXTUAL = frozenset({FieldType.TEXT, FieldType.NAME, FieldType.PHONE, FieldType.EMAIL, FieldType.ID})


def check(form: Form, mapping: Mapping, winners: ReadOnly[str, int]) -> None:
    """Note every problem of the mapping and its lines.

    What could not be read is told already: no second problem is made of it.

    Args:
        winners: Line of `winner`, by the name of the mapping or that of its lines that says one.
    """
    told = {
        int(tail) for each in form.problems if (tail := (each.where or "").rpartition(":")[2]).isdecimal()
    }
    for each in (mapping, *((mapping.lines,) if mapping.lines else ())):
        _check_usual_winner(form, each, winners.get(each.name, 0))
        sound = dataclasses.replace(each, fields=_sound(each, told))
        if each.fields:
            _check_match(form, each, told)
        _check_names(form, sound)
        for field in sound.fields:
            _check_field(form, each, field)
        for side in Side:
            _check_targets(form, sound, side)
    _check_states(form, mapping, told)


def _sound(mapping: Mapping, told: set[int]) -> tuple[FieldMap, ...]:
    """The fields without a problem between their line and the next field's."""
    starts = [field.line for field in mapping.fields]
    # Where the last one ends is not known any more; as many lines as it can have words.
    ends = [*starts[1:], *(start + 14 for start in starts[-1:])]
    lines = zip(mapping.fields, starts, ends, strict=True)
    return tuple(field for field, start, end in lines if not told & set(range(start, max(end, start + 1))))


def _check_match(form: Form, mapping: Mapping, told: set[int]) -> None:
    names = [field.name for field in mapping.compared]
    for rule in mapping.match:
        what = f"match rule '{rule.rule}'"
        for name in rule.fields:
            if name not in names:
                form.problem(f"{what} names unknown field '{name}'", rule.line, closest(name, names))
        if rule.line not in told and rule.how is How.POSITION and mapping.parent is None:
            form.problem(f"{what} matches by position, which only lines have", rule.line)
    given = [rule.rule for rule in mapping.match]
    for rule in mapping.match:
        if given.count(rule.rule) > 1:
            form.problem(f"match rule '{rule.rule}' is given {given.count(rule.rule)} times", rule.line)


def _check_names(form: Form, mapping: Mapping) -> None:
    # DuckDB's column names know no upper and lower case.
    first: dict[str, str] = {}
    for field in mapping.fields:
        other = first.setdefault(field.name.casefold(), field.name)
        if other != field.name:
            form.problem(f"fields '{other}' and '{field.name}' differ in case only", field.line)


def _check_field(form: Form, mapping: Mapping, field: FieldMap) -> None:
    what = f"field '{field.name}'"
    _check_winner(form, field, what)
    _check_state_of_winner(form, mapping, field, what)
    _check_type(form, field, what)
    _check_expressions(form, field, what)
    for side in Side:
        api = field.api(side)
        if len(api) > 1 and field.transform is not Transform.STREET_LINES and not field.read(side):
            form.problem(
                f"{what} has {len(api)} {side.label} fields",
                field.line,
                f"Add `transform: street_lines`. Or say with `read: {{{side}: ...}}` what is compared.",
            )
        if len(set(api)) < len(api):
            form.problem(f"{what} names a {side.label} field twice: {', '.join(api)}", field.line)
        known = [related.object for related in mapping.side(side).related]
        for name in field.needed(side):
            head, dot, _ = name.partition(".")
            if dot and head not in known:
                form.problem(f"{what}: '{head}' is not in `{side}.related`", field.line, closest(head, known))


def _check_winner(form: Form, field: FieldMap, what: str) -> None:
    one_way = {Direction.TO_SALESFORCE: Winner.SALESFORCE, Direction.TO_QUICKBOOKS: Winner.QUICKBOOKS}
    if field.winner is not None and field.winner is one_way.get(field.direction):
        form.problem(
            f"{what} can never be written: winner {field.winner}, direction {field.direction}",
            field.line,
            "Turn the direction around or name the other winner.",
        )
    if field.winner not in (None, Winner.MANUAL) and field.direction is Direction.COMPARE:
        form.problem(
            f"{what} has winner {field.winner} and no direction: it is only compared",
            field.line,
            "Give it a direction, or leave the winner out.",
        )
    if field.create_only and field.direction is Direction.COMPARE:
        form.problem(f"{what} is written on create only, and never: direction compare", field.line)


def _check_usual_winner(form: Form, mapping: Mapping, line: int) -> None:
    loser = LOSER.get(mapping.winner)
    if line and loser and mapping.states and not _written(mapping, loser):
        form.problem(
            f"winner {mapping.winner} has no direction: no state writes to {loser.label}",
            line,
            f"Name the other winner, or give the mapping a state `to: {loser}`.",
        )


def _check_state_of_winner(form: Form, mapping: Mapping, field: FieldMap, what: str) -> None:
    loser = LOSER.get(field.winner) if field.winner else None
    if loser and field.direction.allows(loser) and mapping.states and not _written(mapping, loser):
        form.problem(
            f"{what} can never be written: winner {field.winner}, and no state writes to {loser.label}",
            field.line,
            f"Name the other winner, or give the mapping a state `to: {loser}`.",
        )


def _written(mapping: Mapping, side: Side) -> bool:
    return any(each.to is side for each in mapping.states)


def _check_type(form: Form, field: FieldMap, what: str) -> None:
    if field.type is FieldType.REFERENCE and not field.reference:
        form.problem(f"{what} is a reference to no mapping", field.line, "Write `reference: <mapping>`.")
    if field.reference and field.type is not FieldType.REFERENCE:
        form.problem(f"{what} has a reference but type {field.type}", field.line, "Write `type: reference`.")
    if field.unlinked_empty and (not field.reference or field.required):
        other = "is required" if field.required else "is no reference"
        form.problem(f"{what} may be unlinked, but {other}", field.line, "Leave `unlinked` out.")
    if field.tolerance and not field.type.numeric:
        form.problem(
            f"{what} has a tolerance but type {field.type}", field.line, "Use money, price or quantity."
        )
    if (field.values or field.transform) and field.type not in TEXTUAL:
        form.problem(f"{what} has values or a transform, which type {field.type} can't have", field.line)


def _check_expressions(form: Form, field: FieldMap, what: str) -> None:
    if not field.expressions:
        return
    if field.transform or field.type is FieldType.REFERENCE:
        other = "a transform" if field.transform else "type reference"
        form.problem(f"{what} has an expression and {other}", field.line, "Only one of them can decide.")
    for side in Side:
        written = field.write(side)
        if written and not field.direction.allows(side):
            line = min(each.line for each in written.values())
            form.problem(f"{what} never writes {side.label}: direction {field.direction}", line)
        read = field.read(side)
        if read and field.direction.allows(side) and not written and len(field.api(side)) > 1:
            form.problem(
                f"{what} says how {side.label}'s fields are read, but not how they are written",
                read.line,
                f"Write `write: {{{side}: {{<field>: <expression>}}}}`, or give it another direction.",
            )


def _check_states(form: Form, mapping: Mapping, told: set[int]) -> None:
    """The fields that states keep for themselves: known, of one state, and of its direction."""
    fields = {field.name: field for field in mapping.fields}
    fields |= {f"lines.{field.name}": field for field in (mapping.lines.fields if mapping.lines else ())}
    owners: dict[tuple[Side, str], str] = {}
    for state in mapping.states:
        what = f"state '{state.name}'"
        if state.line in told:  # the direction may be what could not be read
            for name in (each for each in dict.fromkeys(state.fields) if each not in fields):
                form.problem(f"{what} names unknown field '{name}'", state.line, closest(name, fields))
            continue
        if state.fields and state.create_where:
            form.problem(
                f"{what} has a condition for what it creates, and creates nothing", state.line, "Use `where`."
            )
        for name in dict.fromkeys(state.fields):
            if name not in fields:
                form.problem(f"{what} names unknown field '{name}'", state.line, closest(name, fields))
                continue
            if not fields[name].direction.allows(state.to):
                form.problem(
                    f"{what} writes to {state.to.label}, and field '{name}' never does: "
                    f"direction {fields[name].direction}",
                    state.line,
                    "Turn the direction of the field around, or take it out of the state.",
                )
            first = owners.setdefault((state.to, name), state.name)
            if first != state.name:
                form.problem(
                    f"states '{first}' and '{state.name}' both own field '{name}' of {state.to.label}",
                    state.line,
                    "Leave it to one of them.",
                )
            elif state.fields.count(name) > 1:
                form.problem(f"{what} names field '{name}' {state.fields.count(name)} times", state.line)


def _check_targets(form: Form, mapping: Mapping, side: Side) -> None:
    """Two fields must not write one target."""
    writers: dict[str, FieldMap] = {}
    for field in mapping.fields:
        for name in field.targets(side) if field.direction.allows(side) else ():
            # Salesforce's API names know no upper and lower case.
            first = writers.setdefault(name.casefold(), field)
            if first is not field:
                form.problem(
                    f"fields '{first.name}' and '{field.name}' both write {side.label}'s '{name}'",
                    field.line,
                    "Give one of them another direction.",
                )
