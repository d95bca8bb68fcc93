"""Write the books and the planted cases down: JSON, YAML and the tables of the README."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from making.books import Books, Record
from making.case import QUICKBOOKS, SALESFORCE, Case, Decision, Edit, Shown
from making.planted import CASES

MAPPINGS = ("account-customer", "contact-customer", "product-item", "opportunity-invoice")
BEGIN, END = "<!-- {} begin: made by build.py -->", "<!-- {} end -->"
_SIDES = {
    "account-customer": ("Account", "Customer"),
    "contact-customer": ("Contact", "Customer"),
    "product-item": ("Product2", "Item"),
    "opportunity-invoice": ("Opportunity", "Invoice"),
    "opportunity-invoice.lines": ("OpportunityLineItem", "InvoiceLine"),
}
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .,_()/-]*\Z")
_WORDLIKE = re.compile(r"(?i)(true|false|null|yes|no|on|off|[0-9.+-][0-9._e+-]*)\Z")


# -- JSON, one record a line, so that a change of one record is a change of one line


def json_text(records: Iterable[Record]) -> str:
    """A list of records; money and quantities are numbers with all their decimals, empty fields left out."""
    return "[\n" + ",\n".join(f"  {_json(record)}" for record in records) + "\n]\n"


def _json(value: object) -> str:
    if isinstance(value, Mapping):
        return (
            "{" + ", ".join(f"{json.dumps(k)}: {_json(v)}" for k, v in value.items() if v is not None) + "}"
        )
    if isinstance(value, list):
        return "[\n" + ",\n".join(f"    {_json(each)}" for each in value) + "\n  ]"
    # json.dumps would make a float of a Decimal and lose the cents of 100.00.
    return f"{value:f}" if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


# -- YAML


def yaml_text(value: object, indent: int = 0) -> str:
    """Block style for lists and tables at the top, one line for a table that holds plain values only."""
    pad = "  " * indent
    if isinstance(value, Mapping):
        return "".join(f"{pad}{key}:{_under(each, indent)}" for key, each in value.items())
    if isinstance(value, list):
        return "".join(f"{pad}- {_item(each, indent)}" for each in value)
    return f"{pad}{_scalar(value)}\n"


def _under(value: object, indent: int) -> str:
    if isinstance(value, Mapping | list) and value:
        return "\n" + yaml_text(value, indent + 1)
    return f" {_flow(value)}\n"


def _item(value: object, indent: int) -> str:
    if isinstance(value, Mapping) and "id" in value:
        return yaml_text(value, indent + 1).lstrip(" ")
    return f"{_flow(value)}\n"


def _flow(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value, flow=True)


def _scalar(value: object, *, flow: bool = False) -> str:
    if value is None or isinstance(value, bool | int):
        return json.dumps(value)
    text = str(value)  # Decimal too: quoted, so that no reader makes a float of it
    plain = _PLAIN.match(text) and not _WORDLIKE.match(text) and not text.endswith(" ")
    if plain and not (flow and "," in text):
        return text
    return json.dumps(text, ensure_ascii=False)


# -- the cases as data


def planted(books: Books) -> dict[str, object]:
    """The machine-readable twin of the README's tables."""
    return {
        "cases": [_case(books, case) for case in CASES],
        "write_backs": [_write_back(books, name) for name in (*MAPPINGS, "opportunity-invoice.lines")],
        "totals": {outcome: sum(c.outcome == outcome for c in CASES) for outcome in _outcomes()},
    }


def _outcomes() -> list[str]:
    return sorted({case.outcome for case in CASES})


def _case(books: Books, case: Case) -> dict[str, object]:
    return {
        "id": case.id,
        "what": case.what,
        **_place(books, case, case.mapping, case.salesforce, case.quickbooks),
        "shows": [_shown(books, case, each) for each in case.shows],
        "decisions": [each.decision for each in case.decisions],
        "outcome": case.outcome,
        "happens": case.happens,
    }


def _shown(books: Books, case: Case, shown: Shown) -> dict[str, object]:
    salesforce, quickbooks = _labels(case, shown)
    row = {
        **_place(books, case, shown.mapping or case.mapping, salesforce, quickbooks),
        "kind": shown.kind,
        "field": shown.field,
        "difference": shown.difference,
        "before": shown.before,
        "after": shown.after,
    }
    if shown.once_linked:
        row = {**row, "before": None, "after_link": True}
    return {key: value for key, value in row.items() if value is not None or key == "after"}


def _labels(case: Case, about: Shown | Decision) -> tuple[str | None, str | None]:
    """Labels of the row: its own, else the case's; a one-sided row has one only."""
    if about.mapping:
        return about.salesforce, about.quickbooks
    salesforce, quickbooks = about.salesforce or case.salesforce, about.quickbooks or case.quickbooks
    if isinstance(about, Shown) and about.kind == "only_salesforce":
        quickbooks = None
    if isinstance(about, Shown) and about.kind == "only_quickbooks":
        salesforce = None
    return salesforce, quickbooks


def _place(
    books: Books, case: Case, mapping: str, salesforce: str | None, quickbooks: str | None
) -> dict[str, object]:
    """Mapping, labels and ids."""
    found = {"mapping": mapping}
    for side, label in ((SALESFORCE, salesforce), (QUICKBOOKS, quickbooks)):
        if label:
            found[side] = label
            found[f"{side}_id"] = key_of(side, record_of(books, case, mapping, side, label))
    return found


def record_of(books: Books, case: Case, mapping: str, side: str, label: str) -> Record:
    """The record with this label; a line within the case's own parent, and a name before it was edited."""
    name = _SIDES[mapping][0 if side == SALESFORCE else 1]
    if mapping.endswith(".lines"):
        parent = case.salesforce if side == SALESFORCE else case.quickbooks
        return books.found[side, name, (parent, label)]
    own = case.salesforce if side == SALESFORCE else case.quickbooks
    return books.found.get((side, name, label)) or books.found[side, name, own]


def key_of(side: str, record: Record) -> str:
    names = ("Id",) if side == SALESFORCE else ("TxnLineID", "TxnID", "ListID")
    return str(next(record[name] for name in names if name in record))


def _write_back(books: Books, mapping: str) -> dict[str, object]:
    """How many pairs lack the QuickBooks id in Salesforce: at once, and after a person's links."""
    later = sum(
        case.mapping == mapping and any(each.decision == "link" for each in case.decisions) for case in CASES
    )
    count = books.unlinked.get(mapping, 0)
    field = "line_id" if mapping.endswith(".lines") else "quickbooks_id"
    return {
        "mapping": mapping,
        "field": field,
        "difference": "differs",
        "before": "take_quickbooks",
        "after": "take_quickbooks",
        "count": count - later,
        "count_once_linked": count,
    }


def decisions() -> dict[str, object]:
    rows = [_decision(case, each) for case in CASES for each in case.decisions]
    return {"close": list(MAPPINGS), "decisions": rows}


def _decision(case: Case, decision: Decision) -> dict[str, object]:
    salesforce, quickbooks = _labels(case, decision)
    row = {
        "case": case.id,
        "mapping": decision.mapping or case.mapping,
        "salesforce": salesforce,
        "quickbooks": quickbooks,
        "field": decision.field,
        "decision": decision.decision,
        "reason": decision.reason,
    }
    return {key: value for key, value in row.items() if value is not None}


def edits(books: Books) -> dict[str, object]:
    """What a sales person and the bookkeeper change after the first pull, in order."""
    found: dict[str, list[dict[str, object]]] = {SALESFORCE: [], QUICKBOOKS: []}
    for case in CASES:
        for edit in case.edits:
            found[edit.side].append(_edit(books, case, edit))
    return dict(found)


def _edit(books: Books, case: Case, edit: Edit) -> dict[str, object]:
    """One edit; a line of an invoice is changed by naming all lines, as QuickBooks wants it."""
    salesforce = edit.side == SALESFORCE
    own = case.salesforce if salesforce else case.quickbooks
    usual = _SIDES[case.mapping][0 if salesforce else 1]
    name = edit.object or usual
    if not salesforce:
        invoice = books.found.get((QUICKBOOKS, "Invoice", own), {}) if edit.line else {}
        lines = [_line_edit(line, edit) for line in invoice.get("lines", [])]
        entity = usual if edit.line else name
        row = {"case": case.id, "entity": entity, "key": own}
        if lines:
            return {**row, "label": edit.line, "fields": {}, "lines": lines}
        return {**row, "fields": dict(edit.fields)}
    label = (own, edit.line) if edit.line else own
    key = key_of(SALESFORCE, books.found[SALESFORCE, name, label])
    return {
        "case": case.id,
        "object": name,
        "key": key,
        "label": edit.line or own,
        "fields": dict(edit.fields),
    }


def _line_edit(line: Record, edit: Edit) -> dict[str, object]:
    changed = edit.fields if line["Desc"] == edit.line else {}
    return {"TxnLineID": line["TxnLineID"], **changed}


# -- the README


def put_between(text: str, name: str, table: str) -> str:
    """`text` with the part between the marks of `name` replaced; both marks must be there."""
    begin, end = BEGIN.format(name), END.format(name)
    before, _, rest = text.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise ValueError(f"README.md lacks the marks of {name!r}: {begin} and {end}")
    return f"{before}{begin}\n\n{table}\n{end}{after}"


def planted_table() -> str:
    head = ["case", "what", "where", "the diff shows", "decided", "what happens"]
    return _table(head, [_row(case) for case in CASES])


def counts_table(books: Books) -> str:
    rows = [[f"Salesforce {name}", str(len(found))] for name, found in books.salesforce.items()]
    rows += [[f"QuickBooks {name}", str(len(found))] for name, found in books.quickbooks.items()]
    return _table(["object", "records"], rows)


def write_backs_table(books: Books) -> str:
    rows = [_write_back(books, name) for name in (*MAPPINGS, "opportunity-invoice.lines")]
    cells = [[str(r["mapping"]), str(r["field"]), str(r["count"]), str(r["count_once_linked"])] for r in rows]
    return _table(["mapping", "field", "pairs at first", "after the links of P02 and P13"], cells)


def _row(case: Case) -> list[str]:
    return [
        case.id,
        case.what,
        _where(case),
        "<br>".join(_says(each) for each in case.shows),
        "<br>".join(_decided(each) for each in case.decisions) or "-",
        f"{case.outcome}: {case.happens}",
    ]


def _where(case: Case) -> str:
    if case.salesforce == case.quickbooks:
        return f"{case.mapping}<br>{case.salesforce}"
    return f"{case.mapping}<br>Salesforce: {case.salesforce or '-'}<br>QuickBooks: {case.quickbooks or '-'}"


def _says(shown: Shown) -> str:
    what = shown.field or shown.kind.replace("_", " ")
    where = "line " if shown.mapping else ""
    when = "once linked, " if shown.once_linked else ""
    return f"{when}{where}{what}: {shown.difference}, {shown.before}"


def _decided(decision: Decision) -> str:
    return f"{decision.field + ': ' if decision.field else ''}{decision.decision}"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return (
        "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
        + "\n"
    )
