"""Records of Salesforce into a DuckDB table: page by page through REST, or as CSV through Bulk API 2.0.

The CSV goes from the wire to a file and from there straight into DuckDB, so that memory stays bounded.  A
page counts when it has as many rows as Salesforce said; one that was cut off is asked for again.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from workbench.connections.salesforce import Row, SalesforceConnection
from workbench.connections.salesforce_bulk import BulkQuery
from workbench.connections.salesforce_errors import BrokenOff, Refused
from workbench.errors import ConnectionProblem
from workbench.pull.salesforce_columns import converted, converters
from workbench.snapshots import Column, TableData, write_table

STAGE = "stage"
TRIES = 3
"""How often a page is asked for that does not come whole."""

BYTES_AT_ONCE = 256_000_000
"""CSV that is kept on the disk before it is loaded."""

LONGEST_LINE = 8_000_000
"""Bytes of one record as CSV; Salesforce allows 1.6 million characters in all its long texts."""

Told = Callable[[int], None]
"""Told rows so far."""

_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")


def read_records(
    duck: duckdb.DuckDBPyConnection,
    connection: SalesforceConnection,
    name: str,
    columns: Sequence[Column],
    *,
    bulk: bool,
    where: str = "",
    into: str = "",
    told: Told = lambda _: None,
) -> int:
    """Read the records of an object into `stage`; answers how many.

    Args:
        where: A SOQL condition; all records without it.
        into: The table, if it is not called like the object.

    Raises:
        ConnectionProblem: The org cannot be reached or refuses, or sends what its describe does not allow.
    """
    soql = f"SELECT {', '.join(column.name for column in columns)} FROM {name}"
    soql += f" WHERE {where}" if where else ""
    table = into or name
    create_table(duck, table, columns)
    if bulk:
        try:
            query = connection.bulk_query(soql)
        except Refused as error:
            if error.values.get("code") == "REQUEST_LIMIT_EXCEEDED":
                raise
            # some objects cannot be read through Bulk API 2.0
        else:
            return _read_bulk(duck, connection, query, table, columns, told)
    return _read_rest(duck, connection, soql, table, columns, told)


def create_table(duck: duckdb.DuckDBPyConnection, name: str, columns: Sequence[Column]) -> None:
    """Make the table of an object in `stage`, empty."""
    listed = ", ".join(f'"{column.name}" {column.type}' for column in columns)
    duck.execute(f'CREATE TABLE IF NOT EXISTS {STAGE}."{name}" ({listed})')


def _read_rest(
    duck: duckdb.DuckDBPyConnection,
    connection: SalesforceConnection,
    soql: str,
    name: str,
    columns: Sequence[Column],
    told: Told,
) -> int:
    makers = converters(columns)

    def rows() -> Iterator[Row]:
        for count, record in enumerate(connection.query(soql), start=1):
            yield converted(record, name, makers)
            if count % 500 == 0:
                told(count)

    return write_table(duck, STAGE, TableData(name=name, columns=columns, rows=rows()))


def _read_bulk(
    duck: duckdb.DuckDBPyConnection,
    connection: SalesforceConnection,
    query: BulkQuery,
    name: str,
    columns: Sequence[Column],
    told: Told,
) -> int:
    query.wait()
    count = 0
    following: str | None = None
    # One thread reads CSV with far less processor time than several, and the org is slower than either.
    duck.execute("SET threads = 1")
    with TemporaryDirectory(prefix=".pages-", dir=_stage_folder(duck)) as folder:
        while True:
            rows, following = _load_some(duck, connection, query, Path(folder), following, name, columns)
            count += rows
            told(count)
            if following is None:
                break
    duck.execute("RESET threads")
    query.remove()
    return count


def _load_some(
    duck: duckdb.DuckDBPyConnection,
    connection: SalesforceConnection,
    query: BulkQuery,
    folder: Path,
    following: str | None,
    name: str,
    columns: Sequence[Column],
) -> tuple[int, str | None]:
    """Fetch some pages and load them in one go, again if they do not come whole.

    Answers the rows, and where the next pages begin.
    """
    seen: object = None
    expected: int | None = None
    for _ in range(TRIES):
        connection.check_calls()
        try:
            files, expected, then = _fetch_some(query, folder, following)
        except BrokenOff as error:
            seen = error.what
            continue
        duck.execute("BEGIN")
        try:
            rows = _insert_csv(duck, files, name, columns)
        except (duckdb.Error, csv.Error, UnicodeDecodeError) as error:
            duck.execute("ROLLBACK")
            seen = _first_line(error)
            continue
        if expected in (None, rows):
            duck.execute("COMMIT")
            return rows, then
        duck.execute("ROLLBACK")
        seen = f"{rows:,} rows"
    raise ConnectionProblem(
        "Salesforce: a page of a bulk query does not come whole, or holds what its describe does not allow",
        where=f"{name}, jobs/query/{query.id}",
        values={"expected": None if expected is None else f"{expected:,} rows", "came": seen},
        fix="Pull again; please report it if it comes back.",
    )


def _fetch_some(
    query: BulkQuery, folder: Path, following: str | None
) -> tuple[list[Path], int | None, str | None]:
    """Fetch pages into files; answers them, their rows where Salesforce said, and where the next begins.

    A DuckDB transaction for each page would write its rows twice, first to the log and then to the file.
    """
    files: list[Path] = []
    expected: int | None = 0
    size = 0
    while True:
        file = folder / f"{len(files)}.csv"
        page = query.fetch(file, following)
        files.append(file)
        size += file.stat().st_size
        expected = None if expected is None or page.rows is None else expected + page.rows
        following = page.following
        if following is None or size >= BYTES_AT_ONCE:
            return files, expected, following


def _insert_csv(
    duck: duckdb.DuckDBPyConnection, files: Sequence[Path], name: str, columns: Sequence[Column]
) -> int:
    """Load CSV files; their columns may stand in any order, the same in all.  Answers the rows."""
    header = _header(files[0])
    if any(_header(file) != header for file in files[1:]):
        raise csv.Error("pages with other columns than the first one")
    types = {column.name: column.type for column in columns}
    if set(header) != set(types):
        raise csv.Error(f"other columns than asked for: {', '.join(sorted(set(header) ^ set(types)))}")
    given = ", ".join(f"'{each}': '{_read_as(types[each])}'" for each in header)
    wanted = ", ".join(_exactly(name, column) for column in columns)
    paths = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
    inserted = duck.execute(
        f'INSERT INTO {STAGE}."{name}" SELECT {wanted} FROM read_csv([{paths}], auto_detect = false, '
        f"header = true, delim = ',', quote = '\"', escape = '\"', nullstr = '', strict_mode = true, "
        f"max_line_size = {LONGEST_LINE}, columns = {{{given}}})"
    ).fetchone()
    return int((inserted or (0,))[0])


def _header(file: Path) -> list[str]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return next(csv.reader([stream.readline(1 << 20)]), [])


def _read_as(type_: str) -> str:
    """The type in which DuckDB reads a column: numbers as text first, since its cast would round them."""
    return "VARCHAR" if _DECIMAL.fullmatch(type_) else type_


def _exactly(table: str, column: Column) -> str:
    """SQL for a column's value; a number that its type would round is an error."""
    match = _DECIMAL.fullmatch(column.type)
    if match is None:
        return f'"{column.name}"'
    precision, scale = int(match[1]), int(match[2])
    text, kept = f'"{column.name}"', f'CAST("{column.name}" AS {column.type})'
    if precision > 32:
        return kept
    wide = f"CAST({text} AS DECIMAL(38,{scale + 6}))"
    said = f"error('{table}.{column.name}: ' || {text} || ' does not fit {column.type}')"
    return f"CASE WHEN {wide} <> {kept} THEN {said} ELSE {kept} END"


def _stage_folder(duck: duckdb.DuckDBPyConnection) -> Path:
    """Where the stage lies: the CSV lies beside it, on the same disk and as private."""
    row = duck.execute("SELECT path FROM duckdb_databases() WHERE database_name = ?", [STAGE]).fetchone()
    return Path(str(row[0] if row else "")).parent


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
