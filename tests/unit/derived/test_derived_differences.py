"""A diff that goes on from the one before finds what a diff of everything finds, in the same order."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from derived_world import Systems, derived, examples, mappings
from hypothesis import given
from hypothesis import strategies as st

from workbench import diff
from workbench.model import Side

pytestmark = pytest.mark.long

WENT_ON: list[bool] = []
"""Whether each diff in the random runs took something over."""


def found(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return connection.execute("SELECT * FROM work.differences ORDER BY ALL").fetchall()


def with_files(systems: Systems) -> list[tuple[Any, ...]]:
    with systems.opened() as connection:
        made = derived(connection, systems)
        for mapping in mappings():
            for each in (mapping, mapping.lines):
                if each is not None:
                    for side in Side:
                        made.prepare(each, side)
                    made.prepare_base(each)
                    made.prepare_pairs(each)
            WENT_ON.append(made.compute(mapping))
        return found(connection)


def anew(systems: Systems) -> list[tuple[Any, ...]]:
    with systems.opened() as connection:
        for mapping in mappings():
            diff.compute(connection, mapping, zone="UTC")
        return found(connection)


@given(st.integers(0, 10**9), st.lists(st.integers(0, 3), min_size=1, max_size=5))
@examples(6)
def test_a_diff_that_goes_on_finds_what_a_diff_of_everything_finds(seed: int, steps: list[int]) -> None:
    with TemporaryDirectory() as folder:
        chance = random.Random(seed)
        systems = Systems(Path(folder), chance)
        systems.begin()
        systems.pull()
        for _ in range(6):
            systems.agree()
            systems.decide()
        assert with_files(systems) == anew(systems)
        for edits in steps:
            for _ in range(edits):
                systems.edit()
            for act in (systems.relink, systems.agree, systems.decide, systems.close):
                if chance.random() < 0.5:
                    act()
            if chance.random() < 0.8:
                systems.pull()
            assert with_files(systems) == anew(systems)


def test_the_random_runs_went_on() -> None:
    assert WENT_ON.count(True) > len(WENT_ON) / 3
