"""All values of one table, whether of an entity, a union or the lines of a record: head, body, in order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from qbwc.descriptor.catalogue import CONCRETE, UNIONS
from qbwc.descriptor.model import Element, Entity, Kind, Leaf, Line, Union, leaves
from qbwc.errors import QbxmlError


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """All values of one table: of an entity, a union, or the lines of a transaction."""

    name: str
    key: str | None
    leaves: tuple[Leaf, ...]
    createable: bool
    updateable: bool
    parent: str | None = None


def known(name: str) -> Entity | Union:
    """The entity or union of that name; `QbxmlError` lists what there is."""
    found = CONCRETE.get(name) or UNIONS.get(name)
    if found is None:
        raise QbxmlError(
            f"there is no QuickBooks entity {name!r}",
            entity=name,
            fix=f"Known are {', '.join(sorted([*CONCRETE, *UNIONS]))}.",
        )
    return found


def line_entities(entity: str) -> tuple[str, ...]:
    """Names of the child tables: ('InvoiceLine',) for 'Invoice', () for 'Customer'."""
    described = known(entity)
    concrete = [CONCRETE[name] for name in described.members] if isinstance(described, Union) else [described]
    return tuple(each.lines.name for each in concrete if each.lines)


@cache
def line_of(name: str) -> tuple[Entity, Line] | None:
    """The entity that has lines of that name, and what these are made of; None where there is none."""
    for entity in CONCRETE.values():
        if entity.lines and entity.lines.name == name:
            return entity, entity.lines
    return None


@cache
def shape(name: str) -> Shape:
    """What a record of that name holds, head included, each value once and in order of the answer."""
    found = line_of(name)
    if found is not None:
        parent, lines = found
        return Shape(
            name=name, key=lines.key, parent=parent.name,
            createable="add" in parent.actions, updateable="mod" in parent.actions,
            leaves=_unique((*_line_head(parent, lines), *_in_order_of_ret(lines.elements))),
        )  # fmt: skip
    entity = known(name)
    head = _head(entity.key) if entity.shape in ("list", "txn") else ()
    return Shape(
        name=name, key=entity.key, leaves=_unique((*head, *_in_order_of_ret(entity.elements))),
        createable="add" in entity.actions, updateable="mod" in entity.actions,
    )  # fmt: skip


def _leaf(name: str, kind: Kind, limit: int | None = None, *, mod: bool = False) -> Leaf:
    return Leaf(name=name, path=(Element(name=name, kind=kind, limit=limit, mod=mod, ret=True),))


def _head(key: str | None) -> tuple[Leaf, ...]:
    return (
        _leaf(key or "ListID", "id", 36),
        _leaf("TimeCreated", "time"),
        _leaf("TimeModified", "time"),
        _leaf("EditSequence", "edit", 16),
    )


def _line_head(parent: Entity, lines: Line) -> tuple[Leaf, ...]:
    """What tells the place of a line.

    SeqNo is ours: the place of the line in the answer, from 1.  GroupTxnLineID names the line of a group item
    that a line belongs to; such lines can't be sent back in a plain line element.
    """
    place = (_leaf(parent.key or "ListID", "id", 36), _leaf("SeqNo", "int"))
    if lines.key is None:
        return place
    return (
        place[0],
        _leaf(lines.key, "id", 36, mod=True),
        place[1],
        _leaf(f"Group{lines.key}", "id", 36),
    )


def _in_order_of_ret(elements: tuple[Element, ...]) -> tuple[Leaf, ...]:
    """Leaves with the rights of all places an element stands in, at its place in the answer."""
    placed: dict[str, Leaf] = {}
    for leaf in leaves(elements):
        before = placed.get(leaf.name)
        if before is not None and before.takes_part("ret"):
            placed[leaf.name] = _merged(before, leaf)
        elif before is not None:
            del placed[leaf.name]
            placed[leaf.name] = _merged(leaf, before)
        else:
            placed[leaf.name] = leaf
    return tuple(placed.values())


def _merged(kept: Leaf, other: Leaf) -> Leaf:
    outer, also = kept.path[0], other.path[0]
    merged = replace(
        outer, add=outer.add or also.add, mod=outer.mod or also.mod, ret=outer.ret or also.ret,
        required=outer.required or also.required,
    )  # fmt: skip
    return Leaf(name=kept.name, path=(merged, *kept.path[1:]))


def _unique(found: tuple[Leaf, ...]) -> tuple[Leaf, ...]:
    return tuple({leaf.name: leaf for leaf in found}.values())
