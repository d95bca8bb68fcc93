"""The widgets in a browser: most of it in a bare page over the real kernel side, the rest in JupyterLab.

The bare page loads a widget's own JavaScript and hands its messages to the widget's own Python, so
each case takes a fraction of a second; JupyterLab itself is asked only what it alone can answer: keys,
themes, two views, saved notebooks.
"""

# ruff: noqa: E501  (JavaScript has long lines)

from __future__ import annotations

import json
from decimal import Decimal as D
from types import SimpleNamespace

import nbformat
import pandas as pd
import pytest

from workbench.diff.fit import all_unfit
from workbench.errors import UsageProblem
from workbench.widgets import DiffGrid, MappingForm, PushButton, review_differences

pytestmark = [pytest.mark.browser, pytest.mark.long]

_MODEL = """
async ({ name, esm, css, state }) => {
  document.head.append(Object.assign(document.createElement("style"), { textContent: css }));
  const heard = {};
  const model = {
    state,
    get: (trait) => structuredClone(model.state[trait]),
    on: (names, call) => names.split(" ").forEach((each) => (heard[each] ??= new Set()).add(call)),
    off: (names, call) => names.split(" ").forEach((each) => heard[each]?.delete(call)),
    send: async (message) => model.deliver(await window.kernel(name, message)),
    deliver: ({ sent, state }) => {
      const changed = Object.keys(state).filter((key) => JSON.stringify(state[key]) !== JSON.stringify(model.state[key]));
      Object.assign(model.state, state);
      for (const key of changed) heard[`change:${key}`]?.forEach((call) => call());
      for (const message of sent) heard["msg:custom"]?.forEach((call) => call(message));
    },
  };
  const blob = URL.createObjectURL(new Blob([esm], { type: "text/javascript" }));
  const { default: { render } } = await import(blob);
  const el = document.createElement("div");
  document.body.append(el);
  (window.models ??= {})[name] = model;
  (window.closers ??= []).push(render({ model, el }));
}
"""


class BarePage:
    """A page without JupyterLab whose widgets talk to the Python of this process."""

    def __init__(self, page):
        self.page = page
        self.widgets = {}
        self.errors = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.expose_function("kernel", self._receive)

    def show(self, widget):
        sent = []
        widget.send = sent.append
        name = str(len(self.widgets))
        self.widgets[name] = (widget, sent)
        self.page.evaluate(
            _MODEL, {"name": name, "esm": widget._esm, "css": widget._css, "state": self._state(widget)}
        )
        return self.page

    def push(self, name="0"):
        """Delivers what Python sent by itself."""
        widget, sent = self.widgets[name]
        answer = {"sent": list(sent), "state": self._state(widget)}
        sent.clear()
        self.page.evaluate("([name, answer]) => window.models[name].deliver(answer)", [name, answer])

    def _receive(self, name, message):
        widget, sent = self.widgets[name]
        sent.clear()
        widget._receive(widget, json.loads(json.dumps(message)), [])
        return {"sent": list(sent), "state": self._state(widget)}

    @staticmethod
    def _state(widget):
        return {
            key: value for key, value in widget.get_state().items() if not key.startswith(("_", "layout"))
        }


@pytest.fixture
def bare(page):
    page.set_viewport_size({"width": 1500, "height": 800})
    shown = BarePage(page)
    yield shown
    assert shown.errors == []


def changes(number, held=()):
    return pd.DataFrame(
        {
            "change": [f"c{i}" for i in range(number)],
            "action": ["add" if i % 3 == 0 else "modify" for i in range(number)],
            "side": "quickbooks",
            "mapping": ["accounts" if i % 2 else "products" for i in range(number)],
            "record": [f"Acme {i:07}" for i in range(number)],
            "field": "balance",
            "before": [D(i) for i in range(number)],
            "after": [D(i) + D("0.10") for i in range(number)],
            "why": "winner <b>QuickBooks</b>",
            "hold": ["no such account" if i in held else None for i in range(number)],
        }
    )


def status(page):
    return page.locator(".wb-status").first


def row_of(page, text):
    return page.locator(".wb-layer .wb-row", has_text=text)


def expect(locator):
    from playwright.sync_api import expect as playwright_expect

    return playwright_expect(locator)


# ---- the grid


def test_the_grid_shows_a_window_and_counts(bare):
    page = bare.show(DiffGrid(changes(5000, held=[4]), approved=["c1"]))
    expect(status(page)).to_have_text("1 of 5,000 changes approved · 5,000 of 5,000 rows shown · 1 held back")
    assert page.locator(".wb-layer .wb-row").count() < 60
    expect(page.get_by_role("gridcell", name="0.10", exact=True).first).to_be_visible()
    assert page.locator(".wb-layer b").count() == 0  # markup in data is text
    heads, cells = (
        [box.bounding_box() for box in page.locator(f"{rows} > div").all()]
        for rows in (".wb-head", ".wb-layer .wb-row:first-child")
    )
    assert [(box["x"], box["width"]) for box in heads] == [(box["x"], box["width"]) for box in cells]


def test_the_grid_says_what_it_is_to_a_screen_reader(bare):
    page = bare.show(DiffGrid(changes(50, held=[1]), approved=["c0"]))
    grid = page.get_by_role("grid", name="Change preview")
    expect(grid).to_have_attribute("aria-rowcount", "51")
    expect(grid).to_have_attribute("aria-colcount", "9")
    expect(grid).to_have_attribute("aria-multiselectable", "true")
    rows = page.get_by_role("row")
    expect(rows.nth(1)).to_have_attribute("aria-rowindex", "2")
    expect(rows.nth(1)).to_have_attribute("aria-selected", "true")
    expect(rows.nth(2)).to_have_attribute("aria-selected", "false")
    expect(page.get_by_role("img", name="Held back: no such account")).to_be_visible()
    grid.focus()
    page.keyboard.press("ArrowRight")
    current = grid.get_attribute("aria-activedescendant")
    expect(page.locator(f"#{current}")).to_have_text("add")
    assert page.locator("[role=grid] > *:not([role=rowgroup])").count() == 0


def test_keys_move_mark_and_sort(bare):
    marks = []
    grid = DiffGrid(changes(300, held=[2]), on_mark=lambda ids, on: marks.append((ids, on)))
    page = bare.show(grid)
    expect(status(page)).to_contain_text("0 of 300")
    page.get_by_role("grid").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(status(page)).to_contain_text("1 of 300 changes approved")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(page.get_by_role("alert")).to_have_text("1 change held back: no such account")
    expect(page.locator(".wb-detail")).to_contain_text("Held back: no such account")
    page.keyboard.press("Control+End")
    expect(page.get_by_role("gridcell", name="Acme 0000299")).to_be_visible()
    page.keyboard.press("Space")
    expect(status(page)).to_contain_text("2 of 300 changes approved")
    page.keyboard.press("PageUp")
    expect(page.get_by_role("gridcell", name="Acme 0000285")).to_be_visible()
    page.keyboard.press("Control+Home")
    expect(page.get_by_role("gridcell", name="Acme 0000000")).to_be_visible()
    for key in ("ArrowUp", "End", "ArrowLeft", "Enter", "Enter"):  # the header of `After`, descending
        page.keyboard.press(key)
    expect(page.get_by_role("columnheader", name="After")).to_have_attribute("aria-sort", "descending")
    expect(page.locator(".wb-layer .wb-row").first).to_contain_text("299.10")
    assert marks == [(["c1"], True), (["c299"], True)]


def test_differences_are_decided_where_they_are_seen(bare):
    decided = []
    rows = pd.DataFrame(
        {
            "mapping": "account-customer",
            "kind": "field",
            "label": ["Acme", "Birch", "Cedar"],
            "field": ["phone", "phone", "terms"],
            "base": ["503-555-0133", "", "Net 15"],
            "salesforce": ["503-555-0134", "503-555-0199", "Net 30"],
            "quickbooks": ["503-555-0135", "", "Net 15"],
            "difference": ["conflict", "differs", "differs"],
            "resolution": "undecided",
        }
    )

    def decide(rows, decision, reason, value):
        if unfit := all_unfit(rows, decision):
            raise UsageProblem("; ".join(unfit))
        decided.append((list(rows["label"]), decision, reason, value))
        return len(rows)

    page = bare.show(review_differences(rows, decide))
    expect(page.locator(".wb-status")).to_contain_text("3 of 3 rows shown")
    expect(page.get_by_role("textbox", name="Value")).to_be_hidden()
    page.get_by_role("gridcell", name="Birch").click()
    page.get_by_role("combobox", name="Decision").select_option("set")
    page.get_by_role("textbox", name="Value").fill("503-555-0100")
    page.get_by_role("textbox", name="Reason").fill("asked them")
    page.get_by_role("button", name="Decide this row").click()
    expect(row_of(page, "Birch")).to_contain_text("set 503-555-0100")
    expect(page.locator(".wb-status")).to_contain_text("1 decided here; take the diff again")
    page.get_by_role("combobox", name="Decision").select_option("create")
    page.get_by_role("button", name="Decide all shown").click()
    expect(page.get_by_role("alert")).to_contain_text("about a whole record, not about a field")
    page.get_by_role("searchbox", name="Filter rows").fill("phone")
    expect(page.locator(".wb-status")).to_contain_text("2 of 3 rows shown")
    page.get_by_role("combobox", name="Decision").select_option("take_salesforce")
    page.get_by_role("button", name="Decide all shown").click()
    expect(row_of(page, "Acme")).to_contain_text("take_salesforce")
    assert decided == [
        (["Birch"], "set", "asked them", "503-555-0100"),
        (["Acme", "Birch"], "take_salesforce", "asked them", None),
    ]


def test_home_and_end_stay_in_the_row(bare):
    page = bare.show(DiffGrid(changes(30)))
    expect(status(page)).to_contain_text("of 30")
    grid = page.get_by_role("grid")
    grid.focus()
    for keys, column in ((["End"], 8), (["ArrowRight"], 8), (["Home"], 0), (["ArrowLeft"], 0)):
        for key in keys:
            page.keyboard.press(key)
        assert grid.get_attribute("aria-activedescendant").endswith(f"-0-{column}"), keys


def test_a_click_marks_and_rows_of_one_change_go_together(bare):
    frame = changes(6)
    frame["change"] = ["a", "a", "b", "b", "b", "c"]
    page = bare.show(DiffGrid(frame))
    expect(status(page)).to_contain_text("0 of 3 changes approved · 6 of 6 rows")
    page.get_by_role("checkbox", name="Approve row 4").click()
    expect(status(page)).to_contain_text("1 of 3 changes approved")
    ticked = [box.is_checked() for box in page.get_by_role("checkbox").all()]
    assert ticked == [False, False, True, True, True, False]
    page.get_by_role("checkbox", name="Approve row 3").click()
    expect(status(page)).to_contain_text("0 of 3 changes approved")


def test_a_mark_that_cannot_be_written_leaves_the_box_empty(bare):
    def locked(ids, approved):
        raise OSError("database is locked")

    page = bare.show(DiffGrid(changes(3), on_mark=locked))
    page.get_by_role("checkbox", name="Approve row 2").click()
    expect(page.get_by_role("alert")).to_have_text("OSError: database is locked")
    expect(page.get_by_role("checkbox", name="Approve row 2")).not_to_be_checked()
    expect(status(page)).to_contain_text("0 of 3")


def test_filters_narrow_and_bulk_marks_what_is_shown(bare):
    marks = []
    grid = DiffGrid(changes(90), on_mark=lambda ids, on: marks.append((len(ids), on)))
    page = bare.show(grid)
    page.get_by_role("combobox", name="Action").select_option("add")
    expect(status(page)).to_contain_text("30 of 90 rows")
    page.get_by_role("combobox", name="Mapping").select_option("accounts")
    expect(status(page)).to_contain_text("15 of 90 rows")
    page.get_by_role("searchbox", name="Filter rows").fill("acme 000008")
    expect(status(page)).to_contain_text("2 of 90 rows")
    page.get_by_role("button", name="Approve shown").click()
    expect(status(page)).to_contain_text("2 of 90 changes approved")
    page.get_by_role("combobox", name="Action").select_option("")
    expect(status(page)).to_contain_text("5 of 90 rows")
    page.get_by_role("button", name="Reject shown").click()
    expect(status(page)).to_contain_text("0 of 90 changes approved")
    assert marks == [(2, True), (2, False)]
    page.get_by_role("searchbox", name="Filter rows").fill("nobody")
    expect(page.get_by_text("No row fits the filter.")).to_be_visible()


def test_a_click_on_a_header_sorts_up_down_and_back(bare):
    page = bare.show(DiffGrid(changes(40)))
    header = page.get_by_role("columnheader", name="Record")
    for state, first in (("ascending", 0), ("descending", 39), ("none", 0)):
        header.click()
        expect(header).to_have_attribute("aria-sort", state)
        expect(page.locator(".wb-layer .wb-row").first).to_contain_text(f"Acme {first:07}")


def test_scrolling_far_fetches_what_is_shown(bare):
    page = bare.show(DiffGrid(changes(3000)))
    expect(status(page)).to_contain_text("of 3,000")
    page.get_by_role("grid").evaluate("grid => { grid.scrollTop = 1500 * 28; }")
    expect(page.get_by_role("gridcell", name="Acme 0001500")).to_be_in_viewport()
    page.get_by_role("grid").evaluate("grid => { grid.scrollTop = grid.scrollHeight; }")
    expect(page.get_by_role("gridcell", name="Acme 0002999")).to_be_in_viewport()


def test_more_rows_than_a_browser_can_make_an_element_high(bare):
    number = 1_300_000  # 36 million pixels; Chromium ends at 33.5, the limit used is 8
    frame = pd.DataFrame({"row": range(number)})
    page = bare.show(DiffGrid(frame, columns=["row"], key=None))
    expect(status(page)).to_have_text("1,300,000 of 1,300,000 rows shown")
    grid = page.get_by_role("grid")
    assert grid.evaluate("grid => grid.scrollHeight") < 8_001_000
    grid.focus()
    page.keyboard.press("Control+End")
    expect(page.get_by_role("gridcell", name="1299999", exact=True)).to_be_in_viewport()
    for _ in range(20):
        page.keyboard.press("ArrowUp")  # one row at a time, though a pixel of the scroll bar is many
    expect(page.locator(".wb-cursor")).to_have_text("1299979")
    expect(page.locator(".wb-cursor")).to_be_in_viewport()
    grid.evaluate("grid => { grid.scrollTop = grid.scrollHeight / 2; }")
    expect(page.get_by_role("gridcell", name="650030", exact=True)).to_be_attached()
    before = first_in_view(page)
    assert abs(before - 650_000) < 50
    page.mouse.wheel(0, 280)
    page.wait_for_function("before => window.firstInView() === before + 10", arg=before)


def first_in_view(page):
    page.evaluate(
        """() => { window.firstInView = () => {
            const edge = document.querySelector('.wb-head').getBoundingClientRect().bottom;
            const cells = [...document.querySelectorAll('.wb-layer [role=gridcell]')];
            return Number(cells.find((cell) => cell.getBoundingClientRect().bottom > edge + 1).textContent); } }"""
    )
    box = page.get_by_role("grid").bounding_box()
    page.mouse.move(box["x"] + 50, box["y"] + 200)
    return page.evaluate("window.firstInView()")


def test_two_views_scroll_apart_and_share_the_marks(bare):
    grid = DiffGrid(changes(500))
    page = bare.show(grid)
    page.evaluate("window.models['0'].state.title = 'again'")
    page.evaluate(
        """async ({ esm }) => {
            const { default: { render } } = await import(URL.createObjectURL(new Blob([esm], { type: "text/javascript" })));
            const el = document.createElement("div"); document.body.append(el);
            render({ model: window.models["0"], el }); }""",
        {"esm": grid._esm},
    )
    first, second = page.locator(".wb-diffgrid").nth(0), page.locator(".wb-diffgrid").nth(1)
    expect(second.locator(".wb-status")).to_contain_text("500 of 500")
    second.get_by_role("searchbox").fill("0000400")
    expect(second.locator(".wb-status")).to_contain_text("1 of 500 rows")
    expect(first.locator(".wb-status")).to_contain_text("500 of 500 rows")
    first.get_by_role("checkbox", name="Approve row 1", exact=True).click()
    for view in (first, second):
        expect(view.locator(".wb-status")).to_contain_text("1 of 500 changes approved")
    expect(second.locator(".wb-layer .wb-row")).to_have_count(1)


def test_approvals_made_in_another_cell_appear(bare):
    grid = DiffGrid(changes(3))
    page = bare.show(grid)
    expect(status(page)).to_contain_text("0 of 3")
    grid.show_approved(["c0", "c2"])
    bare.push()
    expect(status(page)).to_contain_text("2 of 3 changes approved")


def test_a_table_with_nothing_to_mark_has_no_marks(bare):
    page = bare.show(DiffGrid(pd.DataFrame({"a": ["x", "y"]}), key=None, title="Differences"))
    expect(page.locator(".wb-status")).to_have_text("2 of 2 rows shown")
    assert page.get_by_role("checkbox").count() == page.get_by_role("button").count() == 0
    page.get_by_role("grid", name="Differences").focus()
    page.keyboard.press("Space")
    expect(page.locator(".wb-error")).to_be_empty()


def test_a_narrow_page_keeps_every_column_reachable(bare):
    bare.page.set_viewport_size({"width": 500, "height": 700})
    page = bare.show(DiffGrid(changes(30)))
    expect(status(page)).to_contain_text("of 30")
    page.get_by_role("grid").focus()
    page.keyboard.press("End")
    expect(page.get_by_role("columnheader", name="Why")).to_be_in_viewport(ratio=0.5)


# ---- the form and the button

ENTRY = {
    "mapping": "accounts", "title": "Accounts & customers", "notes": "", "salesforce": "Account",
    "quickbooks": "Customer", "winner": "quickbooks",
    "states": [{"name": "AccountToCustomer", "to": "quickbooks", "on": True},
               {"name": "CustomerToAccount", "to": "salesforce", "on": False}],
    "fields": [{"name": "phone", "salesforce": "Phone", "quickbooks": "Phone", "type": "phone",
                "direction": "both", "create_only": False, "winner": None},
               {"name": "total", "salesforce": "Total__c", "quickbooks": "Balance", "type": "money",
                "direction": "compare", "create_only": False, "winner": None}],
}  # fmt: skip


def test_the_form_switches_and_chooses(bare):
    calls = []
    form = MappingForm([ENTRY], on_state=lambda *a: calls.append(a), on_winner=lambda *a: calls.append(a))
    page = bare.show(form)
    switch = page.get_by_role("switch", name="CustomerToAccount, writes to Salesforce")
    expect(switch).to_have_attribute("aria-checked", "false")
    switch.focus()
    page.keyboard.press("Space")
    expect(switch).to_have_attribute("aria-checked", "true")
    expect(switch).to_be_focused()
    page.get_by_role("combobox", name="Winner of Accounts & customers", exact=True).select_option("newest")
    page.get_by_text("2 fields").click()
    expect(page.get_by_text("compared only")).to_be_visible()
    phone = page.get_by_role("combobox", name="Winner of Accounts & customers, phone")
    expect(phone).to_have_value("")
    phone.select_option("salesforce")
    expect(page.get_by_text("2 fields, 1 with a winner of their own")).to_be_visible()
    assert calls == [
        ("accounts", "CustomerToAccount", True),
        ("accounts", None, "newest"),
        ("accounts", "phone", "salesforce"),
    ]


def test_a_choice_that_cannot_be_saved_goes_back_and_says_why(bare):
    def refuse(*arguments):
        raise OSError("read-only file")

    page = bare.show(MappingForm([ENTRY], on_state=refuse, on_winner=refuse))
    switch = page.get_by_role("switch", name="AccountToCustomer")
    switch.click()
    expect(page.locator(".wb-state", has=switch).get_by_role("alert")).to_have_text("OSError: read-only file")
    expect(switch).to_have_attribute("aria-checked", "true")
    winner = page.get_by_role("combobox", name="Winner of Accounts & customers", exact=True)
    winner.select_option("manual")
    expect(page.locator(".wb-winner").get_by_role("alert")).to_have_text("OSError: read-only file")
    expect(winner).to_have_value("quickbooks")


class Planned:
    id = "CS-1"
    approval = None

    def __init__(self, marked):
        self.bench = self
        self.marked = marked
        self.writable = [SimpleNamespace(id="a", side="quickbooks")]
        self.pushed = 0
        self.say = print

    def approve(self):
        self.approval = SimpleNamespace(changes=("a",), used_at=None, usable=True)

    def push(self, changes, *, execute):
        assert execute
        self.pushed += 1
        return "1 applied"


def test_the_button_asks_before_it_pushes(bare):
    planned = Planned({"a"})
    page = bare.show(PushButton(planned))
    start = page.get_by_role("button", name="Push what is approved")
    start.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Write 1 change now: 1 to QuickBooks?")
    expect(page.get_by_role("button", name="Cancel")).to_be_focused()  # a second Enter writes nothing
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Yes, write them")).to_be_hidden()
    assert planned.pushed == 0
    start.click()
    page.get_by_role("button", name="Yes, write them").click()
    expect(page.get_by_role("status")).to_have_text("1 applied")
    assert planned.pushed == 1
    expect(page.get_by_role("button", name="Pushed")).to_be_disabled()


def test_the_button_can_be_pressed_again_when_nothing_was_approved(bare):
    planned = Planned(set())
    page = bare.show(PushButton(planned))
    page.get_by_role("button", name="Push what is approved").click()
    expect(page.get_by_role("status")).to_contain_text("Nothing is approved yet")
    planned.marked = {"a"}
    page.get_by_role("button", name="Push what is approved").click()
    expect(page.get_by_role("status")).to_contain_text("Write 1 change now")


# ---- in JupyterLab

_GRID = """
import pandas as pd, pathlib, json
from decimal import Decimal
from workbench.widgets import DiffGrid
frame = pd.DataFrame({"change": [f"c{i}" for i in range(200)], "action": "modify", "record": [f"Acme {i}" for i in range(200)],
                      "before": Decimal("1.00"), "after": Decimal("1.10")})
def on_mark(ids, approved):
    pathlib.Path("marks.json").write_text(json.dumps([ids, approved]))
grid = DiffGrid(frame, on_mark=on_mark)
grid
"""
_PLAIN = """
import ipywidgets
ipywidgets.VBox([ipywidgets.Dropdown(options=["Draft", "Done"]), ipywidgets.Button(description="B"),
                 ipywidgets.Checkbox(description="C")])
"""


def test_jupyterlab_keys_marks_and_reload(lab, page):
    notebook = lab.notebook(page, "grid.ipynb", _GRID, _PLAIN, "1 + 1")
    notebook.run_all()
    assert notebook.errors() == []
    expect(status(page)).to_have_text("0 of 200 changes approved · 200 of 200 rows shown")
    page.get_by_role("grid", name="Change preview").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(status(page)).to_contain_text("1 of 200 changes approved")
    assert json.loads((lab.work / "marks.json").read_text()) == [["c1"], True]

    # Keys that are notebook commands reach no cell, from our widgets and from plain ones.
    before = notebook.cell_ids()
    controls = (
        ".wb-grid", ".wb-select", ".wb-primary", ".wb-layer input", ".widget-dropdown select", ".widget-button",
        ".widget-checkbox input",
    )  # fmt: skip
    for control in controls:
        page.locator(control).first.focus()
        for key in "ddaxm":
            page.keyboard.press(key)
        page.wait_for_timeout(100)
        assert notebook.cell_ids() == before, control

    # The kernel lives on: a page that comes back shows the marks that the store has.
    notebook.save()
    page.reload()
    expect(status(page)).to_contain_text("1 of 200 changes approved", timeout=30_000)
    expect(page.get_by_text("Change preview:")).to_be_hidden()  # the HTML twin


def test_a_saved_notebook_shows_its_table_without_a_kernel(lab, page):
    notebook = lab.notebook(page, "saved.ipynb", _GRID)
    notebook.run_all()
    expect(status(page)).to_contain_text("200 of 200 rows")
    notebook.save()
    page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    saved = nbformat.read(lab.work / "saved.ipynb", as_version=4)
    text = json.dumps(saved)
    assert "Acme 19" in text
    assert "Acme 20" not in text  # customers' rows beyond the first twenty stay in the kernel
    lab.open(page, "saved.ipynb")
    expect(page.get_by_text("200 changes · 200 modify")).to_be_visible()
    page.wait_for_timeout(2500)  # JupyterLab looks for the widget for two seconds
    expect(page.get_by_text("Error displaying widget")).to_be_hidden()


def test_text_can_be_read_in_both_themes(lab, page):
    notebook = lab.notebook(page, "theme.ipynb", _GRID)
    notebook.run_all()
    page.get_by_role("checkbox", name="Approve row 1", exact=True).click()
    expect(status(page)).to_contain_text("1 of 200 changes approved")
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        notebook.theme(theme)
        for part in ("head .wb-title", "layer .wb-text", "changed .wb-text", "badge", "status", "primary"):
            assert contrast(page, f".wb-{part}") >= 4.5, (theme, part)


def contrast(page, css):
    """The ratio of WCAG 2 between a text and what lies behind it."""
    return page.evaluate(
        """(css) => {
            const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
            const element = document.querySelector(css);
            const behind = [];
            for (let each = element; each; each = each.parentElement) behind.unshift(getComputedStyle(each).backgroundColor);
            const light = (colours) => {
              context.fillStyle = "white"; context.fillRect(0, 0, 1, 1);
              for (const colour of colours) { context.fillStyle = colour; context.fillRect(0, 0, 1, 1); }
              const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].map((value) => {
                const part = value / 255; return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4; });
              return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
            const [one, two] = [light([...behind, getComputedStyle(element).color]), light(behind)].sort((a, b) => b - a);
            return (one + 0.05) / (two + 0.05); }""",
        css,
    )
