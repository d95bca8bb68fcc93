"""The steps in their order: how far a profile is, and the walk from the first that is not done."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from workbench.asking import Asker, Later
from workbench.errors import UsageProblem, WorkbenchError
from workbench.quickstart import (
    advanced,
    mappings,
    mastering,
    quickbooks,
    running,
    salesforce,
    validating,
)
from workbench.quickstart.steps import Context, Standing, State, Step, trouble
from workbench.spelling import closest

STEPS: tuple[Step, ...] = (
    salesforce.STEP,
    quickbooks.STEP,
    advanced.STEP,
    validating.STEP,
    mappings.STEP,
    mastering.STEP,
    running.STEP,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the steps are.

    Attributes:
        standings: In the order of `STEPS`.
    """

    standings: tuple[Standing, ...]

    @property
    def first(self) -> Step | None:
        """The first step that is not done; None when all are."""
        open_ = (
            step for step, each in zip(STEPS, self.standings, strict=True) if each.state is not State.DONE
        )
        return next(open_, None)

    @property
    def data(self) -> list[dict[str, str]]:
        """The steps as plain values."""
        return [
            {"step": step.name, "state": str(each.state), "told": each.told, "next": each.next}
            for step, each in zip(STEPS, self.standings, strict=True)
        ]


def progress(context: Context) -> Progress:
    """Answer how far each step is, from what is there; one login to the org, nothing is changed.

    Raises:
        ProfileError: There is no profile, or it is wrong.
    """
    context.profile()
    return Progress(standings=tuple(_standing(step, context) for step in STEPS))


def step_of(name: str) -> Step:
    """Answer a step by its name.

    Raises:
        UsageProblem: There is none.
    """
    known = {step.name: step for step in STEPS}
    if name not in known:
        near = closest(name, known)
        raise UsageProblem(
            f"there is no step {name!r}",
            fix=f"{f'{near} ' if near.startswith('Closest') else ''}Steps: {', '.join(known)}.",
        )
    return known[name]


def walk(
    context: Context,
    asker: Asker,
    start: Step,
    *,
    again: Collection[Step] = (),
    arrived: Callable[[Step], None] = lambda _: None,
) -> Step | None:
    """Walk a step and those behind it that are not done; answer where the person has left, None at the end.

    Args:
        again: Steps that are walked although they are done.
        arrived: Told each step before it begins.

    Raises:
        WorkbenchError: Nobody is there who could answer, or answer otherwise.
    """
    for step in STEPS[STEPS.index(start) :]:
        if step is not start and step not in again and _standing(step, context).state is State.DONE:
            continue
        arrived(step)
        try:
            step.walk(context, asker)
        except Later:
            return step
    return None


def _standing(step: Step, context: Context) -> Standing:
    try:
        return step.standing(context)
    except WorkbenchError as error:
        return trouble(error.what, error.fix or "")
