"""The plan applied to copies: what each change would come to, and both sides as they would be."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

import duckdb

from workbench.changes import Change, ChangeSet
from workbench.connections.quickbooks_forecast import CompanyCopy
from workbench.connections.quickbooks_reading import definitions_of
from workbench.forecast.after import Laid, Link, Links, Place, company_rows, laid_over
from workbench.forecast.apply import Applied
from workbench.forecast.company import CompanyLoad
from workbench.forecast.foretell import foretold
from workbench.forecast.model import Prediction
from workbench.forecast.org import OrgCopy
from workbench.forecast.org_records import OrgRecords
from workbench.forecast.rows import Rows
from workbench.forecast.seen import Seen
from workbench.model import Action, Side
from workbench.model import Mapping as FieldMapping

_numbers = count(1)


@dataclass
class Forecast:
    """What a push would come to.

    Attributes:
        changeset: The changes with what is foretold of each, and holds of those that would be refused.
        predictions: By change; nothing of what was not applied and of whose values nothing is known.
        before: The connection with both sides as they are.
        after: A cursor with both sides as they would be: schemas salesforce, quickbooks and kept.
        keys: By side, the keys of all records that are new, another or gone, those of lines too.
        links: What would become of pairs.
    """

    changeset: ChangeSet
    predictions: Mapping[str, Prediction]
    before: duckdb.DuckDBPyConnection
    after: duckdb.DuckDBPyConnection
    keys: Mapping[Side, frozenset[str]]
    links: Links
    name: str = field(repr=False)

    def close(self) -> None:
        """Let go of the copies."""
        self.after.close()
        self.before.execute(f"DETACH {self.name}")


def forecast(
    connection: duckdb.DuckDBPyConnection,
    changeset: ChangeSet,
    *,
    mappings: Sequence[FieldMapping],
    describes: Mapping[Side, Mapping[str, Mapping[str, Any]]],
    at: datetime,
    only: Collection[str] | None = None,
    seen: Seen | None = None,
) -> Forecast:
    """Apply a change set to copies of what it touches; nothing of `connection` is changed.

    Args:
        connection: Schemas salesforce, quickbooks and kept, as a plan has them.
        describes: By side, what each object can hold.
        at: Time of the copies, aware; the same inputs give the same answer.
        only: Ids of the changes to apply, e.g. those approved; all that nothing holds without.
        seen: What earlier pushes have shown.
    """
    rows = {side: Rows(connection, side) for side in Side}
    definitions = _definitions(rows[Side.QUICKBOOKS])
    company = CompanyCopy(at, definitions)
    try:
        org = OrgCopy(OrgRecords(rows[Side.SALESFORCE], describes[Side.SALESFORCE], at), seen or Seen())
        load = CompanyLoad(rows[Side.QUICKBOOKS], describes[Side.QUICKBOOKS], company)
        applied = Applied(changeset, org, company, load)
        applied.run(only)
        laid = Laid()
        for name, id_, record in org.records.moved():
            laid.put(Side.SALESFORCE, name, "Id", id_, [] if record is None else [record])
        company_rows(laid, load.kept, company.moved())
    finally:
        company.close()
    links = _links(applied, mappings, at)
    name = f"after_{next(_numbers)}"
    return Forecast(
        changeset=foretold(applied, mappings, describes),
        predictions=applied.predictions,
        before=connection,
        after=laid_over(connection, laid, links, name),
        keys={side: _keys(laid, side) for side in Side},
        links=links,
        name=name,
    )


def _definitions(rows: Rows) -> list[dict[str, Any]]:
    """Custom fields of QuickBooks."""
    if "DataExtDef" not in rows.tables:
        return []
    return definitions_of(rows.query('SELECT * FROM quickbooks."DataExtDef"'))


def _keys(laid: Laid, side: Side) -> frozenset[str]:
    found = {id_ for (each, _), ids in laid.gone.items() if each is side for id_ in ids}
    lines = {
        str(row["TxnLineID"])
        for (each, _), rows in laid.rows.items()
        if each is side
        for row in rows
        if row.get("TxnLineID")
    }
    return frozenset(found | lines)


def _links(applied: Applied, mappings: Sequence[FieldMapping], at: datetime) -> Links:
    """As a push links what it has made, and ends what its changes say."""
    going = [each for each in applied.changeset.changes if each.id in applied.rows]
    ending = [each for each in going if each.unlinks and each.record]
    staying = [each for each in ending if each.action in (Action.VOID, Action.UPDATE)]
    return Links(
        made=tuple(link for each in going if each.links for link in _made(each, applied)),
        ended=tuple(place for each in ending for place in _ended(each)),
        ignored=tuple(
            (mapping.name, each.side, str(each.record))
            for each in staying
            for mapping in mappings
            if mapping.side(Side(each.side)).object == each.object
        ),
        at=at,
    )


def _made(change: Change, applied: Applied) -> Iterator[Link]:
    told = applied.predictions[change.id]
    if not (told.record and change.source_id):
        return
    yield _link(change, change.mapping, change.source_id, told.record)
    lines = told.held.get("lines") or ()
    for source, line in zip(change.line_sources, lines, strict=False):
        yield _link(change, f"{change.mapping}.lines", source, str(line["TxnLineID"]))


def _ended(change: Change) -> Iterator[Place]:
    yield change.mapping, change.side, str(change.record)
    for line in change.line_sources:
        yield f"{change.mapping}.lines", Side(change.side).other, line


def _link(change: Change, mapping: str, source: str, record: str) -> Link:
    return (mapping, source, record) if change.side == Side.QUICKBOOKS else (mapping, record, source)
