"""Fixtures of the embedded org: opened, served, and closed after the test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from testorg_client import APP, USER, Clock, Running

from workbench.testorg import TestOrg, running_org


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def start(clock: Clock) -> Iterator[Callable[..., Running]]:
    """Opens and serves an org with the given seed; closes it after the test."""
    closing: list[Callable[[], object]] = []

    def begin(**options: Any) -> Running:
        org = TestOrg.open(**{"users": [USER], "apps": [APP], "clock": clock, **options})
        server = running_org(org)
        url = server.__enter__()
        closing.append(lambda: (server.__exit__(None, None, None), org.close()))
        return Running(org, url, clock)

    yield begin
    for close in reversed(closing):
        close()


@pytest.fixture
def running(start: Callable[..., Running]) -> Running:
    """A new org without records."""
    return start()
