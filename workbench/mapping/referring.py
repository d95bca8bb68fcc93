"""Propose which references of two objects correspond: both name records of one mapping."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass
from typing import Any

from workbench.mapping.propose import ENOUGH, FEWEST, Proposal, Row, best, direction
from workbench.model import FieldType

Described = ReadOnly[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A mapping that a reference may go by.

    Attributes:
        links: Its linked records, (Salesforce's, QuickBooks').
    """

    mapping: str
    links: frozenset[tuple[str, str]] = frozenset()


def propose_references(
    salesforce: Iterable[Described],
    quickbooks: Iterable[Described],
    pairs: Iterable[tuple[Row, Row]],
    known: ReadOnly[tuple[str, str], Known],
) -> list[Proposal]:
    """The best proposals of references.

    Args:
        salesforce, quickbooks: The describes of the fields of the two objects.
        pairs: Records that are the same, Salesforce's and QuickBooks'.
        known: By Salesforce object and QuickBooks entity, the mapping of their records.
    """
    scored = _scored(_references(salesforce), _references(quickbooks), list(pairs), known)
    return list(best(sorted(scored, key=lambda each: (-each.score, each.salesforce, each.quickbooks))))


def _references(fields: Iterable[Described]) -> list[Described]:
    return [each for each in fields if each.get("type") == "reference" and each.get("referenceTo")]


def _scored(
    left: list[Described],
    right: list[Described],
    pairs: list[tuple[Row, Row]],
    known: ReadOnly[tuple[str, str], Known],
) -> Iterator[Proposal]:
    for ours in left:
        for theirs in right:
            ends = [(one, other) for one in ours["referenceTo"] for other in theirs["referenceTo"]]
            for by in (known[each] for each in ends if each in known):
                same, both = _agreement(str(ours["name"]), str(theirs["name"]), pairs, by)
                score = ENOUGH if both < FEWEST else same / both
                if score >= ENOUGH:
                    yield _proposal(ours, theirs, by, score, _why(by, same, both))


def _agreement(ours: str, theirs: str, pairs: list[tuple[Row, Row]], by: Known) -> tuple[int, int]:
    """On how many records both name linked ones, and on how many both name one."""
    named = [
        (str(one[ours]), str(other[theirs])) for one, other in pairs if one.get(ours) and other.get(theirs)
    ]
    return sum(each in by.links for each in named), len(named)


def _proposal(ours: Described, theirs: Described, by: Known, score: float, why: str) -> Proposal:
    return Proposal(
        name=str(ours["name"]).removesuffix("Id"),
        salesforce=str(ours["name"]),
        quickbooks=str(theirs["name"]),
        type=FieldType.REFERENCE,
        direction=direction(ours, theirs),
        score=round(score, 3),
        why=why,
        reference=by.mapping,
    )


def _why(by: Known, same: int, both: int) -> str:
    agreed = f"; they agree on {same} of {both} records that are the same" if both >= FEWEST else ""
    return f"Both name a record of {by.mapping}{agreed}."
