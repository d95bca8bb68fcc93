"""JWT bearer, an access token, and what is remembered of secrets that were refused."""

from __future__ import annotations

import socket
import sys
from dataclasses import replace
from datetime import UTC, datetime
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.exceptions import MaxRetryError, NameResolutionError

from tests.contract.salesforce.salesforce_office import APP, USER, Clock, Office
from workbench.connections.salesforce_errors import SOAP_ENDS, network_problem
from workbench.connections.salesforce_ids import long_id
from workbench.connections.salesforce_login import audience
from workbench.errors import ConnectionProblem, ProfileError
from workbench.profile import write_secrets
from workbench.validate import Check, validate

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has access lists, not modes")
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: Any = KEY) -> str:
    form = serialization.PrivateFormat.PKCS8
    return str(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode())


def public_pem(key: Any = KEY) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return str(key.public_key().public_bytes(serialization.Encoding.PEM, form).decode())


@pytest.fixture
def jwt_office(office: Office) -> Office:
    """An org whose app takes JWTs of our key, and a profile with the key in a file."""
    office.org.door.apps[APP.client_id] = replace(APP, public_key=public_pem())
    clock = office.org.clock
    assert isinstance(clock, Clock)
    clock.now = datetime.now(UTC)
    write_secrets(office.profile, {"salesforce.private_key": pem()})
    return office


# --- JWT ----------------------------------------------------------------------------------------------


def test_a_login_with_the_key_of_a_secret(jwt_office: Office) -> None:
    assert jwt_office.connect(login="jwt").count("Account") == 3


def test_a_login_with_the_key_of_a_file(jwt_office: Office) -> None:
    path = jwt_office.profile.folder / "data" / "key.pem"
    path.write_text(pem())
    path.chmod(0o600)
    assert jwt_office.connect(login="jwt", key_file="data/key.pem").count("Account") == 3


@POSIX
def test_a_key_file_that_others_can_read_is_refused(jwt_office: Office) -> None:
    path = jwt_office.profile.folder / "data" / "key.pem"
    path.write_text(pem())
    path.chmod(0o644)
    with pytest.raises(ProfileError, match="can be read by others"):
        jwt_office.connect(login="jwt", key_file="data/key.pem")


def other_key(office: Office) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    write_secrets(office.profile, {"salesforce.private_key": pem(other)})


def wrong_clock(office: Office) -> None:
    clock = office.org.clock
    assert isinstance(clock, Clock)
    clock.now = clock.now.replace(year=clock.now.year + 1)


def unknown_user(office: Office) -> None:
    office.workspace.profile = replace(
        office.profile, salesforce=replace(office.profile.salesforce, username="nobody@alpine.example")
    )


def no_jwt(office: Office) -> None:
    office.org.door.apps[APP.client_id] = APP


def network(office: Office) -> None:
    office.org.settings.address_allowed = False


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (other_key, "signature of the JWT"),
        (wrong_clock, "had run out"),
        (unknown_user, "not approved for this user"),
        (no_jwt, "client id was not accepted"),
        (network, "network access"),
    ],
)
def test_a_jwt_that_is_refused_says_why(jwt_office: Office, wrong: Any, says: str) -> None:
    wrong(jwt_office)
    with pytest.raises(ConnectionProblem, match=says) as caught:
        jwt_office.connect(login="jwt")
    assert caught.value.fix


def test_a_jwt_for_another_login_host(jwt_office: Office) -> None:
    with pytest.raises(ConnectionProblem, match="another login host") as caught:
        jwt_office.connect(login="jwt", audience="https://elsewhere.example")
    assert "salesforce.audience" in str(caught.value.fix)


@pytest.mark.parametrize(
    "key", ["", "no key", pem(ec.generate_private_key(ec.SECP256R1()))], ids=["empty", "text", "EC"]
)
def test_a_key_that_is_none(jwt_office: Office, key: str) -> None:
    write_secrets(jwt_office.profile, {"salesforce.private_key": key})
    with pytest.raises(ProfileError, match="private key cannot be read") as caught:
        jwt_office.connect(login="jwt")
    assert "PRIVATE KEY" in str(caught.value.fix)


@pytest.mark.parametrize(
    ("url", "given", "wanted"),
    [
        ("https://alpine.my.salesforce.com", None, "https://login.salesforce.com"),
        ("https://alpine--dev.sandbox.my.salesforce.com", None, "https://test.salesforce.com"),
        ("https://test.salesforce.com", None, "https://test.salesforce.com"),
        ("https://alpine.my.example", "https://alpine.my.example", "https://alpine.my.example"),
    ],
)
def test_whom_a_jwt_is_for(office: Office, url: str, given: str | None, wanted: str) -> None:
    settings = replace(office.profile.salesforce, url=url, audience=given)
    assert audience(replace(office.profile, salesforce=settings)) == wanted


@pytest.mark.parametrize("login", ["jwt", "password"])
def test_a_user_name_that_is_missing_is_named(jwt_office: Office, login: str) -> None:
    with pytest.raises(ProfileError, match="needs a user name"):
        jwt_office.connect(login=login, username=None)


# --- an access token ----------------------------------------------------------------------------------


def test_a_token_that_a_script_has(office: Office) -> None:
    token = office.org.door.open_session(USER.username).token
    write_secrets(office.profile, {"salesforce.access_token": token})
    connection = office.connect(login="access_token")
    assert connection.count("Account") == 3

    office.org.door.expire()
    office.requests.seen.clear()
    with pytest.raises(ConnectionProblem, match="session was not accepted"):
        connection.count("Account")
    assert len(office.requests.seen) == 1, "it cannot be renewed"


# --- refused secrets ------------------------------------------------------------------------------------


def refused(office: Office, says: str = "not accepted") -> None:
    with pytest.raises(ConnectionProblem, match=says):
        office.connect(login="password")


def logins(office: Office) -> int:
    return len([each for each in office.requests.seen if "/Soap/" in each])


def test_a_wrong_password_is_tried_once_by_however_many(office: Office) -> None:
    write_secrets(office.profile, {"salesforce.password": "nope"})
    for _ in range(5):
        refused(office)
    assert logins(office) == 1
    with pytest.raises(ConnectionProblem) as caught:
        office.connect(login="password")
    assert "not tried again by itself" in str(caught.value)
    assert "workbench check" in str(caught.value.fix)


def test_other_secrets_are_tried_at_once(office: Office) -> None:
    write_secrets(office.profile, {"salesforce.password": "nope"})
    refused(office)
    write_secrets(office.profile, {"salesforce.password": USER.password})
    assert office.connect(login="password").count("Account") == 3


def test_a_person_who_asks_has_the_same_secrets_tried_again(office: Office) -> None:
    settings = replace(office.profile.salesforce, login="password")
    office.workspace.profile = replace(office.profile, salesforce=settings)
    write_secrets(office.profile, {"salesforce.password": "nope"})
    refused(office)
    validate(office.workspace)
    assert logins(office) == 2


def test_what_is_remembered_holds_no_secret(office: Office) -> None:
    write_secrets(office.profile, {"salesforce.password": "n0-such-s3cret"})
    refused(office)
    kept = (office.profile.data / "salesforce-refused.json").read_text()
    assert "n0-such-s3cret" not in kept
    assert USER.security_token not in kept


def test_the_legacy_login_says_when_it_ends(office: Office) -> None:
    settings = replace(office.profile.salesforce, login="password")
    office.workspace.profile = replace(office.profile, salesforce=settings)
    assert checked(office, "log in").valid is True
    assert SOAP_ENDS in checked(office, "login").detail
    write_secrets(office.profile, {"salesforce.password": "nope"})
    login = checked(office, "log in")
    assert login.valid is False
    assert "Summer '27" in login.fix


def checked(office: Office, name: str) -> Check:
    (found,) = [each for each in validate(office.workspace).checks if each.name == name]
    return found


# --- the keyring, and hosts ------------------------------------------------------------------------------


def test_secrets_of_the_keyring_come_last(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = ModuleType("keyring")
    keyring.__spec__ = ModuleSpec("keyring", None)
    held = {("workbench:books", "salesforce.client_id"): "of the keyring"}
    vars(keyring)["get_password"] = lambda service, name: held.get((service, name))
    vars(keyring)["errors"] = SimpleNamespace(KeyringError=KeyError)
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    assert office.profile.secret("salesforce.client_id") == APP.client_id
    (office.profile.data / "secrets.yaml").unlink()
    assert office.profile.secret("salesforce.client_id") == "of the keyring"
    assert office.profile.secret_if_set("salesforce.client_secret") is None


def test_a_host_that_nobody_knows_is_a_matter_of_dns() -> None:
    host = "alpine.invalid"
    cause = NameResolutionError(host, HTTPSConnection(host), socket.gaierror(-2, "Name or service not known"))
    error = requests.exceptions.ConnectionError(MaxRetryError(HTTPSConnectionPool(host), "/", cause))
    problem = network_problem(error, f"https://{host}")
    assert "no such host is known (DNS)" in str(problem)
    assert problem.fix


def test_a_host_without_tls(office: Office) -> None:
    with pytest.raises(ConnectionProblem, match="TLS certificate was not accepted"):
        office.connect(url=office.url.replace("http://", "https://").replace("127.0.0.1", "localhost"))


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("001000000000001", "001000000000001AAA"),
        ("001D000000IRFma", "001D000000IRFmaIAH"),
        ("001D000000IRFmaIAH", "001D000000IRFmaIAH"),
        ("not an id", "not an id"),
        ("", ""),
    ],
)
def test_ids_have_18_characters(short: str, long: str) -> None:
    assert long_id(short) == long


def test_a_record_is_found_by_its_short_id(office: Office) -> None:
    assert list(office.connect().records("Account", ["Name"], ["001000000000001"])) == ["001000000000001AAA"]


def test_a_key_file_that_is_not_there(jwt_office: Office, tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="no such key file"):
        jwt_office.connect(login="jwt", key_file=str(tmp_path / "gone.pem"))
