"""Change one word of a mapping file and nothing else: comments, order and alignment stay.

The changed text is read as a mapping before it replaces the file, so a file that can't be loaded is never
saved (see `workbench.yamltext`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping as ReadOnly
from pathlib import Path

from workbench import yamltext
from workbench.errors import MappingError
from workbench.mapping.nodes import closest, compose
from workbench.mapping.reader import read_mapping
from workbench.model import Mapping, Winner
from workbench.yamltext import CannotChange, Place

PLAIN_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z", re.ASCII)


def set_state(path: Path | str, state: str, on: bool) -> Mapping:
    """Switch a state on or off in the file; the mapping as it reads afterwards."""
    return save(path, {("states", state, "on"): on})


def set_winner(path: Path | str, field: str | None, winner: Winner | str) -> Mapping:
    """Set the winner of a field (`lines.<field>` for a field of the lines), or of the mapping (None)."""
    if str(winner) not in [each.value for each in Winner]:
        known = [each.value for each in Winner]
        raise MappingError(f"'{winner}' is no winner", where=str(path), fix=closest(str(winner), known))
    place: Place = ("winner",) if field is None else (*_field_place(field), "winner")
    return save(path, {place: str(winner)})


def set_states(path: Path | str, on: bool) -> Mapping:
    """Switch all states on or off in the file: the whole mapping."""
    states = read_mapping(Path(path).read_text(encoding="utf-8-sig"), Path(path)).states
    return save(path, {("states", each.name, "on"): on for each in states})


def save(path: Path | str, changes: ReadOnly[Place, str | bool]) -> Mapping:
    """Set values by their place, e.g. `{("states", "AccountToCustomer", "on"): False}`.

    A key that is missing in a table that is there is added to it.  Raises MappingError, with the file
    as it was, when a table is not there or the result is no valid mapping.
    """
    text, mapping = edited(path, changes)
    yamltext.replace_file(Path(path), text)
    return mapping


def edited(path: Path | str, changes: ReadOnly[Place, str | bool]) -> tuple[str, Mapping]:
    """The file's text with other values, and how it reads then; nothing is written.

    Raises:
        MappingError: A table is not there, or the result is no valid mapping.
    """
    file = Path(path)
    words = {place: _word(value, file) for place, value in changes.items()}
    try:
        text = yamltext.changed(yamltext.read_exact(file), words, lambda body: compose(body, str(file)))
    except CannotChange as error:
        raise MappingError(error.what, where=error.where(file), fix=error.fix) from error
    return text, read_mapping(text.removeprefix(yamltext.MARK), file)


def _field_place(field: str) -> Place:
    return (
        ("lines", "fields", field.removeprefix("lines.")) if field.startswith("lines.") else ("fields", field)
    )


def _word(value: str | bool, file: Path) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not PLAIN_WORD.match(value):
        raise MappingError(f"'{value}' is not one plain word", where=str(file))
    return value
