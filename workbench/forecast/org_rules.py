"""What Salesforce documents about its standard objects beyond the describe: names, stages, prices, lines.

Source: Salesforce's reference, section 7.  What a stage means is taken from other opportunities of that stage
in the snapshot.  Custom objects have no rules here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from workbench.changes import Change
from workbench.connections.salesforce_ids import long_id
from workbench.forecast.org_values import Refusal
from workbench.model import Action

if TYPE_CHECKING:
    from workbench.forecast.org import OrgCopy, Saving

CENT = Decimal("0.01")
STAGE = ("IsClosed", "IsWon", "Probability", "ForecastCategory", "ForecastCategoryName")
CLOSED_WON, CLOSED_LOST = "Closed Won", "Closed Lost"
"""The names that a new org gives its closed stages."""

Key = tuple[str, str]


def load(copy: OrgCopy, changes: Iterable[Change]) -> None:
    """Read at once what the rules will look at for these changes; the rest is read when it is needed."""
    values: dict[tuple[str, str], set[str]] = {}
    going: dict[str, set[str]] = {}
    for change in changes:
        if change.record is not None:
            values.setdefault((change.object, "Id"), set()).add(long_id(change.record))
            if change.action == Action.DELETE:
                going.setdefault(change.object, set()).add(long_id(change.record))
        for api, value in change.values.items():
            if isinstance(value, str):
                values.setdefault((change.object, api), set()).add(value)
    touched = values.get(("OpportunityLineItem", "Id"), set())
    lines = [copy.record("OpportunityLineItem", each) for each in touched]
    opportunities = values.get(("Opportunity", "Id"), set()) | values.get(
        ("OpportunityLineItem", "OpportunityId"), set()
    )
    opportunities |= {str(each["OpportunityId"]) for each in lines if each and each.get("OpportunityId")}
    copy.read("Opportunity", "Id", opportunities)
    copy.read("OpportunityLineItem", "OpportunityId", opportunities)
    entries = values.get(("OpportunityLineItem", "PricebookEntryId"), set())
    copy.read("PricebookEntry", "Id", entries)
    products = {
        str(each["Product2Id"]) for entry in entries if (each := copy.record("PricebookEntry", entry))
    }
    priced = values.get(("PricebookEntry", "Product2Id"), set())
    copy.read("Product2", "Id", products | priced)
    copy.read("PricebookEntry", "Product2Id", priced | values.get(("Product2", "Id"), set()))
    for name, ids in going.items():
        for child, column in (*_HANGING.get(name, ()), *_NEEDING.get(name, ())):
            copy.read(child, column, ids)


def before(copy: OrgCopy, saving: Saving) -> None:
    """What happens to a record before it is checked; a `Refusal` where it breaks a rule of its object."""
    for rule in _BEFORE.get(saving.object, ()):
        rule(copy, saving)


def after(copy: OrgCopy, saving: Saving) -> None:
    """What a saved record does to others."""
    if saving.object == "OpportunityLineItem":
        _roll_up(copy, str(saving.new["OpportunityId"]))
    if saving.object == "PricebookEntry" and saving.changed("UnitPrice"):
        _pass_on(copy, saving)
    if saving.object == "Product2" and saving.old is not None and saving.changed("Name", "ProductCode"):
        for entry in copy.find("PricebookEntry", "Product2Id", saving.key[1]):
            copy.put(("PricebookEntry", entry["Id"]), _mirrored(copy, entry), stamped=False)


def delete(copy: OrgCopy, key: Key) -> None:
    """Take a record away with what hangs on it; a `Refusal` where something still needs it."""
    name, id_ = key
    _refuse_delete(copy, name, id_)
    record = copy.records[key] or {}
    for child, column in _HANGING.get(name, ()):
        for row in copy.find(child, column, id_):
            delete(copy, (child, str(row["Id"])))
    copy.gone(key)
    if name == "OpportunityLineItem" and copy.record("Opportunity", record.get("OpportunityId")):
        _roll_up(copy, str(record["OpportunityId"]))


# --- names and stages ---------------------------------------------------------------------------------------


def _contact_name(_: OrgCopy, saving: Saving) -> None:
    if "Name" in saving.new:
        parts = (saving.new.get("FirstName"), saving.new.get("LastName"))
        saving.new["Name"] = " ".join(str(each) for each in parts if each) or None


def _stage(copy: OrgCopy, saving: Saving) -> None:
    """Whether an opportunity is closed and won follows its stage; the probability too, unless given."""
    if not saving.changed("StageName"):
        return
    for name, value in _meaning(copy, saving.new.get("StageName")).items():
        if name in saving.new and name not in saving.given:
            saving.new[name] = value


def _meaning(copy: OrgCopy, stage: Any) -> Mapping[str, Any]:
    """What a stage says, by the same stage of other opportunities."""
    if stage not in copy.stages:
        copy.stages[stage] = _look_up(copy, stage)
    return copy.stages[stage]


def _look_up(copy: OrgCopy, stage: Any) -> Mapping[str, Any]:
    names = [name for name in STAGE if copy.rows.has("Opportunity", name, "StageName")]
    if names:
        chosen = ", ".join(f'"{name}"' for name in names)
        query = f'SELECT {chosen} FROM salesforce."Opportunity" WHERE "StageName" = ? ORDER BY "Id" LIMIT 1'
        for row in copy.rows.query(query, [stage]):
            return row
    closed = stage in (CLOSED_WON, CLOSED_LOST)
    return {"IsClosed": closed, "IsWon": stage == CLOSED_WON}


def _expected(_: OrgCopy, saving: Saving) -> None:
    if "ExpectedRevenue" in saving.new:
        saving.new["ExpectedRevenue"] = _revenue(saving.new)


def _revenue(opportunity: Mapping[str, Any]) -> Decimal | None:
    amount, probability = opportunity.get("Amount"), opportunity.get("Probability")
    if not isinstance(amount, Decimal) or probability is None:
        return None
    return (amount * Decimal(probability) / 100).quantize(CENT, ROUND_HALF_UP)


# --- prices -------------------------------------------------------------------------------------------------


def _with_lines(copy: OrgCopy, saving: Saving) -> None:
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


def _entry(copy: OrgCopy, saving: Saving) -> None:
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


def _mirrored(copy: OrgCopy, entry: Mapping[str, Any]) -> dict[str, Any]:
    """The entry with the name and code of its product."""
    product = copy.record("Product2", entry.get("Product2Id")) or {}
    told: dict[str, Any] = {
        name: product[name] for name in ("Name", "ProductCode") if name in {*entry} & {*product}
    }
    return {**entry, **told}


def _pass_on(copy: OrgCopy, saving: Saving) -> None:
    """A changed standard price passes on to the entries that use it."""
    if saving.old is None or saving.new.get("Pricebook2Id") not in _standard_books(copy):
        return
    for each in copy.find("PricebookEntry", "Product2Id", saving.new.get("Product2Id")):
        if each.get("UseStandardPrice") and each["Id"] != saving.key[1]:
            copy.put(("PricebookEntry", each["Id"]), {**each, "UnitPrice": saving.new["UnitPrice"]})


def _standard_books(copy: OrgCopy) -> frozenset[str]:
    if copy.books is None:
        rows = []
        if copy.rows.has("Pricebook2", "Id", "IsStandard"):
            rows = copy.rows.query('SELECT "Id" FROM salesforce."Pricebook2" WHERE "IsStandard"')
        copy.books = frozenset(str(row["Id"]) for row in rows)
    return copy.books


# --- lines --------------------------------------------------------------------------------------------------


def _line(copy: OrgCopy, saving: Saving) -> None:
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


def _line_price(_: OrgCopy, saving: Saving) -> None:
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


def _roll_up(copy: OrgCopy, opportunity: str) -> None:
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
        changed["ExpectedRevenue"] = _revenue(changed)
    copy.put(("Opportunity", opportunity), changed)


def _lines(copy: OrgCopy, opportunity: str) -> list[dict[str, Any]]:
    return copy.find("OpportunityLineItem", "OpportunityId", opportunity)


# --- deletes ------------------------------------------------------------------------------------------------

_HANGING: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Account": (("Contact", "AccountId"), ("Opportunity", "AccountId")),
    "Opportunity": (("OpportunityLineItem", "OpportunityId"),),
    "Product2": (("PricebookEntry", "Product2Id"),),
}
"""What is deleted with a record."""

_NEEDING: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Product2": (("OpportunityLineItem", "Product2Id"),),
    "PricebookEntry": (("OpportunityLineItem", "PricebookEntryId"),),
}
"""What keeps a record from being deleted."""


def _refuse_delete(copy: OrgCopy, name: str, id_: str) -> None:
    """An account with won opportunities stays (unverified), and a product or price that lines use."""
    because = ""
    if name == "Account":
        won = [each for each in copy.find("Opportunity", "AccountId", id_) if each.get("IsWon")]
        because = "some opportunities in it were closed won" if won else ""
    elif any(copy.find(child, column, id_) for child, column in _NEEDING.get(name, ())):
        because = "it is used by other records"
    if because:
        raise Refusal(
            "DELETE_FAILED", f"Your attempt to delete {id_} could not be completed because {because}."
        )


Rule = Callable[["OrgCopy", "Saving"], None]
_BEFORE: Mapping[str, tuple[Rule, ...]] = {
    "Contact": (_contact_name,),
    "Opportunity": (_stage, _with_lines, _expected),
    "PricebookEntry": (_entry,),
    "OpportunityLineItem": (_line, _line_price),
}
