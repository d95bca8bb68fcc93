"""Which decision fits which difference, and which value fits which field."""

from __future__ import annotations

import duckdb
import pytest

from tests.unit.core.core_world import read
from workbench.diff.fit import unfit
from workbench.diff.setting import value_refused
from workbench.model import DecisionKind

MARK = {"x": True, ".": False}
KINDS = [*DecisionKind]

#                                 ts tq accept refuse ignore create deactivate delete link not_a_match set
FITS = [
    ("field",           "differs",  "x x x x x . . . . . x"),
    ("field",           "conflict", "x x x x x . . . . . x"),
    ("only_salesforce", "new",      ". . x x x x . . . . ."),
    ("only_quickbooks", "deleted",  ". . x x x . x x . . ."),
    ("only_quickbooks", "missing",  ". . x x x . . . . . ."),
    ("only_salesforce", "outside",  ". . x x x . . . . . ."),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "difference", "fits"), FITS)
def test_a_decision_fits_a_difference_or_says_why_not(kind: str, difference: str, fits: str) -> None:
    found = {decision: unfit(kind, difference, decision) for decision in KINDS}
    assert [not why for why in found.values()] == [MARK[mark] for mark in fits.split()]
    assert all(str(decision) in why for decision, why in found.items() if why)


MAPPING = read("""
mapping: things
title: Things
salesforce: {object: Thing, label: Name}
quickbooks: {object: Item, label: Name}
states: {}
operations: {salesforce: [modify], quickbooks: [modify]}
winner: manual
match: [{rule: name, field: name, how: exact}]
fields:
  name: {salesforce: Name, quickbooks: Name, type: name}
  phone: {salesforce: Phone, quickbooks: Phone, type: phone}
  email: {salesforce: Email, quickbooks: Email, type: email}
  notes: {salesforce: Notes, quickbooks: Notes, type: text}
  price: {salesforce: Price, quickbooks: Price, type: price}
  since: {salesforce: Since, quickbooks: Since, type: date}
  active: {salesforce: Active, quickbooks: Active, type: boolean}
  street: {salesforce: Street, quickbooks: [Addr1, Addr2], type: text, transform: street_lines}
  id: {salesforce: Qb, quickbooks: ListID, type: id, direction: to_salesforce}
defaults: {salesforce: {}, quickbooks: {}}
""")

VALUES = [
    ("phone",  "503-555-0150",   ""),
    ("phone",  None,             ""),
    ("phone",  "",               ""),
    ("phone",  "555\n0150",      "has several lines, and a phone has one"),
    ("name",   "Al\x00der",      r"'Al\x00der' holds a control character"),
    ("name",   "\u202eredlA",    r"'\u202eredlA' holds a control character"),
    ("notes",  "one\ntwo",       ""),
    ("notes",  "bell\x07",       "holds a control character"),
    ("price",  "12.50",          ""),
    ("price",  "-3",             ""),
    ("price",  "1e5",            "'1e5' is no price"),
    ("price",  "1,000.00",       "'1,000.00' is no price"),
    ("price",  "dear",           "'dear' is no price"),
    ("since",  "2026-02-28",     ""),
    ("since",  "2026-02-30",     "'2026-02-30' is no date"),
    ("active", "true",           ""),
    ("active", "perhaps",        "'perhaps' is no boolean"),
    ("street", "1 Main St",      "no value can be set for street"),
    ("id",     "80000001-1",     "no value can be set for id"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "told"), VALUES)
def test_a_value_fits_a_field_or_says_why_not(name: str, value: str | None, told: str) -> None:
    field = next(each for each in MAPPING.fields if each.name == name)
    with duckdb.connect() as connection:
        found = value_refused(connection, field, value)
    assert (told in found) if told else not found
