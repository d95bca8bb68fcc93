"""The OAuth token endpoint: client credentials, JWT bearer, refresh, and the password flow.

The password flow takes the security token at the end of the password, and says no more than
`authentication failure` whatever was wrong.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import datetime

from .access import ConnectedApp, Doorkeeper, Session, same
from .errors import OrgError

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
JWT_SECONDS = 300  # an assertion may expire at most so far ahead: three minutes, and clocks that differ


class OAuthError(Exception):
    """A refusal of the token endpoint: `error` and `error_description`, HTTP 400 or 401."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.status = status


def token(
    form: Mapping[str, str],
    authorization: str | None,
    door: Doorkeeper,
    clock: Callable[[], datetime],
    audiences: frozenset[str],
) -> Session:
    """A session for a token request.

    Args:
        authorization: The Authorization header, for client credentials sent as HTTP Basic.
        audiences: What a JWT's `aud` may say: the login hosts and this org.

    Raises:
        OAuthError: the request was refused.
    """
    grant = form.get("grant_type", "")
    try:
        door.check_network()
        if grant == "client_credentials":
            return _client_credentials(form, authorization, door)
        if grant == JWT_GRANT:
            return _jwt(form.get("assertion", ""), door, clock, audiences)
        if grant == "refresh_token":
            return _refresh(form, door)
        if grant == "password":
            _app(form.get("client_id", ""), form.get("client_secret", ""), door)
            if not door.password_flow:
                raise OAuthError("invalid_grant", "authentication failure")
            return door.login(form.get("username", ""), form.get("password", ""))
    except OrgError as error:
        network = error.code == "LOGIN_DURING_RESTRICTED_DOMAIN"
        raise OAuthError("invalid_grant", "ip restricted" if network else "authentication failure") from None
    raise OAuthError("unsupported_grant_type", "grant type not supported")


def _app(client_id: str, client_secret: str, door: Doorkeeper) -> ConnectedApp:
    app = door.apps.get(client_id)
    if app is None:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    if not same(client_secret, app.client_secret):
        raise OAuthError("invalid_client", "invalid client credentials")
    return app


def _client_credentials(form: Mapping[str, str], authorization: str | None, door: Doorkeeper) -> Session:
    client_id, client_secret = form.get("client_id", ""), form.get("client_secret", "")
    if authorization is not None:
        client_id, client_secret = _basic(authorization)
    app = _app(client_id, client_secret, door)
    if app.run_as is None or door.user(app.run_as) is None:
        raise OAuthError("invalid_grant", "no client credentials user enabled")
    return door.open_session(app.run_as)


def _refresh(form: Mapping[str, str], door: Doorkeeper) -> Session:
    app = _app(form.get("client_id", ""), form.get("client_secret", ""), door)
    username = app.refresh_tokens.get(form.get("refresh_token", ""))
    user = None if username is None else door.user(username)
    if user is None:
        raise OAuthError("invalid_grant", "expired access/refresh token")
    return door.open_session(user.username)


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    try:
        text = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        text = ""
    client_id, colon, client_secret = text.partition(":")
    if scheme.lower() != "basic" or not colon:
        raise OAuthError("invalid_client", "invalid client credentials")
    return client_id, client_secret


def _jwt(
    assertion: str, door: Doorkeeper, clock: Callable[[], datetime], audiences: frozenset[str]
) -> Session:
    """RS256; iss is the client, sub the user, exp (a number, or a string of one) at most minutes ahead."""
    import jwt  # comes with simple-salesforce; loaded here because a login by JWT is rare

    try:
        claims = jwt.decode(assertion, options={"verify_signature": False})
        app = door.apps.get(str(claims.get("iss")))
        if app is None or app.public_key is None:
            raise OAuthError("invalid_client_id", "client identifier invalid")
        jwt.decode(
            assertion,
            app.public_key,
            algorithms=["RS256"],
            options={"verify_aud": False, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
        ends = float(str(claims.get("exp")))
    except (jwt.InvalidTokenError, ValueError):
        raise OAuthError("invalid_grant", "invalid assertion") from None
    left = ends - clock().timestamp()
    if claims.get("aud") not in audiences:
        raise OAuthError("invalid_grant", "audience is invalid")
    if not 0 < left <= JWT_SECONDS:
        raise OAuthError("invalid_grant", "expired authorization code")
    user = door.user(str(claims.get("sub")))
    if user is None:
        raise OAuthError("invalid_grant", "user hasn't approved this consumer")
    return door.open_session(user.username)
