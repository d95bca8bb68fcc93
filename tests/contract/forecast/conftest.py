"""Pauses are short, as in the other tests of pushes."""

from __future__ import annotations

import pytest

from workbench.connections import salesforce_bulk, salesforce_session


@pytest.fixture(autouse=True)
def _no_time_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock, so to say."""
    monkeypatch.setattr(salesforce_session, "FIRST_WAIT_SECONDS", 0.001)
    monkeypatch.setattr(salesforce_bulk, "FIRST_POLL_SECONDS", 0.01)
