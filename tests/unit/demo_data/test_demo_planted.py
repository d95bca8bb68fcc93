"""The planted cases: the list of the README is complete, readable and agrees with its twins."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from workbench.model import DecisionKind, Finding, Resolution

#  what an analyst must be able to see in the demo        cases
WANTED = [
    ("typos",                                             ("P01", "P02", "P30", "P41", "P65")),
    ("edits on one side, Salesforce",                     ("P20", "P24", "P25", "P35", "P46")),
    ("edits on one side, QuickBooks",                     ("P21", "P48", "P70")),
    ("edits on both sides",                               ("P22", "P36", "P47", "P73")),
    ("same edit on both sides",                           ("P23", "P37", "P72")),
    ("on one side only: account, customer",               ("P09", "P10")),
    ("on one side only: contact, job",                    ("P31", "P32")),
    ("on one side only: product, item",                   ("P42", "P43")),
    ("on one side only: opportunity, invoice with lines", ("P61", "P62", "P63", "P64")),
    ("a 50-character name",                               ("P06",)),
    ("a colon",                                           ("P07",)),
    ("a character outside Latin-1 and CP1252",            ("P05",)),
    ("a one-cent total",                                  ("P60",)),
    ("a duplicate name across lists",                     ("P08",)),
    ("an inactive record",                                ("P12", "P44")),
    ("a job under a parent",                              ("P33",)),
    ("a line edited in an opportunity",                   ("P69",)),
]  # fmt: skip
REFUSED = {"P05", "P06", "P08", "P38", "P45"}


@pytest.mark.parametrize(("what", "ids"), WANTED)
def test_the_issue_s_list_is_planted(what: str, ids: tuple[str, ...], planted: Any) -> None:
    known = {case["id"] for case in planted["cases"]}
    assert set(ids) <= known, what


def test_the_readme_lists_every_case_with_its_words(planted: Any, demo: Path) -> None:
    readme = (demo / "README.md").read_text(encoding="utf-8")
    rows = [line for line in readme.splitlines() if line.startswith("| P")]
    assert [row.split(" | ")[0].strip("| ") for row in rows] == [case["id"] for case in planted["cases"]]
    for row, case in zip(rows, planted["cases"], strict=True):
        assert f"| {case['what']} |" in row
        assert f"{case['outcome']}: {case['happens']}" in row
        assert all(side not in case or case[side] in row for side in ("salesforce", "quickbooks"))
        for shown in case["shows"]:
            assert (shown.get("field") or shown["kind"].replace("_", " ")) in row


def test_cases_speak_the_words_of_the_dictionary(planted: Any, decisions: Any) -> None:
    shown = [row for case in planted["cases"] for row in case["shows"]] + planted["write_backs"]
    assert {row["difference"] for row in shown} <= {str(each) for each in Finding}
    words = {row[when] for row in shown for when in ("before", "after") if row.get(when)}
    assert words <= {str(each) for each in Resolution}
    assert {row["decision"] for row in decisions["decisions"]} <= {str(each) for each in DecisionKind}


def test_a_decision_stands_for_every_row_it_changes_or_settles(planted: Any, decisions: Any) -> None:
    decided = Counter(row["case"] for row in decisions["decisions"])
    for case in planted["cases"]:
        needed = sum(row["after"] not in (None, "follows") for row in case["shows"])
        links = sum(each == "link" for each in case["decisions"])
        assert decided[case["id"]] == needed + links == len(case["decisions"]), case["id"]


def test_nothing_is_left_undecided_after_the_decisions(planted: Any) -> None:
    left = [row for case in planted["cases"] for row in case["shows"] if row["after"] == "undecided"]
    assert left == []


def test_outcomes_follow_from_the_decisions(planted: Any) -> None:
    for case in planted["cases"]:
        after = {row["after"] for row in case["shows"]} - {None, "follows"}
        words = {"accept": "accepted", "refuse": "refused", "ignore": "ignored"}
        outcome = {words.get(each, "applied") for each in after} or {"nothing"}
        assert outcome == {case["outcome"]}, case["id"]
    assert {case["id"] for case in planted["cases"] if case["outcome"] == "refused"} == REFUSED
    totals = Counter(case["outcome"] for case in planted["cases"])
    assert planted["totals"] == dict(totals)


def test_what_is_refused_names_a_limit(decisions: Any) -> None:
    reasons = {row["case"]: row["reason"] for row in decisions["decisions"] if row["decision"] == "refuse"}
    assert set(reasons) == REFUSED
    limits = ("41", "CP1252", "3100", "25", "part number")
    assert [case for case, reason in reasons.items() if not any(limit in reason for limit in limits)] == []


def test_labels_name_one_record_each(planted: Any, salesforce: Any, quickbooks: Any) -> None:
    labels = Counter(
        r.get("Name") for name in ("Account", "Contact", "Product2", "Opportunity") for r in salesforce[name]
    )
    labels += Counter(r.get("RefNumber") or r.get("FullName") for rs in quickbooks.values() for r in rs)
    lines = Counter(r.get("Description") for r in salesforce["OpportunityLineItem"])
    lines += Counter(line["Desc"] for invoice in quickbooks["Invoice"] for line in invoice["lines"])
    for case in planted["cases"]:
        for row in [case, *case["shows"]]:
            known = lines if row["mapping"].endswith(".lines") else labels
            for side in ("salesforce", "quickbooks"):
                if side in row and row[side] != "Windlass Marine Group":  # its name only after the edit
                    assert 1 <= known[row[side]] <= 2, row


def test_edits_touch_cases_that_show_it(planted: Any, edits: Any) -> None:
    edited = {row["case"] for side in edits.values() for row in side}
    moved = {"take_salesforce", "take_quickbooks", "conflict", "converged"}
    shown = {c["id"] for c in planted["cases"] if moved & {row["difference"] for row in c["shows"]}}
    assert edited == shown
