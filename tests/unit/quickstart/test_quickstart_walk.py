"""The Quick Start: from a new profile to the first run, left at each step and taken up where it stopped."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.quickstart.quickstart_desk import APP, USER, Desk, LeftAlone, Person, running_desk
from workbench.mapping import load_mappings
from workbench.profile import write_secrets
from workbench.quickstart import STEPS
from workbench.templates import make_profile
from workbench.workspace import workspace

pytestmark = pytest.mark.long

NAMES = [step.name for step in STEPS]
PARTS = ("salesforce", "quickbooks", "advanced")


KEPT = ("account-customer", "contact-customer")
"""The mappings of most stories: reading all of a template's takes longer than the rest of a story."""


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_profile(tmp_path_factory.mktemp("quickstart") / "whole").folder


@pytest.fixture(scope="session")
def made(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = shutil.copytree(whole, tmp_path_factory.mktemp("quickstart") / "made")
    for file in (folder / "mappings").glob("*.yaml"):
        if file.stem not in KEPT:
            file.unlink()
    return folder


@pytest.fixture
def desk(made: Path, tmp_path: Path) -> Iterator[Desk]:
    with running_desk(made, tmp_path) as running:
        yield running


def test_the_steps_are_those_of_the_template() -> None:
    assert NAMES == ["salesforce", "quickbooks", "advanced", "validate", "mappings", "master", "run"]


def test_the_whole_template_goes_through(whole: Path, tmp_path: Path) -> None:
    with running_desk(whole, tmp_path) as desk:
        assert desk.walk(Person(desk.all())) is None
        assert desk.states() == "ddddddo"


def test_from_a_new_profile_to_the_first_run(desk: Desk) -> None:
    assert desk.states() == "ooooooo"
    person = Person(desk.all())
    assert desk.walk(person) is None
    assert desk.states() == "ddddddo", "only the first pull is left"
    assert person.answers == []
    profile = desk.profile
    assert (profile.salesforce.url, profile.salesforce.login) == (desk.org_url, "client_credentials")
    assert profile.secret("salesforce.client_secret") == APP.client_secret
    assert (profile.quickbooks.port, profile.quickbooks.time_zone) == (desk.port, "America/New_York")
    assert (profile.log_level, profile.email, profile.schedule) == ("DEBUG", "maria@example.com", ())
    assert "Alder & Sons" in desk.shown
    assert "not active yet" in desk.shown
    assert f"workbench pull --profile {desk.context.folder}" in desk.shown


def test_no_secret_is_shown_or_stands_in_what_goes_into_git(desk: Desk) -> None:
    person = Person(desk.all())
    desk.walk(person)
    assert [prompt.partition(" ")[2][:6] for prompt in person.hidden] == ["key of", "secret"]
    secrets = (APP.client_secret, APP.client_id, desk.profile.secret("quickbooks.password"))
    files = [path for path in desk.profile.folder.rglob("*") if path.is_file()]
    tracked = [path for path in files if "data" not in path.relative_to(desk.profile.folder).parts]
    assert len(tracked) > 5
    for secret in secrets:
        assert secret not in desk.shown
        assert all(secret.encode() not in path.read_bytes() for path in tracked)


# --- leaving and coming back --------------------------------------------------------------------------------

#  left at         the question at which the person leaves
LEFT = [
    ("salesforce",   "Address of the org"),
    ("salesforce",   "Consumer secret"),
    ("quickbooks",   "Port of the server"),
    ("quickbooks",   "Update Selected"),
    ("advanced",     "E-mail"),
    ("mappings",     "Numbers or names"),
    ("master",       "Master"),
]  # fmt: skip


@pytest.mark.parametrize("how", ["later", KeyboardInterrupt, EOFError])
def test_it_can_be_left_in_three_ways(desk: Desk, how: str | type[BaseException]) -> None:
    def leaves() -> str:
        if isinstance(how, str):
            return how
        raise how

    assert desk.walk(Person([("Address of the org", leaves)])) == "salesforce"


def test_left_at_every_step_it_goes_on_where_it_stopped(desk: Desk) -> None:
    asked = {name: [words for words, _ in getattr(desk, name)()] for name in PARTS}
    at = "salesforce"
    for step, question in LEFT:
        settled = [words for name in PARTS if NAMES.index(name) < NAMES.index(at) for words in asked[name]]
        given = [(words, answer) for words, answer in desk.all() if words not in settled]
        person = Person([(words, "later" if words == question else answer) for words, answer in given])
        assert desk.walk(person) == step
        assert not [prompt for prompt in person.asked if any(words in prompt for words in settled)]
        first = desk.progress().first
        assert first is not None
        at = first.name
        assert at == step
    assert desk.walk(Person(desk.rest()[1:])) is None
    assert desk.states() == "ddddddo"


def test_what_was_answered_before_leaving_is_the_default_after(desk: Desk) -> None:
    desk.walk(Person([*desk.salesforce()[:2], ("Consumer key", "later")]))
    person = Person([("Address of the org", ""), *desk.salesforce()[1:], ("on this computer", "later")])
    assert desk.walk(person) == "quickbooks"
    assert f"[{desk.org_url}]" in person.asked[0]
    assert desk.states()[0] == "d"


def test_a_step_that_does_not_hold_any_more_comes_again(desk: Desk) -> None:
    desk.walk(Person(desk.all()))
    write_secrets(desk.profile, {"salesforce.client_secret": "another"})
    assert desk.states() == "tdddddo"
    person = Person(
        [("Address", ""), ("Way to log in", ""), ("Consumer key", ""), ("Consumer secret", APP.client_secret)]
    )
    assert desk.walk(person) is None
    assert desk.states() == "ddddddo"
    assert person.answers == []


def test_a_step_that_is_done_can_be_taken_up_again(desk: Desk) -> None:
    desk.walk(Person(desk.all()))
    person = Person([("Master", "salesforce")])
    assert desk.walk(person, "master") is None
    assert desk.profile.master == "salesforce"
    assert len(person.asked) == 1


# --- answers that are wrong ---------------------------------------------------------------------------------


def test_a_refused_login_tells_the_cause_and_asks_again(desk: Desk) -> None:
    wrong = [
        ("Consumer secret", "wr0ng-s3cret"),
        ("Address", ""),
        ("Way to log in", ""),
        ("Consumer key", ""),
    ]
    person = Person(
        [*desk.salesforce()[:3], *wrong, ("Consumer secret", APP.client_secret), ("on this", "later")]
    )
    assert desk.walk(person) == "quickbooks"
    assert "the client id or client secret was not accepted" in desk.shown
    assert "wr0ng-s3cret" not in desk.shown
    assert person.answers == []


def test_user_password_and_token(desk: Desk) -> None:
    answers = [
        ("Address", desk.org_url), ("Way to log in", "password"), ("user name", USER.username),
        ("Password", USER.password), ("Security token", USER.security_token), ("on this computer", "later"),
    ]  # fmt: skip
    assert desk.walk(Person(list(answers))) == "quickbooks", desk.shown
    assert desk.states()[0] == "d"
    assert desk.profile.salesforce.username == USER.username


#  question            wrong answer           what is told
WRONG = [
    ("Address",       "",                    "salesforce.url: an answer is needed"),
    ("Address",       "alpine",              "'alpine' is not an address such as"),
    ("Way to log in", "pasword",             "Closest: password."),
    ("Port",          "99999",               "not a port from 1 to 65535"),
    ("Port",          "eighty",              "not a port from 1 to 65535"),
    ("Time zone",     "America/New_Yorck",   "Closest: America/New_York"),
    ("on this",       "maybe",               "not one of: yes, no"),
    ("written down",  "LOUD",                "not one of: NONE, DEBUG, VERBOSE, ALL"),
    ("E-mail",        "maria",               "one e-mail address"),
    ("Which results", "all",                 "not a list of: failures"),
    ("When to run",   "noon",                "a list of times"),
    ("Numbers or",    "99",                  "there is no state number 99"),
    ("Numbers or",    "CustomerToAcount=off", "Closest: CustomerToAccount"),
    ("Numbers or",    "1=perhaps",           "neither on nor off"),
    ("Master",        "salesfroce",          "Closest: salesforce"),
]  # fmt: skip


def test_every_wrong_answer_is_told_at_once_and_asked_again(desk: Desk) -> None:
    answers = []
    for words, answer in desk.all():
        answers += [(asked, wrong) for asked, wrong, _ in WRONG if words.startswith(asked) or asked in words]
        answers.append((words, answer))
    assert len(answers) == len(desk.all()) + len(WRONG)
    assert desk.walk(Person(answers)) is None
    shown = " ".join(desk.shown.split())
    for _, _, told in WRONG:
        assert told in shown
    assert desk.states() == "ddddddo"


def test_another_computer_needs_https_and_listens_for_others(desk: Desk) -> None:
    answers = [
        *desk.salesforce(),
        ("on this computer", "no"), ("Port of the server", ""), ("How that computer", "http://books.example.lan/qbwc"),
        ("Time zone", ""), ("on this computer", ""), ("Port of the server", ""),
        ("How that computer", "https://books.example.lan:8585/qbwc"), ("Time zone", ""),
        ("Update Selected", "later"),
    ]  # fmt: skip
    person = Person(answers)
    assert desk.walk(person) == "quickbooks"
    assert person.answers == []
    assert "https" in desk.shown
    settings = desk.profile.quickbooks
    assert (settings.host, settings.connector_url) == ("0.0.0.0", "https://books.example.lan:8585/qbwc")
    assert "certutil" in desk.shown, "the certificate has to be trusted there"
    person = Person([("on this computer", "yes"), ("Port", ""), ("Time zone", ""), ("Update", "later")])
    assert desk.walk(person) == "quickbooks"
    assert (desk.profile.quickbooks.host, desk.profile.quickbooks.connector_url) == ("127.0.0.1", None)


def test_while_no_company_file_calls_it_says_what_is_missing(desk: Desk) -> None:
    answers = [
        *desk.salesforce(),
        *desk.quickbooks()[:3],
        ("Update Selected", ""),
        ("Update Selected", "later"),
    ]
    answers[5] = ("Port of the server", "1")
    assert desk.walk(Person(answers)) == "quickbooks"
    assert desk.shown.count("Start the server in a window of its own") == 2
    assert desk.progress().standings[1].next.startswith("Start the server")


# --- Validate Process, mappings, master ---------------------------------------------------------------------


def test_an_invalid_mapping_stops_at_the_report_until_it_is_right(desk: Desk) -> None:
    file = desk.profile.mappings / "account-customer.yaml"
    good = file.read_bytes()
    file.write_bytes(good.replace(b"salesforce: Phone", b"salesforce: Fone"))
    assert file.read_bytes() != good
    answers = [*desk.salesforce(), *desk.quickbooks(), *desk.advanced()]
    assert desk.walk(Person([*answers, ("Not valid yet", "later")])) == "validate"
    assert "Fone" in desk.shown
    assert desk.states()[3] != "d"
    repaired = desk.then(lambda: file.write_bytes(good), "again")
    assert desk.walk(Person([("Not valid yet", repaired), *desk.rest()])) is None
    assert desk.states() == "ddddddo"


def test_one_may_go_on_to_the_mappings_but_the_report_stays_open(desk: Desk) -> None:
    file = desk.profile.mappings / "account-customer.yaml"
    file.write_bytes(file.read_bytes().replace(b"salesforce: Phone", b"salesforce: Fone"))
    answers = [
        *desk.salesforce(),
        *desk.quickbooks(),
        *desk.advanced(),
        ("Not valid yet", "on"),
        *desk.rest(),
    ]
    assert desk.walk(Person(answers)) is None
    first = desk.progress().first
    assert first is not None
    assert first.name == "validate"


def test_states_are_switched_by_number_and_by_name(desk: Desk) -> None:
    desk.walk(Person([*desk.salesforce(), *desk.quickbooks(), *desk.advanced(), ("Numbers", "later")]))
    person = Person(
        [("Numbers", "1, CustomerToAccount=off"), ("Numbers", "AccountToCustomer=on"), *desk.rest()]
    )
    assert desk.walk(person) is None
    states = {each.name: each.on for each in load_mappings(desk.profile.mappings)["account-customer"].states}
    assert states == {"AccountToCustomer": True, "CustomerToAccount": False}


def test_what_was_settled_stands_in_the_history(desk: Desk) -> None:
    desk.walk(Person(desk.all()))
    from workbench.ledger import events

    with workspace(desk.profile.folder) as opened:
        rows = events(opened.store, event="quick start")
    assert [(row["subject"], row["who"]) for row in reversed(rows)] == [
        (name, "maria") for name in ("advanced", "validate", "mappings", "master")
    ]


def test_a_story_without_an_answer_fails(desk: Desk) -> None:
    with pytest.raises(LeftAlone):
        desk.walk(Person([]))
