"""The seed loads into the embedded org and the company file, and both take the edits."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from qbwc.simulator import CompanyFile
from workbench.testorg.org import TestOrg


@pytest.fixture(scope="module")
def org(demo: Path) -> Iterator[TestOrg]:
    with TestOrg.open(None, seed=demo / "salesforce") as opened:
        yield opened


@pytest.fixture(scope="module")
def company(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CompanyFile]:
    path = tmp_path_factory.mktemp("company") / "larkspur.sqlite"
    with CompanyFile.create(path, demo / "quickbooks") as made:
        yield made


def test_every_record_is_loaded(org: TestOrg, company: CompanyFile, salesforce: Any, quickbooks: Any) -> None:
    assert {name: len(org.records(name)) for name in salesforce} == {
        n: len(rs) for n, rs in salesforce.items()
    }
    entities = [name for name in quickbooks if name != "Company"]
    assert {name: len(company.records(name)) for name in entities} == {
        n: len(quickbooks[n]) for n in entities
    }
    assert company.company_name == "Larkspur Workshop Supply"


def test_the_org_keeps_what_the_seed_says(org: TestOrg, salesforce: Any) -> None:
    for name, records in salesforce.items():
        kept = {row["Id"]: row for row in org.records(name)}
        for record in records:
            differing = {
                f: (v, kept[record["Id"]][f]) for f, v in record.items() if kept[record["Id"]][f] != v
            }
            assert differing == {}, (name, record["Id"])


def test_the_bookkeeper_and_the_sales_person_can_make_their_edits(
    org: TestOrg, company: CompanyFile, edits: Any
) -> None:
    for row in edits["salesforce"]:
        org.edit(row["object"], row["key"], row["fields"])
    for row in edits["quickbooks"]:
        company.edit(row["entity"], row["key"], lines=row.get("lines"), **row.get("fields", {}))
    totals = {o["Name"]: o["Amount"] for o in org.records("Opportunity")}
    assert totals["Hadley Moor Quarry - crane hire"] == Decimal("975.00"), (
        "three days instead of two, and delivery"
    )
    invoices = {i["RefNumber"]: i for i in company.records("Invoice")}
    assert invoices["10509"]["Subtotal"] == Decimal("1092.00")
    assert len(invoices["10509"]["lines"]) == 2, "an edit of one line keeps the other"
