"""Lines of transactions the way QuickBooks makes them: prices, amounts, order, group items.

Amount = quantity x rate, rounded half up to cents, unless the line brings one; a line without rate takes its
item's price.  A line of a group item is kept as one bundle line, with ItemGroupRef, that its members name in
GroupTxnLineID.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal

from qbwc.simulator.lists import Values, apply, find, resolved
from qbwc.simulator.records import Books, Kept
from qbwc.simulator.refusals import Refusal, bad_reference

CENT = Decimal("0.01")
NEW_LINE = "-1"
GROUP = "ItemGroupRef_ListID"
MEMBER_OF = "GroupTxnLineID"
_DESCRIPTIONS = ("SalesOrPurchase_Desc", "SalesAndPurchase_SalesDesc", "SalesDesc", "ItemDesc")


def txn_id(books: Books) -> str:
    """A new TxnID or TxnLineID, e.g. '4F2-1741020011'."""
    return f"{books.next_number():X}-{books.epoch}"


def new_lines(books: Books, entity: str, lines: Sequence[Values]) -> list[dict[str, str]]:
    """The lines of a new transaction."""
    made: list[dict[str, str]] = []
    for line in lines:
        made.extend(_new(books, entity, line, made))
    return made


def _new(books: Books, entity: str, values: Values, above: Sequence[Values]) -> list[dict[str, str]]:
    group = values.get(GROUP) or values.get("ItemGroupRef_FullName")
    if group:
        return list(_group_lines(books, entity, values, group))
    return [_new_line(books, entity, values, above)]


def _new_line(books: Books, entity: str, values: Values, above: Sequence[Values]) -> dict[str, str]:
    line = {name: text for name, text in resolved(books, entity, values, line=True).items() if text != ""}
    identity = line.pop("TxnLineID", NEW_LINE)
    made = {"TxnLineID": txn_id(books) if identity == NEW_LINE else identity, **line}
    if entity == "SalesOrder":
        made.setdefault("Invoiced", "0")
        made.setdefault("IsManuallyClosed", "false")
    _priced(books, made, above)
    return made


def _group_lines(books: Books, entity: str, values: Values, named: str) -> Iterator[dict[str, str]]:
    """A bundle line and its members, each with the group's quantity times its own."""
    half = "ListID" if values.get(GROUP) else "FullName"
    group = find(books, ("ItemGroup",), half, named)
    if group is None:
        raise bad_reference("ItemGroup", named, entity)
    identity = values.get("TxnLineID") or txn_id(books)
    quantity = values.get("Quantity") or "1"
    bundle = {"TxnLineID": identity, GROUP: group.key, "Quantity": quantity}
    bundle.update({"Desc": group.fields["ItemDesc"]} if "ItemDesc" in group.fields else {})
    yield bundle
    for member in group.lines:
        number = plain(Decimal(quantity) * Decimal(member.get("Quantity") or "1"))
        line = _new_line(books, entity, {"ItemRef_ListID": member["ItemRef_ListID"], "Quantity": number}, ())
        yield {**line, MEMBER_OF: identity}


def changed_lines(books: Books, record: Kept, lines: Sequence[Values]) -> list[dict[str, str]]:
    """The lines after a Mod that names lines: those it does not name are gone, bundles of groups too.

    3290 where stored lines are named in another order.  A line of a group is no line of its own: 3120
    (unverified).
    """
    stored = {
        line["TxnLineID"]: (number, line)
        for number, line in enumerate(record.lines)
        if GROUP not in line and MEMBER_OF not in line
    }
    made: list[dict[str, str]] = []
    last = -1
    for values in lines:
        identity = values.get("TxnLineID", NEW_LINE)
        if identity == NEW_LINE:
            made.extend(_new(books, record.entity, values, made))
            continue
        if identity not in stored:
            raise Refusal(3120, f'Object "{identity}" specified in the request cannot be found.')
        number, line = stored[identity]
        if number <= last:
            raise Refusal(
                3290, f'The transaction line "{identity}" was placed in the request in incorrect order.'
            )
        last = number
        made.append(_changed_line(books, record.entity, line, values, made))
    return made


def _changed_line(
    books: Books, entity: str, line: Values, values: Values, above: Sequence[Values]
) -> dict[str, str]:
    given = resolved(books, entity, {k: v for k, v in values.items() if k != "TxnLineID"}, line=True)
    changed = dict(line)
    moved = {name for name, text in given.items() if text != changed.get(name, "")}
    apply(changed, given)
    if moved & {"Quantity", "Rate", "RatePercent", "ItemRef_ListID"} and not given.get("Amount"):
        changed.pop("Amount", None)
    elif "Amount" in moved and "Rate" not in given and "Quantity" in changed and Decimal(changed["Quantity"]):
        rate = Decimal(changed.get("Amount", "0")) / Decimal(changed["Quantity"])
        changed["Rate"] = plain(rate.quantize(Decimal("0.00001"), ROUND_HALF_UP))
    _priced(books, changed, above)
    return changed


def _priced(books: Books, line: dict[str, str], above: Sequence[Values]) -> None:
    item = books.get(line.get("ItemRef_ListID", ""))
    if item is not None:
        for name in _DESCRIPTIONS:
            if name in item.fields:
                line.setdefault("Desc", item.fields[name])
    if "Amount" in line:
        line["Amount"] = f"{Decimal(line['Amount']):.2f}"
        return
    if "RatePercent" not in line and "Rate" not in line and item is not None:
        _item_rate(item, line)
    if "Rate" in line:
        amount = Decimal(line.get("Quantity", "1")) * Decimal(line["Rate"])
    elif "RatePercent" in line and above:
        amount = Decimal(above[-1].get("Amount", "0")) * Decimal(line["RatePercent"]) / 100
    else:
        return
    line["Amount"] = f"{amount.quantize(CENT, ROUND_HALF_UP):.2f}"


def _item_rate(item: Kept, line: dict[str, str]) -> None:
    """The item's own price; a discount counts against the line above."""
    for name in ("SalesOrPurchase_Price", "SalesAndPurchase_SalesPrice", "SalesPrice"):
        if name in item.fields:
            line["Rate"] = item.fields[name]
    if "DiscountRate" in item.fields:
        line["Rate"] = plain(-Decimal(item.fields["DiscountRate"]))
    if "DiscountRatePercent" in item.fields:
        line["RatePercent"] = plain(-Decimal(item.fields["DiscountRatePercent"]))


def plain(number: Decimal) -> str:
    """A number as qbXML writes prices: no exponent, no trailing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
