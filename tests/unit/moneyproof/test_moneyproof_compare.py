"""What deviates from a prediction, and why: books before, as predicted and afterwards, a story each.

The sum of what each document moves is what each figure deviates by; that is checked in every story.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal as D

from tests.unit.core.core_world import World, tabled
from tests.unit.moneyproof.money_books import MAPPINGS, books, measured
from workbench.changes import Answer, Cell, Change
from workbench.ledger import OutcomeRow
from workbench.moneyproof import Cause, Comparison, Figure, Measure, compare, with_unread, written
from workbench.moneyproof.compare import renamed
from workbench.moneyproof.proof import Proof, Stage, State

DEAL = "O1 | Deal | A1 | 2026-03-30 | 100 | true | true | won | 2026-03-01 08:00:00"
INVOICE = "I1 | 1001 | C1 | 2026-03-30 | 100 | 0 | 100 | - | - | 7"


def deal(amount: str = "100", at: str = "2026-03-01 08:00:00", key: str = "O1") -> str:
    return f"{key} | Deal | A1 | 2026-03-30 | {amount} | true | true | won | {at}"


def invoice(
    total: str = "100", balance: str | None = None, version: str = "7", key: str = "I1", memo: str = "-"
) -> str:
    return f"{key} | 1001 | C1 | 2026-03-30 | {total} | 0 | {balance or total} | - | {memo} | {version}"


def change(
    action: str = "update", record: str | None = "O1", side: str = "salesforce", source: str | None = "I1",
    mapping: str = "deals", id_: str = "ch-1", **values: object,
) -> Change:  # fmt: skip
    cells = [Cell(field="", api=api, before=None, after=value, why="") for api, value in values.items()]
    return Change(
        id=id_, mapping=mapping, side=side, object="Opportunity", action=action, record=record, label="Deal",
        version=None, source_id=source, cells=tuple(cells),
    )  # fmt: skip


def outcome(
    state: str = "applied", record: str | None = "O1", version: str | None = None, detail: str | None = None,
    id_: str = "ch-1", side: str = "salesforce",
) -> dict[str, OutcomeRow]:  # fmt: skip
    name = "SystemModstamp" if side == "salesforce" else "EditSequence"
    return {
        id_: OutcomeRow(
            changeset="cs-1", change=id_, state=state, side=side, mapping="deals", record=record,
            detail=detail, read_back={name: version} if version else None,
        )
    }  # fmt: skip


def compared(
    before: World,
    predicted: World,
    after: World,
    changes: list[Change] | None = None,
    rows: dict[str, OutcomeRow] | None = None,
    made: dict[str, str] | None = None,
) -> Comparison:
    """The comparison, after its sums were checked against both measures."""
    was, is_ = measured(before), measured(after)
    wanted = with_unread(measured(predicted), was)
    found = compare(was, wanted, is_, written(after.connection, MAPPINGS, changes or [], rows or {}), made)
    wanted = renamed(wanted, made or {})
    stages = {Stage.BEFORE: was, Stage.PREDICTED: wanted, Stage.AFTER: is_}
    lines = Proof(changeset="cs-1", measures=stages, comparison=found)
    expected = {
        line.what: line.deviation
        for line in (*lines.balances, *lines.documents)
        if line.deviation and line.deviation != (0, D("0.00"))
    }
    assert {each.figure: (each.count, each.amount) for each in found.deviations} == expected
    for each in found.deviations:
        assert each.count == sum(count for count, _ in each.by_cause.values())
        assert each.amount == sum(amount for _, amount in each.by_cause.values())
    return found


def stories(found: Comparison) -> list[str]:
    return [f"{each.cause}: {each.label}: {each.told}" for each in found.events]


def linked(deals: str, invoices: str, deal_lines: str = "") -> World:
    """Books with one opportunity and its invoice."""
    return books(deals, invoices, deal_lines, links="O1=I1")


#  why, before, predicted, after (opportunity, invoice), the change, its outcome, what is told
STORIES = [
    ("nothing was to be written, and nothing moved",
     (deal(), invoice()), (deal(), invoice()), (deal(), invoice()), None, None, []),
    ("written as predicted",
     (deal(), invoice("120")), (deal("120"), invoice("120")),
     (deal("120", "2026-03-02 09:00:00"), invoice("120")),
     change(), outcome(version="2026-03-02T09:00:00.000+0000"), []),
    ("refused: it is as before",
     (deal(), invoice("120")), (deal("120"), invoice("120")), (deal(), invoice("120")),
     change(), outcome("failed", detail="FIELD_CUSTOM_VALIDATION_EXCEPTION: no"),
     ["not applied: 1001: update in Salesforce: failed (FIELD_CUSTOM_VALIDATION_EXCEPTION: no)"]),
    ("not approved",
     (deal(), invoice("120")), (deal("120"), invoice("120")), (deal(), invoice("120")), change(), None,
     ["not applied: 1001: update in Salesforce: not approved"]),
    ("stale: edited between review and push",
     (deal(), invoice("120")), (deal("120"), invoice("120")),
     (deal("130", "2026-03-02 09:00:00"), invoice("120")), change(), outcome("stale", detail="moved"),
     ["not applied: 1001: update in Salesforce: stale (moved); edited in Salesforce"]),
    ("refused, and yet it is another",
     (deal(), invoice("120")), (deal("120"), invoice("120")), (deal("130"), invoice("120")),
     change(), outcome("failed"),
     ["unexplained: 1001: not written, and yet it is another than before in the same version"]),
    ("an unknown outcome that was not written",
     (deal(), invoice("120")), (deal("120"), invoice("120")), (deal(), invoice("120")),
     change(), outcome("unknown"), ["not applied: 1001: update in Salesforce: unknown"]),
    ("edited after the push",
     (deal(), invoice("120")), (deal("120"), invoice("120")),
     (deal("130", "2026-03-02 09:00:06"), invoice("120")),
     change(), outcome(version="2026-03-02T09:00:00.000+0000"),
     ["edited by somebody else: 1001: edited after the push in Salesforce"]),
    ("applied, and the system made another amount of it",
     (deal(), invoice("120")), (deal("120"), invoice("120")),
     (deal("121", "2026-03-02 09:00:05"), invoice("120")),
     change(), outcome(version="2026-03-02T09:00:00.000+0000"),
     ["unexplained: 1001: applied, and what is there is not what was predicted"]),
    ("edited meanwhile: a document that nothing was written to",
     (deal(), invoice()), (deal(), invoice()), (deal(), invoice("150", version="8")), None, None,
     ["edited by somebody else: 1001: edited in QuickBooks"]),
    ("paid meanwhile: no version tells it",
     (deal(), invoice()), (deal(), invoice()), (deal(), invoice("100", "0")), None, None,
     ["edited by somebody else: 1001: paid or credited in QuickBooks"]),
    ("paid in part, after our write",
     (deal(), invoice()), (deal(), invoice("120")), (deal(), invoice("120", "20", version="8")),
     change(side="quickbooks", record="I1", source="O1"),
     outcome(record="I1", version="8", side="quickbooks"),
     ["edited by somebody else: 1001: paid or credited in QuickBooks"]),
    ("voided by somebody else",
     (deal(), invoice()), (deal(), invoice()), (deal(), invoice("0", version="8", memo="VOID")), None, None,
     ["edited by somebody else: 1001: edited in QuickBooks"]),
    ("another amount in one version",
     (deal(), invoice()), (deal(), invoice()), (deal(), invoice("101")), None, None,
     ["unexplained: 1001: nothing here has written it, and its version is what it was"]),
    ("deleted by somebody else",
     (deal(), invoice()), (deal(), invoice()), ("", invoice()), None, None,
     ["edited by somebody else: 1001: deleted in Salesforce"]),
    ("our own edit of what is no money",
     (deal(), invoice()), (deal(), invoice()), (deal("100", "2026-03-02 09:00:00"), invoice()),
     change(), outcome(version="2026-03-02T09:00:00.000+0000"), []),
]  # fmt: skip

Pair = tuple[str, str]


@tabled("before predicted after changed became told", STORIES)
def test_one_linked_document(
    before: Pair, predicted: Pair, after: Pair, changed: Change | None, became: dict[str, OutcomeRow] | None,
    told: list[str],
) -> None:  # fmt: skip
    was, wanted, is_ = (linked(*each) for each in (before, predicted, after))
    found = compared(was, wanted, is_, [changed] if changed else [], became)
    assert stories(found) == told
    assert found.agrees is (not told)


def test_an_invoice_that_is_made_has_its_own_number_afterwards() -> None:
    made = change("create", None, "quickbooks", "O1")
    found = compared(
        books(deal()),
        books(deal(), invoice(key="new-1", version="1"), links="O1=new-1"),
        books(deal(), invoice(key="I9", version="3"), links="O1=I9"),
        [made],
        outcome(record="I9", version="3", side="quickbooks"),
        {"new-1": "I9"},
    )
    assert found.agrees


def test_an_invoice_that_was_not_made_is_missing_in_every_figure() -> None:
    made = change("create", None, "quickbooks", "O1")
    found = compared(
        books(deal()),
        books(deal(), invoice(key="new-1", version="1"), links="O1=new-1"),
        books(deal()),
        [made],
        outcome("failed", None, side="quickbooks", detail="3180: no"),
    )
    assert stories(found) == ["not applied: Deal: create in QuickBooks: failed (3180: no)"]
    moved = {(each.figure.side.value, each.figure.customer, each.figure.state): (each.count, str(each.amount))
             for each in found.deviations}  # fmt: skip
    assert moved == {
        ("quickbooks", "C1", ""): (0, "-100.00"),
        ("salesforce", "C1", ""): (0, "-100.00"),
        ("quickbooks", "", "open"): (-1, "-100.00"),
    }
    (amounts,) = [each for each in found.events[0].amounts if each.side == "quickbooks"]
    assert (amounts.before, amounts.predicted, amounts.after) == (None, D("100.00"), None)


def test_a_customer_that_is_made_owes_what_was_predicted() -> None:
    """Its key in the prediction is one that only the prediction has."""
    before, predicted, after = books(), books(), books()
    for world, customer in ((predicted, "new-c"), (after, "C9")):
        world.connection.execute("INSERT INTO quickbooks.Customer VALUES (?, 'Elm', 0, NULL, 50)", [customer])
        world.connection.execute(
            "INSERT INTO quickbooks.Invoice VALUES (?, '1', ?, '2026-03-30', 50, 0, 50, false, NULL, '1')",
            [f"{customer}-i", customer],
        )
    writes = [
        change("create", None, "quickbooks", "A9", "clients", "ch-c"),
        change("create", None, "quickbooks", "O9"),
    ]
    rows = outcome(record="C9", id_="ch-c", side="quickbooks") | outcome(
        record="C9-i", version="1", side="quickbooks"
    )
    found = compared(before, predicted, after, writes, rows, {"new-c": "C9", "new-c-i": "C9-i"})
    assert found.agrees


def test_one_of_two_lines_was_refused() -> None:
    """The document is neither as before nor as predicted, and its lines are ours."""
    line = "L{0} | O1 | {0} | work | P1 | 1 | {1} | {1}"
    after = books(
        deal("110", "2026-03-02 09:00:01"), invoice("120"),
        "\n".join([line.format(1, 60), line.format(2, 50)]), links="O1=I1",
    )  # fmt: skip
    writes = [
        change(record=f"L{number}", mapping="deals.lines", source=f"T{number}", id_=f"ch-{number}")
        for number in (1, 2)
    ]
    rows = outcome(record="L1", version="2026-03-02T09:00:00.000+0000") | outcome(
        "failed", "L2", id_="ch-2", detail="no"
    )
    before, predicted = (linked(deal(amount), invoice("120")) for amount in ("100", "120"))
    found = compared(before, predicted, after, writes, rows)
    assert stories(found) == ["not applied: 1001: update in Salesforce: failed (no)"]


def test_a_line_that_is_made_is_of_its_document() -> None:
    """The parent of a new line stands in the change, or is what another change has made."""
    plain = change("create", None, source="T1", mapping="deals.lines", OpportunityId="O1")
    after = change(
        "create", None, source="T2", mapping="deals.lines", id_="ch-2", OpportunityId=Answer("ch-3", "Id")
    )
    made = change("create", None, id_="ch-3")
    rows = outcome(record="L1") | outcome(record="L2", id_="ch-2") | outcome(record="O7", id_="ch-3")
    found = written(books().connection, MAPPINGS, [plain, after, made], rows)
    assert [sorted(id_ for side, id_ in each.records if side == "salesforce") for each in found] == [
        ["L1", "O1"], ["L2", "O7"], ["O7"],
    ]  # fmt: skip


def test_each_side_of_a_document_has_its_own_cause() -> None:
    """Salesforce's was edited by somebody; that does not explain what QuickBooks' has become."""
    found = compared(
        linked(deal(), invoice()),
        linked(deal(), invoice()),
        linked(deal("130", "2026-03-02 09:00:00"), invoice("130")),
    )
    assert [
        (each.cause.value, [amounts.side.value for amounts in each.amounts]) for each in found.events
    ] == [
        ("edited by somebody else", ["salesforce"]),
        ("unexplained", ["quickbooks"]),
    ]


def test_what_salesforce_shows_as_open_follows_the_books() -> None:
    """The invoice was paid: the opportunity is as it was, and shows nothing as open any more."""
    found = compared(
        linked(deal(), invoice()),
        linked(deal(), invoice()),
        linked(deal(), invoice("100", "0")),
    )
    (event,) = found.events
    assert {
        (figure.side.value, figure.balance, str(amount)) for figure, (_, amount) in event.moved.items()
    } == {
        ("quickbooks", True, "-100.00"),
        ("salesforce", True, "-100.00"),
        ("quickbooks", False, "100.00"),
        ("quickbooks", False, "-100.00"),
    }


def test_a_pair_that_somebody_has_unlinked() -> None:
    found = compared(linked(deal(), invoice()), linked(deal(), invoice()), books(deal(), invoice()))
    assert stories(found) == ["edited by somebody else: 1001: unlinked"]


def test_a_document_that_somebody_made_meanwhile() -> None:
    found = compared(books(), books(), books(invoices=invoice()))
    assert stories(found) == ["edited by somebody else: 1001: made in QuickBooks"]


def test_what_no_mapping_reads_may_move() -> None:
    """A payment on account lowers the balance, and no document that is read."""
    before, after = (books(invoices=invoice()) for _ in range(2))
    for world, balance in ((before, 100), (after, 60)):
        world.connection.execute(
            "UPDATE quickbooks.Customer SET TotalBalance = ? WHERE ListID = 'C1'", [balance]
        )
    found = compared(before, before, after)
    assert stories(found) == [
        "edited by somebody else: Cedar: payments, credits or entries that no mapping reads"
    ]
    assert [(each.figure.customer, str(each.amount)) for each in found.deviations] == [("C1", "-40.00")]


def test_the_prediction_keeps_what_no_mapping_reads() -> None:
    """The copies need not know of payments: an invoice more raises the balance by just its amount."""
    before = books(invoices=invoice())
    predicted = books(invoices=f"{invoice()}\n{invoice('20', key='I2')}")
    after = books(invoices=f"{invoice()}\n{invoice('20', key='I2', version='1')}")
    for world, balance in ((before, 70), (predicted, 70), (after, 90)):
        world.connection.execute(
            "UPDATE quickbooks.Customer SET TotalBalance = ? WHERE ListID = 'C1'", [balance]
        )
    made = change("create", None, "quickbooks", "O2")
    assert compared(
        before, predicted, after, [made], outcome(record="I2", version="1", side="quickbooks")
    ).agrees


def test_two_causes_that_cancel_each_other_are_told() -> None:
    """One invoice rises and another falls by the same amount: the sum is as predicted by chance."""
    before = books(invoices=f"{invoice()}\n{invoice(key='I2')}")
    after = books(invoices=f"{invoice('110', version='8')}\n{invoice('90', key='I2')}")
    was, is_ = measured(before), measured(after)
    found = compare(was, was, is_, [])
    assert Counter(each.cause for each in found.events) == {Cause.EDITED: 1, Cause.UNEXPLAINED: 1}
    assert {str(each.amount) for each in found.deviations} == {"0.00"}
    assert not found.agrees


def test_two_documents_that_cancel_each_other_for_one_cause_are_no_agreement() -> None:
    before = books(invoices=f"{invoice()}\n{invoice(key='I2')}")
    after = books(invoices=f"{invoice('110', version='8')}\n{invoice('90', version='8', key='I2')}")
    was = measured(before)
    found = compare(was, was, measured(after), [])
    assert ([each.cause for each in found.events], found.deviations) == ([Cause.EDITED] * 2, ())
    assert not found.agrees


def test_the_state_of_a_proof() -> None:
    """It agrees when nothing deviates and every cent between the sides is explained."""
    clean, apart = (
        measured(books(deal(), invoice(), links="O1=I1")),
        measured(books(deal("90"), invoice(), links="O1=I1")),
    )
    known = Comparison(deviations=(), events=())

    def state(measure: Measure, comparison: Comparison | None) -> State:
        return Proof(changeset="cs-1", measures={Stage.AFTER: measure}, comparison=comparison).state

    assert state(clean, None) is State.WAITING
    assert state(clean, known) is State.AGREES
    assert state(apart, known) is State.DIFFERS
    deviating = compare(clean, clean, apart, [])
    assert state(replace(apart, gaps=()), deviating) is State.DIFFERS
    assert all(isinstance(each.figure, Figure) for each in deviating.deviations)
