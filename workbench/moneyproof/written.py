"""The changes of a push as the proof needs them: which documents each was about, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import duckdb

from workbench.changes import Answer, Change
from workbench.model import Mapping as FieldMapping
from workbench.model import Outcome, Side
from workbench.normalize import identifier

NOT_APPROVED = "not approved"
"""What became of a change that was planned and is in no push."""

SAME_WRITE = timedelta(seconds=5)
"""Salesforce stamps a document a moment after the line that moved it."""

Record = tuple[str, str]
"""Side and id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A planned change and what became of it.

    Attributes:
        state: A `model.Outcome`, or `NOT_APPROVED`.
        detail: What the system said, or why nothing was sent.
        record: The record that was written; None before it is known.
        version: EditSequence or SystemModstamp as it was read back; '' where it was not.
        records: The documents it is about, by side and id: the written one, the one it was made from, and the
            documents of lines.
    """

    change: Change
    state: str
    detail: str = ""
    record: str | None = None
    version: str = ""
    records: frozenset[Record] = frozenset()

    @property
    def applied(self) -> bool:
        return self.state == Outcome.APPLIED


def written(
    connection: duckdb.DuckDBPyConnection | None,
    mappings: Iterable[FieldMapping],
    changes: Iterable[Change],
    outcomes: Mapping[str, Any],
) -> tuple[Written, ...]:
    """The changes with their outcomes.

    Args:
        connection: On what is there now: it tells whose document a line is; None where it is not there.
        outcomes: Rows of the ledger (`state`, `detail`, `record`, `read_back`) by change.
    """
    listed, known = list(changes), list(mappings)
    made = {each.id: outcomes[each.id].record for each in listed if each.id in outcomes}
    parents = {
        (each.lines.name, str(side)): str(each.lines.side(side).parent)
        for each in known
        for side in Side
        if each.lines is not None
    }
    owners = {} if connection is None else _owners(connection, known, listed)
    found = []
    for each in listed:
        named = each.values.get(parents.get((each.mapping, each.side), ""))
        parent = made.get(named.change) if isinstance(named, Answer) else named
        found.append(_written(each, outcomes.get(each.id), owners, parent))
    return tuple(found)


def _written(change: Change, row: Any, owners: Mapping[Record, str], parent: str | None) -> Written:
    record = row.record if row is not None and row.record else change.record
    side = Side(change.side)
    found = {(str(side), record), (str(side.other), change.source_id), (str(side), parent)}
    found |= {(side_, owners[side_, id_]) for side_, id_ in [*found] if id_ and (side_, id_) in owners}
    return Written(
        change=change,
        state=NOT_APPROVED if row is None else row.state,
        detail=(change.hold if row is None else row.detail) or "",
        record=record,
        version=_version(row.read_back if row is not None else None),
        records=frozenset((side_, id_) for side_, id_ in found if id_),
    )


def _version(read_back: Mapping[str, Any] | None) -> str:
    found = read_back or {}
    value = found.get("EditSequence") or found.get("SystemModstamp") or ""
    return str(value.get("$time", "") if isinstance(value, Mapping) else value)


def _owners(
    connection: duckdb.DuckDBPyConnection, mappings: Iterable[FieldMapping], changes: Iterable[Change]
) -> dict[Record, str]:
    """The document of each line that a change names, by side and the line's id."""
    named: dict[tuple[str, str], set[str]] = {}
    for change in changes:
        for side, id_ in ((change.side, change.record), (Side(change.side).other, change.source_id)):
            if id_:
                named.setdefault((change.mapping, side), set()).add(id_)
    found: dict[Record, str] = {}
    for mapping in mappings:
        for side in Side:
            keys = named.get((f"{mapping.name}.lines", side))
            if mapping.lines is None or not keys:
                continue
            spec = mapping.lines.side(side)
            query = (
                f"SELECT {identifier(spec.key)}, {identifier(str(spec.parent))} "
                f"FROM {side}.{identifier(spec.object)} WHERE list_contains(?, {identifier(spec.key)})"
            )
            rows = connection.execute(query, [sorted(keys)]).fetchall()
            found |= {(str(side), str(line)): str(parent) for line, parent in rows}
    return found


def same_version(side: Side, now: str, ours: Iterable[str]) -> bool:
    """Whether a document is still as our writes left it; True where nothing was read back to tell."""
    versions = [each for each in ours if each]
    if not versions or not now:
        return True
    if side is Side.QUICKBOOKS:
        return now in versions
    return _moment(now) <= max(map(_moment, versions)) + SAME_WRITE


def _moment(text: str) -> datetime:
    """A time without its zone: both are UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=None)
