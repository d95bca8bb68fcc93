"""What becomes of a record that shall go: voided, deleted, made inactive, or left to a person.

Lists are never deleted: QuickBooks refuses to delete what is referred to, and everything read here is
referred to by nature (a customer by invoices, an item by lines, terms by customers); inactive, a record keeps
its history and its name. A transaction is voided where QuickBooks can void it, because a voided one keeps its
number in the books; an estimate or order posts nothing and can only be deleted.
"""

from __future__ import annotations

from qbwc.descriptor.model import Capability, Entity, Union
from qbwc.descriptor.shapes import known


def capability(entity: str) -> Capability:
    """What this project does with a record of that kind that shall go; `QbxmlError` for an unknown kind."""
    described = known(entity)
    if "void" in described.actions:
        return Capability(void=True, why="a voided transaction keeps its number, with amounts of 0")
    if "delete" in described.actions:
        return Capability(delete=True, why="it posts nothing to the books, and QuickBooks cannot void it")
    if entity in _WHY:
        return Capability(why=_WHY[entity])
    if "mod" in described.actions and _has_active(described):
        return Capability(
            deactivate=True, why="other records refer to it; inactive, it keeps its history and its name"
        )
    return Capability(why="it is only read here; change it in QuickBooks")


def _has_active(described: Entity | Union) -> bool:
    return any(element.name == "IsActive" and element.mod for element in described.elements)


_WHY = {
    "ReceivePayment": "it is bound to the invoices it pays and to a deposit; change it in QuickBooks",
    "Account": "it is only added here, by an approved schema plan; make it inactive in QuickBooks",
    "DataExtDef": "deleting a custom field deletes its values in every record; do it in QuickBooks",
    "DataExt": "a value goes with its record; empty it by a change",
}
