"""Find every reason why QuickBooks would refuse or mangle a write, before it is queued.

The answer is a list of problems, each with the field, the value and what would fit; nothing is raised one at
a time.  A value `{"$answer": ...}` stands for one that another request's answer will bring; it counts as
given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from qbwc.descriptor import UNIONS, Entity, capability, has_none, kinds_with, known
from qbwc.descriptor.model import Write
from qbwc.errors import QbxmlError
from qbwc.qbxml.check.body import check_body, is_awaited
from qbwc.qbxml.check.lines import LINE_PLACE, NEW_LINE, check_lines
from qbwc.qbxml.check.problems import problem, raise_all
from qbwc.qbxml.unions import member, to_concrete


def check_write(
    entity: str,
    action: Write,
    fields: Mapping[str, object],
    lines: Sequence[Mapping[str, object]] | None = None,
) -> list[QbxmlError]:
    """All problems of a write, in order of the fields; an empty list when QuickBooks will take it.

    `entity` may be a union ('Item'); then `fields` has `Type`, and problems use the union's names.  Whether a
    record that is referred to exists, and what a custom field's definition takes, is not known here.
    """
    if action == "void" or action == "delete":
        return _check_removal(entity, action, fields, lines)
    if entity in UNIONS:
        return _check_union(entity, action, fields, lines)
    described = known(entity)
    assert isinstance(described, Entity)
    if action not in described.actions:
        return [QbxmlError(f"{entity} cannot be written with {action}", entity=entity, fix="Only read it.")]
    # Without key, a Mod must say all that an Add says, or nobody knows what it means to change.
    whole = action == "add" or described.key is None
    problems = check_body(entity, described.elements, action, fields, whole=whole)
    return problems + check_lines(described, action, lines)


def _check_removal(
    entity: str, action: Write, fields: Mapping[str, object], lines: Sequence[Mapping[str, object]] | None
) -> list[QbxmlError]:
    described, can = known(entity), capability(entity)
    if action not in described.actions:
        instead = {"void": can.void, "delete": can.delete, "set IsActive to false": can.deactivate}
        fix = next(
            (f"To let it go, {way}." for way, works in instead.items() if works), "Leave it to a person."
        )
        what = f"{entity} is not removed by {action}: {can.why}"
        return [QbxmlError(what, entity=entity, value=action, limit=sorted(described.actions), fix=fix)]
    if fields or lines:
        what = f"takes no fields in a {action}"
        return [problem(entity, next(iter(fields), "lines"), what, "Give its key alone.")]
    return []


def _check_union(
    entity: str, action: Write, fields: Mapping[str, object], lines: Sequence[Mapping[str, object]] | None
) -> list[QbxmlError]:
    union = UNIONS[entity]
    if action not in union.actions:
        return [QbxmlError(f"{entity} cannot be written with {action}", entity=entity, fix="Only read it.")]
    try:
        concrete = member(union, fields)
        made, told = to_concrete(concrete, action, fields)
    except QbxmlError as error:
        return [error]
    kind = union.members[concrete]
    foreign = {each.field: each for each in _foreign(entity, kind, fields)}
    found = [_retold(entity, each, told) for each in check_write(concrete, action, made, lines)]
    return [*foreign.values(), *(each for each in found if each.field not in foreign)]


def _foreign(entity: str, kind: str, fields: Mapping[str, object]) -> Iterator[QbxmlError]:
    """Fields that other kinds of the union have, and this one has not."""
    for name in fields:
        kinds = kinds_with(entity, name)
        if kinds is not None and kind not in kinds:
            fix = f"Leave it empty for records of type {kind}."
            yield problem(entity, name, has_none(kind, name, kinds), fix)


def _retold(entity: str, error: QbxmlError, told: Mapping[str, str]) -> QbxmlError:
    field = told.get(error.field or "", error.field)
    what = error.what.replace(str(error.entity), entity, 1).replace(str(error.field), str(field))
    return QbxmlError(what, entity=entity, field=field, value=error.value, limit=error.limit, fix=error.fix)


__all__ = ["LINE_PLACE", "NEW_LINE", "check_write", "is_awaited", "raise_all"]
