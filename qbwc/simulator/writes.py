"""Execute one write of a message set: what its answer holds."""

from __future__ import annotations

from xml.sax.saxutils import escape

from qbwc.descriptor import CONCRETE
from qbwc.simulator import removal
from qbwc.simulator.answers import Writer
from qbwc.simulator.custom import define, definition_ret, write_value
from qbwc.simulator.lists import add_list, mod_list
from qbwc.simulator.orders import Order
from qbwc.simulator.records import Books
from qbwc.simulator.refusals import not_found
from qbwc.simulator.times import LocalTime
from qbwc.simulator.totals import is_transaction
from qbwc.simulator.transactions import add_txn, mod_txn
from qbwc.simulator.write_form import removal_tags


def write(order: Order, books: Books, writer: Writer, local: LocalTime, now: str) -> str:
    """The body of the answer; a `Refusal` where QuickBooks would not do it.  Call it inside `change`."""
    if order.action in ("void", "delete"):
        return _remove(order, books, writer, local, now)
    if order.entity == "DataExtDef":
        return definition_ret(define(books, order.values))
    if order.entity == "DataExt":
        return write_value(books, order, now)
    return _record(order, books, writer, now)


def _record(order: Order, books: Books, writer: Writer, now: str) -> str:
    entity = CONCRETE[order.entity]
    values = dict(order.values)
    assert entity.key is not None
    if order.action == "add" and entity.shape == "txn":
        record = add_txn(books, entity.name, values, order.lines or (), now)
    elif order.action == "add":
        record = add_list(books, entity.name, values, now)
    else:
        key, sequence = values.pop(entity.key), values.pop("EditSequence")
        if entity.shape == "txn":
            record = mod_txn(books, entity.name, key, sequence, values, order.lines, now)
        else:
            record = mod_list(books, entity.name, key, sequence, values, now)
    writer.forget()
    return writer.ret(record, include=frozenset(order.wanted("IncludeRetElement")))


def _remove(order: Order, books: Books, writer: Writer, local: LocalTime, now: str) -> str:
    """Void or delete; the answer is no Ret, but the values alone."""
    kind, key_tag = removal_tags(order.tag)
    key = order.values[key_tag]
    described = CONCRETE.get(order.entity)
    if described is None or described.key != key_tag:
        raise not_found(key)
    if order.action == "void":
        record = removal.void(books, order.entity, key, now)
        when = {
            "TimeCreated": local.text(record.fields["TimeCreated"]),
            "TimeModified": local.text(record.modified),
        }
    else:
        record = removal.delete(books, order.entity, key, now)
        when = {"TimeDeleted": local.text(now)}
    writer.forget()
    name = "RefNumber" if is_transaction(order.entity) else "FullName"
    told = {kind: order.entity, key_tag: key, **when, name: record.full_name}
    return "".join(f"<{tag}>{escape(text)}</{tag}>" for tag, text in told.items() if text)
