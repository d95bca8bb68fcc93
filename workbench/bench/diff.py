"""The diff as an analyst handles it: look, decide, plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.bench.display import html, user
from workbench.bench.fitting import refuse_unfit
from workbench.crosswalk import Decision, decide
from workbench.diff import DiffSummary
from workbench.errors import UsageProblem
from workbench.model import DecisionKind, Side
from workbench.reconciliation import Reconciliation
from workbench.snapshots import newest
from workbench.spelling import closest

if TYPE_CHECKING:
    from workbench.bench.bench import Bench

Where = Mapping[str, Any] | Callable[[pd.Series], bool] | str | None
"""Which rows: column values, a test of a row, 'all', or None for the marked ones."""

SETTLED = ("accept", "refuse", "ignore", "off", "none")
"""Resolutions that leave nothing to do."""


@dataclass
class Diff:
    """The differences between two snapshots.

    Attributes:
        table: One row a difference (columns: see `workbench.diff`).
        unread: One row a record that an expression of its mapping fails on; it is left alone.
        at: The time that it shows, for one of the past: it can be looked at, and nothing else.
    """

    bench: Bench
    reconciliation: Reconciliation
    table: pd.DataFrame
    unread: pd.DataFrame
    _summary: DiffSummary
    at: datetime | None = None

    @property
    def remaining(self) -> int:
        """Differences that are neither decided as they are nor out of scope."""
        return int((~self.table["resolution"].isin(SETTLED)).sum())

    @property
    def undecided(self) -> pd.DataFrame:
        """Differences that need a person."""
        return self.table[self.table["resolution"] == "undecided"]

    def summary(self) -> DiffSummary:
        """Counts, and the differences that matter most."""
        return self._summary

    def decide(
        self,
        where: Where = None,
        *,
        decision: str,
        reason: str,
        value: object = None,
        by: str | None = None,
        pinned: bool = True,
    ) -> int:
        """Decide differences and answer how many; take the diff again to see the effect.

        It is all of them or none.

        Args:
            where: Column values such as `{"mapping": "account-customer", "field": "phone"}`, or a test.
            decision: take_salesforce, take_quickbooks, set, accept, refuse, create or ignore; where the
                partner of a record was deleted, deactivate or delete.
            value: With `set`: what both sides shall hold, in QuickBooks' words; None empties the field.
            pinned: The decision holds only while both values are as they are now.

        Raises:
            UsageProblem: The conditions name no difference, or one that cannot be decided so.
        """
        if decision not in {str(kind) for kind in DecisionKind}:
            known = ", ".join(str(kind) for kind in DecisionKind)
            raise UsageProblem(f"{decision!r} is not a decision", fix=f"Use one of: {known}.")
        self.refuse_past()
        rows = select(self.table, where)
        if rows.empty and where != "all":
            raise UsageProblem(
                "where= names no difference: nothing was decided",
                fix=hint(self.table, where) or "Look at `diff.table` for what there is.",
            )
        return self._decide(rows, decision, reason, _value(decision, value), by, pinned)

    def _decide(
        self,
        rows: pd.DataFrame,
        decision: str,
        reason: str,
        value: str | None,
        by: str | None = None,
        pinned: bool = True,
    ) -> int:
        if not (reason or "").strip():
            raise UsageProblem("a decision needs a reason", fix="Say why in reason=.")
        self._refuse_older()
        refuse_unfit(self.reconciliation.connection, self.bench.workspace.in_use(), rows, decision, value)
        who = by or user()
        made = [_decision(row, decision, reason, who, pinned, value) for _, row in rows.iterrows()]
        return decide(self.bench.workspace.store, made)

    def _refuse_older(self) -> None:
        """A decision is pinned to values that were seen, and these are not those of now any more."""
        store = self.bench.workspace.store
        old = [side for side in Side if newest(store, side).id != getattr(self.reconciliation, side).id]
        if old:
            raise UsageProblem(
                f"nothing was decided: {' and '.join(side.label for side in old)} was pulled since this diff",
                fix="Take the diff again: bench.diff().",
            )

    def refuse_past(self) -> None:
        """Refuse to work on with what was and may not be any more.

        Raises:
            UsageProblem: This is a diff of the past.
        """
        if self.at is not None:
            raise UsageProblem(
                f"this diff shows what was at {self.at:%Y-%m-%d %H:%M} UTC: it can only be looked at",
                fix="Take a diff of today: bench.diff().",
            )

    def review(self) -> Any:
        """The differences as a grid to look through and decide in; take the diff again to see the effect.

        A click is the same as `decide`.  Changes are approved in `changes.review()`.
        """
        from workbench.widgets.review import review_differences

        return review_differences(self.table, None if self.at else self._decide)

    def _repr_html_(self) -> str:
        columns = [
            "mapping",
            "label",
            "field",
            "salesforce",
            "quickbooks",
            "difference",
            "resolution",
            "reason",
        ]
        shown = html(f"{len(self.table):,} differences, {self.remaining:,} not settled", self.table[columns])
        if self.unread.empty:
            return shown
        return shown + html(f"{len(self.unread):,} records an expression fails on", self.unread)


def select(table: pd.DataFrame, where: Where) -> pd.DataFrame:
    """Answer the rows of a table that are meant.

    Raises:
        UsageProblem: A column that is not there, or nothing was said.
    """
    match where:
        case None:
            raise UsageProblem("say which rows: where={...}, a test, or 'all'")
        case "all":
            return table
        case Mapping():
            unknown = [name for name in where if name not in table.columns]
            if unknown:
                raise UsageProblem(
                    f"no such column: {', '.join(unknown)}", fix=f"Use: {', '.join(table.columns)}."
                )
            chosen = pd.Series(True, index=table.index)
            for name, value in where.items():
                chosen &= (
                    table[name].isin(value) if isinstance(value, (list, set, tuple)) else table[name] == value
                )
            return table[chosen]
        case _ if callable(where):
            return table[[bool(where(row)) for _, row in table.iterrows()]] if len(table) else table
    raise UsageProblem(f"where={where!r} is not understood", fix="Use a dictionary, a test, or 'all'.")


def hint(table: pd.DataFrame, where: Where) -> str:
    """What is there instead of the values that no row has; '' where each is there, if not together."""
    told = []
    for name, value in where.items() if isinstance(where, Mapping) else ():
        known = [str(each) for each in table[name].dropna().unique()]
        for each in value if isinstance(value, (list, set, tuple)) else (value,):
            if str(each) not in known and (found := closest(str(each), known)):
                told.append(f"No {name} is {each}. {found}")
    return " ".join(told)


def _value(decision: str, value: object) -> str | None:
    if isinstance(value, float):
        raise UsageProblem(f"{value!r} is a binary number", fix="Give an amount as text or Decimal: '12.50'.")
    if value is not None and decision != DecisionKind.SET:
        raise UsageProblem(f"a value goes with the decision 'set', not with {decision!r}")
    return None if value is None else str(value)


def _decision(
    row: pd.Series, decision: str, reason: str, by: str, pinned: bool, value: str | None
) -> Decision:
    whole = row["kind"] != "field"
    return Decision(
        mapping=row["mapping"],
        salesforce_id=_text(row["salesforce_id"]),
        quickbooks_id=_text(row["quickbooks_id"]),
        field=None if whole else row["field"],
        decision=decision,
        pinned=pinned and not whole,
        salesforce_seen=None if whole else _text(row["salesforce_value"]),
        quickbooks_seen=None if whole else _text(row["quickbooks_value"]),
        value=value,
        reason=reason,
        decided_by=by,
    )


def _text(value: Any) -> str | None:
    return None if value is None or pd.isna(value) else str(value)
