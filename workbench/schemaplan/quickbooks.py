"""What a custom field or an account of QuickBooks shall be, and what QuickBooks would not have.

Public custom fields (OwnerID 0) can be defined for customers, vendors, employees and items only, hold text
(STR255TYPE), and come to transactions from their customer and to lines from their item (Intuit, "Data
extensions: custom fields and private data").  How many there may be is told by Intuit's list of limits:
15 for customers, vendors and employees together and 7 for each of them, 5 for items; in Enterprise 30, 12
and 15 (community articles that quote it; unverified).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.model import FieldType

Row = Mapping[str, Any]

PUBLIC = "0"
TYPE = "STR255TYPE"
NAME_LIMIT = 31
"""Characters of a DataExtName, and of each part of an account's name."""

DEPTH_LIMIT = 5
"""Levels of the chart of accounts (community; unverified)."""

NAMED = ("Customer", "Vendor", "Employee")
HOLDERS = (*NAMED, "Item")

ITEMS = frozenset(
    {"Item", "ItemService", "ItemInventory", "ItemNonInventory", "ItemOtherCharge", "ItemDiscount"}
)
TRANSACTIONS = frozenset(
    {"Invoice", "Estimate", "SalesOrder", "SalesReceipt", "CreditMemo", "ReceivePayment"}
)
LINES = frozenset(f"{name}Line" for name in TRANSACTIONS)

TEXTUAL = frozenset(
    {FieldType.TEXT, FieldType.NAME, FieldType.PHONE, FieldType.EMAIL, FieldType.ID, FieldType.REFERENCE}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many public custom fields a company file holds."""

    edition: str
    together: int
    each: int
    items: int


PRO = Limits(edition="QuickBooks Pro and Premier", together=15, each=7, items=5)
ENTERPRISE = Limits(edition="QuickBooks Enterprise", together=30, each=12, items=15)


def limits(product: str) -> Limits:
    """By the ProductName that HostQuery tells."""
    return ENTERPRISE if "enterprise" in product.casefold() else PRO


def holder(entity: str) -> str | None:
    """The list whose custom fields the records of an entity have; None when they have none."""
    if entity in ITEMS or entity in LINES:
        return "Item"
    return entity if entity in NAMED else "Customer" if entity in TRANSACTIONS else None


def assigned(definition: Row) -> set[str]:
    """The objects that have a definition."""
    return set(str(definition.get("AssignToObject") or "").split(";")) - {""}


def public(definitions: Iterable[Row]) -> list[Row]:
    """Those that people see in QuickBooks."""
    return [each for each in definitions if str(each.get("OwnerID") or PUBLIC) == PUBLIC]


def too_many(
    definitions: Sequence[Row], wanted: Sequence[set[str]], most: Limits
) -> Iterator[tuple[str, int, int]]:
    """(whose, how many there would be, how many there may be) for every limit that would be passed."""
    there = [assigned(each) for each in public(definitions)]
    everyone = [*there, *wanted]
    for name in HOLDERS:
        count = sum(name in objects for objects in everyone)
        bound = most.items if name == "Item" else most.each
        if count > bound and any(name in objects for objects in wanted):
            yield f"{name} records", count, bound
    together = sum(bool(objects & set(NAMED)) for objects in everyone)
    if together > most.together and any(objects & set(NAMED) for objects in wanted):
        yield "customers, vendors and employees together", together, most.together


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountUse:
    """What a column that names an account needs.

    Attributes:
        make: AccountType of one that is made for it.
        takes: AccountTypes that it may name (QuickBooks' own rules are wider or narrower here and there;
            unverified).
    """

    make: str
    takes: frozenset[str]


_SALES = frozenset(
    {"Income", "OtherIncome", "Expense", "OtherExpense", "CostOfGoodsSold", "OtherCurrentLiability"}
)
_USES = {
    "ARAccountRef_FullName": AccountUse(make="AccountsReceivable", takes=frozenset({"AccountsReceivable"})),
    "COGSAccountRef_FullName": AccountUse(
        make="CostOfGoodsSold", takes=frozenset({"CostOfGoodsSold", "Expense"})
    ),
    "AssetAccountRef_FullName": AccountUse(
        make="OtherCurrentAsset", takes=frozenset({"OtherCurrentAsset", "FixedAsset", "OtherAsset"})
    ),
    "ExpenseAccountRef_FullName": AccountUse(
        make="Expense", takes=frozenset({"Expense", "OtherExpense", "CostOfGoodsSold"})
    ),
    "DepositToAccountRef_FullName": AccountUse(
        make="OtherCurrentAsset", takes=frozenset({"Bank", "OtherCurrentAsset"})
    ),
}
_OTHERS = AccountUse(make="Income", takes=_SALES)


def account_use(column: str) -> AccountUse:
    """By the last two parts of a column such as `SalesOrPurchase_AccountRef_FullName`."""
    return next((use for ending, use in _USES.items() if column.endswith(ending)), _OTHERS)


def levels(full_name: str) -> list[str]:
    """The full names of an account and its parents, the parents first: 'Sales:East' is below 'Sales'."""
    parts = full_name.split(":")
    return [":".join(parts[: number + 1]) for number in range(len(parts))]
