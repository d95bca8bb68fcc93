"""The mappings and records of the model-based test: few fields of every kind, a document with lines."""

from __future__ import annotations

from typing import Any

Record = dict[str, Any]

ACCOUNT_CUSTOMER = """\
mapping: account-customer
salesforce: {object: Account, label: Name}
quickbooks: {object: Customer, label: FullName, where: "Sublevel = 0"}
states:
  AccountToCustomer: {to: quickbooks}
  CustomerToAccount: {to: salesforce}
operations: {salesforce: [add, modify, deactivate], quickbooks: [add, modify, deactivate]}
winner: quickbooks
match:
  - {rule: quickbooks-id, field: quickbooks_id, how: exact, accept: true}
  - {rule: name, field: name, how: exact, accept: true}
fields:
  name: {salesforce: Name, quickbooks: Name, type: name, winner: salesforce, required: true}
  phone: {salesforce: Phone, quickbooks: Phone, type: phone, winner: manual}
  fax: {salesforce: Fax, quickbooks: Fax, type: phone, winner: fill_empty_only}
  city: {salesforce: BillingCity, quickbooks: BillAddress_City, type: text}
  state: {salesforce: BillingState, quickbooks: BillAddress_State, type: text, winner: newest}
  active: {salesforce: Active__c, quickbooks: IsActive, type: boolean}
  quickbooks_id:
    {salesforce: QuickBooks_Id__c, quickbooks: ListID, type: id, direction: to_salesforce, winner: quickbooks}
defaults: {salesforce: {Type: Customer - Direct}, quickbooks: {}}
"""

PRODUCT_ITEM = """\
mapping: product-item
salesforce: {object: Product2, label: Name}
quickbooks: {object: Item, label: FullName}
states: {ProductToItem: {to: quickbooks, on: false}}
operations: {salesforce: [], quickbooks: []}
winner: manual
match: [{rule: name, field: name, how: exact, accept: true}]
fields:
  name: {salesforce: Name, quickbooks: Name, type: name}
"""

OPPORTUNITY_INVOICE = """\
mapping: opportunity-invoice
salesforce: {object: Opportunity, label: Name, where: "Generate__c = 'Invoice' AND IsWon"}
quickbooks: {object: Invoice, label: RefNumber}
states:
  OpportunityToInvoice: {to: quickbooks}
  InvoiceToOpportunity: {to: salesforce}
operations: {salesforce: [add, modify, delete], quickbooks: [add, delete]}
winner: quickbooks
match:
  - {rule: quickbooks-id, field: quickbooks_id, how: exact, accept: true}
  - {rule: number, field: number, how: exact, accept: true}
fields:
  account:
    {salesforce: AccountId, quickbooks: CustomerRef_ListID, type: reference, reference: account-customer,
     required: true, winner: manual}
  opportunity_name:
    {salesforce: Name, quickbooks: CustomerRef_FullName, type: text, direction: to_salesforce, on: create,
     required: true}
  date: {salesforce: CloseDate, quickbooks: TxnDate, type: date, required: true}
  number: {salesforce: Invoice_Number__c, quickbooks: RefNumber, type: text, direction: to_salesforce}
  memo: {salesforce: Description, quickbooks: Memo, type: text}
  total: {salesforce: Amount, quickbooks: Subtotal, type: money, direction: compare}
  quickbooks_id:
    {salesforce: QuickBooks_Id__c, quickbooks: TxnID, type: id, direction: to_salesforce, winner: quickbooks}
lines:
  salesforce: {object: OpportunityLineItem, parent: OpportunityId, order: SortOrder, label: Description}
  quickbooks: {object: InvoiceLine, parent: TxnID, order: SeqNo, label: Desc}
  match:
    - {rule: line-id, field: line_id, how: exact, accept: true}
    - {rule: item-and-quantity, fields: [item, quantity], how: exact, accept: true}
    - {rule: position, how: position, accept: true}
  fields:
    item:
      {salesforce: Product2Id, quickbooks: ItemRef_ListID, type: reference, reference: product-item,
       direction: compare}
    new_item:
      {salesforce: Product2Id, quickbooks: ItemRef_ListID, type: reference, reference: product-item,
       on: create, required: true}
    quantity: {salesforce: Quantity, quickbooks: Quantity, type: quantity, required: true}
    rate: {salesforce: UnitPrice, quickbooks: Rate, type: price, tolerance: "0.005", required: true}
    description: {salesforce: Description, quickbooks: Desc, type: text}
    line_id:
      {salesforce: QuickBooks_Line_Id__c, quickbooks: TxnLineID, type: id, direction: to_salesforce,
       winner: quickbooks}
defaults: {salesforce: {StageName: Closed Won, Generate__c: Invoice}, quickbooks: {}}
"""

MAPPINGS = {
    "account-customer": ACCOUNT_CUSTOMER,
    "product-item": PRODUCT_ITEM,
    "opportunity-invoice": OPPORTUNITY_INVOICE,
}

BOOK = "01s000000000001AAA"
PEOPLE = 4
"""Accounts with their customers; the last one has no documents."""

PRODUCTS = ("Guiding", "Boat")
DOCUMENTS = 2


def sf(prefix: str, number: int) -> str:
    """An id of Salesforce."""
    return f"{prefix}{number:012d}AAA"


def salesforce() -> dict[str, list[Record]]:
    """The org's records: linked ones by name and number, and an account and a deal of its own."""
    accounts = [
        {"Id": sf("001", n), "Name": f"Alder {n}", "Phone": f"555-010{n}", "Type": "Customer - Direct"}
        for n in range(1, PEOPLE + 1)
    ]
    accounts.append({"Id": sf("001", 90), "Name": "Only Sales", "BillingCity": "Salem"})
    products = [
        {"Id": sf("01t", n), "Name": name, "IsActive": True} for n, name in enumerate(PRODUCTS, start=1)
    ]
    prices = [
        {
            "Id": sf("01u", n),
            "Pricebook2Id": BOOK,
            "Product2Id": sf("01t", n),
            "UnitPrice": "80.00",
            "IsActive": True,
        }
        for n in range(1, len(PRODUCTS) + 1)
    ]
    deals = [_deal(n, Invoice_Number__c=f"INV-{n}") for n in range(1, DOCUMENTS + 1)]
    return {
        "Account": accounts,
        "Pricebook2": [{"Id": BOOK, "Name": "Standard", "IsStandard": True, "IsActive": True}],
        "Product2": products,
        "PricebookEntry": prices,
        "Opportunity": [*deals, _deal(3)],
        "OpportunityLineItem": [line for n in range(1, DOCUMENTS + 2) for line in _deal_lines(n)],
    }


def _deal(number: int, **more: Any) -> Record:
    return {
        "Id": sf("006", number),
        "Name": f"Deal {number}",
        "AccountId": sf("001", number),
        "CloseDate": "2026-01-03",
        "StageName": "Closed Won",
        "Generate__c": "Invoice",
        **more,
    }


def _deal_lines(deal: int) -> list[Record]:
    return [
        {
            "Id": sf("00k", 10 * deal + n),
            "OpportunityId": sf("006", deal),
            "PricebookEntryId": sf("01u", n),
            "SortOrder": n,
            "Quantity": str(n),
            "UnitPrice": "80.00",
            "Description": f"work {n}",
        }
        for n in (1, 2)
    ]


def quickbooks() -> dict[str, Any]:
    """The seed of the company file."""
    return {
        "Company": {"CompanyName": "Alder & Friends", "FileName": "C:\\QB\\alder.qbw"},
        "Account": [
            {"Name": "Sales", "AccountType": "Income"},
            {"Name": "Receivable", "AccountType": "AccountsReceivable"},
        ],
        "Customer": [
            *({"Name": f"Alder {n}", "Phone": f"555-010{n}"} for n in range(1, PEOPLE + 1)),
            {"Name": "Only Books", "BillAddress_City": "Salem"},
        ],
        "ItemService": [
            {
                "Name": name,
                "SalesOrPurchase_Price": "80.00",
                "SalesOrPurchase_AccountRef_FullName": "Sales",
            }
            for name in PRODUCTS
        ],
        "Invoice": [_invoice(n) for n in range(1, DOCUMENTS + 1)],
    }


def _invoice(number: int) -> Record:
    return {
        "CustomerRef_FullName": f"Alder {number}",
        "RefNumber": f"INV-{number}",
        "TxnDate": "2026-01-03",
        "lines": [
            {"ItemRef_FullName": name, "Quantity": str(n), "Rate": "80.00", "Desc": f"work {n}"}
            for n, name in enumerate(PRODUCTS, start=1)
        ],
    }
