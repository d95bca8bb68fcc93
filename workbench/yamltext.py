"""Change single values of a YAML text and nothing else: comments, order and alignment stay.

The place of a value comes from the YAML tree; the text around it is never written anew.  What is changed
is read again: exactly the wanted values must differ (an alias, say, would change two).  Files are replaced
in one step each, and several of them all or none.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from workbench.spelling import closest

Place = tuple[str, ...]
"""Keys from the top down, e.g. `("states", "AccountToCustomer", "on")`."""
Compose = Callable[[str], MappingNode]
"""Reads a text into ruamel's tree, and raises what its own kind of file raises when it is broken."""
MARK = "\ufeff"


class CannotChange(Exception):
    """A value that cannot be changed in the text; the text is as it was.

    Attributes:
        line: From 1; None where no line is meant.
        fix: The next step.
    """

    def __init__(self, what: str, *, line: int | None = None, fix: str = "") -> None:
        super().__init__(what)
        self.what, self.line, self.fix = what, line, fix

    def where(self, file: Path) -> str:
        """File and line, as errors name them."""
        return str(file) if self.line is None else f"{file}:{self.line}"


def changed(text: str, words: Mapping[Place, str], compose: Compose) -> str:
    """Answer the text with other values, each written as it is to stand there.

    A key that is missing in a table that is there is added to it.

    Raises:
        CannotChange: A table is not there, or the values cannot be changed alone.
    """
    after = text
    for place, word in words.items():
        after = _with(after, place, word, compose)
    _verify(text, after, words, compose)
    return after


def read_exact(file: Path) -> str:
    """Answer the text of a file with its line ends, which those of Windows are kept as."""
    with file.open(encoding="utf-8", newline="") as opened:
        return opened.read()


def replace_file(file: Path, text: str) -> None:
    """Write beside the file, then rename: a reader sees the old text or the new, never half of it."""
    _beside(file, text).replace(file)


def replace_files(texts: Mapping[Path, str]) -> None:
    """Replace several files, all or none of them: what fails in the middle is taken back.

    Raises:
        PermissionError: One of them is read-only; all are as they were.
        OSError: One cannot be written; all are as they were.
    """
    for file in texts:
        if not file.stat().st_mode & stat.S_IWUSR:
            raise PermissionError(None, "the file is read-only", str(file))
    before = {file: read_exact(file) for file in texts}
    beside: dict[Path, Path] = {}
    done: list[Path] = []
    try:
        for file, text in texts.items():
            beside[file] = _beside(file, text)
        for file, new in beside.items():
            new.replace(file)
            done.append(file)
    except BaseException:
        for file in done:
            replace_file(file, before[file])
        raise
    finally:
        for new in beside.values():
            new.unlink(missing_ok=True)


def _beside(file: Path, text: str) -> Path:
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.", suffix=".new")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        if file.exists():
            Path(name).chmod(file.stat().st_mode & 0o777)
    except BaseException as error:
        Path(name).unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None:  # a full disk does not say for which file
            error.filename = str(file)
        raise
    return Path(name)


def _with(text: str, place: Place, word: str, compose: Compose) -> str:
    # The reader drops a byte order mark, so places count from behind it.
    mark = MARK if text.startswith(MARK) else ""
    body = text.removeprefix(MARK)
    table = _table(compose(body), place[:-1])
    found = [value for key, value in table.value if key.value == place[-1]]
    if found:
        return mark + _overwritten(body, found[0], word, place)
    return mark + _added(body, table, place[-1], word)


def _table(node: MappingNode, place: Place) -> MappingNode:
    for key in place:
        entries = {str(name.value): value for name, value in node.value}
        inner = entries.get(key)
        if not isinstance(inner, MappingNode):
            line = node.start_mark.line + 1
            raise CannotChange(f"there is no '{key}' to change", line=line, fix=closest(key, entries))
        node = inner
    return node


def _overwritten(text: str, node: object, word: str, place: Place) -> str:
    if isinstance(node, SequenceNode) and word.startswith("["):
        start, end = node.start_mark.index, _end_of_list(node)
    elif isinstance(node, ScalarNode):
        start, end = node.start_mark.index, node.end_mark.index
    else:
        raise CannotChange(f"'{'.'.join(place)}' is not a single value")
    space = " " if start == end and not text[start - 1].isspace() else ""
    return f"{text[:start]}{space}{word}{text[end:]}"


def _end_of_list(node: SequenceNode) -> int:
    """Where a list ends; a block's own end mark lies behind the comments that follow it."""
    last = node if node.flow_style or not node.value else node.value[-1]
    return int(last.end_mark.index)


def _added(text: str, table: MappingNode, key: str, word: str) -> str:
    if table.flow_style:
        # Right behind the last value: what follows it may be a comment.
        at = table.value[-1][1].end_mark.index if table.value else table.end_mark.index - 1
        return f"{text[:at]}{', ' if table.value else ''}{key}: {word}{text[at:]}"
    start = table.value[0][0].start_mark
    newline = "\r\n" if "\r\n" in text else "\n"
    return f"{text[: start.index]}{key}: {word}{newline}{' ' * start.column}{text[start.index :]}"


def _verify(before: str, after: str, words: Mapping[Place, str], compose: Compose) -> None:
    wanted = _plain(compose(before.removeprefix(MARK)))
    for place, word in words.items():
        table = wanted
        for key in place[:-1]:
            table = table[key]
        table[place[-1]] = _plain(YAML().compose(f"value: {word}"))["value"]
    if _read_again(after) != wanted:
        names = ", ".join(".".join(place) for place in words)
        raise CannotChange(f"can't set {names} and nothing else", fix="Change it in an editor.")


def _read_again(text: str) -> dict[str, Any] | None:
    try:
        return _plain(YAML().compose(text.removeprefix(MARK)))
    except YAMLError:
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
