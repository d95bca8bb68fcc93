"""Canonical tables as files: what is laid over an earlier file is what would be made in full."""

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

from workbench.model import Mapping, Side
from workbench.normalize import prepare, prepare_base, prepare_pairs, sql, unread

pytestmark = pytest.mark.long

LAYERED: list[bool] = []
"""Whether each file that was made in the random runs was laid over another."""


def all_of(mapping: Mapping) -> list[Mapping]:
    return [each for each in (mapping, mapping.lines) if each is not None]


def rows(connection: duckdb.DuckDBPyConnection, view: str) -> list[tuple[Any, ...]]:
    return connection.execute(f"SELECT * EXCLUDE (place) FROM {view} ORDER BY k").fetchall()


def same_as_anew(systems: Systems) -> None:
    """Make all tables with files and without, and compare them."""
    with systems.opened() as connection, systems.opened() as plain:
        made = derived(connection, systems)
        for mapping in (each for one in mappings() for each in all_of(one)):
            for side in Side:
                made.prepare(mapping, side)
                prepare(plain, mapping, side, zone="UTC")
                raw = f"FROM {sql.raw(mapping, side)} ORDER BY id"
                assert connection.execute(raw).fetchall() == plain.execute(raw).fetchall()
            made.prepare_base(mapping)
            made.prepare_pairs(mapping)
            prepare_base(plain, mapping)
            prepare_pairs(plain, mapping)
            views = [*(sql.canonical(mapping, side) for side in Side), sql.pairs(mapping), sql.base(mapping)]
            for view in views:
                assert rows(connection, view) == rows(plain, view), view
                places = f"SELECT count(DISTINCT place) = count(*) FROM {view}"
                assert connection.execute(places).fetchall() == [(True,)]
        LAYERED.extend(file.on is not None for file in made.files.values())
        told = [[{**row, "reason": ""} for row in unread(each)] for each in (connection, plain)]
        assert told[0] == told[1]


@given(st.integers(0, 10**9), st.lists(st.integers(0, 4), min_size=1, max_size=5))
@examples(7)
def test_what_is_laid_over_is_what_would_be_made_in_full(seed: int, steps: list[int]) -> None:
    with TemporaryDirectory() as folder:
        chance = random.Random(seed)
        systems = Systems(Path(folder), chance)
        systems.begin()
        for _ in range(6):
            systems.agree()
        systems.pull()
        same_as_anew(systems)
        for edits in steps:
            for _ in range(edits):
                systems.edit()
            if chance.random() < 0.5:
                systems.relink()
            if chance.random() < 0.7:
                systems.agree()
            systems.pull()
            same_as_anew(systems)


def test_the_random_runs_were_laid_over() -> None:
    assert LAYERED.count(True) > len(LAYERED) / 3
