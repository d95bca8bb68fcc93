"""What a SOQL statement says once it is parsed, and errors that show their place in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from .errors import OrgError

TOO_COMPLICATED = "Query is either selecting too many fields or the filter conditions are too complicated."


@dataclass(frozen=True, slots=True)
class Path:
    """A field, through parents: `("Account", "Name")`; `at` is its place in the text."""

    names: tuple[str, ...]
    at: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return ".".join(self.names)


LiteralKind = Literal["string", "number", "date", "datetime", "boolean", "null"]


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal.  A string keeps its text without escapes; `pattern` is its form for LIKE."""

    kind: LiteralKind
    value: str | Decimal | bool | None
    pattern: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Compare:
    path: Path
    operator: str  # = != < <= > >= LIKE
    value: Constant


@dataclass(frozen=True, slots=True)
class In:
    path: Path
    values: tuple[Constant, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Not:
    condition: Condition


@dataclass(frozen=True, slots=True)
class Both:
    """Conditions joined by AND or by OR."""

    word: Literal["AND", "OR"]
    conditions: tuple[Condition, ...]


Condition = Compare | In | Not | Both


@dataclass(frozen=True, slots=True)
class Order:
    path: Path
    descending: bool = False
    nulls_last: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A parsed statement; `select` is empty for COUNT()."""

    text: str = field(compare=False)
    select: tuple[Path, ...]
    count: bool = False
    source: Path
    where: Condition | None = None
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0


def refuse(text: str, at: int, code: str, message: str) -> OrgError:
    """An error with the place in the statement, laid out as the real org does."""
    row = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    lines = text.split("\n")
    shown = "\n".join(lines[max(0, row - 2) : row])
    return OrgError(code, f"\n{shown}\n{' ' * (column - 1)}^\nERROR at Row:{row}:Column:{column}\n{message}")
