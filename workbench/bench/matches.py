"""Matches: which records are the same, what a person must look at, and the end of a first matching."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.bench.display import counted, html, user
from workbench.crosswalk import Decision, close, decide, in_the_way
from workbench.errors import UsageProblem
from workbench.ledger import record

if TYPE_CHECKING:
    from workbench.bench.bench import Bench


@dataclass
class Matches:
    """What matching found.

    Attributes:
        table: mapping, ids and labels of both sides, rule, score, status, reason.
        counts: By mapping, how many pairs each rule has found, ever.
        unmatched: By mapping, records of each side without a partner.
    """

    bench: Bench
    table: pd.DataFrame
    counts: dict[str, dict[str, int]]
    unmatched: dict[str, dict[str, int]]

    @property
    def open(self) -> pd.DataFrame:
        """Candidates that a person should look at."""
        return self.table[self.table["status"].isin(["review", "ambiguous"])]

    def summary(self) -> pd.DataFrame:
        """Pairs by mapping and rule, and what has no partner."""
        rows = []
        for mapping, rules in self.counts.items():
            left = self.unmatched.get(mapping, {})
            rows.append(
                {
                    "mapping": mapping,
                    "pairs": sum(rules.values()),
                    "by": counted(rules),
                    "to review": int((self.open["mapping"] == mapping).sum()),
                    "only in Salesforce": left.get("salesforce", 0),
                    "only in QuickBooks": left.get("quickbooks", 0),
                }
            )
        return pd.DataFrame(rows)

    def review(self) -> pd.DataFrame:
        """The candidates to look at: link them with `link`, or say `not_a_match`."""
        return self.open.drop(columns=["status"])

    def link(
        self, mapping: str, salesforce_id: str, quickbooks_id: str, reason: str, by: str | None = None
    ) -> None:
        """Decide that two records are the same.

        Raises:
            UsageProblem: One of them is linked to another record; `not_a_match` of those two comes first.
        """
        if taken := in_the_way(self.bench.workspace.store, mapping, salesforce_id, quickbooks_id):
            told = "; ".join(f"{row['salesforce_id']} with {row['quickbooks_id']}" for row in taken)
            raise UsageProblem(
                f"nothing was linked: {told} are linked",
                fix="Say `matches.not_a_match` of those two first, if they are none.",
            )
        self._decide(mapping, salesforce_id, quickbooks_id, "link", reason, by)

    def not_a_match(
        self, mapping: str, salesforce_id: str, quickbooks_id: str, reason: str, by: str | None = None
    ) -> None:
        """Decide that two records are not the same; they are not proposed again.

        Two that are linked already come apart at the next match, with all that was known of them as a pair.
        """
        self._decide(mapping, salesforce_id, quickbooks_id, "not_a_match", reason, by)

    def close(self, mapping: str | None = None, by: str | None = None) -> list[str]:
        """Close the first matching: from now on what has no partner may be created."""
        names = [mapping] if mapping else list(self.counts)
        who = by or user()
        store = self.bench.workspace.store
        done = [name for name in names if close(store, name, who)]
        for name in done:
            record(store, who=who, event="matching closed", subject=name, detail={})
        return done

    def _decide(self, mapping: str, left: str, right: str, what: str, reason: str, by: str | None) -> None:
        decision = Decision(
            mapping=mapping,
            salesforce_id=left,
            quickbooks_id=right,
            field=None,
            decision=what,
            reason=reason,
            decided_by=by or user(),
        )
        decide(self.bench.workspace.store, [decision])

    def _repr_html_(self) -> str:
        return html(f"{sum(sum(rules.values()) for rules in self.counts.values()):,} pairs", self.summary())

    def data(self) -> dict[str, Any]:
        """Pairs by mapping and rule."""
        return self.counts
