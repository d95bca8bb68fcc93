"""A create that another push has carried out since, or is at, is not sent again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from tests.unit.push.push_office import Office, open_office
from workbench import snapshots
from workbench.changes import Change, ChangeSet
from workbench.ledger import OutcomeRow, begin
from workbench.push.elsewhere import made_elsewhere
from workbench.snapshots import Column, Snapshot, TableData, write_file
from workbench.store import schema
from workbench.store.engine import now

PLANNED = now()
BEFORE, SINCE = PLANNED - timedelta(minutes=5), PLANNED + timedelta(minutes=5)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    opened = open_office(tmp_path)
    file = tmp_path / "q.duckdb"
    counts = write_file(file, [TableData(name="Customer", columns=[Column("ListID", "VARCHAR")], rows=[])])
    taken = Snapshot(
        id="q-1", side="quickbooks", file=file, started_at=PLANNED, ended_at=PLANNED, counts=counts,
        describes={},
    )  # fmt: skip
    snapshots.publish(opened.workspace.store, taken)
    yield opened
    opened.workspace.close()


#    why                                      state       accepted  settled  action    is held
CASES: list[tuple[str, str, bool | None, Any, str, bool]] = [
    ("created since this was planned",        "applied",  True,     SINCE,   "create", True),
    ("created before: it has gone again",     "applied",  True,     BEFORE,  "create", False),
    ("created, and holds something else",     "failed",   True,     SINCE,   "create", True),
    ("refused",                               "failed",   False,    SINCE,   "create", False),
    ("never sent",                            "skipped",  None,     SINCE,   "create", False),
    ("held when it began",                    "skipped",  None,     None,    "create", False),
    ("queued",                                "waiting",  None,     None,    "create", True),
    ("sent, and not answered",                "unknown",  None,     None,    "create", True),
    ("an update is checked by its version",   "applied",  True,     SINCE,   "update", False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("why", "state", "accepted", "settled", "action", "held"), CASES, ids=[row[0] for row in CASES]
)
def test_when_a_create_must_not_be_sent(
    office: Office, why: str, state: str, accepted: bool | None, settled: Any, action: str, held: bool
) -> None:
    change = replace(office.create("Customer", "001A", Name="Elm"), action=action)
    assert bool(found(office, change, state, accepted, settled, {"quickbooks": "q-1"})) is held


def test_the_reason_names_the_other_push_and_the_next_step(office: Office) -> None:
    change = office.create("Customer", "001A", Name="Elm")
    (told,) = found(office, change, "applied", True, SINCE, {"quickbooks": "q-1"}).values()
    assert told == "cs-other has created it since this was planned; pull and plan again"
    (told,) = found(office, change, "waiting", None, None, {"quickbooks": "q-1"}, "cs-third").values()
    assert told == "cs-third creates it too, and is still waiting; pull and plan again"


def test_a_change_set_that_names_no_snapshot_is_held_by_what_is_open_only(office: Office) -> None:
    change = office.create("Customer", "001A", Name="Elm")
    assert found(office, change, "applied", True, SINCE, {}) == {}
    assert found(office, change, "unknown", None, None, {}, "cs-third")


def found(
    office: Office,
    change: Change,
    state: str,
    accepted: bool | None,
    settled: Any,
    header: dict[str, str],
    other: str = "cs-other",
) -> dict[str, str]:
    """What holds the change in a set of that header, when another set has brought it so far."""
    row = OutcomeRow(
        changeset=other, change=change.id, state=state, side="quickbooks", mapping=change.mapping,
        source_id=change.source_id, accepted=accepted,
    )  # fmt: skip
    store, table = office.workspace.store, schema.outcomes
    with store.write() as connection:
        begin(connection, [row])
        connection.execute(update(table).where(table.c.changeset == other).values(settled_at=settled))
        changeset = ChangeSet(header=header, changes=(change,))
        return made_elsewhere(connection, store, changeset, [change])
