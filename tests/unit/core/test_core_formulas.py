"""Field maps with expressions: read in a file, compared in the diff, written in a plan."""

from datetime import date
from decimal import Decimal as D
from pathlib import Path

import duckdb
import pytest
from core_world import World, differences, read, tabled

from workbench.diff import agreed, compute
from workbench.errors import DiffError, MappingError, PlanError
from workbench.mapping import check_fields
from workbench.matching import match
from workbench.model import FieldType, Mapping, Side
from workbench.normalize import unread, write_values

HEAD = """\
mapping: people
salesforce: {object: Contact, label: LastName}
quickbooks: {object: Customer, label: Name}
states:
  ContactToCustomer: {to: quickbooks}
  CustomerToContact: {to: salesforce}
operations: {salesforce: [add, modify], quickbooks: [add, modify]}
winner: salesforce
match:
  - {rule: name, field: person, how: exact, accept: true}
fields:
"""
PERSON = """\
  person:
    salesforce: [FirstName, LastName]
    quickbooks: Name
    type: name
    read: {salesforce: "concat_ws(' ', FirstName, LastName)"}
    write:
      salesforce: {FirstName: first_name(Name), LastName: last_name(Name)}
      quickbooks: "cp1252(concat_ws(' ', FirstName, LastName))"
"""
CREDIT = """\
  credit:
    salesforce: Credit__c
    quickbooks: CreditLimit
    type: money
    read: {salesforce: number(Credit__c)}
    write: {salesforce: "concat('$', CreditLimit)"}
"""
LINES = {name: number for number, name in enumerate(HEAD.splitlines(), 1)}
FIRST = len(HEAD.splitlines()) + 1


def mapping(fields: str = PERSON + CREDIT) -> Mapping:
    return read(HEAD + fields, "people.yaml")


def world(
    salesforce: str = "003 | Ann | Berg | $100.00", quickbooks: str = "80 | Ann Berg | 100.00"
) -> World:
    times = "LastModifiedDate:ts | SystemModstamp"
    given = World().table(
        "salesforce.Contact", f"Id | FirstName | LastName | Credit__c | {times}\n{salesforce}"
    )
    head = "ListID | Name | CreditLimit:D | TimeModified:ts | EditSequence"
    return given.table("quickbooks.Customer", f"{head}\n{quickbooks}")


def run(given: World, found: Mapping) -> list[str]:
    compute(given.connection, found, zone="America/New_York")
    return differences(given, "salesforce_id, quickbooks_id, field, salesforce, quickbooks, resolution")


def test_an_expression_is_read_from_the_file() -> None:
    person = mapping().field("person")
    reading = person.read(Side.SALESFORCE)
    assert reading is not None
    assert (reading.columns, reading.line) == (("FirstName", "LastName"), FIRST + 4)
    assert person.read(Side.QUICKBOOKS) is None
    assert list(person.write(Side.SALESFORCE)) == ["FirstName", "LastName"]
    assert person.targets(Side.SALESFORCE) == ("FirstName", "LastName")
    assert person.targets(Side.QUICKBOOKS) == ("Name",)


def test_columns_that_only_an_expression_reads_are_kept_in_the_base() -> None:
    given = '  a: {salesforce: A, quickbooks: B, direction: to_quickbooks, read: {salesforce: "A || C"}}\n'
    assert mapping(PERSON + given).field("a").salesforce == ("A", "C")


def test_an_expression_changes_the_hash_and_none_leaves_it() -> None:
    plain = "  a: {salesforce: A, quickbooks: B}\n"
    spoken = plain.replace("}", ", read: {salesforce: upper(A)}}")
    assert mapping(PERSON + plain).hash != mapping(PERSON + spoken).hash
    assert mapping(PERSON + plain).hash == mapping(PERSON + plain.replace("}", ", notes: hello}")).hash


def one(words: str) -> str:
    return PERSON + "  a: {salesforce: A, quickbooks: B, " + words + "}\n"


#  why, the field, words
BROKEN = [
    ("not allowed", one("read: {salesforce: \"read_csv('x')\"}"), "function 'read_csv' is not allowed"),
    ("a subquery", one('write: {salesforce: "(select 1)"}'), "a subquery is not allowed"),
    ("empty", one("read: {salesforce: }"), "'read' of field 'a' is not an expression"),
    ("a table", one("read: {salesforce: {A: upper(A)}}"), "is not an expression"),
    ("an unknown side", one("read: {quickbook: upper(B)}"), "Closest: quickbooks"),
    ("a transform too", one("transform: colon_dash, read: {salesforce: upper(A)}"), "and a transform"),
    ("a reference too", one("type: reference, reference: people, read: {salesforce: upper(A)}"),
     "and type reference"),
    ("never written", one("direction: to_quickbooks, write: {salesforce: upper(B)}"),
     "never writes Salesforce: direction to_quickbooks"),
    ("another field", one("write: {salesforce: {AA: upper(B)}}"), "writes 'AA', which it does not name"),
    ("which field", PERSON.replace("    write:\n", "    write:\n      #").replace(
        "      #      salesforce: {FirstName: first_name(Name), LastName: last_name(Name)}",
        "      salesforce: first_name(Name)"), "does not say which of 2 Salesforce fields"),
    ("not how it is written", one('read: {salesforce: "A || C"}'), "but not how they are written"),
    ("not what is compared",
     PERSON.replace("    read: {salesforce: \"concat_ws(' ', FirstName, LastName)\"}\n", ""),
     "Add `transform: street_lines`. Or say with `read: {salesforce: ...}`"),
    ("one target twice", PERSON + "  a: {salesforce: LastName, quickbooks: B}\n",
     "'person' and 'a' both write Salesforce's 'LastName'"),
    ("not related", one("direction: to_quickbooks, read: {salesforce: Account.Name}"),
     "'Account' is not in `salesforce.related`"),
    ("not related, written", one("write: {quickbooks: Account.Name}"),
     "'Account' is not in `salesforce.related`"),
]  # fmt: skip


@tabled("fields words", BROKEN)
def test_a_broken_expression_is_told_with_its_line(fields: str, words: str) -> None:
    with pytest.raises(MappingError) as caught:
        mapping(fields)
    found = [str(each) for each in caught.value.problems]
    assert any(words in each for each in found), found
    assert all(each.startswith("people.yaml:") for each in found)


def test_all_broken_expressions_come_at_once() -> None:
    wrong = (
        one("read: {salesforce: uper(A), quickbooks: loer(B)}")
        + "  b: {salesforce: C, quickbooks: D, winer: x}\n"
    )
    with pytest.raises(MappingError) as caught:
        mapping(wrong)
    assert len(caught.value.problems) == 3


DESCRIBES = (
    {"Contact": {"fields": [
        {"name": name, "type": kind}
        for name, kind in [("Id", "id"), ("FirstName", "string"), ("LastName", "string"),
                           ("Credit__c", "string"), ("Amount__c", "currency"), ("Birthdate", "date")]
    ]}},
    {"Customer": {"fields": [
        {"name": name, "type": kind}
        for name, kind in [("ListID", "id"), ("Name", "string"), ("CreditLimit", "currency")]
    ]}},
)  # fmt: skip


#  why, field, words
DESCRIBED = [
    ("fits", CREDIT, None),
    ("a column nobody has", CREDIT.replace("number(Credit__c)", "number(Credt__c)"), "Closest: Credit__c"),
    ("a column nobody has, written", CREDIT.replace("'$', CreditLimit", "'$', CreditLimt"),
     "'write' of field 'credit': QuickBooks's 'Customer' has no field 'CreditLimt'"),
    ("text is no money", CREDIT.replace("number(Credit__c)", "upper(Credit__c)"),
     "it gives VARCHAR, and the field is money\nWrite `number(...)` around it."),
    ("a condition is no date",
     "  born: {salesforce: Birthdate, quickbooks: Name, type: date, direction: compare,\n"
     "    read: {salesforce: Birthdate > Birthdate}}\n",
     "it gives BOOLEAN, and the field is date\nWrite `date_of(...)`"),
    ("a function of a date", CREDIT.replace("number(Credit__c)", "abs(Birthdate)"),
     "'read' of field 'credit': `abs` does not take a date\n"),
    ("a text is written to a number",
     CREDIT.partition("    write:")[0] + "    write: {quickbooks: upper(Credit__c)}\n",
     "it gives VARCHAR, and 'CreditLimit' is quantity"),
    ("a number is written to a text", CREDIT, None),
]  # fmt: skip


@tabled("fields words", DESCRIBED)
def test_expressions_are_held_against_both_describes(fields: str, words: str | None) -> None:
    found = [
        str(each)
        for each in check_fields(
            mapping(PERSON + fields),
            *DESCRIBES,
        )
    ]
    errors = [each for each in found if "needs" not in each]
    assert errors == [] if words is None else any(words in each for each in errors), errors


def test_both_sides_are_compared_as_the_expressions_say() -> None:
    assert run(world().pair("people", ("p", "003", "80")), mapping()) == []


def test_a_difference_shows_the_value_of_the_expression() -> None:
    given = world("003 | Ann | Berg | $100.50").pair("people", ("p", "003", "80"))
    assert run(given, mapping()) == ["003 80 credit 100.5000000000 100.00 take_salesforce"]


def test_records_are_matched_by_an_expression() -> None:
    given = world()
    found = match(given.connection, mapping())
    assert (found.accepted, found.unmatched_salesforce, found.unmatched_quickbooks) == (1, 0, 0)


def test_the_base_keeps_what_expressions_read_and_tells_who_moved() -> None:
    given = world().pair("people", ("p", "003", "80"))
    found = mapping()
    run(given, found)
    agreed(given.connection, found)
    rows = given.query("SELECT pair, fields, salesforce, quickbooks FROM work.agreed")
    assert rows[0][1] == ["person", "credit"]
    given.connection.execute(
        "INSERT INTO kept.base SELECT mapping, pair, fields, salesforce, quickbooks FROM work.agreed"
    )
    given.connection.execute("UPDATE quickbooks.Customer SET CreditLimit = 120, Name = 'Ann Bergman'")
    assert run(given, found) == [
        "003 80 credit 100.0000000000 120.00 take_quickbooks",
        "003 80 person Ann Berg Ann Bergman take_quickbooks",
    ]
    assert given.query("SELECT field, base FROM work.differences ORDER BY field") == [
        ("credit", "100.0000000000"),
        ("person", "Ann Berg"),
    ]
    agreed(given.connection, found)
    assert given.query("SELECT count(*) FROM work.agreed") == [(0,)]


BOTH = "003 | Ann | Berg | soon\n004 | Tom | Ford | $5.00\n005 | Eva | New | never"
TWO = "80 | Ann Berg | 100.00\n81 | Tom Ford | 7.00"


def test_a_record_that_an_expression_fails_on_is_listed_and_the_others_go_on() -> None:
    given = world(BOTH, TWO).pair("people", ("p", "003", "80"), ("q", "004", "81"))
    assert "004 81 credit 5.0000000000 7.00 take_salesforce" in run(given, mapping())
    rows = [tuple(each.values())[1:] for each in unread(given.connection)]
    assert [row[:4] for row in rows] == [
        ("salesforce", "003", "Berg", "credit"),
        ("salesforce", "005", "New", "credit"),
    ]
    assert rows[0][4] == FIRST + len(PERSON.splitlines()) + 4
    assert rows[0][5:7] == ("number(Credit__c)", "Credit__c = soon")
    assert 'Could not convert string "soon"' in str(rows[0][7])


def test_a_linked_record_that_can_not_be_read_is_left_alone() -> None:
    given = world(BOTH, TWO).pair("people", ("p", "003", "80"), ("q", "004", "81"))
    found = [row for row in run(given, mapping()) if "80" in row.split()]
    assert found == ["003 80 - - Ann Berg undecided"]


def test_a_record_that_is_not_linked_is_still_matched() -> None:
    found = match(world(BOTH, TWO).connection, mapping())
    assert (found.accepted, found.unmatched_salesforce) == (2, 1)


def test_the_list_holds_today_s_trouble_only() -> None:
    given = world(BOTH, TWO)
    run(given, mapping())
    given.connection.execute("UPDATE salesforce.Contact SET Credit__c = '1'")
    run(given, mapping())
    assert unread(given.connection) == []


def test_nothing_is_listed_before_anything_was_read() -> None:
    assert unread(World().connection) == []


def test_two_expressions_over_one_column_fail_apart() -> None:
    """DuckDB 2.0.0 takes what they share out of their TRY, unless told not to."""
    twice = CREDIT + CREDIT.replace("credit:", "more:").replace(
        "number(Credit__c)", "number(Credit__c) + 1"
    ).replace("    quickbooks: CreditLimit", "    direction: compare\n    quickbooks: CreditLimit").replace(
        "    write: {salesforce: \"concat('$', CreditLimit)\"}\n", ""
    )
    given = world(BOTH, TWO)
    run(given, mapping(PERSON + twice))
    assert given.query("SELECT field, count(*) FROM work.unread GROUP BY ALL ORDER BY ALL") == [
        ("credit", 2),
        ("more", 2),
    ]
    setting = given.query("SELECT current_setting('disabled_optimizers')")
    assert setting == duckdb.connect().execute("SELECT current_setting('disabled_optimizers')").fetchall()


def test_a_type_that_does_not_fit_the_snapshot_names_the_line() -> None:
    wrong = CREDIT.replace("number(Credit__c)", "Credit__c")
    with pytest.raises(DiffError, match="it gives VARCHAR, and the field is money") as caught:
        run(world(), mapping(PERSON + wrong))
    assert caught.value.where == f"people.yaml:{FIRST + len(PERSON.splitlines()) + 4}"


def test_a_column_that_only_a_written_expression_reads_must_be_there() -> None:
    wrong = CREDIT.replace("'$', CreditLimit", "'$', CreditLimt")
    with pytest.raises(DiffError, match="has no column 'CreditLimt'"):
        run(world(), mapping(PERSON + wrong))


def field(words: str, kind: FieldType = FieldType.TEXT) -> str:
    return f"  a: {{salesforce: A, quickbooks: B, type: {kind}, {words}}}\n"


#  why, field, to, record, written
WRITTEN = [
    ("the plain value", field("notes: x"), "quickbooks", {"A": " x "}, {"B": "x"}),
    ("what is read", field('read: {salesforce: "upper(A)"}'), "quickbooks", {"A": "x"}, {"B": "X"}),
    ("the other way stays plain", field('read: {salesforce: "upper(A)"}'),
     "salesforce", {"B": "x"}, {"A": "x"}),
    ("what is read, by the value map", field('read: {salesforce: "upper(A)"}, values: {X: ex}'),
     "quickbooks", {"A": "x"}, {"B": "ex"}),
    ("what is written, as it is", field('write: {quickbooks: "upper(A)"}, values: {X: ex}'),
     "quickbooks", {"A": "x"}, {"B": "X"}),
    ("exact money", field('write: {quickbooks: "A + A"}', FieldType.MONEY),
     "quickbooks", {"A": D("4503599627370496.01")}, {"B": D("9007199254740992.02")}),
    ("a date", field('write: {quickbooks: "add_days(A, 30)"}', FieldType.DATE),
     "quickbooks", {"A": date(2026, 3, 30)}, {"B": date(2026, 4, 29)}),
    ("a condition", field("write: {quickbooks: \"A = 'yes'\"}", FieldType.BOOLEAN),
     "quickbooks", {"A": "yes"}, {"B": True}),
    ("nothing clears", field('write: {quickbooks: "upper(A)"}'), "quickbooks", {"A": None}, {"B": None}),
    ("a blank clears", field('write: {quickbooks: "upper(A)"}'), "quickbooks", {"A": "  "}, {"B": None}),
    ("a constant", field("write: {quickbooks: \"'Web'\"}"), "quickbooks", {"A": "x"}, {"B": "Web"}),
    ("two fields", PERSON, "salesforce", {"Name": "Mary Ann van Dyke"},
     {"FirstName": "Mary Ann", "LastName": "van Dyke"}),
    ("a related record's", field("write: {quickbooks: \"upper(Account.Name)\"}"),
     "quickbooks", {"Account.Name": "x"}, {"B": "X"}),
    ("a name with a space", field("write: {salesforce: '\"Custom_Vehicle no\"'}"),
     "salesforce", {"Custom_Vehicle no": "K 1"}, {"A": "K 1"}),
]  # fmt: skip


@tabled("fields to record written", WRITTEN)
def test_what_is_written(fields: str, to: str, record: dict[str, object], written: dict[str, object]) -> None:
    text = HEAD.replace("label: LastName}", "label: LastName, related: {Account: {key: Id}}}") + fields
    found = read(text.replace("field: person", f"field: {fields.split(':')[0].strip()}"), "people.yaml")
    assert write_values(found.fields[0], Side(to), record) == written


def test_an_expression_that_fails_while_it_is_written_names_its_record() -> None:
    found = mapping(PERSON + CREDIT).field("credit")
    with pytest.raises(PlanError, match="the expression fails on this record") as caught:
        write_values(found, Side.QUICKBOOKS, {"Credit__c": "soon"})
    assert caught.value.values["Credit__c"] == "soon"


def test_a_float_is_never_written() -> None:
    found = mapping(field('write: {quickbooks: "A"}', FieldType.MONEY).replace("  a:", "  person:")).fields[0]
    with pytest.raises(Exception, match="float"):
        write_values(found, Side.QUICKBOOKS, {"A": 1.5})


def test_the_guide_s_own_example_is_a_mapping() -> None:
    guide = (Path(__file__).parents[3] / "mappings" / "expressions.md").read_text(encoding="utf-8")
    example = guide.partition("```yaml\n")[2].partition("```")[0]
    found = read(HEAD.replace("field: person", "field: contact_name") + example, "guide.yaml").fields[0]
    assert write_values(found, Side.SALESFORCE, {"Contact": "Ann Berg"}) == {
        "FirstName": "Ann",
        "LastName": "Berg",
    }
