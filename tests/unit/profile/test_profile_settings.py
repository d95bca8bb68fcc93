"""Settings of a profile that somebody edited: what is taken, what is refused, and what stays as it was."""

# ruff: noqa: E501  (tables are read in columns)

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from qbwc.serving import LEVELS
from tests.unit.profile.bare_profile import bare_profile
from workbench.errors import ProfileError, SettingsError
from workbench.profile import (
    LOG_LEVELS,
    MAILED,
    ApprovalSettings,
    Profile,
    PushSettings,
    change_settings,
    read_profile,
    write_profile,
)
from workbench.profile.writing import word


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return bare_profile(tmp_path / "books")


def text(profile: Profile) -> str:
    return (profile.folder / "profile.yaml").read_text(encoding="utf-8")


def write(profile: Profile, content: str) -> None:
    (profile.folder / "profile.yaml").write_text(content, encoding="utf-8")


def problems(profile: Profile) -> dict[int, str]:
    """Line -> what is wrong there."""
    with pytest.raises(SettingsError) as caught:
        read_profile(profile.folder)
    return {int(str(each.where).rpartition(":")[2]): str(each) for each in caught.value.problems}


def line_of(profile: Profile, start: str) -> int:
    (found,) = [n for n, line in enumerate(text(profile).splitlines(), 1) if line.strip().startswith(start)]
    return found


# --- what is written and read -----------------------------------------------------------------------------


def test_a_new_profile_says_its_version_and_what_it_may_say() -> None:
    assert tuple(LEVELS) == LOG_LEVELS, "the server's own words"
    assert set(MAILED) == {"failures", "needs_person"}


def test_what_is_told_to_whom_survives_writing(profile: Profile) -> None:
    told = replace(
        profile,
        log_level="VERBOSE",
        email="maria@example.com",
        email_results=("failures", "clean"),
        schedule=("06:00", "Mon-Fri,Sun 22:30"),
    )
    write_profile(told)
    assert read_profile(profile.folder) == told
    assert text(profile).splitlines()[1] == "version: 1"


def test_a_profile_from_before_reads_as_version_1(profile: Profile) -> None:
    old = [
        line
        for line in text(profile).splitlines()
        if line.split(":")[0] not in ("version", "log_level", "email", "email_results", "schedule")
    ]
    assert len(old) == len(text(profile).splitlines()) - 5
    write(profile, "\n".join(old) + "\n")
    assert read_profile(profile.folder) == profile


def test_a_newer_version_is_refused_and_nothing_else_is_said(profile: Profile) -> None:
    write(profile, text(profile).replace("version: 1", "version: 2\nfuture: x", 1))
    with pytest.raises(ProfileError) as caught:
        read_profile(profile.folder)
    assert "version 2" in str(caught.value)
    assert "up to 1" in str(caught.value)
    assert "newer workbench" in str(caught.value.fix)
    assert str(caught.value.where).endswith("profile.yaml:2")
    assert "future" not in str(caught.value)


def test_what_is_stored_and_does_nothing_yet_is_told(profile: Profile) -> None:
    assert profile.inactive == {}
    told = replace(profile, email="maria@example.com", schedule=("06:00",)).inactive
    assert set(told) == {"email", "schedule"}
    assert all("not active yet" in each for each in told.values())
    assert "failures, needs_person" in told["email"]


# --- sections that may be left out --------------------------------------------------------------------------


def test_sections_that_may_be_left_out_survive_writing_and_are_not_written_as_they_are(
    profile: Profile,
) -> None:
    assert "four_eyes" not in text(profile)
    assert (profile.approval.four_eyes, profile.push.stop_percent) == (False, 10)
    told = replace(profile, approval=ApprovalSettings(four_eyes=True), push=PushSettings(stop_percent=25))
    write_profile(told)
    assert read_profile(profile.folder) == told
    assert "four_eyes: true" in text(profile)


#  why                        in profile.yaml                       told; '' where it is taken
OPTIONAL = [
    ("a flow",                "approval: {four_eyes: true}",        ""),
    ("empty",                 "approval:",                          ""),
    ("a setting misspelled",  "approval: {four_eye: true}",         "approval.four_eye is not a setting"),
    ("its closest",           "approval: {four_eye: true}",         "Closest: four_eyes."),
    ("no truth",              "approval: {four_eyes: yes please}",  "approval.four_eyes is 'yes please', not true or false"),
    ("no section",            "approval: true",                     "approval is True, and is to be a section"),
    ("a section misspelled",  "aproval: {four_eyes: true}",         "Closest: approval."),
    ("a share",               "push: {stop_percent: 100}",          ""),
    ("too large a share",     "push: {stop_percent: 101}",          "not a whole number from 0 to 100"),
    ("given twice",           "push: {stop_percent: 1}\npush: {}",  "push is given twice"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "lines", "told"), OPTIONAL, ids=[case[0] for case in OPTIONAL])
def test_a_section_that_may_be_left_out(profile: Profile, why: str, lines: str, told: str) -> None:
    before = len(text(profile).splitlines())
    write(profile, text(profile) + lines + "\n")
    if not told:
        assert read_profile(profile.folder)
        return
    found = problems(profile)
    assert told in " ".join(found.values())
    assert all(line > before for line in found), "with its line"


# --- what is refused ---------------------------------------------------------------------------------

#  setting             new                        what a person reads; '' where it is taken
SETTINGS = [
    ("version",        "1",                       ""),
    ("version",        "one",                     "version is 'one', not a version such as 1"),
    ("version",        "0",                       "version is 0"),
    ("version",        "true",                    "version is True"),
    ("version",        "",                        "version is empty, not a version such as 1"),
    ("log_level",      "ALL",                     ""),
    ("log_level",      "",                        ""),
    ("log_level",      "VERBOS",                  "Closest: VERBOSE."),
    ("log_level",      "all",                     "Closest: ALL."),
    ("email",          "''",                      ""),
    ("email",          "maria@example.com",       ""),
    ("email",          "maria.o+books@a-b.co.uk", ""),
    ("email",          "maria",                   "one e-mail address such as"),
    ("email",          "maria@localhost",         "one e-mail address such as"),
    ("email",          "'Maria <m@example.com>'", "one e-mail address such as"),
    ("email",          "'a@x.com, b@x.com'",      "one e-mail address such as"),
    ("email",          "7",                       "email is 7"),
    ("email_results",  "[]",                      ""),
    ("email_results",  "[clean, differences]",    ""),
    ("email_results",  "[everything]",            "a list of: failures, needs_person, differences, clean"),
    ("email_results",  "failures",                "a list of: failures"),
    ("schedule",       "['06:00']",               ""),
    ("schedule",       "[06:00, Sat 23:59]",      ""),
    ("schedule",       "['24:00']",               "a list of times"),
    ("schedule",       "['6:00']",                "a list of times"),
    ("schedule",       "['Monday 06:00']",        "a list of times"),
    ("schedule",       "'06:00'",                 "a list of times"),
    ("url",            "alpine.my.salesforce.com", "an address such as https://"),
    ("url",            "ftp://alpine",            "an address such as https://"),
    ("url",            "http://[",                "an address such as https://"),
    ("url",            "https://m:pw@alpine.x",   "may hold none"),
    ("url",            "m:pw@alpine.x",           "may hold none"),
    ("bulk_above",     "99999",                   ""),
    ("bulk_above",     "0",                       ""),
    ("bulk_above",     "-1",                      "bulk_above is -1, not a whole number from 0 up"),
    ("bulk_above",     "many",                    "not a whole number from 0 up"),
    ("bulk_above",     "true",                    "not a whole number from 0 up"),
    ("leave_percent",  "100",                     ""),
    ("leave_percent",  "101",                     "not a whole number from 0 to 100"),
    ("port",           "65535",                   ""),
    ("port",           "65536",                   "not a whole number from 0 to 65535"),
    ("login",          "pasword",                 "Closest: password."),
    ("columns",        "alll",                    "Closest: all."),
    ("time_zone",      "America/New_York",        ""),
    ("time_zone",      "America/New_Yrok",        "Closest: America/New_York"),
    ("time_zone",      "EST5EDT4",                "not a time zone"),
    ("time_zone",      "../etc/passwd",           "not a time zone"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("setting", "new", "says"), SETTINGS, ids=[f"{case[0]} {case[1]}" for case in SETTINGS]
)
def test_a_setting_is_taken_or_refused_on_its_line(
    profile: Profile, setting: str, new: str, says: str
) -> None:
    write_profile(replace(profile, quickbooks=replace(profile.quickbooks, time_zone="UTC")))
    at = line_of(profile, f"{setting}:")
    lines = text(profile).splitlines()
    indent = lines[at - 1][: len(lines[at - 1]) - len(lines[at - 1].lstrip())]
    lines[at - 1] = f"{indent}{setting}: {new}"
    write(profile, "\n".join(lines) + "\n")
    if not says:
        read_profile(profile.folder)
        return
    found = problems(profile)
    assert list(found) == [at]
    assert says in found[at]


def test_all_that_is_wrong_is_listed_at_once_each_on_its_line(profile: Profile) -> None:
    write(
        profile,
        text(profile)
        .replace("master: both", "master: both\nmaster: salesforce\nmastr: x", 1)
        .replace("  port: 8585", "  port: eighty\n  time_zone: Mars/Base")
        .replace("log_level: NONE", "log_level: LOUD"),
    )
    found = problems(profile)
    lines = text(profile).splitlines()
    assert {
        lines[number - 1].split()[0]: words.partition(": ")[2].splitlines()[0]
        for number, words in found.items()
    } == {
        "master:": "master is given twice",
        "mastr:": "mastr is not a setting",
        "port:": "quickbooks.port is 'eighty', not a whole number from 0 to 65535",
        "time_zone:": "quickbooks.time_zone is 'Mars/Base', not a time zone such as America/New_York",
        "log_level:": "log_level is 'LOUD', not one of: NONE, DEBUG, VERBOSE, ALL",
    }
    assert "Closest: master" in next(words for words in found.values() if "mastr" in words)


#  a line                                    its name in data/secrets.yaml
MISPLACED = [
    ("  client_secret: hunter2",              "salesforce.client_secret"),
    ("  clientSecret: hunter2",               "salesforce.client_secret"),
    ("  consumer-secret: hunter2",            "salesforce.client_secret"),
    ("  password: hunter2",                   "salesforce.password"),
    ("  password: {is: hunter2}",             "salesforce.password"),
    ("  security_token: hunter2",             "salesforce.security_token"),
    ("  private_key: hunter2",                "salesforce.private_key"),
    ("  access_token: hunter2",               "salesforce.access_token"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "name"), MISPLACED, ids=[case[0].strip() for case in MISPLACED])
def test_a_secret_among_the_settings_is_told_as_one_and_never_shown(
    profile: Profile, line: str, name: str
) -> None:
    at = line_of(profile, "salesforce:")
    write(profile, text(profile).replace("salesforce:\n", f"salesforce:\n{line}\n", 1))
    found = problems(profile)
    assert list(found) == [at + 1]
    for words in ("secrets belong in data/secrets.yaml", "Take it out", f"`{name}: ...`", "was committed"):
        assert words in found[at + 1]
    assert "hunter2" not in found[at + 1]
    assert "It takes" not in found[at + 1]


#  where                   the line that is added                  what is told
ELSEWHERE = [
    ("the top",            "client_secret: hunter2",               "`salesforce.client_secret: ...`"),
    ("the top, dotted",    "quickbooks.password: hunter2",         "`quickbooks.password: ...`"),
    ("of the company",     "quickbooks:\n  password: hunter2",     "`quickbooks.password: ...`"),
    ("the key's name",     "salesforce:\n  client_id: hunter2",    "client_id is kept with the secrets"),
    ("a table of them",    "email: {password: hunter2}",           "email is a table, not one"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "says"), [case[1:] for case in ELSEWHERE], ids=[c[0] for c in ELSEWHERE])
def test_secrets_in_other_places(profile: Profile, line: str, says: str) -> None:
    first, _, rest = line.partition("\n")
    lines = [each for each in text(profile).splitlines() if rest or not each.startswith("email:")]
    if rest:
        lines.insert(lines.index(first) + 1, rest)
    else:
        lines.append(line)
    write(profile, "\n".join(lines) + "\n")
    (told,) = problems(profile).values()
    assert says in told
    assert "hunter2" not in told


def test_a_password_in_the_address_of_the_store_is_told_and_never_shown(profile: Profile) -> None:
    write(profile, text(profile) + "store: postgresql+psycopg://maria:hunter2@db.lan/books\n")
    (told,) = problems(profile).values()
    assert "store holds a password" in told
    assert "PGPASSWORD" in told
    assert "hunter2" not in told


@pytest.mark.parametrize("address", ["postgresql+psycopg://maria@db.lan/books", "sqlite:////data/a@b.sqlite"])
def test_a_store_may_name_its_user(profile: Profile, address: str) -> None:
    write(profile, text(profile) + f"store: {address}\n")
    assert read_profile(profile.folder).store_url == address


@pytest.mark.parametrize(("key", "lists"), [("usrname", 0), ("zzzzzzzz", 1)])
def test_the_settings_of_a_section_are_told_once(profile: Profile, key: str, lists: int) -> None:
    write(profile, text(profile).replace("salesforce:\n", f"salesforce:\n  {key}: x\n", 1))
    (told,) = problems(profile).values()
    assert told.count("api_version") == lists
    assert ("Closest: username." in told) == (lists == 0)


#  what stands there     what is told
NO_SECTION = [
    ("3",              "salesforce is 3, and is to be a section"),
    ("true",           "salesforce is True, and is to be a section"),
    ("hunter2",        "salesforce is a text, and is to be a section"),
    ("[a]",            "salesforce is a list, and is to be a section"),
    ("",               "the section 'salesforce' is missing"),
]  # fmt: skip


@pytest.mark.parametrize(("there", "says"), NO_SECTION)
def test_what_stands_in_the_place_of_a_section_is_told(profile: Profile, there: str, says: str) -> None:
    start, end = line_of(profile, "salesforce:"), line_of(profile, "quickbooks:")
    lines = text(profile).splitlines()
    write(profile, "\n".join([*lines[: start - 1], f"salesforce: {there}", *lines[end - 1 :], ""]))
    found = problems(profile)
    assert list(found) == [start]
    assert says in found[start]
    assert "It takes: url, login" in found[start]
    assert "hunter2" not in found[start]


def test_a_tab_is_told_as_one(profile: Profile) -> None:
    write(profile, "profile: x\n\tmaster: both\n")
    with pytest.raises(ProfileError) as caught:
        read_profile(profile.folder)
    assert "spaces" in str(caught.value.fix)
    assert "line 2" in str(caught.value.where)


# --- one setting at a time --------------------------------------------------------------------------------

BY_HAND = "  url: https://alpine.my.salesforce.com   # asked Eva\n"


@pytest.fixture
def edited(profile: Profile) -> Profile:
    """A profile with comments and an order of its own."""
    write(
        profile,
        text(profile).replace("  url: https://example.my.salesforce.com\n", BY_HAND) + "# the end\n",
    )
    return profile


def test_only_the_value_changes(edited: Profile) -> None:
    before = text(edited)
    after = change_settings(
        edited.folder,
        {
            ("salesforce", "login"): "jwt",
            ("quickbooks", "unattended"): True,
            ("quickbooks", "port"): 9000,
            ("email",): "maria@example.com",
            ("email_results",): ("failures", "clean"),
            ("schedule",): ("06:00", "Mon-Fri 22:30"),
        },
    )
    assert (after.salesforce.login, after.quickbooks.unattended, after.quickbooks.port) == ("jwt", True, 9000)
    assert (after.email, after.email_results) == ("maria@example.com", ("failures", "clean"))
    assert after.schedule == ("06:00", "Mon-Fri 22:30")
    changed = [
        pair
        for pair in zip(before.splitlines(), text(edited).splitlines(), strict=True)
        if pair[0] != pair[1]
    ]
    assert len(changed) == 6
    assert BY_HAND in text(edited)
    assert text(edited).endswith("# the end\n")


@pytest.mark.parametrize(
    "value",
    ["maria@x", "Zürich: 'a' \"b\" # c", "yes",
     "null", "12", "x y", "a,b", "[a", "{a", "&a", "-", "C:\\books", "# no"],
)  # fmt: skip
def test_a_value_reads_as_it_was_given(edited: Profile, value: str) -> None:
    assert change_settings(edited.folder, {("salesforce", "username"): value}).salesforce.username == value
    assert change_settings(edited.folder, {("quickbooks", "user"): value}).quickbooks.user == value
    assert change_settings(edited.folder, {("salesforce", "username"): None}).salesforce.username is None


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
@settings(max_examples=100, deadline=None)
def test_any_text_is_one_word_of_yaml_that_reads_as_it_was(value: str) -> None:
    assert "\n" not in word(value)
    assert YAML(typ="safe").load(f"value: {word(value)}   # a comment") == {"value": value}
    assert YAML(typ="safe").load(f"value: {word((value, value))}") == {"value": [value, value]}


def test_a_list_in_lines_becomes_one_line_and_what_follows_stays(edited: Profile) -> None:
    write(edited, text(edited).replace("schedule: []", "schedule:\n  - '06:00'   # early\n  - '07:00'"))
    assert change_settings(edited.folder, {("schedule",): ("08:00",)}).schedule == ("08:00",)
    assert text(edited).endswith("# the end\n")


#  why                          place                        value
REFUSED = [
    ("no such setting",       ("salesforce", "ulr"),       "https://x.my.salesforce.com"),
    ("no such section",       ("shop", "url"),             "x"),
    ("a wrong value",         ("quickbooks", "time_zone"), "Mars/Base"),
    ("a section",             ("salesforce",),             "x"),
    ("not an address",        ("email",),                  "maria"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("place", "value"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_what_would_break_the_profile_is_not_written(
    edited: Profile, place: tuple[str, ...], value: str
) -> None:
    before = text(edited)
    with pytest.raises(ProfileError):
        change_settings(edited.folder, {("master",): "salesforce", place: value})
    assert text(edited) == before
    assert not list(edited.folder.glob(".*.new"))


def test_line_ends_of_windows_stay(edited: Profile) -> None:
    path = edited.folder / "profile.yaml"
    path.write_bytes(text(edited).replace("\n", "\r\n").encode())
    change_settings(edited.folder, {("salesforce", "username"): "maria@x"})
    assert path.read_bytes().count(b"\n") == path.read_bytes().count(b"\r\n")
