"""What is waiting, and for whom: pulls under way, changes without an outcome, the company file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from workbench.bench.display import counted
from workbench.ledger import outcomes, steps
from workbench.ledger import pushes as pushed
from workbench.ledger.outcomes import OPEN
from workbench.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The state of a profile.

    Attributes:
        company: Name of the paired company file; None before the first contact.
        pulls: Queries by state for each pull that is under way.
        pushes: Changes by outcome for each change set that is not settled.
        schema: Items by outcome for each schema plan that is not settled.
        stopped: Why pushes were stopped, by change set: those under way, and the newest one.
        unknown: What is known about each change whose outcome is unknown.
        trouble: Why the Web Connector's last session ended early, e.g. another company file; else None.
    """

    company: str | None
    pulls: dict[str, dict[str, int]]
    pushes: dict[str, dict[str, int]]
    unknown: tuple[str, ...]
    trouble: str | None = None
    schema: dict[str, dict[str, int]] = field(default_factory=dict)
    stopped: dict[str, str] = field(default_factory=dict)

    @property
    def waiting(self) -> bool:
        """Whether anything waits for an answer or a person."""
        return bool(self.pulls or self.pushes or self.schema)

    @property
    def data(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__} | {"waiting": self.waiting}

    @property
    def text(self) -> str:
        """The same in words."""
        lines = [f"company file: {self.company or 'not paired yet (workbench qwc)'}"]
        lines += [f"pull {pull}: {counted(states)}" for pull, states in self.pulls.items()]
        lines += [f"push {changeset}: {counted(states)}" for changeset, states in self.pushes.items()]
        lines += [f"push {changeset} is stopped: {reason}" for changeset, reason in self.stopped.items()]
        lines += [f"schema plan {plan}: {counted(states)}" for plan, states in self.schema.items()]
        lines += [f"unknown: {line}" for line in self.unknown]
        if self.unknown:
            lines.append(
                "look them up in the system itself, then say it: `workbench settle ID CHANGE applied|failed`"
            )
        if self.trouble:
            lines.append(f"the Web Connector's last session: {self.trouble}")
        if not self.waiting:
            lines.append("nothing is waiting")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return f"<pre>{self.text}</pre>"


def status_of(workspace: Workspace) -> Status:
    """Answer the state of a profile; changes nothing."""
    open_rows = outcomes(workspace.store, states=OPEN)
    pushes: dict[str, Counter[str]] = {}
    for row in open_rows:
        pushes.setdefault(row.changeset, Counter())[row.state] += 1
    schema: dict[str, Counter[str]] = {}
    for step in steps(workspace.store, states=OPEN):
        schema.setdefault(step.plan, Counter())[step.state] += 1
    known = pushed(workspace.store)
    return Status(
        company=workspace.queue.paired(),
        pulls={
            pull: dict(Counter(query.state for query in queries))
            for pull, queries in workspace.pulls.unfinished().items()
        },
        pushes={changeset: dict(states) for changeset, states in pushes.items()},
        unknown=tuple(
            f"{row.changeset} {row.change}: {row.detail}" for row in open_rows if row.state == "unknown"
        ),
        trouble=workspace.queue.trouble(),
        schema={plan: dict(states) for plan, states in schema.items()},
        stopped={
            row.changeset: row.stopped
            for number, row in enumerate(known)
            if row.stopped and (number == 0 or row.changeset in pushes)
        },
    )
