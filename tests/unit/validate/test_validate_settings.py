"""Each setting that is wrong gives its own line, with the cause and the fix; a right profile gives none."""

# ruff: noqa: E501  (tables are read in columns)

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from qbwc import tls
from tests.unit.profile.bare_profile import SMALLEST, bare_profile
from workbench.connections.quickbooks_server import address_problems
from workbench.mapping import read_mapping
from workbench.model import Mapping
from workbench.profile import Profile, SalesforceSettings, write_secrets
from workbench.validate import advanced, quickbooks, salesforce
from workbench.validate.checks import Check, Verdict
from workbench.validate.salesforce import Usage

SECRETS = {
    "salesforce.client_id": "the-client-id",
    "salesforce.client_secret": "the-client-secret",
    "salesforce.password": "the-password",
    "salesforce.security_token": "the-token",
    "salesforce.access_token": "the-session",
    "quickbooks.password": "the-qb-password",
}


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    org = SalesforceSettings(url="https://books.my.salesforce.com")
    made = bare_profile(tmp_path / "books", salesforce=org)
    write_secrets(made, SECRETS)
    return made


def small(text: str = SMALLEST) -> Mapping:
    return read_mapping(text, Path("account-customer.yaml"))


def checks(profile: Profile, mapping: Mapping | None = None) -> list[Check]:
    return [
        *salesforce.settings(profile),
        *quickbooks.settings(profile, [mapping or small()]),
        *advanced.settings(profile),
    ]


def not_valid(profile: Profile, mapping: Mapping | None = None) -> list[Check]:
    return [check for check in checks(profile, mapping) if check.verdict is not Verdict.VALID]


def test_a_right_profile_has_a_green_check_for_every_setting(profile: Profile) -> None:
    assert not_valid(profile) == []
    names = {check.name for check in checks(profile)}
    settings = {"url", "login", "api_version", "leave_percent", "bulk_above", "allow_duplicates"}
    settings |= {".qwc file", "user", "port", "run_every_minutes", "pull_every_minutes", "wait_minutes"}
    settings |= {"unattended", "columns", "keep_answers_days", "prove_counts", "time_zone"}
    settings |= {
        "address and certificate",
        "log_level",
        "email",
        "schedule",
        "approval",
        "push",
        "store",
        "data folder",
    }
    assert settings <= names


E, W = Verdict.ERROR, Verdict.WARNING
#  why                                   settings                                                   check                     verdict  told
SALESFORCE = [
    ("no address",                       {"url": "books"},                                          "url",                        E, "not the address of an org"),
    ("the example's",                    {"url": "https://example.my.salesforce.com"},              "url",                        E, "only the example"),
    ("plain http",                       {"url": "http://books.my.salesforce.com"},                 "url",                        E, "plain http"),
    ("a password in it",                 {"url": "https://maria:pw@books.my.salesforce.com"},       "url",                        E, "a user name or a password"),
    ("more than a host",                 {"url": "https://books.my.salesforce.com/home"},           "url",                        W, "more than the host"),
    ("SOAP ends",                        {"login": "password", "username": "m@example.com"},        "login",                      W, "Summer '27"),
    ("a token ends",                     {"login": "access_token"},                                 "login",                      W, "ends after some hours"),
    ("a user name is missing",           {"login": "jwt"},                                          "username",                   E, "needs one"),
    ("a key is missing",                 {"login": "jwt", "username": "m@example.com"},             "secret salesforce.private_key", E, "is not set"),
    ("a key file is missing",            {"login": "jwt", "username": "m", "key_file": "no.pem"},   "key_file",                   E, "no such key file"),
    ("no version",                       {"api_version": "64"},                                     "api_version",                E, "no API version"),
    ("SOAP needs an older one",          {"login": "password", "username": "m@example.com", "api_version": "65.0"}, "api_version", W, "64.0"),
    ("all calls left to others",         {"leave_percent": 100},                                    "leave_percent",              E, "no run can make one"),
    ("none left to others",              {"leave_percent": 0},                                      "leave_percent",              W, "nothing of the org"),
    ("Bulk too late",                    {"bulk_above": 20_001},                                    "bulk_above",                 W, "take 10 calls"),
    ("duplicates are saved",             {"allow_duplicates": True},                                "allow_duplicates",           W, "although a duplicate rule"),
]  # fmt: skip
QUICKBOOKS = [
    ("a bare IP address",                {"connector_url": "http://192.0.2.7:8585/qbwc"},           ".qwc file",                  E, "QBWC1001"),
    ("plain http beyond this computer",  {"connector_url": "http://books.lan:8585/qbwc"},           ".qwc file",                  E, "QBWC1010"),
    ("an id that is no GUID",            {"owner_id": "mine"},                                      ".qwc file",                  E, "mine"),
    ("no user",                          {"user": " "},                                             "user",                       E, "with none"),
    ("any port",                         {"port": 0},                                               "port",                       E, "any free port"),
    ("others can reach it",              {"host": "192.0.2.1"},                                     "address and certificate",    E, "others can reach the server"),
    ("half a certificate",               {"certificate": "server.crt"},                             "address and certificate",    E, "quickbooks.key is not"),
    ("no certificate there",             {"certificate": "no.crt", "key": "no.key"},                "address and certificate",    E, "is not there"),
    ("never by itself",                  {"run_every_minutes": 0},                                  "run_every_minutes",          W, "never"),
    ("never pulls by itself",            {"pull_every_minutes": 0},                                 "pull_every_minutes",         W, "never"),
    ("does not wait",                    {"wait_minutes": 0.0},                                     "wait_minutes",               W, "gives up at once"),
    ("keeps nothing",                    {"keep_answers_days": 0.0},                                "keep_answers_days",          W, "as soon as they are loaded"),
    ("misses records",                   {"prove_counts": False},                                   "prove_counts",               W, "only logged"),
    ("no time zone",                     {"time_zone": "Oregon"},                                   "time_zone",                  E, "no time zone"),
]  # fmt: skip
ADVANCED = [
    ("everything is logged",             {"log_level": "ALL"},                                      "log_level",                  W, "customers' rows"),
    ("mail does not work yet",           {"email": "maria@example.com"},                            "email",                      W, "not active yet"),
    ("nothing is scheduled yet",         {"schedule": ("06:00",)},                                  "schedule",                   W, "not active yet"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "name", "verdict", "told"),
    [case[1:] for case in SALESFORCE],
    ids=[case[0] for case in SALESFORCE],
)
def test_a_salesforce_setting(
    settings: dict[str, Any], name: str, verdict: Verdict, told: str, profile: Profile
) -> None:
    one_line(replace(profile, salesforce=replace(profile.salesforce, **settings)), name, verdict, told)


@pytest.mark.parametrize(
    ("settings", "name", "verdict", "told"),
    [case[1:] for case in QUICKBOOKS],
    ids=[case[0] for case in QUICKBOOKS],
)
def test_a_quickbooks_setting(
    settings: dict[str, Any], name: str, verdict: Verdict, told: str, profile: Profile
) -> None:
    one_line(replace(profile, quickbooks=replace(profile.quickbooks, **settings)), name, verdict, told)


@pytest.mark.parametrize(
    ("settings", "name", "verdict", "told"),
    [case[1:] for case in ADVANCED],
    ids=[case[0] for case in ADVANCED],
)
def test_an_advanced_property(
    settings: dict[str, Any], name: str, verdict: Verdict, told: str, profile: Profile
) -> None:
    one_line(replace(profile, **settings), name, verdict, told)


def one_line(profile: Profile, name: str, verdict: Verdict, told: str) -> None:
    found = [check for check in not_valid(profile) if check.name == name]
    assert [check.verdict for check in found] == [verdict]
    assert told in found[0].detail
    assert found[0].fix
    others = {check.name for check in not_valid(profile) if check.verdict is Verdict.ERROR} - {name}
    beside = {"address and certificate", ".qwc file", "secret salesforce.private_key"}
    assert not others - beside, "one fault, one line, but for what a setting asks for besides"


@pytest.mark.parametrize("name", ["salesforce.client_id", "salesforce.client_secret", "quickbooks.password"])
def test_a_secret_that_is_missing(name: str, profile: Profile) -> None:
    (profile.data / "secrets.yaml").unlink()
    write_secrets(profile, {other: text for other, text in SECRETS.items() if other != name})
    (found,) = not_valid(profile)
    assert (found.name, found.verdict, found.detail) == (f"secret {name}", Verdict.ERROR, "is not set")
    assert "WORKBENCH_" in found.fix


def test_a_security_token_may_be_missing(profile: Profile) -> None:
    (profile.data / "secrets.yaml").unlink()
    write_secrets(profile, {name: text for name, text in SECRETS.items() if "token" not in name})
    soap = replace(
        profile, salesforce=replace(profile.salesforce, login="password", username="m@example.com")
    )
    assert {check.name: check.verdict for check in not_valid(soap)} == {
        "login": Verdict.WARNING, "secret salesforce.security_token": Verdict.WARNING,
    }  # fmt: skip


def test_no_secret_is_ever_told(profile: Profile) -> None:
    for kind in ("client_credentials", "password", "access_token", "jwt"):
        other = replace(profile, salesforce=replace(profile.salesforce, login=kind, username="m@example.com"))
        text = repr(checks(other))
        assert not [name for name, value in SECRETS.items() if value in text]


def test_a_password_of_the_store_is_not_told(profile: Profile) -> None:
    team = replace(profile, store_url="postgresql+psycopg://maria:hunter2@db.lan/books")
    (store,) = [check for check in checks(team) if check.name == "store"]
    assert store.detail == "postgresql on db.lan"


@pytest.mark.parametrize(
    ("winner", "zone", "verdict"),
    [("newest", None, W), ("newest", "America/New_York", Verdict.VALID), ("salesforce", None, Verdict.VALID)],
)
def test_the_winner_newest_wants_a_time_zone(
    winner: str, zone: str | None, verdict: Verdict, profile: Profile
) -> None:
    mapping = small(SMALLEST.replace("match:", f"winner: {winner}\nmatch:"))
    zoned = replace(profile, quickbooks=replace(profile.quickbooks, time_zone=zone))
    (found,) = [check for check in checks(zoned, mapping) if check.name == "time_zone"]
    assert found.verdict is verdict


def days(count: int) -> Callable[[datetime], datetime]:
    return lambda ends: ends - timedelta(days=count)


@pytest.mark.parametrize(
    ("now", "severities"), [(days(31), []), (days(30), ["warning"]), (days(0), ["error"])]
)
def test_a_certificate_that_ends(
    now: Callable[[datetime], datetime], severities: list[str], profile: Profile
) -> None:
    made = tls.make_certificate("books.example.lan", profile.data / "tls", now=datetime.now(UTC))
    ends = tls.certificate_facts(made.certificate).ends_at
    named = replace(
        profile.quickbooks,
        certificate="data/tls/server.crt", key="data/tls/server.key",
        connector_url="https://books.example.lan:8585/qbwc",
    )  # fmt: skip
    found = address_problems(replace(profile, quickbooks=named), now(ends))
    assert [problem.severity for problem in found] == severities


@pytest.mark.skipif(not hasattr(__import__("os"), "getuid"), reason="Windows has no modes")
def test_a_data_folder_that_others_can_open(profile: Profile) -> None:
    profile.data.chmod(0o755)
    (found,) = [check for check in advanced.settings(profile) if check.name == "data folder"]
    assert found.verdict is Verdict.WARNING
    assert f"chmod 700 {profile.data}" in found.fix


#  why                    used    most    leave  verdict
CALLS = [
    ("plenty",              100,  10_000,    20, Verdict.VALID),
    ("little",            7_300,  10_000,    20, Verdict.WARNING),
    ("down to the floor", 8_000,  10_000,    20, Verdict.ERROR),
    ("all are used",     10_000,  10_000,     0, Verdict.ERROR),
]  # fmt: skip


@pytest.mark.parametrize(
    ("used", "most", "leave", "verdict"), [case[1:] for case in CALLS], ids=[case[0] for case in CALLS]
)
def test_api_calls_that_are_left(used: int, most: int, leave: int, verdict: Verdict) -> None:
    assert (
        salesforce.calls_left(Usage(used=used, most=most), leave, "books.my.salesforce.com").verdict
        is verdict
    )


def test_an_org_that_does_not_say_how_many_are_left() -> None:
    assert salesforce.calls_left(None, 20, "books").verdict is Verdict.UNKNOWN
