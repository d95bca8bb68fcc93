"""Many companies at once on one server: each a session of 20 pages and 20 writes, all started together.

Every company's pages carry its own mark, and its changes its own names, so that what reached another company
can be told from what did not arrive.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from qbwc import queue, store, tape
from tests.benchmarks import stage
from tests.benchmarks.pages import write_pages

#        pages a company, records a page, writes a company
SHAPES = {"tiny": (2, 5, 2), "small": (20, 10, 20), "full": (20, 100, 20)}


def run(size: str, companies: int) -> dict[str, Any]:
    """The figures, by their names in the design; `p99_ms` is what a Web Connector waits for a reply."""
    pages, a_page, writes = SHAPES[size]
    with tempfile.TemporaryDirectory(prefix="scale-") as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'store.sqlite'}"
        engine = store.open_store(url)
        names = [f"c{number:04d}" for number in range(companies)]
        told = stage.add_companies(engine, folder, names)
        files = write_pages(folder / "pages", a_page, a_page * pages)
        for one in told:
            one["mark"] = one["user"]
            _enqueue(engine, one["user"], a_page, writes)
        began = time.perf_counter()
        with stage.server(url) as (address, measured):
            seen = stage.canned(
                folder,
                {"url": address, "companies": told, "pages": [str(path) for path in files],
                 "total": a_page * pages},
            )  # fmt: skip
        seconds = time.perf_counter() - began
        lost, crossed = _judged(engine, names, pages, writes)
        engine.dispose()
    calls = seen["seconds"]
    outside = calls["sendRequestXML"] + calls["receiveResponseXML"]
    inside = measured["seconds"]["sendRequestXML"] + measured["seconds"]["receiveResponseXML"]
    return {
        "companies": companies,
        "sessions": len(calls["closeConnection"]),
        "lost": lost,
        "crossed": crossed,
        "p99_ms": stage.p99_ms(outside),
        "server_p99_ms": stage.p99_ms(inside),
        "replies": len(outside),
        "seconds": round(seconds, 2),
        "server_cpu_seconds": round(sum(measured["busy"].values()), 2),
        "client_cpu_seconds": round(seen["busy"], 2),
        "server_peak_mb": measured["peak_mb"],
        "records_a_page": a_page,
    }


def _enqueue(engine: Engine, company: str, a_page: int, writes: int) -> None:
    query = queue.QueryRequest(entity="Customer", max_returned=a_page, id=f"{company}-pages".ljust(32, "p"))
    queue.enqueue(engine, company, [query, *(_write(company, number) for number in range(writes))])


def _write(company: str, number: int) -> queue.WriteRequest:
    name = f"{company} new {number}"
    return queue.WriteRequest(
        id=f"{company}-{number}", entity="Customer", action="add", fields={"Name": name},
        probe={"FullName": name},
    )  # fmt: skip


def _judged(engine: Engine, names: list[str], pages: int, writes: int) -> tuple[int, int]:
    """Pages and answers that are not there, and those that are another company's."""
    lost = crossed = 0
    for company in names:
        rows = {row.id: row for row in queue.requests(engine, company)}
        for number in range(writes):
            answer = rows[f"{company}-{number}"].answer
            lost += answer is None
            crossed += answer is not None and answer["Name"] != f"{company} new {number}"
        kept = list(tape.pages(engine, request_id=f"{company}-pages".ljust(32, "p")))
        lost += pages - len(kept)
        crossed += sum(f"<FirstName>{company}</FirstName>".encode() not in page.document for page in kept)
    return lost, crossed
