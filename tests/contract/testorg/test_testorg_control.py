"""`/__test__/` of an embedded org: what another process can switch, and what is refused."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from testorg_client import APP, USER, Running

from workbench.testorg import TestOrg, running_org
from workbench.testorg.control import with_control


@dataclass(frozen=True)
class Lab:
    org: TestOrg
    url: str

    def control(self, method: str, name: str, **options: Any) -> requests.Response:
        return requests.request(method, f"{self.url}/__test__/{name}", timeout=20, **options)


@pytest.fixture
def lab() -> Iterator[Lab]:
    with TestOrg.open(users=[USER], apps=[APP]) as org, running_org(org, wrap=with_control(org)) as url:
        yield Lab(org, url)


def test_without_the_flag_there_is_no_control(running: Running) -> None:
    assert requests.delete(f"{running.url}/__test__/faults", timeout=20).status_code == 404
    assert requests.post(f"{running.url}/__test__/settings", json={}, timeout=20).status_code == 404


def test_faults(lab: Lab) -> None:
    form = {"kind": "fail_job", "rows": "3", "path": "Account"}
    assert lab.control("POST", "faults", data=form).status_code == 204
    fault = lab.org.faults.take("fail_job", None, "Account/insert")
    assert fault is not None
    assert fault.rows == 3
    lab.control("POST", "faults", data=form)
    lab.control("DELETE", "faults")
    assert lab.org.faults.take("fail_job", None, "Account/insert") is None
    assert lab.control("POST", "faults", data={"kind": "earthquake"}).status_code == 400


def test_settings(lab: Lab) -> None:
    assert lab.control("POST", "settings", json={"soap_login": False, "daily_limit": 5}).status_code == 204
    assert (lab.org.settings.soap_login, lab.org.settings.daily_limit) == (False, 5)


#  nothing of these is taken, not even the part that would fit
@pytest.mark.parametrize(
    "given",
    [
        {"daily_limit": 9, "soap_login": "no"},
        {"daily_limit": 9, "nope": True},
        {"daily_limit": True},
        [],
        "x",
    ],
)
def test_settings_refused(lab: Lab, given: object) -> None:
    assert lab.control("POST", "settings", json=given).status_code == 400
    assert lab.org.settings.daily_limit == 15_000


def test_triggers(lab: Lab) -> None:
    told = [
        {"object": "Account", "set": {"Site": "x"}},
        {"object": "Account", "keep": ["Phone"]},
        {
            "object": "Contact",
            "when": {"LastName": "bad"},
            "refuse": {"message": "no", "fields": ["LastName"]},
        },
    ]
    assert lab.control("POST", "triggers", json=told).status_code == 204
    account = lab.org.create("Account", {"Name": "a", "Phone": "1"})
    lab.org.edit("Account", account, {"Phone": "2", "Site": "y"})
    assert (lab.org.record("Account", account)["Phone"], lab.org.record("Account", account)["Site"]) == (
        "1",
        "x",
    )
    lab.org.create("Contact", {"LastName": "good"})
    with pytest.raises(Exception, match="FIELD_CUSTOM_VALIDATION_EXCEPTION: no"):
        lab.org.create("Contact", {"LastName": "bad"})
    lab.control("POST", "triggers", json=[])
    lab.org.create("Contact", {"LastName": "bad"})


@pytest.mark.parametrize(
    "told",
    [{}, [{"object": "Nope"}], [{"object": "Account", "set": {"Nope": 1}}], [{"object": "Account", "do": 1}]],
)
def test_triggers_refused(lab: Lab, told: object) -> None:
    assert lab.control("POST", "triggers", json=told).status_code == 400
    assert lab.org.before_save == []


def test_duplicate_rules(lab: Lab) -> None:
    assert (
        lab.control("POST", "duplicate-rules", json=[{"object": "Account", "fields": ["Name"]}]).status_code
        == 204
    )
    lab.org.create("Account", {"Name": "a"})
    with pytest.raises(Exception, match="DUPLICATES_DETECTED"):
        lab.org.create("Account", {"Name": "A"})
    for wrong in (
        [{"object": "Account"}],
        [{"object": "Account", "fields": []}],
        [{"fields": ["a"], "x": 1}],
    ):
        assert lab.control("POST", "duplicate-rules", json=wrong).status_code == 400


def test_sessions_bin_and_jobs(lab: Lab) -> None:
    session = lab.org.door.open_session(USER.username)
    lab.org.delete("Account", lab.org.create("Account", {"Name": "a"}))
    for name in ("expire-sessions", "empty-recycle-bin", "settle"):
        assert lab.control("POST", name).status_code == 204
    assert lab.org.records("Account", include_deleted=True) == []
    with pytest.raises(Exception, match="INVALID_SESSION_ID"):
        lab.org.door.session(session.token)
    assert lab.control("POST", "nope").status_code == 404
