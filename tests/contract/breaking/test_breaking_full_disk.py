"""A disk that is full while a profile is made, and while the worker works."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from workbench import worker
from workbench.cli import main
from workbench.errors import WorkbenchError
from workbench.profile import read_profile
from workbench.templates import make_profile
from workbench.workspace import workspace


def test_a_profile_that_could_not_be_made_can_be_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written: list[int] = []

    def full(descriptor: int) -> None:
        if len(written) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr("workbench.yamltext.os.fsync", full)
        assert main(["init", str(tmp_path / "books")]) == 1
    said = capsys.readouterr().err
    assert said.startswith(str(tmp_path / "books" / "mappings")), (
        "the file that was to be made, not its source"
    )
    assert "Free some disk space" in said

    assert main(["init", str(tmp_path / "books")]) == 0
    profile = read_profile(tmp_path / "books")
    assert len(list(profile.mappings.glob("*.yaml"))) > len(written)
    assert profile.secret("quickbooks.password")


def test_trouble_that_names_each_try_is_said_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker's log lies on the disk that is full."""
    tries = iter(["3b1867-9c77", "3b1867-1876", "3b1867-3ead", "3b1867-d6c3"])
    rounds = iter([False] * 4 + [True])
    said: list[str] = []

    def fail(_: object) -> bool:
        raise WorkbenchError(f"could not write quickbooks-{next(tries)}.duckdb", fix="Free some disk space.")

    monkeypatch.setattr(worker, "round_of_work", fail)
    monkeypatch.setattr(worker, "TROUBLE_SECONDS", 0.01)
    with workspace(make_profile(tmp_path / "books").folder) as opened:
        worker.work(opened, lambda: next(rounds), said.append)
    assert said == ["could not write quickbooks-3b1867-9c77.duckdb\nFree some disk space."]
