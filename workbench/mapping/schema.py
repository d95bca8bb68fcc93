"""The JSON Schema of a mapping file, for editors; made from the reader's own words.

`mappings/mapping.schema.json` is this schema, and the first line of a mapping names it, so that an editor
completes keys and words and underlines what is wrong while one types.  What only the reader can tell (a field
that is written twice, an expression, a circle of references) it does not know.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from workbench.mapping import parts, reader
from workbench.model import Direction, FieldType, How, Operation, Side, Transform, Winner

NAME = "mapping.schema.json"
COMMENT = f"# yaml-language-server: $schema={NAME}\n"
"""The first line of a mapping file beside its schema."""

Schema = dict[str, Any]

DOCS = {
    "version": "Version of this file's format; left out, it is 1.",
    "mapping": "Its name, by which references and commands know it.",
    "title": "What people call it.",
    "notes": "For people; decides nothing.",
    "salesforce": "Where the records are in Salesforce; in a field: the API field, or a list of them.",
    "quickbooks": "Where the records are in QuickBooks; in a field: the API field, or a list of them.",
    "states": "Each direction by its name in the process template, on or off.",
    "operations": "What may be done on each side; a side that is not named is never written.",
    "direction": "Which way values may be written.",
    "winner": "Who is right when both sides could be and no person has decided.",
    "match": "How the same record is recognised on both sides, tried in this order.",
    "fields": "How each field corresponds, by our own word for it. Of a state: those that only it writes, to "
    "linked records (`lines.<name>` for one of the lines).",
    "defaults": "Values by API field, written when a record is added and no field gives one.",
    "lines": "The lines of a document: a mapping of their own.",
    "object": "Object or entity, by its API name.",
    "label": "Field that a person knows a record by.",
    "where": "DuckDB condition over the record's columns; left out: all records.",
    "create_where": "Of a state: a second condition, for records that it would create.",
    "key": "Field that identifies a record; left out: Id, ListID, TxnID or TxnLineID.",
    "related": "Records beside this one, at most one for each; their fields are `Object.Field`.",
    "parent": "Field that holds the document's key.",
    "order": "Field that orders the lines.",
    "to": "The side that it writes to.",
    "on": "Of a state: whether it is on. Of a field: `create`, written once and not compared.",
    "rule": "Its name in reports.",
    "field": "The mapping's field that makes the key.",
    "how": "How the keys are compared.",
    "accept": "Whether a one-to-one match counts without a person.",
    "type": "How the values are compared.",
    "transform": "How the two sides write the same thing differently.",
    "tolerance": "Largest gap that counts as equal, in quotes.",
    "values": "Salesforce's word: QuickBooks' word; other values are the same on both sides.",
    "reference": "The mapping whose records this field points to.",
    "unlinked": "`empty`: a reference to a record that is not linked counts as none; left out, it waits.",
    "required": "A record can't be created on the other side without it.",
    "read": "By side, the SQL expression over its columns that is compared (see expressions.md).",
    "write": "By side that is written, the SQL expression over the other side's columns, or one a field.",
}


def schema() -> Schema:
    """The schema as plain data."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Mapping of the Salesforce and QuickBooks workbench",
        **_table(
            reader.KEYS,
            _mapping(reader.KEYS, _side(parts.SIDE_KEYS)),
            ["mapping", "salesforce", "quickbooks", "fields"],
        ),
    }


def schema_text() -> str:
    """The schema as its file holds it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _mapping(keys: Iterable[str], side: Schema) -> dict[str, Schema]:
    known: dict[str, Schema] = {
        "version": {"type": "integer", "minimum": 1, "maximum": reader.VERSION},
        **{name: _text() for name in ("mapping", "title", "notes")},
        **{each.value: side for each in Side},
        "states": _named(_table(parts.STATE_KEYS, _state(), ["to"])),
        "operations": _by_side({"type": "array", "items": _words(Operation), "uniqueItems": True}),
        "direction": _words(Direction),
        "winner": _words(Winner),
        "match": {"type": ["array", "null"], "items": _table(parts.MATCH_KEYS, _match(), ["rule"])},
        "fields": {**_named(_field()), "minProperties": 1},
        "defaults": _by_side(_named({"type": ["string", "integer", "boolean", "null"]})),
    }
    if "lines" in keys:
        lines = _mapping(reader.LINES_KEYS, _side(parts.LINE_SIDE_KEYS))
        known["lines"] = _table(reader.LINES_KEYS, lines, ["salesforce", "quickbooks", "fields"])
    return {name: known[name] for name in keys}


def _side(keys: tuple[str, ...]) -> Schema:
    related = _table(parts.RELATED_KEYS, {name: _text() for name in parts.RELATED_KEYS}, ["key"])
    known = {name: _named(related) if name == "related" else _text() for name in keys}
    return _table(keys, known, ["object", "parent"] if "parent" in keys else ["object"])


def _state() -> dict[str, Schema]:
    known = {name: _text() for name in parts.STATE_KEYS}
    owned = {"type": ["array", "string"], "items": {"type": "string"}, "minItems": 1}
    return {**known, "to": _words(Side), "on": {"type": "boolean"}, "fields": owned}


def _match() -> dict[str, Schema]:
    names = {"type": "array", "items": {"type": "string"}}
    return {
        "rule": _text(),
        "field": _text(),
        "fields": names,
        "how": _words(How),
        "accept": {"type": "boolean"},
        "notes": _text(),
    }


def _field() -> Schema:
    expression = {"type": "string", "minLength": 1}
    names = {"type": "array", "items": {"type": "string"}, "minItems": 1}
    known: dict[str, Schema] = {
        **{each.value: {"oneOf": [{"type": "string"}, names]} for each in Side},
        "type": _words(FieldType),
        "direction": _words(Direction),
        "winner": _words(Winner),
        "transform": _words(Transform),
        "tolerance": {"type": ["string", "integer"]},
        "values": _named({"type": ["string", "integer", "boolean"]}),
        "reference": _text(),
        "unlinked": {"const": "empty"},
        "required": {"type": "boolean"},
        "on": {"const": "create"},
        "read": _by_side(expression),
        "write": _by_side({"oneOf": [expression, _named(expression)]}),
        "notes": _text(),
    }
    return _table(parts.FIELD_KEYS, known, [each.value for each in Side])


def _table(keys: Iterable[str], known: dict[str, Schema], required: list[str]) -> Schema:
    """A table of known keys; a key that has no schema here is a mistake of ours."""
    return {
        "type": "object",
        "properties": {key: {"description": DOCS[key], **known[key]} for key in keys},
        "required": required,
        "additionalProperties": False,
    }


def _named(value: Schema) -> Schema:
    return {"type": ["object", "null"], "additionalProperties": value}


def _by_side(value: Schema) -> Schema:
    sides = {each.value: value for each in Side}
    return {"type": ["object", "null"], "properties": sides, "additionalProperties": False}


def _words(words: type[StrEnum]) -> Schema:
    return {"enum": [each.value for each in words]}


def _text() -> Schema:
    # A number, true or a date without quotes is text to the reader too.
    return {"type": ["string", "integer", "boolean", "null"]}
