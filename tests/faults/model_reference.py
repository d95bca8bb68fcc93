"""What must be true of a reconciliation, in a few dictionaries: the reference of the model-based test.

Written from the rules in the README, in `workbench.diff` and in the mappings of `model_records`; it shares no
code with what it judges but the words and the change set, which is the value under test.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.faults.model_systems import Look, Row, moved, own, plain
from workbench.changes import Answer, Change, ChangeSet, decode
from workbench.ledger import OutcomeRow

FINAL = ("applied", "failed", "stale", "skipped")
DOUBT_SECONDS = 300
PACIFIC = ZoneInfo("America/Los_Angeles")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a mapping: both API names, its type, its direction, its winner."""

    name: str
    salesforce: str
    quickbooks: str
    type: str = "text"
    direction: str = "both"
    own_winner: str | None = None
    tolerance: Decimal = Decimal(0)
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """A mapping as far as the reference knows it."""

    salesforce: str
    quickbooks: str
    fields: tuple[Field, ...]
    modifies: frozenset[str] = frozenset({"salesforce", "quickbooks"})
    on: bool = True
    parent: str = ""


RULES = {
    "account-customer": Rules(
        "Account",
        "Customer",
        (
            Field("name", "Name", "Name", "text", "both", "salesforce"),
            Field("phone", "Phone", "Phone", "phone", "both", "manual"),
            Field("fax", "Fax", "Fax", "phone", "both", "fill_empty_only"),
            Field("city", "BillingCity", "BillAddress_City"),
            Field("state", "BillingState", "BillAddress_State", "text", "both", "newest"),
            Field("active", "Active__c", "IsActive"),
            Field("quickbooks_id", "QuickBooks_Id__c", "ListID", "id", "to_salesforce", "quickbooks"),
        ),
    ),
    "product-item": Rules("Product2", "ItemService", (Field("name", "Name", "Name"),), frozenset(), on=False),
    "opportunity-invoice": Rules(
        "Opportunity",
        "Invoice",
        (
            Field("account", "AccountId", "CustomerRef_ListID", "reference", "both", "manual",
                  reference="account-customer"),
            Field("date", "CloseDate", "TxnDate", "id"),
            Field("number", "Invoice_Number__c", "RefNumber", "text", "to_salesforce"),
            Field("memo", "Description", "Memo"),
            Field("total", "Amount", "Subtotal", "number", "compare"),
            Field("quickbooks_id", "QuickBooks_Id__c", "TxnID", "id", "to_salesforce", "quickbooks"),
        ),
        frozenset({"salesforce"}),
    ),
    "opportunity-invoice.lines": Rules(
        "OpportunityLineItem",
        "InvoiceLine",
        (
            Field("item", "Product2Id", "ItemRef_ListID", "reference", "compare", reference="product-item"),
            Field("quantity", "Quantity", "Quantity", "number"),
            Field("rate", "UnitPrice", "Rate", "number", "both", None, Decimal("0.005")),
            Field("description", "Description", "Desc"),
            Field("line_id", "QuickBooks_Line_Id__c", "TxnLineID", "id", "to_salesforce", "quickbooks"),
        ),
        frozenset({"salesforce"}),
        parent="opportunity-invoice",
    ),
}  # fmt: skip

Place = tuple[str, str, str, str]
"""Mapping, both records, field."""

Looks = tuple[Look, Look]
"""Salesforce and QuickBooks."""

Links = dict[str, dict[str, str]]
"""QuickBooks' record by Salesforce's, by mapping."""


@dataclass
class Reference:
    """The reference's own memory.

    Attributes:
        base: What both sides held when they last agreed, by place.
        decisions: What the test has decided, by place: the decision, and both values where it is pinned.
        base_at: The base as it was when a push began, by change set.
        sets: The change sets that were planned, by id.
        approved: Ids of their changes that were approved, by change set.
        begun: The change sets whose push was begun: nothing of the others may be carried out.
        told: What was told last of each change; one that is settled is not carried out any more.
        made: The record that a create has made, by (change set, change).
        answers: That record as it was made, with its lines: what other changes may refer to.
        read_back: What was applied since the last diff.
        effects: How often an approved change was seen to be carried out.
        trouble: What is wrong, by kind: unapproved, doubled, lost, base, diff,
            overwritten, prediction, link.
    """

    base: dict[Place, tuple[Any, Any]] = field(default_factory=dict)
    base_at: dict[str, dict[Place, tuple[Any, Any]]] = field(default_factory=dict)
    decisions: dict[Place, tuple[str, tuple[Any, Any] | None]] = field(default_factory=dict)
    sets: dict[str, ChangeSet] = field(default_factory=dict)
    approved: dict[str, frozenset[str]] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)
    told: dict[tuple[str, str], str] = field(default_factory=dict)
    made: dict[tuple[str, str], str] = field(default_factory=dict)
    answers: dict[tuple[str, str], tuple[Row, list[Row]]] = field(default_factory=dict)
    read_back: list[tuple[str, Change, OutcomeRow]] = field(default_factory=list)
    effects: Counter[tuple[str, str]] = field(default_factory=Counter)
    trouble: list[tuple[str, str]] = field(default_factory=list)

    def wrong(self, kind: str, note: str) -> None:
        self.trouble.append((kind, note))

    # --- writes -----------------------------------------------------------------------------------

    def explain(self, before: Look, after: Look) -> None:
        """Every difference between two looks, no person having edited, must be an approved change."""
        for name, rows in after.items():
            for key in [key for key in rows if key not in before[name]]:
                self._explain_new(name, key, rows[key], after)
        for name, rows in after.items():
            for key, row in rows.items():
                if key in before[name] and (found := moved(before[name][key], row)):
                    self._explain_moved(name, key, found, row)
            for key in before[name].keys() - rows.keys():
                self._explain_gone(name, key, before[name][key])

    def _explain_new(self, name: str, key: str, row: Row, after: Look) -> None:
        if name == "InvoiceLine":
            return  # judged with its invoice
        fitting = [
            (id_, change)
            for id_, change in self._approved("create", name)
            if self._holds(id_, change, row) and self._lines_hold(id_, change, key, after)
        ]
        free = [each for each in fitting if (each[0], each[1].id) not in self.made]
        if not fitting:
            self.wrong("unapproved", f"{name} {key} was created: {_told(row)}")
        elif not free:
            self.wrong("doubled", f"{name} {key} was created once more: {_told(row)}")
        else:
            id_, change = free[-1]
            self.made[id_, change.id] = key
            self.answers[id_, change.id] = row, invoice_lines(after, key)
            self.effects[id_, change.id] += 1
            for cell in change.cells:
                if own(cell.api) and cell.api in row:
                    self._foretold(id_, change, cell, plain(row[cell.api]))

    def _explain_moved(self, name: str, key: str, found: Mapping[str, tuple[Any, Any]], row: Row) -> None:
        if self._voided(name, row):
            return
        carried = set()
        for api, (was, now) in found.items():
            fitting = [
                (id_, change, cell)
                for id_, change in self._approved("update", name)
                for cell in change.cells
                if change.record == key and cell.api == api and now in self._values(id_, cell)
            ]
            if not fitting:
                self.wrong("unapproved", f"{name} {key}: {api} {was!r} became {now!r}")
                continue
            shown = [each for each in fitting if plain(each[2].before) == was]
            if not shown:
                seen = sorted({str(plain(cell.before)) for _, _, cell in fitting})
                self.wrong("overwritten", f"{name} {key}: {api} was {was!r}, reviewed as {seen}, now {now!r}")
            id_, change, cell = (shown or fitting)[-1]
            carried.add((id_, change.id))
            self._foretold(id_, change, cell, now)
        self.effects.update(carried)

    def _explain_gone(self, name: str, key: str, row: Row) -> None:
        if name == "InvoiceLine":
            return  # goes with its invoice, or with an edit of it
        parent = row.get({"OpportunityLineItem": "OpportunityId"}.get(name, ""))
        found = [(id_, change) for id_, change in self._approved("delete", name) if change.record == key]
        along = [change for _, change in self._approved("delete", "Opportunity") if change.record == parent]
        if found:
            self.effects[found[-1][0], found[-1][1].id] += 1
        elif not along:
            self.wrong("unapproved", f"{name} {key} is gone: {_told(row)}")

    def _voided(self, name: str, row: Row) -> bool:
        """Whether an invoice, or one of its lines, moved because it was approved to be void."""
        if name not in ("Invoice", "InvoiceLine"):
            return False
        found = [
            (id_, change)
            for id_, change in self._approved("void", "Invoice")
            if change.record == row["TxnID"]
        ]
        if found and name == "Invoice":
            self.effects[found[-1][0], found[-1][1].id] += 1
        return bool(found)

    def _foretold(self, id_: str, change: Change, cell: Any, now: str | None) -> None:
        """What a plan has foretold to be held is held."""
        if change.predicted == "ok" and now != self._value(id_, cell.holds):
            self.wrong("prediction", f"{change.label} {cell.api}: {now!r}, foretold {cell.holds!r}")

    def _approved(self, action: str, name: str) -> list[tuple[str, Change]]:
        """The approved changes of pushes that have begun; those that are not settled stand last."""
        found = []
        for id_ in self.begun & self.approved.keys():
            for change in self.sets[id_].changes:
                object_ = {"Item": "ItemService"}.get(change.object, change.object)
                if change.action == action and object_ == name and change.id in self.approved[id_]:
                    found.append((id_, change))
        return sorted(found, key=lambda each: self.told.get((each[0], each[1].id)) not in FINAL)

    def _holds(self, id_: str, change: Change, row: Row) -> bool:
        cells = [cell for cell in change.cells if own(cell.api) and cell.api in row]
        return all(plain(row[cell.api]) in self._values(id_, cell) for cell in cells)

    def _lines_hold(self, id_: str, change: Change, key: str, after: Look) -> bool:
        if not change.lines:
            return True
        held = invoice_lines(after, key)
        return len(held) == len(change.lines) and all(
            self._value(id_, value) == plain(line.get(api))
            for wanted, line in zip(change.lines, held, strict=True)
            for api, value in wanted.items()
        )

    def _values(self, id_: str, cell: Any) -> set[str | None]:
        return {self._value(id_, value) for value in (cell.after, cell.holds)}

    def _value(self, id_: str, value: Any) -> str | None:
        """A value to be written as text; one that another change's answer gives, from its record."""
        if not isinstance(value, Answer):
            return plain(value)
        row, lines = self.answers.get((id_, value.change), ({}, []))
        if value.field.startswith("lines."):
            _, number, api = value.field.split(".")
            return plain(lines[int(number)].get(api)) if int(number) < len(lines) else None
        return plain(row.get(value.field))

    # --- the three-way comparison ------------------------------------------------------------------

    def agree(self, left: Look, right: Look, links: Links) -> None:
        """Move the base to what both sides agree on."""
        for mapping, pair in live(left, right, links):
            for each in RULES[mapping].fields:
                values = both(mapping, each, pair, left, right)
                if same(each, *values, links):
                    self.base[mapping, *pair, each.name] = values

    def applied(self, id_: str, change: Change, row: OutcomeRow) -> None:
        """A change was read back: the base of a pair that it ends goes, that of what it undoes comes back."""
        self.read_back.append((id_, change, row))
        if change.unlinks:
            other = 2 if change.side == "salesforce" else 1
            lines = {(f"{change.mapping}.lines", other, str(line)) for line in change.line_sources}
            self._forget({(change.mapping, 3 - other, str(change.record))} | lines)
        undone = str(self.sets[id_].header.get("undoes", ""))
        if undone:
            self._go_back(undone, change)

    def agree_on_pushed(self, planned: Callable[[str], Looks], now: Looks, links: Links) -> None:
        """What was pushed and edited since had its base when it was read back."""
        rows = sorted(self.read_back, key=lambda each: (str(each[2].settled_at), each[0], each[1].id))
        self.read_back = []
        undone: set[tuple[str, str]] = set()
        for id_, change, _ in reversed(rows):  # the latest first: an undo that was undone takes nothing back
            if (id_, change.id) not in undone:
                undone.add((str(self.sets[id_].header.get("undoes")), change.id))
        moved = {}
        for id_ in dict.fromkeys(id_ for id_, _, _ in rows):
            mine = [(change, row) for each, change, row in rows if each == id_ and row.read_back]
            standing = [
                (change, row)
                for change, row in mine
                if self._undos(id_) % 2 == 0
                and (id_, change.id) not in undone
                and not change.unlinks
                and change.action not in ("delete", "void")
            ]
            looks = _as_read_back(planned(id_), now, mine)
            for mapping, pair in set(live(*looks, links)) & set(live(*now, links)):
                for each in RULES[mapping].fields:
                    place = (mapping, *pair, each.name)
                    found = self._finding(place, each, *both(mapping, each, pair, *now), links)
                    values = both(mapping, each, pair, *looks)
                    if found in ("", "converged") or not same(each, *values, links):
                        continue
                    if any(_wrote(change, row, place) for change, row in standing):
                        moved[place] = values
        self.base |= moved

    def _undos(self, id_: str) -> int:
        """How many undos lead to a change set."""
        undoes = str(self.sets[id_].header.get("undoes", ""))
        return 1 + self._undos(undoes) if undoes else 0

    def _forget(self, ends: set[tuple[str, int, str]]) -> None:
        for place in list(self.base):
            if any(place[0] == mapping and place[side] == record for mapping, side, record in ends):
                del self.base[place]

    def _go_back(self, undone: str, change: Change) -> None:
        """The fields that were put back, and those that are only compared, had this base before the push."""
        then = self.base_at.get(undone, {})
        was = self.sets[undone].by_id.get(change.id)
        rejoined = was is not None and was.unlinks and not change.unlinks
        side = 1 if change.side == "salesforce" else 2
        owners = {
            (change.mapping, side, str(change.record)),
            (change.mapping, 3 - side, str(change.source_id)),
        }
        document = (change.mapping.removesuffix(".lines"), side, str(change.context.get("document")))
        for place in list(then.keys() | self.base.keys()):
            fields = {each.name for each in RULES[place[0]].fields if each.direction == "compare"}
            mine = any(place[0] == mapping and place[at] == record for mapping, at, record in owners)
            along = place[0] == document[0] != change.mapping and place[side] == document[2]
            names = fields | ({cell.field for cell in change.cells} if mine else set())
            if (mine or along) and (rejoined or place[3] in names):
                self.base.pop(place, None)
                if place in then:
                    self.base[place] = then[place]

    def expected(self, left: Look, right: Look, links: Links) -> dict[Place, tuple[str, set[str]]]:
        """The finding of each differing field, and the resolutions that the rules allow for it."""
        found = {}
        for mapping, pair in live(left, right, links):
            later = _later(left, right, mapping, pair)
            for each in RULES[mapping].fields:
                place = (mapping, *pair, each.name)
                values = both(mapping, each, pair, left, right)
                finding = self._finding(place, each, *values, links)
                if finding:
                    found[place] = finding, self._resolutions(place, each, finding, values, later, links)
        return found

    def _finding(self, place: Place, each: Field, s: Any, q: Any, links: Links) -> str:
        base = self.base.get(place)
        known = base is not None and same(each, *base, links)
        s_moved, q_moved = (base is None or s != base[0]), (base is None or q != base[1])
        if same(each, s, q, links):
            return "converged" if known and s_moved and q_moved else ""
        if not known:
            return "differs"
        if s_moved and q_moved:
            return "conflict"
        return "take_salesforce" if s_moved else "take_quickbooks"

    def _resolutions(
        self, place: Place, each: Field, finding: str, values: tuple[Any, Any], later: str, links: Links
    ) -> set[str]:
        rules = RULES[place[0]]
        if finding == "converged":
            return {"none"}
        decision = self._decided(place, values)
        proposal = decision or _proposal(place[0], each, finding, values, later)
        if each.direction == "compare" and not decision:
            return {"undecided", "follows", "off"}
        if not proposal.startswith("take_"):
            return {proposal} if rules.on else {proposal, "off"}
        target = "quickbooks" if proposal == "take_salesforce" else "salesforce"
        if each.direction not in ("both", f"to_{target}"):
            return {"undecided"}
        if not rules.on:
            return {"off"}
        if target not in rules.modifies:
            return {"undecided"}
        taken = values[target == "salesforce"]
        linked = not each.reference or taken is None or _linked(each, target, taken, links)
        return {proposal} if linked else {proposal, "undecided"}

    def _decided(self, place: Place, values: tuple[Any, Any]) -> str:
        decision, seen = self.decisions.get(place, ("", None))
        return decision if seen in (None, values) else ""


def _proposal(mapping: str, each: Field, finding: str, values: tuple[Any, Any], later: str) -> str:
    if finding in ("take_salesforce", "take_quickbooks"):
        target = "quickbooks" if finding == "take_salesforce" else "salesforce"
        if each.direction in ("both", f"to_{target}"):
            return finding
        return f"take_{each.own_winner}" if each.own_winner in ("salesforce", "quickbooks") else "off"
    winner = each.own_winner or "quickbooks"  # every mapping's winner, and every one-way field's source
    match winner:
        case "salesforce" | "quickbooks":
            return f"take_{winner}"
        case "newest":
            return f"take_{later}" if later else "undecided"
        case "fill_empty_only" if values[1] is None:
            return "take_salesforce"
        case "fill_empty_only" if values[0] is None:
            return "take_quickbooks"
    return "undecided"


def live(left: Look, right: Look, links: Links) -> Iterator[tuple[str, tuple[str, str]]]:
    """The pairs whose records are both there and in their mapping's filter; lines of live documents."""
    documents = set()
    for mapping, rules in RULES.items():
        for pair in sorted(links.get(mapping, {}).items()):
            s, q = left[rules.salesforce].get(pair[0]), right[rules.quickbooks].get(pair[1])
            if s is None or q is None or not in_scope(mapping, s):
                continue
            if mapping == "opportunity-invoice":
                documents.add(pair)
            if rules.parent and not {s["OpportunityId"], q["TxnID"]} & {
                id_ for each in documents for id_ in each
            }:
                continue
            yield mapping, pair


def _as_read_back(planned: Looks, now: Looks, pushed: Sequence[tuple[Change, OutcomeRow]]) -> Looks:
    """Both sides as planned from, with what was read back; the rest of a new record as it is now."""
    looks = ({**planned[0]}, {**planned[1]})
    for change, row in pushed:
        side = change.side == "quickbooks"
        name = {"Item": "ItemService"}.get(change.object, change.object)
        key = str(row.record or change.record)
        table = looks[side].get(name, {})
        known = table.get(key) or now[side].get(name, {}).get(key) or {}
        read = decode(dict(row.read_back or {}))
        lines = read.pop("lines", [])
        rest = dict.fromkeys(known) if side else known  # QuickBooks answers with all that is not empty
        looks[side][name] = {**table, key: {**rest, **read}}
        if change.lines:
            others = {id_: each for id_, each in looks[side]["InvoiceLine"].items() if each["TxnID"] != key}
            made = {str(each["TxnLineID"]): {**each, "TxnID": key} for each in lines}
            looks[side]["InvoiceLine"] = {**others, **made}
    return looks


def _wrote(change: Change, row: OutcomeRow, place: Place) -> bool:
    """Whether a change wrote a value of a pair: of a new record it wrote all, lines of a document too."""
    side = 2 if change.side == "quickbooks" else 1
    source = place[3 - side]
    if place[0] == f"{change.mapping}.lines":
        return source in change.line_sources
    if place[0] != change.mapping:
        return False
    mine = place[side] == (row.record or change.record) or source == change.source_id
    return mine and (change.links or place[3] in {cell.field for cell in change.cells})


def one_way(mapping: str, name: Any, word: str) -> bool:
    """Whether a decision would write a field against its direction."""
    found = [each for each in RULES[mapping].fields if each.name == name]
    to = {"take_salesforce": "to_quickbooks", "take_quickbooks": "to_salesforce"}.get(word)
    return to is not None and any(each.direction not in ("both", to) for each in found)


def both(mapping: str, each: Field, pair: tuple[str, str], left: Look, right: Look) -> tuple[Any, Any]:
    """A field's values on both sides, as they are compared."""
    s = left[RULES[mapping].salesforce][pair[0]].get(each.salesforce)
    q = right[RULES[mapping].quickbooks][pair[1]].get(each.quickbooks)
    return canonical(each, s), canonical(each, q)


def in_scope(mapping: str, row: Row) -> bool:
    """Whether a Salesforce record is in its mapping's filter; all of QuickBooks' are."""
    return mapping != "opportunity-invoice" or (row["Generate__c"] == "Invoice" and bool(row["IsWon"]))


def canonical(each: Field, value: Any) -> Any:
    """A value as it is compared."""
    text = plain(value)
    if text is None:
        return None
    if each.type == "number":
        return Decimal(text)
    if each.type in ("id", "reference"):
        return text.strip() or None
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if each.type == "phone" and (digits := "".join(filter(str.isdigit, text))):
        return digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
    return text or None


def same(each: Field, s: Any, q: Any, links: Links) -> bool:
    """Whether both sides' values count as equal."""
    if each.reference:
        return (s is None and q is None) or (s is not None and links.get(each.reference, {}).get(s) == q)
    if each.tolerance and s is not None and q is not None:
        return bool(abs(s - q) <= each.tolerance)
    return bool(s == q)


def _linked(each: Field, target: str, taken: Any, links: Links) -> bool:
    pairs = links.get(each.reference, {})
    return taken in pairs if target == "quickbooks" else taken in pairs.values()


def _later(left: Look, right: Look, mapping: str, pair: tuple[str, str]) -> str:
    """Which side was modified later; '' within the doubt of the two clocks, or where it does not matter."""
    if mapping != "account-customer":
        return ""
    stamp = str(left["Account"][pair[0]]["LastModifiedDate"]).replace("+0000", "+00:00")
    q = right["Customer"][pair[1]]["TimeModified"].replace(tzinfo=PACIFIC).astimezone(UTC)
    apart = (datetime.fromisoformat(stamp) - q).total_seconds()
    if abs(apart) <= DOUBT_SECONDS:
        return ""
    return "salesforce" if apart > 0 else "quickbooks"


def invoice_lines(look: Look, invoice: str) -> list[Row]:
    """The lines of an invoice in their order."""
    lines = [line for line in look["InvoiceLine"].values() if line["TxnID"] == invoice]
    return sorted(lines, key=lambda line: int(line["SeqNo"]))


def links_of(rows: Iterable[Mapping[str, Any]]) -> Links:
    """The crosswalk's rows as links."""
    found: Links = {}
    for row in rows:
        found.setdefault(str(row["mapping"]), {})[str(row["salesforce_id"])] = str(row["quickbooks_id"])
    return found


def _told(row: Row) -> str:
    return ", ".join(f"{name} {plain(value)}" for name, value in row.items() if own(name) and plain(value))
