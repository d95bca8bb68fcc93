"""Differences written by hand, and what a plan makes of them."""
# ruff: noqa: E501 -- records stand as tables, one a line

from __future__ import annotations

from collections.abc import Mapping as ReadOnly
from typing import Any

from tests.unit.core.core_world import World, read
from workbench.changes import Answer, Change, ChangeSet, Inputs, Predict, plan
from workbench.model import Mapping, Side

ACCOUNTS = """
mapping: accounts
title: Accounts
salesforce: {object: Account, label: Name}
quickbooks: {object: Customer, label: FullName, where: "Sublevel = 0"}
states: {AccountToCustomer: {to: quickbooks, on: true}, CustomerToAccount: {to: salesforce, on: true}}
operations: {salesforce: [add, modify], quickbooks: [add, modify]}
winner: quickbooks
match: [{rule: name, field: name, how: exact, accept: true}]
fields:
  name: {salesforce: Name, quickbooks: Name, type: name, transform: colon_dash, required: true}
  company: {salesforce: Name, quickbooks: CompanyName, type: name, direction: to_quickbooks, on: create}
  phone: {salesforce: Phone, quickbooks: Phone, type: phone}
  street:
    {salesforce: BillingStreet, quickbooks: [BillAddress_Addr1, BillAddress_Addr2], type: text,
     transform: street_lines}
  active: {salesforce: Active__c, quickbooks: IsActive, type: boolean}
  quickbooks_id:
    {salesforce: QuickBooks_Id__c, quickbooks: ListID, type: id, direction: to_salesforce,
     winner: quickbooks}
defaults: {salesforce: {Type: Customer - Direct}, quickbooks: {Notes: from Salesforce}}
"""

CONTACTS = """
mapping: contacts
title: Contacts
salesforce: {object: Contact, label: Name}
quickbooks: {object: Customer, label: FullName, where: "Sublevel >= 1"}
states: {ContactToCustomer: {to: quickbooks, on: true}, CustomerToContact: {to: salesforce, on: true}}
operations: {salesforce: [add, modify], quickbooks: [add, modify]}
winner: salesforce
match: [{rule: name, field: last_name, how: exact, accept: true}]
fields:
  account:
    {salesforce: AccountId, quickbooks: ParentRef_ListID, type: reference, reference: accounts,
     required: true}
  last_name: {salesforce: LastName, quickbooks: LastName, type: text, required: true}
  job_name: {salesforce: Name, quickbooks: Name, type: name, direction: to_quickbooks, on: create}
  quickbooks_id: {salesforce: QuickBooks_Id__c, quickbooks: ListID, type: id, direction: to_salesforce}
defaults: {salesforce: {}, quickbooks: {}}
"""

PRODUCTS = """
mapping: products
title: Products
salesforce:
  object: Product2
  label: Name
  related:
    PricebookEntry:
      {key: Product2Id, where: 'Pricebook2Id IN (SELECT Id FROM salesforce."Pricebook2" WHERE IsStandard)'}
quickbooks: {object: Item, label: FullName}
states: {ProductToItem: {to: quickbooks, on: true}, ItemToProduct: {to: salesforce, on: true}}
operations: {salesforce: [add, modify], quickbooks: [add, modify]}
winner: quickbooks
match: [{rule: name, field: name, how: exact, accept: true}]
fields:
  name: {salesforce: Name, quickbooks: Name, type: name, required: true}
  kind: {salesforce: QuickBooks_Item_Type__c, quickbooks: Type, type: text, on: create}
  price: {salesforce: PricebookEntry.UnitPrice, quickbooks: Price, type: price}
  quickbooks_id: {salesforce: QuickBooks_Id__c, quickbooks: ListID, type: id, direction: to_salesforce}
defaults: {salesforce: {}, quickbooks: {AccountRef_FullName: Sales}}
"""

INVOICES = """
mapping: invoices
title: Invoices
salesforce: {object: Opportunity, label: Name}
quickbooks: {object: Invoice, label: RefNumber}
states: {OpportunityToInvoice: {to: quickbooks, on: true}, InvoiceToOpportunity: {to: salesforce, on: true}}
operations: {salesforce: [add, modify], quickbooks: [add]}
winner: quickbooks
match: [{rule: number, field: number, how: exact, accept: true}]
fields:
  account:
    {salesforce: AccountId, quickbooks: CustomerRef_ListID, type: reference, reference: accounts,
     required: true}
  date: {salesforce: CloseDate, quickbooks: TxnDate, type: date, required: true}
  number:
    {salesforce: Invoice_Number__c, quickbooks: RefNumber, type: text, direction: to_salesforce}
  quickbooks_id: {salesforce: QuickBooks_Id__c, quickbooks: TxnID, type: id, direction: to_salesforce}
lines:
  salesforce:
    {object: OpportunityLineItem, parent: OpportunityId, order: SortOrder, label: Description}
  quickbooks: {object: InvoiceLine, parent: TxnID, order: SeqNo, label: Desc}
  match: [{rule: position, how: position, accept: true}]
  fields:
    item:
      {salesforce: Product2Id, quickbooks: ItemRef_ListID, type: reference, reference: products,
       required: true, on: create}
    quantity: {salesforce: Quantity, quickbooks: Quantity, type: quantity, required: true}
    rate: {salesforce: UnitPrice, quickbooks: Rate, type: price}
    line_id:
      {salesforce: QuickBooks_Line_Id__c, quickbooks: TxnLineID, type: id, direction: to_salesforce}
defaults: {salesforce: {StageName: Closed Won}, quickbooks: {}}
"""

MAPPINGS = tuple(read(text) for text in (ACCOUNTS, CONTACTS, PRODUCTS, INVOICES))

TABLES = {
    "salesforce.Account": """
        Id   | Name         | Phone    | Fax | BillingStreet | Active__c:B | QuickBooks_Id__c | SystemModstamp:ts
        001A | Alder Supply | 555-0101 | -   | -             | true        | -                | 2026-03-01 09:00:00
        001B | Birch: North | 555-0102 | -   | -             | true        | -                | 2026-03-02 09:00:00
        001C | Cedar        | -        | -   | -             | false       | -                | 2026-03-03 09:00:00
    """,
    "quickbooks.Customer": """
        ListID | Name         | FullName     | LastName | Phone    | BillAddress_Addr1 | BillAddress_Addr2 | IsActive:B | Sublevel:N | ParentRef_ListID | EditSequence
        8-1    | Alder Supply | Alder Supply | -        | 555-9999 | 1 Main St         | Suite 2           | true       | 0          | -                | 1001
        8-2    | Yew          | Yew          | -        | 555-0202 | -                 | -                 | true       | 0          | -                | 1002
        8-3    | Zelkova      | Zelkova      | Zed      | -        | -                 | -                 | true       | 1          | 8-2              | 1003
    """,
    "salesforce.Contact": """
        Id   | AccountId | LastName | Name    | QuickBooks_Id__c | SystemModstamp:ts
        003A | 001A      | Ash      | Ann Ash | -                | 2026-03-01 09:00:00
        003B | 001B      | Bee      | Bo Bee  | -                | 2026-03-01 09:00:00
        003C | -         | Cox      | Cy Cox  | -                | 2026-03-01 09:00:00
    """,
    "salesforce.Product2": """
        Id   | Name | QuickBooks_Item_Type__c | QuickBooks_Id__c | SystemModstamp:ts
        01tA | Rope | Service                 | -                | 2026-03-01 09:00:00
        01tB | Hook | NonInventory            | -                | 2026-03-01 09:00:00
        01tC | Bare | Service                 | -                | 2026-03-01 09:00:00
    """,
    "salesforce.Pricebook2": """
        Id   | IsStandard:B
        01sS | true
        01sX | false
    """,
    "salesforce.PricebookEntry": """
        Id   | Pricebook2Id | Product2Id | UnitPrice:D | SystemModstamp:ts
        01uA | 01sS         | 01tA       | 80.00       | 2026-03-05 09:00:00
        01uX | 01sX         | 01tA       | 70.00       | 2026-03-06 09:00:00
        01uB | 01sS         | 01tB       | 12.50       | 2026-03-05 09:00:00
    """,
    "quickbooks.Item": """
        ListID | Name  | FullName | Type    | Price:P  | SalesBranch     | EditSequence
        7-1    | Rope  | Rope     | Service | 85.00000 | SalesOrPurchase | 2001
        7-2    | Tent  | Tent     | Service | 99.50000 | SalesOrPurchase | 2002
        7-3    | Plain | Plain    | Service | -        | SalesOrPurchase | 2003
    """,
    "salesforce.Opportunity": """
        Id   | Name | AccountId | CloseDate:date | Invoice_Number__c | QuickBooks_Id__c | SystemModstamp:ts
        006A | Won  | 001A      | 2026-03-10     | -                 | -                | 2026-03-10 09:00:00
        006B | Bare | 001A      | 2026-03-11     | -                 | -                | 2026-03-11 09:00:00
    """,
    "salesforce.OpportunityLineItem": """
        Id   | OpportunityId | Product2Id | PricebookEntryId | Quantity:P | UnitPrice:D | SortOrder:N | Description | QuickBooks_Line_Id__c | SystemModstamp:ts
        00kB | 006A          | 01tB       | 01uB             | 3.00000    | 12.50       | 2           | Hooks       | -                     | 2026-03-10 09:00:00
        00kA | 006A          | 01tA       | 01uA             | 1.00000    | 80.00       | 1           | A rope      | -                     | 2026-03-10 09:00:00
    """,
    "quickbooks.Invoice": """
        TxnID | RefNumber | CustomerRef_ListID | TxnDate:date | EditSequence
        9-1   | 1041      | 8-1                | 2026-03-20   | 3001
    """,
    "quickbooks.InvoiceLine": """
        TxnLineID | TxnID | SeqNo:N | Desc   | ItemRef_ListID | Quantity:P | Rate:P   | EditSequence
        L-1       | 9-1   | 1       | A rope | 7-1            | 2.00000    | 85.00000 | 3001
        L-2       | 9-1   | 2       | A tent | 7-2            | 1.00000    | 99.50000 | 3001
    """,
}

DIFFERENCES = (
    "mapping", "pair", "salesforce_id", "quickbooks_id", "label", "kind", "field", "type", "difference",
    "base", "salesforce", "quickbooks", "salesforce_value", "quickbooks_value", "gap", "resolution",
    "resolved_by", "reason", "parent_pair", "salesforce_modified", "quickbooks_modified",
)  # fmt: skip

Row = dict[str, Any]


def field(mapping: str, salesforce: str, quickbooks: str, name: str, resolution: str, **more: Any) -> Row:
    """A field of a matched pair that differs."""
    row = {"kind": "field", "field": name, "difference": "conflict", "label": salesforce}
    ids = {"salesforce_id": salesforce, "quickbooks_id": quickbooks, "pair": f"p-{salesforce}"}
    return {"mapping": mapping, "resolution": resolution, **row, **ids, **more}


def only_salesforce(mapping: str, record: str, resolution: str = "create_quickbooks", **more: Any) -> Row:
    row = {"kind": "only_salesforce", "salesforce_id": record, "label": record, "difference": "new"}
    return {"mapping": mapping, "resolution": resolution, **row, **more}


def only_quickbooks(mapping: str, record: str, resolution: str = "create_salesforce", **more: Any) -> Row:
    row = {"kind": "only_quickbooks", "quickbooks_id": record, "label": record, "difference": "new"}
    return {"mapping": mapping, "resolution": resolution, **row, **more}


class Desk:
    """Two snapshots, what is linked, and the differences between them.

    Linked: Alder (001A, 8-1) and Rope (01tA, 7-1), with Hook (01tB, 7-9) whose item is not read here.
    """

    def __init__(self) -> None:
        self.world = World()
        self.world.connection.execute("CREATE SCHEMA IF NOT EXISTS work")
        for name, text in TABLES.items():
            self.world.table(name, text)
        self.world.pair("accounts", ("p-1", "001A", "8-1"))
        self.world.pair("products", ("p-2", "01tA", "7-1"), ("p-3", "01tB", "7-9"))

    def plan(
        self,
        *differences: Row,
        to: frozenset[Side] = frozenset(Side),
        mappings: tuple[Mapping, ...] = MAPPINGS,
        describes: ReadOnly[Side, ReadOnly[str, Any]] | None = None,
        predictions: tuple[Predict, ...] = (),
        busy: ReadOnly[tuple[str, str], str] | None = None,
        header: ReadOnly[str, Any] | None = None,
    ) -> ChangeSet:
        rows = [[row.get(name) for name in DIFFERENCES] for row in differences]
        self.world.rows("work.differences", [(name, "VARCHAR") for name in DIFFERENCES], rows)
        return plan(
            self.world.connection,
            Inputs(
                mappings=mappings,
                describes=describes or {side: {} for side in Side},
                to=to,
                predictions=predictions,
                busy=busy or {},
                header=header or {},
            ),
        )


def shown(changeset: ChangeSet) -> list[str]:
    """One line a change, as a person would note it; a reference is written `Object.Field`."""
    labels = {change.id: f"new {change.object}" for change in changeset.changes}

    def value(each: Any) -> str:
        match each:
            case Answer(change, api):
                return f"<{api} of {labels.get(change, '??')}>"
            case None:
                return "-"
        return str(each)

    lines = []
    for change in changeset.changes:
        written = ", ".join(f"{cell.api}={value(cell.after)}" for cell in change.cells)
        what = f"{change.action} {change.object} {change.record or f'from {change.source_id}'}: {written}"
        rows = ["; ".join(f"{api}={value(each)}" for api, each in line.items()) for line in change.lines]
        lines.append(what + "".join(f" [{row}]" for row in rows) + (" HELD" if change.hold else ""))
    return lines


def only(changeset: ChangeSet) -> Change:
    (change,) = changeset.changes
    return change
