"""Today's money of both sides as an analyst looks at it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import pandas as pd

from workbench.model import Side
from workbench.moneyproof import Gap, Measure, balances, tallies
from workbench.moneyproof.html import fragment
from workbench.moneyproof.measure_sections import measure_headline, measure_sections
from workbench.moneyproof.text import text

WIDTH = 100
"""Characters of a line where nobody says how many there are."""


@dataclass(frozen=True)
class Money:
    """What both sides hold today, to the cent.

    Attributes:
        measure: The figures themselves.
    """

    measure: Measure

    @property
    def headline(self) -> str:
        """One sentence: whether the sides agree to the cent, or what they differ by."""
        return measure_headline(self.measure)

    @property
    def table(self) -> pd.DataFrame:
        """Open balance by customer and currency, on both sides, and what they differ by."""
        fixed = ["customer", "currency", "quickbooks", "salesforce", "difference", "uninvoiced"]
        rows = [
            {
                "customer": each.name,
                "currency": each.currency,
                "quickbooks": each.quickbooks,
                "salesforce": each.salesforce,
                "difference": each.difference,
                "uninvoiced": each.uninvoiced,
                **each.parts,
            }
            for each in balances(self.measure)
        ]
        reasons = sorted({name for row in rows for name in row} - set(fixed))
        return pd.DataFrame(rows, columns=[*fixed, *reasons]).astype(object)

    @property
    def documents(self) -> pd.DataFrame:
        """Count and sum of documents by mapping, side, month, state and currency."""
        rows = [
            {
                "mapping": each.what.mapping,
                "side": each.what.side.value,
                "month": each.what.month,
                "state": each.what.state,
                "currency": each.what.currency,
                "documents": each.count,
                "amount": each.amount,
                "not measured": each.unmeasured,
            }
            for each in tallies(self.measure)
        ]
        titles = ["mapping", "side", "month", "state", "currency", "documents", "amount", "not measured"]
        return pd.DataFrame(rows, columns=titles)

    @property
    def gaps(self) -> pd.DataFrame:
        """Linked documents whose amounts differ, a row for each part of the gap."""
        return gap_table(self.measure.gaps)

    @property
    def data(self) -> dict[str, Any]:
        """The same as JSON takes it."""
        return {
            "headline": self.headline,
            "balances": rows_of(self.table),
            "documents": rows_of(self.documents),
            "gaps": rows_of(self.gaps),
            "not_measured": list(self.measure.missing),
        }

    def text(self, width: int = WIDTH) -> str:
        """The report in lines of so many characters."""
        return report(self.headline, self._below, text(measure_sections(self.measure), width), width)

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        good = not any(gap.unexplained for gap in self.measure.gaps)
        return fragment(self.headline, self._below, measure_sections(self.measure), good=good)

    @property
    def _below(self) -> list[str]:
        return [*times(self.measure), *missing(self.measure.missing)]


def gap_table(gaps: Iterable[Gap]) -> pd.DataFrame:
    """A row for each part of each gap; the amounts of the document stand in every row."""
    rows = []
    for gap in gaps:
        left, right = gap.document.salesforce, gap.document.quickbooks
        for part in gap.parts:
            rows.append(
                {
                    "mapping": gap.document.mapping,
                    "document": gap.document.label,
                    "salesforce_id": left.id if left else None,
                    "quickbooks_id": right.id if right else None,
                    "salesforce": left.amount if left else None,
                    "quickbooks": right.amount if right else None,
                    "gap": gap.amount,
                    "reason": part.reason.value,
                    "amount": part.amount,
                    "detail": part.detail,
                }
            )
    titles = ["mapping", "document", "salesforce_id", "quickbooks_id", "salesforce", "quickbooks", "gap",
              "reason", "amount", "detail"]  # fmt: skip
    return pd.DataFrame(rows, columns=titles)


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table for JSON; empty cells are null."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]


def report(headline: str, below: Iterable[str], tables: str, width: int) -> str:
    """A report in lines of so many characters; two of them are left for a mark."""
    lines = [line for each in (headline, *below) for line in wrap(each, width - 2)]
    return "\n".join([*lines, "", tables]).rstrip()


def times(measure: Measure) -> list[str]:
    """When each side was read."""
    told = [f"{Side(side).label} as of {at:%Y-%m-%d %H:%M} UTC" for side, at in sorted(measure.taken.items())]
    return ["; ".join(told)] if told else []


def missing(sentences: Iterable[str]) -> list[str]:
    """What was not measured, a line each."""
    return [f"not measured: {each}" for each in sentences]
