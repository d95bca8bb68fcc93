"""A bad mapping: each problem with its file, its line and what was expected, and all of them in one go."""

from pathlib import Path
from typing import Any

import pytest
from core_world import World, read, tabled

from workbench.diff import compute
from workbench.errors import MappingError
from workbench.mapping import check_fields, load_mappings, read_mapping
from workbench.normalize import unread

EVERYTHING = """\
version: 2
mapping: items
salesforce: {object: Product2, label: Name, where: "getenv('HOME') = 'x'"}
quickbooks: {object: Item, label: FullName}
states:
  ItemToProduct: {to: salesforce, fields: [pric]}
  ItemsToProduct: {to: salesforce, fields: [price]}
operations: {salesforce: [add, modify]}
winner: salesforce
winner: quickbooks
future: yes
match:
  - {rule: name, field: nam, how: exact, accept: true}
fields:
  name: {salesforce: Name, quickbooks: Name, type: nam}
  name: {salesforce: Name, quickbooks: Name, type: name}
  again: {salesforce: code__c, quickbooks: FullName, direction: to_salesforce}
  third: {salesforce: Code__c, quickbooks: Desc}
  price: {salesforce: UnitPrice, quickbooks: Price, type: price, winner: salesforce}
  cost: {salesforce: Cost__c, quickbooks: Cost, type: price, direction: compare, winner: quickbooks}
  kind: {salesforce: Kind__c, quickbooks: Type, direction: to_salesforce, winner: salesforce}
  sku: {salesforce: Sku__c, quickbooks: Sku, read: {quickbooks: "read_csv('x')"}}
  rest: {salesforce: Rest__c, quickbooks: Rest, type: money, tolerance: 0.5}
  made: {salesforce: Made__c, quickbooks: Made, type: reference}
"""

#  line, what is wrong, what was expected or the way out
PROBLEMS = [
    (1, "the file is of version 2, and this workbench reads version 1", "Update the workbench"),
    (3, "'where' of salesforce: function 'getenv' is not allowed", "`workbench mapping functions`"),
    (6, "state 'ItemToProduct' names unknown field 'pric'", "Closest: price."),
    (9, "winner salesforce has no direction: no state writes to QuickBooks", "a state `to: quickbooks`"),
    (10, "key 'winner' is given twice", "Keep one of them."),
    (11, "unknown key 'future' in the mapping", "Known: "),
    (13, "match rule 'name' names unknown field 'nam'", "Closest: name."),
    (15, "'type' of field 'name' is 'nam', expected one of: text, name, phone", "Closest: name."),
    (16, "key 'name' is given twice", "Keep one of them."),
    (18, "fields 'again' and 'third' both write Salesforce's 'Code__c'", "another direction"),
    (19, "field 'price' can never be written: winner salesforce, and no state writes to QuickBooks",
     "Name the other winner"),
    (20, "field 'cost' has winner quickbooks and no direction", "leave the winner out"),
    (21, "field 'kind' can never be written: winner salesforce, direction to_salesforce",
     "Turn the direction around"),
    (22, "'read' of field 'sku': function 'read_csv' is not allowed", "`workbench mapping functions`"),
    (23, "tolerance 0.5 of field 'rest' is a number with a point", 'Write `tolerance: "0.5"`.'),
    (24, "field 'made' is a reference to no mapping", "Write `reference: <mapping>`."),
]  # fmt: skip


def test_one_file_tells_all_of_it_in_the_order_of_its_lines() -> None:
    with pytest.raises(MappingError) as caught:
        read_mapping(EVERYTHING, Path("items.yaml"))
    found = caught.value.problems
    assert [each.where for each in found] == [f"items.yaml:{line}" for line, _, _ in PROBLEMS]
    for problem, (_, what, fix) in zip(found, PROBLEMS, strict=True):
        assert what in problem.what
        assert fix in str(problem.fix)
    assert str(caught.value).startswith("items.yaml has 16 problems:\n")
    assert all(f"items.yaml:{line}: {what}" in str(caught.value) for line, what, _ in PROBLEMS)


TABS = "mapping: a\n\tsalesforce: {object: A}\n  \tquickbooks: {object: B}\nfields:\n\tname: x\n"


def test_a_folder_tells_of_all_its_files(tmp_path: Path) -> None:
    (tmp_path / "everything.yaml").write_text(EVERYTHING)
    (tmp_path / "tabs.yaml").write_text(TABS)
    for name, other in (("left", "right"), ("right", "left"), ("lost", "rigth")):
        (tmp_path / f"{name}.yaml").write_text(
            f"mapping: {name}\nsalesforce: {{object: A, label: N}}\nquickbooks: {{object: B, label: N}}\n"
            "match: []\nfields:\n"
            f"  ref: {{salesforce: R, quickbooks: S, type: reference, reference: {other}}}\n"
        )
    with pytest.raises(MappingError) as caught:
        load_mappings(tmp_path)
    found = [(Path(str(each.where)).name, each.what) for each in caught.value.problems]
    assert [where for where, _ in found[:16]] == [f"everything.yaml:{line}" for line, _, _ in PROBLEMS]
    assert found[16:] == [
        *((f"tabs.yaml:{line}", "the line is indented with a tab") for line in (2, 3, 5)),
        ("lost.yaml:6", "field 'ref' refers to unknown mapping 'rigth'"),
        ("left.yaml:6", "mapping 'left' waits for 'right'"),
        ("right.yaml:6", "mapping 'right' waits for 'left'"),
    ]
    assert "Indent with spaces; YAML takes no tabs." in str(caught.value)
    assert "Closest: right" in str(caught.value)
    assert "Take one of the references out of the circle" in str(caught.value)


HEAD = """\
mapping: items
salesforce: {object: Product2, label: Name}
quickbooks: {object: Item, label: FullName}
states: {%s}
match: []
winner: %s
fields:
  price: {salesforce: Price__c, quickbooks: Price, type: price%s}
lines:
  salesforce: {object: L, parent: P}
  quickbooks: {object: M, parent: P}
  match: []
  winner: %s
  fields:
    rate: {salesforce: Rate__c, quickbooks: Rate%s}
"""
TO_SALESFORCE, TO_QUICKBOOKS = "A: {to: salesforce}", "B: {to: quickbooks, on: false}"
IDS = "A: {to: salesforce, fields: [price]}"

#  why, states, winner, of the field, of the lines, of their field; lines with a problem
WINNERS = [
    ("both sides are written", f"{TO_SALESFORCE}, {TO_QUICKBOOKS}", "salesforce", ", winner: quickbooks",
     "quickbooks", ", winner: salesforce", ""),
    ("no states at all: nothing is written anyway", "", "salesforce", ", winner: quickbooks",
     "quickbooks", "", ""),
    ("the winner can write", TO_SALESFORCE, "quickbooks", "", "quickbooks", "", ""),
    ("the mapping's can't", TO_SALESFORCE, "salesforce", "", "quickbooks", "", "6"),
    ("the lines' can't", TO_QUICKBOOKS, "salesforce", "", "quickbooks", "", "13"),
    ("a field's can't", TO_SALESFORCE, "quickbooks", ", winner: salesforce", "quickbooks",
     ", winner: salesforce", "8 15"),
    ("a field goes one way, the wrong one", f"{TO_SALESFORCE}, {TO_QUICKBOOKS}", "salesforce",
     ", winner: quickbooks, direction: to_quickbooks", "quickbooks", "", "8"),
    ("a state that only writes ids writes", f"{IDS}, {TO_QUICKBOOKS}", "quickbooks", "",
     "quickbooks", "", ""),
    ("a person needs no direction", TO_SALESFORCE, "manual", ", winner: manual", "newest",
     ", winner: fill_empty_only", ""),
    ("but some need one", TO_SALESFORCE, "manual", ", winner: newest, direction: compare", "manual", "", "8"),
]  # fmt: skip


@tabled("states winner field lines line_field expected", WINNERS)
def test_a_winner_needs_a_direction(
    states: str, winner: str, field: str, lines: str, line_field: str, expected: str
) -> None:
    text = HEAD % (states, winner, field, lines, line_field)
    found: list[str] = []
    try:
        read_mapping(text, Path("items.yaml"))
    except MappingError as error:
        found = [str(each.where).rpartition(":")[2] for each in error.problems]
    assert found == expected.split()


#  why, two fields of one mapping; whether they write one target
TWICE = [
    ("both ways", "a: {salesforce: N, quickbooks: A}", "b: {salesforce: N, quickbooks: B}", True),
    ("in other capitals", "a: {salesforce: Name__c, quickbooks: A}",
     "b: {salesforce: name__C, quickbooks: B}", True),
    ("one reads only", "a: {salesforce: N, quickbooks: A}",
     "b: {salesforce: N, quickbooks: B, direction: to_quickbooks}", False),
    ("each another way", "a: {salesforce: N, quickbooks: A, direction: to_salesforce}",
     "b: {salesforce: N, quickbooks: A, direction: to_quickbooks}", False),
    ("on create only is writing too", "a: {salesforce: N, quickbooks: A}",
     "b: {salesforce: N, quickbooks: B, on: create}", True),
    ("one of several", "a: {salesforce: S, quickbooks: [A, B], transform: street_lines}",
     "b: {salesforce: T, quickbooks: B}", True),
    ("by an expression", "a: {salesforce: [N, M], quickbooks: A, read: {salesforce: N || M}, "
     "write: {salesforce: {M: A}}}", "b: {salesforce: M, quickbooks: B}", True),
    ("the expression leaves it alone", "a: {salesforce: [N, M], quickbooks: A, read: {salesforce: N || M}, "
     "write: {salesforce: {M: A}}}", "b: {salesforce: N, quickbooks: B}", False),
]  # fmt: skip


@tabled("first second wrong", TWICE)
@pytest.mark.parametrize("owned", [False, True], ids=["one state", "a state each"])
def test_two_fields_never_write_one_target_whatever_state_they_belong_to(
    owned: bool, first: str, second: str, wrong: bool
) -> None:
    own = "Own: {to: salesforce, fields: [a]}, " * (owned and "direction: to_quickbooks" not in first)
    text = (
        "mapping: items\nsalesforce: {object: P, label: N}\nquickbooks: {object: I, label: N}\n"
        f"states: {{{own}All: {{to: salesforce}}}}\nmatch: []\nfields:\n  {first}\n  {second}\n"
    )
    if not wrong:
        assert len(read(text).fields) == 2
        return
    with pytest.raises(MappingError, match="fields 'a' and 'b' both write") as caught:
        read(text)
    assert [each.where for each in caught.value.problems] == ["test.yaml:8"]


# --- against both systems -------------------------------------------------------------------------------


def fields(**types: str) -> dict[str, Any]:
    return {"fields": [{"name": name, "type": kind} for name, kind in types.items()]}


def test_what_both_systems_do_not_have_comes_in_one_go() -> None:
    mapping = read(
        "mapping: items\n"
        "salesforce: {object: Product2, label: Name}\n"
        "quickbooks: {object: Itm, label: FullName}\n"
        "states: {ItemToProduct: {to: salesforce}}\n"
        "match: []\n"
        "fields:\n"
        "  name: {salesforce: Nme, quickbooks: Name, type: name}\n"
        "  price: {salesforce: Sold__c, quickbooks: Price, type: price}\n"
        "defaults: {salesforce: {Famly: Goods}}\n",
        "items.yaml",
    )
    salesforce = {"Product2": fields(Id="id", Name="string", Sold__c="boolean", Family="picklist")}
    quickbooks = {"Item": fields(ListID="id", FullName="string", Name="string", Price="double")}
    found = [(each.where, each.what, each.fix) for each in check_fields(mapping, salesforce, quickbooks)]
    assert found == [
        ("items.yaml:7", "field 'name': Salesforce's 'Product2' has no field 'Nme'", "Closest: Name."),
        ("items.yaml:8", "field 'price' is price, but Salesforce's 'Sold__c' is boolean",
         "Give the type that both sides can hold."),
        ("items.yaml:2", "default 'Famly': Salesforce's 'Product2' has no field 'Famly'", "Closest: Family."),
        ("items.yaml:3", "unknown object 'Itm'", "Closest: Item."),
    ]  # fmt: skip


def test_a_record_that_an_expression_fails_on_is_listed_with_its_value_and_the_others_go_on() -> None:
    mapping = read(
        "mapping: items\n"
        "salesforce: {object: Product2, label: Name}\n"
        "quickbooks: {object: Item, label: Name}\n"
        "states: {ItemToProduct: {to: salesforce}}\n"
        "operations: {salesforce: [modify]}\n"
        "winner: quickbooks\n"
        "match: []\n"
        "fields:\n"
        "  stock:\n"
        "    {salesforce: Stock__c, quickbooks: Stock, type: quantity, read: {quickbooks: number(Stock)}}\n",
        "items.yaml",
    )
    given = (
        World()
        .table("salesforce.Product2", "Id | Name | Stock__c:D\n1 | Rope | 5\n2 | Hook | 6\n3 | Tent | 7")
        .table(
            "quickbooks.Item",
            "ListID | Name | Stock | EditSequence\nA | Rope | 50\nB | Hook | many\nC | Tent | -",
        )
        .pair("items", ("p", "1", "A"), ("q", "2", "B"), ("r", "3", "C"))
    )
    compute(given.connection, mapping)
    rows = given.query("SELECT label, resolution, quickbooks FROM work.differences ORDER BY ALL")
    assert [row for row in rows if row[1] == "take_quickbooks"] == [
        ("Rope", "take_quickbooks", "50.0000000000"),
        ("Tent", "take_quickbooks", None),
    ]
    [listed] = unread(given.connection)
    assert (listed["label"], listed["line"], listed["value"]) == ("Hook", 10, "Stock = many")
    assert "many" in str(listed["reason"])
