"""Build queries: by key, by filter, page by page, and for what was deleted.

Filters come in the order of the schema; what excludes what is told before QuickBooks refuses the whole set.
"""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from qbwc.descriptor import Element, Entity, Union, known, line_entities, line_of
from qbwc.errors import QbxmlError
from qbwc.qbxml.envelope import Request, refused, request_element, sub
from qbwc.qbxml.unions import tops
from qbwc.qbxml.values import filter_time, to_text

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
    metadata_only: bool = False,
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
        include: Fields to return, flattened or not; the key, EditSequence and TimeModified are added, and
            custom fields where `owner_ids` asks for them.
        metadata_only: Only count (`Response.ret_count`); lines and fields are not asked for then.
    """
    described = known(entity)
    _check_askable(described, metadata_only, iterator)
    request = request_element(described.request("query"), request_id)
    if metadata_only:
        request.set("metaData", "MetaDataOnly")
        include_lines, include = False, ()
    _set_iterator(request, described, iterator, iterator_id, max_returned)
    chosen = _chosen(described, keys, full_names, ref_numbers)
    filtered = described.shape in ("list", "txn") and not chosen
    if not filtered and (max_returned or iterator or from_modified or to_modified):
        raise QbxmlError(
            f"{entity}Query by key takes no filter, page size or iterator",
            entity=entity, fix="They are branches of one choice: ask by key, or by filter.",
        )  # fmt: skip
    for tag, value in chosen:
        sub(request, tag, value)
    if filtered:
        _filters(request, described, max_returned, active, from_modified, to_modified)
    if described.shape == "txn" and include_lines:
        sub(request, "IncludeLineItems", "true")
    if described.shape == "definition":
        _owners(request, described, owner_ids)  # Whose definitions: a choice of its own, before the rest.
        owner_ids = ()
    _included(request, described, include, lines=include_lines, custom=bool(owner_ids))
    _owners(request, described, owner_ids)
    return request


def _check_askable(described: Entity | Union, metadata_only: bool, iterator: str | None) -> None:
    name = described.name
    if described.shape == "deleted":
        raise QbxmlError(f"{name} has a query of its own", entity=name, fix="Use build_deleted_query.")
    if "query" not in described.actions:
        raise QbxmlError(f"{name} has no query", entity=name, fix="Read its records, with owner_ids.")
    if metadata_only and (described.shape == "single" or iterator):
        why = "is one record" if described.shape == "single" else "is counted in one piece, without iterator"
        raise QbxmlError(f"{name} {why}", entity=name, field="metadata_only", fix="Leave one of them out.")


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
        raise refused(described.name, "iterator", iterator, ("Start", "Continue", "Stop"))
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
            raise refused(described.name, "max_returned", max_returned, (">= 1",))
        sub(request, "MaxReturned", str(max_returned))
    if described.shape == "list" and active is not None:
        if active not in _ACTIVE:
            raise refused(described.name, "active", active, _ACTIVE)
        sub(request, "ActiveStatus", active)
    parent = request
    if described.shape == "txn" and (from_modified is not None or to_modified is not None):
        parent = etree.SubElement(request, "ModifiedDateRangeFilter")
    if from_modified is not None:
        sub(parent, "FromModifiedDate", filter_time(from_modified, "from_modified"))
    if to_modified is not None:
        sub(parent, "ToModifiedDate", filter_time(to_modified, "to_modified"))


def _included(
    request: Request, described: Entity | Union, include: Sequence[str], *, lines: bool, custom: bool
) -> None:
    """Name the elements to return: everything of a record comes back where none is named.

    That custom fields come back only when DataExtRet is named too is unverified.
    """
    found: list[str] = []
    for name in include:
        found += tops(described, name) if isinstance(described, Union) else [name.split("_")[0]]
    if include and described.key:
        found = [described.key, *_RECORD_HEAD, *found]
        if lines:
            found += [each[1].ret for name in line_entities(described.name) if (each := line_of(name))]
    if include and custom:
        found.append("DataExtRet")
    for top in dict.fromkeys(found):
        sub(request, "IncludeRetElement", top)


def _owners(request: Request, described: Entity | Union, owner_ids: Sequence[str]) -> None:
    if owner_ids and not described.owner_id and described.shape != "definition":
        raise QbxmlError(
            f"{described.name}Query has no custom fields", entity=described.name, field="owner_ids",
            value=list(owner_ids), fix="Leave owner_ids out.",
        )  # fmt: skip
    for owner in owner_ids:
        sub(request, "OwnerID", to_text(_OWNER_ID, owner, entity=described.name, field="OwnerID"))


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
    request = request_element(f"{entity}QueryRq", request_id)
    for each in types:
        sub(request, "ListDelType" if entity == "ListDeleted" else "TxnDelType", each)
    if from_deleted is not None or to_deleted is not None:
        span = etree.SubElement(request, "DeletedDateRangeFilter")
        if from_deleted is not None:
            sub(span, "FromDeletedDate", filter_time(from_deleted, "from_deleted"))
        if to_deleted is not None:
            sub(span, "ToDeletedDate", filter_time(to_deleted, "to_deleted"))
    return request
