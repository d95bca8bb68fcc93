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
Change = Literal["add", "mod"]
Write = Literal["add", "mod", "void", "delete"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element of a message, with its place given by the tuple it stands in.

    Attributes:
        name: Part of the flattened name, and the tag unless another is told below.
        kind: Type of the value; `ref` and `group` have children instead.
        limit: Longest text, in characters; None where qbXML states none.
        add: May be sent in an Add.
        required: Must be sent in an Add; of a choice between branches, where its branch is taken.
        mod: May be sent in a Mod.
        ret: Comes back in a Ret.
        choice: Elements of one parent that share this word exclude each other, unless they share the branch.
        branch: Which elements of a choice go together; "" where each stands alone.
        required_choice: One element of the choice must be sent in an Add.
        mod_tag: Tag in a Mod where it differs from `name`.
        ret_tag: Tag in a Ret where it differs from `name`.
        many: May occur several times; the values are one text then, joined by ";".
        volatile: QuickBooks computes it, and it changes without the record's TimeModified (unverified).
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
    branch: str = ""
    required_choice: bool = False
    mod_tag: str | None = None
    ret_tag: str | None = None
    many: bool = False
    volatile: bool = False
    refers: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    children: tuple[Element, ...] = ()

    def takes_part(self, action: Action) -> bool:
        """Whether the element occurs in that message."""
        return self.add if action == "add" else self.mod if action == "mod" else self.ret

    def tag(self, action: Action) -> str:
        """Name of the element in that message."""
        other = {"mod": self.mod_tag, "ret": self.ret_tag}.get(action)
        return other or self.name

    @property
    def alternative(self) -> str:
        """What of its choice the element belongs to: elements of one alternative may stand together."""
        return self.branch or self.name


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

    def tags(self, action: Action) -> tuple[str, ...]:
        """The tags from the outermost element to the one with the value, in that message."""
        return tuple(element.tag(action) for element in self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a record holds several of, as a child entity: lines of a transaction, members of a group.

    Attributes:
        name: E.g. 'InvoiceLine': also the stem of its tags (InvoiceLineAdd, InvoiceLineMod, InvoiceLineRet).
        elements: In order, without the TxnLineID at the head of Mod and Ret.
        key: 'TxnLineID', or None where a line has no identity but its place.
        ret_tag: Tag in a Ret where it differs from `name` + 'Ret'.
        bare: The line is its only element, a reference, with nothing around it.
        group: Tag stem of the element that bundles lines of a group item, e.g. 'InvoiceLineGroup'.
        required: An Add needs at least one line.
    """

    name: str
    elements: tuple[Element, ...]
    key: str | None = "TxnLineID"
    ret_tag: str | None = None
    bare: bool = False
    group: str | None = None
    required: bool = False

    @property
    def ret(self) -> str:
        """Tag of a line in an answer."""
        return self.ret_tag or f"{self.name}Ret"

    @property
    def inner(self) -> tuple[Element, ...]:
        """Elements inside the tag of a line: of a bare line, what its reference holds."""
        return self.elements[0].children if self.bare else self.elements


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One kind of record.

    Attributes:
        name: As in its messages: 'Customer' gives CustomerQueryRq, CustomerAdd, CustomerRet.
        shape: 'list' (ListID), 'txn' (TxnID), 'single' (one record a company), 'deleted', 'definition' (of
            custom fields) or 'value' (of one custom field, written to a record).
        key: 'ListID' or 'TxnID'; None where a record has none.  Without key there is no EditSequence, and a
            Mod says all that an Add says.
        elements: The body in order, without the head (key, times, EditSequence) that all records share.
        lines: Child entity, or None.
        actions: What this project does with it, of 'query', 'add', 'mod', 'void', 'delete'.
        iterator: The query can be read page by page.
        owner_id: The query can return custom fields.
        bare_name: FullName is not in the Ret (a flat list): its Name is its full name.
    """

    name: str
    shape: Literal["list", "txn", "single", "deleted", "definition", "value"]
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
        """Tag of the request: 'CustomerModRq' for 'mod', 'TxnVoidRq' for 'void', 'ListDelRq' for 'delete'."""
        return _request(self.name, self.shape, action)


@dataclass(frozen=True, slots=True, kw_only=True)
class Union:
    """Records of several entities seen as one, read by one query.

    Attributes:
        name: E.g. 'Item', read by ItemQuery.
        members: Concrete entity -> its value in the union's `Type`.
        elements: The union's own fields, in order (no head).
        others: Further Ret stems the query may return, of which only the common fields are read -> Type.
        flat: Those of members and others that have no FullName: their Name is their full name.
        actions: As for an entity; a write goes to the member that `Type` names, if that can be written.
        iterator: The query can be read page by page.
        owner_id: The query can return custom fields.
    """

    name: str
    members: dict[str, str]
    elements: tuple[Element, ...]
    others: dict[str, str]
    flat: frozenset[str]
    actions: frozenset[str]
    iterator: bool
    owner_id: bool
    shape: Literal["list"] = "list"
    key: str = "ListID"
    lines: None = None
    bare_name: bool = False

    def request(self, action: str) -> str:
        """Tag of the request; only 'query' has one of its own."""
        return _request(self.name, self.shape, action)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """What this project does with a record that shall go.

    Attributes:
        delete: It is deleted (TxnDel).
        void: It is voided: it stays with its number, its amounts become 0.
        deactivate: It is made inactive by a Mod of IsActive.
        why: The reason, for a person.
    """

    delete: bool = False
    void: bool = False
    deactivate: bool = False
    why: str


def _request(name: str, shape: str, action: str) -> str:
    if action in ("void", "delete"):
        return f"{'Txn' if shape == 'txn' else 'List'}{'Void' if action == 'void' else 'Del'}Rq"
    return f"{name}{action.capitalize()}Rq"


def leaves(elements: tuple[Element, ...], path: tuple[Element, ...] = ()) -> Iterator[Leaf]:
    """All values below these elements, in order of the message."""
    for element in elements:
        here = (*path, element)
        if element.children:
            yield from leaves(element.children, here)
        else:
            yield Leaf(name="_".join(step.name for step in here), path=here)
