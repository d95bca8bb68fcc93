"""A change set: what would be written, as a value that a person can read, save and compare.

It is a file of canonical JSON lines: a header, then one change a line.  The same inputs give the same
bytes; the content hash is the SHA-256 of those bytes.  Values keep their types: a decimal is
`{"$decimal": "12.50"}`, a date `{"$date": "2026-03-30"}`, a value known only after another change was
answered `{"$answer": "<change>", "field": "ListID"}`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from workbench.errors import PlanError

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Answer:
    """A value that is known only when another change was answered.

    Attributes:
        change: Id of that change.
        field: API field of its answer, e.g. 'ListID'; 'lines.0.TxnLineID' for its first line.
    """

    change: str
    field: str

    def __str__(self) -> str:
        return f"{self.field} of {self.change}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One field of a change.

    Attributes:
        field: Name in the mapping ('' for a default or a companion value).
        api: API field on the side that is written.
        before: Raw value in the snapshot; None for a create.
        after: Value to be written; an `Answer` where it is not known yet.
        why: Which rule or person decided it.
        loss: What the system will make of the value, and so what is lost on the way; '' when it keeps it.
        stored: What the system will hold then; None without a `loss`.  See `holds`.
    """

    field: str
    api: str
    before: Any
    after: Any
    why: str
    loss: str = ""
    stored: Any = None

    @property
    def holds(self) -> Any:
        """What the system will hold afterwards."""
        return self.stored if self.loss else self.after


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One record to be written.

    Attributes:
        side: 'salesforce' or 'quickbooks'.
        object: API name of the object, e.g. 'Account', 'Customer', 'Item'.
        action: A `model.Action`.
        record: Its id; None for a create.
        label: What a person calls it.
        version: SystemModstamp or EditSequence it was reviewed against; None for a create.
        source_id: The record on the other side that the values come from.
        cells: Fields to be written, in the mapping's order.
        lines: For a document created whole: its lines, each a mapping of API fields to values.
        context: What the writer must know besides, e.g. an item's Type.
        depends_on: Ids of changes that must be applied before.
        links: For a create: the new record and its source are linked when it is applied; lines too.
        unlinks: The record and its source are linked no more when it is applied; `line_sources` names the
            other ends of its lines' links.
        together: Id of the change of the other side that carries the same value, set by a person: both are
            written or neither; '' for one on its own.
        hold: Why it cannot be written; empty when it can.
        predicted: What the system is expected to answer: 'ok', or the status code of its refusal; '' when
            nobody has foretold it.
        undo: What it would take to undo it, a `model.UndoCost`; '' when nobody has said.
        filled: Of a create, what the system will fill by itself of the fields that mappings read, by API
            field; `line 1 Desc` for one of its first line.
    """

    id: str
    mapping: str
    side: str
    object: str
    action: str
    record: str | None
    label: str
    version: str | None
    source_id: str | None
    cells: tuple[Cell, ...]
    lines: tuple[Mapping[str, Any], ...] = ()
    line_sources: tuple[str, ...] = ()
    context: Mapping[str, Any] = field(default_factory=dict)
    depends_on: tuple[str, ...] = ()
    links: bool = False
    unlinks: bool = False
    together: str = ""
    hold: str = ""
    predicted: str = ""
    undo: str = ""
    filled: Mapping[str, Any] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, Any]:
        """The API fields to be written."""
        return {cell.api: cell.after for cell in self.cells}

    @property
    def foretold(self) -> dict[str, Any]:
        """What the system will hold of the same fields, where that is not what is written."""
        return {cell.api: cell.stored for cell in self.cells if cell.loss}

    @property
    def before(self) -> dict[str, Any]:
        """The before-image of the same fields."""
        return {cell.api: cell.before for cell in self.cells}


@dataclass(frozen=True, kw_only=True)
class ChangeSet:
    """A planned set of changes, in the order in which they can be applied.

    Attributes:
        header: Snapshot ids, mapping and decisions hashes, target ('both', 'salesforce', 'quickbooks').
        changes: The changes; a change stands after those it depends on.
    """

    header: Mapping[str, Any]
    changes: tuple[Change, ...]

    @cached_property
    def content(self) -> str:
        """The canonical JSON lines."""
        lines = [canonical({"format": FORMAT, **self.header})]
        lines += [canonical(_to_data(change)) for change in self.changes]
        return "\n".join(lines) + "\n"

    @cached_property
    def content_hash(self) -> str:
        return hashlib.sha256(self.content.encode()).hexdigest()

    @property
    def id(self) -> str:
        return "cs-" + self.content_hash[:12]

    @cached_property
    def by_id(self) -> Mapping[str, Change]:
        return {change.id: change for change in self.changes}

    def with_parents(self, wanted: Iterable[str]) -> frozenset[str]:
        """Answer the changes with all that they depend on, and what is written together with them.

        A new document comes with its lines: without one of them its sum would be another.
        """
        found: set[str] = set()
        lines = new_lines(self.changes)
        todo = list(wanted)
        while todo:
            change = todo.pop()
            if change not in found:
                found.add(change)
                todo.extend(self.by_id[change].depends_on)
                todo.extend(filter(None, [self.by_id[change].together]))
                todo.extend(line.id for line in lines.get(change, ()))
        return frozenset(found)


def new_lines(changes: Iterable[Change]) -> dict[str, list[Change]]:
    """By the id of a change that makes a document, the changes that make its lines.

    In QuickBooks a document is made with its lines, by one change.
    """
    made = {each.id: each for each in changes if each.action == "create"}
    found: dict[str, list[Change]] = {}
    for each in made.values():
        if not each.mapping.endswith(".lines"):
            continue
        for parent in each.depends_on:
            if parent in made and made[parent].mapping == each.mapping.removesuffix(".lines"):
                found.setdefault(parent, []).append(each)
    return found


def read_changeset(content: str) -> ChangeSet:
    """Read a change set from its canonical JSON lines.

    Raises:
        PlanError: It was written by another version, or is not canonical (changed by hand).
    """
    changed = PlanError("this change set was changed after it was made", fix="Plan again.")
    try:
        header, *rows = [json.loads(line) for line in content.splitlines() if line]
        if header.pop("format", None) != FORMAT:
            raise PlanError("this change set was written by another version", fix="Plan again.")
        changeset = ChangeSet(header=decode(header), changes=tuple(_from_data(row) for row in rows))
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError) as error:
        raise changed from error
    if changeset.content != content:
        raise changed
    return changeset


def change_id(mapping: str, side: str, object_: str, record: str) -> str:
    """Answer the id of a change: the same record in the same mapping always has the same one."""
    text = "\0".join((mapping, side, object_, record))
    return "ch-" + hashlib.sha256(text.encode()).hexdigest()[:16]


def canonical(value: Any) -> str:
    """Answer canonical JSON: sorted keys, no spaces, types kept."""
    return json.dumps(encode(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def encode(value: Any) -> Any:
    """Answer a value as JSON that keeps its type."""
    match value:
        case None | bool() | int() | str():
            return value
        case Decimal():
            return {"$decimal": format(value, "f")}
        case datetime():
            return {"$time": value.isoformat()}
        case date():
            return {"$date": value.isoformat()}
        case Answer(change, api):
            return {"$answer": change, "field": api}
        case Mapping():
            return {str(key): encode(item) for key, item in value.items()}
        case list() | tuple():
            return [encode(item) for item in value]
    raise PlanError(
        f"a change may not hold {type(value).__name__} {value!r}", fix="Money is Decimal; please report it."
    )


def decode(value: Any) -> Any:
    """Answer the value of `encode`'s JSON."""
    match value:
        case {"$decimal": text}:
            return Decimal(text)
        case {"$date": text}:
            return date.fromisoformat(text)
        case {"$time": text}:
            return datetime.fromisoformat(text)
        case {"$answer": change, "field": api}:
            return Answer(change, api)
        case dict():
            return {key: decode(item) for key, item in value.items()}
        case list():
            return [decode(item) for item in value]
    return value


# What later versions brought is left out where it says nothing: what an earlier one wrote reads as it was.
_LATER = frozenset({"together", "predicted", "undo", "loss", "stored", "filled"})


def _to_data(change: Change) -> dict[str, Any]:
    data = _slots(change)
    data["cells"] = [_slots(cell) for cell in change.cells]
    return data


def _slots(value: Change | Cell) -> dict[str, Any]:
    found = {name: getattr(value, name) for name in value.__slots__}
    if not found.get("unlinks", True):
        del found["unlinks"]
    return {name: each for name, each in found.items() if name not in _LATER or each not in (None, "", {})}


def _from_data(row: Mapping[str, Any]) -> Change:
    data = decode(row)
    data["cells"] = tuple(Cell(**cell) for cell in data["cells"])
    for name in ("lines", "line_sources", "depends_on"):
        data[name] = tuple(data[name])
    return Change(**data)
