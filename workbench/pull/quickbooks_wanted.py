"""What of QuickBooks the mappings and the money proof use: columns by entity, so that no more is read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from workbench.connections import quickbooks_reading as quickbooks
from workbench.errors import MappingError, Problem
from workbench.mapping.nodes import closest
from workbench.model import Mapping, Side, SideSpec
from workbench.moneyproof.books import columns as proof_columns

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def quickbooks_columns(mappings: Iterable[Mapping]) -> dict[str, list[str]]:
    """The columns that mappings, their filters and their gates use, and the proof of their money, by entity.

    Those of lines are not among them: lines come whole with their transaction.

    Raises:
        MappingError: They name objects or fields that QuickBooks does not have; all are listed.
    """
    used: dict[str, list[str]] = {}
    problems: list[Problem] = []
    mappings = list(mappings)
    for mapping in mappings:
        problems += _add(used, mapping, mapping.quickbooks.object)
        if mapping.lines:
            problems += _add(used, mapping.lines, mapping.quickbooks.object)
    if problems:
        count = f"{len(problems)} name{'s' if len(problems) > 1 else ''}"
        raise MappingError(f"the mappings use {count} that QuickBooks does not have", problems)
    for entity, names in proof_columns(mappings).items():
        used.setdefault(entity, []).extend(names)
    return used


def _add(used: dict[str, list[str]], mapping: Mapping, entity: str) -> Iterator[Problem]:
    spec = mapping.quickbooks
    for name in (entity, *(each.object for each in spec.related)):
        if not quickbooks.known(name) or quickbooks.key(name) is None:
            yield _problem(
                mapping, f"unknown object '{name}'", spec.line, closest(name, quickbooks.objects())
            )
            return
        used.setdefault(name, [])
    if spec.object not in quickbooks.tables(entity):
        fix = closest(spec.object, quickbooks.tables(entity))
        yield _problem(mapping, f"unknown object '{spec.object}'", spec.line, fix)
        return
    has = {name for name, _ in quickbooks.columns(entity, spec.object)}
    for name, role, line in _named(mapping, spec):
        head, dot, column = name.rpartition(".")
        owner = {table for table, _ in quickbooks.columns(head, head)} if dot else has
        if column not in owner and not column.startswith("Custom_"):
            yield _problem(mapping, f"{role} '{name}' is no field of {head or spec.object}", line,
                           closest(column, owner))  # fmt: skip
        elif head or spec.object == entity:
            used[head or entity].append(column)
    if spec.object == entity:
        used[entity] += [
            word for text in _conditions(mapping, spec) for word in _WORD.findall(text) if word in has
        ]


def _named(mapping: Mapping, spec: SideSpec) -> Iterator[tuple[str, str, int]]:
    """(name, what it is, line) of every field that the mapping names."""
    for role, name in (
        ("key", spec.key),
        ("label", spec.label),
        ("parent", spec.parent),
        ("order", spec.order),
    ):
        if name is not None:
            yield name, role, spec.line
    for related in spec.related:
        yield f"{related.object}.{related.key}", "key of the related record", related.line
    for field in mapping.fields:
        for name in field.needed(Side.QUICKBOOKS):
            yield name, f"field '{field.name}':", field.line


def _conditions(mapping: Mapping, spec: SideSpec) -> Iterator[str]:
    states = [state for state in mapping.states if state.to is Side.SALESFORCE]
    gates = [each for state in states for each in state.conditions]
    yield from filter(None, (spec.where, *(related.where for related in spec.related), *gates))


def _problem(mapping: Mapping, what: str, line: int, fix: str) -> Problem:
    where = f"{mapping.path}:{line}" if mapping.path else f"mapping '{mapping.name}'"
    return Problem(what=what, where=where, fix=fix)
