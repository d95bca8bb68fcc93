"""Documents that are not as predicted, taken together with those they are, or were, linked to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from workbench.model import Side
from workbench.moneyproof.figures import Document, Held, Measure
from workbench.moneyproof.written import Record


@dataclass(frozen=True, slots=True)
class Together:
    """Documents that belong together, at the three times."""

    before: tuple[Document, ...]
    predicted: tuple[Document, ...]
    after: tuple[Document, ...]

    @property
    def every(self) -> tuple[Document, ...]:
        """All of them, the newest first."""
        return (*self.after, *self.predicted, *self.before)

    @property
    def records(self) -> set[Record]:
        """Side and id of all of them."""
        return {record for document in self.every for _, record in records(document)}


def by_id(documents: Iterable[Document], side: Side) -> Mapping[str, Held]:
    """What a side holds, by its id."""
    held = (each.held(side) for each in documents)
    return {each.id: each for each in held if each is not None}


def records(document: Document) -> list[tuple[str, Record]]:
    """Mapping, and side and id, of what a document is on each side."""
    held = ((side, document.held(side)) for side in Side)
    return [(document.mapping, (str(side), each.id)) for side, each in held if each is not None]


def together(before: Measure, predicted: Measure, after: Measure) -> Iterator[Together]:
    """Documents that are not as predicted, with all at any of the times that share a record with them."""
    same = set(predicted.documents) & set(after.documents)
    owners: dict[tuple[str, Record], int] = {}
    heads: list[int] = []
    placed: list[tuple[int, int, Document]] = []
    for time, measure in ((1, predicted), (2, after), (0, before)):
        for document in measure.documents:
            mine = records(document)
            known = {_head(heads, owners[each]) for each in mine if each in owners}
            if document in same or (time == 0 and not known):
                continue
            number = min(known, default=len(heads))
            if number == len(heads):
                heads.append(number)
            for other in known:
                heads[other] = number
            owners.update(dict.fromkeys(mine, number))
            placed.append((number, time, document))
    found: dict[int, tuple[list[Document], list[Document], list[Document]]] = {}
    for number, time, document in placed:
        found.setdefault(_head(heads, number), ([], [], []))[time].append(document)
    for was, wanted, is_ in found.values():
        yield Together(tuple(was), tuple(wanted), tuple(is_))


def _head(heads: list[int], number: int) -> int:
    """The group that a group has become part of."""
    while heads[number] != number:
        number = heads[number]
    return number
