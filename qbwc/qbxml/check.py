"""Find every reason why QuickBooks would refuse or mangle a write, before it is queued.

The answer is a list of problems, each with the field, the value and what would fit; nothing is raised one at
a time.  A value `{"$answer": ...}` stands for one that another request's answer will bring; it counts as
given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cache

from qbwc.descriptor import CONCRETE, UNIONS, Element, Entity, Line, known, leaves, shape
from qbwc.descriptor.model import Action
from qbwc.errors import QbxmlError
from qbwc.qbxml.unions import member, to_concrete
from qbwc.qbxml.values import value_problems

NEW_LINE = "-1"
# Fields of a line that say where it was read, not what it is.
LINE_PLACE = frozenset({"TxnID", "SeqNo", "GroupTxnLineID", "TxnLineID"})


def check_write(
    entity: str,
    action: Action,
    fields: Mapping[str, object],
    lines: Sequence[Mapping[str, object]] | None = None,
) -> list[QbxmlError]:
    """All problems of an Add or Mod, in order of the fields; an empty list when QuickBooks will take it.

    `entity` may be a union ('Item'); then `fields` has `Type`, and problems use the union's names.
    """
    if entity in UNIONS:
        return _check_union(entity, action, fields)
    described = known(entity)
    assert isinstance(described, Entity)
    if action not in described.actions:
        return [QbxmlError(f"{entity} cannot be written with {action}", entity=entity, fix="Only read it.")]
    problems = _check_body(entity, described.elements, action, fields)
    return problems + _check_lines(described, action, lines)


def _check_union(entity: str, action: Action, fields: Mapping[str, object]) -> list[QbxmlError]:
    union = UNIONS[entity]
    try:
        concrete = member(union, fields)
        made, told = to_concrete(concrete, action, fields)
    except QbxmlError as problem:
        return [problem]
    return [_retold(entity, each, told) for each in check_write(concrete, action, made)]


def _retold(entity: str, problem: QbxmlError, told: Mapping[str, str]) -> QbxmlError:
    field = told.get(problem.field or "", problem.field)
    what = problem.what.replace(str(problem.entity), entity, 1).replace(str(problem.field), str(field))
    return QbxmlError(
        what, entity=entity, field=field, value=problem.value, limit=problem.limit, fix=problem.fix
    )


def _check_body(
    entity: str, elements: tuple[Element, ...], action: Action, fields: Mapping[str, object]
) -> list[QbxmlError]:
    places = _writable(entity, action)
    problems = [_unknown(entity, name, action) for name in fields if name not in places]
    for name, element in places.items():
        value = fields.get(name)
        if value is None or value == "" or is_awaited(value):
            if value in (None, "") and name in fields and action == "mod" and element.kind == "bool":
                why = f"cannot empty {name}: it is true or false"
                problems.append(_problem(entity, name, why, "Give true or false.", value=value))
            continue
        problems.extend(value_problems(element, value, entity=entity, field=name))
    if action == "add":
        problems.extend(_missing(entity, elements, fields))
    problems.extend(_excluding(entity, elements, action, fields))
    return problems


def is_awaited(value: object) -> bool:
    """Whether a value will come from another request's answer."""
    return isinstance(value, Mapping) and "$answer" in value


@cache
def _writable(entity: str, action: Action) -> dict[str, Element]:
    """Flattened name -> element, of what that message may hold."""
    return {leaf.name: leaf.element for leaf in leaves(_elements(entity)) if leaf.takes_part(action)}


def _elements(entity: str) -> tuple[Element, ...]:
    for each in CONCRETE.values():
        if each.lines and each.lines.name == entity:
            return each.lines.elements
    return known(entity).elements


def _problem(
    entity: str, field: str, what: str, fix: str | None, *, value: object = None, limit: object = None
) -> QbxmlError:
    return QbxmlError(f"{entity} {what}", entity=entity, field=field, value=value, limit=limit, fix=fix)


def _unknown(entity: str, name: str, action: Action) -> QbxmlError:
    leaf = next((leaf for leaf in shape(entity).leaves if leaf.name == name), None)
    if leaf is None:
        near = get_close_matches(name, _writable(entity, action), n=3, cutoff=0.6)
        fix = f"Did you mean {', '.join(near)}?" if near else None
        return _problem(entity, name, f"has no field {name!r}", fix)
    other: Action = "mod" if action == "add" else "add"
    if leaf.takes_part(other):
        when = "on creation" if other == "add" else "by a change"
        return _problem(entity, name, f"takes {name} only {when}", "Leave it out.")
    return _problem(entity, name, f"does not take {name}: QuickBooks fills it", "Leave it out.")


def _given(element: Element, prefix: str, action: Action, fields: Mapping[str, object]) -> bool:
    """Whether a value is given for the element or anything below it."""
    name = f"{prefix}{element.name}"
    if element.children:
        return any(_given(child, f"{name}_", action, fields) for child in element.children)
    return element.takes_part(action) and fields.get(name) not in (None, "")


def _missing(entity: str, elements: tuple[Element, ...], fields: Mapping[str, object]) -> list[QbxmlError]:
    problems: list[QbxmlError] = []
    choices: dict[str, bool] = {}
    for element in elements:
        name = element.name
        given = _given(element, "", "add", fields)
        if element.required and not given:
            wanted = f"{name}_ListID or {name}_FullName" if element.kind == "ref" else name
            problems.append(_problem(entity, name, f"needs {name}", f"Give {wanted}."))
        if element.required_choice and element.choice:
            choices[element.choice] = choices.get(element.choice, False) or given
    for choice in (choice for choice, given in choices.items() if not given):
        options = tuple(element.name for element in elements if element.choice == choice)
        what = f"needs {' or '.join(options)}"
        problems.append(_problem(entity, options[0], what, "Give a field of one of them.", limit=options))
    return problems


def _excluding(
    entity: str, elements: tuple[Element, ...], action: Action, fields: Mapping[str, object], prefix: str = ""
) -> list[QbxmlError]:
    problems: list[QbxmlError] = []
    taken: dict[str, str] = {}
    for element in elements:
        if not element.takes_part(action):
            continue
        name = f"{prefix}{element.name}"
        if element.kind == "group":
            problems.extend(_excluding(entity, element.children, action, fields, f"{name}_"))
        if element.choice and _given(element, prefix, action, fields):
            first = taken.setdefault(element.choice, name)
            if first != name:
                what = f"takes {first} or {name}, not both"
                problems.append(_problem(entity, name, what, "Give one of them.", limit=first))
    return problems


def _check_lines(
    entity: Entity, action: Action, lines: Sequence[Mapping[str, object]] | None
) -> list[QbxmlError]:
    kind = entity.lines
    if lines is None:
        if kind and kind.required and action == "add":
            return [_problem(entity.name, kind.name, "needs lines", "Give at least one.")]
        return []
    if kind is None:
        return [_problem(entity.name, "lines", "has no lines", "Leave them out.", value=list(lines))]
    if not lines and action == "mod":
        what = "would lose every line, which qbXML cannot say"
        fix = "Give lines=None to leave the lines as they are, or name the lines that stay."
        return [_problem(entity.name, kind.name, what, fix)]
    problems: list[QbxmlError] = []
    seen: set[object] = set()
    for number, line in enumerate(lines, start=1):
        found = _check_line(kind, action, line, seen)
        for problem in found:
            problem.where = f"line {number}"
        problems.extend(found)
    return problems


def _check_line(
    kind: Line, action: Action, line: Mapping[str, object], seen: set[object]
) -> list[QbxmlError]:
    body = {field: value for field, value in line.items() if field not in LINE_PLACE}
    problems = _check_body(kind.name, kind.elements, action, body)
    group, identity = line.get("GroupTxnLineID"), line.get("TxnLineID")
    if group:
        what = "belongs to a group item and cannot be sent as a line of its own"
        fix = "Change this transaction in QuickBooks."
        problems.append(_problem(kind.name, "GroupTxnLineID", what, fix, value=group))
    if action == "mod":
        problems.extend(_check_identity(kind.name, identity, seen))
    elif identity not in (None, NEW_LINE):
        what = "cannot choose its TxnLineID on creation"
        problems.append(_problem(kind.name, "TxnLineID", what, "Leave it out.", value=identity))
    return problems


def _check_identity(name: str, identity: object, seen: set[object]) -> list[QbxmlError]:
    if not identity:
        fix = f"Give the id of the line, or {NEW_LINE!r} for a new one."
        return [_problem(name, "TxnLineID", "needs TxnLineID", fix)]
    if identity != NEW_LINE and identity in seen:
        what = f"with TxnLineID {identity!r} is named twice"
        return [_problem(name, "TxnLineID", what, "Name each line once.", value=identity)]
    seen.add(identity)
    return []


def raise_all(entity: str, action: str, problems: Sequence[QbxmlError]) -> None:
    """Raise one error that lists all problems; nothing when there is none."""
    if not problems:
        return
    first = problems[0]
    if len(problems) == 1:
        raise QbxmlError(
            first.what, entity=first.entity, field=first.field, value=first.value, limit=first.limit,
            where=first.where, fix=first.fix, problems=problems,
        )  # fmt: skip
    listed = "\n".join(
        f"  - {f'{problem.where}: ' if problem.where else ''}{problem.what}. {problem.fix or ''}".rstrip()
        for problem in problems
    )
    raise QbxmlError(
        f"{len(problems)} problems in {entity} ({action})",
        entity=entity, field=first.field, value=first.value, limit=first.limit, fix=listed, problems=problems,
    )  # fmt: skip
