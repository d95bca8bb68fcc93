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
    entries = [
        f"CASE WHEN nullif({raw}, {text}) IS NOT NULL "
        f"THEN {literal(f'{json.dumps(name, ensure_ascii=False)}:')} || CAST(to_json({raw}) AS VARCHAR) END"
        for name, raw, text in values
    ]
    if not entries:
        return "CAST(NULL AS VARCHAR)"
    return f"nullif('{{' || concat_ws(',', {', '.join(entries)}) || '}}', '{{}}')"


def told_path(name: str) -> str:
    """Where the raw value of a field stands in the column, as a JSON path."""
    return f"$.{json.dumps(name, ensure_ascii=False)}"


def told(column: str, path: str, text: str) -> str:
    """The SQL of the raw value of a field: what is not in the column is the same as the comparable text."""
    return f"coalesce(json_extract_string({column}, {path}), {text})"
