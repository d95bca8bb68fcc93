"""Rules for the files of the repository: what may lie in it, and what must not."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from ruamel.yaml import YAML

import workbench

ROOT = Path(__file__).resolve().parents[3]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

# Put together from pieces, so that this file is not its own first offence.
REGISTRIES = ["pypi." + "org", "python" + "hosted.org", "registry.npm" + "js", "deb.debian." + "org"]
MACHINE_PATH = re.compile(r"(^|[^\w.])/(" + "|".join(["wo" + "rk", "fa" + "rm", "ro" + "ot"]) + r")/")

TOP = {
    *("notebooks", "workbench", "qbwc", "mappings", "data", "tests", "docs"),
    *("pyproject.toml", "requirements.lock", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"),
}
OTHER_LOCKS = {"uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "package-lock.json", "yarn.lock"}


def git_files() -> list[Path]:
    """The files that git tracks or would add."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    except FileNotFoundError:
        pytest.skip("no git to list the repository's files")
    if listed.returncode != 0:
        pytest.skip(f"not a git checkout: {listed.stderr.strip()}")
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def text_of(path: Path) -> str:
    """The text of a file; empty for a picture or another file that is none."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def offending(text: str) -> list[str]:
    """What must not stand in any file: package registries' hosts, and paths of the machine it was made on."""
    hosts = [host for host in REGISTRIES if host in text]
    return hosts + [match.group(0).strip() for match in MACHINE_PATH.finditer(text)]


def test_no_file_names_a_registry_or_a_path_of_the_machine_it_was_made_on() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): bad for path in git_files() if (bad := offending(text_of(path)))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("https://" + REGISTRIES[0] + "/simple", 1),
        ("open('/wo" + "rk/main/x')", 1),
        ("/ro" + "ot/.cache", 1),
        ("../wo" + "rk/ stays relative, net/wo" + "rk/x too", 0),
        ("", 0),
    ],
)
def test_the_search_for_offences_finds_them(text: str, count: int) -> None:
    assert len(offending(text)) == count


def test_only_known_names_lie_at_the_top() -> None:
    tops = {path.relative_to(ROOT).parts[0] for path in git_files()}
    assert {name for name in tops - TOP if not name.startswith(".")} == set()


def test_no_lock_but_our_own() -> None:
    assert [path for path in git_files() if path.name in OTHER_LOCKS] == []


def test_notebooks_are_kept_without_outputs() -> None:
    kept = []
    for path in git_files():
        if path.suffix == ".ipynb":
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            kept += [path.name for cell in cells if cell.get("outputs") or cell.get("execution_count")]
    assert kept == []


def test_each_test_file_has_a_name_of_its_own() -> None:
    """pytest imports them by their bare names."""
    names = Counter(path.name for path in git_files() if path.match("tests/**/test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []


# -- requirements.lock ---------------------------------------------------------------------------------------


def locked() -> dict[str, list[tuple[Requirement, list[str]]]]:
    """Name -> its lines in the lock (one a marker), each with its hashes."""
    entries: dict[str, list[tuple[Requirement, list[str]]]] = {}
    text = re.sub(r"(?m)^\s*#.*$", "", (ROOT / "requirements.lock").read_text(encoding="utf-8"))
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip():
            requirement, *hashes = re.split(r"\s+--hash=", line.strip())
            parsed = Requirement(requirement)
            entries.setdefault(canonicalize_name(parsed.name), []).append((parsed, hashes))
    return entries


def test_the_lock_pins_each_package_by_version_and_hash_and_names_no_address() -> None:
    assert "://" not in (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = [entry for lines in locked().values() for entry in lines]
    assert len(entries) > 100
    loose = [str(each) for each, _ in entries if [spec.operator for spec in each.specifier] != ["=="]]
    bare = [str(each) for each, hashes in entries if not hashes]
    wrong = [
        str(each)
        for each, hashes in entries
        if not all(re.fullmatch("sha256:[0-9a-f]{64}", h) for h in hashes)
    ]
    assert (loose, bare, wrong) == ([], [], [])


@pytest.mark.parametrize("extra", ["", "test"])
def test_the_lock_covers_what_the_package_asks_for(extra: str) -> None:
    project, entries = PYPROJECT["project"], locked()
    asked = project["optional-dependencies"][extra] if extra else project["dependencies"]
    missing = []
    for requirement in map(Requirement, asked):
        lines = entries.get(canonicalize_name(requirement.name), [])
        versions = [next(iter(line.specifier)).version for line, _ in lines]
        if not versions or not all(
            requirement.specifier.contains(each, prereleases=True) for each in versions
        ):
            missing.append(f"{requirement}: locked {versions}")
    assert missing == []


def test_the_build_backend_is_locked_for_an_editable_install_without_isolation() -> None:
    wanted = {Requirement(each).name for each in PYPROJECT["build-system"]["requires"]} | {"editables"}
    assert wanted <= locked().keys()


# -- README and what hangs on it -----------------------------------------------------------------------------


def fenced(text: str) -> list[tuple[str, str]]:
    """(language, content) of each fenced block of a Markdown text."""
    blocks = re.findall(r"(?ms)^( *)```(\w*)[^\n]*\n(.*?)^\1```\s*$", text)
    return [(language, re.sub(f"(?m)^{indent}", "", content)) for indent, language, content in blocks]


def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_first_two_blocks_are_the_two_commands() -> None:
    commands = [content.strip() for _, content in fenced(readme())[:2]]
    assert commands == ["python3 -m workbench demo", "python3 -m tests"]


def test_the_ci_runs_the_test_command_word_for_word() -> None:
    script = ROOT / ".ci" / "run"
    assert fenced(readme())[1][1].strip() in script.read_text(encoding="utf-8").splitlines()


def test_the_examples_of_the_readme_can_be_read() -> None:
    for language, content in fenced(readme()):
        if language in {"python", "py"}:
            ast.parse(content)
        elif language in {"yaml", "yml"}:
            YAML(typ="safe").load(content)
        elif language == "json":
            json.loads(content)


def test_the_links_between_our_files_lead_somewhere() -> None:
    dead = []
    for path in git_files():
        if path.suffix == ".md":
            links = re.findall(r"\]\((?!\w+:|#)([^)#\s]+)", text_of(path))
            dead += [f"{path.name}: {link}" for link in links if not (path.parent / link).exists()]
    assert dead == []


def test_the_version_is_the_same_everywhere() -> None:
    assert workbench.__version__ == PYPROJECT["project"]["version"]


def test_fenced_blocks_are_found_with_their_language_and_without_their_indent() -> None:
    text = "a\n```bash\none\n```\n- b\n  ```python\n  x = 1\n  if x:\n      y\n  ```\n``inline``\n"
    assert fenced(text) == [("bash", "one\n"), ("python", "x = 1\nif x:\n    y\n")]
    assert fenced("") == []
