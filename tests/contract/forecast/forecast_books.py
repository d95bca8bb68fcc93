"""A company file for forecasts: changes are foretold from a snapshot, then pushed, and both are compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.contract.states.states_office import Office, running_office
from workbench import push
from workbench.bench.changes import Changes
from workbench.changes import Answer, Cell, Change, ChangeSet, change_id, decode
from workbench.changes.customs import CUSTOM
from workbench.connections import quickbooks
from workbench.forecast import Forecast, Prediction, forecast
from workbench.forecast.losses import lost
from workbench.ledger import OutcomeRow, outcomes, save_changeset
from workbench.model import Side
from workbench.normalize import create_kept
from workbench.snapshots import newest, open_reader

TEMPLATE = "salesforce-quickbooks-bidirectional"

MADE = frozenset(
    {
        *("ListID", "TxnID", "TxnLineID", "EditSequence", "TxnNumber", "RefNumber"),
        *("TimeCreated", "TimeCreated_Text", "TimeModified", "TimeModified_Text"),
    }
)
"""What QuickBooks makes up itself: keys, versions, numbers and times."""


@contextmanager
def running_books(
    folder: Path, seed: Mapping[str, Any], *, columns: str = "all", every_document: bool = False
) -> Iterator[Office]:
    """A profile whose company file holds the seed.

    Args:
        columns: 'all', or 'mapped' for those that the mappings use.
        every_document: Estimates, orders and receipts are read too.
    """
    with running_office(folder, TEMPLATE, {}, seed) as office:
        settings = replace(office.workspace.profile.quickbooks, columns=columns)
        office.workspace.profile = replace(office.workspace.profile, quickbooks=settings)
        if every_document:
            office.only(name for name in office.template.states if not name.endswith("ToReceivables"))
        office.pull()
        yield office


BRANCHES = ("SalesOrPurchase", "SalesAndPurchase")


def update(office: Office, entity: str, name: str, **values: Any) -> Change:
    """A change of a record as it is now; `Type` and `SalesBranch` of an item go along."""
    concrete = entity if entity != "Item" else _kind(office, name)
    record = office.company.record(concrete, name)
    context = {"Type": concrete.removeprefix("Item")} if entity == "Item" else {}
    branches = [each for each in BRANCHES if any(name.startswith(each) for name in record)]
    context |= {"SalesBranch": branches[0]} if branches else {}
    key = str(record.get("ListID") or record.get("TxnID"))
    return Change(
        id=change_id("by hand", "quickbooks", entity, f"{key} {sorted(values)}"),
        mapping="by hand",
        side="quickbooks",
        object=entity,
        action="update",
        record=key,
        label=name,
        version=str(record["EditSequence"]),
        source_id=None,
        cells=_cells(values, record),
        context=context,
        depends_on=_parents(values),
    )


def _kind(office: Office, name: str) -> str:
    kinds = [f"Item{each}" for each in ("Service", "NonInventory", "Inventory", "OtherCharge", "Discount")]
    return next(
        kind for kind in kinds if any(row["FullName"] == name for row in office.company.records(kind))
    )


def create(entity: str, source: str, *lines: Mapping[str, Any], **values: Any) -> Change:
    """A new record, made from one of Salesforce."""
    needs = [*_parents(values), *(parent for line in lines for parent in _parents(line))]
    return Change(
        id=change_id("by hand", "quickbooks", entity, f"from {source}"),
        mapping="by hand",
        side="quickbooks",
        object=entity,
        action="create",
        record=None,
        label=str(values.get("Name") or source),
        version=None,
        source_id=source,
        cells=_cells(values, {}),
        lines=lines,
        line_sources=tuple(f"{source}#{number}" for number in range(len(lines))),
        depends_on=tuple(dict.fromkeys(needs)),
        links=True,
    )


def remove(office: Office, entity: str, name: str, action: str) -> Change:
    """A transaction that goes: 'void' or 'delete'."""
    gone = update(office, entity, name, Memo=None)
    return replace(gone, id=change_id("by hand", "quickbooks", entity, f"{action} {name}"), action=action)


def custom(office: Office, entity: str, record: str, name: str, value: str, before: str | None) -> Change:
    """The value of a custom field."""
    key = str(office.company.record(entity, record)["ListID"])
    api = f"Custom_{name}"
    return Change(
        id=change_id("by hand", "quickbooks", entity, f"{api} of {key}"),
        mapping="by hand",
        side="quickbooks",
        object=f"{entity}.{api}",
        action="update",
        record=key,
        label=f"{record}: {name}",
        version=None,
        source_id=None,
        cells=(Cell(field=name, api=api, before=before, after=value, why="by hand"),),
        context={CUSTOM: {"entity": entity, "name": name, "after": ""}},
    )


def _cells(values: Mapping[str, Any], before: Mapping[str, Any]) -> tuple[Cell, ...]:
    return tuple(
        Cell(field=api, api=api, before=before.get(api), after=value, why="by hand")
        for api, value in values.items()
    )


def _parents(values: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(value.change for value in values.values() if isinstance(value, Answer))


# --- foretold, pushed, compared -----------------------------------------------------------------------------


def foretold(office: Office, *changes: Change) -> Forecast:
    """What changes would come to, from the newest snapshot."""
    snapshot = newest(office.workspace.store, Side.QUICKBOOKS)
    connection = open_reader([snapshot])
    connection.execute("CREATE SCHEMA salesforce")
    create_kept(connection)
    return forecast(
        connection,
        ChangeSet(header={"made for": "a test"}, changes=tuple(changes)),
        mappings=(),
        describes={
            Side.SALESFORCE: {},
            Side.QUICKBOOKS: {**quickbooks.describes(), **snapshot.describes},
        },
        at=snapshot.ended_at,
    )


def pushed(office: Office, told: Forecast) -> dict[str, OutcomeRow]:
    """Push the changes for real, holds or not, and answer what came of each, by its id.

    The push knows what was foretold: it would stop at the first surprise.
    """
    changes = tuple(replace(each, hold="") for each in told.changeset.changes)
    changeset = ChangeSet(header={"made for": "a test"}, changes=changes)
    save_changeset(
        office.workspace.store,
        id_=changeset.id,
        content_hash=changeset.content_hash,
        content=changeset.content,
        by="maria",
    )
    Changes(office.bench, changeset).approve(where="all", by="maria")
    push.start(office.workspace, changeset, by="maria")
    while push.advance(office.workspace, changeset.id).open:
        office.connector.update_selected()
    return {row.change: row for row in outcomes(office.workspace.store, changeset.id)}


def code_of(row: OutcomeRow) -> str:
    """'ok', '' for what waited for a refused one, or the status code that QuickBooks gave."""
    if row.state == "skipped":
        return ""
    return "ok" if row.read_back else str(row.detail).partition(":")[0]


def known_columns(told: Forecast) -> dict[str, frozenset[str]]:
    """The columns that the snapshot has, by table: of others nothing can be foretold."""
    columns = "SELECT * FROM duckdb_columns() WHERE schema_name = 'quickbooks'"
    query = f"SELECT table_name, list(column_name) FROM ({columns}) GROUP BY 1"
    return {table: frozenset(names) for table, names in told.before.execute(query).fetchall()}


def disagreements(
    told: Prediction, row: OutcomeRow, change: Change, columns: Mapping[str, frozenset[str]]
) -> list[str]:
    """In what a prediction is not what came of the change: its code, and the whole record that came back."""
    found = [] if told.code == code_of(row) else [f"{told.code} foretold, {row.state}: {row.detail}"]
    read = {name: decode(value) for name, value in (row.read_back or {}).items()}
    if CUSTOM in change.context:
        read = {cell.api: read.get("DataExtValue") for cell in change.cells} if read else {}
    if not read or told.code != "ok":
        return found
    pairs = [("", change.object, told.held, read)]
    lines = zip(told.held.get("lines") or (), read.get("lines") or (), strict=True)
    table = f"{change.object}Line"
    pairs += [(f"line {number} ", table, mine, real) for number, (mine, real) in enumerate(lines, start=1)]
    for place, table, mine, real in pairs:
        for name in sorted({*mine, *real} & (columns.get(table, frozenset()) | {*change.values}) - MADE):
            if lost(mine.get(name), real.get(name), None, Side.QUICKBOOKS):
                found.append(f"{place}{name}: {mine.get(name)!r} foretold, {real.get(name)!r} read back")
    return found
