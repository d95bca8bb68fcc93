"""Duplicate rules: what a save answers when the org knows such a record already.

The payload's member is spelled `duplicateResut`, as recorded from real orgs (reference, section 6).  A
caller gets past a rule that only alerts with `Sforce-Duplicate-Rule-Header: allowSave=true`; a rule that
blocks holds whatever the header says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from .errors import OrgError
from .schema import ObjectDef
from .store import Database, Record
from .values import Value

Json = dict[str, object]
ASK = "Use one of these records?"


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateRule:
    """Records of an object are duplicates when all these fields are equal, whatever their case.

    Attributes:
        allow_save: The rule alerts only; False blocks.
    """

    object: str
    fields: tuple[str, ...]
    name: str = ""
    allow_save: bool = True
    message: str = ASK

    @property
    def title(self) -> str:
        return self.name or f"Standard_{self.object}_Duplicate_Rule"


def duplicate_rule(told: Mapping[str, object]) -> DuplicateRule:
    """A rule from data: object, fields, and if wanted name, allow_save, message.

    Raises:
        ValueError: a member is missing, unknown or of another type.
    """
    fields, alert = told.get("fields"), told.get("allow_save", True)
    unknown = set(told) - {"object", "fields", "name", "allow_save", "message"}
    if unknown or not isinstance(fields, list) or not fields or not isinstance(alert, bool):
        raise ValueError(f"a duplicate rule names an object and a list of its fields, unlike {dict(told)}")
    return DuplicateRule(
        object=str(told.get("object")),
        fields=tuple(str(name) for name in fields),
        name=str(told.get("name", "")),
        allow_save=alert,
        message=str(told.get("message", ASK)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateOptions:
    """What a request says of duplicates."""

    allow_save: bool = False
    include_details: bool = False


def read_header(text: str | None) -> DuplicateOptions:
    """`allowSave=true; includeRecordDetails=true`; parts that aren't known are ignored, as really."""
    parts = (part.partition("=") for part in re.split("[;,]", text or ""))
    said = {name.strip().lower(): value.strip().lower() == "true" for name, _, value in parts}
    return DuplicateOptions(
        allow_save=said.get("allowsave", False), include_details=said.get("includerecorddetails", False)
    )


def refuse_duplicates(
    db: Database,
    rules: Sequence[DuplicateRule],
    options: DuplicateOptions,
    obj: ObjectDef,
    old: Record | None,
    new: Record,
) -> None:
    """Ask every rule of the object; an update is checked when it changes a field of the rule.

    Raises:
        OrgError: DUPLICATES_DETECTED, with the matches.
    """
    for rule in rules:
        if rule.object != obj.name or (rule.allow_save and options.allow_save):
            continue
        if old is not None and all(_folded(old.get(f)) == _folded(new.get(f)) for f in rule.fields):
            continue
        if found := _matches(db, rule, obj, new):
            raise OrgError(
                "DUPLICATES_DETECTED",
                rule.message,
                extra={"duplicateResut": _payload(rule, options, obj, found)},
            )


def _matches(db: Database, rule: DuplicateRule, obj: ObjectDef, new: Record) -> list[Record]:
    if any(new.get(name) is None for name in rule.fields):
        return []
    first = rule.fields[0]
    return [
        record
        for record in db.find(obj, first, new[first])
        if record["Id"] != new["Id"] and all(_folded(record[f]) == _folded(new[f]) for f in rule.fields)
    ]


def _folded(value: Value) -> Value:
    return value.lower() if isinstance(value, str) else value


def _payload(rule: DuplicateRule, options: DuplicateOptions, obj: ObjectDef, found: list[Record]) -> Json:
    matches = [
        {
            "additionalInformation": [],
            "fieldDiffs": [],
            "matchConfidence": Decimal(100),
            "record": _record(rule, options, obj, record),
        }
        for record in found
    ]
    result = {
        "entityType": obj.name,
        "errors": [],
        "matchEngine": "ExactMatchEngine",
        "matchRecords": matches,
        "rule": rule.title.replace("Duplicate_Rule", "Match_Rule"),
        "size": len(matches),
        "success": True,
    }
    return {
        "allowSave": rule.allow_save,
        "duplicateRule": rule.title,
        "duplicateRuleEntityType": obj.name,
        "errorMessage": rule.message,
        "matchResults": [result],
    }


def _record(rule: DuplicateRule, options: DuplicateOptions, obj: ObjectDef, record: Record) -> Json:
    address = f"/services/data/v64.0/sobjects/{obj.name}/{record['Id']}"
    shown: Json = {"attributes": {"type": obj.name, "url": address}, "Id": record["Id"]}
    return {**shown, **{f: record[f] for f in rule.fields}} if options.include_details else shown
