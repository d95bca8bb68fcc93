"""MappingForm and PushButton as the kernel sees them."""

# ruff: noqa: E501  (tables are read in columns)

from types import SimpleNamespace

import pytest

from workbench.errors import ApprovalError, UsageProblem
from workbench.model import Direction, Winner
from workbench.widgets import MappingForm, PushButton, mapping_entry
from workbench.widgets.mappings import ARROWS, WINNERS

ENTRY = {
    "mapping": "account-customer", "title": "Accounts & customers", "notes": "", "salesforce": "Account",
    "quickbooks": "Customer", "winner": "quickbooks",
    "states": [{"name": "AccountToCustomer", "to": "quickbooks", "on": True}],
    "fields": [
        {"name": "phone", "salesforce": "Phone", "quickbooks": "Phone", "type": "phone", "direction": "both",
         "create_only": False, "winner": None},
        {"name": "total", "salesforce": "Total__c", "quickbooks": "Balance", "type": "money",
         "direction": "compare", "create_only": False, "winner": None},
    ],
}  # fmt: skip


def form(calls, answer=None, error=None):
    def call(*arguments):
        calls.append(arguments)
        if error:
            raise error
        return answer

    return MappingForm([ENTRY], on_state=call, on_winner=call)


def click(widget, **message):
    widget._receive(widget, message, [])


def test_words_for_every_winner_and_direction_of_the_model():
    assert set(WINNERS) == {str(each) for each in Winner}
    assert set(ARROWS) == {str(each) for each in Direction}


#  why                     message                                                       call
CLICKS = [
    ("a state off",        {"kind": "state", "state": "AccountToCustomer", "on": False}, ("AccountToCustomer", False)),
    ("the mapping's winner", {"kind": "winner", "field": None, "winner": "manual"},      (None, "manual")),
    ("a field's winner",   {"kind": "winner", "field": "phone", "winner": "newest"},     ("phone", "newest")),
]  # fmt: skip


@pytest.mark.parametrize(("message", "call"), [case[1:] for case in CLICKS], ids=[case[0] for case in CLICKS])
def test_a_click_is_saved_and_then_shown(message, call):
    calls = []
    widget = form(calls)
    click(widget, mapping="account-customer", control="x", **message)
    assert calls == [("account-customer", *call)]
    assert widget.answer == {"control": "x", "error": "", "number": 1}
    entry = widget.mappings[0]
    now = {
        "state": entry["states"][0]["on"],
        "winner": entry["winner"] if call[0] is None else entry["fields"][0]["winner"],
    }
    assert now[message["kind"]] == call[1]


def test_what_cannot_be_saved_is_said_beside_the_control_and_changes_nothing():
    widget = form([], error=UsageProblem("the file is read-only"))
    click(widget, kind="state", mapping="account-customer", state="AccountToCustomer", on=False, control="x")
    assert widget.answer == {"control": "x", "error": "the file is read-only", "number": 1}
    assert widget.mappings == [ENTRY]


def test_the_saved_mapping_replaces_the_shown_one():
    widget = form([], answer={**ENTRY, "winner": "newest", "title": "As the file says"})
    widget.set_winner("account-customer", None, "manual")
    assert (widget.mappings[0]["winner"], widget.mappings[0]["title"]) == ("newest", "As the file says")


def test_an_unknown_mapping_calls_nothing():
    calls = []
    with pytest.raises(UsageProblem, match="account-customer"):
        form(calls).set_state("nope", "AccountToCustomer", True)
    assert calls == []


def test_the_html_form_of_the_mappings_is_escaped():
    html = form([]).to_html()
    assert "<b>Accounts &amp; customers</b>" in html
    assert "AccountToCustomer (to QuickBooks) on; winner: QuickBooks" in html
    assert "as the mapping" in html


def test_the_shipped_mappings_fit_the_form(pytestconfig):
    mapping = pytest.importorskip("workbench.mapping")
    loaded = mapping.load_mappings(pytestconfig.rootpath / "mappings")
    entries = {name: mapping_entry(each) for name, each in loaded.items()}
    account = entries["account-customer"]
    assert {(each["name"], each["to"], each["on"]) for each in account["states"]} == {
        ("AccountToCustomer", "quickbooks", True),
        ("CustomerToAccount", "salesforce", True),
    }
    name = next(field for field in account["fields"] if field["name"] == "name")
    assert (name["salesforce"], name["quickbooks"], name["winner"]) == ("Name", "Name", "salesforce")
    assert any(field["name"].startswith("lines.") for field in entries["opportunity-invoice"]["fields"])


class Planned:
    """A change set of three changes with a workbench that records what it is told to do."""

    id = "CS-1"

    def __init__(self, marked=("a", "c"), result=None, error=None):
        self.marked = set(marked)
        self.writable = [SimpleNamespace(id=i, side=s) for i, s in zip("abc", ["quickbooks", "quickbooks", "salesforce"], strict=True)]  # fmt: skip
        self.approval = None
        self.bench = self
        self.done = []
        self.say = print
        self.result = result or SimpleNamespace(finished=True, summary=lambda: "2 applied")
        self.error = error

    def approve(self):
        self.done.append("approve")
        self.approval = SimpleNamespace(changes=tuple(self.marked), used_at=None, usable=True)

    def push(self, changes, *, execute):
        self.done.append(("push", execute))
        self.say("QuickBooks: 1 of 2")
        if self.error:
            raise self.error
        self.approval.used_at = "now"
        return self.result

    def resume(self, changeset_id):
        self.done.append(("resume", changeset_id))
        return self.result


def phases(button):
    seen = []
    button.observe(lambda change: seen.append((button.phase, button.text)), "answers")
    return seen


def test_the_first_click_asks_and_writes_nothing():
    changes = Planned()
    button = PushButton(changes)
    click(button, kind="ask")
    assert (button.phase, button.text) == ("asking", "Write 2 changes now: 1 to Salesforce, 1 to QuickBooks?")
    assert changes.done == []
    click(button, kind="cancel")
    assert (button.phase, changes.done) == ("ready", [])


def test_the_second_click_approves_and_pushes():
    changes = Planned(marked="a")
    button = PushButton(changes)
    seen = phases(button)
    click(button, kind="ask")
    click(button, kind="push")
    assert changes.done == ["approve", ("push", True)]
    assert seen == [
        ("asking", "Write 1 change now: 1 to QuickBooks?"),
        ("running", "Starting…"),
        ("running", "QuickBooks: 1 of 2"),
        ("done", "2 applied"),
    ]
    assert changes.say is print  # given back
    click(button, kind="push")
    click(button, kind="ask")
    assert len(changes.done) == 2


@pytest.mark.parametrize("kind", ["push", "cancel", "nonsense"])
def test_nothing_is_pushed_without_the_question(kind):
    changes = Planned()
    button = PushButton(changes)
    click(button, kind=kind)
    assert (button.phase, changes.done) == ("ready", [])


def test_nothing_approved_says_so():
    button = PushButton(Planned(marked=()))
    click(button, kind="ask")
    assert (button.phase, button.text) == (
        "ready",
        "Nothing is approved yet: mark changes in the grid first.",
    )


def test_marks_that_changed_after_the_question_are_asked_about_again():
    changes = Planned(marked="a")
    button = PushButton(changes)
    click(button, kind="ask")
    changes.marked.add("b")
    click(button, kind="push")
    assert (button.phase, button.text) == ("asking", "Write 2 changes now: 2 to QuickBooks?")
    assert changes.done == []


def test_an_approval_of_the_same_changes_is_used():
    changes = Planned(marked="a")
    changes.approve()
    button = PushButton(changes)
    click(button, kind="ask")
    click(button, kind="push")
    assert changes.done == ["approve", ("push", True)]


def test_an_approval_that_cannot_be_used_any_more_is_given_again():
    changes = Planned(marked="a")
    changes.approve()
    changes.approval.usable = False
    button = PushButton(changes)
    click(button, kind="ask")
    click(button, kind="push")
    assert changes.done == ["approve", "approve", ("push", True)]


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ApprovalError("it has expired", fix="Approve again."), "it has expired\nApprove again."),
        (ValueError("odd"), "ValueError: odd"),
        (KeyboardInterrupt(), "Interrupted. What has begun goes on: click again to follow it."),
    ],
)
def test_what_goes_wrong_is_shown_beside_the_button(error, text):
    button = PushButton(Planned(error=error))
    click(button, kind="ask")
    click(button, kind="push")
    assert (button.phase, button.text) == ("failed", text)


def test_a_push_that_waits_is_carried_on_and_never_begun_twice():
    waiting = SimpleNamespace(finished=False, summary=lambda: "1 applied, 1 waiting")
    changes = Planned(result=waiting)
    button = PushButton(changes)
    click(button, kind="ask")
    click(button, kind="push")
    assert (button.phase, button.text) == ("waiting", "1 applied, 1 waiting")
    click(button, kind="ask")
    assert changes.done == ["approve", ("push", True), ("resume", "CS-1")]


def test_the_button_has_an_html_form():
    assert "CS-1" in PushButton(Planned()).to_html()
