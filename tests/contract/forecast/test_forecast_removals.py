"""What goes: a void transaction, a deleted one, and those that something still needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.contract.forecast.forecast_books import code_of, foretold, pushed, remove, running_books
from tests.contract.forecast.forecast_org import BOOK, compared, sf
from tests.contract.forecast.forecast_org import foretold as foretold_of_org
from tests.contract.salesforce.salesforce_office import Office as OrgOffice
from tests.contract.salesforce.salesforce_office import running_office
from workbench.changes import Change
from workbench.forecast import Forecast
from workbench.model import Side
from workbench.snapshots import newest, open_reader

pytestmark = pytest.mark.long

LINE = {"lines": [{"Desc": "A day", "Quantity": 2, "Rate": "40.00"}], "TxnDate": "2026-03-02"}
SEED: dict[str, Any] = {
    "Customer": [{"Name": "Alder"}, {"Name": "Site", "ParentRef_FullName": "Alder"}],
    "Account": [{"Name": "Receivable", "AccountType": "AccountsReceivable"}],
    "Invoice": [
        {"RefNumber": "1", "CustomerRef_FullName": "Alder:Site", **LINE},
        {"RefNumber": "2", "CustomerRef_FullName": "Alder", **LINE},
        {"RefNumber": "3", "CustomerRef_FullName": "Alder", **LINE, "TxnDate": "2025-12-31"},
    ],
    "Estimate": [{"RefNumber": "4", "CustomerRef_FullName": "Alder", **LINE}],
    "ReceivePayment": [
        {"CustomerRef_FullName": "Alder", "TotalAmount": "30.00", "TxnDate": "2026-03-04",
         "lines": [{"RefNumber": "2", "Amount": "30.00"}]}
    ],
    "Preferences": {"AccountingPreferences_ClosingDate": "2025-12-31"},
}  # fmt: skip

#  what goes, how, the code
GOES = [
    ("Invoice", "1", "void", "ok"),
    ("Invoice", "2", "void", "3185"),  # a payment is applied to it
    ("Invoice", "3", "void", "3185"),  # of a closed period
    ("Estimate", "4", "delete", "ok"),
]
MONEY = 'SELECT "FullName", "Balance", "TotalBalance" FROM quickbooks."Customer" ORDER BY 1'
OPEN = 'SELECT "RefNumber", "Subtotal", "BalanceRemaining", "Memo" FROM quickbooks."Invoice" ORDER BY 1'


def test_what_goes_from_the_books(tmp_path: Path) -> None:
    with running_books(tmp_path, SEED, every_document=True) as office:
        changes = [remove(office, entity, name, action) for entity, name, action, _ in GOES]
        told = foretold(office, *changes)
        rows = pushed(office, told)
        codes = [code for *_, code in GOES]
        assert [told.predictions[each.id].code for each in changes] == codes
        assert [code_of(rows[each.id]) for each in changes] == codes
        office.pull()
        with open_reader([newest(office.workspace.store, Side.QUICKBOOKS)]) as now:
            for query in (MONEY, OPEN):
                assert told.after.execute(query).fetchall() == now.execute(query).fetchall()
        assert told.after.execute(MONEY).fetchall() == [
            ("Alder", Decimal("130.00"), Decimal("130.00")),
            ("Alder:Site", Decimal("0.00"), Decimal("0.00")),
        ]
        assert told.before.execute(MONEY).fetchall() == [
            ("Alder", Decimal("130.00"), Decimal("210.00")),
            ("Alder:Site", Decimal("80.00"), Decimal("80.00")),
        ]


# --- Salesforce ---------------------------------------------------------------------------------------------

ORG: dict[str, Any] = {
    "Account": [{"Id": sf("001", n), "Name": f"Account {n}"} for n in (1, 2)],
    "Contact": [{"Id": sf("003", n), "LastName": f"Contact {n}", "AccountId": sf("001", n)} for n in (1, 2)],
    "Pricebook2": [{"Id": BOOK, "Name": "Standard", "IsStandard": True, "IsActive": True}],
    "Product2": [{"Id": sf("01t", n), "Name": f"Product {n}", "IsActive": True} for n in (1, 2)],
    "PricebookEntry": [
        {"Id": sf("01u", n), "Pricebook2Id": BOOK, "Product2Id": sf("01t", n), "UnitPrice": "5.00",
         "IsActive": True}
        for n in (1, 2)
    ],
    "Opportunity": [
        {"Id": sf("006", n), "Name": f"Sale {n}", "StageName": stage, "CloseDate": "2026-03-02",
         "AccountId": sf("001", 1)}
        for n, stage in ((1, "Closed Won"), (2, "Prospecting"))
    ],
    "OpportunityLineItem": [
        {"Id": sf("00k", n), "OpportunityId": sf("006", of), "PricebookEntryId": sf("01u", 1),
         "Quantity": "2", "UnitPrice": "5.00"}
        for n, of in ((1, 1), (2, 1), (3, 2))
    ],
}  # fmt: skip

#  why, object, id, the code, tables and how many of their rows are left
DELETES = [
    ("a contact", "Contact", "003", 1, "ok", {"Contact": 1}),
    ("an account with what hangs on it", "Account", "001", 2, "ok", {"Account": 1, "Contact": 1}),
    ("an account with a won sale", "Account", "001", 1, "DELETE_FAILED", {"Account": 2, "Contact": 2}),
    ("a sale with its lines", "Opportunity", "006", 2, "ok", {"Opportunity": 1, "OpportunityLineItem": 2}),
    ("a line", "OpportunityLineItem", "00k", 2, "ok", {"Opportunity": 2, "OpportunityLineItem": 2}),
    ("a product that is sold", "Product2", "01t", 1, "DELETE_FAILED", {"Product2": 2, "PricebookEntry": 2}),
    ("a product with its price", "Product2", "01t", 2, "ok", {"Product2": 1, "PricebookEntry": 1}),
]


@pytest.fixture
def org(tmp_path: Path) -> Iterator[OrgOffice]:
    with running_office(tmp_path, ORG) as office:
        yield office


def deleted(office: OrgOffice, name: str, record: str) -> Change:
    return replace(office.update(name, record, SystemModstamp=None), action="delete")


@pytest.mark.parametrize("case", DELETES, ids=[case[0] for case in DELETES])
def test_what_goes_from_the_org(org: OrgOffice, case: Any) -> None:
    _, name, prefix, number, code, left = case
    told = foretold_of_org(org, deleted(org, name, sf(prefix, number)))
    assert [each.code for each in told.predictions.values()] == [code]
    assert compared(org, told) == {}
    org.pull()
    with open_reader([newest(org.workspace.store, Side.SALESFORCE)]) as now:
        assert _left(told, left) == {table: _count(now, table) for table in left} == left
        sums = 'SELECT "Name", "Amount" FROM salesforce."Opportunity" ORDER BY 1'
        assert told.after.execute(sums).fetchall() == now.execute(sums).fetchall()


def _left(told: Forecast, tables: dict[str, int]) -> dict[str, int]:
    return {table: _count(told.after, table) for table in tables}


def _count(connection: Any, table: str) -> int:
    (found,) = connection.execute(f'SELECT count(*) FROM salesforce."{table}"').fetchone()
    return int(found)
