"""`workbench qwc`, `service` and `testorg` as a person types them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from lxml import etree

from tests.unit.profile.bare_profile import bare_profile
from workbench.cli.main import main
from workbench.profile import write_secrets


@pytest.fixture
def books(tmp_path: Path) -> Path:
    profile = bare_profile(tmp_path / "books")
    write_secrets(profile, {"quickbooks.password": "correct horse"})
    return profile.folder


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    answer: dict[str, object] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return answer


#  settings                               element                value
ASKED = [
    ({},                                  "UnattendedModePref", "umpOptional"),
    ({"unattended": True},                "UnattendedModePref", "umpRequired"),
    ({},                                  "PersonalDataPref",   "pdpNotNeeded"),
    ({},                                  ".//RunEveryNMinutes", "15"),
    ({"run_every_minutes": 60},           ".//RunEveryNMinutes", "60"),
    ({"run_every_minutes": 0},            ".//RunEveryNMinutes", None),
    ({},                                  "IsReadOnly",         "false"),
    ({},                                  "AppURL",             "http://localhost:8585/qbwc"),
    ({"port": 9000},                      "AppURL",             "http://localhost:9000/qbwc"),
    ({"connector_url": "https://books.example/qbwc"}, "AppURL", "https://books.example/qbwc"),
    ({"connector_url": "https://books.example/qbwc"}, "AppSupport", "https://books.example/support"),
]  # fmt: skip


@pytest.mark.parametrize(("settings", "element", "value"), ASKED)
def test_the_file_asks_for_the_least_that_the_profile_needs(
    tmp_path: Path, settings: dict[str, object], element: str, value: str | None
) -> None:
    profile = bare_profile(tmp_path / "books", **settings)
    write_secrets(profile, {"quickbooks.password": "correct horse"})

    assert main(["qwc", "--profile", str(profile.folder), "--json"]) == 0
    assert etree.parse(profile.folder / "books.qwc").getroot().findtext(element) == value


def test_an_address_that_the_web_connector_refuses_writes_no_file_and_opens_no_pairing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    profile = bare_profile(tmp_path / "books", connector_url="http://books.example/qbwc")
    write_secrets(profile, {"quickbooks.password": "correct horse"})

    assert main(["qwc", "--profile", str(profile.folder)]) == 1
    assert "QBWC1010" in capsys.readouterr().err
    assert not list(profile.folder.glob("*.qwc"))


def test_the_password_stands_neither_in_the_file_nor_in_the_steps(
    books: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["qwc", "--profile", str(books)]) == 0
    assert "correct horse" not in capsys.readouterr().out + (books / "books.qwc").read_text("utf-8")


def test_a_service_file_is_written_with_its_steps(books: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["service", "--kind", "systemd", "--profile", str(books), "--json"]) == 0
    answer = told(capsys)
    assert f'"--profile" "{books}"' in Path(str(answer["file"])).read_text("utf-8")
    assert str(answer["file"]) in str(answer["steps"])

    task = ["service", "--kind", "windows", "--user", "OFFICE\\maria", "--profile", str(books), "--json"]
    assert main(task) == 0
    assert "OFFICE\\maria" in Path(str(told(capsys)["file"])).read_text("utf-16")


def test_a_task_for_another_computer_needs_its_user(books: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if sys.platform == "win32":
        pytest.skip("on Windows it is you")
    assert main(["service", "--kind", "windows", "--profile", str(books)]) == 64
    assert "--user" in capsys.readouterr().err


def test_half_a_certificate_is_wrong_usage(books: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["up", "--certificate", "server.crt", "--profile", str(books)]) == 64
    assert "--key" in capsys.readouterr().err


def test_the_pretend_org_brings_its_own_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["testorg", "--help"])
    assert (ended.value.code, "--data" in capsys.readouterr().out) == (0, True)


#  typed                                          what is said
WRONG = [
    (["push", "--no-such-option", "--json"],      "--no-such-option"),
    (["nonsense", "--json"],                      "nonsense"),
    (["up", "--certificate", "a.crt", "--json"],  "--key"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "says"), WRONG)
def test_wrong_usage_is_one_json_object_for_a_script(
    typed: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(typed) == 64
    assert says in str(told(capsys)["error"])
