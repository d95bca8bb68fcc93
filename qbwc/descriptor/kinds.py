"""Which kinds of a union's records take a field: only some items have a manufacturer's part number."""

from __future__ import annotations

from functools import cache

from qbwc.descriptor.catalogue import CONCRETE, ITEM_FIELDS, UNIONS
from qbwc.descriptor.shapes import shape

_SUFFIXES = ("_ListID", "_FullName")
_EVERY_KIND = frozenset({"Type", "SalesBranch"})


@cache
def kinds_with(union: str, field: str) -> tuple[str, ...] | None:
    """The values of `Type` whose records can be written with the field.

    None where that decides nothing: no union, every kind that can be written takes it, or none does.
    """
    if union not in UNIONS or field in _EVERY_KIND:
        return None
    writable = {name: kind for name, kind in UNIONS[union].members.items() if "add" in CONCRETE[name].actions}
    found = tuple(kind for name, kind in writable.items() if _homes(name, field) & _written(name))
    return found if 0 < len(found) < len(writable) else None


def has_none(kind: str, field: str, kinds: tuple[str, ...]) -> str:
    """What is told of a field that records of a kind do not have; it follows the name of the union."""
    return f"of type {kind} has no {field}; only {' and '.join(kinds)} have it"


def _homes(entity: str, field: str) -> frozenset[str]:
    """Where a record of the entity keeps the field of its union, whatever its branch."""
    suffix = next((each for each in _SUFFIXES if field.endswith(each)), "")
    stem = field.removesuffix(suffix)
    places = [homes for (name, _), homes in ITEM_FIELDS.items() if name == entity]
    moved = {f"{homes[stem]}{suffix}" for homes in places if stem in homes}
    return frozenset(moved or {field})


@cache
def _written(entity: str) -> frozenset[str]:
    return frozenset(
        leaf.name for leaf in shape(entity).leaves if leaf.takes_part("add") or leaf.takes_part("mod")
    )
