"""Receiving and loading a large company file.

`seconds` is what the server needs for all its replies while a canned Web Connector brings the pages, and what
the product's loader then needs to make a snapshot of them.  `floor_seconds` is lxml's `iterparse` alone over
the same bytes and DuckDB's insert of the same rows from Arrow.  Both are measured in turn, and the medians
compared; `cpu_ratio` compares the CPU seconds of both, which a busy machine bends less.
"""

from __future__ import annotations

import tempfile
import time
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import pyarrow as pa
from lxml import etree

from qbwc import queue, store
from qbwc.simulator import CompanyFile, WebConnector
from tests.benchmarks import stage
from tests.benchmarks.pages import read_pages, write_pages
from workbench.connections.quickbooks import QuickBooksQueue
from workbench.pull import QuickBooksPull
from workbench.snapshots.files import STORAGE_VERSION
from workbench.store import open_store

#        customers, records a page, rounds
SIZES = {"tiny": (60, 20, 1), "small": (10_000, 500, 3), "full": (100_000, 500, 3)}
EARLY, LATE = 10, 200


def run(size: str) -> dict[str, Any]:
    """The figures, by their names in the design."""
    rows, a_page, rounds = SIZES[size]
    with tempfile.TemporaryDirectory(prefix="receive-") as name:
        folder = Path(name)
        files = write_pages(folder / "pages", a_page, rows)
        ours, floors = [], []
        for number in range(rounds):
            ours.append(_product(folder / f"round-{number}", files, rows))
            floors.append(_floor(folder, files, ours[-1]["table"]))
            del ours[-1]["table"]
        trips = _trips(folder / "trips", 1000 if size != "tiny" else 20)
        seconds = [one["receive"] + one["load"] for one in ours]
        replies = [took for one in ours for took in one["replies"]]
        page_mb = sum(path.stat().st_size for path in files) / len(files) / 1024**2
    floor = [one["iterparse"] + one["insert"] for one in floors]
    growth = median(one["growth"] for one in ours)
    return {
        "rows": rows,
        "seconds": round(median(seconds), 3),
        "floor_seconds": round(median(floor), 3),
        "ratio_to_floor": round(median(seconds) / median(floor), 2),
        "reply_p99_ms": stage.p99_ms(replies),
        "server_growth_mb": round(growth, 2),
        "server_peak_mb": max((one["peak"] for one in ours if one["peak"] is not None), default=None),
        "page_mb": round(page_mb, 3),
        "trips_per_1000_changes": trips,
        "receive_seconds": round(median(one["receive"] for one in ours), 3),
        "load_seconds": round(median(one["load"] for one in ours), 3),
        "iterparse_seconds": round(median(one["iterparse"] for one in floors), 3),
        "insert_seconds": round(median(one["insert"] for one in floors), 3),
        "cpu_seconds": round(median(one["cpu"] for one in ours), 3),
        "floor_cpu_seconds": round(median(one["cpu"] for one in floors), 3),
        "cpu_ratio": round(median(one["cpu"] for one in ours) / median(one["cpu"] for one in floors), 2),
        "growth_pages": round(growth / page_mb, 2),
        "rounds": rounds,
    }


def _product(folder: Path, files: list[Path], rows: int) -> dict[str, Any]:
    """Receive and load once: seconds, the server's size, and the rows as Arrow."""
    folder.mkdir()
    url = f"sqlite:///{folder / 'store.sqlite'}"
    engine = store.open_store(url)
    companies = stage.add_companies(engine, folder, ["alder"])
    kept = open_store(url)
    pulls = QuickBooksPull(kept, QuickBooksQueue(engine, "alder"), folder / "snapshots")
    pulls.queue.queue_pull("pull-benchmark", ["Customer"])
    with stage.server(url) as (address, measured):
        stage.canned(
            folder,
            {"url": address, "companies": companies, "pages": [str(path) for path in files], "total": rows},
        )
    began, busy = time.perf_counter(), time.process_time()
    (snapshot,) = pulls.load_finished()
    load, busy = time.perf_counter() - began, time.process_time() - busy
    assert snapshot.counts["Customer"] == rows, snapshot.counts
    told = measured["seconds"]
    replies = told["sendRequestXML"] + told["receiveResponseXML"]
    table = _arrow(snapshot.file)
    kept.close()
    engine.dispose()
    resident = measured["resident_mb"]
    return {
        "receive": sum(replies), "replies": replies, "load": load,
        "cpu": busy + sum(measured["busy"][name] for name in ("sendRequestXML", "receiveResponseXML")),
        "peak": measured["peak_mb"], "table": table,
        "growth": resident[min(LATE, len(resident)) - 1] - resident[min(EARLY, len(resident)) - 1],
    }  # fmt: skip


def _arrow(file: Path) -> pa.Table:
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{file}' AS snapshot (READ_ONLY)")
        table: pa.Table = connection.sql('SELECT * FROM snapshot."Customer"').to_arrow_table()
    return table


def _floor(folder: Path, files: list[Path], table: pa.Table) -> dict[str, float]:
    """iterparse alone, page by page, and DuckDB's insert of the same rows into a file."""
    parsing, busy = 0.0, 0.0
    for document in read_pages(files):
        began, start = time.perf_counter(), time.process_time()
        for _ in etree.iterparse(BytesIO(document)):
            pass
        parsing, busy = parsing + time.perf_counter() - began, busy + time.process_time() - start
    path = folder / "floor.duckdb"
    began, start = time.perf_counter(), time.process_time()
    with duckdb.connect() as connection:
        connection.register("batch", table)
        connection.execute(f"ATTACH '{path}' AS target (STORAGE_VERSION '{STORAGE_VERSION}')")
        connection.execute('CREATE TABLE target."Customer" AS SELECT * FROM batch')
        connection.execute("CHECKPOINT target")
        connection.execute("DETACH target")
    inserting, busy = time.perf_counter() - began, busy + time.process_time() - start
    path.unlink()
    return {"iterparse": parsing, "insert": inserting, "cpu": busy}


def _trips(folder: Path, changes: int) -> int:
    """Send/receive round trips for that many writes to the pretend company file, first pairing left out."""
    folder.mkdir()
    engine = store.open_store(f"sqlite:///{folder / 'store.sqlite'}")
    url = f"sqlite:///{folder / 'store.sqlite'}"
    stage.add_companies(engine, folder, ["alder"])
    seed = {"Company": {"CompanyName": "alder", "FileName": "C:\\QB\\alder.qbw"}}
    with CompanyFile.create(folder / "company.db", seed) as company, stage.server(url) as (address, _):
        connector = WebConnector(
            company, address, "alder", stage.PASSWORD, owner_id=stage.OWNER, file_id=stage.file_id(0)
        )
        queue.enqueue(engine, "alder", [queue.QueryRequest(entity="Customer")])
        connector.update_selected()
        queue.enqueue(engine, "alder", [_write(number) for number in range(changes)])
        log = connector.update_selected()
        states = {row.state for row in queue.requests(engine, "alder")}
        assert (log.outcome, states) == ("done", {"answered"}), (log.outcome, log.message, states)
    engine.dispose()
    return log.operations.count("sendRequestXML")


def _write(number: int) -> queue.WriteRequest:
    name = f"Customer {number}"
    return queue.WriteRequest(
        entity="Customer", action="add", fields={"Name": name, "CreditLimit": Decimal(number)},
        probe={"FullName": name},
    )  # fmt: skip
