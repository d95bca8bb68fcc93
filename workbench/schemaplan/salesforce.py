"""What a custom field or object of Salesforce shall be, as the elements of its metadata.

Types and their elements: Metadata API Developer Guide, CustomField and CustomObject
(developer.salesforce.com/docs/platform/api-metadata/references/meta-types/metadata-customfield.html and
metadata-customobject.html).  Not tried on a real org (unverified): the embedded org takes no metadata.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.model import FieldMap, FieldType, Side
from workbench.model import Mapping as FieldMapping
from workbench.schemaplan.wants import Want

TEXT_LIMIT = 255
"""Longest Text; beyond it a LongTextArea."""

LONG_LIMIT = 32_768
ID_LENGTH = 36
"""Longest ListID, TxnID or TxnLineID."""

NAME_LIMIT = 40
"""Characters of an API name without `__c`."""

DIGITS = 18
"""Most digits of a number in Salesforce."""

Describes = Mapping[str, Mapping[str, Any]]
Details = dict[str, Any]


def label_of(name: str) -> str:
    """The label for an API name: `QuickBooks_Id__c` is 'QuickBooks Id'."""
    return name.removesuffix("__c").replace("_", " ")


def object_details(name: str) -> Details:
    """A custom object whose records have a text name."""
    label = label_of(name)
    return {"label": label, "pluralLabel": f"{label}s", "nameField": f"{label} Name"}


def field_details(want: Want, quickbooks: Describes, mappings: Mapping[str, FieldMapping]) -> Details:
    """The elements for one use of a field."""
    made: Details = {"label": label_of(want.name)}
    if want.field is None:
        return made | _compared(want.values)
    return made | _mapped(want, want.field, quickbooks, mappings)


def _compared(values: Sequence[str]) -> Details:
    """A field that filters, gates or defaults only name: what it is compared with is all that is known."""
    if not values:
        return {"type": "Text", "length": TEXT_LIMIT}
    if set(values) <= {"True", "False"}:
        return {"type": "Checkbox", "defaultValue": False}
    return {"type": "Picklist", "values": list(values)}


def _mapped(
    want: Want, field: FieldMap, quickbooks: Describes, mappings: Mapping[str, FieldMapping]
) -> Details:
    partner = _partner(want, field, quickbooks)
    size = int(partner.get("length") or 0)
    match field.type:
        case FieldType.ID:
            # A line's id is no key of its own in every file, so that it is not unique.
            unique = {} if want.mapping.parent else {"unique": True}
            exact = {"caseSensitive": True} if unique else {}
            return {"type": "Text", "length": size or ID_LENGTH, "externalId": True, **unique, **exact}
        case FieldType.REFERENCE:
            return _lookup(want, field, mappings)
        case FieldType.MONEY:
            return {"type": "Currency", "precision": DIGITS, "scale": 2}
        case FieldType.PRICE:
            return {"type": "Currency", "precision": DIGITS, "scale": int(partner.get("scale") or 5)}
        case FieldType.QUANTITY:
            return {"type": "Number", "precision": DIGITS, "scale": int(partner.get("scale") or 5)}
        case FieldType.DATE:
            return {"type": "Date"}
        case FieldType.BOOLEAN:
            # A record that was active stays so until somebody says otherwise.
            return {"type": "Checkbox", "defaultValue": "IsActive" in field.api(Side.QUICKBOOKS)}
        case FieldType.PHONE:
            return {"type": "Phone"}
        case FieldType.EMAIL:
            return {"type": "Email"}
    return _text(field, partner, size)


def _text(field: FieldMap, partner: Mapping[str, Any], size: int) -> Details:
    known = [str(each["value"]) for each in partner.get("picklistValues") or ()]
    translated = {theirs: ours for ours, theirs in field.values}
    if known:
        return {"type": "Picklist", "values": [translated.get(each, each) for each in known]}
    if field.values:
        return {"type": "Picklist", "values": [ours for ours, _ in field.values]}
    if len(field.api(Side.QUICKBOOKS)) > 1 and field.transform:
        return {"type": "TextArea"}
    if size > TEXT_LIMIT:
        return {"type": "LongTextArea", "length": min(size, LONG_LIMIT), "visibleLines": 3}
    return {"type": "Text", "length": size or TEXT_LIMIT}


def _lookup(want: Want, field: FieldMap, mappings: Mapping[str, FieldMapping]) -> Details:
    other = mappings.get(str(field.reference))
    target = other.salesforce.object if other else "Account"
    own, children = want.name.removesuffix("__c"), f"{want.object.removesuffix('__c')}s"
    return {
        "type": "Lookup",
        "referenceTo": target,
        # Unique among the children of the target.
        "relationshipName": children if own == target.removesuffix("__c") else f"{children}_{own}",
        "relationshipLabel": f"{label_of(want.object)}s",
        "deleteConstraint": "SetNull",
    }


def _partner(want: Want, field: FieldMap, quickbooks: Describes) -> Mapping[str, Any]:
    """The describe of the one QuickBooks field beside it; {} when there is none or several."""
    names = field.api(Side.QUICKBOOKS)
    head, dot, column = names[0].rpartition(".") if len(names) == 1 else ("", "", "")
    owner = head if dot else want.mapping.quickbooks.object
    fields = quickbooks.get(owner, {}).get("fields", ())
    return next((each for each in fields if each["name"] == column), {})


def merged(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Details | None:
    """What two uses of one field want together; None when no field can be both."""
    if ours["type"] != theirs["type"] or ours.get("referenceTo") != theirs.get("referenceTo"):
        return None
    made = {**theirs, **ours}
    if "values" in made:
        made["values"] = list(dict.fromkeys([*ours["values"], *theirs["values"]]))
    if "length" in made:
        made["length"] = max(ours["length"], theirs["length"])
    return made


def mapped_and_compared(mapped: Mapping[str, Any], compared: Mapping[str, Any]) -> Details:
    """What a field is that one use maps, and another only compares: the first says it, both its values."""
    return merged(mapped, compared) or dict(mapped) if "values" in mapped else dict(mapped)


def name_problem(name: str) -> str:
    """Why Salesforce takes no custom field or object of that name; '' when it does."""
    own = name.removesuffix("__c")
    if len(own) > NAME_LIMIT:
        return f"'{name}' has {len(own)} characters before `__c`, Salesforce takes {NAME_LIMIT}"
    plain = own.replace("_", "a")
    if not (plain.isascii() and plain.isalnum() and own[:1].isalpha()) or "__" in own or own.endswith("_"):
        return f"'{name}' is no API name: a letter, then letters, digits and single underscores"
    return ""
