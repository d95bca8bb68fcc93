"""One small org a test, in memory, behind a socket on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.salesforce.salesforce_office import Office, running_office
from workbench.connections import salesforce_bulk, salesforce_session

SEED = {
    "Account": [
        {"Id": "001000000000001AAA", "Name": "Alder Supply", "Phone": "555-0101", "Active__c": True},
        {"Id": "001000000000002AAA", "Name": "Birch & Sons", "Phone": "555-0102", "Fax": "555-0902"},
        {"Id": "001000000000003AAA", "Name": "Cedar O'Neil", "Description": "line one\nline two"},
    ],
    "Contact": [
        {"Id": "003000000000001AAA", "AccountId": "001000000000001AAA", "LastName": "Ash",
         "Email": "ash@alder.example"},
    ],
    "Pricebook2": [
        {"Id": "01s000000000001AAA", "Name": "Standard Price Book", "IsStandard": True, "IsActive": True}
    ],
    "Product2": [{"Id": "01t000000000001AAA", "Name": "Guiding", "IsActive": True}],
    "PricebookEntry": [
        {"Id": "01u000000000001AAA", "Pricebook2Id": "01s000000000001AAA",
         "Product2Id": "01t000000000001AAA", "UnitPrice": "80.00", "IsActive": True}
    ],
    "Opportunity": [
        {"Id": "006000000000001AAA", "Name": "Alder 1041", "AccountId": "001000000000001AAA",
         "StageName": "Closed Won", "CloseDate": "2026-03-02", "Generate__c": "Invoice"},
    ],
    "OpportunityLineItem": [
        {"Id": "00k000000000001AAA", "OpportunityId": "006000000000001AAA",
         "PricebookEntryId": "01u000000000001AAA", "Quantity": "2", "UnitPrice": "80.00"},
    ],
}  # fmt: skip


@pytest.fixture(autouse=True)
def _no_time_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock, so to say: pauses between tries and looks are short."""
    monkeypatch.setattr(salesforce_session, "FIRST_WAIT_SECONDS", 0.001)
    monkeypatch.setattr(salesforce_bulk, "FIRST_POLL_SECONDS", 0.01)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with running_office(tmp_path, SEED) as opened:
        yield opened
