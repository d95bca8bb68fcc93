"""Both systems of the model-based test, an org and a company file with one clock, and all that they hold."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from qbwc import queue, store, users
from qbwc.service import running_server
from qbwc.session import Limits
from qbwc.simulator import CompanyFile, Fault, SessionLog, WebConnector
from qbwc.users import passwords
from tests.faults import model_records as records
from tests.faults.journal import Journal
from tests.unit.profile.bare_profile import bare_profile
from workbench.profile import Profile, SalesforceSettings, seal_key, write_secrets
from workbench.testorg import ConnectedApp, TestOrg, User, running_org

USER = User(username="maria@alder.example", password="p", security_token="t")
APP = ConnectedApp(client_id="app", client_secret="s", run_as=USER.username)
PASSWORD = "correct horse"
OBJECTS = ("Account", "Opportunity", "OpportunityLineItem", "Product2", "PricebookEntry")
ENTITIES = ("Customer", "ItemService", "Invoice")
COMPUTED = frozenset(
    {
        *("attributes", "SystemModstamp", "LastModifiedDate", "LastModifiedById", "CreatedDate", "SortOrder"),
        *("Amount", "ExpectedRevenue", "TotalPrice", "TotalOpportunityQuantity", "HasOpportunityLineItem"),
        *("EditSequence", "TimeCreated", "TimeCreated_Text", "TimeModified", "TimeModified_Text", "SeqNo"),
        *("Balance", "TotalBalance", "Subtotal", "BalanceRemaining", "AppliedAmount", "IsPaid", "TxnNumber"),
        *("BillingAddress", "Probability", "IsClosed", "IsWon", "ForecastCategory", "ForecastCategoryName"),
        *("LastStageChangeDate", "FiscalQuarter", "FiscalYear", "Fiscal", "DueDate", "SalesTaxTotal"),
    }
)
"""What a system works out by itself, besides `..._FullName`, which follows its record."""

Row = dict[str, Any]
Look = dict[str, dict[str, Row]]
"""Records by object and key, with all fields that are no system's own."""


class Clock:
    """The clock of both systems: a second further at every look, so that each act has a stamp of its own."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
        self._turn = threading.Lock()

    def __call__(self) -> datetime:
        with self._turn:
            self.now += timedelta(seconds=1)
            return self.now

    def pass_by(self, minutes: int) -> None:
        with self._turn:
            self.now += timedelta(minutes=minutes)


@dataclass
class Systems:
    """The org and the company file.

    Attributes:
        by_hand: A person edits now: what is saved meanwhile is no push's doing.
        saves: How often each record of the org was saved by a push.
    """

    profile: Profile
    org: TestOrg
    company: Any
    server: str
    clock: Clock
    by_hand: bool = False
    saves: Counter[str] = field(default_factory=Counter)

    def call(self, *faults: Fault) -> SessionLog:
        """Update Selected."""
        settings = self.profile.quickbooks
        connector = WebConnector(
            self.company, self.server, settings.user, PASSWORD, owner_id=settings.owner_id,
            file_id=settings.file_id, faults=faults, keep_documents=False, sleep=lambda _: None,
        )  # fmt: skip
        return connector.update_selected()

    @contextmanager
    def edited(self) -> Iterator[None]:
        """A person is at work in the block."""
        self.by_hand = True
        try:
            yield
        finally:
            self.by_hand = False

    def look(self) -> Look:
        """Everything both systems hold."""
        found: Look = {}
        for name in OBJECTS:
            found[name] = {str(row["Id"]): dict(row) for row in self.org.records(name)}
        for name in ENTITIES:
            rows = [dict(row) for row in self.company.records(name)]
            found[name] = {str(row.get("ListID") or row["TxnID"]): row for row in rows}
        invoices = found["Invoice"].values()
        lines = [dict(line) for invoice in invoices for line in invoice.pop("lines")]
        found["InvoiceLine"] = {str(line["TxnLineID"]): line for line in lines}
        return found

    def _saved(self, name: str, old: Any, new: Any) -> None:
        if not self.by_hand:
            self.saves[str(new["Id"]) if old is not None else f"new {name}"] += 1


def moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The fields of a record that are another now, with both values as plain text."""
    names = dict.fromkeys((*before, *after))
    told = {name: (plain(before.get(name)), plain(after.get(name))) for name in names if own(name)}
    return {name: pair for name, pair in told.items() if pair[0] != pair[1]}


def own(name: str) -> bool:
    """Whether a field is a person's to fill."""
    return name not in COMPUTED and not name.endswith("_FullName") and name != "FullName"


def plain(value: Any) -> str | None:
    """A value as text, the same for equal ones whichever way it came; empty is None."""
    match value:
        case None | "":
            return None
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value.normalize(), "f")
        case datetime() | date():
            return value.isoformat()
    return str(value)


@contextmanager
def running_systems(folder: Path) -> Iterator[Systems]:
    """A new profile with three mappings, its org, its company file and a Web Connector server."""
    clock = Clock()
    org = TestOrg.open(None, seed=records.salesforce(), users=[USER], apps=[APP], clock=clock)
    with org, running_org(org) as url:
        profile = _profile(folder, url)
        engine = store.open_store(profile.store_url)
        queue.seal_with(engine, seal_key(profile))
        file = CompanyFile.create(folder / "company.db", records.quickbooks(), clock=clock)
        try:
            _register(profile, engine)
            with running_server(engine, limits=Limits(linger_seconds=0)) as server:
                systems = Systems(profile, org, Journal(file), server, clock)
                org.before_save.append(systems._saved)
                systems.call()
                yield systems
        finally:
            file.close()
            engine.dispose()


def _profile(folder: Path, url: str) -> Profile:
    salesforce = SalesforceSettings(url=url, username=USER.username)
    profile = bare_profile(folder / "books", salesforce=salesforce, time_zone="America/Los_Angeles")
    write_secrets(
        profile,
        {
            "salesforce.client_id": APP.client_id,
            "salesforce.client_secret": APP.client_secret,
            "quickbooks.password": PASSWORD,
        },
    )
    for name, text in records.MAPPINGS.items():
        (profile.mappings / f"{name}.yaml").write_text(text, "utf-8")
    return profile


def _register(profile: Profile, engine: Any) -> None:
    settings = profile.quickbooks
    store.create_tables(engine)
    users.add_user(
        engine, name=settings.user, password=PASSWORD, company=settings.company, owner_id=settings.owner_id,
        file_id=settings.file_id,
    )  # fmt: skip
    with store.writing(engine) as connection:  # a login that costs little: the test logs in often
        cheap = passwords.hash_password(PASSWORD, log_n=2)
        connection.execute(store.users.update().values(password=cheap))
    users.open_pairing(engine, settings.company, minutes=600)


__all__ = ["Clock", "Look", "Row", "Sequence", "Systems", "moved", "own", "plain", "running_systems"]
