"""Look at some records only: those whose values may have changed, with all that their comparison reads.

`narrow` makes for a mapping and its lines the temporary tables `"<mapping>.<side>.only"` (id, k): the records
that were named, the documents of named lines and all lines of those documents, and the partners of all of
them by the crosswalk; `keep_pairs` makes `"<mapping>.pairs.only"`, the rows of the view of the pairs that are
about them.  What `prepare` and `compute` do then with `only` is exact for these records, and
costs what they cost.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import duckdb

from workbench.model import Mapping, Side
from workbench.normalize.sql import identifier, joined_as_written, key, literal, pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Only:
    """The records to look at, by their keys on each side; keys that a mapping does not know are no matter.

    A document stands for its lines, too; a line for all of its document.
    """

    salesforce: Collection[str] = ()
    quickbooks: Collection[str] = ()

    def ids(self, side: Side) -> Collection[str]:
        return self.salesforce if side is Side.SALESFORCE else self.quickbooks


def only_table(mapping: Mapping, side: Side) -> str:
    """The temporary table of the records of one side that are looked at."""
    return identifier(f"{mapping.name}.{side}.only")


def only_pairs(mapping: Mapping) -> str:
    """The temporary table of the pairs of the records that are looked at."""
    return identifier(f"{mapping.name}.pairs.only")


def among(mapping: Mapping, side: Side, value: str, *, narrowed: bool) -> str:
    """The condition that a key is looked at; always true when all are."""
    return f"{value} IN (SELECT id FROM {only_table(mapping, side)})" if narrowed else "true"


def among_keys(mapping: Mapping, side: Side, value: str) -> str:
    """The condition that the number of a key (`sql.key`) is that of a record that is looked at."""
    return f"{value} IN (SELECT k FROM {only_table(mapping, side)})"


def narrow(
    connection: duckdb.DuckDBPyConnection, mapping: Mapping, only: Only, *, prepared: bool = False
) -> None:
    """Make the tables of `mapping` and its lines.

    Args:
        prepared: The view of the pairs (`prepare_pairs`) is up to date: partners are found by numbers.
    """
    add_partners = _add_kept_partners if prepared else _add_partners
    for side in Side:
        for each in filter(None, (mapping, mapping.lines)):
            connection.execute(
                f"CREATE OR REPLACE TEMP TABLE {only_table(each, side)} AS "
                f"SELECT id, {key('id')} AS k FROM (SELECT DISTINCT unnest(CAST(? AS VARCHAR[])) AS id)",
                [sorted(only.ids(side))],
            )
    both = [each for each in (mapping, mapping.lines) if each is not None]
    while True:
        for each in both:
            add_partners(connection, each)
        # A line's partner may be in a document that is nobody's partner here: that one is looked at as well.
        if mapping.lines is None or not _spread_all(connection, mapping, mapping.lines):
            return


def keep_pairs(connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> None:
    """Make the table of the pairs that are looked at, from their view.

    Their places come first: what is asked of either side is asked of all rows, and only of one column.
    """
    view = pairs(mapping)
    places = " UNION ".join(
        f"SELECT place FROM {view} WHERE {among_keys(mapping, side, f'k_{side}')}" for side in Side
    )
    query = f"SELECT p.* FROM {view} AS p JOIN ({places}) AS o ON o.place = p.place"
    with joined_as_written(connection):
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {only_pairs(mapping)} AS {query}")


def _add_kept_partners(connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> None:
    """Add the partners of the records that are looked at: a large view of pairs is read once."""
    keep_pairs(connection, mapping)
    for side in Side:
        _add(connection, mapping, side, f"SELECT {side}_id AS id FROM {only_pairs(mapping)}")


def _add_partners(connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> None:
    """The same from the crosswalk, where there is no view of the pairs yet."""
    for side in Side:
        linked = (
            f"SELECT {side.other}_id AS id FROM kept.crosswalk WHERE mapping = {literal(mapping.name)} "
            f"AND {among(mapping, side, f'{side}_id', narrowed=True)}"
        )
        _add(connection, mapping, side.other, linked)


def _spread_all(connection: duckdb.DuckDBPyConnection, mapping: Mapping, lines: Mapping) -> int:
    return sum(_spread(connection, mapping, lines, side) for side in Side)


def _spread(connection: duckdb.DuckDBPyConnection, mapping: Mapping, lines: Mapping, side: Side) -> int:
    """Add the documents of the lines, and the lines of the documents; answer how many came."""
    spec = lines.side(side)
    table = f"{side}.{identifier(spec.object)}"
    own_key, parent = (f"CAST({identifier(str(name))} AS VARCHAR)" for name in (spec.key, spec.parent))
    documents = f"SELECT {parent} AS id FROM {table} WHERE {among(lines, side, own_key, narrowed=True)}"
    found = _add(connection, mapping, side, documents)
    own = f"SELECT {own_key} AS id FROM {table} WHERE {among(mapping, side, parent, narrowed=True)}"
    return found + _add(connection, lines, side, own)


def _add(connection: duckdb.DuckDBPyConnection, mapping: Mapping, side: Side, query: str) -> int:
    name = only_table(mapping, side)
    row = connection.execute(
        f"INSERT INTO {name} SELECT DISTINCT id, {key('id')} FROM ({query}) "
        f"WHERE id IS NOT NULL AND id NOT IN (SELECT id FROM {name})"
    ).fetchone()
    return int(row[0]) if row else 0
