"""The embedded org as a process of its own: ready line, restart, clean end, wrong usage."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import jwt
import pytest
import requests
from simple_salesforce import SalesforceLogin
from simple_salesforce.exceptions import SalesforceAuthenticationFailed

from workbench.testorg import TestOrg, running_org, standalone
from workbench.testorg.__main__ import credentials

ROOT = Path(__file__).resolve().parents[3]
SECRETS = {
    "TESTORG_USERNAME": "a@b.co",
    "TESTORG_PASSWORD": "pa55",
    "TESTORG_SECURITY_TOKEN": "t0k",
    "TESTORG_CLIENT_ID": "app",
    "TESTORG_CLIENT_SECRET": "s3cret",
}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "workbench.testorg", *arguments]


def environment(secrets: Mapping[str, str]) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TESTORG_")}
    return {**kept, "PYTHONPATH": str(ROOT), **secrets}


@contextmanager
def process(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running org, and the address that it printed."""
    running = subprocess.Popen(
        command(*arguments),
        env=environment(SECRETS),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    try:
        yield running, running.stdout.readline().strip()
    finally:
        running.kill()
        running.communicate()


def token(url: str) -> dict[str, str]:
    session_id, _ = SalesforceLogin("a@b.co", "pa55", "t0k", sf_version="64.0", scratch_url=url)
    return {"Authorization": f"Bearer {session_id}"}


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without a signal that it could see")
@pytest.mark.parametrize("how", ["SIGTERM", "SIGINT"])
def test_ready_work_and_clean_end(tmp_path: Path, how: str) -> None:
    with process("--data", str(tmp_path / "org.sqlite")) as (running, url):
        assert url.startswith("http://127.0.0.1:")
        answer = requests.post(
            f"{url}/services/data/v64.0/sobjects/Account",
            json={"Name": "Ann"},
            headers=token(url),
            timeout=10,
        )
        assert answer.status_code == 201
        assert requests.post(f"{url}/__test__/faults", timeout=10).status_code == 404  # not asked for
        running.send_signal(getattr(signal, how))
        out, err = running.communicate(timeout=10)
        assert (running.returncode, out, err) == (0, "", "")


def test_a_kill_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    file = str(tmp_path / "org.sqlite")
    with process("--data", file) as (_, url):
        headers = token(url)
        for i in range(5):
            requests.post(
                f"{url}/services/data/v64.0/sobjects/Account",
                json={"Name": f"A{i}"},
                headers=headers,
                timeout=10,
            ).raise_for_status()
    with process("--data", file) as (_, url):
        found = requests.get(
            f"{url}/services/data/v64.0/query?q=SELECT COUNT() FROM Account", headers=token(url), timeout=10
        )
        assert found.json()["totalSize"] == 5


def test_it_ends_with_its_parent() -> None:
    with process("--until-stdin-closes") as (running, _):
        running.communicate(timeout=10)  # closes standard input
        assert running.returncode == 0


def test_faults_by_address() -> None:
    with process("--faults") as (_, url):
        headers = token(url)
        limits = f"{url}/services/data/v64.0/limits"

        def control(method: str, action: str, **form: str) -> int:
            return requests.request(method, f"{url}/__test__/{action}", data=form, timeout=10).status_code

        assert control("POST", "faults", kind="unavailable", path="/limits") == 204
        assert requests.get(limits, headers=headers, timeout=10).status_code == 503
        assert requests.get(limits, headers=headers, timeout=10).status_code == 200
        assert control("POST", "faults", kind="unavailable", times="5") == 204
        assert control("DELETE", "faults") == 204
        assert requests.get(limits, headers=headers, timeout=10).status_code == 200
        assert control("POST", "expire-sessions") == 204
        assert requests.get(limits, headers=headers, timeout=10).status_code == 401
        assert control("POST", "faults", kind="earthquake") == 400
        assert control("POST", "faults", kind="slow", times="x") == 400
        assert control("POST", "nothing") == 404


def test_credentials_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    file.write_text(
        json.dumps({"username": "u@b.co", "password": "p", "client_id": "c", "client_secret": "s"})
    )
    user, app = credentials(file, {})
    assert (user.username, user.password, user.security_token) == ("u@b.co", "p", "")
    assert app is not None
    assert (app.client_id, app.client_secret, app.run_as) == ("c", "s", "u@b.co")


def test_a_folder_is_all_it_needs(tmp_path: Path) -> None:
    """`--data DIR`: made-up credentials, kept for the next time; they aren't shown."""
    folder = tmp_path / "my" / "org"
    for _ in range(2):
        running = subprocess.Popen(
            command("--data", str(folder), "--custom-objects", "--currencies", "EUR,USD"),
            env=environment({}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert running.stdout is not None
        assert running.stderr is not None
        url = running.stdout.readline().strip()
        said = running.stderr.readline()
        made = json.loads((folder / "credentials.json").read_text())
        form = {"grant_type": "client_credentials", "client_id": made["client_id"]}
        form["client_secret"] = made["client_secret"]
        answer = requests.post(f"{url}/services/oauth2/token", data=form, timeout=10).json()
        headers = {"Authorization": f"Bearer {answer['access_token']}"}
        described = requests.get(
            f"{url}/services/data/v64.0/sobjects/Receivable__c/describe", headers=headers, timeout=10
        ).json()
        running.kill()
        running.communicate()
        assert "CurrencyIsoCode" in {f["name"] for f in described["fields"]}
        assert made["username"] in said
        assert not any(made[secret] in said for secret in ("password", "security_token", "client_secret"))
    assert (folder / "org.sqlite").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no permission bits")
def test_credentials_and_records_are_their_owners_only(tmp_path: Path) -> None:
    standalone.prepare(tmp_path)
    TestOrg.open(tmp_path / "org.sqlite").close()
    for name in ("credentials.json", "jwt-key.pem", "org.sqlite"):
        assert (tmp_path / name).stat().st_mode & 0o077 == 0


def test_the_jwt_key_of_a_folder_works(tmp_path: Path) -> None:
    user, app = credentials(standalone.prepare(tmp_path), {})
    assert app is not None
    with TestOrg.open(users=[user], apps=[app]) as org, running_org(org) as url:
        claims = {"iss": app.client_id, "sub": user.username, "aud": url, "exp": int(time.time()) + 180}
        key = (tmp_path / "jwt-key.pem").read_text()
        form = {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": jwt.encode(claims, key, algorithm="RS256"),
        }
        answer = requests.post(f"{url}/services/oauth2/token", data=form, timeout=10)
        assert (answer.status_code, answer.json()["instance_url"]) == (200, url)


def test_switches(tmp_path: Path) -> None:
    with process("--setting", "soap_login=false", "--setting", "daily_limit=7", "--hide", "Account.Site") as (
        _,
        url,
    ):
        form = {"grant_type": "client_credentials", "client_id": "app", "client_secret": "s3cret"}
        token = requests.post(f"{url}/services/oauth2/token", data=form, timeout=10).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        answer = requests.get(
            f"{url}/services/data/v64.0/sobjects/Account/describe", headers=headers, timeout=10
        )
        assert answer.headers["Sforce-Limit-Info"] == "api-usage=1/7"
        assert "Site" not in {f["name"] for f in answer.json()["fields"]}
        with pytest.raises(SalesforceAuthenticationFailed, match="SOAP API login"):
            SalesforceLogin("a@b.co", "pa55", "t0k", sf_version="64.0", scratch_url=url)


ODD_NAME = {**SECRETS, "TESTORG_USERNAME": "maria"}
NAME_ONLY = {"TESTORG_USERNAME": "u"}
#  why                     secrets    arguments                         code  words
WRONG = [
    ("no password",        NAME_ONLY, [],                               64,   "a password are needed"),
    ("no credentials",     {},        ["--credentials", "nope.json"],   64,   "nope.json"),
    ("no e-mail address",  ODD_NAME,  [],                               64,   "form of an e-mail address"),
    ("unknown option",     SECRETS,   ["--password", "x"],              64,   "unrecognized arguments"),
    ("unknown switch",     SECRETS,   ["--setting", "moon=true"],       64,   "no switch 'moon=true'"),
    ("a switch's type",    SECRETS,   ["--setting", "soap_login=1"],    64,   "no switch 'soap_login=1'"),
    ("no such field",      SECRETS,   ["--hide", "Account.Nope"],       1,    "account.nope"),
    ("no currency",        SECRETS,   ["--currencies", "Euro"],         1,    "three capital letters"),
    ("no seed folder",     SECRETS,   ["--seed", "nope"],               1,    "nope is not a folder"),
    ("no folder for data", SECRETS,   ["--data", "nope/org.sqlite"],    1,    "can't open nope"),
    ("not a database",     SECRETS,   ["--data", __file__],             1,    "file is not a database"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "secrets", "arguments", "code", "words"), WRONG, ids=[w[0] for w in WRONG])
def test_wrong_usage(
    tmp_path: Path, why: str, secrets: dict[str, str], arguments: list[str], code: int, words: str
) -> None:
    done = subprocess.run(
        command(*arguments),
        env=environment(secrets),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_port_that_is_taken() -> None:
    with process() as (_, url):
        done = subprocess.run(
            command("--port", url.rsplit(":", 1)[1]),
            env=environment(SECRETS),
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        assert done.returncode == 1
        assert "can't listen on port" in done.stderr
