"""A push by a plan that other mappings have made says so, and writes what was approved."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from workbench.bench.pushing import tell_other_mappings
from workbench.changes import ChangeSet

PLANNED = {"accounts": "a1", "items": "i1"}

#  the mappings of now                    which are told
NOW = [
    ({"accounts": "a1", "items": "i1"}, None),
    ({"accounts": "a1", "items": "i1", "new": "n1"}, None),
    ({"accounts": "a2", "items": "i1"}, "(accounts)"),
    ({"accounts": "a2"}, "(accounts, items)"),
]


@pytest.mark.parametrize(("now", "told"), NOW)
def test_which_mappings_are_others(now: dict[str, str], told: str | None) -> None:
    mappings = {name: SimpleNamespace(hash=known) for name, known in now.items()}
    workspace: Any = SimpleNamespace(mappings=lambda: mappings)
    said: list[str] = []
    tell_other_mappings(workspace, ChangeSet(header={"mappings": PLANNED}, changes=()), said.append)
    assert [told in each for each in said if told] == ([True] if told else [])
    assert len(said) == (1 if told else 0)
