"""The tracked demo files are what `data/demo/build.py` makes, byte for byte."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

MADE = ("*.yaml", "README.md", "salesforce/*.json", "quickbooks/*.json")


def _files(folder: Path) -> dict[str, bytes]:
    found = {f for pattern in MADE for f in folder.glob(pattern)}
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in found}


def test_tracked_files_are_what_the_builder_makes(demo: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(demo / "build.py"), "--into", str(tmp_path)], check=True, timeout=60)
    tracked, made = _files(demo), _files(tmp_path)
    assert sorted(tracked) == sorted(made), (
        "run `python data/demo/build.py`, and remove files it does not make"
    )
    changed = [name for name in made if made[name] != tracked[name]]
    assert changed == [], "run `python data/demo/build.py` and commit what changes"


def test_the_builder_needs_the_standard_library_only(demo: Path, tmp_path: Path) -> None:
    # -I leaves out site-packages of the user and the folder of the caller; -S all other site-packages.
    command = [sys.executable, "-I", "-S", str(demo / "build.py"), "--into", str(tmp_path)]
    subprocess.run(command, check=True, timeout=60)
    assert (tmp_path / "planted.yaml").is_file()
