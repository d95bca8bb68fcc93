"""Proposed pairs of fields: by name, type, length, and agreement on records that are the same."""

from datetime import date
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest

from workbench.mapping import read_mapping
from workbench.mapping.compose import mapping_text
from workbench.mapping.propose import Proposal, named, propose
from workbench.mapping.referring import Known, propose_references
from workbench.model import Direction, FieldType


def field(name: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, **more}


def found(left: list[dict[str, Any]], right: list[dict[str, Any]], pairs: Any = ()) -> dict[str, str]:
    return {each.salesforce: each.quickbooks for each in propose(left, right, pairs)}


#  why, Salesforce's field, QuickBooks' field, type or None for no proposal
ALIKE = [
    ("the same name", field("Phone", "phone"), field("Phone"), FieldType.PHONE),
    ("capitals", field("FAX", "phone"), field("Fax"), FieldType.PHONE),
    ("a custom field", field("Vehicle__c"), field("Custom_Vehicle"), FieldType.TEXT),
    ("words of the trade", field("BillingStreet"), field("BillAddress_Addr1"), FieldType.TEXT),
    ("a quantity", field("Quantity", "double"), field("Qty", "double"), FieldType.QUANTITY),
    ("money", field("Total__c", "currency"), field("Total", "currency"), FieldType.MONEY),
    ("a date", field("DueDate__c", "date"), field("DueDate", "date"), FieldType.DATE),
    ("a name", field("Name"), field("Name"), FieldType.NAME),
    ("yes and no", field("IsActive", "boolean"), field("IsActive", "boolean"), FieldType.BOOLEAN),
    ("text and money", field("Total__c"), field("Total", "currency"), None),
    ("text and date", field("DueDate__c"), field("DueDate", "date"), None),
    ("yes and text", field("IsActive", "boolean"), field("IsActive"), None),
    ("other names", field("Industry"), field("Fax"), None),
    ("a system field", field("Id", "id"), field("Id"), None),
    ("a reference", field("ParentId", "reference"), field("ParentId"), None),
    ("an address in one piece", field("BillingAddress", "address"), field("BillAddress_Addr2"), None),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right", "kind"), [c[1:] for c in ALIKE], ids=[c[0] for c in ALIKE])
def test_names_and_types(left: dict[str, Any], right: dict[str, Any], kind: FieldType | None) -> None:
    assert [each.type for each in propose([left], [right])] == ([] if kind is None else [kind])


def rows(*values: tuple[object, object]) -> list[tuple[dict[str, object], dict[str, object]]]:
    return [({"A": one}, {"B": other}) for one, other in values]


#  why, values of records that are the same, whether A and B are proposed
AGREE = [
    ("all agree", [("x", "x"), ("y", "y"), ("z", "z")], True),
    ("spaces and capitals do not count", [("X ", "x"), ("y", " Y"), ("z", "z")], True),
    ("phones by their digits", [("(415) 555-0134", "415-555-0134"), ("+1 415 555 0135", "4155550135"),
                                ("4155550136", "415.555.0136")], True),
    ("too few", [("x", "x"), ("y", "y")], False),
    ("always the same says nothing", [("x", "x")] * 5, False),
    ("half is too little", [("x", "x"), ("y", "n"), ("z", "z"), ("w", "n")], False),
    ("empty ones do not count", [("x", "x"), ("y", "y"), ("z", "z"), (None, "q"), ("r", None)], True),
    ("none at all", [], False),
]  # fmt: skip


@pytest.mark.parametrize(("values", "told"), [c[1:] for c in AGREE], ids=[c[0] for c in AGREE])
def test_agreement_on_records_that_are_the_same(values: list[tuple[object, object]], told: bool) -> None:
    assert bool(found([field("A")], [field("B")], rows(*values))) is told


def test_agreement_beats_a_name() -> None:
    left, right = [field("Name")], [field("Name"), field("CompanyName")]
    pairs = [({"Name": each}, {"Name": f"{each} (old)", "CompanyName": each}) for each in "abcd"]
    assert found(left, right, pairs) == {"Name": "CompanyName"}


def test_typed_values_agree_by_value() -> None:
    left = [field("A", "currency"), field("D", "date"), field("F", "boolean")]
    right = [field("X", "currency"), field("Y", "date"), field("Z", "boolean")]
    pairs = [
        (
            {"A": D(n), "D": date(2026, 1, n), "F": n > 2},
            {"X": D(f"{n}.00"), "Y": date(2026, 1, n), "Z": n > 2},
        )
        for n in range(1, 6)
    ]
    assert found(left, right, pairs) == {"A": "X", "D": "Y", "F": "Z"}


def test_each_field_is_proposed_once_and_says_why() -> None:
    left = [field("Phone", "phone", length=40), field("Other_Phone__c", "phone", length=40)]
    (proposal,) = propose(left, [field("Phone", length=21)])
    assert proposal == Proposal(
        name="phone",
        salesforce="Phone",
        quickbooks="Phone",
        type=FieldType.PHONE,
        direction=Direction.BOTH,
        score=1.0,
        why="Their names are the same; QuickBooks holds 21 characters, Salesforce 40.",
    )


def test_the_reason_names_the_type_where_it_says_something() -> None:
    (proposal,) = propose([field("Total__c", "currency")], [field("Total", "double")])
    assert proposal.why == "Their names are the same; both are amounts."


ACCOUNT = field("AccountId", "reference", referenceTo=["Account"])
OWNER = field("OwnerId", "reference", referenceTo=["User"])
SHIP_TO = field("ShipTo__c", "reference", referenceTo=["Account", "Contact"])
CUSTOMER = field("CustomerRef_ListID", "reference", referenceTo=["Customer"])
CLASS = field("ClassRef_ListID", "reference", referenceTo=["Class"])
KNOWN = {("Account", "Customer"): Known(mapping="account-customer",
                                        links=frozenset((f"A{n}", f"C{n}") for n in range(9)))}  # fmt: skip


BOTH = "Both name a record of account-customer"


def referring(*values: tuple[object, object, object]) -> list[tuple[dict[str, object], dict[str, object]]]:
    return [({"AccountId": a, "ShipTo__c": s}, {"CustomerRef_ListID": c}) for a, s, c in values]


#  why, Salesforce's references, QuickBooks', records that are the same; Salesforce's field and the reason
REFERENCES = [
    ("both name a record of one mapping", [ACCOUNT, OWNER], [CUSTOMER, CLASS], [],
     ("AccountId", f"{BOTH}.")),
    ("and agree", [ACCOUNT], [CUSTOMER], [(f"A{n}", None, f"C{n}") for n in range(4)],
     ("AccountId", f"{BOTH}; they agree on 4 of 4 records that are the same.")),
    ("the one that agrees", [ACCOUNT, SHIP_TO], [CUSTOMER],
     [("A1", f"A{n}", f"C{n}") for n in range(2, 6)],
     ("ShipTo__c", f"{BOTH}; they agree on 4 of 4 records that are the same.")),
    ("they do not", [ACCOUNT], [CUSTOMER], [("A1", None, f"C{n}") for n in range(2, 6)], None),
    ("no mapping", [OWNER], [CLASS], [], None),
    ("a reference to nothing", [field("X", "reference")], [CUSTOMER], [], None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("left", "right", "values", "expected"), [c[1:] for c in REFERENCES], ids=[c[0] for c in REFERENCES]
)
def test_references_by_the_mapping_of_what_they_name(
    left: list[dict[str, Any]], right: list[dict[str, Any]], values: Any, expected: tuple[str, str] | None
) -> None:
    proposed = propose_references(left, right, referring(*values), KNOWN)
    assert [(each.salesforce, each.why) for each in proposed] == ([expected] if expected else [])
    assert all(each.type is FieldType.REFERENCE for each in proposed)
    assert all(each.reference == "account-customer" for each in proposed)


def test_a_proposed_reference_is_written_with_its_mapping() -> None:
    found = [
        *named([*propose_references([ACCOUNT], [CUSTOMER], [], KNOWN), *propose([field("Account")], [])])
    ]
    text = mapping_text(name="a", salesforce="Opportunity", quickbooks="Invoice", salesforce_label="Name",
                        quickbooks_label="RefNumber", proposals=found)  # fmt: skip
    (account,) = read_mapping(text, Path("a.yaml")).fields
    assert (account.name, account.type, account.reference) == (
        "account",
        FieldType.REFERENCE,
        "account-customer",
    )


#  why, Salesforce may be written, QuickBooks may be written, direction
WAYS = [
    ("both", True, True, Direction.BOTH),
    ("Salesforce works it out", False, True, Direction.TO_QUICKBOOKS),
    ("QuickBooks works it out", True, False, Direction.TO_SALESFORCE),
    ("nobody", False, False, Direction.COMPARE),
]


@pytest.mark.parametrize(("left", "right", "way"), [c[1:] for c in WAYS], ids=[c[0] for c in WAYS])
def test_the_direction_follows_what_may_be_written(left: bool, right: bool, way: Direction) -> None:
    (proposal,) = propose([field("A", updateable=left)], [field("A", updateable=right)])
    assert proposal.direction is way


def test_the_file_that_is_composed_is_a_mapping_that_is_off() -> None:
    fields = [field("Name"), field("Email__c", "email"), field("Vehicle_no__c")]
    other = [field("Name"), field("Email"), field("Custom_Vehicle no")]
    text = mapping_text(
        name="thing-vendor",
        salesforce="Thing__c",
        quickbooks="Vendor",
        salesforce_label="Name",
        quickbooks_label="Name",
        proposals=propose(fields, other),
    )
    mapping = read_mapping(text, Path("thing-vendor.yaml"))
    assert [each.quickbooks for each in mapping.fields] == [("Name",), ("Email",), ("Custom_Vehicle no",)]
    assert [(each.name, each.on) for each in mapping.states] == [
        ("ThingToVendor", False),
        ("VendorToThing", False),
    ]
    assert [each.rule for each in mapping.match] == ["name", "email"]
    assert not any(each.accept for each in mapping.match)


#  way of the one field, states that are proposed
PROPOSED = [
    ((True, True), ["ThingToVendor", "VendorToThing"]),
    ((True, False), ["VendorToThing"]),
    ((False, True), ["ThingToVendor"]),
    ((False, False), ["ThingToVendor", "VendorToThing"]),
]


@pytest.mark.parametrize(("may", "states"), PROPOSED)
def test_only_states_that_write_something_are_proposed(may: tuple[bool, bool], states: list[str]) -> None:
    found = propose([field("Name", updateable=may[0])], [field("Name", updateable=may[1])])
    text = mapping_text(name="a", salesforce="Thing__c", quickbooks="Vendor", salesforce_label="Name",
                        quickbooks_label="Name", proposals=found)  # fmt: skip
    assert [each.name for each in read_mapping(text, Path("a.yaml")).states] == states
