"""The notebooks that come along: stripped, thin, and unable to push by being run."""

import ast
from pathlib import Path

import nbformat
import pytest

from workbench.scheduled.parameters import RUN_FOLDER, declared

FOLDER = Path(__file__).resolve().parents[3] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def code(path):
    """The cells of code, as syntax trees."""
    cells = nbformat.read(path, as_version=4).cells
    return [ast.parse(cell.source) for cell in cells if cell.cell_type == "code"]


def guarded_branch(test):
    """Which branch of an `if` runs only when `execute` is on: 'body', 'orelse' or None."""
    words = test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else [test]
    if any(isinstance(word, ast.Name) and word.id == "execute" for word in words):
        return "body"
    return "orelse" if ast.unparse(test) == "not execute" else None


def calls_that_write(node):
    """Calls that approve, close, link or push for real, wherever `execute` need not be on."""
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        pushes = any(word.arg == "execute" and ast.unparse(word.value) != "False" for word in node.keywords)
        if pushes or name in ("approve", "close", "execute", "resume", "link", "not_a_match"):
            yield ast.unparse(node)
    skipped = guarded_branch(node.test) if isinstance(node, ast.If) else None
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and name != skipped:
                yield from calls_that_write(child)


def test_the_two_are_there():
    assert {"00_start", "90_scheduled_reconciliation"} <= {path.stem for path in NOTEBOOKS}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_valid_and_stripped(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    kept = [
        cell for cell in notebook.cells if cell.cell_type == "code" and (cell.outputs or cell.execution_count)
    ]
    assert kept == []
    assert "widgets" not in notebook.metadata


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_has_one_cell_of_parameters_that_pushes_nothing(path):
    cells = nbformat.read(path, as_version=4).cells
    assert sum("parameters" in cell.metadata.get("tags", []) for cell in cells) == 1
    known = declared(path)
    assert "profile" in known
    assert known.get("execute", "False") == "False"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_running_all_cells_never_pushes_or_decides(path):
    assert [call for tree in code(path) for call in calls_that_write(tree)] == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("bench.push(changes)", 0),
        ("bench.push(changes, execute=False)", 0),
        ("bench.push(changes, execute=True)", 1),
        ("bench.push(changes, execute=execute)", 1),
        ("if diff:\n    changes.approve()", 1),
        ("if execute and diff:\n    changes.approve()", 0),
        ("if not execute:\n    changes.approve()", 1),
        ("if not execute:\n    1\nelif many:\n    2\nelse:\n    changes.approve()", 0),
        ("if execute:\n    1\nelse:\n    changes.approve()", 1),
        ("if execute or diff:\n    changes.approve()", 1),
        ("show(changes.approve(where='all'))", 1),
    ],
)
def test_the_guard_itself_sees_what_writes(source, found):
    assert len(list(calls_that_write(ast.parse(source)))) == found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_thin(path):
    assert max(len(ast.unparse(tree).splitlines()) for tree in code(path)) <= 25


def test_the_scheduled_one_writes_a_result():
    assert RUN_FOLDER in declared(FOLDER / "90_scheduled_reconciliation.ipynb")
