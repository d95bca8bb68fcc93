"""Raw values as a person reads them, of all fields of a row in one column.

A column `told` is a JSON object by field name of the raw values that are other texts than the comparable
ones; NULL when there are none.  One column is read at a fraction of what one for each field costs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from workbench.normalize.sql import literal


def told_column(values: Iterable[tuple[str, str, str]]) -> str:
    """The SQL of the column, from field names with the SQL of the raw value and of the comparable text."""
    return json_object((name, f"nullif({raw}, {text}) IS NOT NULL", raw) for name, raw, text in values)


def json_object(entries: Iterable[tuple[str, str, str]]) -> str:
    """The SQL of a JSON object of texts, from names with the SQL of whether they are in it and of the text.

    NULL when nothing is in it.
    """
    parts = [
        f"CASE WHEN {there} THEN {literal(f'{json.dumps(name, ensure_ascii=False)}:')} || "
        f"coalesce(CAST(to_json({text}) AS VARCHAR), 'null') END"
        for name, there, text in entries
    ]
    if not parts:
        return "CAST(NULL AS VARCHAR)"
    return f"nullif('{{' || concat_ws(',', {', '.join(parts)}) || '}}', '{{}}')"


def told_path(name: str) -> str:
    """Where the raw value of a field stands in the column, as a JSON path."""
    return f"$.{json.dumps(name, ensure_ascii=False)}"


def told(column: str, path: str, text: str) -> str:
    """The SQL of the raw value of a field: what is not in the column is the same as the comparable text."""
    return f"coalesce(json_extract_string({column}, {path}), {text})"
