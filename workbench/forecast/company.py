"""Bring into the copy of the company file what writes touch, what they refer to, and whose names count.

Not the whole company: the records that are written with all their lines, what the written values refer to
with its parents, what is below a record that gets another name, payments of documents that are written, and
of all other records only those that have a name that is wanted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from workbench.changes import Answer, Change
from workbench.changes.customs import CUSTOM
from workbench.connections.quickbooks_forecast import CompanyCopy
from workbench.connections.quickbooks_reading import NAME_LISTS, key, known, tables
from workbench.forecast.rows import Row, Rows

Describes = Mapping[str, Mapping[str, Any]]

LIST_ID, FULL_NAME = "_ListID", "_FullName"
PARENT, PARTY = "ParentRef_ListID", "CustomerRef_ListID"
WHOLE = ("Terms", "SalesTaxCode")
"""Small lists: what a record of them says decides about others (days until due, taxable or not)."""

SALES_TAX = "ItemSalesTax"
"""An item, in the table of all items: its rate decides about the sales tax of a document."""

CLOSING = "AccountingPreferences_ClosingDate"
RECEIVABLE = "AccountsReceivable"


def entity_of(change: Change) -> str:
    """The kind of record that a change writes; that of the record for a custom field."""
    return str(change.context[CUSTOM]["entity"]) if CUSTOM in change.context else change.object


@dataclass
class CompanyLoad:
    """One loading.

    Attributes:
        describes: What each table can hold, for what its references point to.
        copy: What is filled.
        kept: The rows that were put in whole, by table and key.
        lines: The lines of documents, by table of lines and key of the document.
    """

    rows: Rows
    describes: Describes
    copy: CompanyCopy
    kept: dict[tuple[str, str], Row] = field(default_factory=dict)
    lines: dict[tuple[str, str], list[Row]] = field(default_factory=dict)
    _pointing: dict[str, Mapping[str, str]] = field(default_factory=dict)
    _named_only: int = 0

    def load(self, changes: Sequence[Change]) -> None:
        """Put in what these changes need; the same records whatever their order."""
        written: dict[str, set[str]] = {}
        for change in changes:
            if change.record is not None and known(entity_of(change)):
                written.setdefault(entity_of(change), set()).add(change.record)
        documents = {table for table in written if key(table) == "TxnID"}
        self._preferences()
        self._receivables()
        # What lines refer to must be there before them: an item tells whether its line counts.
        self._referred(changes)
        for table in sorted(written):
            self._keep(table, written[table])
        self._below([change for change in changes if {"Name", PARENT} & change.values.keys()])
        self._names(changes)
        self._payments(documents, written)
        self._numbers({change.object for change in changes if change.action == "create"})

    # --- records ------------------------------------------------------------------------------------------

    def _keep(self, table: str, keys: Iterable[str]) -> None:
        """Put in records of a table, behind what they are below or belong to; the rest by its name alone."""
        name = key(table)
        wanted = {each for each in keys if (table, each) not in self.kept}
        if name is None or not wanted:
            return
        found = self.rows.where(table, name, wanted)
        self._keep(table, (str(row[PARENT]) for row in found if row.get(PARENT)))
        self._keep("Customer", (str(row[PARTY]) for row in found if row.get(PARTY)))
        lines = tables(table)[1:]
        if found:
            self._read_lines(name, lines, wanted)
        for row in (row for row in found if (table, row[name]) not in self.kept):
            mine = [(each, line) for each in lines for line in self.lines.get((each, row[name]), ())]
            self.copy.keep(table, row, [line for _, line in mine])
            self.kept[table, str(row[name])] = row
            self._mention(table, row)
            for each, line in mine:
                self._mention(each, line)

    def _read_lines(self, name: str, lines: Iterable[str], owners: Collection[str]) -> None:
        """Lines of documents and of groups of items, with their items, by the key of whose they are."""
        for table in lines:
            found = self.rows.where(table, name, owners, order="SeqNo")
            items = {str(line["ItemRef_ListID"]) for line in found if line.get("ItemRef_ListID")}
            self._keep("Item", items.difference(owners))
            for line in found:
                self.lines.setdefault((table, line[name]), []).append(line)

    def _mention(self, table: str, row: Row) -> None:
        for column, target in self._references(table).items():
            if not row.get(column):
                continue
            if target in WHOLE:
                self._keep(target, [str(row[column])])
            elif target == SALES_TAX and self.rows.has("Item", "TaxRate"):
                self._keep("Item", [str(row[column])])
            full_name = row.get(column.removesuffix(LIST_ID) + FULL_NAME)
            self.copy.mention(target, str(row[column]), str(full_name or ""))

    def _references(self, table: str) -> Mapping[str, str]:
        """By column, the list that a reference of a table points to."""
        if table not in self._pointing:
            self._pointing[table] = {
                each["name"]: each["referenceTo"][0]
                for each in self.describes.get(table, {}).get("fields", ())
                if each["name"].endswith(LIST_ID) and each.get("referenceTo")
            }
        return self._pointing[table]

    # --- what written values refer to ---------------------------------------------------------------------

    def _referred(self, changes: Iterable[Change]) -> None:
        keys: dict[str, set[str]] = {}
        names: dict[str, set[str]] = {}
        for table, api, value in _written(changes):
            half = LIST_ID if api.endswith(LIST_ID) else FULL_NAME
            target = self._references(table).get(api.removesuffix(half) + LIST_ID)
            if target is not None and isinstance(value, str) and value:
                (keys if half == LIST_ID else names).setdefault(target, set()).add(value)
        for target in sorted({*keys, *names}):
            self._refer(target, keys.get(target, set()), names.get(target, set()))

    def _refer(self, target: str, keys: set[str], names: set[str]) -> None:
        """What is not in its table does not exist; of a list that was not read nothing is known."""
        if known(target) and self.rows.has(target, str(key(target))):
            self._keep(target, keys)
            self._keep(target, self._called(target, names))
            return
        for each in sorted(keys):
            self.copy.mention(target, each, each)
        for each in sorted(names):
            self._named_only += 1
            self.copy.mention(target, f"{self._named_only:X}-1", each)

    def _called(self, table: str, names: set[str]) -> list[str]:
        """Keys of the records with one of these full names, whatever their case."""
        column = "FullName" if self.rows.has(table, "FullName") else "Name"
        if not names or not self.rows.has(table, column):
            return []
        wanted = {each.casefold() for each in names}
        name = str(key(table))
        return [
            str(row[name])
            for row in self.rows.query(f'SELECT "{name}", "{column}" FROM quickbooks."{table}" ORDER BY 1')
            if row[column] and row[column].casefold() in wanted
        ]

    # --- names --------------------------------------------------------------------------------------------

    def _below(self, changes: Iterable[Change]) -> None:
        """What is below a record that gets another name gets another path."""
        for table in sorted({change.object for change in changes if change.record}):
            above = {str(change.record) for change in changes if change.object == table}
            while above and self.rows.has(table, PARENT):
                found = [str(row["ListID"]) for row in self.rows.where(table, PARENT, above)]
                self._keep(table, found)
                above = set(found)

    def _names(self, changes: Iterable[Change]) -> None:
        """The records that have a name that is wanted, in all the lists that share it."""
        wanted: dict[tuple[str, ...], set[str]] = {}
        for change in changes:
            name = change.values.get("Name")
            if isinstance(name, str) and known(change.object) and key(change.object) == "ListID":
                lists: tuple[str, ...] = NAME_LISTS if change.object in NAME_LISTS else (change.object,)
                wanted.setdefault(lists, set()).add(name.casefold())
        for lists, names in wanted.items():
            for table in lists:
                self._named(table, names)

    def _named(self, table: str, names: set[str]) -> None:
        if not self.rows.has(table, "ListID", "Name"):
            return
        columns = [name for name in ("ListID", "Name", "FullName", "IsActive", PARENT, "Type")
                   if self.rows.has(table, name)]  # fmt: skip
        chosen = ", ".join(f'"{name}"' for name in columns)
        for row in self.rows.query(f'SELECT {chosen} FROM quickbooks."{table}" ORDER BY "ListID"'):
            taken = row["Name"] and row["Name"].casefold() in names
            if taken and (table, row["ListID"]) not in self.kept:
                self.copy.keep(table, row)

    # --- the rest -----------------------------------------------------------------------------------------

    def _preferences(self) -> None:
        if self.rows.has("Preferences", CLOSING):
            for row in self.rows.query(f'SELECT "{CLOSING}" AS day FROM quickbooks."Preferences"'):
                if row["day"] is not None:
                    self.copy.close_books(row["day"])

    def _receivables(self) -> None:
        """An invoice without an account takes the first of these."""
        if self.rows.has("Account", "AccountType", "ListID"):
            query = 'SELECT "ListID" FROM quickbooks."Account" WHERE "AccountType" = ? ORDER BY 1'
            self._keep("Account", [str(row["ListID"]) for row in self.rows.query(query, [RECEIVABLE])])

    def _payments(self, documents: set[str], written: Mapping[str, set[str]]) -> None:
        """Who pays a document that is written: by the payments that were read, else by what is paid of it."""
        for table in documents:
            paid = self.rows.where("AppliedToTxn", "AppliedTxnID", written[table])
            self._keep("ReceivePayment", {str(line["TxnID"]) for line in paid})
            known = {str(line["AppliedTxnID"]) for line in paid}
            for each in sorted(written[table] - known):
                applied = self.kept.get((table, each), {}).get("AppliedAmount")
                if applied:
                    self.copy.pay(each, -Decimal(applied))

    def _numbers(self, made: set[str]) -> None:
        for table in sorted(made):
            if known(table) and self.rows.has(table, "RefNumber"):
                query = (
                    'SELECT max(TRY_CAST("RefNumber" AS BIGINT)) AS last FROM '
                    f'quickbooks."{table}" WHERE regexp_full_match("RefNumber", \'[0-9]+\')'
                )
                (row,) = self.rows.query(query)
                self.copy.number(table, row["last"] or 0)


def _written(changes: Iterable[Change]) -> Iterator[tuple[str, str, Any]]:
    """(table, API field, value) of all values that are written, those of lines too."""
    for change in changes:
        table = entity_of(change)
        for api, value in change.values.items():
            if not isinstance(value, Answer):
                yield table, api, value
        line = next(iter(tables(table)[1:]), "")
        for each in change.lines:
            for api, value in each.items():
                if not isinstance(value, Answer):
                    yield line, api, value
