"""A pull of Salesforce: typed tables that say exactly what the org holds, or nothing at all."""

from __future__ import annotations

import shutil
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.contract.salesforce.salesforce_office import OBJECTS, Office
from tests.unit.kept.kept_store import at_once
from workbench import resources, snapshots
from workbench.errors import ConnectionProblem, WorkbenchError
from workbench.pull import pull_salesforce
from workbench.reconciliation import open_reconciliation
from workbench.snapshots import Snapshot, open_reader


def pulled(office: Office, *objects: str, **more: Any) -> Snapshot:
    return pull_salesforce(
        office.workspace.salesforce(), office.workspace.store, office.profile.snapshots,
        objects=objects or OBJECTS, **more,
    )  # fmt: skip


def rows(snapshot: Snapshot, sql: str) -> list[tuple[Any, ...]]:
    with open_reader([snapshot]) as connection:
        return connection.execute(sql).fetchall()


def files(office: Office) -> list[str]:
    return sorted(path.name for path in office.profile.snapshots.rglob("*") if path.is_file())


def test_every_object_is_a_table_with_all_its_records(office: Office) -> None:
    snapshot = pulled(office)
    assert snapshot.counts == {name: len(office.org.records(name)) for name in OBJECTS}
    assert snapshots.newest(office.workspace.store, "salesforce") == snapshot
    assert snapshot.started_at <= snapshot.ended_at
    names = rows(snapshot, 'SELECT "Name" FROM salesforce."Account" ORDER BY 1')
    assert names == [("Alder Supply",), ("Birch & Sons",), ("Cedar O'Neil",)]


def test_values_have_their_types(office: Office) -> None:
    office.org.edit("PricebookEntry", "01u000000000001AAA", {"UnitPrice": "1234567890123456.78"})
    snapshot = pulled(office)
    ((price,),) = rows(snapshot, 'SELECT "UnitPrice" FROM salesforce."PricebookEntry"')
    assert (type(price), price) == (Decimal, Decimal("1234567890123456.78"))
    ((closed, won, amount, stamp),) = rows(
        snapshot, 'SELECT "CloseDate", "IsWon", "Amount", "SystemModstamp" FROM salesforce."Opportunity"'
    )
    assert (closed, won, amount) == (date(2026, 3, 2), True, Decimal("160.00"))
    assert isinstance(stamp, datetime)
    assert stamp.tzinfo is None
    kinds = dict(
        rows(snapshot, "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'Opportunity'")
    )
    assert (kinds["Amount"], kinds["CloseDate"], kinds["SystemModstamp"], kinds["IsWon"], kinds["Name"]) == (
        "DECIMAL(18,2)", "DATE", "TIMESTAMP", "BOOLEAN", "VARCHAR",
    )  # fmt: skip


def test_text_comes_letter_by_letter_and_empty_is_null(office: Office) -> None:
    snapshot = pulled(office, "Account")
    found = rows(
        snapshot, 'SELECT "Description", "Phone" FROM salesforce."Account" WHERE "Name" LIKE \'Cedar%\''
    )
    assert found == [("line one\nline two", None)]


def test_what_each_field_can_hold_is_kept_beside_the_records(office: Office) -> None:
    snapshot = pulled(office, "Account")
    fields = {field["name"]: field for field in snapshot.describes["Account"]["fields"]}
    assert fields["Name"]["length"] == 255
    assert fields["QuickBooks_Id__c"]["externalId"] is True
    assert fields["QuickBooks_Id__c"]["unique"] is True
    assert fields["Id"]["updateable"] is False


@pytest.mark.parametrize("count", [0, 1999, 2000, 2001, 4100])
def test_more_records_than_fit_on_a_page(office: Office, count: int) -> None:
    for number in range(count):
        office.org.create("Product2", {"Name": f"Rope {number:04}"})
    told: list[tuple[str, str, int]] = []
    snapshot = pulled(office, "Product2", progress=lambda *each: told.append(each))
    assert snapshot.counts == {"Product2": count + 1}
    assert rows(snapshot, 'SELECT count(DISTINCT "Id") FROM salesforce."Product2"') == [(count + 1,)]
    assert told[-1] == ("salesforce", "Product2", count + 1)


def test_an_object_without_records_is_a_table_all_the_same(office: Office) -> None:
    office.org.delete("Contact", "003000000000001AAA")
    snapshot = pulled(office, "Contact")
    assert snapshot.counts == {"Contact": 0}
    assert rows(snapshot, 'FROM salesforce."Contact"') == []


@pytest.mark.parametrize("fault", ["lose_response", "unavailable", "limit_spent"])
def test_a_pull_that_breaks_off_publishes_nothing_and_the_last_one_stands(office: Office, fault: Any) -> None:
    before = pulled(office, "Account")
    kept = files(office)
    office.org.faults.arm(fault, path="/query", skip=1, times=9)
    with pytest.raises(ConnectionProblem):
        pulled(office, "Account", "Contact")
    assert snapshots.newest(office.workspace.store, "salesforce") == before
    assert files(office) == kept


def test_an_object_that_is_not_there(office: Office) -> None:
    with pytest.raises(ConnectionProblem, match="does not exist"):
        pulled(office, "Account", "Nope__c")
    assert files(office) == []


def test_ctrl_c_in_a_pull_leaves_nothing(office: Office) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pulled(office, "Account", progress=stop)
    assert files(office) == []
    assert snapshots.history(office.workspace.store) == []


def test_two_pulls_at_once_both_work(office: Office) -> None:
    office.workspace.salesforce()
    made = at_once(2, lambda _: pulled(office, "Account"))
    assert [snapshot.counts for snapshot in made] == [{"Account": 3}] * 2
    assert len({snapshot.id for snapshot in made}) == 2
    assert len(snapshots.history(office.workspace.store, "salesforce")) == 2


def test_without_both_sides_there_is_nothing_to_reconcile(office: Office) -> None:
    with pytest.raises(WorkbenchError, match="no snapshot of salesforce"):
        open_reconciliation(office.workspace)
    pulled(office)
    with pytest.raises(WorkbenchError, match="no snapshot of quickbooks"):
        open_reconciliation(office.workspace)


def test_the_objects_to_pull_are_those_of_the_mappings_with_what_prices_need(office: Office) -> None:
    for file in resources.mappings().glob("*.yaml"):
        shutil.copyfile(file, office.profile.mappings / file.name)
    assert set(office.workspace.objects()) == set(OBJECTS)
    assert len(office.workspace.objects()) == len(OBJECTS)
