"""Write answers the way QuickBooks does: schema order, ASCII with numeric entities, no encoding named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from qbwc.descriptor import CONCRETE, Element
from qbwc.simulator.records import Books, Kept
from qbwc.simulator.refusals import Status
from qbwc.simulator.times import LocalTime


class Writer:
    """Turns kept records into Ret elements; remembers names of referenced records for one message set."""

    def __init__(self, books: Books, local: LocalTime) -> None:
        self._books, self._local = books, local
        self._names: dict[str, str] = {}
        self._parents: set[str] | None = None

    def rets(
        self, records: Sequence[Kept], *, lines: bool = True, include: frozenset[str] = frozenset()
    ) -> Iterator[str]:
        """Records as their Ret elements; what they need together is looked up once."""
        customers = [record.key for record in records if record.entity == "Customer"]
        self._parents = self._books.parents(customers)
        for record in records:
            yield self.ret(record, lines=lines, include=include)
        self._parents = None

    def ret(self, record: Kept, *, lines: bool = True, include: frozenset[str] = frozenset()) -> str:
        """One record as its Ret element, of only the named top elements where `include` names any."""
        entity = CONCRETE[record.entity]
        fields = {**record.fields, **self._computed(record)}
        head = (
            (entity.key or "", record.key),
            ("TimeCreated", self._local.text(record.fields["TimeCreated"])),
            ("TimeModified", self._local.text(record.modified)),
            ("EditSequence", record.fields["EditSequence"]),
        )
        parts = [f"<{tag}>{escape(text)}</{tag}>" for tag, text in head if not include or tag in include]
        plan = _plan(entity.elements)
        if include:
            plan = tuple(step for step in plan if step.tag in include)
        self._body(plan, fields, parts)
        if entity.lines and lines:
            line_tag = f"{entity.lines.name}Ret"
            if not include or line_tag in include:
                self._lines(line_tag, _plan(entity.lines.elements), record, parts)
        return f"<{entity.name}Ret>{''.join(parts)}</{entity.name}Ret>"

    def _lines(self, tag: str, plan: tuple[_Step, ...], record: Kept, parts: list[str]) -> None:
        for line in record.lines:
            parts.append(f"<{tag}><TxnLineID>{line['TxnLineID']}</TxnLineID>")
            self._body(plan, line, parts)
            parts.append(f"</{tag}>")

    def _body(self, plan: tuple[_Step, ...], fields: Mapping[str, str], parts: list[str]) -> None:
        """The values in order; elements without any are left out."""
        for tag, name, reference, inner in plan:
            if reference:
                key = fields.get(name)
                if key:
                    full_name = self._names.get(key) or self._name(key)
                    parts.append(f"<{tag}><ListID>{key}</ListID><FullName>{full_name}</FullName></{tag}>")
            elif inner:
                at = len(parts)
                self._body(inner, fields, parts)
                if len(parts) > at:
                    parts.insert(at, f"<{tag}>")
                    parts.append(f"</{tag}>")
            else:
                text = fields.get(name)
                if text:
                    parts.append(f"<{tag}>{escape(text)}</{tag}>")

    def _name(self, key: str) -> str:
        """The full name behind a ListID, as it is written."""
        self._names[key] = escape(self._books.full_name(key) or "")
        return self._names[key]

    def forget(self) -> None:
        """Names may have changed: look them up again."""
        self._names.clear()

    def _computed(self, record: Kept) -> dict[str, str]:
        """Fields that are not kept because they follow from others."""
        computed = {"FullName": record.full_name, "Sublevel": str(record.full_name.count(":"))}
        if record.entity == "Customer":
            alone = self._parents is not None and record.key not in self._parents
            total = record.cents if alone else self._books.tree_cents(record.key)
            computed["Balance"] = money(record.cents)
            computed["TotalBalance"] = money(total)
        if CONCRETE[record.entity].shape == "txn":
            computed["IsPaid"] = "true" if record.fields["BalanceRemaining"] in ("0.00", "-0.00") else "false"
        return computed


class _Step(NamedTuple):
    """One element of a Ret: tag, flattened name (of a reference its ListID), and what it holds."""

    tag: str
    name: str
    reference: bool
    inner: tuple[_Step, ...]


@cache
def _plan(elements: tuple[Element, ...], prefix: str = "") -> tuple[_Step, ...]:
    """The elements of a Ret in order, with the names of their values worked out once."""
    made: list[_Step] = []
    for element in elements:
        if not element.ret:
            continue
        name = f"{prefix}{element.name}"
        if element.kind == "ref":
            made.append(_Step(element.name, f"{name}_ListID", True, ()))
        else:
            made.append(_Step(element.name, name, False, _plan(element.children, f"{name}_")))
    return tuple(made)


def money(cents: int) -> str:
    """Cents as qbXML writes an amount: -5 is '-0.05'."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def response(tag: str, request_id: str, status: Status, body: str = "", **attributes: object) -> str:
    """One answer; `attributes` that are None are left out."""
    given = {
        **({"requestID": request_id} if request_id else {}),
        "statusCode": status.code,
        "statusSeverity": status.severity,
        "statusMessage": status.message,
        **{name: value for name, value in attributes.items() if value is not None},
    }
    written = "".join(f" {name}={quoteattr(str(value))}" for name, value in given.items())
    return f"<{tag}{written}>{body}</{tag}>"


def message_set(answers: Iterable[str], **attributes: object) -> str:
    """The whole answer document; real ones name no encoding (recorded)."""
    written = "".join(
        f" {name}={quoteattr(str(value))}" for name, value in attributes.items() if value is not None
    )
    body = "\n".join(answers)
    text = f'<?xml version="1.0" ?>\n<QBXML>\n<QBXMLMsgsRs{written}>\n{body}\n</QBXMLMsgsRs>\n</QBXML>\n'
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")
