"""Step 5: the mappings with their states, each on or off."""

from __future__ import annotations

from itertools import groupby

from rich.table import Table
from rich.text import Text

from workbench.asking import Asker, Question
from workbench.errors import UsageProblem, WorkbenchError
from workbench.mapping import set_state
from workbench.masters import StateNow, masters
from workbench.quickstart.steps import Context, Standing, Step, done, to_do
from workbench.spelling import closest

WORDS = {"on": True, "off": False}


def standing(context: Context) -> Standing:
    """Done when somebody has settled it: a template's defaults would do, too."""
    states = masters(context.profile()).states
    told = f"{sum(each.on for each in states)} of {len(states)} states are on"
    when = context.settled(STEP.name)
    return done(f"{told} (settled {when})") if when else to_do(told)


def walk(context: Context, asker: Asker) -> None:
    """Show the states and switch what is named, until nothing more is."""
    states = masters(context.profile()).states
    asker.tell(listed(states))
    asker.tell("Switch some, e.g. `3, CustomerToAccount=off`, or take them as they are.")
    question = _question(states)
    while answer := asker.ask(question):
        try:
            for each, on in _meant(answer, states):
                set_state(each.file, each.name, on)
                asker.tell(f"  {each.label}: {'on' if on else 'off'}")
            states = masters(context.profile()).states
        except WorkbenchError as error:
            asker.refused(error)
    context.settle(STEP.name)
    asker.tell(f"✓ {sum(each.on for each in states)} of {len(states)} states are on")


def listed(states: tuple[StateNow, ...]) -> Table:
    """The states by mapping, numbered, with the side that each writes to."""
    grid = Table.grid(padding=(0, 2))
    for mapping, several in groupby(enumerate(states, 1), lambda pair: pair[1].mapping):
        for number, each in several:
            switch = Text("on", style="green") if each.on else Text("off", style="dim")
            grid.add_row(
                Text(f"{number:>3}"), switch, Text(each.name), Text(f"→ {each.to.label}"), Text(mapping)
            )
            mapping = ""  # once is enough
    return grid


def _question(states: tuple[StateNow, ...]) -> Question:
    def check(answer: str) -> str:
        _meant(answer, states)  # which raises what is wrong with it
        return ""

    text = "Numbers or names to switch (Enter when they are right)"
    return Question(key="mappings.switch", text=text, default="", check=check)


def _meant(answer: str, states: tuple[StateNow, ...]) -> list[tuple[StateNow, bool]]:
    """The states that are named and what each is to be; all are looked up before one is switched."""
    return [_one(each.strip(), states) for each in answer.split(",") if each.strip()]


def _one(word: str, states: tuple[StateNow, ...]) -> tuple[StateNow, bool]:
    name, _, wanted = (part.strip() for part in word.partition("="))
    if wanted and wanted not in WORDS:
        raise UsageProblem(f"mappings.switch: {wanted!r} is neither on nor off")
    if name.isascii() and name.isdecimal():
        if not 0 < int(name) <= len(states):
            raise UsageProblem(
                f"mappings.switch: there is no state number {name}", fix=f"1 to {len(states)}."
            )
        found = states[int(name) - 1]
    else:
        named = [each for each in states if name in (each.name, each.label)]
        if not named:
            raise UsageProblem(
                f"mappings.switch: there is no state {name!r}",
                fix=closest(name, [each.label for each in states]),
            )
        found = named[0]
    return found, WORDS.get(wanted, not found.on)


STEP = Step(
    name="mappings",
    title="Mappings",
    does="Every state, on or off; the mappings themselves are files in mappings/.",
    keys=("mappings.switch",),
    standing=standing,
    walk=walk,
    questions=lambda context: [_question(masters(context.profile()).states)],
)
