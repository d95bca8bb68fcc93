"""Items of a schema plan as requests to QuickBooks: what is asked before, what is written, what came of it.

Before an AccountAdd or DataExtDefAdd is queued, QuickBooks is asked whether the account (by its full name) or
the custom field (by owner and name) is there already: since the last snapshot a person may have made it, and
nobody has verified that QuickBooks refuses a second custom field of the same name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from workbench.connections.quickbooks import QuickBooksQueue, preview, write_requests
from workbench.connections.quickbooks import refusal as predict
from workbench.model import Side
from workbench.schemaplan.model import Item, Kind
from workbench.schemaplan.quickbooks import assigned

ENTITIES = {Kind.ACCOUNT: "Account", Kind.CUSTOM_FIELD: "DataExtDef"}

Row = Mapping[str, Any]


def look_id(item: str, attempt: int) -> str:
    """Id of the question whether an item is there."""
    return f"{item}.{attempt}.look"


def again_id(item: str, attempt: int) -> str:
    """Id of the question what became of an item whose answer was lost."""
    return f"{item}.{attempt}.again"


def request_id(item: str, attempt: int) -> str:
    """Id of the request that makes an item: the same one, however often it is asked."""
    return f"{item}.{attempt}"


def look(queue: QuickBooksQueue, item: Item, id_: str) -> None:
    """Queue the question whether an item is there."""
    name = item.name if item.kind is Kind.ACCOUNT else None
    queue.look_for(id_, ENTITIES[item.kind], full_name=name)


def as_request(
    item: Item, id_: str, plan: str, not_after: datetime | None, parents: Iterable[str] = ()
) -> dict[str, Any]:
    """The keywords of the write request that makes an item."""
    account = item.kind is Kind.ACCOUNT
    probe = (
        {"FullName": item.name}
        if account
        else {name: item.details[name] for name in ("OwnerID", "DataExtName")}
    )
    return {
        "id": id_,
        "entity": ENTITIES[item.kind],
        "action": "add",
        "fields": dict(item.details),
        "probe": probe,
        "not_after": not_after,
        "change_id": item.id,
        "group": plan,
        "depends_on": tuple(parents),
    }


def qbxml_of(item: Item) -> str:
    """The exact request for an item of QuickBooks.

    Raises:
        WorkbenchError: QuickBooks could not hold it.
    """
    (write,) = write_requests([as_request(item, "plan", "plan", None)])
    return preview(write)


def refusal(item: Item) -> str:
    """Why QuickBooks would refuse an item; '' when it would not, or it goes elsewhere."""
    if item.side is not Side.QUICKBOOKS:
        return ""
    (write,) = write_requests([as_request(item, "plan", "plan", None)])
    return predict(write)


def same_item(item: Item, record: Row) -> bool:
    """Whether a record of QuickBooks is the item by name, whatever its type."""
    if item.kind is Kind.ACCOUNT:
        return str(record.get("FullName")).casefold() == item.name.casefold()
    owner = str(record.get("OwnerID") or "0") == str(item.details["OwnerID"])
    return owner and str(record.get("DataExtName")).casefold() == item.name.casefold()


def differing(item: Item, record: Row) -> str:
    """In what a record differs from what was planned, both values told; '' when it is that."""
    if item.kind is Kind.ACCOUNT:
        pairs = [("AccountType", item.details["AccountType"], record.get("AccountType"))]
        pairs += [("active", True, False)] if record.get("IsActive") is False else []
    else:
        pairs = [("DataExtType", item.details["DataExtType"], record.get("DataExtType"))]
        missing = assigned(item.details) - assigned(record)
        if missing:
            held = ", ".join(sorted(assigned(record))) or "nothing"
            pairs.append(("AssignToObject", ", ".join(sorted(assigned(item.details))), held))
    return "; ".join(
        f"{name}: planned {planned}, in QuickBooks {held}" for name, planned, held in pairs if planned != held
    )
