"""A write that fits no field is held and never sent; what QuickBooks would make of it is told all the same.

The company file is asked by hand: a request that fits, with the value put in afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from qbwc.qbxml import build_mod, message_set, parse_responses
from tests.contract.forecast.forecast_books import create, foretold, running_books, update
from tests.contract.forecast.forecast_org import losses, stored
from tests.contract.states.states_office import Office

SEED = {
    "Customer": [{"Name": "Alder"}],
    "ItemService": [{"Name": "Guiding", "SalesOrPurchase_Price": "80.00"}],
}
LONG = "x" * 42

#  why, entity, record, field, value that fits, value that does not, code, what is lost, what is held
CASES: list[tuple[str, str, str, str, Any, Any, str, str, Any]] = [
    ("a name too long", "Customer", "Alder", "Name", "A", LONG, "3070", "", LONG),
    ("a phone number too long", "Customer", "Alder", "Phone", "5", "5" * 22, "3070", "", "5" * 22),
    ("a colon in a name", "Customer", "Alder", "Name", "A", "A: B", "3210", "", "A: B"),
    ("too many decimals", "Customer", "Alder", "CreditLimit", Decimal(1), Decimal("1.005"), "3040", "",
     Decimal("1.005")),
    ("no number", "Customer", "Alder", "CreditLimit", Decimal(1), "much", "3040", "", "much"),
    ("neither true nor false", "Customer", "Alder", "IsActive", True, "maybe", "3010", "", "maybe"),
    ("a word of no list", "Customer", "Alder", "JobStatus", "Awarded", "Hopeful", "3110", "", "Hopeful"),
    ("no day", "Customer", "Alder", "JobStartDate", "2026-03-02", "2026-02-30", "3020", "", "2026-02-30"),
    ("characters that it has not", "Customer", "Alder", "Notes", "A", "Łódź Ω", "ok", "characters", "?ód? ?"),
    ("a price of six decimals", "Item", "Guiding", "Price", Decimal(1), Decimal("1.000001"), "3045", "",
     Decimal("1.000001")),
]  # fmt: skip


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with running_books(tmp_path_factory.mktemp("books"), SEED) as opened:
        yield opened


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_what_is_told_is_what_the_company_file_says(office: Office, case: Any) -> None:
    _, entity, record, field, fits, value, code, kind, held = case
    change = update(office, entity, record, **{field: value})
    (told,) = foretold(office, change).changeset.changes
    assert told.predicted == code
    assert told.hold.startswith("QuickBooks would not keep" if code == "ok" else "QuickBooks would refuse it")
    assert losses(told) == ({field: kind} if kind else {})
    assert stored(told) == {field: held}
    answer = _sent_by_hand(office, change, field, fits, value)
    assert (str(answer.status_code) if answer.status_code else "ok") == code
    if code == "ok":
        assert answer.records[0].fields[field] == held


def _sent_by_hand(office: Office, change: Any, field: str, fits: Any, value: Any) -> Any:
    """The answer to a request whose value was put in after it was built."""
    fields = {**change.context, field: fits}
    element = build_mod(change.object, change.record, change.version, fields, request_id="1")
    name = "SalesOrPurchaseMod/Price" if field == "Price" else field
    found = element[0].find(name)
    assert found is not None
    found.text = str(value)
    (answer,) = parse_responses(office.company.process(message_set([element])))
    return answer


def test_a_new_record_without_a_name_is_no_request_at_all(office: Office) -> None:
    (told,) = foretold(office, create("Customer", "A", Phone="1")).changeset.changes
    assert told.predicted == "0x80040400"
    assert "needs Name" in told.hold


def test_an_item_of_a_type_that_is_not_written_is_held(office: Office) -> None:
    """One such change in the queue would let none of its push go."""
    change = replace(update(office, "Item", "Guiding", Desc="A day"), context={"Type": "Group"})
    (told,) = foretold(office, change).changeset.changes
    assert told.predicted not in ("ok", "")
    assert "Item.Type is 'Group'" in told.hold


def test_a_held_change_keeps_its_reason(office: Office) -> None:
    change = replace(update(office, "Customer", "Alder", Name=LONG), hold="a person said no")
    (told,) = foretold(office, change).changeset.changes
    assert (told.predicted, told.hold) == ("3070", "a person said no")
