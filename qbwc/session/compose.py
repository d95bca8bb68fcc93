"""Put requests together into a message set, within its bounds; what cannot go is settled on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lxml import etree

from qbwc import qbxml
from qbwc.descriptor import ENTITIES
from qbwc.errors import QbxmlError
from qbwc.qbxml import build_add, build_deleted_query, build_mod, build_query
from qbwc.queue import Item
from qbwc.queue.model import filled, lost_lines
from qbwc.session.model import Cancelled, Effect, Failed, Limits

Build = Callable[[Item], etree._Element]


@dataclass(slots=True)
class Batch:
    """Requests of one message set, and what became of those that could not join."""

    elements: list[etree._Element] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    size: int = 0


def batch(
    items: Sequence[Item], build: Build, *, now: datetime, count: int, size: int, attempts: int
) -> Batch:
    """Take items in order while they fit; one that is too large alone still goes, alone."""
    made = Batch()
    for item in items:
        stopped = overdue(item, now) or _worn_out(item, attempts)
        built = stopped or built_or_failed(item, build)
        if isinstance(built, (Cancelled, Failed)):
            made.effects.append(built)
            continue
        length = len(etree.tostring(built))
        if made.ids and (made.size + length > size or len(made.ids) >= count):
            break
        made.elements.append(built)
        made.ids.append(item.id)
        made.size += length
    return made


def overdue(item: Item, now: datetime) -> Cancelled | None:
    """Expiry is checked when a request leaves, however long it has been waiting."""
    until = item.request.not_after
    if until is None or now <= until:
        return None
    return Cancelled(
        id=item.id, reason=f"it was to be sent by {until:%Y-%m-%d %H:%M} UTC, now it is {now:%Y-%m-%d %H:%M}"
    )


def _worn_out(item: Item, attempts: int) -> Failed | None:
    if item.attempts < attempts:
        return None
    return Failed(id=item.id, error=f"given up after {item.attempts} attempts; it did not happen")


def built_or_failed(item: Item, build: Build) -> etree._Element | Failed:
    """The request as its element, or why there is none."""
    try:
        return build(item)
    except KeyError as missing:
        parent, name = missing.args
        return Failed(id=item.id, error=f"it needs {name} of the answer to {parent}, which has none")
    except QbxmlError as error:
        return Failed(id=item.id, error=f"it cannot be sent: {error}")


def write_element(item: Item) -> etree._Element:
    """The write with every reference to another answer filled.

    Raises:
        QbxmlError: It would lose lines that nobody approved of losing, or cannot be written.
    """
    request = item.write
    if lost := lost_lines(request):
        raise QbxmlError(
            f"{request.entity} {request.key} would lose the line(s) {', '.join(lost)}, which nobody approved",
            fix="Name every line that stays, or approve its removal.",
        )
    if request.action in ("void", "delete"):
        build = qbxml.build_void if request.action == "void" else qbxml.build_delete
        return build(request.entity, str(filled(request.key, item.answers)), request_id=item.id)
    fields = filled(request.fields, item.answers)
    lines = None if request.lines is None else filled(list(request.lines), item.answers)
    if request.action == "add":
        return build_add(request.entity, fields, lines, request_id=item.id)
    key = filled(request.key, item.answers)
    return build_mod(
        request.entity,
        None if key is None else str(key),
        item.edit_sequence,
        fields,
        lines,
        request_id=item.id,
    )


def is_paged(item: Item) -> bool:
    """Whether QuickBooks can answer the query page by page."""
    return ENTITIES[item.query.entity].iterator and not item.query.selects and not item.query.count_only


def page_size(item: Item, limits: Limits) -> int:
    """Records a page."""
    entity = ENTITIES[item.query.entity]
    default = limits.transaction_page if entity.shape == "txn" else limits.list_page
    return item.query.max_returned or default


def query_element(item: Item, limits: Limits) -> etree._Element:
    """A query, or its next page; a page repeats every filter of the first (Intuit, community)."""
    request = item.query
    if request.entity in ("ListDeleted", "TxnDeleted"):
        return build_deleted_query(
            request.entity,
            request.types,
            request_id=item.id,
            from_deleted=request.from_modified,
            to_deleted=request.to_modified,
        )
    paged = is_paged(item)
    return build_query(
        request.entity,
        request_id=item.id,
        max_returned=page_size(item, limits) if paged else None,
        iterator=("Continue" if item.iterator_id else "Start") if paged else None,
        iterator_id=item.iterator_id,
        from_modified=request.from_modified,
        to_modified=request.to_modified,
        active=None if request.selects else request.active,
        include_lines=request.include_lines and not request.count_only,
        metadata_only=request.count_only,
        keys=request.keys,
        full_names=request.full_names,
        ref_numbers=request.ref_numbers,
        owner_ids=request.owner_ids,
        include=request.include,
    )
