"""What each state writes on the records of `states_records`, a story a state.

References are told by the labels of what they point to; `Invoice INV-1#2` is the second line of that invoice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.contract.states.states_records import DOCUMENTS, NUMBERS, TYPES

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What one state writes when it is the only one of its mapping that is on.

    Attributes:
        made: New records by object, with the fields that matter; a document with its `lines`.
        changed: By object and label of a record that was there, the fields that are another now: all of them.
    """

    state: str
    made: dict[str, list[Row]] = field(default_factory=dict)
    changed: dict[str, dict[str, Row]] = field(default_factory=dict)


def stories() -> dict[str, Story]:
    """The stories by state, in the template's order."""
    found = [*_people()]
    for kind in TYPES:
        found += [_product_to_item(kind), _item_to_product(kind)]
    for entity in DOCUMENTS:
        found += [_to_document(entity), _to_opportunity(entity), _line_update(entity)]
    return {each.state: each for each in [*found, *_receivables()]}


# --- customers and contacts ---------------------------------------------------------------------------------


def _people() -> list[Story]:
    return [
        Story(
            state="AccountToCustomer",
            made={
                "Customer": [
                    {
                        "FullName": "Alder - Supply sold",
                        "CompanyName": "Alder - Supply sold",
                        "Phone": "555-0101",
                        "BillAddress_Addr1": "1 Main St",
                        "BillAddress_Addr2": "Dock 4",
                        "BillAddress_City": "Salem",
                        "Sublevel": "0",
                    }
                ]
            },
            changed={"Customer": {"Cedar Hall kept": dict.fromkeys(("Name", "FullName"), "Cedar Hall kept")}},
        ),
        Story(
            state="CustomerToAccount",
            made={
                "Account": [
                    {
                        "Name": "Dogwood Dairy booked",
                        "Phone": "555-0404",
                        "BillingStreet": "4 Mill Ln",
                        "AccountNumber": "D-4",
                        "Active__c": True,
                        "Type": "Customer - Direct",
                        "QuickBooks_Id__c": "Dogwood Dairy booked",
                    }
                ]
            },
            changed={
                "Account": {
                    "Cedar Hall kept": {"BillingCity": "Salem"},
                    "Alder: Supply sold": {"QuickBooks_Id__c": "Alder - Supply sold"},
                }
            },
        ),
        Story(
            state="ContactToCustomer",
            made={
                "Customer": [
                    {
                        "FullName": "Birch Works:Finn Fir sold",
                        "ParentRef_ListID": "Birch Works",
                        "FirstName": "Finn",
                        "LastName": "Fir sold",
                        "Email": "finn@birch.example",
                        "Sublevel": "1",
                    }
                ]
            },
            changed={"Customer": {"Birch Works:Eva Elm kept": {"Phone": "555-0303"}}},
        ),
        Story(
            state="CustomerToContact",
            made={
                "Contact": [
                    {
                        "AccountId": "Birch Works",
                        "FirstName": "Gale",
                        "LastName": "Gum booked",
                        "Email": "gale@birch.example",
                        "QuickBooks_Id__c": "Birch Works:Gale Gum booked",
                    }
                ]
            },
            changed={
                "Contact": {
                    "Eva Elm kept": {"QuickBooks_Id__c": "Birch Works:Eva Elm kept"},
                    "Finn Fir sold": {"QuickBooks_Id__c": "Birch Works:Finn Fir sold"},
                }
            },
        ),
    ]


# --- products and items -------------------------------------------------------------------------------------

HOMES = {
    "Inventory": ("SalesDesc", "SalesPrice", "IncomeAccountRef_FullName"),
    "Discount": ("ItemDesc", "DiscountRate", "AccountRef_FullName"),
}
SOLD_ONLY = ("SalesOrPurchase_Desc", "SalesOrPurchase_Price", "SalesOrPurchase_AccountRef_FullName")
"""Where an item keeps its description, price and account."""


def _product_to_item(kind: str) -> Story:
    text, price, account = HOMES.get(kind, SOLD_ONLY)
    made = {"Name": f"{kind} sold", text: "new from sales", price: "12.5", account: "Sales"}
    if kind == "Inventory":
        made |= {
            "COGSAccountRef_FullName": "Cost of Goods Sold",
            "AssetAccountRef_FullName": "Inventory Asset",
        }
    return Story(
        state=f"ProductToItem{kind}",
        made={f"Item{kind}": [made]},
        changed={f"Item{kind}": {f"{kind} kept": {text: "as sales words it"}}},
    )


def _item_to_product(kind: str) -> Story:
    product = {
        "Name": f"{kind} booked",
        "Description": "new from the books",
        "QuickBooks_Item_Type__c": kind,
        "IsActive": True,
        "QuickBooks_Id__c": f"{kind} booked",
    }
    price = {
        "Product2Id": f"{kind} booked",
        "Pricebook2Id": "Standard",
        "UnitPrice": "7.25",
        "IsActive": True,
    }
    return Story(
        state=f"Item{kind}ToProduct",
        made={"Product2": [product], "PricebookEntry": [price]},
        changed={
            "Product2": {f"{kind} sold": {"QuickBooks_Id__c": f"{kind} sold"}},
            "PricebookEntry": {f"price of {kind} kept": {"UnitPrice": "25.00"}},
        },
    )


# --- documents ----------------------------------------------------------------------------------------------


def _to_document(entity: str) -> Story:
    made = {
        "CustomerRef_ListID": "Birch Works",
        "TxnDate": "2026-01-03",
        "Memo": "by Easter",
        "RefNumber": "1",
        "Subtotal": "199.99",
        "lines": [
            {
                "ItemRef_ListID": "Service kept",
                "Quantity": "3",
                "Rate": "33.33",
                "Amount": "99.99",
                "Desc": "Hours in March",
                "TxnLineID": f"{entity} 1#1",
            },
            {
                "ItemRef_ListID": "Inventory kept",
                "Quantity": "1",
                "Rate": "100",
                "Amount": "100.00",
                "TxnLineID": f"{entity} 1#2",
            },
        ],
    }
    return Story(state=f"OpportunityTo{entity}", made={entity: [made]})


def _to_opportunity(entity: str) -> Story:
    number = f"{NUMBERS[entity]}-2"
    owner = f"Birch Works {number}"
    made = {
        "Name": "Birch Works",
        "AccountId": "Birch Works",
        "CloseDate": "2026-01-03",
        "StageName": "Proposal/Price Quote" if entity == "Estimate" else "Closed Won",
        "Generate__c": entity,
        "Description": "at the counter",
        "Invoice_Number__c": number,
        "QuickBooks_Id__c": f"{entity} {number}",
        "Amount": "86.00",
    }
    of = {"OpportunityId": owner, "QuickBooks_Line_Id__c": None}  # its own state writes the ids of lines
    lines = [
        {
            "Product2Id": "Service kept",
            "Quantity": "2.00",
            "UnitPrice": "40.00",
            "Description": "Hours",
            **of,
        },
        {"Product2Id": "NonInventory kept", "Quantity": "1.00", "UnitPrice": "6.00", **of},
    ]
    return Story(
        state=f"{entity}ToOpportunity",
        made={"Opportunity": [made], "OpportunityLineItem": lines},
        changed={
            "Opportunity": {
                f"{entity} kept": {"Description": "as agreed"},
                f"{entity} won": {"Invoice_Number__c": "1", "QuickBooks_Id__c": f"{entity} 1"},
            },
            "OpportunityLineItem": {
                f"{entity} kept#1": {"Description": "Hours"},
                f"{entity} kept#2": {"Description": "Nails", "UnitPrice": "5.50"},
                f"{entity} won#2": {"Description": "as the books word it"},  # the item's own text
            },
        },
    )


def _line_update(entity: str) -> Story:
    """Which line of the opportunity is which line of the document."""
    return Story(
        state=f"{entity}LineUpdate",
        changed={
            "OpportunityLineItem": {
                line: {"QuickBooks_Line_Id__c": partner} for line, partner in line_pairs(entity)
            }
        },
    )


def line_pairs(entity: str) -> list[tuple[str, str]]:
    """The lines of opportunities and their partners."""
    number = NUMBERS[entity]
    documents = {
        f"{entity} kept": f"{entity} {number}-1",
        f"{entity} won": f"{entity} 1",
        f"Birch Works {number}-2": f"{entity} {number}-2",
    }
    return [(f"{left}#{n}", f"{right}#{n}") for left, right in documents.items() for n in (1, 2)]


# --- receivables --------------------------------------------------------------------------------------------


def _receivables() -> list[Story]:
    return [
        _receivable("Invoice", "Invoice", {"Open_Balance__c": "0.00", "Status__c": "Paid"}, due=True),
        _receivable("Estimate", "Estimate", {"Status__c": "Open"}, due=True),
        _receivable("SalesOrder", "Sales Order", {"Status__c": "Open"}, due=True),
        _credit_memo(),
        _payment(),
    ]


def _receivable(entity: str, kind: str, kept: Row, *, due: bool) -> Story:
    """Of a document that may belong to an opportunity; the second one came from Salesforce."""
    number, balance = NUMBERS[entity], entity == "Invoice"
    dates = {"Date__c": "2026-01-03"} | ({"Due_Date__c": "2026-01-03"} if due else {})
    rows = [("1", "199.99", f"{entity} won", "by Easter"),
            (f"{number}-2", "86.00", f"Birch Works {number}-2", "at the counter")]  # fmt: skip
    made = [
        {
            "Name": f"{kind} {at}",
            "Type__c": kind,
            "Account__c": "Birch Works",
            "Opportunity__c": opportunity,
            "Number__c": at,
            "Amount__c": amount,
            "Open_Balance__c": amount if balance else None,
            "Status__c": "Open",
            "Memo__c": memo,
            "QuickBooks_Id__c": f"{entity} {at}",
            **dates,
        }
        for at, amount, opportunity, memo in rows
    ]
    changed = {
        "Opportunity__c": f"{entity} kept",
        "Number__c": f"{number}-1",
        "Amount__c": "85.50",
        "Memo__c": "as agreed",
        **dates,
        **kept,
    }
    return Story(
        state=f"{entity}ToReceivables",
        made={"Receivable__c": made},
        changed={"Receivable__c": {f"{kind} kept": changed}},
    )


def _credit_memo() -> Story:
    told = {"Date__c": "2026-01-03", "Status__c": "Open"}
    return Story(
        state="CreditMemoToReceivables",
        made={
            "Receivable__c": [
                {
                    "Name": "Credit Memo CM-2",
                    "Type__c": "Credit Memo",
                    "Account__c": "Birch Works",
                    "Number__c": "CM-2",
                    "Amount__c": "-86.00",
                    "Open_Balance__c": "-86.00",
                    "Memo__c": "at the counter",
                    "QuickBooks_Id__c": "CreditMemo CM-2",
                    **told,
                }
            ]
        },
        changed={
            "Receivable__c": {
                "Credit Memo kept": {
                    "Number__c": "CM-1",
                    "Amount__c": "-85.50",
                    "Open_Balance__c": "-85.50",
                    "Memo__c": "as agreed",
                    **told,
                }
            }
        },
    )


def _payment() -> Story:
    told = {"Date__c": "2026-01-04", "Status__c": "Open", "Payment_Method__c": "Check"}
    return Story(
        state="PaymentToReceivables",
        made={
            "Receivable__c": [
                {
                    "Name": "Payment 4712",
                    "Type__c": "Payment",
                    "Account__c": "Birch Works",
                    "Number__c": "4712",
                    "Amount__c": "-20.00",
                    "Open_Balance__c": "-14.50",
                    "QuickBooks_Id__c": "ReceivePayment 4712",
                    **told,
                }
            ]
        },
        changed={
            "Receivable__c": {
                "Payment kept": {
                    "Number__c": "4711",
                    "Amount__c": "-85.50",
                    "Open_Balance__c": "-5.50",
                    **told,
                }
            }
        },
    )
