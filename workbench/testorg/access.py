"""Who may come in: users, connected apps, sessions, and the org's switches.

Credentials are given when the org is opened and live in memory only; nothing here is logged, and no
repr shows a password, token or secret.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .errors import OrgError
from .values import is_email


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person or program that logs in with a name.

    Raises:
        ValueError: the user name doesn't have the form of an e-mail address.

    Attributes:
        security_token: To be appended to the password from outside of trusted networks.
        trusted_network: True when this user comes from a trusted address: then the password alone
            will do.
    """

    username: str
    password: str = field(repr=False)
    security_token: str = field(default="", repr=False)
    trusted_network: bool = False

    def __post_init__(self) -> None:
        if not is_email(self.username):
            raise ValueError(f"a user name has the form of an e-mail address, unlike {self.username!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectedApp:
    """An external client app: OAuth client credentials, JWT bearer, or the password flow.

    Attributes:
        run_as: Username in whose name client credentials work; None switches that flow off.
        public_key: PEM of the certificate's public key; None switches the JWT flow off.
        refresh_tokens: User names by refresh token, as if they had been given out by a login in a browser.
    """

    client_id: str
    client_secret: str = field(repr=False)
    run_as: str | None = None
    public_key: str | None = field(default=None, repr=False)
    refresh_tokens: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(slots=True, kw_only=True)
class OrgSettings:
    """Switches of the org; they may be changed while it runs.

    Attributes:
        soap_login: SOAP login() is on.  New orgs have it off.
        password_flow: OAuth by user name and password is on.  New orgs have it off (unverified).
        address_allowed: The caller's network address is within the user's login range.
        api_enabled: The edition has the API.
        lockout_after: Bad logins in a row until a user is locked.
        lockout_seconds, session_seconds: How long a lock lasts, how long an idle session lives.
        daily_limit: API requests in 24 hours.
        cursor_seconds: How long a query can be continued after its last page.
        bulk_held: Bulk jobs wait before they are worked on, as when the org is busy.
        sandbox: What Organization.IsSandbox says.
    """

    soap_login: bool = True
    password_flow: bool = True
    address_allowed: bool = True
    api_enabled: bool = True
    lockout_after: int = 10
    lockout_seconds: int = 900
    session_seconds: int = 7200
    daily_limit: int = 15_000
    cursor_seconds: int = 900
    bulk_held: bool = False
    sandbox: bool = False


@dataclass(slots=True, kw_only=True)
class Session:
    """One login; `token` is the session id or access token."""

    token: str = field(repr=False)
    username: str
    last_used: datetime


class Doorkeeper:
    """Checks logins and keeps the sessions."""

    def __init__(
        self,
        *,
        users: Iterable[User],
        apps: Iterable[ConnectedApp],
        settings: OrgSettings,
        clock: Callable[[], datetime],
        org_id: str,
    ) -> None:
        self._users = {u.username.lower(): u for u in users}
        self.apps = {a.client_id: a for a in apps}
        self._settings = settings
        self._clock = clock
        self._org = org_id[:15]
        self._sessions: dict[str, Session] = {}
        self._bad: dict[str, int] = {}
        self._locked_until: dict[str, datetime] = {}

    # --- sessions ------------------------------------------------------------------------------

    def open_session(self, username: str) -> Session:
        """A new session; its id begins with the org's id, as the real one does."""
        token = f"{self._org}!{secrets.token_urlsafe(64)}"
        session = Session(token=token, username=username, last_used=self._clock())
        self._sessions[token] = session
        return session

    def session(self, token: str) -> Session:
        """The live session of this token.

        Raises:
            OrgError: 401 INVALID_SESSION_ID when it is unknown or was idle for too long.
        """
        session = self._sessions.get(token)
        idle = timedelta(seconds=self._settings.session_seconds)
        if session is None or self._clock() - session.last_used > idle:
            self._sessions.pop(token, None)
            raise OrgError("INVALID_SESSION_ID", "Session expired or invalid", status=401)
        session.last_used = self._clock()
        return session

    def expire(self, token: str | None = None) -> None:
        """End one session, or all of them."""
        if token is None:
            self._sessions.clear()
        else:
            self._sessions.pop(token, None)

    # --- user and password ---------------------------------------------------------------------

    def check_network(self) -> None:
        """Refuse callers from outside of the login range, and orgs without the API.

        Raises:
            OrgError: LOGIN_DURING_RESTRICTED_DOMAIN (text unverified) or API_DISABLED_FOR_ORG.
        """
        if not self._settings.address_allowed:
            raise OrgError(
                "LOGIN_DURING_RESTRICTED_DOMAIN",
                "You cannot log in from this network address: it is outside of the login IP ranges.",
                status=403,
            )
        if not self._settings.api_enabled:
            raise api_disabled()

    def login(self, username: str, secret: str) -> Session:
        """User name, and password with the security token appended.

        Raises:
            OrgError: INVALID_LOGIN (wrong or locked: the real org doesn't tell which) or
                LOGIN_MUST_USE_SECURITY_TOKEN when only the token is missing.
        """
        name = username.lower()
        user = self._users.get(name)
        until = self._locked_until.get(name)  # asking a running clock twice would lock everybody out
        if user is None or (until is not None and self._clock() < until):
            raise invalid_login()
        alone, full = same(secret, user.password), same(secret, user.password + user.security_token)
        if (full and (user.security_token or user.trusted_network)) or (alone and user.trusted_network):
            self._bad.pop(name, None)
            self.check_network()
            return self.open_session(user.username)
        if alone:
            raise OrgError("LOGIN_MUST_USE_SECURITY_TOKEN", _NEW_LOCATION)
        self._count_bad(name)
        raise invalid_login()

    def _count_bad(self, name: str) -> None:
        self._bad[name] = self._bad.get(name, 0) + 1
        if self._bad[name] >= self._settings.lockout_after:
            self._bad.pop(name)
            self._locked_until[name] = self._clock() + timedelta(seconds=self._settings.lockout_seconds)

    @property
    def password_flow(self) -> bool:
        """Is OAuth by user name and password on?"""
        return self._settings.password_flow

    def user(self, username: str) -> User | None:
        return self._users.get(username.lower())

    def users(self) -> list[User]:
        return list(self._users.values())


def same(given: str, kept: str) -> bool:
    """Compare secrets in constant time."""
    return hmac.compare_digest(given.encode(), kept.encode())


def api_disabled() -> OrgError:
    """The edition of the org has no API."""
    return OrgError("API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner", status=403)


def invalid_login() -> OrgError:
    return OrgError(
        "INVALID_LOGIN", "Invalid username, password, security token; or user locked out.", status=500
    )


_NEW_LOCATION = (
    "Invalid username, password, security token; or user locked out. Are you at a new location? When"
    " accessing Salesforce--either via a desktop client or the API--from outside of your company's trusted"
    " networks, you must add a security token to your password to log in."
)
