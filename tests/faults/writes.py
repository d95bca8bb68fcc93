"""A company file and the changes that a campaign asks for, with what the file must hold afterwards.

Every change can be told apart in the company file: new records by their own names, changes by values that
occur once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from qbwc import queue
from qbwc.qbxml import build_query, message_set, parse_records
from qbwc.simulator import CompanyFile

OWNER = "{57F3B9B1-86F1-4FCC-B1EE-566DE1813D20}"
FILE = "{90A44FB5-33D9-4815-AC85-BC87A7E7D1EB}"
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A write and how to find it in the company file.

    Attributes:
        entity: Where the company file keeps the record.
        name: Its full name or RefNumber.
        holds: Values that the record has once the write was carried out.
        gone: The record is not there any more once it was.
    """

    request: queue.WriteRequest
    entity: str
    name: str
    holds: Mapping[str, str]
    gone: bool = False

    @property
    def answers(self) -> bool:
        """Whether QuickBooks answers with the record: not to a removal or a custom field."""
        return self.request.action in ("add", "mod") and self.request.entity != "DataExt"

    def found(self, rows: Mapping[str, Sequence[Row]]) -> list[Row]:
        """The records of its name."""
        return [row for row in rows[self.entity] if _name(row) == self.name]

    def times(self, rows: Mapping[str, Sequence[Row]]) -> int:
        """How often what was asked for stands there."""
        found = self.found(rows)
        return int(not found) if self.gone else sum(self._applied(row) for row in found)

    def _applied(self, row: Row) -> bool:
        return all(str(row.get(name)) == value for name, value in self.holds.items())


def _name(row: Row) -> object:
    return row["RefNumber"] if "TxnID" in row else row["FullName"]


ENTITIES = ("Customer", "ItemService", "Invoice", "Estimate")


def records(company: Any) -> dict[str, list[Row]]:
    """All records of a company file that changes touch; customers with their custom field as `Region`."""
    kept: dict[str, list[Row]] = {entity: company.records(entity) for entity in ENTITIES}
    asked = build_query("Customer", request_id="custom", owner_ids=["0"], active="All")
    answer = company.process(message_set([asked]))
    regions = {record.fields["ListID"]: record.custom.get("Region", "") for record in parse_records(answer)}
    kept["Customer"] = [{**row, "Region": regions[row["ListID"]]} for row in kept["Customer"]]
    return kept


def seed(size: int) -> dict[str, Any]:
    """A company file with as many customers, items, invoices and estimates as `size` changes may touch."""
    return {
        "Company": {"CompanyName": "Faulty & Sons", "FileName": "C:\\QB\\faulty.qbw"},
        "Account": [
            {"Name": "Sales", "AccountType": "Income"},
            {"Name": "Receivable", "AccountType": "AccountsReceivable"},
        ],
        "Customer": [{"Name": f"Old {n}", "Phone": f"555-{n}"} for n in range(size)],
        "ItemService": [
            {
                "Name": f"Work {n}",
                "SalesOrPurchase_Price": "80.00",
                "SalesOrPurchase_AccountRef_FullName": "Sales",
            }
            for n in range(max(1, size // 4))
        ],
        "DataExtDef": [
            {"DataExtName": "Region", "DataExtType": "STR255TYPE", "AssignToObject": ["Customer"]},
        ],
        "Invoice": [_transaction(n, f"O-{n}") for n in range(max(1, size // 4))],
        "Estimate": [_transaction(n, f"E-{n}") for n in range(max(1, size // 4))],
    }


def _transaction(number: int, name: str) -> dict[str, Any]:
    return {
        "CustomerRef_FullName": f"Old {number}",
        "RefNumber": name,
        "TxnDate": "2026-01-05",
        "lines": [{"ItemRef_FullName": "Work 0", "Quantity": "2"}],
    }


def changes(company: CompanyFile, count: int, random: Random) -> list[Change]:
    """That many changes, some of which need the answers of others."""
    world = _World(company, random)
    kinds: list[tuple[Callable[[int], Iterator[Change]], int]] = [
        (world.new_customer, 5), (world.new_job, 3), (world.old_customer, 4), (world.new_item, 2),
        (world.old_item, 1), (world.new_invoice, 4), (world.old_invoice, 1), (world.void_invoice, 1),
        (world.delete_estimate, 1), (world.custom_field, 2),
    ]  # fmt: skip
    makers, weights = zip(*kinds, strict=True)
    made: list[Change] = []
    while len(made) < count:
        (maker,) = random.choices(makers, weights)
        made.extend(maker(len(made)))
    return made


class _World:
    """What can still be changed, and which new records others may refer to."""

    def __init__(self, company: CompanyFile, random: Random) -> None:
        self._random = random
        self._left = {entity: _shuffled(company.records(entity), random) for entity in ENTITIES}
        self._customers = [{"ListID": row["ListID"]} for row in company.records("Customer")]
        self._items = [{"ListID": row["ListID"]} for row in company.records("ItemService")]
        self._parents: list[tuple[str, str]] = []

    def new_customer(self, number: int) -> Iterator[Change]:
        name, phone = f"New {number}", f"777-{number}"
        # One in ten says no key to look it up by: when its answer is lost for good, a person must look.
        probe = {"FullName": name} if self._random.random() < 0.9 else None
        yield _add("Customer", f"c{number}", name, {"Name": name, "Phone": phone}, {"Phone": phone}, probe)
        self._customers.append(_answer(f"c{number}"))
        self._parents.append((f"c{number}", name))

    def new_job(self, number: int) -> Iterator[Change]:
        if not self._parents:
            return
        parent, above = self._random.choice(self._parents)
        name, fields = f"{above}:Job {number}", {"Name": f"Job {number}", "Fax": f"9-{number}"}
        yield _add(
            "Customer", f"j{number}", name,
            {**fields, "ParentRef_ListID": _answer(parent)["ListID"]}, {"Fax": f"9-{number}"},
            {"FullName": name},
        )  # fmt: skip

    def old_customer(self, number: int) -> Iterator[Change]:
        yield from self._mod("Customer", f"m{number}", {"Phone": f"888-{number}"}, "Phone")

    def new_item(self, number: int) -> Iterator[Change]:
        name = f"Item {number}"
        fields = {"Type": "Service", "Name": name, "Price": "12.50", "AccountRef_FullName": "Sales"}
        change = _add("Item", f"s{number}", name, fields, {}, {"FullName": name}, kept="ItemService")
        yield change
        self._items.append(_answer(f"s{number}"))

    def old_item(self, number: int) -> Iterator[Change]:
        watched = "SalesOrPurchase_Desc"
        yield from self._mod("ItemService", f"t{number}", {watched: f"work {number}"}, watched)

    def new_invoice(self, number: int) -> Iterator[Change]:
        customer, item = self._random.choice(self._customers), self._random.choice(self._items)
        fields = {
            "CustomerRef_ListID": customer["ListID"], "RefNumber": f"N-{number}",
            "TxnDate": "2026-03-30", "Memo": f"memo {number}",
        }  # fmt: skip
        probe = {"RefNumber": f"N-{number}", "CustomerRef_ListID": customer["ListID"]}
        line = {"ItemRef_ListID": item["ListID"], "Quantity": str(1 + number % 3), "Rate": "80.00"}
        yield _add(
            "Invoice", f"i{number}", f"N-{number}", fields, {"Memo": f"memo {number}"}, probe, lines=[line]
        )

    def old_invoice(self, number: int) -> Iterator[Change]:
        yield from self._mod("Invoice", f"v{number}", {"Memo": f"changed {number}"}, "Memo", lines=True)

    def void_invoice(self, number: int) -> Iterator[Change]:
        yield from self._removal("Invoice", f"x{number}", "void", {"Memo": "VOID"})

    def delete_estimate(self, number: int) -> Iterator[Change]:
        yield from self._removal("Estimate", f"d{number}", "delete", {})

    def custom_field(self, number: int) -> Iterator[Change]:
        if not self._left["Customer"]:
            return
        row, value = self._left["Customer"].pop(), f"Region {number}"
        fields = {
            "OwnerID": "0", "DataExtName": "Region", "ListDataExtType": "Customer",
            "ListObjRef_ListID": row["ListID"], "DataExtValue": value,
        }  # fmt: skip
        request = queue.WriteRequest(
            id=f"e{number}", entity="DataExt", action="mod", fields=fields, expected={"DataExtValue": ""}
        )
        yield Change(request=request, entity="Customer", name=str(_name(row)), holds={"Region": value})

    def _removal(
        self, entity: str, identity: str, action: Literal["void", "delete"], holds: dict[str, str]
    ) -> Iterator[Change]:
        if not self._left[entity]:
            return
        row = self._left[entity].pop()
        request = queue.WriteRequest(
            id=identity, entity=entity, action=action, key=row["TxnID"], edit_sequence=row["EditSequence"]
        )
        name = str(_name(row))
        yield Change(request=request, entity=entity, name=name, holds=holds, gone=action == "delete")

    def _mod(
        self, entity: str, identity: str, fields: dict[str, str], watched: str, *, lines: bool = False
    ) -> Iterator[Change]:
        if not self._left[entity]:
            return
        row = self._left[entity].pop()
        kept = [{name: line[name] for name in ("TxnLineID", "Quantity")} for line in row.get("lines", ())]
        expected = {watched: row.get(watched)}
        request = queue.WriteRequest(
            id=identity, entity=entity, action="mod", fields=fields, key=row.get("ListID") or row["TxnID"],
            edit_sequence=row["EditSequence"], lines=kept if lines else None,
            expected={**expected, "lines": kept} if lines else expected,
        )  # fmt: skip
        yield Change(request=request, entity=entity, name=str(_name(row)), holds=fields)


def _add(
    entity: str,
    identity: str,
    name: str,
    fields: Mapping[str, Any],
    holds: Mapping[str, str],
    probe: Mapping[str, Any] | None,
    *,
    lines: Sequence[Row] | None = None,
    kept: str | None = None,
) -> Change:
    request = queue.WriteRequest(
        id=identity, entity=entity, action="add", fields=fields, lines=lines, probe=probe
    )
    return Change(request=request, entity=kept or entity, name=name, holds=holds)


def _answer(identity: str) -> dict[str, Any]:
    return {"ListID": {"$answer": identity, "field": "ListID"}}


def _shuffled(rows: list[dict[str, Any]], random: Random) -> list[dict[str, Any]]:
    random.shuffle(rows)
    return rows
