"""Whatever the books hold: the parts of a gap add up to it, and those of a balance to its difference."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.core.core_world import examples
from workbench.moneyproof.attribution import Seen, explain
from workbench.moneyproof.figures import Document, Held, Reason
from workbench.moneyproof.lines import Line, Lines

cents = st.integers(-50_000, 50_000).map(lambda value: Decimal(value).scaleb(-2))
small = st.integers(-3, 3).map(lambda value: Decimal(value).scaleb(-2))
quantities = st.one_of(st.none(), st.integers(-9, 9).map(Decimal))
prices = st.one_of(st.none(), st.integers(-900, 900).map(lambda value: Decimal(value).scaleb(-2)))


@st.composite
def line(draw: st.DrawFn, name: str, others: str, number: int) -> Line:
    return Line(
        key=f"{name}{number}",
        label=f"line {number}",
        item=draw(st.sampled_from(["", "I1", "I2"])),
        kind=draw(st.sampled_from(["", "Service", "Discount", "SalesTax"])),
        quantity=draw(quantities),
        price=draw(prices),
        amount=draw(cents),
        doubt=draw(st.sampled_from([Decimal(0), Decimal("0.005"), Decimal("0.015")])),
        off=draw(st.one_of(st.just(Decimal(0)), small)),
        partner=draw(st.one_of(st.none(), st.integers(0, 4).map(lambda value: f"{others}{value}"))),
    )


@st.composite
def lines(draw: st.DrawFn, name: str, others: str) -> list[Line] | None:
    count = draw(st.one_of(st.none(), st.integers(0, 4)))
    return None if count is None else [draw(line(name, others, number)) for number in range(count)]


@st.composite
def document(draw: st.DrawFn) -> Document:
    total, tax = draw(cents), draw(st.one_of(st.none(), cents))
    shown = draw(
        st.one_of(cents, small.map(lambda cent: total - (tax or 0) + cent), small.map(lambda c: total + c))
    )
    return Document(
        mapping="deals",
        customer="C1",
        salesforce=Held(id="O1", label="deal", amount=shown),
        quickbooks=Held(
            id="I1",
            label="1",
            amount=total,
            tax=tax,
            state=draw(st.sampled_from(["open", "paid", "void"])),
            rate=draw(st.sampled_from([None, Decimal(0), Decimal(1), Decimal("1.08335"), Decimal("0.9")])),
        ),
    )


seen = st.builds(
    Seen,
    lines=st.builds(Lines, lines("L", "T"), lines("T", "L")),
    currencies=st.sampled_from([None, True, False]),
    discounts=st.dictionaries(st.sampled_from(["Discount__c", "Discount_Percent__c"]), cents, max_size=2),
    tax_apart=st.booleans(),
)


@examples(400)
@given(document(), seen)
def test_the_parts_add_up_to_the_gap(each: Document, known: Seen) -> None:
    parts = explain(each, known)
    assert sum((part.amount for part in parts), Decimal(0)) == each.gap
    reasons = [part.reason for part in parts]
    assert reasons == sorted(set(reasons), key=list(Reason).index), "each reason once, in their order"
    assert all(part.amount for part in parts), "none that comes to nothing"


@examples(100)
@given(document(), seen)
def test_the_same_books_have_the_same_parts(each: Document, known: Seen) -> None:
    assert explain(each, known) == explain(each, known)
