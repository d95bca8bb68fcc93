"""Command `sql`: a query over the snapshots, those of today or as they were."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from workbench.console import Output, records, table

Add = Callable[..., argparse.ArgumentParser]

ROWS = 100
"""Rows that are shown; --json has all of them."""


def add_commands(add: Add) -> None:
    """Add the command to the parser."""
    command = add("sql", sql, 'answer SQL over what was pulled: salesforce."Account", quickbooks."Customer"')
    command.add_argument("query")
    command.add_argument("--as-of", metavar="TIME", help="as it was, e.g. 2026-03-30 or 2026-03-30T16:40Z")


def sql(arguments: argparse.Namespace, output: Output) -> int:
    """Answer a query."""
    import duckdb

    from workbench.bench import open as open_bench
    from workbench.errors import UsageProblem

    bench = open_bench(arguments.profile, output.say)
    source = bench if arguments.as_of is None else bench.as_of(arguments.as_of)
    try:
        found = source.sql(arguments.query)
    except duckdb.Error as error:
        raise UsageProblem(f"the query cannot be run: {str(error).splitlines()[0]}") from error
    more = f", of which {ROWS} are shown" if len(found) > ROWS else ""
    output.answer({"rows": records(found)}, table(found.head(ROWS), f"{len(found):,} rows{more}"))
    return 0
