"""How a record that shall go can go: deleted, voided or made inactive, by what its system tells of its kind.

QuickBooks: a transaction is voided where it can be, else deleted; a list record is made inactive.
Salesforce: what has `IsActive` is made inactive, everything else goes into the recycle bin.
"""

from __future__ import annotations

from collections.abc import Container
from collections.abc import Mapping as ReadOnly
from typing import Any

from workbench.model import Action, FieldType, Mapping, Side

ACTIVE = "IsActive"

Described = ReadOnly[str, Any]
"""What an object can hold, in the form of a Salesforce describe."""


def ways_out(side: Side, described: Described) -> tuple[Action, ...]:
    """The ways in which a record can go, the usual one first; `update` makes it inactive.

    None where the system lets none go, or does not tell (see `tells`).
    """
    void = (Action.VOID,) if described.get("voidable") else ()
    delete = (Action.DELETE,) if described.get("deletable") else ()
    inactive = (Action.UPDATE,) if _updateable(described, ACTIVE) else ()
    if side is Side.QUICKBOOKS:
        return (*void, *delete, *inactive)
    return (*inactive, *delete)


def tells(described: Described) -> bool:
    """Whether a describe tells how records go: that of a snapshot of an earlier version does not."""
    return "deletable" in described


def active_field(mapping: Mapping, side: Side, known: Container[str]) -> tuple[str, str] | None:
    """The field that says whether a record is active, as (name in the mapping or '', API field).

    Args:
        known: API fields of the mapping's object on that side.
    """
    for field in mapping.fields:
        special = field.values or field.expressions or field.create_only
        plain = field.type is FieldType.BOOLEAN and not special
        if plain and ACTIVE in (*field.api(side), *field.api(side.other)) and field.api(side)[0] in known:
            return field.name, field.api(side)[0]
    return ("", ACTIVE) if ACTIVE in known else None


def _updateable(described: Described, name: str) -> bool:
    return any(each["name"] == name and each.get("updateable", True) for each in described.get("fields", ()))
