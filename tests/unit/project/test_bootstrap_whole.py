"""The whole set-up, for real: a small checkout, a real environment, a real pip that reads a local folder.

The checkout holds the program's own set-up, a lock of one package (its build backend) and a command that
prints where it runs.  Nothing is fetched from anywhere.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[3]
BASE = getattr(sys, "_base_executable", sys.executable)  # the Python that `.venv` was made with

BACKEND = """
import os, time, zipfile

def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    open("building", "w").close()
    time.sleep(float(os.environ.get("SLOW", "0")))
    name, info = "small-1.0-py3-none-any.whl", "small-1.0.dist-info/"
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as wheel:
        wheel.writestr("small.pth", os.getcwd())
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: small\\nVersion: 1.0\\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(info + "RECORD", "")
    return name
"""
COMMAND = """
import json, sys

def main(arguments):
    import tinybackend
    print(json.dumps({"prefix": sys.prefix, "arguments": arguments}))
    return 3
"""
PYPROJECT = """
[build-system]
requires = ["tinybackend"]
build-backend = "tinybackend"
[project]
name = "small"
version = "1.0"
dependencies = ["tinybackend"]
[project.optional-dependencies]
"""
# `python -m venv` finds this one in the current folder first.
VENV = """
import runpy, sys

if "--without-pip" not in sys.argv:
    sys.exit("The virtual environment was not created successfully because ensurepip is not available.")
sys.path = [entry for entry in sys.path if entry not in ("", {!r})]
del sys.modules["__main__"]
runpy.run_module("venv", run_name="__main__")
"""


@dataclass(slots=True, kw_only=True)
class Checkout:
    """A small checkout in an empty home."""

    folder: Path
    environment: dict[str, str]

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [BASE, "-m", "workbench", *arguments],
            cwd=self.folder,
            env=self.environment | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )

    def run(self, *arguments: str, **environment: str) -> tuple[int, str, str]:
        """Exit code, standard output, standard error."""
        with self.start(*arguments, **environment) as process:
            output, told = process.communicate(timeout=180)
        return process.returncode, output, told

    def forget_ensurepip(self) -> None:
        """Like Debian without python3-venv: venv refuses to put pip into an environment. (Faster, too.)"""
        if subprocess.run([BASE, "-m", "pip", "--version"], capture_output=True).returncode != 0:
            pytest.skip(f"{BASE} has no pip of its own")
        (self.folder / "venv.py").write_text(VENV.format(str(self.folder)), encoding="utf-8")


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    folder, wheels, home = tmp_path / "a checkout", tmp_path / "wheels", tmp_path / "home"
    for each in (folder, wheels, home):
        each.mkdir()
    package = folder / "workbench"
    for name in ("__init__.py", "__main__.py", "bootstrap"):
        source = ROOT / "workbench" / name
        copy = shutil.copytree if source.is_dir() else shutil.copy2
        package.mkdir(exist_ok=True)
        copy(source, package / name)
    (package / "cli.py").write_text(COMMAND, encoding="utf-8")
    (folder / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    digest = hashlib.sha256(backend_wheel(wheels).read_bytes()).hexdigest()
    (folder / "requirements.lock").write_text(f"tinybackend==1.0 --hash=sha256:{digest}\n", encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "WORKBENCH_"))}
    settings = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": wheels.as_uri(), "PIP_CONFIG_FILE": os.devnull}
    return Checkout(
        folder=folder, environment=kept | settings | {"HOME": str(home), "USERPROFILE": str(home)}
    )


def backend_wheel(folder: Path) -> Path:
    """The only package of the lock, put together by hand."""
    path = folder / "tinybackend-1.0-py3-none-any.whl"
    info = "tinybackend-1.0.dist-info"
    files = {
        "tinybackend.py": BACKEND,
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: tinybackend\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record += f"{name},sha256={digest},{len(text)}\n"
        wheel.writestr(f"{info}/RECORD", f"{record}{info}/RECORD,,\n")
    return path


def test_the_life_of_a_checkout(checkout: Checkout) -> None:
    """Set up once, used again, changed, moved: each time the same command is enough."""
    code, output, told = checkout.run("demo", "--json", "two words")
    assert code == 3, told
    said = json.loads(output)  # standard output holds the command's own line and nothing else
    assert said["arguments"] == ["demo", "--json", "two words"]
    assert Path(said["prefix"]).samefile(checkout.folder / ".venv")
    assert told.startswith("Setting up the workbench in ")
    assert "pip:" not in told

    assert checkout.run() == (3, json.dumps({**said, "arguments": []}) + "\n", "")

    with (checkout.folder / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    code, _, told = checkout.run()
    assert (code, ".venv: requirements.lock or pyproject.toml changed." in told) == (3, True), told

    moved = checkout.folder.with_name("moved")
    checkout.folder.rename(moved)
    checkout.folder = moved
    code, output, told = checkout.run()
    assert (code, "making it again: the checkout was moved here from " in told) == (3, True), told
    assert Path(json.loads(output)["prefix"]).samefile(moved / ".venv")


def test_two_first_runs_at_once_make_one_environment(checkout: Checkout) -> None:
    checkout.forget_ensurepip()
    processes = [checkout.start(str(number)) for number in range(2)]
    ends = [(*process.communicate(timeout=180), process.returncode) for process in processes]
    assert [code for *_, code in ends] == [3, 3], ends
    told = [told for _, told, _ in ends]
    assert sum("Setting up the workbench" in each for each in told) == 1
    assert sum("waiting for it" in each for each in told) == 1


def test_a_package_that_is_not_there_then_a_wrong_one_then_the_right_one(checkout: Checkout) -> None:
    checkout.forget_ensurepip()
    code, output, told = checkout.run(PIP_FIND_LINKS="")
    assert (code, output) == (1, "")
    assert "pip: ERROR: No matching distribution found for tinybackend==1.0" in told
    assert "The set-up stopped: the package index has no file that fits" in told

    lock = checkout.folder / "requirements.lock"
    right = lock.read_text(encoding="utf-8")
    lock.write_text(right.partition("sha256:")[0] + "sha256:" + "0" * 64 + "\n", encoding="utf-8")
    code, _, told = checkout.run()
    assert (code, "is not the one that requirements.lock names" in told) == (1, True), told

    lock.write_text(right, encoding="utf-8")
    code, _, told = checkout.run()
    assert (code, "making it again: the last set-up did not finish" in told) == (3, True), told


@pytest.mark.skipif(os.name == "nt", reason="sends POSIX signals")
def test_ctrl_c_stops_cleanly_and_a_killed_set_up_is_waited_for(checkout: Checkout) -> None:
    checkout.forget_ensurepip()
    first = checkout.start(SLOW="60")
    wait_until_building(checkout, first)
    os.killpg(first.pid, signal.SIGINT)
    _, told = first.communicate(timeout=30)
    assert first.returncode == 130
    assert "The set-up was interrupted. The same command starts it again." in told
    assert "Traceback" not in told

    second = checkout.start(SLOW="3")
    wait_until_building(checkout, second)
    second.kill()  # pip lives on for some seconds, and writes into .venv
    code, _, told = checkout.run()
    assert code == 3, told
    assert "Another set-up is at work in this folder; waiting for it." in told
    assert "making it again: the last set-up did not finish" in told


def wait_until_building(checkout: Checkout, process: subprocess.Popen[str]) -> None:
    """Until the lock is installed and the checkout itself is being built."""
    end = time.monotonic() + 90
    while not (checkout.folder / "building").exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.05)
    (checkout.folder / "building").unlink()


def test_a_python_without_ensurepip_uses_its_own_pip(checkout: Checkout) -> None:
    checkout.forget_ensurepip()
    code, _, told = checkout.run()
    assert code == 3, told
    inside = (checkout.folder / ".venv").glob("**/site-packages/pip")
    assert list(inside) == [], "it was meant to be filled from outside"
