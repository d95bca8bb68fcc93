"""A measure comes back as it was kept: alone, and as what it has other than the one before."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.unit.moneyproof.money_books import books, measured
from workbench.errors import WorkbenchError
from workbench.moneyproof import Measure, balances
from workbench.moneyproof.kept import from_data, to_data


def there_and_back(measure: Measure, base: Measure | None = None) -> Measure:
    before = base or Measure(documents=(), customers={})
    return from_data(json.loads(json.dumps(to_data(measure, before))), before)


def measures() -> tuple[Measure, Measure]:
    """Before, and as predicted: one document moves, one comes, one goes; a customer too."""
    deal = "O{0} | Deal {0} | A{0} | 2026-03-30 | {1} | true | true | won | 2026-03-01 08:00:00"
    invoice = "I{0} | {0} | C{0} | 2026-03-30 | {1} | 8 | {1} | - | - | 7"
    before = books(
        "\n".join([deal.format(1, 100), deal.format(2, 50), deal.format(3, 5)]),
        "\n".join([invoice.format(1, 100), invoice.format(2, 49)]),
        links="O1=I1 O2=I2",
    )
    predicted = books(
        "\n".join([deal.format(1, 120), deal.format(2, 50)]),
        "\n".join([invoice.format(1, 100), invoice.format(2, 49), invoice.format(9, 1)]),
        links="O1=I1 O2=I2",
    )
    return measured(before), measured(predicted)


def test_a_measure_comes_back() -> None:
    before, _ = measures()
    dated = replace(
        before, snapshots={"salesforce": "s-1"}, taken={"salesforce": datetime(2026, 3, 30, tzinfo=UTC)}
    )
    assert there_and_back(dated) == dated


def test_a_prediction_comes_back_from_what_differs() -> None:
    before, predicted = measures()
    found = there_and_back(predicted, before)
    assert set(found.documents) == set(predicted.documents)
    assert (dict(found.customers), set(found.gaps)) == (dict(predicted.customers), set(predicted.gaps))
    assert balances(found) == balances(predicted), "gaps are of the very documents that are there"


def test_what_is_as_before_takes_no_room() -> None:
    before, predicted = measures()
    alone, apart = len(to_data(predicted)["rows"]), len(to_data(before, before)["rows"])
    assert apart < alone / 3
    assert there_and_back(before, before) == before


def test_nothing_comes_back_as_nothing() -> None:
    nothing = Measure(documents=(), customers={})
    assert there_and_back(nothing) == nothing
    before, _ = measures()
    assert there_and_back(nothing, before) == nothing
    assert set(there_and_back(before, nothing).documents) == set(before.documents)


def test_what_another_version_has_kept_is_refused() -> None:
    with pytest.raises(WorkbenchError, match="another version"):
        from_data(to_data(measures()[0]) | {"format": 99})
