"""What the entries of a decisions file are about today, and what speaks against them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from workbench.bench.fitting import refused
from workbench.bench.ground import Ground
from workbench.crosswalk import in_the_way
from workbench.decisionfile import REMOVALS, Written
from workbench.diff.fit import unfit
from workbench.model import ABOUT_MATCHING, DecisionKind, Side
from workbench.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """One entry, weighed.

    Attributes:
        seen: Of a field: the comparable values of its records, Salesforce's first.
        wrong: Why it cannot be taken; `fix` says what to do.
        left_out: Why nothing is left to decide.
    """

    written: Written
    seen: tuple[str | None, str | None] | None = None
    wrong: str = ""
    fix: str = ""
    left_out: str = ""


class Weigher:
    """Holds the entries of one file against a diff and the crosswalk."""

    def __init__(self, store: Store, ground: Ground) -> None:
        self._store, self._ground = store, ground

    def about(self, entry: Written) -> list[About]:
        """What an entry is about, what speaks against it, or why nothing is left to decide.

        One about a whole pair is about each field that differs now: it must not decide what is edited later.
        """
        if entry.decision in ABOUT_MATCHING:
            return [self._matching(entry)]
        if entry.salesforce_id is None or entry.quickbooks_id is None:
            return [self._alone(entry)]
        return [self._field(entry)] if entry.field is not None else self._whole(entry)

    # --- records and their partners ------------------------------------------------

    def _matching(self, entry: Written) -> About:
        if entry.decision == DecisionKind.NOT_A_MATCH:
            return About(written=entry)
        parted = [
            (str(each.salesforce_id), str(each.quickbooks_id))
            for each in self._ground.entries
            if each.mapping == entry.mapping and each.decision == DecisionKind.NOT_A_MATCH
        ]
        found = in_the_way(
            self._store, entry.mapping, str(entry.salesforce_id), str(entry.quickbooks_id), parted
        )
        if not found:
            wrong = self._apart(entry)
            return About(written=entry, wrong=wrong, fix="Lines match within one document and its partner.")
        taken = [self._partner(entry, row) for row in found]
        return About(
            written=entry, wrong="; ".join(taken), fix="Say not_a_match of those two first, if they are none."
        )

    def _apart(self, entry: Written) -> str:
        """Why two lines cannot be linked: their documents are not linked to each other; '' where they can."""
        mapping = self._ground.mappings[entry.mapping]
        if mapping.parent is None:
            return ""
        parents = {
            side: self._ground.parent(mapping, side, str(getattr(entry, f"{side}_id"))) for side in Side
        }
        pair = (mapping.parent, parents[Side.SALESFORCE], parents[Side.QUICKBOOKS])
        if pair in self._ground.to_be_linked or self._ground.is_pair(*pair):
            return ""
        one, other = (self._ground.label(pair[0], side, parents[side]) for side in Side)
        return f"these lines are of {one} and of {other}, which are not linked to each other"

    def _partner(self, entry: Written, row: Mapping[str, Any]) -> str:
        side = Side.SALESFORCE if row["salesforce_id"] == entry.salesforce_id else Side.QUICKBOOKS
        name = getattr(entry, side)
        partner = self._ground.label(entry.mapping, side.other, str(row[f"{side.other}_id"]))
        return f"{name} of {side.label} is linked to {partner} of {side.other.label}"

    def _whole(self, entry: Written) -> list[About]:
        place = (entry.mapping, str(entry.salesforce_id), str(entry.quickbooks_id))
        if place in self._ground.to_be_linked:
            told = "what differs between these two shows when they are linked"
            return [About(written=entry, wrong=told, fix="Match first, then decide, or name the fields.")]
        if place not in self._ground.linked:
            return [self._not_linked(entry)]
        fields = [str(each[3]) for each in self._ground.fields if each[:3] == place]
        if not fields:
            return [About(written=entry, left_out="both sides agree")]
        return [self._field(replace(entry, field=name)) for name in fields]

    def _not_linked(self, entry: Written) -> About:
        return About(
            written=entry,
            wrong="these two records are not linked to each other",
            fix="Link them first (an entry `link`), or name the right ones.",
        )

    def _field(self, entry: Written) -> About:
        place = (entry.mapping, str(entry.salesforce_id), str(entry.quickbooks_id))
        if place not in self._ground.linked:
            return self._not_linked(entry)
        mapping = self._ground.mappings[entry.mapping]
        field = mapping.field(str(entry.field))
        if field not in mapping.compared:
            told = f"{entry.field} is written when a record is made, and not compared"
            return About(written=entry, wrong=told, fix="Take the entry out.")
        row = self._ground.fields.get((*place, entry.field))
        wrong = unfit(row.kind, row.difference, entry.decision) if row is not None else ""
        wrong = wrong or refused(self._ground.connection, mapping, field, entry.decision, entry.value)
        if wrong:
            return About(written=entry, wrong=wrong, fix="Correct that entry.")
        differs = row is not None or place in self._ground.to_be_linked
        return About(
            written=entry,
            seen=self._ground.values(entry),
            left_out="" if differs else f"both sides agree on {entry.field}",
        )

    def _alone(self, entry: Written) -> About:
        side = Side.SALESFORCE if entry.salesforce_id is not None else Side.QUICKBOOKS
        row = self._ground.alone.get((entry.mapping, side, str(getattr(entry, f"{side}_id"))))
        if row is not None:
            found = replace(entry, salesforce_id=row.salesforce_id, quickbooks_id=row.quickbooks_id)
            wrong = unfit(row.kind, row.difference, entry.decision)
            return About(written=found, wrong=wrong, fix="Correct that entry.")
        gone = f"{entry.decision} is for a record whose partner was deleted"
        partner = self._ground.partners.get((entry.mapping, side, str(getattr(entry, f"{side}_id"))))
        if partner is None:
            return About(written=entry, wrong=gone * (entry.decision in REMOVALS), fix="Take the entry out.")
        linked = f"linked to {self._ground.label(entry.mapping, side.other, partner)} of {side.other.label}"
        if entry.decision in REMOVALS:
            return About(written=entry, wrong=f"{gone}; this one is {linked}", fix="Take the entry out.")
        if entry.decision == DecisionKind.CREATE:
            return About(written=entry, left_out=f"it is there: {linked}")
        return About(written=entry, wrong=f"it is {linked}", fix="Name both records.")
