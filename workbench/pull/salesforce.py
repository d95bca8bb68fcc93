"""Pull Salesforce objects into a snapshot: describe first, then one query an object."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from workbench.connections.salesforce import Row, SalesforceConnection
from workbench.errors import ConnectionProblem
from workbench.snapshots import Column, Snapshot, TableData, publish, write_file
from workbench.store import Store

Progress = Callable[[str, str, int], None]
"""Told (side, object, rows so far)."""

_TYPES: Mapping[str, str] = {"boolean": "BOOLEAN", "int": "BIGINT", "date": "DATE", "datetime": "TIMESTAMP"}
_NUMBERS = ("currency", "double", "percent")
_LEFT_OUT = ("address", "location", "base64", "anyType", "complexvalue")
"""Compound and binary fields: their parts are fields of their own."""

_KEPT = (
    "name", "label", "type", "length", "precision", "scale", "nillable", "createable", "updateable",
    "defaultedOnCreate", "referenceTo", "picklistValues", "restrictedPicklist", "externalId", "unique",
    "calculated",
)  # fmt: skip


def pull_salesforce(
    connection: SalesforceConnection,
    store: Store,
    folder: Path,
    objects: Iterable[str],
    progress: Progress = lambda *_: None,
) -> Snapshot:
    """Read objects into a new snapshot and publish it.

    Raises:
        ConnectionProblem: The org cannot be reached, or an object does not exist; nothing is published.
    """
    started_at = datetime.now(UTC)
    describes = {name: describe(connection, name) for name in objects}
    id_ = f"salesforce-{started_at:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    file = folder / "salesforce" / f"{id_}.duckdb"
    counts = write_file(file, _tables(connection, describes, progress))
    snapshot = Snapshot(
        id=id_,
        side="salesforce",
        file=file,
        started_at=started_at,
        ended_at=datetime.now(UTC),
        counts=counts,
        describes=describes,
    )
    publish(store, snapshot)
    return snapshot


def describe(connection: SalesforceConnection, name: str) -> Row:
    """Answer what an object can hold, without what the workbench does not use."""
    full = connection.describe(name)
    fields = [{key: field.get(key) for key in _KEPT} for field in full["fields"]]
    return {"name": full["name"], "label": full["label"], "fields": fields} | {
        key: full.get(key) for key in ("createable", "updateable", "queryable")
    }


def columns(described: Row) -> list[Column]:
    """Answer the snapshot columns of an object: all its simple fields, typed."""
    return [
        Column(field["name"], _column_type(field))
        for field in described["fields"]
        if field["type"] not in _LEFT_OUT
    ]


def _column_type(field: Row) -> str:
    if field["type"] in _NUMBERS:
        precision = min(max(int(field["precision"] or 18), 1), 38)
        return f"DECIMAL({precision},{min(int(field['scale'] or 0), precision)})"
    return _TYPES.get(field["type"], "VARCHAR")


def _tables(
    connection: SalesforceConnection, describes: Mapping[str, Row], progress: Progress
) -> Iterator[TableData]:
    for name, described in describes.items():
        table_columns = columns(described)
        progress("salesforce", name, 0)
        yield TableData(
            name=name, columns=table_columns, rows=_rows(connection, name, table_columns, progress)
        )


def _rows(
    connection: SalesforceConnection, name: str, table_columns: Sequence[Column], progress: Progress
) -> Iterator[Row]:
    converters = {column.name: _converter(column) for column in table_columns}
    soql = f"SELECT {', '.join(converters)} FROM {name}"
    count = 0
    for count, record in enumerate(connection.query(soql), start=1):
        yield {key: _value(converters[key], record.get(key), name, key) for key in converters}
        if count % 500 == 0:
            progress("salesforce", name, count)
    progress("salesforce", name, count)


def _value(convert: Callable[[Any], Any], value: Any, name: str, key: str) -> Any:
    if value is None:
        return None
    try:
        return convert(value)
    except (ValueError, ArithmeticError, TypeError) as error:
        raise ConnectionProblem(
            "Salesforce sent a value that its own describe does not allow",
            where=f"{name}.{key}",
            values={"value": value},
            fix="Pull again; please report it if it comes back.",
        ) from error


def _converter(column: Column) -> Callable[[Any], Any]:
    if column.type.startswith("DECIMAL"):
        return lambda value: Decimal(str(value))
    simple: Mapping[str, Callable[[Any], Any]] = {
        "DATE": date.fromisoformat,
        "TIMESTAMP": naive_utc,
        "BIGINT": int,
        "BOOLEAN": bool,
    }
    return simple.get(column.type, str)


def naive_utc(text: str) -> datetime:
    """Answer a Salesforce time (`2026-03-02T09:14:00.000+0000`) as naive UTC, as snapshots keep it."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)
