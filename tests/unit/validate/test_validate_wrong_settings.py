"""Wrong settings are lines of the report, and hide neither mappings nor other settings."""

# ruff: noqa: E501  (tables are read in columns)

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.profile.bare_profile import SMALLEST, bare_profile, make_valid
from workbench.cli.main import main
from workbench.errors import ProfileError
from workbench.profile import PROFILE_FILE, Profile, SalesforceSettings
from workbench.validate import Report, Verdict, validate_folder
from workbench.validate.checks import ADVANCED, PROFILE, QUICKBOOKS, SALESFORCE

SF, QB, AD = SALESFORCE, QUICKBOOKS, ADVANCED


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    org = SalesforceSettings(url="https://books.my.salesforce.com")
    made = make_valid(bare_profile(tmp_path / "books", salesforce=org))
    wrong = SMALLEST.replace("quickbooks: Name", "quickbooks: Nam")
    (made.mappings / "account-customer.yaml").write_text(wrong, encoding="utf-8")
    return made


def with_settings(profile: Profile, right: str, wrong: str) -> Report:
    file = profile.folder / PROFILE_FILE
    text = file.read_text(encoding="utf-8")
    assert right in text
    file.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    return validate_folder(profile.folder)


#  why                            in profile.yaml               becomes                      group  name            told
WRONG = [
    ("an address that is none",   "https://books.my.sal",       "books.my.sal",              SF,    "url",          "salesforce.url is"),
    ("a setting that is none",    "  port:",                    "  prot:",                   QB,    "prot",         "is not a setting"),
    ("a key missing",             "  company: ",                "  # ",                      QB,    "company",      "is missing"),
    ("a section missing",         "salesforce:\n",              "salesfarce:\n",             SF,    "salesforce",   "is missing"),
    ("a log level that is none",  "log_level: NONE",            "log_level: LOUD",           AD,    "log_level",    "'LOUD'"),
    ("a store that is none",      "log_level: NONE",            "store: nowhere://x",        AD,    "store",        ""),
    ("broken YAML",               "salesforce:\n",              "salesforce: [\n",           PROFILE, PROFILE_FILE, "broken YAML"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("why", "right", "wrong", "group", "name", "told"), WRONG, ids=[case[0] for case in WRONG]
)
def test_a_wrong_setting_is_a_line_of_its_group_and_hides_no_mapping(
    why: str, right: str, wrong: str, group: str, name: str, told: str, profile: Profile
) -> None:
    report = with_settings(profile, right, wrong)
    lines = [check for check in report.errors if (check.group, check.name) == (group, name)]
    assert len(lines) == 1, report.errors
    assert told in lines[0].detail
    missing = why == "a section missing"
    assert lines[0].where.rstrip("0123456789") == ("profile.yaml" if missing else "profile.yaml:")
    assert any("has no field 'Nam'" in check.detail for check in report.errors)
    assert len(report.errors) == (3 if missing else 2), report.errors
    names = [group for group, _ in report.groups()]
    assert len(names) == len(set(names)), "each group stands once"


def test_settings_that_can_be_read_and_are_wrong_are_told_too(profile: Profile) -> None:
    wrong = "leave_percent: 100\n  login: clientcredentials"
    (profile.folder / PROFILE_FILE).write_text(
        (profile.folder / PROFILE_FILE).read_text(encoding="utf-8").replace("  port: 8585", "  port: 0"),
        encoding="utf-8",
    )
    report = with_settings(profile, "login: client_credentials", wrong.partition("\n  ")[2])
    errors = {check.name for check in report.errors}
    assert {"login", "port"} <= errors
    assert not any(check.name.startswith("secret salesforce") for check in report.checks), (
        "they are of a login"
    )


def test_nobody_is_asked(profile: Profile, stays_on_this_machine: list[str]) -> None:
    report = with_settings(profile, "  port: 8585", "  port: many")
    assert {check.verdict for check in report.checks if check.name in ("log in", "company file")} == {
        Verdict.UNKNOWN
    }
    assert "while settings of profile.yaml are wrong" in report.offline
    assert stays_on_this_machine == []


def test_json_and_the_page_hold_the_checks(
    profile: Profile, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_settings(profile, "log_level: NONE", "log_level: LOUD")
    page = tmp_path / "page.html"
    assert main(["check", "--json", "--html", str(page), "--profile", str(profile.folder)]) == 1
    checks = json.loads(capsys.readouterr().out)["checks"]
    assert {"log_level", "name", "url"} <= {check["name"] for check in checks}
    assert "LOUD" in page.read_text(encoding="utf-8")


def test_no_profile_is_no_report(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="there is no profile here"):
        validate_folder(tmp_path)


def test_fewer_than_no_examples_is_wrong_usage(profile: Profile) -> None:
    assert main(["check", "--examples", "-3", "--profile", str(profile.folder)]) == 64
