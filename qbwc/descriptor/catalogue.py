"""The entities, put together from the tables: what is read, what is written, and how.

To add a kind of record, write its table and one line here; building, reading, describing, the snapshot
columns and the simulated company file follow from that.
"""

from __future__ import annotations

from qbwc.descriptor.model import Element, Entity, Line, Union
from qbwc.descriptor.notation import elements
from qbwc.descriptor.tables import company, custom, items, lists, names, sales
from qbwc.descriptor.tables.shared import ENUMS, FRAGMENTS

_READ = frozenset({"query"})
_WRITE = frozenset({"query", "add", "mod"})


def _made(table: str) -> tuple[Element, ...]:
    return elements(table, FRAGMENTS, ENUMS)


def _list(
    name: str,
    table: str,
    *,
    actions: frozenset[str] = _READ,
    iterator: bool = False,
    owner_id: bool = False,
    bare_name: bool = False,
) -> Entity:
    return Entity(
        name=name, shape="list", key="ListID", elements=_made(table), actions=actions,
        iterator=iterator, owner_id=owner_id, bare_name=bare_name,
    )  # fmt: skip


def _item(name: str, table: str) -> Entity:
    return _list(name, table, actions=_WRITE, iterator=True, owner_id=True)


def _item_read(name: str, table: str, lines: Line | None = None) -> Entity:
    """A type of item that is only read; these lists are flat."""
    return Entity(
        name=name, shape="list", key="ListID", elements=_made(table), lines=lines,
        iterator=True, owner_id=True, bare_name=True,
    )  # fmt: skip


def _txn(name: str, table: str, line_table: str, actions: frozenset[str], *, needs_lines: bool) -> Entity:
    line = Line(
        name=f"{name}Line", elements=_made(line_table), group=f"{name}LineGroup", required=needs_lines
    )
    return Entity(
        name=name, shape="txn", key="TxnID", elements=_made(table), actions=actions, lines=line,
        iterator=True, owner_id=True,
    )  # fmt: skip


_GROUP_LINE = Line(
    name="ItemGroupLine", elements=_made(items.ITEM_GROUP_LINE), key=None, ret_tag="ItemGroupLine"
)
_TAX_LINE = Line(
    name="ItemSalesTaxGroupLine", elements=_made(items.ITEM_SALES_TAX_GROUP_LINE), key=None,
    ret_tag="ItemSalesTaxRef", bare=True,
)  # fmt: skip
_APPLIED = Line(name="AppliedToTxn", elements=_made(sales.APPLIED_TO_TXN), key=None)

_ALL: tuple[Entity, ...] = (
    _list("Customer", names.CUSTOMER, actions=_WRITE, iterator=True, owner_id=True),
    _list("Vendor", names.VENDOR, iterator=True, owner_id=True, bare_name=True),
    _list("Employee", names.EMPLOYEE, owner_id=True, bare_name=True),
    _list("OtherName", names.OTHER_NAME, owner_id=True, bare_name=True),
    _list("Account", lists.ACCOUNT, actions=_READ | {"add"}, owner_id=True),
    _list("Class", lists.CLASS),
    _list("StandardTerms", lists.STANDARD_TERMS, bare_name=True),
    _list("DateDrivenTerms", lists.DATE_DRIVEN_TERMS, bare_name=True),
    _list("SalesTaxCode", lists.SALES_TAX_CODE, bare_name=True),
    _item("ItemService", items.ITEM_SERVICE),
    _item("ItemNonInventory", items.ITEM_NON_INVENTORY),
    _item("ItemInventory", items.ITEM_INVENTORY),
    _item("ItemOtherCharge", items.ITEM_OTHER_CHARGE),
    _item("ItemDiscount", items.ITEM_DISCOUNT),
    _item_read("ItemGroup", items.ITEM_GROUP, _GROUP_LINE),
    _item_read("ItemSalesTax", items.ITEM_SALES_TAX),
    _item_read("ItemSalesTaxGroup", items.ITEM_SALES_TAX_GROUP, _TAX_LINE),
    _txn("Invoice", sales.INVOICE, sales.INVOICE_LINE, _WRITE | {"void"}, needs_lines=False),
    _txn("Estimate", sales.ESTIMATE, sales.ESTIMATE_LINE, _WRITE | {"delete"}, needs_lines=True),
    _txn("SalesOrder", sales.SALES_ORDER, sales.SALES_ORDER_LINE, _WRITE | {"delete"}, needs_lines=True),
    _txn("SalesReceipt", sales.SALES_RECEIPT, sales.SALES_RECEIPT_LINE, _WRITE | {"void"}, needs_lines=True),
    _txn("CreditMemo", sales.CREDIT_MEMO, sales.CREDIT_MEMO_LINE, _READ | {"void"}, needs_lines=True),
    Entity(
        name="ReceivePayment", shape="txn", key="TxnID", elements=_made(sales.RECEIVE_PAYMENT),
        lines=_APPLIED, iterator=True, owner_id=True,
    ),
    Entity(name="Company", shape="single", key=None, elements=_made(company.COMPANY), owner_id=True),
    Entity(name="Host", shape="single", key=None, elements=_made(company.HOST)),
    Entity(name="Preferences", shape="single", key=None, elements=_made(company.PREFERENCES)),
    Entity(name="ListDeleted", shape="deleted", key="ListID", elements=_made(company.LIST_DELETED)),
    Entity(name="TxnDeleted", shape="deleted", key="TxnID", elements=_made(company.TXN_DELETED)),
    Entity(
        name="DataExtDef", shape="definition", key=None, elements=_made(custom.DATA_EXT_DEF),
        actions=_READ | {"add"},
    ),
    Entity(
        name="DataExt", shape="value", key=None, elements=_made(custom.DATA_EXT),
        actions=frozenset({"add", "mod"}),
    ),
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
            "ItemGroup": "Group",
            "ItemSalesTax": "SalesTax",
            "ItemSalesTaxGroup": "SalesTaxGroup",
        },
        elements=_made(items.ITEM),
        others={f"Item{kind}": kind for kind in ("InventoryAssembly", "FixedAsset", "Subtotal", "Payment")},
        flat=frozenset(
            f"Item{kind}"
            for kind in ("Group", "SalesTax", "SalesTaxGroup", "FixedAsset", "Subtotal", "Payment")
        ),
        actions=_WRITE, iterator=True, owner_id=True,
    ),
    "Terms": Union(
        name="Terms", members={"StandardTerms": "Standard", "DateDrivenTerms": "DateDriven"},
        elements=_made(lists.TERMS), others={}, flat=frozenset({"StandardTerms", "DateDrivenTerms"}),
        actions=_READ, iterator=False, owner_id=False,
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
    ("ItemGroup", None): {"Desc": "ItemDesc"},
    ("ItemSalesTax", None): {"Desc": "ItemDesc"},
    ("ItemSalesTaxGroup", None): {"Desc": "ItemDesc"},
}
