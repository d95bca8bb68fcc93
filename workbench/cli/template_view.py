"""Process templates as a person reads them: the list, and one of them with every state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from workbench.asking import Asker, Question
from workbench.templates import Template, TemplateState

VIEW = "view "
SIDES = {"salesforce": "Salesforce", "quickbooks": "QuickBooks"}
NEXT = """\
workbench init --view NAME               shows a template with every state
workbench init DIR --template NAME       makes a profile of it in a new folder"""


def data(each: Template) -> dict[str, Any]:
    """A template as plain values."""
    return {
        "name": each.name,
        "title": each.title,
        "syncs": " ".join(each.syncs.split()),
        "details": list(each.details),
        "needs": {side: list(needs) for side, needs in each.needs.items()},
        "mappings": list(each.mappings),
        "states": [
            {name: getattr(state, name) for name in ("name", "mapping", "on", "needs", "does")}
            for state in each.states.values()
        ],
        "masters": {
            name: {"title": preset.title, "states": list(preset.states)}
            for name, preset in each.masters.items()
        },
        "master": each.master,
    }


def listed(templates: Iterable[Template]) -> RenderableType:
    """Every template: its name, what it syncs, and what each side needs."""
    panels = [Panel(Group(*_head(each)), title=each.name, title_align="left") for each in templates]
    return Group(*panels, Text(NEXT))


def viewed(each: Template) -> RenderableType:
    """One template with its details, its masters, and each state: what it does and what it needs."""
    return Group(
        Panel(Group(*_head(each), *_details(each), *_masters(each)), title=each.name, title_align="left"),
        *_states(each),
        Text(f"\nworkbench init DIR --template {each.name}"),
    )


def choose(templates: Sequence[Template], asker: Asker, default: str) -> str:
    """Ask which template it is to be; each can be looked at before.

    Raises:
        Later: The person leaves.
    """
    names = [each.name for each in templates]
    for number, each in enumerate(templates, 1):
        asker.tell(f"{number} {each.name}\n  {' '.join(each.syncs.split())}\n")
    asker.tell(f"`{VIEW}NUMBER` shows what a template needs and every state of it.")
    words = {str(number): name for number, name in enumerate(names, 1)} | {name: name for name in names}
    taken = (*words, *(VIEW + word for word in words))
    question = Question(key="template", text="Template", default=default, choices=taken)
    while (answer := asker.ask(question)).startswith(VIEW):
        asker.tell(viewed(templates[names.index(words[answer.removeprefix(VIEW)])]))
    return words[answer]


def _head(each: Template) -> Iterator[RenderableType]:
    yield Text(each.title, style="bold")
    yield Text(" ".join(each.syncs.split()))
    for side, needs in each.needs.items():
        yield Text(f"\n{SIDES.get(side, side)} needs")
        yield _points(needs)


def _details(each: Template) -> Iterator[RenderableType]:
    if each.details:
        yield Text("\nGood to know")
        yield _points(each.details)


def _masters(each: Template) -> Iterator[RenderableType]:
    yield Text("\nMasters (workbench master NAME)")
    grid = Table.grid(padding=(0, 2))
    for name, preset in each.masters.items():
        start = "; a new profile starts from it" if name == each.master else ""
        grid.add_row(Text(f"  {name}"), Text(f"{preset.title}: {len(preset.states)} states{start}"))
    yield grid


def _states(each: Template) -> Iterator[RenderableType]:
    on = sum(state.on for state in each.states.values())
    yield Text(f"\n{len(each.states)} states, {on} of them on in a new profile")
    for mapping, states in groupby(each.states.values(), lambda state: state.mapping):
        yield Text(f"\n{mapping}", style="bold")
        yield _of_mapping(states)


def _of_mapping(states: Iterable[TemplateState]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(width=5)
    grid.add_column(no_wrap=True, min_width=28)
    grid.add_column()
    for state in states:
        told = Text.assemble(state.does, ("\nNeeds: ", "dim"), state.needs)
        switch = Text("  on" if state.on else "  off", style="green" if state.on else "dim")
        grid.add_row(switch, Text(state.name), told)
    return grid


def _points(lines: Iterable[str]) -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    for line in lines:
        grid.add_row(Text("·"), Text(line))
    return Padding(grid, (0, 0, 0, 2))
