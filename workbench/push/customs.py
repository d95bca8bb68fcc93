"""Write one custom field of a QuickBooks record: a request of its own, which waits for that of its record.

The server reads the record again right before it sends it: where the field no longer has the reviewed value,
the change is stale.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from workbench.changes import Change
from workbench.changes.customs import CUSTOM
from workbench.connections.quickbooks import custom_value
from workbench.connections.quickbooks_reading import key
from workbench.push.values import differing

VALUE = "DataExtValue"


def is_custom(change: Change) -> bool:
    """Whether a change writes a custom field."""
    return CUSTOM in change.context


def record_key(change: Change) -> str:
    """Name of the key of the record that has the field: ListID or TxnID."""
    return str(key(str(change.context[CUSTOM]["entity"])))


def custom_keywords(change: Change, record: Any, value: Any) -> dict[str, Any]:
    """What is special in the keywords of the write request.

    Args:
        record: Key of the record, or the reference to the answer that will tell it.
        value: To be written, or such a reference.
    """
    named = change.context[CUSTOM]
    before = next(iter(change.before.values()))
    return {
        "entity": "DataExt",
        "action": "add" if before in (None, "") else "mod",
        "fields": custom_value(str(named["entity"]), record, str(named["name"]), as_text(value)),
        "expected": {VALUE: as_text(before) or ""},
    }


def as_text(value: Any) -> Any:
    """A value as a custom field holds it: text whatever its type; a reference stays one."""
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case date() | datetime():
            return value.isoformat()
        case int():
            return str(value)
    return value


def custom_differing(sent: Mapping[str, Any], record: Mapping[str, Any]) -> dict[str, Any]:
    """In what the field is not as it was sent, from QuickBooks' answer.

    An answer that was lost is made up by the server from the record, once it has found the value there.
    """
    if VALUE not in record:
        return {}
    return differing({api: as_text(value) for api, value in sent.items()}, dict.fromkeys(sent, record[VALUE]))
