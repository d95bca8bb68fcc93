"""Large objects: through Bulk API 2.0, afterwards only what changed; and what absence means."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.contract.salesforce.salesforce_office import Clock, Office
from workbench.connections import salesforce_session
from workbench.errors import ConnectionProblem
from workbench.pull import pull_salesforce, salesforce
from workbench.snapshots import Snapshot, open_reader

pytestmark = pytest.mark.long

ALDER, BIRCH = "001000000000001AAA", "001000000000002AAA"
AWKWARD = 'two\nlines, "quoted", O\'Neil; été 中 \u2028 end\\'


def pulled(office: Office, *objects: str, **settings: Any) -> Snapshot:
    """A pull in which two records are many."""
    connection = office.connect(**{"bulk_above": 2} | settings)
    return pull_salesforce(
        connection, office.workspace.store, office.profile.snapshots, objects or ("Account",)
    )


def rows(snapshot: Snapshot, sql: str) -> list[tuple[Any, ...]]:
    with open_reader([snapshot]) as connection:
        return connection.execute(sql).fetchall()


def names(snapshot: Snapshot) -> list[str]:
    return [name for (name,) in rows(snapshot, 'SELECT "Name" FROM salesforce."Account" ORDER BY 1')]


def deleted(snapshot: Snapshot) -> dict[str, str]:
    return dict(rows(snapshot, 'SELECT "key", evidence FROM salesforce._deleted'))


def asked(office: Office, part: str) -> list[str]:
    return [each for each in office.requests.seen if part in each]


# --- the whole of it ----------------------------------------------------------------------------------


@pytest.mark.parametrize("object_", ["Account", "Contact", "Opportunity", "PricebookEntry"])
def test_bulk_and_rest_read_the_same(office: Office, object_: str) -> None:
    office.org.edit("Account", ALDER, {"Description": AWKWARD, "AnnualRevenue": "1234567890123456.78"})
    through_rest = pulled(office, object_, bulk_above=9)
    through_bulk = pulled(office, object_, bulk_above=0)
    order = f'FROM salesforce."{object_}" ORDER BY "Id"'
    assert rows(through_bulk, order) == rows(through_rest, order)
    assert len(asked(office, "POST /services/data/v64.0/jobs/query")) == 1


def test_what_came_through_csv_is_what_is_in_the_org(office: Office) -> None:
    office.org.edit("Account", ALDER, {"Description": AWKWARD, "Site": None})
    snapshot = pulled(office, "Account", "Opportunity", bulk_above=0)
    assert rows(
        snapshot, f'SELECT "Description", "Site" FROM salesforce."Account" WHERE "Id" = \'{ALDER}\''
    ) == [(AWKWARD, None)]
    ((closed, won, amount, stamp),) = rows(
        snapshot, 'SELECT "CloseDate", "IsWon", "Amount", "SystemModstamp" FROM salesforce."Opportunity"'
    )
    assert (closed, won, amount) == (date(2026, 3, 2), True, Decimal("160.00"))
    assert stamp.tzinfo is None


@pytest.mark.parametrize(("above", "bulk"), [(2, True), (3, False)])
def test_the_threshold_decides(office: Office, above: int, bulk: bool) -> None:
    pulled(office, "Account", bulk_above=above)
    assert bool(asked(office, "jobs/query")) is bulk


@pytest.mark.parametrize("fault", ["truncated_csv", "csv_without_charset", "broken_body", "unavailable"])
def test_a_page_that_does_not_come_whole_is_asked_for_again(office: Office, fault: Any) -> None:
    office.org.edit("Account", ALDER, {"Name": "Été 中"})
    office.org.faults.arm(fault, path="/results")
    assert names(pulled(office)) == ["Birch & Sons", "Cedar O'Neil", "Été 中"]


def test_a_page_that_never_comes_whole_publishes_nothing(office: Office) -> None:
    office.org.faults.arm("truncated_csv", path="/results", times=99)
    with pytest.raises(ConnectionProblem, match="does not come whole") as caught:
        pulled(office)
    assert caught.value.values["expected"] == "3 rows"
    assert not list(office.profile.snapshots.rglob("*.*"))


def test_a_run_stops_before_it_starves_the_org(office: Office) -> None:
    office.org.settings.daily_limit = 100
    office.org.api_requests = 78
    with pytest.raises(ConnectionProblem, match="nearly used up") as caught:
        pulled(office, "Account", "Contact", "Product2")
    assert caught.value.values["left to others"] == "20"
    assert 79 <= office.org.api_requests <= 82
    pulled(office, leave_percent=0)


def test_what_the_org_said_of_its_calls_is_asked_again_after_a_while(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a worker that met the floor once would stand still for ever."""
    office.org.settings.daily_limit, office.org.api_requests = 100, 90
    connection = office.connect()
    connection.count("Account")
    office.org.api_requests = 0
    with pytest.raises(ConnectionProblem, match="nearly used up"):
        connection.check_calls()
    monkeypatch.setattr(salesforce_session, "USAGE_SECONDS", -1.0)
    connection.check_calls()
    assert connection.session.usage is not None
    assert connection.session.usage.used == 1


# --- what changed --------------------------------------------------------------------------------------


def test_the_second_pull_reads_what_changed_and_keeps_only_that(office: Office) -> None:
    for number in range(20):
        office.org.create("Account", {"Name": f"Many {number:02}"})
    first = pulled(office)
    let_time_pass(office)
    office.org.edit("Account", BIRCH, {"Name": "Birch and Daughters"})
    office.org.create("Account", {"Name": "Elm"})
    second = pulled(office)

    assert (first.kind, second.kind, second.previous) == ("full", "delta", first.id)
    assert set(names(second)) - set(names(first)) == {"Elm", "Birch and Daughters"}
    assert second.counts == {"Account": 24}
    assert rows(second, 'SELECT count(*) FROM salesforce_file_1."Account"') == [(2,)]
    assert names(first) != names(second), "the first one is as it was"


def test_a_row_committed_late_with_an_older_stamp_is_not_missed(office: Office) -> None:
    pulled(office)
    office.org.faults.arm("late_commit", path="Account", seconds=600)
    office.org.edit("Account", BIRCH, {"Name": "Birch, committed late"})
    assert "Birch, committed late" in names(pulled(office))


def purge(office: Office) -> None:
    office.org.delete("Account", BIRCH)
    office.org.empty_recycle_bin()


def remove(office: Office) -> None:
    office.org.delete("Account", BIRCH)


def remove_and_restore(office: Office) -> None:
    office.org.delete("Account", BIRCH)
    office.org.undelete("Account", BIRCH)


@pytest.mark.parametrize("above", [2, 9], ids=["what changed", "whole each time"])
@pytest.mark.parametrize(
    ("act", "evidence"),
    [(remove, salesforce.IN_THE_LOG), (purge, "deleted"), (remove_and_restore, None)],
)
def test_how_it_is_known_that_a_record_is_gone(
    office: Office, act: Callable[[Office], None], evidence: str | None, above: int
) -> None:
    office.org.create("Account", {"Name": "Elm"})
    pulled(office, bulk_above=above)
    act(office)
    snapshot = pulled(office, bulk_above=above)
    assert (BIRCH in deleted(snapshot)) is (evidence is not None)
    assert ("Birch & Sons" in names(snapshot)) is (evidence is None)
    if evidence is not None:
        assert evidence in deleted(snapshot)[BIRCH]


def test_a_record_that_vanishes_without_a_trace_is_found_by_a_sweep_of_all_keys(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sharing or a purge of long ago: no log knows of it."""
    office.org.create("Account", {"Name": "Elm"})
    pulled(office)
    remove(office)
    connection = office.connect(bulk_above=2)
    monkeypatch.setattr(type(connection), "deleted", lambda *_: {})
    snapshot = pull_salesforce(connection, office.workspace.store, office.profile.snapshots, ("Account",))
    assert deleted(snapshot) == {BIRCH: salesforce.NOT_SWEPT}


def test_a_record_that_appears_without_a_new_stamp_is_found_by_the_sweep(office: Office) -> None:
    pulled(office)
    let_time_pass(office)
    office.org.faults.arm("late_commit", path="Account", seconds=3000)
    office.org.create("Account", {"Name": "Came to light"})
    assert "Came to light" in names(pulled(office))


def test_other_columns_mean_that_all_is_read_again(office: Office) -> None:
    first = pulled(office)
    second = pulled(office, "Account", "Contact")
    assert (first.kind, second.kind) == ("full", "full")


def test_after_a_week_all_is_read_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    pulled(office)
    let_time_pass(office)
    monkeypatch.setattr(salesforce, "WHOLE_EVERY", timedelta(0))
    office.requests.queries.clear()
    pulled(office)
    assert not [query for query in office.requests.queries if "SystemModstamp+%3E%3D" in query]


def let_time_pass(office: Office) -> None:
    """An hour, by the org's clock."""
    clock = office.org.clock
    assert isinstance(clock, Clock)
    clock.now += timedelta(hours=1)
