"""A record as a request sends it: names found, values read, nothing checked against other records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from .errors import OrgError
from .schema import FieldDef, ObjectDef, Schema
from .values import Value, coerce


@dataclass(frozen=True, slots=True, kw_only=True)
class ByKey:
    """A parent named by an external id instead of its id."""

    parent: ObjectDef
    field: FieldDef
    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One record of a request.

    Attributes:
        values: By API name, in the type of the field.
        by_key: Reference fields whose parent is named by an external id.
        id: The Id in the body, as it stands there; None when there is none.
    """

    obj: ObjectDef
    values: Mapping[str, Value] = field(default_factory=dict)
    by_key: Mapping[str, ByKey] = field(default_factory=dict)
    id: str | None = None

    def with_value(self, definition: FieldDef, value: Value) -> Incoming:
        """The same with one more field; `Id` is left out, the org gives it."""
        if definition.type == "id":
            return self
        return replace(self, values={**self.values, definition.name: value})

    def without(self, name: str) -> Incoming:
        """The same less one field."""
        return replace(self, values={n: v for n, v in self.values.items() if n != name})

    def refuse_unwritable(self, *, create: bool) -> None:
        """Refuse fields that the user may not set.

        Raises:
            OrgError: INVALID_FIELD_FOR_INSERT_UPDATE, naming all of them.
        """
        names = [*self.values, *self.by_key]
        fields = [self.obj.by_name[name.lower()] for name in names]
        shut = [f.name for f in fields if not (f.createable if create else f.updateable)]
        if shut:
            raise OrgError(
                "INVALID_FIELD_FOR_INSERT_UPDATE",
                f"Unable to create/update fields: {', '.join(shut)}. Please check the security settings"
                " of this field and verify that it is read/write for your profile or permission set.",
                shut,
            )


def read_record(schema: Schema, obj: ObjectDef, body: Mapping[str, object]) -> Incoming:
    """Read the JSON object of one record; `attributes` are skipped.

    Raises:
        OrgError: INVALID_FIELD for a name that the object doesn't have, and what `values.coerce`
            raises for a value.
    """
    values: dict[str, Value] = {}
    by_key: dict[str, ByKey] = {}
    record_id: str | None = None
    for name, value in body.items():
        definition = obj.field(name)
        if name == "attributes":
            continue
        if definition is not None and definition.type == "id":
            record_id = None if value is None else str(value)
        elif definition is not None:
            values[definition.name] = coerce(definition, value)
        elif (reference := obj.relation(name)) is not None:
            by_key[reference.name] = _read_key(schema, reference, value)
        else:
            raise no_such_column(obj, name)
    return Incoming(obj=obj, values=values, by_key=by_key, id=record_id)


def no_such_column(obj: ObjectDef, name: str) -> OrgError:
    return OrgError("INVALID_FIELD", f"No such column '{name}' on sobject of type {obj.name}")


def _read_key(schema: Schema, reference: FieldDef, value: object) -> ByKey:
    """The parent of `{"Account": {"QuickBooks_Id__c": "80000001-1"}}`.

    A reference to several objects needs `"attributes": {"type": "User"}` too.
    """
    given = value if isinstance(value, Mapping) else {}
    attributes = given.get("attributes")
    kind = attributes.get("type") if isinstance(attributes, Mapping) else None
    name = str(kind or reference.targets[0])
    parent = schema.object(name) if reference.polymorphic is False or kind else None
    named = {k: v for k, v in given.items() if k != "attributes"}
    if parent is None or parent.name not in reference.targets or len(named) != 1:
        wanted = " or ".join(reference.targets)
        raise OrgError(
            "INVALID_FIELD", f"{reference.relation} must name exactly one external id field of {wanted}"
        )
    ((key_name, key),) = named.items()
    definition = parent.field(str(key_name))
    if definition is None:
        raise no_such_column(parent, str(key_name))
    if not definition.id_lookup:
        raise OrgError("INVALID_FIELD", f"{definition.name} is not an External ID or indexed field")
    return ByKey(parent=parent, field=definition, value=coerce(definition, key))
