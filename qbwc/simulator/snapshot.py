"""A seed from the tables of pulled snapshots: a mapping can then be tried against a copy of a company file.

Where a pull read only some fields or lists, what the records refer to is made up: by name
where a reference tells it.  Everything made up, left out or changed is told in `notes`, once for each field.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from qbwc.descriptor import CONCRETE, UNIONS, Element, line_entities
from qbwc.qbxml.unions import BRANCHES, homes_of
from qbwc.qbxml.values import value_problems
from qbwc.simulator.lists import OTHER_LISTS, concrete, references
from qbwc.simulator.seed import ORDER
from qbwc.simulator.seed_values import fields_of
from qbwc.simulator.snapshot_tables import Row, read_tables

_SINGLE = ("Company", "Preferences")
Documents = dict[str, dict[str, list[Row]]]
_LINE_TABLES = tuple(line for name in CONCRETE for line in line_entities(name))
# Follow from others; the copy works them out anew.
_COMPUTED = frozenset(
    {
        "FullName", "Sublevel", "Subtotal", "TotalBalance", "BalanceRemaining", "UnusedPayment",
        "BalanceRemainingInHomeCurrency", "TotalAmountInHomeCurrency", "CreditRemainingInHomeCurrency",
    }
)  # fmt: skip
# What a record cannot be without, where the pull did not read it.
_NEEDED: dict[str, Row] = {
    "Account": {"AccountType": "Income"},
    "SalesTaxCode": {"IsTaxable": True},
    "DateDrivenTerms": {"DayOfMonthDue": 1},
    "ItemService": {"SalesOrPurchase_Price": 0},
    "ItemNonInventory": {"SalesOrPurchase_Price": 0},
    "ItemOtherCharge": {"SalesOrPurchase_Price": 0},
}
# The list in which a record is made up when a reference may point to several.
_STAND_IN = {"Item": "ItemOtherCharge", "Terms": "StandardTerms"}


@dataclass(slots=True)
class Copy:
    """A seed, and what is told about how it was made."""

    seed: dict[str, list[Row]] = field(default_factory=dict)
    told: Counter[str] = field(default_factory=Counter)

    @property
    def notes(self) -> list[str]:
        """What was made up, left out or changed, with the number of records."""
        return [f"{text} ({number})" for text, number in sorted(self.told.items())]


def copy_of(files: Sequence[Path], company_name: str | None = None) -> Copy:
    """The seed of a copy; `QbwcError` where a file is none, or DuckDB is not installed.

    Args:
        files: A full snapshot first, then the changes since, oldest first.
        company_name: 'Copy of' and the real name when None: nobody shall take the copy for the real one.
    """
    tables = read_tables(files)
    copy = Copy()
    definitions = tables.pop("DataExtDef", [])
    copy.seed["DataExtDef"] = [_definition(row) for row in definitions]
    about = {name: _fitting(copy, name, row) for name in _SINGLE for row in tables.get(name, [])[:1]}
    company = about.get("Company", {})
    name = company_name or f"Copy of {company.get('CompanyName', 'a company file')}"
    copy.seed["Company"] = [{**company, "CompanyName": name[:59]}]
    copy.seed["Preferences"] = [about.get("Preferences", {})]
    documents = {line: _by_document(tables.get(line, [])) for line in _LINE_TABLES}
    known = {*CONCRETE, *UNIONS, *(line for name in CONCRETE for line in line_entities(name))}
    for name in sorted(tables.keys() - known):
        copy.told[f"table {name} is none of QuickBooks' and was left out"] += 1
    for name, rows in tables.items():
        if name in UNIONS or (name in CONCRETE and CONCRETE[name].shape in ("list", "txn")):
            for row in rows:
                _take(copy, name, row, documents)
    _define(copy)
    _make_up(copy)
    return copy


def _definition(row: Row) -> Row:
    names = ("OwnerID", "DataExtName", "DataExtType", "AssignToObject")
    return {name: row.get(name) or "" for name in names}


def _take(copy: Copy, table: str, row: Row, documents: Documents) -> None:
    """One row as a record of the seed."""
    entity, fields = concrete_row(table, row)
    if entity not in ORDER:
        copy.told[f"{table}: records of type {row.get('Type')!r} were left out"] += 1
        return
    made = _fitting(copy, entity, fields)
    if "ParentRef_FullName" not in made and "ParentRef_ListID" not in made and not made.get("Name"):
        made.update(_name_of(entity, row))
    for name, value in _NEEDED.get(entity, {}).items():
        top = name.split("_")[0]
        if not any(each.split("_")[0] in (top, *_other_branch(top)) for each in made):
            made[name] = value
            copy.told[f"{entity}.{name} was not read: {value!r} stands for it"] += 1
    line = next(iter(line_entities(entity)), "") if entity in CONCRETE else ""
    if line:
        made["lines"] = list(_lines(copy, entity, line, row, documents[line]))
    copy.seed.setdefault(entity, []).append(made)


def _other_branch(top: str) -> tuple[str, ...]:
    return BRANCHES if top in BRANCHES else ()


def _name_of(entity: str, row: Row) -> Row:
    if entity in CONCRETE and CONCRETE[entity].shape == "txn":
        return {}
    told = str(row.get("FullName") or row.get("ListID") or "")
    return {"Name": told.rpartition(":")[2]}


def concrete_row(table: str, row: Row) -> tuple[str, Row]:
    """The kind of a record and its fields by that kind's names; unions are taken apart."""
    union = UNIONS.get(table)
    if union is None:
        return table, row
    kinds = {kind: name for name, kind in (*union.members.items(), *union.others.items())}
    entity = kinds.get(str(row.get("Type")), "")
    branch = row.get("SalesBranch") if (entity, BRANCHES[0]) in _BRANCHED else None
    homes = homes_of(entity, str(branch) if branch else _BRANCHED.get((entity, BRANCHES[0])))
    return entity, {
        homes.get(name, name): value for name, value in row.items() if name not in ("Type", "SalesBranch")
    }


_BRANCHED: dict[tuple[str, str], str] = {
    (entity, BRANCHES[0]): BRANCHES[0] for entity in ("ItemService", "ItemNonInventory", "ItemOtherCharge")
}


def _fitting(copy: Copy, entity: str, row: Row) -> Row:
    """The values that a seed takes; others are told and left out."""
    places = fields_of(entity)
    made: Row = {}
    custom: Row = {}
    for name, value in row.items():
        if value is None or value == "" or name in _COMPUTED or name.endswith("_Text"):
            continue
        if name.startswith("Custom_"):
            custom[name.removeprefix("Custom_")] = str(value)
        elif name not in places:
            if name not in ("TxnID", "ListID", "SeqNo", "GroupTxnLineID", "FullName"):
                copy.told[f"{entity}.{name} is not kept by a pretend company file"] += 1
        elif _fits(copy, entity, places[name].element, name, value):
            made[name] = value
    if custom:
        made["custom"] = custom
    return made


def _fits(copy: Copy, entity: str, element: Element, name: str, value: object) -> bool:
    if element.kind == "time":
        return True
    given = str(value) if element.kind == "guid" else value
    problems = value_problems(element, given, entity=entity, field=name)
    for problem in problems:
        copy.told[f"{problem.what.split(':')[0]}; left out"] += 1
    return not problems


def _lines(copy: Copy, entity: str, table: str, row: Row, documents: dict[str, list[Row]]) -> Iterator[Row]:
    mine = documents.get(str(row.get(CONCRETE[entity].key or "")), [])
    for line in sorted(mine, key=lambda each: int(each.get("SeqNo") or 0)):
        made = _fitting(copy, table, line)
        if line.get("GroupTxnLineID"):
            copy.told[f"{table}: lines of group items are lines of their own in the copy"] += 1
        if table == "AppliedToTxn" and line.get("TxnType") not in (None, "Invoice"):
            copy.told["AppliedToTxn: payments of other than invoices were left out"] += 1
            continue
        yield made
    total = row.get("Subtotal") or row.get("TotalAmount")
    if not mine and total and entity != "ReceivePayment":
        copy.told[f"{entity}: lines were not read; one line stands for the total"] += 1
        yield {"Desc": "Lines were not read", "Amount": total}


def _by_document(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Lines by the key of their document."""
    grouped: dict[str, list[Row]] = {}
    for line in rows:
        grouped.setdefault(str(line.get("TxnID") or line.get("ListID")), []).append(line)
    return grouped


_HOLDERS = "Customer;Vendor;Employee;Item"
_HOLDERS_OF_PRIVATE = (
    f"{_HOLDERS};OtherName;Account;Invoice;Estimate;SalesOrder;SalesReceipt;CreditMemo;ReceivePayment"
)


def _define(copy: Copy) -> None:
    """Definitions of the custom fields that records have and none was read of."""
    known = {(row["OwnerID"] or "0", str(row["DataExtName"]).casefold()) for row in copy.seed["DataExtDef"]}
    for entity in list(copy.seed):
        for row in copy.seed[entity]:
            for name in row.get("custom", {}):
                owner, dot, short = str(name).partition("}.")
                place = (f"{owner}}}", short) if dot else ("0", str(name))
                if (place[0], place[1].casefold()) in known:
                    continue
                known.add((place[0], place[1].casefold()))
                copy.told[f"custom field {name} has no definition: a text stands for it"] += 1
                copy.seed["DataExtDef"].append(
                    {
                        "OwnerID": place[0], "DataExtName": place[1], "DataExtType": "STR1024TYPE",
                        "AssignToObject": _HOLDERS_OF_PRIVATE if dot else _HOLDERS,
                    }
                )  # fmt: skip


def _make_up(copy: Copy) -> None:
    """Records that others refer to and that were not read."""
    keys = {str(row.get("ListID")) for rows in copy.seed.values() for row in rows if row.get("ListID")}
    paths = {(entity, path.casefold()) for entity, path in _paths(copy)}
    for entity in [name for name in copy.seed if name in CONCRETE]:
        for row in list(copy.seed[entity]):
            _refer(copy, entity, row, references(entity), keys, paths)
            for line in row.get("lines", ()):
                _refer(copy, entity, line, references(entity, line=True), keys, paths)


def _paths(copy: Copy) -> Iterator[tuple[str, str]]:
    for entity, rows in copy.seed.items():
        for row in rows:
            if row.get("Name"):
                above = row.get("ParentRef_FullName")
                yield entity, f"{above}:{row['Name']}" if above else str(row["Name"])


def _refer(
    copy: Copy,
    entity: str,
    row: Row,
    named: dict[str, tuple[str, ...]],
    keys: set[str],
    paths: set[tuple[str, str]],
) -> None:
    for reference, targets in named.items():
        key, path = row.get(f"{reference}_ListID"), row.get(f"{reference}_FullName")
        lists = concrete(targets)
        if (key is None and path is None) or str(key) in keys:
            continue
        if key is None and any((each, str(path).casefold()) in paths for each in lists):
            continue
        home = _STAND_IN.get(targets[0], targets[0])
        if home not in ORDER:
            row.pop(f"{reference}_ListID", None)
            row.pop(f"{reference}_FullName", None)
            continue
        copy.told[f"{home} was not read, or not all of it: made up from {entity}.{reference}"] += 1
        _stub(copy, home, None if key is None else str(key), str(path or key), keys, paths)


def _stub(
    copy: Copy, home: str, key: str | None, path: str, keys: set[str], paths: set[tuple[str, str]]
) -> None:
    """A record of which only its name, and so its parents, are known."""
    above, _, name = path.rpartition(":")
    parented = home in OTHER_LISTS or any(each.name == "ParentRef" for each in CONCRETE[home].elements)
    if above and parented and (home, above.casefold()) not in paths:
        _stub(copy, home, None, above, keys, paths)
    limit = (
        next((e.limit for e in CONCRETE[home].elements if e.name == "Name"), None)
        if home in CONCRETE
        else None
    )
    if limit is not None and len(name) > limit:
        name = f"#{len(keys)}"[:limit]
    made: Row = {"Name": name, **_NEEDED.get(home, {})}
    if key:
        made["ListID"] = key
        keys.add(key)
    if above and parented:
        made["ParentRef_FullName"] = above
    paths.add((home, path.casefold()))
    copy.seed.setdefault(home, []).append(made)


def told(notes: Iterable[str]) -> str:
    """Notes as lines."""
    return "".join(f"  - {note}\n" for note in notes)
