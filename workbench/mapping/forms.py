"""Read values out of a tree of nodes and note every problem instead of stopping at the first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

import duckdb

from workbench.errors import Problem
from workbench.mapping.nodes import Node, closest
from workbench.model import Side
from workbench.spelling import near

Word = TypeVar("Word", bound=StrEnum)
EMPTY = Node(value=None, line=0)
SHOWN = 60
"""Characters of a value that a message shows."""
PAIRS = "Write each entry on a line of its own, `key: value`, indented below it."
NAMES = "Write one name, or several in square brackets: [A, B]."
SPLIT = "Write one comparison, or several with `and` and `or` between them."
NUMBERS = ("quantity", "money", "price")
MEANT = {
    **dict.fromkeys(
        ("number", "int", "integer", "decimal", "double", "float", "currency", "amount"), NUMBERS
    ),
    **dict.fromkeys(("string", "varchar", "char", "textarea", "picklist"), ("text",)),
    **dict.fromkeys(("checkbox", "flag", "yes/no"), ("boolean",)),
    **dict.fromkeys(("timestamp", "time", "day"), ("date",)),
    **dict.fromkeys(("lookup", "link"), ("reference",)),
}
"""Types as other programs name them, and the types of a field that stand for them."""


@dataclass(slots=True, kw_only=True)
class Form:
    """A file that is being read: its name for messages, and what was found wrong so far."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def problem(self, what: str, line: int, fix: str | None = None, **values: object) -> None:
        where = f"{self.file}:{line}" if line else self.file
        self.problems.append(Problem(what=what, where=where, values=values, fix=fix or None))

    def table(self, node: Node, what: str, known: Iterable[str] | None = None) -> dict[str, Node]:
        """The entries of a mapping node; unknown keys are problems when `known` lists the known ones."""
        if node.value is None:
            return {}
        if not isinstance(node.value, dict):
            self.problem(f"{what} is {kind(node)}, expected `key: value` pairs", node.line, PAIRS)
            return {}
        if known is not None:
            for key in node.value.keys() - set(known):
                line = node.value[key].line
                self.problem(f"unknown key '{key}' in {what}", line, closest(key, known))
            return {key: value for key, value in node.value.items() if key in set(known)}
        return node.value

    def text(
        self, table: dict[str, Node], key: str, what: str, line: int, *, need: bool = False
    ) -> str | None:
        """The text at `key`; None when it is not there, a problem when it is needed."""
        node = table.get(key, EMPTY)
        if node.value is None:
            if need:
                self.problem(f"{what} has no '{key}'", node.line or line, f"Write `{key}: ...`.")
            return None
        if isinstance(node.value, dict | list):
            self.problem(
                f"'{key}' of {what} is {kind(node)}, expected text", node.line, f"Write `{key}: <text>`."
            )
            return None
        return node.text.strip() or None

    def texts(self, node: Node, what: str) -> tuple[str, ...]:
        """One text or a list of texts."""
        nodes = node.value if isinstance(node.value, list) else [node]
        found = [each.text.strip() for each in nodes if not isinstance(each.value, dict | list)]
        if len(found) < len(nodes) or not all(found):
            self.problem(f"{what} is not a name or a list of names", node.line, NAMES)
        return tuple(each for each in found if each)

    def flag(self, table: dict[str, Node], key: str, what: str, *, default: bool) -> bool:
        node = table.get(key)
        if node is None:
            return default
        if not isinstance(node.value, bool):
            self.problem(
                f"'{key}' of {what} is {node.text or kind(node)}, expected true or false",
                node.line,
                f"Write `{key}: true` or `{key}: false`, without quotes.",
            )
            return default
        return node.value

    def word(self, table: dict[str, Node], key: str, what: str, words: type[Word]) -> Word | None:
        """One of the known words; None when it is not given or not known (a problem)."""
        node = table.get(key)
        if node is None or node.value is None:
            return None
        return self.known(node, f"'{key}' of {what}", words)

    def known(self, node: Node, what: str, words: type[Word]) -> Word | None:
        names = [word.value for word in words]
        if node.text in names:
            return words(node.text)
        like = near(node.text, names)
        hint = f"Closest: {', '.join(like)}." if like else _hint(node.text.casefold(), names)
        self.problem(f"{what} is {kind(node)}, expected one of: {', '.join(names)}", node.line, hint)
        return None

    def condition(
        self, table: dict[str, Node], key: str, what: str, *, tables_of: Side | None = None
    ) -> str | None:
        """A DuckDB condition, of what an expression may be made of; else a problem.

        Args:
            tables_of: The side whose other tables it may look into (see `expressions.conditions`).
        """
        text = self.text(table, key, what, 0)
        if text is None:
            return None
        # sqlglot takes a moment to load, and a mapping need not have a condition.
        from workbench.expressions.check import Unreadable
        from workbench.expressions.conditions import read_condition

        try:
            read_condition(text, tables_of)
        except Unreadable as error:
            self.problem(f"'{key}' of {what}: {error.what}", table[key].line, error.fix, condition=text)
            return None
        try:
            statements = duckdb.extract_statements(f"SELECT 1 WHERE ({text}\n)")
        except duckdb.Error as error:
            said = str(error).splitlines()[0].partition(": ")[2]
            self.problem(
                f"'{key}' of {what} is no DuckDB condition: {said}", table[key].line, SPLIT, condition=text
            )
            return None
        if len(statements) != 1:
            self.problem(
                f"'{key}' of {what} holds more than one statement", table[key].line, SPLIT, condition=text
            )
            return None
        return text


def kind(node: Node) -> str:
    """What a value is, for a message: a long one is cut, and a section is never written out."""
    if isinstance(node.value, dict):
        return "a table of keys"
    if isinstance(node.value, list):
        return "a list"
    if node.value is None:
        return "empty"
    text = " ".join(node.text.split())
    return f"'{text}'" if len(text) <= SHOWN else f"'{text[:SHOWN]}...'"


def _hint(given: str, names: list[str]) -> str:
    """The next step for a word that is like none: what other programs say for one of the known ones."""
    meant = [each for each in MEANT.get(given, ()) if each in names]
    if meant:
        return f"Write {', '.join(meant[:-1])} or {meant[-1]}." if len(meant) > 1 else f"Write {meant[0]}."
    return "Write one of them."
