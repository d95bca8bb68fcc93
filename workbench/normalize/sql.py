"""Small pieces of DuckDB SQL: quoted names and texts, and the names of the tables made here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import duckdb

from workbench.model import Mapping, Side


def identifier(name: str) -> str:
    """A name as DuckDB takes it, whatever characters it holds."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text constant; only for names and words of a mapping (values of records go as parameters)."""
    return "'" + text.replace("'", "''") + "'"


def listed(parts: Iterable[str], indent: int = 2) -> str:
    """Parts of a SELECT list, one a line."""
    return (",\n" + " " * indent).join(parts)


def canonical(mapping: Mapping, side: Side) -> str:
    """The view of comparable columns of one side, each row with its `place`."""
    return canonical_of(mapping.name, side)


def canonical_of(name: str, side: Side) -> str:
    """`canonical` of a mapping by its name: a mapping of lines knows no more of that of its documents."""
    return f"work.{identifier(f'{name}.{side}')}"


def pairs(mapping: Mapping) -> str:
    """The view of the confirmed pairs, each with its `place`."""
    return pairs_of(mapping.name)


def pairs_of(name: str) -> str:
    """`pairs` of a mapping by its name."""
    return f"work.{identifier(f'{name}.pairs')}"


def rows(view: str) -> str:
    """The table behind one of these views."""
    return f'{view[:-1]}.rows"'


def key(value: str) -> str:
    """A key as a number of 128 bits, its MD5: joined on it, a million rows cost half of what texts cost."""
    return f"md5_number({value})"


def placed(view: str, table: str, columns: str = "*") -> str:
    """Make the view of a table, each row with its place: reading some rows by it spares the others."""
    return f"CREATE OR REPLACE VIEW {view} AS SELECT {columns}, rowid AS place FROM {table}"


def raw(mapping: Mapping, side: Side) -> str:
    """The view of raw values as text, columns `raw:<API field>`."""
    return f"work.{identifier(f'{mapping.name}.{side}.raw')}"


def computed(mapping: Mapping, side: Side) -> str:
    """The temporary table of what the expressions of one side gave, columns `x:<field>`."""
    return identifier(f"{mapping.name}.{side}.computed")


def base(mapping: Mapping) -> str:
    """The view of the base in comparable columns, `s:<field>` and `q:<field>`, each row with its `place`."""
    return f"work.{identifier(f'{mapping.name}.base')}"


def gate_columns(mapping: Mapping, side: Side) -> dict[str, str]:
    """Columns and conditions of the gates of the states that read a side."""
    states = [each for each in mapping.states if each.to is side.other]
    gates = {f"gate:{each.name}": each.where for each in states}
    gates |= {f"create gate:{each.name}": each.create_where for each in states}
    return {name: gate for name, gate in gates.items() if gate}


def tried(condition: str, side: Side) -> str:
    """A condition that is no more than not true where it fails on a record.

    DuckDB takes no subquery in TRY: one that looks into another table still stops its query.
    """
    from workbench.expressions.conditions import read_condition

    return f"({condition}\n)" if read_condition(condition, side).tables else f"TRY(({condition}\n))"


def unread() -> str:
    """The table of records that an expression fails on."""
    return "work.unread"


@contextmanager
def failures_kept_apart(
    connection: duckdb.DuckDBPyConnection, mapping: Mapping, *, conditions: bool = False
) -> Iterator[None]:
    """Let TRY hold for each record, in a block that evaluates the expressions (or conditions) of a mapping.

    DuckDB 2.0.0 moves what two expressions have in common out of their TRY, and one record that can't be
    read then stops the query: that step of its optimizer is left out.
    """
    if conditions or any(field.expressions for field in mapping.fields):
        with _without(connection, "common_subexpressions"):
            yield
    else:
        yield


@contextmanager
def joined_as_written(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let joins run as they are written, the right side of each held in memory, in a block.

    Nobody can estimate how many rows a place finds: left to itself, DuckDB reads whole tables for a few rows.
    """
    with _without(connection, "join_order", "build_side_probe_side"):
        yield


@contextmanager
def _without(connection: duckdb.DuckDBPyConnection, *steps: str) -> Iterator[None]:
    """Leave out steps of the optimizer, in a block."""
    row = connection.execute("SELECT current_setting('disabled_optimizers')").fetchone()
    before = str(row[0] or "") if row else ""
    kept = [each for each in before.split(",") if each]
    connection.execute("SET disabled_optimizers = ?", [",".join([*kept, *steps])])
    try:
        yield
    finally:
        connection.execute("SET disabled_optimizers = ?", [before])
