"""An org and a company file that lack what two small mappings want, and a Web Connector to hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qbwc.qbxml import build_query, message_set, parse_records
from qbwc.simulator import Fault
from tests.contract.pull import pull_office
from tests.contract.salesforce.salesforce_office import APP, SECRETS, USER, Clock
from workbench.bench.bench import Bench
from workbench.bench.schema import Applied, Schema
from workbench.profile import SalesforceSettings, write_secrets
from workbench.testorg import OrgSettings, TestOrg, running_org

ACCOUNTS = """\
mapping: account-customer
salesforce: {object: Account, label: Name}
quickbooks: {object: Customer, label: FullName, where: "Sublevel = 0"}
states:
  AccountToCustomer: {to: quickbooks, on: true}
  CustomerToAccount: {to: salesforce, on: true}
operations: {salesforce: [add, modify], quickbooks: [add, modify]}
winner: quickbooks
match:
  - {rule: quickbooks-id, field: quickbooks_id, how: exact, accept: true}
  - {rule: name, field: name, how: exact, accept: true}
fields:
  name: {salesforce: Name, quickbooks: Name, type: name, required: true}
  phone: {salesforce: Phone, quickbooks: Phone, type: phone}
  region: {salesforce: Site, quickbooks: Custom_Region, type: text, direction: to_salesforce}
  quickbooks_id: {salesforce: QuickBooks_Id__c, quickbooks: ListID, type: id, direction: to_salesforce}
"""
PRODUCTS = """\
mapping: product-item
salesforce: {object: Product2, label: Name}
quickbooks: {object: Item, label: FullName}
states:
  ProductToItem: {to: quickbooks, on: true}
operations: {quickbooks: [add, modify]}
winner: salesforce
match:
  - {rule: name, field: name, how: exact, accept: true}
fields:
  name: {salesforce: Name, quickbooks: Name, type: name, required: true}
  kind:
    {salesforce: Family, quickbooks: Type, on: create, values: {Services: Service}, required: true}
defaults:
  quickbooks: {AccountRef_FullName: "Sales:Online"}
"""
ORG = {
    "Account": [
        {"Id": "001000000000001AAA", "Name": "Birch", "Phone": "1"},
        {"Id": "001000000000002AAA", "Name": "Elm", "Phone": "2"},
    ],
    "Pricebook2": [
        {"Id": "01s000000000001AAA", "Name": "Standard Price Book", "IsStandard": True, "IsActive": True}
    ],
    "Product2": [{"Id": "01t000000000001AAA", "Name": "Guiding", "Family": "Services", "IsActive": True}],
}


@dataclass
class Office:
    """The workbench on both systems.

    Attributes:
        books: QuickBooks' side: company file and Web Connector.
    """

    bench: Bench
    books: pull_office.Office
    org: TestOrg

    @property
    def folder(self) -> Path:
        return self.bench.workspace.profile.folder

    def write_mapping(self, name: str, text: str) -> None:
        (self.bench.workspace.profile.mappings / f"{name}.yaml").write_text(text, encoding="utf-8")

    def pull(self) -> None:
        """Both sides; of QuickBooks until a pull reads what it knows of."""
        self.bench.pull("salesforce")
        for _ in range(3):
            pulls = self.bench.workspace.pulls
            pull = pulls.ask()
            assert self.books.call().outcome == "done"
            pulls.load_finished()
            assert pulls.outcome(pull)
            if not pulls.plan().why:
                return
        raise AssertionError("QuickBooks is read in whole again and again")

    def calls(self, *faults: Fault) -> None:
        """The Web Connector calls, with mishaps if given."""
        self.books.connector.faults = faults
        self.books.connector._struck.clear()
        self.books.call()

    def applied(self, schema: Schema, *, calls: int = 6, faults: tuple[Fault, ...] = ()) -> Applied:
        """Apply, while the Web Connector calls so often; the faults strike in the call that writes."""
        result = schema.execute(wait=0, by="ole")
        self.calls()  # is it there already?
        for number in range(calls):
            result = schema.execute(wait=0, by="ole")
            if result.finished:
                break
            self.calls(*(faults if number == 0 else ()))
        return result

    def definitions(self) -> list[tuple[Any, ...]]:
        asked = message_set([build_query("DataExtDef", request_id="1", owner_ids=["0"])])
        rows = [record.fields for record in parse_records(self.books.company.process(asked))]
        return [(row["DataExtName"], row["DataExtType"], row["AssignToObject"]) for row in rows]

    def accounts(self) -> list[tuple[str, str]]:
        rows = self.books.company.records("Account")
        return sorted((str(row["FullName"]), str(row["AccountType"])) for row in rows)

    def writes(self) -> list[str]:
        """What was written in the last call of the Web Connector."""
        return [tag for text in self.books.sent for tag in ("AccountAddRq", "DataExtDefAddRq") if tag in text]


@contextmanager
def running_office(folder: Path, *, seed: dict[str, Any] | None = None) -> Iterator[Office]:
    """Both systems, paired and not pulled yet."""
    org = TestOrg.open(
        None, seed=ORG, users=[USER], apps=[APP], settings=OrgSettings(), clock=Clock(),
        hidden=["Account.QuickBooks_Id__c"],
    )  # fmt: skip
    with org, running_org(org) as url:
        settings = SalesforceSettings(url=url, username=USER.username)
        with pull_office.running_office(folder, seed, salesforce=settings) as books:
            workspace = books.workspace
            write_secrets(workspace.profile, SECRETS | {"quickbooks.password": "correct horse"})
            workspace.profile.mappings.mkdir(exist_ok=True)
            office = Office(Bench(workspace, lambda _: None), books, org)
            office.write_mapping("account-customer", ACCOUNTS)
            office.write_mapping("product-item", PRODUCTS)
            yield office
