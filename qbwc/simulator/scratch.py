"""A company file in memory that holds a few records of a snapshot, to see what writes would do to them.

    scratch = Scratch(at)
    scratch.keep("Customer", row)           a record as the snapshot has it; nothing is checked or worked out
    scratch.mention("Account", key, name)   one that is only referred to, or whose name is taken
    scratch.run(requests)                   the very requests that would be sent, and what is answered
    scratch.moved()                         every record that is another now

A seed is strict and computes; here a record may lack what was not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from lxml import etree

from qbwc.descriptor import CONCRETE, NAME_LISTS
from qbwc.qbxml import Record, message_set, parse_records, parse_responses
from qbwc.qbxml.unions import union_of
from qbwc.simulator import answers, scratch_rows
from qbwc.simulator.company import CompanyFile
from qbwc.simulator.custom import PUBLIC, define
from qbwc.simulator.lists import ITEMS, concrete
from qbwc.simulator.records import Books, Kept
from qbwc.simulator.refusals import OK, PARSE_ERROR, QuickBooksRefused, Refusal
from qbwc.simulator.snapshot import concrete_row
from qbwc.simulator.times import LocalTime, stored
from qbwc.simulator.totals import counted
from qbwc.simulator.transactions import CLOSED

Row = Mapping[str, object]

AT_ONCE = 200
"""Requests of one message set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is answered to one request.

    Attributes:
        code: The status code; an HRESULT where the set would be refused.
        record: The record as the answer has it; None for a refusal.
    """

    code: int | str
    message: str
    record: Record | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A record that is new, another, or gone.

    Attributes:
        table: The entity or union that a query of it names.
        record: As a query answers it now; None when it is gone.
        balance: Of a customer, what was added to its own balance, and to that with all its jobs.
    """

    key: str
    table: str
    record: Record | None
    balance: tuple[Decimal, Decimal] = (Decimal(0), Decimal(0))


@dataclass
class Scratch:
    """The company file.

    Attributes:
        at: Its time, aware, and what its ids end in: the same steps give the same ids.
    """

    at: datetime
    local: LocalTime = field(default_factory=LocalTime)
    _kept: dict[str, Kept] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._books = Books.in_memory()
        with self._books.change():
            self._books.keep("epoch", str(int(self.at.timestamp())))
            self._books.keep("standard_offset", str(self.local.standard_offset))
            self._books.keep("daylight", "yes" if self.local.daylight else "no")
        self._company = CompanyFile(self._books, lambda: self.at)
        self._now = stored(self.local.of(self.at))

    def close(self) -> None:
        """Let go of it."""
        self._books.close()

    # --- what it holds --------------------------------------------------------------------------------

    @contextmanager
    def filling(self) -> Iterator[None]:
        """Put records in, in one transaction; what moves afterwards is noted."""
        with self._books.change():
            yield
            self._books.note_moves()

    def keep(self, table: str, row: Row, lines: Sequence[Row] = ()) -> None:
        """Put a record in, by the names of its snapshot table; one of an unknown type is left out."""
        entity, fields = concrete_row(table, dict(row))
        if entity not in CONCRETE and entity not in ITEMS:
            return
        told = row.get("TimeModified")
        modified = stored(told) if isinstance(told, datetime) else self._now
        with self._books.change():
            position = self._books.next_number()
            self._put(
                scratch_rows.kept(
                    entity, fields, lines, position=position, modified=modified,
                    counted=lambda record: counted(self._books, record),
                )
            )  # fmt: skip

    def mention(self, table: str, key: str, full_name: str, *, parent: str | None = None) -> None:
        """Put in a record of which only the name matters; one that is there stays as it is."""
        if key in self._kept:
            return
        fields = {"Name": full_name.rpartition(":")[2], "EditSequence": "0", "TimeCreated": self._now}
        with self._books.change():
            self._put(
                Kept(
                    key=key, entity=concrete((table,))[0], position=self._books.next_number(),
                    name=fields["Name"], full_name=full_name, parent=parent, active=True,
                    modified=self._now, fields=fields,
                )
            )  # fmt: skip

    def pay(self, invoice: str, amount: Decimal) -> None:
        """A payment of which no more is known than what it pays."""
        with self._books.change():
            number = self._books.next_number()
            self._put(
                Kept(
                    key=f"{number:X}-0", entity="ReceivePayment", position=number, name="", full_name="",
                    parent=None, active=True, modified=self._now,
                    fields={"EditSequence": "0", "TimeCreated": self._now, "TxnDate": self._now[:10]},
                    lines=[{"AppliedTxnID": invoice, "Amount": f"{amount:.2f}"}],
                )
            )  # fmt: skip

    def define(self, definition: Row) -> None:
        """A custom field, from the fields of its DataExtDef; one that QuickBooks cannot have is left out."""
        values = {name: str(value) for name, value in definition.items() if isinstance(value, str)}
        try:
            with self._books.change():
                define(self._books, {"OwnerID": PUBLIC, **values})
        except (Refusal, KeyError):
            return

    def close_books(self, day: date | str) -> None:
        """The closing date."""
        with self._books.change():
            self._books.keep(CLOSED, str(day))

    def number(self, entity: str, last: int) -> None:
        """The last number that a kind of transaction has got."""
        with self._books.change():
            self._books.keep(f"number:{entity}", str(last))

    def holds(self, key: str) -> bool:
        """Whether the record was put in."""
        return key in self._kept

    def record(self, key: str) -> Record | None:
        """A record as a query of its table answers it now."""
        found = self._books.get(key)
        return next(self._records([found])) if found else None

    def parent(self, key: str) -> str | None:
        """The record that one is below, as it is now."""
        found = self._books.get(key)
        return found.parent if found else None

    def _put(self, kept: Kept) -> None:
        self._kept[kept.key] = kept
        self._books.put(kept)

    # --- what becomes of it ---------------------------------------------------------------------------

    def run(self, requests: Sequence[etree._Element]) -> list[Told]:
        """Execute requests in order, each for itself, and tell what is answered to each."""
        parts = range(0, len(requests), AT_ONCE)
        return [told for at in parts for told in self._run(requests[at : at + AT_ONCE])]

    def _run(self, requests: Sequence[etree._Element]) -> list[Told]:
        try:
            with self._books.change():
                answer = self._company.process(message_set(requests, on_error="continueOnError"))
        except QuickBooksRefused as refused:
            if len(requests) > 1:  # the one that spoils the set does not spoil the others
                return [self._run([request])[0] for request in requests]
            return [Told(code=PARSE_ERROR, message=f"{refused.message} ({refused.reason})")]
        return [
            Told(
                code=each.status_code,
                message=each.message.strip(),
                record=next(iter(each.records), None) if each.status_code < 1000 else None,
            )
            for each in parse_responses(answer)
        ]

    def rival(
        self, entity: str, name: str, *, parent: str | None = None, key: str | None = None
    ) -> tuple[str, str, bool] | None:
        """Kind, full name and activity of the record that has a name which another one wants; or None.

        Args:
            parent: Below which record; top level without.
            key: The record that wants it; None for a new one.
        """
        rivals = ITEMS if entity == "Item" or entity in ITEMS else NAME_LISTS
        found = [each for each in self._books.siblings(rivals, name, parent) if each.key != key]
        return (found[0].entity, found[0].full_name, found[0].active) if found else None

    def moved(self) -> Iterator[Moved]:
        """Every record that is new, another or gone since it was put in; a line that stood for others too."""
        noted = self._books.moves()
        changed = {each.key: each for each in self._books.many(noted)}
        gone = [key for key in noted if key not in changed and key in self._kept]
        now = {**self._kept, **changed}
        for key in gone:
            del now[key]
            yield Moved(key=key, table=_table(self._kept[key].entity), record=None)
        before, after = scratch_rows.balances(self._kept.values()), scratch_rows.balances(now.values())
        moved = [
            each
            for key, each in now.items()
            if _is_another(each, self._kept.get(key)) or before.get(key) != after.get(key)
        ]
        for each, record in zip(moved, self._records(moved), strict=True):
            own, tree = after.get(each.key, (0, 0))
            was, tree_was = before.get(each.key, (0, 0))
            added = Decimal(own - was).scaleb(-2), Decimal(tree - tree_was).scaleb(-2)
            yield Moved(key=each.key, table=_table(each.entity), record=record, balance=added)

    def _records(self, kept: Sequence[Kept]) -> Iterator[Record]:
        """As a query of their tables answers them, with the values of custom fields."""
        writer = answers.Writer(self._books, self.local)
        for at in range(0, len(kept), AT_ONCE):
            part = kept[at : at + AT_ONCE]
            told = [
                answers.response(f"{_table(each.entity)}QueryRs", "", OK, ret)
                for each, ret in zip(part, writer.rets(part, owners=(PUBLIC,)), strict=True)
            ]
            for record in parse_records(answers.message_set(told)):
                for lines in record.lines.values():
                    lines[:] = [each for each in lines if each.get("TxnLineID") != scratch_rows.UNREAD_LINE]
                yield record


def _is_another(now: Kept, before: Kept | None) -> bool:
    if before is None or now is before:
        return before is None
    return any(
        getattr(now, name) != getattr(before, name)
        for name in ("fields", "lines", "custom", "full_name", "cents")
    )


def _table(entity: str) -> str:
    union = union_of(entity)
    return union.name if union else entity
