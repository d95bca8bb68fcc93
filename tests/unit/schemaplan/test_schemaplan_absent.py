"""A mapping without the custom fields that nobody has made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.schemaplan.plan_world import text
from workbench.mapping import read_mapping
from workbench.mapping.absent import absent_fields, without_absent
from workbench.mapping.describe import check_fields
from workbench.model import Mapping, Operation, Side

LINK = "link: {salesforce: Link__c, quickbooks: ListID, type: id, direction: to_salesforce}"
KIND = "kind: {salesforce: Kind__c, quickbooks: Notes, required: true}"
REGION = "region: {salesforce: Site, quickbooks: Custom_Region}"


def read(*fields: str, **more: Any) -> Mapping:
    return read_mapping(text(*fields, **more), Path("a.yaml"))


def describes(*salesforce: str, quickbooks: tuple[str, ...] = ()) -> dict[Side, dict[str, Any]]:
    made = {Side.SALESFORCE: {"Account": salesforce}, Side.QUICKBOOKS: {"Customer": quickbooks}}
    usual = {Side.SALESFORCE: ("Id", "Name", "Site"), Side.QUICKBOOKS: ("Name", "Notes", "ListID")}
    return {
        side: {
            name: {"fields": [{"name": each, "type": "string"} for each in (*usual[side], *more)]}
            for name, more in objects.items()
        }
        for side, objects in made.items()
    }


#  why                          fields           there (Salesforce, QuickBooks)       what is left
LEFT = [
    ("nothing is custom",       (),              (), (),                              ["name"]),
    ("all is there",            (LINK, REGION),  ("Link__c",), ("Custom_Region",),
     ["name", "link", "region"]),
    ("in another case",         (LINK,),         ("LINK__C",), (),                    ["name", "link"]),
    ("not in Salesforce",       (LINK, REGION),  (), ("Custom_Region",),              ["name", "region"]),
    ("not in QuickBooks",       (LINK, REGION),  ("Link__c",), (),                    ["name", "link"]),
    ("a standard one stays",    ("x: {salesforce: Fax, quickbooks: Fax}",), (), (),   ["name", "x"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "ours", "theirs", "left"), [case[1:] for case in LEFT], ids=[case[0] for case in LEFT]
)
def test_what_is_left(
    fields: tuple[str, ...], ours: tuple[str, ...], theirs: tuple[str, ...], left: list[str]
) -> None:
    mapping = read(*fields)
    made = without_absent(mapping, describes(*ours, quickbooks=theirs))
    assert [field.name for field in made.fields] == left
    assert (made is mapping) is (len(left) == len(mapping.fields))
    assert made.hash == mapping.hash


def test_rules_and_defaults_go_with_their_fields() -> None:
    source = text(LINK, defaults="salesforce: {Kind__c: x, Site: y}").replace(
        "match:\n", "match:\n  - {rule: link, field: link, how: exact, accept: true}\n"
    )
    mapping = read_mapping(source, Path("a.yaml"))
    made = without_absent(mapping, describes())
    assert [rule.rule for rule in made.match] == ["name"]
    assert dict(made.defaults[Side.SALESFORCE]) == {"Site": "y"}
    assert absent_fields(mapping, describes()) == {"link": (Side.SALESFORCE, "Link__c")}


def test_nothing_is_added_where_a_required_field_cannot_be_read() -> None:
    made = without_absent(read(KIND), describes())
    assert made.operations[Side.QUICKBOOKS] == {Operation.MODIFY}
    assert made.operations[Side.SALESFORCE] == {Operation.ADD, Operation.MODIFY}
    assert without_absent(read(KIND), describes("Kind__c")).operations[Side.QUICKBOOKS] == {
        Operation.ADD, Operation.MODIFY,
    }  # fmt: skip


#  why                  condition                             there         what it becomes
GATES = [
    ("empty",           "Link__c IS NULL",                    (),           "CAST(NULL AS TEXT) IS NULL"),
    ("beside another",  "Site = 'a' AND Link__c IS NULL",     (),
     "Site = 'a' AND CAST(NULL AS TEXT) IS NULL"),
    ("it is there",     "Link__c IS NULL",                    ("Link__c",), "Link__c IS NULL"),
    ("a standard one",  "Fax IS NULL",                        (),           "Fax IS NULL"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "there", "expected"), [case[1:] for case in GATES], ids=[case[0] for case in GATES]
)
def test_a_field_that_nobody_has_made_is_empty_in_create_where(
    condition: str, there: tuple[str, ...], expected: str
) -> None:
    source = text().replace("on: true}", f'on: true, create_where: "{condition}"}}', 1)
    made = without_absent(read_mapping(source, Path("a.yaml")), describes(*there))
    assert made.states[0].create_where == expected


#  why                          the mapping                                              severity
SEVERITIES: list[tuple[str, Mapping, str]] = [
    ("a custom field",          read(LINK),                                              "warning"),
    ("of QuickBooks",           read(REGION),                                            "warning"),
    ("a standard field",        read("x: {salesforce: Fax, quickbooks: Notes}"),         "error"),
    ("a filter",                read(salesforce_more=", where: \"Kind__c = 'x'\""),      "error"),
    ("a default",               read(defaults="salesforce: {Kind__c: x}"),               "warning"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("mapping", "severity"), [case[1:] for case in SEVERITIES], ids=[case[0] for case in SEVERITIES]
)
def test_a_custom_field_that_is_left_out_is_a_warning(mapping: Mapping, severity: str) -> None:
    both = describes()
    (found,) = check_fields(mapping, both[Side.SALESFORCE], both[Side.QUICKBOOKS])
    assert found.severity == severity
    assert ("schema plan" in str(found.fix)) is (severity == "warning")
