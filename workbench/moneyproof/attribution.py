"""What the gap of a linked document consists of; the parts add up to the gap exactly.

Where several explanations would fit, the first of these rules that applies decides:

1. Currency: both sides name currencies that differ, or Salesforce's amount is closer to the one in home
   currency; then the amount at the document's rate, less the amount itself.
2. Tax: the sales tax that only QuickBooks' amount has, when it explains all that is left.
3. Both sides have lines: a line without a partner is a discount or tax by the type of its item, else a
   missing line; two partners with one quantity and one price, as exactly as prices are kept, differ by line
   rounding; a discount on the Salesforce line is a discount; any other difference between partners is
   unexplained.
4. What the lines do not hold: tax, as the mapping compares the amounts, or the other way where only that
   leaves nothing unexplained; a discount, where a field of Salesforce's document or QuickBooks' discount
   lines say exactly that much; document rounding, up to half a cent for each line and half a cent for the
   sum; else it is unexplained.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from workbench.money import CENT
from workbench.moneyproof import books
from workbench.moneyproof.figures import NOTHING, Document, Part, Reason
from workbench.moneyproof.lines import NO_LINES, Line, Lines

HALF_CENT = Decimal("0.005")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known of a document besides its amounts.

    Attributes:
        currencies: Whether both sides name the same currency; None where that cannot be told.
        discounts: Fields of Salesforce's document that say discount, by name: an amount or a percentage.
        tax_apart: Whether the mapping compares Salesforce's amount with QuickBooks' without tax.
    """

    lines: Lines = NO_LINES
    currencies: bool | None = None
    discounts: Mapping[str, Decimal] = field(default_factory=dict)
    tax_apart: bool = True


def explain(document: Document, seen: Seen) -> tuple[Part, ...]:
    """The parts of a document's gap, one for each reason; none without a gap."""
    gap, quickbooks = document.gap, document.quickbooks
    if not gap or quickbooks is None or quickbooks.amount is None:
        return ()
    if quickbooks.state == "void":
        return (Part(reason=Reason.UNEXPLAINED, amount=gap, detail="void in QuickBooks"),)
    parts: list[Part] = []
    rate = _rate(document, seen)
    if rate is not None:
        moved = _at(quickbooks.amount, rate) - quickbooks.amount
        parts += (
            [Part(reason=Reason.CURRENCY, amount=moved, detail=_rate_told(document, rate))] if moved else []
        )
    tax = _at(quickbooks.tax or NOTHING, rate)
    left = gap - _sum(parts)
    if tax and left == -tax:
        return (*parts, Part(reason=Reason.TAX, amount=left))
    if left:
        parts += _rest(document, left, tax, rate, seen)
    return tuple(_merged(parts))


# --- currency -------------------------------------------------------------------------------------------


def _rate(document: Document, seen: Seen) -> Decimal | None:
    """The rate at which QuickBooks' amount is to be seen; None where both are in one currency."""
    left, right = document.salesforce, document.quickbooks
    rate = right.rate if right else None
    if rate is None or rate in (0, 1) or seen.currencies:
        return None
    if seen.currencies is False:
        return rate
    shown, kept = left.amount if left else None, right.amount if right else None
    if shown is None or kept is None:
        return None
    return rate if abs(shown - _at(kept, rate)) < abs(shown - kept) else None


def _at(value: Decimal, rate: Decimal | None) -> Decimal:
    return value if rate is None else (value * rate).quantize(CENT, ROUND_HALF_UP)


def _rate_told(document: Document, rate: Decimal) -> str:
    right = document.quickbooks
    name = right.currency if right and right.currency else "foreign currency"
    return f"{name} at {rate.normalize():f}"


# --- lines, and what they do not hold ---------------------------------------------------------------------


def _rest(
    document: Document, left: Decimal, tax: Decimal, rate: Decimal | None, seen: Seen
) -> Iterator[Part]:
    salesforce, quickbooks = seen.lines.salesforce, seen.lines.quickbooks
    if salesforce and quickbooks:
        parts = list(_of_lines(salesforce, quickbooks, rate))
        yield from parts
        left -= _sum(parts)
    yield from _of_document(document, left, tax, seen)


def _of_lines(salesforce: Sequence[Line], quickbooks: Sequence[Line], rate: Decimal | None) -> Iterator[Part]:
    """Salesforce's lines less QuickBooks', line by line."""
    pairs, only_left, only_right = _paired(salesforce, quickbooks)
    for left, right in pairs:
        yield from _of_pair(left, right, rate)
    for line in only_left:
        yield from _alone(line, line.amount, "Salesforce")
    for line in only_right:
        yield from _alone(line, -_at(line.amount, rate), "QuickBooks")


def _paired(
    salesforce: Sequence[Line], quickbooks: Sequence[Line]
) -> tuple[list[tuple[Line, Line]], list[Line], list[Line]]:
    """Partners as the crosswalk has them; where it knows no line of the document, by item in their order."""
    waiting = {line.key: line for line in quickbooks}
    pairs = [(line, waiting.pop(line.partner)) for line in salesforce if line.partner in waiting]
    found = {line.key for line, _ in pairs}
    alone = [line for line in salesforce if line.key not in found]
    if not pairs:
        for line in [*alone]:
            same = next((each for each in waiting.values() if line.item and each.item == line.item), None)
            if same is not None:
                pairs.append((line, waiting.pop(same.key)))
                alone.remove(line)
    return pairs, alone, list(waiting.values())


def _of_pair(left: Line, right: Line, rate: Decimal | None) -> Iterator[Part]:
    gap = left.amount - _at(right.amount, rate)
    if not gap:
        return
    if left.off and (off := left.off):
        yield Part(reason=Reason.DISCOUNT, amount=off, detail=f"line {_name(left, right)}")
        gap -= off
    if not gap:
        return
    if _rounded(left, right, gap, rate):
        yield Part(reason=Reason.LINE_ROUNDING, amount=gap)
    else:
        yield Part(
            reason=Reason.UNEXPLAINED, amount=gap, detail=f"line {_name(left, right)}: {_differ(left, right)}"
        )


def _name(left: Line, right: Line) -> str:
    """What a person knows a line by: its text on either side."""
    return right.label if left.label == left.key else left.label


def _rounded(left: Line, right: Line, gap: Decimal, rate: Decimal | None) -> bool:
    """Whether one quantity at one price can give both amounts, each rounded as its side does."""
    if left.quantity != right.quantity or left.price is None or right.price is None:
        return False
    doubt = left.doubt + right.doubt
    if rate is None and abs((left.price - right.price) * (left.quantity or 0)) > doubt:
        return False
    return abs(gap) <= _cents(doubt * (rate or 1) + CENT)


def _differ(left: Line, right: Line) -> str:
    if left.quantity != right.quantity:
        return f"quantity {_plain(left.quantity)} in Salesforce, {_plain(right.quantity)} in QuickBooks"
    if left.price != right.price:
        return f"price {_plain(left.price)} in Salesforce, {_plain(right.price)} in QuickBooks"
    return "the amount is not quantity x price"


def _plain(value: Decimal | None) -> str:
    return "none" if value is None else f"{value.normalize():f}"


def _alone(line: Line, amount: Decimal, side: str) -> Iterator[Part]:
    if not amount:
        return
    reason = Reason.DISCOUNT if line.kind == books.DISCOUNT else Reason.MISSING_LINE
    reason = Reason.TAX if line.kind in books.TAXES else reason
    yield Part(reason=reason, amount=amount, detail=f"line {line.label} only in {side}")


def _of_document(document: Document, left: Decimal, tax: Decimal, seen: Seen) -> Iterator[Part]:
    """What is left beside the lines, or all of it where a side has none."""
    ways = [-tax, NOTHING] if seen.tax_apart else [NOTHING, -tax]
    found = [[*_taxed(taken), *_plainly(document, left - taken, seen)] for taken in ways]
    clear = [parts for parts in found if all(each.reason is not Reason.UNEXPLAINED for each in parts)]
    yield from (clear or found)[0]


def _taxed(taken: Decimal) -> list[Part]:
    return [Part(reason=Reason.TAX, amount=taken)] if taken else []


def _plainly(document: Document, left: Decimal, seen: Seen) -> list[Part]:
    if not left:
        return []
    told = _discount(document, left, seen)
    if told is not None:
        return [Part(reason=Reason.DISCOUNT, amount=left, detail=told)]
    small = abs(left) <= _cents(HALF_CENT * (_count(seen.lines) + 1))
    return [Part(reason=Reason.DOCUMENT_ROUNDING if small else Reason.UNEXPLAINED, amount=left)]


def _discount(document: Document, left: Decimal, seen: Seen) -> str | None:
    """What says that exactly so much was taken off; None where nothing does."""
    whole = document.salesforce.amount if document.salesforce else None
    above = _total(seen.lines.salesforce) or (whole or NOTHING) - left
    for name, value in seen.discounts.items():
        if abs(value) == -left:
            return name
        if value and above and (above * abs(value) / 100).quantize(CENT, ROUND_HALF_UP) == -left:
            return f"{name} {value.normalize():f} %"
    lines = [line for line in seen.lines.quickbooks or () if line.kind == books.DISCOUNT]
    if not seen.lines.salesforce and lines and _total(lines) == -left:
        return "discount in QuickBooks"
    return None


def _total(lines: Sequence[Line] | None) -> Decimal:
    return sum((line.amount for line in lines or ()), NOTHING)


def _count(lines: Lines) -> int:
    return max(1, len(lines.salesforce or ()), len(lines.quickbooks or ()))


def _cents(value: Decimal) -> Decimal:
    """Whole cents, the rest cut off."""
    return value.quantize(CENT, ROUND_DOWN)


# --- together ---------------------------------------------------------------------------------------------


def _merged(parts: Iterable[Part]) -> Iterator[Part]:
    """One part for each reason, in the order of reasons; those that come to nothing are left out."""
    found: dict[Reason, list[Part]] = {}
    for part in parts:
        found.setdefault(part.reason, []).append(part)
    for reason in Reason:
        same = found.get(reason, [])
        if total := _sum(same):
            told = dict.fromkeys(part.detail for part in same if part.detail)
            yield Part(reason=reason, amount=total, detail="; ".join(told))


def _sum(parts: Iterable[Part]) -> Decimal:
    return sum((part.amount for part in parts), NOTHING)
