"""What Salesforce documents about its standard objects beyond the describe: names, stages, prices, lines.

Source: Salesforce's reference, section 7.  What a stage means is taken from other opportunities of that stage
in the snapshot.  Custom objects have no rules here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from workbench.changes import Change
from workbench.connections.salesforce_ids import long_id
from workbench.forecast import org_prices
from workbench.forecast.org_records import Key, OrgRecords
from workbench.forecast.org_values import Refusal
from workbench.model import Action

if TYPE_CHECKING:
    from workbench.forecast.org import Saving

STAGE = ("IsClosed", "IsWon", "Probability", "ForecastCategory", "ForecastCategoryName")
CLOSED_WON, CLOSED_LOST = "Closed Won", "Closed Lost"
"""The names that a new org gives its closed stages."""


def load(copy: OrgRecords, changes: Iterable[Change]) -> None:
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
    priced_by = [copy.record("PricebookEntry", each) or {} for each in sorted(entries)]
    products = {str(each["Product2Id"]) for each in priced_by if each.get("Product2Id")}
    priced = values.get(("PricebookEntry", "Product2Id"), set())
    copy.read("Product2", "Id", products | priced)
    copy.read("PricebookEntry", "Product2Id", priced | values.get(("Product2", "Id"), set()))
    for name, ids in going.items():
        for child, column in (*_HANGING.get(name, ()), *_NEEDING.get(name, ())):
            copy.read(child, column, ids)


def before(copy: OrgRecords, saving: Saving) -> None:
    """What happens to a record before it is checked; a `Refusal` where it breaks a rule of its object."""
    for rule in _BEFORE.get(saving.object, ()):
        rule(copy, saving)


def after(copy: OrgRecords, saving: Saving) -> None:
    """What a saved record does to others."""
    if saving.object == "OpportunityLineItem" and saving.new.get("OpportunityId"):
        org_prices.roll_up(copy, str(saving.new["OpportunityId"]))
    if saving.object == "PricebookEntry" and saving.changed("UnitPrice"):
        org_prices.pass_on(copy, saving)
    if saving.object == "Product2" and saving.old is not None and saving.changed("Name", "ProductCode"):
        org_prices.renamed(copy, saving.key[1])


def delete(copy: OrgRecords, key: Key) -> None:
    """Take a record away with what hangs on it; a `Refusal` where something still needs it."""
    name, id_ = key
    _refuse_delete(copy, name, id_)
    record = copy.record(*key) or {}
    for child, column in _HANGING.get(name, ()):
        for row in copy.find(child, column, id_):
            delete(copy, (child, str(row["Id"])))
    copy.gone(key)
    if name == "OpportunityLineItem" and copy.record("Opportunity", record.get("OpportunityId")):
        org_prices.roll_up(copy, str(record["OpportunityId"]))


# --- names and stages ---------------------------------------------------------------------------------------


def _contact_name(_: OrgRecords, saving: Saving) -> None:
    if "Name" in saving.new:
        parts = (saving.new.get("FirstName"), saving.new.get("LastName"))
        saving.new["Name"] = " ".join(str(each) for each in parts if each) or None


def _stage(copy: OrgRecords, saving: Saving) -> None:
    """Whether an opportunity is closed and won follows its stage; the probability too, unless given."""
    if not saving.changed("StageName"):
        return
    for name, value in _meaning(copy, saving.new.get("StageName")).items():
        if name in saving.new and name not in saving.given:
            saving.new[name] = value


def _meaning(copy: OrgRecords, stage: Any) -> Mapping[str, Any]:
    """What a stage says, by the same stage of other opportunities."""
    if stage not in copy.stages:
        copy.stages[stage] = _look_up(copy, stage)
    return copy.stages[stage]


def _look_up(copy: OrgRecords, stage: Any) -> Mapping[str, Any]:
    names = [name for name in STAGE if copy.rows.has("Opportunity", name, "StageName")]
    if names:
        chosen = ", ".join(f'"{name}"' for name in names)
        query = f'SELECT {chosen} FROM salesforce."Opportunity" WHERE "StageName" = ? ORDER BY "Id" LIMIT 1'
        for row in copy.rows.query(query, [stage]):
            return row
    closed = stage in (CLOSED_WON, CLOSED_LOST)
    return {"IsClosed": closed, "IsWon": stage == CLOSED_WON}


def _expected(_: OrgRecords, saving: Saving) -> None:
    if "ExpectedRevenue" in saving.new:
        saving.new["ExpectedRevenue"] = org_prices.revenue(saving.new)


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


def _refuse_delete(copy: OrgRecords, name: str, id_: str) -> None:
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


Rule = Callable[[OrgRecords, "Saving"], None]
_BEFORE: Mapping[str, tuple[Rule, ...]] = {
    "Contact": (_contact_name,),
    "Opportunity": (_stage, org_prices.with_lines, _expected),
    "PricebookEntry": (org_prices.entry,),
    "OpportunityLineItem": (org_prices.line, org_prices.line_price),
}
