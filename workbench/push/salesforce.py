"""Write to Salesforce: checked before, sent once, read back after.

Before an update or a delete each record is read again: one that moved since it was reviewed is `stale` and is
not sent.  Changes are claimed before they are sent, with the id of the job where there is one; what was sent
and not answered is settled by reading, never by sending it again blindly.  Creates are never an upsert by our
key: that would overwrite a record that was given the key since the review; they are looked for by the key
before any repeat.  `"success": true` is no proof: every record is read back.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from workbench.changes import Answer, Change, ChangeSet, encode
from workbench.connections.salesforce import TOGETHER_SIZE, Row, RowResult, SalesforceConnection, literal
from workbench.connections.salesforce_bulk import BulkIngest, Operation, parts
from workbench.connections.salesforce_errors import Refused
from workbench.connections.salesforce_ids import long_id
from workbench.connections.salesforce_json import cell, fits_csv
from workbench.ledger import OutcomeRow, Settled, claim, settle_many
from workbench.model import Action
from workbench.pull.salesforce import naive_utc
from workbench.push import salesforce_removals as removals
from workbench.push.ready import SENT, filled
from workbench.push.salesforce_batches import batches, lines_of, ordered
from workbench.push.salesforce_results import of_job, passes, refusal
from workbench.push.values import differing, said
from workbench.store import Store

NATURAL_KEYS: Mapping[str, tuple[str, ...]] = {
    "PricebookEntry": ("Pricebook2Id", "Product2Id"),
    "OpportunityLineItem": ("OpportunityId", "QuickBooks_Line_Id__c"),
}
"""How to find a created record again, where the object has no unique external id."""

OPERATIONS: Mapping[Action, Operation] = {
    Action.CREATE: "insert",
    Action.UPDATE: "update",
    Action.DELETE: "delete",
}
"""What Bulk API 2.0 calls it."""

TRIES = 4
"""How often rows are sent that were locked by others, or that a job did not come to."""

FIRST_WAIT_SECONDS = 1.0
"""Before the second try; doubled for each further one."""

_SAID = {False: "sent", True: "foretold"}
GONE = "the record is gone or may not be read any more; whether this was written before cannot be told"
"""What is told of an update whose answer was lost, and whose record went away."""

LOCKED, NOT_WRITTEN = "locked or not come to; goes again", "was not written; goes again"

Result = tuple[Change, RowResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesforceWriter:
    """Writes the ready changes of one change set.

    Attributes:
        rows: Outcomes of the change set by change, as they were when this round began.
        external_ids: Unique external id fields by object.
        lines: New lines by the new parent that they wait for; written with it, all or none.
        mapped: Fields that mappings read, by object: of a new record they are read back, written or not.
        go_on: Asked before each request: whether it may still go.
    """

    store: Store
    connection: SalesforceConnection
    changeset: ChangeSet
    rows: Mapping[str, OutcomeRow]
    external_ids: Mapping[str, frozenset[str]]
    lines: Mapping[str, Sequence[Change]] = field(default_factory=dict)
    mapped: Mapping[str, frozenset[str]] = field(default_factory=dict)
    go_on: Callable[[], bool] = lambda: True

    def write(self, changes: Sequence[Change]) -> None:
        """Send changes whose parents are applied; settles each of them.

        Raises:
            ConnectionProblem: The org cannot be reached, refuses, or has few API calls left; what was settled
                stays so, what it refused waits, and what may have arrived is unknown.
        """
        for (object_, action), group in groupby(changes, key=lambda change: (change.object, change.action)):
            alone = []
            for change in group:
                lines = self.lines.get(change.id, ())
                if lines and len(lines) < TOGETHER_SIZE and lines_of(change, lines):
                    self._create_with_lines(change, lines)
                else:
                    alone.append(change)
            self._write(object_, action, alone, 1)

    def values(self, change: Change) -> Row:
        """The values to be written, with the answers of other changes filled in."""
        return {api: filled(value, self.rows) for api, value in change.values.items()}

    def expected(self, change: Change) -> Row:
        """What the record will hold of these fields, as far as the plan has foretold it."""
        return self.values(change) | change.foretold

    # --- sending -------------------------------------------------------------------------------

    def _write(self, object_: str, action: str, changes: Sequence[Change], attempt: int) -> None:
        many = self._for_job(changes)
        if len(many) > self.connection.bulk_above:
            self._write_by_job(object_, action, many, attempt)
            gone = {change.id for change in many}
            changes = [change for change in changes if change.id not in gone]
        for batch, together in batches(changes, self.values):
            if not self.go_on():
                return
            self.connection.check_calls()
            fresh = self._fresh(object_, action, batch)

            def sent(rows: list[Row], together: bool = together) -> list[RowResult]:
                return self._send(object_, action, rows, together)

            self._settle_results(object_, action, self._sent(fresh, sent), attempt, together)

    def _send(self, object_: str, action: str, rows: list[Row], together: bool) -> list[RowResult]:
        match action:
            case Action.DELETE:
                return self.connection.delete([str(row["Id"]) for row in rows], all_or_none=together)
            case Action.UPDATE:
                return self.connection.update(object_, rows, all_or_none=together)
        return self.connection.create(object_, rows, all_or_none=together)

    def _sent(self, changes: Sequence[Change], send: Callable[[list[Row]], list[RowResult]]) -> list[Result]:
        """Claim changes and send them; one that another process has claimed meanwhile is left out."""
        mine = self._claimed(changes)
        if not mine:
            return []
        try:
            results = send([self._row(change) for change in mine])
        except Refused:
            self._wait(mine)
            raise
        return list(zip(mine, results, strict=True))

    def _claimed(self, changes: Sequence[Change], job: str | None = None) -> list[Change]:
        if not changes:
            return []
        ids = [change.id for change in changes]
        claimed = claim(self.store, self.changeset.id, ids, detail=SENT, request=job)
        return [change for change in changes if change.id in claimed]

    def _row(self, change: Change) -> Row:
        if change.action == Action.DELETE:
            return {"Id": long_id(str(change.record))}
        if change.action == "update":
            return {"Id": change.record} | self.values(change)
        return _present(self.values(change))

    def _create_with_lines(self, parent: Change, lines: Sequence[Change], attempt: int = 1) -> None:
        """A new parent and its lines in one request, all of them or none."""
        if not self.go_on():
            return
        self.connection.check_calls()
        mine = self._claimed([parent, *lines])
        if len(mine) != len(lines) + 1:
            self._wait(mine)
            return
        rows = [(parent.object, self._row(parent))]
        rows += [(line.object, self._row(line) | _to_parent(line, parent, "@{parent.id}")) for line in lines]
        try:
            results = self.connection.create_together(rows)
        except Refused:
            self._wait(mine)
            raise
        if passes(results) and attempt < TRIES:
            self._wait(mine, LOCKED)
            time.sleep(FIRST_WAIT_SECONDS * 2 ** (attempt - 1))
            self._create_with_lines(parent, lines, attempt + 1)
            return
        given = {line.id: _to_parent(line, parent, str(results[0].get("id"))) for line in lines}
        pairs = list(zip(mine, results, strict=True))
        for object_, group in groupby(pairs, key=lambda pair: pair[0].object):
            listed = list(group)
            self._fail([(change, result) for change, result in listed if not result["success"]])
            made = [(change, str(result["id"])) for change, result in listed if result["success"]]
            self._read_back(object_, made, given)

    # --- jobs of Bulk API 2.0 -----------------------------------------------------------------------

    def _for_job(self, changes: Sequence[Change]) -> list[Change]:
        """The changes that can be said in CSV, and told apart in the results of a job by one column."""
        found: dict[tuple[str, str], Change] = {}
        for change in changes:
            mark = self._mark(change)
            if mark[1] and fits_csv(self._row(change)):
                found.setdefault(mark, change)
        column = next(iter(found), ("", ""))[0]
        return [change for (name, _), change in found.items() if name == column]

    def _mark(self, change: Change) -> tuple[str, str]:
        """The column and its value by which a row of a job is told apart."""
        if change.action != Action.CREATE:
            return "Id", long_id(str(change.record))
        key = self._external_id(change)
        return key, cell(self.values(change)[key]) if key else ""

    def _write_by_job(self, object_: str, action: str, changes: Sequence[Change], attempt: int) -> None:
        fresh = ordered(self._fresh(object_, action, changes), self.values)
        start = 0
        for count, content in parts([self._row(change) for change in fresh]):
            if not self.go_on():
                return
            self.connection.check_calls()
            part = fresh[start : start + count]
            start += count
            job = self.connection.bulk_write(object_, OPERATIONS[Action(action)])
            mine = self._claimed(part, job.id)
            if len(mine) < len(part):  # another process is at it: these go in the next round
                job.abort()
                self._wait(mine)
                continue
            try:
                job.send(content)
            except Refused:
                job.abort()
                self._wait(mine)
                raise
            self._settle_job(job, mine, attempt)

    def _settle_job(self, job: BulkIngest, changes: Sequence[Change], attempt: int) -> list[Change]:
        """Settle changes by the results of their job; answers those that they do not name."""
        first = changes[0]
        found = of_job(job.result(), self._mark(first)[0])
        marks = {change.id: self._mark(change)[1] for change in changes}
        results = [(change, found[marks[change.id]]) for change in changes if marks[change.id] in found]
        self._settle_results(first.object, first.action, results, attempt, False)
        return [change for change in changes if marks[change.id] not in found]

    # --- settling ------------------------------------------------------------------------------------

    def _settle_results(
        self,
        object_: str,
        action: str,
        results: Sequence[Result],
        attempt: int,
        together: bool,
    ) -> None:
        """Read back what was written, tell what was refused, and send again what others had locked."""
        if action == Action.DELETE:
            went = [change for change, result in results if removals.done(result)]
            self._settle(removals.read_back(self.connection, object_, went))
            results = [(change, result) for change, result in results if not removals.done(result)]
        good = [(change, str(result["id"])) for change, result in results if result["success"]]
        bad = [(change, result) for change, result in results if not result["success"]]
        again = [
            change
            for change, result in bad
            if passes([result] if not together else [other for _, other in bad])
        ]
        if attempt >= TRIES:
            again = []
        passing = {change.id for change in again}
        self._fail([(change, result) for change, result in bad if change.id not in passing])
        self._read_back(object_, good)
        if again:
            self._again(object_, action, again, attempt)

    def _fail(self, refused: Sequence[Result]) -> None:
        """Settle what Salesforce refused, and what it did not come to after several tries."""
        self._settle(
            Settled(
                change=change.id,
                state="failed",
                detail=refusal(result) + (f" (tried {TRIES} times)" if passes([result]) else ""),
            )
            for change, result in refused
        )

    def _wait(self, changes: Sequence[Change], why: str | None = None) -> None:
        """Nothing was written of these: they may go again."""
        self._settle(Settled(change=change.id, state="waiting", detail=why) for change in changes)

    def _again(self, object_: str, action: str, changes: Sequence[Change], attempt: int) -> None:
        """After a pause, in halves: fewer rows in a request are locked less."""
        self._wait(changes, LOCKED)
        time.sleep(FIRST_WAIT_SECONDS * 2 ** (attempt - 1))
        middle = (len(changes) + 1) // 2
        for half in (changes[:middle], changes[middle:]):
            if half:
                self._write(object_, action, half, attempt + 1)

    def _read_back(
        self, object_: str, written: Sequence[tuple[Change, str]], given: Mapping[str, Row] | None = None
    ) -> None:
        """Settle what was written by reading it; `given` holds values, by change, that are new."""
        if not written:
            return
        fields = {"SystemModstamp", *(api for change, _ in written for api in change.values)}
        if any(change.action == Action.CREATE for change, _ in written):
            fields |= self.mapped.get(object_, frozenset())
        found = self.connection.records(object_, sorted(fields), [id_ for _, id_ in written])
        known = given or {}
        self._settle(
            self._told(change, id_, found.get(long_id(id_)), known.get(change.id, {}))
            for change, id_ in written
        )

    def _told(self, change: Change, id_: str, record: Row | None, given: Row) -> Settled:
        if record is None:
            detail = f"{id_} was written but cannot be read back"
            return Settled(change=change.id, state="unknown", detail=detail)
        values = self.expected(change) | given
        # An empty value clears a field of an update; a create does not send it.
        wrong = differing(values if change.action == "update" else _present(values), record)
        return Settled(
            change=change.id,
            state="failed" if wrong else "applied",
            record=record["Id"],
            read_back=encode(record),
            accepted=True,
            detail=said(wrong, _SAID[bool(change.foretold)], "Salesforce holds") if wrong else None,
        )

    def _settle(self, settled: Iterable[Settled]) -> None:
        settle_many(self.store, self.changeset.id, settled)

    # --- stale ------------------------------------------------------------------------------------------

    def _fresh(self, object_: str, action: str, batch: Sequence[Change]) -> list[Change]:
        """The changes whose record is still as it was reviewed; the others are settled as stale."""
        if action == Action.CREATE:
            return list(batch)
        if action == Action.DELETE:
            fresh, settled = removals.looked_at(self.connection, object_, batch)
            self._settle(settled)
            return fresh
        fields = sorted({"SystemModstamp", *(api for change in batch for api in change.values)})
        now = self.connection.records(object_, fields, [str(change.record) for change in batch])
        reasons = {
            change.id: _moved(change, now.get(long_id(str(change.record))), self.expected(change))
            for change in batch
        }
        self._settle(
            Settled(change=id_, state="stale", detail=reason) for id_, reason in reasons.items() if reason
        )
        return [change for change in batch if not reasons[change.id]]

    # --- lost answers -------------------------------------------------------------------------------------

    def recover(self, changes: Sequence[Change]) -> None:
        """Settle changes that were sent and whose answer was lost, by reading."""
        by_job: dict[str, list[Change]] = {}
        for change in changes:
            by_job.setdefault(self.rows[change.id].request or "", []).append(change)
        for job, mine in by_job.items():
            left = self._recover_job(self.connection.bulk_job(job), mine) if job else mine
            for change in left:
                self._recover_one(change)

    def _recover_job(self, job: BulkIngest, changes: Sequence[Change]) -> Sequence[Change]:
        """Settle changes by their job; answers those of which it knows nothing any more."""
        state = job.state()
        if state == "Open":
            # It was never closed, so nothing of it is written, and nothing will be.
            job.abort()
            self._wait(changes, NOT_WRITTEN)
            return ()
        if state == "":
            return changes
        return self._settle_job(job, changes, 1)

    def _recover_one(self, change: Change) -> None:
        if change.action == Action.DELETE:
            self._settle([removals.recovered(self.connection, change, NOT_WRITTEN)])
            return
        found = self._lost(change)
        if found is None and change.action == Action.UPDATE:
            self._settle([Settled(change=change.id, state="stale", detail=GONE)])
        elif found == {}:
            self._wait([change], NOT_WRITTEN)
        elif found is not None:
            told = self._told(change, found["Id"], found, {})
            # Where it holds something else: did that come after our write, or instead of it?
            self._settle([told if told.state == "applied" else replace(told, accepted=None)])

    def _lost(self, change: Change) -> Row | None:
        """Answer the record as it is, {} when nothing was written, None when that cannot be told."""
        fields = sorted({"SystemModstamp", *change.values})
        if change.action == "update":
            id_ = long_id(str(change.record))
            record = self.connection.records(change.object, fields, [id_]).get(id_)
            if record is None:
                return None
            wrong = differing(self.expected(change), record)
            untouched = not differing(change.before, record)
            return {} if wrong and untouched else record
        if any(self._without_parent(value) for value in change.values.values()):
            return {}
        keys = self._probe_keys(change)
        if not keys:
            return None
        values = self.values(change)
        where = " AND ".join(f"{key} = {literal(str(values[key]))}" for key in keys)
        query = f"SELECT {', '.join(dict.fromkeys(('Id', *fields)))} FROM {change.object} WHERE {where}"
        found = list(self.connection.query(query))
        return found[0] if len(found) == 1 else ({} if not found else None)

    def _without_parent(self, value: Any) -> bool:
        """Whether a value is of a record that was not written: then nothing below it was written either."""
        row = self.rows.get(value.change) if isinstance(value, Answer) else None
        return row is not None and row.state in ("waiting", "failed", "stale", "skipped")

    def _probe_keys(self, change: Change) -> tuple[str, ...]:
        key = self._external_id(change)
        keys = (key,) if key else NATURAL_KEYS.get(change.object, ())
        values = self.values(change)
        return keys if all(values.get(name) for name in keys) else ()

    def _external_id(self, change: Change) -> str:
        values = self.values(change)
        keys = self.external_ids.get(change.object, frozenset())
        return next((key for key in sorted(keys) if values.get(key)), "")


def _present(values: Mapping[str, Any]) -> Row:
    return {api: value for api, value in values.items() if value is not None}


def _to_parent(line: Change, parent: Change, id_: str) -> Row:
    """The fields of a line that name its new parent."""
    return {api: id_ for api, value in line.values.items() if getattr(value, "change", None) == parent.id}


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
