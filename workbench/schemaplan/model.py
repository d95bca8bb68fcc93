"""What a schema plan is: custom fields, objects and accounts that mappings want and a system does not have.

A plan is a value: the same mappings, describes and lists give the same bytes, and its id comes from them.
An item's id comes from what would be made and not from who wants it, so that an approval holds while a
mapping is only edited elsewhere, and no longer when the field's type changes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cached_property
from typing import Any

from workbench.errors import Problem, WorkbenchError
from workbench.model import Side

VERSION = 1
"""Of the form of a plan's content."""


class Kind(StrEnum):
    """What would be made."""

    ACCOUNT = "account"  # in QuickBooks' chart of accounts (AccountAdd)
    CUSTOM_FIELD = "custom field"  # of QuickBooks (DataExtDefAdd)
    OBJECT = "object"  # custom object in Salesforce
    FIELD = "field"  # custom field in Salesforce

    @property
    def side(self) -> Side:
        return Side.QUICKBOOKS if self in (Kind.ACCOUNT, Kind.CUSTOM_FIELD) else Side.SALESFORCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Who wants an item.

    Attributes:
        mapping: Name of the mapping, `<name>.lines` for its lines.
        states: Its states that are on and use it.
        role: What for: 'field', 'match key', 'line id', 'default', 'filter', 'gate', 'object' or 'parent'.
        name: Name of the field map, default, rule or state.
        where: File and line.
        without: What happens without it, one sentence without a full stop.
        optional: Whether the mapping does its work without it, links being kept in the crosswalk.
    """

    mapping: str
    states: tuple[str, ...]
    role: str
    name: str
    where: str
    without: str
    optional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to make.

    Attributes:
        object: Salesforce object, or QuickBooks' lists that get the field joined by ';'; 'Account' for one.
        name: API name in Salesforce, DataExtName or account's full name in QuickBooks.
        details: What it shall be: for QuickBooks the fields of the Add; for Salesforce the elements of its
            metadata, e.g. {'type': 'Text', 'length': 36, 'unique': True}.
        reasons: Who wants it, in the order of the mappings.
        after: Ids of items that must be there first.
        hold: Why it cannot be made; '' when it can.
        note: What a person should know all the same.
    """

    kind: Kind
    object: str
    name: str
    details: Mapping[str, Any]
    reasons: tuple[Reason, ...] = ()
    after: tuple[str, ...] = ()
    hold: str = ""
    note: str = ""

    @property
    def side(self) -> Side:
        return self.kind.side

    @property
    def id(self) -> str:
        """`sc-` and 12 hexadecimal digits of what would be made."""
        made = [self.kind, self.object, self.name, dict(self.details)]
        return "sc-" + hashlib.sha256(_canonical(made).encode()).hexdigest()[:12]

    @property
    def label(self) -> str:
        """How a person calls it."""
        match self.kind:
            case Kind.ACCOUNT:
                return f"account {self.name} ({self.details['AccountType']})"
            case Kind.CUSTOM_FIELD:
                return f"custom field {self.name} of {self.object.replace(';', ' and ')}"
            case Kind.OBJECT:
                return f"object {self.name}"
            case Kind.FIELD:
                return f"field {self.object}.{self.name} ({shown_type(self.details)})"

    @property
    def optional(self) -> bool:
        """Whether everything that wants it works without it."""
        return all(reason.optional for reason in self.reasons)

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is, whatever its type: a plan holds each key once."""
        owner = self.object if self.kind is Kind.FIELD else ""
        return (self.kind, owner.casefold(), self.name.casefold())


def shown_type(details: Mapping[str, Any]) -> str:
    """A Salesforce field's type as a person reads it, e.g. 'Text(36), unique, external id'."""
    size = details.get("length") or ""
    if details.get("precision"):
        size = f"{details['precision'] - details.get('scale', 0)}, {details.get('scale', 0)}"
    words = [f"{details['type']}({size})" if size else str(details["type"])]
    if details.get("referenceTo"):
        words[0] += f" to {details['referenceTo']}"
    words += [
        word for name, word in (("unique", "unique"), ("externalId", "external id")) if details.get(name)
    ]
    return ", ".join(words)


@dataclass(frozen=True)
class SchemaPlan:
    """All that is wanted and not there.

    Attributes:
        profile: Name of the profile.
        items: What would be made, parents first, QuickBooks before Salesforce.
        problems: What stands in the way and needs a person: names that are taken, or too long.
    """

    profile: str
    items: tuple[Item, ...] = ()
    problems: tuple[Problem, ...] = field(default=())

    @cached_property
    def content(self) -> str:
        """Canonical JSON lines: a header, then one line for each item and problem."""
        header = {"form": VERSION, "schema plan": self.profile}
        lines = [header, *(_written(item) for item in self.items), *(_told(each) for each in self.problems)]
        return "".join(_canonical(line) + "\n" for line in lines)

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of the content."""
        return hashlib.sha256(self.content.encode()).hexdigest()

    @property
    def id(self) -> str:
        """`sp-` and the first 12 hexadecimal digits of the content's hash."""
        return "sp-" + self.content_hash[:12]

    @property
    def approvable(self) -> tuple[Item, ...]:
        """The items that nothing holds back."""
        return tuple(item for item in self.items if not item.hold)

    @cached_property
    def by_id(self) -> Mapping[str, Item]:
        return {item.id: item for item in self.items}

    def on(self, side: Side) -> tuple[Item, ...]:
        """The items of one side."""
        return tuple(item for item in self.items if item.side is side)

    def with_parents(self, ids: Iterable[str]) -> tuple[str, ...]:
        """The ids together with those that must be there first."""
        wanted: dict[str, None] = {}
        waiting = list(ids)
        while waiting:
            each = waiting.pop()
            if each not in wanted and each in self.by_id:
                wanted[each] = None
                waiting += self.by_id[each].after
        return tuple(item.id for item in self.items if item.id in wanted)


def read_plan(content: str) -> SchemaPlan:
    """The plan that was written as `content`.

    Raises:
        WorkbenchError: It is no schema plan of a form that this workbench reads.
    """
    header, *lines = [json.loads(line) for line in content.splitlines()] or [{}]
    if header.get("form") != VERSION:
        raise WorkbenchError(
            "this is no schema plan that can be read",
            values={"form": header.get("form"), "this workbench reads": VERSION},
            fix="Make it again with `workbench schema plan`.",
        )
    return SchemaPlan(
        header["schema plan"],
        tuple(_read(line) for line in lines if "kind" in line),
        tuple(Problem(**line["problem"]) for line in lines if "problem" in line),
    )


def _written(item: Item) -> dict[str, Any]:
    reasons = [{each.name: getattr(reason, each.name) for each in fields(reason)} for reason in item.reasons]
    made = {each.name: getattr(item, each.name) for each in fields(item)}
    return made | {"details": dict(item.details), "reasons": reasons, "id": item.id}


def _told(problem: Problem) -> dict[str, Any]:
    values = {name: str(value) for name, value in problem.values.items()}
    return {
        "problem": {each.name: getattr(problem, each.name) for each in fields(problem)} | {"values": values}
    }


def _read(line: Mapping[str, Any]) -> Item:
    reasons = tuple(Reason(**{**each, "states": tuple(each["states"])}) for each in line["reasons"])
    values = {each.name: line[each.name] for each in fields(Item)}
    return Item(**{**values, "kind": Kind(line["kind"]), "reasons": reasons, "after": tuple(line["after"])})


def _canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
