"""The mappings that are shipped: they load, and each can be matched, compared and agreed on."""

from pathlib import Path

import pytest
from core_world import World

from workbench.diff import agreed, compute, summary
from workbench.expressions.conditions import read_condition
from workbench.mapping import load_mappings
from workbench.mapping.conditions import places
from workbench.matching import match
from workbench.model import FieldType, Mapping, Side

pytestmark = pytest.mark.long

FOLDER = Path(__file__).parents[3] / "mappings"
MAPPINGS = load_mappings(FOLDER)
KINDS = {
    FieldType.MONEY: "DECIMAL(18,2)",
    FieldType.PRICE: "DECIMAL(18,5)",
    FieldType.QUANTITY: "DECIMAL(18,5)",
    FieldType.DATE: "DATE",
    FieldType.BOOLEAN: "BOOLEAN",
}
# Columns of conditions that are no text.
IN_CONDITIONS = {"IsWon": "BOOLEAN", "IsClosed": "BOOLEAN", "IsActive": "BOOLEAN", "Sublevel": "INTEGER"}


def columns(mapping: Mapping, side: Side) -> dict[str, dict[str, str]]:
    """Columns that a mapping reads, by object."""
    spec = mapping.side(side)
    plain = [spec.key, spec.label, spec.parent, spec.order]
    found = {spec.object: {name: "VARCHAR" for name in plain if name}}
    found[spec.object] |= {spec.version: "VARCHAR", spec.modified: "TIMESTAMP"}
    for related in spec.related:
        found[related.object] = {related.key: "VARCHAR"}
    for field in mapping.fields:
        for name in field.api(side):
            head, dot, tail = name.partition(".")
            _add(found[head if dot else spec.object], tail if dot else name, KINDS.get(field.type, "VARCHAR"))
    return found


def _add(known: dict[str, str], name: str, kind: str) -> None:
    """A text may be made of a number, so another type says more than VARCHAR."""
    if known.get(name, "VARCHAR") == "VARCHAR":
        known[name] = kind


def world() -> World:
    """Both sides with every column that the mappings read."""
    given = World().table("salesforce.Pricebook2", "Id | IsStandard:B\nstandard | true")
    every = [each for mapping in MAPPINGS.values() for each in (mapping, mapping.lines) if each]
    for side in Side:
        tables: dict[str, dict[str, str]] = {}
        for mapping in every:
            for name, found in columns(mapping, side).items():
                for column, kind in found.items():
                    _add(tables.setdefault(name, {}), column, kind)
            for place in (each for each in places(mapping) if each.side is side):
                read = read_condition(place.text, side if place.related else None)
                for column in read.columns:
                    kind = IN_CONDITIONS.get(column, "VARCHAR")
                    _add(tables.setdefault(place.object, {}), column, kind)
        for name, found in tables.items():
            given.rows(f"{side}.{name}", list(found.items()), [])
    return given


def test_what_a_mapping_refers_to_comes_before_it() -> None:
    seen: set[str] = set()
    for name, mapping in MAPPINGS.items():
        assert set(mapping.references) <= seen
        seen.add(name)


@pytest.mark.parametrize("states", [None, {"CustomerToAccount": False}], ids=["as shipped", "a state off"])
def test_shipped_mappings_run_on_empty_sides(states: dict[str, bool] | None) -> None:
    given = world()
    for mapping in MAPPINGS.values():
        match(given.connection, mapping)
        if mapping.lines:
            match(given.connection, mapping.lines)
        compute(given.connection, mapping, states=states, zone="America/New_York")
        agreed(given.connection, mapping)
    assert summary(given.connection).total == 0


def test_an_account_meets_its_customer() -> None:
    given = world().close("account-customer")
    mapping = MAPPINGS["account-customer"]
    for key, name in (("001", "Bolt & Nut: East"), ("002", "New Ltd")):
        given.connection.execute(
            "INSERT INTO salesforce.Account (Id, Name, BillingStreet, Active__c) "
            "VALUES (?, ?, '1 Main St', true)",
            [key, name],
        )
    given.connection.execute(
        "INSERT INTO quickbooks.Customer (ListID, Name, FullName, BillAddress_Addr1, IsActive, Sublevel) "
        "VALUES ('80', 'Bolt & Nut - East', 'Bolt & Nut - East', '1 Main St', true, 0)"
    )
    found = match(given.connection, mapping)
    assert (found.accepted, found.unmatched_salesforce, found.unmatched_quickbooks) == (1, 1, 0)
    given.pair("account-customer", ("p", "001", "80"))
    match(given.connection, mapping)
    compute(given.connection, mapping)
    rows = given.query("SELECT label, field, resolution FROM work.differences ORDER BY ALL")
    assert rows == [
        ("Bolt & Nut: East", "quickbooks_id", "take_quickbooks"),
        ("New Ltd", None, "create_quickbooks"),
    ]
