"""`read` and `write` of a field map: SQL expressions over the columns of a record."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.mapping.forms import EMPTY, Form, kind
from workbench.mapping.nodes import Node, closest
from workbench.model import Expression, Side

Named = dict[Side, tuple[str, ...]]
"""The API fields that a field map names, by side."""

QUOTES = "Write it in double quotes."


def expressions(form: Form, table: dict[str, Node], what: str, named: Named) -> tuple[Expression, ...]:
    """The expressions of one field map, its problems noted."""
    return (*_reads(form, table.get("read", EMPTY), what, named), *_writes(form, table, what, named))


def _reads(form: Form, node: Node, what: str, named: Named) -> Iterator[Expression]:
    given = _sides(form, node, f"'read' of {what}")
    for side, each in given.items():
        found = _expression(form, each, f"'read' of {what}", side)
        if found:
            yield found
    for side, names in named.items():
        if node.value is not None and len(names) > 1 and side not in given:
            form.problem(
                f"{what} has {len(names)} {side.label} fields and does not say what is compared",
                node.line,
                f"Write `read: {{{side}: ...}}`.",
            )


def _writes(form: Form, table: dict[str, Node], what: str, named: Named) -> Iterator[Expression]:
    for to, node in _sides(form, table.get("write", EMPTY), f"'write' of {what}").items():
        given = node.value if isinstance(node.value, dict) else {}
        if not given and len(named[to]) != 1:
            form.problem(
                f"'write' of {what} does not say which of {len(named[to])} {to.label} fields it writes",
                node.line,
                f"Write `write: {{{to}: {{<field>: <expression>, ...}}}}`.",
            )
            continue
        for name, each in (given or {named[to][0]: node}).items():
            if name not in named[to]:
                fix = closest(name, named[to])
                form.problem(f"'write' of {what} writes '{name}', which it does not name", each.line, fix)
                continue
            found = _expression(form, each, f"'write' of {what}", to.other, name)
            if found:
                yield found


def _sides(form: Form, node: Node, what: str) -> dict[Side, Node]:
    table = form.table(node, what, [side.value for side in Side])
    return {side: table[side] for side in Side if side in table}


def _expression(
    form: Form, node: Node, what: str, side: Side, target: str | None = None
) -> Expression | None:
    # sqlglot takes a moment to load, and most mappings have no expression.
    from workbench.expressions.check import Unreadable, read_expression

    if isinstance(node.value, dict | list) or not node.text.strip():
        form.problem(f"{what} is not an expression but {kind(node)}", node.line, QUOTES)
        return None
    try:
        columns = read_expression(node.text)
    except Unreadable as error:
        form.problem(f"{what}: {error.what}", node.line, error.fix, expression=node.text)
        return None
    return Expression(side=side, target=target, text=node.text, columns=columns, line=node.line)
