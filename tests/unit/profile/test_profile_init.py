"""`workbench init`: templates are listed and shown, and one becomes a profile with its settings."""

from __future__ import annotations

import json
import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from workbench.cli import main, template_view
from workbench.profile import read_profile
from workbench.profile.newfolder import ignoring
from workbench.templates import Template, list_templates

TEMPLATES = list_templates()
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has access lists, not modes")


def shown(view: object, width: int) -> str:
    stream = StringIO()
    Console(file=stream, width=width, highlight=False).print(view)
    return stream.getvalue()


def squeezed(text: str) -> str:
    return " ".join(text.replace("│", " ").split())


def test_there_are_the_two_templates() -> None:
    assert {"salesforce-quickbooks-bidirectional", "quickbooks-to-salesforce-receivables"} <= {
        each.name for each in TEMPLATES
    }


@pytest.mark.parametrize("width", [80, 120])
def test_the_list_says_what_each_syncs_and_what_each_side_needs(width: int) -> None:
    text = squeezed(shown(template_view.listed(TEMPLATES), width))
    for each in TEMPLATES:
        for words in (
            each.name,
            each.title,
            each.syncs,
            *each.needs["salesforce"],
            *each.needs["quickbooks"],
        ):
            assert squeezed(words) in text
    assert "workbench init --view NAME" in text


@pytest.mark.parametrize("each", TEMPLATES, ids=[each.name for each in TEMPLATES])
@pytest.mark.parametrize("width", [80, 120])
def test_one_template_shows_every_state_with_what_it_does_and_needs(each: Template, width: int) -> None:
    text = shown(template_view.viewed(each), width)
    assert max(len(line.rstrip()) for line in text.splitlines()) <= width
    for state in each.states.values():
        (line,) = [line for line in text.splitlines() if state.name in line.split()]
        assert line.split()[0] == ("on" if state.on else "off")
    words = {word for state in each.states.values() for word in f"{state.does} {state.needs}".split()}
    assert words <= set(text.split())
    for name, preset in each.masters.items():
        assert f"{name}" in text
        assert f"{preset.title}: {len(preset.states)} states" in text


def test_the_commands_answer_the_same_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["templates"]
    assert [each["name"] for each in listed] == [each.name for each in TEMPLATES]
    assert main(["init", "--view", TEMPLATES[0].name, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == listed[0]
    assert main(["init", "--view", "nope"]) == 64


def test_a_profile_takes_its_settings_along(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = [
        "--template", "quickbooks-to-salesforce-receivables",
        "--salesforce-url", "https://alpine.my.salesforce.com", "--salesforce-login", "jwt",
        "--username", "m@x",
        "--log-level", "DEBUG", "--email", "maria@example.com", "--email-results", "failures,clean",
        "--schedule", "06:00", "--schedule", "Mon-Fri 22:30",
    ]  # fmt: skip
    assert main(["init", str(tmp_path / "books"), *given]) == 0
    profile = read_profile(tmp_path / "books")
    assert profile.template == "quickbooks-to-salesforce-receivables"
    assert (profile.salesforce.login, profile.salesforce.username) == ("jwt", "m@x")
    assert (profile.log_level, profile.email) == ("DEBUG", "maria@example.com")
    assert (profile.email_results, profile.schedule) == (("failures", "clean"), ("06:00", "Mon-Fri 22:30"))
    told = capsys.readouterr().out
    assert told.count("not active yet") == 2
    assert "workbench quickstart" in told


def test_wrong_settings_are_all_told_and_nothing_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--salesforce-url", "alpine", "--email", "maria", "--schedule", "noon", "--email-results", "all"]
    assert main(["init", str(tmp_path / "books"), *given, "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert [problem["error"].split(" is ")[0] for problem in answer["problems"]] == [
        "email", "email_results", "schedule", "salesforce.url",
    ]  # fmt: skip
    assert not (tmp_path / "books").exists()


# --- what somebody has in the folder --------------------------------------------------------------------


def everything(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Each file and folder below, with its mode and what stands in it."""
    return {
        path.relative_to(folder).as_posix(): (
            path.stat().st_mode,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in sorted((folder, *folder.rglob("*")))
    }


def put(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


#  why                       what is there                                     what is told
IN_THE_WAY = [
    ("a mapping",            {"mappings/account-customer.yaml": "mine\n"},     ["account-customer.yaml"]),
    ("one of one's own",     {"mappings/mine.yaml": "mine\n"},                 ["mine.yaml"]),
    ("its companions",       {"mappings/expressions.md": "mine\n", "mappings/mapping.schema.json": "{}"},
                                                     ["expressions.md, mapping.schema.json"]),
    ("mappings is a file",   {"mappings": "mine\n"},                           ["mappings is a file"]),
    ("data is a file",       {"data": "mine\n"},                               ["data is a file"]),
    ("several things",       {"mappings/item.yaml": "x", "data": "x"},         ["item", "data is a file"]),
    ("a profile",            {"profile.yaml": "mine\n"},                       ["holds a profile already"]),
]  # fmt: skip


@pytest.mark.parametrize(("there", "told"), [case[1:] for case in IN_THE_WAY], ids=[c[0] for c in IN_THE_WAY])
def test_what_somebody_has_is_not_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], there: dict[str, str], told: list[str]
) -> None:
    folder = put(tmp_path / "books", there | {".gitignore": "*.log\n"})
    before = everything(folder)
    assert main(["init", str(folder)]) == 1
    shown = capsys.readouterr().err
    assert [words for words in told if words not in shown] == []
    assert everything(folder) == before


@POSIX
@pytest.mark.parametrize("modes", [(0o755, 0o600), (0o700, 0o644), (0o755, 0o644)])
def test_secrets_that_others_can_reach_are_told_before_anything_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], modes: tuple[int, int]
) -> None:
    folder = put(tmp_path / "books", {"data/secrets.yaml": "quickbooks.password: hunter2\n"})
    (folder / "data").chmod(modes[0])
    (folder / "data" / "secrets.yaml").chmod(modes[1])
    before = everything(folder)
    assert main(["init", str(folder)]) == 1
    shown = capsys.readouterr().err
    assert ("chmod 700" in shown, "chmod 600" in shown) == (modes[0] != 0o700, modes[1] != 0o600)
    assert "hunter2" not in shown
    assert everything(folder) == before


@POSIX
def test_secrets_that_are_there_stay(tmp_path: Path) -> None:
    folder = put(tmp_path / "books", {"data/secrets.yaml": "quickbooks.password: hunter2\n"})
    (folder / "data").chmod(0o700)
    (folder / "data" / "secrets.yaml").chmod(0o600)
    assert main(["init", str(folder)]) == 0
    assert read_profile(folder).secret("quickbooks.password") == "hunter2"


def test_what_was_interrupted_can_be_made_again(tmp_path: Path) -> None:
    folder = tmp_path / "books"
    assert main(["init", str(folder)]) == 0
    before = everything(folder / "mappings")
    (folder / "profile.yaml").unlink()
    assert main(["init", str(folder)]) == 0
    assert everything(folder / "mappings") == before


HEAD = "# snapshots, the store and secrets stay on this machine\n"

#  why                       before                      after
IGNORES = [
    ("no file",              None,                       HEAD + "data/\n"),
    ("an empty one",         "",                         HEAD + "data/\n"),
    ("other lines",          "*.log\n",                  "*.log\n" + HEAD + "data/\n"),
    ("no line end",          "*.log",                    "*.log\n" + HEAD + "data/\n"),
    ("Windows' line ends",   "*.log\r\n",                ("*.log\r\n" + HEAD + "data/\n").replace("\r", "")),
    ("there already",        "/data/\n*.log",            "/data/\n*.log"),
    ("below only",           "data/raw/\n",              "data/raw/\n" + HEAD + "data/\n"),
    ("a comment",            "# data/\n",                "# data/\n" + HEAD + "data/\n"),
    ("taken back",           "data/\n!data/\n",          "data/\n!data/\n" + HEAD + "data/\n"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), [case[1:] for case in IGNORES], ids=[c[0] for c in IGNORES])
def test_lines_that_git_is_to_ignore_are_added(before: str | None, after: str) -> None:
    found = ignoring(None if before is None else before.encode())
    assert found.replace(b"\r\n", b"\n").decode() == after
    assert found.count(b"\r") == (found.count(b"\n") if "\r" in (before or "") else 0)
    assert ignoring(found) == found


def test_a_gitignore_that_is_there_keeps_its_lines(tmp_path: Path) -> None:
    folder = put(tmp_path / "books", {".gitignore": "*.log\nnotes/\n"})
    assert main(["init", str(folder)]) == 0
    lines = (folder / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert (lines[:2], lines[-1]) == (["*.log", "notes/"], "data/")


# --- which folder -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["", " "])
def test_an_empty_folder_is_wrong_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], typed: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init", typed]) == 64
    assert "it is empty" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("below", ["inner", "deep/inner", "data/inner"])
def test_a_profile_inside_of_another_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], below: str
) -> None:
    outer = put(tmp_path / "outer", {"profile.yaml": "version: 1\n"})
    assert main(["init", str(outer / below)]) == 1
    shown = capsys.readouterr().err
    assert "inside of another profile" in shown
    assert str(outer) in shown
    assert [path.name for path in outer.iterdir()] == ["profile.yaml"]


@pytest.mark.parametrize("below", ["", "inner"])
def test_a_file_is_told_as_one(tmp_path: Path, capsys: pytest.CaptureFixture[str], below: str) -> None:
    put(tmp_path, {"afile": "mine\n"})
    assert main(["init", str(tmp_path / "afile" / below)]) == 1
    assert f"{tmp_path / 'afile'}: this is a file" in capsys.readouterr().err


@pytest.mark.parametrize(
    "url",
    ["https://maria:hunter2@alpine.my.salesforce.com", "https://maria:hunt/er2@alpine", "maria:hunter2@x"],
)
def test_a_password_in_the_address_is_refused_and_not_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    assert main(["init", str(tmp_path / "books"), "--salesforce-url", url, "--json"]) == 1
    told = capsys.readouterr()
    assert "may hold none" in told.err
    assert "er2" not in told.out + told.err
    assert not (tmp_path / "books").exists()
