"""What an expression may not hold: why, and what to write instead, by the kind of sqlglot's node."""

from __future__ import annotations

import re

import sqlglot
from sqlglot import errors, exp

OPERATORS = "+ - * || = <> < <= > >= and, or, not, in, between, like, is null"
ONE_RECORD = "an expression sees one record only"
NO_QUERY = "a subquery is not allowed: " + ONE_RECORD
OTHER_RECORD = "Name a column of the record, or of a related one: `related:` of its side, `<Object>.<Field>`."
OF_MANY = "Name a value of the record itself; a sum of many is a field of the system that keeps it."
DIVIDE = "Multiply by an exact number, e.g. `round(A * 0.25, 2)` for a fourth."
PATTERN = "Use `like`, contains(...) or starts_with(...)."
LIST = "Name the columns one by one, e.g. concat_ws(', ', A, B)."
PIECE = "Use split_part(A, ',', 1) or substring(A, 1, 3)."
TODAY = "Name a date of the record: the same record would give another value tomorrow."
QUOTED = "Write a text in single quotes: 'x'."

WHY_NOT: dict[type[exp.Expr], tuple[str, str]] = {
    exp.Select: (NO_QUERY, OTHER_RECORD),
    exp.Subquery: (NO_QUERY, OTHER_RECORD),
    exp.Exists: (NO_QUERY.replace("subquery", "subquery (`exists`)"), OTHER_RECORD),
    exp.Star: ("`*` is not allowed: name each column", "Write the columns one by one, with commas between."),
    exp.Placeholder: ("a parameter is not allowed", "Write the value itself."),
    exp.Window: (f"a window is not allowed: {ONE_RECORD}", OF_MANY),
    exp.Filter: (f"`filter` is not allowed: {ONE_RECORD}", "Use `case when ... then ... end`."),
    exp.Distinct: (f"`distinct` is not allowed: {ONE_RECORD}", "Take it out."),
    exp.Div: ("`/` is not allowed: it gives a binary fraction, which is no exact amount", DIVIDE),
    exp.IntDiv: ("`//` is not allowed: it drops the rest", DIVIDE),
    exp.Mod: ("`%` is not allowed: the rest of a division is no amount", f"Use one of: {OPERATORS}."),
    exp.Pow: ("a power (`^`, `**`) is not allowed: it gives a binary fraction", "Multiply: A * A."),
    exp.Alias: ("`as` is not allowed: the field has its name already", "Take it out with the name behind."),
    exp.Lambda: ("a lambda is not allowed", LIST),
    exp.JSONExtract: ("`->` is not allowed: there are no lists and tables in a record", LIST),
    exp.Comprehension: ("a list comprehension is not allowed: a field holds one value", LIST),
    exp.Array: ("a list is not allowed: a field holds one value", LIST),
    exp.Struct: ("a table in braces is not allowed: a field holds one value", LIST),
    exp.Bracket: ("a piece in square brackets is not allowed", PIECE),
    exp.RegexpLike: ("`~` is not allowed: a pattern may run for long", PATTERN),
    exp.SimilarTo: ("`similar to` is not allowed: a pattern may run for long", PATTERN),
    exp.Glob: ("`glob` is not allowed", PATTERN),
    exp.ILike: ("`ilike` is not allowed", "Write `lower(A) like 'x%'`, with the text in small letters."),
    exp.Collate: ("`collate` is not allowed", "Compare lower(A) with a text in small letters."),
    exp.Interval: ("an interval is not allowed", "Add whole days: cast(A as date) + 30."),
    exp.CurrentDate: ("today's date is not allowed: " + ONE_RECORD, TODAY),
    exp.CurrentTimestamp: ("the time of day is not allowed: " + ONE_RECORD, TODAY),
    exp.TryCast: (
        "`try_cast` is not allowed: it hides what can't be read",
        "Use `cast`; it fails on its record.",
    ),
    exp.RawString: ("a text in dollars is not allowed", QUOTED),
    exp.ByteString: ("a text with a letter before its quote is not allowed", QUOTED),
    exp.BitwiseAnd: ("`&` is not allowed", "Use `and` between conditions, `||` between texts."),
    exp.BitwiseOr: ("`|` is not allowed", "Use `or` between conditions, `||` between texts."),
    exp.ArrayOverlaps: ("`&&` is not allowed", "Use `and` between conditions."),
}

ALWAYS = frozenset({exp.CurrentDate, exp.CurrentTimestamp, exp.Exists, exp.TryCast})
"""Kinds whose reason is told however they are written: as a word or as a function."""


def written(text: str, kind: type[exp.Expr]) -> str:
    """The name of a function as the text has it; '' when the text calls none of this kind.

    sqlglot has one kind for several names (`random` is its Rand), and the user wrote only one of them.
    """
    tokens = sqlglot.tokenize(text, read="duckdb")
    opened: list[int] = []
    for at, each in enumerate(tokens):
        if text[each.start] == "(":
            opened.append(at)
        elif text[each.start] == ")" and opened:
            first = max(0, opened.pop() - 1)
            call = text[tokens[first].start : each.end + 1]
            if re.match(r"\w+\s*\(", call) and kind in _kinds(call):
                return str(tokens[first].text).lower()
    alone = (str(each.text) for each in tokens if re.fullmatch(r"\w+", text[each.start : each.end + 1]))
    return next((each.lower() for each in alone if kind in _kinds(each)), "")


def _kinds(text: str) -> tuple[type[exp.Expr], ...]:
    """The kind of a text's tree, and of what it wraps."""
    try:
        tree = sqlglot.parse_one(text, read="duckdb")
    except errors.SqlglotError:
        return ()
    wrapped = type(tree.this) if isinstance(tree, exp.IgnoreNulls) else type(tree)
    return type(tree), wrapped
