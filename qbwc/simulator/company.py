"""A pretend company file: the QuickBooks end of the conversation, kept on disk.

    company = CompanyFile.create(path, seed)     seed: a folder of JSON files, or the same as a dict
    company = CompanyFile.open(path)
    company.process(document)                    executes a qbXML message set like QuickBooks
    company.edit("Customer", "Smith", Phone="")  the bookkeeper at the screen; also add, void, delete
    company.close_books("2025-12-31")            no transaction up to that day changes any more
    company.copy_to(path)                        a file of its own, as it is now

It enforces what the real one does: element order, lengths, names unique across lists, references,
EditSequence, iterators tied to a session, characters of Windows-1252, deletes of what is in use, the closing
date, types of custom fields; and it computes what QuickBooks computes: totals, taxes, balances, payments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from qbwc.descriptor import CONCRETE
from qbwc.errors import QbwcError
from qbwc.qbxml import parse_records
from qbwc.simulator import removal
from qbwc.simulator.answers import Writer, message_set, response
from qbwc.simulator.fixed import answer_single
from qbwc.simulator.lists import mod_list
from qbwc.simulator.orders import Order
from qbwc.simulator.records import Books, Kept
from qbwc.simulator.refusals import OK, Refusal
from qbwc.simulator.seed import Seed, load, put, read_folder
from qbwc.simulator.seed_values import texts
from qbwc.simulator.session import REFUSE_CHARACTERS, Session
from qbwc.simulator.times import Clock, LocalTime, stored, utc_now
from qbwc.simulator.transactions import CLOSED, mod_txn

# When a new file says nothing else, its records were made at this moment, so that a seed always gives the
# same file.
SEED_TIME = datetime(2026, 1, 5, 17, 0, tzinfo=UTC)


class CompanyFile:
    """One company file; methods are safe from several threads, and other processes may open the same file."""

    def __init__(self, books: Books, clock: Clock) -> None:
        self._books = books
        self._clock = clock
        self._local = LocalTime(
            standard_offset=int(books.setting("standard_offset", "-8")),
            daylight=books.setting("daylight", "yes") == "yes",
        )
        self._session = self.session()

    @classmethod
    def create(
        cls,
        path: str | Path,
        seed: Seed | str | Path,
        *,
        clock: Clock = utc_now,
        made_at: datetime = SEED_TIME,
        local: LocalTime | None = None,
    ) -> CompanyFile:
        """A new file from a seed; `QbwcError` lists every problem of the seed, and leaves no file behind.

        Args:
            made_at: Aware time at which records without times of their own were made.
            local: Zone of the pretend machine; Pacific time with daylight saving when None.
        """
        records = seed if isinstance(seed, Mapping) else read_folder(Path(seed))
        books = Books.create(Path(path))
        zone = local or LocalTime()
        try:
            with books.change():
                books.keep("epoch", str(int(made_at.timestamp())))
                books.keep("standard_offset", str(zone.standard_offset))
                books.keep("daylight", "yes" if zone.daylight else "no")
            load(books, records, stored(zone.of(made_at)))
        except BaseException:
            books.close()
            for suffix in ("", "-wal", "-shm"):
                Path(f"{path}{suffix}").unlink(missing_ok=True)
            raise
        return cls(books, clock)

    @classmethod
    def open(cls, path: str | Path, *, clock: Clock = utc_now) -> CompanyFile:
        """A file made before; `QbwcError` when there is none, or it is something else."""
        return cls(Books.open(Path(path)), clock)

    def copy_to(self, path: str | Path) -> None:
        """Write a copy of the file, as it is now; `QbwcError` when there is one already."""
        self._books.copy_to(Path(path))

    def close(self) -> None:
        """Let go of the file."""
        self._books.close()

    def __enter__(self) -> CompanyFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """Where the file is kept here."""
        return self._books.path

    @property
    def file_name(self) -> str:
        """The path that QuickBooks would tell, e.g. 'C:\\Company Files\\Company.qbw'."""
        return self._books.setting("company:FileName")

    @property
    def company_name(self) -> str:
        """As in QuickBooks' company information."""
        return self._books.setting("company:field:CompanyName")

    @property
    def country(self) -> str:
        """'US', 'CA' or 'UK'."""
        return self._books.setting("company:Country", "US")

    def stamp(self, owner_id: str, file_id: str) -> None:
        """Mark the file for an application, as QBWC does when a .qwc is added.

        `QbwcError` (QBWC1039) when the same application stamped it with another FileID before.
        """
        with self._books.change():
            before = self._books.setting(f"stamp:{owner_id.lower()}")
            if before and before.lower() != file_id.lower():
                raise QbwcError(
                    "QBWC1039: the company file carries another FileID for this OwnerID",
                    where=f"OwnerID {owner_id}: {before} in the file, {file_id} in the .qwc",
                    fix="Remove the old stamp, or use the .qwc that was added first.",
                )
            self._books.keep(f"stamp:{owner_id.lower()}", file_id)

    def only_owner(self) -> str | None:
        """The OwnerID whose stamp the file carries, when it carries one only."""
        owners = list(self._books.settings("stamp:"))
        return owners[0] if len(owners) == 1 else None

    def session(
        self, *, owner_id: str | None = None, after_stop: Literal["absent", "3231"] = "3231"
    ) -> Session:
        """A session as BeginSession opens it: iterators live in it and die with it.

        Args:
            owner_id: Whose private data the session's application asks for.
            after_stop: What later requests get after an error under stopOnError: no answer, or status 3231.
                Which of the two real QuickBooks does is unverified; clients must bear both.
        """
        with self._books.change():
            number = int(self._books.setting("sessions", "0")) + 1
            self._books.keep("sessions", str(number))
        return Session(self._books, self._local, self._now, number, owner_id, after_stop)

    def process(self, document: str) -> str:
        """Execute a message set in the file's own standing session; see `Session.process`."""
        return self._session.process(document)

    def host_company_preferences(self, owner_id: str | None = None) -> str:
        """What QBWC hands over with its first call: answers to Host (0), Company (1) and Preferences (2)."""
        orders = [
            Order(tag=f"{name}QueryRq", entity=name, action="query", request_id=str(number))
            for number, name in enumerate(("Host", "Company", "Preferences"))
        ]
        if owner_id:
            orders[1].asked.append(("OwnerID", owner_id))
        return message_set(answer_single(order, self._books) for order in orders)

    def add(
        self, entity: str, *, lines: Sequence[Mapping[str, object]] | None = None, **fields: object
    ) -> str:
        """The bookkeeper enters a record: its ListID or TxnID.  `QbwcError` where QuickBooks would say no."""
        values, texted = self._texts(entity, fields, lines)
        return self._by_hand(lambda: put(self._books, entity, values, texted or [], self._now()), entity).key

    def edit(
        self,
        entity: str,
        name_or_key: str,
        *,
        lines: Sequence[Mapping[str, object]] | None = None,
        **fields: object,
    ) -> None:
        """The bookkeeper changes a record named by full name, RefNumber or key; None empties a field."""
        values, texted = self._texts(entity, fields, lines)
        key = self._found(entity, name_or_key).key
        if CONCRETE[entity].shape == "txn":
            self._by_hand(
                lambda: mod_txn(self._books, entity, key, None, values, texted, self._now()), entity
            )
        else:
            self._by_hand(lambda: mod_list(self._books, entity, key, None, values, self._now()), entity)

    def delete(self, entity: str, name_or_key: str) -> None:
        """The bookkeeper deletes a record; `QbwcError` when another one still uses it."""
        key = self._found(entity, name_or_key).key
        self._by_hand(lambda: removal.delete(self._books, entity, key, self._now()), entity)

    def void(self, entity: str, name_or_key: str) -> None:
        """The bookkeeper voids a transaction; `QbwcError` where QuickBooks would say no."""
        key = self._found(entity, name_or_key).key
        self._by_hand(lambda: removal.void(self._books, entity, key, self._now()), entity)

    def close_books(self, day: str | None) -> None:
        """Set the closing date, e.g. '2025-12-31'; None takes it away."""
        with self._books.change():
            self._books.keep(CLOSED, day or "")

    def refuse_characters(self, on: bool = True) -> None:
        """Characters outside Windows-1252 refuse their message set (0x80040400) instead of becoming '?'."""
        with self._books.change():
            self._books.keep(REFUSE_CHARACTERS, "yes" if on else "no")

    def records(self, entity: str) -> list[dict[str, object]]:
        """All records of a kind, inactive too, typed as the parser does; `lines` beside the fields."""
        return [self._typed(kept) for kept in self._books.where((entity,))]

    def record(self, entity: str, name_or_key: str) -> dict[str, object]:
        """One record by full name, RefNumber or key; `QbwcError` when not exactly one is called so."""
        return self._typed(self._found(entity, name_or_key))

    def _typed(self, kept: Kept) -> dict[str, object]:
        ret = Writer(self._books, self._local).ret(kept)
        (record,) = parse_records(message_set([response(f"{kept.entity}QueryRs", "", OK, ret)]))
        row = dict(record.fields)
        line_entity = CONCRETE[kept.entity].lines
        if line_entity:
            row["lines"] = record.lines[line_entity.name]
        return row

    def _now(self) -> str:
        return stored(self._local.of(self._clock()))

    def _found(self, entity: str, name_or_key: str) -> Kept:
        kept = self._books.get(name_or_key)
        if kept is not None and kept.entity == entity:
            return kept
        found = self._books.named((entity,), name_or_key)
        if len(found) != 1:
            raise QbwcError(
                f"{len(found)} records of {entity} are called {name_or_key!r}", fix="Name one by its key."
            )
        return found[0]

    def _texts(
        self, entity: str, fields: Mapping[str, object], lines: Sequence[Mapping[str, object]] | None
    ) -> tuple[dict[str, str], list[dict[str, str]] | None]:
        problems: list[str] = []
        values = texts(entity, fields, problems)
        line_entity = CONCRETE[entity].lines
        texted = None
        if lines is not None and line_entity is not None:
            texted = [texts(line_entity.name, line, problems) for line in lines]
        if problems:
            raise QbwcError(f"{entity}: {'; '.join(problems)}")
        return values, texted

    def _by_hand(self, write: Callable[[], Kept], entity: str) -> Kept:
        try:
            with self._books.change():
                return write()
        except Refusal as refusal:
            raise QbwcError(f"QuickBooks refuses the {entity}: {refusal}") from None
