"""An expression as SQL that DuckDB runs: columns as the caller has them, own functions written out."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import sqlglot
from sqlglot import exp

from workbench.expressions.macros import MACROS

Columns = Callable[[str], str]
"""Gives the SQL expression of a column, `Object.Field` for one of a related record."""


def render(text: str, columns: Columns) -> str:
    """The SQL of an expression that `read_expression` has accepted."""
    tree = _tree(text).copy()
    # Breadth first and backwards: the arguments of a function are ready before it is written out.
    for node in reversed(list(tree.walk(bfs=True))):
        written = _written(node, columns)
        if written is None:
            continue
        new = exp.Var(this=f"({written})")
        if node is tree:
            tree = new
        else:
            node.replace(new)
    return tree.sql(dialect="duckdb")


def column_name(node: exp.Column) -> str:
    """`Field`, or `Object.Field` for a column of a related record."""
    return ".".join(part.name for part in node.parts)


def _written(node: exp.Expr, columns: Columns) -> str | None:
    if isinstance(node, exp.Column):
        return columns(column_name(node))
    if isinstance(node, exp.Anonymous):
        arguments = [argument.sql(dialect="duckdb") for argument in node.expressions]
        return MACROS[str(node.this).lower()](*arguments)
    return None


@lru_cache(maxsize=512)
def _tree(text: str) -> exp.Expr:
    return sqlglot.parse_one(text, read="duckdb")
