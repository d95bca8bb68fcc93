"""What the README shows is run as it stands."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import readme_life
from workbench.cli.main import parser

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


@pytest.mark.long
def test_the_python_example_runs(tmp_path: Path) -> None:
    (example,) = blocks("python")
    script = tmp_path / "example.py"
    script.write_text(example, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=ROOT,
        env=None,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Salesforce Account" in done.stdout


def test_every_command_of_the_readme_is_one() -> None:
    named = {
        line.split()[1]
        for block in blocks("")
        for line in block.splitlines()
        if line.startswith("workbench ")
    }
    named |= set(re.findall(r"`workbench (\w+)", TEXT))
    known = next(
        action.choices for action in parser()._actions if action.choices and "demo" in action.choices
    )
    assert named
    assert named <= set(known)


@pytest.mark.long
def test_the_life_of_one_change_is_what_the_commands_tell() -> None:
    assert readme_life.normalised(readme_life.life()) == readme_life.normalised(readme_life.kept(TEXT))
