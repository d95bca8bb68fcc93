"""Checks of one mapping: its objects, fields, expressions, match rules, lines, filters, states and gates.

What is wrong is found by `check_fields` and `check_org`; here each problem finds the part that it is about,
so that what is right is told too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.errors import Problem
from workbench.mapping import check_fields
from workbench.mapping.conditions import Place, places
from workbench.mapping.org_rules import check_org
from workbench.model import Direction, Expression, FieldMap, Mapping, Operation, Side, State
from workbench.validate.checks import MAPPING, Check, Verdict
from workbench.validate.known import Known
from workbench.validate.today import Gate, Today
from workbench.validate.wording import counted, lined, place, verdict_of

NOT_READ = "what Salesforce's {} holds is known after the next pull"
NO_CUSTOM = "QuickBooks' custom fields are known after the first pull"
OFF = "Nothing stops while its states are off."
_FIELD = re.compile(r"field '([^']+)'")
_OF = " of state '"
"""What the words for a gate have, and those for a filter have not."""
_CONDITIONS = ("'where' of ", "'create_where' of ")
_OBJECT = re.compile(r"unknown object '([^']+)'")


def checks(
    mapping: Mapping, known: Known, today: Today, folder: Path, *, partial: bool = False
) -> Iterator[Check]:
    """Every check of a mapping.

    Args:
        folder: The profile's.
        partial: The file has problems that are told elsewhere: a part that could not be read has its usual
            value or is not there, and what would follow from that is left out.
    """
    return _Checks(mapping, known, today, folder, partial).all()


@dataclass(frozen=True, slots=True)
class _Checks:
    mapping: Mapping
    known: Known
    today: Today
    folder: Path
    partial: bool = False

    @property
    def on(self) -> bool:
        if self.partial and not self.mapping.states:
            return True  # they may be what could not be read
        return any(state.on for state in self.mapping.states)

    def all(self) -> Iterator[Check]:
        problems = _Sorted(self.mapping)
        problems.take(check_fields(self.mapping, self.known.salesforce, self.known.quickbooks))
        if not any(self._unknown(each) for each in self._both()):  # else it would take all fields for missing
            problems.take(check_org(self.mapping, self.known.salesforce, self.known.quickbooks))
        yield from self._whole(problems.rest)
        for mapping in self._both():
            if mapping.parent:
                yield self._lines(mapping)
            for field in mapping.fields:
                of_field = problems.of_field(field)
                yield from self._field(mapping, field, of_field)
                for each in field.expressions:
                    own = problems.of_expression(each)
                    yield from self._expression(mapping, field, each, own, of_field)
            yield from self._rules(mapping)
        conditions = list(places(self.mapping))
        for place_ in conditions:
            if _OF not in place_.what:
                name = place_.what.replace("'", "")
                yield from self._condition(place_, "filter", name, problems.of_condition(place_))
        for state in self.mapping.states:
            yield self._state(state)
            for place_ in conditions:
                if place_.what.endswith(f"{_OF}{state.name}'"):
                    yield from self._gate(place_, state, problems.of_condition(place_))

    def _both(self) -> Iterator[Mapping]:
        yield self.mapping
        if self.mapping.lines:
            yield self.mapping.lines

    # --- objects ------------------------------------------------------------------------------------------

    def _whole(self, problems: list[Problem]) -> Iterator[Check]:
        spec = self.mapping
        if not problems:
            what = (
                f"{spec.title}: Salesforce's {spec.salesforce.object}, QuickBooks' {spec.quickbooks.object}"
            )
            yield self._check("mapping", spec.name, what, 1)
        for problem in problems:
            if not self.partial or _certain(problem):
                yield self._of(problem, "mapping", spec.name)
        if not spec.states and not self.partial:
            what = "it has no state, so nothing is ever written by it"
            yield self._check(
                "mapping", spec.name, what, 1, Verdict.WARNING, "Write its directions under `states`."
            )

    def _lines(self, lines: Mapping) -> Check:
        what = f"Salesforce's {lines.salesforce.object}, QuickBooks' {lines.quickbooks.object}"
        return self._check("lines", lines.name, what, lines.salesforce.line)

    # --- fields -------------------------------------------------------------------------------------------

    def _field(self, mapping: Mapping, field: FieldMap, problems: list[Problem]) -> Iterator[Check]:
        name = _titled(mapping, field)
        for problem in problems:
            yield self._of(problem, "field", name)
        if problems:
            return
        if unknown := self._unknown(mapping):
            yield self._check("field", name, unknown, field.line, Verdict.UNKNOWN)
        else:
            yield self._check("field", name, _field_in_words(mapping, field), field.line)

    def _expression(
        self,
        mapping: Mapping,
        field: FieldMap,
        expression: Expression,
        problems: list[Problem],
        of_field: list[Problem],
    ) -> Iterator[Check]:
        word = "write" if expression.target else "read"
        name = f"{word} of {_titled(mapping, field)}"
        for problem in problems:
            yield self._of(problem, "expression", name)
        if not problems:
            lost = self._unknown(mapping) or any(verdict_of(each) is Verdict.ERROR for each in of_field)
            verdict = Verdict.UNKNOWN if lost else Verdict.VALID
            text = " ".join(expression.text.split())
            yield self._check(
                "expression", name, f"{expression.side.label}: {text}", expression.line, verdict
            )

    def _rules(self, mapping: Mapping) -> Iterator[Check]:
        prefix = "lines." if mapping.parent else ""
        for rule in mapping.match:
            keys = lined(rule.fields) or "what is left"
            what = f"{keys}, {rule.how}{'' if rule.accept else '; a person decides'}"
            yield self._check("match rule", prefix + rule.rule, what, rule.line)
        if not mapping.match and not self.partial:
            what = (
                "there is none: what is on both sides already is never recognised, and would be created again"
            )
            fix = "Write at least one under `match`."
            yield self._check(
                "match rule", f"{prefix}(none)", what, mapping.salesforce.line, Verdict.WARNING, fix
            )

    # --- states -------------------------------------------------------------------------------------------

    def _state(self, state: State) -> Check:
        what = f"{'on' if state.on else 'off'}, writes {_written(state)} to {state.to.label}"
        useless = None if self.partial else self._useless(state)
        if not useless:
            return self._check("state", state.name, what, state.line)
        told, fix = useless
        verdict = Verdict.WARNING if state.on else Verdict.VALID
        return self._check(
            "state", state.name, f"{what}; {told}", state.line, verdict, fix if state.on else ""
        )

    def _useless(self, state: State) -> tuple[str, str] | None:
        """Why a state can write nothing, with the way out."""
        both = list(self._both())
        allowed = self.mapping.operations[state.to]
        if not allowed:
            return (
                "the mapping may neither add nor modify there",
                f"Write `operations: {{{state.to}: [add]}}`.",
            )
        if state.fields and Operation.MODIFY not in allowed:
            fix = f"Add modify to the operations of {state.to}."
            return "it changes linked records, and the mapping may not modify there", fix
        if not any(field.direction.allows(state.to) for each in both for field in each.fields):
            return f"no field is ever written to {state.to.label}", "Turn the direction of a field around."
        return None

    def _gate(self, condition: Place, state: State, problems: list[Problem]) -> Iterator[Check]:
        word = condition.what.partition(_OF)[0].replace("'", "")
        for made in self._condition(condition, "gate", f"{state.name}: {word}", problems):
            gate = self.today.gate(self.mapping, state, create=word == "create_where")
            if made.verdict is Verdict.VALID and gate is not None:
                told = f"{made.detail}: {_taken(gate, condition.object)}"
                made = replace(made, detail=told, count=gate.taken)
            yield made

    def _condition(self, condition: Place, kind: str, name: str, problems: list[Problem]) -> Iterator[Check]:
        text = " ".join(condition.text.split())
        for problem in problems:
            yield self._of(problem, kind, name)
        if problems:
            return
        if self.known.describes(condition.side).get(condition.object, {}).get("fields"):
            yield self._check(kind, name, text, condition.line)
        else:
            what = f"{text}: {self._not_there(condition.side, condition.object)}"
            yield self._check(kind, name, what, condition.line, Verdict.UNKNOWN)

    # --- helpers ------------------------------------------------------------------------------------------

    def _unknown(self, mapping: Mapping) -> str:
        """Why it cannot be told of a mapping's fields whether they are right; "" when it can."""
        for side in Side:
            spec = mapping.side(side)
            for name in (spec.object, *(each.object for each in spec.related)):
                if not self.known.describes(side).get(name, {}).get("fields"):
                    return self._not_there(side, name)
        return ""

    def _not_there(self, side: Side, name: str) -> str:
        return f"there is no {name}" if self.known.tells(side, name) else NOT_READ.format(name)

    def _unread(self, what: str) -> str:
        """The Salesforce object that a problem calls unknown because no pull has read it yet; "" else."""
        found = _OBJECT.search(what)
        specs = [each.salesforce for each in self._both()]
        mine = {name for spec in specs for name in (spec.object, *(each.object for each in spec.related))}
        return (
            found[1] if found and found[1] in mine and not self.known.tells(Side.SALESFORCE, found[1]) else ""
        )

    def _of(self, problem: Problem, kind: str, name: str) -> Check:
        verdict, what, fix = verdict_of(problem), problem.what, problem.fix or ""
        if unread := self._unread(what):
            verdict, what, fix = Verdict.UNKNOWN, NOT_READ.format(unread), ""
        elif "'Custom_" in what and not self.known.tells_field(Side.QUICKBOOKS, "Custom_"):
            verdict, what, fix = Verdict.UNKNOWN, NO_CUSTOM, ""
        elif not self.on and verdict is Verdict.ERROR:
            verdict, fix = Verdict.WARNING, f"{OFF} {fix}".strip()
        elif not self.on:
            verdict, fix = Verdict.VALID, ""  # told by the line all the same; there is nothing to do
        return Check(
            group=f"{MAPPING} {self.mapping.name}",
            kind=kind,
            name=name,
            verdict=verdict,
            detail=_without_name(what, kind, name),
            fix=fix,
            where=place(problem.where, self.folder),
        )

    def _check(
        self, kind: str, name: str, detail: str, line: int, verdict: Verdict = Verdict.VALID, fix: str = ""
    ) -> Check:
        return Check(
            group=f"{MAPPING} {self.mapping.name}",
            kind=kind,
            name=name,
            verdict=verdict,
            detail=detail,
            fix=fix,
            where=place(f"{self.mapping.path}:{line}", self.folder),
        )


class _Sorted:
    """Problems of a mapping by the part that they are about, as told by their words and their line.

    Attributes:
        rest: Those of objects, keys, labels, related records and defaults.
    """

    def __init__(self, mapping: Mapping) -> None:
        both = [each for each in (mapping, mapping.lines) if each is not None]
        self._fields = [field for each in both for field in each.fields]
        self._by_field: dict[FieldMap, list[Problem]] = {}
        self._by_expression: dict[Expression, list[Problem]] = {}
        self._by_condition: dict[str, list[Problem]] = {}
        self.rest: list[Problem] = []

    def take(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            if (condition := problem.what.partition(": ")[0]).startswith(_CONDITIONS):
                self._by_condition.setdefault(condition, []).append(problem)
                continue
            field = self._field(problem)
            if field is None:
                self.rest.append(problem)
                continue
            expression = _expression_of(field, problem)
            if expression is None:
                self._by_field.setdefault(field, []).append(problem)
            else:
                self._by_expression.setdefault(expression, []).append(problem)

    def of_field(self, field: FieldMap) -> list[Problem]:
        return self._by_field.get(field, [])

    def of_condition(self, condition: Place) -> list[Problem]:
        found = self._by_condition.get(condition.what, [])
        return [each for each in found if (each.where or "").endswith(f":{condition.line}")]

    def of_expression(self, expression: Expression) -> list[Problem]:
        return self._by_expression.get(expression, [])

    def _field(self, problem: Problem) -> FieldMap | None:
        """The field that is named; of two of that name, the last one before the problem's line."""
        named = _FIELD.search(problem.what)
        tail = (problem.where or "").rpartition(":")[2]
        line = int(tail) if tail.isdecimal() else 0
        if named is None:
            return None
        same = [field for field in self._fields if field.name == named[1]]
        before = [field for field in same if field.line <= line]
        return max(before, key=lambda field: field.line) if before else next(iter(same), None)


def _expression_of(field: FieldMap, problem: Problem) -> Expression | None:
    for word, wanted in (("'read' of", False), ("'write' of", True)):
        if word in problem.what:
            mine = [each for each in field.expressions if bool(each.target) is wanted]
            at = [each for each in mine if (problem.where or "").endswith(f":{each.line}")]
            return next(iter(at or mine), None)
    return None


def _without_name(what: str, kind: str, name: str) -> str:
    """The words of a problem without the part that stands beside them."""
    head, colon, rest = what.partition(": ")
    told = head.replace("'", "").removeprefix("field ")
    named = kind in ("filter", "gate") or told == name.removeprefix("lines.")
    return rest if colon and named else what


def _certain(problem: Problem) -> bool:
    """Whether it is true whatever a part that could not be read would say: nothing is missed for its sake."""
    return (problem.severity == "error" or "has no field" in problem.what) and "''" not in problem.what


def _titled(mapping: Mapping, field: FieldMap) -> str:
    return f"lines.{field.name}" if mapping.parent else field.name


def _field_in_words(mapping: Mapping, field: FieldMap) -> str:
    arrow = {
        Direction.BOTH: "↔",
        Direction.TO_QUICKBOOKS: "→",
        Direction.TO_SALESFORCE: "←",
        Direction.COMPARE: "=",
    }[field.direction]
    sides = f"{', '.join(field.salesforce)} {arrow} {', '.join(field.quickbooks)}"
    winner = "" if field.direction is Direction.COMPARE else f", winner {field.winner or mapping.winner}"
    return f"{sides}; {field.type}{winner}"


def _written(state: State) -> str:
    return f"only {lined(state.fields)}" if state.fields else "records"


def _taken(gate: Gate, object_: str) -> str:
    return f"takes {gate.taken:,} of {counted(gate.records, f'{object_} record')}"
