"""Matches: which records are the same, what a person must look at, and the end of a first matching."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.bench.display import counted, html, user
from workbench.bench.entries import Weigher
from workbench.bench.ground import Ground
from workbench.crosswalk import Decision, close, decide
from workbench.decisionfile import Written
from workbench.errors import UsageProblem
from workbench.ledger import record
from workbench.mapping import with_lines
from workbench.model import DecisionKind, Side
from workbench.normalize.sql import canonical
from workbench.reconciliation import Reconciliation

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
    reconciliation: Reconciliation
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
            UsageProblem: There is no such mapping or record, no reason is given, one of the two is linked to
                another record (`not_a_match` of those comes first), or they are lines of documents that are
                not linked to each other.
        """
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
        self._refuse(mapping, left, right, what, reason)
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

    def _refuse(self, mapping: str, left: str, right: str, what: str, reason: str) -> None:
        """Refuse what can have no effect, or more than was meant."""
        workspace, connection = self.bench.workspace, self.reconciliation.connection
        mappings = workspace.in_use()
        known = {each.name: each for each in with_lines(mappings.values())}
        if mapping not in known:
            raise UsageProblem(f"there is no mapping {mapping!r}", fix=f"Use one of: {', '.join(known)}.")
        if not reason.strip():
            raise UsageProblem("a decision needs a reason", fix="Say why in reason=.")
        for side, id_ in zip(Side, (left, right), strict=True):
            query = f"SELECT 1 FROM {canonical(known[mapping], side)} WHERE id = ?"
            if connection.execute(query, [id_]).fetchone() is None:
                raise UsageProblem(
                    f"{mapping} has no record {id_!r} in {side.label}",
                    fix="Give the ids as `.table` has them.",
                )
        written = Written(
            mapping=mapping, salesforce=left, quickbooks=right, salesforce_id=left, quickbooks_id=right,
            field=None, decision=DecisionKind(what), reason=reason,
        )  # fmt: skip
        ground = Ground(connection, mappings, self.table, [written])
        for about in Weigher(workspace.store, ground).about(written):
            if about.wrong:
                raise UsageProblem(about.wrong, fix=about.fix)

    def _repr_html_(self) -> str:
        return html(f"{sum(sum(rules.values()) for rules in self.counts.values()):,} pairs", self.summary())

    def data(self) -> dict[str, Any]:
        """Pairs by mapping and rule."""
        return self.counts
