"""Price books, their entries, and the products of opportunities.

Sources: the reference's section 7; texts marked (unverified) are in our words, their codes are real.
"""

from __future__ import annotations

from decimal import Decimal

from .errors import OrgError
from .saves import Saving, Touch, parent_of
from .store import Database, Record
from .values import Value, round_to


def opportunity_lines(save: Saving) -> None:
    """With lines, Amount is their sum and an update of it is silently ignored; the book stays."""
    if save.old is None:
        return
    lines = _lines(save.db, str(save.old["Id"]))
    save.new["HasOpportunityLineItem"] = bool(lines)
    if not lines:
        return
    save.new["Amount"] = save.old["Amount"]
    save.new["TotalOpportunityQuantity"] = save.old["TotalOpportunityQuantity"]
    if save.changed("Pricebook2Id"):
        raise OrgError(
            "FIELD_INTEGRITY_EXCEPTION",
            "field integrity exception: Pricebook2Id (the price book of an opportunity with products"
            " can't be changed)",  # (unverified) wording
            ["Pricebook2Id"],
        )
    if save.changed("CurrencyIsoCode"):
        raise OrgError(
            "FIELD_INTEGRITY_EXCEPTION",
            "field integrity exception: CurrencyIsoCode (the currency of an opportunity with products"
            " can't be changed)",  # (unverified) wording
            ["CurrencyIsoCode"],
        )


# --- price book --------------------------------------------------------------------------------


def entry_price(save: Saving) -> None:
    """UseStandardPrice takes the price of the standard book; a price given with it is refused."""
    new, given = save.new, save.given
    book = parent_of(save, "Pricebook2", new.get("Pricebook2Id"))
    if book is None:
        return  # the reference check says so
    if save.old is None:
        _entry_is_new(save, book)
    if not new.get("UseStandardPrice"):
        return
    if "UnitPrice" in given and new.get("UnitPrice") is not None:
        raise OrgError(
            "FIELD_INTEGRITY_EXCEPTION",
            "field integrity exception: UnitPrice (unit price cannot be set when use standard price is on)",
            ["UnitPrice"],
        )
    if book["IsStandard"]:
        raise OrgError(
            "FIELD_INTEGRITY_EXCEPTION",
            "field integrity exception: UseStandardPrice (an entry of the standard price book has no"
            " other price to use)",  # (unverified) wording
            ["UseStandardPrice"],
        )
    standard = _standard_entry(save.db, new)
    new["UnitPrice"] = None if standard is None else standard["UnitPrice"]


def _entry_is_new(save: Saving, book: Record) -> None:
    product = str(save.new.get("Product2Id"))
    condition = '"Pricebook2Id" = ? AND "Product2Id" = ? AND "IsDeleted" = 0'
    others = save.db.where(save.obj, condition, [book["Id"], product])
    if any(_same_currency(other, save.new) for other in others):
        raise OrgError("DUPLICATE_VALUE", "This price definition already exists in this price book")
    if not book["IsStandard"] and _standard_entry(save.db, save.new) is None:
        raise OrgError("STANDARD_PRICE_NOT_DEFINED", "No standard price defined for this product")


def entry_followers(save: Saving) -> None:
    """A changed standard price passes on to the entries that use it."""
    if save.old is None or not save.changed("UnitPrice"):
        return
    condition = '"Product2Id" = ? AND "UseStandardPrice" = 1 AND "IsDeleted" = 0'
    standard = _standard_entry(save.db, save.new)
    if standard is not None and standard["Id"] == save.new["Id"]:
        followers = save.db.where(save.obj, condition, [save.new["Product2Id"]])
        for follower in (f for f in followers if _same_currency(f, save.new)):
            save.touch(save.obj, str(follower["Id"]), {"UnitPrice": save.new["UnitPrice"]})


# --- opportunity products ----------------------------------------------------------------------


def line_entry(save: Saving) -> None:
    """A new line names an active entry of its opportunity's price book, and takes product and price.

    An opportunity without a price book gets that of its first line.
    """
    new = save.new
    opportunity = parent_of(save, "Opportunity", new.get("OpportunityId"))
    if save.old is not None or opportunity is None:
        return
    if new.get("PricebookEntryId") is None:
        raise OrgError(
            "REQUIRED_FIELD_MISSING", "Required fields are missing: [PricebookEntryId]", ["PricebookEntryId"]
        )
    entry = parent_of(save, "PricebookEntry", new["PricebookEntryId"])
    if entry is None:
        return
    _check_entry(new, entry, opportunity)
    new["Product2Id"], new["ListPrice"] = entry["Product2Id"], entry["UnitPrice"]
    product = parent_of(save, "Product2", entry["Product2Id"])
    if "CurrencyIsoCode" in new:
        new["CurrencyIsoCode"] = opportunity["CurrencyIsoCode"]
    new["Name"] = f"{opportunity['Name']} {product['Name'] if product else ''}".strip()


def _check_entry(new: Record, entry: Record, opportunity: Record) -> None:
    trouble = None
    if opportunity["Pricebook2Id"] not in (None, entry["Pricebook2Id"]):
        trouble = "pricebook entry is in a different pricebook than the one assigned to the opportunity"
    elif not _same_currency(entry, opportunity):
        trouble = "pricebook entry currency code does not match opportunity currency code"
    elif not entry["IsActive"]:
        trouble = "pricebook entry is inactive"
    elif new.get("Product2Id") not in (None, entry["Product2Id"]):
        trouble = "pricebook entry belongs to another product than Product2Id"
    if trouble:
        raise OrgError(
            "FIELD_INTEGRITY_EXCEPTION",
            f"field integrity exception: PricebookEntryId ({trouble})",
            ["PricebookEntryId"],
        )


def line_price(save: Saving) -> None:
    """UnitPrice or TotalPrice, not both; the other follows from the quantity, to the cent."""
    new, given = save.new, save.given & {"UnitPrice", "TotalPrice"}
    if len(given) == 2:
        raise _both_prices(save)
    if save.old is None and not any(new.get(name) is not None for name in given):
        raise OrgError("REQUIRED_FIELD_MISSING", "Required fields are missing: [UnitPrice]", ["UnitPrice"])
    quantity, unit, total = new.get("Quantity"), new.get("UnitPrice"), new.get("TotalPrice")
    if not isinstance(quantity, Decimal):
        return  # the required check says so
    if quantity == 0:
        raise OrgError(
            "FIELD_INTEGRITY_EXCEPTION",
            "field integrity exception: Quantity (must not be zero)",
            ["Quantity"],
        )
    if given == {"TotalPrice"} and isinstance(total, Decimal):
        new["UnitPrice"] = round_to(total / quantity, 2)
    elif isinstance(unit, Decimal) and save.changed("UnitPrice", "Quantity"):
        new["TotalPrice"] = round_to(quantity * unit, 2)


def _both_prices(save: Saving) -> OrgError:
    if save.old is None:
        text = "unknown (only one of unit price or total price may be specified)"
    else:
        text = "unknown (Cannot change both 'UnitPrice' and 'TotalPrice' in update call)"
    return OrgError("FIELD_INTEGRITY_EXCEPTION", f"field integrity exception: {text}")


def line_sums(save: Saving) -> None:
    """The opportunity's Amount is the sum of its lines; its price book is that of the first."""
    opportunity = parent_of(save, "Opportunity", save.new["OpportunityId"])
    if opportunity is not None:
        roll_up(save.db, opportunity, save.touch, book_of=save.new.get("PricebookEntryId"))


def roll_up(db: Database, opportunity: Record, touch: Touch, *, book_of: Value = None) -> None:
    """Bring an opportunity's sums in line with its products."""
    lines = _lines(db, str(opportunity["Id"]))
    changes: Record = {
        "Amount": sum((_amount(line["TotalPrice"]) for line in lines), Decimal("0.00")),
        "TotalOpportunityQuantity": sum((_amount(line["Quantity"]) for line in lines), Decimal("0.00")),
        "HasOpportunityLineItem": bool(lines),
    }
    if opportunity["Pricebook2Id"] is None and book_of is not None:
        entry = db.get(db.schema.by_name["pricebookentry"], str(book_of))
        changes["Pricebook2Id"] = entry["Pricebook2Id"] if entry else None
    probability = opportunity.get("Probability")
    amount = changes["Amount"]
    if isinstance(probability, Decimal) and isinstance(amount, Decimal):
        changes["ExpectedRevenue"] = round_to(amount * probability / 100, 2)
    touch(db.schema.by_name["opportunity"], str(opportunity["Id"]), changes)


def _lines(db: Database, opportunity_id: str) -> list[Record]:
    return db.find(db.schema.by_name["opportunitylineitem"], "OpportunityId", opportunity_id)


def _standard_entry(db: Database, entry: Record) -> Record | None:
    """The entry of the standard book for the same product in the same currency."""
    condition = (
        '"Product2Id" = ? AND "IsDeleted" = 0'
        ' AND "Pricebook2Id" IN (SELECT "Id" FROM "Pricebook2" WHERE "IsStandard" = 1)'
    )
    found = db.where(db.schema.by_name["pricebookentry"], condition, [entry["Product2Id"]])
    return next((each for each in found if _same_currency(each, entry)), None)


def _same_currency(one: Record, other: Record) -> bool:
    """True in an org with one currency, too: then neither names it."""
    return one.get("CurrencyIsoCode") == other.get("CurrencyIsoCode")


def _amount(value: Value) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(0)
