"""What QuickBooks would make of writes, found out on copies of the records they touch.

The copies stand in a company file in memory, with the bundled simulator behind it; each write goes there as
the very qbXML that would be sent, and the record in the answer is what QuickBooks would hold.  It knows
nothing of mappings, and writes to no company file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from qbwc import descriptor, qbxml, queue
from qbwc.errors import QbwcError, QbxmlError
from qbwc.queue import Item
from qbwc.queue.model import parents_of
from qbwc.session import compose
from qbwc.session.recovery import answer_of
from qbwc.simulator.conversion import CODES
from qbwc.simulator.refusals import PARSE_ERROR
from qbwc.simulator.scratch import Scratch
from qbwc.status import explain
from workbench.connections import quickbooks_reading as reading

Row = dict[str, Any]

Moved = tuple[str, str, Row | None, dict[str, list[Row]]]
"""(table, key, row, its lines by table)."""

OK = "ok"
REFUSED = 1000
"""Status codes from there on are errors (Intuit)."""

TOO_LONG, INVALID, NAME_TAKEN = "3070", "3210", "3100"


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretold:
    """What QuickBooks would answer to a write.

    Attributes:
        code: 'ok', a status code, or the HRESULT where it could not read the request; '' for a write that
            waits for one which is refused.
        message: Its words, and what they mean; '' when it would take the write.
        record: The record as it would be afterwards (flattened names, `lines`); {} for a refusal.
    """

    code: str
    message: str = ""
    record: Row = field(default_factory=dict)


@dataclass
class CompanyCopy:
    """A few records of a company file, to which writes are applied.

    Attributes:
        at: The time of the copy, aware; the same steps at the same time give the same ids.
        definitions: Custom fields, as rows of `DataExtDef`.
    """

    at: datetime
    definitions: Sequence[Row] = ()
    _answers: dict[str, Row] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._scratch = Scratch(self.at)
        for each in self.definitions:
            self._scratch.define(each)

    def close(self) -> None:
        """Let go of the copies."""
        self._scratch.close()

    # --- what it holds --------------------------------------------------------------------------------

    @contextmanager
    def filling(self) -> Iterator[None]:
        """Put records in; what moves afterwards is what `moved` tells."""
        with self._scratch.filling():
            yield

    def keep(self, table: str, row: Row, lines: Sequence[Row] = ()) -> None:
        """Put in a record as its snapshot table has it, with its lines in their order."""
        self._scratch.keep(table, row, lines)

    def mention(self, table: str, key: str, full_name: str, parent: str | None = None) -> None:
        """Put in a record that is only referred to, or whose name is taken; one that is there stays."""
        self._scratch.mention(table, key, full_name, parent=parent)

    def pay(self, invoice: str, amount: Decimal) -> None:
        """Put in a payment of an invoice, of which no more is known."""
        self._scratch.pay(invoice, amount)

    def close_books(self, day: date | str) -> None:
        """Set the closing date."""
        self._scratch.close_books(day)

    def number(self, entity: str, last: int) -> None:
        """Set the last number that a kind of transaction has got."""
        self._scratch.number(entity, last)

    def holds(self, key: str) -> bool:
        """Whether a record was put in."""
        return self._scratch.holds(key)

    # --- what becomes of it ---------------------------------------------------------------------------

    def write(self, writes: Sequence[queue.WriteRequest]) -> list[Foretold]:
        """Apply writes in order, and tell what becomes of each.

        A value of another write's answer is filled in; where that has none, the write cannot go.
        """
        told: dict[str, Foretold] = {}
        waiting: dict[str, tuple[queue.WriteRequest, Any]] = {}
        for write in writes:
            parents = parents_of(write)
            if waiting.keys() & parents:
                self._send(waiting, told)
            stopped = any(told[each].code != OK for each in parents if each in told)
            built = Foretold(code="") if stopped else self._built(write)
            if isinstance(built, Foretold):
                told[str(write.id)] = built
            else:
                waiting[str(write.id)] = write, built
        self._send(waiting, told)
        return [told[str(write.id)] for write in writes]

    def _built(self, write: queue.WriteRequest) -> Any:
        """The request as its element, or why there is none."""
        item = Item(request=write, edit_sequence=write.edit_sequence, answers=self._answers)
        try:
            return compose.write_element(item)
        except KeyError as missing:
            return Foretold(code=PARSE_ERROR, message=f"the answer that it needs has no {missing.args[-1]}")
        except QbxmlError as error:
            return judge(write) or Foretold(code=PARSE_ERROR, message=str(error))

    def _send(self, waiting: dict[str, tuple[queue.WriteRequest, Any]], told: dict[str, Foretold]) -> None:
        answers = self._scratch.run([element for _, element in waiting.values()])
        for (id_, (write, _)), answer in zip(waiting.items(), answers, strict=True):
            if isinstance(answer.code, str) or answer.code >= REFUSED:
                told[id_] = Foretold(code=str(answer.code), message=self._explained(write, answer))
                continue
            # The answer to a void tells no amounts: what stays is looked at.
            found = self._scratch.record(str(write.key)) if write.action == "void" else answer.record
            record = answer_of(found) if found else {}
            told[id_] = Foretold(code=OK, record=record)
            self._answers[id_] = record
        waiting.clear()

    def _explained(self, write: queue.WriteRequest, answer: Any) -> str:
        if str(answer.code) == NAME_TAKEN:
            return self._taken(write)
        return explain(answer.code, answer.message) if isinstance(answer.code, int) else answer.message

    def _taken(self, write: queue.WriteRequest) -> str:
        name, parent = str(write.fields.get("Name")), self._parent(write)
        found = self._scratch.rival(write.entity, name, parent=parent, key=write.key)
        if found is None:
            return f"the name {name!r} is in use"
        kind, full_name, active = found
        who = f"the {'' if active else 'inactive '}{_CALLED.get(kind, 'item')} {full_name!r} has it"
        if write.entity == "Item":
            return f"{who}, and a name is unique among the items of its level, whatever their type"
        if parent:
            return f"{who}, and a name is unique below its parent"
        return f"{who}, and a name is unique across customers, vendors, employees and other names"

    def _parent(self, write: queue.WriteRequest) -> str | None:
        given = write.fields.get("ParentRef_ListID")
        if isinstance(given, Mapping):
            given = self._answers.get(str(given.get("$answer")), {}).get(str(given.get("field")))
        if given is None and write.key is not None:
            return self._scratch.parent(str(write.key))
        return None if given is None else str(given)

    def moved(self) -> Iterator[Moved]:
        """Yield (table, key, row, its lines by table) of each record that is another now; None: it is gone.

        Balances of customers are told as what was added to them, since only a part of the jobs is here.
        """
        for each in self._scratch.moved():
            if each.record is None:
                yield each.table, each.key, None, {}
                continue
            lines: dict[str, list[Row]] = {name: [] for name in descriptor.line_entities(each.table)}
            row: Row = {}
            for table, values in reading.rows(each.record, each.table, self.definitions):
                if table == each.table:
                    row = values
                else:
                    lines[table].append(values)
            if each.table == "Customer":
                row["Balance"], row["TotalBalance"] = each.balance
            yield each.table, each.key, row, lines


_CALLED = {
    "Customer": "customer", "Vendor": "vendor", "Employee": "employee", "OtherName": "other name",
}  # fmt: skip


def judge(write: queue.WriteRequest) -> Foretold | None:
    """What QuickBooks would say to a write that is not even sent, because it fits no field; None: it fits.

    What it would take and mangle is told as taken, with the values that it would hold.
    """
    lines = None if write.lines is None else [dict(line) for line in write.lines]
    found = qbxml.check_write(write.entity, write.action, write.fields, lines)
    if not found:
        return None
    codes = [code for each in found if (code := _code(write, each))]
    return Foretold(
        code=codes[0] if codes else OK,
        message="; ".join(str(each.what) for each in found),
        record={} if codes else {name: _mangled(value) for name, value in write.fields.items()},
    )


def _mangled(value: Any) -> Any:
    """A value as QuickBooks keeps it: '?' for what Windows-1252 does not have."""
    return value.encode("cp1252", "replace").decode("cp1252") if isinstance(value, str) else value


def _code(write: queue.WriteRequest, problem: QbxmlError) -> str:
    if problem.limit == "Windows-1252":
        return ""
    kind = _kinds(str(problem.entity or write.entity)).get(str(problem.field), "")
    if problem.limit == "no ':'":
        return INVALID
    if problem.value in (None, ""):  # what must be there is not, or would be emptied
        return INVALID if write.action == "mod" and kind not in CODES else PARSE_ERROR
    if isinstance(problem.limit, int) and kind not in CODES:
        return TOO_LONG
    return str(CODES.get(kind, PARSE_ERROR))


def _kinds(entity: str) -> Mapping[str, str]:
    try:
        return {leaf.name: leaf.element.kind for leaf in descriptor.shape(entity).leaves}
    except QbwcError:
        return {}


def written(requests: Iterable[Mapping[str, Any]]) -> list[queue.WriteRequest]:
    """Write requests from keyword mappings."""
    return [queue.WriteRequest(**request) for request in requests]
