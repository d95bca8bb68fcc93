"""A Web Connector that knows its answers by heart, so that its own work does not count.

    python -m tests.benchmarks.canned PLAN.json

Queries of customers get the pages of a folder, other queries "nothing found", added customers an answer with
keys of their own.  One thread a company; the plan says where the server is, who logs in and which pages.  It
tells, as one JSON object, how long every call took from outside, and the CPU seconds of this process.
"""

from __future__ import annotations

import json
import re
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from qbwc.simulator.soap import SoapClient, envelope, result
from tests.benchmarks.pages import REQUEST_ID

_TICKET = "T" * 40
"""Stands in the envelopes of pages, which are made before anything is timed."""

_EMPTY = (
    '<{tag} requestID="{id}" statusCode="1" statusSeverity="Info" statusMessage="A query request did not '
    'find a matching object in QuickBooks" />'
)
_COUNTED = (
    '<{tag} requestID="{id}" statusCode="0" statusSeverity="Info" statusMessage="Status OK" retCount="{n}" />'
)
_ADDED = (
    '<CustomerAddRs requestID="{id}" statusCode="0" statusSeverity="Info" statusMessage="Status OK">'
    "<CustomerRet><ListID>{key}</ListID><TimeCreated>2026-03-30T10:00:00-08:00</TimeCreated>"
    "<TimeModified>2026-03-30T10:00:00-08:00</TimeModified><EditSequence>1774893600</EditSequence>"
    "<Name>{name}</Name><FullName>{name}</FullName><IsActive>true</IsActive></CustomerRet></CustomerAddRs>"
)


class Canned:
    """One company's Web Connector."""

    def __init__(
        self, plan: dict[str, Any], pages: list[bytes], company: dict[str, str], barrier: threading.Barrier
    ) -> None:
        self._plan, self._company, self._barrier = plan, company, barrier
        self._pages = pages
        self._client = SoapClient(plan["url"], timeout=600)
        self._next = 0
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.trouble: str | None = None

    def run(self) -> None:
        """One update, from login to closeConnection."""
        self._barrier.wait()
        try:
            self._update()
        except Exception as error:  # told in the sums; a thread that dies silently would look like speed
            self.trouble = f"{type(error).__name__}: {error}"
        finally:
            self._client.close()

    def _update(self) -> None:
        ticket, verdict = self._strings(
            "authenticate", ("strUserName", self._company["user"]), ("strPassword", self._plan["password"])
        )[:2]
        if verdict in ("none", "nvu", "busy"):
            raise RuntimeError(f"authenticate answered {verdict}")
        hcp = Path(self._company["hcp"]).read_text("utf-8")
        percent = 0
        while percent < 100:
            document = self._strings(
                "sendRequestXML", ("ticket", ticket), ("strHCPResponse", hcp),
                ("strCompanyFileName", self._company["path"]), ("qbXMLCountry", "US"),
                ("qbXMLMajorVers", "13"), ("qbXMLMinorVers", "0"),
            )[0]  # fmt: skip
            hcp = ""
            if not document:
                raise RuntimeError(self._strings("getLastError", ("ticket", ticket))[0])
            told = self._timed("receiveResponseXML", self._answer(ticket, document))
            percent = int(told[0])
            if percent < 0:
                raise RuntimeError(self._strings("getLastError", ("ticket", ticket))[0])
        self._strings("closeConnection", ("ticket", ticket))

    def _answer(self, ticket: str, document: str) -> bytes:
        """The envelope that brings the answer to a message set."""
        asked = etree.fromstring(document.encode()).find("QBXMLMsgsRq")
        assert asked is not None
        if len(asked) == 1 and asked[0].get("iterator") and self._next < len(self._pages):
            return self._page(ticket, asked[0])
        attributes = "".join(
            f' {name}="{value}"'
            for name, value in (
                ("newMessageSetID", asked.get("newMessageSetID")),
                ("messageSetStatusCode", "0"),
            )
            if asked.get("newMessageSetID") or asked.get("oldMessageSetID")
            if value
        )
        inside = "".join(self._one(request) for request in asked)
        return _brought(
            ticket, f'<?xml version="1.0" ?>\n<QBXML><QBXMLMsgsRs{attributes}>{inside}</QBXMLMsgsRs></QBXML>'
        )

    def _page(self, ticket: str, request: Any) -> bytes:
        body = self._pages[self._next].replace(REQUEST_ID.encode(), request.get("requestID").encode(), 1)
        self._next += 1
        if mark := self._company.get("mark"):
            body = body.replace(b"Ada", mark.encode())
        return body.replace(_TICKET.encode(), ticket.encode(), 1)

    def _one(self, request: Any) -> str:
        tag, identity = request.tag[:-1] + "s", request.get("requestID")
        if request.tag == "CustomerAddRq":
            name = request.findtext("CustomerAdd/Name")
            return _ADDED.format(id=identity, key=f"K-{identity[:30]}", name=escape(name))
        if request.get("metaData") == "MetaDataOnly":
            total = self._plan["total"] if request.tag == "CustomerQueryRq" else 0
            return _COUNTED.format(tag=tag, id=identity, n=total)
        return _EMPTY.format(tag=tag, id=identity)

    def _strings(self, operation: str, *arguments: tuple[str, str]) -> list[str]:
        return self._timed(operation, envelope(operation, arguments))

    def _timed(self, operation: str, body: bytes) -> list[str]:
        began = time.perf_counter()
        told = self._client.post(operation, body)
        self.seconds[operation].append(time.perf_counter() - began)
        return result(operation, told)


def _brought(ticket: str, answer: str) -> bytes:
    return envelope(
        "receiveResponseXML", [("ticket", ticket), ("response", answer), ("hresult", ""), ("message", "")]
    )


def main() -> None:
    """Run all companies of the plan at once, and tell."""
    plan = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    barrier = threading.Barrier(len(plan["companies"]))
    pages = [_brought(_TICKET, Path(name).read_text("utf-8")) for name in plan["pages"]]
    made = [Canned(plan, pages, company, barrier) for company in plan["companies"]]
    threads = [threading.Thread(target=one.run) for one in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds: dict[str, list[float]] = defaultdict(list)
    for one in made:
        for operation, took in one.seconds.items():
            seconds[operation] += took
    trouble = [re.sub(r"\s+", " ", one.trouble) for one in made if one.trouble]
    print(json.dumps({"seconds": seconds, "trouble": trouble, "busy": time.process_time()}))


if __name__ == "__main__":
    main()
