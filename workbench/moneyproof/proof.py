"""The proof of one change set: three measures side by side, and what deviates from the prediction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from workbench.model import Side
from workbench.moneyproof.compare import Comparison, Event, Figure
from workbench.moneyproof.figures import NOTHING, Gap, Measure
from workbench.moneyproof.totals import Group, balances, tallies


class Stage(StrEnum):
    """When a measure was taken."""

    BEFORE = "before"
    PREDICTED = "predicted"
    AFTER = "after"


class State(StrEnum):
    """How far a proof is."""

    AGREES = "agrees"  # what was predicted is there, and every cent between the sides is explained
    DIFFERS = "differs"  # something deviates, or is unexplained
    WAITING = "waiting"  # the push, or the pull after it, is not finished


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One figure at the three times.

    Attributes:
        what: Balance of a customer, or documents of a mapping, month and state.
        name: Of the customer; title of the mapping.
        counts, amounts: By stage; a stage that was not measured, or not there, has none.
    """

    what: Figure
    name: str
    counts: Mapping[Stage, int]
    amounts: Mapping[Stage, Decimal]

    @property
    def deviation(self) -> tuple[int, Decimal] | None:
        """After less predicted; None unless both were measured."""
        if Stage.AFTER not in self.amounts or Stage.PREDICTED not in self.amounts:
            return None
        return (
            self.counts[Stage.AFTER] - self.counts[Stage.PREDICTED],
            self.amounts[Stage.AFTER] - self.amounts[Stage.PREDICTED],
        )

    @property
    def moved(self) -> bool:
        """Whether it is not the same at all times."""
        return len(set(self.amounts.values())) > 1 or len(set(self.counts.values())) > 1


@dataclass(frozen=True, kw_only=True)
class Proof:
    """The money of a change set.

    Attributes:
        measures: By stage, those that there are; the prediction with the ids that records have got since.
        comparison: None until it was read back.
        waiting: What is waited for, a sentence; '' when nothing is.
        notes: What a reader must know besides.
    """

    changeset: str
    measures: Mapping[Stage, Measure]
    comparison: Comparison | None = None
    waiting: str = ""
    notes: tuple[str, ...] = ()

    @property
    def state(self) -> State:
        if self.comparison is None:
            return State.WAITING
        clean = self.comparison.agrees and not self.unexplained
        return State.AGREES if clean else State.DIFFERS

    @property
    def latest(self) -> Measure | None:
        """The newest measure that there is."""
        return next((self.measures[each] for each in reversed(Stage) if each in self.measures), None)

    @property
    def missing(self) -> tuple[str, ...]:
        """What was not measured at any of the times, a sentence each."""
        return tuple(dict.fromkeys(each for stage in self.measures.values() for each in stage.missing))

    @property
    def unexplained(self) -> tuple[Gap, ...]:
        """Linked documents with cents between the sides that nothing explains, as they are now."""
        latest = self.latest
        return tuple(gap for gap in latest.gaps if gap.unexplained) if latest else ()

    @property
    def unexplained_events(self) -> tuple[Event, ...]:
        return self.comparison.unexplained if self.comparison else ()

    @cached_property
    def balances(self) -> tuple[Line, ...]:
        """Open balance of each customer on each side."""
        return tuple(_lines(self.measures, _balances))

    @cached_property
    def documents(self) -> tuple[Line, ...]:
        """Documents by mapping, side, month and state."""
        return tuple(_lines(self.measures, _documents))


_Found = Iterator[tuple[Figure, str, int, Decimal]]


def _balances(measure: Measure) -> _Found:
    for each in balances(measure):
        for side, amount in ((Side.QUICKBOOKS, each.quickbooks), (Side.SALESFORCE, each.salesforce)):
            yield Figure(side=side, currency=each.currency, customer=each.customer), each.name, 0, amount


def _documents(measure: Measure) -> _Found:
    for each in tallies(measure):
        title = measure.titles.get(each.what.mapping, each.what.mapping)
        yield figure_of(each.what), title, each.count, each.amount


def figure_of(group: Group) -> Figure:
    """The figure of a group of documents."""
    return Figure(
        side=group.side,
        currency=group.currency,
        mapping=group.mapping,
        month=group.month,
        state=group.state,
    )


def _lines(measures: Mapping[Stage, Measure], found: Callable[[Measure], _Found]) -> Iterator[Line]:
    """Figures of all stages in one line each; one that a stage has not is 0 there."""
    names: dict[Figure, str] = {}
    counts: dict[Figure, dict[Stage, int]] = {}
    amounts: dict[Figure, dict[Stage, Decimal]] = {}
    for stage, measure in measures.items():
        for figure, name, count, amount in found(measure):
            names[figure] = name
            counts.setdefault(figure, {})[stage] = count
            amounts.setdefault(figure, {})[stage] = amount
    for figure in sorted(names, key=lambda each: (names[each].casefold(), each)):
        yield Line(
            what=figure,
            name=names[figure],
            counts={stage: counts[figure].get(stage, 0) for stage in measures},
            amounts={stage: amounts[figure].get(stage, NOTHING) for stage in measures},
        )


def summed(lines: Iterable[Line], name: str, figure: Figure) -> Line:
    """Lines of one currency and side together."""
    each = list(lines)
    stages: Sequence[Stage] = list(each[0].amounts) if each else []
    return Line(
        what=figure,
        name=name,
        counts={stage: sum(line.counts[stage] for line in each) for stage in stages},
        amounts={stage: sum((line.amounts[stage] for line in each), NOTHING) for stage in stages},
    )


def difference(left: Line, right: Line, name: str = "difference") -> Line:
    """One line less another, at each time."""
    return Line(
        what=left.what,
        name=name,
        counts={stage: left.counts[stage] - right.counts.get(stage, 0) for stage in left.counts},
        amounts={stage: left.amounts[stage] - right.amounts.get(stage, NOTHING) for stage in left.amounts},
    )
