"""The office of the states, with what an undo needs: pushing any change set, and telling what stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.contract.states.states_office import Office
from workbench import crosswalk, push
from workbench.bench.changes import Changes
from workbench.bench.diff import Diff
from workbench.changes import ChangeSet
from workbench.ledger import OutcomeRow, outcomes

FIELDS = (
    "mapping", "salesforce_id", "quickbooks_id", "kind", "field", "difference", "base", "salesforce",
    "quickbooks", "resolution", "reason",
)  # fmt: skip
Row = tuple[Any, ...]


def rows(diff: Diff) -> set[Row]:
    """The differences as told, without times and versions."""
    table = diff.table[list(FIELDS)].astype(object)
    table = table.where(table.notna(), None)
    return {tuple(row) for row in table.itertuples(index=False, name=None)}


def carried_out(office: Office, changes: Changes) -> list[OutcomeRow]:
    """Approve all that can be written, and push until nothing waits any more."""
    changes.approve(where="all", by="maria")
    return pushed(office, changes)


def pushed(office: Office, changes: Changes) -> list[OutcomeRow]:
    """Push what is approved until nothing waits any more."""
    push.start(office.workspace, changes.changeset, by="maria")
    for _ in range(9):
        if not push.advance(office.workspace, changes.id).open:
            break
        office.connector.update_selected()
    return outcomes(office.workspace.store, changes.id)


def compared(office: Office) -> Diff:
    """Pull both sides, match and compare."""
    office.pull()
    office.bench.match()
    return office.bench.diff()


def kept(office: Office) -> tuple[set[Row], dict[Row, Row]]:
    """The crosswalk, and the base by pair."""
    store = office.workspace.store
    pairs = {(row["mapping"], row["salesforce_id"], row["quickbooks_id"]) for row in crosswalk.pairs(store)}
    base = {
        (row["mapping"], row["pair"]): (
            tuple(row["fields"]),
            tuple(sorted(row["salesforce"].items(), key=str)),
            tuple(sorted(row["quickbooks"].items(), key=str)),
        )
        for row in crosswalk.agreements(store)
    }
    return pairs, base


def would_write(changeset: ChangeSet) -> dict[Row, Mapping[str, Any]]:
    """What a plan writes, by record; whether it can be written or not."""
    return {
        (each.action, each.object, each.record or each.source_id, each.mapping): each.values
        for each in changeset.changes
    }


def allow(office: Office, mapping: str, salesforce: str, quickbooks: str) -> None:
    """Give a mapping other operations."""
    path = office.workspace.mappings()[mapping].path
    assert path is not None
    text = path.read_text("utf-8")
    for side, words in (("salesforce", salesforce), ("quickbooks", quickbooks)):
        text, found = re.subn(
            rf"(^operations:.*?\n(?:.*\n)*?  {side}: )\[[^\]]*\]",
            rf"\g<1>[{words}]",
            text,
            count=1,
            flags=re.M,
        )
        assert found, (mapping, side)
    path.write_text(text, "utf-8")
