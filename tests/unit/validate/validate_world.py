"""A small org and a company file as their describes tell of them, and mappings written as text."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench.mapping import read_mapping
from workbench.model import Mapping, Side
from workbench.snapshots import Snapshot
from workbench.validate import Check, Verdict, mappings
from workbench.validate.known import Asked, Known
from workbench.validate.today import Today, no_data

FOLDER = Path("/books")
ACCOUNTS = """\
mapping: account-customer
salesforce: {object: Account, label: Name, where: "Type = 'Customer'"}
quickbooks: {object: Customer, label: FullName, where: "Sublevel = 0"}
states:
  AccountToCustomer: {to: quickbooks, where: "Rating = 'Hot'"}
  CustomerToAccount: {to: salesforce}
operations: {salesforce: [add, modify], quickbooks: [add, modify]}
match: [{rule: name, field: name, how: exact, accept: true}]
fields:
  name: {salesforce: Name, quickbooks: Name, type: name, required: true}
  phone:
    salesforce: Phone
    quickbooks: Phone
    type: phone
  city: {salesforce: BillingCity, quickbooks: BillAddress_City, winner: salesforce}
  quickbooks_id: {salesforce: QuickBooks_Id__c, quickbooks: ListID, type: id, direction: to_salesforce}
"""


def text_field(name: str, length: int = 80, **more: Any) -> dict[str, Any]:
    made = {"name": name, "type": "string", "length": length, "precision": 0, "scale": 0}
    return made | {"createable": True, "updateable": True, "nillable": True} | more


READ_ONLY = {"createable": False, "updateable": False}
ACCOUNT = {
    "name": "Account", "createable": True, "updateable": True, "queryable": True,
    "fields": [
        text_field("Id", 18, **READ_ONLY), text_field("Name", 255, nillable=False), text_field("Phone", 40),
        text_field("Type", 40), text_field("Rating", 40), text_field("BillingCity", 40),
        text_field("Colour__c", 255),
        text_field("QuickBooks_Id__c", 36, externalId=True, unique=True),
        text_field("Size__c", 0, type="double", precision=18),
    ],
}  # fmt: skip
TAKEN = datetime(2026, 3, 30, 16, 40, tzinfo=UTC)


def mapping(text: str = ACCOUNTS, name: str = "account-customer.yaml") -> Mapping:
    return read_mapping(text, FOLDER / "mappings" / name)


def snapshot(side: Side, describes: dict[str, Any], **reading: Any) -> Snapshot:
    return Snapshot(
        id=f"{side}-1", side=side, file=Path("none"), started_at=TAKEN, ended_at=TAKEN, counts={},
        describes=describes, reading=reading,
    )  # fmt: skip


def offline(salesforce: dict[str, Any] | None = None, definitions: list[Any] | None = None) -> Known:
    """What the last pulls have kept; nothing at all with two Nones."""
    kept = {}
    if salesforce is not None:
        kept[Side.SALESFORCE] = snapshot(Side.SALESFORCE, salesforce)
    if definitions is not None:
        kept[Side.QUICKBOOKS] = snapshot(Side.QUICKBOOKS, {}, found=definitions)
    return Known(snapshots=kept, why_not="not asked")


def online(*described: dict[str, Any], others: tuple[str, ...] = ()) -> Known:
    """What an org has answered: these describes, and the names of others."""
    describes = {each["name"]: each for each in described}
    return Known(snapshots={}, asked=Asked(objects=frozenset((*describes, *others)), describes=describes))


def checked(made: Mapping, known: Known | None = None, today: Today | None = None) -> list[Check]:
    known = known or offline({"Account": ACCOUNT}, [])
    return list(mappings.checks(made, known, today or no_data("none"), FOLDER))


def wrong(checks: list[Check]) -> list[tuple[str, str, Verdict]]:
    """(kind, name, verdict) of what is not valid."""
    return [(each.kind, each.name, each.verdict) for each in checks if each.verdict is not Verdict.VALID]
