"""What a measure counts: states, months, customers with their jobs, and what is not there to be measured."""

from __future__ import annotations

from decimal import Decimal

from tests.unit.core.core_world import World, read, tabled
from tests.unit.moneyproof.money_books import DEAL, DEALS, INVOICE, MAPPINGS, books, link, measured
from workbench.moneyproof import Measure, balances, tallies
from workbench.moneyproof.figures import Customer, Document, Held


def counted(measure: Measure) -> list[str]:
    """Tallies, a line each."""
    return [
        f"{each.what.side} {each.what.month or '-'} {each.what.state or '-'} {each.count} {each.amount}"
        for each in tallies(measure)
    ]


def owing(measure: Measure) -> list[str]:
    """Balances, a line each: name, QuickBooks, Salesforce, and the parts of what they differ by."""
    for each in balances(measure):
        assert sum(each.parts.values()) == each.difference, each
    return [
        " ".join([each.name, str(each.quickbooks), str(each.salesforce),
                  *(f"{reason}={amount}" for reason, amount in each.parts.items())])
        for each in balances(measure)
    ]  # fmt: skip


#  why, invoice (subtotal, tax, balance, pending, memo), its state, what is open of it
STATES = [
    ("open", "100 | 8 | 108", "open", "108.00"),
    ("paid", "100 | 8 | 0", "paid", "0.00"),
    ("paid in part", "100 | 8 | 58", "open", "58.00"),
    ("a credit balance", "100 | 8 | -2", "open", "-2.00"),
    ("nothing to pay", "0 | 0 | 0", "paid", "0.00"),
    ("void", "0 | 0 | 0 | false | VOID", "void", "0.00"),
    ("void, with the old memo", "0 | 0 | 0 | false | VOID: two crates", "void", "0.00"),
    ("a memo that only says so", "100 | 8 | 108 | false | VOID this later", "open", "108.00"),
    ("pending is in no balance", "100 | 8 | 108 | true", "pending", "0.00"),
    ("a balance that was not told", "100 | 8 | -", "", "None"),
]


@tabled("invoice state open_", STATES)
def test_the_state_of_an_invoice(invoice: str, state: str, open_: str) -> None:
    (document,) = measured(books(invoices=f"I1 | 1001 | C1 | 2026-03-30 | {invoice}")).documents
    assert document.quickbooks is not None
    assert (document.quickbooks.state, str(document.quickbooks.open)) == (state, open_)


def test_states_of_opportunities_and_what_counts_as_a_document() -> None:
    """A linked one counts although it is lost again; one that is neither won nor linked does not."""
    given = books(
        """
        O1 | won and linked   | A1 | 2026-03-30 | 100 | true  | true
        O2 | lost and linked  | A1 | 2026-03-31 | 50  | false | true
        O3 | won, not linked  | A1 | 2026-04-01 | 25  | true  | true
        O4 | open, not linked | A1 | 2026-04-01 | 12  | false | false
        O5 | linked to what is gone | A1 | 2026-04-01 | 6 | false | false
        """,
        """
        I1 | 1 | C1 | 2026-03-30 | 100 | 0 | 100
        I2 | 2 | C1 | 2026-04-02 | 50  | 0 | 50
        I3 | 3 | J1 | 2026-04-02 | 7   | 0 | 7
        """,
        links="O1=I1 O2=I2 O5=I9",
    )
    assert counted(measured(given)) == [
        "quickbooks 2026-03 open 1 100.00",
        "quickbooks 2026-04 open 2 57.00",
        "salesforce 2026-03 lost 1 50.00",
        "salesforce 2026-03 won 1 100.00",
        "salesforce 2026-04 won 1 25.00",
    ]


def test_the_recycle_bin_is_left_out() -> None:
    given = books(
        "O1 | D | A1 | 2026-03-30 | 5 | true | true | - | - | true",
        headers=(f"{DEAL} | IsDeleted:B", INVOICE),
    )
    assert measured(given).documents == ()


def test_a_customer_owes_with_all_jobs() -> None:
    given = books(
        "O1 | a | A1 | 2026-03-30 | 100 | true | true\nO2 | b | A1 | 2026-03-30 | 50 | true | true",
        "I1 | 1 | C1 | 2026-03-30 | 100 | 0 | 100\nI2 | 2 | J1 | 2026-03-30 | 50 | 0 | 50",
        links="O1=I1 O2=I2",
    )
    assert owing(measured(given)) == ["Cedar 150.00 150.00"]


BRIDGE = [
    ("agrees", "100", "100 | 0 | 100", "150.00", []),
    ("tax", "100", "100 | 8 | 108", "158.00", ["tax=-8.00"]),
    ("paid in part", "100", "100 | 0 | 60", "110.00", ["paid in part=40.00"]),
    ("tax, paid in part, and a cent", "100.01", "100 | 8 | 60", "110.00",
     ["tax=-8.00", "document rounding=0.01", "paid in part=48.00"]),
    ("paid: neither side shows it", "100", "100 | 8 | 0", "50.00", []),
    ("a credit that no mapping reads", "100", "100 | 0 | 100", "120.00", ["not read here=30.00"]),
    ("an entry that no mapping reads", "100", "100 | 0 | 100", "151.00", ["not read here=-1.00"]),
]  # fmt: skip


@tabled("salesforce invoice balance parts", BRIDGE)
def test_what_the_balances_differ_by(salesforce: str, invoice: str, balance: str, parts: list[str]) -> None:
    """Cedar has one more open invoice of 50 that agrees."""
    given = books(
        f"O1 | a | A1 | 2026-03-30 | {salesforce} | true | true\nO2 | b | A1 | 2026-03-30 | 50 | true | true",
        f"I1 | 1 | C1 | 2026-03-30 | {invoice}\nI2 | 2 | C1 | 2026-03-30 | 50 | 0 | 50",
        links="O1=I1 O2=I2",
    )
    given.connection.execute("UPDATE quickbooks.Customer SET TotalBalance = ? WHERE ListID = 'C1'", [balance])
    (found,) = balances(measured(given))
    assert str(found.quickbooks) == balance
    assert [f"{reason}={amount}" for reason, amount in found.parts.items()] == parts
    assert sum(found.parts.values()) == found.difference


def test_what_is_on_one_side_only() -> None:
    """An invoice that Salesforce lacks is a part of the difference; a deal without one is owed by nobody."""
    given = books(
        "O1 | a | A2 | 2026-03-30 | 70 | true | true\nO2 | b | A3 | 2026-03-30 | 30 | true | true",
        "I1 | 1 | C1 | 2026-03-30 | 100 | 8 | 108",
    )
    found = measured(given)
    assert owing(found) == [
        "Alder 0.00 0.00",
        "Birch 0.00 0.00",
        "Cedar 108.00 0.00 only in QuickBooks=-108.00",
    ]
    assert [str(each.uninvoiced) for each in balances(found)] == ["30.00", "70.00", "0.00"]


def test_an_invoice_of_two_mappings_is_owed_once() -> None:
    """The mapping that says what is open of it shows it."""
    shown = read(
        DEALS.partition("lines:")[0]
        .replace("mapping: deals", "mapping: aging")
        .replace(
            "  worth:", "  left: {salesforce: Open__c, quickbooks: BalanceRemaining, type: money}\n  worth:"
        )
    )
    given = books(
        "O1 | a | A1 | 2026-03-30 | 100 | true | true | - | - | 90",
        "I1 | 1 | C1 | 2026-03-30 | 100 | 0 | 100",
        headers=(f"{DEAL} | Open__c:D", INVOICE),
        links="O1=I1",
    )
    link(given, "aging", "O1=I1")
    found = measured(given, [*MAPPINGS, shown])
    assert [(each.mapping, each.owed) for each in found.documents] == [("aging", True), ("deals", False)]
    assert owing(found) == ["Cedar 100.00 90.00 unexplained=-10.00"]


def test_balances_by_currency() -> None:
    given = books(
        "O1 | a | A1 | 2026-03-30 | 100 | true | true | - | - | USD\n"
        "O2 | b | A2 | 2026-03-30 | 50 | true | true | - | - | EUR",
        "I1 | 1 | C1 | 2026-03-30 | 100 | 0 | 100 | - | - | - | US Dollar | 1\n"
        "I2 | 2 | C2 | 2026-03-30 | 50 | 0 | 50 | - | - | - | Euro | 1.1",
        headers=(f"{DEAL} | CurrencyIsoCode", f"{INVOICE} | CurrencyRef_FullName | ExchangeRate:P"),
        links="O1=I1 O2=I2",
    )  # fmt: skip
    found = [
        (each.name, each.currency, str(each.quickbooks), str(each.difference))
        for each in balances(measured(given))
    ]
    assert found == [("Birch", "EUR", "50.00", "0.00"), ("Cedar", "USD", "100.00", "0.00")]


def test_a_side_that_names_no_currency_has_the_other_sides_only_one() -> None:
    given = books(
        "O1 | a | A1 | 2026-03-30 | 100 | true | true | - | - | USD",
        "I1 | 1 | C1 | 2026-03-30 | 100 | 0 | 100",
        headers=(f"{DEAL} | CurrencyIsoCode", INVOICE),
        links="O1=I1",
    )
    assert [(each.what.side.value, each.what.currency) for each in tallies(measured(given))] == [
        ("quickbooks", "USD"), ("salesforce", "USD"),
    ]  # fmt: skip


# --- what is not there --------------------------------------------------------------------------------


def without(given: World, *columns: str) -> World:
    for column in columns:
        given.connection.execute(f"ALTER TABLE quickbooks.Invoice DROP COLUMN {column}")
    return given


def test_columns_that_were_not_read_are_named_and_are_no_zero() -> None:
    given = books("O1 | a | A1 | 2026-03-30 | 100 | true | true", "I1 | 1 | C1 | 2026-03-30 | 100 | 8 | 108",
                  links="O1=I1")  # fmt: skip
    found = measured(without(given, "BalanceRemaining", "SalesTaxTotal", "TxnDate"))
    assert found.missing[:1] == (
        "Invoice.TxnDate, Invoice.SalesTaxTotal and Invoice.BalanceRemaining were not read from QuickBooks: "
        "pull QuickBooks again",
    )
    assert [(each.count, each.unmeasured, str(each.amount)) for each in tallies(found)] == [
        (1, 1, "0.00"), (1, 0, "100.00"),
    ]  # fmt: skip
    assert [(each.unmeasured, str(each.salesforce)) for each in balances(found)] == [(1, "0.00")]


def test_without_the_customers_balance_the_open_documents_stand_for_it() -> None:
    given = books(invoices="I1 | 1 | C1 | 2026-03-30 | 100 | 0 | 100")
    given.connection.execute("ALTER TABLE quickbooks.Customer DROP COLUMN TotalBalance")
    found = measured(given)
    assert (found.balances, owing(found)) == (False, ["Cedar 100.00 0.00 only in QuickBooks=-100.00"])
    assert found.missing[:1] == ("Customer.TotalBalance was not read from QuickBooks: pull QuickBooks again",)


def test_a_table_that_is_not_there() -> None:
    given = books()
    given.connection.execute("DROP TABLE quickbooks.Invoice")
    found = measured(given)
    assert (found.documents, "Deals and invoices: no Invoice was read from QuickBooks" in found.missing) == (
        (),
        True,
    )


def test_without_mappings_of_documents_there_is_nothing_to_measure() -> None:
    found = measured(books(invoices="I1 | 1 | C1 | 2026-03-30 | 100 | 0 | 100"), MAPPINGS[:2])
    assert (found.documents, dict(found.customers), found.missing) == ((), {}, ())
    empty = measured(World())
    assert (empty.documents, balances(empty), tallies(empty)) == ((), (), ())


def test_a_document_that_names_no_currency_counts_in_its_customers() -> None:
    documents = tuple(
        Document(mapping="deals", customer=key, quickbooks=Held(id=key, label=key, amount=Decimal(100)))
        for key in ("C1", "C2")
    )
    customers = {
        "C1": Customer(key="C1", name="Cedar", currency="USD"),
        "C2": Customer(key="C2", name="Birch", currency="EUR"),
    }
    found = tallies(Measure(documents=documents, customers=customers))
    assert {(each.what.currency, each.amount) for each in found} == {
        ("USD", Decimal(100)), ("EUR", Decimal(100)),
    }  # fmt: skip
