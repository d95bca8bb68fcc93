"""What a push has read back is what both sides held at that time: the base of what was edited since.

A pull after a push shows what was written, and the diff makes it the base.  Where somebody has edited it
before that pull, the snapshot shows the edit alone: held against the older base it would look as if both
sides had changed it.  So the records of such edits are compared as they were read back, laid over the
snapshots that the push was planned from, and what agrees there becomes their base first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import Any

import duckdb
import pyarrow as pa

from workbench import diff as differ
from workbench.changes import Change, ChangeSet, decode, read_changeset
from workbench.changes.customs import CUSTOM, PREFIX
from workbench.connections import quickbooks_reading
from workbench.crosswalk import Agreement, agree
from workbench.diff.compute import prepare_all
from workbench.forecast.after import Laid, Links, laid_over
from workbench.forecast.rows import Row, Rows
from workbench.ledger import OutcomeRow, keep_compared, load_changeset, not_compared, outcomes
from workbench.model import Action, FieldMap, Finding, Kind, Side
from workbench.model import Mapping as FieldMapping
from workbench.normalize import Only, narrow
from workbench.reconciliation import Reconciliation, open_reconciliation
from workbench.snapshots import Snapshot, history
from workbench.store import Store
from workbench.workspace import Workspace

LINES = ".lines"

_numbers = count(1)

Key = tuple[str, str]
"""(mapping, pair)."""


@dataclass(frozen=True, slots=True)
class _Pushed:
    """A change that was applied and stands, with what was read back of it."""

    changeset: ChangeSet
    change: Change
    row: OutcomeRow

    @property
    def side(self) -> Side:
        return Side(self.change.side)

    @property
    def fields(self) -> tuple[str | None, ...]:
        """The fields of the mapping that it wrote; None: all, since the record is new."""
        if self.change.links:
            return (None,)
        return tuple(cell.field for cell in self.change.cells if cell.field)

    @property
    def table(self) -> str:
        """The table of the record; a custom field is written by a change of its own."""
        change = self.change
        return str(change.context[CUSTOM]["entity"]) if CUSTOM in change.context else change.object

    @property
    def record(self) -> str:
        return str(self.row.record or self.change.record or "")

    def tells(self, field: FieldMap) -> bool:
        """Whether the values of a field were read back; QuickBooks answers with the whole record."""
        if self.side is Side.QUICKBOOKS:
            return True
        named = [name.rpartition(".") for name in field.api(self.side)]
        read = self.row.read_back or {}
        return all((head in ("", self.table)) and tail in read for head, _, tail in named)

    def ends(self) -> Iterator[tuple[str, Side, str]]:
        """(mapping, side, record) by which the pairs are known whose values it wrote."""
        change, other = self.change, self.side.other
        if self.record:
            yield change.mapping, self.side, self.record
        if change.source_id:
            yield change.mapping, other, change.source_id
        for line in change.line_sources:
            yield f"{change.mapping}{LINES}", other, line


def agree_on_pushed(
    workspace: Workspace, reconciliation: Reconciliation, mappings: Sequence[FieldMapping]
) -> bool:
    """Move the base of what was pushed, read back and edited since; answers whether it moved.

    `work.differences` holds the diff of `reconciliation` by the base that there is.  Each outcome is looked
    at by one diff, the first after it.
    """
    rows = [each for each in not_compared(workspace.store) if _before(each, reconciliation)]
    if not rows:
        return False
    edited = _edited(reconciliation.connection, _standing(workspace.store, rows))
    found: dict[Key, Agreement] = {}
    for changeset, mine in _by_changeset(edited):
        planned = _planned(workspace, changeset)
        if planned is not None:  # its snapshots may have been taken away: then the base stays as it is
            # All of them: what is compared now may rest on what an earlier diff has taken into account.
            written = outcomes(workspace.store, changeset.id, states=("applied",))
            with planned.connection:
                pushed = [_Pushed(changeset, changeset.by_id[row.change], row) for row in written]
                laid = _laid(planned, reconciliation, [each for each in pushed if each.row.read_back])
                for each in _agreed(workspace, planned, mappings, laid, mine):
                    found[each.mapping, each.pair] = _merged(found.get((each.mapping, each.pair)), each)
    agree(workspace.store, found.values())
    keep_compared(workspace.store, rows)
    return bool(found)


def _before(row: OutcomeRow, reconciliation: Reconciliation) -> bool:
    """Whether a snapshot was begun after an outcome was settled, so that it shows it."""
    taken: Snapshot = getattr(reconciliation, row.side)
    return row.settled_at is not None and row.settled_at <= taken.started_at


# --- what was pushed ------------------------------------------------------------------------------------


def _standing(store: Store, rows: Sequence[OutcomeRow]) -> list[_Pushed]:
    """The applied changes that were not undone since, and leave a record that takes part.

    The undo of an undo writes again what was pushed; an undo itself brings an older base back (`aftermath`).
    """
    sets = {id_: _changeset(store, id_) for id_ in {row.changeset for row in rows}}
    applied = {(row.changeset, row.change) for row in rows}

    def undone(changeset: str, change: str) -> bool:
        undos = [id_ for id_, each in sets.items() if each.header.get("undoes") == changeset]
        return any((id_, change) in applied and not undone(id_, change) for id_ in undos)

    every = [_Pushed(sets[row.changeset], sets[row.changeset].by_id[row.change], row) for row in rows]
    return [
        each
        for each in every
        if not _takes_back(store, each.changeset)
        and not undone(each.changeset.id, each.change.id)
        and each.change.action not in (Action.DELETE, Action.VOID)
        and not each.change.unlinks
        and each.row.read_back
    ]


def _takes_back(store: Store, changeset: ChangeSet) -> bool:
    """Whether a change set is an undo; the undo of one is not."""
    undoes = changeset.header.get("undoes")
    return undoes is not None and not _takes_back(store, _changeset(store, str(undoes)))


def _changeset(store: Store, id_: str) -> ChangeSet:
    return _read(str(load_changeset(store, id_)["content"]))


@lru_cache(maxsize=4)
def _read(content: str) -> ChangeSet:
    return read_changeset(content)


@dataclass(frozen=True, slots=True)
class _Edited:
    """A change whose values are not on both sides any more.

    Attributes:
        places: (mapping, pair, field) of those values.
    """

    pushed: _Pushed
    places: frozenset[tuple[str, str, str]]


def _edited(connection: duckdb.DuckDBPyConnection, pushed: Sequence[_Pushed]) -> list[_Edited]:
    """The changes of whose values the diff has something to tell; what converged needs no other base."""
    wanted = [
        (number, mapping, str(side), record, field)
        for number, each in enumerate(pushed)
        for mapping, side, record in each.ends()
        for field in ((None,) if mapping != each.change.mapping else each.fields)
    ]
    if not wanted:
        return []
    names = ("number", "mapping", "side", "record", "field")
    kinds = (pa.int64(), *[pa.string()] * 4)
    columns = zip(names, zip(*wanted, strict=True), kinds, strict=True)
    connection.register("pushed", pa.table({name: pa.array(values, kind) for name, values, kind in columns}))
    try:
        queries = [
            "SELECT p.number, d.mapping, d.pair, d.field FROM pushed AS p "
            f"JOIN work.differences AS d ON d.mapping = p.mapping AND d.{side}_id = p.record "
            f"WHERE p.side = '{side}' AND d.kind = '{Kind.FIELD}' "
            f"AND d.difference <> '{Finding.CONVERGED}' AND (p.field IS NULL OR p.field = d.field)"
            for side in Side
        ]
        rows = connection.execute(" UNION ".join(queries)).fetchall()
    finally:
        connection.unregister("pushed")
    found: dict[int, set[tuple[str, str, str]]] = {}
    for number, *place in rows:
        found.setdefault(number, set()).add((place[0], place[1], place[2]))
    return [_Edited(pushed[number], frozenset(found[number])) for number in sorted(found)]


def _by_changeset(edited: Iterable[_Edited]) -> list[tuple[ChangeSet, list[_Edited]]]:
    """In the order in which they were settled."""
    found: dict[str, tuple[ChangeSet, list[_Edited]]] = {}
    for each in edited:
        changeset = each.pushed.changeset
        found.setdefault(changeset.id, (changeset, []))[1].append(each)
    return list(found.values())


# --- as it was read back --------------------------------------------------------------------------------


def _planned(workspace: Workspace, changeset: ChangeSet) -> Reconciliation | None:
    """Both snapshots that a change set was planned from; None where one can't be read any more."""
    found: list[Snapshot] = []
    for side in Side:
        taken = history(workspace.store, side)
        found += [each for each in taken if each.id == changeset.header.get(side) and each.readable]
    return open_reconciliation(workspace, *found) if len(found) == len(Side) else None


def _agreed(
    workspace: Workspace,
    planned: Reconciliation,
    mappings: Sequence[FieldMapping],
    laid: Laid,
    edited: Sequence[_Edited],
) -> Iterator[Agreement]:
    """What both sides agreed on when these changes were read back, of the values that were edited since."""
    cursor = laid_over(
        planned.connection, laid, Links(at=planned.quickbooks.ended_at), f"read_back_{next(_numbers)}"
    )
    ends = [end for each in edited for end in each.pushed.ends()]
    ids = {side: {record for _, of, record in ends if of is side} for side in Side}
    only = Only(salesforce=ids[Side.SALESFORCE], quickbooks=ids[Side.QUICKBOOKS])
    named = {each.pushed.change.mapping.removesuffix(LINES) for each in edited}
    usable = planned.usable(each for each in mappings if each.name in named)
    for mapping in usable:
        narrow(cursor, mapping, only)
        for each in filter(None, (mapping, mapping.lines)):
            prepare_all(cursor, each, workspace.profile.quickbooks.time_zone, narrowed=True)
        differ.agreed(cursor, mapping)
    fields = {
        (each.name, field.name): field
        for one in usable
        for each in (one, one.lines)
        if each is not None
        for field in each.fields
    }
    wanted = {
        (mapping, pair, name)
        for each in edited
        for mapping, pair, name in each.places
        if (mapping, name) in fields and each.pushed.tells(fields[mapping, name])
    }
    columns = "mapping, pair, fields, salesforce, quickbooks"
    for mapping, pair, names, left, right in cursor.execute(f"SELECT {columns} FROM work.agreed").fetchall():
        chosen = tuple(field for field in names if (mapping, pair, field) in wanted)
        if not chosen:
            continue
        apis = {side: {api for field in chosen for api in fields[mapping, field].api(side)} for side in Side}
        yield Agreement(
            mapping=mapping,
            pair=pair,
            fields=chosen,
            salesforce=_some(json.loads(left), apis[Side.SALESFORCE]),
            quickbooks=_some(json.loads(right), apis[Side.QUICKBOOKS]),
        )


def _some(values: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    wanted = set(names)
    return {name: value for name, value in values.items() if name in wanted}


def _merged(before: Agreement | None, later: Agreement) -> Agreement:
    """What was agreed on of a pair, by two pushes after each other."""
    if before is None:
        return later
    return Agreement(
        mapping=later.mapping,
        pair=later.pair,
        fields=tuple(dict.fromkeys((*before.fields, *later.fields))),
        salesforce={**before.salesforce, **later.salesforce},
        quickbooks={**before.quickbooks, **later.quickbooks},
    )


# --- rows -----------------------------------------------------------------------------------------------


def _laid(planned: Reconciliation, later: Reconciliation, pushed: Sequence[_Pushed]) -> Laid:
    """The records as they were read back, over those of the snapshots.

    Of a new record that was not read back in full, the rest is as it is now.
    """
    laid = Laid()
    for (side, table), mine in _by_table(pushed).items():
        rows, key = Rows(planned.connection, side), _key(side, table)
        if not rows.has(table, key):
            continue
        made: dict[str, Row] = {}
        for connection in (later.connection, planned.connection):
            found = Rows(connection, side).where(table, key, [each.record for each in mine])
            made |= {str(row[key]): row for row in found}
        for each in mine:
            made[each.record] = {**made.get(each.record, {}), key: each.record, **_values(each, rows)}
        for record in dict.fromkeys(each.record for each in mine):
            laid.put(side, table, key, record, [made[record]])
        for each in mine:
            name = _line_table(rows, each)
            if name is not None:
                laid.put(side, name, key, each.record, _lines(each, key))
    return laid


def _by_table(pushed: Iterable[_Pushed]) -> dict[tuple[Side, str], list[_Pushed]]:
    found: dict[tuple[Side, str], list[_Pushed]] = {}
    for each in pushed:
        if each.record:
            found.setdefault((each.side, each.table), []).append(each)
    return found


def _key(side: Side, table: str) -> str:
    return "Id" if side is Side.SALESFORCE else str(quickbooks_reading.key(table))


def _line_table(rows: Rows, pushed: _Pushed) -> str | None:
    """The table of the lines that were made with a document of QuickBooks."""
    name = quickbooks_reading.tables(pushed.table)[1] if pushed.change.lines else None
    return name if name is not None and rows.has(name) else None


def _values(pushed: _Pushed, rows: Rows) -> Row:
    """What was read back of the record.

    QuickBooks answers with all of it but its custom fields, and leaves out what is empty; of a custom field
    the answer tells no more than that it was taken.
    """
    if CUSTOM in pushed.change.context:
        return dict(pushed.change.values)
    read = decode(dict(pushed.row.read_back or {}))
    if pushed.side is Side.QUICKBOOKS:
        own = (name for name in rows.tables[pushed.table] if not name.startswith(PREFIX))
        return {name: read.get(name) for name in own}
    return dict(read)


def _lines(pushed: _Pushed, key: str) -> list[Row]:
    read = decode(dict(pushed.row.read_back or {})).get("lines") or []
    return [{**line, key: pushed.record, "SeqNo": number} for number, line in enumerate(read, start=1)]
