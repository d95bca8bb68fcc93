"""Build requests and message sets.

Element order comes from the descriptor, never from the caller; values are checked and formatted on the way,
and all problems are told at once.  Documents are pure ASCII: characters outside it become numeric entities,
which is what survives between Python, SOAP and QuickBooks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lxml import etree

from qbwc.descriptor import UNIONS, Element, Entity, Union, known
from qbwc.descriptor.model import Action
from qbwc.errors import QbxmlError
from qbwc.qbxml.check import LINE_PLACE, NEW_LINE, check_write, is_awaited, raise_all
from qbwc.qbxml.unions import member, to_concrete
from qbwc.qbxml.values import filter_time, to_text

Request = etree._Element

REQUEST_ID_LIMIT = 50
MESSAGE_SET_ID_LIMIT = 24
_METADATA = (None, "NoMetaData", "MetaDataOnly", "MetaDataAndResponseData")
_ACTIVE = ("ActiveOnly", "InactiveOnly", "All")
_RECORD_HEAD = ("EditSequence", "TimeModified")


def build_query(
    entity: str,
    *,
    request_id: str,
    max_returned: int | None = None,
    iterator: str | None = None,
    iterator_id: str | None = None,
    from_modified: object = None,
    to_modified: object = None,
    active: str | None = "All",
    include_lines: bool = True,
    keys: Sequence[str] = (),
    full_names: Sequence[str] = (),
    ref_numbers: Sequence[str] = (),
    owner_ids: Sequence[str] = (),
    include: Sequence[str] = (),
    metadata: str | None = None,
) -> Request:
    """A query as its `<...QueryRq>` element.

    Args:
        entity: 'Customer', 'Item', 'Invoice', 'Company', ...
        max_returned: Records a page; needed with an iterator.
        iterator: 'Start', 'Continue' or 'Stop'; `iterator_id` with the last two.
        from_modified: Local time of the QuickBooks machine, no offset, datetime or text; so `to_modified`.
        active: For lists only; QuickBooks' own default is 'ActiveOnly', ours 'All'.
        include_lines: For transactions only.
        keys: ListIDs or TxnIDs; so `full_names` (lists) and `ref_numbers` (transactions).  These exclude each
            other and every filter, because they are branches of one choice.
        owner_ids: '0' for public custom fields, a GUID in braces for private ones.
        include: Fields to return, flattened or not; the key, EditSequence and TimeModified are added.
        metadata: 'MetaDataOnly' returns the count alone.
    """
    described = known(entity)
    if described.shape == "deleted":
        raise QbxmlError(f"{entity} has a query of its own", entity=entity, fix="Use build_deleted_query.")
    request = _request(described.request("query"), request_id)
    _set_iterator(request, described, iterator, iterator_id, max_returned)
    if metadata not in _METADATA:
        raise _refused(entity, "metadata", metadata, _METADATA[1:])
    if metadata:
        request.set("metaData", metadata)
    chosen = _chosen(described, keys, full_names, ref_numbers)
    filtered = described.shape != "single" and not chosen
    if not filtered and (max_returned or iterator or from_modified or to_modified):
        raise QbxmlError(
            f"{entity}Query by key takes no filter, page size or iterator",
            entity=entity, fix="They are branches of one choice: ask by key, or by filter.",
        )  # fmt: skip
    for tag, value in chosen:
        _sub(request, tag, value)
    if filtered:
        _filters(request, described, max_returned, active, from_modified, to_modified)
    if described.lines and include_lines:
        _sub(request, "IncludeLineItems", "true")
    _tail(request, described, include, owner_ids, include_lines)
    return request


def _set_iterator(
    request: Request,
    described: Entity | Union,
    iterator: str | None,
    iterator_id: str | None,
    max_returned: int | None,
) -> None:
    if iterator is None:
        if iterator_id is not None:
            raise QbxmlError("iterator_id is given without iterator", field="iterator_id", value=iterator_id)
        return
    if iterator not in ("Start", "Continue", "Stop"):
        raise _refused(described.name, "iterator", iterator, ("Start", "Continue", "Stop"))
    if not described.iterator:
        raise QbxmlError(
            f"{described.name}Query has no iterator", entity=described.name, fix="Read it in one piece."
        )
    if (iterator_id is None) != (iterator == "Start"):
        raise QbxmlError(
            f"iterator {iterator!r} with iterator_id {iterator_id!r}", entity=described.name,
            fix="Start takes none; Continue and Stop take the id of the last answer.",
        )  # fmt: skip
    if max_returned is None and iterator != "Stop":
        raise QbxmlError("an iterator needs max_returned", entity=described.name, fix="Give a page size.")
    request.set("iterator", iterator)
    if iterator_id is not None:
        request.set("iteratorID", iterator_id)


def _chosen(
    described: Entity | Union, keys: Sequence[str], full_names: Sequence[str], ref_numbers: Sequence[str]
) -> list[tuple[str, str]]:
    given = {
        described.key or "ListID": keys,
        "FullName": full_names,
        "RefNumber": ref_numbers,
    }
    used = [tag for tag, values in given.items() if values]
    allowed = {"list": (described.key, "FullName"), "txn": (described.key, "RefNumber")}.get(
        described.shape, ()
    )
    for tag in used:
        if tag not in allowed or len(used) > 1:
            raise QbxmlError(
                f"{described.name}Query cannot ask by {' and '.join(used)}",
                entity=described.name, field=tag, limit=allowed, fix="Ask by one of its keys.",
            )  # fmt: skip
    return [(tag, value) for tag in used for value in given[tag]]


def _filters(
    request: Request,
    described: Entity | Union,
    max_returned: int | None,
    active: str | None,
    from_modified: object,
    to_modified: object,
) -> None:
    if max_returned is not None:
        if max_returned < 1:
            raise _refused(described.name, "max_returned", max_returned, (">= 1",))
        _sub(request, "MaxReturned", str(max_returned))
    if described.shape == "list" and active is not None:
        if active not in _ACTIVE:
            raise _refused(described.name, "active", active, _ACTIVE)
        _sub(request, "ActiveStatus", active)
    parent = request
    if described.shape == "txn" and (from_modified is not None or to_modified is not None):
        parent = etree.SubElement(request, "ModifiedDateRangeFilter")
    if from_modified is not None:
        _sub(parent, "FromModifiedDate", filter_time(from_modified, "from_modified"))
    if to_modified is not None:
        _sub(parent, "ToModifiedDate", filter_time(to_modified, "to_modified"))


def _tail(
    request: Request, described: Entity | Union, include: Sequence[str], owner_ids: Sequence[str], lines: bool
) -> None:
    tops = [name.split("_")[0] for name in include]
    if include and described.key:
        tops = [described.key, *_RECORD_HEAD, *tops]
        if lines and described.lines:
            tops.append(f"{described.lines.name}Ret")
    for top in dict.fromkeys(tops):
        _sub(request, "IncludeRetElement", top)
    if owner_ids and not described.owner_id:
        raise QbxmlError(
            f"{described.name}Query has no custom fields", entity=described.name, field="owner_ids",
            value=list(owner_ids), fix="Leave owner_ids out.",
        )  # fmt: skip
    for owner in owner_ids:
        _sub(request, "OwnerID", to_text(_OWNER_ID, owner, entity=described.name, field="OwnerID"))


_OWNER_ID = Element(name="OwnerID", kind="guid")


def build_deleted_query(
    entity: str,
    types: Sequence[str],
    *,
    request_id: str,
    from_deleted: object = None,
    to_deleted: object = None,
) -> Request:
    """'ListDeleted' or 'TxnDeleted': what was deleted, of the named types only; there is no iterator.

    QuickBooks forgets old deletions (90 days by common statement, unverified).
    """
    if entity not in ("ListDeleted", "TxnDeleted") or not types:
        raise QbxmlError(
            f"{entity} of {list(types)} cannot be asked", entity=entity,
            fix="Ask for 'ListDeleted' or 'TxnDeleted' and at least one type.",
        )  # fmt: skip
    request = _request(f"{entity}QueryRq", request_id)
    for each in types:
        _sub(request, "ListDelType" if entity == "ListDeleted" else "TxnDelType", each)
    if from_deleted is not None or to_deleted is not None:
        span = etree.SubElement(request, "DeletedDateRangeFilter")
        if from_deleted is not None:
            _sub(span, "FromDeletedDate", filter_time(from_deleted, "from_deleted"))
        if to_deleted is not None:
            _sub(span, "ToDeletedDate", filter_time(to_deleted, "to_deleted"))
    return request


def build_add(
    entity: str,
    fields: Mapping[str, object],
    lines: Sequence[Mapping[str, object]] | None = None,
    *,
    request_id: str,
) -> Request:
    """A creation as its `<...AddRq>` element; fields that are None or "" are left out.

    Of a reference given by both ListID and FullName only the ListID is sent, so that a record renamed in
    between is still the one meant.
    """
    concrete, body = _concrete(entity, "add", fields, lines)
    request = _request(f"{concrete.name}AddRq", request_id)
    record = etree.SubElement(request, f"{concrete.name}Add")
    _fill(record, concrete.name, concrete.elements, "add", "", body)
    for line in lines or ():
        _line(record, concrete, "add", line)
    return request


def build_mod(
    entity: str,
    key: str,
    edit_sequence: str,
    fields: Mapping[str, object],
    lines: Sequence[Mapping[str, object]] | None = None,
    *,
    request_id: str,
) -> Request:
    """A change as its `<...ModRq>` element; None or "" empties a field, a field not named stays.

    With `lines`, every line that is to stay is named, in stored order, by its TxnLineID ("-1" for a new
    one): QuickBooks deletes the others.  That a reference is emptied by an empty FullName is unverified.
    """
    concrete, body = _concrete(entity, "mod", fields, lines)
    assert concrete.key is not None
    problems = [
        QbxmlError(f"{entity}.{name} is missing", entity=entity, field=name, fix="Take it from the snapshot.")
        for name, value in ((concrete.key, key), ("EditSequence", edit_sequence))
        if not value
    ]
    raise_all(entity, "mod", problems)
    request = _request(f"{concrete.name}ModRq", request_id)
    record = etree.SubElement(request, f"{concrete.name}Mod")
    _sub(record, concrete.key, key)
    _sub(record, "EditSequence", edit_sequence)
    _fill(record, concrete.name, concrete.elements, "mod", "", body)
    for line in lines or ():
        _line(record, concrete, "mod", line)
    return request


def _concrete(
    entity: str,
    action: Action,
    fields: Mapping[str, object],
    lines: Sequence[Mapping[str, object]] | None,
) -> tuple[Entity, Mapping[str, object]]:
    """The entity to write and its fields, checked; all problems are raised as one error."""
    problems = check_write(entity, action, fields, lines)
    problems += [
        QbxmlError(f"{entity}.{name} still waits for another answer", entity=entity, field=name, value=value)
        for each in (fields, *(lines or ()))
        for name, value in each.items()
        if is_awaited(value)
    ]
    raise_all(entity, action, problems)
    if entity in UNIONS:
        name = member(UNIONS[entity], fields)
        fields, _ = to_concrete(name, action, fields)
        entity = name
    described = known(entity)
    assert isinstance(described, Entity)
    return described, fields


def _line(record: Request, entity: Entity, action: Action, line: Mapping[str, object]) -> None:
    assert entity.lines is not None
    made = etree.SubElement(record, f"{entity.lines.name}{action.capitalize()}")
    if action == "mod":
        _sub(made, "TxnLineID", str(line.get("TxnLineID", NEW_LINE)))
    body = {name: value for name, value in line.items() if name not in LINE_PLACE}
    _fill(made, entity.lines.name, entity.lines.elements, action, "", body)


def _fill(
    parent: Request,
    entity: str,
    elements: tuple[Element, ...],
    action: Action,
    prefix: str,
    fields: Mapping[str, object],
) -> None:
    """Put the values below `prefix` into the parent, in the order of the message."""
    taken = {element.choice for element in elements if element.choice and _has(element, prefix, fields)}
    for element in elements:
        name = f"{prefix}{element.name}"
        if not element.takes_part(action):
            continue
        if element.choice in taken and not _has(element, prefix, fields):
            continue  # Emptying one of two that exclude each other, where the other gets a value.
        if element.kind == "ref":
            _reference(parent, name, element, action, fields)
        elif element.children:
            inner = etree.Element(element.tag(action))
            _fill(inner, entity, element.children, action, f"{name}_", fields)
            if len(inner):
                parent.append(inner)
        elif name in fields:
            _value(parent, entity, name, element, action, fields[name])


def _has(element: Element, prefix: str, fields: Mapping[str, object]) -> bool:
    name = f"{prefix}{element.name}"
    if element.children:
        return any(_has(child, f"{name}_", fields) for child in element.children)
    return fields.get(name) not in (None, "")


def _value(parent: Request, entity: str, name: str, element: Element, action: Action, value: object) -> None:
    if value is None or value == "":
        if action == "mod":
            _sub(parent, element.tag(action), "")
        return
    _sub(parent, element.tag(action), to_text(element, value, entity=entity, field=name))


def _reference(
    parent: Request, name: str, element: Element, action: Action, fields: Mapping[str, object]
) -> None:
    halves = [half for half in ("ListID", "FullName") if f"{name}_{half}" in fields]
    given = [half for half in halves if fields[f"{name}_{half}"] not in (None, "")]
    if not given and (action == "add" or not halves):
        return
    inner = etree.SubElement(parent, element.tag(action))
    if given:
        _sub(inner, given[0], str(fields[f"{name}_{given[0]}"]))
    else:
        _sub(inner, "FullName", "")


def message_set(
    requests: Sequence[Request],
    *,
    version: str = "13.0",
    on_error: str = "stopOnError",
    new_message_set_id: str | None = None,
    old_message_set_id: str | None = None,
) -> str:
    """The whole document, pure ASCII.

    Message-set ids (unverified without a real QuickBooks): only `new` marks work whose answer QuickBooks
    keeps; both, equal and without requests, ask for that answer; only `old` lets QuickBooks forget it.
    `rollbackOnError` is refused: the schema has it, QuickBooks does not.
    """
    if on_error not in ("stopOnError", "continueOnError"):
        raise _refused("QBXMLMsgsRq", "onError", on_error, ("stopOnError", "continueOnError"))
    if not requests and old_message_set_id is None:
        raise QbxmlError("a message set without requests", fix="Add a request, or an old_message_set_id.")
    root = etree.Element("QBXML")
    body = etree.SubElement(root, "QBXMLMsgsRq", onError=on_error)
    for name, value in (("oldMessageSetID", old_message_set_id), ("newMessageSetID", new_message_set_id)):
        if value is None:
            continue
        if not value or len(value) > MESSAGE_SET_ID_LIMIT or not value.isascii():
            raise _refused("QBXMLMsgsRq", name, value, (f"1 to {MESSAGE_SET_ID_LIMIT} ASCII characters",))
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


def _request(tag: str, request_id: str) -> Request:
    if not request_id or len(request_id) > REQUEST_ID_LIMIT:
        raise _refused(tag, "requestID", request_id, (f"1 to {REQUEST_ID_LIMIT} characters",))
    return etree.Element(tag, requestID=request_id)


def _sub(parent: Request, tag: str, text: str) -> None:
    etree.SubElement(parent, tag).text = text


def _refused(entity: str, field: str, value: object, limit: Sequence[object]) -> QbxmlError:
    listed = ", ".join(str(each) for each in limit)
    return QbxmlError(
        f"{entity} {field} is {value!r}, expected {listed}", entity=entity, field=field, value=value,
        limit=tuple(limit), fix=f"Give {listed}.",
    )  # fmt: skip
