"""The command `master`: which side's states are on, as a preset."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from workbench.console import Output
from workbench.profile import read_profile

if TYPE_CHECKING:
    from workbench.masters import Masters, Preset

Add = Callable[..., argparse.ArgumentParser]


def add_commands(add_in_profile: Add) -> None:
    """Add the command to the parser."""
    command = add_in_profile(
        "master", master, "presets of states: which side is the master; without NAME: list"
    )
    command.add_argument("name", nargs="?", metavar="NAME", help="salesforce, quickbooks, both")


def master(arguments: argparse.Namespace, output: Output) -> int:
    """Switch the states to a preset, or list the presets and how they differ from now."""
    from workbench.masters import masters, set_master

    profile = read_profile(arguments.profile)
    if arguments.name is None:
        now = masters(profile)
        output.answer(_data(now), _shown(now))
        return 0
    switched = set_master(profile, arguments.name)
    data = {name: list(getattr(switched, name)) for name in ("on", "off", "missing")}
    shown: list[RenderableType] = [Text(switched.title_told), _lists(switched.lists)]
    if switched.next:
        shown.append(Text(f"{switched.next}\n  workbench pull --profile {arguments.profile}"))
    output.answer({"master": switched.master} | data | {"next": switched.next}, Group(*shown))
    return 0


def _data(now: Masters) -> dict[str, object]:
    return {
        "template": now.template.name,
        "master": now.master,
        "states": {each.label: each.on for each in now.states},
        "presets": [
            {
                "name": each.name,
                "title": each.title,
                "holds": each.holds,
                "states": list(each.states),
                "on": [state.label for state in each.on],
                "off": [state.label for state in each.off],
                "missing": list(each.missing),
            }
            for each in now.presets
        ],
    }


def _shown(now: Masters) -> Group:
    on = [each.label for each in now.states if each.on]
    return Group(
        Text(f"{now.template.title}; {len(on)} of {len(now.states)} states are on now"),
        _lists({"on": ", ".join(on) or "none"}),
        *(shown for each in now.presets for shown in _preset(each, now.master)),
        Text("\nSwitch with `workbench master NAME`, or a state with `workbench mapping on|off`."),
    )


def _preset(each: Preset, chosen: str) -> Iterator[RenderableType]:
    name = f"{each.name} (chosen)" if each.name == chosen else each.name
    as_now = "; the states are so now" if each.holds else ""
    yield Text.assemble("\n", (name, "bold"), f"  {each.title}: {len(each.states)} states{as_now}")
    named = {
        "would switch on": ", ".join(state.label for state in each.on),
        "would switch off": ", ".join(state.label for state in each.off),
        "in no mapping here": ", ".join(each.missing),
    }
    yield _lists({word: states for word, states in named.items() if states})


def _lists(named: Mapping[str, str]) -> Table:
    """Lists of states beside what they are; they wrap in a column of their own."""
    grid = Table.grid(padding=(0, 2))
    for word, states in named.items():
        grid.add_row(Text(f"  {word}"), Text(states))
    return grid
