"""Planted trouble with contacts and jobs."""

from __future__ import annotations

from making.case import Case, Decision, Edit
from making.planted.rows import (
    CREATE_QB,
    CREATE_SF,
    QB,
    SF,
    TAKE_SF,
    UNDECIDED,
    converged,
    differs,
    moved,
    only,
)

_M = "contact-customer"

CONTACTS: tuple[Case, ...] = (
    Case(
        id="P30", mapping=_M, what="a typo in the first name, in QuickBooks",
        salesforce="John Ackroyd", quickbooks="Drystone Masonry:John Ackroyd", make={"account": "Drystone Masonry"},
        qb={"FirstName": "Jonh"},
        shows=(differs("first_name", TAKE_SF, TAKE_SF),),
        decisions=(Decision(field="first_name", decision=TAKE_SF, reason="His name is John."),),
        outcome="applied", happens="Corrected in QuickBooks.",
    ),
    Case(
        id="P31", mapping=_M, what="a contact in Salesforce only",
        salesforce="Agatha Penhaligon", make={"account": "Kestrel Aviation Parts"},
        shows=(only(SF, CREATE_QB),),
        decisions=(Decision(decision="create", reason="She orders for the new hangar."),),
        outcome="applied", happens="Created as a job below 'Kestrel Aviation Parts'.",
    ),
    Case(
        id="P32", mapping=_M, what="a job in QuickBooks only",
        quickbooks="Osprey Roof Trusses:Leopold Marchbank", make={"account": "Osprey Roof Trusses"},
        shows=(only(QB, CREATE_SF),),
        decisions=(Decision(decision="create", reason="Their new foreman."),),
        outcome="applied", happens="Created as a contact of 'Osprey Roof Trusses'.",
    ),
    Case(
        id="P33", mapping=_M, what="a job under a parent that exists in QuickBooks only (P10)",
        quickbooks="Juniper Hollow Orchards:Tomasina Wren", make={"account": "Juniper Hollow Orchards"},
        shows=(only(QB, CREATE_SF),),
        decisions=(Decision(decision="create", reason="Belongs to P10."),),
        outcome="applied", happens="Created as a contact, after the account that it belongs to.",
    ),
    Case(
        id="P34", mapping=_M, what="a contact of an account that exists in Salesforce only (P09)",
        salesforce="Barnaby Thrale", make={"account": "Tallow Creek Brewing"},
        shows=(only(SF, CREATE_QB),),
        decisions=(Decision(decision="create", reason="Belongs to P09."),),
        outcome="applied", happens="Created as a job, after the customer that is its parent.",
    ),
    Case(
        id="P35", mapping=_M, what="the e-mail address edited in Salesforce only",
        salesforce="Cordelia Bright", quickbooks="Lodestone Surveying:Cordelia Bright",
        make={"account": "Lodestone Surveying"},
        edits=(Edit(side=SF, fields={"Email": "c.bright@lodestone-surveying.example.com"}),),
        shows=(moved(TAKE_SF, "email", TAKE_SF, TAKE_SF),),
        decisions=(Decision(field="email", decision=TAKE_SF, reason="The old address bounces."),),
        outcome="applied", happens="Goes to QuickBooks.",
    ),
    Case(
        id="P36", mapping=_M, what="the title edited on both sides, differently",
        salesforce="Emrys Vaughan", quickbooks="Millrace Hydro:Emrys Vaughan", make={"account": "Millrace Hydro"},
        edits=(
            Edit(side=SF, fields={"Title": "Chief Engineer"}),
            Edit(side=QB, fields={"JobTitle": "Engineer in Charge"}),
        ),
        shows=(moved("conflict", "title", UNDECIDED, TAKE_SF),),
        decisions=(Decision(field="title", decision=TAKE_SF, reason="It stands on his card."),),
        outcome="applied", happens="A conflict that no winner settles (manual); a person does.",
    ),
    Case(
        id="P37", mapping=_M, what="the same e-mail address entered on both sides, with and without capitals",
        salesforce="Ottoline Frayne", quickbooks="Gilded Page Bookbinders:Ottoline Frayne",
        make={"account": "Gilded Page Bookbinders"},
        edits=(
            Edit(side=SF, fields={"Email": "ottoline@gilded-page-bookbinders.example.com"}),
            Edit(side=QB, fields={"Email": "Ottoline@Gilded-Page-Bookbinders.example.com"}),
        ),
        shows=(converged("email"),),
        outcome="nothing", happens="Converged: nothing to do.",
    ),
    Case(
        id="P38", mapping=_M, what="a last name of 28 characters; QuickBooks has its first 25",
        salesforce="Perpetua Featherstonehaugh-Montgomery",
        quickbooks="Eider Down Bedding:Perpetua Featherstonehaugh-Montgomery", make={"account": "Eider Down Bedding"},
        qb={"LastName": "Featherstonehaugh-Montgom"},
        shows=(differs("last_name", TAKE_SF, "refuse"),),
        decisions=(
            Decision(field="last_name", decision="refuse",
                     reason="A last name has 25 characters at most in QuickBooks; this one has 28."),
        ),
        outcome="refused", happens="QuickBooks keeps the shortened last name.",
    ),
)  # fmt: skip
