"""Step 1: the org's address, the way to log in and its secrets, tried at once."""

from __future__ import annotations

import os

from workbench.asking import Asker, Question
from workbench.connections.salesforce import SalesforceConnection
from workbench.errors import WorkbenchError
from workbench.profile import (
    SALESFORCE_LOGINS,
    Profile,
    SalesforceSettings,
    change_settings,
    checks,
    secret_variable,
    write_secrets,
)
from workbench.profile.writing import Value
from workbench.quickstart.steps import Context, Standing, Step, done, explained, to_do, trouble, without_user
from workbench.validate.checks import Check, Verdict
from workbench.validate.salesforce import EXAMPLE, OPTIONAL, settings

LOGINS = {
    "client_credentials": "an External Client App with a run-as user; for servers and schedules",
    "jwt": "an app with a certificate; no shared secret",
    "password": "user, password and security token; new orgs have it off, and it ends in Summer '27",
    "access_token": "a token that one has; for scripts, and not renewed",
}
HELP = {
    "client_credentials": "In Setup > External Client App Manager make an app with OAuth, the scope api "
    "and the client credentials flow, and choose its run-as user. Key and secret stand in its settings.",
    "jwt": "In Setup > External Client App Manager make an app with the JWT bearer flow, upload the "
    "certificate, and pre-authorize the user. The README says how a key is made.",
    "password": "The security token was mailed to the user; a new password means a new token. A refused "
    "login is not repeated by itself, because Salesforce locks the user out.",
    "access_token": "A token ends after some hours.",
}
"""What to do in Salesforce; names in Setup as its documentation has them (unverified in each edition)."""

ASKED = {
    "client_id": "consumer key of the app",
    "client_secret": "consumer secret of the app",
    "password": "password of the user",
    "security_token": "security token (none for trusted addresses)",
    "access_token": "access token",
}
WITH_USER = ("jwt", "password")
KEY_FILE = "data/key.pem"


def standing(context: Context) -> Standing:
    """Complete settings that the org takes; one login, none with secrets that were refused before."""
    profile = context.profile()
    if EXAMPLE in profile.salesforce.url:
        return to_do("no address and no login yet")
    missing = [check for check in settings(profile) if check.verdict is Verdict.ERROR]
    if missing:
        return to_do("; ".join(_told(check) for check in missing))
    try:
        connection = SalesforceConnection(profile)
        connection.describe_objects()
    except WorkbenchError as error:
        return trouble(error.what, error.fix or "")
    return done(f"connection settings are valid ({connection.host})")


def walk(context: Context, asker: Asker) -> None:
    """Ask until the org takes the login; what was answered stays, and only what is wrong is typed again."""
    while True:
        try:
            profile = _asked(context, asker)
            host = _tried(profile)
        except WorkbenchError as error:
            asker.refused(error)
            continue
        asker.tell(f"✓ Connection settings are valid ({host})")
        return


def _asked(context: Context, asker: Asker) -> Profile:
    given = context.profile().salesforce
    url_question, login_question, user, key_file = _questions(given)
    url = asker.ask(url_question)
    asker.tell(explained(LOGINS))
    login = asker.ask(login_question)
    asker.tell(HELP[login])
    changes: dict[tuple[str, ...], Value] = {("salesforce", "url"): url, ("salesforce", "login"): login}
    if login in WITH_USER:
        changes["salesforce", "username"] = asker.ask(user)
    if login == "jwt":
        changes["salesforce", "key_file"] = asker.ask(key_file)
    profile = change_settings(context.profile().folder, changes)
    _ask_secrets(profile, asker)
    return profile


def _questions(given: SalesforceSettings) -> tuple[Question, Question, Question, Question]:
    return (
        Question(
            key="salesforce.url",
            text="Address of the org (Setup > My Domain)",
            default=None if EXAMPLE in given.url else given.url,
            check=lambda text: without_user(text, "salesforce", "url") or checks.address(text),
        ),
        Question(
            key="salesforce.login",
            text="Way to log in",
            default=given.login,
            choices=tuple(SALESFORCE_LOGINS),
        ),
        Question(key="salesforce.username", text="Salesforce user name", default=given.username),
        Question(
            key="salesforce.key_file",
            text="PEM file with the private key, below the profile's folder",
            default=given.key_file or KEY_FILE,
        ),
    )


def _ask_secrets(profile: Profile, asker: Asker) -> None:
    """Ask for the login's secrets, hidden; an empty answer keeps what is set."""
    if unknown := profile.unknown_secrets():
        asker.tell(f"! data/secrets.yaml has names that nothing looks up: {', '.join(unknown)}")
    for name in SALESFORCE_LOGINS[profile.salesforce.login]:
        if name == "private_key":
            continue  # a file holds it
        key = f"salesforce.{name}"
        if os.environ.get(secret_variable(key)):
            asker.tell(f"{ASKED[name].capitalize()}: is set in the environment ({secret_variable(key)})")
            continue
        known = profile.secret_if_set(key) is not None
        optional = name in OPTIONAL
        keeps = " (Enter keeps what is set)" if known else " (Enter for none)" if optional else ""
        answer = asker.ask(
            Question(
                key=key,
                text=f"{ASKED[name].capitalize()}{keeps}",
                default="" if known or optional else None,
                secret=True,
            )
        )
        if answer:
            write_secrets(profile, {key: answer})


def _tried(profile: Profile) -> str:
    """Log in, once, and ask the API something; answer the host."""
    connection = SalesforceConnection(profile, again=True)  # a person asks
    connection.describe_objects()
    return connection.host


def _told(check: Check) -> str:
    return f"{check.name}: {check.detail}"


STEP = Step(
    name="salesforce",
    title="Salesforce",
    does="The org's address and how to log in; tried at once. Nothing is added to the org.",
    keys=("salesforce.url", "salesforce.login", "salesforce.username", "salesforce.key_file"),
    secrets=tuple(f"salesforce.{name}" for name in ASKED),
    standing=standing,
    walk=walk,
    questions=lambda context: _questions(context.profile().salesforce),
)
