"""The differences in a few numbers, and the five that matter most."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import duckdb

from workbench.model import Finding, Kind, Resolution


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many rows of a mapping have this finding and this resolution."""

    mapping: str
    difference: Finding
    resolution: Resolution
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Important:
    """One difference that a person should see first.

    Attributes:
        gap: Salesforce - QuickBooks in the field's unit; None for text and records on one side.
    """

    mapping: str
    label: str
    kind: Kind
    field: str | None
    difference: Finding
    salesforce: str | None
    quickbooks: str | None
    gap: Decimal | None
    resolution: Resolution
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffSummary:
    """All differences that are computed on a connection.

    Attributes:
        counts: By mapping, finding and resolution.
        important: At most five: the largest money gaps, then conflicts, then names.
    """

    counts: tuple[Count, ...]
    important: tuple[Important, ...]

    def count(self, *resolutions: Resolution) -> int:
        """Rows with one of these resolutions; all rows but the converged ones when none is named."""
        wanted = resolutions or tuple(each for each in Resolution if each is not Resolution.NONE)
        return sum(each.count for each in self.counts if each.resolution in wanted)

    @property
    def total(self) -> int:
        """Differences; what converged is none."""
        return self.count()

    @property
    def remaining(self) -> int:
        """Differences that nobody has decided and no rule decides."""
        return self.count(Resolution.UNDECIDED)

    @property
    def writes(self) -> int:
        """Differences that a push would write."""
        return self.count(*(each for each in Resolution if each.writes))

    @property
    def accepted(self) -> int:
        return self.count(Resolution.ACCEPT)

    @property
    def refused(self) -> int:
        return self.count(Resolution.REFUSE)

    @property
    def conflicts(self) -> int:
        """Fields that both sides changed differently, decided or not."""
        return sum(each.count for each in self.counts if each.difference is Finding.CONFLICT)

    @property
    def converged(self) -> int:
        """Fields that both sides changed to the same."""
        return sum(each.count for each in self.counts if each.difference is Finding.CONVERGED)


def summary(connection: duckdb.DuckDBPyConnection) -> DiffSummary:
    """Sum up `work.differences`."""
    counts = connection.execute(
        "SELECT mapping, difference, resolution, count(*) FROM work.differences GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    important = connection.execute(
        "SELECT mapping, label, kind, field, difference, salesforce, quickbooks, gap, resolution, reason "
        "FROM work.differences WHERE resolution <> 'none' "
        "ORDER BY CASE WHEN type IN ('money', 'price') THEN abs(gap) END DESC NULLS LAST, "
        "difference = 'conflict' DESC, coalesce(type = 'name', false) DESC, "
        "mapping, label, salesforce_id, quickbooks_id, field LIMIT 5"
    ).fetchall()
    return DiffSummary(
        counts=tuple(
            Count(mapping=row[0], difference=Finding(row[1]), resolution=Resolution(row[2]), count=row[3])
            for row in counts
        ),
        important=tuple(_important(row) for row in important),
    )


def _important(row: tuple[object, ...]) -> Important:
    mapping, label, kind, field, difference, salesforce, quickbooks, gap, resolution, reason = row
    return Important(
        mapping=str(mapping),
        label=str(label),
        kind=Kind(str(kind)),
        field=None if field is None else str(field),
        difference=Finding(str(difference)),
        salesforce=None if salesforce is None else str(salesforce),
        quickbooks=None if quickbooks is None else str(quickbooks),
        gap=gap if isinstance(gap, Decimal) else None,
        resolution=Resolution(str(resolution)),
        reason=str(reason or ""),
    )
