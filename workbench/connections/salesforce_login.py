"""Log in to an org: client credentials, JWT bearer, SOAP with user and password, or a token one has.

Logins are never repeated by themselves: Salesforce locks a user after a few wrong passwords.  Secrets that
were refused are remembered for this profile (as a salted hash, beside the secrets), so that a worker, a
schedule and a notebook together try them once; a person's `workbench check` tries again.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape, unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.parsers.expat import ExpatError

import jwt
import requests
from simple_salesforce.exceptions import SalesforceAuthenticationFailed
from simple_salesforce.login import SalesforceLogin

from workbench.connections.salesforce_errors import (
    WRONG_SECRETS,
    Refused,
    login_problem,
    network_problem,
    strange_answer,
)
from workbench.errors import ProfileError
from workbench.profile import Profile, private_folder

SOAP_VERSION = "64.0"
"""The last API version with SOAP login; newer ones refuse it."""

JWT_MINUTES = 3
REMEMBERED = "salesforce-refused.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A session that the org has given.

    Attributes:
        instance: Host and port that it is good for.
    """

    session_id: str = field(repr=False)
    instance: str


def log_in(profile: Profile, http: requests.Session, *, again: bool = False) -> Login:
    """Log in as the profile says, with one request at most.

    Args:
        again: A person asks for it: also secrets that were refused before are tried.

    Raises:
        ConnectionProblem: The org cannot be reached or refuses, with the cause.
        ProfileError: A secret or setting is missing.
    """
    settings = profile.salesforce
    kind = _KINDS[settings.login]
    refused = _Refused(profile)
    if not again:
        refused.check()
    try:
        login = kind(profile, http)
    except SalesforceAuthenticationFailed as error:
        problem = login_problem(error, settings.login, settings.url)
        if problem.values["answer"] in WRONG_SECRETS:
            refused.remember(problem)
        raise problem from None  # the cause may hold the request with its secrets
    except requests.RequestException as error:
        raise network_problem(error, settings.url) from error
    except (AttributeError, KeyError, TypeError, ValueError, ExpatError) as error:
        raise strange_answer(settings.url) from error
    refused.forget()
    return login


def renewable(profile: Profile) -> bool:
    """Whether a session that ended can be renewed without a person."""
    return profile.salesforce.login != "access_token"


# --- the four ways ---------------------------------------------------------------------------------------


def _client_credentials(profile: Profile, http: requests.Session) -> Login:
    client_id = profile.secret("salesforce.client_id")
    client_secret = profile.secret("salesforce.client_secret")
    basic = b64encode(f"{client_id}:{client_secret}".encode()).decode()
    return _token(profile, http, {"grant_type": "client_credentials"}, {"Authorization": f"Basic {basic}"})


def _jwt(profile: Profile, http: requests.Session) -> Login:
    ends = datetime.now(UTC) + timedelta(minutes=JWT_MINUTES)
    claims = {
        "iss": profile.secret("salesforce.client_id"),
        "sub": _username(profile),
        "aud": audience(profile),
        "exp": f"{ends.timestamp():.0f}",  # as text, the way simple-salesforce sends it to real orgs
    }
    try:
        assertion = jwt.encode(claims, profile.key_text(), algorithm="RS256")
    except (ValueError, TypeError, jwt.PyJWTError):
        # Without the cause: it may quote the key.
        raise ProfileError(
            "the private key cannot be read",
            where=profile.salesforce.key_file or "salesforce.private_key",
            fix="It must be an RSA key as PEM, without a pass phrase: -----BEGIN PRIVATE KEY-----.",
        ) from None
    grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    return _token(profile, http, {"grant_type": grant, "assertion": assertion}, {})


def _soap(profile: Profile, http: requests.Session) -> Login:
    session_id, instance = SalesforceLogin(
        username=_username(profile),
        password=profile.secret("salesforce.password"),
        # simple-salesforce escapes user and password for XML, and forgets the token
        security_token=escape(profile.secret_if_set("salesforce.security_token") or ""),
        sf_version=SOAP_VERSION,
        scratch_url=_https(profile.salesforce.url),
        session=http,
    )
    return Login(session_id=unescape(session_id), instance=instance)


def _given(profile: Profile, _http: requests.Session) -> Login:
    return Login(
        session_id=profile.secret("salesforce.access_token"), instance=urlsplit(profile.salesforce.url).netloc
    )


_KINDS: Mapping[str, Callable[[Profile, requests.Session], Login]] = {
    "client_credentials": _client_credentials,
    "jwt": _jwt,
    "password": _soap,
    "access_token": _given,
}


def audience(profile: Profile) -> str:
    """Answer whom a JWT is for: the login host of production or of sandboxes, if nothing is said."""
    settings = profile.salesforce
    host = urlsplit(settings.url).hostname or ""
    sandbox = host == "test.salesforce.com" or ".sandbox." in host
    return settings.audience or f"https://{'test' if sandbox else 'login'}.salesforce.com"


def _token(
    profile: Profile, http: requests.Session, form: Mapping[str, str], headers: Mapping[str, str]
) -> Login:
    url = f"{_https(profile.salesforce.url)}/services/oauth2/token"
    response = http.post(url, dict(form), headers=dict(headers))
    try:
        answer: Any = response.json()
    except ValueError:
        raise SalesforceAuthenticationFailed(response.status_code, response.text[:200]) from None
    if response.status_code != 200:
        raise SalesforceAuthenticationFailed(answer.get("error"), answer.get("error_description"))
    return Login(session_id=answer["access_token"], instance=urlsplit(answer["instance_url"]).netloc)


def _username(profile: Profile) -> str:
    if not profile.salesforce.username:
        raise ProfileError(
            f"the login {profile.salesforce.login!r} needs a user name",
            where="profile.yaml: salesforce.username",
            fix="Write the Salesforce user name there; it has the form of an e-mail address.",
        )
    return profile.salesforce.username


def _https(url: str) -> str:
    return f"https://{urlsplit(url).netloc}"


# --- secrets that were refused ---------------------------------------------------------------------------


class _Refused:
    """The secrets of a profile that the org did not take, until others are set or a person asks again."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._file: Path = profile.data / REMEMBERED

    def check(self) -> None:
        """Raise the refusal again, without a request, while the secrets are the refused ones."""
        try:
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            if self._hash(kept["salt"]) != kept["hash"]:
                return
            what, values, fix, at = kept["what"], kept["values"], kept["fix"], kept["at"]
        except (OSError, ValueError, KeyError, TypeError):
            return
        raise Refused(
            what,
            where=self._profile.salesforce.url,
            values={**values, "refused": f"{at} UTC; the same is not tried again by itself"},
            fix=f"{fix} Then run `workbench check`, which tries again.",
        )

    def remember(self, problem: Any) -> None:
        salt = secrets.token_hex(16)
        kept = {
            "salt": salt,
            "hash": self._hash(salt),
            "what": problem.what,
            "values": dict(problem.values),
            "fix": problem.fix,
            "at": f"{datetime.now(UTC):%Y-%m-%d %H:%M}",
        }
        private_folder(self._profile.data)
        self._file.write_text(json.dumps(kept), encoding="utf-8")

    def forget(self) -> None:
        self._file.unlink(missing_ok=True)

    def _hash(self, salt: str) -> str:
        settings = self._profile.salesforce
        names = ("client_id", "client_secret", "password", "security_token")
        given = [self._profile.secret_if_set(f"salesforce.{name}") or "" for name in names]
        text = "\0".join((settings.url, settings.login, settings.username or "", *given))
        return hashlib.scrypt(text.encode(), salt=bytes.fromhex(salt), n=2**14, r=8, p=1).hex()
