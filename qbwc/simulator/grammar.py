"""Read a request document as strictly as QuickBooks: an element too many or out of order refuses the set.

Values that cannot be converted don't refuse the set; they give their request an error status.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache

from lxml import etree

from qbwc.descriptor import CONCRETE, UNIONS, Element, Entity, Union
from qbwc.descriptor.model import Action
from qbwc.qbxml.values import read_time
from qbwc.simulator.refusals import Refusal, bad_form, bad_value, too_long

_VERSIONS = frozenset({"13.0", "12.0", "11.0", "10.0"})
_PROLOG = re.compile(r"""\s*(<\?xml\s[^>]*\?>)?\s*<\?qbxml\s+version=["']([^"']*)["']\s*\?>""")


@dataclass(slots=True, kw_only=True)
class Order:
    """One request, read.

    Attributes:
        tag: E.g. 'CustomerModRq'.
        entity: 'Customer', or a union for its query.
        action: 'query', 'add' or 'mod'.
        asked: Query body in order, as (tag, text), nested filters flattened with "_".
        values: Flattened name -> text of an Add or Mod; "" empties a field.
        lines: The same for each line; None when the Mod names no line.
        refusal: The first value that could not be converted.
    """

    tag: str
    entity: str
    action: str
    request_id: str
    attributes: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    lines: list[dict[str, str]] | None = None
    refusal: Refusal | None = None

    def wanted(self, tag: str) -> list[str]:
        """All values of a query element."""
        return [text for name, text in self.asked if name == tag]

    def first(self, tag: str) -> str | None:
        """The value of a query element that stands once."""
        return next(iter(self.wanted(tag)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A message set, read; `attributes` are those of QBXMLMsgsRq."""

    attributes: dict[str, str]
    orders: list[Order]


def read(document: str) -> Document:
    """The message set; `QuickBooksRefused` (0x80040400) where its form is wrong anywhere."""
    prolog = _PROLOG.match(document)
    if prolog is None or document[:1].isspace():
        raise bad_form("the document must begin with the XML declaration and <?qbxml version=...?>")
    if prolog[2] not in _VERSIONS:
        raise bad_form(f"qbXML version {prolog[2]!r} is not supported")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, huge_tree=True)
    try:
        root = etree.fromstring(document.encode("utf-8", "xmlcharrefreplace"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise bad_form(str(error)) from None
    body = root.find("QBXMLMsgsRq")
    if root.tag != "QBXML" or body is None or len(root) != 1:
        raise bad_form("expected QBXML with one QBXMLMsgsRq")
    attributes = {str(name): str(value) for name, value in body.attrib.items()}
    _check_envelope(attributes)
    return Document(attributes=attributes, orders=[_order(child) for child in body])


def _check_envelope(attributes: dict[str, str]) -> None:
    unknown = set(attributes) - {"onError", "oldMessageSetID", "newMessageSetID", "responseData"}
    if unknown:
        raise bad_form(f"QBXMLMsgsRq has no attribute {sorted(unknown)[0]}")
    # The schema allows rollbackOnError; QuickBooks does not support it.
    if attributes.get("onError") not in ("stopOnError", "continueOnError"):
        raise bad_form(f"onError is {attributes.get('onError')!r}")


def _order(request: etree._Element) -> Order:
    entity, action = _known(str(request.tag))
    order = Order(tag=str(request.tag), entity=entity, action=action, request_id=request.get("requestID", ""))
    order.attributes = {str(name): str(value) for name, value in request.attrib.items()}
    if len(order.request_id) > 50:
        order.refusal = Refusal(
            1060, f'The request ID "{order.request_id}" is invalid, maximum length is 50.'
        )
    if action == "query":
        _check_attributes(order, {"requestID", "metaData", "iterator", "iteratorID"})
        _read_query(order, request)
    else:
        _check_attributes(order, {"requestID"})
        _read_write(order, request)
    return order


@cache
def _requests() -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    entity: Entity | Union
    for name, entity in CONCRETE.items():
        found.update({entity.request(action): (name, action) for action in entity.actions})
    for name, entity in UNIONS.items():
        found[entity.request("query")] = (name, "query")
    return found


def _known(tag: str) -> tuple[str, str]:
    if tag not in _requests():
        raise bad_form(f"unknown request {tag}")
    return _requests()[tag]


def _check_attributes(order: Order, allowed: set[str]) -> None:
    unknown = set(order.attributes) - allowed
    if unknown:
        raise bad_form(f"{order.tag} has no attribute {sorted(unknown)[0]}")


def _read_query(order: Order, request: etree._Element) -> None:
    entity = CONCRETE.get(order.entity) or UNIONS[order.entity]
    stages = query_stages(entity)
    if "iterator" in order.attributes and not entity.iterator:
        raise bad_form(f"{order.tag} has no iterator")
    at, used = 0, ""
    for child in request:
        tag = str(child.tag)
        place = next((n for n, names in enumerate(stages) if n >= at and tag in names), None)
        if place is None or (place == at and used and not (tag == used and tag in REPEATED)):
            raise bad_form(f"{tag} is out of place in {order.tag}")
        at, used = place, tag
        for name, text in _flat(child):
            order.asked.append((name, text))
    _check_choice(order, entity)


_KEYS = frozenset({"ListID", "TxnID", "FullName", "RefNumber", "RefNumberCaseSensitive"})
REPEATED = _KEYS | {"IncludeRetElement", "OwnerID", "ListDelType", "TxnDelType", "AccountType"}


def query_stages(entity: Entity | Union) -> list[tuple[str, ...]]:
    """Elements of a query in order; those of one stage exclude each other."""
    tail: list[tuple[str, ...]] = [("IncludeRetElement",)]
    if entity.owner_id:
        tail.append(("OwnerID",))
    if entity.shape == "single":
        return tail
    if entity.shape == "deleted":
        return [
            ("ListDelType" if entity.key == "ListID" else "TxnDelType",),
            ("DeletedDateRangeFilter",),
            tail[0],
        ]
    if entity.shape == "txn":
        return [
            ("TxnID", "RefNumber", "RefNumberCaseSensitive"), ("MaxReturned",),
            ("ModifiedDateRangeFilter", "TxnDateRangeFilter"), ("EntityFilter",),
            ("RefNumberFilter", "RefNumberRangeFilter"), ("PaidStatus",),
            ("IncludeLineItems",), ("IncludeLinkedTxns",), *tail,
        ]  # fmt: skip
    account = [("AccountType",)] if entity.name == "Account" else []
    return [
        ("ListID", "FullName"), ("MaxReturned",), ("ActiveStatus",), ("FromModifiedDate",),
        ("ToModifiedDate",), ("NameFilter", "NameRangeFilter"), *account, *tail,
    ]  # fmt: skip


def _check_choice(order: Order, entity: Entity | Union) -> None:
    """Keys and filters are branches of one choice."""
    names = [name for name, _ in order.asked]
    free = {"IncludeLineItems", "IncludeLinkedTxns", "IncludeRetElement", "OwnerID"}
    if (
        _KEYS & set(names)
        and any(name not in free | _KEYS for name in names)
        and entity.shape in ("list", "txn")
    ):
        raise bad_form(f"{order.tag} asks by key and by filter")
    if entity.shape == "deleted" and not {"ListDelType", "TxnDelType"} & set(names):
        raise bad_form(f"{order.tag} names no type")


_FILTERS = {
    "ModifiedDateRangeFilter": ("FromModifiedDate", "ToModifiedDate"),
    "TxnDateRangeFilter": ("FromTxnDate", "ToTxnDate"),
    "DeletedDateRangeFilter": ("FromDeletedDate", "ToDeletedDate"),
    "EntityFilter": ("ListID", "FullName", "ListIDWithChildren", "FullNameWithChildren"),
    "RefNumberFilter": ("MatchCriterion", "RefNumber"),
    "RefNumberRangeFilter": ("FromRefNumber", "ToRefNumber"),
    "NameFilter": ("MatchCriterion", "Name"),
    "NameRangeFilter": ("FromName", "ToName"),
}


def _flat(child: etree._Element) -> Iterator[tuple[str, str]]:
    tag = str(child.tag)
    if tag not in _FILTERS:
        yield tag, _leaf_text(child)
        return
    order = _FILTERS[tag]
    at = -1
    for inner in child:
        name = str(inner.tag)
        if name not in order or order.index(name) < at:
            raise bad_form(f"{name} is out of place in {tag}")
        at = order.index(name)
        yield f"{tag}_{name}", _leaf_text(inner)


def _read_write(order: Order, request: etree._Element) -> None:
    entity = CONCRETE[order.entity]
    action: Action = "add" if order.action == "add" else "mod"
    children = list(request)
    if not children or children[0].tag != f"{order.entity}{order.action.capitalize()}":
        raise bad_form(f"{order.tag} holds no {order.entity}{order.action.capitalize()}")
    for extra in children[1:]:
        if extra.tag != "IncludeRetElement":
            raise bad_form(f"{extra.tag!s} is out of place in {order.tag}")
        order.asked.append(("IncludeRetElement", _leaf_text(extra)))
    body = list(children[0])
    if action == "mod":
        assert entity.key is not None
        body = _take_head(order, body, (entity.key, "EditSequence"))
    line_tag = f"{entity.lines.name}{order.action.capitalize()}" if entity.lines else ""
    lines = [child for child in body if child.tag == line_tag]
    if lines and body[-len(lines) :] != lines:
        raise bad_form(f"{line_tag} is out of place in {order.tag}")
    _read_body(order, body[: len(body) - len(lines)], entity.elements, action, order.values)
    if lines or action == "add":
        order.lines = [_read_line(order, entity, action, line) for line in lines]


def _take_head(order: Order, body: list[etree._Element], names: tuple[str, ...]) -> list[etree._Element]:
    if tuple(child.tag for child in body[: len(names)]) != names:
        raise bad_form(f"{order.tag} must begin with {' and '.join(names)}")
    order.values.update({name: _leaf_text(child) for name, child in zip(names, body, strict=False)})
    if not _OBJECT_ID.fullmatch(order.values[names[0]]):
        _note(order, Refusal(3000, f'The given object ID "{order.values[names[0]]}" is invalid.'))
    return body[len(names) :]


_OBJECT_ID = re.compile(r"[0-9A-F]+-[0-9]+")


def _read_line(order: Order, entity: Entity, action: Action, line: etree._Element) -> dict[str, str]:
    assert entity.lines is not None
    values: dict[str, str] = {}
    body = list(line)
    if action == "mod":
        if not body or body[0].tag != "TxnLineID":
            raise bad_form(f"{line.tag!s} must begin with TxnLineID")
        values["TxnLineID"] = _leaf_text(body.pop(0))
    _read_body(order, body, entity.lines.elements, action, values)
    return values


def _read_body(
    order: Order,
    body: Sequence[etree._Element],
    elements: tuple[Element, ...],
    action: Action,
    values: dict[str, str],
    prefix: str = "",
) -> None:
    """Walk the children along the sequence of the schema; what does not come next refuses the set."""
    at = 0
    chosen: set[str] = set()
    for child in body:
        tag = str(child.tag)
        while at < len(elements) and not (
            elements[at].takes_part(action) and elements[at].tag(action) == tag
        ):
            _check_skipped(order, elements[at], action, f"{prefix}{tag}")
            at += 1
        if at == len(elements):
            raise bad_form(f"{prefix}{tag} is unknown or out of order in {order.tag}")
        element = elements[at]
        at += 1
        if element.choice is not None:
            if element.choice in chosen:
                raise bad_form(f"{prefix}{tag} excludes what stands before it in {order.tag}")
            chosen.add(element.choice)
        name = f"{prefix}{element.name}"
        if element.children:
            _read_body(order, list(child), element.children, action, values, f"{name}_")
        else:
            values[name] = _convert(order, element, name, _leaf_text(child))
    for element in elements[at:]:
        _check_skipped(order, element, action, "the end")
    if action == "add":
        missing = {element.choice for element in elements if element.required_choice} - chosen
        if missing:
            raise bad_form(f"{order.tag} lacks a choice")


def _check_skipped(order: Order, element: Element, action: Action, found: str) -> None:
    if action == "add" and element.required:
        raise bad_form(f"{order.tag} lacks {element.name}, found {found}")


def _leaf_text(element: etree._Element) -> str:
    if len(element):
        raise bad_form(f"{element.tag!s} holds elements")
    return element.text or ""


def _convert(order: Order, element: Element, name: str, text: str) -> str:
    """The value as QuickBooks keeps it: characters outside Windows-1252 have become '?'."""
    if text == "":
        return ""
    if element.limit is not None and len(text) > element.limit:
        _note(order, too_long(text, name, element.limit))
    convert = _CONVERT.get(element.kind)
    if convert is not None and not convert[2](text):
        _note(order, bad_value(convert[0], convert[1], text, name))
    if element.kind == "enum" and text not in element.values:
        _note(order, bad_value(3110, "enumerated", text, name))
    if element.kind == "name" and ":" in text:
        _note(
            order,
            Refusal(3210, f'The name "{text}" holds a colon, which is not allowed in the field "{name}".'),
        )
    if order.refusal is None and element.kind == "amount":
        return f"{Decimal(text):.2f}"
    if element.kind == "bool":
        return {"1": "true", "0": "false"}.get(text, text)
    return text.encode("cp1252", "replace").decode("cp1252")


def _note(order: Order, refusal: Refusal) -> None:
    order.refusal = order.refusal or refusal


def _is_date(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def _is_time(text: str) -> bool:
    try:
        return bool(read_time(text))
    except ValueError:
        return False


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


_AMOUNT = _matches(r"[+-]?[0-9]{1,13}(\.[0-9]{2})?")
_PRICE = _matches(r"[+-]?[0-9]{1,10}(\.[0-9]{1,5})?")
_CONVERT: dict[str, tuple[int, str, Callable[[str], bool]]] = {
    "bool": (3010, "boolean", _matches("true|false|0|1")),
    "date": (3020, "date", _is_date),
    "time": (3020, "date", _is_time),
    "int": (3030, "integer", _matches(r"[+-]?[0-9]+")),
    "amount": (3040, "amount", _AMOUNT),
    "price": (3045, "price", _PRICE),
    "quantity": (3045, "quantity", _PRICE),
    "percent": (3045, "percent", _PRICE),
    "rate": (3045, "rate", _matches(r"[+-]?[0-9]+(\.[0-9]+)?")),
    "guid": (3035, "GUID", _matches(r"0|\{[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}")),
}
