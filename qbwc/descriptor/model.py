"""The words in which this package knows qbXML: elements, lines, entities, unions.

Everything is an immutable value made once at import from the tables beside this module.  A *flattened name*
joins the path of an element with "_" (`BillAddress_City`, `ParentRef_ListID`); element names hold no
underscore, so it is unambiguous.  Facts are those of qbXML 13.0, told in data of our own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "text", "name", "id", "edit", "guid", "bool", "int", "amount", "price", "quantity", "percent", "rate",
    "date", "time", "enum", "email", "ref", "group",
]  # fmt: skip
Action = Literal["add", "mod", "ret"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element of a message, with its place given by the tuple it stands in.

    Attributes:
        name: Tag in Add and Ret, and part of the flattened name.
        kind: Type of the value; `ref` and `group` have children instead.
        limit: Longest text, in characters; None where qbXML states none.
        add: May be sent in an Add.
        required: Must be sent in an Add.
        mod: May be sent in a Mod.
        ret: Comes back in a Ret.
        choice: Elements of one parent that share this word exclude each other.
        required_choice: One element of the choice must be sent in an Add.
        mod_tag: Tag in a Mod where it differs from `name`.
        refers: Entities that a `ref` may point to.
        values: Values of an `enum`.
        children: What a `ref` or `group` holds, in order.
    """

    name: str
    kind: Kind
    limit: int | None = None
    add: bool = False
    required: bool = False
    mod: bool = False
    ret: bool = False
    choice: str | None = None
    required_choice: bool = False
    mod_tag: str | None = None
    refers: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    children: tuple[Element, ...] = ()

    def takes_part(self, action: Action) -> bool:
        """Whether the element occurs in that message."""
        return self.add if action == "add" else self.mod if action == "mod" else self.ret

    def tag(self, action: Action) -> str:
        """Name of the element in that message."""
        return self.mod_tag if action == "mod" and self.mod_tag else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """An element that holds a value, seen from the record.

    Attributes:
        name: Flattened name.
        path: From the outermost element to the one with the value.
    """

    name: str
    path: tuple[Element, ...]

    @property
    def element(self) -> Element:
        """The element with the value itself."""
        return self.path[-1]

    def takes_part(self, action: Action) -> bool:
        """Whether the value occurs in that message: every element on the way does."""
        return all(element.takes_part(action) for element in self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The lines of a transaction, as a child entity.

    Attributes:
        name: E.g. 'InvoiceLine': also the stem of its tags (InvoiceLineAdd, InvoiceLineMod, InvoiceLineRet).
        elements: In order, without the TxnLineID at the head of Mod and Ret.
        group: Tag stem of the element that bundles lines of a group item, e.g. 'InvoiceLineGroup'.
        required: An Add needs at least one line.
    """

    name: str
    elements: tuple[Element, ...]
    group: str | None = None
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One kind of record.

    Attributes:
        name: As in its messages: 'Customer' gives CustomerQueryRq, CustomerAdd, CustomerRet.
        shape: 'list' (ListID), 'txn' (TxnID), 'single' (one record a company) or 'deleted'.
        key: 'ListID' or 'TxnID'; None for a single record.
        elements: The body in order, without the head (key, times, EditSequence) that all records share.
        lines: Child entity, or None.
        actions: What this project does with it, of 'query', 'add', 'mod'.
        iterator: The query can be read page by page.
        owner_id: The query can return custom fields.
        bare_name: FullName is not in the Ret (a flat list): its Name is its full name.
    """

    name: str
    shape: Literal["list", "txn", "single", "deleted"]
    key: str | None
    elements: tuple[Element, ...]
    lines: Line | None = None
    actions: frozenset[str] = frozenset({"query"})
    iterator: bool = False
    owner_id: bool = False
    bare_name: bool = False

    @property
    def ret(self) -> str:
        """Tag of a record in an answer."""
        return f"{self.name}Ret"

    def request(self, action: str) -> str:
        """Tag of the request, e.g. 'CustomerModRq' for 'mod'."""
        return f"{self.name}{action.capitalize()}Rq"


@dataclass(frozen=True, slots=True, kw_only=True)
class Union:
    """Records of several entities seen as one, read by one query.

    Attributes:
        name: E.g. 'Item', read by ItemQuery.
        members: Concrete entity -> its value in the union's `Type`.
        elements: The union's own fields, in order (no head).
        others: Further Ret stems the query may return, of which only the common fields are read -> Type.
        actions: As for an entity; a write goes to the member that `Type` names.
        iterator: The query can be read page by page.
        owner_id: The query can return custom fields.
    """

    name: str
    members: dict[str, str]
    elements: tuple[Element, ...]
    others: dict[str, str]
    actions: frozenset[str]
    iterator: bool
    owner_id: bool
    shape: Literal["list"] = "list"
    key: str = "ListID"
    lines: None = None
    bare_name: bool = False

    def request(self, action: str) -> str:
        """Tag of the request; only 'query' has one of its own."""
        return f"{self.name}{action.capitalize()}Rq"


def leaves(elements: tuple[Element, ...], path: tuple[Element, ...] = ()) -> Iterator[Leaf]:
    """All values below these elements, in order of the message."""
    for element in elements:
        here = (*path, element)
        if element.children:
            yield from leaves(element.children, here)
        else:
            yield Leaf(name="_".join(step.name for step in here), path=here)
