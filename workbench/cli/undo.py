"""Command `undo`: the change set that takes a push back, reviewed, approved and pushed like any other."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from workbench.console import Output, records, table, under

if TYPE_CHECKING:
    from workbench.bench.changes import Changes

Add = Callable[..., argparse.ArgumentParser]

CLEAN, DIFFERENCES = 0, 2


def add_commands(add: Add) -> None:
    """Add the command to the parser."""
    command = add("undo", undo, "make the change set that undoes a push; exit code 2 when it holds changes")
    command.add_argument("id", help="the change set that was pushed; `workbench history` lists them")


def undo(arguments: argparse.Namespace, output: Output) -> int:
    """Plan an undo; what cannot be undone, or was edited since, is listed with the reason."""
    # Brings in pandas, which commands that only serve or set things up can do without.
    from workbench.bench import open as open_bench

    changes = open_bench(arguments.profile, output.say).undo(arguments.id)
    header = changes.changeset.header
    data = {
        "id": changes.id,
        "undoes": header["undoes"],
        "changes": len(changes.changeset.changes),
        "held": len(changes.held),
        "already_undone": header["already_undone"],
        "summary": records(changes.summary()),
        "left": _left(changes),
    }
    count = int(header["already_undone"])
    are = "value or record is" if count == 1 else "values and records are"
    already = f"{count:,} {are} as before already"
    title = f"{changes}\nundoes {header['undoes']}; {already}"
    output.answer(data, under(title, table(changes.summary())))
    if changes.held and not output.json:
        shown = changes.table[changes.table["hold"] != ""][["record", "object", "side", "hold"]]
        output.out.print(table(shown.drop_duplicates(), "Not undone"))
    return DIFFERENCES if changes.writable else CLEAN


def _left(changes: Changes) -> list[dict[str, str]]:
    return [
        {"side": each.side, "object": each.object, "record": each.label, "reason": each.hold}
        for each in changes.held
    ]
