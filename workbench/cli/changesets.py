"""Look at a change set: its cells, what it has that another has not, and as a file for others."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.cli.where import add_where, where
from workbench.console import Output, records, table, under
from workbench.model import Side

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import RenderableType

    from workbench.bench.changes import Changes

CELL = ["field", "before", "after"]


def add_commands(add: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    command = add("changes", changes, "look at a change set (the newest): every cell before and after")
    command.add_argument("id", nargs="?", help="its id, or a file that --save has written")
    add_where(command, 'record="Alder Supply" or action=create')
    command.add_argument("--against", metavar="ID", help="what it has that an older one has not")
    command.add_argument("--save", type=Path, metavar="FILE", help="write it as canonical JSON lines")
    command.add_argument("--xlsx", type=Path, metavar="FILE", help="write it as a workbook for a spreadsheet")


def changes(arguments: argparse.Namespace, output: Output) -> int:
    """Show a change set; always 0, since nothing is decided by looking."""
    from workbench.bench import open as open_bench  # brings in pandas
    from workbench.bench.diff import hint, select

    bench = open_bench(arguments.profile, output.say)
    chosen = bench.changes(arguments.id)
    written = _write(chosen, arguments)
    data: dict[str, Any] = {"id": chosen.id, "content_hash": chosen.changeset.content_hash} | written
    if arguments.against:
        older = bench.changes(arguments.against)
        turns = chosen.against(older)
        title = f"{chosen.id} against {older.id}"
        shown = table(turns.drop(columns=["change"]), title) if len(turns) else f"{title}: the same"
        output.answer(data | {"against": older.id, "turns": records(turns)}, shown)
    else:
        conditions = where(arguments.where)
        cells = chosen.table if conditions is None else select(chosen.table, conditions)
        if conditions is not None and cells.empty and (told := hint(chosen.table, conditions)):
            output.say(told)
        output.answer(data | {"cells": records(cells)}, under(str(chosen), _shown(cells)))
    for name, path in written.items():
        output.say(f"{name}: {path}")
    return 0


def _shown(cells: pd.DataFrame) -> RenderableType:
    """The cells, each change with what it is beside its first ones."""
    import pandas as pd

    from workbench.bench.changes import SOMETIMES

    told = [name for name in SOMETIMES if (cells[name].astype(str) != "").any()]
    groups = [_of_change(group, told) for _, group in cells.groupby("change", sort=False)]
    rows = pd.DataFrame([row for group in groups for row in group], columns=["change", *CELL, *told])
    return table(rows, rows=200)


def _of_change(cells: pd.DataFrame, told: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of one change: what it is stands in the first column, a line a row, and its hold once."""
    rows: list[dict[Any, Any]] = cells[[*CELL, *told]].to_dict("records")
    first = cells.iloc[0]
    lines = [f"{first['action']} {first['object']} in {Side(first['side']).label}", str(first["record"])]
    foretold = [f"{name}: {first[name]}" for name in ("predicted", "undo") if first[name]]
    lines += [f"  {'; '.join(foretold)}"] if foretold else []
    for number, row in enumerate(rows):
        last = number == len(rows) - 1
        row["change"] = "\n".join(lines[number:] if last else lines[number : number + 1])
        if number and "hold" in row:
            row["hold"] = ""
    return rows


def _write(chosen: Changes, arguments: argparse.Namespace) -> dict[str, str]:
    written = {}
    if arguments.save:
        written["saved"] = str(chosen.save(arguments.save))
    if arguments.xlsx:
        written["workbook"] = str(chosen.to_xlsx(arguments.xlsx))
    return written
