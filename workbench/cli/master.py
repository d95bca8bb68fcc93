"""The command `master`: which side's states are on, as a preset."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from rich import box
from rich.console import Group
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
    lists = Table.grid(padding=(0, 2))
    for word, states in switched.lists.items():
        lists.add_row(Text(f"  {word}"), Text(states))
    output.answer({"master": switched.master} | data, Group(Text(switched.title_told), lists))
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
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("master", "", "states", "differs from what is on now"):
        shown.add_column(name, no_wrap=name == "master", justify="right" if name == "states" else "left")
    for each in now.presets:
        chosen = " (chosen)" if each.name == now.master else ""
        shown.add_row(each.name + chosen, each.title, str(len(each.states)), "\n".join(_differs(each)))
    on = [each.label for each in now.states if each.on]
    return Group(
        Text(f"{now.template.title}; on now, {len(on)} of {len(now.states)} states:"),
        Text(f"  {', '.join(on) or 'none'}"),
        shown,
        Text("Switch with `workbench master NAME`; single states with `workbench mapping on|off`."),
    )


def _differs(each: Preset) -> Iterator[str]:
    if each.on:
        yield f"would switch on: {', '.join(state.label for state in each.on)}"
    if each.off:
        yield f"would switch off: {', '.join(state.label for state in each.off)}"
    if each.holds:
        yield "in nothing"
    if each.missing:
        yield f"in no mapping here: {', '.join(each.missing)}"
