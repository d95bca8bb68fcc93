"""Commands and library calls tell the same numbers at each step of one cycle, from plan to undo."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from workbench.bench import Bench
from workbench.bench import open as open_bench
from workbench.bench.pushing import DryRun
from workbench.cli.main import main
from workbench.demo.story import Story, until_first_diff
from workbench.demo.world import World

pytestmark = pytest.mark.long

Run = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World.make(tmp_path_factory.mktemp("numbers") / "profile")
    with made:
        until_first_diff(made, open_bench(made.profile.folder, lambda _: None), Story(), lambda _: None)
        yield made


@pytest.fixture
def bench(world: World) -> Bench:
    return open_bench(world.profile.folder, lambda _: None)


@pytest.fixture
def run(world: World, capsys: pytest.CaptureFixture[str]) -> Run:
    """A command and what it answers as data."""

    def command(*words: str) -> tuple[int, dict[str, Any]]:
        code = main([*words, "--profile", str(world.profile.folder), "--json"])
        return code, json.loads(capsys.readouterr().out.splitlines()[-1])

    return command


@pytest.mark.timeout(400)
def test_every_step_tells_the_same_numbers(bench: Bench, run: Run) -> None:
    diff = bench.diff()
    code, told = run("diff")
    assert (code, told["remaining_differences"]) == (2, diff.remaining)
    assert len(told["differences"]) == len(diff.table)

    planned = bench.plan(diff)
    code, told = run("plan")
    assert code == 2
    assert (told["id"], told["changes"]) == (planned.id, len(planned.changeset.changes))
    assert (told["held"], told["predicted"]) == (len(planned.held), planned.predicted)
    assert (told["losses"], told["convergent"]) == (planned.losses, planned.convergence.ok)
    assert sum(told["predicted"].values()) == told["changes"]

    dry = bench.preview(planned)
    code, told = run("push")
    assert (code, told["id"]) == (0, planned.id)
    assert [each["text"] for each in told["requests"]] == [each.text for each in dry.requests]

    code, told = run("approve", "--by", "maria")
    approval = bench.changes(planned.id).approval
    assert approval is not None
    assert (code, told["approved"], told["approval"]) == (0, len(approval.changes), approval.id)
    assert told["approved"] == len(planned.writable) - len(planned.returning)
    dry = bench.push(bench.changes(planned.id))
    assert isinstance(dry, DryRun)
    assert len(dry.requests) == told["approved"], "a dry run shows what is approved"

    code, told = run("push", "--execute")
    result = bench.result(planned.id)
    assert told["pushed"] == dict(result.counts)
    assert sum(told["pushed"].values()) == len(approval.changes)
    assert (code == 0) == (set(told["pushed"]) == {"applied"})

    assert run("pull")[0] == 0
    code, told = run("proof")
    proof = bench.proof(planned.id)
    assert json.dumps(told, default=str) == json.dumps(proof.data, default=str)
    assert (code == 0) == proof.agrees

    code, told = run("undo", planned.id)
    undone = bench.undo(planned.id)
    assert (told["id"], told["changes"]) == (undone.id, len(undone.changeset.changes))
    assert told["held"] == len(undone.held)
    assert code == 2

    code, told = run("history")
    assert code == 0
    assert len(told["history"]) == len(bench.history())
