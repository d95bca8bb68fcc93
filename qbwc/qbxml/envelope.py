"""The envelope: message sets, request ids, and the small steps of building an element."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from qbwc.errors import QbxmlError

Request = etree._Element

REQUEST_ID_LIMIT = 50
MESSAGE_SET_ID_LIMIT = 24


def message_set(
    requests: Sequence[Request],
    *,
    version: str = "13.0",
    on_error: str = "stopOnError",
    new_message_set_id: str | None = None,
    old_message_set_id: str | None = None,
) -> str:
    """The whole document, pure ASCII: other characters become numeric entities, which survive everywhere.

    Message-set ids (unverified without a real QuickBooks): only `new` marks work whose answer QuickBooks
    keeps; both, equal and without requests, ask for that answer; only `old` lets QuickBooks forget it.
    `rollbackOnError` is refused: the schema has it, QuickBooks does not.
    """
    if on_error not in ("stopOnError", "continueOnError"):
        raise refused("QBXMLMsgsRq", "onError", on_error, ("stopOnError", "continueOnError"))
    if not requests and old_message_set_id is None:
        raise QbxmlError("a message set without requests", fix="Add a request, or an old_message_set_id.")
    root = etree.Element("QBXML")
    body = etree.SubElement(root, "QBXMLMsgsRq", onError=on_error)
    for name, value in (("oldMessageSetID", old_message_set_id), ("newMessageSetID", new_message_set_id)):
        if value is None:
            continue
        if not value or len(value) > MESSAGE_SET_ID_LIMIT or not value.isascii():
            raise refused("QBXMLMsgsRq", name, value, (f"1 to {MESSAGE_SET_ID_LIMIT} ASCII characters",))
        body.set(name, value)
    seen: set[str] = set()
    for request in requests:
        identity = request.get("requestID", "")
        if identity in seen:
            raise QbxmlError(f"requestID {identity!r} stands twice in one message set", value=identity)
        seen.add(identity)
        body.append(request)
    text = etree.tostring(root, encoding="us-ascii", xml_declaration=False).decode("ascii")
    return f'<?xml version="1.0" encoding="utf-8"?>\n<?qbxml version="{version}"?>\n{text}'


def request_element(tag: str, request_id: str) -> Request:
    """The element of a request, its id checked: QuickBooks takes up to 50 characters (else 1060)."""
    if not request_id or len(request_id) > REQUEST_ID_LIMIT:
        raise refused(tag, "requestID", request_id, (f"1 to {REQUEST_ID_LIMIT} characters",))
    return etree.Element(tag, requestID=request_id)


def sub(parent: Request, tag: str, text: str) -> None:
    """Append a child with a text."""
    etree.SubElement(parent, tag).text = text


def refused(entity: str, field: str, value: object, limit: Sequence[object]) -> QbxmlError:
    """An error about one argument, with what is expected."""
    listed = ", ".join(str(each) for each in limit)
    return QbxmlError(
        f"{entity} {field} is {value!r}, expected {listed}", entity=entity, field=field, value=value,
        limit=tuple(limit), fix=f"Give {listed}.",
    )  # fmt: skip
