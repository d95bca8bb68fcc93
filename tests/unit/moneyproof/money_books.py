"""Small invented books: opportunities and invoices of a few customers, written as pipe tables."""

from __future__ import annotations

from tests.unit.core.core_world import World, read
from workbench.moneyproof import Measure, measure
from workbench.moneyproof.figures import Gap

CUSTOMERS = """\
mapping: clients
salesforce: {object: Account, label: Name}
quickbooks: {object: Customer, label: FullName, where: "Sublevel = 0"}
states: {AccountToCustomer: {to: quickbooks}}
operations: {salesforce: [add], quickbooks: [add]}
winner: salesforce
match: []
fields:
  name: {salesforce: Name, quickbooks: Name, type: name}
"""
PRODUCTS = """\
mapping: goods
salesforce: {object: Product2, label: Name}
quickbooks: {object: Item, label: FullName}
states: {ProductToItem: {to: quickbooks}}
operations: {salesforce: [add], quickbooks: [add]}
winner: salesforce
match: []
fields:
  name: {salesforce: Name, quickbooks: Name, type: name}
"""
DEALS = """\
mapping: deals
title: Deals and invoices
salesforce: {object: Opportunity, label: Name, where: "IsWon"}
quickbooks: {object: Invoice, label: RefNumber}
states: {DealToInvoice: {to: quickbooks}, InvoiceToDeal: {to: salesforce}}
operations: {salesforce: [add, modify], quickbooks: [add]}
winner: quickbooks
match: []
fields:
  who: {salesforce: AccountId, quickbooks: CustomerRef_ListID, type: reference, reference: clients}
  day: {salesforce: CloseDate, quickbooks: TxnDate, type: date}
  worth: {salesforce: Amount, quickbooks: Subtotal, type: money, direction: compare}
lines:
  salesforce: {object: OpportunityLineItem, parent: OpportunityId, order: SortOrder, label: Description}
  quickbooks: {object: InvoiceLine, parent: TxnID, order: SeqNo, label: Desc}
  match: [{rule: thing, field: thing, accept: true}]
  fields:
    thing: {salesforce: Product2Id, quickbooks: ItemRef_ListID, type: reference, reference: goods}
    number: {salesforce: Quantity, quickbooks: Quantity, type: quantity}
    price: {salesforce: UnitPrice, quickbooks: Rate, type: price, tolerance: "0.005"}
"""
CREDITS = """\
mapping: credits
title: Credit memos as receivables
salesforce: {object: Receivable__c, label: Name}
quickbooks: {object: CreditMemo, label: RefNumber}
states: {CreditToReceivable: {to: salesforce}}
operations: {salesforce: [add, modify], quickbooks: []}
direction: to_salesforce
winner: quickbooks
match: []
fields:
  who: {salesforce: Account__c, quickbooks: CustomerRef_ListID, type: reference, reference: clients}
  day: {salesforce: Date__c, quickbooks: TxnDate, type: date}
  worth: {salesforce: Amount__c, quickbooks: TotalAmount, type: money, read: {quickbooks: "-TotalAmount"}}
  left:
    salesforce: Open__c
    quickbooks: CreditRemaining
    type: money
    read: {quickbooks: "-CreditRemaining"}
  word: {salesforce: Status__c, quickbooks: CreditRemaining, type: text}
"""
MAPPINGS = [read(text) for text in (CUSTOMERS, PRODUCTS, DEALS, CREDITS)]

# Cedar has a job; every document is Cedar's unless it says otherwise.
PEOPLE = {
    "salesforce.Account": "Id | Name\nA1 | Cedar\nA2 | Birch\nA3 | Alder",
    "salesforce.Product2": "Id | Name",
    "quickbooks.Customer": """
        ListID | FullName | Sublevel:N | ParentRef_ListID | TotalBalance:D
        C1     | Cedar    | 0          | -                | -
        J1     | Cedar:Attic | 1       | C1               | -
        C2     | Birch    | 0          | -                | -
        """,
    "quickbooks.Item": """
        ListID | FullName | Type
        I1     | Work     | Service
        I2     | Rebate   | Discount
        I3     | Subtotal | Subtotal
        I4     | State tax | SalesTax
        """,
}
DEAL = (
    "Id | Name | AccountId | CloseDate:date | Amount:D | IsWon:B | IsClosed:B | StageName | SystemModstamp:ts"
)
INVOICE = (
    "TxnID | RefNumber | CustomerRef_ListID | TxnDate:date | Subtotal:D | SalesTaxTotal:D | "
    "BalanceRemaining:D | IsPending:B | Memo | EditSequence"
)
DEAL_LINE = (
    "Id | OpportunityId | SortOrder:N | Description | Product2Id | Quantity:D | UnitPrice:D | TotalPrice:D"
)
INVOICE_LINE = "TxnLineID | TxnID | SeqNo:N | Desc | ItemRef_ListID | Quantity:P | Rate:P | Amount:D"


def books(
    deals: str = "",
    invoices: str = "",
    deal_lines: str = "",
    invoice_lines: str = "",
    *,
    headers: tuple[str, str] = (DEAL, INVOICE),
    links: str = "",
    line_links: str = "",
) -> World:
    """Books with these documents; `links` are pairs such as 'O1=I1 O2=I2'."""
    given = World()
    for name, text in PEOPLE.items():
        given.table(name, text)
    given.table("salesforce.Opportunity", f"{headers[0]}\n{deals}")
    given.table("quickbooks.Invoice", f"{headers[1]}\n{invoices}")
    given.table("salesforce.OpportunityLineItem", f"{DEAL_LINE}\n{deal_lines}")
    given.table("quickbooks.InvoiceLine", f"{INVOICE_LINE}\n{invoice_lines}")
    given.pair("clients", ("1", "A1", "C1"), ("2", "A2", "C2"))
    given.pair("goods", ("1", "P1", "I1"), ("2", "P2", "I2"))
    link(given, "deals", links)
    link(given, "deals.lines", line_links)
    return given


def link(given: World, mapping: str, links: str) -> World:
    """Put pairs such as 'O1=I1' into the crosswalk."""
    for each in links.split():
        left, _, right = each.partition("=")
        given.pair(mapping, (each, left, right))
    return given


def measured(given: World, mappings: object = None) -> Measure:
    return measure(given.connection, mappings or MAPPINGS)  # type: ignore[arg-type]


def told(gap: Gap) -> list[str]:
    """The parts of a gap, `reason amount` each."""
    return [f"{part.reason} {part.amount}" for part in gap.parts]
