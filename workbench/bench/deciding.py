"""Take the decisions that somebody wrote down in a file.

Each is held against what it is about first: what is wrong is listed and nothing is taken, and what nothing
is left to decide of (both sides agree by now) is left out and told.  A decision about a field is pinned to
the values of its two records, so that it does not outlive them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from workbench.bench.diff import Diff
from workbench.bench.display import html
from workbench.bench.entries import About, Weigher
from workbench.bench.ground import Ground
from workbench.crosswalk import Decision, close, decide
from workbench.decisionfile import DecisionFile, Written
from workbench.errors import Problem, Problems
from workbench.ledger import record
from workbench.workspace import Workspace

LEFT_OUT = ("mapping", "salesforce", "quickbooks", "field", "decision", "why")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a decisions file.

    Attributes:
        decisions: How many were taken.
        closed: Mappings whose first matching it closed; those that were closed before are not named.
        left_out: A row for each entry of which nothing is left to decide: mapping, salesforce, quickbooks (as
            the entry names them), field, decision, why.
    """

    decisions: int
    closed: tuple[str, ...]
    left_out: pd.DataFrame

    def __str__(self) -> str:
        parts = []
        if self.decisions or not self.closed:
            parts.append(f"{self.decisions:,} decision{'s' * (self.decisions != 1)} taken")
        if self.closed:
            parts.append(f"first matching closed of {', '.join(self.closed)}")
        if len(self.left_out):
            parts.append(f"{len(self.left_out):,} left out, of which nothing is left to decide")
        return "; ".join(parts)

    def _repr_html_(self) -> str:
        return html(str(self), self.left_out)


def take(workspace: Workspace, written: DecisionFile, diff: Diff, who: str) -> Taken:
    """Take the decisions of a file, and close the matchings that it closes.

    Raises:
        Problems: A decision names no record, or several, or can have no effect on what it names; all are
            listed and none is taken.
    """
    connection, mappings = diff.reconciliation.connection, workspace.in_use()
    found = written.find(connection, mappings)
    weigher = Weigher(workspace.store, Ground(connection, mappings, diff.table, found))
    about = [each for entry in found for each in weigher.about(entry)]
    _refuse(written, about)
    decided = [_decided(each, who) for each in about if not each.left_out]
    count = decide(workspace.store, decided)
    closed = tuple(mapping for mapping in written.close if close(workspace.store, mapping, who))
    detail = {"decisions": count, "closed": list(closed)}
    record(workspace.store, who=who, event="decisions", subject=written.path.name, detail=detail)
    rows = [_told(each) for each in about if each.left_out]
    return Taken(decisions=count, closed=closed, left_out=pd.DataFrame(rows, columns=list(LEFT_OUT)))


def _refuse(written: DecisionFile, about: Iterable[About]) -> None:
    problems = [
        Problem(what=each.wrong, where=str(written.path), values=_named(each.written), fix=each.fix)
        for each in about
        if each.wrong
    ]
    if problems:
        raise Problems(problems)


def _named(written: Written) -> Mapping[str, object]:
    named = ("mapping", "salesforce", "quickbooks", "field", "decision")
    return {name: getattr(written, name) for name in named if getattr(written, name) is not None}


def _told(about: About) -> dict[str, object]:
    return {**dict.fromkeys(LEFT_OUT), **_named(about.written), "why": about.left_out}


def _decided(about: About, by: str) -> Decision:
    written = about.written
    seen = about.seen or (None, None)
    return Decision(
        mapping=written.mapping,
        salesforce_id=written.salesforce_id,
        quickbooks_id=written.quickbooks_id,
        field=written.field,
        decision=written.decision,
        pinned=about.seen is not None,
        salesforce_seen=seen[0],
        quickbooks_seen=seen[1],
        value=written.value,
        reason=written.reason,
        decided_by=by,
    )
