"""A push of 200 changes, killed at each of its writes, to either side; then resumed by the same command.

A round is an org, a company file with its server and Web Connector, a profile, and an approved change set.
The command is killed at one of its writes (`push_child`), then at some more of the next ones, and given once
more without a fault.  In the end the two systems, the outcomes and the crosswalk must be as after a push that
nobody has disturbed, and each change must have been carried out once.

The writes of an undisturbed push are counted first; the rounds then begin at each of them in turn, in an
order that the seed decides.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from qbwc import store as qbwc_store
from qbwc.session import Desk
from qbwc.simulator import CompanyFile
from qbwc.users import passwords
from tests.contract.salesforce.salesforce_office import Office, cells, running_office
from tests.faults.journal import Journal
from tests.faults.tally import Tally
from tests.unit.qbwc_server.qbwc_driver import OWNER, PATH, Connector
from workbench import approval, crosswalk, ledger
from workbench.changes import Answer, Change, ChangeSet, change_id
from workbench.ledger import OutcomeRow, push_row
from workbench.push.quickbooks import request_id

ROOT = Path(__file__).absolute().parents[2]
MODES = ("salesforce", "quickbooks")
WHEN = ("before", "after")
KILLED = (-getattr(signal, "SIGKILL", 9), int(signal.SIGTERM))
"""Exit codes of a process that was killed: here, and on Windows."""

A_ROUND = 2
"""Kills in one round, at most: 300 of them begin at each write of either push, before and after it."""

NEXT_WRITES = 6
"""After the first kill of a round, the next ones strike within so many writes."""

PASSWORD = "correct horse"
STANDARD, PRODUCT, PRICE = "01s000000000001AAA", "01t000000000001AAA", "01u000000000001AAA"
End = Mapping[str, Any]


def run(count: int, seed: int, *, writes: int = 200) -> Tally:
    """Kill pushes of that many changes `count` times."""
    os.environ.setdefault("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    random = Random(seed)
    ends, lengths = {}, {}
    for mode in MODES:
        with _world(mode, writes) as world:
            lengths[mode] = world.push()[1]
            ends[mode] = world.end()
    tally = Tally(more={"by_mode": dict.fromkeys(MODES, 0), "rounds": 0, "writes_of_a_push": lengths})
    points = _points(lengths, random)
    while tally.injected < count:
        mode, when, number = next(points)
        tally.more["rounds"] += 1
        with _world(mode, writes) as world:
            most = min(A_ROUND, count - tally.injected)
            struck = world.struck(when, number, random, most)
            tally.injected += struck
            tally.more["by_mode"][mode] += struck
            world.judge(tally, ends[mode])
    return tally


def _points(lengths: Mapping[str, int], random: Random) -> Iterator[tuple[str, str, int]]:
    """Where rounds begin: every write of each mode, before and after it, again and again."""
    while True:
        found = [(mode, when, n) for mode in MODES for when in WHEN for n in range(1, lengths[mode] + 1)]
        random.shuffle(found)
        yield from found


@dataclass
class _Saves:
    """What the org saved, by object and mark; a before-save trigger."""

    seen: Counter[str] = field(default_factory=Counter)

    def __call__(self, name: str, _old: Any, new: Any) -> None:
        mark = new.get("Fax") if name == "Account" and new.get("Fax") else _mark(new)
        self.seen[f"{name} {mark}"] += 1


@dataclass
class _World:
    """Both systems, a profile between them, and an approved change set."""

    office: Office
    company: Journal
    connector: Any
    saves: _Saves
    changeset: ChangeSet

    # --- pushing ---------------------------------------------------------------------------------------

    def push(self, when: str = "before", number: int = 0) -> tuple[bool, int]:
        """Give the command; answers whether it was killed, and else how many writes it took."""
        command = [sys.executable, "-m", "tests.faults.push_child", str(self.office.profile.folder)]
        with self._web_connector():
            ran = subprocess.run(
                [*command, self.changeset.id, when, str(number)],
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=False,
            )
        if ran.returncode in KILLED:
            return True, 0
        if "Traceback" in ran.stderr or "writes " not in ran.stdout:
            raise RuntimeError(f"a push failed by itself:\n{ran.stdout}\n{ran.stderr}")
        return False, int(ran.stdout.rsplit("writes ", 1)[1])

    def struck(self, when: str, number: int, random: Random, most: int) -> int:
        """Kill the push up to so many times, and then let it come to its end; answers how often it was."""
        count = 0
        while count < most and self.push(when, number)[0]:
            count += 1
            when, number = random.choice(WHEN), random.randint(1, NEXT_WRITES)
        for _ in range(3):
            row = push_row(self.office.workspace.store, self.changeset.id)
            if row is not None and row.finished_at is not None:
                break
            self.push()
        return count

    @contextmanager
    def _web_connector(self) -> Iterator[None]:
        """A Web Connector that calls again and again while the block runs."""
        ended = threading.Event()
        self.connector.wait = lambda: time.sleep(0.02)

        def call() -> None:
            while not ended.wait(0.02):
                self.connector.update()

        thread = threading.Thread(target=call)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    # --- what has become of it ---------------------------------------------------------------------------

    def end(self) -> End:
        """Both systems, outcomes and crosswalk, in names that are the same in every round."""
        store = self.office.workspace.store
        names = {row["Id"]: _mark(row) for rows in self._org().values() for row in rows}
        customers = self.company.records("Customer")
        invoices = self.company.records("Invoice")
        names |= {row["ListID"]: str(row["FullName"]) for row in customers}
        names |= {row["TxnID"]: str(row["RefNumber"]) for row in invoices}
        told = {row.change: row for row in ledger.outcomes(store, self.changeset.id)}
        pairs = [
            (pair["mapping"], pair["salesforce_id"], names.get(pair["quickbooks_id"], "a line"))
            if str(pair["mapping"]) == "to quickbooks"
            else (pair["mapping"], names.get(pair["salesforce_id"]), pair["quickbooks_id"])
            for pair in crosswalk.pairs(store)
        ]
        row = push_row(store, self.changeset.id)
        return {
            "stage": (row.stage, row.reason) if row else None,
            "outcomes": sorted(
                (each.label, each.object, told[each.id].state) for each in self.changeset.changes
            ),
            "crosswalk": sorted(pairs, key=str),
            "Salesforce": {
                name: sorted(_told(row, names) for row in rows) for name, rows in self._org().items()
            },
            "customers": sorted((row["FullName"], str(row.get("Phone"))) for row in customers),
            "invoices": sorted(
                (row["RefNumber"], names[row["CustomerRef_ListID"]], len(row["lines"]), str(row["Subtotal"]))
                for row in invoices
            ),
        }

    def judge(self, tally: Tally, wanted: End) -> None:
        """Count each change, and compare the end with that of a push that nobody has disturbed."""
        told = {row.change: row for row in ledger.outcomes(self.office.workspace.store, self.changeset.id)}
        tally.writes += len(self.changeset.changes)
        asked = set()
        for change in self.changeset.changes:
            name, times = self._times(change)
            asked.add(name)
            _judge_one(tally, change, told[change.id], times)
        for name in {*self.company.done, *self.saves.seen} - asked:
            tally.found("unapproved", f"{name} was carried out, and nobody had asked for it")
        found = self.end()
        for part in wanted:
            if found[part] != wanted[part]:
                tally.found("lost", f"the {part} in the end: {_difference(wanted[part], found[part])}")

    def _times(self, change: Change) -> tuple[str, int]:
        """What the system has in its memory for a change, and how often it has carried it out."""
        if change.side == "quickbooks":
            name = request_id(self.changeset.id, change.id)
            return name, self.company.done[name]
        name = f"{change.object} {change.values.get('Fax') or _mark(change.values) or change.label}"
        return name, self.saves.seen[name]

    def _org(self) -> dict[str, list[dict[str, Any]]]:
        names = ("Account", "Opportunity", "OpportunityLineItem")
        return {name: [dict(row) for row in self.office.org.records(name)] for name in names}


def _judge_one(tally: Tally, change: Change, row: OutcomeRow, times: int) -> None:
    where = f"{change.object} {change.label}: told {row.state} ({row.detail}), carried out {times} times"
    if times > 1:
        tally.found("doubled", where)
    elif row.state == "applied" and times == 1:
        tally.applied_once += 1
    elif row.state == "unknown":
        tally.unknown += 1
    else:
        tally.found("lost", where)


def _mark(row: Mapping[str, Any]) -> str:
    """What no two records of an object share."""
    return str(row.get("QuickBooks_Line_Id__c") or row.get("Name") or "")


def _told(row: Mapping[str, Any], names: Mapping[Any, str]) -> tuple[str, ...]:
    wanted = (
        "Name",
        "Phone",
        "Fax",
        "QuickBooks_Id__c",
        "QuickBooks_Line_Id__c",
        "Quantity",
        "OpportunityId",
    )
    return tuple(names.get(row.get(name), str(row.get(name))) for name in wanted)


def _difference(wanted: Any, found: Any) -> str:
    if isinstance(wanted, dict):
        name = next(each for each in wanted if wanted[each] != found[each])
        return f"{name}: {_difference(wanted[name], found[name])}"
    if not isinstance(wanted, list):
        return f"wanted {wanted}, found {found}"
    missing = [each for each in wanted if each not in found][:2]
    more = [each for each in found if each not in wanted][:2]
    return f"missing {missing}, more than wanted {more}, {len(wanted)} and {len(found)}"


# --- the world of a round --------------------------------------------------------------------------------


@contextmanager
def _world(mode: str, writes: int) -> Iterator[_World]:
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        folder = Path(name)
        company = CompanyFile.create(folder / "company.db", _books(writes))
        try:
            with running_office(folder, _org(writes)) as office:
                yield _begun(office, company, mode, writes)
        finally:
            company.close()


def _begun(office: Office, company: CompanyFile, mode: str, writes: int) -> _World:
    """Paired, pulled, planned by hand, and approved."""
    engine, settings = office.workspace.store.engine, office.profile.quickbooks
    office.workspace.queue.register(
        user=settings.user, password=PASSWORD, owner_id=OWNER, file_id=settings.file_id
    )
    with qbwc_store.writing(
        engine
    ) as connection:  # a login that costs nothing: the Web Connector logs in often
        connection.execute(
            qbwc_store.users.update().values(password=passwords.hash_password(PASSWORD, log_n=2))
        )
    office.workspace.queue.open_pairing(600)
    company.stamp(OWNER, settings.file_id)
    journal = Journal(company)
    connector: Any = Connector  # its module is not annotated
    called = connector(Desk(engine), journal, user=settings.user, path=PATH)
    called.update()
    office.pull()
    saves = _Saves()
    office.org.before_save.append(saves)
    made = _to_salesforce(office, writes) if mode == "salesforce" else _to_quickbooks(office, company, writes)
    changeset = office.saved(*made)
    approval.approve(
        office.workspace.store,
        office.workspace.own_keys,
        changeset=changeset.id,
        content_hash=changeset.content_hash,
        changes=changeset.by_id,
        by="maria",
    )
    return _World(office, journal, called, saves, changeset)


def _org(writes: int) -> dict[str, list[dict[str, Any]]]:
    accounts = [
        {"Id": f"001{number:012}AAA", "Name": f"Old {number}", "Phone": f"555-{number}"}
        for number in range(1, writes + 1)
    ]
    price = {
        "Id": PRICE,
        "Pricebook2Id": STANDARD,
        "Product2Id": PRODUCT,
        "UnitPrice": "80.00",
        "IsActive": True,
    }
    return {
        "Account": accounts,
        "Pricebook2": [{"Id": STANDARD, "Name": "Standard", "IsStandard": True, "IsActive": True}],
        "Product2": [{"Id": PRODUCT, "Name": "Guiding", "IsActive": True}],
        "PricebookEntry": [price],
    }


def _books(writes: int) -> dict[str, Any]:
    return {
        "Company": {"CompanyName": "Faulty & Sons", "FileName": PATH},
        "Account": [
            {"Name": "Sales", "AccountType": "Income"},
            {"Name": "Receivable", "AccountType": "AccountsReceivable"},
        ],
        "Customer": [{"Name": f"Old {n}", "Phone": f"555-{n}"} for n in range(1, writes + 1)],
        "ItemService": [
            {
                "Name": "Guiding",
                "SalesOrPurchase_Price": "80.00",
                "SalesOrPurchase_AccountRef_FullName": "Sales",
            }
        ],
    }


def _to_salesforce(office: Office, writes: int) -> list[Change]:
    """Half updates, new Accounts with a key, and Opportunities with their lines."""
    found = [office.update("Account", f"001{n:012}AAA", Fax=f"556-{n}") for n in range(1, writes // 2 + 1)]
    for number in range(max(1, writes // 25)):
        found += _deal(office, number)
    found += [
        office.create("Account", f"a-{n}", Name=f"New {n}", QuickBooks_Id__c=f"a-{n}")
        for n in range(writes - len(found))
    ]
    return found


def _deal(office: Office, number: int) -> list[Change]:
    parent = office.create(
        "Opportunity", f"o-{number}", Name=f"Deal {number}", AccountId=f"001{number + 1:012}AAA",
        StageName="Closed Won", CloseDate=date(2026, 3, 2), QuickBooks_Id__c=f"o-{number}",
    )  # fmt: skip
    lines = [
        office.create(
            "OpportunityLineItem", f"l-{number}-{n}", OpportunityId=Answer(parent.id, "Id"),
            PricebookEntryId=PRICE, QuickBooks_Line_Id__c=f"l-{number}-{n}", Quantity=Decimal(n),
            UnitPrice=Decimal("12.50"),
        )
        for n in (1, 2)
    ]  # fmt: skip
    return [parent, *lines]


def _to_quickbooks(office: Office, company: CompanyFile, writes: int) -> list[Change]:
    """Changed customers; new ones with a job and an invoice, and their keys written back to Salesforce."""
    customers = {row["Name"]: row for row in company.records("Customer")}
    (item,) = company.records("ItemService")
    found = [_changed(customers[f"Old {n}"], Phone=f"888-{n}") for n in range(1, writes // 2 + 1)]
    number = 0
    while len(found) < writes:
        number += 1
        new = _new("Customer", f"c-{number}", Name=f"New {number}")
        line = {"ItemRef_ListID": item["ListID"], "Quantity": Decimal(number), "Rate": Decimal("12.50")}
        key = Answer(new.id, "ListID")
        found += [
            new,
            _new("Customer", f"j-{number}", Name=f"Job {number}", ParentRef_ListID=key),
            _new("Invoice", f"i-{number}", line, RefNumber=f"N-{number}", CustomerRef_ListID=key),
            office.update("Account", f"001{number:012}AAA", QuickBooks_Id__c=key, Fax=f"9-{number}"),
        ]
    return found[:writes]


def _changed(row: Mapping[str, Any], **values: Any) -> Change:
    return Change(
        id=change_id("by hand", "quickbooks", "Customer", row["ListID"]), mapping="to quickbooks",
        side="quickbooks", object="Customer", action="update", record=row["ListID"], label=str(row["Name"]),
        version=row["EditSequence"], source_id=f"SF {row['Name']}", cells=cells(values, row),
    )  # fmt: skip


def _new(object_: str, source: str, *lines: Mapping[str, Any], **values: Any) -> Change:
    needs = [
        value.change for each in (values, *lines) for value in each.values() if isinstance(value, Answer)
    ]
    return Change(
        id=change_id("by hand", "quickbooks", object_, f"from {source}"), mapping="to quickbooks",
        side="quickbooks", object=object_, action="create", record=None, label=source, version=None,
        source_id=source, cells=cells(values, {}), lines=tuple(lines),
        line_sources=tuple(f"{source}.{n}" for n, _ in enumerate(lines, 1)),
        depends_on=tuple(dict.fromkeys(needs)), links=True,
    )  # fmt: skip
