"""Custom fields: their definitions, and their values on records, lines and the company.

A value is kept with its record under "OwnerID name"; it comes back as DataExtRet where the query names that
OwnerID.  Checked are the definition, what it is assigned to, and the value by its DataExtType.

Unverified: the codes (3100 for a name taken, 3120 for a definition that is missing, 3210 for one not assigned
to the record, 3180 for a value that an Add finds there already); that writing a value gives its record a new
EditSequence and TimeModified; that a public field of customers may stand on transactions, and one of items on
their lines; that a Mod of a public field needs no value before.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape

from qbwc.descriptor import UNIONS, Element
from qbwc.descriptor.model import Kind
from qbwc.simulator.answers import response
from qbwc.simulator.conversion import convert
from qbwc.simulator.lists import concrete, find
from qbwc.simulator.orders import Order
from qbwc.simulator.records import Books, Kept
from qbwc.simulator.refusals import OK, Refusal, no_match, not_found
from qbwc.simulator.totals import is_transaction
from qbwc.simulator.transactions import refuse_closed, touch

PUBLIC = "0"
HOLDERS = frozenset({"Customer", "Vendor", "Employee", "Item"})
"""What public custom fields can be defined for (Intuit, "Data extensions"); private data for any object."""

_KINDS: dict[str, tuple[Kind, int | None]] = {
    "INTTYPE": ("int", None),
    "AMTTYPE": ("amount", None),
    "PRICETYPE": ("price", None),
    "QUANTYPE": ("quantity", None),
    "PERCENTTYPE": ("percent", None),
    "DATETIMETYPE": ("time", None),
    "STR255TYPE": ("text", 255),
    "STR1024TYPE": ("text", 1024),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A custom field; `more` are its flags, `assigned` the kinds of object that have it."""

    owner: str
    name: str
    type: str
    number: int
    assigned: tuple[str, ...]
    more: Mapping[str, str]


def place(owner: str, name: str) -> str:
    """Under what a value is kept."""
    return f"{owner.lower()} {name.casefold()}"


def definition(books: Books, owner: str, name: str) -> Definition | None:
    """The definition of that owner and name, whatever its case."""
    sql = "select owner, name, type, number, body from definitions where owner = ? and folded = ?"
    found = books.rows(sql, (owner.lower(), name.casefold()))
    return _definition(found[0]) if found else None


def definitions(books: Books) -> list[Definition]:
    """All of them, in order of creation."""
    sql = "select owner, name, type, number, body from definitions order by number"
    return [_definition(row) for row in books.rows(sql)]


def _definition(row: tuple[object, ...]) -> Definition:
    body = json.loads(str(row[4]))
    return Definition(
        owner=body["owner"], name=str(row[1]), type=str(row[2]), number=int(str(row[3])),
        assigned=tuple(body["assigned"]), more=body["more"],
    )  # fmt: skip


def define(books: Books, values: Mapping[str, str]) -> Definition:
    """A new definition; 3100 when its owner has one of that name, 3210 for what can have no custom field."""
    owner, name = values["OwnerID"], values["DataExtName"]
    if definition(books, owner, name) is not None:
        raise Refusal(3100, f'The name "{name}" of the data extension definition is already in use.')
    assigned = tuple(each for each in values.get("AssignToObject", "").split(";") if each)
    wrong = sorted(set(assigned) - HOLDERS) if owner == PUBLIC else []
    if wrong:
        raise Refusal(3210, f'A custom field cannot be assigned to "{wrong[0]}".')
    more = {
        "DataExtListRequire": values.get("DataExtListRequire") or "false",
        "DataExtTxnRequire": values.get("DataExtTxnRequire") or "false",
        "DataExtFormatString": values.get("DataExtFormatString") or "",
    }
    number = books.next_number()
    body = json.dumps({"owner": owner, "assigned": assigned, "more": more})
    books.run(
        "insert into definitions values (?, ?, ?, ?, ?, ?)",
        (owner.lower(), name.casefold(), name, values["DataExtType"], number, body),
    )
    made = definition(books, owner, name)
    assert made is not None
    return made


def definition_ret(made: Definition) -> str:
    """A definition as QuickBooks tells it."""
    assigned = "".join(f"<AssignToObject>{each}</AssignToObject>" for each in made.assigned)
    more = "".join(f"<{tag}>{escape(text)}</{tag}>" for tag, text in made.more.items())
    return (
        f"<DataExtDefRet><OwnerID>{escape(made.owner)}</OwnerID><DataExtID>{made.number}</DataExtID>"
        f"<DataExtName>{escape(made.name)}</DataExtName><DataExtType>{made.type}</DataExtType>"
        f"{assigned}{more}</DataExtDefRet>"
    )


def answer_definitions(order: Order, books: Books) -> str:
    """The definitions of the owners, or of the objects, that a DataExtDefQuery names."""
    owners = {owner.lower() for owner in order.wanted("OwnerID")}
    objects = set(order.wanted("AssignToObject"))
    found = [
        each
        for each in definitions(books)
        if (not owners or each.owner.lower() in owners) and (not objects or objects & set(each.assigned))
    ]
    metadata = order.attributes.get("metaData", "NoMetaData")
    body = "" if metadata == "MetaDataOnly" else "".join(definition_ret(each) for each in found)
    return response(
        "DataExtDefQueryRs", order.request_id, OK if found else no_match(), body,
        retCount=None if metadata == "NoMetaData" else len(found),
    )  # fmt: skip


def write_value(books: Books, order: Order, now: str) -> str:
    """Execute a DataExtAdd or DataExtMod: the value that is kept now, as DataExtRet."""
    values = order.values
    owner, name = values["OwnerID"], values["DataExtName"]
    defined = definition(books, owner, name)
    if defined is None:
        raise Refusal(3120, f'The data extension "{name}" of owner "{owner}" cannot be found.')
    text = checked(order, defined, values["DataExtValue"])
    if "OtherDataExtType" in values:
        _refuse_unassigned(defined, {"Company"}, set())
        books.keep(f"company:custom:{place(owner, name)}", text)
    else:
        _write_to_record(books, order, defined, text, now)
    return value_ret(defined, text)


def _write_to_record(books: Books, order: Order, defined: Definition, text: str, now: str) -> None:
    record, line = _target(books, order)
    _refuse_unassigned(defined, *objects(record, line=bool(line)))
    if is_transaction(record.entity):
        refuse_closed(books, record.fields["TxnDate"])
    there = record.custom.setdefault(line, {})
    where = place(defined.owner, defined.name)
    if order.action == "add" and where in there:
        raise Refusal(3180, f'The data extension "{defined.name}" has a value there already; modify it.')
    if order.action == "mod" and where not in there and defined.owner != PUBLIC:
        raise not_found(defined.name)
    there.pop(where, None)
    if text:
        there[where] = text
    touch(books, record, now)
    books.put(record)


def _target(books: Books, order: Order) -> tuple[Kept, str]:
    """The record, and the TxnLineID of the line or "", that a value is for."""
    values = order.values
    if "ListDataExtType" in values:
        half = "ListID" if values.get("ListObjRef_ListID") else "FullName"
        named = values.get(f"ListObjRef_{half}", "")
        record = find(books, concrete((values["ListDataExtType"],)), half, named)
        if record is None:
            raise not_found(named)
        return record, ""
    record = books.get(values["TxnID"])
    if record is None or record.entity != values["TxnDataExtType"]:
        raise not_found(values["TxnID"])
    line = values.get("TxnLineID", "")
    if line and line not in {each.get("TxnLineID") for each in record.lines}:
        raise not_found(line)
    return record, line


def objects(record: Kept, *, line: bool = False) -> tuple[set[str], set[str]]:
    """The AssignToObject values that cover a record or its lines, and those of which the public ones do."""
    if is_transaction(record.entity):
        return {record.entity}, {"Item"} if line else {"Customer"}
    if record.entity in (*UNIONS["Item"].members, *UNIONS["Item"].others):
        return {"Item"}, set()
    return {record.entity}, set()


def _refuse_unassigned(defined: Definition, own: set[str], public: set[str]) -> None:
    allowed = own | public if defined.owner == PUBLIC else own
    if not allowed & set(defined.assigned):
        words = f'The data extension "{defined.name}" is not assigned to {" or ".join(sorted(own))}.'
        raise Refusal(3210, words)


def split_name(name: str) -> tuple[str, str]:
    """OwnerID and name of a custom field as records call it: '{GUID}.name', or a name of a public one."""
    owner, dot, short = name.partition("}.")
    return (f"{owner}}}", short) if dot and name.startswith("{") else (PUBLIC, name)


def value_of(books: Books, record: Kept, owner: str, name: str, text: str, *, line: bool) -> dict[str, str]:
    """A value as it is kept; a `Refusal` where the record cannot have it."""
    defined = definition(books, owner, name)
    if defined is None:
        raise Refusal(3120, f'The data extension "{name}" of owner "{owner}" cannot be found.')
    _refuse_unassigned(defined, *objects(record, line=line))
    order = Order(tag="DataExtAddRq", entity="DataExt", action="add", request_id="")
    return {place(owner, name): checked(order, defined, text)}


def checked(order: Order, defined: Definition, text: str) -> str:
    """The value as QuickBooks keeps it; a `Refusal` where it is not of the definition's type."""
    kind, limit = _KINDS[defined.type]
    asked = replace(order, refusal=None)  # the order itself was read already
    kept = convert(asked, Element(name="DataExtValue", kind=kind, limit=limit), "DataExtValue", text)
    if asked.refusal is not None:
        raise asked.refusal
    return kept


def value_ret(defined: Definition, text: str) -> str:
    """One value as it stands in a record."""
    return (
        f"<DataExtRet><OwnerID>{escape(defined.owner)}</OwnerID>"
        f"<DataExtName>{escape(defined.name)}</DataExtName><DataExtType>{defined.type}</DataExtType>"
        f"<DataExtValue>{escape(text)}</DataExtValue></DataExtRet>"
    )


def company_values(books: Books, owners: set[str]) -> Iterator[str]:
    """Values of the company itself, of these owners."""
    kept = books.settings("company:custom:")
    for defined in definitions(books):
        text = kept.get(place(defined.owner, defined.name))
        if text and defined.owner.lower() in owners:
            yield value_ret(defined, text)
