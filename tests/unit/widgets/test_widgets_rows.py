"""The rows behind a grid, without a browser."""

# ruff: noqa: E501  (tables are read in columns)

from datetime import UTC, date, datetime
from decimal import Decimal as D

import pandas as pd
import pytest

from workbench.errors import UsageProblem
from workbench.widgets.columns import Column, text_of, width_of
from workbench.widgets.rows import Query, Rows

CHANGES = pd.DataFrame(
    [
        # change action  side          mapping             record           field    before          after           salesforce      quickbooks      why             hold
        ("c1", "modify", "quickbooks", "account-customer", "Abercrombie",   "phone", "555-0101",     "555-0199",     "555-0199",     "555-0101",     "only SF moved", None),
        ("c1", "modify", "quickbooks", "account-customer", "Abercrombie",   "city",  "Boston",       "Bóston",       "Bóston",       "Boston",       "only SF moved", None),
        ("c2", "add",    "quickbooks", "account-customer", "Zürich Tools",  None,    None,           "Zürich Tools", "Zürich Tools", None,           "missing",       None),
        ("c3", "modify", "salesforce", "product-item",     "Widget (50%)",  "price", D("9.50"),      D("10.00"),     D("9.50"),      D("10.00"),     "winner",        ""),
        ("c4", "modify", "salesforce", "product-item",     "Gadget",        "price", D("100.00"),    D("99.99"),     D("100.00"),    D("99.99"),     "winner",        "price list closed"),
    ],
    columns=["change", "action", "side", "mapping", "record", "field", "before", "after", "salesforce", "quickbooks", "why", "hold"],
)  # fmt: skip


def records(rows, **query):
    return rows.frame["record"].iloc[rows.find(Query(**query))].tolist()


#  why                                query                                             records, in order
FOUND = [
    ("everything, as it came",        {},                                               ["Abercrombie", "Abercrombie", "Zürich Tools", "Widget (50%)", "Gadget"]),
    ("a word, any case",              {"text": "ABER"},                                 ["Abercrombie", "Abercrombie"]),
    ("any column",                    {"text": "boston"},                               ["Abercrombie"]),
    ("letters beyond ASCII",          {"text": "ZÜRICH"},                               ["Zürich Tools"]),
    ("words must all occur",          {"text": "aber city"},                            ["Abercrombie"]),
    ("not a pattern",                 {"text": "(50%)"},                                ["Widget (50%)"]),
    ("digits of a number",            {"text": "99.99"},                                ["Gadget"]),
    ("nothing",                       {"text": "no such word"},                         []),
    ("spaces only are no filter",     {"text": "   ", "equal": {"action": "add"}},      ["Zürich Tools"]),
    ("one action",                    {"equal": {"action": "add"}},                     ["Zürich Tools"]),
    ("action and mapping",            {"equal": {"action": "modify", "mapping": "product-item"}}, ["Widget (50%)", "Gadget"]),
    ("an action nobody has",          {"equal": {"action": "delete"}},                  []),
    ("sorted by text, stable",        {"sort": "record"},                               ["Abercrombie", "Abercrombie", "Gadget", "Widget (50%)", "Zürich Tools"]),
    ("and down",                      {"sort": "record", "descending": True},           ["Zürich Tools", "Widget (50%)", "Gadget", "Abercrombie", "Abercrombie"]),
    ("absent values last, up",        {"sort": "field"},                                ["Abercrombie", "Abercrombie", "Widget (50%)", "Gadget", "Zürich Tools"]),
    ("absent values last, down",      {"sort": "field", "descending": True},            ["Widget (50%)", "Gadget", "Abercrombie", "Abercrombie", "Zürich Tools"]),
    ("filter and sort",               {"text": "price", "sort": "record"},              ["Gadget", "Widget (50%)"]),
]  # fmt: skip


@pytest.mark.parametrize(("query", "expected"), [case[1:] for case in FOUND], ids=[case[0] for case in FOUND])
def test_find(query, expected):
    assert records(Rows(CHANGES), **query) == expected


def test_numbers_sort_by_value_and_beyond_the_precision_of_float():
    values = [D("9007199254740993.02"), D("-5"), None, D("9007199254740993.01"), D("10"), D("9")]
    rows = Rows(pd.DataFrame({"amount": values}), columns=[Column(name="amount", kind="money")], key=None)
    order = rows.find(Query(sort="amount")).tolist()
    assert order == [1, 5, 4, 3, 0, 2]
    assert rows.find(Query(sort="amount", descending=True)).tolist() == [0, 3, 4, 5, 1, 2]


def test_a_query_for_an_unknown_column_names_it():
    with pytest.raises(UsageProblem, match="'nope'"):
        Rows(CHANGES).find(Query(sort="nope"))


def test_rows_of_one_change_are_marked_together():
    rows = Rows(CHANGES)
    rows.mark(["c1"], True)
    window = rows.window(rows.find(Query()), 0, 3)
    assert [(row["id"], row["approved"], row["follows"]) for row in window] == [
        ("c1", True, False),
        ("c1", True, True),
        ("c2", False, False),
    ]
    assert rows.approved == {"c1"}
    assert rows.approved_count == 1


def test_a_window_that_starts_inside_a_change_knows_so():
    rows = Rows(CHANGES)
    assert rows.window(rows.find(Query()), 1, 1)[0]["follows"] is True


@pytest.mark.parametrize(
    ("start", "count", "length"), [(0, 5, 5), (0, 99, 5), (4, 9, 1), (5, 9, 0), (99, 1, 0)]
)
def test_windows_end_with_the_rows(start, count, length):
    rows = Rows(CHANGES)
    assert len(rows.window(rows.find(Query()), start, count)) == length


#  why                                  ids                      approved  altered         held
MARKS = [
    ("approve",                         ["c1", "c3"],            True,     ["c1", "c3"],   []),
    ("a held one is left out",          ["c3", "c4"],            True,     ["c3"],         ["c4"]),
    ("an empty reason holds nothing",   ["c3"],                  True,     ["c3"],         []),
    ("approved already",                ["c2"],                  True,     [],             []),
    ("taken back",                      ["c2"],                  False,    ["c2"],         []),
    ("taking back a held one is fine",  ["c4"],                  False,    [],             []),
    ("nothing",                         [],                      True,     [],             []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("ids", "approved", "altered", "held"), [case[1:] for case in MARKS], ids=[case[0] for case in MARKS]
)
def test_what_a_mark_alters(ids, approved, altered, held):
    assert Rows(CHANGES, approved=["c2"]).to_mark(ids, approved) == (altered, held)


def test_approved_ids_that_are_held_or_unknown_are_not_shown_as_approved():
    rows = Rows(CHANGES, approved=["c1", "c4", "unknown"])
    assert rows.approved == {"c1"}
    assert rows.replace_approved(["c4", "c2"]) == ["c4"]
    assert rows.approved == {"c2"}


def test_changed_cells_and_numbers_are_told_by_column():
    rows = Rows(CHANGES)
    names = [column.name for column in rows.columns]
    window = rows.window(rows.find(Query()), 2, 2)
    changed = [{names[j] for j in row["changed"]} for row in window]
    assert changed == [{"after", "salesforce", "quickbooks"}] * 2
    assert [{names[j] for j in row["right"]} for row in window] == [
        set(),
        {"before", "after", "salesforce", "quickbooks"},
    ]


def test_equal_values_are_not_marked_as_changed():
    frame = pd.DataFrame({"change": ["c"], "before": [D("1.0")], "after": [D("1.0")]})
    rows = Rows(frame)
    assert rows.window(rows.find(Query()), 0, 1)[0]["changed"] == []


def test_several_reasons_of_one_change_are_one_text():
    frame = pd.DataFrame({"change": ["a", "a", "a", "b"], "hold": ["one", None, "two", None]})
    rows = Rows(frame)
    assert (rows.hold_of("a"), rows.hold_of("b"), rows.held_count) == ("one; two", None, 1)


def test_counts_are_of_changes_not_of_rows():
    assert Rows(CHANGES).counts("action") == {"modify": 3, "add": 1}


def test_an_empty_frame_has_nothing_to_show():
    rows = Rows(CHANGES.iloc[:0])
    assert rows.find(Query(text="x", equal={"action": "add"}, sort="record")).tolist() == []
    assert (rows.ids, rows.approved, rows.values("action")) == ([], frozenset(), [])


#  why                       value                                        text
TEXTS = [
    ("scale is kept",        D("10.00"),                                  "10.00"),
    ("no exponent",          D("1E+3"),                                   "1000"),
    ("beyond float",         D("9007199254740993.01"),                    "9007199254740993.01"),
    ("sign",                 D("-0.01"),                                  "-0.01"),
    ("none",                 None,                                        ""),
    ("not a number",         float("nan"),                                ""),
    ("pandas' absent",       pd.NA,                                       ""),
    ("no time",              pd.NaT,                                      ""),
    ("yes",                  True,                                        "true"),
    ("a date",               date(2026, 3, 30),                           "2026-03-30"),
    ("a time",               datetime(2026, 3, 30, 16, 40, tzinfo=UTC),   "2026-03-30 16:40+00:00"),
    ("a count",              7,                                           "7"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "text"), [case[1:] for case in TEXTS], ids=[case[0] for case in TEXTS])
def test_text_of(value, text):
    assert text_of(value) == text


#  why                             column                          texts              width
WIDTHS = [
    ("the header, and its mark",   Column(name="quickbooks"),      [],                12),
    ("its title instead",          Column(name="x", title="abcdefgh"), ["a"],         10),
    ("the texts",                  Column(name="a"),               ["x" * 20] * 9,    20),
    ("one long text of ten",       Column(name="abcdef"),          ["x"] * 19 + ["y" * 99], 8),
    ("at most",                    Column(name="a"),               ["x" * 99] * 9,    28),
    ("at least",                   Column(name="a"),               [""],              5),
    ("empty texts don't count",    Column(name="a"),               [""] * 99 + ["x" * 12], 12),
    ("nor do blank lines",         Column(name="a"),               ["\n \n"],         5),
    ("the longest line counts",    Column(name="a"),               ["x" * 12 + "\n" + "y" * 3], 12),
    ("as declared",                Column(name="a", width=50),     ["x"],             50),
]  # fmt: skip


@pytest.mark.parametrize(
    ("column", "texts", "width"), [case[1:] for case in WIDTHS], ids=[case[0] for case in WIDTHS]
)
def test_width_of(column, texts, width):
    assert width_of(column, texts) == width


#  why                            frame                                               arguments                                              says
REFUSED = [
    ("no id column",              {"a": [1]},                                         {},                                                    "'change'"),
    ("a row without an id",       {"change": ["x", None], "a": [1, 2]},               {},                                                    "row 1 has no id"),
    ("an undeclared column",      {"change": ["x"]},                                  {"columns": ["b"]},                                    "no column 'b'"),
    ("compared with nothing",     {"change": ["x"], "a": [1]},                        {"columns": [Column(name="a", versus="b")]},           "no column 'b'"),
    ("money as float",            {"change": ["x"], "a": [1.5]},                      {"columns": [Column(name="a", kind="money")]},         "float 1.5, expected Decimal"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("frame", "arguments", "says"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_refused(frame, arguments, says):
    with pytest.raises(UsageProblem, match=says):
        Rows(pd.DataFrame(frame), **arguments)
