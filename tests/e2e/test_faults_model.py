"""A small, seeded share of the model-based test; the whole is `python -m tests.faults model`.

What the reference finds is held in `tests/unit/push/test_push_reference.py`.
"""

from __future__ import annotations

import re
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.faults import model
from tests.faults.model_machine import Reconciliation

pytestmark = pytest.mark.long

TestReconciliation = Reconciliation.TestCase
TestReconciliation.settings = settings(
    max_examples=2, stateful_step_count=6, deadline=None, suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # what fails tells all its steps; to shrink it would take many minutes
)  # fmt: skip


def test_whatever_happens_what_was_approved_happens_once_and_nothing_else() -> None:
    tally = model.run(5, 4, acts=6, most=6)
    assert tally.clean, tally.notes
    assert tally.injected >= 5
    assert tally.applied_once > 20


def test_the_same_seed_lives_the_same_life() -> None:
    assert _life(5) == _life(5)


def _life(seed: int) -> list[str]:
    """The steps of a short life, without the ids that are made up anew each time."""
    steps: list[str] = []
    model.live(model.random_acts(Random(seed), 3), lambda world: steps.extend(world.steps))
    return [re.sub(r"\b(cs|pull)-[\w-]+", r"\1-", step) for step in steps]


def test_what_is_wrong_is_reduced_to_the_acts_that_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    def live(acts: list[tuple[str, tuple[Any, ...]]]) -> str | None:
        names = [name for name, _ in acts]
        return "wrong" if "edit" in names and "push" in names[names.index("edit") :] else None

    monkeypatch.setattr(model, "live", live)
    acts = [(name, ()) for name in ("begin", "edit", "plan", "push", "diff", "edit")]
    assert [name for name, _ in model.reduced(acts)] == ["edit", "push"]
