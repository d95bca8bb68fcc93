"""What is sent to Salesforce, letter by letter: JSON bodies, SOQL literals, and the CSV of Bulk API 2.0."""

from __future__ import annotations

import csv
import io
import json
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

NULL = "#N/A"
"""How Bulk API 2.0 is told to empty a field; an empty cell leaves it as it is."""


def literal(text: str) -> str:
    """Answer a SOQL string literal."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{escaped}'"


def collection_body(name: str, rows: Sequence[Mapping[str, Any]], *, all_or_none: bool = False) -> str:
    """Answer the exact JSON of a Collections request."""
    records = [{"attributes": {"type": name}} | dict(row) for row in rows]
    return exact_json({"allOrNone": all_or_none, "records": records})


def exact_json(value: object, *, indent: int | None = None) -> str:
    """Answer JSON in which decimals are written digit by digit, and dates as Salesforce takes them.

    The json module would send a Decimal through a float, so it gets a marked text and the marks are
    taken off afterwards; the mark holds a random part, so that no customer's text can look like one.
    """
    mark = f"decimal-{secrets.token_hex(8)}:"

    def plain(value: object) -> object:
        if isinstance(value, Decimal):
            return mark + format(value, "f")
        if isinstance(value, date):
            return value.isoformat()
        raise TypeError(f"{type(value).__name__} cannot be sent to Salesforce: {value!r}")

    text = json.dumps(value, default=plain, ensure_ascii=False, indent=indent)
    return re.sub(f'"{mark}([^"]*)"', r"\1", text)


def fits_csv(row: Mapping[str, Any]) -> bool:
    """Whether a row can go as CSV: a text that is `#N/A` would empty the field."""
    return not any(isinstance(value, str) and value.strip() == NULL for value in row.values())


def csv_parts(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[str], most: int
) -> Iterator[tuple[int, bytes]]:
    """Yield (rows, UTF-8 CSV with a header), in parts of at most `most` bytes (one row at least).

    A column that a row does not name stays as it is in Salesforce; one that is None is emptied.
    """
    header = _line(columns)
    part = [header]
    size = len(header)
    for row in rows:
        line = _line([cell(row[name]) if name in row else "" for name in columns])
        if size + len(line) > most and len(part) > 1:
            yield len(part) - 1, b"".join(part)
            part, size = [header], len(header)
        part.append(line)
        size += len(line)
    if len(part) > 1:
        yield len(part) - 1, b"".join(part)


def read_csv(content: bytes) -> list[dict[str, str]]:
    """Read CSV that Salesforce sent: UTF-8 whatever the header says, line breaks within cells kept."""
    text = content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def _line(cells: Sequence[str]) -> bytes:
    target = io.StringIO(newline="")
    csv.writer(target, lineterminator="\n").writerow(cells)
    return target.getvalue().encode()


def cell(value: Any) -> str:
    """Answer a value as it stands in the CSV of Bulk API 2.0."""
    match value:
        case None | "":
            return NULL
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case date():
            return value.isoformat()
        case int() | str():
            return str(value)
    raise TypeError(f"{type(value).__name__} cannot be sent to Salesforce: {value!r}")
