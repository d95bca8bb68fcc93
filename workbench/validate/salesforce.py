"""Checks of the Salesforce adapter: each setting, the secrets, the login, the API and the objects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as ReadOnly
from urllib.parse import urlsplit

from workbench.connections.salesforce_errors import SOAP_ENDS
from workbench.connections.salesforce_limits import Usage, check_floor
from workbench.connections.salesforce_session import LOOPBACK
from workbench.errors import ProfileError, WorkbenchError
from workbench.mapping.nodes import closest
from workbench.profile import SALESFORCE_LOGINS, Profile, SalesforceSettings, secret_variable
from workbench.validate.checks import SALESFORCE, Check, Verdict
from workbench.validate.known import Asked, Known, Use
from workbench.validate.wording import failed, lined

EXAMPLE = "example.my.salesforce.com"
"""What a new profile says."""

LAST_SOAP = 64
"""The last API version with SOAP login."""

ROWS_A_CALL = 2_000
"""Rows that one call of the REST API answers at most."""

SECRETS_MISSING = "needs the settings above to be valid first"
OPTIONAL = ("security_token",)
"""A user within the org's trusted addresses has none."""


def settings(profile: Profile) -> Iterator[Check]:
    """Every setting, without asking anybody."""
    given = profile.salesforce
    yield _address(given)
    yield from _login_kind(given)
    yield from _secrets(profile)
    yield _version(given)
    yield _left_to_others(given)
    yield _bulk(given)
    if given.allow_duplicates:
        yield _check(
            "allow_duplicates",
            "records are saved although a duplicate rule of the org warns",
            Verdict.WARNING,
            "Set salesforce.allow_duplicates to false to have those records held back.",
        )
    else:
        yield _check("allow_duplicates", "duplicate rules of the org stand")


def _address(given: SalesforceSettings) -> Check:
    parts = urlsplit(given.url)
    fix = "Write it like https://example.my.salesforce.com: Setup > My Domain names it."
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return _check("url", f"{given.url!r} is not the address of an org", Verdict.ERROR, fix)
    if parts.hostname == EXAMPLE:
        return _check("url", f"{EXAMPLE} is only the example of a new profile", Verdict.ERROR, fix)
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        what = f"{given.url} is plain http, which is for an org on this machine only"
        return _check("url", what, Verdict.ERROR, "Use https.")
    if parts.username or parts.password:
        what = "the address holds a user name or a password"
        return _check("url", what, Verdict.ERROR, "Take it out: profile.yaml is passed on.")
    if parts.path.strip("/") or parts.query:
        what = f"{given.url} has more than the host; only {parts.netloc} is used"
        return _check("url", what, Verdict.WARNING, f"Write {parts.scheme}://{parts.netloc}.")
    return _check("url", given.url)


def _login_kind(given: SalesforceSettings) -> Iterator[Check]:
    if given.login == "password":
        fix = "Use client_credentials or jwt: see 'Connect Salesforce' in the README."
        yield _check("login", f"password; {SOAP_ENDS}", Verdict.WARNING, fix)
    elif given.login == "access_token":
        what = "a token that one has: it ends after some hours and cannot be renewed"
        yield _check("login", what, Verdict.WARNING, "Use client_credentials or jwt for what runs by itself.")
    else:
        yield _check("login", given.login)
    if given.login in ("jwt", "password"):
        if given.username:
            yield _check("username", given.username)
        else:
            fix = "Write the Salesforce user name there; it has the form of an e-mail address."
            yield _check("username", f"the login {given.login!r} needs one", Verdict.ERROR, fix)


def _secrets(profile: Profile) -> Iterator[Check]:
    given = profile.salesforce
    for name in SALESFORCE_LOGINS[given.login]:
        if name == "private_key":
            yield _key(profile)
        else:
            yield secret(profile, SALESFORCE, f"salesforce.{name}", needed=name not in OPTIONAL)


def _key(profile: Profile) -> Check:
    name = "key_file" if profile.salesforce.key_file else "secret salesforce.private_key"
    try:
        profile.key_text()
    except (ProfileError, OSError) as error:
        return failed(SALESFORCE, name, error)
    return _check(name, profile.salesforce.key_file or "is set")


def secret(profile: Profile, group: str, name: str, *, needed: bool = True) -> Check:
    """Whether a secret is set; its value is never told."""
    title = f"secret {name}"
    try:
        found = profile.secret_if_set(name)
    except ProfileError as error:
        return failed(group, title, error)
    if found:
        return Check(group=group, kind="setting", name=title, detail="is set")
    fix = f"Set {secret_variable(name)} in the environment, or put `{name}: ...` into data/secrets.yaml."
    if needed:
        return Check(
            group=group, kind="setting", name=title, verdict=Verdict.ERROR, detail="is not set", fix=fix
        )
    detail = "is not set, which is right for a user within the org's trusted addresses only"
    return Check(group=group, kind="setting", name=title, verdict=Verdict.WARNING, detail=detail, fix=fix)


def _version(given: SalesforceSettings) -> Check:
    if not re.fullmatch(r"\d{2,3}\.0", given.api_version):
        what = f"{given.api_version!r} is no API version"
        return _check("api_version", what, Verdict.ERROR, 'Write it like "64.0".')
    if given.login == "password" and float(given.api_version) > LAST_SOAP:
        what = f"{given.api_version}; logging in with a password uses {LAST_SOAP}.0, the last one that can"
        return _check("api_version", what, Verdict.WARNING, f"{SOAP_ENDS}.")
    return _check("api_version", given.api_version)


def _left_to_others(given: SalesforceSettings) -> Check:
    name, percent = "leave_percent", given.leave_percent
    if percent >= 100:
        what = f"{percent}% of the org's daily API calls are left to others, so that no run can make one"
        return _check(name, what, Verdict.ERROR, "Use a number below 100, e.g. 20.")
    if percent == 0:
        what = "nothing of the org's daily API calls is left to others"
        return _check(name, what, Verdict.WARNING, "Use e.g. 20: the org's other integrations need some.")
    return _check(name, f"{percent}% of the org's daily API calls are left to others")


def _bulk(given: SalesforceSettings) -> Check:
    name, rows = "bulk_above", given.bulk_above
    if rows > ROWS_A_CALL * 10:
        what = f"objects of up to {rows:,} rows take {rows // ROWS_A_CALL:,} calls each"
        return _check(name, what, Verdict.WARNING, f"Use {ROWS_A_CALL:,}: Bulk API 2.0 takes a few calls.")
    return _check(name, f"Bulk API 2.0 above {rows:,} rows")


# --- asked ------------------------------------------------------------------------------------------------


def answers(profile: Profile, known: Known, wanted: ReadOnly[str, Use]) -> Iterator[Check]:
    """Login, API access, calls left and objects, as the org has answered or why it was not asked."""
    asked = known.asked
    if asked is None:
        for name in ("log in", "API access"):
            yield _check(name, known.why_not, Verdict.UNKNOWN)
    elif asked.login is not None:
        yield failed(SALESFORCE, "log in", asked.login)
        yield _check("API access", "needs a login first", Verdict.UNKNOWN)
    else:
        yield from _logged_in(profile, asked)
    yield from objects(known, wanted)


def objects(known: Known, wanted: ReadOnly[str, Use]) -> Iterator[Check]:
    """Whether the user may read, and where states write create and edit, what mappings name."""
    for name, use in wanted.items():
        yield _object(known, name, use)


def _logged_in(profile: Profile, asked: Asked) -> Iterator[Check]:
    assert asked.connection is not None
    yield _check("log in", f"works ({asked.connection.host})")
    if asked.access is not None:
        yield failed(SALESFORCE, "API access", asked.access)
    else:
        count = len(asked.objects or ())
        yield _check("API access", f"version {profile.salesforce.api_version} answers; {count:,} objects")
    yield calls_left(asked.connection.session.usage, profile.salesforce.leave_percent, asked.connection.host)


def calls_left(usage: Usage | None, leave_percent: int, host: str) -> Check:
    """Whether a run would have enough of the org's daily calls."""
    name = "API calls left"
    if usage is None:
        return _check(name, "the org did not say", Verdict.UNKNOWN)
    floor = usage.most * leave_percent // 100
    told = f"{usage.left:,} of {usage.most:,} in 24 hours, {floor:,} of them left to others"
    try:
        check_floor(usage, leave_percent, host)
    except WorkbenchError as error:
        return _check(name, f"{told}: a run would stop at once", Verdict.ERROR, error.fix or "")
    if (usage.left - floor) * 10 < usage.most - floor:
        fix = "Run it later, or lower salesforce.leave_percent."
        return _check(name, f"{told}: a run may have to stop", Verdict.WARNING, fix)
    return _check(name, told)


def _object(known: Known, name: str, use: Use) -> Check:
    title, wanted_by = f"object {name}", lined(use.mappings)
    described = known.salesforce.get(name)
    if described is None and not known.online:
        what = f"not read with a pull yet ({wanted_by})"
        return _check(title, what, Verdict.UNKNOWN)
    if described is None:
        missing = f"the org has no {name}, or this user does not see it; {wanted_by} needs it"
        if not use.on:
            fix = "Nothing stops: its states are off. `workbench schema plan` says what it takes."
            return _check(title, missing, Verdict.WARNING, fix)
        fix = f"{closest(name, known.salesforce)} Or give the user access to it, or switch its states off."
        return _check(title, missing, Verdict.ERROR, fix)
    refused = [
        word
        for key, word in (("queryable", "read"), ("createable", "create"), ("updateable", "edit"))
        if described.get(key) is False and (key == "queryable" or use.writes)
    ]
    if refused:
        what = f"this user may not {' or '.join(refused)} it; {wanted_by} needs that"
        fix = "Give the user's profile or permission set that access, or switch the states off."
        return _check(title, what, Verdict.ERROR if use.on else Verdict.WARNING, fix)
    return _check(title, f"readable{' and writable' if use.writes else ''}; {wanted_by}")


def _check(name: str, detail: str, verdict: Verdict = Verdict.VALID, fix: str = "") -> Check:
    return Check(group=SALESFORCE, kind="setting", name=name, verdict=verdict, detail=detail, fix=fix)
