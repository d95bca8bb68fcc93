"""One record being saved, as the rules of its object see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from .schema import ObjectDef
from .store import Database, Record
from .values import Value


class Touch(Protocol):
    """Change fields of another record as an effect; its stamps advance once a call."""

    def __call__(self, obj: ObjectDef, record_id: str, changes: Mapping[str, Value]) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """One record being saved.

    Attributes:
        old: The record as kept, None on create.
        new: The record as it shall be; `before` rules change it in place.
        given: Names of the fields that the caller set.
        stamp: The moment of the save, in the org's form.
    """

    db: Database
    obj: ObjectDef
    old: Record | None
    new: Record
    given: frozenset[str]
    stamp: str
    touch: Touch

    def changed(self, *names: str) -> bool:
        """Is any of these new or different from what is kept?"""
        return any(self.old is None or self.old.get(n) != self.new.get(n) for n in names)


Rule = Callable[[Saving], None]


def parent_of(save: Saving, name: str, record_id: Value) -> Record | None:
    """The live record that a reference of this one points to."""
    obj = save.db.schema.object(name)
    found = None if obj is None or record_id is None else save.db.get(obj, str(record_id))
    return None if found is None or found.get("IsDeleted") else found
