"""Once a custom field is there, a mapping writes it like any other field: to old records and to new ones."""

from __future__ import annotations

from typing import Any

import pytest

from qbwc.qbxml import build_mod, build_query, data_ext, message_set, parse_records
from qbwc.simulator import Fault
from tests.contract.schemaplan.schema_office import ACCOUNTS, Office
from workbench.bench.changes import Changes

pytestmark = pytest.mark.long

BOTH = ACCOUNTS.replace(
    "quickbooks: Custom_Region, type: text, direction: to_salesforce",
    "quickbooks: Custom_Region, type: text, winner: salesforce",
)


def regions(office: Office) -> dict[str, str]:
    """The custom field of each customer, as QuickBooks has it."""
    asked = message_set([build_query("Customer", request_id="1", owner_ids=["0"])])
    found = parse_records(office.books.company.process(asked))
    return {str(each.fields["FullName"]): each.custom["Region"] for each in found if each.custom}


@pytest.fixture
def ready(office: Office) -> Office:
    """The field is there, everything is matched, and Salesforce knows two regions."""
    office.write_mapping("account-customer", BOTH)
    schema = office.bench.schema_plan()
    schema.approve(by="maria", only=["Region"])
    assert office.applied(schema).finished
    for name, region in (("Birch", "West"), ("Elm", "North")):
        (account,) = [row for row in office.org.records("Account") if row["Name"] == name]
        office.org.edit("Account", account["Id"], {"Site": region})
    office.pull()
    office.bench.match().close()
    return office


def planned(office: Office) -> Changes:
    changes = office.bench.plan(office.bench.diff(), to="quickbooks")
    changes.approve(where="all", by="maria")
    return changes


def pushed(office: Office, changes: Changes, *faults: Fault) -> dict[str, tuple[str, str]]:
    """(outcome, detail) by object and label."""
    result: Any = office.bench.push(changes, execute=True, wait=0)
    for number in range(5):
        office.calls(*(faults if number == 0 else ()))
        result = office.bench.resume(changes.id, wait=0)
        if result.finished:
            break
    rows = result.table.to_dict("records")
    return {f"{row['object']} {row['label']}": (row["outcome"], row["detail"]) for row in rows}


def test_values_reach_old_and_new_customers(ready: Office) -> None:
    changes = planned(ready)
    assert changes.held == []
    dry = ready.bench.push(changes)
    assert "<DataExtName>Region</DataExtName>" in "".join(dry.table["text"])
    told = pushed(ready, changes)
    assert {name: outcome for name, (outcome, _) in told.items() if "Customer" in name} == {
        "Customer Elm": "applied", "Customer.Custom_Region Elm": "applied",
        "Customer.Custom_Region Birch": "applied",
    }  # fmt: skip
    assert regions(ready) == {"Birch": "West", "Elm": "North"}
    ready.pull()
    ready.bench.match()
    left = ready.bench.diff().table
    assert list(left[left["field"] == "region"]["label"]) == []


def test_a_value_is_written_once_though_its_answer_is_lost(ready: Office) -> None:
    told = pushed(ready, planned(ready), Fault(kind="lose_answer", at=1))
    assert {outcome for name, (outcome, _) in told.items() if "Custom_" in name} == {"applied"}, told
    assert regions(ready) == {"Birch": "West", "Elm": "North"}


def test_a_value_that_moved_since_review_is_stale(ready: Office) -> None:
    changes = planned(ready)
    key = ready.books.key("Customer", "Birch")
    fields = data_ext("Customer", key, "Region", "East")
    moved = build_mod("DataExt", None, None, fields, request_id="1")
    assert 'statusCode="0"' in ready.books.company.process(message_set([moved]))
    told = pushed(ready, changes)
    outcome, detail = told["Customer.Custom_Region Birch"]
    assert (outcome, "'East'" in detail) == ("stale", True), told
    assert regions(ready) == {"Birch": "East", "Elm": "North"}
