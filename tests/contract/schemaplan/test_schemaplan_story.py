"""A mapping wants a custom field and an account; a person approves; QuickBooks makes them, once."""

from __future__ import annotations

from typing import Any

import pytest

from qbwc.simulator import Fault
from tests.contract.schemaplan.schema_office import ACCOUNTS, Office
from workbench.errors import ApprovalError

WANTED = [
    "account Sales:Online (Income)",
    "custom field Region of Customer",
    "field Account.QuickBooks_Id__c (Text(36), unique, external id)",
]


def labels(office: Office) -> list[str]:
    return [item.label for item in office.bench.schema_plan().plan.items]


def test_from_nothing_to_a_mapping_that_works(office: Office) -> None:
    before = (office.definitions(), office.accounts())
    schema = office.bench.schema_plan()
    assert [item.label for item in schema.plan.items] == WANTED
    assert schema.problems == ()
    assert office.bench.schema_plan().plan.content == schema.plan.content

    with pytest.raises(ApprovalError, match="nobody has approved"):
        schema.apply(execute=True, wait=0)
    dry = schema.apply()
    assert "DataExtDefAddRq" in "".join(dry.table["text"])
    assert "nothing was sent" in dry.summary()
    office.calls()
    assert (office.definitions(), office.accounts()) == before

    schema.approve(by="maria")
    result = office.applied(schema)
    assert dict(result.counts) == {"applied": 2}
    assert office.definitions() == [*before[0], ("Region", "STR255TYPE", "Customer")]
    assert office.accounts() == sorted([*before[1], ("Sales:Online", "Income")])

    office.pull()
    assert labels(office) == WANTED[2:]  # what Salesforce' administrator has to do
    assert schema.execute(wait=0).finished  # and again does nothing
    office.calls()
    assert office.writes() == []
    region = office.bench.sql('SELECT "Name", "Custom_Region" FROM quickbooks."Customer"')
    assert set(region["Custom_Region"].isna()) == {True}


#  what strikes while it is written: the first message set of that call
FAULTS = ["lose_answer", "drop_reply", "drop_call", "crash_before_work", "duplicate", "hresult_after"]


@pytest.mark.parametrize("kind", FAULTS)
def test_never_twice_whatever_is_lost(office: Office, kind: Any) -> None:
    before = (office.definitions(), office.accounts())
    schema = office.bench.schema_plan()
    schema.approve(by="maria")
    result = office.applied(schema, faults=(Fault(kind=kind, at=1),))
    assert dict(result.counts) == {"applied": 2}, result.table
    assert office.definitions() == [*before[0], ("Region", "STR255TYPE", "Customer")]
    assert office.accounts() == sorted([*before[1], ("Sales:Online", "Income")])
    office.pull()
    assert labels(office) == WANTED[2:]


def test_mappings_that_are_off_want_nothing(office: Office) -> None:
    text = ACCOUNTS.replace("on: true", "on: false")
    office.write_mapping("account-customer", text)
    assert labels(office) == WANTED[:1]
