"""`python -m tests.benchmarks.salesforce_client pull|floor|download PROFILE TARGET`: one measured process."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import psutil

from workbench.connections.salesforce import SalesforceConnection
from workbench.profile import read_profile
from workbench.pull.salesforce import columns, describe, pull_salesforce
from workbench.store import open_store


def main() -> int:
    """Do one thing and tell what it took."""
    what, profile, target = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    told = {"pull": _pull, "floor": _floor, "download": _download}[what](profile, target)
    print(json.dumps(told | {"peak_mb": _peak_mb()}))
    return 0


def _pull(profile: Path, target: Path) -> dict[str, Any]:
    connection = SalesforceConnection(read_profile(profile))
    target.mkdir()
    store = open_store(f"sqlite:///{target / 'store.sqlite'}")
    began, cpu = time.perf_counter(), time.process_time()
    snapshot = pull_salesforce(connection, store, target, ["Account"])
    took = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}
    return {"rows": snapshot.counts["Account"], "calls": connection.calls, **took}


def _floor(profile: Path, target: Path) -> dict[str, Any]:
    types = json.loads(target.with_suffix(".json").read_text())
    given = ", ".join(f"'{name}': '{type_}'" for name, type_ in types)
    began, cpu = time.perf_counter(), time.process_time()
    with duckdb.connect() as duck:
        source = f"read_csv('{target}', header = true, columns = {{{given}}})"
        duck.execute(f"CREATE TABLE accounts AS SELECT * FROM {source}")
        (rows,) = duck.execute("SELECT count(*) FROM accounts").fetchone() or (0,)
    return {"rows": rows, "seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}


def _download(profile: Path, target: Path) -> dict[str, Any]:
    """The same bytes in one file, and the types of its columns beside it."""
    connection = SalesforceConnection(read_profile(profile))
    found = columns(describe(connection, "Account"))
    query = connection.bulk_query(f"SELECT {', '.join(column.name for column in found)} FROM Account")
    query.wait()
    following: str | None = None
    page = target.with_suffix(".page")
    with target.open("wb") as whole:
        while True:
            told = query.fetch(page, following)
            content = page.read_bytes()
            whole.write(content if following is None else content.partition(b"\n")[2])
            following = told.following
            if following is None:
                break
    page.unlink()
    target.with_suffix(".json").write_text(json.dumps([[column.name, column.type] for column in found]))
    return {"bytes": target.stat().st_size}


def _peak_mb() -> float:
    """The greatest resident size of this process so far."""
    memory = psutil.Process().memory_info()
    if hasattr(memory, "peak_wset"):  # Windows
        return float(memory.peak_wset) / 1024**2
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024 if sys.platform != "darwin" else peak / 1024**2


if __name__ == "__main__":
    sys.exit(main())
