"""Whatever the books hold: parts add up to gaps and differences, and causes to deviations, to the cent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.core.core_world import examples
from workbench.model import Side
from workbench.moneyproof import balances, by_reason, compare, tallies
from workbench.moneyproof.attribution import Seen, explain
from workbench.moneyproof.figures import Customer, Document, Gap, Held, Measure, Reason
from workbench.moneyproof.kept import from_data, to_data
from workbench.moneyproof.lines import Line, Lines
from workbench.moneyproof.proof import Proof, Stage

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


# --- comparisons ---------------------------------------------------------------------------------------

amounts = st.sampled_from([None, Decimal("0.00"), Decimal("10.00"), Decimal("-4.99"), Decimal("100.01")])


@st.composite
def held(draw: st.DrawFn, id_: str, states: list[str]) -> Held:
    return Held(
        id=id_,
        label=id_,
        date=draw(st.sampled_from([None, date(2026, 3, 30), date(2026, 4, 1)])),
        state=draw(st.sampled_from(states)),
        amount=draw(amounts),
        open=draw(amounts),
        version=draw(st.sampled_from(["", "1", "2"])),
        currency=draw(st.sampled_from(["", "USD", "EUR"])),
    )


@st.composite
def measures(draw: st.DrawFn) -> Measure:
    """Up to four documents of each side, linked in any way, of three customers."""
    left = draw(st.permutations([f"O{number}" for number in range(draw(st.integers(0, 4)))]))
    right = draw(st.permutations([f"I{number}" for number in range(draw(st.integers(0, 4)))]))
    count = draw(st.integers(0, min(len(left), len(right))))
    pairs = [
        *zip(left[:count], right[:count], strict=True),
        *((one, None) for one in left[count:]),
        *((None, other) for other in right[count:]),
    ]
    documents = tuple(
        Document(
            mapping="deals",
            customer=draw(st.sampled_from(["C1", "C2", ""])),
            salesforce=draw(held(one, ["won", "lost"])) if one else None,
            quickbooks=draw(held(other, ["open", "paid", ""])) if other else None,
            owed=draw(st.booleans()),
        )
        for one, other in pairs
    )
    return Measure(
        documents=documents, customers={key: Customer(key=key, name=key) for key in ("C1", "C2", "")}
    )


@examples(300)
@given(measures(), measures(), measures())
def test_causes_add_up_to_what_every_figure_deviates_by(
    before: Measure, predicted: Measure, after: Measure
) -> None:
    found = compare(before, predicted, after, [])
    stages = {Stage.BEFORE: before, Stage.PREDICTED: predicted, Stage.AFTER: after}
    proof = Proof(changeset="cs-1", measures=stages, comparison=found)
    expected = {
        line.what: line.deviation
        for line in (*proof.balances, *proof.documents)
        if line.deviation and any(line.deviation)
    }
    deviating = {each.figure: (each.count, each.amount) for each in found.deviations}
    assert {figure: value for figure, value in deviating.items() if any(value)} == expected
    for each in found.deviations:
        assert each.count == sum(count for count, _ in each.by_cause.values())
        assert each.amount == sum(amount for _, amount in each.by_cause.values())
    assert not (found.agrees and expected)


@examples(60)
@given(measures())
def test_nothing_deviates_from_itself(each: Measure) -> None:
    assert compare(each, each, each, []).agrees


@examples(60)
@given(measures())
def test_the_parts_of_a_balance_add_up_to_its_difference(each: Measure) -> None:
    for balance in balances(each):
        assert sum(balance.parts.values(), Decimal(0)) == balance.difference


@examples(60)
@given(measures())
def test_the_parts_of_all_documents_add_up_to_the_difference_of_their_sums(each: Measure) -> None:
    gaps = [
        Gap(document=document, amount=document.gap, parts=explain(document, Seen()))
        for document in each.documents
        if document.gap
    ]
    sums = {side: sum((t.amount for t in tallies(each) if t.what.side is side), Decimal(0)) for side in Side}
    parts = by_reason(replace(each, gaps=tuple(gaps)))
    told = sum((amount for _, amount in parts.values()), Decimal(0))
    assert told == sums[Side.SALESFORCE] - sums[Side.QUICKBOOKS]


@examples(60)
@given(measures(), measures())
def test_whatever_is_kept_comes_back(before: Measure, predicted: Measure) -> None:
    found = from_data(to_data(predicted, before), before)
    assert set(found.documents) == set(predicted.documents)
    assert from_data(to_data(before)) == before
