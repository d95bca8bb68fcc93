"""The form of queries: which filter stands where, and what excludes what."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from qbwc.descriptor import CONCRETE, UNIONS, Entity, Union
from qbwc.simulator.orders import Order, leaf_text
from qbwc.simulator.refusals import bad_form


def read_query(order: Order, request: etree._Element) -> None:
    """Put what the query asks into the order."""
    entity = CONCRETE.get(order.entity) or UNIONS[order.entity]
    stages = query_stages(entity)
    _check_attributes(order, entity)
    at, used = 0, ""
    for child in request:
        tag = str(child.tag)
        place = next((n for n, names in enumerate(stages) if n >= at and tag in names), None)
        if place is None or (place == at and used and not (tag == used and tag in REPEATED)):
            raise bad_form(f"{tag} is out of place in {order.tag}")
        at, used = place, tag
        for name, text in _flat(child):
            order.asked.append((name, text))
    _check_choice(order, entity)


def _check_attributes(order: Order, entity: Entity | Union) -> None:
    given = order.attributes
    if not entity.iterator and {"iterator", "iteratorID"} & set(given):
        raise bad_form(f"{order.tag} has no iterator")
    if given.get("iterator", "Start") not in ("Start", "Continue", "Stop"):
        raise bad_form(f"iterator is {given['iterator']!r}")
    metadata = given.get("metaData", "NoMetaData")
    if metadata not in ("NoMetaData", "MetaDataOnly", "MetaDataAndResponseData"):
        raise bad_form(f"metaData is {metadata!r}")
    if entity.shape == "single" and "metaData" in given:
        raise bad_form(f"{order.tag} has no metaData")


_KEYS = frozenset({"ListID", "TxnID", "FullName", "RefNumber", "RefNumberCaseSensitive"})
REPEATED = _KEYS | {
    "IncludeRetElement", "OwnerID", "ListDelType", "TxnDelType", "AccountType", "AssignToObject",
}  # fmt: skip
# Filters at the end of a list's query, beside those that all lists have.
_MORE = {
    "Customer": ("TotalBalanceFilter", "CurrencyFilter", "ClassFilter"),
    "Vendor": ("TotalBalanceFilter", "CurrencyFilter", "ClassFilter"),
    "Account": ("AccountType", "CurrencyFilter"),
    **dict.fromkeys(
        ("ItemService", "ItemNonInventory", "ItemInventory", "ItemOtherCharge", "ItemDiscount",
         "ItemSalesTax"),
        ("ClassFilter",),
    ),
}  # fmt: skip
_LINKED = frozenset({"Invoice", "Estimate", "SalesOrder", "CreditMemo"})


def query_stages(entity: Entity | Union) -> list[tuple[str, ...]]:
    """Elements of a query in order; those of one stage exclude each other (schema)."""
    tail: list[tuple[str, ...]] = [("IncludeRetElement",)]
    if entity.owner_id:
        tail.append(("OwnerID",))
    if entity.shape == "single":
        return tail
    if entity.shape == "definition":
        return [("OwnerID", "AssignToObject"), *tail]
    if entity.shape == "deleted":
        return [
            ("ListDelType" if entity.key == "ListID" else "TxnDelType",),
            ("DeletedDateRangeFilter",),
            tail[0],
        ]
    if entity.shape == "txn":
        return [*_txn_stages(entity.name), *tail]
    more = [(name,) for name in _MORE.get(entity.name, ())]
    return [
        ("ListID", "FullName"), ("MaxReturned",), ("ActiveStatus",), ("FromModifiedDate",),
        ("ToModifiedDate",), ("NameFilter", "NameRangeFilter"), *more, *tail,
    ]  # fmt: skip


def _txn_stages(name: str) -> list[tuple[str, ...]]:
    account = [] if name == "SalesOrder" else [("AccountFilter",)]
    paid = [("PaidStatus",)] if name == "Invoice" else []
    linked = [("IncludeLinkedTxns",)] if name in _LINKED else []
    return [
        ("TxnID", "RefNumber", "RefNumberCaseSensitive"), ("MaxReturned",),
        ("ModifiedDateRangeFilter", "TxnDateRangeFilter"), ("EntityFilter",), *account,
        ("RefNumberFilter", "RefNumberRangeFilter"), ("CurrencyFilter",), *paid, ("IncludeLineItems",),
        *linked,
    ]  # fmt: skip


def _check_choice(order: Order, entity: Entity | Union) -> None:
    """Keys and filters are branches of one choice."""
    names = [name for name, _ in order.asked]
    free = {"IncludeLineItems", "IncludeLinkedTxns", "IncludeRetElement", "OwnerID"}
    if (
        _KEYS & set(names)
        and any(name not in free | _KEYS for name in names)
        and entity.shape in ("list", "txn")
    ):
        raise bad_form(f"{order.tag} asks by key and by filter")
    if entity.shape == "deleted" and not {"ListDelType", "TxnDelType"} & set(names):
        raise bad_form(f"{order.tag} names no type")


_FILTERS = {
    "ModifiedDateRangeFilter": ("FromModifiedDate", "ToModifiedDate"),
    "TxnDateRangeFilter": ("FromTxnDate", "ToTxnDate"),
    "DeletedDateRangeFilter": ("FromDeletedDate", "ToDeletedDate"),
    **dict.fromkeys(
        ("EntityFilter", "AccountFilter", "ClassFilter"),
        ("ListID", "FullName", "ListIDWithChildren", "FullNameWithChildren"),
    ),
    "CurrencyFilter": ("ListID", "FullName"),
    "TotalBalanceFilter": ("Operator", "Amount"),
    "RefNumberFilter": ("MatchCriterion", "RefNumber"),
    "RefNumberRangeFilter": ("FromRefNumber", "ToRefNumber"),
    "NameFilter": ("MatchCriterion", "Name"),
    "NameRangeFilter": ("FromName", "ToName"),
}


# Their elements exclude each other.
_ONE_WAY = frozenset({"EntityFilter", "AccountFilter", "ClassFilter", "CurrencyFilter"})


def _flat(child: etree._Element) -> Iterator[tuple[str, str]]:
    tag = str(child.tag)
    if tag not in _FILTERS:
        yield tag, leaf_text(child)
        return
    order = _FILTERS[tag]
    at = -1
    first = ""
    for inner in child:
        name = str(inner.tag)
        if name not in order or order.index(name) < at or (tag in _ONE_WAY and first not in ("", name)):
            raise bad_form(f"{name} is out of place in {tag}")
        at = order.index(name)
        first = first or name
        yield f"{tag}_{name}", leaf_text(inner)
