"""A trigger in the org is a secret until it was seen: then it is foretold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.forecast.forecast_org import compared, foretold, losses, sf, stored
from tests.contract.salesforce.salesforce_office import Office, running_office
from workbench.changes import Change
from workbench.forecast import seen

pytestmark = pytest.mark.long

SEED = {"Account": [{"Id": sf("001", n), "Name": f"Account {n}", "Phone": "555"} for n in range(1, 9)]}


def tidied(name: str, _: Any, new: dict[str, Any]) -> None:
    """A trigger that writes phone numbers its own way, but leaves short ones alone."""
    phone = new.get("Phone")
    if name == "Account" and phone and len(phone) > 3:
        new["Phone"] = f"+1 {phone}"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with running_office(tmp_path, SEED) as opened:
        opened.org.before_save.append(tidied)
        opened.pull()
        yield opened


def calls(office: Office, number: int, phone: str | None) -> Change:
    """Give an account a phone number."""
    return office.update("Account", sf("001", number), Phone=phone)


def kinds(office: Office, change: Change) -> tuple[dict[str, str], dict[str, Any]]:
    """What is lost of a change and what will be held, by what the store has seen so far."""
    told = foretold(office, change, seen=seen(office.workspace.store))
    (made,) = told.changeset.changes
    assert made.hold == ""
    return dict(losses(made)), stored(made)


def test_before_it_was_seen_nothing_is_known(office: Office) -> None:
    change = calls(office, 1, "555-0101")
    assert kinds(office, change) == ({}, {"Phone": "555-0101"})
    told = foretold(office, change)
    assert compared(office, told) == {"Account 1": ["Phone: '555-0101' foretold, '+1 555-0101' read back"]}


def test_the_same_value_comes_to_the_same(office: Office) -> None:
    office.push(calls(office, 1, "555-0101"))
    change = calls(office, 2, "555-0101")
    assert kinds(office, change) == ({"Phone": "trigger"}, {"Phone": "+1 555-0101"})
    told = foretold(office, change, seen=seen(office.workspace.store))
    assert compared(office, told) == {}


def test_another_value_of_the_field_is_in_doubt(office: Office) -> None:
    office.push(calls(office, 1, "555-0101"))
    assert kinds(office, calls(office, 2, "555-0102")) == ({"Phone": "doubt"}, {"Phone": "555-0102"})


def test_a_value_that_was_kept_is_no_longer_in_doubt(office: Office) -> None:
    office.push(calls(office, 1, "555-0101"), calls(office, 2, "9"))
    change = calls(office, 3, "9")
    assert kinds(office, change) == ({}, {"Phone": "9"})
    told = foretold(office, change, seen=seen(office.workspace.store))
    assert compared(office, told) == {}


def test_what_was_seen_last_counts(office: Office) -> None:
    office.push(calls(office, 1, "555-0101"))
    office.org.before_save.clear()
    office.push(calls(office, 2, "555-0101"))
    assert kinds(office, calls(office, 3, "555-0101")) == ({}, {"Phone": "555-0101"})


def test_other_fields_are_as_ever(office: Office) -> None:
    office.push(calls(office, 1, "555-0101"))
    change = office.update("Account", sf("001", 4), Fax="555-0101")
    assert kinds(office, change) == ({}, {"Fax": "555-0101"})
