"""Records of both sides on which every state of the template has something to do.

| told as | is |
|---|---|
| kept | on both sides and linked; a field that Salesforce wins and one that QuickBooks wins differ |
| sold, won | in Salesforce only |
| booked | in QuickBooks only |
| lost, open, elsewhere | in Salesforce only, and outside the gate of its state |
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Record = dict[str, Any]

TYPES = ("Service", "Inventory", "NonInventory", "OtherCharge", "Discount")
DOCUMENTS = ("Invoice", "Estimate", "SalesOrder", "SalesReceipt")
RECEIVABLES = {
    "Invoice": "Invoice",
    "Estimate": "Estimate",
    "SalesOrder": "Sales Order",
    "CreditMemo": "Credit Memo",
    "ReceivePayment": "Payment",
}
"""By entity, the type of its Receivable."""

NUMBERS = {"Invoice": "INV", "Estimate": "EST", "SalesOrder": "SO", "SalesReceipt": "SR", "CreditMemo": "CM"}
BOOK = "01s000000000001AAA"
BIRCH = {"ListID": "80000001-1", "Id": "001000000000001AAA"}


def sf(prefix: str, number: int) -> str:
    """An id of Salesforce."""
    return f"{prefix}{number:012d}AAA"


def item_id(kind: str) -> str:
    """The ListID of the item of a type that is linked."""
    return f"8000010{TYPES.index(kind)}-1"


def txn_id(entity: str) -> str:
    """The TxnID of the document of a kind that is linked."""
    return f"A{list(RECEIVABLES).index(entity) if entity in RECEIVABLES else 9}-1767200000"


# --- Salesforce ---------------------------------------------------------------------------------------------


def salesforce() -> dict[str, list[Record]]:
    """The org's records, by object."""
    return {
        "Account": _accounts(),
        "Contact": _contacts(),
        "Pricebook2": [{"Id": BOOK, "Name": "Standard", "IsStandard": True, "IsActive": True}],
        "Product2": [product for product, _ in _products()],
        "PricebookEntry": [price for _, price in _products()],
        "Opportunity": [opportunity for opportunity, _ in _opportunities()],
        "OpportunityLineItem": [line for _, lines in _opportunities() for line in lines],
        "Receivable__c": list(_receivables()),
    }


def _accounts() -> list[Record]:
    kept = {"Active__c": True, "Type": "Customer - Direct"}
    return [
        {"Id": BIRCH["Id"], "Name": "Birch Works", "QuickBooks_Id__c": BIRCH["ListID"], **kept},
        {
            "Id": sf("001", 2),
            "Name": "Cedar Hall kept",
            "BillingCity": "Sale",
            "QuickBooks_Id__c": "80000002-1",
            **kept,
        },
        {
            "Id": sf("001", 3),
            "Name": "Alder: Supply sold",
            "Phone": "555-0101",
            "BillingStreet": "1 Main St\nDock 4",
            "BillingCity": "Salem",
            **kept,
        },
        {"Id": sf("001", 4), "Name": "Elder elsewhere", "QuickBooks_Id__c": "80000099-1", **kept},
    ]


def _contacts() -> list[Record]:
    of = {"AccountId": BIRCH["Id"]}
    return [
        {"Id": sf("003", 1), "FirstName": "Eva", "LastName": "Elm kept", "Phone": "555-0303", **of},
        {
            "Id": sf("003", 2),
            "FirstName": "Finn",
            "LastName": "Fir sold",
            "Email": "finn@birch.example",
            **of,
        },
    ]


def _products() -> list[tuple[Record, Record]]:
    made = []
    for number, kind in enumerate(TYPES):
        made.append(
            _product(
                2 * number + 1,
                f"{kind} kept",
                kind,
                "30.00",
                Description="as sales words it",
                QuickBooks_Id__c=item_id(kind),
            )
        )
        made.append(_product(2 * number + 2, f"{kind} sold", kind, "12.50", Description="new from sales"))
    return [*made, _product(99, "Untold elsewhere", None, "1.00")]


def _product(number: int, name: str, kind: str | None, price: str, **more: Any) -> tuple[Record, Record]:
    product = {"Id": sf("01t", number), "Name": name, "QuickBooks_Item_Type__c": kind, "IsActive": True}
    entry = {
        "Id": sf("01u", number),
        "Pricebook2Id": BOOK,
        "Product2Id": product["Id"],
        "UnitPrice": price,
        "IsActive": True,
    }
    return product | more, entry


def _opportunities() -> Iterator[tuple[Record, list[Record]]]:
    for number, entity in enumerate(DOCUMENTS):
        estimate = entity == "Estimate"
        on = {"AccountId": BIRCH["Id"], "Generate__c": entity, "CloseDate": "2026-01-03"}
        won = {"StageName": "Negotiation/Review" if estimate else "Closed Won"} | on
        kept = {
            "Id": sf("006", 3 * number + 1),
            "Name": f"{entity} kept",
            "Description": "as agred",
            "QuickBooks_Id__c": txn_id(entity),
            "Invoice_Number__c": f"{NUMBERS[entity]}-1",
            **won,
        }
        yield (
            kept,
            [
                _line(10 * number + 1, kept, "Service", "2", "40.00"),
                _line(10 * number + 2, kept, "NonInventory", "1", "5.00"),
            ],
        )
        new = {"Id": sf("006", 3 * number + 2), "Name": f"{entity} won", "Description": "by Easter", **won}
        yield (
            new,
            [
                _line(10 * number + 3, new, "Service", "3", "33.33", Description="Hours in March"),
                _line(10 * number + 4, new, "Inventory", "1", "100.00"),
            ],
        )
        closed = {"StageName": "Closed Lost" if estimate else "Negotiation/Review"} | on
        gone = {"Id": sf("006", 3 * number + 3), "Name": f"{entity} lost or open", **closed}
        yield gone, [_line(10 * number + 5, gone, "Service", "1", "9.00")]


def _line(number: int, opportunity: Record, kind: str, quantity: str, price: str, **more: Any) -> Record:
    return {
        "Id": sf("00k", number),
        "OpportunityId": opportunity["Id"],
        "PricebookEntryId": sf("01u", 2 * TYPES.index(kind) + 1),
        "SortOrder": number,
        "Quantity": quantity,
        "UnitPrice": price,
        **more,
    }


def _receivables() -> Iterator[Record]:
    """What stood there before, as somebody has left it."""
    for number, (entity, kind) in enumerate(RECEIVABLES.items(), start=1):
        yield {
            "Id": sf("a00", number),
            "Name": f"{kind} kept",
            "Type__c": kind,
            "Account__c": BIRCH["Id"],
            "Amount__c": "1.00",
            "QuickBooks_Id__c": txn_id(entity),
        }


# --- QuickBooks ---------------------------------------------------------------------------------------------


def quickbooks() -> dict[str, Any]:
    """The seed of the company file."""
    made: dict[str, Any] = {
        "Company": {"CompanyName": "Birch & Friends", "FileName": "C:\\QB\\birch.qbw"},
        "Account": [
            {"Name": "Sales", "AccountType": "Income"},
            {"Name": "Cost of Goods Sold", "AccountType": "CostOfGoodsSold"},
            {"Name": "Inventory Asset", "AccountType": "OtherCurrentAsset"},
            {"Name": "Receivable", "AccountType": "AccountsReceivable"},
        ],
        "PaymentMethod": [{"Name": "Check"}],
        "Customer": [
            {"ListID": BIRCH["ListID"], "Name": "Birch Works", "CompanyName": "Birch Works"},
            {"ListID": "80000002-1", "Name": "Cedar Hal kept", "BillAddress_City": "Salem"},
            {"Name": "Dogwood Dairy booked", "Phone": "555-0404", "BillAddress_Addr1": "4 Mill Ln",
             "AccountNumber": "D-4"},
            {"Name": "Eva Elm kept", "ParentRef_FullName": "Birch Works", "FirstName": "Eva",
             "LastName": "Elm kept", "Phone": "555-0300"},
            {"Name": "Gale Gum booked", "ParentRef_FullName": "Birch Works", "FirstName": "Gale",
             "LastName": "Gum booked", "Email": "gale@birch.example"},
        ],
    }  # fmt: skip
    for kind in TYPES:
        made[f"Item{kind}"] = [
            {"ListID": item_id(kind), **_item(kind, f"{kind} kept", "25.00", "as the books word it")},
            _item(kind, f"{kind} booked", "7.25", "new from the books"),
        ]
    for entity in (*DOCUMENTS, "CreditMemo"):
        made[entity] = [
            {"TxnID": txn_id(entity), **_document(entity, 1, "5.50", "as agreed")},
            _document(entity, 2, "6.00", "at the counter"),
        ]
    made["ReceivePayment"] = [
        {"TxnID": txn_id("ReceivePayment"), **_payment("4711", "85.50", "INV-1", "80.00")},
        _payment("4712", "20.00", "INV-1", "5.50"),
    ]
    return made


def _item(kind: str, name: str, price: str, text: str) -> Record:
    if kind == "Discount":
        told = {"ItemDesc": text, "DiscountRate": price, "AccountRef_FullName": "Sales"}
    elif kind == "Inventory":
        told = {
            "SalesDesc": text,
            "SalesPrice": price,
            "IncomeAccountRef_FullName": "Sales",
            "COGSAccountRef_FullName": "Cost of Goods Sold",
            "AssetAccountRef_FullName": "Inventory Asset",
        }
    else:
        told = {
            "SalesOrPurchase_Desc": text,
            "SalesOrPurchase_Price": price,
            "SalesOrPurchase_AccountRef_FullName": "Sales",
        }
    return {"Name": name, **told}


def _document(entity: str, number: int, rate: str, memo: str) -> Record:
    return {
        "CustomerRef_FullName": "Birch Works",
        "RefNumber": f"{NUMBERS[entity]}-{number}",
        "TxnDate": "2026-01-03",
        "Memo": memo,
        "lines": [
            {"ItemRef_FullName": "Service kept", "Quantity": "2", "Rate": "40.00", "Desc": "Hours"},
            {"ItemRef_FullName": "NonInventory kept", "Quantity": "1", "Rate": rate, "Desc": "Nails"},
        ],
    }


def _payment(number: str, total: str, invoice: str, applied: str) -> Record:
    return {
        "CustomerRef_FullName": "Birch Works",
        "RefNumber": number,
        "TxnDate": "2026-01-04",
        "TotalAmount": total,
        "PaymentMethodRef_FullName": "Check",
        "lines": [{"RefNumber": invoice, "Amount": applied}],
    }
