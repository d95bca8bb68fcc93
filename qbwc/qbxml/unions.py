"""Records of several types seen as one: an Item, whatever its type; Terms, standard or by date.

A union field has one meaning and several homes: the description of an item is `SalesOrPurchase_Desc` of a
service that is only sold, `SalesAndPurchase_SalesDesc` of one that is bought too, `ItemDesc` of a discount.
`SalesBranch` says which of the two branches an item has; it can only be read, or chosen at creation.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from qbwc.descriptor import CONCRETE, ITEM_FIELDS, UNIONS, Union, shape
from qbwc.errors import QbxmlError

BRANCHES = ("SalesOrPurchase", "SalesAndPurchase")
_SUFFIXES = ("", "_ListID", "_FullName")


def member(union: Union, fields: Mapping[str, object]) -> str:
    """The concrete entity that `Type` names, to be written; `QbxmlError` lists the types that can be."""
    writable = {name: kind for name, kind in union.members.items() if "add" in CONCRETE[name].actions}
    for entity, kind in writable.items():
        if fields.get("Type") == kind:
            return entity
    kinds = tuple(writable.values())
    raise QbxmlError(
        f"{union.name}.Type is {fields.get('Type')!r}, not one of {', '.join(kinds)}",
        entity=union.name, field="Type", value=fields.get("Type"), limit=kinds,
        fix="A write must say the type, because each has a message of its own; others are only read.",
    )  # fmt: skip


def to_concrete(
    entity: str, action: str, fields: Mapping[str, object]
) -> tuple[dict[str, object], dict[str, str]]:
    """Fields of the concrete entity, and for each its name in the union (to tell of problems).

    A new item that can have either branch gets the one of `SalesBranch`, 'SalesOrPurchase' where it says
    none.  A Mod must say the branch when it touches a field that lives in it.
    """
    branch = _branch(entity, action, fields)
    homes = homes_of(entity, branch)
    made: dict[str, object] = {}
    told: dict[str, str] = {}
    for name, value in fields.items():
        if name in ("Type", "SalesBranch"):
            continue
        if branch is None and _lives_in_branch(entity, name):
            raise QbxmlError(
                f"Item.{name} cannot be placed: the item's SalesBranch is not known",
                entity="Item", field=name, value=value, limit=BRANCHES,
                fix="Give SalesBranch as the snapshot has it.",
            )  # fmt: skip
        home = homes.get(name, name)
        made[home] = value
        told[home] = name
    return made, told


def _branch(entity: str, action: str, fields: Mapping[str, object]) -> str | None:
    """The branch that a write means; None for types without, and where a Mod does not tell."""
    branch = fields.get("SalesBranch")
    if (entity, None) in ITEM_FIELDS:
        return None
    if branch is None:
        return BRANCHES[0] if action == "add" else None
    if branch not in BRANCHES:
        raise QbxmlError(
            f"Item.SalesBranch is {branch!r}, not one of {', '.join(BRANCHES)}",
            entity="Item", field="SalesBranch", value=branch, limit=BRANCHES, fix="Choose one of them.",
        )  # fmt: skip
    return str(branch)


@cache
def homes_of(entity: str, branch: str | None) -> dict[str, str]:
    """Union field -> the concrete record's, both halves of a reference spelled out."""
    homes = ITEM_FIELDS.get((entity, branch), {})
    return {f"{ours}{suffix}": f"{theirs}{suffix}" for ours, theirs in homes.items() for suffix in _SUFFIXES}


def _lives_in_branch(entity: str, name: str) -> bool:
    stem = name.removesuffix("_ListID").removesuffix("_FullName")
    return (entity, BRANCHES[0]) in ITEM_FIELDS and stem in ITEM_FIELDS[entity, BRANCHES[0]]


def to_union(entity: str, fields: Mapping[str, object]) -> dict[str, object]:
    """The union's view of a concrete record: 'ItemService' gives the fields of 'Item'."""
    union = union_of(entity)
    if union is None:
        raise QbxmlError(f"{entity} belongs to no union", entity=entity)
    own = _FIELDS[union.name]
    view = {name: value for name, value in fields.items() if name in own}
    view["Type"] = union.members.get(entity) or union.others[entity]
    branch = _branch_read(fields) if (entity, BRANCHES[0]) in ITEM_FIELDS else None
    for ours, theirs in homes_of(entity, branch).items():
        if theirs in fields:
            view[ours] = fields[theirs]
    if branch is not None:
        view["SalesBranch"] = branch
    if entity in union.flat and "FullName" in own and "Name" in fields:
        view["FullName"] = fields["Name"]
    return view


def _branch_read(fields: Mapping[str, object]) -> str | None:
    return next((each for each in BRANCHES if any(name.startswith(f"{each}_") for name in fields)), None)


@cache
def union_of(entity: str) -> Union | None:
    """The union that a concrete entity belongs to."""
    for union in UNIONS.values():
        if entity in union.members or entity in union.others:
            return union
    return None


def tops(union: Union, name: str) -> list[str]:
    """The elements of the members' records that a field of the union comes from; none for `Type`."""
    if name == "SalesBranch":
        return list(BRANCHES)
    homes = [homes_of(*place).get(name) for place in ITEM_FIELDS if place[0] in union.members]
    own = [element.name for entity in union.members for element in CONCRETE[entity].elements]
    # Of the flat types, FullName is read from Name.
    wanted = [home.split("_")[0] for home in (*homes, name, "Name" if name == "FullName" else None) if home]
    head = (union.key, "TimeCreated", "TimeModified", "EditSequence")
    return [top for top in dict.fromkeys(wanted) if top in own or top in head]


_FIELDS = {
    name: frozenset(
        leaf if suffix == "" else f"{leaf}{suffix}"
        for leaf in (each.name for each in shape(name).leaves)
        for suffix in ("", "_Text")
    )
    for name in UNIONS
}
