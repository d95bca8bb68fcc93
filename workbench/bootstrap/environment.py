"""What state an environment is in, and the stamp that says what it was made from.

The stamp says "unfinished" from before the first package until after the last, so an interrupted
set-up is recognised and done again.  An environment without a stamp was made by hand and is never
deleted while its Python runs.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from workbench.bootstrap.errors import SetupError

OLDEST = (3, 11)
NEWEST = (3, 13)
STAMP = "workbench-setup.json"
NEEDED_MB = 1300  # .venv and what pip unpacks on its way, as seen on Linux


def require_python(version: "tuple[int, ...]") -> None:
    """Raise `SetupError` unless the version (major, minor) is one that the lock was made for."""
    if OLDEST <= version <= NEWEST:
        return
    names = [f"3.{minor}" for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]
    found = [name for name in names if shutil.which("python" + name)]
    name = found[0] if found else names[0]
    words = sys.orig_argv[1:] if sys.version_info >= (3, 10) else ["-m", "workbench", *sys.argv[1:]]
    command = " ".join([f"py -{name}" if os.name == "nt" else f"python{name}", *words])
    raise SetupError(
        "the workbench needs Python {}.{} to {}.{}, this is {}.{}".format(*OLDEST, *NEWEST, *version)
        + f" ({sys.executable})",
        f"You have one: {command}" if found else f"Install one, for example {name}, then: {command}",
    )


def fingerprint(checkout: Path) -> "dict[str, str]":
    """What an environment of this checkout and the running Python is made from."""
    content = hashlib.sha256()
    for name in ("requirements.lock", "pyproject.toml"):
        content.update((checkout / name).read_bytes().replace(b"\r\n", b"\n"))
    python = "{}.{}".format(*sys.version_info[:2])
    return {"checkout": str(checkout), "python": python, "inputs": content.hexdigest()}


def examine(folder: Path, wanted: "dict[str, str]") -> "tuple[str, str]":
    """What is to be done with an environment, and why.

    Args:
        folder: The environment, which may be missing.
        wanted: What it should have been made from, as `fingerprint` gives it.

    Returns:
        ('ready' | 'update' | 'rebuild' | 'foreign', reason); 'foreign' was made by hand and runs.
    """
    if not folder.is_dir():
        return "rebuild", ""
    made_from = _read_stamp(folder)
    if made_from is not None and made_from.get("state") != "ready":
        return "rebuild", "the last set-up did not finish"
    gone = _gone(folder)
    if gone:
        return "rebuild", f"{gone} is gone"
    if made_from is None:
        return "foreign", "it was made by hand and lacks packages"
    if made_from["checkout"] != wanted["checkout"]:
        return "rebuild", f"the checkout was moved here from {made_from['checkout']}"
    if made_from["python"] != wanted["python"]:
        return "rebuild", f"it was made with Python {made_from['python']}, this is {wanted['python']}"
    if made_from["inputs"] != wanted["inputs"]:
        return "update", "requirements.lock or pyproject.toml changed"
    return "ready", ""


def stamp(folder: Path, wanted: "dict[str, str]", state: str) -> None:
    """Write into an environment what it is made from, and how far that is: 'unfinished' or 'ready'."""
    draft = folder / (STAMP + ".new")
    draft.write_text(json.dumps(dict(wanted, state=state), indent=1), encoding="utf-8")
    draft.replace(folder / STAMP)


def clear(folder: Path) -> None:
    """Leave an empty folder, on a disk with room for what comes."""
    if folder.exists():
        shutil.rmtree(str(folder))
    free = shutil.disk_usage(str(folder.parent)).free // 1_000_000
    if free < NEEDED_MB:
        raise SetupError(
            f"the disk of {folder} has {free} MB free, and about {NEEDED_MB} MB are needed",
            "Free some space and give the same command again.",
        )
    folder.mkdir()


def satisfied(checkout: Path, extra: str = "") -> bool:
    """Whether the running Python has each distribution that `pyproject.toml` asks for, in its range."""
    try:
        import tomllib
        from importlib import metadata

        from packaging.requirements import Requirement
    except ImportError:
        return False
    project = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for text in project["dependencies"] + project["optional-dependencies"].get(extra, []):
        requirement = Requirement(text)
        if requirement.marker is not None and not requirement.marker.evaluate():
            continue
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            return False
        if not requirement.specifier.contains(version, prereleases=True):
            return False
    return True


def satisfied_in(folder: Path, checkout: Path, extra: str) -> bool:
    """`satisfied`, asked of the Python of another environment."""
    question = (
        "import pathlib, sys; from workbench.bootstrap import environment; "
        f"sys.exit(not environment.satisfied(pathlib.Path(), {extra!r}))"
    )
    command = [str(python_in(folder)), "-c", question]
    return subprocess.run(command, cwd=str(checkout), capture_output=True).returncode == 0


def python_in(folder: Path) -> Path:
    """The interpreter of an environment."""
    return folder / "Scripts" / "python.exe" if os.name == "nt" else folder / "bin" / "python"


def _read_stamp(folder: Path) -> "dict[str, str] | None":
    """The stamp; None without one, and an unreadable one counts as unfinished."""
    try:
        content = json.loads((folder / STAMP).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        return {}
    complete = isinstance(content, dict) and {"checkout", "python", "inputs"} <= content.keys()
    return content if complete else {}


def _gone(folder: Path) -> str:
    """The path that an environment's Python is missing, or '' when it is all there."""
    try:
        settings = (folder / "pyvenv.cfg").read_text(encoding="utf-8")
    except FileNotFoundError:
        return str(folder / "pyvenv.cfg")
    home = re.search(r"^home\s*=\s*(.+?)\s*$", settings, re.MULTILINE)
    paths = [python_in(folder), *([Path(home.group(1))] if home else [])]
    return next((str(path) for path in paths if not path.exists()), "")
