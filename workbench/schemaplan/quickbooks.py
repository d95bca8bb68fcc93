"""What a custom field or an account of QuickBooks shall be.

Public custom fields (OwnerID 0) can be defined for customers, vendors, employees and items only, hold text
(STR255TYPE), and come to transactions from their customer and to lines from their item (Intuit, "Data
extensions: custom fields and private data").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
