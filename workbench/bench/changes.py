"""A change set as an analyst handles it: look at every cell, mark, approve, push."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.approval import VALID_HOURS, Approval, approve, default_approver, extent, latest_approval
from workbench.bench.changefiles import need_planned, save_file, turns_table
from workbench.bench.diff import Where, hint, select
from workbench.bench.display import counted, html, user
from workbench.changes import Answer, Change, ChangeSet
from workbench.errors import ApprovalError, UsageProblem
from workbench.forecast import Convergence, Returning
from workbench.ledger import mark, marked, record
from workbench.model import Side
from workbench.push import author_of
from workbench.report import write_workbook
from workbench.workspace import Workspace

if TYPE_CHECKING:
    from workbench.bench.bench import Bench

COLUMNS = (
    "change", "action", "side", "mapping", "object", "record", "field", "salesforce", "quickbooks",
    "before", "after", "stored", "loss", "predicted", "returns", "undo", "why", "hold",
)  # fmt: skip
SHOWN = ["action", "side", "object", "record", "field", "before", "after", "predicted", "undo", "why"]
SOMETIMES = ["loss", "returns", "hold"]
"""Columns that are shown where they say anything."""
RETURNING = ("mapping", "side", "object", "record", "field", "kind", "cause", "change")


@dataclass
class Changes:
    """A planned change set.

    Attributes:
        changeset: The value itself, as it is saved and hashed.
    """

    bench: Bench
    changeset: ChangeSet

    @property
    def id(self) -> str:
        return self.changeset.id

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row for each cell that would be written, and for each that a system would fill by itself."""
        returns = {(each.change, each.field): each.cause for each in self.convergence.remaining}
        rows = [row for change in self.changeset.changes for row in _rows(change, returns)]
        return pd.DataFrame(rows, columns=list(COLUMNS))

    @cached_property
    def convergence(self) -> Proof:
        """What a new plan would hold after a push of all that can be written."""
        return Proof(Convergence.of(self.changeset) or Convergence())

    @cached_property
    def returning(self) -> list[Change]:
        """The changes that `approve(where="all")` leaves out, because what they write would come back.

        An update whose value the system does not keep would be written again at every run.  A record is
        created once: it is not left out, and what comes back of it is an update of the next plan.
        """
        coming = {id_ for id_ in self.convergence.changes if self.changeset.by_id[id_].action == "update"}
        return [each for each in self.writable if coming & self.changeset.with_parents([each.id])]

    @property
    def predicted(self) -> dict[str, int]:
        """Changes by what the systems are expected to answer: 'ok', a status code, or 'unknown'."""
        return dict(Counter(change.predicted or "unknown" for change in self.changeset.changes))

    @property
    def losses(self) -> dict[str, int]:
        """Cells by what is lost on the way (see `model.Loss`)."""
        cells = (cell for change in self.changeset.changes for cell in change.cells if cell.loss)
        return dict(Counter(cell.loss.partition(":")[0] for cell in cells))

    @property
    def writable(self) -> list[Change]:
        """The changes that nothing holds back."""
        return [change for change in self.changeset.changes if not change.hold]

    @property
    def held(self) -> list[Change]:
        """The changes that cannot be written, each with its reason."""
        return [change for change in self.changeset.changes if change.hold]

    @property
    def marked(self) -> frozenset[str]:
        """Ids of the changes that are marked as approved."""
        return marked(self.bench.workspace.store, self.id)

    @property
    def approval(self) -> Approval | None:
        """The newest approval, used or not."""
        return latest_approval(self.bench.workspace.store, self.id)

    def summary(self) -> pd.DataFrame:
        """Changes by side, object and action."""
        frame = pd.DataFrame(
            [
                {"side": c.side, "object": c.object, "action": c.action, "changes": 1, "held": bool(c.hold)}
                for c in self.changeset.changes
            ],
            columns=["side", "object", "action", "changes", "held"],
        )
        return frame.groupby(["side", "object", "action"], as_index=False).sum()

    def mark(self, changes: Iterable[str], approved: bool = True, by: str | None = None) -> None:
        """Mark changes as approved or not; a change that is approved takes those it depends on along.

        Raises:
            ApprovalError: One of them is held; nothing is marked then.
            UsageProblem: There is no such change.
        """
        wanted = set(changes)
        if unknown := wanted - self.changeset.by_id.keys():
            names = ", ".join(sorted(unknown))
            raise UsageProblem(f"no such change: {names}", where=self.id, fix="See the column `change`.")
        wanted = self._with_what_they_need(wanted) if approved else wanted
        mark(self.bench.workspace.store, self.id, sorted(wanted), approved, by or user())

    def _with_what_they_need(self, changes: Iterable[str]) -> set[str]:
        """These changes with those that they depend on, none of them held.

        Raises:
            ApprovalError: One is.
        """
        wanted = set(self.changeset.with_parents(set(changes)))
        held = [change for change in self.held if change.id in wanted]
        if held:
            reasons = "\n".join(f"  {change.label}: {change.hold}" for change in held[:10])
            raise ApprovalError(
                f"{len(held)} of these changes cannot be written:\n{reasons}",
                where=self.id,
                fix="Decide them otherwise, for example accept or refuse.",
            )
        return wanted

    def approve(
        self,
        where: Where = None,
        by: str | None = None,
        *,
        hours: float | None = None,
        limits: Mapping[str, object] | None = None,
        returning: bool = False,
    ) -> Approval:
        """Sign an approval of the marked changes, or of exactly those that `where` means.

        What is signed is marked afterwards, and nothing else; a refused approval leaves the marks.

        Args:
            where: 'all' (all that can be written and would stay, see `returning`), column values of
                `.table`, a test of a row, or None for the changes that were marked in `review()`.  They
                name changes whole; what these depend on is signed with them.
            by: Who approves; whose key is here if nobody is named.  The first one gets a key by itself.
            hours: How long the approval may be used; 72 without it.
            limits: What the push may do at the most, e.g. `{"changes": 100, "quickbooks.money": "5000"}`;
                exactly what the changes do without any.
            returning: With 'all': also what would be written again by the next plan.

        Raises:
            ApprovalError: Nothing is marked or named, or some fields of a change only; a change is held, it
                goes beyond the limits, who approves may not, the set was pushed already, or no plan made it
                here.
            UsageProblem: A name or a limit is none.
        """
        workspace = self.bench.workspace
        need_planned(workspace, self.changeset)
        who = approver(workspace, by)
        before = self.marked
        meant = before if where is None else self._meant(where, returning)
        approval = approve(
            workspace.store,
            workspace.own_keys,
            changeset=self.id,
            content_hash=self.changeset.content_hash,
            changes=meant,
            by=who,
            hours=VALID_HOURS if hours is None else hours,
            does=extent(change for change in self.changeset.changes if change.id in meant),
            limits=limits,
            author=author_of(workspace, self.id),
        )
        for ids, on in ((before - meant, False), (meant - before, True)):
            if ids:
                mark(workspace.store, self.id, sorted(ids), on, who)
        detail = {"approval": approval.id, "changes": len(approval.changes)}
        record(workspace.store, who=approval.approver, event="approve", subject=self.id, detail=detail)
        return approval

    def _meant(self, where: Where, returning: bool) -> frozenset[str]:
        """The changes that `where` means, with what they depend on."""
        if where == "all":
            coming = set() if returning else {change.id for change in self.returning}
            return frozenset(self._with_what_they_need({each.id for each in self.writable} - coming))
        table = self.table
        rows = select(table, where)
        if rows.empty:
            raise ApprovalError(
                "this names no change",
                where=self.id,
                fix=hint(table, where) or "`workbench changes` shows the rows; name some of them.",
            )
        chosen = set(rows["change"])
        self._refuse_parts(table[table["change"].isin(chosen) & ~table.index.isin(rows.index)])
        return frozenset(self._with_what_they_need(chosen))

    def _refuse_parts(self, others: pd.DataFrame) -> None:
        """A record is written as a whole: who names some of its fields must not sign the others unseen.

        Args:
            others: The rows of the changes that are meant which were not named.
        """
        if others.empty:
            return
        told = [
            f"  {rows['record'].iloc[0]}: also {', '.join(rows['field'])}"
            for _, rows in others.groupby("change", sort=False)
        ]
        more = [f"  and {len(told) - 10:,} more"] if len(told) > 10 else []
        listed = "\n".join([*told[:10], *more])
        raise ApprovalError(
            f"{len(told):,} of these changes write more than was named:\n{listed}",
            where=self.id,
            fix="Name the record as a whole, or decide those fields otherwise and plan again.",
        )

    def review(self, by: str | None = None) -> Any:
        """The grid: every cell with its two sides; a mark goes into the store at once."""
        from workbench.widgets.review import review_changes

        return review_changes(self, by or user())

    def save(self, path: str | Path) -> Path:
        """Write the change set to a new file of canonical JSON lines; `bench.changes(path)` reads it again.

        Raises:
            UsageProblem: There is such a file already.
        """
        return save_file(self.changeset, Path(path))

    def to_xlsx(self, path: str | Path) -> Path:
        """Write the change set to a new workbook for a spreadsheet: every cell, its lines, and a summary.

        Raises:
            UsageProblem: There is such a file already, or the change set is longer than a sheet.
        """
        write_workbook(self.changeset, Path(path))
        return Path(path)

    def against(self, older: Changes) -> pd.DataFrame:
        """What this change set has that an older one has not, or otherwise; one row a value."""
        return turns_table(older.changeset, self.changeset)

    def push_button(self) -> Any:
        """A button that approves what is marked and pushes it, after a question."""
        from workbench.widgets.pushbutton import PushButton

        return PushButton(self)

    def _repr_html_(self) -> str:
        headline = (
            f"Change set {self.id}: {len(self.changeset.changes):,} changes, "
            f"{len(self.held):,} held, {len(self.marked):,} approved"
        )
        told = [name for name in SOMETIMES if (self.table[name].astype(str) != "").any()]
        return html(headline, self.table[[*SHOWN, *told]])

    def __str__(self) -> str:
        actions: dict[str, int] = {}
        for change in self.changeset.changes:
            name = f"{change.action} in {change.side}"
            actions[name] = actions.get(name, 0) + 1
        coming = f"; {len(self.returning)} would come back" if self.returning else ""
        return f"{self.id}: {counted(actions)}; {len(self.held)} held{coming}"


@dataclass(frozen=True)
class Proof:
    """Whether a new plan would be empty after the push, as an analyst looks at it.

    Attributes:
        found: The value itself, as it stands in the change set.
    """

    found: Convergence

    @property
    def ok(self) -> bool:
        """Whether it would be empty."""
        return self.found.ok

    @property
    def remaining(self) -> tuple[Returning, ...]:
        """What would come back."""
        return self.found.remaining

    @property
    def changes(self) -> frozenset[str]:
        """The changes of this set whose values come back."""
        return self.found.changes

    @property
    def table(self) -> pd.DataFrame:
        """One row for each value that would be written again, with the cause."""
        rows = [{name: getattr(each, name) for name in RETURNING} for each in self.remaining]
        return pd.DataFrame(rows, columns=list(RETURNING))

    def __str__(self) -> str:
        if self.ok:
            return "after the push a new plan would be empty"
        kinds = Counter(each.kind for each in self.remaining)
        return f"after the push {len(self.remaining):,} values would be written again: {counted(dict(kinds))}"

    def _repr_html_(self) -> str:
        return html(str(self), self.table.drop(columns=["change"]))


def approver(workspace: Workspace, by: str | None) -> str:
    """Who approves: the one whose key is here if nobody is named, else the user of this machine.

    Raises:
        UsageProblem: The name is empty: an approval must not bear the name of somebody who was not asked.
    """
    if by is None:
        return default_approver(workspace.store, workspace.own_keys, user())
    if not by.strip():
        raise UsageProblem("the name of who approves is empty", fix="Name a person, e.g. --by maria.")
    return by


def _rows(change: Change, returns: Mapping[tuple[str, str], str]) -> list[dict[str, Any]]:
    shared = {
        "change": change.id,
        "action": change.action,
        "side": change.side,
        "mapping": change.mapping,
        "object": change.object,
        "record": change.label,
        "predicted": change.predicted,
        "undo": change.undo,
        "hold": change.hold,
    }
    cells: list[dict[str, Any]] = []
    for cell in change.cells:
        now, coming, name = cell.before, shown(cell.after), cell.field or cell.api
        sides = {"salesforce": now, "quickbooks": coming}
        if change.side == Side.QUICKBOOKS:
            sides = {"salesforce": coming, "quickbooks": now}
        told = {"stored": shown(cell.holds), "loss": cell.loss, "returns": returns.get((change.id, name), "")}
        cells.append({"field": name, "before": now, "after": coming, "why": cell.why} | sides | told)
    for number, line in enumerate(change.lines, start=1):
        text = ", ".join(f"{api} {shown(value)}" for api, value in line.items())
        cells.append({"field": f"line {number}", "before": None, "after": text, "stored": text, "why": ""})
    for api, value in change.filled.items():
        why = f"filled by {Side(change.side).label}"
        told = {"returns": returns.get((change.id, api), "")}
        cells.append({"field": api, "before": None, "after": None, "stored": value, "why": why} | told)
    return [{"loss": "", "returns": ""} | shared | cell for cell in cells]


def shown(value: Any) -> Any:
    """Answer a value as a person reads it; one that is not known yet says what it waits for."""
    if isinstance(value, Answer):
        return f"({value.field}, known after the push)"
    return "(cleared)" if value is None else value
