"""YAML as a tree of plain values that know their line, so that a problem can name it.

Only the part of YAML that a mapping needs: mappings with text keys, lists, text, whole numbers, true,
false and empty.  Dates and decimal numbers stay as they are written (`Node.text`), because a date or a
float made out of them would no longer say what the accountant typed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from workbench.errors import MappingError, Problem
from workbench.spelling import closest as closest

Plain = str | int | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One value of the file.

    Attributes:
        value: dict of Node, list of Node, text, int, bool or None.
        line: Its line, from 1.
        text: A scalar as it is written.
        inexact: Whether it is a number with a decimal point (kept as text).
    """

    value: dict[str, Node] | list[Node] | Plain
    line: int
    text: str = ""
    inexact: bool = False


def compose(text: str, file: str) -> MappingNode:
    """ruamel's own tree, with the place of every token; MappingError for YAML that can't be read."""
    try:
        tree = _composed(text)
    except MarkedYAMLError as error:
        raise _broken(error, text, file) from error
    except YAMLError as error:
        raise MappingError(f"is not YAML: {error}", where=file) from error
    if not isinstance(tree, MappingNode):
        raise MappingError("holds no mapping", where=f"{file}:1", fix="Start it with `mapping: <name>`.")
    return tree


@lru_cache(maxsize=64)
def _composed(text: str) -> object:
    """ruamel's tree, which nobody changes; to read it takes most of the time of a mapping."""
    return YAML(typ="safe", pure=True).compose(text)  # its comments are of no use here


def parse(text: str, file: str) -> tuple[Node, list[Problem]]:
    """The tree, and the problems (keys given twice, tags) found while reading it."""
    problems: list[Problem] = []
    try:
        return _node(compose(text, file), file, problems), problems
    except RecursionError as error:
        raise MappingError(
            "holds a section within itself (an alias, `*name`)",
            where=file,
            fix="Write the section out where the alias stands.",
        ) from error


def _broken(error: MarkedYAMLError, text: str, file: str) -> MappingError:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    what = error.problem or error.context or "can't be read"
    if "'\\t'" in what:
        return _tabs(text, file, line)
    return MappingError(
        f"the YAML is broken: {what}",
        where=f"{file}:{line}",
        fix="Correct this line or the one before it.",
    )


def _tabs(text: str, file: str, first: int) -> MappingError:
    """Every line that is indented with a tab: YAML itself stops at the first."""
    indents = {
        number: line[: len(line) - len(line.lstrip())] for number, line in enumerate(text.splitlines(), 1)
    }
    lines = sorted({first, *(number for number, indent in indents.items() if "\t" in indent)})
    problems = [
        Problem(
            what="the line is indented with a tab",
            where=f"{file}:{line}",
            fix="Indent with spaces; YAML takes no tabs.",
        )
        for line in lines
    ]
    return MappingError(f"{file} has {len(lines)} line{'s' if len(lines) > 1 else ''} with a tab", problems)


def _node(node: object, file: str, problems: list[Problem]) -> Node:
    if isinstance(node, MappingNode):
        return _mapping(node, file, problems)
    if isinstance(node, SequenceNode):
        return Node(value=[_node(each, file, problems) for each in node.value], line=_line(node))
    assert isinstance(node, ScalarNode)
    return _scalar(node, file, problems)


def _mapping(node: MappingNode, file: str, problems: list[Problem]) -> Node:
    found: dict[str, Node] = {}
    for key, value in node.value:
        if not isinstance(key, ScalarNode):
            # An alias stands where it points to, which is above the table that it is a key of.
            at = _line(key) if _line(key) >= _line(node) else _line(value)
            problems.append(
                Problem(
                    what="a key is a list or a table, expected a plain word",
                    where=f"{file}:{at}",
                    fix="Write `<word>: <value>`; a text that begins with { or [ goes in double quotes.",
                )
            )
            continue
        name = str(key.value)
        if name in found:
            problems.append(
                Problem(
                    what=f"key '{name}' is given twice",
                    where=f"{file}:{_line(key)}",
                    values={"first": f"line {found[name].line}", "again": f"line {_line(key)}"},
                    fix="Keep one of them.",
                )
            )
            continue
        inner = _node(value, file, problems)
        # A value that stands on a later line than its key is named by the key, where a person looks for it.
        found[name] = Node(value=inner.value, line=_line(key), text=inner.text, inexact=inner.inexact)
    return Node(value=found, line=_line(node))


def _scalar(node: ScalarNode, file: str, problems: list[Problem]) -> Node:
    tag, text, line = str(node.tag).rpartition(":")[2], str(node.value), _line(node)
    if tag == "null":
        return Node(value=None, line=line, text=text)
    if tag == "bool":
        return Node(value=text.lower() == "true", line=line, text=text.lower())
    if tag == "int" and text.lstrip("+-").isdecimal():
        return Node(value=int(text), line=line, text=text)
    if str(node.tag).startswith("!"):
        problems.append(
            Problem(what=f"tag {node.tag} is not used here", where=f"{file}:{line}", fix="Take it out.")
        )
    return Node(value=text, line=line, text=text, inexact=tag == "float")


def _line(node: object) -> int:
    mark = getattr(node, "start_mark", None)
    return int(mark.line) + 1 if mark is not None else 0
