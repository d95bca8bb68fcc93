"""Which rows a command is about: `--where record="Alder Supply" --where field=phone`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence


def add_where(command: argparse.ArgumentParser, columns: str) -> None:
    """Let a command take conditions on columns; all of them must hold."""
    command.add_argument(
        "--where",
        action="append",
        default=[],
        type=_condition,
        metavar="COLUMN=VALUE",
        help=f"only rows with this value, e.g. {columns}; several must all hold",
    )


def where(given: Sequence[tuple[str, str]]) -> dict[str, object] | None:
    """The conditions as the library takes them; a column named twice may have either value."""
    found: dict[str, list[str]] = {}
    for name, value in given:
        found.setdefault(name, []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()} or None


def _condition(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not COLUMN=VALUE")
    return name.strip(), value
