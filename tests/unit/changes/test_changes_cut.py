"""What a mapping itself loses between the value of the source and the one it writes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.core.core_world import read
from workbench.changes.cut import cut
from workbench.model import Mapping, Side

MAPPING = """
mapping: accounts
title: Accounts
salesforce: {object: Account, label: Name}
quickbooks: {object: Customer, label: FullName}
states: {AccountToCustomer: {to: quickbooks, on: true}}
operations: {quickbooks: [add, modify]}
match: [{rule: name, field: name, how: exact, accept: true}]
fields:
  name: {salesforce: Name, quickbooks: Name, type: name, transform: colon_dash, required: true}
  plain: {salesforce: Description, quickbooks: Notes, type: text}
  short:
    {salesforce: Site, quickbooks: Contact, type: text, write: {quickbooks: "left(Site, 5)"}}
  limit: {salesforce: Limit__c, quickbooks: CreditLimit, type: money}
  since: {salesforce: CreatedDate, quickbooks: JobStartDate, type: date}
  terms: {salesforce: Terms__c, quickbooks: TermsRef_FullName, type: text, values: {Net 30: N30}}
  parent: {salesforce: ParentId, quickbooks: ParentRef_ListID, type: reference, reference: accounts}
defaults: {salesforce: {}, quickbooks: {}}
"""
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

#  field, what is written, the source, the value that is written, what is lost
CASES: list[tuple[str, str, dict[str, Any], Any, str]] = [
    ("plain", "Notes", {"Description": "all of it"}, "all of it", ""),
    ("plain", "Notes", {"Description": " all of it "}, "all of it", ""),
    ("plain", "Notes", {"Description": "all of it"}, "all",
     "truncation: the mapping keeps 3 of 9 characters"),
    ("plain", "Notes", {"Description": "Jürgen"}, "Jurgen",
     "characters: the mapping writes it without accents"),
    ("plain", "Notes", {"Description": "Jürgen"}, "Hans", ""),
    ("plain", "Notes", {"Description": None}, "by default", ""),
    ("plain", "Notes", {}, "by default", ""),
    ("plain", "Notes", {"Description": "x"}, None, ""),
    ("short", "Contact", {"Site": "all of it"}, "all o",
     "truncation: the mapping keeps 5 of 9 characters"),
    ("limit", "CreditLimit", {"Limit__c": Decimal("2.345")}, Decimal("2.35"),
     "rounding: the mapping makes 2.35 of 2.345"),
    ("limit", "CreditLimit", {"Limit__c": Decimal("2.50")}, Decimal("2.5"), ""),
    ("limit", "CreditLimit", {"Limit__c": Decimal(2)}, Decimal(9), ""),
    ("since", "JobStartDate", {"CreatedDate": NOON}, date(2026, 3, 1),
     "time: the mapping drops the time of day"),
    ("since", "JobStartDate", {"CreatedDate": date(2026, 3, 1)}, date(2026, 3, 1), ""),
    ("name", "Name", {"Name": "Birch: North"}, "Birch", ""),  # a transform has a way back
    ("terms", "TermsRef_FullName", {"Terms__c": "Net 30"}, "N", ""),  # and so has a list of values
    ("parent", "ParentRef_ListID", {"ParentId": "8-10"}, "8-1", ""),  # keys are no texts
]  # fmt: skip


@pytest.fixture(scope="module")
def mapping() -> Mapping:
    return read(MAPPING)


@pytest.mark.parametrize(("field", "api", "source", "value", "loss"), CASES)
def test_what_the_mapping_loses(
    mapping: Mapping, field: str, api: str, source: dict[str, Any], value: Any, loss: str
) -> None:
    (found,) = (each for each in mapping.fields if each.name == field)
    assert cut(found, Side.QUICKBOOKS, api, source, value) == loss
