"""Grids for what the workbench shows: the changes of a plan, to approve; differences, to look through."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Protocol

import pandas as pd

from workbench.widgets.columns import Column
from workbench.widgets.deciding import DecisionGrid, OnDecide
from workbench.widgets.grid import DiffGrid

_DIFFERENCES = (
    Column(name="resolution", kind="badge"),
    Column(name="difference", kind="badge"),
    Column(name="mapping"),
    Column(name="label", title="Record"),
    Column(name="field"),
    Column(name="base"),
    Column(name="salesforce", title="Salesforce", versus="base"),
    Column(name="quickbooks", title="QuickBooks", versus="base"),
    Column(name="gap", kind="money"),
    Column(name="reason"),
)


class Markable(Protocol):
    """What a grid needs of a planned change set."""

    @property
    def table(self) -> pd.DataFrame: ...
    @property
    def marked(self) -> Collection[str]: ...
    def mark(self, changes: Iterable[str], approved: bool = True, by: str | None = None) -> None: ...


def review_changes(changes: Markable, by: str | None = None) -> DiffGrid:
    """The change set's cells; a mark goes into the store before it is shown."""

    def on_mark(ids: list[str], approved: bool) -> Collection[str]:
        changes.mark(ids, approved, by)
        return changes.marked

    return DiffGrid(changes.table, approved=changes.marked, on_mark=on_mark)


def review_differences(table: pd.DataFrame, on_decide: OnDecide | None = None) -> DiffGrid:
    """Differences to filter and sort, the undecided ones first; with `on_decide`, to decide by click."""
    undecided = table["resolution"] == "undecided"
    ordered = pd.concat([table[undecided], table[~undecided]])
    shown: dict[str, Any] = {
        "columns": [column for column in _DIFFERENCES if column.name in table.columns],
        "filters": ("resolution", "difference", "mapping"),
        "title": "Differences",
        "noun": ("difference", "differences"),
    }
    if on_decide is None:
        return DiffGrid(ordered, key=None, **shown)
    shown["columns"].insert(0, Column(name="decided", title="Decided here", kind="badge"))
    return DecisionGrid(ordered, on_decide=on_decide, **shown)
