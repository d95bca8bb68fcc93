"""Decisions are held against what they are about before they are kept: all are taken, or none."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pandas as pd

from workbench.diff.fit import all_unfit
from workbench.diff.setting import value_refused
from workbench.errors import UsageProblem
from workbench.mapping import with_lines
from workbench.model import DecisionKind
from workbench.model import Mapping as FieldMapping


def refuse_unfit(
    connection: duckdb.DuckDBPyConnection,
    mappings: Mapping[str, FieldMapping],
    rows: pd.DataFrame,
    decision: str,
    value: str | None,
) -> None:
    """Refuse a decision that can have no effect on some of the rows of a diff.

    Raises:
        UsageProblem: It is not for such differences, or the value is none for their fields.
    """
    wrong = all_unfit(rows, decision)
    if wrong:
        told = [f"{why} ({count:,} of {len(rows):,} rows)" for why, count in wrong.items()]
        raise UsageProblem(
            f"nothing was decided: {'; '.join(told)}", fix="Choose the rows by their kind and difference."
        )
    if decision == DecisionKind.SET:
        asked = rows[["mapping", "field"]].drop_duplicates().itertuples(index=False, name=None)
        refused = [why for of, name in asked if (why := set_refused(connection, mappings, of, name, value))]
        if refused:
            raise UsageProblem(f"nothing was decided: {'; '.join(refused)}")


def set_refused(
    connection: duckdb.DuckDBPyConnection,
    mappings: Mapping[str, FieldMapping],
    mapping: str,
    field: str,
    value: str | None,
) -> str:
    """Why a field of a mapping, or of its lines, cannot be set to a value; '' where it can."""
    fields = {(each.name, one.name): one for each in with_lines(mappings.values()) for one in each.fields}
    return value_refused(connection, fields[mapping, field], value)
