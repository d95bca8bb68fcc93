"""Planted trouble with won opportunities and invoices, and their lines."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from making.case import QUICKBOOKS, SALESFORCE, Case, Decision, Edit, Line
from making.planted.rows import (
    CREATE_QB,
    CREATE_SF,
    LINES,
    QB,
    SF,
    TAKE_QB,
    TAKE_SF,
    UNDECIDED,
    converged,
    differs,
    line,
    moved,
    only,
)

_M = "opportunity-invoice"

SALES: tuple[Case, ...] = (
    Case(
        id="P60",
        mapping=_M,
        what="a total that differs by one cent: 3 x 33.33 against 3 x 33.33333",
        salesforce="Amberley Glassworks - three weeks for a hundred",
        quickbooks="10501",
        make={
            "account": "Amberley Glassworks",
            "day": date(2026, 6, 1),
            "lines": (
                Line(
                    product="Tool Rental Week",
                    quantity="3",
                    rate="33.33",
                    text="Rental, three weeks for 100",
                    quickbooks={"Rate": Decimal("33.33333")},
                ),
                Line(product="Delivery"),
            ),
        },
        shows=(differs("total", UNDECIDED, "accept"),),
        decisions=(
            Decision(
                field="total",
                decision="accept",
                reason="Rounding: Salesforce knows two decimals of the rate, QuickBooks five.",
            ),
        ),
        outcome="accepted",
        happens="144.99 and 145.00 stay; the rate is within its tolerance of half a cent.",
    ),
    Case(
        id="P61",
        mapping=_M,
        what="a won opportunity in Salesforce only",
        salesforce="Granary Road Bakers - flour store racking",
        make={
            "account": "Granary Road Bakers",
            "day": date(2026, 6, 22),
            "memo": "Racking for the flour store",
            "lines": (
                Line(product="Pallet Rack Bay", quantity="2"),
                Line(product="Pallet Rack Add-On", quantity="3"),
                Line(product="Installation Hour", quantity="6.5"),
            ),
        },
        shows=(only(SF, CREATE_QB),),
        decisions=(Decision(decision="create", reason="Won and delivered; to be invoiced."),),
        outcome="applied",
        happens="Becomes an invoice of 1,348.00 with three lines; its number and ids come back.",
    ),
    Case(
        id="P62",
        mapping=_M,
        what="a won opportunity of a new account (P09) with a new product (P42)",
        salesforce="Tallow Creek Brewing - brewhouse anchors",
        make={
            "account": "Tallow Creek Brewing",
            "day": date(2026, 6, 24),
            "lines": (Line(product="Anchor Bolt Test", quantity="4"), Line(product="Site Survey")),
        },
        shows=(only(SF, CREATE_QB),),
        decisions=(Decision(decision="create", reason="Won and done; to be invoiced."),),
        outcome="applied",
        happens="Customer, item and then the invoice of 740.00 are created in QuickBooks.",
    ),
    Case(
        id="P63",
        mapping=_M,
        what="an invoice in QuickBooks only",
        quickbooks="10502",
        make={
            "account": "Pinecone Toys",
            "day": date(2026, 6, 3),
            "memo": "Ordered in the shop",
            "lines": (
                Line(product="Pegboard Panel", quantity="12"),
                Line(product="Rubber Mat", quantity="2"),
            ),
        },
        shows=(only(QB, CREATE_SF),),
        decisions=(Decision(decision="create", reason="Sold in the shop; sales wants to see it."),),
        outcome="applied",
        happens="Becomes a won opportunity of 360.00 with two products.",
    ),
    Case(
        id="P64",
        mapping=_M,
        what="an invoice of a new customer (P10) with a new item (P43)",
        quickbooks="10503",
        make={
            "account": "Juniper Hollow Orchards",
            "day": date(2026, 6, 5),
            "lines": (Line(product="Sound Baffle", quantity="10"), Line(product="Delivery")),
        },
        shows=(only(QB, CREATE_SF),),
        decisions=(Decision(decision="create", reason="Belongs to P10."),),
        outcome="applied",
        happens="Account, product with price and then the opportunity of 585.00 are created in Salesforce.",
    ),
    Case(
        id="P65",
        mapping=_M,
        what="a typo in the memo, in Salesforce",
        salesforce="Ravenscar Steel - cantilever arms",
        quickbooks="10504",
        make={
            "account": "Ravenscar Steel",
            "day": date(2026, 6, 8),
            "memo": "Thank you for your order",
            "lines": (Line(product="Cantilever Arm", quantity="16"),),
        },
        sf={"Description": "Thank yuo for your order"},
        shows=(differs("memo", TAKE_QB, TAKE_QB),),
        decisions=(Decision(field="memo", decision=TAKE_QB, reason="As printed on the invoice."),),
        outcome="applied",
        happens="Corrected in Salesforce.",
    ),
    Case(
        id="P66",
        mapping=_M,
        what="an invoice dated three days after the opportunity was closed",
        salesforce="Sparrow Hill Brickworks - yearly inspection",
        quickbooks="10505",
        make={
            "account": "Sparrow Hill Brickworks",
            "day": date(2026, 6, 12),
            "lines": (Line(product="Annual Inspection"), Line(product="Long Haul Delivery")),
        },
        sf={"CloseDate": "2026-06-09"},
        shows=(differs("date", TAKE_QB, TAKE_QB),),
        decisions=(
            Decision(field="date", decision=TAKE_QB, reason="The date of the invoice decides the month."),
        ),
        outcome="applied",
        happens="The close date in Salesforce follows.",
    ),
    Case(
        id="P67",
        mapping=_M,
        what="a line that the bookkeeper added to the invoice",
        salesforce="Crane Landing Logistics - loading bay",
        quickbooks="10506",
        make={
            "account": "Crane Landing Logistics",
            "day": date(2026, 6, 15),
            "lines": (
                Line(product="Crane Hire Day", quantity="2"),
                Line(
                    product="Packing and Crating",
                    quantity="3",
                    text="Crates for the return load",
                    side=QUICKBOOKS,
                ),
            ),
        },
        shows=(
            line(only(QB, CREATE_SF), None, "Crates for the return load"),
            differs("total", UNDECIDED, "follows"),
        ),
        decisions=(
            Decision(
                mapping=LINES,
                quickbooks="Crates for the return load",
                decision="create",
                reason="Delivered and billed, so the opportunity was larger.",
            ),
        ),
        outcome="applied",
        happens="The line is added to the opportunity, whose amount follows: 620.00 becomes 704.00.",
    ),
    Case(
        id="P68",
        mapping=_M,
        what="a free line that was never invoiced",
        salesforce="Goldfinch Academy - safety day",
        quickbooks="10507",
        make={
            "account": "Goldfinch Academy",
            "day": date(2026, 6, 16),
            "lines": (
                Line(product="Safety Training Day"),
                Line(
                    product="First Aid Station",
                    rate="0.00",
                    text="First aid station, free of charge",
                    side=SALESFORCE,
                ),
            ),
        },
        shows=(line(only(SF, "accept"), "First aid station, free of charge", None),),
        decisions=(
            Decision(
                mapping=LINES,
                salesforce="First aid station, free of charge",
                decision="accept",
                reason="A gift, and an issued invoice is not changed from here.",
            ),
        ),
        outcome="accepted",
        happens="Stays in Salesforce only; the totals agree.",
    ),
    Case(
        id="P69",
        mapping=_M,
        what="a quantity edited in Salesforce after the invoice was issued",
        salesforce="Hadley Moor Quarry - crane hire",
        quickbooks="10508",
        make={
            "account": "Hadley Moor Quarry",
            "day": date(2026, 6, 17),
            "lines": (
                Line(product="Crane Hire Day", quantity="2", text="Crane hire, week 25"),
                Line(product="Delivery"),
            ),
        },
        edits=(
            Edit(
                side=SF,
                object="OpportunityLineItem",
                line="Crane hire, week 25",
                fields={"Quantity": Decimal("3.00")},
            ),
        ),
        shows=(
            line(
                moved(TAKE_SF, "quantity", UNDECIDED, TAKE_QB), "Crane hire, week 25", "Crane hire, week 25"
            ),
            moved(TAKE_SF, "total", UNDECIDED, "follows"),
        ),
        decisions=(
            Decision(
                mapping=LINES,
                salesforce="Crane hire, week 25",
                quickbooks="Crane hire, week 25",
                field="quantity",
                decision=TAKE_QB,
                reason="Two days were billed; a third day needs a new invoice.",
            ),
        ),
        outcome="applied",
        happens="Salesforce goes back to two days: an issued invoice is not changed from here.",
    ),
    Case(
        id="P70",
        mapping=_M,
        what="a rate edited in QuickBooks after the invoice was issued",
        salesforce="Inkwell Signs - LED battens",
        quickbooks="10509",
        make={
            "account": "Inkwell Signs",
            "day": date(2026, 6, 18),
            "lines": (
                Line(product="LED Batten 4 ft", quantity="20", text="LED batten, volume price"),
                Line(product="Electrical Hour", quantity="4"),
            ),
        },
        edits=(
            Edit(
                side=QB,
                object="InvoiceLine",
                line="LED batten, volume price",
                fields={"Rate": Decimal("39.00")},
            ),
        ),
        shows=(
            line(
                moved(TAKE_QB, "rate", TAKE_QB, TAKE_QB),
                "LED batten, volume price",
                "LED batten, volume price",
            ),
            moved(TAKE_QB, "total", "follows", "follows"),
        ),
        decisions=(
            Decision(
                mapping=LINES,
                salesforce="LED batten, volume price",
                quickbooks="LED batten, volume price",
                field="rate",
                decision=TAKE_QB,
                reason="The discount was granted on the telephone.",
            ),
        ),
        outcome="applied",
        happens="The price of the line follows in Salesforce, and the amount: 1,162.00 becomes 1,092.00.",
    ),
    Case(
        id="P71",
        mapping=_M,
        what="a close date edited in Salesforce after the invoice was issued",
        salesforce="Jackdaw Salvage - yard clearance",
        quickbooks="10510",
        make={
            "account": "Jackdaw Salvage",
            "day": date(2026, 6, 19),
            "lines": (Line(product="Waste Removal", quantity="2"),),
        },
        edits=(Edit(side=SF, fields={"CloseDate": "2026-06-30"}),),
        shows=(moved(TAKE_SF, "date", UNDECIDED, TAKE_QB),),
        decisions=(Decision(field="date", decision=TAKE_QB, reason="The invoice went out on 19 June."),),
        outcome="applied",
        happens="Undecided, because an invoice is not modified from here; Salesforce goes back to 19 June.",
    ),
    Case(
        id="P72",
        mapping=_M,
        what="the same memo entered on both sides",
        salesforce="Kingfisher Pools - dust extraction",
        quickbooks="10511",
        make={
            "account": "Kingfisher Pools",
            "day": date(2026, 6, 22),
            "memo": "To be paid on delivery",
            "lines": (Line(product="Dust Extractor"),),
        },
        edits=(
            Edit(side=SF, fields={"Description": "Paid on delivery"}),
            Edit(side=QB, fields={"Memo": "Paid on delivery"}),
        ),
        shows=(converged("memo"),),
        outcome="nothing",
        happens="Converged: nothing to do.",
    ),
    Case(
        id="P73",
        mapping=_M,
        what="the memo edited on both sides, differently",
        salesforce="Mossbank Garden Centre - tool trolleys",
        quickbooks="10512",
        make={
            "account": "Mossbank Garden Centre",
            "day": date(2026, 6, 23),
            "memo": "Two trolleys",
            "lines": (Line(product="Tool Trolley", quantity="2"), Line(product="Delivery")),
        },
        edits=(
            Edit(side=SF, fields={"Description": "Two trolleys, red"}),
            Edit(side=QB, fields={"Memo": "Two trolleys, blue"}),
        ),
        shows=(moved("conflict", "memo", TAKE_QB, TAKE_QB),),
        decisions=(Decision(field="memo", decision=TAKE_QB, reason="Blue ones were delivered."),),
        outcome="applied",
        happens="A conflict; QuickBooks wins it.",
    ),
)
