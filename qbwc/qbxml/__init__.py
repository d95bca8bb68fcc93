"""qbXML as values: build requests, read answers.

    build_query, build_add, build_mod, build_void, build_delete, build_deleted_query
                                                             one request, as an element
    data_ext, check_custom, custom_text                      custom fields: a write, a value
    message_set                                              the document to send
    check_write                                              every problem of a write, before it is queued
    parse_responses, parse_records, message_set_status       an answer, as a stream
    page_columns                                             a page of a query, as columns of texts
    company_info                                             which company file answers

Field names are flattened paths (`BillAddress_City`).  Element order, types and lengths come from
`qbwc.descriptor`; nothing here knows a kind of record by name, except how the types of items make one `Item`.
"""

from __future__ import annotations

from qbwc.qbxml.ask import build_deleted_query, build_query
from qbwc.qbxml.build import build_add, build_delete, build_mod, build_void
from qbwc.qbxml.check import check_write
from qbwc.qbxml.columns import page_columns
from qbwc.qbxml.company import CompanyInfo, company_info
from qbwc.qbxml.custom import check_custom, custom_text, data_ext
from qbwc.qbxml.envelope import message_set
from qbwc.qbxml.parse import (
    MessageSetStatus,
    Response,
    message_set_status,
    parse_records,
    parse_responses,
)
from qbwc.qbxml.reader import Record
from qbwc.qbxml.unions import to_union
from qbwc.qbxml.values import unsendable

__all__ = [
    "CompanyInfo",
    "MessageSetStatus",
    "Record",
    "Response",
    "build_add",
    "build_delete",
    "build_deleted_query",
    "build_mod",
    "build_query",
    "build_void",
    "check_custom",
    "check_write",
    "company_info",
    "custom_text",
    "data_ext",
    "message_set",
    "message_set_status",
    "page_columns",
    "parse_records",
    "parse_responses",
    "to_union",
    "unsendable",
]
