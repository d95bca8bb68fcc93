"""The type of an expression's value, told by DuckDB from the types of the columns; no record is read."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping

import duckdb

from workbench.expressions.check import Unreadable
from workbench.expressions.functions import DATES, FUNCTIONS, NAMES, NUMBERS
from workbench.expressions.render import render

_local = threading.local()
CALL = re.compile(r"""['"](?P<name>[^\s'"(]+)\((?P<kinds>.*)\)['"]""")
"""The function and its types in DuckDB's sentence on one that does not take them."""
PAIR = re.compile(r"types? (?:of )?(?P<one>[A-Z]\w*(?:\([\d, ]*\))?) and (?:type )?(?P<other>[A-Z]\w*)")
"""Two types that DuckDB does not compare or mix."""
WHOLE = "a whole number"
PLAIN = {
    "VARCHAR": "text",
    "STRING_LITERAL": "text",
    "INTEGER_LITERAL": WHOLE,
    "INTEGER": WHOLE,
    "BIGINT": WHOLE,
    "HUGEINT": WHOLE,
    "DECIMAL": "a number",
    "DATE": "a date",
    "TIMESTAMP": "a date with time",
    "BOOLEAN": "true or false",
}


def result_type(text: str, types: Mapping[str, str], *, own: bool = True) -> str:
    """The DuckDB type of an expression.

    Args:
        types: DuckDB types by column name, of at least the columns that it reads.
        own: Whether the package's own functions may be used where it stands (the advice names them).

    Raises:
        Unreadable: The functions do not take values of these types.
    """
    columns = ", ".join(f"CAST(NULL AS {kind}) AS {_quoted(name)}" for name, kind in types.items())
    source = f"(SELECT {columns})" if columns else "(SELECT 1)"
    query = f"DESCRIBE SELECT {render(text, _quoted)} AS v FROM {source}"
    try:
        rows = _connection().execute(query).fetchall()
    except duckdb.Error as error:
        raise Unreadable(*_told(error, text, own)) from error
    return str(rows[0][1])


def _connection() -> duckdb.DuckDBPyConnection:
    """One a thread: opening one takes longer than all that is asked of it."""
    found: duckdb.DuckDBPyConnection | None = getattr(_local, "connection", None)
    if found is None:
        found = duckdb.connect(config={"threads": 1, "enable_external_access": "false"})
        _local.connection = found
    return found


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _told(error: duckdb.Error, text: str, own: bool) -> tuple[str, str]:
    """What DuckDB says of types in plain words, and the cast that helps."""
    said = str(error).splitlines()[0]
    if found := CALL.search(said):
        name, kinds = found["name"], _kinds(found["kinds"])
    elif (found := PAIR.search(said)) and "cast" in said:
        name, kinds = "", [found["one"], found["other"]]
    else:
        first = said.partition(": ")[2] or said
        return f"its types do not go together: {first.split('. You might')[0]}", _cast(["VARCHAR"], own)
    plain = " and ".join(plain_type(each) for each in kinds) or "no value"
    name = {"~~": "like", "!~~": "not like"}.get(name, name)
    if not name:
        return f"{plain} do not go together", _cast(kinds, own)
    # The package's own functions are written out for DuckDB: their insides are none of the user's words.
    shown = f"`{name}`" if name.lower() in text.lower() else "a function of it"
    known = next((each for each in FUNCTIONS if each.name == name), None)
    advice = _taking(name, known.group if known else "", kinds, own)
    return f"{shown} does not take {plain}", advice + (f" E.g. {known.example}" if known else "")


def _taking(name: str, group: str, kinds: list[str], own: bool) -> str:
    """The cast that makes a function or an operator take its values."""
    plain = {plain_type(each) for each in kinds}
    if group == NAMES or name in ("like", "not like"):
        text = "Make what is no text one: cast(A as varchar)."
        rest = plain - ({"text", WHOLE} if group else {"text"})
        return text if rest or "text" not in plain else "Look at how many values it takes, and which."
    if group == DATES:
        return f"Make it a date: {'date_of(A)' if own else 'cast(A as date)'}."
    if "a date" in plain and group == NUMBERS:
        return "Make a number of the date: year(A), month(A) or day(A)."
    return _cast(kinds, own)


def plain_type(kind: str) -> str:
    """A DuckDB type in the words of a person, with its name behind where that helps."""
    bare = kind.partition("(")[0]
    return PLAIN.get(bare, kind)


def _kinds(text: str) -> list[str]:
    """`VARCHAR, DECIMAL(18,5)` apart: a comma within brackets is no end."""
    return [each for each in re.split(r",\s*(?![^(]*\))", text) if each]


def _cast(kinds: list[str], own: bool) -> str:
    """The casts that are allowed and make these types fit; the package's own are none for a condition."""
    plain = {plain_type(each) for each in kinds}
    if plain & {"a date", "a date with time"}:
        date = "date_of(A), days_between(A, B)" if own else "cast(A as date)"
        return f"Make both dates: {date}; or both texts: cast(A as varchar)."
    if "text" in plain:
        return "Make the text a number: " + ("number(A)" if own else "cast(A as decimal(18,2))") + "."
    return "Make them the same with a cast: cast(A as varchar), cast(A as decimal(18,2)) or cast(A as date)."
