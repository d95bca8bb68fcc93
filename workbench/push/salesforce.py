"""Write to Salesforce: batches of one object and action, checked before, read back after.

Before an update each record is read again: one that moved since it was reviewed is `stale` and is not
sent.  A batch is marked as sent before it is; a batch whose answer was lost is settled by reading, never
by sending it again blindly.  `"success": true` is no proof: every record is read back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from workbench.changes import Change, ChangeSet, encode
from workbench.connections.salesforce import COLLECTION_SIZE, Row, RowResult, SalesforceConnection, literal
from workbench.errors import ConnectionProblem
from workbench.ledger import OutcomeRow, claim, settle
from workbench.pull.salesforce import naive_utc
from workbench.push.ready import SENT, filled
from workbench.push.values import differing, said
from workbench.store import Store

NATURAL_KEYS: Mapping[str, tuple[str, ...]] = {
    "PricebookEntry": ("Pricebook2Id", "Product2Id"),
    "OpportunityLineItem": ("OpportunityId", "QuickBooks_Line_Id__c"),
}
"""How to find a created record again, where the object has no unique external id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesforceWriter:
    """Writes the ready changes of one change set.

    Attributes:
        rows: Outcomes of the change set by change, as they were when this round began.
        external_ids: Unique external id fields by object.
    """

    store: Store
    connection: SalesforceConnection
    changeset: ChangeSet
    rows: Mapping[str, OutcomeRow]
    external_ids: Mapping[str, frozenset[str]]

    def write(self, changes: Sequence[Change]) -> None:
        """Send changes whose parents are applied; settles each of them."""
        for (object_, action), group in groupby(changes, key=lambda change: (change.object, change.action)):
            for batch in _batches(group):
                if action == "update":
                    self._update(object_, batch)
                else:
                    self._create(object_, batch)

    def recover(self, changes: Sequence[Change]) -> None:
        """Settle changes that were sent and whose answer was lost, by reading."""
        for change in changes:
            found = self._lost(change)
            if found is None:
                continue
            if found == {}:
                self._settle(change, "waiting", detail="was not written; goes again")
            else:
                self._settle_read_back(change, found)

    def values(self, change: Change) -> Row:
        """The values to be written, with the answers of other changes filled in."""
        return {api: filled(value, self.rows) for api, value in change.values.items()}

    # --- updates ---------------------------------------------------------------

    def _update(self, object_: str, batch: Sequence[Change]) -> None:
        fresh = self._fresh(object_, batch)
        if not fresh:
            return
        rows = [{"Id": change.record} | self.values(change) for change in fresh]
        sent = self._send(fresh, rows, lambda mine: self.connection.update(object_, mine))
        written = [change for change, result in sent if result["success"]]
        self._read_back(object_, written, [str(change.record) for change in written])

    def _fresh(self, object_: str, batch: Sequence[Change]) -> list[Change]:
        """The changes whose record is still as it was reviewed; the others are settled as stale."""
        fields = sorted({"SystemModstamp", *(api for change in batch for api in change.values)})
        now = self.connection.records(object_, fields, [str(change.record) for change in batch])
        fresh = []
        for change in batch:
            record = now.get(str(change.record))
            reason = _moved(change, record, self._known_answers(change))
            if reason:
                self._settle(change, "stale", detail=reason)
            else:
                fresh.append(change)
        return fresh

    def _known_answers(self, change: Change) -> Row:
        return {} if change.action == "create" else self.values(change)

    # --- creates ---------------------------------------------------------------

    def _create(self, object_: str, batch: Sequence[Change]) -> None:
        # Never an upsert by our key: it would overwrite a record that was given the key since the review.
        rows = [_present(self.values(change)) for change in batch]
        sent = self._send(batch, rows, lambda mine: self.connection.create(object_, mine))
        made = [(change, str(result["id"])) for change, result in sent if result["success"]]
        self._read_back(object_, [change for change, _ in made], [id_ for _, id_ in made])

    def _external_id(self, change: Change) -> str:
        values = self.values(change)
        keys = self.external_ids.get(change.object, frozenset())
        return next((key for key in sorted(keys) if values.get(key)), "")

    # --- sending and reading back -----------------------------------------------

    def _send(
        self,
        changes: Sequence[Change],
        rows: Sequence[Row],
        send: Callable[[list[Row]], list[RowResult]],
    ) -> list[tuple[Change, RowResult]]:
        """Send the rows of a batch; those that Salesforce refuses are settled here.

        A change is claimed before: one that another process has claimed meanwhile is left out.
        """
        claimed = claim(self.store, self.changeset.id, [change.id for change in changes], detail=SENT)
        mine = [(change, row) for change, row in zip(changes, rows, strict=True) if change.id in claimed]
        results = send([row for _, row in mine]) if mine else []
        sent = [(change, result) for (change, _), result in zip(mine, results, strict=True)]
        for change, result in sent:
            if not result["success"]:
                self._settle(change, "failed", detail=_refusal(result))
        return sent

    def _read_back(self, object_: str, changes: Sequence[Change], ids: Sequence[str]) -> None:
        fields = sorted({"SystemModstamp", *(api for change in changes for api in change.values)})
        found = self.connection.records(object_, fields, ids) if ids else {}
        for change, id_ in zip(changes, ids, strict=True):
            record = found.get(id_)
            if record is None:
                self._settle(change, "unknown", detail=f"{id_} was written but cannot be read back")
            else:
                self._settle_read_back(change, record)

    def _settle_read_back(self, change: Change, record: Row) -> None:
        values = self.values(change)
        # An empty value clears a field of an update; a create does not send it.
        wrong = differing(values if change.action == "update" else _present(values), record)
        detail = said(wrong, "sent", "Salesforce holds") if wrong else None
        state = "failed" if wrong else "applied"
        self._settle(change, state, record=record["Id"], read_back=encode(record), detail=detail)

    def _settle(self, change: Change, state: str, **values: Any) -> None:
        settle(self.store, self.changeset.id, change.id, state, **values)

    # --- lost answers -------------------------------------------------------------

    def _lost(self, change: Change) -> Row | None:
        """Answer the record as it is, {} when nothing was written, None when that cannot be told."""
        fields = sorted({"SystemModstamp", *change.values})
        if change.action == "update":
            record = self.connection.records(change.object, fields, [str(change.record)]).get(
                str(change.record)
            )
            if record is None:
                return None
            wrong = differing(self.values(change), record)
            untouched = not differing(change.before, record)
            return {} if wrong and untouched else record
        keys = self._probe_keys(change)
        if not keys:
            return None
        values = self.values(change)
        where = " AND ".join(f"{key} = {literal(str(values[key]))}" for key in keys)
        query = f"SELECT {', '.join(dict.fromkeys(('Id', *fields)))} FROM {change.object} WHERE {where}"
        found = list(self.connection.query(query))
        return found[0] if len(found) == 1 else ({} if not found else None)

    def _probe_keys(self, change: Change) -> tuple[str, ...]:
        key = self._external_id(change)
        keys = (key,) if key else NATURAL_KEYS.get(change.object, ())
        values = self.values(change)
        return keys if all(values.get(name) for name in keys) else ()


def _batches(changes: Iterable[Change]) -> Iterator[list[Change]]:
    batch: list[Change] = []
    for change in changes:
        batch.append(change)
        if len(batch) == COLLECTION_SIZE:
            yield batch
            batch = []
    if batch:
        yield batch


def _present(values: Mapping[str, Any]) -> Row:
    return {api: value for api, value in values.items() if value is not None}


def _moved(change: Change, record: Row | None, wanted: Row) -> str:
    """Say why a record is not as it was reviewed; '' when it is, or already holds what is wanted."""
    if record is None:
        return "the record is gone or may not be read any more; nothing was sent"
    same_version = change.version is None or str(naive_utc(record["SystemModstamp"])) == change.version
    moved = {} if same_version else differing(change.before, record)
    still = {
        api: pair for api, pair in moved.items() if api not in wanted or differing({api: wanted[api]}, record)
    }
    return f"{said(still, 'approved against', 'now')}; nothing was sent" if still else ""


def _refusal(result: RowResult) -> str:
    errors = result.get("errors") or [{"statusCode": "UNKNOWN", "message": "no reason given"}]
    return "; ".join(f"{error.get('statusCode')}: {error.get('message')}" for error in errors)


__all__ = ["ConnectionProblem", "SalesforceWriter"]
