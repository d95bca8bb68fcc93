"""`workbench init`: templates are listed and shown, and one becomes a profile with its settings."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from workbench.cli import main, template_view
from workbench.profile import read_profile
from workbench.templates import Template, list_templates

TEMPLATES = list_templates()


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
