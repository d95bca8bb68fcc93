"""Both snapshots as they would be after a push, for SQL: `salesforce` and `quickbooks`, the copies laid over.

They are views in a catalog of their own beside the snapshots, on a cursor that has it as its default: the
same query gives what is before on the connection and what would be after on the cursor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import duckdb
import pyarrow as pa

from workbench.connections.quickbooks_forecast import Moved
from workbench.connections.quickbooks_reading import key, known, tables
from workbench.crosswalk import pair_id
from workbench.forecast.rows import Row, Rows
from workbench.model import Side
from workbench.normalize import identifier

ROWS = "rows"
"""Schema of the rows that are new or another, and of the keys of those that no longer stand."""

Link = tuple[str, str, str]
"""(mapping, Salesforce id, QuickBooks id)."""

Place = tuple[str, str, str]
"""(mapping, side, id)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """What becomes of pairs.

    Attributes:
        made: Pairs that the push would link.
        ended: Records whose pair it would end.
        ignored: Records that stay, inactive or void, and take no part any more.
        at: When.
    """

    made: tuple[Link, ...] = ()
    ended: tuple[Place, ...] = ()
    ignored: tuple[Place, ...] = ()
    at: datetime


@dataclass
class Laid:
    """Rows to be laid over the snapshots.

    Attributes:
        rows: By side and table, the rows as they would be, by key.
        gone: By side and table, keys of rows that no longer stand: what is replaced, and what is deleted.
        keys: By side and table, the column that `gone` is about.
    """

    rows: dict[tuple[Side, str], list[Row]] = field(default_factory=dict)
    gone: dict[tuple[Side, str], set[str]] = field(default_factory=dict)
    keys: dict[tuple[Side, str], str] = field(default_factory=dict)

    def put(self, side: Side, table: str, column: str, value: str, rows: Sequence[Row]) -> None:
        """Lay rows over those of a table whose column has a value."""
        place = (side, table)
        self.keys[place] = column
        self.gone.setdefault(place, set()).add(value)
        self.rows.setdefault(place, []).extend(rows)


def laid_over(
    connection: duckdb.DuckDBPyConnection, laid: Laid, links: Links, name: str
) -> duckdb.DuckDBPyConnection:
    """Attach a catalog `name` with the tables as they would be, and answer a cursor that is set to it."""
    (origin,) = connection.execute("SELECT current_database()").fetchone() or ("memory",)
    zone = connection.execute("SELECT current_setting('TimeZone')").fetchone() or ("UTC",)
    connection.execute(f"ATTACH ':memory:' AS {identifier(name)}")
    cursor = connection.cursor()
    cursor.execute(f"USE {identifier(name)}")
    cursor.execute("SET TimeZone = ?", [zone[0]])
    cursor.execute(f"CREATE SCHEMA {ROWS}")
    source = f"{identifier(str(origin))}"
    for side in Side:
        cursor.execute(f"CREATE SCHEMA {side}")
        for table, columns in Rows(connection, side).tables.items():
            _view(cursor, source, side, table, columns, laid)
    _kept(cursor, source, links)
    return cursor


def _view(
    cursor: duckdb.DuckDBPyConnection,
    source: str,
    side: Side,
    table: str,
    columns: Sequence[str],
    laid: Laid,
) -> None:
    place, of = (side, table), f"{source}.{side}.{identifier(table)}"
    query = f"SELECT * FROM {of}"
    if place in laid.keys:
        stored, gone = (f"{ROWS}.{identifier(f'{side}.{table}{end}')}" for end in ("", " gone"))
        cursor.execute(f"CREATE TABLE {stored} AS SELECT * FROM {of} LIMIT 0")
        fill(cursor, stored, columns, laid.rows.get(place, ()))
        values = pa.table({"key": pa.array(sorted(laid.gone[place]), pa.string())})
        cursor.register("gone_keys", values)
        cursor.execute(f"CREATE TABLE {gone} AS SELECT key FROM gone_keys")
        cursor.unregister("gone_keys")
        column = identifier(laid.keys[place])
        left = f"SELECT t.* FROM {of} AS t ANTI JOIN {gone} AS g ON g.key = t.{column}"
        query = f"{left} UNION ALL FROM {stored}"
    cursor.execute(f"CREATE VIEW {side}.{identifier(table)} AS {query}")


def fill(cursor: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert rows, their values cast to the types of a table."""
    if not rows:
        return
    types = {row[0]: row[1] for row in cursor.execute(f"DESCRIBE {table}").fetchall()}
    cursor.register("new_rows", pa.table({name: _array([row.get(name) for row in rows]) for name in columns}))
    chosen = ", ".join(f"CAST({identifier(name)} AS {types[name]})" for name in columns)
    cursor.execute(f"INSERT INTO {table} SELECT {chosen} FROM new_rows")
    cursor.unregister("new_rows")


def _array(values: list[Any]) -> pa.Array:
    """Values as they are; as texts where a column holds several kinds."""
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return pa.array([_text(value) for value in values], pa.string())


def _text(value: Any) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case datetime() | date():
            return value.isoformat()
    return str(value)


def _kept(cursor: duckdb.DuckDBPyConnection, source: str, links: Links) -> None:
    """What is kept, with the pairs that the push would link, and without those that it would end."""
    cursor.execute("CREATE SCHEMA kept")
    there = {
        str(row[0])
        for row in cursor.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'kept' AND database_name = ?",
            [source.strip('"')],
        ).fetchall()
    }
    for table in sorted(there - {"crosswalk", "decisions"}):
        cursor.execute(f"CREATE VIEW kept.{table} AS FROM {source}.kept.{table}")
    _crosswalk(cursor, f"{source}.kept.crosswalk", links)
    if "decisions" in there:
        _decisions(cursor, f"{source}.kept.decisions", links)


def _crosswalk(cursor: duckdb.DuckDBPyConnection, of: str, links: Links) -> None:
    names = ("mapping", "pair", "salesforce_id", "quickbooks_id")
    pairs = [(mapping, pair_id(mapping, left, right), left, right) for mapping, left, right in links.made]
    cursor.execute(f"CREATE TABLE {ROWS}.crosswalk AS SELECT {', '.join(names)} FROM {of} LIMIT 0")
    fill(cursor, f"{ROWS}.crosswalk", names, [dict(zip(names, pair, strict=True)) for pair in pairs])
    cursor.execute(f"CREATE TABLE {ROWS}.ended (mapping VARCHAR, side VARCHAR, id VARCHAR)")
    ended = [dict(zip(("mapping", "side", "id"), each, strict=True)) for each in links.ended]
    fill(cursor, f"{ROWS}.ended", ("mapping", "side", "id"), ended)
    ids = " OR ".join(f"(e.side = '{side}' AND e.id = c.{side}_id)" for side in Side)
    cursor.execute(
        f"CREATE VIEW kept.crosswalk AS SELECT {', '.join(f'c.{name}' for name in names)} FROM {of} AS c "
        f"ANTI JOIN {ROWS}.ended AS e ON e.mapping = c.mapping AND ({ids}) UNION ALL FROM {ROWS}.crosswalk"
    )


def _decisions(cursor: duckdb.DuckDBPyConnection, of: str, links: Links) -> None:
    """What stays of a record whose pair ends takes no part any more."""
    described = cursor.execute(f"DESCRIBE {of}").fetchall()
    columns = [str(row[0]) for row in described]
    cursor.execute(f"CREATE TABLE {ROWS}.decisions AS FROM {of} LIMIT 0")
    rows = [
        dict.fromkeys(columns)
        | {"mapping": mapping, f"{side}_id": id_, "decision": "ignore", "pinned": False}
        | {"reason": "linked no more", "decided_by": "push", "decided_at": links.at}
        for mapping, side, id_ in links.ignored
    ]
    fill(cursor, f"{ROWS}.decisions", columns, rows)
    cursor.execute(f"CREATE VIEW kept.decisions AS FROM {of} UNION ALL FROM {ROWS}.decisions")


def company_rows(
    laid: Laid,
    before: Mapping[tuple[str, str], Row],
    moved: Iterable[Moved],
) -> None:
    """Lay what has moved in the company file over its snapshot's rows; what was not read stays as it was.

    Args:
        before: The rows as the snapshot has them, by table and key.
        moved: As `CompanyCopy.moved` tells it: balances as what was added to them.
    """
    for table, id_, row, lines in moved:
        if not known(table):
            continue
        column = str(key(table))
        old = before.get((table, id_))
        made = [] if row is None else [_merged(old, row)]
        laid.put(Side.QUICKBOOKS, table, column, id_, made)
        for each in tables(table)[1:]:
            laid.put(Side.QUICKBOOKS, each, column, id_, list(lines.get(each, ())))


def _merged(old: Row | None, row: Row) -> Row:
    if old is None:
        return row
    added: Row = {
        name: old[name] + row[name]
        for name in ("Balance", "TotalBalance")
        if old.get(name) is not None and name in row
    }
    return {**old, **{name: row.get(name) for name in old}, **added}
