"""Step 6: which side is the master: a preset of states, or the states as they are."""

from __future__ import annotations

from workbench.asking import Asker, Question
from workbench.masters import Masters, Preset, masters, set_master
from workbench.quickstart.steps import Context, Standing, Step, done, explained, to_do

KEEP = "keep"


def standing(context: Context) -> Standing:
    """Done when somebody has settled it."""
    told = _told(masters(context.profile()))
    when = context.settled(STEP.name)
    return done(f"{told} (settled {when})") if when else to_do(told)


def walk(context: Context, asker: Asker) -> None:
    """Show what each preset would switch, and switch to the chosen one."""
    now = masters(context.profile())
    presets = {each.name: f"{each.title}: {_differs(each)}" for each in now.presets}
    asker.tell(explained(presets | {KEEP: "leave the states as they are"}))
    chosen = asker.ask(_question(now))
    if chosen != KEEP:
        switched = set_master(context.profile(), chosen)
        asker.tell(switched.title_told)
        asker.tell(explained(switched.lists))
        if switched.next:
            asker.tell(switched.next)
    context.settle(STEP.name)
    asker.tell(f"✓ {_told(masters(context.profile()))}")


def _question(now: Masters) -> Question:
    choices = (*(each.name for each in now.presets), KEEP)
    return Question(key="master", text="Master", default=KEEP, choices=choices)


def _differs(each: Preset) -> str:
    if each.holds:
        return "as it is now"
    return f"switches {len(each.on)} on and {len(each.off)} off"


def _told(now: Masters) -> str:
    chosen = next((each for each in now.presets if each.name == now.master), None)
    if chosen is None:
        return f"{now.master!r} is no preset of {now.template.name}"
    differ = len(chosen.on) + len(chosen.off)
    return chosen.title + ("" if chosen.holds else f"; {differ} of its states are switched otherwise")


STEP = Step(
    name="master",
    title="Master",
    does="Which side is right: a preset of states, or the states as they are.",
    keys=("master",),
    standing=standing,
    walk=walk,
    questions=lambda context: [_question(masters(context.profile()))],
)
