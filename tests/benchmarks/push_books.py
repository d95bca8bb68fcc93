"""Two snapshots that many changes are planned from, written straight into files: nothing is pulled.

Of each `part` there are as many records as one fiftieth of the changes: accounts whose city differs, contacts
whose phone number does, names, new records on either side, invoices with lines, and lines that differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from workbench.connections import quickbooks_reading as reading
from workbench.connections.salesforce_ids import long_id
from workbench.crosswalk import Pair, close, confirm
from workbench.pull.salesforce_columns import columns as salesforce_columns
from workbench.snapshots import Column, Snapshot, TableData, publish, write_file
from workbench.workspace import Workspace

Row = dict[str, Any]

CHANGES = 50
"""Changes that one of each part gives."""

STAMP = datetime(2026, 3, 2, 9, 14)
LOCAL = datetime(2026, 3, 2, 1, 14)
BOOK = long_id("01s000000000001")
PRODUCTS = 50


def sf(prefix: str, number: int) -> str:
    """An id of Salesforce."""
    return long_id(f"{prefix}{number:012d}")


def qb(number: int) -> str:
    """A ListID."""
    return f"{0x80000000 + number:08X}-1767632400"


def txn(number: int) -> str:
    """A TxnID or TxnLineID."""
    return f"{number:X}-1767632400"


class Books:
    """The records of both sides, by table."""

    def __init__(self, part: int) -> None:
        self.salesforce: dict[str, list[Row]] = {}
        self.quickbooks: dict[str, list[Row]] = {}
        self.pairs: list[Pair] = []
        self.part = part
        self._products()
        self._accounts()
        self._contacts()
        self._invoices()

    def _put(self, side: dict[str, list[Row]], table: str, **row: Any) -> None:
        side.setdefault(table, []).append(row)

    def _pair(self, mapping: str, left: str, right: str) -> None:
        self.pairs.append(
            Pair(mapping=mapping, salesforce_id=left, quickbooks_id=right, rule="name", confirmed_by="rule")
        )

    def _products(self) -> None:
        self._put(self.salesforce, "Pricebook2", Id=BOOK, Name="Standard", IsStandard=True, IsActive=True)
        self._put(
            self.quickbooks, "Account", ListID=qb(1), Name="Sales", FullName="Sales", AccountType="Income"
        )
        for number in range(PRODUCTS):
            product, item, price = sf("01t", number), qb(1_000 + number), Decimal(10 + number)
            shared = {"Name": f"Product {number}", "IsActive": True}
            self._put(
                self.salesforce, "Product2", Id=product, QuickBooks_Id__c=item,
                QuickBooks_Item_Type__c="Service", SystemModstamp=STAMP, Description=None, **shared,
            )  # fmt: skip
            self._put(
                self.salesforce, "PricebookEntry", Id=sf("01u", number), Product2Id=product, IsActive=True,
                Pricebook2Id=BOOK, UnitPrice=price, SystemModstamp=STAMP, Name=shared["Name"],
            )  # fmt: skip
            self._put(
                self.quickbooks, "Item", ListID=item, FullName=shared["Name"], Type="Service", Sublevel=0,
                SalesBranch="SalesOrPurchase", Price=price, EditSequence="1", TimeModified=LOCAL,
                TimeCreated=LOCAL, AccountRef_ListID=qb(1), AccountRef_FullName="Sales", **shared,
            )  # fmt: skip
            self._pair("product-item", product, item)

    def _account(self, number: int, name: str, **more: Any) -> None:
        self._put(
            self.salesforce, "Account", Id=sf("001", number), Name=name, Type="Customer - Direct",
            Active__c=True, BillingCity="Salem", SystemModstamp=STAMP, **more,
        )  # fmt: skip

    def _customer(self, number: int, name: str, **more: Any) -> None:
        row = {"FullName": name, "Sublevel": 0, "BillAddress_City": "Salem", **more}
        self._put(
            self.quickbooks, "Customer", ListID=qb(100_000 + number), Name=name, IsActive=True,
            EditSequence="1", TimeModified=LOCAL, TimeCreated=LOCAL, Balance=Decimal(0),
            TotalBalance=Decimal(0), **row,
        )  # fmt: skip

    def _accounts(self) -> None:
        part, number = self.part, 0
        for number in range(19 * part):
            left, right = sf("001", number), qb(100_000 + number)
            renamed = number >= 18 * part
            self._account(number, f"Account {number}{' Ltd' * renamed}", QuickBooks_Id__c=right)
            self._customer(number, f"Account {number}", BillAddress_City="Salem" if renamed else "Troy")
            self._pair("account-customer", left, right)
        for number in range(19 * part, 20 * part):
            self._account(number, f"New account {number}")
        for number in range(20 * part, 21 * part):
            self._customer(number, f"New customer {number}")

    def _contacts(self) -> None:
        for number in range(18 * self.part):
            left, right = sf("003", number), qb(1_000_000 + number)
            shared = {"FirstName": "Ann", "LastName": f"Ash {number}"}
            self._put(
                self.salesforce, "Contact", Id=left, AccountId=sf("001", number), Phone=f"555-{number}",
                QuickBooks_Id__c=right, Name=f"Ann Ash {number}", SystemModstamp=STAMP, **shared,
            )  # fmt: skip
            self._put(
                self.quickbooks, "Customer", ListID=right, Name=f"Ann Ash {number}", Sublevel=1,
                FullName=f"Account {number}:Ann Ash {number}", ParentRef_ListID=qb(100_000 + number),
                ParentRef_FullName=f"Account {number}", EditSequence="1", TimeModified=LOCAL,
                TimeCreated=LOCAL, Phone=f"556-{number}", IsActive=True, Balance=Decimal(0),
                TotalBalance=Decimal(0), **shared,
            )  # fmt: skip
            self._pair("contact-customer", left, right)

    def _invoices(self) -> None:
        """A third of them is on both sides, with a line that differs; a third new in each."""
        part = self.part
        for number in range(3 * part):
            kept, sold = number < part, part <= number < 2 * part
            if kept or sold:
                self._opportunity(number, linked=kept)
            if kept or not sold:
                self._invoice(number)
            if kept:
                self._pair("opportunity-invoice", sf("006", number), txn(number + 1))
                for at in range(3):
                    self._pair("opportunity-invoice.lines", sf("00k", 3 * number + at), _line(number, at))

    def _opportunity(self, number: int, *, linked: bool) -> None:
        given = {"QuickBooks_Id__c": txn(number + 1), "Invoice_Number__c": str(number)} if linked else {}
        amounts = [_amount(at, changed=False) for at in range(3)]
        self._put(
            self.salesforce, "Opportunity", Id=sf("006", number), Name=f"Sale {number}", IsWon=True,
            AccountId=sf("001", number), StageName="Closed Won", CloseDate=date(2026, 3, 1), IsClosed=True,
            Generate__c="Invoice", Pricebook2Id=BOOK, Amount=sum(amounts), Probability=Decimal(100),
            HasOpportunityLineItem=True, SystemModstamp=STAMP, **given,
        )  # fmt: skip
        for at, amount in enumerate(amounts):
            key = {"QuickBooks_Line_Id__c": _line(number, at)} if linked else {}
            self._put(
                self.salesforce, "OpportunityLineItem", Id=sf("00k", 3 * number + at),
                OpportunityId=sf("006", number), Product2Id=sf("01t", at), SortOrder=at + 1,
                PricebookEntryId=sf("01u", at), Quantity=Decimal(2), UnitPrice=Decimal(10 + at),
                TotalPrice=amount, SystemModstamp=STAMP, Description=f"Line {at}", **key,
            )  # fmt: skip

    def _invoice(self, number: int) -> None:
        owner, amounts = qb(100_000 + number), [_amount(at, changed=at == 1) for at in range(3)]
        self._put(
            self.quickbooks, "Invoice", TxnID=txn(number + 1), RefNumber=str(number), EditSequence="1",
            CustomerRef_ListID=owner, CustomerRef_FullName=f"Account {number}", TxnDate=date(2026, 3, 1),
            Subtotal=sum(amounts), TimeModified=LOCAL, TimeCreated=LOCAL, BalanceRemaining=sum(amounts),
        )  # fmt: skip
        for at, amount in enumerate(amounts):
            self._put(
                self.quickbooks, "InvoiceLine", TxnID=txn(number + 1), TxnLineID=_line(number, at),
                SeqNo=at + 1, ItemRef_ListID=qb(1_000 + at), ItemRef_FullName=f"Product {at}",
                Desc=f"Line {at}", Quantity=amount / (10 + at), Rate=Decimal(10 + at), Amount=amount,
            )  # fmt: skip


def _amount(at: int, *, changed: bool) -> Decimal:
    return Decimal(10 + at) * (3 if changed else 2)


def _line(number: int, at: int) -> str:
    return txn(10_000_000 + 3 * number + at)


def published(workspace: Workspace, describes: Mapping[str, Any], part: int) -> None:
    """Write and publish both snapshots, link what is linked, and close the first matchings."""
    books = Books(part)
    tables = [
        TableData(name=name, columns=salesforce_columns(described), rows=books.salesforce.get(name, ()))
        for name, described in describes.items()
    ]
    _publish(workspace, "salesforce", tables, describes)
    wanted = workspace.wanted()
    tables = [
        TableData(name=table, columns=columns, rows=books.quickbooks.get(table, ()))
        for entity, include in wanted.items()
        for table, columns in _columns(entity, include)
    ]
    told = {table: reading.describe(table) for entity in wanted for table in reading.tables(entity)}
    _publish(workspace, "quickbooks", tables, told)
    for start in range(0, len(books.pairs), 5_000):
        confirm(workspace.store, books.pairs[start : start + 5_000])
    for name in workspace.in_use():
        close(workspace.store, name, "benchmark")


def _columns(entity: str, include: tuple[str, ...]) -> Iterator[tuple[str, list[Column]]]:
    for table in reading.tables(entity):
        yield table, [Column(name, kind) for name, kind in reading.columns(entity, table, include)]


def _publish(workspace: Workspace, side: str, tables: list[TableData], describes: Mapping[str, Any]) -> None:
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    file = Path(workspace.profile.snapshots) / side / f"{side}-benchmark.duckdb"
    counts = write_file(file, tables)
    publish(
        workspace.store,
        Snapshot(
            id=f"{side}-benchmark", side=side, file=file, started_at=at, ended_at=at, counts=counts,
            describes=describes,
        ),
    )  # fmt: skip
