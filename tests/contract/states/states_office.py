"""A profile with both its systems, whose states are switched, and what was written to either of them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from qbwc import store
from qbwc.service import running_server
from qbwc.session import Limits
from qbwc.simulator import CompanyFile, WebConnector
from qbwc.users import passwords
from tests.contract.states import states_records as records
from workbench import push
from workbench.bench import Bench
from workbench.bench.diff import Diff
from workbench.changes import ChangeSet
from workbench.ledger import OutcomeRow, outcomes
from workbench.profile import SalesforceSettings, write_secrets
from workbench.store import open_store
from workbench.templates import Template, make_profile, template
from workbench.testorg import ConnectedApp, TestOrg, User, running_org
from workbench.testorg.objects import CUSTOM
from workbench.workspace import Workspace

USER = User(username="maria@birch.example", password="p", security_token="t")
APP = ConnectedApp(client_id="app", client_secret="s", run_as=USER.username)
SECRETS = {"salesforce.client_id": APP.client_id, "salesforce.client_secret": APP.client_secret}

ENTITIES = (
    "Customer",
    *(f"Item{kind}" for kind in records.TYPES),
    *records.DOCUMENTS,
    "CreditMemo",
    "ReceivePayment",
    "Account",
    "Vendor",
)
OBJECTS = (
    "Account", "Contact", "Product2", "PricebookEntry", "Opportunity", "OpportunityLineItem", "Receivable__c",
)  # fmt: skip

COMPUTED = frozenset(
    {
        *("SystemModstamp", "LastModifiedDate", "LastModifiedById"),
        *("EditSequence", "TimeModified", "TimeModified_Text"),
        *("Balance", "TotalBalance", "Amount", "ExpectedRevenue", "TotalPrice", "BillingAddress"),
    }
)
"""What a system works out by itself; `Amount` is an opportunity's sum."""

Row = dict[str, Any]
Table = dict[str, Row]
"""Records by key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What became another between two looks at both systems, references told by their labels.

    Attributes:
        made: New records, by object.
        changed: By object and label, the fields that are another now.
        gone: Labels of records that are not there any more, by object.
    """

    made: dict[str, list[Row]]
    changed: dict[str, dict[str, Row]]
    gone: dict[str, list[str]]


@dataclass
class Office:
    """A bench, the org, the company file, and a Web Connector that calls when it is told to."""

    bench: Bench
    template: Template
    org: TestOrg
    company: CompanyFile
    connector: WebConnector
    labels: dict[str, str] = field(default_factory=dict)

    @property
    def workspace(self) -> Workspace:
        return self.bench.workspace

    def only(self, states: Iterable[str]) -> None:
        """Switch these states on, and all others off; by a short way, since it is done for every story."""
        wanted = set(states)
        for mapping in self.workspace.mappings().values():
            assert mapping.path
            before = after = mapping.path.read_text("utf-8")
            for state in mapping.states:
                word = "true" if state.name in wanted else "false"
                place = rf"(^  {state.name}:.*?\bon: )(?:true|false)"
                after = re.sub(place, rf"\g<1>{word}", after, count=1, flags=re.MULTILINE | re.DOTALL)
            if after != before:
                mapping.path.write_text(after, "utf-8")
        on = {each.name for one in self.workspace.mappings().values() for each in one.states if each.on}
        assert on == wanted

    def pull(self) -> None:
        self.bench.pull("salesforce")
        pull = self.workspace.pulls.ask()
        assert self.connector.update_selected().outcome == "done"
        self.workspace.pulls.load_finished()
        assert self.workspace.pulls.outcome(pull)

    def diff(self) -> Diff:
        """Pull, match, close the first matching, and compare."""
        self.pull()
        self.bench.match().close()
        return self.bench.diff()

    def push(self, diff: Diff) -> tuple[ChangeSet, list[OutcomeRow]]:
        """Plan, approve everything that can be written, and push until nothing waits any more."""
        changes = self.bench.plan(diff)
        if not changes.writable:
            return changes.changeset, []
        changes.approve(where="all", by="maria")
        push.start(self.workspace, changes.changeset, by="maria")
        for _ in range(6):
            if not push.advance(self.workspace, changes.id).open:
                break
            self.connector.update_selected()
        return changes.changeset, outcomes(self.workspace.store, changes.id)

    # --- what both sides hold -----------------------------------------------------------------

    def look(self) -> dict[str, Table]:
        """Every record of both sides, by object and key; also learns what to call them."""
        found: dict[str, Table] = {}
        for name in OBJECTS:
            found[name] = {str(row["Id"]): dict(row) for row in self.org.records(name)}
        for name in ENTITIES:
            rows = [dict(row) for row in self.company.records(name)]
            found[name if name != "Account" else "QuickBooks Account"] = {
                str(row.get("ListID") or row["TxnID"]): row for row in rows
            }
        self._call(found)
        return found

    def written(self, before: Mapping[str, Table]) -> Written:
        after = self.look()
        made: dict[str, list[Row]] = {}
        changed: dict[str, dict[str, Row]] = {}
        gone: dict[str, list[str]] = {}
        for name, rows in after.items():
            old = before[name]
            new = [self._told(row) for key, row in rows.items() if key not in old]
            moved = {
                self.labels[key]: self._moved(old[key], row)
                for key, row in rows.items()
                if key in old and self._moved(old[key], row)
            }
            lost = [self.labels[key] for key in old if key not in rows]
            made |= {name: new} if new else {}
            changed |= {name: moved} if moved else {}
            gone |= {name: lost} if lost else {}
        return Written(made=made, changed=changed, gone=gone)

    def crosswalk(self, mapping: str) -> set[tuple[str, str]]:
        """The confirmed pairs of a mapping, by their labels."""
        from workbench.crosswalk import pairs

        return {
            (self.labels[str(row["salesforce_id"])], self.labels[str(row["quickbooks_id"])])
            for row in pairs(self.workspace.store)
            if row["mapping"] == mapping
        }

    def _moved(self, old: Row, new: Row) -> Row:
        return {
            name: self._say(value)
            for name, value in new.items()
            if name not in COMPUTED and self._say(old.get(name)) != self._say(value)
        } | {name: None for name in old if name not in new and name not in COMPUTED}

    def _told(self, row: Row) -> Row:
        return {name: self._say(value) for name, value in row.items()}

    def _say(self, value: Any) -> Any:
        """A value with keys by their labels, numbers as text without needless zeros."""
        if isinstance(value, list):
            return [self._told(dict(each)) for each in value]
        if isinstance(value, bool) or value is None:
            return value
        text = str(value)
        return self.labels.get(text, text)

    def _call(self, found: Mapping[str, Table]) -> None:
        names = self.labels
        for name, rows in found.items():
            for key, row in rows.items():
                if name in ("OpportunityLineItem", "PricebookEntry"):
                    continue
                names[key] = _label(name, row)
                for number, line in enumerate(row.get("lines") or (), start=1):
                    if "TxnLineID" in line:
                        names[str(line["TxnLineID"])] = f"{names[key]}#{number}"
        sold = found["OpportunityLineItem"].values()
        lines = sorted(sold, key=lambda row: (row["OpportunityId"], row["SortOrder"] or 0))
        for owner, group in itertools.groupby(lines, key=lambda row: str(row["OpportunityId"])):
            for number, line in enumerate(group, start=1):
                names[str(line["Id"])] = f"{names[owner]}#{number}"
        for key, row in found["PricebookEntry"].items():
            names[key] = f"price of {names[str(row['Product2Id'])]}"
        names[records.BOOK] = "Standard"


def _label(name: str, row: Row) -> str:
    if "TxnID" in row:
        return f"{name} {row.get('RefNumber')}"
    if name == "Opportunity" and row["Name"] == "Birch Works":  # called after its customer
        return f"{row['Name']} {row['Invoice_Number__c']}"
    return str(row.get("FullName") or row["Name"])


@contextmanager
def running_office(
    folder: Path,
    name: str,
    salesforce: Mapping[str, list[Row]] | None = None,
    quickbooks: Mapping[str, Any] | None = None,
    wrap: Any = None,
) -> Iterator[Office]:
    """A new profile of a template, its org and its company file, all states as the template has them.

    Args:
        salesforce, quickbooks: What both sides hold; the records of the states without.
        wrap: What stands between the org and who calls it.
    """
    seed = records.salesforce() if salesforce is None else dict(salesforce)
    org = TestOrg.open(None, seed=seed, users=[USER], apps=[APP], extra_objects=CUSTOM)
    with org, running_org(org, **({"wrap": wrap} if wrap else {})) as url:
        profile = make_profile(
            folder / "books",
            template_name=name,
            salesforce=SalesforceSettings(url=url, username=USER.username),
        )
        write_secrets(profile, SECRETS)
        workspace = Workspace(profile=profile, store=open_store(profile.store_url))
        company = CompanyFile.create(
            folder / "company.db",
            records.quickbooks() if quickbooks is None else quickbooks,
            clock=lambda: datetime.now(UTC),
        )
        try:
            with running_server(workspace.store.engine, limits=Limits(linger_seconds=0)) as server:
                yield _paired(workspace, org, company, server)
        finally:
            company.close()
            workspace.close()


def _paired(workspace: Workspace, org: TestOrg, company: CompanyFile, server: str) -> Office:
    settings = workspace.profile.quickbooks
    workspace.queue.register(
        user=settings.user, password="correct horse", owner_id=settings.owner_id, file_id=settings.file_id
    )
    with store.writing(workspace.store.engine) as connection:  # a login that costs little
        cheap = passwords.hash_password("correct horse", log_n=2)
        connection.execute(store.users.update().values(password=cheap))
    workspace.queue.open_pairing(10)
    connector = WebConnector(
        company, server, settings.user, "correct horse", owner_id=settings.owner_id,
        file_id=settings.file_id, sleep=lambda _: None,
    )  # fmt: skip
    connector.update_selected()
    assert workspace.queue.paired()
    bench = Bench(workspace, lambda _: None)
    return Office(bench, template(workspace.profile.template), org, company, connector)
