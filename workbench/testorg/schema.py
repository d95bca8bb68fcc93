"""How objects and fields are declared: the one source of describe, validation, storage and SOQL.

A field is declared in one line by the helpers in `fields` (`text`, `money`, `lookup` ...); what
follows from its type (soapType, sortable, byteLength ...) is worked out here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

Access = Literal["write", "create", "update", "read"]
OnDelete = Literal["clear", "cascade", "restrict"]

SOAP_TYPES: Mapping[str, str] = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "address": "urn:address",
}  # every other type travels as xsd:string
NUMBERS = frozenset({"double", "currency", "percent"})
TEXTS = frozenset({"string", "textarea", "phone", "url", "email", "picklist"})
LONG_TEXT = 256  # from this length on a text area can be neither filtered nor sorted


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDef:
    """One field.

    Attributes:
        length: Characters of a text, 0 for other types; ids are 18 long.
        precision: All digits of a number, `scale` of them after the point.
        nillable: May be null.  A field that is createable, not nillable and has no default is
            required on create.
        access: Who may set it: `write` (create and update), `create`, `update`, or `read` only.
        default: Value of a create that doesn't name the field.
        defaulted: The org finds a value by rule, so describe says defaultedOnCreate.
        values: Picklist values in their order.
        targets: Objects a reference may point to; `relation` is the name of the parent path.
        children: Name of the list of these records on the parent (childRelationships).
        on_delete: What happens to this record when its parent is deleted.
        mirror: Parent path whose value is shown, e.g. `("Product2Id", "ProductCode")`; not stored.
        part_of: The compound field this is a part of.
        permissionable, groupable: None where the type and access tell (see `describe`).
        unsearchable: Can be neither filtered nor sorted, for no reason that its type would tell.
        one_byte: Its characters take one byte each, not up to three.
    """

    name: str
    label: str
    type: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    nillable: bool = True
    access: Access = "write"
    default: str | bool | None = None
    defaulted: bool = False
    values: tuple[str, ...] = ()
    restricted: bool = False
    targets: tuple[str, ...] = ()
    relation: str | None = None
    children: str | None = None
    on_delete: OnDelete = "clear"
    mirror: tuple[str, str] | None = None
    part_of: str | None = None
    extra_type: str | None = None
    unique: bool = False
    external_id: bool = False
    case_sensitive: bool = False
    id_lookup: bool = False
    name_field: bool = False
    permissionable: bool | None = None
    prefilterable: bool = False
    groupable: bool | None = None
    unsearchable: bool = False
    one_byte: bool = False

    @property
    def createable(self) -> bool:
        return self.access in ("write", "create")

    @property
    def updateable(self) -> bool:
        return self.access in ("write", "update")

    @property
    def custom(self) -> bool:
        return self.name.endswith("__c")

    @property
    def compound(self) -> bool:
        """An address: read as one object, never written, never stored."""
        return self.type == "address"

    @property
    def polymorphic(self) -> bool:
        """May point to records of more than one object."""
        return len(self.targets) > 1

    @property
    def stored(self) -> bool:
        return not self.compound and self.mirror is None

    @property
    def required(self) -> bool:
        """Must be given on create (reference, section 9)."""
        return self.createable and not self.nillable and not self.defaulted and self.default is None

    @property
    def filterable(self) -> bool:
        return not (self.type == "textarea" and self.length >= LONG_TEXT) and not self.unsearchable

    @property
    def sortable(self) -> bool:
        return self.filterable and not self.compound


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectDef:
    """One object: its key prefix and its fields, in the order of the describe.

    Attributes:
        stored: The fields that have a column.
        required: The fields that must be given on create.
        blank: A record of defaults: every stored field by name.
    """

    name: str
    label: str
    plural: str
    prefix: str
    fields: tuple[FieldDef, ...]
    createable: bool = True
    deletable: bool = True
    mergeable: bool = False
    layoutable: bool = True
    by_name: Mapping[str, FieldDef] = field(init=False, repr=False, compare=False)
    by_relation: Mapping[str, FieldDef] = field(init=False, repr=False, compare=False)
    stored: tuple[FieldDef, ...] = field(init=False, repr=False, compare=False)
    required: tuple[FieldDef, ...] = field(init=False, repr=False, compare=False)
    blank: Mapping[str, str | bool | None] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "stored", tuple(f for f in self.fields if f.stored))
        object.__setattr__(self, "required", tuple(f for f in self.fields if f.required))
        object.__setattr__(self, "blank", {f.name: f.default for f in self.stored})
        object.__setattr__(self, "by_name", {f.name.lower(): f for f in self.fields})
        relations = {f.relation.lower(): f for f in self.fields if f.relation}
        object.__setattr__(self, "by_relation", relations)

    def field(self, name: str) -> FieldDef | None:
        """The field of this API name, whatever its case."""
        return self.by_name.get(name.lower())

    def relation(self, name: str) -> FieldDef | None:
        """The reference field whose parent path has this name, e.g. `Account` for AccountId."""
        return self.by_relation.get(name.lower())


# What a reference to several kinds of records shows of each (the real org's object Name).
NAME = ObjectDef(
    name="Name",
    label="Name",
    plural="Names",
    prefix="",
    createable=False,
    deletable=False,
    layoutable=False,
    fields=(
        FieldDef(name="Id", label="Name ID", type="id", length=18, access="read", nillable=False),
        FieldDef(name="Name", label="Name", type="string", length=255, access="read", name_field=True),
        FieldDef(name="Type", label="Type", type="picklist", length=40, access="read"),
    ),
)


@dataclass(frozen=True, slots=True)
class Schema:
    """The objects of one org, found by name or key prefix."""

    objects: tuple[ObjectDef, ...]
    by_name: Mapping[str, ObjectDef] = field(init=False, repr=False, compare=False)
    by_prefix: Mapping[str, ObjectDef] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {o.name.lower(): o for o in self.objects})
        object.__setattr__(self, "by_prefix", {o.prefix: o for o in self.objects})

    def object(self, name: str) -> ObjectDef | None:
        return self.by_name.get(name.lower())

    def parent_of(self, reference: FieldDef) -> ObjectDef | None:
        """What a path through this reference leads to: its object, or Name when there are several."""
        return NAME if reference.polymorphic else self.object(reference.targets[0])

    def children_of(self, parent: ObjectDef) -> list[tuple[ObjectDef, FieldDef]]:
        """Every (child object, reference field) that points to this object."""
        return [(o, f) for o in self.objects for f in o.fields if parent.name in f.targets and f.stored]

    def without(self, hidden: Iterable[str]) -> Schema:
        """This schema less some fields, named `Object.Field`.

        A field that a user may not see is gone from describe, SOQL and DML alike, as if it had
        never been made (reference, section 6).

        Raises:
            ValueError: a name that isn't a field of this schema.
        """
        gone = {name.lower() for name in hidden}
        known = {f"{o.name}.{f.name}".lower() for o in self.objects for f in o.fields}
        if unknown := sorted(gone - known):
            raise ValueError(f"can't hide fields that the org doesn't have: {', '.join(unknown)}")
        kept = (
            replace(o, fields=tuple(f for f in o.fields if f"{o.name}.{f.name}".lower() not in gone))
            for o in self.objects
        )
        return Schema(tuple(kept))

    def with_objects(self, more: Iterable[ObjectDef]) -> Schema:
        """This schema and further (custom) objects."""
        return Schema(self.objects + tuple(more))

    def extended(self, extra: Mapping[str, Iterable[FieldDef]]) -> Schema:
        """This schema and further (custom) fields, by object name."""
        more = {name.lower(): tuple(fields) for name, fields in extra.items()}
        return Schema(tuple(replace(o, fields=o.fields + more.get(o.name.lower(), ())) for o in self.objects))
