"""DecisionGrid as the kernel sees it: what a click decides, and what it refuses to decide."""

import pandas as pd
import pytest

from workbench.errors import UsageProblem
from workbench.widgets import DecisionGrid, review_differences

ROWS = [
    # kind             label    field    salesforce  quickbooks  resolution
    ("field",          "Acme",  "phone", "1",        "2",        "undecided"),
    ("field",          "Birch", "phone", "3",        "4",        "take_salesforce"),
    ("only_salesforce", "Cedar", None,   "Cedar",    None,       "undecided"),
]  # fmt: skip
NAMES = ("kind", "label", "field", "salesforce", "quickbooks", "resolution")


def differences():
    return pd.DataFrame(ROWS, columns=NAMES).assign(base=None)


class Clicked:
    """A grid of differences, what its clicks decided, and what it said."""

    def __init__(self, refuse=None):
        self.decided, self.sent, self.refuse = [], [], refuse
        self.grid = review_differences(differences(), self.decide)
        self.grid.send = self.sent.append
        self.say("query", seq=1, start=0, count=40)

    def decide(self, rows, decision, reason, value):
        if self.refuse:
            raise UsageProblem(self.refuse)
        self.decided.append((list(rows["label"]), decision, reason, value))
        return len(rows)

    def say(self, kind, seq=1, **message):
        self.sent.clear()
        self.grid._receive(self.grid, {"kind": kind, "view": "v", "seq": seq, **message}, [])

    def click(self, decision, row=None, value="", reason="", seq=1):
        self.say(
            "decide",
            seq,
            decision=decision,
            value=value,
            reason=reason,
            **({} if row is None else {"id": row}),
        )

    @property
    def shown(self):
        windows = [each for each in self.sent if each["kind"] == "window"]
        return {row["cells"][self.column("label")]: row["cells"][0] for row in windows[-1]["rows"]}

    def column(self, name):
        return [each["name"] for each in self.grid.columns].index(name)

    @property
    def error(self):
        return [each["text"] for each in self.sent if each["kind"] == "error"][-1]


#    decision           row   value  reason    what is decided                                 shown
CLICKS = [
    ("refuse",          "0",  "",    "",       (["Acme"], "refuse", "by a click", None),        "refuse"),
    ("set",             "0",  "9",   "called", (["Acme"], "set", "called", "9"),               "set 9"),
    ("set",             "0",  "",    "",       (["Acme"], "set", "by a click", ""),            "set "),
    ("accept",          "0",  "9",   " ok ",   (["Acme"], "accept", "ok", None),               "accept"),
]  # fmt: skip


@pytest.mark.parametrize(("decision", "row", "value", "reason", "decided", "shown"), CLICKS)
def test_a_click_decides_the_row_and_shows_it(decision, row, value, reason, decided, shown):
    browser = Clicked()
    browser.click(decision, row, value, reason)
    assert browser.decided == [decided]
    assert browser.shown["Acme"] == shown
    assert browser.error == ""


def test_all_shown_are_those_of_the_query():
    browser = Clicked()
    browser.say("query", seq=2, equal={"resolution": "undecided"}, start=0, count=40)
    browser.click("ignore", seq=2)
    assert browser.decided == [(["Acme", "Cedar"], "ignore", "by a click", None)]
    browser.say("query", seq=3, start=0, count=40)
    assert browser.shown == {"Acme": "ignore", "Cedar": "ignore", "Birch": ""}
    assert browser.sent[-1]["notice"] == "2 decided here; take the diff again"


def test_rows_that_are_no_longer_shown_are_not_decided():
    browser = Clicked()
    browser.say("query", seq=2, text="Birch", start=0, count=40)
    browser.click("ignore", seq=1)
    assert browser.decided == []
    assert "have changed since the click" in browser.error


def test_what_cannot_be_decided_is_said_and_not_shown_as_decided():
    browser = Clicked(refuse="the store is locked")
    browser.click("accept", "0")
    assert "the store is locked" in browser.error
    browser.say("query", seq=2, start=0, count=40)
    assert browser.shown["Acme"] == ""


def test_a_decision_by_call_is_the_same_as_by_click_but_raises():
    browser = Clicked()
    assert browser.grid.decide([0], "refuse", "typo") == 1
    assert browser.decided == [(["Acme"], "refuse", "typo", None)]
    with pytest.raises(UsageProblem, match="nothing to decide"):
        browser.grid.decide([], "refuse")


def test_a_diff_of_the_past_is_only_looked_at():
    assert not isinstance(review_differences(differences()), DecisionGrid)
