"""The quiet part of the books: what both sides agree on, and the planted cases among it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from making import words
from making.books import Books
from making.case import Case, Line
from making.ids import draw, pick
from making.planted import CASES

FIRMS = [name.strip() for name in words.FIRMS.replace("\n", "|").split("|") if name.strip()]
CONTACTS = 30
INVOICES = 138
_FIRST_DAY = date(2026, 1, 5)
_STAGES = ("Prospecting", "Needs Analysis", "Proposal/Price Quote", "Negotiation/Review", "Closed Lost")


def fill() -> Books:
    """Both sides' books, complete."""
    books = Books()
    _lists(books)
    _accounts(books)
    _contacts(books)
    _products(books)
    _sales(books)
    return books


def _planted(mapping: str) -> list[Case]:
    return [case for case in CASES if case.mapping == mapping]


def _common(case: Case) -> dict[str, Any]:
    return {
        "salesforce": case.salesforce,
        "quickbooks": case.quickbooks,
        "linked": case.linked,
        "sf": case.sf,
        "qb": case.qb,
        **case.make,
    }


def _linked(*what: object) -> bool:
    """Four in five: the org once used another tool, which left its ids behind."""
    return draw(5, "linked", *what) != 0


def _lists(books: Books) -> None:
    for name, kind in (
        ("Accounts Receivable", "AccountsReceivable"),
        ("Sales", "Income"),
        ("Other Income", "OtherIncome"),
        ("Cost of Goods Sold", "CostOfGoodsSold"),
        ("Inventory Asset", "OtherCurrentAsset"),
        ("Checking", "Bank"),
        ("Accounts Payable", "AccountsPayable"),
    ):
        books.listed("Account", name, FullName=name, AccountType=kind, Sublevel=0)
    for name, days in (("Due on receipt", 0), ("Net 15", 15), ("Net 30", 30)):
        books.listed("StandardTerms", name, StdDueDays=days)
    books.listed("SalesTaxCode", "Tax", IsTaxable=True, Desc="Taxable sales")
    books.listed("SalesTaxCode", "Non", IsTaxable=False, Desc="Non-taxable sales")
    for name in words.VENDORS:
        books.listed("Vendor", name)
    for name in words.EMPLOYEES:
        first, last = name.split()
        books.listed("Employee", name, FirstName=first, LastName=last)
    for name in words.OTHER_NAMES:
        books.listed("OtherName", name)
    books.quickbooks["Company"] = [
        {
            "CompanyName": words.COMPANY,
            "LegalCompanyName": f"{words.COMPANY}, Inc.",
            "Address_Addr1": "900 Foundry Lane",
            "Address_City": "Port Larkin",
            "Address_State": "OR",
            "Address_PostalCode": "97009",
            "Address_Country": "US",
            "Phone": "503-555-0199",
            "Email": "books@larkspur.example.com",
            "IsSampleCompany": False,
        }
    ]


def _accounts(books: Books) -> None:
    for name in FIRMS:
        # One town typed with two blanks: the same town.
        odd = {"BillAddress_City": "Port  Larkin"} if name == "Saltmarsh Oysters" else {}
        town = 0 if odd else None
        books.account(name, name, linked=_linked("account", name), town=town, qb=odd)
    books.account("Granite Peak: Rentals", "Granite Peak - Rentals")
    books.account(
        "Silver Birch Kennels", "Silver Birch Kennels", sf={"Active__c": False}, qb={"IsActive": False}
    )
    books.account("Cascade Sheet Steel", None, sf={"Type": "Vendor"})
    for case in _planted("account-customer"):
        books.account(**_common(case))


def _contacts(books: Books) -> None:
    for number in range(CONTACTS):
        first = words.FIRST_NAMES[number]
        last = words.LAST_NAMES[(number * 11 + 3) % len(words.LAST_NAMES)]
        firm = FIRMS[(number * 13 + 2) % len(FIRMS)]
        name = f"{first} {last}"
        # Two have no e-mail address, so only account and name can match them.
        bare = {"Email": None} if number in (4, 17) else {}
        linked = _linked("contact", name) and not bare
        books.contact(name, f"{firm}:{name}", account=firm, linked=linked, sf=bare, qb=bare)
    for case in _planted("contact-customer"):
        books.contact(**_common(case))


def _products(books: Books) -> None:
    for name, kind, price, text, code in words.PRODUCTS:
        linked = _linked("product", name)
        books.product(name, name, kind=kind, price=price, text=text, code=code, linked=linked)
    for case in _planted("product-item"):
        books.product(**_common(case))


def _sales(books: Books) -> None:
    for number in range(INVOICES):
        firm, name = _deal(number)
        day = _FIRST_DAY + timedelta(days=number * 145 // INVOICES)
        books.opportunity(
            name,
            str(10001 + number),
            account=firm,
            day=day,
            lines=_lines(name),
            memo=pick(words.MEMOS, "memo", name),
            paid=day < date(2026, 5, 1) and draw(8, "late", name) != 0,
            linked=_linked("opportunity", name),
        )
    for case in _planted("opportunity-invoice"):
        books.opportunity(**_common(case))
    _still_open(books)


def _deal(number: int) -> tuple[str, str]:
    """The firm and the name of one sale; a firm never buys for the same project twice."""
    firm = FIRMS[number * 37 % len(FIRMS)]
    turn = number // len(FIRMS)
    project = words.PROJECTS[(draw(len(words.PROJECTS), "project", firm) + turn) % len(words.PROJECTS)]
    return firm, f"{firm} - {project}"


def _lines(name: str) -> list[Line]:
    """One to four lines, each of another product."""
    start = draw(len(words.PRODUCTS), "product", name)
    lines = []
    for number in range(1 + draw(4, "lines", name)):
        product, kind, _, text, _ = words.PRODUCTS[(start + number * 9) % len(words.PRODUCTS)]
        if "hour" in text:
            quantity = f"{1 + draw(15, 'hours', name, number)}.5"
        else:
            quantity = str(
                1 + draw(3 if kind in ("Service", "OtherCharge") else 12, "quantity", name, number)
            )
        lines.append(Line(product=product, quantity=quantity))
    return lines


def _still_open(books: Books) -> None:
    """Opportunities that no mapping looks at: not won yet, lost, or won without an invoice."""
    for number in range(8):
        firm = FIRMS[number * 7]
        stage = _STAGES[number % len(_STAGES)]
        outside = {
            "StageName": stage,
            "IsClosed": stage == "Closed Lost",
            "IsWon": False,
            "Generate__c": "Invoice" if number % 2 else None,
            "NextStep": "Call back",
        }
        if number == 7:
            outside = {"Generate__c": None}
        books.opportunity(
            f"{firm} - next year",
            None,
            account=firm,
            day=date(2026, 12, 1) + timedelta(days=number),
            lines=_lines(f"{firm} next year"),
            sf=outside,
        )
