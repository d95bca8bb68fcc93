"""QuickBooks' own memory of what it did: every change that a company file carried out, by requestID.

It stands between the Web Connector and the company file, so it sees a change that was carried out twice even
where the file shows only its last state.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from lxml import etree

from qbwc.simulator import CompanyFile


class Journal:
    """A company file that counts what it carries out; everything else is the file's own."""

    def __init__(self, company: CompanyFile) -> None:
        self._company = company
        self._kept: set[str] = set()
        self.done: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._company, name)

    def session(self, **arguments: Any) -> Any:
        """A session whose message sets are counted."""
        return _Session(self._company.session(**arguments), self)

    def forget_answers(self) -> None:
        """QuickBooks loses the answers it kept of message sets."""
        with self._company._books.change():
            self._company._books.run("delete from message_sets", ())
        self._kept.clear()

    def note(self, asked: str, answer: str) -> None:
        """Count the changes of a set; an answer that was kept and is told again changes nothing."""
        request = etree.fromstring(asked.encode()).find("QBXMLMsgsRq")
        told = etree.fromstring(answer.encode()).find("QBXMLMsgsRs")
        assert request is not None
        assert told is not None
        name = request.get("newMessageSetID")
        if not len(request) or name in self._kept:
            return
        if name:
            self._kept.add(name)
        for one in told:
            if not one.tag.endswith("QueryRs") and one.get("statusCode") == "0":
                self.done[one.get("requestID")] += 1


class _Session:
    def __init__(self, session: Any, journal: Journal) -> None:
        self._session, self._journal = session, journal

    def process(self, document: str) -> str:
        answer: str = self._session.process(document)
        self._journal.note(document, answer)
        return answer
