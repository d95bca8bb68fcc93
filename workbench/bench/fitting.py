"""Decisions are held against what they are about before they are kept: all are taken, or none."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pandas as pd

from workbench.changes.sheet import TARGETS
from workbench.diff.fit import all_unfit
from workbench.diff.setting import value_refused
from workbench.errors import UsageProblem
from workbench.mapping import with_lines
from workbench.model import DecisionKind, Direction, FieldMap, Kind, Operation, Resolution
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
    by_name = {each.name: each for each in with_lines(mappings.values())}
    fields = rows.loc[rows["kind"] == Kind.FIELD, ["mapping", "field"]].drop_duplicates()
    asked = [(by_name[of], by_name[of].field(name)) for of, name in fields.itertuples(index=False, name=None)]
    why = [refused(connection, mapping, field, decision, value) for mapping, field in asked]
    told = list(dict.fromkeys(filter(None, why)))
    if told:
        raise UsageProblem(f"nothing was decided: {'; '.join(told)}", fix="Choose the rows by their field.")


def refused(
    connection: duckdb.DuckDBPyConnection,
    mapping: FieldMapping,
    field: FieldMap,
    decision: str,
    value: str | None = None,
) -> str:
    """Why a field cannot be decided so; '' where it can."""
    if decision == DecisionKind.SET:
        return value_refused(connection, field, value)
    if decision not in (Resolution.TAKE_SALESFORCE, Resolution.TAKE_QUICKBOOKS):
        return ""
    target = TARGETS[Resolution(decision)]
    if field.direction is Direction.COMPARE:
        return f"{decision} cannot be written: {field.name} is only compared"
    if not field.direction.allows(target):
        return f"{decision} cannot be written: {field.name} does not go to {target.label}"
    if Operation.MODIFY not in mapping.operations[target]:
        return f"{decision} cannot be written: {mapping.name} may not modify {target.label}"
    return ""
