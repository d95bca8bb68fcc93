"""Tell about an entity as columns of a snapshot table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from qbwc.descriptor.custom import assigned, custom_element
from qbwc.descriptor.model import Element
from qbwc.descriptor.shapes import shape
from qbwc.descriptor.types import TYPES


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a snapshot table: flattened name, DuckDB type, and the kind of the value behind it."""

    name: str
    type: str
    kind: str


def columns(name: str, custom: Iterable[Mapping[str, object]] = ()) -> tuple[Column, ...]:
    """Columns of the snapshot table of an entity, a union or a line entity, in order, custom fields last.

    A datetime has two: local time without its offset (which ignores daylight saving and so misleads), and
    `<name>_Text` as QuickBooks wrote it.
    """
    made: list[Column] = []
    for leaf in shape(name).leaves:
        if leaf.takes_part("ret"):
            made.extend(_columns(leaf.name, leaf.element))
    for element, _ in assigned(custom, name):
        made.extend(_columns(element.name, element))
    return tuple(made)


def custom_column(definition: Mapping[str, object]) -> Column:
    """The column of a custom field, `Custom_<DataExtName>`, from the fields of its DataExtDef record.

    Raises:
        QbxmlError: Its DataExtType is unknown.
    """
    element = custom_element(definition)
    return _columns(element.name, element)[0]


def volatile(name: str) -> frozenset[str]:
    """Columns that QuickBooks computes and that change without the record's TimeModified (unverified).

    Balances, quantities on hand, what is paid or invoiced already.  Names in references (`..._FullName`)
    follow the record they name in the same way, and are not listed.
    """
    return frozenset(leaf.name for leaf in shape(name).leaves if leaf.element.volatile)


def _columns(name: str, element: Element) -> list[Column]:
    made = [Column(name=name, type=TYPES[element.kind][1], kind=element.kind)]
    if element.kind == "time":
        made.append(Column(name=f"{name}_Text", type="VARCHAR", kind="text"))
    return made
