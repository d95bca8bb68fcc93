"""The floors of the house: who may import whom, read from the source.

A row of a table imports lower rows only.  Where pieces that the design puts on one floor have an order
among themselves, they have a row each here.  Importing inside a function or for type checking counts too;
only inside a package may a handle name its maker's type (`if TYPE_CHECKING`) without that being a circle.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.source_tree import tree

ROOT = Path(__file__).resolve().parents[3]

FLOORS = {
    "workbench": [
        ["__main__"],
        ["cli"],
        ["demo", "fleet"],
        ["bench", "console"],
        ["widgets", "scheduled", "worker", "quickstart"],
        ["forecast"],
        ["push", "schemaplan"],
        ["report", "validate"],
        ["reconciliation", "decisionfile", "masters", "webconnector"],
        ["derived"],
        ["workspace", "templates"],
        ["pull"],
        ["connections", "notify"],
        ["snapshots", "crosswalk", "ledger", "approval"],
        ["store"],
        ["moneyproof"],
        ["changes"],
        ["diff"],
        ["matching"],
        ["normalize"],
        ["mapping"],
        ["expressions"],
        ["profile", "resources", "lab", "autostart"],
        ["model"],
        ["money", "yamltext", "asking"],
        ["errors", "spelling"],
    ],
    "qbwc": [
        ["__main__"],
        ["cli"],
        ["serving"],
        ["service", "simulator", "qwc"],
        ["session"],
        ["queue"],
        ["tape", "users"],
        ["store"],
        ["qbxml"],
        ["descriptor", "tls"],
        ["status"],
        ["errors", "spyne_compat", "lifeline"],
    ],
}
# They import nothing of their own package: the test org would share its mistakes, and the set-up runs before
# anything is installed.
ALONE = ("workbench.testorg", "workbench.bootstrap")

KEEPERS = (
    "workbench.store",
    "workbench.snapshots",
    "workbench.crosswalk",
    "workbench.ledger",
    "workbench.approval",
)
# What is imported -> the only modules that may, by the start of their dotted name.
ONLY = {
    # The demo is a command, and plays the bookkeeper at the pretend company file.
    "qbwc": (
        "qbwc",
        "workbench.connections.quickbooks",
        "workbench.connections.quickbooks_forecast",
        "workbench.connections.quickbooks_reading",
        "workbench.connections.quickbooks_server",
        "workbench.cli",
        "workbench.demo",
    ),
    "spyne": ("qbwc.service", "qbwc.spyne_compat"),
    # The store may be opened and handed on by others; what is in it is known to these alone.
    "workbench.store.schema": KEEPERS,
    "workbench.store.engine": KEEPERS,
    "workbench.testorg": ("workbench.testorg", "workbench.cli", "workbench.demo"),
    "workbench.bootstrap": ("workbench.bootstrap", "workbench.__main__"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One import statement's target, as seen from the module that has it."""

    module: str
    target: str
    where: str
    typing: bool


def within(name: str, package: str) -> bool:
    """Whether a dotted name is a module or lies inside it."""
    return name == package or name.startswith(package + ".")


def modules(root: Path) -> dict[str, Path]:
    """Dotted name -> file, of every module of both packages; a package stands for its `__init__`."""
    found = {}
    for package in FLOORS:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(root: Path) -> Iterator[Import]:
    """Every import of every module, `from package import module` resolved to the module."""
    known = modules(root)
    for name, path in known.items():
        if name in FLOORS:
            continue  # the package's own face, held to be light by a test of its own
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        parsed = tree(path.read_text(encoding="utf-8"))
        typing = {inner for node in ast.walk(parsed) if _is_typing(node) for inner in ast.walk(node)}
        for node in ast.walk(parsed):
            for target in _targets(node, package):
                while target not in known and target.partition(".")[0] in FLOORS and "." in target:
                    target = target.rpartition(".")[0]  # a name in a module
                where = f"{path.relative_to(root).as_posix()}:{getattr(node, 'lineno', 0)}"
                yield Import(module=name, target=target, where=where, typing=node in typing)


def _is_typing(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}


def _targets(node: ast.AST, package: str) -> list[str]:
    """The dotted names that a statement imports; `from a import b` gives `a.b`, even if b is a name in a."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
    base = ".".join([*above, *([node.module] if node.module else [])])
    return [f"{base}.{alias.name}" for alias in node.names]


def broken(root: Path) -> list[str]:
    """What breaks a rule, one sentence each."""
    found = [*_unknown(root), *_cycles(root)]
    for each in imports(root):
        found += [f"{each.where}: {each.module} imports {each.target}, {why}" for why in _reasons(each)]
    return found


def _reasons(each: Import) -> Iterator[str]:
    top, own, other = each.module.split(".")[0], each.module.split(".")[1], each.target.split(".")[1:2]
    if top == "qbwc" and within(each.target, "workbench"):
        yield "but qbwc is a library of its own"
    ours = each.target.split(".")[0] in FLOORS
    for package in ALONE:
        if ours and within(each.module, package) and not within(each.target, package):
            yield f"but {package} stands alone"
    for package, allowed in ONLY.items():
        if within(each.target, package) and not any(within(each.module, start) for start in allowed):
            yield f"which only {', '.join(allowed)} may"
    if within(each.target, top) and not any(within(each.module, package) for package in ALONE):
        level = {module: number for number, row in enumerate(FLOORS[top]) for module in row}
        if other and other[0] != own and other[0] in level and own in level and level[other[0]] <= level[own]:
            yield "which is not on a lower floor"


def _unknown(root: Path) -> list[str]:
    """Modules that have no place in the table."""
    known = {f"{top}.{name}" for top, rows in FLOORS.items() for row in rows for name in row} | {
        *ALONE,
        *FLOORS,
    }
    return [
        f"{path.relative_to(root).as_posix()}: {name} has no floor in tests/unit/project/test_floors.py"
        for name, path in modules(root).items()
        if ".".join(name.split(".")[:2]) not in known
    ]


def _cycles(root: Path) -> list[str]:
    """Modules that import one another in a circle, each circle once."""
    graph: dict[str, set[str]] = {}
    for each in imports(root):
        if each.target.split(".")[0] in FLOORS and each.target != each.module and not each.typing:
            graph.setdefault(each.module, set()).add(each.target)
    circles = {circle for start in graph if (circle := _circle(graph, start))}
    return [f"{' -> '.join([*circle, circle[0]])} is a circle" for circle in sorted(circles)]


def _circle(graph: dict[str, set[str]], start: str) -> tuple[str, ...]:
    """The shortest circle through a module, from its first name in the alphabet on; empty if none."""
    paths, seen = [[start]], {start}
    for path in paths:
        for target in sorted(graph.get(path[-1], ())):
            if target == start:
                first = path.index(min(path))
                return (*path[first:], *path[:first])
            if target not in seen:
                seen.add(target)
                paths.append([*path, target])
    return ()


def test_the_house_stands() -> None:
    found = broken(ROOT)
    assert not found, "\n" + "\n".join(found)


def test_the_reader_sees_the_real_imports() -> None:
    """The rules above would hold in an empty house too."""
    seen = {(each.module, each.target) for each in imports(ROOT)}
    assert ("workbench.resources", "workbench.errors") in seen
    assert ("workbench.__main__", "workbench.bootstrap") in seen
    assert len(seen) > 100


#  why, file, source, words of the complaint
BROKEN = [
    ("up a floor", "workbench/diff.py", "from workbench.bench import Bench", "not on a lower floor"),
    ("to the side", "workbench/ledger.py", "from workbench import crosswalk", "not on a lower floor"),
    (
        "up, in a function",
        "workbench/diff.py",
        "def f():\n    import workbench.bench",
        "not on a lower floor",
    ),
    ("up, relative", "workbench/diff/a.py", "from ..bench import Bench", "not on a lower floor"),
    ("qbwc up a floor", "qbwc/store.py", "from qbwc import queue", "not on a lower floor"),
    ("qbwc knows workbench", "qbwc/tape.py", "from workbench.errors import Problem", "library of its own"),
    ("diff knows qbwc", "workbench/diff.py", "import qbwc.descriptor", "which only qbwc, workbench.conn"),
    (
        "the org beside QuickBooks",
        "workbench/connections/salesforce.py",
        "import qbwc",
        "which only qbwc, work",
    ),
    (
        "test org shares code",
        "workbench/testorg/soql.py",
        "from workbench.errors import Problem",
        "stands alone",
    ),
    ("set-up needs packages", "workbench/bootstrap/a.py", "from workbench import resources", "stands alone"),
    ("spyne spreads", "qbwc/session.py", "from spyne import Application", "which only qbwc.service"),
    (
        "tables are private",
        "workbench/bench.py",
        "from workbench.store import schema",
        "which only workbench.st",
    ),
    ("asks for the demo", "workbench/bench.py", "import workbench.testorg", "which only workbench.testorg"),
    ("no place", "workbench/helpers.py", "", "has no floor"),
    ("no place, as a package", "workbench/utils/text.py", "", "has no floor"),
]


@pytest.mark.parametrize(
    ("file", "source", "words"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN]
)
def test_each_rule_can_be_broken(tmp_path: Path, file: str, source: str, words: str) -> None:
    house(tmp_path, {file: source})
    complaints = broken(tmp_path)
    assert len(complaints) == 1, complaints
    assert words in complaints[0]
    assert file in complaints[0]


FINE = [
    ("down a floor", "workbench/bench.py", "from workbench.diff import a"),
    ("down several, relative", "workbench/push/a.py", "from ..errors import Problem"),
    ("its own package", "workbench/diff/a.py", "from workbench.diff.b import c"),
    ("the one road to QuickBooks", "workbench/connections/quickbooks.py", "from qbwc.queue import enqueue"),
    ("the command line", "workbench/cli/server.py", "from qbwc.service import serve"),
    ("the store, handed on", "workbench/push.py", "from workbench.store import Store"),
    ("a name that only starts alike", "workbench/diff.py", "import qbwcs, spyned"),
    ("nothing", "workbench/diff.py", ""),
]


@pytest.mark.parametrize(("file", "source"), [case[1:] for case in FINE], ids=[case[0] for case in FINE])
def test_what_is_allowed_passes(tmp_path: Path, file: str, source: str) -> None:
    house(tmp_path, {file: source})
    assert broken(tmp_path) == []


def test_a_circle_inside_a_package_is_named_once(tmp_path: Path) -> None:
    house(
        tmp_path,
        {
            "workbench/push/b.py": "from workbench.push.c import x",
            "workbench/push/c.py": "from workbench.push import a",
            "workbench/push/a.py": "import workbench.push.b",
            "workbench/push/__init__.py": "from workbench.push.a import x",
        },
    )
    assert broken(tmp_path) == [
        "workbench.push.a -> workbench.push.b -> workbench.push.c -> workbench.push.a is a circle"
    ]


def test_a_handle_may_name_its_makers_type(tmp_path: Path) -> None:
    typed = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from workbench.{} import x"
    files = {
        "workbench/bench/a.py": "import workbench.bench.b",
        "workbench/bench/b.py": typed.format("bench.a"),
    }
    house(tmp_path, files)
    assert broken(tmp_path) == []
    house(tmp_path, {"workbench/diff.py": typed.format("bench")})
    assert "not on a lower floor" in broken(tmp_path)[0]


def house(root: Path, files: dict[str, str]) -> None:
    """A small house with one module of each name that the cases import, and the files of a case."""
    pieces = [
        "bench",
        "crosswalk",
        "diff",
        "errors",
        "resources",
        "testorg",
        "store/__init__",
        "store/schema",
    ]
    furniture = [f"workbench/{piece}.py" for piece in ["__init__", *pieces]]
    furniture += [f"qbwc/{piece}.py" for piece in ["__init__", "descriptor", "queue"]]
    for name, source in (dict.fromkeys(furniture, "") | files).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
