"""Which records: conditions of sides, states and related records, held to what an expression may be made of.

A condition is run as it is written, so it takes DuckDB's own functions of the list and not the package's.
Only one about related records may look into another table of its side's snapshot, in the one form
`<column> IN (SELECT <column> FROM <side>."<table>" [WHERE <condition>])`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import sqlglot
from sqlglot import exp

from workbench.expressions.check import Unreadable, check_node, parsed
from workbench.expressions.macros import MACROS
from workbench.expressions.refused import WHY_NOT
from workbench.expressions.render import column_name
from workbench.model import Side

ONLY_RELATED = (
    "Compare columns of the record; only the `where` of a related record looks into another table: "
    '`<column> IN (SELECT <column> FROM <side>."<table>")`.'
)
PARTS = frozenset({"expressions", "from", "where"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What a condition reads.

    Attributes:
        columns: Of the record.
        tables: Of other tables, (table, its columns).
    """

    columns: tuple[str, ...]
    tables: tuple[tuple[str, tuple[str, ...]], ...] = ()


@lru_cache(maxsize=512)
def read_condition(text: str, tables_of: Side | None = None) -> Condition:
    """What a condition reads.

    Args:
        tables_of: The side whose other tables it may look into; None: it sees its own record only.

    Raises:
        Unreadable: It is no SQL expression, or holds what is not allowed.
    """
    tree = parsed(text)
    if any(token.comments for token in sqlglot.tokenize(text, read="duckdb")):
        raise Unreadable("a comment is not allowed in it", "Write it behind a # in the file.")
    tables = _taken_out(tree, tables_of, text) if tables_of else ()
    return Condition(columns=_columns(tree, text), tables=tables)


def _taken_out(tree: exp.Expr, side: Side, text: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The tables looked into; what is checked leaves the tree, so any other query in it is one too many."""
    found = []
    for node in list(tree.find_all(exp.In)):
        if node.args.get("query") and not node.find_ancestor(exp.Select):
            found.append(_table(node.args["query"], side, text))
            node.set("query", None)
            node.set("expressions", [exp.Null()])
    return tuple(found)


def _table(query: exp.Expr, side: Side, text: str) -> tuple[str, tuple[str, ...]]:
    select = query.this if isinstance(query, exp.Subquery) else query
    table = _from(select, side) if isinstance(select, exp.Select) and _said(query) <= {"this"} else None
    if table is None:
        form = f'Write `<column> IN (SELECT <column> FROM {side}."<table>" WHERE <condition>)`.'
        raise Unreadable(f"the subquery `{query.sql(dialect='duckdb')}` is not allowed", form)
    where = select.args.get("where")
    parts = [*select.expressions, *([where.this] if where else [])]
    return table, tuple(dict.fromkeys(name for part in parts for name in _columns(part, text)))


def _from(select: exp.Select, side: Side) -> str | None:
    """The table of a query of one column and one table of the side, with a condition or without."""
    source = select.find(exp.From)
    table = source.this if source else None
    one = len(select.expressions) == 1 and isinstance(select.expressions[0], exp.Column)
    if not one or not isinstance(table, exp.Table) or not _said(select) <= PARTS:
        return None
    named = _said(table) == {"this", "db"} and isinstance(table.this, exp.Identifier) and table.db == side
    return str(table.name) if named else None


def _said(node: exp.Expr) -> set[str]:
    """The parts of a node that the text gives; releases of sqlglot differ in `from` and `from_`."""
    return {name.rstrip("_") for name, part in node.args.items() if part}


def _columns(tree: exp.Expr, text: str) -> tuple[str, ...]:
    for node in tree.walk():
        if isinstance(node, exp.Anonymous):
            _refuse_own(node)
        if isinstance(node, exp.Select | exp.Subquery | exp.Exists):
            raise Unreadable(WHY_NOT[type(node)][0], ONLY_RELATED)
        check_node(node, text)
        if isinstance(node, exp.Column) and len(node.parts) > 1:
            raise Unreadable(
                f"`{column_name(node)}` is another table's: name a column of the record",
                "A condition sees its own record; a `where` of its own stands under `related:`.",
            )
    return tuple(dict.fromkeys(column_name(node) for node in tree.find_all(exp.Column, bfs=False)))


def _refuse_own(node: exp.Anonymous) -> None:
    if str(node.this).lower() in MACROS:
        raise Unreadable(
            f"function '{str(node.this).lower()}' is the workbench's own: a condition takes DuckDB's only",
            "`workbench mapping functions` says which those are: the portable ones, and concat.",
        )
