"""What states need of each other, of the other mappings and of the master: told before a run finds out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import UsageProblem
from workbench.model import FieldMap, Mapping, Operation, Side, State
from workbench.templates import Master, template
from workbench.validate.checks import DEPENDENCIES, MASTER, Check, Verdict
from workbench.validate.today import Today
from workbench.validate.wording import counted, lined, place, whose

PRESETS = "`workbench master NAME` sets the states of a preset; or write the preset that is meant."


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """Checks between the states of all mappings.

    Attributes:
        linked: Confirmed pairs by mapping.
        folder: The profile's.
    """

    mappings: ReadOnly[str, Mapping]
    linked: ReadOnly[str, int]
    today: Today
    folder: Path

    def checks(self) -> Iterator[Check]:
        """Every check; what is right is told too."""
        for mapping in self.mappings.values():
            for state in mapping.states:
                if not state.on:
                    continue
                found = [*self._parents(mapping, state), *self._references(mapping, state)]
                yield from found
                if not found:
                    yield self._check(mapping, state, self._fine(mapping, state))
        yield from self._names()
        yield from self._same_records()

    # --- linked records -----------------------------------------------------------------------------------

    def _parents(self, mapping: Mapping, state: State) -> Iterator[Check]:
        """A state that keeps to its own fields needs one that links the records."""
        if not state.fields or any(each.on for each in _linking(mapping)):
            return
        makers = [each.name for each in _linking(mapping)]
        what = (
            f"it changes linked records only, and {lined(makers) or 'no other state'} which links them is off"
        )
        if not makers:
            what = "it changes linked records only, and no state of its mapping links any"
        verdict = Verdict.WARNING if self.linked.get(mapping.name) else Verdict.ERROR
        linked = counted(self.linked.get(mapping.name, 0), "record")
        fix = f"Switch {makers[0]} on, or {state.name} off." if makers else f"Switch {state.name} off."
        yield self._check(mapping, state, f"{what}; {linked} linked so far", verdict, fix)

    def _references(self, mapping: Mapping, state: State) -> Iterator[Check]:
        """What a state writes refers to records of other mappings, which must be linked or created."""
        for name in dict.fromkeys(str(field.reference) for field in _referring(mapping, state)):
            other = self.mappings.get(name)
            if other is None or other is mapping:
                continue
            makers = [each for each in other.states if each.to is state.to and not each.fields]
            able = Operation.ADD in other.operations[state.to]
            if able and any(each.on for each in makers):
                continue
            yield self._reference(mapping, state, other, makers if able else [])

    def _reference(self, mapping: Mapping, state: State, other: Mapping, makers: list[State]) -> Check:
        linked = self.linked.get(other.name, 0)
        made = f"{lined(each.name for each in makers)} is off" if makers else "no state creates them"
        what = f"it refers to records of {other.name} in {state.to.label}, and {made}: "
        what += f"only the {counted(linked, 'linked one')} can be referred to"
        if any(each.on for each in other.states):
            fix = f"Switch {makers[0].name} on if more are wanted." if makers else ""
            return self._check(mapping, state, what, Verdict.WARNING, fix)
        what += f", and all states of {other.name} are off, so that no new one is ever linked"
        named = makers[0].name if makers else f"a state of {other.name}"
        verdict = Verdict.WARNING if linked else Verdict.ERROR
        return self._check(mapping, state, what, verdict, f"Switch {named} on, or {state.name} off.")

    def _fine(self, mapping: Mapping, state: State) -> str:
        names = dict.fromkeys(str(field.reference) for field in _referring(mapping, state))
        others = [name for name in names if name != mapping.name]
        needs = [f"linked records of {lined(others)}"] if others else []
        needs += (
            [f"links made by {lined(each.name for each in _linking(mapping) if each.on)}"]
            if state.fields
            else []
        )
        return f"has {lined(needs)}" if needs else "needs no other state"

    # --- names and records --------------------------------------------------------------------------------

    def _names(self) -> Iterator[Check]:
        first: dict[str, Mapping] = {}
        for mapping in self.mappings.values():
            for state in mapping.states:
                other = first.setdefault(state.name, mapping)
                if other is not mapping:
                    what = f"{other.name} has a state of this name too: a preset cannot tell them apart"
                    yield self._check(mapping, state, what, Verdict.ERROR, "Rename one of them.")

    def _same_records(self) -> Iterator[Check]:
        """Two mappings must not write to the same record: the plan would refuse both."""
        writing = [
            (side, mapping)
            for mapping in self.mappings.values()
            for side in Side
            if any(state.on and state.to is side for state in mapping.states)
        ]
        for number, (side, one) in enumerate(writing):
            for other_side, other in writing[number + 1 :]:
                if (
                    side is other_side
                    and one.side(side).object == other.side(side).object
                    and one is not other
                ):
                    yield self._same(side, one, other)

    def _same(self, side: Side, one: Mapping, other: Mapping) -> Check:
        name, object_ = f"{one.name} and {other.name}", one.side(side).object
        both = self.today.in_both(one, other, side)
        where = place(f"{other.path}:{other.side(side).line}", self.folder)
        if both:
            what = f"both write to {counted(both, f'{side.label} {object_} record')} of today's data"
            fix = "Keep their filters (`where`) apart: the plan refuses records that two mappings write."
            return _dependency(name, what, Verdict.ERROR, fix, where, both)
        if both is None and not (one.side(side).where and other.side(side).where):
            what = f"both write to {whose(side)} {object_}, and not both have a filter"
            fix = "Give each a `where` that keeps their records apart."
            return _dependency(name, what, Verdict.WARNING, fix, where)
        return _dependency(
            name, f"both write to {whose(side)} {object_}, each to its own records", where=where
        )

    def _check(
        self, mapping: Mapping, state: State, detail: str, verdict: Verdict = Verdict.VALID, fix: str = ""
    ) -> Check:
        where = place(f"{mapping.path}:{state.line}", self.folder)
        return _dependency(state.name, detail, verdict, fix, where)


def _dependency(
    name: str,
    detail: str,
    verdict: Verdict = Verdict.VALID,
    fix: str = "",
    where: str = "",
    count: int | None = None,
) -> Check:
    return Check(
        group=DEPENDENCIES,
        kind="dependency",
        name=name,
        verdict=verdict,
        detail=detail,
        fix=fix,
        where=where,
        count=count,
    )


def _linking(mapping: Mapping) -> list[State]:
    """The states of a mapping that create records, and so link them."""
    return [each for each in mapping.states if not each.fields]


def _referring(mapping: Mapping, state: State) -> list[FieldMap]:
    """The references that a state writes and cannot do without."""
    both = [each for each in (mapping, mapping.lines) if each is not None]
    return [
        field
        for each in both
        for field in each.fields
        if field.reference
        and not field.unlinked_empty
        and field.direction.allows(state.to)
        and each.owner(field, state.to) in (_own(each, state))
    ]


def _own(_mapping: Mapping, state: State) -> tuple[State | None, ...]:
    """Who owns the fields that a state writes: itself, or nobody."""
    return (state,) if state.fields else (state, None)


# --- the master -------------------------------------------------------------------------------------------


def master(
    name: str, template_name: str, mappings: Iterable[Mapping], unread: Collection[str] = ()
) -> Iterator[Check]:
    """Whether the states are as the preset sets them; of those in `unread` files nothing is told."""
    if not template_name:
        yield _master("template", "the profile says none, so there is no preset to hold the states against")
        return
    try:
        chosen = template(template_name)
    except UsageProblem as error:
        yield _master("template", error.what, Verdict.WARNING, error.fix or "")
        return
    yield _master("template", f"{chosen.name}: {chosen.title}")
    if name not in chosen.masters:
        known = lined(chosen.masters)
        what = f"{name!r} is no preset of {chosen.name}"
        yield _master("master", what, Verdict.WARNING, f"Use one of: {known}.")
        return
    later = [each.name for each in chosen.states.values() if not each.on]
    yield _preset(chosen.masters[name], mappings, later, unread)


def _preset(
    preset: Master, mappings: Iterable[Mapping], later: Collection[str], unread: Collection[str]
) -> Check:
    """Hold the states against a preset; `later` are those that a new profile has off whatever it says."""
    states = {state.name: state.on for mapping in mappings for state in mapping.states}
    wanted = set(preset.states)
    missing = [] if unread else [each for each in preset.states if each not in states]
    more = [each for each, on in states.items() if on and each not in wanted]
    off = [each for each, on in states.items() if not on and each in wanted]
    less = [each for each in off if each not in later]
    told = [
        f"{lined(names, 6)} {'is' if len(names) == 1 else 'are'} {word}"
        for names, word in ((more, "on besides"), (less, "off"), (missing, "in no mapping file"))
        if names
    ]
    named = f"{preset.name}: {preset.title}"
    if told:
        what = f"{named}; the states differ from it: {'; '.join(told)}"
        return _master("master", what, Verdict.WARNING, PRESETS)
    if unread:
        what = f"{named}; the states of {lined(unread)} are known when the mapping files can be read"
        return _master("master", what, Verdict.UNKNOWN)
    but = f", but for {counted(len(off), 'state')} that a new profile has off" if off else ""
    return _master("master", f"{named}; the states are as it sets them{but}")


def _master(name: str, detail: str, verdict: Verdict = Verdict.VALID, fix: str = "") -> Check:
    return Check(group=MASTER, kind="master", name=name, verdict=verdict, detail=detail, fix=fix)
