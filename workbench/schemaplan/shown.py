"""Items of a schema plan as a person reads them: a block of short lines each, as wide as the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from workbench.model import Side
from workbench.schemaplan.model import Item, Kind, Reason, shown_type

LOSSES = 3
"""How many different losses a block tells; all of them are in `--all`."""

_INDENT = 14
_MADE = {
    Side.QUICKBOOKS: "QuickBooks, by `workbench schema apply`",
    Side.SALESFORCE: "Salesforce, by its administrator: `workbench schema package`",
}


def block(item: Item, state: str, detail: str, *, width: int, everything: bool = False) -> str:
    """What, where it is made, what for, what is lost without it, and how far it is."""
    lines = [f"{item.id}  {_what(item)}"]
    for name, texts in _parts(item, state, detail, everything):
        lines += _told(name, texts, width, whole=everything or name != "for")
    return "\n".join(lines)


def _parts(item: Item, state: str, detail: str, everything: bool) -> Iterator[tuple[str, Sequence[str]]]:
    if kind := type_of(item):
        yield "type", [kind]
    yield "made in", [_MADE[item.side]]
    yield "for", [*_each_reason(item.reasons)] if everything else uses(item)
    yield "without it", [*losses(item)] if everything else short_losses(item)
    yield "needed", ["no: the mappings do their work without it" if item.optional else "yes"]
    if state or detail:
        yield state or "note", [detail or "yes"]


def type_of(item: Item) -> str:
    """Its type in the words of the system that holds it; '' for an object."""
    match item.kind:
        case Kind.ACCOUNT:
            return str(item.details["AccountType"])
        case Kind.CUSTOM_FIELD:
            return "text"
        case Kind.FIELD:
            return shown_type(item.details)
    return ""


def uses(item: Item) -> list[str]:
    """What for, one line a mapping."""
    by_mapping: dict[str, list[Reason]] = {}
    for reason in item.reasons:
        by_mapping.setdefault(reason.mapping, []).append(reason)
    return [f"{name}: {_roles(reasons)} ({_states(reasons)})" for name, reasons in by_mapping.items()]


def losses(item: Item) -> list[str]:
    """What is lost without it, each once, what stops a mapping first."""
    ordered = sorted(item.reasons, key=lambda reason: reason.optional)
    return list(dict.fromkeys(reason.without for reason in ordered))


def short_losses(item: Item) -> list[str]:
    """The first losses; where something cannot run without the item, only those that stop it."""
    told = list(dict.fromkeys(each.without for each in item.reasons if not each.optional)) or losses(item)
    more = len(told) - LOSSES
    return [*told[:LOSSES], f"and {more} more"] if more > 0 else told


def _what(item: Item) -> str:
    match item.kind:
        case Kind.FIELD:
            return f"field {item.object}.{item.name}"
        case Kind.ACCOUNT:
            return f"account {item.name}"
    return item.label


def _roles(reasons: Iterable[Reason]) -> str:
    """E.g. 'object, 9 fields, default Type__c'."""
    by_role: dict[str, list[str]] = {}
    for each in reasons:
        by_role.setdefault(each.role, []).append(each.name)
    told = []
    for role, names in by_role.items():
        if len(names) > 1:
            told.append(f"{len(names)} {role}s")
        else:
            told.append(role if role in ("object", "filter") else f"{role} {names[0]}")
    return ", ".join(told)


def _states(reasons: Iterable[Reason]) -> str:
    first, *more = dict.fromkeys(state for each in reasons for state in each.states)
    return f"{first} and {len(more)} more" if more else first


def _each_reason(reasons: Iterable[Reason]) -> Iterator[str]:
    for each in reasons:
        yield f"{each.mapping}: {each.role} {each.name} ({', '.join(each.states)}), {each.where}"


def _told(name: str, texts: Iterable[str], width: int, *, whole: bool) -> Iterator[str]:
    """Lines of a part, no word broken; one line a text unless all of it is wanted."""
    room = width - _INDENT
    for number, text in enumerate(texts):
        head = f"  {name}".ljust(_INDENT) if number == 0 else " " * _INDENT
        short = text if whole else textwrap.shorten(text, room, placeholder=" ...", break_on_hyphens=False)
        for line in textwrap.wrap(short, room, break_long_words=False, break_on_hyphens=False):
            yield head + line
            head = " " * _INDENT
