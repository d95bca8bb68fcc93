"""Secrets in profile.yaml, where none may stand: told by their name; their value is in no message."""

from __future__ import annotations

import re

from workbench.errors import Problem

ADDRESSES = (("salesforce", "url"), ("quickbooks", "connector_url"))
"""Settings that may hold no user's name and password, as https://user:password@host does."""

NAMES = ("client_secret", "password", "security_token", "private_key", "access_token", "client_id")
_SPELT = {name.replace("_", ""): name for name in NAMES} | {
    "consumersecret": "client_secret",
    "consumerkey": "client_id",
    "passwd": "password",
    "pwd": "password",
    "token": "access_token",
    "secret": "client_secret",
}
"""Names of secrets, as people spell them."""

CHANGE = "change it if the file was committed or others have seen it"


def is_secret(key: str) -> bool:
    """Whether a key is called as a secret, however it is spelled: clientSecret, consumer-secret."""
    return _plainly(key) in _SPELT


def secret(place: tuple[str, ...], where: str) -> Problem:
    """A secret among the settings."""
    name, full = ".".join(place), _full(place)
    into = f"Take it out and put `{full}: ...` into data/secrets.yaml"
    if full.endswith(".client_id"):  # no secret by itself: a committed one need not be changed
        return Problem(
            what=f"{name} is kept with the secrets, in data/secrets.yaml", where=where, fix=into + "."
        )
    return Problem(
        what=f"{name} is a secret, and secrets belong in data/secrets.yaml",
        where=where,
        fix=f"{into}; {CHANGE}.",
    )


def is_named(address: object) -> bool:
    """Whether an address holds a user's name or password; an @ stands in no other place of ours."""
    return "@" in str(address)


def named(place: tuple[str, ...], where: str | None = None) -> Problem:
    """An address with a user's name or password."""
    return Problem(
        what=f"{'.'.join(place)} holds a user's name or password before an @, and may hold none",
        where=where,
        fix=f"Give the address alone. Secrets belong in data/secrets.yaml; if that was a password, {CHANGE}.",
    )


def has_password(store: object) -> bool:
    """Whether the address of a store holds a password; a user's name may stand there."""
    return bool(re.match(r"[^:]+://[^/@]*:[^/@]*@", str(store)))


def password_of_store(where: str | None = None) -> Problem:
    """A password in the address of the store."""
    return Problem(
        what="store holds a password, and secrets do not belong in profile.yaml",
        where=where,
        fix="Give the address without it (postgresql+psycopg://NAME@HOST/DATABASE): PostgreSQL's own file "
        f".pgpass or the variable PGPASSWORD holds the password; {CHANGE}.",
    )


def _full(place: tuple[str, ...]) -> str:
    """How data/secrets.yaml calls it; one without a section is most likely the org's."""
    section = "quickbooks" if place[0].startswith("quickbooks") else "salesforce"
    return f"{section}.{_SPELT[_plainly(place[-1])]}"


def _plainly(key: str) -> str:
    return re.sub(r"[^a-z]", "", key.rpartition(".")[2].lower())
