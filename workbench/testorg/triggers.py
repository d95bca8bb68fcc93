"""Before-save triggers told as data, for an org that runs as a process of its own.

In the same process a trigger is any function in `TestOrg.before_save`.  As data it is

    {"object": "Account", "when": {"Phone": "1"}, "set": {"Site": "x"}, "keep": ["Name"],
     "refuse": {"code": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": "No site", "fields": ["Site"]}}

`when` says which values the record must have (all records without it), `set` puts values in, `keep`
puts back what was there before, and `refuse` refuses.
"""

from __future__ import annotations

from collections.abc import Mapping

from .dml import Trigger
from .errors import OrgError
from .schema import Schema
from .store import Record
from .values import Value, coerce


def trigger(schema: Schema, told: Mapping[str, object]) -> Trigger:
    """The function that the data describes.

    Raises:
        OrgError: a name or value that the object doesn't have.
        ValueError: something else than the members above.
    """
    if unknown := set(told) - {"object", "when", "set", "keep", "refuse"}:
        raise ValueError(f"a trigger has no member {', '.join(sorted(unknown))}")
    name = str(told.get("object"))
    when, values = _values(schema, name, told.get("when")), _values(schema, name, told.get("set"))
    keep = told.get("keep") or []
    kept = list(_values(schema, name, dict.fromkeys(keep))) if isinstance(keep, list) else []
    refusal = _refusal(told.get("refuse"))

    def run(object_name: str, old: Mapping[str, Value] | None, new: Record) -> None:
        if object_name != name or any(new.get(f) != v for f, v in when.items()):
            return
        if refusal is not None:
            raise OrgError(*refusal)
        new.update(values)
        if old is not None:
            new.update({f: old[f] for f in kept})

    return run


def _values(schema: Schema, name: str, given: object) -> Record:
    """Values by the names and types of the object's fields."""
    obj = schema.object(name)
    if obj is None:
        raise OrgError("INVALID_TYPE", f"sObject type '{name}' is not supported.")
    found: Record = {}
    for key, value in (given if isinstance(given, Mapping) else {}).items():
        definition = obj.field(str(key))
        if definition is None or not definition.stored:
            raise OrgError("INVALID_FIELD", f"No such column '{key}' on sobject of type {name}")
        found[definition.name] = coerce(definition, value)
    return found


def _refusal(given: object) -> tuple[str, str, list[str]] | None:
    if not isinstance(given, Mapping):
        return None
    code = str(given.get("code", "FIELD_CUSTOM_VALIDATION_EXCEPTION"))
    fields = given.get("fields")
    return code, str(given.get("message", "")), [str(f) for f in fields] if isinstance(fields, list) else []
