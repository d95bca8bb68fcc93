"""Planted trouble with accounts and customers."""

from __future__ import annotations

from dataclasses import replace

from making.books import modified, touched
from making.case import Case, Decision, Edit
from making.planted.rows import (
    CREATE_QB,
    CREATE_SF,
    QB,
    SF,
    TAKE_QB,
    TAKE_SF,
    converged,
    differs,
    moved,
    once_linked,
    only,
)

_M = "account-customer"
_LONG = "Consolidated Northern Lakes Timber & Hardware Yard"  # 50 characters

ACCOUNTS: tuple[Case, ...] = (
    Case(
        id="P01", mapping=_M, what="a typo in the town, in QuickBooks",
        salesforce="Harbor Lane Pharmacy", quickbooks="Harbor Lane Pharmacy", make={"town": 2},
        qb={"BillAddress_City": "Sprngmead"},
        shows=(differs("city", TAKE_QB, TAKE_SF),),
        decisions=(Decision(field="city", decision=TAKE_SF, reason="The town is called Springmead; the books have a typo."),),
        outcome="applied", happens="The address in QuickBooks is corrected, although QuickBooks usually wins it.",
    ),
    Case(
        id="P02", mapping=_M, what="a typo in the name, and no id: only the telephone number agrees",
        salesforce="Brightwater Marina Supply", quickbooks="Brightwater Marnia Supply", linked=False,
        shows=(
            only(SF, None), only(QB, None),
            once_linked(differs("name", TAKE_SF, TAKE_SF)),
        ),
        decisions=(
            Decision(decision="link", reason="Same address and telephone number; the name in the books has a typo."),
            Decision(field="name", decision=TAKE_SF, reason="Marina, not Marnia."),
        ),
        outcome="applied", happens="Proposed for review by the telephone rule, linked by a person, renamed in QuickBooks.",
    ),
    Case(
        id="P03", mapping=_M, what="capitals, comma and full stop in the name, no id",
        salesforce="Acme Widgets, Inc.", quickbooks="ACME Widgets Inc", linked=False,
        shows=(differs("name", TAKE_SF, TAKE_SF),),
        decisions=(Decision(field="name", decision=TAKE_SF, reason="Written as in the contract."),),
        outcome="applied", happens="Matched by the normalised name, renamed in QuickBooks.",
    ),
    Case(
        id="P04", mapping=_M, what="& against and, LLC left out, no id",
        salesforce="Cedar & Sons Roofing LLC", quickbooks="Cedar and Sons Roofing", linked=False,
        shows=(differs("name", TAKE_SF, "accept"),),
        decisions=(Decision(field="name", decision="accept", reason="The bookkeeper prints cheques with this short name."),),
        outcome="accepted", happens="Matched by the normalised name; both names stay as they are.",
    ),
    Case(
        id="P05", mapping=_M, what="a character that QuickBooks cannot hold (outside CP1252), no id",
        salesforce="Dvořák Piano Restoration", quickbooks="Dvorak Piano Restoration", linked=False,
        shows=(differs("name", TAKE_SF, "refuse"),),
        decisions=(
            Decision(field="name", decision="refuse",
                     reason="QuickBooks holds CP1252 only and would store '?' for ř (U+0159)."),
        ),
        outcome="refused", happens="Matched by the normalised name; QuickBooks keeps Dvorak.",
    ),
    Case(
        id="P06", mapping=_M, what="a 50-character name; QuickBooks has its first 41",
        salesforce=_LONG, quickbooks=_LONG[:41].rstrip(),
        shows=(differs("name", TAKE_SF, "refuse"),),
        decisions=(
            Decision(field="name", decision="refuse", reason="A customer name has 41 characters at most; this one has 50."),
        ),
        outcome="refused", happens="QuickBooks keeps the shortened name.",
    ),
    Case(
        id="P07", mapping=_M, what="a colon in the name, in Salesforce only",
        salesforce="Northgate: Service Desk",
        shows=(only(SF, CREATE_QB),),
        decisions=(Decision(decision="create", reason="A new customer."),),
        outcome="applied",
        happens="Created as 'Northgate - Service Desk', because QuickBooks keeps the colon for jobs; equal afterwards.",
    ),
    Case(
        id="P08", mapping=_M, what="an account whose name is a vendor in QuickBooks",
        salesforce="Ironbridge Freight",
        shows=(only(SF, "refuse"),),
        decisions=(
            Decision(decision="refuse",
                     reason="QuickBooks has a vendor of this name, and customers and vendors share their names (3100)."),
        ),
        outcome="refused", happens="Not created; the bookkeeper would have to rename the vendor first.",
    ),
    Case(
        id="P09", mapping=_M, what="an account in Salesforce only",
        salesforce="Tallow Creek Brewing",
        shows=(only(SF, CREATE_QB),),
        decisions=(Decision(decision="create", reason="A new customer; P34 and P62 belong to it."),),
        outcome="applied", happens="Created in QuickBooks, before its job and its invoice.",
    ),
    Case(
        id="P10", mapping=_M, what="a customer in QuickBooks only",
        quickbooks="Juniper Hollow Orchards",
        shows=(only(QB, CREATE_SF),),
        decisions=(Decision(decision="create", reason="Came in through the shop; P33 and P64 belong to it."),),
        outcome="applied", happens="Created in Salesforce, before its contact and its opportunity.",
    ),
    Case(
        id="P11", mapping=_M, what="a customer that is no customer: cash sales",
        quickbooks="Counter Sales",
        shows=(only(QB, "ignore"),),
        decisions=(Decision(decision="ignore", reason="Collects cash sales; sales people do not want to see it."),),
        outcome="ignored", happens="Stays in QuickBooks only and is not shown again.",
    ),
    Case(
        id="P12", mapping=_M, what="an inactive customer that is active in Salesforce",
        salesforce="Old Mill Catering", quickbooks="Old Mill Catering", qb={"IsActive": False},
        shows=(differs("active", TAKE_QB, TAKE_QB),),
        decisions=(Decision(field="active", decision=TAKE_QB, reason="The firm has closed; the bookkeeper knew first."),),
        outcome="applied", happens="The account becomes inactive in Salesforce.",
    ),
    Case(
        id="P13", mapping=_M, what="one of two accounts that could both be the same customer",
        salesforce="Quarry Road Motors", quickbooks="Quarry Road Motors LLC", linked=False,
        shows=(
            only(SF, None), only(QB, None),
            once_linked(differs("name", TAKE_SF, TAKE_QB)),
        ),
        decisions=(
            Decision(decision="link", reason="Same address; the other account (P14) is an old duplicate."),
            Decision(field="name", decision=TAKE_QB, reason="It has become an LLC."),
        ),
        outcome="applied", happens="Ambiguous by the normalised name, linked by a person, renamed in Salesforce.",
    ),
    Case(
        id="P14", mapping=_M, what="the other of the two accounts",
        salesforce="Quarry Road Motors, Inc.",
        shows=(only(SF, "ignore"),),
        decisions=(Decision(decision="ignore", reason="A duplicate of P13, to be merged in Salesforce."),),
        outcome="ignored", happens="No second customer is created.",
    ),
    Case(
        id="P15", mapping=_M, what="an account number that Salesforce lacks",
        salesforce="Sorrel Bank Kennels", quickbooks="Sorrel Bank Kennels", sf={"AccountNumber": None},
        shows=(differs("account_number", TAKE_QB, TAKE_QB),),
        decisions=(Decision(field="account_number", decision=TAKE_QB, reason="The books give out account numbers."),),
        outcome="applied", happens="Filled in in Salesforce.",
    ),
    Case(
        id="P16", mapping=_M, what="a fax number that QuickBooks lacks",
        salesforce="Thornbury Upholstery", quickbooks="Thornbury Upholstery",
        sf={"Fax": "(206) 555-0152"}, qb={"Fax": None},
        shows=(differs("fax", TAKE_SF, TAKE_SF),),
        decisions=(Decision(field="fax", decision=TAKE_SF, reason="They still send orders by fax."),),
        outcome="applied", happens="Filled in in QuickBooks.",
    ),
    Case(
        id="P17", mapping=_M, what="two telephone numbers; the customer was changed three months after the account",
        salesforce="Umber & Ochre Paints", quickbooks="Umber & Ochre Paints",
        sf={"Phone": "(503) 555-0150", **modified("2026-02-11")},
        qb={"Phone": "503-555-0151", **touched("2026-05-20")},
        shows=(differs("phone", TAKE_QB, TAKE_QB),),
        decisions=(Decision(field="phone", decision=TAKE_QB, reason="The newer number was read back to them on the telephone."),),
        outcome="applied", happens="The newer number goes to Salesforce.",
    ),
    Case(
        id="P18", mapping=_M, what="a new street that Salesforce does not know yet",
        salesforce="Verdant Valley Co-op", quickbooks="Verdant Valley Co-op",
        sf={"BillingStreet": "12 Kiln Road"}, qb={"BillAddress_Addr1": "480 Canal Side", "BillAddress_Addr2": "Dock 7"},
        shows=(differs("street", TAKE_QB, TAKE_QB),),
        decisions=(Decision(field="street", decision=TAKE_QB, reason="They moved; the last invoices arrived there."),),
        outcome="applied", happens="Two address lines in QuickBooks become one text with a line break in Salesforce.",
    ),
    Case(
        id="P20", mapping=_M, what="the telephone number edited in Salesforce only",
        salesforce="Wagtail Coach Tours", quickbooks="Wagtail Coach Tours",
        edits=(Edit(side=SF, fields={"Phone": "(720) 555-0160"}),),
        shows=(moved(TAKE_SF, "phone", TAKE_SF, TAKE_SF),),
        decisions=(Decision(field="phone", decision=TAKE_SF, reason="Sales spoke to them this week."),),
        outcome="applied", happens="Goes to QuickBooks, because QuickBooks has not moved.",
    ),
    Case(
        id="P21", mapping=_M, what="the street edited in QuickBooks only",
        salesforce="Yarrow Hill Honey", quickbooks="Yarrow Hill Honey",
        edits=(Edit(side=QB, fields={"BillAddress_Addr1": "77 Weaver's Walk", "BillAddress_Addr2": "Building B"}),),
        shows=(moved(TAKE_QB, "street", TAKE_QB, TAKE_QB),),
        decisions=(Decision(field="street", decision=TAKE_QB, reason="The bookkeeper has the new address from their order."),),
        outcome="applied", happens="Goes to Salesforce, because Salesforce has not moved.",
    ),
    Case(
        id="P22", mapping=_M, what="the street edited on both sides, differently",
        salesforce="Zephyr Kite Works", quickbooks="Zephyr Kite Works",
        edits=(
            Edit(side=SF, fields={"BillingStreet": "3 Chapel Row"}),
            Edit(side=QB, fields={"BillAddress_Addr1": "5 Chapel Row", "BillAddress_Addr2": None}),
        ),
        shows=(moved("conflict", "street", TAKE_QB, TAKE_SF),),
        decisions=(Decision(field="street", decision=TAKE_SF, reason="Number 3: sales has been there."),),
        outcome="applied", happens="A conflict; a person overrules the winner, and QuickBooks gets number 3.",
    ),
    Case(
        id="P23", mapping=_M, what="the same telephone number entered on both sides, typed differently",
        salesforce="Bellwether Wool", quickbooks="Bellwether Wool",
        edits=(
            Edit(side=SF, fields={"Phone": "(612) 555-0163"}),
            Edit(side=QB, fields={"Phone": "612-555-0163"}),
        ),
        shows=(converged("phone"),),
        outcome="nothing", happens="Converged: counted, nothing to do, the base follows.",
    ),
    Case(
        id="P24", mapping=_M, what="the fax number removed in Salesforce",
        salesforce="Cobblestone Dental", quickbooks="Cobblestone Dental",
        sf={"Fax": "(801) 555-0164"}, qb={"Fax": "801-555-0164"},
        edits=(Edit(side=SF, fields={"Fax": None}),),
        shows=(moved(TAKE_SF, "fax", TAKE_SF, TAKE_SF),),
        decisions=(Decision(field="fax", decision=TAKE_SF, reason="They have given up their fax."),),
        outcome="applied", happens="Emptied in QuickBooks too: an empty value that somebody made is a value.",
    ),
    Case(
        id="P25", mapping=_M, what="an account renamed in Salesforce",
        salesforce="Windlass Marine", quickbooks="Windlass Marine",
        edits=(Edit(side=SF, fields={"Name": "Windlass Marine Group"}),),
        shows=(replace(moved(TAKE_SF, "name", TAKE_SF, TAKE_SF), salesforce="Windlass Marine Group"),),
        decisions=(
            Decision(field="name", decision=TAKE_SF, salesforce="Windlass Marine Group",
                     reason="They merged with their sister firm."),
        ),
        outcome="applied", happens="Still the same pair, because the crosswalk knows it; renamed in QuickBooks.",
    ),
    Case(
        id="P26", mapping=_M, what="each side edited another field of the same record",
        salesforce="Damask & Dale Curtains", quickbooks="Damask & Dale Curtains",
        edits=(
            Edit(side=SF, fields={"Phone": "(406) 555-0166"}),
            Edit(side=QB, fields={"BillAddress_PostalCode": "59110"}),
        ),
        shows=(moved(TAKE_SF, "phone", TAKE_SF, TAKE_SF), moved(TAKE_QB, "postal_code", TAKE_QB, TAKE_QB)),
        decisions=(
            Decision(field="phone", decision=TAKE_SF, reason="New switchboard."),
            Decision(field="postal_code", decision=TAKE_QB, reason="Corrected from a returned letter."),
        ),
        outcome="applied", happens="No conflict: one field goes each way.",
    ),
)  # fmt: skip
assert len(_LONG) == 50
