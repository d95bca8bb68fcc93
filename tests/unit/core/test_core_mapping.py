"""Reading mapping files: what they mean, and every problem at once with file, line and closest names."""

import dataclasses
from decimal import Decimal
from pathlib import Path

import pytest
from core_world import tabled

from workbench.errors import MappingError
from workbench.mapping import load_mapping, load_mappings, read_mapping
from workbench.model import Direction, FieldType, How, Mapping, Operation, Side, Transform, Winner

HEAD = """\
mapping: account-customer
salesforce: {object: Account, label: Name, where: "Type IS DISTINCT FROM 'Vendor'"}
quickbooks: {object: Customer, label: FullName}
states:
  AccountToCustomer: {to: quickbooks, on: true}
  CustomerToAccount: {to: salesforce, on: false}
operations: {salesforce: [add, modify], quickbooks: [add]}
winner: quickbooks
match:
  - {rule: name, field: name, how: normalised, accept: true}
fields:
"""
NAME = "  name: {salesforce: Name, quickbooks: Name, type: name}\n"
PATH = Path("account-customer.yaml")
INVOICE = """\
mapping: opportunity-invoice
salesforce: {object: Opportunity, label: Name}
quickbooks: {object: Invoice, label: RefNumber}
states: {OpportunityToInvoice: {to: quickbooks}}
operations: {quickbooks: [add], salesforce: [add, modify]}
winner: salesforce
match: []
fields:
  number: {salesforce: Invoice_Number__c, quickbooks: RefNumber, direction: to_salesforce}
lines:
  salesforce: {object: OpportunityLineItem, parent: OpportunityId, order: SortOrder, label: Description}
  quickbooks: {object: InvoiceLine, parent: TxnID, order: SeqNo, label: Desc}
  match: [{rule: item, field: item, accept: true}, {rule: position, how: position}]
  fields:
    item: {salesforce: Product2Id, quickbooks: ItemRef_ListID, type: reference, reference: product-item}
    rate: {salesforce: UnitPrice, quickbooks: Rate, type: price, tolerance: "0.005", winner: manual}
"""


def mapping(fields: str = NAME, head: str = HEAD) -> Mapping:
    return read_mapping(head + fields, PATH)


def problems(text: str) -> list[str]:
    with pytest.raises(MappingError) as caught:
        read_mapping(text, PATH)
    return [str(problem) for problem in caught.value.problems]


def test_a_mapping_reads_as_what_it_says() -> None:
    found = mapping()
    assert (found.name, found.winner, found.title) == (
        "account-customer",
        Winner.QUICKBOOKS,
        "account-customer",
    )
    assert [(state.name, state.to, state.on) for state in found.states] == [
        ("AccountToCustomer", Side.QUICKBOOKS, True),
        ("CustomerToAccount", Side.SALESFORCE, False),
    ]
    assert found.operations[Side.QUICKBOOKS] == {Operation.ADD}
    assert found.match[0].how is How.NORMALISED
    assert found.salesforce.where == "Type IS DISTINCT FROM 'Vendor'"
    assert (found.quickbooks.key, found.quickbooks.version) == ("ListID", "EditSequence")


def test_a_field_reads_as_what_it_says() -> None:
    found = mapping(
        NAME
        + """\
  street:
    salesforce: BillingStreet
    quickbooks: [BillAddress_Addr1, BillAddress_Addr2]
    transform: street_lines
  total: {salesforce: Amount, quickbooks: Total, type: money, tolerance: "0.01", direction: compare}
  kind: {salesforce: Kind, quickbooks: Type, values: {Yes: y, true: t, 3: three}, on: create, winner: newest}
"""
    )
    street, total, kind = found.fields[1:]
    assert street.quickbooks == ("BillAddress_Addr1", "BillAddress_Addr2")
    assert (street.transform, street.type, street.winner) == (Transform.STREET_LINES, FieldType.TEXT, None)
    assert (total.tolerance, total.direction) == (Decimal("0.01"), Direction.COMPARE)
    assert kind.values == (("Yes", "y"), ("true", "t"), ("3", "three"))
    assert (kind.create_only, kind.winner) == (True, Winner.NEWEST)
    assert found.compared == (found.fields[0], street, total)


def test_lines_are_a_mapping_of_their_own_below_their_document() -> None:
    found = read_mapping(INVOICE, Path("opportunity-invoice.yaml"))
    lines = found.lines
    assert lines is not None
    assert (lines.name, lines.parent, lines.winner) == (
        "opportunity-invoice.lines",
        "opportunity-invoice",
        Winner.SALESFORCE,
    )
    assert (lines.quickbooks.key, lines.quickbooks.parent_object, lines.quickbooks.parent_key) == (
        "TxnLineID",
        "Invoice",
        "TxnID",
    )
    assert lines.states == found.states
    assert found.references == ("product-item",)


def test_a_line_may_be_written_where_its_document_may_be_modified() -> None:
    lines = read_mapping(INVOICE, Path("opportunity-invoice.yaml")).lines
    assert lines is not None
    assert lines.operations[Side.SALESFORCE] == {Operation.ADD, Operation.MODIFY}
    assert lines.operations[Side.QUICKBOOKS] == set()


#  why, text, line, words that must be there
BROKEN = [
    ("tab", HEAD + "\tname: x\n", "12", "no tabs"),
    ("open bracket", "mapping: [x\n", "2", "YAML is broken"),
    ("no table", "- x\n", "1", "holds no mapping"),
    ("empty file", "", "1", "holds no mapping"),
    ("key twice", HEAD + NAME + NAME, "13", "key 'name' is given twice"),
    ("unknown key", HEAD + NAME + "winer: manual\n",
     "13", "unknown key 'winer' in the mapping\nClosest: winner"),
    ("unknown field key", HEAD + "  a: {salesforce: A, quickbooks: B, tipe: text}\n", "12", "Closest: type."),
    ("unknown winner", HEAD + NAME.replace("}", ", winner: quickbook}"), "12", "Closest: quickbooks"),
    ("unknown type", HEAD + NAME.replace("type: name", "type: currency"),
     "12", "expected one of: text, name,"),
    ("a side is missing", HEAD + "  a: {salesforce: A}\n", "12", "field 'a' has no 'quickbooks'"),
    ("empty field", HEAD + "  a:\n", "12", "field 'a' has no 'salesforce'"),
    ("field is a list", HEAD + "  a: [b]\n", "12", "is a list, expected `key: value` pairs"),
    ("no fields", HEAD, "11", "the mapping has no fields"),
    ("float", HEAD + "  a: {salesforce: A, quickbooks: B, type: money, tolerance: 0.01}\n",
     "12", 'tolerance: "0.01"'),
    ("tolerance is a word", HEAD + "  a: {salesforce: A, quickbooks: B, type: money, tolerance: cent}\n",
     "12", "plain number"),
    ("negative", HEAD + '  a: {salesforce: A, quickbooks: B, type: money, tolerance: "-1"}\n',
     "12", "negative"),
    ("tolerance of text", HEAD + '  a: {salesforce: A, quickbooks: B, tolerance: "1"}\n', "12", "Use money"),
    ("many columns", HEAD + "  a: {salesforce: A, quickbooks: [B, C]}\n",
     "12", "Add `transform: street_lines`."),
    ("column twice", HEAD + "  a: {salesforce: A, quickbooks: [B, B], transform: street_lines}\n",
     "12", "twice: B, B"),
    ("reference to nothing", HEAD + "  a: {salesforce: A, quickbooks: B, type: reference}\n",
     "12", "reference to no mapping"),
    ("reference of text", HEAD + "  a: {salesforce: A, quickbooks: B, reference: x}\n",
     "12", "Write `type: reference`."),
    ("values of money", HEAD + "  a: {salesforce: A, quickbooks: B, type: money, values: {x: y}}\n",
     "12", "can't have"),
    ("never written", HEAD + NAME.replace("}", ", direction: to_quickbooks, winner: quickbooks}"),
     "12", "can never be written"),
    ("one target, two fields", HEAD + NAME + NAME.replace("name:", "other:", 1),
     "13", "'name' and 'other' both write"),
    ("case only", HEAD + NAME + "  NAME: {salesforce: A, quickbooks: B}\n", "13", "differ in case only"),
    ("not related", HEAD + "  a: {salesforce: PricebookEntry.UnitPrice, quickbooks: B}\n",
     "12", "not in `salesforce.related`"),
    ("match names no field", HEAD.replace("field: name", "field: nam") + NAME,
     "10", "unknown field 'nam'\nClosest: name."),
    ("match has no field", HEAD.replace("field: name, ", "") + NAME,
     "10", "match rule 'name' names no field"),
    ("position without lines", HEAD.replace("normalised", "position") + NAME, "10", "which only lines have"),
    ("condition", HEAD.replace("Type IS DISTINCT FROM", "Type IS IS") + NAME,
     "2", "'where' of salesforce: it is no SQL expression"),
    ("two statements", HEAD.replace("Type IS DISTINCT FROM 'Vendor'", "1=1); DROP TABLE x; SELECT (1") + NAME,
     "2", "'where' of salesforce: it is no SQL expression"),
    ("state without a side", HEAD.replace("{to: quickbooks, on: true}", "{on: true}") + NAME,
     "5", "Write `to: salesforce`."),
    ("on is a word", HEAD.replace("on: true", "on: yes") + NAME, "5", "expected true or false"),
    ("unknown operation", HEAD.replace("[add]", "[destroy]") + NAME,
     "7", "expected one of: add, modify, deactivate, delete"),
    ("float default", HEAD + NAME + "defaults: {salesforce: {Rate__c: 1.5}}\n", "13", 'Write `"1.5"`.'),
    ("no object", HEAD.replace("object: Account, ", "") + NAME, "2", "salesforce has no 'object'"),
]  # fmt: skip


@tabled("text line words", BROKEN)
def test_broken_files_name_the_line_and_the_way_out(text: str, line: str, words: str) -> None:
    found = problems(text)
    assert any(each.startswith(f"account-customer.yaml:{line}: ") and words in each for each in found), found


def test_all_problems_come_at_once_in_the_order_of_the_lines() -> None:
    found = problems(
        HEAD.replace("winner: quickbooks", "winner: books") + "  a: {salesforce: A}\n" + "extra: 1\n"
    )
    assert [each.split(":")[1] for each in found] == ["8", "10", "12", "13"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="there is no such mapping file"):
        load_mapping(tmp_path / "none.yaml")


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes((HEAD + NAME).replace("account-customer", "café").encode("cp1252"))
    with pytest.raises(MappingError, match="UTF-8"):
        load_mapping(tmp_path / "a.yaml")


#  why                              change                                                 same hash
HASHES = [
    ("comment", ("winner: quickbooks", "winner: quickbooks   # the books"), True),
    ("title", ("winner: quickbooks", "winner: quickbooks\ntitle: Other"), True),
    ("notes", ("type: name}", "type: name, notes: hello}"), True),
    ("default written out", ("type: name}", "type: name, direction: both}"), True),
    ("winner", ("winner: quickbooks", "winner: salesforce"), False),
    ("state", ("on: false", "on: true"), False),
    ("condition", ("Vendor", "Partner"), False),
    ("operation", ("[add]", "[add, modify]"), False),
]


@tabled("change same", HASHES)
def test_the_hash_follows_what_decides(change: tuple[str, str], same: bool) -> None:
    text = (HEAD + NAME).replace(*change)
    assert text != HEAD + NAME
    assert (read_mapping(text, PATH).hash == mapping().hash) is same


def test_the_hash_does_not_know_the_path() -> None:
    assert read_mapping(HEAD + NAME, Path("/elsewhere/x.yaml")).hash == mapping().hash


def write(folder: Path, name: str, reference: str | None = None) -> None:
    text = HEAD.replace("account-customer", name) + NAME
    if reference:
        text += f"  ref: {{salesforce: R, quickbooks: S, type: reference, reference: {reference}}}\n"
    (folder / f"{name}.yaml").write_text(text)


def test_references_come_before_what_refers_to_them(tmp_path: Path) -> None:
    for name, reference in [("a", "c"), ("b", None), ("c", "d"), ("d", "d")]:
        write(tmp_path, name, reference)
    (tmp_path / "x.yaml").write_text("template: bidirectional\nmappings: [a]\n")
    assert list(load_mappings(tmp_path)) == ["b", "d", "c", "a"]


def test_an_empty_folder_has_no_mappings(tmp_path: Path) -> None:
    assert load_mappings(tmp_path) == {}


def test_a_circle_of_references_is_named(tmp_path: Path) -> None:
    write(tmp_path, "a", "b")
    write(tmp_path, "b", "a")
    with pytest.raises(MappingError, match="in a circle") as caught:
        load_mappings(tmp_path)
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"a": "b", "b": "a", "c": "a", "d": "c"}, ["a -> b", "b -> a"]),
        ({"a": "b", "b": "c", "c": "a", "d": "a"}, ["a -> b", "b -> c", "c -> a"]),
        ({"a": "b", "b": "a", "c": "d", "d": "c"}, ["a -> b", "b -> a", "c -> d", "d -> c"]),
    ],
)
def test_only_what_is_in_a_circle_is_told(files: dict[str, str], told: list[str], tmp_path: Path) -> None:
    for name, reference in files.items():
        write(tmp_path, name, reference)
    with pytest.raises(MappingError, match="in a circle") as caught:
        load_mappings(tmp_path)
    words = [each.what.removeprefix("mapping ").replace("'", "") for each in caught.value.problems]
    assert [each.replace("waits for", "->") for each in words] == told


def test_a_folder_with_the_name_of_a_mapping_file_is_a_problem_among_the_others(tmp_path: Path) -> None:
    write(tmp_path, "a")
    (tmp_path / "e.yaml").mkdir()
    (tmp_path / "z.yaml").write_text("mapping: [\n")
    with pytest.raises(MappingError) as caught:
        load_mappings(tmp_path)
    assert [str(each.where).rpartition("/")[2] for each in caught.value.problems] == ["e.yaml", "z.yaml:2"]
    assert "it is a folder" in caught.value.problems[0].what


MISSPELT = {
    "match: [{rule: n, field: nmae, how: exakt}]": ["'how' of match rule 'n'", "unknown field 'nmae'"],
    "states: {S: {to: nowhere, fields: [nmae]}}": ["'to' of state 'S'", "unknown field 'nmae'"],
}


@pytest.mark.parametrize(("line", "told"), MISSPELT.items())
def test_a_second_mistake_on_a_line_is_told_with_the_first(line: str, told: list[str]) -> None:
    text = "mapping: m\nsalesforce: {object: A, label: N}\nquickbooks: {object: B, label: N}\n"
    rest = "" if "match" in line else "match: []\n"
    with pytest.raises(MappingError) as caught:
        read_mapping(f"{text}{rest}{line}\nfields:\n{NAME}", Path("m.yaml"))
    found = [each.what for each in caught.value.problems]
    assert len(found) == 2
    assert all(words in what for words, what in zip(told, found, strict=True)), found


def test_problems_of_all_files_are_collected(tmp_path: Path) -> None:
    write(tmp_path, "a", "account")
    write(tmp_path, "accounts")
    (tmp_path / "twice.yaml").write_text((tmp_path / "accounts.yaml").read_text())
    (tmp_path / "z.yaml").write_text("mapping: [\n")
    with pytest.raises(MappingError) as caught:
        load_mappings(tmp_path)
    text = str(caught.value)
    assert "refers to unknown mapping 'account'\n  Closest: accounts." in text
    assert "two files hold mapping 'accounts'" in text
    assert "the YAML is broken" in text


def test_a_mapping_can_be_taken_as_data() -> None:
    assert dataclasses.replace(mapping(), winner=Winner.MANUAL).winner is Winner.MANUAL
    with pytest.raises(KeyError):
        mapping().field("nothing")
