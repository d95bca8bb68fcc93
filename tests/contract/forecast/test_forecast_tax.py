"""Sales tax that QuickBooks adds to a new invoice: foretold from the customer's tax item, to the cent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.contract.states import states_records as records
from tests.contract.states.states_office import Office, running_office
from tests.contract.undo.undo_office import carried_out
from workbench import crosswalk
from workbench.templates import DEFAULT

pytestmark = pytest.mark.long


def systems() -> tuple[dict[str, Any], dict[str, Any]]:
    """One deal of 99.99 for a customer with a tax item of 7.25 %."""
    sf = records.sf
    account, product, entry, deal = sf("001", 1), sf("01t", 1), sf("01u", 1), sf("006", 1)
    salesforce = {
        "Account": [{"Id": account, "Name": "Birch Works", "QuickBooks_Id__c": "80000001-1",
                     "Active__c": True}],
        "Contact": [],
        "Pricebook2": [{"Id": records.BOOK, "Name": "Standard", "IsStandard": True, "IsActive": True}],
        "Product2": [{"Id": product, "Name": "Nails", "QuickBooks_Item_Type__c": "Service", "IsActive": True,
                      "QuickBooks_Id__c": "80000201-1"}],
        "PricebookEntry": [{"Id": entry, "Pricebook2Id": records.BOOK, "Product2Id": product,
                            "UnitPrice": "99.99", "IsActive": True}],
        "Opportunity": [{"Id": deal, "Name": "taxed", "AccountId": account, "Generate__c": "Invoice",
                         "StageName": "Closed Won", "CloseDate": "2026-01-03"}],
        "OpportunityLineItem": [{"Id": sf("00k", 1), "OpportunityId": deal, "PricebookEntryId": entry,
                                 "Quantity": "1", "UnitPrice": "99.99", "SortOrder": 1}],
    }  # fmt: skip
    seed = records.quickbooks()
    quickbooks = {
        name: seed[name] for name in ("Company", "Account", "SalesTaxCode", "Vendor") if name in seed
    }
    quickbooks |= {
        "ItemSalesTax": [{"ListID": "80000301-1", "Name": "State", "TaxRate": "7.25"}],
        "Customer": [{"ListID": "80000001-1", "Name": "Birch Works", "ItemSalesTaxRef_FullName": "State"}],
        "ItemService": [{"ListID": "80000201-1", "Name": "Nails", "SalesOrPurchase_Price": "99.99",
                         "SalesOrPurchase_AccountRef_FullName": "Sales"}],
    }  # fmt: skip
    return salesforce, quickbooks


def invoices(office: Office) -> list[str]:
    return [f"{row['Subtotal']} + {row['SalesTaxTotal']}" for row in office.company.records("Invoice")]


def test_the_tax_is_in_the_money_that_is_predicted(tmp_path: Path) -> None:
    with running_office(tmp_path, DEFAULT, *systems()) as office:
        office.only(office.template.states)
        office.diff()
        crosswalk.close(office.workspace.store, "opportunity-invoice", "maria")  # it had nothing to match
        changes = office.bench.plan(office.bench.diff())
        assert {row.state for row in carried_out(office, changes)} == {"applied"}
        assert invoices(office) == ["99.99 + 7.25"]
        office.pull()
        proof = office.bench.proof(changes.id)
        assert "as predicted" in str(proof) or "agree to the cent" in str(proof)
        assert "not as predicted" not in str(proof)
        assert "107.24" in str(proof)
