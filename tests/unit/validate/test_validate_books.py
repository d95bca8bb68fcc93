"""The company file, its server and its last pull, as the report tells of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from qbwc import users
from tests.unit.push.push_office import Office, open_office
from workbench.profile import QuickBooksSettings
from workbench.validate import Check, Verdict, quickbooks
from workbench.validate.known import Known

E, W, U, V = Verdict.ERROR, Verdict.WARNING, Verdict.UNKNOWN, Verdict.VALID
NOW = datetime(2026, 3, 30, 16, 40, tzinfo=UTC)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return open_office(tmp_path)


def checks(office: Office, why_not: str = "not asked") -> dict[str, Check]:
    made = quickbooks.answers(office.workspace, Known(snapshots={}), why_not=why_not)
    return {check.name: check for check in made}


def test_before_the_first_contact(office: Office) -> None:
    found = checks(office)
    assert found["company file"].verdict is U
    assert "workbench qwc" in found["company file"].fix
    assert "last session" not in found
    assert [found[name].verdict for name in ("qbXML version", "last pull")] == [U, U]


def test_after_it_the_company_file_is_named(office: Office) -> None:
    office.call()
    found = checks(office)
    assert found["company file"].verdict is V
    assert found["company file"].detail.startswith("paired with ")
    assert found["last session"].verdict is V


def test_a_session_that_ended_early_is_a_warning(office: Office) -> None:
    office.call()
    workspace = office.workspace
    with workspace.store.engine.begin() as connection:
        company = users.company(workspace.store.engine, workspace.profile.quickbooks.company)
        users.set_company(connection, company.id, last_trouble="another company file is open")
    found = checks(office)["last session"]
    assert (found.verdict, "another company file is open" in found.detail) == (W, True)


def test_a_server_that_does_not_answer(office: Office) -> None:
    assert checks(office, why_not="")["Web Connector server"].verdict is E
    assert checks(office, why_not="not asked")["Web Connector server"].verdict is U


#  why                           versions                  verdict  told
VERSIONS = [
    ("it speaks ours",           "12.0;13.0",              V,       "13.0 is spoken by QuickBooks Pro"),
    ("newer ones too",           "13.0;16.0",              V,       "13.0"),
    ("an old one",               "11.0;12.0",              E,       "speaks 11.0, 12.0"),
    ("a Canadian one",           "CA2.0;CA3.0",            E,       "speaks CA2.0, CA3.0"),
    ("it does not say",          None,                     U,       "none that it told"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("versions", "verdict", "told"), [case[1:] for case in VERSIONS], ids=[case[0] for case in VERSIONS]
)
def test_the_version_of_qbxml(versions: str | None, verdict: Verdict, told: str) -> None:
    found = quickbooks.qbxml_version("QuickBooks Pro", versions)
    assert (found.verdict, told in found.detail) == (verdict, True)


#  why                             pulled before            every minutes  verdict  told
AGES = [
    ("just now",                   timedelta(0),                       60, V,       "0 minutes ago"),
    ("one minute",                 timedelta(minutes=1),               60, V,       "1 minute ago"),
    ("within a day",               timedelta(hours=24),                60, V,       "24 hours ago"),
    ("older",                      timedelta(hours=24, minutes=1),     60, W,       "24 hours ago"),
    ("of a weekly rhythm",         timedelta(days=8),           7 * 24 * 60, V,     "8 days ago"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "every", "verdict", "told"), [case[1:] for case in AGES], ids=[case[0] for case in AGES]
)
def test_the_age_of_the_last_pull(before: timedelta, every: int, verdict: Verdict, told: str) -> None:
    given = QuickBooksSettings(company="c", owner_id="o", file_id="f", pull_every_minutes=every)
    found = quickbooks.last_pull(NOW - before, given, NOW)
    assert (found.verdict, told in found.detail) == (verdict, True)
