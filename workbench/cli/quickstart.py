"""The command `quickstart`: the steps of the Quick Start, asked in a terminal or answered by a file."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from workbench.console import Output
from workbench.errors import NeedsPerson

if TYPE_CHECKING:
    from workbench.quickstart import Asker, Context, Progress, Step

Add = Callable[..., argparse.ArgumentParser]
NOT_FINISHED = 3
HOW = "Enter takes what stands in [brackets]. `later` or Ctrl-C leaves; what was answered stays."
MARKS = {"done": ("✓", "green"), "open": ("·", "dim"), "trouble": ("✗", "red")}


def add_commands(add_in_profile: Add) -> None:
    """Add the command to the parser."""
    command = add_in_profile(
        "quickstart",
        quickstart,
        "from a new profile to the first run, step by step; goes on where it was left",
    )
    command.add_argument("--status", action="store_true", help="only say how far it is")
    command.add_argument("--step", metavar="NAME", help="take this step up (again), and go on from there")
    command.add_argument(
        "--answers", type=Path, metavar="FILE", help="answers as YAML, so that nobody is asked"
    )
    command.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="one answer, e.g. master=salesforce"
    )


def quickstart(arguments: argparse.Namespace, output: Output) -> int:
    """Walk the steps; exit code 3 while some are not done."""
    from workbench.bench.display import user
    from workbench.cli.terminal import a_person_is_there
    from workbench.quickstart import Context, step_of
    from workbench.quickstart.answers import all_answers

    context = Context(folder=arguments.profile, by=user())
    start = step_of(arguments.step) if arguments.step else None
    answers = all_answers(context, arguments.answers, arguments.set)
    if arguments.status or (not answers and not a_person_is_there(output)):
        return _told(context, output)
    return _walked(context, output, answers, start)


def _told(context: Context, output: Output) -> int:
    """How far it is, and the next step."""
    from workbench.quickstart import progress

    now = progress(context)
    output.answer(_data(now), _overview(now))
    if not output.json:
        output.out.print(Text(_what_next(now, context)))
    return NOT_FINISHED if now.first else 0


def _walked(context: Context, output: Output, answers: dict[str, str], start: Step | None) -> int:
    from workbench.cli.terminal import Terminal
    from workbench.quickstart import Script, progress, walk

    show = output.err.print if output.json else output.out.print
    if start is None:
        now = progress(context)
        show(_overview(now))
        start = _first(now, answers)
        if start is None:
            return _told_end(context, output, now)
    asker: Asker = Script(answers, lambda shown: show(_text(shown))) if answers else Terminal(output)
    if not answers:
        show(Text(HOW, style="dim"))
    try:
        left = walk(context, asker, start, again=_answered(answers), arrived=lambda step: show(_header(step)))
    except KeyboardInterrupt:
        left = None
    except NeedsPerson as error:
        output.error("\n".join([str(error), *_not_used(asker)]))
        unused = {"unused": asker.unused} if isinstance(asker, Script) else {}
        output.answer(_data(progress(context)) | {"error": error.what, "fix": error.fix} | unused)
        return NOT_FINISHED
    for told in _not_used(asker):
        output.error(told)
    now = progress(context)
    if left is not None or now.first is not None:
        output.answer(_data(now), Text("\n" + _what_next(now, context)))
        return NOT_FINISHED
    return _told_end(context, output, now)


def _not_used(asker: Asker) -> list[str]:
    """Answers that wait for a question that did not come, in a sentence."""
    from workbench.quickstart import Script

    unused = asker.unused if isinstance(asker, Script) else []
    return [f"Not used, because nothing asked for it: {', '.join(unused)}."] if unused else []


def _told_end(context: Context, output: Output, now: Progress) -> int:
    output.answer(_data(now), Text("\n" + _what_next(now, context)))
    return 0


def _first(now: Progress, answers: dict[str, str]) -> Step | None:
    """The first step that is not done or has an answer."""
    from workbench.quickstart import STEPS

    found = [*([now.first] if now.first else []), *_answered(answers)]
    return min(found, key=STEPS.index) if found else None


def _answered(answers: dict[str, str]) -> list[Step]:
    from workbench.quickstart import STEPS

    return [step for step in STEPS if any(key in answers for key in (*step.keys, *step.secrets))]


def _data(now: Progress) -> dict[str, Any]:
    first = now.first
    return {"steps": now.data, "next": None if first is None else first.name}


def _what_next(now: Progress, context: Context) -> str:
    from workbench.quickstart import STEPS

    if now.first is None:
        again = f"{context.command('quickstart --step NAME')} takes one up again"
        return f"Every step is done: {now.standings[-1].told}\n({again})"
    standing = now.standings[STEPS.index(now.first)]
    lines = [f"Next: {now.first.title}: {standing.told}"]
    lines += [standing.next] if standing.next else []
    return "\n".join([*lines, f"Go on with: {context.command('quickstart')}"])


def _overview(now: Progress) -> Table:
    from workbench.quickstart import STEPS

    grid = Table.grid(padding=(0, 2))
    for number, (step, each) in enumerate(zip(STEPS, now.standings, strict=True), 1):
        mark, style = MARKS[each.state]
        grid.add_row(Text(mark, style=style), Text(f"{number} {step.title}"), Text(each.told))
    return grid


def _header(step: Step) -> Text:
    from workbench.quickstart import STEPS

    number = f"\n{STEPS.index(step) + 1} of {len(STEPS)}  "
    return Text.assemble((number, "dim"), (step.title, "bold"), f"\n{step.does}\n")


def _text(shown: Any) -> Any:
    """Text as it is: what stands in it is no markup."""
    return Text(shown) if isinstance(shown, str) else shown
