"""A profile, its server and a company file with a Web Connector, for stories about pulls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from lxml import etree

from qbwc import queue, store
from qbwc.qbxml import build_query, message_set, parse_records
from qbwc.service import running_server
from qbwc.session import Limits
from qbwc.simulator import CompanyFile, SessionLog, WebConnector
from qbwc.users import passwords
from tests.oracles import FOLDER
from tests.unit.profile.bare_profile import bare_profile
from workbench import snapshots
from workbench.connections import quickbooks_reading as reading
from workbench.pull import QuickBooksPull
from workbench.snapshots import Snapshot
from workbench.store import open_store
from workbench.workspace import Workspace

ENTITIES = (
    "Customer",
    "Vendor",
    "Employee",
    "OtherName",
    "Item",
    "Invoice",
    "Account",
    "Terms",
    "SalesTaxCode",
)

SEED: dict[str, Any] = {
    "Company": {"CompanyName": "Alder & Sons", "FileName": "C:\\QB\\alder.qbw"},
    "StandardTerms": [{"Name": "Net 30", "StdDueDays": 30}],
    "SalesTaxCode": [{"Name": "Tax", "IsTaxable": True}],
    "Account": [
        {"Name": "Sales", "AccountType": "Income"},
        {"Name": "Receivable", "AccountType": "AccountsReceivable"},
    ],
    "Vendor": [{"Name": "Vine Supplies"}],
    "Employee": [{"Name": "Eva Elm"}],
    "OtherName": [{"Name": "Oskar Oak"}],
    "Customer": [
        {"Name": "Birch", "TermsRef_FullName": "Net 30", "BillAddress_City": "Salem", "Phone": "1"},
        {"Name": "Kitchen", "ParentRef_FullName": "Birch"},
        {"Name": "Stove", "ParentRef_FullName": "Birch:Kitchen"},
        {"Name": "Cedar"},
        {"Name": "Gone", "IsActive": False},
    ],
    "ItemService": [
        {
            "Name": "Consulting",
            "SalesOrPurchase_Price": "33.33",
            "SalesOrPurchase_AccountRef_FullName": "Sales",
        }
    ],
    "ItemNonInventory": [{"Name": "Nails", "SalesAndPurchase_SalesPrice": "0.005"}],
    "Invoice": [
        {
            "CustomerRef_FullName": "Birch",
            "RefNumber": "1",
            "TxnDate": "2026-01-03",
            "lines": [{"ItemRef_FullName": "Consulting", "Quantity": 3}, {"ItemRef_FullName": "Nails"}],
        },
        {
            "CustomerRef_FullName": "Birch:Kitchen",
            "RefNumber": "2",
            "TxnDate": "2026-01-04",
            "lines": [{"ItemRef_FullName": "Nails", "Quantity": 7}],
        },
    ],
}


class Clock:
    """The clock of the QuickBooks machine; it moves when it is told to."""

    def __init__(self, now: datetime | None = None) -> None:
        self.now = now or datetime(2026, 2, 1, 20, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


class Watched:
    """A session with QuickBooks during which somebody else works in the company file."""

    def __init__(self, session: Any, before: Callable[[str], None]) -> None:
        self._session, self._before = session, before

    def process(self, document: str) -> str:
        self._before(document)
        return str(self._session.process(document))


@dataclass
class Office:
    """A workspace, the company file, and a Web Connector that calls when it is told to.

    Attributes:
        meanwhile: Called before QuickBooks gets a message set, with its text.
    """

    workspace: Workspace
    company: CompanyFile
    clock: Clock
    connector: WebConnector
    meanwhile: list[Callable[[str], None]] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    wanted: Callable[[], reading.Wanted] = reading.everything

    @property
    def pulls(self) -> QuickBooksPull:
        workspace = self.workspace
        profile = workspace.profile
        prove = profile.quickbooks.prove_counts
        return QuickBooksPull(workspace.store, workspace.queue, profile.snapshots, self.wanted, prove)

    def call(self) -> SessionLog:
        """Update Selected."""
        log = self.connector.update_selected()
        self.sent = [exchange.request for exchange in log.exchanges]
        return log

    def pull(self, *, full: bool = False) -> Snapshot:
        """Ask, let the Web Connector call, and load; fails as the pull fails."""
        pull = self.pulls.ask(full=full)
        assert self.call().outcome == "done"
        self.pulls.load_finished()
        found = self.pulls.outcome(pull)
        assert found is not None
        return snapshots.snapshot(self.workspace.store, found)

    def before_query(self, entity: str, work: Callable[[], object], *, which: int = 1) -> None:
        """Do something before QuickBooks gets the message set with this query for the n-th time."""
        left = [which]

        def look(document: str) -> None:
            if f"<{entity}QueryRq" in document:
                left[0] -= 1
                if left[0] == 0:
                    work()

        self.meanwhile.append(look)

    def rows(self, snapshot: Snapshot, table: str) -> list[dict[str, Any]]:
        with snapshots.open_reader([snapshot]) as connection:
            cursor = connection.execute(f'FROM quickbooks."{table}"')
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def changed(self, snapshot: Snapshot) -> dict[str, int]:
        return {entity: count for entity, count in snapshot.reading["changed"].items() if count}

    def deleted(self, snapshot: Snapshot) -> list[tuple[str, str, str]]:
        return sorted((row["table"], row["key"], row["evidence"]) for row in self.rows(snapshot, "_deleted"))

    def key(self, entity: str, name: str) -> str:
        row = self.company.record(entity, name)
        return str(row.get("ListID") or row["TxnID"])

    def agrees(self, snapshot: Snapshot) -> None:
        """Every table holds exactly what stands in the company file now."""
        with snapshots.open_reader([snapshot]) as connection:
            for entity in ENTITIES:
                if entity in snapshot.reading["include"]:
                    self._agrees(connection, snapshot, entity)

    def _agrees(self, connection: Any, snapshot: Snapshot, entity: str) -> None:
        document = message_set([build_query(entity, request_id="1", owner_ids=_owners(entity))])
        wanted: dict[str, list[dict[str, Any]]] = {table: [] for table in reading.tables(entity)}
        for record in parse_records(self.company.process(document)):
            for table, row in reading.rows(record, entity, snapshot.reading["definitions"]):
                wanted[table].append(row)
        for table, rows in wanted.items():
            names = [name for name, _ in snapshot.reading["columns"][table]]
            chosen = ", ".join(f'"{name}"' for name in names)
            found = connection.execute(f'SELECT {chosen} FROM quickbooks."{table}"').fetchall()
            assert sorted(found, key=str) == _sorted(rows, names), table
            assert snapshot.counts[table] == len(rows), table


def _owners(entity: str) -> tuple[str, ...]:
    return () if entity in ("Terms", "SalesTaxCode") else ("0",)


def _sorted(rows: list[dict[str, Any]], names: list[str]) -> list[tuple[Any, ...]]:
    return sorted((tuple(row.get(name) for name in names) for row in rows), key=str)


def _schema() -> etree.XMLSchema | None:
    path = FOLDER / "qbxml" / "requests" / "qbxmlops130.xsd"
    return etree.XMLSchema(etree.parse(path)) if path.exists() else None


_SCHEMA = _schema()


@contextmanager
def running_office(
    folder: Path, seed: dict[str, Any] | None = None, clock: Clock | None = None, **settings: Any
) -> Iterator[Office]:
    """A new profile with a real server, and a company file that is paired."""
    profile = bare_profile(folder / "profile", **settings)
    workspace = Workspace(profile=profile, store=open_store(profile.store_url))
    quickbooks = profile.quickbooks
    workspace.queue.register(
        user=quickbooks.user,
        password="correct horse",
        owner_id=quickbooks.owner_id,
        file_id=quickbooks.file_id,
    )
    with store.writing(workspace.store.engine) as connection:  # a login that costs little
        cheap = passwords.hash_password("correct horse", log_n=2)
        connection.execute(store.users.update().values(password=cheap))
    workspace.queue.open_pairing(10)
    machine = clock or Clock()
    company = CompanyFile.create(folder / "company.db", seed or SEED, clock=machine)
    try:
        with running_server(workspace.store.engine, limits=Limits(linger_seconds=0)) as url:
            connector = WebConnector(
                company, url, quickbooks.user, "correct horse", owner_id=quickbooks.owner_id,
                file_id=quickbooks.file_id, sleep=lambda _: None,
            )  # fmt: skip
            office = Office(workspace, company, machine, connector)
            _watch(office)
            office.call()
            assert workspace.queue.paired()
            yield office
    finally:
        company.close()
        workspace.close()


def _watch(office: Office) -> None:
    """Every message set passes the published schema, and `meanwhile` sees it first."""
    opened = office.company.session

    def before(document: str) -> None:
        if _SCHEMA is not None:
            _SCHEMA.assertValid(etree.fromstring(document.encode()))
        for work in list(office.meanwhile):
            work(document)

    office.company.session = lambda **more: Watched(opened(**more), before)  # type: ignore[method-assign]


def requests(office: Office, pull: str) -> list[queue.RequestRow]:
    company = office.workspace.profile.quickbooks.company
    return list(queue.requests(office.workspace.store.engine, company, group=pull))
