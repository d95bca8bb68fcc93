"""What a mapping itself loses on the way: an expression that cuts a text, rounds a number, drops accents.

Only what can be told from one value of the source and the one that is written; a value map or a transform has
a way back and loses nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from workbench.model import FieldMap, FieldType, Loss, Side

Row = Mapping[str, Any]


def cut(field: FieldMap, target: Side, api: str, source: Row, value: Any) -> str:
    """What the mapping loses of the source's value, as a cell's `loss`; '' where nothing is known to be."""
    if field.type in (FieldType.REFERENCE, FieldType.ID) or not isinstance(value, str | Decimal | date):
        return ""
    names = _read(field, target, api)
    return _lost(source.get(names[0]), value) if len(names) == 1 else ""


def _read(field: FieldMap, target: Side, api: str) -> tuple[str, ...]:
    """The source's fields that the value of one API field is made of; none where a transform joins them."""
    if written := field.write(target):
        return written[api].columns if api in written else ()
    if read := field.read(target.other):
        return read.columns
    return () if field.transform or field.values else field.api(target.other)


def _lost(source: Any, value: Any) -> str:
    if isinstance(source, datetime) and isinstance(value, date) and not isinstance(value, datetime):
        return f"{Loss.TIME}: the mapping drops the time of day"
    if isinstance(source, Decimal | int) and isinstance(value, Decimal) and not isinstance(source, bool):
        rounded = source != value and abs(source - value) < 1
        return f"{Loss.ROUNDING}: the mapping makes {value} of {source}" if rounded else ""
    if isinstance(source, str) and isinstance(value, str):
        return _of_text(source.strip(), value)
    return ""


def _of_text(source: str, value: str) -> str:
    if 0 < len(value) < len(source) and source.startswith(value):
        return f"{Loss.TRUNCATION}: the mapping keeps {len(value)} of {len(source)} characters"
    if (
        source != value
        and not source.isascii()
        and _plain(source) == _plain(value)
        and _plain(value) == value
    ):
        return f"{Loss.CHARACTERS}: the mapping writes it without accents"
    return ""


def _plain(text: str) -> str:
    """Without accents."""
    return "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
