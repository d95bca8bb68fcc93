"""The set-up's decisions: which Pythons will do, what state `.venv` is in, what pip's trouble means."""

from __future__ import annotations

import ast
import json
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from workbench.bootstrap import environment, installer
from workbench.bootstrap.errors import SetupError

ROOT = Path(__file__).resolve().parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WANTED = {"checkout": "/here", "python": "3.12", "inputs": "abc"}


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13)])
def test_a_python_that_will_do(version: tuple[int, int]) -> None:
    environment.require_python(version)


@pytest.mark.parametrize("version", [(3, 6), (3, 10), (3, 14), (4, 0)])
def test_a_python_that_will_not_do_is_told_which_will(version: tuple[int, int]) -> None:
    with pytest.raises(SetupError) as caught:
        environment.require_python(version)
    assert "needs Python 3.11 to 3.13, this is {}.{}".format(*version) in caught.value.what
    assert sys.executable in caught.value.what
    assert "3.1" in caught.value.fix


def test_the_pythons_are_those_of_the_package() -> None:
    asked = SpecifierSet(PROJECT["requires-python"])
    every = [(3, minor) for minor in range(6, 20)]
    assert [each for each in every if Version("{}.{}".format(*each)) in asked] == [
        each for each in every if environment.OLDEST <= each <= environment.NEWEST
    ]


#  why                          stamp (None: no file)                             Python runs   state
STATES = [
    ("ready", {"state": "ready"}, True, "ready"),
    ("lock or pyproject changed", {"state": "ready", "inputs": "old"}, True, "update"),
    ("another Python", {"state": "ready", "python": "3.11"}, True, "rebuild"),
    ("another Python, and changed", {"state": "ready", "python": "3.11", "inputs": "old"}, True, "rebuild"),
    ("moved", {"state": "ready", "checkout": "/there"}, True, "rebuild"),
    ("interrupted", {"state": "unfinished"}, True, "rebuild"),
    ("interrupted while updating", {"state": "unfinished", "inputs": "old"}, True, "rebuild"),
    ("its Python was removed", {"state": "ready"}, False, "rebuild"),
    ("made by hand", None, True, "foreign"),
    ("made by hand, dead", None, False, "rebuild"),
    ("cut off in the middle", "{", True, "rebuild"),
    ("of an older form", "[]", True, "rebuild"),
]


@pytest.mark.parametrize(
    ("stamp", "runs", "state"), [case[1:] for case in STATES], ids=[case[0] for case in STATES]
)
def test_states(tmp_path: Path, stamp: dict[str, str] | str | None, runs: bool, state: str) -> None:
    folder = tmp_path / ".venv"
    python = environment.python_in(folder)
    python.parent.mkdir(parents=True)
    if runs:
        python.touch()
    (folder / "pyvenv.cfg").write_text(f"home = {tmp_path}\nversion = 3.12.1\n", encoding="utf-8")
    if stamp is not None:
        text = stamp if isinstance(stamp, str) else json.dumps(WANTED | stamp)
        (folder / environment.STAMP).write_text(text, encoding="utf-8")
    assert environment.examine(folder, WANTED)[0] == state


def test_nothing_there_yet_needs_no_reason(tmp_path: Path) -> None:
    assert environment.examine(tmp_path / ".venv", WANTED) == ("rebuild", "")


def test_a_base_python_that_moved_away_is_named(tmp_path: Path) -> None:
    python = environment.python_in(tmp_path)
    python.parent.mkdir(parents=True)
    python.touch()
    (tmp_path / "pyvenv.cfg").write_text(f"home = {tmp_path / 'gone'}\n", encoding="utf-8")
    assert environment.examine(tmp_path, WANTED) == ("rebuild", f"{tmp_path / 'gone'} is gone")


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_the_fingerprint_follows_both_files_but_not_their_line_ends(tmp_path: Path, name: str) -> None:
    for each in ("requirements.lock", "pyproject.toml"):
        (tmp_path / each).write_bytes(b"a\nb\n")
    before = environment.fingerprint(tmp_path)
    (tmp_path / name).write_bytes(b"a\r\nb\r\n")
    assert environment.fingerprint(tmp_path) == before
    (tmp_path / name).write_bytes(b"a\nc\n")
    assert environment.fingerprint(tmp_path)["inputs"] != before["inputs"]


def test_a_full_disk_is_told_before_anything_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "NEEDED_MB", 10**9)
    with pytest.raises(SetupError, match=r"MB free, and about 1000000000 MB are needed"):
        environment.clear(tmp_path / ".venv")
    assert not (tmp_path / ".venv").exists()


PIP_SAYS = [
    (
        "disk",
        "OSError: [Errno 28] No space left on device",
        "disk is full",
    ),
    ("disk on Windows", "OSError: [WinError 112] There is not enough space on the disk", "disk is full"),
    (
        "hash",
        "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
        "requirements.lock names",
    ),
    (
        "no name service",
        "WARNING: Retrying after connection broken by 'NameResolutionError(...: Failed to resolve)'\n"
        "ERROR: No matching distribution found for anyio==4.16.0",
        "can't be reached",
    ),
    (
        "older pip, no network",
        "NewConnectionError('<...>: Failed to establish a connection: [Errno 101] Network is unreachable')",
        "can't be reached",
    ),
    (
        "proxy",
        "ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 407'))",
        "can't be reached",
    ),
    ("certificate", "SSLError(SSLCertVerificationError(1, 'CERTIFICATE_VERIFY_FAILED'))", "not trusted"),
    ("not mirrored", "ERROR: No matching distribution found for spyne==2.14.0", "no file that fits"),
    ("no pip", "/usr/bin/python3: No module named pip", "neither pip nor ensurepip"),
    ("anything else", "Traceback (most recent call last): ...", "pip failed"),
    ("nothing", "", "pip failed"),
]


@pytest.mark.parametrize(
    ("output", "words"), [case[1:] for case in PIP_SAYS], ids=[case[0] for case in PIP_SAYS]
)
def test_what_pips_trouble_means(output: str, words: str) -> None:
    what, fix = installer.diagnose(output)
    assert words in what
    assert fix.endswith((".", "FILE"))


ASKED = [
    ("nothing asked", [], [], True),
    ("there", ["pytest>=8"], [], True),
    ("there, too old", ["pytest>=999"], [], False),
    ("missing", ["no-such-distribution"], [], False),
    ("missing, but for another Python", ["no-such-distribution; python_version < '3'"], [], True),
    ("missing in the extra", [], ["no-such-distribution"], False),
]


@pytest.mark.parametrize(
    ("always", "extra", "enough"), [case[1:] for case in ASKED], ids=[case[0] for case in ASKED]
)
def test_a_running_environment_is_enough_or_not(
    tmp_path: Path, always: list[str], extra: list[str], enough: bool
) -> None:
    content = f"[project]\ndependencies = {always!r}\n[project.optional-dependencies]\ntest = {extra!r}\n"
    (tmp_path / "pyproject.toml").write_text(content, encoding="utf-8")
    assert environment.satisfied(tmp_path, "test") is enough
    if not always:
        assert environment.satisfied(tmp_path)


BARE = ["workbench/__init__.py", "workbench/__main__.py", "tests/__init__.py", "tests/__main__.py"]


@pytest.mark.parametrize(
    "file", [*BARE, *(f"workbench/bootstrap/{p.name}" for p in (ROOT / "workbench/bootstrap").glob("*.py"))]
)
def test_what_an_old_python_reads_is_in_its_grammar(file: str) -> None:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"), feature_version=(3, 6))
    names = {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in tree.body if isinstance(node, ast.ImportFrom)}
    tops = {name.split(".")[0] for name in names}
    assert "__future__" not in tops, "Python 3.6 knows no `from __future__ import annotations`"
    assert tops <= sys.stdlib_module_names | {"workbench"}, "it runs before anything is installed"
