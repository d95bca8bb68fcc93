"""What a profile says: the org, the company file, and what is told to whom."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import ProfileError
from workbench.profile.places import refuse_readable_by_others
from workbench.profile.secretfile import SEAL, SECRETS_FILE, from_keyring, read_secrets, secret_variable

MOST = 65_535
"""The highest port; as minutes it is six weeks."""

SALESFORCE_LOGINS: Mapping[str, tuple[str, ...]] = {
    "client_credentials": ("client_id", "client_secret"),
    "jwt": ("client_id", "private_key"),
    "password": ("password", "security_token"),
    "access_token": ("access_token",),
}
"""Login kinds and the secrets each of them needs, the best first.

`private_key` is not needed where `salesforce.key_file` names the file; `password` is SOAP login, which ends
in Summer '27; `access_token` is for scripts that have one already.
"""

COLUMNS = ("mapped", "all")
"""Which columns of QuickBooks are read."""

LOG_LEVELS = ("NONE", "DEBUG", "VERBOSE", "ALL")
"""How much of the Web Connector's calls is written down, as QBWC calls it; ALL holds customers' rows."""

RESULTS: Mapping[str, str] = {
    "failures": "a run that failed",
    "needs_person": "a run that waits for a person or an answer",
    "differences": "a run that found differences",
    "clean": "a run that found nothing to do",
}
"""What a run can come to, as the exit codes 1, 3, 2 and 0 do."""

MAILED = ("failures", "needs_person")
"""Results that are mailed when nobody says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesforceSettings:
    """How to reach the org, and how gently.

    Attributes:
        url: The org's My Domain host (sandboxes and custom hosts too), the login host, or a loopback address.
        login: One of `SALESFORCE_LOGINS`.
        username: Who logs in, for `jwt` and `password`.
        key_file: PEM file with the private key for `jwt`, relative to the profile folder; readable by its
            user only.
        audience: What a JWT says it is for; guessed from `url` without it.
        bulk_above: Rows above which an object is read, or changes are written, through Bulk API 2.0.
        leave_percent: Share of the org's daily API calls that is left to others: a run stops before.
        allow_duplicates: Save records although a duplicate rule of the org warns (rules that block still
            do); a person's choice, never made by the workbench.
    """

    url: str
    login: str = "client_credentials"
    username: str | None = None
    api_version: str = "64.0"
    key_file: str | None = None
    audience: str | None = None
    bulk_above: int = 2_000
    leave_percent: int = 20
    allow_duplicates: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickBooksSettings:
    """How the Web Connector reaches us, and which company file this profile is about.

    Attributes:
        company: Our own name of the company in the queue.
        owner_id: GUID of this application, the same for ever (.qwc OwnerID).
        file_id: GUID of this company file (.qwc FileID), one per profile.
        user: Name the Web Connector logs in with.
        host, port: Where the server listens.
        connector_url: How the Web Connector reaches the server when it runs on another computer, e.g.
            'https://books.example.lan:8585/qbwc'; http://localhost:PORT/qbwc without it.
        certificate, key: PEM files for https, relative to the profile folder.  Without them `workbench up`
            makes some when others can reach `host`.
        run_every_minutes: What the .qwc file suggests for Auto-Run; 0 suggests nothing.
        unattended: The Web Connector is to work while QuickBooks is closed.
        pull_every_minutes: Age after which a session with nothing queued pulls by itself.
        wait_minutes: How long a pull waits for the Web Connector before it gives up.
        columns: 'mapped' reads the columns that the mappings use, with names, references and times; 'all'
            reads every column, and balances and the like of all records with each pull, because they change
            without the record's modification time.
        keep_answers_days: How long QuickBooks' answers are kept as they came, after they were loaded.
        prove_counts: A pull must have as many records as QuickBooks itself counts; false only logs it.
        time_zone: Zone of the QuickBooks machine, e.g. 'America/New_York': the winner `newest` compares
            modification times and leaves them to a person without it.
    """

    company: str
    owner_id: str
    file_id: str
    user: str = "workbench"
    host: str = "127.0.0.1"
    port: int = 8585
    connector_url: str | None = None
    certificate: str | None = None
    key: str | None = None
    run_every_minutes: int = 15
    unattended: bool = False
    pull_every_minutes: int = 60
    wait_minutes: float = 30.0
    columns: str = "mapped"
    keep_answers_days: float = 7.0
    prove_counts: bool = True
    time_zone: str | None = None

    @property
    def url(self) -> str:
        """The AppURL of the .qwc file; QBWC refuses bare IP addresses (QBWC1001)."""
        scheme = "https" if self.certificate else "http"
        return self.connector_url or f"{scheme}://localhost:{self.port}/qbwc"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalSettings:
    """What is asked of an approval.

    Attributes:
        four_eyes: Who has made a change set may not approve it.
    """

    four_eyes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PushSettings:
    """When a push stops by itself.

    Attributes:
        stop_percent: Share of failed changes, of those applied or failed so far, above which nothing more is
            sent; a few failures never count, and 100 never stops.  Surprises stop a push in any case.
    """

    stop_percent: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a profile folder says.

    Attributes:
        master: The preset of states that was chosen last; the states themselves stand in the mappings.
        log_level: One of `LOG_LEVELS`: what `workbench up` writes of the Web Connector's calls.
        email: Who gets the results of runs; None for nobody.
        email_results: Which results, of `RESULTS`.
        schedule: When to run, as '06:00' or 'Mon-Fri 22:30', local time of this machine.
        approval, push: Sections that a profile may have.
    """

    name: str
    folder: Path
    template: str
    master: str
    salesforce: SalesforceSettings
    quickbooks: QuickBooksSettings
    store_url: str
    log_level: str = LOG_LEVELS[0]
    email: str | None = None
    email_results: tuple[str, ...] = MAILED
    schedule: tuple[str, ...] = ()
    approval: ApprovalSettings = ApprovalSettings()
    push: PushSettings = PushSettings()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def mappings(self) -> Path:
        return self.folder / "mappings"

    @property
    def snapshots(self) -> Path:
        return self.data / "snapshots"

    @property
    def derived(self) -> Path:
        return self.data / "derived"

    @property
    def runs(self) -> Path:
        return self.data / "runs"

    def secret(self, name: str) -> str:
        """Answer a secret such as `salesforce.client_secret`.

        Looks at the environment (`WORKBENCH_SALESFORCE_CLIENT_SECRET`), then at data/secrets.yaml, then at
        the keyring (service `workbench:` and the profile's name).

        Raises:
            ProfileError: It is in none of these, or the file can be read by others.
        """
        found = self.secret_if_set(name)
        if found is None:
            file = self.data / SECRETS_FILE
            raise ProfileError(
                f"the secret {name} is not set",
                where=str(self.folder),
                fix=f"Set {secret_variable(name)} in the environment, or put `{name}: ...` into {file}.",
            )
        return found

    def secret_if_set(self, name: str) -> str | None:
        """Answer a secret, or None where nobody has set it."""
        if value := os.environ.get(secret_variable(name)):
            return value
        secrets = read_secrets(self.data / SECRETS_FILE)
        return secrets[name] if name in secrets else from_keyring(f"workbench:{self.name}", name)

    def unknown_secrets(self) -> tuple[str, ...]:
        """Answer names in data/secrets.yaml that nothing looks up, most likely misspelled; never values.

        Raises:
            ProfileError: The file can be read by others, or is broken.
        """
        known = {f"salesforce.{name}" for names in SALESFORCE_LOGINS.values() for name in names}
        known |= {"quickbooks.password", SEAL}
        return tuple(name for name in read_secrets(self.data / SECRETS_FILE) if name not in known)

    def key_text(self) -> str:
        """Answer the private key for `jwt`: of `key_file`, or the secret `salesforce.private_key`.

        Raises:
            ProfileError: There is none, or the file can be read by others.
        """
        if self.salesforce.key_file is None:
            return self.secret("salesforce.private_key")
        path = self.folder / Path(self.salesforce.key_file).expanduser()
        if not path.is_file():
            raise ProfileError(
                "there is no such key file",
                where=str(path),
                fix="Correct salesforce.key_file in profile.yaml.",
            )
        refuse_readable_by_others(path, "the file with the private key")
        return path.read_text(encoding="utf-8")

    @property
    def inactive(self) -> dict[str, str]:
        """Settings that are stored and do nothing yet, in words by their name; empty ones are left out."""
        found = {}
        if self.email:
            results = ", ".join(self.email_results) or "nothing"
            found["email"] = f"{self.email} is to get {results}; not active yet: no mail is sent"
        if self.schedule:
            found["schedule"] = f"{', '.join(self.schedule)}; not active yet: nothing runs by itself"
        return found
