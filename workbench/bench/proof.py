"""The proof of a change set as an accountant looks at it: before, as predicted, and as it was read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from workbench.bench.money import WIDTH, gap_table, missing, report, rows_of, times
from workbench.moneyproof import Event
from workbench.moneyproof.html import fragment, page
from workbench.moneyproof.proof import Line, Proof, Stage, State
from workbench.moneyproof.proof_sections import headline, proof_sections
from workbench.moneyproof.text import text


@dataclass(frozen=True)
class MoneyProof:
    """The money of a change set: before, as predicted, and as it was read back.

    Attributes:
        proof: The figures themselves.
    """

    proof: Proof

    @property
    def id(self) -> str:
        return self.proof.changeset

    @property
    def headline(self) -> str:
        """One sentence: whether the balances agree to the cent, or what is left."""
        return headline(self.proof)

    @property
    def agrees(self) -> bool:
        """Whether both systems hold what was predicted, and every cent between them is explained."""
        return self.proof.state is State.AGREES

    @property
    def finished(self) -> bool:
        """Whether the push, and the pull after it, are done."""
        return self.proof.state is not State.WAITING

    @property
    def table(self) -> pd.DataFrame:
        """What is not as predicted: a row for each document, side and cause."""
        events = self.proof.comparison.events if self.proof.comparison else ()
        rows = [row for event in events for row in _event_rows(event)]
        titles = ["cause", "mapping", "document", "side", "what", "before", "predicted", "after"]
        return pd.DataFrame(rows, columns=[*titles, "what happened"]).astype(object)

    @property
    def deviations(self) -> pd.DataFrame:
        """The figures that are not as predicted, with the part of each cause."""
        found = self.proof.comparison.deviations if self.proof.comparison else ()
        rows = [
            {
                **_figure(self.proof, each.figure.customer),
                "mapping": each.figure.mapping,
                "side": each.figure.side.value,
                "month": each.figure.month,
                "state": each.figure.state,
                "currency": each.figure.currency,
                "documents": each.count,
                "amount": each.amount,
                "causes": "; ".join(f"{cause} {amount}" for cause, (_, amount) in each.by_cause.items()),
            }
            for each in found
        ]
        titles = [
            "customer",
            "mapping",
            "side",
            "month",
            "state",
            "currency",
            "documents",
            "amount",
            "causes",
        ]
        return pd.DataFrame(rows, columns=titles)

    @property
    def balances(self) -> pd.DataFrame:
        """Open balance of each customer on each side at the three times."""
        rows = [
            {"customer": line.name, "currency": line.what.currency, "side": line.what.side.value}
            | _amounts(line)
            for line in self.proof.balances
        ]
        return pd.DataFrame(rows, columns=["customer", "currency", "side", *_stages(self.proof)])

    @property
    def documents(self) -> pd.DataFrame:
        """Count and sum of documents by mapping, side, month and state at the three times."""
        rows = [
            {
                "mapping": line.what.mapping,
                "side": line.what.side.value,
                "month": line.what.month,
                "state": line.what.state,
                "currency": line.what.currency,
                **{f"{stage} documents": count for stage, count in line.counts.items()},
                **_amounts(line),
            }
            for line in self.proof.documents
        ]
        counts = [f"{stage} documents" for stage in self.proof.measures]
        titles = ["mapping", "side", "month", "state", "currency", *counts, *_stages(self.proof)]
        return pd.DataFrame(rows, columns=titles)

    @property
    def gaps(self) -> pd.DataFrame:
        """Linked documents whose amounts differ as they are now, a row for each part of the gap."""
        return gap_table(self.proof.latest.gaps if self.proof.latest else ())

    @property
    def data(self) -> dict[str, Any]:
        """The same as JSON takes it."""
        return {
            "id": self.id,
            "state": self.proof.state.value,
            "headline": self.headline,
            "balances": rows_of(self.balances),
            "documents": rows_of(self.documents),
            "deviations": rows_of(self.deviations),
            "not_as_predicted": rows_of(self.table),
            "gaps": rows_of(self.gaps),
            "unexplained": sum((abs(gap.unexplained) for gap in self.proof.unexplained), Decimal("0.00"))
            + sum((event.size for event in self.proof.unexplained_events), Decimal("0.00")),
            "not_measured": list(self.proof.missing),
            "notes": list(self.proof.notes),
        }

    def text(self, width: int = WIDTH) -> str:
        """The report in lines of so many characters."""
        return report(self.headline, self._below, text(proof_sections(self.proof), width), width)

    def page(self) -> str:
        """The report as a page of its own."""
        return page(f"Money proof of {self.id}", self._repr_html_())

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return fragment(self.headline, self._below, proof_sections(self.proof), good=self.agrees)

    @property
    def _below(self) -> list[str]:
        latest = self.proof.measures.get(Stage.AFTER)
        read = times(latest) if latest else []
        return [f"change set {self.id}", *read, *self.proof.notes, *missing(self.proof.missing)]


def _event_rows(event: Event) -> Iterable[dict[str, Any]]:
    for each in event.amounts:
        yield {
            "cause": event.cause.value,
            "mapping": event.mapping,
            "document": event.label,
            "side": each.side.value,
            "what": "open" if each.open else "amount",
            "before": each.before,
            "predicted": each.predicted,
            "after": each.after,
            "what happened": event.told,
        }


def _figure(proof: Proof, customer: str) -> Mapping[str, str]:
    names = {key: each.name for measure in proof.measures.values() for key, each in measure.customers.items()}
    return {"customer": names.get(customer, customer)}


def _amounts(line: Line) -> dict[str, Decimal]:
    return {stage.value: amount for stage, amount in line.amounts.items()}


def _stages(proof: Proof) -> list[str]:
    return [stage.value for stage in proof.measures]
