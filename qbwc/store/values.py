"""Plain values through JSON and back; Decimal, dates and times keep their type."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any


def dump(value: object) -> str:
    """Write plain values as JSON; Decimal, dates and times keep their type."""
    return json.dumps(value, default=_tagged, ensure_ascii=False, separators=(",", ":"))


def load(document: str) -> Any:
    """Read what `dump` wrote."""
    return json.loads(document, object_hook=_untagged, parse_float=Decimal)


def _tagged(value: object) -> dict[str, str]:
    match value:
        case Decimal():
            return {"$decimal": str(value)}
        case datetime():
            return {"$time": value.isoformat()}
        case date():
            return {"$date": value.isoformat()}
    raise TypeError(f"a value of type {type(value).__name__} cannot be kept in the queue: {value!r}")


def _untagged(value: dict[str, Any]) -> Any:
    if len(value) != 1:
        return value
    match value:
        case {"$decimal": str(number)}:
            return Decimal(number)
        case {"$time": str(moment)}:
            return datetime.fromisoformat(moment)
        case {"$date": str(day)}:
            return date.fromisoformat(day)
    return value
