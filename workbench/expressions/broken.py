"""What is wrong with a text that is no SQL expression: in plain words, with the place and the next step.

The reader's own words name the kinds of its tree.  Here the text is looked at as a person would: quotes,
brackets, operators without a value; only what none of them explains is told as the word that does not fit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import sqlglot
from sqlglot import Token, errors

from workbench.expressions.functions import FUNCTIONS

Told = tuple[str, str]
"""What is wrong with its place, and the next step."""

AROUND = 24
"""Characters of the text on each side of the place."""
WORDS = ("LIKE", "IN", "BETWEEN")
OPENED = {"(": ")", "[": "]", "{": "}"}
JOINING = frozenset(("=", "==", "<>", "!=", "<", ">", "<=", ">=", "/", "||", "%", *WORDS, "AND", "OR", "IS"))
"""What needs a value on both sides; + and - and `not` may begin one."""
LEADING = frozenset(("+", "-", "NOT"))
CASE = "Write `case when <condition> then <value> else <value> end`."


def explain(text: str, error: errors.SqlglotError) -> Told:
    """Why sqlglot can't read a text."""
    try:
        tokens = sqlglot.tokenize(text, read="duckdb")
    except errors.SqlglotError:
        return _quotes(text)
    found = next((told for find in (_brackets, _operators) for told in find(text, tokens)), None)
    return found or _reported(text, tokens, error)


def beside(text: str, name: str) -> Told:
    """Why a text is read as a value with another name, which nobody gave."""
    tokens = sqlglot.tokenize(text, read="duckdb")
    if found := next(_operators(text, tokens), None):
        return found
    start = next((each.start for each in tokens[1:] if each.text == name), len(text) - 1)
    return f"`{name}` does not fit behind what stands before it{place(text, start)}", _look("it")


def place(text: str, start: int) -> str:
    """`, character 7: ...`, with an excerpt that ends a little behind the place; `start` counts from 0."""
    first, last = max(0, start - AROUND), start + AROUND
    excerpt = " ".join(text[first:last].split())
    before, behind = "..." if first else "", "..." if last < len(text) else ""
    return f", character {start + 1}: {before}{excerpt}{behind}"


def _quotes(text: str) -> Told:
    """A text that is not even made of words: a quote without its other one."""
    opened = -1
    for at, sign in enumerate(text):
        if opened < 0 and sign in "'\"":
            opened = at
        elif opened >= 0 and sign == text[opened]:
            opened = -1
    if opened < 0:
        return "it holds a comment or a sign that ends nowhere", "Take it out, or write its end."
    quote = text[opened]
    name = "a text" if quote == "'" else "a name"
    return (
        f"{name} begins with a {quote} that is not closed{place(text, opened)}",
        f"Close it with another {quote}; a {quote} that belongs to it is written twice.",
    )


def _brackets(text: str, tokens: list[Token]) -> Iterator[Told]:
    """Brackets that are not closed, or close nothing."""
    opened: list[Token] = []
    for each in (one for one in tokens if text[one.start] in "()[]{}"):
        sign = text[each.start]
        if sign in OPENED:
            opened.append(each)
        elif opened and OPENED[text[opened[-1].start]] == sign:
            opened.pop()
        else:
            yield f"the `{sign}` closes nothing{place(text, each.start)}", "Take it out, or open it before."
            return
    for each in opened:
        sign = text[each.start]
        yield (
            f"the `{sign}` is not closed{place(text, each.start)}",
            f"Write what belongs in it and a `{OPENED[sign]}`, or take it out.",
        )


def _operators(text: str, tokens: list[Token]) -> Iterator[Told]:
    """Operators that lack the value before or behind them."""
    words = [text[each.start : each.end + 1] for each in tokens]
    around = ["(", *(each.upper() for each in words), ")"]
    for at, (given, each) in enumerate(zip(words, tokens, strict=True)):
        before, word, behind = around[at : at + 3]
        if word in JOINING and before in ("(", ","):
            side = "before"
        elif word in JOINING | LEADING and (behind in (")", ",", ";") or _clash(word, behind)):
            side = "behind"
        else:
            continue
        fix = f"Write a column or a value {side} it, or take `{given}` out."
        yield f"nothing stands {side} `{given}`{place(text, each.start)}", fix


def _clash(word: str, behind: str) -> bool:
    """Whether two operators stand side by side that can't; `not in` can."""
    return behind in JOINING and not (word == "NOT" and behind in WORDS)


def _reported(text: str, tokens: list[Token], error: errors.SqlglotError) -> Told:
    """What sqlglot says of the place where it stopped, without its words."""
    first = error.errors[0] if isinstance(error, errors.ParseError) and error.errors else {}
    said, highlight = str(first.get("description", "")), str(first.get("highlight", ""))
    start = _start(text, first)
    name = _called(text, tokens, start)
    if "END after CASE" in said:
        return f"a `case` has no `end`{place(text, start)}", CASE
    if "TYPE after CAST" in said:
        return f"`cast` names no type{place(text, start)}", "Write `cast(<column> as decimal(18,2))`."
    if "missing for" in said and highlight == ")" and name:
        example = next((each.example for each in FUNCTIONS if each.name == name.lower()), "")
        fix = f"E.g. {example}" if example else "`workbench mapping functions` tells what each takes."
        return f"`{name}` is given too few values{place(text, start)}", fix
    if "missing for" in said:
        fix = f"Write what belongs behind `{highlight}`, or take out what is half said."
        return f"something is missing at `{highlight}`{place(text, start)}", fix
    return f"`{highlight or text.strip()}` does not fit there{place(text, start)}", _look("it")


def _look(what: str) -> str:
    return f"Look at what stands before {what}: an operator (and, or, =), a comma or a quote may be missing."


def _start(text: str, first: dict[str, object]) -> int:
    """Where the word that sqlglot stopped at begins; it gives a line and the column of the word's end."""
    line, column, highlight = (first.get(key) for key in ("line", "col", "highlight"))
    if not isinstance(line, int) or not isinstance(column, int):
        return 0
    above = sum(len(each) for each in text.splitlines(keepends=True)[: line - 1])
    return max(0, above + column - len(str(highlight or " ")))


def _called(text: str, tokens: list[Token], closing: int) -> str:
    """The name before the `(` that is closed at a place."""
    opened: list[int] = []
    for at, each in enumerate(tokens):
        sign = text[each.start]
        if sign == "(":
            opened.append(at)
        elif sign == ")" and opened:
            at = opened.pop()
            if each.start == closing and at:
                name = text[tokens[at - 1].start : tokens[at - 1].end + 1]
                return name if re.fullmatch(r"\w+", name) else ""
    return ""
