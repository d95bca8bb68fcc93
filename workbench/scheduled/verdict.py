"""What a reconciliation run says of itself: the exit code, and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DONE, FAILED, DIFFERENCES, NOT_FINISHED = 0, 1, 2, 3
_FOR_A_PERSON = ("waiting", "unknown", "stale", "skipped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """An exit code of the command line with its reasons, the most important first."""

    exit_code: int
    reasons: tuple[str, ...]

    def write(self, run_folder: str | Path | None, **told: Any) -> dict[str, Any]:
        """Writes result.json with these further entries; without a run folder it only answers them."""
        result = {"exit_code": self.exit_code, "reasons": list(self.reasons), **told}
        if run_folder is not None:
            path = Path(run_folder) / "result.json"
            path.write_text(json.dumps(result, indent=2, default=str) + "\n", encoding="utf-8")
        return result


def verdict(
    *,
    undecided: int,
    to_match: int = 0,
    planned: int = 0,
    held: int = 0,
    pushed: Mapping[str, int] | None = None,
    refused_to_push: str | None = None,
) -> Verdict:
    """The worst of what was found decides: failure, then a person, then differences, then done.

    Args:
        undecided: Differences that nobody and no rule has decided.
        to_match: Candidates that a person should look at.
        planned: Changes in the plan; they are differences as long as they are not pushed.
        held: Changes of the plan that can't be written.
        pushed: Changes by outcome; None when nothing was pushed.
        refused_to_push: Why the run did not push although it was told to.
    """
    failed: list[str] = []
    person: list[str] = []
    differences: list[str] = []
    outcomes = dict(pushed or {})
    if outcomes.get("failed"):
        failed.append(f"{outcomes['failed']:,} of the pushed changes failed")
    person += [
        f"{outcomes[name]:,} of the pushed changes: {name}" for name in _FOR_A_PERSON if outcomes.get(name)
    ]
    if refused_to_push:
        person.append(refused_to_push)
    for number, one, many in (
        (undecided, "difference to decide", "differences to decide"),
        (to_match, "match to look at", "matches to look at"),
        (held, "change held back", "changes held back"),
    ):
        if number:
            person.append(f"{number:,} {one if number == 1 else many}")
    if pushed is None and planned:
        differences.append(f"{planned:,} {'change' if planned == 1 else 'changes'} planned, none pushed")
    code = FAILED if failed else NOT_FINISHED if person else DIFFERENCES if differences else DONE
    return Verdict(exit_code=code, reasons=tuple(failed + person + differences))
