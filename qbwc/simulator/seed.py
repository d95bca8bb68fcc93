"""Fill a new company file from a folder of JSON files, one per kind of record, or from the same as a dict.

A record is an object of flattened field names (`BillAddress_City`, `ParentRef_FullName`); a transaction has
`lines` beside, a group its members; a line of a payment names its invoice (AppliedTxnID or RefNumber), a line
with ItemGroupRef brings the members of the group.  `custom` holds values of custom fields of a record or a
line by name ('{GUID}.name' for private ones), and DataExtDef defines them.  Preferences is one object
(`AccountingPreferences_ClosingDate`).  An invoice that tells what was applied to it is not paid again by the
payments beside it.  Lists without a table (SalesRep, ShipMethod, ...) have a Name alone.

ListID, TxnID, TxnLineID, EditSequence, TimeCreated and TimeModified are made where absent,
from counters and the seed's time, so the same seed gives the same file.  Computed fields (FullName,
TotalBalance, Subtotal, ...) may be given and must then agree.  Loading is strict: all problems are listed.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Mapping
from decimal import Decimal
from pathlib import Path

from qbwc.descriptor import CONCRETE, Element, leaves, line_entities
from qbwc.errors import QbwcError
from qbwc.simulator.answers import money
from qbwc.simulator.custom import define, split_name, value_of
from qbwc.simulator.lines import MEMBER_OF
from qbwc.simulator.lists import ITEMS, OTHER_LISTS, TERMS, add_list, cents
from qbwc.simulator.records import Books, Kept
from qbwc.simulator.refusals import Refusal
from qbwc.simulator.seed_values import text_of, texts
from qbwc.simulator.transactions import add_txn

Seed = Mapping[str, Iterable[Mapping[str, object]] | Mapping[str, object]]
ORDER = (
    "Class", *TERMS, "SalesTaxCode", *OTHER_LISTS, "Account", "Vendor", "Employee", "OtherName",
    "ItemSalesTax", "ItemSalesTaxGroup", "Customer",
    *(name for name in ITEMS if name not in ("ItemSalesTax", "ItemSalesTaxGroup", "ItemGroup")), "ItemGroup",
    "Estimate", "SalesOrder", "Invoice", "SalesReceipt", "CreditMemo", "ReceivePayment",
)  # fmt: skip
_SINGLE = ("Company", "Preferences", "DataExtDef")
# Fields that follow from others: checked when given, never kept.
_DERIVED = frozenset({"FullName", "Sublevel"})
_DERIVED_OF: dict[str, frozenset[str]] = {
    "Customer": frozenset({"TotalBalance"}),
    "Invoice": frozenset({"Subtotal", "BalanceRemaining"}),
    "ReceivePayment": frozenset({"UnusedPayment"}),
    **dict.fromkeys(("Estimate", "SalesOrder", "SalesReceipt"), frozenset({"Subtotal", "TotalAmount"})),
    "CreditMemo": frozenset({"Subtotal"}),
}
_CUSTOM = "custom"
_SETTINGS = {"FileName": "C:\\Company Files\\Company.qbw", "Country": "US"}


def read_folder(folder: Path) -> dict[str, list[dict[str, object]]]:
    """The JSON files of a folder; `QbwcError` names files that cannot be read or are of no kind."""
    known_files = {*ORDER, *_SINGLE}
    seed: dict[str, list[dict[str, object]]] = {}
    problems: list[str] = []
    for path in sorted(folder.glob("*.json")):
        if path.stem not in known_files:
            problems.append(f"{path.name}: no kind of record is called {path.stem}")
            continue
        try:
            loaded = json.loads(path.read_text("utf-8"), parse_float=Decimal)
        except ValueError as error:
            problems.append(f"{path.name}: {error}")
            continue
        seed[path.stem] = [loaded] if isinstance(loaded, dict) else loaded
    if not seed and not problems:
        problems.append(f"{folder} holds no .json file")
    _raise(problems)
    return seed


def load(books: Books, seed: Seed, now: str) -> None:
    """Put everything into an empty company file, in one transaction; on any problem nothing is kept."""
    problems: list[str] = []
    with books.change():
        _company(books, seed.get("Company", {}), problems)
        for entity in seed:
            if entity not in (*ORDER, *_SINGLE):
                problems.append(f"{entity}: no kind of record of this name")
        _definitions(books, _records(seed.get("DataExtDef", ())), problems)
        settled: set[str] = set()
        for entity in ORDER:
            _load_entity(books, entity, _records(seed.get(entity, ())), now, problems, settled)
        if not problems:
            _balances(books, _records(seed.get("Customer", ())), problems)
        # Last, because a closed period would refuse its own transactions.
        _preferences(books, _records(seed.get("Preferences", ())), problems)
        _raise(problems)


def _definitions(books: Books, rows: list[Mapping[str, object]], problems: list[str]) -> None:
    for number, row in enumerate(rows, start=1):
        given = dict(row)
        assigned = given.pop("AssignToObject", ())
        found: list[str] = []
        values = texts("DataExtDef", {**given, "OwnerID": given.get("OwnerID", "0")}, found)
        names = assigned.split(";") if isinstance(assigned, str) else list(_listed(assigned))
        if not found and not (values.get("DataExtName") and values.get("DataExtType")):
            found.append("a definition needs DataExtName and DataExtType")
        if not found:
            try:
                define(books, {**values, "AssignToObject": ";".join(map(str, names))})
            except Refusal as refusal:
                found.append(str(refusal))
        problems.extend(f"DataExtDef {number} ({row.get('DataExtName') or ''}): {each}" for each in found)


def _listed(value: object) -> Iterable[object]:
    return value if isinstance(value, Iterable) else (value,)


def _preferences(books: Books, rows: list[Mapping[str, object]], problems: list[str]) -> None:
    for row in rows:
        for name, text in texts("Preferences", row, problems).items():
            books.keep(f"preferences:{name}", text)


def _raise(problems: list[str]) -> None:
    if problems:
        listed = "\n".join(f"  - {problem}" for problem in problems)
        raise QbwcError(f"{len(problems)} problems in the seed of the company file", fix=listed)


def _records(given: Iterable[Mapping[str, object]] | Mapping[str, object]) -> list[Mapping[str, object]]:
    return [given] if isinstance(given, Mapping) else list(given)


def _company(
    books: Books, given: Iterable[Mapping[str, object]] | Mapping[str, object], problems: list[str]
) -> None:
    rows = _records(given) or [{}]
    fields = {"CompanyName": "Sample Company", **_SETTINGS, **rows[0]}
    places = {leaf.name: leaf for leaf in leaves(CONCRETE["Company"].elements)}
    for name, value in fields.items():
        if name in _SETTINGS:
            books.keep(f"company:{name}", str(value))
        elif name in places:
            text = text_of(places[name].element, value, "Company", name, problems)
            books.keep(f"company:field:{name}", text)
        else:
            problems.append(f"Company: no field {name}")


def _load_entity(
    books: Books,
    entity: str,
    rows: list[Mapping[str, object]],
    now: str,
    problems: list[str],
    settled: set[str],
) -> None:
    """In order of the file, except that a record waits for its parent; `settled`: see `put`."""
    waiting = list(enumerate(rows, start=1))
    while waiting:
        pending = {name for _, row in waiting for name in (_path(row), row.get("ListID")) if name}
        left: list[tuple[int, Mapping[str, object]]] = []
        for number, row in waiting:
            above = row.get("ParentRef_ListID") or row.get("ParentRef_FullName")
            if above in pending and above not in (_path(row), row.get("ListID")):
                left.append((number, row))
                continue
            pending -= {_path(row), row.get("ListID")}
            where = f"{entity} {number} ({row.get('Name') or row.get('RefNumber') or ''})"
            _load_row(books, entity, row, now, where, problems, settled)
        if len(left) == len(waiting):
            problems.extend(
                f"{entity} {number} ({_path(row)}): its parents go in a circle" for number, row in left
            )
            return
        waiting = left


def _path(row: Mapping[str, object]) -> str:
    above = row.get("ParentRef_FullName")
    return str(row.get("FullName") or (f"{above}:{row.get('Name')}" if above else row.get("Name")))


def _load_row(
    books: Books,
    entity: str,
    row: Mapping[str, object],
    now: str,
    where: str,
    problems: list[str],
    settled: set[str],
) -> None:
    found: list[str] = []
    values = texts(entity, {k: v for k, v in row.items() if k not in ("lines", _CUSTOM)}, found)
    given = _lines(entity, row.get("lines"), found)
    lines = [
        texts(_line_entity(entity), {k: v for k, v in line.items() if k != _CUSTOM}, found) for line in given
    ]
    if not found:
        try:
            record = put(books, entity, values, lines, now, settled=settled)
            if values.get("AppliedAmount") or values.get("IsPaid") == "true":
                settled.add(record.key)
            _agree(record, values, found)
            _put_custom(books, record, row, given, found)
        except Refusal as refusal:
            found.append(str(refusal))
    problems.extend(f"{where}: {each}" for each in found)


def _lines(entity: str, given: object, problems: list[str]) -> list[Mapping[str, object]]:
    if given is None:
        return []
    if not _line_entity(entity) or not isinstance(given, list):
        problems.append("lines are not expected here")
        return []
    return [line for line in given if isinstance(line, Mapping)]


def _line_entity(entity: str) -> str:
    return next(iter(line_entities(entity)), "") if entity in CONCRETE else ""


def _put_custom(
    books: Books,
    record: Kept,
    row: Mapping[str, object],
    lines: list[Mapping[str, object]],
    problems: list[str],
) -> None:
    """Values of custom fields, of the record and of its lines (not of lines that a group brings)."""
    told = [("", row.get(_CUSTOM))]
    if any(line.get(_CUSTOM) for line in lines):
        own = [line for line in record.lines if MEMBER_OF not in line]
        told += [(at["TxnLineID"], line.get(_CUSTOM)) for at, line in zip(own, lines, strict=True)]
    for place_of, values in told:
        for name, value in (values if isinstance(values, Mapping) else {}).items():
            owner, short = split_name(str(name))
            try:
                record.custom.setdefault(place_of, {}).update(
                    value_of(books, record, owner, short, str(value), line=bool(place_of))
                )
            except Refusal as refusal:
                problems.append(str(refusal))
    if record.custom:
        books.put(record)


def put(
    books: Books,
    entity: str,
    values: Mapping[str, str],
    lines: list[dict[str, str]],
    now: str,
    *,
    settled: Container[str] = (),
) -> Kept:
    """A new record from texts, read-only fields included; a `Refusal` where QuickBooks would not take it.

    Args:
        settled: Invoices that told themselves what was applied to them: a payment does not change them.
    """
    described = CONCRETE.get(entity)
    derived = _DERIVED | _DERIVED_OF.get(entity, frozenset())
    kept = {name: text for name, text in values.items() if name not in derived and text != ""}
    key_name = described.key if described and described.key else "ListID"
    key = kept.pop(key_name, None)
    missing = _missing(described.elements if described else (), {name.split("_")[0] for name in kept})
    if missing:
        raise Refusal(3150, f"There is a missing element: {', '.join(missing)}.")
    if key and books.get(key):
        raise Refusal(3100, f"The {key_name} {key} is in use.")
    if described and described.shape == "txn":
        if "SalesTaxTotal" in kept:
            kept["GivenSalesTaxTotal"] = kept.pop("SalesTaxTotal")
        return add_txn(books, entity, kept, lines, now, key=key, settled=settled)
    if "Name" not in kept:
        raise Refusal(3150, "There is a missing element: Name.")
    if entity == "Customer" and "Balance" in kept:
        kept["OpenBalance"] = kept.pop("Balance")
    return add_list(books, entity, kept, now, key=key, lines=lines)


def _missing(elements: tuple[Element, ...], given: set[str]) -> list[str]:
    missing = [e.name for e in elements if (e.required or e.name == "Name") and e.name not in given]
    branches = [element.name for element in elements if element.required_choice]
    if branches and not given & set(branches):
        missing.append(" or ".join(branches))
    return missing


def _balances(books: Books, rows: list[Mapping[str, object]], problems: list[str]) -> None:
    """A customer's Balance is what it shows after loading, invoices included; TotalBalance must follow."""
    shown: list[tuple[str, str]] = []
    for row in rows:
        if not (row.get("Balance") or row.get("TotalBalance")):
            continue
        (found,) = books.named(("Customer",), _path(row))
        given = texts(
            "Customer", {name: row[name] for name in ("Balance", "TotalBalance") if name in row}, []
        )
        if given.get("Balance"):
            books.run("update records set cents = ? where key = ?", (cents(given["Balance"]), found.key))
        if given.get("TotalBalance"):
            shown.append((found.key, given["TotalBalance"]))
    for key, total in shown:
        if total != money(books.tree_cents(key)):
            name = books.full_name(key)
            problems.append(
                f"Customer {name}: TotalBalance is {total}, but follows as {money(books.tree_cents(key))}"
            )


def _agree(record: Kept, values: Mapping[str, str], problems: list[str]) -> None:
    """Computed fields that were given must say what is computed; balances are checked at the end."""
    fields = {**record.fields, "FullName": record.full_name, "Sublevel": str(record.full_name.count(":"))}
    for name in sorted((_DERIVED | _DERIVED_OF.get(record.entity, frozenset())) - {"TotalBalance"}):
        if values.get(name) and values[name] != fields.get(name):
            problems.append(f"{name} is {values[name]!r}, but follows as {fields.get(name)!r}")
