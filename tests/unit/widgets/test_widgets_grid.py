"""DiffGrid as the kernel sees it: messages in, windows and marks out."""

from decimal import Decimal as D

import pandas as pd
import pytest

from workbench.errors import UsageProblem
from workbench.widgets import DiffGrid, KeyGuard, review_changes, review_differences


def frame(number=6, held=("c4",)):
    rows = [
        {"change": f"c{i}", "action": "add" if i % 2 else "modify", "mapping": "m", "record": f"Acme {i}",
         "before": D(i), "after": D(i + 1), "hold": "no such account" if f"c{i}" in held else None}
        for i in range(number)
    ]  # fmt: skip
    return pd.DataFrame(rows)


class Listened:
    """A grid with what it sends, as one browser view would hear it."""

    def __init__(self, **arguments):
        self.marks = []
        arguments.setdefault("on_mark", lambda ids, approved: self.marks.append((ids, approved)))
        self.grid = DiffGrid(arguments.pop("frame", frame()), **arguments)
        self.sent = []
        self.grid.send = self.sent.append
        self.seq = 0

    def query(self, view="v", **query):
        self.seq += 1
        return self.say("query", view, start=0, count=40, **query)

    def say(self, kind, view="v", seq=None, **message):
        self.sent.clear()
        message = {"kind": kind, "view": view, "seq": self.seq if seq is None else seq, **message}
        self.grid._receive(self.grid, message, [])
        return list(self.sent)

    @property
    def window(self):
        return [message for message in self.sent if message["kind"] == "window"][-1]

    @property
    def error(self):
        return [message["text"] for message in self.sent if message["kind"] == "error"][-1]


def test_a_query_is_answered_by_one_window_for_its_view():
    browser = Listened(approved=["c1"])
    (window,) = browser.query(text="acme", equal={"action": "add", "mapping": ""}, sort="record")
    assert (window["kind"], window["view"], window["seq"], window["start"]) == ("window", "v", 1, 0)
    assert [row["id"] for row in window["rows"]] == ["c1", "c3", "c5"]
    assert {name: window[name] for name in ("shown", "total", "approved", "changes", "held")} == {
        "shown": 3, "total": 6, "approved": 1, "changes": 6, "held": 1,
    }  # fmt: skip


def test_no_row_is_part_of_the_widgets_state():
    state = str(DiffGrid(frame()).get_state())
    assert "Acme" not in state
    assert "Record" in state  # ... while the headers are


def test_a_mark_is_written_before_it_is_shown():
    browser = Listened()
    browser.query()
    browser.say("mark", ids=["c0"], approved=True)
    assert browser.marks == [(["c0"], True)]
    assert browser.window["rows"][0]["approved"] is True
    assert browser.grid.approved == {"c0"}
    browser.say("mark", ids=["c0"], approved=False)
    assert browser.marks[1:] == [(["c0"], False)]
    assert browser.grid.approved == frozenset()


def test_a_mark_that_cannot_be_written_is_not_taken_and_says_why():
    def locked(ids, approved):
        raise OSError("database is locked")

    browser = Listened(on_mark=locked)
    browser.query()
    browser.say("mark", ids=["c0"], approved=True)
    assert browser.error == "OSError: database is locked"
    assert browser.grid.approved == frozenset()


def test_a_held_change_is_not_approved_and_says_why():
    browser = Listened()
    browser.query()
    browser.say("mark", ids=["c4"], approved=True)
    assert browser.marks == []
    assert browser.error == "1 change held back: no such account"


def test_a_bulk_mark_takes_what_the_query_shows_without_the_held_ones():
    browser = Listened()
    browser.query(equal={"action": "modify"})
    browser.say("bulk", approved=True)
    assert browser.marks == [(["c0", "c2"], True)]
    assert browser.error == "1 change held back: no such account"
    browser.say("bulk", approved=False)
    assert browser.marks[1:] == [(["c0", "c2"], False)]
    assert browser.error == ""


def test_a_bulk_mark_for_rows_that_are_no_longer_shown_marks_nothing():
    browser = Listened()
    browser.query(text="acme 1")
    browser.query(text="")
    browser.say("bulk", seq=1, approved=True)
    assert browser.marks == []
    assert "have changed" in browser.error


def test_a_mark_may_take_others_along():
    browser = Listened(on_mark=lambda ids, approved: {"c0", "c1"})
    browser.query()
    browser.say("mark", ids=["c1"], approved=True)
    assert browser.grid.approved == {"c0", "c1"}


def test_two_views_have_two_windows_and_see_each_others_marks():
    browser = Listened()
    browser.query("left", text="acme 0")
    browser.query("right", sort="record", descending=True)
    sent = browser.say("mark", "left", ids=["c0"], approved=True)
    windows = {message["view"]: message for message in sent if message["kind"] == "window"}
    assert [row["id"] for row in windows["left"]["rows"]] == ["c0"]
    assert [row["id"] for row in windows["right"]["rows"]][-1] == "c0"
    assert windows["right"]["rows"][-1]["approved"] is True


def test_a_view_that_is_closed_or_unknown_hears_that_it_is_lost():
    browser = Listened()
    browser.query()
    assert browser.say("close") == []
    assert browser.say("rows", start=0, count=9) == [{"kind": "lost", "view": "v"}]


def test_views_of_pages_that_went_away_do_not_pile_up():
    browser = Listened()
    for number in range(40):
        browser.query(f"v{number}")
    assert browser.say("rows", "v0", start=0, count=1)[0]["kind"] == "lost"
    assert browser.say("rows", "v39", start=0, count=1)[0]["kind"] == "window"


@pytest.mark.parametrize(
    ("asked", "given"), [((0, 9), (0, 9)), ((-5, 9), (0, 9)), ((2, 100_000), (2, 200)), ((3, 0), (3, 1))]
)
def test_a_window_is_small_whatever_is_asked(asked, given):
    browser = Listened(frame=frame(500, held=()))
    browser.query()
    (window,) = browser.say("rows", start=asked[0], count=asked[1])
    assert (window["start"], len(window["rows"])) == given


def test_a_message_that_makes_no_sense_is_answered_by_an_error():
    browser = Listened()
    browser.query()
    browser.query(sort="nope")
    assert "no column 'nope'" in browser.error


def test_marks_by_call_are_the_same_as_by_click_but_raise():
    browser = Listened()
    assert browser.grid.mark(["c0", "c4", "c0"], True) == ["c4"]
    assert browser.marks == [(["c0"], True)]

    def refuse(ids, approved):
        raise UsageProblem("no")

    with pytest.raises(UsageProblem):
        Listened(on_mark=refuse).grid.mark(["c0"], True)


def test_approvals_made_elsewhere_are_shown_without_being_written_again():
    browser = Listened()
    browser.query()
    browser.grid.show_approved(["c2", "c4"])
    assert browser.marks == []
    assert browser.grid.approved == {"c2"}
    assert browser.window["notice"] == "1 change approved earlier, now held back"


def test_the_html_form_is_escaped_and_short():
    rows = frame(30)
    rows["record"] = "<script>alert(1)</script> & Co"
    html = DiffGrid(rows, approved=["c0"], title="<b>x</b>").to_html()
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Co" in html
    assert "&lt;b&gt;x&lt;/b&gt;" in html
    assert html.count("<tr>") == 21
    assert "30 changes · 15 add · 15 modify · 1 approved · 1 held back" in html
    assert "first 20 of 30 rows" in html


def test_the_html_form_of_nothing_is_its_headline():
    html = DiffGrid(frame(1).iloc[:0]).to_html()
    assert "0 changes" in html
    assert "<table" not in html


def test_every_form_is_in_the_bundle():
    bundle, _ = DiffGrid(frame(1))._repr_mimebundle_()
    assert set(bundle) == {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"}
    assert bundle["text/plain"] == "1 change · 1 modify"


class Planned:
    """A change set whose marks take a parent along, as the facade's do."""

    def __init__(self):
        self.table = frame()
        self.marked = {"c0"}

    def mark(self, changes, approved=True, by=None):
        self.marked = self.marked | {"c3", *changes} if approved else self.marked - set(changes)


def test_review_marks_in_the_change_set_and_shows_what_it_marked():
    changes = Planned()
    grid = review_changes(changes, "maria")
    assert grid.approved == {"c0"}
    grid.mark(["c1"], True)
    assert changes.marked == grid.approved == {"c0", "c1", "c3"}


def test_differences_are_to_look_at_the_undecided_first():
    rows = [
        {"mapping": "m", "label": label, "difference": "conflict", "resolution": resolution, "gap": D("0.01"),
         "salesforce": "1.00", "quickbooks": "0.99", "base": "1.00", "pair": "p"}
        for label, resolution in (("Acme", "take_salesforce"), ("Bolt", "undecided"), ("Cog", "accept"))
    ]  # fmt: skip
    grid = review_differences(pd.DataFrame(rows))
    assert grid.words["marks"] is False
    assert [column["title"] for column in grid.columns] == [
        "Resolution", "Difference", "Mapping", "Record", "Base", "Salesforce", "QuickBooks", "Gap",
    ]  # fmt: skip
    assert list(grid.frame["label"]) == ["Bolt", "Acme", "Cog"]


def test_the_guard_shows_nothing():
    assert KeyGuard().to_html() == ""
