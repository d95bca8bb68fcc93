"""How to find the record of a write again: the query, and which of its answers is meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from lxml import etree

from qbwc.descriptor import ENTITIES, custom_name
from qbwc.qbxml import Record, build_query
from qbwc.queue import Item
from qbwc.queue.model import WriteRequest, filled
from qbwc.session.comparing import equal

PREFIX = "probe-"
PUBLIC = "0"
"""OwnerID of the custom fields that people see."""

_BEFORE_EVERY_ZONE = timedelta(hours=13)
"""Filters are read as local time of a machine whose zone we do not know: that much earlier is before it."""
_HOLDERS = ("ListDataExtType", "TxnDataExtType", "OtherDataExtType")


def probe_of(item: Item) -> etree._Element | None:
    """The query that finds the record of a write; None when the request does not say how to find it."""
    request, name = item.write, f"{PREFIX}{item.id}"
    if request.entity == "DataExt":
        return _holder(request, item, name)
    if request.action != "add":
        return build_query(request.entity, request_id=name, keys=[str(filled(request.key, item.answers))])
    if request.entity == "DataExtDef":
        return build_query(request.entity, request_id=name, owner_ids=[str(request.fields.get("OwnerID"))])
    wanted = wanted_of(item)
    key = ENTITIES[request.entity].key
    if key in wanted:
        return build_query(request.entity, request_id=name, keys=[str(wanted[key])])
    if "FullName" in wanted:
        return build_query(request.entity, request_id=name, full_names=[str(wanted["FullName"])])
    if "RefNumber" in wanted:
        return build_query(request.entity, request_id=name, ref_numbers=[str(wanted["RefNumber"])])
    if wanted.get("Memo") and ENTITIES[request.entity].shape == "txn":
        return _since(item, name)
    return None


def _since(item: Item, name: str) -> etree._Element | None:
    """All transactions modified since it left; no page size, or nothing would prove that one is missing."""
    left = item.sent_at or item.queued_at
    if left is None:
        return None
    start = (left - _BEFORE_EVERY_ZONE).replace(tzinfo=None, microsecond=0)
    return build_query(item.write.entity, request_id=name, from_modified=start)


def _holder(request: WriteRequest, item: Item, name: str) -> etree._Element | None:
    """The record that holds a custom field, read with it."""
    fields = filled(request.fields, item.answers)
    entity = next((str(fields[kind]) for kind in _HOLDERS if fields.get(kind)), None)
    described = ENTITIES.get(entity or "")
    if entity is None or described is None:
        return None
    owners = [str(fields.get("OwnerID") or PUBLIC)]
    if described.shape == "single":
        return build_query(entity, request_id=name, owner_ids=owners)
    if described.shape == "txn":
        return build_query(entity, request_id=name, keys=[str(fields["TxnID"])], owner_ids=owners)
    if fields.get("ListObjRef_ListID"):
        keys = [str(fields["ListObjRef_ListID"])]
        return build_query(entity, request_id=name, keys=keys, owner_ids=owners)
    names = [str(fields["ListObjRef_FullName"])]
    return build_query(entity, request_id=name, full_names=names, owner_ids=owners)


def wanted_of(item: Item) -> dict[str, Any]:
    """The key of an added record, with every reference to another answer filled.

    A job's full name is put together of its parent's and its own, as QuickBooks does: 'Parent:Job'.
    """
    request = item.write
    if request.entity == "DataExtDef":
        return {name: request.fields.get(name) for name in ("OwnerID", "DataExtName")}
    wanted = dict(filled(request.probe or {}, item.answers))
    if "FullName" in wanted or "Name" not in wanted:
        return wanted
    parent = wanted.pop("ParentRef_FullName", None) or _name_of_parent(request, item)
    by_id = wanted.pop("ParentRef_ListID", None)
    if by_id and not parent:
        return {}  # Only its id is known, and QuickBooks finds a job by its full name alone.
    name = wanted.pop("Name")
    return {**wanted, "FullName": f"{parent}:{name}" if parent else name}


def _name_of_parent(request: WriteRequest, item: Item) -> str | None:
    reference = (request.probe or {}).get("ParentRef_ListID")
    if isinstance(reference, Mapping) and "$answer" in reference:
        answer = item.answers.get(str(reference["$answer"])) or {}
        return answer.get("FullName")
    return None


def with_key(wanted: Mapping[str, Any], found: Sequence[Record]) -> list[Record]:
    """Those of the records found that have the key of the one wanted."""
    return [
        record
        for record in found
        if all(equal(name, value, _field(record, name)) for name, value in wanted.items())
    ]


def _field(record: Record, name: str) -> object:
    # In a flat list (vendors, terms) the name is the full name.
    return record.fields.get("Name" if name == "FullName" and name not in record.fields else name)


def custom_value(item: Item, record: Record) -> str:
    """What a record, or one of its lines, has in the custom field of a write; '' when it has nothing."""
    fields = filled(item.write.fields, item.answers)
    owner, name = str(fields.get("OwnerID") or PUBLIC), str(fields["DataExtName"])
    custom: Mapping[str, object] = record.custom
    if line_id := fields.get("TxnLineID"):
        lines = [line for rows in record.lines.values() for line in rows if line.get("TxnLineID") == line_id]
        held = lines[0].get("custom") if lines else None
        custom = held if isinstance(held, Mapping) else {}
    return str(custom.get(custom_name(owner, name)) or "")
