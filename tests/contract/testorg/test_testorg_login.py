"""Logging in to the embedded org, with simple-salesforce: each flow, each refusal."""

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from simple_salesforce import Salesforce, SalesforceLogin
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceExpiredSession
from simple_salesforce.login import token_login
from testorg_client import APP, USER, Running

from workbench.testorg import ConnectedApp, User

TOKEN = USER.security_token
INVALID = "Invalid username, password, security token; or user locked out."


def test_soap_login_with_token(running: Running) -> None:
    session_id, instance = running.log_in()
    assert instance == running.url.removeprefix("http://")
    assert session_id.startswith(running.org.id[:15] + "!")
    answer = running.client().query("SELECT IsSandbox FROM Organization LIMIT 1")
    assert answer["records"][0]["IsSandbox"] is False


#  why                         password                token     version  code
REFUSED = [
    ("wrong password",         "nope",                 TOKEN,    "64.0",  "INVALID_LOGIN"),
    ("wrong token",            USER.password,          "nope",   "64.0",  "INVALID_LOGIN"),
    ("token in small letters", USER.password,          TOKEN.lower(), "64.0", "INVALID_LOGIN"),
    ("empty password",         "",                     "",       "64.0",  "INVALID_LOGIN"),
    ("token missing",          USER.password,          "",       "64.0",  "LOGIN_MUST_USE_SECURITY_TOKEN"),
    ("no token argument",      USER.password,          None,     "64.0",  "LOGIN_MUST_USE_SECURITY_TOKEN"),
    ("first version without",  USER.password,          TOKEN,    "65.0",  "INVALID_OPERATION"),
    ("a removed version",      USER.password,          TOKEN,    "30.0",  "UNSUPPORTED_API_VERSION"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("why", "password", "token", "version", "code"), REFUSED, ids=[c[0] for c in REFUSED]
)
def test_soap_login_refused(
    running: Running, why: str, password: str, token: str | None, version: str, code: str
) -> None:
    kind: dict[str, Any] = {} if token is None else {"security_token": token}
    with pytest.raises(SalesforceAuthenticationFailed) as caught:
        SalesforceLogin(USER.username, password, sf_version=version, scratch_url=running.url, **kind)
    assert caught.value.code == code


@pytest.mark.parametrize("version", ["31.0", "59.0", "64.0"])
def test_soap_login_versions(running: Running, version: str) -> None:
    SalesforceLogin(USER.username, USER.password, TOKEN, sf_version=version, scratch_url=running.url)


def test_unknown_user_reads_like_a_wrong_password(running: Running) -> None:
    with pytest.raises(SalesforceAuthenticationFailed) as caught:
        SalesforceLogin("nobody@demo.example", "x", "y", sf_version="64.0", scratch_url=running.url)
    assert (caught.value.code, caught.value.auth_message) == ("INVALID_LOGIN", INVALID)


def test_user_name_ignores_case(running: Running) -> None:
    SalesforceLogin(USER.username.upper(), USER.password, TOKEN, sf_version="64.0", scratch_url=running.url)


def test_trusted_network_needs_no_token(start: Callable[..., Running]) -> None:
    at_home = User(username="home@demo.example", password="pw", trusted_network=True)
    running = start(users=[at_home])
    SalesforceLogin(at_home.username, "pw", sf_version="64.0", scratch_url=running.url)
    SalesforceLogin(at_home.username, "pw", "", sf_version="64.0", scratch_url=running.url)


#  switch                   value   code
SWITCHES = [
    ("soap_login",          False,  "INVALID_OPERATION"),
    ("address_allowed",     False,  "LOGIN_DURING_RESTRICTED_DOMAIN"),
    ("api_enabled",         False,  "API_DISABLED_FOR_ORG"),
]  # fmt: skip


@pytest.mark.parametrize(("switch", "value", "code"), SWITCHES)
def test_switches(running: Running, switch: str, value: bool, code: str) -> None:
    setattr(running.org.settings, switch, value)
    with pytest.raises(SalesforceAuthenticationFailed) as caught:
        running.log_in()
    assert caught.value.code == code


def test_lockout_and_its_end(running: Running) -> None:
    for _ in range(running.org.settings.lockout_after):
        with pytest.raises(SalesforceAuthenticationFailed):
            running.log_in(password="nope")
    with pytest.raises(SalesforceAuthenticationFailed) as caught:
        running.log_in()
    assert caught.value.code == "INVALID_LOGIN"  # the real org doesn't say that it is a lock
    running.clock.forward(seconds=running.org.settings.lockout_seconds - 1)
    with pytest.raises(SalesforceAuthenticationFailed):
        running.log_in()
    running.clock.forward(seconds=1)
    running.log_in()


def test_a_good_login_resets_the_count(running: Running) -> None:
    for _ in range(3):
        for _ in range(running.org.settings.lockout_after - 1):
            with pytest.raises(SalesforceAuthenticationFailed):
                running.log_in(password="nope")
        running.log_in()


#  why                     body
BAD_XML = [
    ("not XML",            b"hello"),
    ("empty",              b""),
    ("a document type",    b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'),
    ("in UTF-16",          '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'.encode("utf-16")),
    ("no login in it",     b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"/>'),
    ("far too long",       b"<x>" + b"y" * 200_000 + b"</x>"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "body"), BAD_XML, ids=[c[0] for c in BAD_XML])
def test_bad_soap_is_a_fault(running: Running, why: str, body: bytes) -> None:
    answer = requests.post(f"{running.url}/services/Soap/u/64.0", data=body, timeout=20)
    assert answer.status_code == 500
    assert "<sf:exceptionCode>" in answer.text
    assert "Traceback" not in answer.text


def test_secrets_stay_out_of_reprs() -> None:
    assert USER.password not in repr(USER)
    assert TOKEN not in repr(USER)
    assert APP.client_secret not in repr(APP)


# --- OAuth -------------------------------------------------------------------------------------


def ask(running: Running, form: dict[str, str], secret: str | None = None) -> tuple[str, str]:
    """Access token and host, by simple-salesforce's own token request."""
    headers = None
    if secret is not None:
        basic = base64.b64encode(f"{APP.client_id}:{secret}".encode()).decode()
        headers = {"Authorization": f"Basic {basic}"}
    return token_login(f"{running.url}/services/oauth2/token", form, "demo", APP.client_id, headers, None)


def works(running: Running, token: str) -> bool:
    client = Salesforce(
        session_id=token,
        instance=running.url.removeprefix("http://"),
        version="67.0",
        session=running.web_session(),
    )
    return client.query("SELECT COUNT() FROM User")["totalSize"] > 0


def test_client_credentials(running: Running) -> None:
    token, instance = ask(running, {"grant_type": "client_credentials"}, APP.client_secret)
    assert instance == running.url.removeprefix("http://")
    assert works(running, token)


def test_client_credentials_in_the_body(running: Running) -> None:
    form = {"client_id": APP.client_id, "client_secret": APP.client_secret}
    assert works(running, ask(running, {"grant_type": "client_credentials", **form})[0])


def test_password_flow_takes_the_token_appended(running: Running) -> None:
    form = {"grant_type": "password", "client_id": APP.client_id, "client_secret": APP.client_secret}
    secret = USER.password + TOKEN
    assert works(running, ask(running, {**form, "username": USER.username, "password": secret})[0])


def test_the_password_flow_can_be_off(running: Running) -> None:
    running.org.settings.password_flow = False
    form = {"grant_type": "password", "client_id": APP.client_id, "client_secret": APP.client_secret}
    with pytest.raises(SalesforceAuthenticationFailed, match="authentication failure"):
        ask(running, {**form, "username": USER.username, "password": USER.password + TOKEN})


def test_refresh(running: Running) -> None:
    running.org.door.apps[APP.client_id] = ConnectedApp(
        client_id=APP.client_id, client_secret=APP.client_secret, refresh_tokens={"5Aep861": USER.username}
    )
    form = {"grant_type": "refresh_token", "client_id": APP.client_id, "client_secret": APP.client_secret}
    assert works(running, ask(running, {**form, "refresh_token": "5Aep861"})[0])
    for wrong in ("", "other"):
        with pytest.raises(SalesforceAuthenticationFailed, match="expired access/refresh token"):
            ask(running, {**form, "refresh_token": wrong})


CREDENTIALS = {"grant_type": "client_credentials"}
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
WITH_SECRET = {"client_secret": APP.client_secret, "password": "x"}
WRONG_SECRET = {"client_secret": "x", "password": "x"}
PASSWORD = {"grant_type": "password", "client_id": APP.client_id, "username": USER.username}
#  why                   form                                            basic    error
OAUTH_REFUSED = [
    ("wrong secret",     CREDENTIALS,                                    "nope",  "invalid_client"),
    ("no authorization", CREDENTIALS,                                    None,    "invalid_client_id"),
    ("unknown client",   {**CREDENTIALS, "client_id": "x"},              None,    "invalid_client_id"),
    ("unknown grant",    {"grant_type": "device"},                       None,    "unsupported_grant_type"),
    ("no grant",         {},                                             None,    "unsupported_grant_type"),
    ("wrong password",   {**PASSWORD, **WITH_SECRET},                    None,    "invalid_grant"),
    ("wrong app secret", {**PASSWORD, **WRONG_SECRET},                   None,    "invalid_client"),
    ("not a JWT",        {"grant_type": JWT_GRANT, "assertion": "x"},    None,    "invalid_grant"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "form", "basic", "error"), OAUTH_REFUSED, ids=[c[0] for c in OAUTH_REFUSED])
def test_oauth_refused(
    running: Running, why: str, form: dict[str, str], basic: str | None, error: str
) -> None:
    with pytest.raises(SalesforceAuthenticationFailed) as caught:
        ask(running, form, basic)
    assert caught.value.code == error


def test_client_credentials_without_a_run_as_user(running: Running) -> None:
    running.org.door.apps[APP.client_id] = ConnectedApp(
        client_id=APP.client_id, client_secret=APP.client_secret
    )
    with pytest.raises(SalesforceAuthenticationFailed, match="no client credentials user enabled"):
        ask(running, CREDENTIALS, APP.client_secret)


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def with_key(running: Running, key: rsa.RSAPrivateKey) -> None:
    pem = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    running.org.door.apps[APP.client_id] = ConnectedApp(
        client_id=APP.client_id, client_secret=APP.client_secret, public_key=pem.decode()
    )


def assertion(running: Running, key: rsa.RSAPrivateKey, **changes: Any) -> dict[str, str]:
    """What simple-salesforce sends: `exp` is a string."""
    claims = {
        "iss": APP.client_id,
        "sub": USER.username,
        "aud": "https://login.salesforce.com",
        "exp": f"{(running.clock() + timedelta(minutes=3)).timestamp():.0f}",
        **changes,
    }
    signed = jwt.encode(claims, key, algorithm="RS256")
    return {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": signed}


def test_jwt_bearer(running: Running, key: rsa.RSAPrivateKey) -> None:
    with_key(running, key)
    assert works(running, ask(running, assertion(running, key))[0])
    assert works(running, ask(running, assertion(running, key, aud=running.url))[0])
    number = int((running.clock() + timedelta(minutes=3)).timestamp())
    for ends in (number, number + 0.5):  # most libraries send a number
        assert works(running, ask(running, assertion(running, key, exp=ends))[0])


#  why                    claim    value                     description
JWT_REFUSED = [
    ("expired",           "exp",   "1774871999",             "expired authorization code"),
    ("too far ahead",     "exp",   "1774872301",             "expired authorization code"),
    ("not a time",        "exp",   "soon",                   "invalid assertion"),
    ("wrong audience",    "aud",   "https://evil.example",   "audience is invalid"),
    ("unknown user",      "sub",   "x@demo.example",         "user hasn't approved this consumer"),
    ("unknown client",    "iss",   "x",                      "client identifier invalid"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "claim", "value", "text"), JWT_REFUSED, ids=[c[0] for c in JWT_REFUSED])
@pytest.mark.filterwarnings("ignore:.*All users may.*", "ignore::UserWarning")
def test_jwt_refused(
    running: Running, key: rsa.RSAPrivateKey, why: str, claim: str, value: str, text: str
) -> None:
    assert running.clock().timestamp() == 1774872000  # the times in the table lie around this
    with_key(running, key)
    with pytest.raises(SalesforceAuthenticationFailed) as caught:
        ask(running, assertion(running, key, **{claim: value}))
    assert caught.value.auth_message == text


def test_jwt_signed_by_another_key(running: Running, key: rsa.RSAPrivateKey) -> None:
    with_key(running, rsa.generate_private_key(public_exponent=65537, key_size=2048))
    with pytest.raises(SalesforceAuthenticationFailed, match="invalid assertion"):
        ask(running, assertion(running, key))


# --- sessions ----------------------------------------------------------------------------------


def test_a_session_dies_of_idleness(running: Running) -> None:
    client = running.client()
    for _ in range(3):
        running.clock.forward(seconds=running.org.settings.session_seconds)
        client.limits()  # each use prolongs it
    running.clock.forward(seconds=running.org.settings.session_seconds + 1)
    with pytest.raises(SalesforceExpiredSession) as caught:
        client.limits()
    assert caught.value.content[0]["errorCode"] == "INVALID_SESSION_ID"


def test_ended_sessions_and_a_new_login(running: Running) -> None:
    client = running.client()
    running.org.door.expire()
    with pytest.raises(SalesforceExpiredSession):
        client.limits()
    running.client().limits()


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer nonsense", "Basic eDp5"])
def test_without_a_session(running: Running, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = requests.get(f"{running.url}/services/data/v64.0/limits", headers=headers, timeout=20)
    assert answer.status_code == 401
    assert answer.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
    assert "api-usage=" in answer.headers["Sforce-Limit-Info"]
