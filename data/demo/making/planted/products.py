"""Planted trouble with products and items."""

from __future__ import annotations

from decimal import Decimal

from making.case import Case, Decision, Edit
from making.planted.rows import CREATE_QB, CREATE_SF, QB, SF, TAKE_QB, TAKE_SF, differs, moved, only

_M = "product-item"

PRODUCTS: tuple[Case, ...] = (
    Case(
        id="P40", mapping=_M, what="an old price in Salesforce",
        salesforce="Hydraulic Lift Table", quickbooks="Hydraulic Lift Table",
        make={"kind": "Inventory", "price": "915.00", "text": "Hydraulic lift table, 500 kg", "code": "HL-500"},
        sf={"UnitPrice": Decimal("890.00")},
        shows=(differs("price", TAKE_QB, TAKE_QB),),
        decisions=(Decision(field="price", decision=TAKE_QB, reason="The price list of March."),),
        outcome="applied", happens="The standard price in Salesforce is corrected.",
    ),
    Case(
        id="P41", mapping=_M, what="a typo in the description, in QuickBooks",
        salesforce="Mitre Saw Station", quickbooks="Mitre Saw Station",
        make={"kind": "NonInventory", "price": "329.00", "text": "Mitre saw station, folding", "code": "MS-001"},
        qb={"SalesOrPurchase_Desc": "Mitre saw statoin, folding"},
        shows=(differs("description", TAKE_SF, TAKE_SF),),
        decisions=(Decision(field="description", decision=TAKE_SF, reason="It is printed on every invoice."),),
        outcome="applied", happens="Corrected in QuickBooks.",
    ),
    Case(
        id="P42", mapping=_M, what="a product in Salesforce only",
        salesforce="Anchor Bolt Test",
        make={"kind": "Service", "price": "140.00", "text": "Pull test of anchor bolts, with record"},
        shows=(only(SF, CREATE_QB),),
        decisions=(Decision(decision="create", reason="A new service; P62 sells it."),),
        outcome="applied", happens="Created as a service item with the income account Sales.",
    ),
    Case(
        id="P43", mapping=_M, what="an item in QuickBooks only",
        quickbooks="Sound Baffle",
        make={"kind": "NonInventory", "price": "54.00", "text": "Sound baffle, 600 x 600 mm", "code": "SB-066"},
        shows=(only(QB, CREATE_SF),),
        decisions=(Decision(decision="create", reason="In stock since May; P64 sold it."),),
        outcome="applied", happens="Created as a product, with its price in the standard price book.",
    ),
    Case(
        id="P44", mapping=_M, what="an inactive item that is active in Salesforce",
        salesforce="Belt Sander", quickbooks="Belt Sander",
        make={"kind": "Inventory", "price": "275.00", "text": "Belt sander, 75 mm", "code": "BS-075"},
        qb={"IsActive": False},
        shows=(differs("active", TAKE_QB, TAKE_QB),),
        decisions=(Decision(field="active", decision=TAKE_QB, reason="No longer made."),),
        outcome="applied", happens="The product becomes inactive in Salesforce.",
    ),
    Case(
        id="P45", mapping=_M, what="a product code on a service",
        salesforce="Forklift Check", quickbooks="Forklift Check",
        make={"kind": "Service", "price": "190.00", "text": "Yearly forklift check"},
        sf={"ProductCode": "FC-001"},
        shows=(differs("code", TAKE_SF, "refuse"),),
        decisions=(
            Decision(field="code", decision="refuse", reason="QuickBooks keeps no part number for a service."),
        ),
        outcome="refused", happens="The code stays in Salesforce only.",
    ),
    Case(
        id="P46", mapping=_M, what="a price edited in Salesforce only, of an item that is bought and sold",
        salesforce="Cable Tray", quickbooks="Cable Tray",
        make={"kind": "NonInventory", "price": "31.00", "text": "Cable tray, 2 m", "code": "CT-020", "purchased": True},
        edits=(Edit(side=SF, object="PricebookEntry", fields={"UnitPrice": Decimal("33.00")}),),
        shows=(moved(TAKE_SF, "price", TAKE_SF, TAKE_SF),),
        decisions=(Decision(field="price", decision=TAKE_SF, reason="Agreed with the supplier."),),
        outcome="applied", happens="The sales price in QuickBooks follows; its purchase cost stays.",
    ),
    Case(
        id="P47", mapping=_M, what="a price edited on both sides, differently",
        salesforce="Work Stool", quickbooks="Work Stool",
        make={"kind": "NonInventory", "price": "85.00", "text": "Work stool, height adjustable", "code": "WS-085"},
        edits=(
            Edit(side=SF, object="PricebookEntry", fields={"UnitPrice": Decimal("89.00")}),
            Edit(side=QB, object="ItemNonInventory", fields={"SalesOrPurchase_Price": Decimal("92.00")}),
        ),
        shows=(moved("conflict", "price", TAKE_QB, TAKE_QB),),
        decisions=(Decision(field="price", decision=TAKE_QB, reason="The books own the price list."),),
        outcome="applied", happens="A conflict; QuickBooks wins it.",
    ),
    Case(
        id="P48", mapping=_M, what="a description edited in QuickBooks only",
        salesforce="Glue Station", quickbooks="Glue Station",
        make={"kind": "NonInventory", "price": "118.00", "text": "Glue station, heated", "code": "GS-118"},
        edits=(
            Edit(side=QB, object="ItemNonInventory", fields={"SalesOrPurchase_Desc": "Glue station, heated, 2 litres"}),
        ),
        shows=(moved(TAKE_QB, "description", TAKE_QB, TAKE_QB),),
        decisions=(Decision(field="description", decision=TAKE_QB, reason="More exact."),),
        outcome="applied", happens="Goes to Salesforce, although Salesforce usually wins it: it has not moved.",
    ),
    Case(
        id="P49", mapping=_M, what="& against and in the name, no id",
        salesforce="Drawer Liner & Mat Set", quickbooks="Drawer Liner and Mat Set", linked=False,
        make={"kind": "NonInventory", "price": "27.00", "text": "Liner and mat for seven drawers", "code": "DL-007"},
        shows=(differs("name", TAKE_QB, TAKE_QB),),
        decisions=(Decision(field="name", decision=TAKE_QB, reason="The books own the names of items."),),
        outcome="applied", happens="Matched by the normalised name, renamed in Salesforce.",
    ),
)  # fmt: skip
