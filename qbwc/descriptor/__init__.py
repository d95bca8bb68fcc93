"""What qbXML 13.0 says about the records this project uses, as data.

    ENTITIES             name -> Entity or Union ('Customer', 'Invoice', 'Item', ...)
    describe(name)       fields of an entity, a union or a line entity, in the form of Salesforce's describe
    columns(name)        columns of its snapshot table
    line_entities(name)  its child tables, e.g. ('InvoiceLine',)

Names of fields are flattened paths: `BillAddress_City`, `ParentRef_FullName`.
"""

from __future__ import annotations

from qbwc.descriptor.catalogue import CONCRETE, ITEM_FIELDS, NAME_LISTS, UNIONS
from qbwc.descriptor.described import Column, Shape, columns, describe, known, line_entities, shape
from qbwc.descriptor.model import Element, Entity, Leaf, Line, Union, leaves

ENTITIES: dict[str, Entity | Union] = {**CONCRETE, **UNIONS}

__all__ = [
    "CONCRETE",
    "ENTITIES",
    "ITEM_FIELDS",
    "NAME_LISTS",
    "UNIONS",
    "Column",
    "Element",
    "Entity",
    "Leaf",
    "Line",
    "Shape",
    "Union",
    "columns",
    "describe",
    "known",
    "leaves",
    "line_entities",
    "shape",
]
