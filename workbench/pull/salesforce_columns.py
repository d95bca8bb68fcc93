"""The columns of a Salesforce object in a snapshot, and how a value comes into its type."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from workbench.connections.salesforce import Row, SalesforceConnection
from workbench.errors import ConnectionProblem
from workbench.snapshots import Column

_TYPES: Mapping[str, str] = {
    "boolean": "BOOLEAN",
    "int": "BIGINT",
    "long": "BIGINT",
    "date": "DATE",
    "datetime": "TIMESTAMP",
}
_NUMBERS = ("currency", "double", "percent")
_LEFT_OUT = ("address", "location", "base64", "anyType", "complexvalue")
"""Compound and binary fields: their parts are fields of their own, and Bulk API 2.0 refuses them."""

_KEPT = (
    "name", "label", "type", "length", "precision", "scale", "nillable", "createable", "updateable",
    "defaultedOnCreate", "referenceTo", "relationshipName", "picklistValues", "restrictedPicklist",
    "externalId", "unique", "idLookup", "calculated", "autoNumber", "digits", "caseSensitive", "defaultValue",
)  # fmt: skip


def describe(connection: SalesforceConnection, name: str) -> Row:
    """Answer what an object can hold, without what the workbench does not use."""
    full = connection.describe(name)
    fields = [{key: field.get(key) for key in _KEPT} for field in full["fields"]]
    return {"name": full["name"], "label": full["label"], "fields": fields} | {
        key: full.get(key) for key in ("createable", "updateable", "queryable", "deletable")
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


def converted(record: Row, name: str, converters: Mapping[str, Callable[[Any], Any]]) -> Row:
    """Answer a record of REST in the types of its columns.

    Raises:
        ConnectionProblem: A value is not of the kind that the describe promises.
    """
    return {key: _value(convert, record.get(key), name, key) for key, convert in converters.items()}


def converters(table_columns: Sequence[Column]) -> dict[str, Callable[[Any], Any]]:
    """Answer for each column what makes its value of the one in the JSON."""
    return {column.name: _converter(column) for column in table_columns}


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
