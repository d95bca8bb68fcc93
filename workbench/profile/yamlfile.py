"""Files of a profile as YAML: broken ones are told with their line, and settings know theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode

from workbench.errors import ProfileError

Place = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Document:
    """Settings, and the lines that they stand on.

    Attributes:
        text: What they were read from; "" where no line is to be named.
        twice: Whether a key is given a second time.
    """

    path: Path
    content: Mapping[str, Any]
    text: str = ""
    twice: bool = False

    def where(self, *place: str) -> str:
        """File and line of a setting; of the table it belongs in where it is missing."""
        lines = dict(reversed(self._keys))  # the first of a key that is given twice
        known = next((place[:size] for size in range(len(place), 0, -1) if place[:size] in lines), None)
        return str(self.path) if known is None else f"{self.path}:{lines[known]}"

    @property
    def again(self) -> Iterator[tuple[Place, int, int]]:
        """Keys that are given a second time: the key, its first line, and that of the second time."""
        first: dict[Place, int] = {}
        for place, line in self._keys if self.twice else ():
            if place in first:
                yield place, first[place], line
            first.setdefault(place, line)

    @cached_property
    def _keys(self) -> list[tuple[Place, int]]:
        """Every key with its line, from 1; looked up only when something is wrong, because it takes time."""
        found: list[tuple[Place, int]] = []

        def visit(node: object, above: Place) -> None:
            for key, value in node.value if isinstance(node, MappingNode) else ():
                place = (*above, str(key.value))
                found.append((place, int(key.start_mark.line) + 1))
                visit(value, place)

        visit(YAML().compose(self.text) if self.text else None, ())
        return found


def read_document(path: Path, text: str | None = None) -> Document:
    """Read settings with their lines, from the file or from a text that is to become the file.

    Raises:
        ProfileError: The file is no UTF-8, broken, or holds no settings.
    """
    text = read_text(path) if text is None else text.removeprefix("\ufeff")
    try:
        return Document(path=path, content=yaml_of(text, path, plain_yaml()), text=text)
    except ProfileError as error:
        if not isinstance(error.__cause__, DuplicateKeyError):
            raise
    lenient = plain_yaml()
    lenient.allow_duplicate_keys = True  # they are listed with everything else that is wrong
    return Document(path=path, content=yaml_of(text, path, lenient), text=text, twice=True)


def read_yaml(path: Path, yaml: YAML | None = None) -> dict[str, Any]:
    """Answer the settings in a file; `name: value` pairs at its top.

    Raises:
        ProfileError: The file is no UTF-8, broken, or holds no settings.
    """
    return yaml_of(read_text(path), path, yaml or plain_yaml())


def read_text(path: Path) -> str:
    """Answer the text of a file, without a byte order mark; ProfileError when it is no UTF-8."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ProfileError(
            f"not UTF-8 text: {error.reason} at byte {error.start}",
            where=str(path),
            fix="Save the file as UTF-8.",
        ) from error


def yaml_of(text: str, path: Path, yaml: YAML) -> dict[str, Any]:
    """Answer the settings in a text; `path` is what messages name."""
    try:
        content = yaml.load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or "cannot be read as YAML"
        tab = "'\\t'" in problem
        fix = "Indent with spaces; YAML takes no tabs." if tab else "Correct that line, or the one before it."
        raise ProfileError(f"broken YAML: {problem}", where=f"{path}{line}", fix=fix) from error
    if not isinstance(content, dict):
        raise ProfileError(
            "expected settings as `name: value` lines", where=str(path), fix="See `workbench init`."
        )
    return cast("dict[str, Any]", content)


def plain_yaml() -> YAML:
    """A YAML that reads plain values and writes one setting a line."""
    yaml = YAML(typ="safe")
    yaml.default_flow_style = False
    return yaml
