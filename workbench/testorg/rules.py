"""What single objects do when a record is saved or deleted: computed fields, stages, what stays.

`BEFORE` runs once a record's values are read and may change or refuse them; `AFTER` runs when it is
kept and passes effects on to other records.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from .errors import OrgError
from .objects_sales import STAGES
from .rules_prices import (
    entry_followers,
    entry_price,
    line_entry,
    line_price,
    line_sums,
    opportunity_lines,
    roll_up,
)
from .saves import Rule, Saving, Touch
from .schema import ObjectDef
from .store import Database, Record
from .values import round_to

# --- names and stages --------------------------------------------------------------------------


def contact_name(save: Saving) -> None:
    """Name is first and last name; Salutation is not part of what the API shows."""
    save.new["Name"] = full_name(save.new)


def full_name(record: Record) -> str | None:
    return " ".join(str(p) for p in (record.get("FirstName"), record.get("LastName")) if p) or None


def opportunity_stage(save: Saving) -> None:
    """IsClosed, IsWon, probability and forecast category follow the stage, unless given."""
    new = save.new
    stage = STAGES.get(str(new["StageName"]), (False, False, 0, "Pipeline", "Pipeline"))
    closed, won, probability, _, category_label = stage
    new["IsClosed"], new["IsWon"] = closed, won
    moved = save.changed("StageName")
    if moved:
        new["LastStageChangeDate"] = None if save.old is None else save.stamp
    if new.get("Probability") is None or (moved and "Probability" not in save.given):
        new["Probability"] = Decimal(probability)
    if new.get("ForecastCategoryName") is None or (moved and "ForecastCategoryName" not in save.given):
        new["ForecastCategoryName"] = category_label
    label = str(new["ForecastCategoryName"])
    new["ForecastCategory"] = {"Best Case": "BestCase", "Commit": "Forecast"}.get(label, label)


def opportunity_sums(save: Saving) -> None:
    """Expected revenue and the fiscal period (calendar year)."""
    new = save.new
    amount, probability = new.get("Amount"), new.get("Probability")
    new["ExpectedRevenue"] = None
    if isinstance(amount, Decimal) and isinstance(probability, Decimal):
        new["ExpectedRevenue"] = round_to(amount * probability / 100, 2)
    day = new.get("CloseDate")
    if isinstance(day, str):
        quarter = (int(day[5:7]) + 2) // 3
        new |= {"FiscalYear": int(day[:4]), "FiscalQuarter": quarter, "Fiscal": f"{day[:4]} {quarter}"}


# --- deletes -----------------------------------------------------------------------------------


def refuse_delete(db: Database, obj: ObjectDef, record: Record) -> None:
    """Records that the org doesn't let go.

    Raises:
        OrgError: DELETE_FAILED for an account with closed-won opportunities (unverified), for the
            standard price book, and for products and entries that opportunity lines use.
    """
    blocked = None
    if obj.name == "Account":
        condition = '"AccountId" = ? AND "IsWon" = 1 AND "IsDeleted" = 0'
        won = db.where(db.schema.by_name["opportunity"], condition, [record["Id"]])
        blocked = ", ".join(str(o["Name"]) for o in won)
        because = "some opportunities in it were closed won"
    elif obj.name == "Pricebook2" and record["IsStandard"]:
        blocked, because = str(record["Name"]), "it is the standard price book"
    else:
        users = [
            str(r["Id"])
            for child, field in db.schema.children_of(obj)
            if field.on_delete == "restrict"
            for r in db.find(child, field.name, record["Id"])
        ]
        blocked, because = ", ".join(users), "it is used by other records"
    if blocked:
        name = record.get("Name") or record["Id"]
        raise OrgError(
            "DELETE_FAILED",
            f"Your attempt to delete {name} could not be completed because {because}.: {blocked}",
        )


def after_delete(db: Database, obj: ObjectDef, record: Record, touch: Touch) -> None:
    """Effects of a delete (or undelete) on other records."""
    if obj.name == "OpportunityLineItem":
        opportunities = db.schema.by_name["opportunity"]
        opportunity = db.get(opportunities, str(record["OpportunityId"]))
        if opportunity is not None and not opportunity["IsDeleted"]:
            roll_up(db, opportunity, touch)


BEFORE: Mapping[str, tuple[Rule, ...]] = {
    "Contact": (contact_name,),
    "Opportunity": (opportunity_stage, opportunity_lines, opportunity_sums),
    "PricebookEntry": (entry_price,),
    "OpportunityLineItem": (line_entry, line_price),
}
AFTER: Mapping[str, tuple[Rule, ...]] = {
    "PricebookEntry": (entry_followers,),
    "OpportunityLineItem": (line_sums,),
}
