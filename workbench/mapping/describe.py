"""Hold a mapping against what both systems say of themselves.

A describe is a dict in Salesforce's form for either system: `{"name": ..., "fields": [{"name", "type",
"createable", "updateable", "nillable", "defaultedOnCreate", "restrictedPicklist", "picklistValues"}]}`.
The describes of a side come as a dict by object name.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, replace
from typing import Any

from workbench.errors import Problem
from workbench.mapping.absent import is_custom
from workbench.mapping.conditions import check_conditions
from workbench.mapping.nodes import closest
from workbench.mapping.removable import active_field, tells, ways_out
from workbench.mapping.typed import mismatches
from workbench.model import Action, FieldMap, FieldType, Mapping, Operation, Side, SideSpec

Described = ReadOnly[str, Any]

NUMBERS = frozenset({"currency", "double", "int", "long", "percent"})
WORDS = "string textarea picklist multipicklist combobox phone email url id reference encryptedstring anyType"
TEXTS = frozenset(WORDS.split(" "))
FITS: dict[FieldType, frozenset[str]] = {
    FieldType.TEXT: TEXTS | NUMBERS,
    FieldType.NAME: TEXTS,
    FieldType.PHONE: TEXTS,
    FieldType.EMAIL: TEXTS,
    FieldType.MONEY: NUMBERS,
    FieldType.PRICE: NUMBERS,
    FieldType.QUANTITY: NUMBERS,
    FieldType.DATE: frozenset({"date", "datetime"}),
    FieldType.BOOLEAN: frozenset({"boolean"}),
    FieldType.ID: TEXTS,
    FieldType.REFERENCE: TEXTS,
}


def check_fields(
    mapping: Mapping,
    salesforce_describe: ReadOnly[str, Described],
    quickbooks_describe: ReadOnly[str, Described],
) -> list[Problem]:
    """Everything in the mapping (and its lines) that the two systems do not have or do not allow."""
    describes = {Side.SALESFORCE: salesforce_describe, Side.QUICKBOOKS: quickbooks_describe}
    problems: list[Problem] = []
    for each in (mapping, *((mapping.lines,) if mapping.lines else ())):
        for side in Side:
            problems.extend(_Check(mapping=each, spec=each.side(side), both=describes).problems())
    return [*problems, *check_conditions(mapping, describes)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Check:
    """One side of one mapping against the describes of that side."""

    mapping: Mapping
    spec: SideSpec
    both: ReadOnly[Side, ReadOnly[str, Described]]

    @property
    def describes(self) -> ReadOnly[str, Described]:
        return self.both[self.spec.side]

    def partner(self) -> _Check:
        """The same mapping's other side."""
        return _Check(mapping=self.mapping, spec=self.mapping.side(self.spec.side.other), both=self.both)

    def problems(self) -> Iterator[Problem]:
        names = [self.spec.object, *(each.object for each in self.spec.related)]
        unknown = [name for name in names if name not in self.describes]
        for name in unknown:
            yield self._problem(f"unknown object '{name}'", self.spec.line, closest(name, self.describes))
        if self.spec.object in unknown:
            return
        yield from self._own_fields()
        for field in self.mapping.fields:
            yield from self._field(field, unknown)
        yield from self._required(unknown)
        yield from self._removal()
        for name in self._defaults():
            if self._described(name) is None:
                yield self._left_out(name, f"default '{name}'", self.spec.line)

    def _own_fields(self) -> Iterator[Problem]:
        spec = self.spec
        for role, name in (
            ("key", spec.key),
            ("label", spec.label),
            ("parent", spec.parent),
            ("order", spec.order),
        ):
            if name is not None and self._described(name) is None:
                yield self._unknown(name, role, spec.line)
        for related in spec.related:
            if (
                related.object in self.describes
                and self._described(f"{related.object}.{related.key}") is None
            ):
                yield self._unknown(
                    f"{related.object}.{related.key}", "key of the related record", related.line
                )

    def _field(self, field: FieldMap, unknown: list[str]) -> Iterator[Problem]:
        for name in field.api(self.spec.side):
            if name.partition(".")[0] in unknown:
                continue
            described = self._described(name)
            if described is None:
                yield self._left_out(name, f"field '{field.name}'", field.line)
                continue
            if not field.read(self.spec.side) and not field.write(self.spec.side):
                yield from self._type(field, name, described)
            if name in field.targets(self.spec.side):
                yield from self._writable(field, name, described)
                yield from self._picklist(field, name, described)
        yield from self._expressions(field)

    def _expressions(self, field: FieldMap) -> Iterator[Problem]:
        """The expressions that read this side."""
        mine = [each for each in field.expressions if each.side is self.spec.side]
        for each in mine:
            for name in each.columns:
                # A column that is compared is one of the field's own, and told there.
                if each.target and name not in field.api(self.spec.side) and self._described(name) is None:
                    yield self._left_out(name, f"'write' of field '{field.name}'", each.line)
        for each, what, fix in mismatches(field, mine, self._described, self.partner()._described):
            word = "write" if each.target else "read"
            yield self._problem(f"'{word}' of field '{field.name}': {what}", each.line, fix)

    def _type(self, field: FieldMap, name: str, described: Described) -> Iterator[Problem]:
        given = str(described.get("type", "string"))
        if given not in FITS[field.type]:
            yield self._problem(
                f"field '{field.name}' is {field.type}, but {self.spec.side.label}'s '{name}' is {given}",
                field.line,
                "Give the type that both sides can hold.",
            )

    def _writable(self, field: FieldMap, name: str, described: Described) -> Iterator[Problem]:
        if not field.direction.allows(self.spec.side):
            return
        allowed = self.mapping.operations[self.spec.side]
        can = {
            Operation.ADD: bool(described.get("createable", True)),
            Operation.MODIFY: bool(described.get("updateable", True)),
        }
        wanted = [
            each for each in can if each in allowed and not (field.create_only and each is Operation.MODIFY)
        ]
        refused = [each for each in wanted if not can[each]]
        if refused:
            verbs = " or ".join("created with" if each is Operation.ADD else "updated" for each in refused)
            yield self._problem(
                f"field '{field.name}' writes {self.spec.side.label}'s '{name}', which can't be {verbs}",
                field.line,
                "Give it another direction, or `on: create` if it can only be set at creation.",
                "error" if len(refused) == len(wanted) else "warning",
            )

    def _picklist(self, field: FieldMap, name: str, described: Described) -> Iterator[Problem]:
        if not field.values or not described.get("restrictedPicklist"):
            return
        known = [str(each["value"]) for each in described.get("picklistValues", ())]
        at = 0 if self.spec.side is Side.SALESFORCE else 1
        for pair in field.values:
            if pair[at] not in known:
                what = f"field '{field.name}': {self.spec.side.label}'s '{name}' has no value '{pair[at]}'"
                yield self._problem(what, field.line, closest(pair[at], known))

    def _required(self, unknown: list[str]) -> Iterator[Problem]:
        if Operation.ADD not in self.mapping.operations[self.spec.side]:
            return
        given = set(self._defaults()) | {self.spec.parent}
        for field in self.mapping.fields:
            if field.direction.allows(self.spec.side):
                given.update(field.targets(self.spec.side))
        for described in self.describes[self.spec.object].get("fields", ()):
            name = str(described["name"])
            if _needed(described) and name not in given and self.spec.object not in unknown:
                yield self._problem(
                    f"{self.spec.side.label}'s '{self.spec.object}' needs '{name}', which nothing gives",
                    self.spec.line,
                    f"Map it, or write it under `defaults: {self.spec.side}`.",
                    "warning",
                )

    def _removal(self) -> Iterator[Problem]:
        """Whether records can go in the way that the operations name."""
        spec, described = self.spec, self.describes[self.spec.object]
        allowed = self.mapping.operations[spec.side] if self.mapping.parent is None else frozenset()
        known = {str(each["name"]) for each in described.get("fields", ())}
        if Operation.DEACTIVATE in allowed and active_field(self.mapping, spec.side, known) is None:
            yield self._problem(
                f"{spec.side.label}'s '{spec.object}' can't be made inactive: no field says whether it is",
                spec.line,
                f"Take `deactivate` out of the operations of {spec.side}, or map such a field.",
            )
        ways = ways_out(spec.side, described)
        if Operation.DELETE in allowed and tells(described) and not {Action.DELETE, Action.VOID} & set(ways):
            way = "they are made inactive" if ways else "a person has to do it there"
            yield self._problem(
                f"{spec.side.label} lets no '{spec.object}' be deleted from here: {way}",
                spec.line,
                f"Write `deactivate` under the operations of {spec.side}, or nothing.",
                "warning" if ways else "error",
            )

    def _defaults(self) -> ReadOnly[str, object]:
        return self.mapping.defaults.get(self.spec.side, {})

    def _described(self, name: str) -> Described | None:
        head, dot, tail = name.partition(".")
        entity, wanted = (head, tail) if dot else (self.spec.object, name)
        for each in self.describes.get(entity, {}).get("fields", ()):
            if each["name"] == wanted:
                found: Described = each
                return found
        return None

    def _left_out(self, name: str, role: str, line: int) -> Problem:
        """A custom field that nobody has made is left out (`mapping.absent`); any other is a mistake."""
        found = self._unknown(name, role, line)
        if not is_custom(self.spec.side, name.rpartition(".")[2]):
            return found
        fix = f"It is left out until it is there; `workbench schema plan` offers it. {found.fix or ''}"
        return replace(found, fix=fix.rstrip(), severity="warning")

    def _unknown(self, name: str, role: str, line: int) -> Problem:
        head, dot, tail = name.partition(".")
        entity, wanted = (head, tail) if dot else (self.spec.object, name)
        known = [str(each["name"]) for each in self.describes.get(entity, {}).get("fields", ())]
        what = f"{role}: {self.spec.side.label}'s '{entity}' has no field '{wanted}'"
        return self._problem(what, line, closest(wanted, known))

    def _problem(self, what: str, line: int, fix: str, severity: str = "error") -> Problem:
        where = f"{self.mapping.path or self.mapping.name}:{line}"
        return Problem(what=what, where=where, fix=fix or None, severity=severity)


def _needed(described: Described) -> bool:
    needed = not described.get("nillable", True) and described.get("createable", True)
    return bool(needed and not described.get("defaultedOnCreate") and described.get("type") != "boolean")
