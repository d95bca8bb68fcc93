"""What an accountant reads of a mapping that is wrong: each message, with its place and the next step."""

import re
from pathlib import Path

import pytest
from core_world import tabled

from workbench.errors import MappingError, Problem
from workbench.expressions.check import Unreadable, read_expression
from workbench.expressions.conditions import read_condition
from workbench.expressions.functions import FUNCTIONS
from workbench.expressions.refused import WHY_NOT
from workbench.expressions.types import result_type
from workbench.mapping import read_mapping
from workbench.model import FieldType, Side
from workbench.spelling import closest, near

LOOK = "Look at what stands before it: an operator (and, or, =), a comma or a quote may be missing."
LISTED = "`workbench mapping functions` lists them all."
BY_NAME = "Name the columns one by one, e.g. concat_ws(', ', A, B)."
BY_FACTOR = "Multiply by an exact number, e.g. `round(A * 0.25, 2)` for a fourth."

#  why, text, message behind "it is no SQL expression: ", next step
BROKEN = [
    ("an open bracket", "X AND (", "the `(` is not closed, character 7: X AND (",
     "Write what belongs in it and a `)`, or take it out."),
    ("the outer one", "((A)", "the `(` is not closed, character 1: ((A)",
     "Write what belongs in it and a `)`, or take it out."),
    ("on a second line", "A = 1\n AND (", "the `(` is not closed, character 12: A = 1 AND (",
     "Write what belongs in it and a `)`, or take it out."),
    ("a bracket in a text counts for nothing", "A = '(' AND", "nothing stands behind `AND`, character 9: "
     "A = '(' AND", "Write a column or a value behind it, or take `AND` out."),
    ("one too many", "A = 1)", "the `)` closes nothing, character 6: A = 1)",
     "Take it out, or open it before."),
    ("no value", "Foo =", "nothing stands behind `=`, character 5: Foo =",
     "Write a column or a value behind it, or take `=` out."),
    ("no value in brackets", "(A +)", "nothing stands behind `+`, character 4: (A +)",
     "Write a column or a value behind it, or take `+` out."),
    ("no first value", "and A", "nothing stands before `and`, character 1: and A",
     "Write a column or a value before it, or take `and` out."),
    ("an operator twice", "Type IS IS 'x'", "nothing stands behind `IS`, character 6: Type IS IS 'x'",
     "Write a column or a value behind it, or take `IS` out."),
    ("is nothing", "A IS", "nothing stands behind `IS`, character 3: A IS",
     "Write a column or a value behind it, or take `IS` out."),
    ("a text without end", "Name = 'x", "a text begins with a ' that is not closed, character 8: Name = 'x",
     "Close it with another '; a ' that belongs to it is written twice."),
    ("an apostrophe in a text", "A <> 'it's'", "a text begins with a ' that is not closed, character 11: "
     "A <> 'it's'", "Close it with another '; a ' that belongs to it is written twice."),
    ("a name without end", 'upper("Name',
     'a name begins with a " that is not closed, character 7: upper("Name',
     'Close it with another "; a " that belongs to it is written twice.'),
    ("two names", "A B", "`B` does not fit behind what stands before it, character 3: A B", LOOK),
    ("a comma is missing", "concat(A B)", "`B` does not fit there, character 10: concat(A B)", LOOK),
    ("too few for a function", "left(Name)", "`left` is given too few values, character 10: left(Name)",
     "E.g. left('INV-1741', 3)"),
    ("case without end", "case when A then 1", "a `case` has no `end`, character 18: case when A then 1",
     "Write `case when <condition> then <value> else <value> end`."),
    ("cast to nothing", "cast(A as)", "`cast` names no type, character 10: cast(A as)",
     "Write `cast(<column> as decimal(18,2))`."),
    ("half of between", "A between 1", "something is missing at `1`, character 11: A between 1",
     "Write what belongs behind `1`, or take out what is half said."),
    ("far in a long text", "Type = 'Service' AND Name <> 'Bolt' AND Code = AND IsActive AND Price > 100",
     "nothing stands behind `=`, character 46: ...Name <> 'Bolt' AND Code = AND IsActive AND Price...",
     "Write a column or a value behind it, or take `=` out."),
]  # fmt: skip


@tabled("text what fix", BROKEN)
def test_a_text_that_is_no_sql_says_where_and_what(text: str, what: str, fix: str) -> None:
    for reader in (read_expression, read_condition):
        with pytest.raises(Unreadable) as caught:
            reader(text)
        assert (caught.value.what, caught.value.fix) == (f"it is no SQL expression: {what}", fix)


#  why, text, message, next step
REFUSED = [
    ("two", "A; B", "it holds more than one expression, character 2: A; B",
     "Keep one, without a `;` behind it."),
    ("nothing", "", "it is empty", "Write an expression, or leave the key out."),
    ("a window", "sum(A) over ()", "a window is not allowed: an expression sees one record only",
     "Name a value of the record itself; a sum of many is a field of the system that keeps it."),
    ("a sum", "sum(A)", "function 'sum' is not allowed: an expression sees one record only",
     "Name a value of the record itself; a sum of many is a field of the system that keeps it."),
    ("a list comprehension", "[x for x in A]", "a list comprehension is not allowed: a field holds one value",
     BY_NAME),
    ("a list", "[A]", "a list is not allowed: a field holds one value", BY_NAME),
    ("a division", "A / 4",
     "`/` is not allowed: it gives a binary fraction, which is no exact amount", BY_FACTOR),
    ("a whole division", "A // 4", "`//` is not allowed: it drops the rest", BY_FACTOR),
    ("a pattern", "A ~ 'x'", "`~` is not allowed: a pattern may run for long",
     "Use `like`, contains(...) or starts_with(...)."),
    ("a pattern by a function", "regexp_matches(A, 'x')", "function 'regexp_matches' is not allowed",
     "Use `like`, contains(...) or starts_with(...)."),
    ("one bar", "A | B", "`|` is not allowed", "Use `or` between conditions, `||` between texts."),
    ("the environment", "getenv('HOME')", "function 'getenv' is not allowed", LISTED),
    ("a query", "query('x')", "function 'query' is not allowed", LISTED),
    ("a random number", "random()", "function 'random' is not allowed", LISTED),
    ("by its other name", "A * rand()", "function 'rand' is not allowed", LISTED),
    ("behind one that is allowed", "len(A) + random()", "function 'random' is not allowed", LISTED),
    ("within one that is allowed", "upper(STRFTIME(A, '%Y'))", "function 'strftime' is not allowed", LISTED),
    ("a slip of the pen", "uper(A)", "function 'uper' is not allowed", "Closest: upper."),
    ("a longer word", "concatenate(A, B)", "function 'concatenate' is not allowed", "Closest: concat."),
    ("today", "today()", "today's date is not allowed: an expression sees one record only",
     "Name a date of the record: the same record would give another value tomorrow."),
    ("a span of time", "A + interval 1 day", "an interval is not allowed",
     "Add whole days: cast(A as date) + 30."),
    ("a piece", "A[1]", "a piece in square brackets is not allowed",
     "Use split_part(A, ',', 1) or substring(A, 1, 3)."),
    ("curly quotes", "A = ‘x’", "‘x’ is in curly quotes",
     "Write straight ones: 'x' for a text, \"x\" for a name."),
    ("another name", "A as B", "`as` is not allowed: the field has its name already",
     "Take it out with the name behind."),
]  # fmt: skip


@tabled("text what fix", REFUSED)
def test_what_is_not_allowed_says_why_and_what_to_use(text: str, what: str, fix: str) -> None:
    for reader in (read_expression, read_condition):
        with pytest.raises(Unreadable) as caught:
            reader(text)
        assert (caught.value.what, caught.value.fix) == (what, fix)


@pytest.mark.parametrize("fix", sorted({fix for _, fix in WHY_NOT.values()}))
def test_what_is_advised_is_no_function_that_a_condition_refuses(fix: str) -> None:
    called = set(re.findall(r"(\w+)\(", fix))
    assert called <= {each.name for each in FUNCTIONS if each.takes is None} | {"cast"}


@pytest.mark.parametrize("side", [None, Side.SALESFORCE], ids=["a record", "a related record"])
def test_a_subquery_in_a_condition_says_the_one_form_there_is(side: Side | None) -> None:
    with pytest.raises(Unreadable, match="a subquery is not allowed: an expression sees") as caught:
        read_condition("A = (SELECT 1)", side)
    assert "only the `where` of a related record looks into another table" in caught.value.fix


def test_a_subquery_in_an_expression_points_to_related_records() -> None:
    with pytest.raises(Unreadable, match="a subquery is not allowed") as caught:
        read_expression("(select Name from Account)")
    assert caught.value.fix.startswith("Name a column of the record, or of a related one: `related:`")


NUMBER, DECIMAL = "Make the text a number: number(A).", "Make the text a number: cast(A as decimal(18,2))."

#  why, text, types, message, next step in an expression, next step in a condition
TYPES = [
    ("text and a number", "A + 1", {"A": "VARCHAR"},
     "`+` does not take text and a whole number", NUMBER, DECIMAL),
    ("a decimal has a comma", "A * B", {"A": "VARCHAR", "B": "DECIMAL(18,5)"},
     "`*` does not take text and a number", NUMBER, DECIMAL),
    ("a text that is written out", "'x' + 1", {},
     "`+` does not take text and a whole number", NUMBER, DECIMAL),
    ("its example", "round(A, 2)", {"A": "VARCHAR"}, "`round` does not take text and a whole number",
     NUMBER + " E.g. round(2.345, 2)", DECIMAL + " E.g. round(2.345, 2)"),
    ("no text", "A like 'x'", {"A": "BIGINT"}, "`like` does not take a whole number and text",
     *["Make what is no text one: cast(A as varchar)."] * 2),
    ("no date", "year(A)", {"A": "VARCHAR"}, "`year` does not take text",
     "Make it a date: date_of(A). E.g. year(DATE '2026-03-30')",
     "Make it a date: cast(A as date). E.g. year(DATE '2026-03-30')"),
    ("compared", "A > B", {"A": "DATE", "B": "DECIMAL(18,5)"}, "a date and a number do not go together",
     "Make both dates: date_of(A), days_between(A, B); or both texts: cast(A as varchar).",
     "Make both dates: cast(A as date); or both texts: cast(A as varchar)."),
    ("mixed", "coalesce(A, B)", {"A": "DATE", "B": "BIGINT"}, "a date and a whole number do not go together",
     "Make both dates: date_of(A), days_between(A, B); or both texts: cast(A as varchar).",
     "Make both dates: cast(A as date); or both texts: cast(A as varchar)."),
    ("too few", "substring(A)", {"A": "VARCHAR"}, "`substring` does not take text",
     *["Look at how many values it takes, and which. E.g. substring('INV-1741', 5, 2)"] * 2),
]  # fmt: skip


@tabled("text types what fix condition_fix", TYPES)
def test_types_are_told_in_plain_words_with_a_cast_that_is_allowed(
    text: str, types: dict[str, str], what: str, fix: str, condition_fix: str
) -> None:
    for own, step in ((True, fix), (False, condition_fix)):
        with pytest.raises(Unreadable) as caught:
            result_type(text, types, own=own)
        assert (caught.value.what, caught.value.fix) == (what, step)


#  why, name, known, the names that are like it
NEAR = [
    ("a letter is missing", "uper", ["upper", "lower"], ["upper"]),
    ("no case", "NAME", ["Name"], ["Name"]),
    ("at its end", "Name", ["FullName", "Amount"], ["FullName"]),
    ("not in its middle", "count", ["clean_country"], []),
    ("too short to be at an end", "ate", ["date_of_birth"], []),
    ("a field by its sound", "Fone", ["Phone", "Price"], ["Phone"]),
    ("another word", "getenv", ["greatest"], []),
    ("another type", "number", ["name"], []),
    ("another function", "query", ["upper"], []),
    ("nothing", "", ["Name"], []),
]  # fmt: skip


@tabled("name known like", NEAR)
def test_only_a_name_that_is_really_like_it_is_closest(name: str, known: list[str], like: list[str]) -> None:
    assert near(name, known) == like
    names = f"Closest: {', '.join(like)}." if like else f"Known: {', '.join(sorted(known))}."
    assert closest(name, known) == names


HEAD = """\
mapping: items
salesforce: &side {object: Product2, label: Name}
quickbooks: {object: Item, label: Name}
match: []
"""
FIELDS = "fields:\n  a: {salesforce: A, quickbooks: B}\n"
TYPE_WORDS = ", ".join(FieldType)
ENTRY = "Write `fields:` and below it `<name>: {salesforce: <API field>, quickbooks: <API field>}`."
NAMES = "Write one name, or several in square brackets: [A, B]."


def with_field(words: str) -> str:
    return f"fields:\n  a: {{salesforce: A, quickbooks: B, {words}}}\n"


#  why, text behind the head, line, message, next step
FORMS = [
    ("no fields", "fields:\n", 5, "the mapping has no fields", ENTRY),
    ("a field of a table", "fields:\n  a: {salesforce: *side, quickbooks: B}\n", 6,
     "'salesforce' of field 'a' is not a name or a list of names", NAMES),
    ("on is a word", "states:\n  S: {to: quickbooks, on: yes}\n" + FIELDS, 6,
     "'on' of state 'S' is yes, expected true or false", "Write `on: true` or `on: false`, without quotes."),
    ("on is a table", "states:\n  S: {to: quickbooks, on: *side}\n" + FIELDS, 6,
     "'on' of state 'S' is a table of keys, expected true or false",
     "Write `on: true` or `on: false`, without quotes."),
    ("a number's type", with_field("type: number"), 6,
     f"'type' of field 'a' is 'number', expected one of: {TYPE_WORDS}", "Write quantity, money or price."),
    ("a text's type", with_field("type: String"), 6,
     f"'type' of field 'a' is 'String', expected one of: {TYPE_WORDS}", "Write text."),
    ("a slip of the pen", with_field("type: pric"), 6,
     f"'type' of field 'a' is 'pric', expected one of: {TYPE_WORDS}", "Closest: price."),
    ("no word at all", with_field("type: zzz"), 6,
     f"'type' of field 'a' is 'zzz', expected one of: {TYPE_WORDS}", "Write one of them."),
    ("an alias for a word", with_field("type: *side"), 6,
     f"'type' of field 'a' is a table of keys, expected one of: {TYPE_WORDS}", "Write one of them."),
    ("an alias for the one word", with_field("unlinked: *side"), 6,
     "'unlinked' of field 'a' is a table of keys, expected 'empty' or nothing",
     "Write `unlinked: empty`, or leave it out."),
    ("an alias for an expression", with_field("read: {salesforce: *side}"), 6,
     "'read' of field 'a' is not an expression but a table of keys", "Write it in double quotes."),
    ("an alias for a text", with_field("notes: *side"), 6,
     "'notes' of field 'a' is a table of keys, expected text", "Write `notes: <text>`."),
    ("a text of many lines for a word", with_field(f"type: '{'long ' * 40}'"), 6,
     f"'type' of field 'a' is '{('long ' * 40)[:60]}...', expected one of: {TYPE_WORDS}",
     "Write one of them."),
    ("a template's word as a key", FIELDS + "  {{x}}: y\n", 7,
     "a key is a list or a table, expected a plain word",
     "Write `<word>: <value>`; a text that begins with { or [ goes in double quotes."),
    ("an alias as a key", FIELDS + "  *side : y\n", 7,
     "a key is a list or a table, expected a plain word",
     "Write `<word>: <value>`; a text that begins with { or [ goes in double quotes."),
    ("a condition", "states:\n  S: {to: quickbooks, where: 'Foo ='}\n" + FIELDS, 6,
     "'where' of state 'S': it is no SQL expression: nothing stands behind `=`, character 5: Foo =",
     "Write a column or a value behind it, or take `=` out."),
    ("a read expression", with_field("read: {salesforce: 'X AND ('}"), 6,
     "'read' of field 'a': it is no SQL expression: the `(` is not closed, character 7: X AND (",
     "Write what belongs in it and a `)`, or take it out."),
    ("a write expression", with_field("write: {salesforce: 'A / 4'}"), 6,
     "'write' of field 'a': `/` is not allowed: it gives a binary fraction, which is no exact amount",
     BY_FACTOR),
]  # fmt: skip


def problems(text: str) -> list[Problem]:
    with pytest.raises(MappingError) as caught:
        read_mapping(HEAD + text, Path("items.yaml"))
    return list(caught.value.problems)


@tabled("text line what fix", FORMS)
def test_a_mapping_says_what_is_wrong_and_the_next_step(text: str, line: int, what: str, fix: str) -> None:
    found = problems(text)
    assert [(each.where, each.what, each.fix) for each in found] == [(f"items.yaml:{line}", what, fix)]


def test_a_section_within_itself_is_told_and_not_walked_for_ever() -> None:
    with pytest.raises(MappingError, match="holds a section within itself") as caught:
        read_mapping(HEAD + "fields: &all\n  a: *all\n", Path("items.yaml"))
    assert caught.value.fix == "Write the section out where the alias stands."
