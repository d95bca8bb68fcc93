"""A share of the fault campaign against pushes: `python -m tests.faults salesforce` runs all of it."""

from __future__ import annotations

import pytest

from tests.faults import salesforce
from tests.faults.salesforce_child import KILLED
from workbench.connections import salesforce_bulk, salesforce_session
from workbench.push import salesforce as writer

pytestmark = pytest.mark.long


def test_pushes_that_are_struck_write_each_change_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (salesforce_session, salesforce_bulk, writer):
        for name in ("FIRST_WAIT_SECONDS", "FIRST_POLL_SECONDS"):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, getattr(module, name))  # given back afterwards
    tally = salesforce.run(7, 1, writes=60)
    assert tally.clean, tally.notes
    assert tally.injected == 7
    assert tally.applied_once + tally.unknown == tally.writes
    assert tally.applied_once > 0
    assert KILLED == salesforce.KILLED
