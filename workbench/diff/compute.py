"""Compute the differences of one mapping and its lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as ReadOnly

import duckdb

from workbench.diff.decided import latest_decisions
from workbench.diff.followers import follow, hold_references
from workbench.diff.pairs import find_touched, live_pairs
from workbench.diff.records import record_differences
from workbench.diff.resolve import field_differences
from workbench.diff.setting import set_values
from workbench.diff.states import Open
from workbench.diff.tables import create_differences, others, write_differences
from workbench.model import Mapping, Side
from workbench.normalize import Only, keep_pairs, narrow, prepare, prepare_base, prepare_pairs
from workbench.normalize.sql import joined_as_written


def compute(
    connection: duckdb.DuckDBPyConnection,
    mapping: Mapping,
    *,
    states: ReadOnly[str, bool] | None = None,
    zone: str | None = None,
    prepared: bool = False,
    only: Only | None = None,
) -> None:
    """Put the differences of `mapping` and its lines into `work.differences`, in the place of older ones.

    Mappings are computed in the order of `load_mappings`: whether a referenced record will be created is
    read from the rows of its mapping.

    Args:
        states: On or off by state name, instead of what the mapping says.
        zone: Time zone of the QuickBooks computer; without it winner `newest` is left to a person.
        prepared: The canonical tables, the base and the pairs are up to date.
        only: Look at these records, the lines and documents that go with them, and their partners; at all
            without it.  Rows about other records stay in `work.differences` as they are, except that
            references and values that follow (`followers`) are judged again over all rows of the mapping:
            a row that was held because of another one is not released.  Without `prepared` the canonical
            tables then hold these records alone, so that it costs what they cost; checks of the data (keys,
            values that can't be read) see no others either.

    Raises:
        DiffError: A table can't be prepared, or a record is in two confirmed pairs.
    """
    compare(connection, mapping, states=states, zone=zone, prepared=prepared, only=only)
    settle(connection, mapping, states=states, narrowed=only is not None and not prepared)


def compare(
    connection: duckdb.DuckDBPyConnection,
    mapping: Mapping,
    *,
    states: ReadOnly[str, bool] | None = None,
    zone: str | None = None,
    prepared: bool = False,
    only: Only | None = None,
    besides: Callable[[Mapping], Sequence[str]] | None = None,
) -> None:
    """The first part of `compute`: what each row says by itself, whatever becomes of other rows.

    Args:
        besides: Answers queries of the rows about records that `only` leaves out; without it those that
            stand in `work.differences` stay.
    """
    create_differences(connection)
    both = [mapping, *([mapping.lines] if mapping.lines else [])]
    narrowed = only is not None
    if only is not None:
        narrow(connection, mapping, only, prepared=prepared)
    for each in both:
        if not prepared:
            prepare_all(connection, each, zone, narrowed=narrowed)
            if narrowed:
                keep_pairs(connection, each)
    for each in both:
        rest = besides(each) if besides else [others(each, "work.differences")] if narrowed else []
        _compute(connection, Open.of(each, states), rest, narrowed=narrowed)


def settle(
    connection: duckdb.DuckDBPyConnection,
    mapping: Mapping,
    *,
    states: ReadOnly[str, bool] | None = None,
    narrowed: bool = False,
) -> None:
    """The second part of `compute`: what depends on other rows, of this mapping and of those before it.

    Args:
        narrowed: The canonical tables hold some records only.
    """
    both = [mapping, *([mapping.lines] if mapping.lines else [])]
    hold_references(connection, [Open.of(each, states) for each in both], narrowed=narrowed)
    follow(connection, mapping)


def prepare_all(
    connection: duckdb.DuckDBPyConnection, mapping: Mapping, zone: str | None, *, narrowed: bool = False
) -> None:
    """Make the canonical tables of both sides, and those of the base and of the pairs."""
    for side in Side:
        prepare(connection, mapping, side, zone=zone, narrowed=narrowed)
    prepare_base(connection, mapping, narrowed=narrowed)
    prepare_pairs(connection, mapping, narrowed=narrowed)


def _compute(
    connection: duckdb.DuckDBPyConnection, opened: Open, rest: Sequence[str], *, narrowed: bool
) -> None:
    mapping = opened.mapping
    latest_decisions(connection, mapping)
    find_touched(connection, mapping, narrowed=narrowed)
    queries = [*rest]
    if mapping.compared and live_pairs(connection):
        queries.append(field_differences(connection, opened))
    queries += record_differences(connection, opened)
    with joined_as_written(connection):
        write_differences(connection, mapping, queries)
    set_values(connection, opened)
