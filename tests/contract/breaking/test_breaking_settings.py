"""A profile.yaml that somebody has edited by hand: every setting is looked at when it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.errors import ProfileError, SettingsError
from workbench.profile import read_profile
from workbench.templates import make_profile


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_profile(tmp_path_factory.mktemp("profiles") / "books").folder


def edited(written: Path, tmp_path: Path, old: str, new: str) -> Path:
    """A copy of the profile in which a setting stands otherwise."""
    lines = (written / "profile.yaml").read_text(encoding="utf-8").splitlines()
    (found,) = [line for line in lines if line.strip().startswith(f"{old}:")]
    lines[lines.index(found)] = f"  {old}: {new}"
    (tmp_path / "profile.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


#  why                            setting                new        the message says
REFUSED = [
    ("a word for a port",         "port",                "abc",     "port is 'abc', not a whole number"),
    ("a port in quotes",          "port",                "'80'",    "port is '80', not a whole number"),
    ("a port past the last",      "port",                "65536",   "port is 65536"),
    ("a port below zero",         "port",                "-1",      "port is -1"),
    ("yes is no port",            "port",                "true",    "port is True"),
    ("no port",                   "port",                "",        "port is empty"),
    ("minutes in words",          "wait_minutes",        "ten",     "wait_minutes is 'ten', not a number"),
    ("minutes below zero",        "wait_minutes",        "-0.5",    "wait_minutes is -0.5"),
    ("half a whole number",       "pull_every_minutes",  "1.5",     "pull_every_minutes is 1.5"),
    ("a list for an address",     "url",                 "[a, b]",  "url is ['a', 'b'], not a text"),
    ("nothing for an address",    "url",                 "",        "url is missing"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "setting", "new", "says"), REFUSED, ids=[case[0] for case in REFUSED])
def test_a_setting_of_the_wrong_kind_is_refused_with_its_value(
    why: str, setting: str, new: str, says: str, written: Path, tmp_path: Path
) -> None:
    with pytest.raises(ProfileError) as refused:
        read_profile(edited(written, tmp_path, setting, new))
    assert isinstance(refused.value, SettingsError)
    (problem,) = refused.value.problems
    assert says in problem.what
    assert problem.what.count(setting) == 1
    lines = (tmp_path / "profile.yaml").read_text(encoding="utf-8").splitlines()
    (line,) = [number for number, text in enumerate(lines, 1) if text.strip().startswith(f"{setting}:")]
    assert problem.where == f"{tmp_path / 'profile.yaml'}:{line}"


#  why                              setting          new       read as
TAKEN = [
    ("the highest port",            "port",          "65535",  65535),
    ("any free port",               "port",          "0",      0),
    ("not waiting at all",          "wait_minutes",  "0",      0),
    ("whole minutes",               "wait_minutes",  "5",      5),
    ("a user name of digits",       "user",          "4711",   "4711"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "setting", "new", "value"), TAKEN, ids=[case[0] for case in TAKEN])
def test_a_setting_at_its_edge_is_taken(
    why: str, setting: str, new: str, value: object, written: Path, tmp_path: Path
) -> None:
    found = getattr(read_profile(edited(written, tmp_path, setting, new)).quickbooks, setting)
    assert (found, type(found)) == (value, type(value))


def test_a_version_without_quotes_is_a_text(written: Path, tmp_path: Path) -> None:
    assert read_profile(edited(written, tmp_path, "api_version", "64.0")).salesforce.api_version == "64.0"


def test_a_file_that_is_not_utf8_is_said_so(written: Path, tmp_path: Path) -> None:
    content = (written / "profile.yaml").read_bytes()
    (tmp_path / "profile.yaml").write_bytes(content + "# für den Prüfer\n".encode("cp1252"))
    with pytest.raises(ProfileError, match="not UTF-8") as refused:
        read_profile(tmp_path)
    assert refused.value.fix == "Save the file as UTF-8."
