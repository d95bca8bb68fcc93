"""Read a request document as strictly as QuickBooks: an element too many or out of order refuses the set.

Values that cannot be converted don't refuse the set; they give their request an error status.
"""

from __future__ import annotations

import re
from functools import cache

from lxml import etree

from qbwc.descriptor import CONCRETE, UNIONS, Entity, Union
from qbwc.qbxml.values import unsendable
from qbwc.simulator.orders import Document, Order
from qbwc.simulator.query_form import read_query
from qbwc.simulator.refusals import Refusal, bad_form
from qbwc.simulator.write_form import read_removal, read_write

_VERSIONS = frozenset({"13.0", "12.0", "11.0", "10.0"})
_PROLOG = re.compile(r"""\s*(<\?xml\s[^>]*\?>)?\s*<\?qbxml\s+version=["']([^"']*)["']\s*\?>""")


def read(document: str, *, refuse_characters: bool = False) -> Document:
    """The message set; `QuickBooksRefused` (0x80040400) where its form is wrong anywhere.

    Args:
        refuse_characters: Characters outside Windows-1252 refuse the set too.  Otherwise they become '?' when
            their value is kept.  Both were seen, on one edition (community).
    """
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
    outside = unsendable("".join(root.itertext())) if refuse_characters else []
    if outside:
        raise bad_form(f"{outside[0]!r} is outside Windows-1252")
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
        read_query(order, request)
    elif action in ("void", "delete"):
        _check_attributes(order, {"requestID"})
        read_removal(order, request)
    else:
        _check_attributes(order, {"requestID"})
        read_write(order, request)
    return order


# One request for all kinds of record; its body names the kind.
_REMOVALS = {"TxnVoidRq": "void", "TxnDelRq": "delete", "ListDelRq": "delete"}


@cache
def _requests() -> dict[str, tuple[str, str]]:
    found = {tag: ("", action) for tag, action in _REMOVALS.items()}
    entity: Entity | Union
    for name, entity in CONCRETE.items():
        forms = entity.actions & {"query", "add", "mod"}
        found.update({entity.request(action): (name, action) for action in forms})
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
