"""Read the compact tables in which the facts of qbXML are written down.

One element a line, in the order of the message:

    Name             name(41)         Amr
    ParentRef        ref(Customer)    amr
    SalesOrPurchase  group            amr   one=branch!  mod=SalesOrPurchaseMod
      Price          price            amr   one=price

The third column says where it occurs: `a` Add, `A` Add and required, `m` Mod, `r` Ret; and with `v` that the
value is volatile.  `one=WORD` marks elements that exclude each other, `one=WORD!` that one of them must be
sent, `one=WORD.BRANCH` elements that go together in such a choice.  `mod=TAG` and `ret=TAG` tell another
tag in a Mod or Ret, `many` that the element may occur several times.  Indented lines are children.
`use FRAGMENT` puts the lines of a fragment here.  `ref(A|B,159)` is a reference to A or B whose FullName
holds at most 159 characters; without a number qbXML states no limit.
An element may stand twice where Add, Mod and Ret order it differently.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import cast, get_args

from qbwc.descriptor.model import Element, Kind

_TYPE = re.compile(r"(?P<kind>[a-z]+)(?:\((?P<args>[^)]*)\))?$")
_KINDS = frozenset(get_args(Kind))


def elements(
    table: str, fragments: Mapping[str, str], enums: Mapping[str, tuple[str, ...]]
) -> tuple[Element, ...]:
    """The elements that a table describes; `ValueError` names the line that cannot be read."""
    lines = [line for line in table.splitlines() if line.strip()]
    made, used = _block(lines, 0, _indent(lines[0]), fragments, enums)
    if used != len(lines):
        raise ValueError(f"line {used + 1} is indented less than the first: {lines[used]!r}")
    return made


def _block(
    lines: list[str], at: int, depth: int, fragments: Mapping[str, str], enums: Mapping[str, tuple[str, ...]]
) -> tuple[tuple[Element, ...], int]:
    made: list[Element] = []
    while at < len(lines) and _indent(lines[at]) >= depth:
        if _indent(lines[at]) > depth:
            children, at = _block(lines, at, _indent(lines[at]), fragments, enums)
            made[-1] = replace(made[-1], children=children)
            continue
        words = lines[at].split()
        at += 1
        if words[0] == "use":
            made.extend(elements(fragments[words[1]], fragments, enums))
        else:
            made.append(_element(words, fragments, enums))
    return tuple(made), at


def _element(words: list[str], fragments: Mapping[str, str], enums: Mapping[str, tuple[str, ...]]) -> Element:
    name, typed, where, *options = words
    shape = _TYPE.match(typed)
    if shape is None:
        raise ValueError(f"type {typed!r} of {name} cannot be read")
    kind, args = shape["kind"], shape["args"] or ""
    told = dict(option.partition("=")[::2] for option in options)
    choice, _, branch = told.get("one", "").rstrip("!").partition(".")
    element = Element(
        name=name,
        kind="group" if kind == "fragment" else _kind(kind),
        add=where[0] in "aA",
        required=where[0] == "A",
        mod="m" in where,
        ret="r" in where,
        volatile="v" in where,
        choice=choice or None,
        branch=branch,
        required_choice=told.get("one", "").endswith("!"),
        mod_tag=told.get("mod"),
        ret_tag=told.get("ret"),
        many="many" in told,
    )
    if kind == "fragment":
        return replace(element, children=elements(fragments[args], fragments, enums))
    if kind == "enum":
        return replace(element, values=enums[args])
    if kind == "ref":
        return _reference(element, args)
    return replace(element, limit=int(args) if args else _LIMITS.get(kind))


def _kind(word: str) -> Kind:
    if word not in _KINDS:
        raise ValueError(f"unknown type {word!r}; known are {', '.join(sorted(_KINDS))}")
    return cast(Kind, word)


# Longest values that follow from the type alone.
_LIMITS = {"id": 36, "edit": 16, "guid": 38}


def _reference(element: Element, args: str) -> Element:
    targets, _, limit = args.partition(",")
    return replace(
        element,
        refers=tuple(targets.split("|")),
        children=(
            Element(name="ListID", kind="id", limit=36, add=True, mod=True, ret=True),
            Element(
                name="FullName",
                kind="text",
                limit=int(limit) if limit else None,
                add=True,
                mod=True,
                ret=True,
            ),
        ),
    )


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
