"""Build writes: an Add or a Mod of one record, and the void or deletion of a transaction.

Element order comes from the descriptor, never from the caller; values are checked and formatted on the way,
and all problems are told at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lxml import etree

from qbwc.descriptor import UNIONS, Element, Entity, known
from qbwc.descriptor.model import Change, Write
from qbwc.errors import QbxmlError
from qbwc.qbxml.check import LINE_PLACE, NEW_LINE, check_write, is_awaited, raise_all
from qbwc.qbxml.envelope import Request, request_element, sub
from qbwc.qbxml.unions import member, to_concrete
from qbwc.qbxml.values import parts, to_text


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
    request = request_element(f"{concrete.name}AddRq", request_id)
    record = etree.SubElement(request, f"{concrete.name}Add")
    _fill(record, concrete.name, concrete.elements, "add", "", body)
    for line in lines or ():
        _line(record, concrete, "add", line)
    return request


def build_mod(
    entity: str,
    key: str | None,
    edit_sequence: str | None,
    fields: Mapping[str, object],
    lines: Sequence[Mapping[str, object]] | None = None,
    *,
    request_id: str,
) -> Request:
    """A change as its `<...ModRq>` element; None or "" empties a field, a field not named stays.

    With `lines`, every line that is to stay is named, in stored order, by its TxnLineID ("-1" for a new
    one): QuickBooks deletes the others.  That a reference is emptied by an empty FullName is unverified.
    A custom field's value (DataExt) has neither key nor EditSequence: both are None, and `fields` name the
    record it belongs to.
    """
    concrete, body = _concrete(entity, "mod", fields, lines)
    head = _head(concrete, key, edit_sequence)
    request = request_element(f"{concrete.name}ModRq", request_id)
    record = etree.SubElement(request, f"{concrete.name}Mod")
    for name, value in head:
        sub(record, name, value)
    _fill(record, concrete.name, concrete.elements, "mod", "", body)
    for line in lines or ():
        _line(record, concrete, "mod", line)
    return request


def build_void(entity: str, key: str, *, request_id: str) -> Request:
    """Void a transaction: it stays in the books with its number, its amounts become 0 (`<TxnVoidRq>`).

    Raises:
        QbxmlError: `entity` is nothing that is voided; the error says what becomes of it instead.
    """
    return _removal(entity, "void", "TxnVoidType", key, request_id)


def build_delete(entity: str, key: str, *, request_id: str) -> Request:
    """Delete a transaction (`<TxnDelRq>`); there is no way back.

    Raises:
        QbxmlError: `entity` is nothing that is deleted; the error says what becomes of it instead.
    """
    return _removal(entity, "delete", "TxnDelType", key, request_id)


def _removal(entity: str, action: Write, kind: str, key: str, request_id: str) -> Request:
    described = known(entity)
    problems = check_write(entity, action, {})
    if not problems and not key:
        problems = [_no_key(entity, str(described.key), key)]
    raise_all(entity, action, problems)
    request = request_element(described.request(action), request_id)
    sub(request, kind, entity)
    sub(request, str(described.key), key)
    return request


def _head(entity: Entity, key: str | None, edit_sequence: str | None) -> list[tuple[str, str]]:
    """Which record a Mod means and in which version; nothing for a record without key."""
    head = [(entity.key, key), ("EditSequence", edit_sequence)] if entity.key else []
    raise_all(
        entity.name, "mod", [_no_key(entity.name, str(name), value) for name, value in head if not value]
    )
    if entity.key is None and (key or edit_sequence):
        raise QbxmlError(
            f"{entity.name} has no key and no EditSequence", entity=entity.name, value=key or edit_sequence,
            fix="Name the record in the fields.",
        )  # fmt: skip
    return [(str(name), str(value)) for name, value in head]


def _no_key(entity: str, name: str, value: object) -> QbxmlError:
    return QbxmlError(
        f"{entity}.{name} is missing",
        entity=entity,
        field=name,
        value=value,
        fix="Take it from the snapshot.",
    )


def _concrete(
    entity: str,
    action: Change,
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


def _line(record: Request, entity: Entity, action: Change, line: Mapping[str, object]) -> None:
    assert entity.lines is not None
    made = etree.SubElement(record, f"{entity.lines.name}{action.capitalize()}")
    if action == "mod":
        sub(made, "TxnLineID", str(line.get("TxnLineID", NEW_LINE)))
    body = {name: value for name, value in line.items() if name not in LINE_PLACE}
    _fill(made, entity.lines.name, entity.lines.elements, action, "", body)


def _fill(
    parent: Request,
    entity: str,
    elements: tuple[Element, ...],
    action: Change,
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


def _value(parent: Request, entity: str, name: str, element: Element, action: Change, value: object) -> None:
    if value is None or value == "":
        if action == "mod":
            sub(parent, element.tag(action), "")
        return
    for part in parts(element, value):
        sub(parent, element.tag(action), to_text(element, part, entity=entity, field=name))


def _reference(
    parent: Request, name: str, element: Element, action: Change, fields: Mapping[str, object]
) -> None:
    halves = [half for half in ("ListID", "FullName") if f"{name}_{half}" in fields]
    given = [half for half in halves if fields[f"{name}_{half}"] not in (None, "")]
    if not given and (action == "add" or not halves):
        return
    inner = etree.SubElement(parent, element.tag(action))
    if given:
        sub(inner, given[0], str(fields[f"{name}_{given[0]}"]))
    else:
        sub(inner, "FullName", "")
