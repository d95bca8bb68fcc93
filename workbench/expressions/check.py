"""What an expression may be made of: columns, literals, operators and the listed functions; nothing else.

The text is read by sqlglot, never run: no other table, no file and no network can be reached, because every
node of its tree must be of a kind that is named here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import sqlglot
from sqlglot import errors, exp

from workbench.expressions import broken
from workbench.expressions.functions import FUNCTIONS, Function
from workbench.expressions.refused import ALWAYS, OF_MANY, ONE_RECORD, OPERATORS, WHY_NOT, written
from workbench.expressions.render import column_name, render
from workbench.spelling import near

PLAIN: frozenset[type[exp.Expr]] = frozenset(
    {
        exp.Add,
        exp.And,
        exp.Between,
        exp.Boolean,
        exp.Case,
        exp.Cast,
        exp.Column,
        exp.DPipe,
        exp.DataType,
        exp.DataTypeParam,
        exp.EQ,
        exp.GT,
        exp.GTE,
        exp.Identifier,
        exp.If,
        exp.In,
        exp.Is,
        exp.LT,
        exp.LTE,
        exp.Like,
        exp.Literal,
        exp.Mul,
        exp.NEQ,
        exp.Neg,
        exp.Not,
        exp.Null,
        exp.NullSafeEQ,
        exp.NullSafeNEQ,
        exp.Or,
        exp.Paren,
        exp.Sub,
    }
)
TYPES = frozenset({"VARCHAR", "TEXT", "DATE", "BOOLEAN", "INT", "BIGINT", "DECIMAL"})
LONGEST = 100_000
"""Characters of written-out SQL; functions within functions multiply it."""

CURLY = "‘’“”"
UNLIKE = "`workbench mapping functions` lists them all."


class Unreadable(ValueError):
    """An expression that may not be used: the reason, and the way out."""

    def __init__(self, what: str, fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix


def read_expression(text: str) -> tuple[str, ...]:
    """The columns that an expression reads, in the order they stand there.

    Raises:
        Unreadable: It is no SQL expression, or holds what is not allowed.
    """
    tree = parsed(text)
    for node in tree.walk():
        check_node(node, text)
    if len(render(text, lambda name: f'"{name}"')) > LONGEST:
        raise Unreadable("it is too deep: functions within functions", "Split it over two fields.")
    return expression_columns(text)


def expression_columns(text: str) -> tuple[str, ...]:
    """The columns of an expression that was read before."""
    names = [column_name(node) for node in parsed(text).find_all(exp.Column, bfs=False)]
    return tuple(dict.fromkeys(names))


def parsed(text: str) -> exp.Expr:
    """The tree of a text that is one SQL expression; Unreadable when it is none."""
    try:
        trees = [tree for tree in sqlglot.parse(text, read="duckdb") if tree is not None]
    except errors.SqlglotError as error:
        what, fix = broken.explain(text, error)
        raise Unreadable(f"it is no SQL expression: {what}", fix) from error
    except RecursionError as error:
        raise Unreadable("it is too deep", "Split it over two fields.") from error
    if not trees:
        raise Unreadable("it is empty", "Write an expression, or leave the key out.")
    if len(trees) > 1:
        at = broken.place(text, text.find(";"))
        raise Unreadable(f"it holds more than one expression{at}", "Keep one, without a `;` behind it.")
    return trees[0]


def check_node(node: exp.Expr, text: str) -> None:
    """Unreadable unless the node, its parts aside, is one of those that are allowed.

    Args:
        text: What it was read from: a message names a function as it is written there.
    """
    kind = type(node)
    if kind is exp.Anonymous:
        _check_own(node)
    elif kind is exp.Column:
        _check_column(node)
    elif kind is exp.DataType:
        _check_type(node)
    elif kind is exp.Literal and not node.is_string and "e" in str(node.this).lower():
        raise Unreadable(f"{node.this} is a float", "Write the number with all its digits.")
    elif kind not in PLAIN and kind not in _allowed():
        raise _refused(node, text)


def _refused(node: exp.Expr, text: str) -> Unreadable:
    """Why a node is not allowed, by the word that stands for it in the text."""
    kind = type(node)
    if kind is exp.Alias and not re.search(r"\bas\b", text, re.IGNORECASE):
        what, fix = broken.beside(text, node.alias)
        return Unreadable(f"it is no SQL expression: {what}", fix)
    if kind is exp.Array and node.find(exp.Comprehension):
        kind = exp.Comprehension
    name = written(text, kind) if isinstance(node, exp.Func | exp.IgnoreNulls) else ""
    if kind in WHY_NOT and (not name or kind in ALWAYS):
        return Unreadable(*WHY_NOT[kind])
    if isinstance(node, exp.AggFunc):
        what = f"function '{name or node.sql_name().lower()}' is not allowed: {ONE_RECORD}"
        return Unreadable(what, OF_MANY)
    if name:
        return (
            Unreadable(f"function '{name}' is not allowed", WHY_NOT[kind][1])
            if kind in WHY_NOT
            else _unknown(name)
        )
    if isinstance(node, exp.Func) and not isinstance(node, exp.Binary):
        return _unknown(node.sql_name().lower())
    return Unreadable(f"`{node.sql(dialect='duckdb')}` is not allowed", f"Use functions and {OPERATORS}.")


def _check_own(node: exp.Expr) -> None:
    name = str(node.this).lower()
    found = _by_name().get(name)
    if found is None or found.takes is None:
        raise _unknown(name)
    least, most = found.takes
    if not least <= len(node.expressions) <= most:
        given = len(node.expressions)
        raise Unreadable(
            f"{name} takes {least} value{'s' if least > 1 else ''}, {given} given", f"E.g. {found.example}"
        )


def _check_column(node: exp.Expr) -> None:
    assert isinstance(node, exp.Column)
    if any(isinstance(part, exp.Star) for part in node.parts):
        raise Unreadable(*WHY_NOT[exp.Star])
    if len(node.parts) > 2:
        raise Unreadable(
            f"`{node.sql(dialect='duckdb')}` is another table's: name a column of the record",
            "Write `<Field>`, or `<Object>.<Field>` of a related record.",
        )
    name = node.name
    if name[:1] in CURLY and not node.this.quoted:
        raise Unreadable(
            f"{name} is in curly quotes", "Write straight ones: 'x' for a text, \"x\" for a name."
        )


def _check_type(node: exp.Expr) -> None:
    name = node.this.name if hasattr(node.this, "name") else str(node.this)
    if name.upper() not in TYPES or any(not isinstance(each, exp.DataTypeParam) for each in node.expressions):
        known = "varchar, date, boolean, integer, decimal(18,2)"
        raise Unreadable(f"type {node.sql(dialect='duckdb')} is not allowed", f"Use one of: {known}.")


def _unknown(name: str) -> Unreadable:
    close = near(name, sorted(_by_name()), like=0.75)  # short words: rand is no round
    fix = f"Closest: {', '.join(close)}." if close else UNLIKE
    return Unreadable(f"function '{name}' is not allowed", fix)


@cache
def _by_name() -> dict[str, Function]:
    return {each.name: each for each in FUNCTIONS}


@cache
def _allowed() -> frozenset[type[exp.Expr]]:
    """The kinds of node that sqlglot makes of the listed functions of DuckDB."""
    return frozenset(_kinds())


def _kinds() -> Iterator[type[exp.Expr]]:
    for each in FUNCTIONS:
        if each.takes is None:
            yield type(sqlglot.parse_one(each.example, read="duckdb"))
