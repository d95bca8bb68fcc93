"""Expressions: every function by its example, what is not allowed, and the SQL that is run."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import sqlglot
from core_world import tabled
from sqlglot import ErrorLevel

from workbench.expressions.check import Unreadable, read_expression
from workbench.expressions.functions import FUNCTIONS, Function
from workbench.expressions.guide import guide
from workbench.expressions.macros import MACROS
from workbench.expressions.render import render
from workbench.expressions.types import result_type
from workbench.normalize import identifier

GUIDE = Path(__file__).parents[3] / "mappings" / "expressions.md"


def value(text: str, **columns: object) -> str | None:
    """What DuckDB makes of an expression over one record, as text."""
    read_expression(text)
    given = ", ".join(f"? AS {identifier(name)}" for name in columns) or "1"
    written = render(text, lambda name: f"record.{identifier(name)}")
    query = f"SELECT CAST({written} AS VARCHAR) FROM (SELECT {given}) AS record"
    with duckdb.connect() as connection:
        row = connection.execute(query, list(columns.values())).fetchone()
    assert row is not None
    return None if row[0] is None else str(row[0])


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda each: each.name)
def test_each_function_does_what_its_example_says(function: Function) -> None:
    assert value(function.example) == function.gives
    assert function.name in function.example


@pytest.mark.parametrize("function", [each for each in FUNCTIONS if each.takes], ids=lambda each: each.name)
def test_own_functions_of_nothing_are_empty(function: Function) -> None:
    arguments = ["NULL", "'1'"][: function.takes[0] if function.takes else 0]
    assert value(f"{function.name}({', '.join(arguments)})") is None


@pytest.mark.parametrize(
    "function", [each for each in FUNCTIONS if each.portable], ids=lambda each: each.name
)
def test_portable_functions_are_carried_over_to_spark(function: Function) -> None:
    written = sqlglot.transpile(
        function.example, read="duckdb", write="spark", unsupported_level=ErrorLevel.RAISE
    )
    assert len(written) == 1
    assert written[0]


def test_the_list_and_the_macros_are_the_same_functions() -> None:
    assert {each.name for each in FUNCTIONS if each.takes} == MACROS.keys()
    assert not any(each.portable for each in FUNCTIONS if each.takes)
    assert len({each.name for each in FUNCTIONS}) == len(FUNCTIONS)


def test_the_guide_is_made_from_the_functions() -> None:
    assert GUIDE.read_text(encoding="utf-8") == guide(), (
        "run: python -m workbench mapping functions > mappings/expressions.md"
    )


def test_every_function_of_dbsync_has_its_place_in_the_guide() -> None:
    for word in ("VALUE", "IF", "AND", "CONCATENATE", "NUMBER", "CLEAN", "LINK", "MEMLOOKUP", "date"):
        assert word in guide().partition("Coming from DBSync")[2], word


#  why, expression, columns
READ = [
    ("a column", "Name", ["Name"]),
    ("in quotes, with a space", '"Custom_Vehicle no"', ["Custom_Vehicle no"]),
    ("of a related record", "PricebookEntry.UnitPrice * 2", ["PricebookEntry.UnitPrice"]),
    ("each once, in their order", "concat_ws(' ', B, A, B)", ["B", "A"]),
    ("none", "'Invoice'", []),
    ("capitals", "UPPER(Name)", ["Name"]),
    ("conditions", "case when A > 1 and not B is null or C in ('x', 'y') then 'a' else 'b' end",
     ["A", "B", "C"]),
    ("distinct from", "A is distinct from B", ["A", "B"]),
    ("a cast", "cast(A as date) between date '2026-01-01' and date '2026-12-31'", ["A"]),
    ("a quote in a text", "replace(A, '''', '’')", ["A"]),
    ("functions in functions", "upper(clean_name(first_name(Name)))", ["Name"]),
]  # fmt: skip


@tabled("text columns", READ)
def test_an_expression_names_its_columns(text: str, columns: list[str]) -> None:
    assert list(read_expression(text)) == columns


#  why, expression, words of the reason, words of the way out
REFUSED = [
    ("nothing", "", "it is empty", ""),
    ("only a comment", "-- x", "it is empty", ""),
    ("two statements", "Name; DROP TABLE x", "", ""),
    ("half of it", "upper(Name", "no SQL expression", ""),
    ("an open text", "'Name", "no SQL expression", ""),
    ("a query", "select Name from Account", "a subquery is not allowed", ""),
    ("a subquery", "(select max(Name) from Account)", "a subquery is not allowed", ""),
    ("a subquery in `in`", "Name in (select Name from Account)", "a subquery is not allowed", ""),
    ("exists", "exists(select 1)", "not allowed", ""),
    ("a file", "read_csv('/etc/passwd')", "function 'read_csv' is not allowed", ""),
    ("a file as text", "read_text('/etc/passwd')", "function 'read_text' is not allowed", ""),
    ("the environment", "getenv('HOME')", "function 'getenv' is not allowed", ""),
    ("a table function", "glob('*')", "function 'glob' is not allowed", ""),
    ("a slip of the pen", "uper(Name)", "function 'uper' is not allowed", "Closest: upper."),
    ("an own function's slip", "clean_phon(Name)", "not allowed", "Closest: clean_phone"),
    ("a function nobody knows", "zzz(Name)", "not allowed", "workbench mapping functions"),
    ("too few for DuckDB's", "left(Name)", "no SQL expression", ""),
    ("too many for an own one", "clean(A, B)", "clean takes 1 value, 2 given", "E.g. clean("),
    ("too few for an own one", "line_of(A)", "line_of takes 2 values, 1 given", ""),
    ("a table's column", "main.Account.Name", "another table's", ""),
    ("all columns", "concat(*)", "name each column", ""),
    ("an aggregate", "sum(Amount)", "function 'sum' is not allowed", ""),
    ("a window", "row_number() over ()", "a window is not allowed", ""),
    ("a division", "Amount / 3", "binary fraction", ""),
    ("a float", "Amount * 1e-2", "is a float", "all its digits"),
    ("a float by cast", "cast(Amount as double)", "type DOUBLE is not allowed", "decimal(18,2)"),
    ("a name", "upper(Name) as x", "`as` is not allowed", ""),
    ("a parameter", "Name = ?", "a parameter is not allowed", ""),
    ("a lambda", "list_filter(A, lambda x: x > 1)", "not allowed", ""),
    ("a list", "[A, B]", "not allowed", ""),
    ("a struct", "{'a': A}", "not allowed", ""),
    ("a piece of a list", "A[1]", "not allowed", ""),
    ("the clock", "current_date", "not allowed", ""),
    ("a random number", "random()", "not allowed", ""),
    ("distinct", "upper(distinct Name)", "not allowed", ""),
    ("a filter", "upper(Name) filter (where A)", "not allowed", ""),
    ("too deep", "clean_street(" * 6 + "A" + ")" * 6, "too deep", "two fields"),
]  # fmt: skip


@tabled("text what fix", REFUSED)
def test_what_is_not_allowed_says_why(text: str, what: str, fix: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_expression(text)
    assert what in caught.value.what
    assert fix in caught.value.fix


#  why, expression, its columns' types, type of the value
TYPES = [
    ("text", "upper(A)", {"A": "VARCHAR"}, "VARCHAR"),
    ("an exact sum", "A + A", {"A": "DECIMAL(38,10)"}, "DECIMAL(38,10)"),
    ("a date", "add_days(A, 30)", {"A": "DATE"}, "DATE"),
    ("a date of DuckDB's own", "A + 30", {"A": "DATE"}, "DATE"),
    ("a condition", "A > 1", {"A": "BIGINT"}, "BOOLEAN"),
    ("no column", "'x'", {}, "VARCHAR"),
]  # fmt: skip


@tabled("text types given", TYPES)
def test_the_type_of_a_value_is_known_before_any_record(text: str, types: dict[str, str], given: str) -> None:
    assert result_type(text, types) == given


def test_a_function_that_does_not_take_the_type_says_so() -> None:
    with pytest.raises(Unreadable, match="`abs` does not take a date"):
        result_type("abs(A)", {"A": "DATE"})


#  why, expression, value of A, result
PARTS = [
    ("a number with its sign behind the currency", "number(A)", "$ -5.00", "-5.0000000000"),
    ("a sign before the currency", "number(A)", "-$5", "-5.0000000000"),
    ("thousands", "number(A)", "1,234,567.8", "1234567.8000000000"),
    ("blank", "number(A)", "  ", None),
    ("a date with its time", "date_of(A)", "2026-03-30T23:59:59Z", "2026-03-30"),
    ("the month first", "date_of(A)", "12/1/2026", "2026-12-01"),
    ("one word is a last name", "last_name(A)", "Cher", "Cher"),
    ("one word is no first name", "first_name(A)", "Cher", None),
    ("a first name alone", "first_name(A)", "Mary Ann Smith", "Mary Ann"),
    ("a particle is no first name", "last_name(A)", "Vincent van Gogh", "van Gogh"),
    ("unless it is the first word", "first_name(A)", "Le Minh", "Le"),
    ("last name first", "first_name(A)", "Smith, Dr. Mary Ann", "Mary Ann"),
    ("salutation with the last name first", "salutation(A)", "Smith, Dr. Mary Ann", "Dr."),
    ("a suffix behind a comma", "last_name(A)", "Tom Ford, Jr.", "Ford"),
    ("a name that begins like a title", "first_name(A)", "Drew Mills", "Drew"),
    ("no salutation", "salutation(A)", "Drew Mills", None),
    ("no suffix", "name_suffix(A)", "Drew Mills", None),
    ("a postal code with four more digits", "clean_postal_code(A)", "123456789", "12345-6789"),
    ("a postal code of five", "clean_postal_code(A)", " 12345 ", "12345"),
    ("a British one", "clean_postal_code(A)", "sw1a  1aa", "SW1A 1AA"),
    ("a state by its letters", "clean_state(A)", "ca", "CA"),
    ("a state that is none", "clean_state(A)", "Bavaria", "BAVARIA"),
    ("a country with dots", "clean_country(A)", "U.S.A.", "US"),
    ("a plain street", "clean_street(A)", "P.O. Box 5", "po box 5"),
    ("mailto", "clean_email(A)", "mailto:A@B.com", "a@b.com"),
    ("no phone number", "clean_phone(A)", "Call the office", "call the office"),
    ("nothing but signs that do not print", "clean(A)", "\x00\x07", None),
    ("signs between words", "clean(A)", "a\x00b\tc", "ab c"),
    ("all of CP1252 stays", "cp1252(A)", "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ ÿ", "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ ÿ"),
    ("an emoji goes", "cp1252(A)", "ok 👍", "ok "),
    ("a letter in two parts", "cp1252(A)", "e\u0301", "é"),
    ("nothing is left", "cp1252(A)", "日本", None),
    ("a line that is not there", "line_of(A, 3)", "one\ntwo", None),
]  # fmt: skip


@tabled("text given result", PARTS)
def test_edges_of_the_own_functions(text: str, given: str, result: str | None) -> None:
    assert value(text, A=given) == result


@pytest.mark.parametrize("given", ["soon", "1,5", "12,34.5", "0x10", "1.2.3"])
def test_a_text_that_is_no_number_fails(given: str) -> None:
    with pytest.raises(duckdb.ConversionException):
        value("number(A)", A=given)


def test_every_character_is_kept_or_written_in_cp1252() -> None:
    every = "".join(chr(code) for code in range(0x20, 0x2FFF) if not 0x7F <= code < 0xA0)
    written = value("cp1252(A)", A=every)
    assert written is not None
    written.encode("cp1252")
    assert all(chr(code) in written for code in range(0x20, 0x7F))


def test_a_mapping_without_expression_and_condition_does_not_load_sqlglot() -> None:
    text = (
        "mapping: a\nsalesforce: {object: A, label: N}\nquickbooks: {object: B, label: N}\n"
        "match: []\nfields:\n  n: {salesforce: N, quickbooks: N}\n"
    )
    code = (
        "import pathlib, sys; import workbench.normalize; from workbench.mapping import read_mapping;"
        f"read_mapping({text!r}, pathlib.Path('a.yaml')); print('sqlglot' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=GUIDE.parents[1]
    )
    assert run.stdout.strip() == "False"
