"""The entities, put together from the tables: what is read, what is written, and how.

To add a kind of record, write its table and one line here; building, reading, describing, the snapshot
columns and the simulated company file follow from that.
"""

from __future__ import annotations

from qbwc.descriptor import tables
from qbwc.descriptor.model import Element, Entity, Line, Union
from qbwc.descriptor.notation import elements

_READ = frozenset({"query"})
_WRITE = frozenset({"query", "add", "mod"})


def _made(table: str) -> tuple[Element, ...]:
    return elements(table, tables.FRAGMENTS, tables.ENUMS)


def _list(
    name: str,
    table: str,
    *,
    write: bool = False,
    iterator: bool = False,
    owner_id: bool = False,
    bare_name: bool = False,
) -> Entity:
    return Entity(
        name=name, shape="list", key="ListID", elements=_made(table), actions=_WRITE if write else _READ,
        iterator=iterator, owner_id=owner_id, bare_name=bare_name,
    )  # fmt: skip


def _item(name: str, table: str) -> Entity:
    return _list(name, table, write=True, iterator=True, owner_id=True)


_ALL: tuple[Entity, ...] = (
    _list("Customer", tables.CUSTOMER, write=True, iterator=True, owner_id=True),
    _list("Vendor", tables.VENDOR, iterator=True, owner_id=True, bare_name=True),
    _list("Employee", tables.EMPLOYEE, owner_id=True, bare_name=True),
    _list("OtherName", tables.OTHER_NAME, owner_id=True, bare_name=True),
    _list("Account", tables.ACCOUNT, owner_id=True),
    _list("StandardTerms", tables.STANDARD_TERMS, bare_name=True),
    _list("SalesTaxCode", tables.SALES_TAX_CODE, bare_name=True),
    _item("ItemService", tables.ITEM_SERVICE),
    _item("ItemNonInventory", tables.ITEM_NON_INVENTORY),
    _item("ItemInventory", tables.ITEM_INVENTORY),
    _item("ItemOtherCharge", tables.ITEM_OTHER_CHARGE),
    _item("ItemDiscount", tables.ITEM_DISCOUNT),
    Entity(
        name="Invoice", shape="txn", key="TxnID", elements=_made(tables.INVOICE), actions=_WRITE,
        lines=Line(name="InvoiceLine", elements=_made(tables.INVOICE_LINE), group="InvoiceLineGroup"),
        iterator=True, owner_id=True,
    ),
    Entity(name="Company", shape="single", key=None, elements=_made(tables.COMPANY), owner_id=True),
    Entity(name="Host", shape="single", key=None, elements=_made(tables.HOST)),
    Entity(name="Preferences", shape="single", key=None, elements=_made(tables.PREFERENCES)),
    Entity(name="ListDeleted", shape="deleted", key="ListID", elements=_made(tables.LIST_DELETED)),
    Entity(name="TxnDeleted", shape="deleted", key="TxnID", elements=_made(tables.TXN_DELETED)),
)  # fmt: skip

CONCRETE: dict[str, Entity] = {entity.name: entity for entity in _ALL}

UNIONS: dict[str, Union] = {
    "Item": Union(
        name="Item",
        members={
            "ItemService": "Service",
            "ItemNonInventory": "NonInventory",
            "ItemInventory": "Inventory",
            "ItemOtherCharge": "OtherCharge",
            "ItemDiscount": "Discount",
        },
        elements=_made(tables.ITEM),
        others={
            f"Item{kind}": kind
            for kind in (
                "InventoryAssembly", "FixedAsset", "Subtotal", "Payment", "SalesTax", "SalesTaxGroup", "Group"
            )
        },
        actions=_WRITE, iterator=True, owner_id=True,
    ),
    "Terms": Union(
        name="Terms", members={"StandardTerms": "Standard"}, elements=_made(tables.TERMS),
        others={"DateDrivenTerms": "DateDriven"}, actions=_READ, iterator=False, owner_id=False,
        bare_name=True,
    ),
}  # fmt: skip

# Names that exclude each other whatever list they stand in (inactive ones too).
NAME_LISTS = ("Customer", "Vendor", "Employee", "OtherName")

# Union field -> where the concrete record keeps it: (entity, branch) -> flattened prefix.  A union field that
# is missing here has the same name in both, or does not exist there.
ITEM_FIELDS: dict[tuple[str, str | None], dict[str, str]] = {
    **{
        (name, "SalesOrPurchase"): {
            "Desc": "SalesOrPurchase_Desc",
            "Price": "SalesOrPurchase_Price",
            "AccountRef": "SalesOrPurchase_AccountRef",
        }
        for name in ("ItemService", "ItemNonInventory", "ItemOtherCharge")
    },
    **{
        (name, "SalesAndPurchase"): {
            "Desc": "SalesAndPurchase_SalesDesc",
            "Price": "SalesAndPurchase_SalesPrice",
            "AccountRef": "SalesAndPurchase_IncomeAccountRef",
        }
        for name in ("ItemService", "ItemNonInventory", "ItemOtherCharge")
    },
    ("ItemInventory", None): {"Desc": "SalesDesc", "Price": "SalesPrice", "AccountRef": "IncomeAccountRef"},
    ("ItemDiscount", None): {"Desc": "ItemDesc", "Price": "DiscountRate", "AccountRef": "AccountRef"},
}
