"""Write answers the way QuickBooks does: schema order, ASCII with numeric entities, no encoding named."""

from __future__ import annotations

from collections.abc import Iterable
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

    def ret(self, record: Kept, *, lines: bool = True, include: frozenset[str] = frozenset()) -> str:
        """One record as its Ret element, of only the named top elements where `include` names any."""
        entity = CONCRETE[record.entity]
        fields = {**record.fields, **self._computed(record)}
        parts: list[str] = []
        head = (
            (entity.key or "", record.key),
            ("TimeCreated", self._local.text(record.fields["TimeCreated"])),
            ("TimeModified", self._local.text(record.modified)),
            ("EditSequence", record.fields["EditSequence"]),
        )
        parts.extend(f"<{tag}>{escape(text)}</{tag}>" for tag, text in head if not include or tag in include)
        elements = entity.elements
        if include:
            elements = tuple(element for element in elements if element.name in include)
        self.body(elements, "", fields, parts)
        line_tag = f"{entity.lines.name}Ret" if entity.lines else ""
        if entity.lines and lines and (not include or line_tag in include):
            for line in record.lines:
                parts.append(f"<{line_tag}><TxnLineID>{line['TxnLineID']}</TxnLineID>")
                self.body(entity.lines.elements, "", line, parts)
                parts.append(f"</{line_tag}>")
        return f"<{entity.name}Ret>{''.join(parts)}</{entity.name}Ret>"

    def body(
        self, elements: Iterable[Element], prefix: str, fields: dict[str, str], parts: list[str]
    ) -> None:
        """The values below `prefix`, in order; elements without any are left out."""
        for element in elements:
            if not element.ret:
                continue
            name = f"{prefix}{element.name}"
            if element.kind == "ref":
                key = fields.get(f"{name}_ListID")
                if key:
                    full_name = escape(self._name(key))
                    parts.append(
                        f"<{element.name}><ListID>{key}</ListID><FullName>{full_name}</FullName></{element.name}>"
                    )
            elif element.children:
                inner: list[str] = []
                self.body(element.children, f"{name}_", fields, inner)
                if inner:
                    parts.append(f"<{element.name}>{''.join(inner)}</{element.name}>")
            elif fields.get(name):
                parts.append(f"<{element.name}>{escape(fields[name])}</{element.name}>")

    def _name(self, key: str) -> str:
        if key not in self._names:
            self._names[key] = self._books.full_name(key) or ""
        return self._names[key]

    def forget(self) -> None:
        """Names may have changed: look them up again."""
        self._names.clear()

    def _computed(self, record: Kept) -> dict[str, str]:
        """Fields that are not kept because they follow from others."""
        computed = {"FullName": record.full_name, "Sublevel": str(record.full_name.count(":"))}
        if record.entity == "Customer":
            computed["Balance"] = money(record.cents)
            computed["TotalBalance"] = money(self._books.tree_cents(record.key))
        if CONCRETE[record.entity].shape == "txn":
            computed["IsPaid"] = "true" if record.fields["BalanceRemaining"] in ("0.00", "-0.00") else "false"
        return computed


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
