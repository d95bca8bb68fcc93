"""Change one word of a mapping file and nothing else: comments, order and alignment stay.

The place of the word comes from the YAML tree; the text around it is never written anew.  The changed
text is read as a mapping before it replaces the file, so a file that can't be loaded is never saved, and
the file is replaced in one step.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping as ReadOnly
from pathlib import Path
from typing import Any

from ruamel.yaml.nodes import MappingNode, ScalarNode

from workbench.errors import MappingError
from workbench.mapping.nodes import closest, compose
from workbench.mapping.reader import read_mapping
from workbench.model import Mapping, Winner

Place = tuple[str, ...]
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
    file = Path(path)
    # newline="" keeps the line ends of a file that came from Windows.
    with file.open(encoding="utf-8", newline="") as opened:
        text = opened.read()
    before = text
    words = {place: _word(value, file) for place, value in changes.items()}
    for place, word in words.items():
        text = _changed(text, place, word, file)
    _verify(before, text, words, file)
    mapping = read_mapping(text.removeprefix("\ufeff"), file)
    _replace(file, text)
    return mapping


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


def _changed(text: str, place: Place, word: str, file: Path) -> str:
    # The reader drops a byte order mark, so places count from behind it.
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    body = text.removeprefix("\ufeff")
    table = _table(compose(body, str(file)), place[:-1], file)
    found = [value for key, value in table.value if key.value == place[-1]]
    if found:
        return mark + _overwritten(body, found[0], word, place, file)
    return mark + _added(body, table, place[-1], word)


def _table(node: MappingNode, place: Place, file: Path) -> MappingNode:
    for key in place:
        entries = {str(name.value): value for name, value in node.value}
        inner = entries.get(key)
        if not isinstance(inner, MappingNode):
            known = closest(key, entries)
            raise MappingError(
                f"there is no '{key}' to change", where=f"{file}:{node.start_mark.line + 1}", fix=known
            )
        node = inner
    return node


def _overwritten(text: str, node: object, word: str, place: Place, file: Path) -> str:
    if not isinstance(node, ScalarNode):
        raise MappingError(f"'{'.'.join(place)}' is not a single value", where=str(file))
    start, end = node.start_mark.index, node.end_mark.index
    space = " " if start == end and not text[start - 1].isspace() else ""
    return f"{text[:start]}{space}{word}{text[end:]}"


def _verify(before: str, after: str, words: ReadOnly[Place, str], file: Path) -> None:
    """Read both texts: exactly the wanted words must have changed (an alias, say, would change two)."""
    wanted = _plain(compose(before.removeprefix("\ufeff"), str(file)))
    for place, word in words.items():
        table = wanted
        for key in place[:-1]:
            table = table[key]
        table[place[-1]] = word
    if _read_again(after, file) != wanted:
        names = ", ".join(".".join(place) for place in words)
        raise MappingError(
            f"can't set {names} and nothing else", where=str(file), fix="Change it in an editor."
        )


def _read_again(text: str, file: Path) -> dict[str, Any] | None:
    try:
        return _plain(compose(text.removeprefix("\ufeff"), str(file)))
    except MappingError:
        return None


def _plain(node: MappingNode) -> dict[str, Any]:
    """The tree as plain values, scalars as they are written."""
    return {str(key.value): _plain_value(value) for key, value in node.value}


def _plain_value(node: Any) -> Any:
    if isinstance(node, MappingNode):
        return _plain(node)
    if isinstance(node, ScalarNode):
        return str(node.value)
    return [_plain_value(each) for each in node.value]


def _added(text: str, table: MappingNode, key: str, word: str) -> str:
    if table.flow_style:
        # Right behind the last value: what follows it may be a comment.
        at = table.value[-1][1].end_mark.index if table.value else table.end_mark.index - 1
        return f"{text[:at]}{', ' if table.value else ''}{key}: {word}{text[at:]}"
    start = table.value[0][0].start_mark
    newline = "\r\n" if "\r\n" in text else "\n"
    return f"{text[: start.index]}{key}: {word}{newline}{' ' * start.column}{text[start.index :]}"


def _replace(file: Path, text: str) -> None:
    """Write beside the file, then rename: a reader sees the old text or the new, never half of it."""
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.", suffix=".new")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        if file.exists():
            Path(name).chmod(file.stat().st_mode & 0o777)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
