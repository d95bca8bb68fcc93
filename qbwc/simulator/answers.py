"""Write answers the way QuickBooks does: schema order, ASCII with numeric entities, no encoding named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from qbwc.descriptor import CONCRETE, Element, Line
from qbwc.simulator.lines import GROUP, MEMBER_OF
from qbwc.simulator.records import Books, Kept
from qbwc.simulator.refusals import Status
from qbwc.simulator.times import LocalTime


class Writer:
    """Turns kept records into Ret elements; remembers names of referenced records for one message set."""

    def __init__(self, books: Books, local: LocalTime) -> None:
        self._books, self._local = books, local
        self._names: dict[str, str] = {}
        self._parents: set[str] | None = None
        self._customs: dict[str, dict[str, str]] = {}

    def rets(
        self,
        records: Sequence[Kept],
        *,
        lines: bool = True,
        include: frozenset[str] = frozenset(),
        owners: Sequence[str] = (),
    ) -> Iterator[str]:
        """Records as their Ret elements; what they need together is looked up once."""
        customers = [record.key for record in records if record.entity == "Customer"]
        self._parents = self._books.parents(customers)
        for record in records:
            yield self.ret(record, lines=lines, include=include, owners=owners)
        self._parents = None

    def ret(
        self,
        record: Kept,
        *,
        lines: bool = True,
        include: frozenset[str] = frozenset(),
        owners: Sequence[str] = (),
    ) -> str:
        """One record as its Ret element, of only the named top elements where `include` names any.

        Custom fields of `owners` come last; that DataExtRet must be named where anything is, is unverified.
        """
        entity = CONCRETE.get(record.entity)
        fields = {**record.fields, **self._computed(record)}
        head = (
            ("TxnID" if entity and entity.shape == "txn" else "ListID", record.key),
            ("TimeCreated", self._local.text(record.fields["TimeCreated"])),
            ("TimeModified", self._local.text(record.modified)),
            ("EditSequence", record.fields["EditSequence"]),
        )
        parts = [f"<{tag}>{escape(text)}</{tag}>" for tag, text in head if not include or tag in include]
        plan = _plan_of(record.entity)
        if include:
            plan = tuple(step for step in plan if step.tag in include)
        self._body(plan, fields, parts)
        custom = self._custom(owners) if owners and (not include or "DataExtRet" in include) else {}
        if entity and entity.lines and lines:
            tags = {entity.lines.ret, f"{entity.lines.group}Ret"}
            if not include or tags & include:
                parts.append(self._lines(entity.lines, record, custom))
        parts.append(_values(record, "", custom))
        return f"<{record.entity}Ret>{''.join(parts)}</{record.entity}Ret>"

    def _custom(self, owners: Sequence[str]) -> dict[str, str]:
        """Place of a value -> the start of its DataExtRet, of these owners."""
        wanted = " ".join(owners).lower()
        if wanted not in self._customs:
            sql = (
                "select owner, folded, name, type, json_extract(body, '$.owner') from definitions "
                "order by number"
            )
            self._customs[wanted] = {
                f"{owner} {folded}": (
                    f"<DataExtRet><OwnerID>{escape(str(told))}</OwnerID>"
                    f"<DataExtName>{escape(str(name))}</DataExtName><DataExtType>{kind}</DataExtType>"
                )
                for owner, folded, name, kind, told in self._books.rows(sql)
                if owner in wanted.split()
            }
        return self._customs[wanted]

    def _lines(self, kind: Line, record: Kept, custom: Mapping[str, str]) -> str:
        plan = _plan_of(record.entity, lines=True)
        if kind.bare:
            parts: list[str] = []
            for line in record.lines:
                self._body(plan, line, parts)
            return "".join(parts)
        made: list[str] = []
        group = ""  # the bundle that is open
        for line in record.lines:
            if group and line.get(MEMBER_OF) != group:
                made.append(f"</{kind.group}Ret>")
                group = ""
            if GROUP in line:
                group = line["TxnLineID"]
                made.append(self._bundle(kind, record, line))
            else:
                made.append(self._line(kind, plan, record, line, custom))
        return "".join(made) + (f"</{kind.group}Ret>" if group else "")

    def _line(
        self,
        kind: Line,
        plan: tuple[_Step, ...],
        record: Kept,
        line: dict[str, str],
        custom: Mapping[str, str],
    ) -> str:
        identity = line.get("TxnLineID", "")
        parts = [f"<{kind.ret}>", f"<TxnLineID>{identity}</TxnLineID>" if kind.key else ""]
        self._body(plan, line if kind.key else {**line, **self._applied(line)}, parts)
        parts.append(_values(record, identity, custom) if identity else "")
        return "".join([*parts, f"</{kind.ret}>"])

    def _bundle(self, kind: Line, record: Kept, line: Mapping[str, str]) -> str:
        """The start of a group's element; its members follow, then its end."""
        inner = [each for each in record.lines if each.get(MEMBER_OF) == line["TxnLineID"]]
        total = sum((Decimal(each.get("Amount", "0")) for each in inner), Decimal(0))
        group = line["ItemGroupRef_ListID"]
        more = "".join(f"<{tag}>{escape(line[tag])}</{tag}>" for tag in ("Desc", "Quantity") if tag in line)
        return (
            f"<{kind.group}Ret><TxnLineID>{line['TxnLineID']}</TxnLineID><ItemGroupRef><ListID>{group}"
            f"</ListID><FullName>{self._name(group)}</FullName></ItemGroupRef>{more}"
            f"<IsPrintItemsInGroup>false</IsPrintItemsInGroup><TotalAmount>{total:.2f}</TotalAmount>"
        )

    def _applied(self, line: Mapping[str, str]) -> dict[str, str]:
        """What a payment's line tells of the transaction it pays."""
        paid = self._books.get(line.get("AppliedTxnID", ""))
        if paid is None:
            return {}
        told = {"TxnType": paid.entity, "RefNumber": paid.full_name}
        return told | {name: paid.fields[name] for name in ("TxnDate", "BalanceRemaining")}

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
        if record.entity == "Invoice":
            computed["IsPaid"] = "true" if record.fields["BalanceRemaining"] in ("0.00", "-0.00") else "false"
        return computed


class _Step(NamedTuple):
    """One element of a Ret: tag, flattened name (of a reference its ListID), and what it holds."""

    tag: str
    name: str
    reference: bool
    inner: tuple[_Step, ...]


@cache
def _plan_of(entity: str, *, lines: bool = False) -> tuple[_Step, ...]:
    """The plan of a kind of record or of its lines."""
    described = CONCRETE.get(entity)
    if described is None:
        return _bare_plan(entity)
    return _plan(described.lines.elements if lines and described.lines else described.elements)


def _plan(elements: tuple[Element, ...], prefix: str = "") -> tuple[_Step, ...]:
    """The elements of a Ret in order, with the names of their values worked out once."""
    made: list[_Step] = []
    for element in elements:
        if not element.ret:
            continue
        name = f"{prefix}{element.name}"
        if element.kind == "ref":
            made.append(_Step(element.tag("ret"), f"{name}_ListID", True, ()))
        else:
            made.append(_Step(element.tag("ret"), name, False, _plan(element.children, f"{name}_")))
    return tuple(made)


def _bare_plan(entity: str) -> tuple[_Step, ...]:
    """What is told of an item of a type without a table; only assemblies have a parent."""
    names = ("Name", "FullName", "IsActive") if entity == "ItemInventoryAssembly" else ("Name", "IsActive")
    return tuple(_Step(name, name, False, ()) for name in names)


def _values(record: Kept, place: str, custom: Mapping[str, str]) -> str:
    """The custom fields of the record ("") or one of its lines."""
    kept = record.custom.get(place)
    if not kept:
        return ""
    return "".join(
        f"{custom[where]}<DataExtValue>{escape(text)}</DataExtValue></DataExtRet>"
        for where, text in kept.items()
        if where in custom
    )


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
