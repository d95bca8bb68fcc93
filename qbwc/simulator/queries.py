"""Answer queries: by key, by filter, page by page.

An iterator lives in one session and holds the keys that matched when it started; a record deleted since is
left out of its page.  The last page still carries an iteratorID.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from xml.sax.saxutils import escape

from qbwc.simulator.answers import Writer, response
from qbwc.simulator.filters import condition, converted
from qbwc.simulator.lists import concrete
from qbwc.simulator.orders import Order
from qbwc.simulator.records import Books
from qbwc.simulator.refusals import OK, Refusal, Status, bad_iterator, incomplete, no_match
from qbwc.simulator.times import LocalTime, filter_from, filter_to
from qbwc.simulator.totals import is_transaction


@dataclass(slots=True)
class _Open:
    """One open iterator: what was asked, the keys that matched, how many of them were returned."""

    asked: tuple[str, list[tuple[str, str]]]
    keys: list[str]
    at: int = 0


@dataclass(slots=True)
class Iterators:
    """The open iterators of one session."""

    session: int
    open: dict[str, _Open] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def start(self, order: Order, keys: list[str]) -> str:
        """A new iterator over these keys."""
        identity = f"{{{next(self.numbers):08x}-51b0-4000-8000-{self.session:012x}}}"
        self.open[identity] = _Open((order.tag, order.asked), keys)
        return identity

    def going(self, order: Order) -> tuple[str, _Open]:
        """The iterator that a Continue or Stop names; 3391 when this session has none of that id.

        That a Continue must repeat the query of its Start exactly is unverified; here it must.
        """
        identity = order.attributes.get("iteratorID", "")
        found = self.open.get(identity)
        if found is None or found.asked[0] != order.tag:
            raise bad_iterator(identity)
        if order.attributes["iterator"] == "Continue" and found.asked[1] != order.asked:
            raise bad_iterator(identity)
        return identity, found

    def page(self, identity: str, size: int) -> tuple[list[str], int]:
        """The next keys and how many remain after them; an iterator with none left is gone."""
        found = self.open[identity]
        page = found.keys[found.at : found.at + size]
        found.at += len(page)
        remaining = len(found.keys) - found.at
        if not remaining:
            del self.open[identity]
        return page, remaining


def answer(order: Order, books: Books, writer: Writer, iterators: Iterators) -> str:
    """The answer to a query of a list, a transaction or a union."""
    entities = concrete((order.entity,))
    tag = f"{order.tag.removesuffix('Rq')}Rs"
    asked_keys = [
        (name, text)
        for name, text in order.asked
        if name in ("ListID", "TxnID", "FullName", "RefNumber", "RefNumberCaseSensitive")
    ]
    limit = _limit(order)
    remaining: int | None = None
    iterator_id: str | None = None
    status = OK
    action = order.attributes.get("iterator")
    if action in ("Continue", "Stop"):
        iterator_id, going = iterators.going(order)
        keys = going.keys
        if action == "Stop":
            del iterators.open[iterator_id]
            return response(tag, order.request_id, OK, iteratorRemainingCount=0, iteratorID=iterator_id)
    elif asked_keys:
        keys, status = _by_key(books, entities, asked_keys)
    else:
        keys = books.keys(entities, *condition(order, books))
    total = len(keys)
    if action in ("Start", "Continue"):
        if limit is None:
            raise Refusal(3150, 'There is a missing element: "MaxReturned".')
        iterator_id = iterator_id or iterators.start(order, keys)
        keys, remaining = iterators.page(iterator_id, limit)
    elif limit is not None:
        keys = keys[:limit]
    if not keys and status is OK:
        status = no_match()
    metadata = order.attributes.get("metaData")
    body = "" if metadata == "MetaDataOnly" else _body(order, books, writer, keys)
    return response(
        tag, order.request_id, status, body, iteratorRemainingCount=remaining, iteratorID=iterator_id,
        retCount=None if metadata in (None, "NoMetaData") else total,
    )  # fmt: skip


def _limit(order: Order) -> int | None:
    text = order.first("MaxReturned")
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise Refusal(3030, f'There was an error when converting the integer value "{text}".')
    return int(text)


def _by_key(
    books: Books, entities: tuple[str, ...], asked: Sequence[tuple[str, str]]
) -> tuple[list[str], Status]:
    keys: list[str] = []
    status = OK
    for name, text in asked:
        if name in ("ListID", "TxnID"):
            record = books.get(text)
            found = [record.key] if record and record.entity in entities else []
        else:
            same_case = name == "RefNumberCaseSensitive"
            found = [
                record.key
                for record in books.named(entities, text)
                if not same_case or record.full_name == text
            ]
        if not found and not name.startswith("RefNumber"):
            status = incomplete(text) if status is OK else status
        keys.extend(key for key in found if key not in keys)
    return keys, status


def _body(order: Order, books: Books, writer: Writer, keys: Sequence[str]) -> str:
    include = frozenset(order.wanted("IncludeRetElement"))
    # What a group of items holds comes without asking; lines of transactions don't.
    lines = order.first("IncludeLineItems") == "true" or not is_transaction(order.entity)
    owners = order.wanted("OwnerID")
    return "".join(writer.rets(books.many(keys), lines=lines, include=include, owners=owners))


def answer_deleted(order: Order, books: Books, local: LocalTime) -> str:
    """What was deleted, of the named types; QuickBooks forgets it after a while, this simulator never."""
    wanted = order.wanted("ListDelType") or order.wanted("TxnDelType")
    marks = ", ".join("?" * len(wanted))
    sql = f"select entity, key, created, deleted, name from deleted where entity in ({marks})"
    values: list[object] = list(wanted)
    for tag, sign, convert in (("FromDeletedDate", ">=", filter_from), ("ToDeletedDate", "<=", filter_to)):
        text = order.first(f"DeletedDateRangeFilter_{tag}")
        if text:
            sql += f" and deleted {sign} ?"
            values.append(converted(convert, text, tag))
    rows = books.rows(f"{sql} order by deleted, key", values)
    body = "".join(_deleted(order, local, [str(value) for value in row]) for row in rows)
    metadata = order.attributes.get("metaData", "NoMetaData")
    return response(
        f"{order.tag.removesuffix('Rq')}Rs", order.request_id, OK if rows else no_match(),
        "" if metadata == "MetaDataOnly" else body,
        retCount=None if metadata == "NoMetaData" else len(rows),
    )  # fmt: skip


def _deleted(order: Order, local: LocalTime, row: Sequence[str]) -> str:
    entity, key, created, deleted, name = row
    kind, key_tag, name_tag = (
        ("List", "ListID", "FullName") if order.entity == "ListDeleted" else ("Txn", "TxnID", "RefNumber")
    )
    return (
        f"<{order.entity}Ret><{kind}DelType>{entity}</{kind}DelType><{key_tag}>{key}</{key_tag}>"
        f"<TimeCreated>{local.text(created)}</TimeCreated><TimeDeleted>{local.text(deleted)}</TimeDeleted>"
        f"<{name_tag}>{escape(name)}</{name_tag}></{order.entity}Ret>"
    )
