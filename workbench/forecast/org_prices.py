"""What Salesforce documents about price books, their entries, and the lines of opportunities.

Source: Salesforce's reference, section 7: an opportunity's amount is the sum of its lines; an entry stands in
the standard price book first; a line takes its product and list price from its entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from workbench.forecast.org_records import OrgRecords
from workbench.forecast.org_values import Refusal

if TYPE_CHECKING:
    from workbench.forecast.org import Saving

CENT = Decimal("0.01")


def with_lines(copy: OrgRecords, saving: Saving) -> None:
    """With lines, Amount is their sum and an update of it is ignored; book and currency stay."""
    if saving.old is None or not _lines(copy, saving.key[1]):
        return
    for name in ("Amount", "TotalOpportunityQuantity"):
        if name in saving.old:
            saving.new[name] = saving.old[name]
    for name, what in (("Pricebook2Id", "price book"), ("CurrencyIsoCode", "currency")):
        if saving.changed(name):
            raise Refusal(
                "FIELD_INTEGRITY_EXCEPTION",
                f"field integrity exception: {name} (the {what} of an opportunity with products can't be"
                " changed)",
            )


def entry(copy: OrgRecords, saving: Saving) -> None:
    """An entry of a price book: one for each product and book, in the standard book first."""
    new = saving.new
    if saving.old is None:
        new.update(_mirrored(copy, new))
        entries = copy.find("PricebookEntry", "Product2Id", new.get("Product2Id"))
        if any(each.get("Pricebook2Id") == new.get("Pricebook2Id") for each in entries):
            raise Refusal("DUPLICATE_VALUE", "This price definition already exists in this price book")
        standard = _standard_books(copy)
        if (
            standard
            and new.get("Pricebook2Id") not in standard
            and not any(each.get("Pricebook2Id") in standard for each in entries)
        ):
            raise Refusal("STANDARD_PRICE_NOT_DEFINED", "No standard price defined for this product")
    if new.get("UseStandardPrice") and "UnitPrice" in saving.given and new.get("UnitPrice") is not None:
        raise Refusal(
            "FIELD_INTEGRITY_EXCEPTION",
            "field integrity exception: UnitPrice (unit price cannot be set when use standard price is on)",
        )


def _mirrored(copy: OrgRecords, entry: Mapping[str, Any]) -> dict[str, Any]:
    """The entry with the name and code of its product."""
    product = copy.record("Product2", entry.get("Product2Id")) or {}
    told: dict[str, Any] = {
        name: product[name] for name in ("Name", "ProductCode") if name in {*entry} & {*product}
    }
    return {**entry, **told}


def renamed(copy: OrgRecords, product: str) -> None:
    """The entries of a product show its name and code."""
    for each in copy.find("PricebookEntry", "Product2Id", product):
        copy.put(("PricebookEntry", each["Id"]), _mirrored(copy, each), stamped=False)


def pass_on(copy: OrgRecords, saving: Saving) -> None:
    """A changed standard price passes on to the entries that use it."""
    if saving.old is None or saving.new.get("Pricebook2Id") not in _standard_books(copy):
        return
    for each in copy.find("PricebookEntry", "Product2Id", saving.new.get("Product2Id")):
        if each.get("UseStandardPrice") and each["Id"] != saving.key[1]:
            copy.put(("PricebookEntry", each["Id"]), {**each, "UnitPrice": saving.new["UnitPrice"]})


def _standard_books(copy: OrgRecords) -> frozenset[str]:
    if copy.books is None:
        rows = []
        if copy.rows.has("Pricebook2", "Id", "IsStandard"):
            rows = copy.rows.query('SELECT "Id" FROM salesforce."Pricebook2" WHERE "IsStandard"')
        copy.books = frozenset(str(row["Id"]) for row in rows)
    return copy.books


# --- lines --------------------------------------------------------------------------------------------------


def line(copy: OrgRecords, saving: Saving) -> None:
    """A new line names an active entry of its opportunity's price book, and takes its product and price."""
    new = saving.new
    if saving.old is not None:
        return
    if new.get("PricebookEntryId") is None:
        raise Refusal("REQUIRED_FIELD_MISSING", "Required fields are missing: [PricebookEntryId]")
    opportunity = copy.record("Opportunity", new.get("OpportunityId"))
    entry = copy.record("PricebookEntry", new["PricebookEntryId"])
    if opportunity is None or entry is None:
        return
    trouble = ""
    if opportunity.get("Pricebook2Id") not in (None, entry.get("Pricebook2Id")):
        trouble = "pricebook entry is in a different pricebook than the one assigned to the opportunity"
    elif entry.get("IsActive") is False:
        trouble = "pricebook entry is inactive"
    elif new.get("Product2Id") not in (None, entry.get("Product2Id")):
        trouble = "pricebook entry belongs to another product than Product2Id"
    if trouble:
        raise Refusal("FIELD_INTEGRITY_EXCEPTION", f"field integrity exception: PricebookEntryId ({trouble})")
    product = copy.record("Product2", entry.get("Product2Id")) or {}
    told = {
        "Product2Id": entry.get("Product2Id"),
        "ListPrice": entry.get("UnitPrice"),
        "ProductCode": product.get("ProductCode"),
        "Name": f"{opportunity.get('Name')} {product.get('Name') or ''}".strip(),
    }
    new.update({name: value for name, value in told.items() if name in new})


def line_price(_: OrgRecords, saving: Saving) -> None:
    """UnitPrice or TotalPrice, not both; the other follows from the quantity, to the cent."""
    new, given = saving.new, saving.given & {"UnitPrice", "TotalPrice"}
    if len(given) == 2:
        words = (
            "only one of unit price or total price may be specified"
            if saving.old is None
            else "Cannot change both 'UnitPrice' and 'TotalPrice' in update call"
        )
        raise Refusal("FIELD_INTEGRITY_EXCEPTION", f"field integrity exception: unknown ({words})")
    if saving.old is None and not given:
        raise Refusal("REQUIRED_FIELD_MISSING", "Required fields are missing: [UnitPrice]")
    quantity, unit, total = new.get("Quantity"), new.get("UnitPrice"), new.get("TotalPrice")
    if not isinstance(quantity, Decimal):
        return
    if quantity == 0:
        raise Refusal("FIELD_INTEGRITY_EXCEPTION", "field integrity exception: Quantity (must not be zero)")
    if given == {"TotalPrice"} and isinstance(total, Decimal):
        new["UnitPrice"] = (total / quantity).quantize(CENT, ROUND_HALF_UP)
    elif isinstance(unit, Decimal) and saving.changed("UnitPrice", "Quantity"):
        new["TotalPrice"] = (quantity * unit).quantize(CENT, ROUND_HALF_UP)


def roll_up(copy: OrgRecords, opportunity: str) -> None:
    """Amount and quantity of an opportunity are the sums of its lines; its price book is the first one's."""
    record = copy.record("Opportunity", opportunity)
    if record is None:
        return
    lines = _lines(copy, opportunity)
    sums: dict[str, Any] = {
        "Amount": sum((Decimal(each.get("TotalPrice") or 0) for each in lines), Decimal("0.00")),
        "TotalOpportunityQuantity": sum((Decimal(each.get("Quantity") or 0) for each in lines), Decimal(0)),
        "HasOpportunityLineItem": bool(lines),
    }
    if record.get("Pricebook2Id") is None and lines:
        entry = copy.record("PricebookEntry", lines[0].get("PricebookEntryId"))
        sums["Pricebook2Id"] = entry.get("Pricebook2Id") if entry else None
    changed = {**record, **{name: value for name, value in sums.items() if name in record}}
    if "ExpectedRevenue" in changed:
        changed["ExpectedRevenue"] = revenue(changed)
    copy.put(("Opportunity", opportunity), changed)


def _lines(copy: OrgRecords, opportunity: str) -> list[dict[str, Any]]:
    return copy.find("OpportunityLineItem", "OpportunityId", opportunity)


def revenue(opportunity: Mapping[str, Any]) -> Decimal | None:
    amount, probability = opportunity.get("Amount"), opportunity.get("Probability")
    if not isinstance(amount, Decimal) or probability is None:
        return None
    return (amount * Decimal(probability) / 100).quantize(CENT, ROUND_HALF_UP)
