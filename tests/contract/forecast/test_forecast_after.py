"""Both sides as they were foretold are both sides as they are pulled after the push, to the last field.

Each round switches some states of the template on, plans, foretells, pushes for real and pulls again.  Keys
that only the copies had are told by those that the systems gave.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pytest

from tests.contract.forecast.forecast_books import MADE
from tests.contract.states.states_office import Office, running_office
from tests.contract.states.states_records import DOCUMENTS
from workbench import push
from workbench.bench.planning import inputs_of
from workbench.changes import ChangeSet, decode
from workbench.forecast import Forecast, forecast
from workbench.ledger import OutcomeRow, outcomes
from workbench.model import Side
from workbench.templates import DEFAULT

pytestmark = pytest.mark.long

STAMPS = frozenset({"SystemModstamp", "LastModifiedDate", "LastModifiedById", "CreatedDate", "CreatedById"})
OWN = frozenset(
    {
        *("OwnerId", "LastStageChangeDate", "Fiscal", "FiscalYear", "FiscalQuarter", "SortOrder"),
        *("Probability", "ForecastCategory", "ForecastCategoryName", "ExpectedRevenue"),
    }
)
"""What the org fills of a new record and no mapping reads: the user, periods, and what a stage means, which
is known only where another opportunity has that stage."""

ROUNDS: list[list[str]] = [
    ["AccountToCustomer", "ContactToCustomer", "ProductToItemService",
     *(f"OpportunityTo{each}" for each in DOCUMENTS)],
    ["CustomerToAccount", "CustomerToContact", "ItemServiceToProduct", "ProductToItemInventory",
     *(f"{each}ToOpportunity" for each in DOCUMENTS)],
    ["ItemInventoryToProduct", "ProductToItemNonInventory", *(f"{each}LineUpdate" for each in DOCUMENTS)],
    ["ItemNonInventoryToProduct", "ProductToItemOtherCharge", "InvoiceToReceivables",
     "CreditMemoToReceivables", "PaymentToReceivables"],
]  # fmt: skip


@dataclass
class Round:
    """What a round was foretold and came to.

    Attributes:
        wrong: Where the two are not the same: table, key and field.
        written: By table, how many rows are new or another.
        again: Whether a new plan was foretold to be empty, and whether it was.
        repeated: Whether what is foretold of the plan is the same when it is foretold once more.
    """

    states: list[str]
    codes: set[str]
    wrong: list[str]
    written: dict[str, int]
    again: tuple[bool, bool]
    repeated: bool


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Round]]:
    with running_office(tmp_path_factory.mktemp("after"), DEFAULT) as office:
        yield [_round(office, states) for states in ROUNDS]


def _round(office: Office, states: list[str]) -> Round:
    office.only(states)
    diff = office.diff()
    inputs = inputs_of(office.workspace, diff, "both")
    changes = office.bench.plan(diff)
    told = forecast(
        diff.reconciliation.connection,
        changes.changeset,
        mappings=inputs.mappings,
        describes=inputs.describes,
        at=diff.reconciliation.quickbooks.ended_at,
    )
    rows = _pushed(office, changes)
    after = office.diff()
    wrong, written = _compared(told, after.reconciliation.connection, changes.changeset, rows)
    found = Round(
        states=states,
        codes={change.predicted for change in changes.changeset.changes},
        wrong=wrong,
        written=written,
        again=(changes.convergence.ok, not office.bench.plan(after).writable),
        repeated=told.changeset.changes == changes.changeset.changes,
    )
    told.close()
    return found


def _pushed(office: Office, changes: Any) -> dict[str, OutcomeRow]:
    changes.approve(where="all", by="maria")
    push.start(office.workspace, changes.changeset, by="maria")
    while push.advance(office.workspace, changes.id).open:
        office.connector.update_selected()
    return {row.change: row for row in outcomes(office.workspace.store, changes.id)}


def _compared(
    told: Forecast, now: duckdb.DuckDBPyConnection, changeset: ChangeSet, rows: Mapping[str, OutcomeRow]
) -> tuple[list[str], dict[str, int]]:
    keys = _keys(told, rows)
    wrong: list[str] = []
    written: dict[str, int] = {}
    for side in Side:
        for table in _tables(now, side):
            before = _rows(told.before, side, table, {})
            mine, real = _rows(told.after, side, table, keys), _rows(now, side, table, {})
            changed = sum(1 for key, row in mine.items() if before.get(key) != row)
            written |= {table: changed} if changed else {}
            wrong += [f"{table} {key} is only foretold" for key in mine.keys() - real.keys()]
            wrong += [f"{table} {key} was not foretold" for key in real.keys() - mine.keys()]
            for key in mine.keys() & real.keys():
                wrong += _differing(table, key, mine[key], real[key], new=key not in before)
    return wrong, written


def _differing(table: str, key: Any, mine: Any, real: Any, *, new: bool) -> list[str]:
    ignored = MADE | STAMPS | OWN if new else (MADE - {"RefNumber"}) | STAMPS
    return [
        f"{table} {key} {name}: {mine[name]!r} foretold, {real[name]!r} pulled"
        for name in mine
        if name not in ignored and mine[name] != real[name]
    ]


def _keys(told: Forecast, rows: Mapping[str, OutcomeRow]) -> dict[str, str]:
    """By a key of the copies, or a number, the one that it came to."""
    found: dict[str, str] = {}
    for id_, each in told.predictions.items():
        row = rows[id_]
        found |= {each.record: str(row.record)} if each.record and row.record else {}
        read: Any = {name: decode(value) for name, value in (row.read_back or {}).items()}
        for name in ("RefNumber", "Invoice_Number__c"):
            if each.held.get(name) and read.get(name):
                found[str(each.held[name])] = str(read[name])
        for line, real in zip(each.held.get("lines") or (), read.get("lines") or (), strict=True):
            found[str(line["TxnLineID"])] = str(real["TxnLineID"])
    return found


def _tables(now: duckdb.DuckDBPyConnection, side: Side) -> list[str]:
    query = (
        "SELECT view_name FROM duckdb_views() WHERE schema_name = ? AND database_name = current_database() "
        "AND view_name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY 1"
    )
    return [str(name) for (name,) in now.execute(query, [str(side)]).fetchall()]


def _rows(
    connection: duckdb.DuckDBPyConnection, side: Side, table: str, keys: Mapping[str, str]
) -> dict[Any, dict[str, Any]]:
    cursor = connection.execute(f'SELECT * FROM {side}."{table}"')
    names = [column[0] for column in cursor.description or ()]
    found: dict[Any, dict[str, Any]] = {}
    for row in cursor.fetchall():
        values = {
            name: keys.get(value, value) if isinstance(value, str) else value
            for name, value in zip(names, row, strict=True)
        }
        key = next((values[name] for name in ("Id", "TxnLineID", "TxnID", "ListID") if name in values), None)
        found[key if key is not None else repr(row)] = values
    return found


#  the round, tables of which it writes some rows
WRITES = [
    (0, {"Customer", "Item", "Invoice", "InvoiceLine", "Estimate", "SalesOrder", "SalesReceipt"}),
    (1, {"Account", "Contact", "Product2", "PricebookEntry", "Opportunity", "OpportunityLineItem", "Item"}),
    (2, {"Product2", "PricebookEntry", "Item", "OpportunityLineItem"}),
    (3, {"Product2", "PricebookEntry", "Item", "Receivable__c"}),
]


@pytest.mark.parametrize(("number", "tables"), WRITES, ids=[f"round {number}" for number, _ in WRITES])
def test_both_sides_are_as_they_were_foretold(rounds: list[Round], number: int, tables: set[str]) -> None:
    assert rounds[number].wrong == []
    assert tables <= rounds[number].written.keys(), rounds[number].written
    assert rounds[number].codes == {"ok"}


@pytest.mark.parametrize("number", range(len(ROUNDS)))
def test_a_new_plan_is_as_empty_as_was_foretold(rounds: list[Round], number: int) -> None:
    assert rounds[number].again == (True, True)


def test_the_same_is_foretold_again(rounds: list[Round]) -> None:
    assert [each.repeated for each in rounds] == [True] * len(ROUNDS)
