"""Declarations of fields in one line each: `text`, `money`, `lookup`, and the groups that objects share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict, Unpack

from .schema import Access, FieldDef, OnDelete


class Options(TypedDict, total=False):
    """What a declaration may say of a field beyond its name, label and type; see `FieldDef`."""

    nillable: bool
    access: Access
    default: str | bool | None
    defaulted: bool
    children: str
    on_delete: OnDelete
    mirror: tuple[str, str]
    part_of: str
    unique: bool
    external_id: bool
    case_sensitive: bool
    id_lookup: bool
    name_field: bool
    permissionable: bool
    prefilterable: bool
    groupable: bool
    unsearchable: bool
    one_byte: bool


def text(
    name: str, label: str, length: int, extra_type: str | None = None, **options: Unpack[Options]
) -> FieldDef:
    """A string field of so many characters."""
    return FieldDef(name=name, label=label, type="string", length=length, extra_type=extra_type, **options)


def area(name: str, label: str, length: int = 255, **options: Unpack[Options]) -> FieldDef:
    """A plain text area."""
    return FieldDef(
        name=name, label=label, type="textarea", length=length, extra_type="plaintextarea", **options
    )


def phone(name: str, label: str) -> FieldDef:
    return FieldDef(name=name, label=label, type="phone", length=40)


def picklist(
    name: str,
    label: str,
    values: Iterable[str],
    length: int = 40,
    extra_type: str | None = None,
    restricted: bool = False,
    **options: Unpack[Options],
) -> FieldDef:
    return FieldDef(
        name=name,
        label=label,
        type="picklist",
        values=tuple(values),
        length=length,
        extra_type=extra_type,
        restricted=restricted,
        **options,
    )


def number(name: str, label: str, precision: int, scale: int, **options: Unpack[Options]) -> FieldDef:
    return FieldDef(name=name, label=label, type="double", precision=precision, scale=scale, **options)


def money(name: str, label: str, scale: int = 2, **options: Unpack[Options]) -> FieldDef:
    """A currency field: 18 digits, `scale` of them after the point."""
    return FieldDef(name=name, label=label, type="currency", precision=18, scale=scale, **options)


def percent(name: str, label: str, **options: Unpack[Options]) -> FieldDef:
    return FieldDef(name=name, label=label, type="percent", precision=3, **options)


def whole(name: str, label: str, **options: Unpack[Options]) -> FieldDef:
    """An integer of up to eight digits."""
    return FieldDef(name=name, label=label, type="int", **options)


def flag(
    name: str, label: str, default: bool = False, access: Access = "write", permissionable: bool | None = None
) -> FieldDef:
    """A check box: never null, false unless said otherwise."""
    return FieldDef(
        name=name,
        label=label,
        type="boolean",
        nillable=False,
        default=default,
        defaulted=True,
        access=access,
        permissionable=permissionable,
    )


def date(name: str, label: str, **options: Unpack[Options]) -> FieldDef:
    return FieldDef(name=name, label=label, type="date", **options)


def moment(name: str, label: str, **options: Unpack[Options]) -> FieldDef:
    """A date with a time, in UTC."""
    return FieldDef(name=name, label=label, type="datetime", **options)


def lookup(name: str, label: str, *targets: str, **options: Unpack[Options]) -> FieldDef:
    """A reference to a record of another object, of the same one, or of one of several."""
    relation = name[:-3] + "__r" if name.endswith("__c") else name.removesuffix("Id")
    return FieldDef(
        name=name, label=label, type="reference", length=18, targets=targets, relation=relation, **options
    )


def address(prefix: str, label: str) -> tuple[FieldDef, ...]:
    """The nine fields of a compound address: eight parts and the whole."""
    whole_name = f"{prefix}Address"
    accuracy = "Address NearAddress Block Street ExtendedZip Zip Neighborhood City County State Unknown"
    part: Options = {"part_of": whole_name}
    return (
        area(f"{prefix}Street", f"{label} Street", **part),
        text(f"{prefix}City", f"{label} City", 40, **part),
        text(f"{prefix}State", f"{label} State/Province", 80, **part),
        text(f"{prefix}PostalCode", f"{label} Zip/Postal Code", 20, **part),
        text(f"{prefix}Country", f"{label} Country", 80, **part),
        number(f"{prefix}Latitude", f"{label} Latitude", 18, 15, **part),
        number(f"{prefix}Longitude", f"{label} Longitude", 18, 15, **part),
        picklist(
            f"{prefix}GeocodeAccuracy", f"{label} Geocode Accuracy", accuracy.split(), restricted=True, **part
        ),
        FieldDef(
            name=whole_name, label=f"{label} Address", type="address", access="read", permissionable=True
        ),
    )


def identity(label: str) -> tuple[FieldDef, ...]:
    """Id and IsDeleted, with which every object begins."""
    return (
        FieldDef(
            name="Id",
            label=label,
            type="id",
            length=18,
            access="read",
            nillable=False,
            defaulted=True,
            id_lookup=True,
        ),
        flag("IsDeleted", "Deleted", access="read"),
    )


def owner() -> FieldDef:
    return lookup("OwnerId", "Owner ID", "User", nillable=False, defaulted=True, permissionable=False)


def audit() -> tuple[FieldDef, ...]:
    """Who made and last changed a record, and when: set by the org, never by a user."""
    system: Options = {"access": "read", "nillable": False, "defaulted": True}
    return (
        moment("CreatedDate", "Created Date", **system),
        lookup("CreatedById", "Created By ID", "User", **system),
        moment("LastModifiedDate", "Last Modified Date", **system),
        lookup("LastModifiedById", "Last Modified By ID", "User", **system),
        moment("SystemModstamp", "System Modstamp", **system),
    )


def seen() -> tuple[FieldDef, ...]:
    """When a person last looked at the record; always null here."""
    return (
        moment("LastViewedDate", "Last Viewed Date", access="read"),
        moment("LastReferencedDate", "Last Referenced Date", access="read"),
    )
