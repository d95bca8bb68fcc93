"""Read one mapping file into a `Mapping`, listing every problem at once."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from workbench.errors import MappingError, Problem
from workbench.mapping import parts, rules
from workbench.mapping.forms import EMPTY, Form
from workbench.mapping.nodes import Node, parse
from workbench.model import FieldMap, Mapping, Operation, Side, State, Winner

VERSION = 1
"""The version of the format that is read here; a file that names none is of version 1."""

KEYS = (
    "version",
    "mapping",
    "title",
    "notes",
    "salesforce",
    "quickbooks",
    "states",
    "operations",
    "direction",
    "winner",
    "match",
    "fields",
    "defaults",
    "lines",
)
LINES_KEYS = (
    "salesforce",
    "quickbooks",
    "operations",
    "direction",
    "winner",
    "match",
    "fields",
    "defaults",
    "notes",
)


def load_mapping(path: Path | str) -> Mapping:
    """The mapping in a file; MappingError with all problems (file, line, value, closest names)."""
    file = Path(path)
    return read_mapping(text_of(file), file)


def text_of(file: Path) -> str:
    """The text of a mapping file; MappingError when there is none."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise MappingError("there is no such mapping file", where=str(file)) from error
    except UnicodeDecodeError as error:
        raise MappingError(f"is not UTF-8: {error}", where=str(file), fix="Save it as UTF-8.") from error
    except OSError as error:
        folder = "it is a folder, and the name of a mapping file" if file.is_dir() else ""
        what = folder or f"can't be read: {error.strerror}"
        raise MappingError(what, where=str(file), fix="Rename it." if folder else None) from error


def read_mapping(text: str, path: Path) -> Mapping:
    """The same from text; `path` is what messages name."""
    mapping, problems = read_parts(text, path)
    if problems:
        count = len(problems)
        raise MappingError(f"{path} has {count} problem{'s' if count > 1 else ''}", problems)
    return mapping


@lru_cache(maxsize=128)
def read_parts(text: str, path: Path) -> tuple[Mapping, tuple[Problem, ...]]:
    """The mapping as far as it can be read, and what is wrong with it in the order of its lines.

    A part that is wrong has its usual value or is left out.  MappingError when nothing can be read.  One
    process reads a file several times while its states are switched, and a mapping never changes.
    """
    root, problems = parse(text, str(path))
    form = Form(file=str(path), problems=problems)
    _check_version(form, root)
    table = form.table(root, "the mapping", KEYS)
    mapping = _mapping(form, table, path)
    rules.check(form, mapping, _winner_lines(table, mapping))
    return mapping, tuple(sorted(form.problems, key=lambda problem: _line_of(problem.where)))


def _winner_lines(table: dict[str, Node], mapping: Mapping) -> dict[str, int]:
    """Where the mapping and its lines say a winner of their own."""
    lines = table.get("lines", EMPTY).value
    given = {mapping.name: table, f"{mapping.name}.lines": lines if isinstance(lines, dict) else {}}
    return {name: each["winner"].line for name, each in given.items() if "winner" in each}


def _check_version(form: Form, root: Node) -> None:
    node = root.value.get("version", EMPTY) if isinstance(root.value, dict) else EMPTY
    if node.value is None:
        return
    if not isinstance(node.value, int) or isinstance(node.value, bool) or node.value < 1:
        form.problem(f"version is '{node.text}', expected {VERSION}", node.line)
    elif node.value > VERSION:
        form.problem(
            f"the file is of version {node.value}, and this workbench reads version {VERSION}",
            node.line,
            "Update the workbench; what follows may be only what it does not know yet.",
        )


def _mapping(form: Form, table: dict[str, Node], path: Path) -> Mapping:
    name = form.text(table, "mapping", "the mapping", 1, need=True) or path.stem
    mapping = Mapping(
        name=name,
        title=form.text(table, "title", "the mapping", 1) or name,
        notes=form.text(table, "notes", "the mapping", 1) or "",
        salesforce=parts.side(form, table, Side.SALESFORCE),
        quickbooks=parts.side(form, table, Side.QUICKBOOKS),
        states=parts.states(form, table.get("states", EMPTY)),
        operations=MappingProxyType(parts.operations(form, table.get("operations", EMPTY))),
        winner=form.word(table, "winner", "the mapping", Winner) or Winner.MANUAL,
        match=parts.match_rules(form, table),
        fields=parts.fields(form, table),
        defaults=MappingProxyType(parts.defaults(form, table.get("defaults", EMPTY))),
        path=path,
    )
    if "lines" in table:
        mapping = dataclasses.replace(mapping, lines=_lines(form, table["lines"], mapping))
    return dataclasses.replace(mapping, hash=_hash(mapping))


def _lines(form: Form, node: Node, outer: Mapping) -> Mapping:
    """The mapping of the lines; states and winner come from the outer mapping."""
    table = form.table(node, "lines", LINES_KEYS)
    given = parts.operations(form, table["operations"]) if "operations" in table else _line_operations(outer)
    lines = Mapping(
        name=f"{outer.name}.lines",
        title=f"{outer.title}: lines",
        notes=form.text(table, "notes", "lines", node.line) or "",
        salesforce=parts.side(form, table, Side.SALESFORCE, outer=outer.salesforce, line=node.line),
        quickbooks=parts.side(form, table, Side.QUICKBOOKS, outer=outer.quickbooks, line=node.line),
        states=outer.states,
        operations=MappingProxyType(given),
        winner=form.word(table, "winner", "lines", Winner) or outer.winner,
        match=parts.match_rules(form, table, what="lines", line=node.line),
        fields=parts.fields(form, table, what="lines", line=node.line),
        defaults=MappingProxyType(parts.defaults(form, table.get("defaults", EMPTY))),
        parent=outer.name,
        path=outer.path,
    )
    return dataclasses.replace(lines, hash=_hash(lines))


def _line_operations(outer: Mapping) -> dict[Side, frozenset[Operation]]:
    # A line is added, edited or removed by modifying its document, so that operation decides.
    both = frozenset({Operation.ADD, Operation.MODIFY})
    return {
        side: both if Operation.MODIFY in allowed else frozenset()
        for side, allowed in outer.operations.items()
    }


def _hash(mapping: Mapping) -> str:
    """SHA-256 over what decides, in canonical JSON: notes, titles, paths and line numbers are left out."""
    return hashlib.sha256(json.dumps(_plain(mapping), sort_keys=True, ensure_ascii=True).encode()).hexdigest()


SILENT = frozenset({"title", "notes", "path", "line", "hash"})
LATER = {FieldMap: ("expressions", "unlinked_empty"), State: ("fields", "create_where")}


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value):
        names = [each.name for each in dataclasses.fields(value) if each.name not in SILENT]
        # A word that came later and says nothing here must not change what was hashed before.
        later = LATER.get(type(value), ())
        given = [name for name in names if name not in later or getattr(value, name)]
        return {name: _plain(getattr(value, name)) for name in given}
    if isinstance(value, dict | MappingProxyType):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, frozenset):
        return sorted(str(each) for each in value)
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, bool | int) else str(value)


def _line_of(where: str | None) -> int:
    tail = (where or "").rpartition(":")[2]
    return int(tail) if tail.isdecimal() else 0
