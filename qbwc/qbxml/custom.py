"""Custom fields in writes: the fields of a DataExt request, and values checked against a definition.

A definition is the fields of a DataExtDef record.  Values travel as text whatever their type.
"""

from __future__ import annotations

from collections.abc import Mapping

from qbwc.descriptor import UNIONS, custom_element, known
from qbwc.descriptor.tables.shared import ENUMS
from qbwc.errors import QbxmlError
from qbwc.qbxml.values import to_text, value_problems


def data_ext(
    entity: str, key: str, name: str, value: str | None, *, owner_id: str = "0", line: str | None = None
) -> dict[str, object]:
    """The fields of a DataExt write that gives one custom field of one record its value.

    Args:
        entity: Kind of the record; 'Item' or a type of item alike.
        key: ListID or TxnID of the record; ignored for 'Company'.  A reference to another answer will do.
        name: DataExtName of the field.
        value: As text (see `custom_text`); None empties it, in a change only (unverified).
        owner_id: '0' for a public field, a GUID in braces for a private one.
        line: TxnLineID, for the field of one line of a transaction.

    Raises:
        QbxmlError: Records of that kind hold no custom fields.
    """
    described = known(entity)
    kind = "Item" if entity in UNIONS["Item"].members else entity
    head: dict[str, object] = {"OwnerID": owner_id, "DataExtName": name, "DataExtValue": value}
    if kind in ENUMS["ListDataExtType"]:
        return {**head, "ListDataExtType": kind, "ListObjRef_ListID": key}
    if kind in ENUMS["TxnDataExtType"]:
        place = {"TxnDataExtType": kind, "TxnID": key}
        return {**head, **place, **({"TxnLineID": line} if line else {})}
    if kind in ENUMS["OtherDataExtType"]:
        return {**head, "OtherDataExtType": kind}
    raise QbxmlError(
        f"{described.name} records hold no custom fields", entity=entity, field=name, value=value,
        fix="Keep the value elsewhere.",
    )  # fmt: skip


def check_custom(definition: Mapping[str, object], value: object) -> list[QbxmlError]:
    """Every reason why QuickBooks would refuse or mangle this value of a custom field, by its definition."""
    element = custom_element(definition)
    return value_problems(element, value, entity="DataExt", field=element.name)


def custom_text(definition: Mapping[str, object], value: object) -> str:
    """The text of a value as its definition has it; `QbxmlError` names the field and what would fit."""
    element = custom_element(definition)
    return to_text(element, value, entity="DataExt", field=element.name)
