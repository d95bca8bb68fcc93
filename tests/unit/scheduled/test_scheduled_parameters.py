"""Parameters of a run: typed as the notebook expects, or refused with all reasons at once."""

import nbformat
import pytest

from workbench.errors import UsageProblem
from workbench.scheduled.parameters import check, declared, escaped, typed

#  why                              given          default                     value
TYPED = [
    ("text stays text",             "demo",        '"other"',                  "demo"),
    ("also when it looks a number", "0042",        '"other"',                  "0042"),
    ("and when it looks a word",    "None",        '""',                       "None"),
    ("true",                        "True",        "False",                    True),
    ("true, as a shell writes it",  "true",        "False",                    True),
    ("yes",                         "YES",         "False",                    True),
    ("false is not a true text",    "false",       "False",                    False),
    ("nought",                      "0",           "True",                     False),
    ("already a boolean",           True,          "False",                    True),
    ("a whole number",              "12",          "100",                      12),
    ("a negative one",              "-1",          "100",                      -1),
    ("a number",                    "0.5",         "1.0",                      0.5),
    ("a whole one for a number",    "2",           "1.0",                      2.0),
    ("nothing said: a number",      "12",          "None",                     12),
    ("nothing said: a word",        "True",        "None",                     True),
    ("nothing said: none",          "None",        "None",                     None),
    ("nothing said: text",          "both",        "None",                     "both"),
    ("an expression says nothing",  "x",           "os.environ.get('A', '')",  "x"),
    ("a list as it is",             ["a"],         "None",                     ["a"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "default", "value"), [case[1:] for case in TYPED], ids=[case[0] for case in TYPED]
)
def test_typed(given, default, value):
    result = typed(given, default)
    assert (result, type(result)) == (value, type(value))


#  why                          given     default   says
REFUSED = [
    ("neither true nor false",  "maybe",  "False",  "is either true or false"),
    ("an empty word",           "",       "False",  "is either true or false"),
    ("no whole number",         "1.5",    "100",    "is a whole number"),
    ("a word for a number",     "many",   "100",    "is a whole number"),
    ("true is no number",       True,     "100",    "is a whole number"),
    ("no number",               "x",      "1.0",    "is a number"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "default", "says"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_refused(given, default, says):
    with pytest.raises(ValueError, match=says):
        typed(given, default)


KNOWN = {"profile": '"demo"', "execute": "False", "max_changes": "100", "run_folder": "None"}


def test_all_problems_are_told_at_once_with_the_closest_names():
    with pytest.raises(UsageProblem) as caught:
        check(
            {"proflie": "x", "run_folder": "/tmp", "execute": "perhaps", "zzz": "1", "max_changes": "5"},
            KNOWN,
        )
    said = str(caught.value)
    assert caught.value.exit_code == 64
    assert "no parameter 'proflie'" in said
    assert "Did you mean profile?" in said
    assert "'run_folder' is set by the run itself" in said
    assert "'execute' is either true or false" in said
    assert "It takes: profile, execute, max_changes." in said
    assert "'max_changes'" not in said


def test_what_is_not_given_keeps_its_default():
    assert check({"max_changes": "5"}, KNOWN) == {"max_changes": 5}
    assert check({}, KNOWN) == {}


def write(path, *cells):
    notebook = nbformat.v4.new_notebook(cells=list(cells))
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)
    return path


def test_parameters_are_read_from_the_tagged_cell(tmp_path):
    source = 'import os\nprofile = "demo"  # the folder\nexecute = False\nlimit: int = 5\n'
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": ["parameters"]})
    path = write(tmp_path / "with {braces}.ipynb", nbformat.v4.new_code_cell("other = 1"), cell)
    assert declared(path) == {"profile": '"demo"', "execute": "False", "limit": "5"}


def test_a_notebook_without_parameters_takes_none(tmp_path):
    known = declared(write(tmp_path / "a.ipynb", nbformat.v4.new_code_cell("a = 1")))
    assert known == {}
    with pytest.raises(UsageProblem, match="It takes no parameters"):
        check({"a": "2"}, known)


def test_what_is_no_notebook_is_refused(tmp_path):
    with pytest.raises(UsageProblem, match="there is no notebook"):
        declared(tmp_path / "absent.ipynb")
    for content in ("not json", "{}", "[]", '{"cells": 1, "nbformat": 4, "nbformat_minor": 5}'):
        path = tmp_path / "odd.ipynb"
        path.write_text(content)
        with pytest.raises(UsageProblem, match="is no notebook"):
            declared(path)


def test_braces_in_a_path_are_for_papermill_only(tmp_path):
    assert escaped(tmp_path / "{x}").format(x="wrong") == str(tmp_path / "{x}")
