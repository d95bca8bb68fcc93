"""Put the records that a push has made, and their lines, into the crosswalk: only what was read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbench.changes import Change, ChangeSet
from workbench.crosswalk import Pair, confirm
from workbench.ledger import OutcomeRow
from workbench.model import Side
from workbench.store import Store


def link(store: Store, changeset: ChangeSet, rows: Mapping[str, OutcomeRow]) -> None:
    """Confirm the pairs of the creates that were applied."""
    made = [
        (changeset.by_id[row.change], row)
        for row in rows.values()
        if row.state == "applied" and row.record and changeset.by_id[row.change].links
    ]
    if made:
        confirm(store, [pair for change, row in made for pair in _pairs(change, row)], anew=False)


def _pairs(change: Change, row: OutcomeRow) -> Iterable[Pair]:
    yield _pair(change, change.mapping, str(change.source_id), str(row.record))
    answered = (row.read_back or {}).get("lines") or []
    for source, line in zip(change.line_sources, answered, strict=False):
        yield _pair(change, f"{change.mapping}.lines", source, str(line["TxnLineID"]))


def _pair(change: Change, mapping: str, source: str, record: str) -> Pair:
    to_quickbooks = change.side == Side.QUICKBOOKS
    return Pair(
        mapping=mapping,
        salesforce_id=source if to_quickbooks else record,
        quickbooks_id=record if to_quickbooks else source,
        rule="push",
        confirmed_by="push",
    )
