"""A small world after a push: what was written by hand, what is there now, and the undo of it."""
# ruff: noqa: E501 -- records stand as tables, one a line

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tests.unit.changes.plan_world import MAPPINGS
from tests.unit.core.core_world import World
from workbench.changes import Answer, Cell, Change, ChangeSet, UndoInputs, Written, change_id, undo
from workbench.connections import quickbooks
from workbench.model import Side
from workbench.push.values import same

BY_NAME = {each.name: each for mapping in MAPPINGS for each in (mapping, mapping.lines) if each is not None}

TABLES = {
    "salesforce.Account": """
        Id   | Name  | Phone    | Fax | Active__c:B | SystemModstamp:ts
        001A | Alder | 555-0001 | -   | true        | 2026-03-01 09:00:00
        001B | Birch | 555-0002 | -   | true        | 2026-03-02 09:00:00
    """,
    "salesforce.Contact": """
        Id   | AccountId | LastName | SystemModstamp:ts
        003A | 001B      | Bee      | 2026-03-01 09:00:00
    """,
    "salesforce.Product2": """
        Id   | Name | IsActive:B | SystemModstamp:ts
        01tA | Rope | true       | 2026-03-01 09:00:00
    """,
    "salesforce.PricebookEntry": """
        Id   | Product2Id | UnitPrice:D | IsActive:B | SystemModstamp:ts
        01uA | 01tA       | 80.00       | true       | 2026-03-01 09:00:00
    """,
    "salesforce.Opportunity": """
        Id   | Name | AccountId | SystemModstamp:ts
        006A | Deal | 001A      | 2026-03-01 09:00:00
    """,
    "salesforce.OpportunityLineItem": """
        Id   | OpportunityId | Product2Id | PricebookEntryId | Quantity:P | SystemModstamp:ts
        00kA | 006A          | 01tA       | 01uA             | 3          | 2026-03-01 09:00:00
        00kB | 006A          | 01tA       | 01uA             | 4          | 2026-03-01 09:00:00
    """,
    "quickbooks.Customer": """
        ListID | Name  | Phone    | Fax | Notes | IsActive:B | Sublevel:N | ParentRef_ListID | Custom_Region | EditSequence
        8-1    | Alder | 555-0001 | -   | -     | true       | 0          | -                | West          | 1001
        8-2    | Birch | 555-0002 | -   | -     | true       | 0          | -                | -             | 1002
    """,
    "quickbooks.Item": """
        ListID | Name | Type    | SalesBranch     | IsActive:B | EditSequence
        7-1    | Rope | Service | SalesOrPurchase | true       | 2001
    """,
    "quickbooks.Invoice": """
        TxnID | RefNumber | CustomerRef_ListID | CustomerRef_FullName | Memo | Subtotal:D | EditSequence
        9-1   | 1041      | 8-1                | Alder                | old  | 10.00      | 3001
    """,
    "quickbooks.InvoiceLine": """
        TxnLineID | TxnID | SeqNo:N | ItemRef_ListID | Quantity:P | Rate:P
        L-1       | 9-1   | 1       | 7-1            | 2          | 5
        L-2       | 9-1   | 2       | 7-1            | 1          | 6
    """,
    "quickbooks.Estimate": """
        TxnID | RefNumber | CustomerRef_ListID | EditSequence
        9-2   | 7         | 8-1                | 4001
    """,
}

LETS_GO = {"Account", "Contact", "Opportunity", "OpportunityLineItem", "PricebookEntry", "Product2"}
REFERS = {
    "Contact": {"AccountId": "Account"},
    "Opportunity": {"AccountId": "Account"},
    "PricebookEntry": {"Product2Id": "Product2"},
    "OpportunityLineItem": {
        "OpportunityId": "Opportunity",
        "Product2Id": "Product2",
        "PricebookEntryId": "PricebookEntry",
    },
}


def salesforce(name: str, deletable: bool = True) -> dict[str, Any]:
    """A describe as a pull keeps it."""
    names = [
        cell.split(":")[0].strip() for cell in TABLES[f"salesforce.{name}"].strip().splitlines()[0].split("|")
    ]
    fields = [
        {
            "name": each,
            "type": "boolean"
            if "ctive" in each
            else "double"
            if each in ("Quantity", "UnitPrice")
            else "string",
            "nillable": each != "LastName",
            "updateable": True,
            "referenceTo": [REFERS[name][each]] if each in REFERS.get(name, {}) else [],
        }
        for each in names
    ]
    return {"name": name, "deletable": deletable, "fields": fields}


class Pushed:
    """A pushed change set, written down change by change; `undo` plans its undo from the tables."""

    def __init__(self, tables: Mapping[str, str] = TABLES) -> None:
        self.world = World()
        for name, text in {**TABLES, **tables}.items():
            self.world.table(name, text)
        self.changes: list[Change] = []
        self.written: dict[str, Written] = {}
        self.describes: dict[Side, dict[str, Any]] = {
            Side.SALESFORCE: {name: salesforce(name) for name in LETS_GO},
            Side.QUICKBOOKS: quickbooks.describes(),
        }

    # --- what was pushed ---------------------------------------------------------------------------

    def update(
        self, side: str, object_: str, record: str, mapping: str = "accounts", **values: tuple[Any, Any]
    ) -> Change:
        """An update: (before, after) by API field."""
        change = self._change(
            side, object_, record, mapping,
            action="update", record=record, version="1",
            cells=[(api, before, after) for api, (before, after) in values.items()],
        )  # fmt: skip
        self.written[change.id] = Written(
            record=record, read_back={api: after for api, (_, after) in values.items()}
        )
        return change

    def create(
        self, side: str, object_: str, record: str, mapping: str = "accounts",
        lines: Iterable[Mapping[str, Any]] = (), links: bool = True, **values: Any,
    ) -> Change:  # fmt: skip
        """A create whose answer was this record."""
        change = self._change(
            side, object_, f"from {record}", mapping,
            action="create", record=None, version=None, links=links, lines=tuple(lines),
            line_sources=tuple(f"S{number}" for number, _ in enumerate(lines, 1)),
            cells=[(api, None, value) for api, value in values.items()],
        )  # fmt: skip
        whole = self._row(f"{side}.{object_}", record) if side == "quickbooks" else {}
        held: dict[str, Any] = whole | {api: self._held(value) for api, value in values.items()}
        if lines:
            ids = [
                row[0]
                for row in self.world.query(f"SELECT TxnLineID FROM {side}.{object_}Line ORDER BY SeqNo")
            ]
            held["lines"] = [{"TxnLineID": id_, **line} for id_, line in zip(ids, lines, strict=False)]
        self.written[change.id] = Written(record=record, read_back=held)
        return change

    def _row(self, table: str, key: str) -> dict[str, Any]:
        """QuickBooks answers with the whole record."""
        names = [row[0] for row in self.world.query(f"DESCRIBE {table}")]
        rows = self.world.query(f"SELECT * FROM {table}")
        return next(dict(zip(names, row, strict=True)) for row in rows if row[0] == key)

    def _held(self, value: Any) -> Any:
        return self.written[value.change].record if isinstance(value, Answer) else value

    def _change(
        self, side: str, object_: str, of: str, mapping: str, cells: list[tuple[str, Any, Any]], **more: Any
    ) -> Change:
        change = Change(
            id=change_id(mapping, side, object_, of),
            mapping=mapping,
            side=side,
            object=object_,
            label=of,
            source_id=f"source of {of}",
            cells=tuple(Cell(field=api.lower(), api=api, before=b, after=a, why="") for api, b, a in cells),
            depends_on=tuple(after.change for _, _, after in cells if isinstance(after, Answer)),
            **more,
        )
        self.changes.append(change)
        return change

    # --- its undo --------------------------------------------------------------------------------------

    def now(self, table: str, key: str, **values: Any) -> Pushed:
        """Somebody edits a record."""
        column = next(each for each in ("Id", "TxnLineID", "ListID", "TxnID") if self._has(table, each))
        for api, value in values.items():
            self.world.connection.execute(
                f'UPDATE {table} SET "{api}" = ? WHERE "{column}" = ?', [value, key]
            )
        return self

    def gone(self, table: str, key: str) -> Pushed:
        """Somebody deletes a record."""
        column = next(each for each in ("Id", "TxnLineID", "ListID", "TxnID") if self._has(table, each))
        self.world.connection.execute(f'DELETE FROM {table} WHERE "{column}" = ?', [key])
        return self

    def _has(self, table: str, column: str) -> bool:
        return column in [row[0] for row in self.world.query(f"DESCRIBE {table}")]

    @property
    def set(self) -> ChangeSet:
        return ChangeSet(header={"made for": "a test"}, changes=tuple(self.changes))

    def undo(self, **more: Any) -> ChangeSet:
        inputs: dict[str, Any] = {
            "pushed": self.set, "written": self.written, "describes": self.describes, "same": same,
            "mappings": BY_NAME,
        }  # fmt: skip
        return undo(self.world.connection, UndoInputs(**inputs | more))


def told(changeset: ChangeSet) -> list[str]:
    """One line a change; what is held with the reason."""
    lines = []
    for change in changeset.changes:
        cells = ", ".join(f"{cell.api} {_text(cell.before)} -> {_text(cell.after)}" for cell in change.cells)
        held = f" HELD {change.hold}" if change.hold else ""
        lines.append(f"{change.action} {change.object} {change.record}: {cells}{held}")
    return lines


def _text(value: Any) -> str:
    return "-" if value is None else str(value)
