"""A world of the model-based test, for stories that it has found."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.model_world import World, running_world


@pytest.fixture
def world() -> Iterator[World]:
    """Both systems and a bench, with a first diff of what they agree on; the reference watches all acts."""
    with running_world() as made:
        for act in (made.pull, made.match, made.diff):
            act()
        yield made
        assert made.reference.trouble == []
