"""A company file with a record of every kind, for stories about sales, payments and custom fields."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from simulator_world import SEED, World

from qbwc.simulator import CompanyFile

PRIVATE = "{1F0C6D0B-0D63-4A5C-9D7E-52A7D3F00001}"
BOOKS: dict[str, Any] = {
    **SEED,
    "Class": [{"Name": "West"}, {"Name": "Coast", "ParentRef_FullName": "West"}],
    "DateDrivenTerms": [{"Name": "Mid month", "DayOfMonthDue": 15}],
    "SalesTaxCode": [{"Name": "Tax", "IsTaxable": True}, {"Name": "Non", "IsTaxable": False}],
    "SalesRep": [{"Name": "EE"}],
    "ItemSalesTax": [{"Name": "State", "TaxRate": "7.25", "TaxVendorRef_FullName": "Vine Supplies"}],
    "ItemSalesTaxGroup": [{"Name": "All taxes", "lines": [{"ItemSalesTaxRef_FullName": "State"}]}],
    "ItemSubtotal": [{"Name": "Subtotal"}],
    "ItemGroup": [
        {
            "Name": "Kit",
            "ItemDesc": "A kit",
            "lines": [
                {"ItemRef_FullName": "Consulting", "Quantity": 1},
                {"ItemRef_FullName": "Nails", "Quantity": 200},
            ],
        }
    ],
    "DataExtDef": [
        {"DataExtName": "Region", "DataExtType": "STR255TYPE", "AssignToObject": "Customer"},
        {"DataExtName": "Weight", "DataExtType": "QUANTYPE", "AssignToObject": ["Item"]},
        {
            "OwnerID": PRIVATE,
            "DataExtName": "SalesforceId",
            "DataExtType": "STR255TYPE",
            "AssignToObject": "Customer;Invoice;Company",
        },
    ],
    "Estimate": [
        {"CustomerRef_FullName": "Birch", "RefNumber": "E1", "lines": [{"ItemRef_FullName": "Consulting"}]}
    ],
    "SalesOrder": [
        {"CustomerRef_FullName": "Birch", "RefNumber": "S1", "lines": [{"ItemRef_FullName": "Consulting"}]}
    ],
    "SalesReceipt": [{"RefNumber": "R1", "lines": [{"ItemRef_FullName": "Consulting", "Quantity": 3}]}],
    "CreditMemo": [
        {"CustomerRef_FullName": "Cedar", "RefNumber": "C1", "lines": [{"Amount": 15, "Desc": "sorry"}]}
    ],
    "ReceivePayment": [
        {
            "CustomerRef_FullName": "Birch",
            "RefNumber": "P1",
            "TotalAmount": 50,
            "lines": [{"RefNumber": "1", "Amount": 40}],
        }
    ],
}
BOOKS["Customer"] = [
    {**SEED["Customer"][0], "custom": {"Region": "West", f"{PRIVATE}.SalesforceId": "001"}},
    *SEED["Customer"][1:],
]


class BooksWorld(World):
    """The same ways to ask, with more to ask for."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.company.close()
        self.company = CompanyFile.create(folder / "books.db", BOOKS, clock=self.clock)
