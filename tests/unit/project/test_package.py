"""What an import of the package brings, where its files are found, and what a wheel carries."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import workbench
from workbench import resources
from workbench.errors import WorkbenchError

ROOT = Path(__file__).resolve().parents[3]


def python(code: str, folder: Path) -> str:
    """What a fresh Python prints, with a folder as its first place to import from."""
    settings = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True, encoding="utf-8")
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def test_an_import_of_the_package_loads_nothing_heavy() -> None:
    code = "import sys; old = set(sys.modules); import workbench; print(sorted(set(sys.modules) - old))"
    loaded = set(ast.literal_eval(python(code, ROOT)))
    assert {name.split(".")[0] for name in loaded} <= sys.stdlib_module_names | {"workbench"}
    assert {name for name in loaded if name.startswith("workbench.")} == set()


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'workbench' has no attribute 'opne'"):
        workbench.opne  # noqa: B018


def test_the_public_calls_stay_calls_whoever_imports_what_first(tmp_path: Path) -> None:
    """`workbench.demo` is a call and, as a module, its home: importing the module must not hide the call."""
    package = tmp_path / "workbench"
    package.mkdir()
    shutil.copy2(ROOT / "workbench" / "__init__.py", package)
    (package / "demo.py").write_text("def demo():\n    return 'the demo'\n", encoding="utf-8")
    (package / "bench.py").write_text("def open(profile):\n    return profile\n", encoding="utf-8")
    for first in ("", "import workbench.demo, workbench.bench", "from workbench import demo"):
        code = f"{first}\nimport workbench as wb\nprint(wb.demo(), wb.open('p'), wb.demo())"
        assert python(code, tmp_path) == "the demo p the demo", first


def test_resources_are_found_in_the_checkout() -> None:
    assert resources.root() == ROOT
    assert resources.mappings() == ROOT / "mappings"
    assert (resources.demo_data() / "README.md").is_file()
    assert list(resources.notebooks().glob("*.ipynb"))


def test_a_folder_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "workbench")
    with pytest.raises(WorkbenchError) as caught:
        resources.mappings()
    assert str(tmp_path / "mappings") in str(caught.value)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The content of a wheel built from the checkout, as an installation would lay it out."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    run = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert run.returncode == 0, run.stdout + run.stderr
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


def test_a_wheel_carries_notebooks_mappings_and_demo_data(installed: Path) -> None:
    packed = installed / "workbench" / "_resources"
    for name in ("notebooks", "mappings", "data/demo"):
        ours = {path.relative_to(ROOT / name) for path in carried(ROOT / name)}
        assert {path.relative_to(packed / name) for path in carried(packed / name)} == ours, name
        assert ours, name


def carried(folder: Path) -> list[Path]:
    """The files below a folder that are meant to travel."""
    left = {"__pycache__", ".ipynb_checkpoints"}
    return [path for path in folder.rglob("*") if path.is_file() and not left & set(path.parts)]


def test_a_wheel_carries_every_file_of_both_packages(installed: Path) -> None:
    for name in ("workbench", "qbwc"):
        ours = {path.relative_to(ROOT) for path in carried(ROOT / name)}
        assert ours - {path.relative_to(installed) for path in carried(installed)} == set()


def test_an_installed_package_finds_its_files_and_sets_nothing_up(installed: Path) -> None:
    code = (
        "from workbench import bootstrap, resources; bootstrap.ensure('test'); "
        "print(resources.notebooks(), resources.mappings(), resources.demo_data(), sep='|')"
    )
    packed = installed / "workbench" / "_resources"
    assert python(code, installed) == "|".join(
        str(packed / name) for name in ("notebooks", "mappings", "data/demo")
    )
    assert not (installed / ".venv").exists()
