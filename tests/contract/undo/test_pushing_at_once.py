"""Two people push the same change set in the same moment: one begins it, the other goes on with it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.contract.states.states_office import running_office
from tests.contract.undo.undo_office import compared
from workbench.bench import bench as facade
from workbench.bench import open as open_bench
from workbench.errors import ApprovalError
from workbench.ledger import outcomes
from workbench.templates import DEFAULT

pytestmark = pytest.mark.long


def test_both_end_well_and_each_change_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_office(tmp_path, DEFAULT) as office:
        changes = office.bench.plan(compared(office), to="salesforce")
        changes.approve(where="all", by="maria")
        both, start = threading.Barrier(2), facade.start

        def at_once(*arguments: Any) -> Any:
            both.wait(timeout=20)
            return start(*arguments)

        monkeypatch.setattr(facade, "start", at_once)
        folder = office.workspace.profile.folder

        def push(_: int) -> Any:
            bench = open_bench(folder, lambda _: None)
            return bench.push(bench.changes(changes.id), execute=True)

        with ThreadPoolExecutor(2) as people:
            results = list(people.map(push, range(2)))
        assert all(result.finished for result in results)
        made = outcomes(office.workspace.store, changes.id)
        assert {row.state for row in made} == {"applied"}
        assert compared(office).bench.plan(compared(office), to="salesforce").writable == []
        monkeypatch.setattr(facade, "start", start)
        with pytest.raises(ApprovalError, match="pushed once"):
            office.bench.push(changes, execute=True)
