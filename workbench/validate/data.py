"""What today's data would do: the records that a mapping would refuse, counted, with examples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workbench.model import Mapping
from workbench.validate.checks import DATA, Check, Verdict
from workbench.validate.today import Today
from workbench.validate.wording import failed


def checks(today: Today, mappings: Iterable[Mapping]) -> Iterator[Check]:
    """Every check of the stored snapshots."""
    if today.why_not:
        yield _check("snapshots", today.why_not, Verdict.UNKNOWN, "Run `workbench pull`.")
        return
    for mapping in mappings:
        if mapping.name in today.failed and any(state.on for state in mapping.states):
            yield failed(DATA, mapping.name, today.failed[mapping.name], "data")


def _check(name: str, detail: str, verdict: Verdict = Verdict.VALID, fix: str = "") -> Check:
    return Check(group=DATA, kind="data", name=name, verdict=verdict, detail=detail, fix=fix)
