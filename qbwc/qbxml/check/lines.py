"""Find what is wrong with the lines of a transaction.

In a Mod, lines are the list of what stays: QuickBooks deletes a line that is not named.  So each says by its
TxnLineID which line it is, or "-1" for a new one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qbwc.descriptor import Entity, Line
from qbwc.descriptor.model import Action
from qbwc.errors import QbxmlError
from qbwc.qbxml.check.body import check_body
from qbwc.qbxml.check.problems import problem

NEW_LINE = "-1"
# Of a line that was read: where it stood, and custom fields, which have a message of their own.
LINE_PLACE = frozenset({"TxnID", "SeqNo", "GroupTxnLineID", "TxnLineID", "custom"})

_Line = Mapping[str, object]


def check_lines(entity: Entity, action: Action, lines: Sequence[_Line] | None) -> list[QbxmlError]:
    """All problems of the lines of an Add or Mod, each with the number of its line in `where`."""
    kind = entity.lines
    if kind is None:
        if lines is None:
            return []
        return [problem(entity.name, "lines", "has no lines", "Leave them out.", value=list(lines))]
    if not lines and kind.required and action == "add":
        return [problem(entity.name, kind.name, "needs lines", "Give at least one.")]
    if lines is not None and not lines and action == "mod":
        what = "would lose every line, which qbXML cannot say"
        fix = "Give lines=None to leave the lines as they are, or name the lines that stay."
        return [problem(entity.name, kind.name, what, fix)]
    problems: list[QbxmlError] = []
    seen: set[object] = set()
    for number, line in enumerate(lines or (), start=1):
        found = _check_line(kind, action, line, seen)
        for each in found:
            each.where = f"line {number}"
        problems.extend(found)
    return problems


def _check_line(kind: Line, action: Action, line: _Line, seen: set[object]) -> list[QbxmlError]:
    body = {field: value for field, value in line.items() if field not in LINE_PLACE}
    problems = check_body(kind.name, kind.elements, action, body, whole=action == "add")
    group, identity = line.get("GroupTxnLineID"), line.get("TxnLineID")
    if group:
        what = "belongs to a group item and cannot be sent as a line of its own"
        fix = "Change this transaction in QuickBooks."
        problems.append(problem(kind.name, "GroupTxnLineID", what, fix, value=group))
    if action == "mod":
        problems.extend(_check_identity(kind.name, identity, seen))
    elif identity not in (None, NEW_LINE):
        what = "cannot choose its TxnLineID on creation"
        problems.append(problem(kind.name, "TxnLineID", what, "Leave it out.", value=identity))
    return problems


def _check_identity(name: str, identity: object, seen: set[object]) -> list[QbxmlError]:
    if not identity:
        what = "needs TxnLineID: QuickBooks would add it as new and delete the line it was"
        fix = f"Give the id of the line, or {NEW_LINE!r} for a new one."
        return [problem(name, "TxnLineID", what, fix)]
    if identity != NEW_LINE and identity in seen:
        what = f"with TxnLineID {identity!r} is named twice"
        return [problem(name, "TxnLineID", what, "Name each line once.", value=identity)]
    seen.add(identity)
    return []
