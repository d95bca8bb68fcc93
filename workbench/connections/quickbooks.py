"""QuickBooks through the queue of the bundled Web Connector server.

Nothing here reaches QuickBooks at once: requests are queued, the Web Connector fetches them when its
user or its schedule says so, and the answers are read from the store afterwards.  This module and the
command line are the only ones that know the `qbwc` library.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import etree
from sqlalchemy import Engine

from qbwc import descriptor, qbxml, queue, store, tape, users
from qbwc.errors import QbwcError, UserError
from qbwc.qwc import qwc_file
from workbench.connections import quickbooks_reading as reading
from workbench.errors import ConnectionProblem, WorkbenchError

Row = dict[str, Any]
Texts = dict[str, dict[str, list[str | None]]]
"""Table -> column -> one text a record."""

APP_NAME = "Salesforce QuickBooks Workbench"

FINAL = ("answered", "failed", "cancelled")
"""Request states that do not change any more; `unknown` waits for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What became of one queued request.

    Attributes:
        state: queued, sent, answered, failed, unknown or cancelled.
        status_code: QuickBooks' code; None until answered.
        text: Its message, or why the request was cancelled.
        record: The record as QuickBooks holds it after a write (flattened names, `lines`).
        records: Records read so far, for a query.
        total: Records in all, as far as QuickBooks has told; what a count was asked for.
        ask: What a query of a pull is for; None for a write.
        error: Why it failed or is unknown, in the server's words, with the evidence.
        broken: Why a write is not what was queued: somebody changed it in the store.
    """

    id: str
    entity: str
    state: str
    status_code: int | None
    text: str
    record: Row | None
    records: int
    total: int | None
    sent_at: datetime | None
    answered_at: datetime | None
    ask: reading.Ask | None = None
    error: str = ""
    broken: str | None = None


class UnreadablePage(WorkbenchError):
    """A page of QuickBooks' answer that cannot be read; reading it again gives the same."""


@contextmanager
def _in_our_words() -> Iterator[None]:
    """Trouble of the library as an error of the workbench.

    Not a `ConnectionProblem`: that would fail a pull for good, and a store that is full or locked is
    tried again.
    """
    try:
        yield
    except QbwcError as error:
        raise WorkbenchError(error.what, where=error.where, fix=error.fix) from error


class QuickBooksQueue:
    """The queue of one company.

    Attributes:
        company: Our name of the company in the queue.

    Args:
        seal: The key that seals what is queued; without one nothing is sealed.
    """

    def __init__(self, engine: Engine, company: str, seal: bytes | None = None) -> None:
        self._engine = engine
        if seal is not None:
            queue.seal_with(engine, seal)
        self.company = company
        with _in_our_words():
            store.create_tables(engine)

    @_in_our_words()
    def register(self, *, user: str, password: str, owner_id: str, file_id: str) -> None:
        """Make the Web Connector's login and the company it belongs to known to the server.

        Done at every start: a login that is known gets the password that the profile has now.
        """
        users.add_user(
            self._engine,
            name=user,
            password=password,
            company=self.company,
            file_id=file_id,
            owner_id=owner_id,
            replace=True,
        )

    @_in_our_words()
    def open_pairing(self, minutes: int) -> None:
        """Let the next company file that connects be paired with this profile, on purpose."""
        users.open_pairing(self._engine, self.company, minutes=minutes)

    def paired(self) -> str | None:
        """Answer the name of the company file that is paired, or None; also before `register`."""
        pairing = self._pairing()
        return None if pairing is None else str(pairing.company_name)

    def paired_at(self) -> datetime | None:
        """Answer when the company file was paired, or None."""
        pairing = self._pairing()
        return None if pairing is None else pairing.at

    @_in_our_words()
    def _pairing(self) -> users.Paired | None:
        try:
            return users.paired(self._engine, self.company)
        except UserError:
            return None

    @_in_our_words()
    def trouble(self) -> str | None:
        """Answer why the Web Connector's last session ended early; None when it ended well, or never was."""
        try:
            return users.company(self._engine, self.company).last_trouble
        except UserError:
            return None

    def queue_pull(self, group: str, entities: Sequence[str]) -> None:
        """Queue a pull that reads whole entities and nothing else."""
        self.queue_asks(group, [reading.Ask(entity=entity, role=reading.READ) for entity in entities])

    @_in_our_words()
    def queue_asks(self, group: str, asks: Sequence[reading.Ask]) -> None:
        """Queue the queries of one pull.

        Raises:
            ConnectionProblem: The company is not known to the server yet.
        """
        try:
            queue.enqueue(self._engine, self.company, reading.requests(asks, group))
        except UserError as error:
            raise ConnectionProblem(
                "the Web Connector server does not know this profile's company file yet",
                fix="Run `workbench qwc`, open its file with the Web Connector, and start `workbench up`.",
            ) from error

    @_in_our_words()
    def stand(self, every_minutes: int, asks: Sequence[reading.Ask]) -> None:
        """Have the server queue a pull by itself when the Web Connector calls and the last one is old."""
        requests = reading.requests(asks, None)
        queue.standing(self._engine, self.company, requests, every_minutes=every_minutes)

    @_in_our_words()
    def prune(self, keep_days: float) -> int:
        """Delete answers of settled requests from the tape, and answer how many pages went."""
        return tape.prune(self._engine, keep_days=keep_days)

    @_in_our_words()
    def queue_writes(self, writes: Sequence[queue.WriteRequest]) -> None:
        """Queue write requests, in one transaction."""
        queue.enqueue(self._engine, self.company, list(writes))

    @_in_our_words()
    def look_for(self, id_: str, entity: str, *, full_name: str | None = None) -> None:
        """Queue a question of no pull: the records of that name, or all definitions of custom fields."""
        names = () if full_name is None else (full_name,)
        owners = reading.PUBLIC if full_name is None else ()
        request = queue.QueryRequest(entity=entity, full_names=names, owner_ids=owners, priority=1, id=id_)
        queue.enqueue(self._engine, self.company, [request])

    @_in_our_words()
    def keep_waiting(self, seconds: float) -> None:
        """Have the Web Connector stay a moment, because more will be queued; 0 lets it go."""
        if seconds > 0:
            queue.preparing(self._engine, self.company, seconds=seconds)
        else:
            queue.prepared(self._engine, self.company)

    @_in_our_words()
    def cancel(self, ids: Sequence[str], reason: str) -> None:
        """Cancel requests that were not sent yet, and those that need them."""
        if ids:
            queue.cancel(self._engine, list(ids), reason)

    @_in_our_words()
    def resolve(self, request: str, *, applied: bool, note: str) -> None:
        """Settle a request whose outcome is unknown, by a person's word; one that is known stays as it is."""
        found = self.answers([request]).get(request)
        if found is not None and found.state == "unknown":
            queue.resolve(self._engine, request, "applied" if applied else "failed", note)

    @_in_our_words()
    def group(self, group: str) -> list[Answered]:
        """Answer the state of all requests of a group."""
        return [_answered(row) for row in queue.requests(self._engine, self.company, group=group)]

    @_in_our_words()
    def query_groups(self) -> dict[str, list[str]]:
        """Answer the states of the queries in the queue, by group, oldest first."""
        return queue.groups(self._engine, self.company)

    @_in_our_words()
    def answers(self, ids: Sequence[str]) -> dict[str, Answered]:
        """Answer the state of requests by id."""
        return {row.id: _answered(row) for row in queue.requests(self._engine, self.company, ids=list(ids))}

    def records(self, request_id: str) -> Iterator[qbxml.Record]:
        """Yield the records that a query has read, page by page.

        Raises:
            UnreadablePage: QuickBooks' answer cannot be read.
        """
        with _in_our_words():
            for page in tape.pages(self._engine, request_id=request_id):
                yield from _parsed(page)

    def texts(
        self, request_id: str, entity: str, wanted: Sequence[str], definitions: Sequence[Row]
    ) -> Iterator[Texts]:
        """Yield the pages that a query has read, as columns of texts by table: far faster than records.

        Raises:
            UnreadablePage: QuickBooks' answer cannot be read.
        """
        with _in_our_words():
            for page in tape.pages(self._engine, request_id=request_id):
                with _readable(page):
                    made = qbxml.page_columns(page.document, page.request_id, entity, wanted, definitions)
                yield made


def _parsed(page: tape.Page) -> Iterator[qbxml.Record]:
    with _readable(page):
        yield from qbxml.parse_records(page.document, page.request_id)


@contextmanager
def _readable(page: tape.Page) -> Iterator[None]:
    try:
        yield
    except QbwcError as error:
        raise UnreadablePage(
            f"QuickBooks' answer could not be read: {error}",
            where=f"{page.entity}, page {page.sequence}",
            fix="Pull again; the page is kept on the tape for a report.",
        ) from error


def describe(entity: str) -> Row:
    """Answer what an entity can hold, in the form of a Salesforce describe."""
    return reading.describe(entity)


def describes() -> dict[str, Row]:
    """Answer what every entity and line can hold, by name."""
    names = [table for entity in descriptor.ENTITIES for table in reading.tables(entity)]
    return {name: descriptor.describe(name) for name in dict.fromkeys(names)}


def preview(write: queue.WriteRequest) -> str:
    """Answer the exact qbXML of a write, with references to other answers still open.

    Raises:
        WorkbenchError: QuickBooks could not hold it; all problems are listed.
    """
    fields = {name: _open(value) for name, value in write.fields.items()}
    lines = None if write.lines is None else [{k: _open(v) for k, v in line.items()} for line in write.lines]
    try:
        if write.action == "add":
            element = qbxml.build_add(write.entity, fields, lines, request_id="1")
        elif write.action in ("void", "delete"):
            build = qbxml.build_void if write.action == "void" else qbxml.build_delete
            element = build(write.entity, str(_open(write.key)), request_id="1")
        elif descriptor.known(write.entity).key is None:
            element = qbxml.build_mod(write.entity, None, None, fields, lines, request_id="1")
        else:
            element = qbxml.build_mod(
                write.entity, str(write.key), str(write.edit_sequence), fields, lines, request_id="1"
            )
    except QbwcError as error:
        raise WorkbenchError(str(error), where=f"{write.entity} {write.key or '(new)'}") from error
    return str(etree.tostring(element, pretty_print=True, encoding="unicode"))


def refusal(write: queue.WriteRequest) -> str:
    """Say why QuickBooks would refuse or mangle a write; '' when it would not."""
    lines = None if write.lines is None else [dict(line) for line in write.lines]
    found = qbxml.check_write(write.entity, write.action, write.fields, lines)
    return "; ".join(str(problem.what) for problem in found)


def connector_file(
    *,
    url: str,
    user: str,
    owner_id: str,
    file_id: str,
    name: str,
    run_every_minutes: int = 0,
    unattended: bool = False,
) -> str:
    """Answer the text of the .qwc file; it asks for no personal data, because nothing here reads any."""
    return qwc_file(
        app_name=f"{APP_NAME} ({name})",
        url=url,
        user=user,
        owner_id=owner_id,
        file_id=file_id,
        run_every_minutes=run_every_minutes or None,
        unattended="umpRequired" if unattended else "umpOptional",
    )


def custom_value(entity: str, key: Any, name: str, value: Any) -> Row:
    """Answer the fields of a request that gives a public custom field of one record its value.

    Args:
        key, value: Known, or references to the answers that will tell them.

    Raises:
        WorkbenchError: Records of that kind have no custom fields.
    """
    with _in_our_words():
        return dict(qbxml.data_ext(entity, key, name, value))


def write_requests(requests: Iterable[Mapping[str, Any]]) -> list[queue.WriteRequest]:
    """Answer write requests from keyword mappings, so that callers need not know the library."""
    return [queue.WriteRequest(**request) for request in requests]


def _open(value: Any) -> Any:
    return f"{{{value['field']}}}"[:31] if isinstance(value, Mapping) and "$answer" in value else value


def _answered(row: queue.RequestRow) -> Answered:
    return Answered(
        id=row.id,
        entity=row.entity,
        state=row.state,
        status_code=row.status_code,
        text=row.status_message or row.error or "",
        record=row.answer,
        records=row.progress.records,
        total=row.progress.total,
        sent_at=row.sent_at,
        answered_at=row.answered_at,
        ask=reading.asked(row.request) if isinstance(row.request, queue.QueryRequest) else None,
        error=row.error or "",
        broken=row.broken,
    )
