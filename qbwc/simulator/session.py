"""One opened session: message sets in, answers out.

Message-set ids follow Intuit's sample texts; no recorded answer with them is publicly known, so that part is
unverified.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Literal

from qbwc.descriptor import CONCRETE
from qbwc.simulator import queries
from qbwc.simulator.answers import Writer, message_set, response
from qbwc.simulator.custom import answer_definitions
from qbwc.simulator.fixed import answer_single
from qbwc.simulator.grammar import read
from qbwc.simulator.orders import Document, Order
from qbwc.simulator.queries import Iterators
from qbwc.simulator.records import Books
from qbwc.simulator.refusals import OK, Refusal, Status
from qbwc.simulator.times import LocalTime
from qbwc.simulator.writes import write

REFUSE_CHARACTERS = "refuse_characters"


class Session:
    """One opened session with the company file."""

    def __init__(
        self,
        books: Books,
        local: LocalTime,
        now: Callable[[], str],
        number: int,
        owner_id: str | None,
        after_stop: Literal["absent", "3231"],
    ) -> None:
        self._books, self._local, self._now = books, local, now
        self._iterators = Iterators(number)
        self._after_stop = after_stop
        self.owner_id = owner_id

    def process(self, document: str) -> str:
        """The answer document; `QuickBooksRefused` where nothing ran because the document's form is wrong."""
        asked = read(document, refuse_characters=self._books.setting(REFUSE_CHARACTERS) == "yes")
        new, old = asked.attributes.get("newMessageSetID"), asked.attributes.get("oldMessageSetID")
        if new is None and old is None:
            return message_set(self._answers(asked))
        return self._recoverable(asked, document, new, old)

    def _recoverable(self, asked: Document, document: str, new: str | None, old: str | None) -> str:
        """Message-set ids (unverified): status check, deletion, or work whose answer is kept."""
        for identity in (new, old):
            if identity is not None and len(identity) > 24:
                return message_set([], messageSetStatusCode=9004, newMessageSetID=new)
        if old is not None and old != new:
            with self._books.change():
                gone = self._books.run("delete from message_sets where id = ?", (old,))
            if new is None:
                return message_set([], messageSetStatusCode=0 if gone else 600)
        assert new is not None
        kept = self._books.rows("select checksum, answer from message_sets where id = ?", (new,))
        if not asked.orders:
            return (
                str(kept[0][1]) if kept else message_set([], messageSetStatusCode=9002, newMessageSetID=new)
            )
        checksum = hashlib.sha256(document.encode("utf-8", "replace")).hexdigest()
        if kept:
            if kept[0][0] != checksum:
                return message_set([], messageSetStatusCode=9001, newMessageSetID=new)
            return str(kept[0][1])
        with self._books.change():
            answer = message_set(self._answers(asked), messageSetStatusCode=0, newMessageSetID=new)
            self._books.run("insert into message_sets values (?, ?, ?)", (new, checksum, answer))
        return answer

    def _answers(self, asked: Document) -> list[str]:
        stop = asked.attributes["onError"] == "stopOnError"
        writer = Writer(self._books, self._local)
        answers: list[str] = []
        stopped = False
        for order in asked.orders:
            if stopped:
                if self._after_stop == "3231":
                    answers.append(
                        _told(order, Status(code=3231, message="The request has not been processed."))
                    )
                continue
            try:
                answers.append(self._answer(order, writer))
            except Refusal as refusal:
                answers.append(_told(order, refusal.status))
                stopped = stop
        return answers

    def _answer(self, order: Order, writer: Writer) -> str:
        if order.refusal is not None:
            raise order.refusal
        if order.action != "query":
            with self._books.change():
                told = write(order, self._books, writer, self._local, self._now())
            return _told(order, OK, told)
        shape = CONCRETE[order.entity].shape if order.entity in CONCRETE else "list"
        if shape == "single":
            return answer_single(order, self._books)
        if shape == "deleted":
            return queries.answer_deleted(order, self._books, self._local)
        if shape == "definition":
            return answer_definitions(order, self._books)
        return queries.answer(order, self._books, writer, self._iterators)


def _told(order: Order, status: Status, body: str = "") -> str:
    return response(f"{order.tag.removesuffix('Rq')}Rs", order.request_id, status, body)
