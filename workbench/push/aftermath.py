"""What follows when changes were applied and read back: pairs that end, and what an undo restores.

A pair ends with a change that says so (`unlinks`): what stays of its record, inactive or void, is ignored
from then on by a decision in the name of the approver.  After an undo the crosswalk and the base of its
records are again as they were before the push that it undoes, or the next diff would read the restored values
as edits.
All of it may be done again after any interruption: what was done is not done twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from workbench.approval import latest_approval
from workbench.changes import Change, ChangeSet, read_changeset
from workbench.crosswalk import Decision, End, Rejoin, Return, end, go_back, pairs_with, rejoin
from workbench.ledger import OutcomeRow, load_changeset
from workbench.model import Action, DecisionKind, Direction, Side
from workbench.model import Mapping as FieldMapping
from workbench.store import Store
from workbench.workspace import Workspace

Applied = tuple[Change, datetime]
"""A change, and when it was read back."""

LINES = ".lines"


def follow(workspace: Workspace, changeset: ChangeSet, rows: Mapping[str, OutcomeRow]) -> None:
    """Bring crosswalk and base in line with what of a change set was applied."""
    applied = [
        (changeset.by_id[row.change], row.settled_at)
        for row in rows.values()
        if row.state == "applied" and row.settled_at is not None
    ]
    ending = [each for each in applied if each[0].unlinks]
    if ending:
        who, mappings = _approver(workspace, changeset.id), list(workspace.mappings().values())
        end(workspace.store, [one for each in ending for one in _ends(changeset.id, each, who, mappings)])
    if "undoes" in changeset.header and applied:
        _undone(workspace, str(changeset.header["undoes"]), applied)


def _approver(workspace: Workspace, changeset: str) -> str:
    approval = latest_approval(workspace.store, changeset)
    return approval.approver if approval is not None else "push"


# --- pairs that end ------------------------------------------------------------------------------------


def _ends(changeset: str, applied: Applied, who: str, mappings: Sequence[FieldMapping]) -> Iterator[End]:
    change, at = applied
    stays = change.action in (Action.VOID, Action.UPDATE)
    left = _left(changeset, change, who, mappings) if stays else ()
    yield End(mapping=change.mapping, side=change.side, record=str(change.record), before=at, left=left)
    other = Side(change.side).other
    for line in change.line_sources:
        yield End(mapping=f"{change.mapping}{LINES}", side=other, record=line, before=at)


def _left(changeset: str, change: Change, who: str, mappings: Sequence[FieldMapping]) -> tuple[Decision, ...]:
    """What stays of a record takes no part any more, in whatever mapping it could."""
    side = Side(change.side)
    names = [each.name for each in mappings if each.side(side).object == change.object]
    state = "void" if change.action == Action.VOID else "inactive"
    mine = {f"{side}_id": change.record, f"{side.other}_id": None}
    return tuple(
        Decision(
            mapping=name,
            salesforce_id=mine["salesforce_id"],
            quickbooks_id=mine["quickbooks_id"],
            field=None,
            decision=DecisionKind.IGNORE,
            reason=f"{state} since {changeset}, and linked no more",
            decided_by=who,
        )
        for name in dict.fromkeys((change.mapping, *names))
    )


# --- what an undo restores -----------------------------------------------------------------------------


def _undone(workspace: Workspace, undone: str, applied: list[Applied]) -> None:
    row = load_changeset(workspace.store, undone)
    before, at = _read(row["content"]), row["pushed_at"]
    who = _approver(workspace, undone)
    back = [
        Rejoin(
            mapping=change.mapping,
            side=change.side,
            record=str(change.record),
            at=at,
            before=settled,
            withdrawn=_left(undone, before.by_id[change.id], who, list(workspace.mappings().values())),
        )
        for change, settled in applied
        if change.id in before.by_id and before.by_id[change.id].unlinks and not change.unlinks
    ]
    rejoin(workspace.store, back)
    mappings = {
        each.name: each
        for mapping in workspace.mappings().values()
        for each in (mapping, mapping.lines)
        if each is not None
    }
    wanted = [(change, settled) for change, settled in applied if change.mapping in mappings]
    go_back(workspace.store, _returns(_Pairs.of(workspace.store, wanted), mappings, wanted, at))


@lru_cache(maxsize=2)
def _read(content: str) -> ChangeSet:
    """A change set that is read again and again while its undo waits for answers."""
    return read_changeset(content)


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Pair ids by (mapping, side, record)."""

    ids: Mapping[tuple[str, str, str], str]

    @classmethod
    def of(cls, store: Store, applied: list[Applied]) -> _Pairs:
        ids: dict[tuple[str, str, str], str] = {}
        for side in Side:
            known = [each for change, _ in applied for each in _named(change, side)]
            for row in pairs_with(store, side, known):
                ids[(str(row["mapping"]), side, str(row[f"{side}_id"]))] = str(row["pair"])
        return cls(ids)

    def of_change(self, change: Change) -> str | None:
        """The pair of a changed record; that of a related one (a price) is known by the other end."""
        other = Side(change.side).other
        return self.ids.get((change.mapping, change.side, str(change.record))) or self.ids.get(
            (change.mapping, other, str(change.source_id))
        )

    def of_document(self, change: Change) -> str | None:
        """The pair of the document of a line."""
        key = (change.mapping.removesuffix(LINES), change.side, str(change.context.get("document")))
        return self.ids.get(key)


def _named(change: Change, side: Side) -> Iterator[str]:
    """The records of a side that a change names: its own, its document's, or its source."""
    if change.side != side:
        yield str(change.source_id)
        return
    yield str(change.record)
    if "document" in change.context:
        yield str(change.context["document"])


def _returns(
    known: _Pairs, mappings: Mapping[str, FieldMapping], applied: list[Applied], at: datetime
) -> list[Return]:
    """What goes back: the fields that were undone, and those that are only compared, since they follow."""
    names: dict[tuple[str, str], set[str]] = {}
    settled: dict[tuple[str, str], datetime] = {}
    for change, when in applied:
        places = [(change.mapping, known.of_change(change), {cell.field for cell in change.cells})]
        if change.mapping.endswith(LINES):
            parent = change.mapping.removesuffix(LINES)
            places.append((parent, known.of_document(change), set()))
        for mapping, pair, fields in places:
            if pair is not None and mapping in mappings:
                key = (mapping, pair)
                names.setdefault(key, set()).update(fields | _compared(mappings[mapping]))
                settled[key] = max(when, settled.get(key, when))
    return [
        Return(
            mapping=mapping,
            pair=pair,
            fields=_apis(mappings[mapping], fields),
            at=at,
            before=settled[(mapping, pair)],
        )
        for (mapping, pair), fields in names.items()
    ]


def _compared(mapping: FieldMapping) -> set[str]:
    return {field.name for field in mapping.fields if field.direction is Direction.COMPARE}


def _apis(mapping: FieldMapping, names: set[str]) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    return {
        field.name: (field.salesforce, field.quickbooks) for field in mapping.fields if field.name in names
    }
