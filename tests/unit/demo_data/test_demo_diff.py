"""The demo's diff shows the planted cases, the missing ids, and nothing else: before and after the decisions.

The way of the demo, without processes: seed, first diff (its agreement becomes the base), the edits of both
people, second diff, decisions, third diff.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from demo_world import DemoWorld

pytestmark = pytest.mark.long

Row = tuple[str, str | None, str | None, str, str | None, str, str]
WORDS = ("mapping", "salesforce_id", "quickbooks_id", "kind", "field", "difference", "resolution")


class Diffs:
    """What the three diffs showed, and what matching proposed to a person."""

    def __init__(self, world: DemoWorld, edits: Any) -> None:
        world.pull()
        world.match()
        self.matched = {name: _counts(found) for name, found in world.found.items()}
        self.proposed = world.rows("SELECT * FROM work.candidates WHERE status <> 'accepted'")
        self.first = world.diff()
        world.edit(edits)
        world.pull()
        world.match()
        self.before = world.diff()
        world.decide()
        world.match()
        self.after = world.diff()


def _counts(found: Any) -> dict[str, int]:
    return {f"{each.rule} {each.status}": each.count for each in found.counts}


@pytest.fixture(scope="module")
def diffs(demo: Path, shipped: Path, edits: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Diffs]:
    world = DemoWorld(demo, shipped, tmp_path_factory.mktemp("demo"))
    yield Diffs(world, edits)
    world.close()


def test_several_rules_match_and_only_planted_ones_are_left_to_a_person(diffs: Diffs, planted: Any) -> None:
    for mapping in ("account-customer", "contact-customer", "product-item", "opportunity-invoice"):
        accepted = [rule for rule in diffs.matched[mapping] if rule.endswith("accepted")]
        assert len(accepted) >= 2, diffs.matched[mapping]
    assert diffs.matched["account-customer"]["normalised-name accepted"] == 3, "P03, P04, P05"
    cases = {case["id"]: case for case in planted["cases"]}
    linked = {(cases[case]["salesforce_id"], cases[case]["quickbooks_id"]) for case in ("P02", "P13")}
    duplicate = (cases["P14"]["salesforce_id"], cases["P13"]["quickbooks_id"])
    assert {(row["salesforce_id"], row["quickbooks_id"]) for row in diffs.proposed} == linked | {duplicate}


@pytest.mark.parametrize(("when", "resolution"), [("before", "before"), ("after", "after")])
def test_the_diff_shows_the_planted_rows_and_no_others(
    when: str, resolution: str, diffs: Diffs, planted: Any
) -> None:
    shown = Counter(_row(each) for each in getattr(diffs, when) if not _write_back(each))
    expected = Counter(
        _row(each | {"resolution": each[resolution]})
        for case in planted["cases"]
        for each in case["shows"]
        if each.get(resolution) and not (when == "before" and each.get("after_link"))
    )
    assert sorted(expected - shown, key=str) == [], "planted, but not shown"
    assert sorted(shown - expected, key=str) == [], "shown, but not planted"


@pytest.mark.parametrize(("when", "count"), [("before", "count"), ("after", "count_once_linked")])
def test_missing_ids_are_written_back_and_counted(when: str, count: str, diffs: Diffs, planted: Any) -> None:
    rows = [each for each in getattr(diffs, when) if _write_back(each)]
    counted = Counter((each["mapping"], each["difference"], each["resolution"]) for each in rows)
    expected = {(e["mapping"], e["difference"], e[when]): e[count] for e in planted["write_backs"]}
    assert dict(counted) == expected


def test_without_the_edits_there_is_no_base_to_move_from(diffs: Diffs) -> None:
    found = Counter(each["difference"] for each in diffs.first)
    assert set(found) == {"differs", "new"}


def test_nothing_is_undecided_after_the_decisions(diffs: Diffs) -> None:
    assert [_row(each) for each in diffs.after if each["resolution"] == "undecided"] == []


def _row(shown: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(shown.get(word) for word in WORDS)


def _write_back(row: dict[str, Any]) -> bool:
    """Salesforce lacks the id that QuickBooks has."""
    return row["field"] in ("quickbooks_id", "line_id") and row["salesforce"] is None
