"""Salesforce's price-book rules, as far as a plan must know them.

A product is sold through an entry of a price book: an opportunity line names the entry
(PricebookEntryId), not the product, and a price is a record of its own in the standard price book.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from workbench.changes.changeset import Answer, Cell
from workbench.changes.records import Records
from workbench.errors import PlanError

_STANDARD = 'SELECT Id FROM salesforce."Pricebook2" WHERE IsStandard'


@dataclass
class PriceBook:
    """The standard price book in the Salesforce snapshot."""

    records: Records

    @cached_property
    def _entries(self) -> dict[str, str]:
        """Its entries by product, all read at once: a plan of many lines asks for many."""
        rows = self.records.rows(
            'SELECT Product2Id, min(Id) AS Id FROM salesforce."PricebookEntry" '
            f"WHERE Pricebook2Id IN ({_STANDARD}) GROUP BY Product2Id"
        )
        return {str(row["Product2Id"]): str(row["Id"]) for row in rows}

    def entry_cells(self, key: str, owner: str | Answer) -> list[Cell]:
        """Answer what a new standard price needs besides the price."""
        return [
            Cell(field="", api=key, before=None, after=owner, why="the product of this price"),
            Cell(field="", api="Pricebook2Id", before=None, after=self._standard, why="standard price book"),
            Cell(field="", api="IsActive", before=None, after=True, why="a price in use"),
        ]

    def line_cells(self, cells: list[Cell], planned: dict[str, str]) -> tuple[list[Cell], list[str]]:
        """Answer cells of an opportunity line with the price-book entry in the product's place.

        Also answers what stands in the way: a product without a price cannot be on a line.

        Args:
            planned: The create of a price, by the create of its product.
        """
        made = [self._entry_cell(cell, planned) if cell.api == "Product2Id" else cell for cell in cells]
        missing = any(cell.api == "PricebookEntryId" and cell.after is None for cell in made)
        return made, ["the product of this line has no price in the standard price book"] * missing

    def _entry_cell(self, cell: Cell, planned: dict[str, str]) -> Cell:
        if isinstance(cell.after, Answer):
            price = planned.get(cell.after.change)
            entry: str | Answer | None = None if price is None else Answer(price, "Id")
        else:
            entry = self._entries.get(str(cell.after))
        return replace(cell, api="PricebookEntryId", after=entry, before=None)

    @cached_property
    def _standard(self) -> str:
        rows = self.records.rows(_STANDARD)
        if len(rows) != 1:
            raise PlanError(
                "the Salesforce snapshot shows no single standard price book",
                values={"found": len(rows)},
                fix="Give the user read access to Pricebook2 and pull again.",
            )
        return str(rows[0]["Id"])
