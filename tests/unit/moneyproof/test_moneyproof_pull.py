"""What the proof needs of QuickBooks is read where its documents are mapped, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from qbwc import descriptor
from tests.unit.core.core_world import read
from tests.unit.moneyproof.money_books import CUSTOMERS, DEALS, PRODUCTS
from workbench.connections import quickbooks_reading as reading
from workbench.connections.quickbooks_reading import AGAIN, READ, SWEEP, SWEEP_PAGE, Ask
from workbench.mapping import load_mappings
from workbench.moneyproof.books import ENTITIES, columns
from workbench.moneyproof.subjects import subjects
from workbench.pull import quickbooks_columns

SHIPPED = Path(__file__).resolve().parents[3] / "mappings"


@pytest.mark.parametrize("entity", ENTITIES)
def test_every_column_is_one_of_quickbooks(entity: str) -> None:
    has = {column.name for column in descriptor.columns(entity)}
    assert set(ENTITIES[entity].columns) <= has
    assert descriptor.known(entity).key == "TxnID"


def test_documents_bring_what_their_proof_reads() -> None:
    used = quickbooks_columns([read(text) for text in (CUSTOMERS, PRODUCTS, DEALS)])
    assert {"SalesTaxTotal", "BalanceRemaining", "IsPending", "Memo", "CurrencyRef_FullName"} <= set(
        used["Invoice"]
    )
    assert {"Balance", "TotalBalance"} <= set(used["Customer"])
    wanted = reading.chosen(used)
    asked = {name for name, _ in reading.columns("Invoice", "Invoice", wanted["Invoice"])}
    assert set(ENTITIES["Invoice"].columns) <= asked
    assert "CreditMemo" not in wanted, "no mapping reads it"


def test_without_documents_nothing_more_is_read() -> None:
    """Balances would be swept with every pull."""
    assert columns([read(text) for text in (CUSTOMERS, PRODUCTS)]) == {}
    assert "TotalBalance" not in quickbooks_columns([read(CUSTOMERS)])["Customer"]


def test_a_sweep_has_few_columns_and_long_pages() -> None:
    asks = [Ask(entity="Invoice", role=role, include=("IsPaid",)) for role in (READ, SWEEP, AGAIN)]
    assert [request.max_returned for request in reading.requests(asks, "pull-1")] == [200, SWEEP_PAGE, 200]
    (accounts,) = reading.requests([Ask(entity="Account", role=SWEEP, include=("Balance",))], "pull-1")
    assert accounts.max_returned is None, "a list that is read in one piece stays so"


#  mapping, what its amount, open balance, date, customer and state are called, the sign of its amounts
SUBJECTS = [
    ("opportunity-invoice", "total - date account - 1"),
    ("opportunity-sales-receipt", "total - date account - 1"),
    ("opportunity-estimate", "total - date account - 1"),
    ("opportunity-sales-order", "total - date account - 1"),
    ("invoice-receivable", "amount open_balance date account status 1"),
    ("estimate-receivable", "amount - date account status 1"),
    ("sales-order-receivable", "amount - date account status 1"),
    ("credit-memo-receivable", "amount open_balance date account status 1"),
    ("payment-receivable", "amount open_balance date account status 1"),
]


@pytest.mark.parametrize(("name", "fields"), SUBJECTS)
def test_what_the_shipped_mappings_say_of_money(name: str, fields: str) -> None:
    (found,) = [each for each in subjects(load_mappings(SHIPPED).values()) if each.name == name]
    named = (found.amount, found.open, found.date, found.customer, found.state)
    assert " ".join([*(each.name if each else "-" for each in named), str(found.sign)]) == fields


def test_every_shipped_mapping_of_documents_is_proven() -> None:
    mappings = load_mappings(SHIPPED)
    found = subjects(mappings.values())
    assert {each.name for each in found} == {name for name, _ in SUBJECTS}
    assert [each.name for each in found if each.open] == [each.name for each in found][:3], (
        "they show what is owed"
    )


def test_an_amount_that_is_no_negative_expression_keeps_its_sign() -> None:
    """A credit memo that Salesforce holds as a positive amount counts as a negative one."""
    text = DEALS.partition("lines:")[0].replace("Invoice", "CreditMemo").replace("Subtotal", "TotalAmount")
    (found,) = subjects([read(text)])
    assert (found.entity.sign, found.sign) == (-1, -1)
