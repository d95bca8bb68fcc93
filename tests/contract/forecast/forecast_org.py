"""An org for forecasts: changes are foretold from a snapshot, then pushed, and both are compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.contract.salesforce.salesforce_office import Office
from workbench.changes import Change, ChangeSet, decode
from workbench.forecast import Forecast, Prediction, Seen, forecast
from workbench.forecast.losses import lost
from workbench.ledger import OutcomeRow
from workbench.model import Side
from workbench.normalize import create_kept
from workbench.snapshots import newest, open_reader

BOOK, OTHER_BOOK = "01s000000000001AAA", "01s000000000002AAA"


def sf(prefix: str, number: int) -> str:
    """An id of Salesforce."""
    return f"{prefix}{number:012d}AAA"


def foretold(office: Office, *changes: Change, seen: Seen | None = None) -> Forecast:
    """What changes would come to, from a snapshot that is taken now."""
    office.pull()
    snapshot = newest(office.workspace.store, Side.SALESFORCE)
    connection = open_reader([snapshot])
    connection.execute("CREATE SCHEMA quickbooks")
    create_kept(connection)
    return forecast(
        connection,
        ChangeSet(header={"made for": "a test"}, changes=tuple(changes)),
        mappings=(),
        describes={Side.SALESFORCE: snapshot.describes, Side.QUICKBOOKS: {}},
        at=snapshot.ended_at,
        seen=seen,
    )


def code_of(row: OutcomeRow) -> str:
    """'ok', or the status code that Salesforce gave."""
    return "ok" if row.read_back else str(row.detail).partition(":")[0]


def disagreements(told: Prediction, row: OutcomeRow, change: Change) -> list[str]:
    """In what a prediction is not what came of the change, to the last character."""
    found = [] if told.code == code_of(row) else [f"{told.code} foretold, {row.state}: {row.detail}"]
    read = row.read_back or {}
    for cell in change.cells:
        held, real = told.held.get(cell.api), decode(read.get(cell.api))
        if read and lost(held, real, None, Side.SALESFORCE):
            found.append(f"{cell.api}: {held!r} foretold, {real!r} read back")
    return found


def compared(office: Office, told: Forecast) -> dict[str, list[str]]:
    """Push the changes for real, holds or not, and answer what was foretold wrongly, by label.

    The push knows what was foretold: it would stop at the first surprise.
    """
    pushed = [replace(change, hold="") for change in told.changeset.changes]
    office.push(*pushed)
    found = {
        change.label: disagreements(told.predictions[change.id], office.outcome(change), change)
        for change in pushed
    }
    return {label: each for label, each in found.items() if each}


def losses(change: Change) -> Mapping[str, str]:
    """By API field, the kind of what is lost."""
    return {cell.api: cell.loss.partition(":")[0] for cell in change.cells if cell.loss}


def stored(change: Change) -> dict[str, Any]:
    """By API field, what the system will hold."""
    return {cell.api: cell.holds for cell in change.cells}
