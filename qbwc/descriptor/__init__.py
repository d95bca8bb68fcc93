"""What qbXML 13.0 says about the records this project uses, as data.

    ENTITIES             name -> Entity or Union ('Customer', 'Invoice', 'Item', ...)
    describe(name)       fields of an entity, a union or a line entity, in the form of Salesforce's describe
    columns(name)        columns of its snapshot table
    line_entities(name)  its child tables, e.g. ('InvoiceLine',)
    volatile(name)       columns that change without the record's modification time
    capability(name)     what becomes of a record that shall go
    custom_column(...)   the column of a custom field
    kinds_with(...)      which kinds of a union take a field

Names of fields are flattened paths: `BillAddress_City`, `ParentRef_FullName`.
"""

from __future__ import annotations

from qbwc.descriptor.capability import capability
from qbwc.descriptor.catalogue import CONCRETE, ITEM_FIELDS, NAME_LISTS, UNIONS
from qbwc.descriptor.columned import Column, columns, custom_column, volatile
from qbwc.descriptor.custom import custom_element, custom_name
from qbwc.descriptor.described import describe
from qbwc.descriptor.kinds import has_none, kinds_with
from qbwc.descriptor.model import Capability, Change, Element, Entity, Kind, Leaf, Line, Union, Write, leaves
from qbwc.descriptor.shapes import Shape, known, line_entities, line_of, shape

ENTITIES: dict[str, Entity | Union] = {**CONCRETE, **UNIONS}

__all__ = [
    "CONCRETE",
    "ENTITIES",
    "ITEM_FIELDS",
    "NAME_LISTS",
    "UNIONS",
    "Capability",
    "Change",
    "Column",
    "Element",
    "Entity",
    "Kind",
    "Leaf",
    "Line",
    "Shape",
    "Union",
    "Write",
    "capability",
    "columns",
    "custom_column",
    "custom_element",
    "custom_name",
    "describe",
    "has_none",
    "kinds_with",
    "known",
    "leaves",
    "line_entities",
    "line_of",
    "shape",
    "volatile",
]
