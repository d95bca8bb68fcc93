"""Describe answers: every key that the real org sends, worked out from the declarations.

Key names and JSON types are those of recorded describes (API 52 and later); the values follow from
`schema` and from nothing else, so what describe promises is what the org does.
"""

from __future__ import annotations

from collections.abc import Mapping

from .schema import NUMBERS, SOAP_TYPES, TEXTS, FieldDef, ObjectDef, Schema

MASTER_RECORD_TYPE = "012000000000000AAA"
Json = dict[str, object]


def describe_global(schema: Schema, version: str) -> Json:
    """The answer of `/sobjects`: all objects, without their fields."""
    return {
        "encoding": "UTF-8",
        "maxBatchSize": 200,
        "sobjects": [describe_brief(o, version) for o in schema.objects],
    }


def describe_brief(obj: ObjectDef, version: str) -> Json:
    """One object as `/sobjects` lists it."""
    base = f"/services/data/v{version}/sobjects/{obj.name}"
    return {**_object_flags(obj), "urls": _urls(base, obj)}


def describe_object(schema: Schema, obj: ObjectDef, version: str, site: str) -> Json:
    """The whole describe of one object; `site` is the address of the org's pages."""
    base = f"/services/data/v{version}/sobjects/{obj.name}"
    pages = {
        "uiDetailTemplate": f"{site}/{{ID}}",
        "uiEditTemplate": f"{site}/{{ID}}/e",
        "uiNewRecord": f"{site}/{obj.prefix}/e",
    }
    return {
        **_object_flags(obj),
        **_object_constants(),
        "actionOverrides": [],
        "childRelationships": [_child(child, field) for child, field in schema.children_of(obj)],
        "compactLayoutable": obj.layoutable,
        "fields": [describe_field(f) for f in obj.fields],
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": [_master_record_type(base)],
        "searchLayoutable": obj.layoutable,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [
            {"label": f"All {obj.plural.lower()}", "name": "everything"},
            {"label": f"My {obj.plural.lower()}", "name": "mine"},
        ],
        "urls": {**_urls(base, obj), **pages},
    }


def describe_field(field: FieldDef) -> Json:
    """One field of a describe."""
    text = field.type in TEXTS
    reference = field.type in ("id", "reference")
    return {
        **_FIELD_CONSTANTS,
        "aggregatable": field.sortable and field.type != "boolean",
        "byteLength": field.length * (3 if text and not field.one_byte else 1),
        "caseSensitive": field.case_sensitive,
        "compoundFieldName": field.part_of,
        "createable": field.createable,
        "custom": field.custom,
        "defaultValue": field.default if field.type == "boolean" else None,
        "defaultedOnCreate": field.defaulted,
        "digits": 8 if field.type == "int" else 0,
        "externalId": field.external_id,
        "extraTypeInfo": field.extra_type,
        "filterable": field.filterable,
        "groupable": _groupable(field),
        "idLookup": field.id_lookup,
        "label": field.label,
        "length": field.length,
        "name": field.name,
        "nameField": field.name_field,
        "nillable": field.nillable,
        "namePointing": field.polymorphic,
        "permissionable": _permissionable(field),
        "polymorphicForeignKey": field.polymorphic,
        "picklistValues": [_picklist_value(v) for v in field.values],
        "precision": field.precision,
        "queryByDistance": field.compound,
        "referenceTo": list(field.targets),
        "relationshipName": field.relation if reference else None,
        "restrictedPicklist": field.restricted,
        "scale": field.scale,
        "searchPrefilterable": field.prefilterable,
        "soapType": SOAP_TYPES.get(field.type, "xsd:string"),
        "sortable": field.sortable,
        "type": field.type,
        "unique": field.unique,
        "updateable": field.updateable,
    }


_FIELD_CONSTANTS: Mapping[str, object] = {
    "aiPredictionField": False,
    "autoNumber": False,
    "calculated": False,
    "calculatedFormula": None,
    "cascadeDelete": False,
    "controllerName": None,
    "defaultValueFormula": None,
    "dependentPicklist": False,
    "deprecatedAndHidden": False,
    "displayLocationInDecimal": False,
    "encrypted": False,
    "filteredLookupInfo": None,
    "formulaTreatNullNumberAsZero": False,
    "highScaleNumber": False,
    "htmlFormatted": False,
    "inlineHelpText": None,
    "mask": None,
    "maskType": None,
    "referenceTargetField": None,
    "relationshipOrder": None,
    "restrictedDelete": False,
    "writeRequiresMasterRead": False,
}


def _groupable(field: FieldDef) -> bool:
    if field.groupable is not None:
        return field.groupable
    return field.sortable and field.type not in NUMBERS and field.type != "datetime"


def _permissionable(field: FieldDef) -> bool:
    """Can field-level security hide it?  Not what the org needs itself, nor what it sets."""
    if field.permissionable is not None:
        return field.permissionable
    return (field.createable or field.updateable) and (field.nillable or field.custom)


def _picklist_value(value: str) -> Json:
    return {"active": True, "defaultValue": False, "label": value, "validFor": None, "value": value}


def _object_flags(obj: ObjectDef) -> Json:
    return {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": obj.createable,
        "custom": obj.name.endswith("__c"),
        "customSetting": False,
        "deepCloneable": False,
        "deletable": obj.deletable,
        "deprecatedAndHidden": False,
        "feedEnabled": obj.layoutable,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": obj.prefix,
        "label": obj.label,
        "labelPlural": obj.plural,
        "layoutable": obj.layoutable,
        "mergeable": obj.mergeable,
        "mruEnabled": obj.layoutable,
        "name": obj.name,
        "queryable": True,
        "replicateable": obj.deletable,
        "retrieveable": True,
        "searchable": obj.layoutable,
        "triggerable": obj.createable,
        "undeletable": obj.deletable,
        "updateable": obj.createable,
    }


def _object_constants() -> Json:
    return dict.fromkeys(
        ("defaultImplementation", "extendedBy", "extendsInterfaces", "implementedBy", "implementsInterfaces")
    )


def _child(child: ObjectDef, field: FieldDef) -> Json:
    return {
        "cascadeDelete": field.on_delete == "cascade",
        "childSObject": child.name,
        "deprecatedAndHidden": False,
        "field": field.name,
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": field.children,
        "restrictedDelete": field.on_delete == "restrict",
    }


def _master_record_type(base: str) -> Json:
    return {
        "active": True,
        "available": True,
        "defaultRecordTypeMapping": True,
        "developerName": "Master",
        "master": True,
        "name": "Master",
        "recordTypeId": MASTER_RECORD_TYPE,
        "urls": {"layout": f"{base}/describe/layouts/{MASTER_RECORD_TYPE}"},
    }


def _urls(base: str, obj: ObjectDef) -> Json:
    urls: Json = {"describe": f"{base}/describe", "rowTemplate": f"{base}/{{ID}}", "sobject": base}
    if obj.layoutable:
        urls |= {
            "approvalLayouts": f"{base}/describe/approvalLayouts",
            "compactLayouts": f"{base}/describe/compactLayouts",
            "layouts": f"{base}/describe/layouts",
            "listviews": f"{base}/listviews",
            "quickActions": f"{base}/quickActions",
        }
    return urls
