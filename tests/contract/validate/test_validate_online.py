"""Validate Process against an org that answers, one that refuses, and one that is not there."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from workbench.mapping import set_state
from workbench.profile import SalesforceSettings, write_secrets
from workbench.pull import pull_salesforce
from workbench.templates import make_profile
from workbench.testorg import ConnectedApp, TestOrg, User, running_org
from workbench.validate import Check, Report, Verdict, validate
from workbench.workspace import Workspace, open_workspace

USER = User(username="maria@example.com", password="p", security_token="t")
APP = ConnectedApp(client_id="an id", client_secret="a s3cret", run_as=USER.username)
SECRETS = {"salesforce.client_id": APP.client_id, "salesforce.client_secret": APP.client_secret}


@dataclass
class Site:
    """A new profile of the default template, whose org runs on loopback; its server does not."""

    workspace: Workspace
    seen: list[str]
    stack: ExitStack

    def check(self, *, offline: bool = False) -> Report:
        return validate(self.workspace, offline=offline)

    def stop_org(self) -> None:
        self.stack.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    seen: list[str] = []

    def recorded(application: Any) -> Any:
        def call(environ: dict[str, Any], start_response: Any) -> Any:
            seen.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
            return application(environ, start_response)

        return call

    with ExitStack() as stack:
        org = stack.enter_context(TestOrg.open(users=[USER], apps=[APP]))
        url = stack.enter_context(running_org(org, wrap=recorded))
        profile = make_profile(tmp_path / "books", salesforce=SalesforceSettings(url=url))
        write_secrets(profile, SECRETS)
        opened = open_workspace(profile.folder)
        try:
            yield Site(opened, seen, stack)
        finally:
            opened.close()


def named(report: Report, name: str) -> Check:
    (found,) = [check for check in report.checks if check.name == name]
    return found


def test_a_new_profile_has_one_error_the_server_that_is_not_started(site: Site) -> None:
    report = site.check()
    assert [(each.name, each.fix) for each in report.errors] == [
        ("Web Connector server", "Start it with `workbench up`.")
    ]
    assert report.offline == ""
    assert report.against[0] == "Salesforce: as the org describes itself now"
    assert named(report, "log in").valid is True
    assert "objects" in named(report, "API access").detail
    assert named(report, "object Opportunity").detail.startswith("readable and writable")
    assert named(report, "API calls left").verdict is Verdict.VALID
    assert named(report, "company file").verdict is Verdict.UNKNOWN
    assert {check.group for check in report.checks if check.kind == "field"} == {
        f"Mapping {name}" for name in site.workspace.mappings()
    }


def test_the_groups_stand_as_the_template_has_them(site: Site) -> None:
    settings = ["Salesforce settings", "QuickBooks settings", "Advanced properties"]
    mappings = [f"Mapping {name}" for name in site.workspace.mappings()]
    rest = ["Dependencies between states", "Master", "Today's data"]
    assert [name for name, _ in site.check(offline=True).groups()] == settings + mappings + rest


def test_each_object_is_described_once_and_nothing_is_changed(site: Site) -> None:
    site.check()
    described = [each for each in site.seen if each.endswith("/describe")]
    assert len(described) == len(set(described))
    assert {each.partition(" ")[0] for each in site.seen} == {"GET", "POST"}
    assert [each for each in site.seen if each.startswith("POST")] == ["POST /services/oauth2/token"]


def test_offline_asks_nobody_and_uses_what_the_last_pull_has_kept(site: Site) -> None:
    before = site.check(offline=True)
    assert site.seen == []
    assert before.valid
    assert named(before, "log in").detail == "not asked: --offline"
    assert named(before, "account-customer").verdict is Verdict.UNKNOWN
    workspace = site.workspace
    pull_salesforce(workspace.salesforce(), workspace.store, workspace.profile.snapshots, workspace.objects())
    site.seen.clear()
    after = site.check(offline=True)
    assert site.seen == []
    assert named(after, "account-customer").verdict is Verdict.VALID
    assert "as described with the pull of" in after.against[0]


def test_without_an_org_it_falls_back_to_the_last_pull_and_says_so(site: Site) -> None:
    workspace = site.workspace
    pull_salesforce(workspace.salesforce(), workspace.store, workspace.profile.snapshots, workspace.objects())
    site.stop_org()
    report = site.check()
    assert named(report, "log in").verdict is Verdict.ERROR
    assert "cannot be reached" in named(report, "log in").detail
    assert report.offline == "Salesforce did not answer: see its settings"
    assert named(report, "account-customer").verdict is Verdict.VALID
    assert "as described with the pull of" in report.against[0]


def test_a_secret_that_is_refused_or_missing_is_the_login_s_fault_alone(site: Site) -> None:
    write_secrets(site.workspace.profile, {"salesforce.client_secret": "wr0ng"})
    report = site.check()
    assert named(report, "log in").verdict is Verdict.ERROR
    assert named(report, "API access").detail == "needs a login first"
    assert named(report, "account-customer").verdict is Verdict.UNKNOWN
    assert "wr0ng" not in report.html()
    (site.workspace.profile.data / "secrets.yaml").unlink()
    site.seen.clear()
    missing = site.check()
    assert site.seen == []
    assert named(missing, "log in").detail == "needs the settings above to be valid first"


def test_an_object_that_the_org_lacks_is_a_warning_until_its_state_is_on(site: Site) -> None:
    path = site.workspace.profile.mappings / "account-customer.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("object: Account", "object: Acount", 1), encoding="utf-8"
    )
    on = site.check()
    assert named(on, "object Acount").verdict is Verdict.ERROR
    assert named(on, "account-customer").verdict is Verdict.ERROR
    for state in site.workspace.mappings()["account-customer"].states:
        set_state(path, state.name, False)
    off = site.check()
    assert named(off, "object Acount").verdict is Verdict.WARNING
    assert named(off, "account-customer").verdict is Verdict.WARNING


def test_it_reads_well_at_100_columns(site: Site) -> None:
    out = io.StringIO()
    Console(file=out, width=100).print(site.check().text())
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= 100
    assert sum(line.startswith(("✓ ", "! ", "− ", "… ")) for line in lines) >= 10
