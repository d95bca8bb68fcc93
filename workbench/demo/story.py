"""The demo's way through the cycle, step by step, with the same calls that a notebook has."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from qbwc.simulator import CompanyFile
from workbench import resources
from workbench.bench import Bench
from workbench.bench.changes import Changes
from workbench.bench.diff import Diff
from workbench.bench.matches import Matches
from workbench.bench.pushing import PushResult
from workbench.demo.world import World
from workbench.errors import PushError
from workbench.snapshots import Snapshot

ANALYST = "maria (demo)"
WAIT_MINUTES = 2.0

Step = Callable[[str], None]
"""Told what happens next, in a sentence."""


@dataclass
class Story:
    """What happened, for the last page.

    Attributes:
        first: The first three-way diff, before anything was decided.
        last: The diff after the push: the proof.
    """

    began: float = field(default_factory=time.monotonic)
    pulled: list[Snapshot] = field(default_factory=list)
    matches: Matches | None = None
    first: Diff | None = None
    changes: Changes | None = None
    result: PushResult | None = None
    last: Diff | None = None

    @property
    def data(self) -> dict[str, Any]:
        """The summary as data."""
        counts = {} if self.last is None else self.last.table["resolution"].value_counts().to_dict()
        found = {} if self.first is None else self.first.table["difference"].value_counts().to_dict()
        approval = self.changes.approval if self.changes else None
        return {
            "pulled": {each.side: dict(each.counts) for each in self.pulled},
            "matched": self.matches.counts if self.matches else {},
            "differences": {str(name): int(count) for name, count in found.items()},
            "approved": len(approval.changes) if approval else 0,
            "pushed": dict(self.result.counts) if self.result else {},
            "accepted": int(counts.get("accept", 0)),
            "refused": int(counts.get("refuse", 0)),
            "ignored": int(counts.get("ignore", 0)),
            "remaining_differences": self.last.remaining if self.last else None,
            "seconds": round(time.monotonic() - self.began, 2),
        }


def until_first_diff(world: World, bench: Bench, story: Story, step: Step) -> None:
    """Pull, match, remember what agrees, let both sides be edited, and compare three ways."""
    world.ready()
    step("Pulling both systems")
    bench.pull(wait=WAIT_MINUTES)
    bench.match()
    bench.diff()
    step("A sales person and the bookkeeper edit some records")
    edit(world, bench)
    step("Pulling again, matching and comparing three ways")
    story.pulled = bench.pull(wait=WAIT_MINUTES)
    story.matches = bench.match()
    story.first = bench.diff()


def to_the_proof(bench: Bench, story: Story, step: Step, decisions: Path | None = None) -> None:
    """Decide, plan, approve, push, read back, and show that nothing is left.

    Raises:
        PushError: A change was not applied.
    """
    step("Taking the analyst's decisions (data/demo/decisions.yaml)")
    bench.decide(decisions or resources.demo_data() / "decisions.yaml", by=ANALYST, diff=story.first)
    story.matches = bench.match()
    diff = bench.diff()
    step("Planning and approving the change set")
    story.changes = bench.plan(diff)
    story.changes.approve(where="all", by=ANALYST)
    step("Pushing, and reading back every answer")
    story.result = bench.execute(story.changes, wait=WAIT_MINUTES, by=ANALYST)
    step("Pulling once more for the proof")
    bench.pull(wait=WAIT_MINUTES)
    bench.match()
    story.last = bench.diff()


def edit(world: World, bench: Bench) -> None:
    """Carry out data/demo/edits.yaml the way people would: through each system's own interface."""
    path = resources.demo_data() / "edits.yaml"
    content = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    connection = bench.workspace.salesforce()
    for row in content["salesforce"]:
        fields = {name: _value(value) for name, value in row["fields"].items()}
        (result,) = connection.update(row["object"], [{"Id": row["key"]} | fields])
        if not result["success"]:
            raise PushError(
                "the demo's sales person could not edit a record", where=row["label"], values=dict(result)
            )
    company = CompanyFile.open(world.company)
    for row in content["quickbooks"]:
        company.edit(row["entity"], row["key"], lines=row.get("lines"), **row["fields"])


def _value(value: Any) -> Any:
    """Amounts stand in quotes in the file, so that no reader makes floats of them."""
    if isinstance(value, str) and value.replace(".", "", 1).isdigit() and "." in value:
        return Decimal(value)
    return value
