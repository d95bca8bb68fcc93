"""Read a folder of mappings and order them: what a mapping refers to comes first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import MappingError, Problem
from workbench.mapping.nodes import closest, compose
from workbench.mapping.reader import read_parts, text_of
from workbench.model import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """What a folder of mappings holds.

    Attributes:
        mappings: Those of files without a problem, by name, references first, else by name.
        partial: The others as far as they can be read, by name.
        unread: Names of files that cannot be read at all, without their suffix.
        problems: Everything that is wrong with the files and between them.
        circle: Those of `problems` that are references in a circle.
    """

    mappings: dict[str, Mapping]
    partial: dict[str, Mapping]
    unread: tuple[str, ...]
    problems: tuple[Problem, ...]
    circle: tuple[Problem, ...]


def load_mappings(folder: Path | str) -> dict[str, Mapping]:
    """All mappings in a folder's `*.yaml` files by name, references first, else by name.

    A file with the key `template` at its top is a process template and is left out.  Raises one
    MappingError with the problems of all files.
    """
    found = read_folder(folder)
    if found.circle == found.problems != ():
        raise MappingError(f"the mappings in {folder} refer to each other in a circle", found.circle)
    if found.problems:
        count = f"{len(found.problems)} problem{'s' if len(found.problems) > 1 else ''}"
        raise MappingError(f"the mappings in {folder} have {count}", found.problems)
    return found.mappings


def read_folder(folder: Path | str) -> Folder:
    """The same as far as it can be read, with what is wrong instead of an error."""
    files = sorted(each for pattern in ("*.yaml", "*.yml") for each in Path(folder).glob(pattern))
    loaded: list[Mapping] = []
    partial: dict[str, Mapping] = {}
    problems: list[Problem] = []
    unread: list[str] = []
    for file in files:
        try:
            if _is_template(file):
                continue
            mapping, wrong = read_parts(text_of(file), file)
        except MappingError as error:
            problems.extend(error.problems)
            unread.append(file.stem)
            continue
        problems.extend(wrong)
        if wrong:
            partial.setdefault(mapping.name, mapping)
        else:
            loaded.append(mapping)
    problems.extend(_names_given_twice(loaded))
    stems = [mapping.path.stem for mapping in partial.values() if mapping.path]
    problems.extend(_unknown_references(loaded, [*unread, *partial, *stems]))
    ordered, circle = _ordered({mapping.name: mapping for mapping in reversed(loaded)})
    return Folder(
        mappings=ordered,
        partial=partial,
        unread=tuple(unread),
        problems=(*problems, *circle),
        circle=tuple(circle),
    )


def _is_template(file: Path) -> bool:
    text = text_of(file)
    if "template" not in text:
        return False
    keys = {str(key.value) for key, _ in compose(text, str(file)).value}
    return "template" in keys and "mapping" not in keys


def _names_given_twice(mappings: list[Mapping]) -> list[Problem]:
    first: dict[str, Mapping] = {}
    problems = []
    for mapping in mappings:
        if mapping.name in first:
            files = {"first": first[mapping.name].path, "again": mapping.path}
            problems.append(Problem(what=f"two files hold mapping '{mapping.name}'", values=files))
        first.setdefault(mapping.name, mapping)
    return problems


def _unknown_references(mappings: list[Mapping], unread: list[str]) -> list[Problem]:
    """References to nowhere; one to a file that could not be read is that file's problem."""
    names = [mapping.name for mapping in mappings]
    return [
        Problem(
            what=f"field '{field.name}' refers to unknown mapping '{field.reference}'",
            where=f"{mapping.path}:{field.line}",
            fix=closest(field.reference, names),
        )
        for mapping in mappings
        for field in (*mapping.fields, *(mapping.lines.fields if mapping.lines else ()))
        if field.reference and field.reference not in (*names, *unread)
    ]


def in_use(mappings: ReadOnly[str, Mapping]) -> dict[str, Mapping]:
    """The mappings that have a state on, and those whose links they cannot do without, in the same order.

    A mapping that is off and that nobody waits for is neither pulled nor compared: its objects need not be
    there.
    """
    found = {name for name, each in mappings.items() if any(state.on for state in each.states)}
    waiting = list(found)
    while waiting:
        for name in mappings[waiting.pop()].needed & (mappings.keys() - found):
            found.add(name)
            waiting.append(name)
    return {name: each for name, each in mappings.items() if name in found}


def with_lines(mappings: Iterable[Mapping]) -> Iterator[Mapping]:
    """The mappings, each followed by that of its lines."""
    for mapping in mappings:
        yield mapping
        if mapping.lines:
            yield mapping.lines


def in_order(mappings: dict[str, Mapping]) -> dict[str, Mapping]:
    """Mappings by name, those first that others refer to; MappingError when they refer in a circle."""
    ordered, circle = _ordered(mappings)
    if circle:
        raise MappingError("the mappings refer to each other in a circle", circle)
    return ordered


def _ordered(mappings: dict[str, Mapping]) -> tuple[dict[str, Mapping], list[Problem]]:
    """The mappings, references first, and the references in a circle; what waits for one comes last."""
    ordered: dict[str, Mapping] = {}
    waiting = dict(sorted(mappings.items()))
    while waiting:
        # A reference to nowhere is told elsewhere, and waited for by nobody.
        ready = [name for name, each in waiting.items() if not set(each.references) & waiting.keys()]
        if not ready:
            return ordered | waiting, [*_circles(waiting)]
        ordered[ready[0]] = waiting.pop(ready[0])
    return ordered, []


def _circles(waiting: dict[str, Mapping]) -> Iterator[Problem]:
    """The references that lead back to their own mapping; what only depends on a circle is none."""
    for mapping in waiting.values():
        back = {name for name in mapping.references if mapping.name in _reached(name, waiting)}
        for field in (*mapping.fields, *(mapping.lines.fields if mapping.lines else ())):
            if field.reference in back:
                yield Problem(
                    what=f"mapping '{mapping.name}' waits for '{field.reference}'",
                    where=f"{mapping.path}:{field.line}",
                    fix="Take one of the references out of the circle: "
                    "a mapping comes after those that it refers to.",
                )


def _reached(start: str, mappings: dict[str, Mapping]) -> set[str]:
    """A mapping and all that its references lead to."""
    found, next_ = set(), [start]
    while next_:
        if (name := next_.pop()) in mappings and name not in found:
            found.add(name)
            next_ += mappings[name].references
    return found
