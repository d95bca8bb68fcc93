"""Step 4: Validate Process; it goes on from a valid report."""

from __future__ import annotations

from collections import Counter

from rich.table import Table
from rich.text import Text

from workbench.asking import Asker, Later, Question
from workbench.quickstart.steps import Context, Standing, Step, done, to_do, trouble
from workbench.validate import Report, Verdict, validate, validate_for_push

MARKS = {
    Verdict.ERROR: ("–", "bold red"),
    Verdict.WARNING: ("!", "yellow"),
    Verdict.UNKNOWN: ("…", "dim"),
    Verdict.VALID: ("✓", "green"),
}
"""The worst first; the mark of a group is that of its worst check."""
WORDS = {
    Verdict.ERROR: ("error", "errors"),
    Verdict.WARNING: ("warning", "warnings"),
    Verdict.UNKNOWN: ("not known yet", "not known yet"),
    Verdict.VALID: ("valid", "valid"),
}
AGAIN, ON, LATER = "again", "on", "later"


def standing(context: Context) -> Standing:
    """Done when a report was valid, and what a push needs of it still is."""
    with context.opened() as opened:
        errors = validate_for_push(opened).errors
    when = context.settled(STEP.name)
    if not when:
        return to_do("not looked at yet")
    if errors:
        told = "; ".join(f"{check.name}: {check.detail}" for check in errors[:3])
        return trouble(told, errors[0].fix)
    return done(f"valid ({when})")


def walk(context: Context, asker: Asker) -> None:
    """Show the report until it is valid, or the person goes on to the mappings to switch something off."""
    while True:
        report = _report(context)
        asker.tell(_shown(report))
        if report.valid:
            context.settle(STEP.name)
            asker.tell(f"✓ Valid. Every check: {context.command('check --all')}")
            return
        answer = asker.ask(_question(context))
        if answer == LATER:
            raise Later
        if answer == ON:
            return


def _question(context: Context) -> Question:
    return Question(
        key="validate.next",
        text=f"Not valid yet: correct it and look again, or go {ON} to the states",
        default=AGAIN,
        choices=(AGAIN, ON, LATER),
        next=f"Correct what is marked; {context.command('check')} shows every check with its cause.",
    )


def _shown(report: Report) -> Table:
    """One line a group, and below it what is wrong, with the fix."""
    grid = Table.grid(padding=(0, 2))
    for name, checks in report.groups():
        counts = Counter(check.verdict for check in checks)
        worst = next(verdict for verdict in MARKS if counts[verdict])
        told = ", ".join(
            f"{counts[verdict]} {words[counts[verdict] > 1]}"
            for verdict, words in WORDS.items()
            if counts[verdict]
        )
        grid.add_row(Text(*MARKS[worst]), Text(name), Text(told))
        for check in checks:
            if check.verdict is Verdict.ERROR:
                fix = f"\n→ {check.fix}" if check.fix else ""
                grid.add_row(Text(""), Text(f"  {check.name}"), Text(f"{check.detail}{fix}"))
    return grid


def _report(context: Context) -> Report:
    with context.opened() as opened:
        return validate(opened)


STEP = Step(
    name="validate",
    title="Validate Process",
    does="Every setting, mapping, field and state in one report.",
    keys=("validate.next",),
    standing=standing,
    walk=walk,
    questions=lambda context: [_question(context)],
)
