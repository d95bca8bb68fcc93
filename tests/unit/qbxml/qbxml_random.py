"""Random fields of records, as hypothesis strategies over our own tables.

What these strategies make is what the checks accept: the longest texts, every character of Windows-1252, one
alternative of each choice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from qbwc.descriptor import Change, Element, Entity, describe, leaves

# Every character that Windows-1252 has and XML takes.
_CHARACTERS = "".join(
    bytes([code]).decode("cp1252", "ignore") for code in (*range(0x20, 0x7F), *range(0x80, 0x100))
)
_NO_COLON = _CHARACTERS.replace(":", "")
GUID = "{" + "a" * 8 + "-1111-2222-3333-" + "b" * 12 + "}"
# qbXML has no empty value of these.
_NEVER_EMPTY = ("bool", "int", "guid", "rate", "enum")


def digits(places: int, decimals: int) -> st.SearchStrategy[Decimal]:
    most = Decimal(10) ** places - Decimal(1).scaleb(-decimals)
    return st.decimals(-most, most, places=decimals, allow_nan=False, allow_infinity=False)


def value(element: Element) -> st.SearchStrategy[Any]:
    """Values that our own checks accept, the longest often among them."""
    limit = element.limit or 60
    texts: dict[str, st.SearchStrategy[Any]] = {
        "text": st.text(_CHARACTERS, min_size=1, max_size=min(limit, 60)) | st.just("x" * limit),
        "name": st.text(_NO_COLON, min_size=1, max_size=limit) | st.just("x" * limit),
    }
    others: dict[str, st.SearchStrategy[Any]] = {
        "email": texts["text"],
        "id": st.just("80000001-1234567890") | st.just("x" * 36),
        "guid": st.just(GUID) | st.just("0"),
        "bool": st.booleans(),
        "int": st.integers(-(10**9), 10**9),
        "amount": digits(13, 2),
        "price": digits(10, 5),
        "quantity": digits(10, 5),
        "percent": digits(10, 5),
        "rate": digits(5, 8),
        "date": st.dates(date(1900, 1, 1), date(2100, 1, 1)),
        "enum": st.sampled_from(element.values or ("",)),
    }
    single = {**texts, **others}[element.kind]
    return st.lists(single, min_size=1, max_size=3, unique=True).map(";".join) if element.many else single


@st.composite
def fields(
    draw: st.DrawFn, elements: tuple[Element, ...], action: Change, *, whole: bool, prefix: str = ""
) -> dict[str, object]:
    """A random subset of what a message may hold, and, if `whole`, all that it must."""
    made: dict[str, object] = {}
    allowed = [element for element in elements if element.takes_part(action)]
    choices = dict.fromkeys(element.choice for element in allowed if element.choice)
    picked = {
        choice: draw(st.sampled_from(sorted({e.alternative for e in allowed if e.choice == choice})))
        for choice in choices
    }
    for element in allowed:
        if element.choice and picked[element.choice] != element.alternative:
            continue
        if element.branch:
            needed = element.required
        else:
            needed = whole and (element.required or element.required_choice)
        if not needed and not draw(st.booleans()):
            continue
        name = f"{prefix}{element.name}"
        if element.kind == "ref":
            half = draw(st.sampled_from(element.children))
            made[f"{name}_{half.name}"] = draw(value(half))
        elif element.children:
            inner = draw(fields(element.children, action, whole=False, prefix=f"{name}_"))
            first = next(leaf for leaf in leaves(element.children, (element,)) if leaf.takes_part(action))
            made.update(inner or {f"{prefix}{first.name}": draw(value(first.element))})
        else:
            emptied = action == "mod" and not element.required and element.kind not in _NEVER_EMPTY
            made[name] = draw(value(element) | st.none()) if emptied else draw(value(element))
    return made


@st.composite
def writes(draw: st.DrawFn, entity: Entity, action: Change) -> tuple[dict[str, object], Any]:
    """Fields and lines of an Add or Mod; in a Mod some lines are new, the others have an id."""
    whole = action == "add" or entity.key is None
    body = draw(fields(entity.elements, action, whole=whole))
    if entity.lines is None:
        return body, None
    least = 1 if entity.lines.required else 0
    lines = draw(
        st.lists(fields(entity.lines.elements, action, whole=action == "add"), min_size=least, max_size=3)
    )
    if action == "mod":
        lines = [{**line, "TxnLineID": f"{n}-1" if n else "-1"} for n, line in enumerate(lines)]
    return body, lines or None


_TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)) | st.just("2026-07-01T08:30:00")


@st.composite
def queries(draw: st.DrawFn, entity: Any) -> dict[str, Any]:
    """Arguments of `build_query` in one of its forms: whole, by key, by filter, page by page, counted."""
    forms = {
        "list": ["all", "keys", "full_names", "filter", "count"],
        "txn": ["all", "keys", "ref_numbers", "filter", "count"],
        "definition": ["all", "count"],
    }.get(entity.shape, ["all"])
    form = draw(st.sampled_from([*forms, *(["iterator", "more"] if entity.iterator else [])]))
    made: dict[str, Any] = {}
    if form in ("keys", "full_names", "ref_numbers"):
        made[form] = draw(st.lists(st.text("abc-0189", min_size=1, max_size=30), min_size=1, max_size=4))
    elif form in ("filter", "iterator", "more", "count") and entity.shape in ("list", "txn"):
        made |= draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "from_modified": _TIMES,
                    "to_modified": _TIMES,
                    "max_returned": st.integers(1, 9999),
                },
            )
        )
        made["active"] = draw(st.sampled_from(["All", "ActiveOnly", "InactiveOnly", None]))
    if form in ("iterator", "more"):
        page = {"iterator": "Start"} if form == "iterator" else {"iterator": "Continue", "iterator_id": GUID}
        made |= {"max_returned": 100, **page}
    if form == "count":
        made["metadata_only"] = True
    made["include_lines"] = draw(st.booleans())
    names = [str(each["name"]) for each in describe(entity.name)["fields"]]  # type: ignore[attr-defined]
    made["include"] = draw(st.lists(st.sampled_from(names), max_size=5))
    if entity.owner_id or entity.shape == "definition":
        made["owner_ids"] = draw(st.sampled_from([[], ["0"], ["0", GUID]]))
    return made


_SAMPLES: dict[str, object] = {
    "bool": True, "int": 1, "amount": Decimal(1), "price": Decimal(1), "quantity": Decimal(1),
    "percent": Decimal(1), "rate": Decimal(1), "date": date(2026, 1, 1), "email": "a@example.com",
    "guid": GUID, "id": "8-1", "text": "x", "name": "x",
}  # fmt: skip


def full(elements: tuple[Element, ...], action: Change, prefix: str = "") -> Iterator[tuple[str, object]]:
    """Every value a message may hold, the first alternative of each choice."""
    taken: dict[str, str] = {}
    for element in elements:
        name = f"{prefix}{element.name}"
        if not element.takes_part(action):
            continue
        if element.choice and taken.setdefault(element.choice, element.alternative) != element.alternative:
            continue
        if element.children:
            yield from full(element.children, action, f"{name}_")
        else:
            yield name, element.values[0] if element.kind == "enum" else _SAMPLES[element.kind]
