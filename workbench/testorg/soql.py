"""A small, strict SOQL parser.

    query     := SELECT ( COUNT() | path {, path} ) FROM name [WHERE condition]
                 [ORDER BY path [ASC|DESC] [NULLS FIRST|LAST] {, ...}] [LIMIT n] [OFFSET n]
    condition := unit { AND unit } | unit { OR unit }          (mixing needs parentheses)
    unit      := [NOT] ( "(" condition ")" | path operator literal | path [NOT] IN "(" literal {, ...} ")" )

Whatever lies outside of this grammar is MALFORMED_QUERY, also where the real org would take it: a
clause that is skipped would change what a query means.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from .errors import OrgError
from .soql_tree import (
    TOO_COMPLICATED,
    Both,
    Compare,
    Condition,
    Constant,
    In,
    Not,
    Order,
    Path,
    Query,
    refuse,
)

MAX_LENGTH = 100_000  # characters of a statement
MAX_OFFSET = 2_000
MAX_DEPTH = 100  # of parentheses and NOTs


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int

    @property
    def word(self) -> str:
        return self.text.upper() if self.kind == "name" else self.text


_TOKENS = re.compile(
    r"""(?P<space>\s+)
    | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d))
    | (?P<date>\d{4}-\d\d-\d\d(?![\dT]))
    | (?P<number>[+-]?(\d+(\.\d*)?|\.\d+)(?![\w.]))
    | (?P<name>[A-Za-z]\w*(\.[A-Za-z]\w*)*)
    | (?P<string>'(\\.|[^'\\])*')
    | (?P<operator><=|>=|!=|<>|=|<|>|\(|\)|,)""",
    re.VERBOSE | re.ASCII | re.DOTALL,
)
_WORDS = (
    "SELECT FROM WHERE ORDER BY LIMIT OFFSET AND OR NOT IN LIKE ASC DESC NULLS FIRST LAST NULL TRUE FALSE"
    " GROUP HAVING INCLUDES EXCLUDES USING WITH FOR TYPEOF"
)
_KEYWORDS = frozenset(_WORDS.split())
_ESCAPES: Mapping[str, str] = {
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "b": "\b",
    "f": "\f",
    '"': '"',
    "'": "'",
    "\\": "\\",
    "_": "_",
    "%": "%",
}


def parse(text: str) -> Query:
    """Parse one statement.

    Raises:
        OrgError: MALFORMED_QUERY, with the place; NUMBER_OUTSIDE_VALID_RANGE for a large OFFSET.
    """
    if len(text) > MAX_LENGTH:
        raise OrgError("MALFORMED_QUERY", f"SOQL statements cannot be longer than {MAX_LENGTH} characters.")
    return _Parser(text).query()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = self._scan()
        self.place = 0
        self.depth = 0

    # --- tokens --------------------------------------------------------------------------------

    def _scan(self) -> list[_Token]:
        tokens, at = [], 0
        while at < len(self.text):
            match = _TOKENS.match(self.text, at)
            if match is None:
                raise self._unexpected(_Token("", self.text[at], at))
            kind = str(match.lastgroup)
            if kind != "space":
                tokens.append(_Token(kind, match.group(), at))
            at = match.end()
        return [*tokens, _Token("end", "<EOF>", len(self.text))]

    @property
    def next(self) -> _Token:
        return self.tokens[self.place]

    def _unexpected(self, token: _Token) -> OrgError:
        return refuse(self.text, token.at, "MALFORMED_QUERY", f"unexpected token: '{token.text}'")

    def _take(self) -> _Token:
        token = self.next
        self.place += 1
        return token

    def _has(self, *words: str) -> bool:
        """Take these words if they come next, all of them."""
        ahead = self.tokens[self.place : self.place + len(words)]
        found = [t.word for t in ahead] == list(words)
        if found:
            self.place += len(words)
        return found

    def _need(self, *words: str) -> None:
        if not self._has(*words):
            raise self._unexpected(self.next)

    def _path(self, allowed: str = "") -> Path:
        token = self._take()
        if token.kind != "name" or (token.word in _KEYWORDS and token.word != allowed):
            raise self._unexpected(token)
        return Path(tuple(token.text.split(".")), token.at)

    # --- clauses -------------------------------------------------------------------------------

    def query(self) -> Query:
        self._need("SELECT")
        count = self._has("COUNT", "(", ")")
        select = () if count else self._select()
        self._need("FROM")
        source = self._path(allowed="GROUP")  # there is an object of this name
        if len(source.names) > 1:
            raise refuse(self.text, source.at, "MALFORMED_QUERY", f"unexpected token: '{source}'")
        where = self._condition() if self._has("WHERE") else None
        order = self._order() if self._has("ORDER", "BY") else ()
        limit = self._whole() if self._has("LIMIT") else None
        offset = self._whole() if self._has("OFFSET") else 0
        if offset > MAX_OFFSET:
            raise OrgError("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {MAX_OFFSET}")
        if self.next.kind != "end":
            raise self._unexpected(self.next)
        return Query(
            text=self.text,
            select=select,
            count=count,
            source=source,
            where=where,
            order=order,
            limit=limit,
            offset=offset,
        )

    def _select(self) -> tuple[Path, ...]:
        paths = [self._path()]
        while self._has(","):
            paths.append(self._path())
        seen: set[str] = set()
        for path in paths:
            if str(path).lower() in seen:
                raise refuse(self.text, path.at, "MALFORMED_QUERY", f"duplicate field selected: {path}")
            seen.add(str(path).lower())
        return tuple(paths)

    def _order(self) -> tuple[Order, ...]:
        orders = [self._one_order()]
        while self._has(","):
            orders.append(self._one_order())
        return tuple(orders)

    def _one_order(self) -> Order:
        path = self._path()
        descending = self._has("DESC")
        if not descending:
            self._has("ASC")
        nulls_last = self._has("NULLS", "LAST")
        if not nulls_last:
            self._has("NULLS", "FIRST")  # the default, also with DESC
        return Order(path, descending, nulls_last)

    def _whole(self) -> int:
        token = self._take()
        if token.kind != "number" or not token.text.isdigit():
            raise self._unexpected(token)
        return int(token.text)

    # --- conditions ----------------------------------------------------------------------------

    def _condition(self) -> Condition:
        first = self._unit()
        if self.next.word not in ("AND", "OR"):
            return first
        word: Literal["AND", "OR"] = "AND" if self.next.word == "AND" else "OR"
        parts = [first]
        while self._has(word):
            parts.append(self._unit())
        if self.next.word in ("AND", "OR"):
            raise self._unexpected(self.next)  # `a AND b OR c` needs parentheses
        return Both(word, tuple(parts))

    def _unit(self) -> Condition:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise OrgError("QUERY_TOO_COMPLICATED", TOO_COMPLICATED)
        unit: Condition
        if self._has("NOT"):
            unit = Not(self._unit())
        elif self._has("("):
            unit = self._condition()
            self._need(")")
        else:
            unit = self._comparison()
        self.depth -= 1
        return unit

    def _comparison(self) -> Condition:
        path = self._path()
        if self._has("NOT", "IN"):
            return In(path, self._list(), negated=True)
        if self._has("IN"):
            return In(path, self._list())
        token = self._take()
        if token.word not in ("=", "!=", "<>", "<", "<=", ">", ">=", "LIKE"):
            raise self._unexpected(token)
        operator = "!=" if token.word == "<>" else token.word
        return Compare(path, operator, self._constant())

    def _list(self) -> tuple[Constant, ...]:
        self._need("(")
        values = [self._constant()]
        while self._has(","):
            values.append(self._constant())
        self._need(")")
        return tuple(values)

    def _constant(self) -> Constant:
        token = self._take()
        if token.kind == "string":
            return self._string(token)
        if token.kind == "number":
            return Constant("number", Decimal(token.text))
        if token.kind == "date":
            return Constant("date", token.text)
        if token.kind == "datetime":
            return Constant("datetime", token.text)
        if token.word in ("TRUE", "FALSE"):
            return Constant("boolean", token.word == "TRUE")
        if token.word == "NULL":
            return Constant("null", None)
        raise self._unexpected(token)

    def _string(self, token: _Token) -> Constant:
        """Undo the escapes; in the pattern for LIKE `\\%` and `\\_` stay literal characters."""
        plain, pattern = "", ""
        characters = iter(token.text[1:-1])
        for char in characters:
            if char != "\\":
                plain, pattern = plain + char, pattern + char
                continue
            escape = next(characters)
            if escape.lower() not in _ESCAPES:
                raise refuse(
                    self.text,
                    token.at,
                    "MALFORMED_QUERY",
                    f"Illegal character sequence '\\{escape}' in string literal {token.text}. Valid"
                    " character sequences are alphabetic, numeric and escaped characters.",
                )
            char = _ESCAPES[escape.lower()]
            plain += char
            pattern += f"\\{char}" if char in "%_\\" else char
        return Constant("string", plain, pattern)
