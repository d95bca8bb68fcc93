"""MappingForm: switch states on and off and set winners, in one small table for each mapping.

One widget with plain HTML controls: a hundred ipywidgets take seconds to paint.  A click calls back
into the kernel, which saves the mapping file; what it raises is shown beside the control, and the
control goes back to what the file says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from typing import Any, Protocol

import traitlets

from workbench.errors import UsageProblem
from workbench.model import FieldMap, Mapping, Side
from workbench.widgets.assets import script, style
from workbench.widgets.base import Shown
from workbench.widgets.fallback import table_html

Entry = dict[str, Any]
OnState = Callable[[str, str, bool], object]
"""Takes (mapping, state, on); may answer the mapping as it is afterwards."""
OnWinner = Callable[[str, str | None, str], object]
"""Takes (mapping, field or None for the mapping, winner); may answer the mapping as it is afterwards."""

SIDES = {"salesforce": "Salesforce", "quickbooks": "QuickBooks"}
WINNERS = {
    "salesforce": "Salesforce",
    "quickbooks": "QuickBooks",
    "newest": "the newer record",
    "manual": "a person decides",
    "fill_empty_only": "only fill empty",
}
ARROWS = {"both": "⇄", "to_salesforce": "←", "to_quickbooks": "→", "compare": "="}


class MappingForm(Shown):
    """The mappings with their states and winners.

    Args:
        mappings: `Mapping` objects, or entries as `mapping_entry` makes them.
        on_state: Saves a state.
        on_winner: Saves a winner; a field of the lines is called `lines.<field>`.
    """

    _esm = script("mapping_form.js")
    _css = style("mapping_form.css")
    mappings: traitlets.List[Entry] = traitlets.List().tag(sync=True)
    winners: traitlets.Dict[str, str] = traitlets.Dict(WINNERS).tag(sync=True)
    # The last answer: which control, and what went wrong with it ("" when it was saved).
    answer: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)

    def __init__(
        self, mappings: Iterable[Mapping | Entry], *, on_state: OnState, on_winner: OnWinner
    ) -> None:
        self._on_state = on_state
        self._on_winner = on_winner
        self._answered = 0
        super().__init__(mappings=[_entry(each) for each in mappings])

    def set_state(self, mapping: str, state: str, on: bool) -> None:
        """The same as a click on a switch; raises what `on_state` raises."""
        self._find(mapping)
        answer = self._on_state(mapping, state, on)
        self._take(mapping, answer, lambda entry: _with_state(entry, state, on))

    def set_winner(self, mapping: str, field: str | None, winner: str) -> None:
        """The same as a choice in a list; raises what `on_winner` raises."""
        self._find(mapping)
        answer = self._on_winner(mapping, field, winner)
        self._take(mapping, answer, lambda entry: _with_winner(entry, field, winner))

    def handle(self, message: dict[str, Any]) -> None:
        if message["kind"] == "state":
            self.set_state(message["mapping"], message["state"], bool(message["on"]))
        elif message["kind"] == "winner":
            self.set_winner(message["mapping"], message["field"], message["winner"])
        self._say(message, "")

    def fail(self, message: dict[str, Any], error: str) -> None:
        self._say(message, error)

    def to_html(self) -> str:
        return "".join(_mapping_html(entry) for entry in self.mappings) or "<p>No mapping.</p>"

    def to_text(self) -> str:
        return "mappings: " + ", ".join(entry["mapping"] for entry in self.mappings)

    def _find(self, mapping: str) -> Entry:
        for entry in self.mappings:
            if entry["mapping"] == mapping:
                return entry
        known = ", ".join(entry["mapping"] for entry in self.mappings)
        raise UsageProblem(f"no mapping {mapping!r}", fix=f"Use one of: {known}.")

    def _take(self, mapping: str, answer: object, otherwise: Callable[[Entry], Entry]) -> None:
        new = _entry(answer) if isinstance(answer, Mapping | dict) else otherwise(self._find(mapping))
        self.mappings = [new if entry["mapping"] == mapping else entry for entry in self.mappings]

    def _say(self, message: dict[str, Any], error: str) -> None:
        self._answered += 1  # the same answer twice must still reach the browser
        self.answer = {"control": message.get("control"), "error": error, "number": self._answered}


class _Bench(Protocol):
    """What the form needs of a workbench."""

    @property
    def workspace(self) -> Any: ...
    def set_state(self, mapping: str, state: str, on: bool) -> object: ...
    def set_winner(self, mapping: str, field: str | None, winner: str) -> object: ...


def mapping_form(bench: _Bench) -> MappingForm:
    """The form over a workbench's mappings; it saves their YAML files."""
    mappings: dict[str, Mapping] = bench.workspace.mappings()
    return MappingForm(mappings.values(), on_state=bench.set_state, on_winner=bench.set_winner)


def mapping_entry(mapping: Mapping) -> Entry:
    """What the form shows of a mapping: names and words, no record of anybody."""
    fields = [_field_entry(field, "") for field in mapping.fields]
    if mapping.lines is not None:
        fields += [_field_entry(field, "lines.") for field in mapping.lines.fields]
    return {
        "mapping": mapping.name,
        "title": mapping.title or mapping.name,
        "notes": mapping.notes or "",
        "salesforce": mapping.salesforce.object or "",
        "quickbooks": mapping.quickbooks.object or "",
        "winner": str(mapping.winner),
        "states": [{"name": each.name, "to": str(each.to), "on": each.on} for each in mapping.states],
        "fields": fields,
    }


def _field_entry(field: FieldMap, prefix: str) -> Entry:
    return {
        "name": prefix + field.name,
        "salesforce": ", ".join(field.api(Side.SALESFORCE)),
        "quickbooks": ", ".join(field.api(Side.QUICKBOOKS)),
        "type": str(field.type),
        "direction": str(field.direction),
        "create_only": field.create_only,
        "winner": None if field.winner is None else str(field.winner),
    }


def _entry(mapping: object) -> Entry:
    if isinstance(mapping, Mapping):
        return mapping_entry(mapping)
    if isinstance(mapping, dict):
        return dict(mapping)
    raise UsageProblem(f"{type(mapping).__name__} is no mapping", fix="Give Mapping objects.")


def _with_state(entry: Entry, state: str, on: bool) -> Entry:
    states = [{**each, "on": on} if each["name"] == state else each for each in entry["states"]]
    return {**entry, "states": states}


def _with_winner(entry: Entry, field: str | None, winner: str) -> Entry:
    if field is None:
        return {**entry, "winner": winner}
    fields = [{**each, "winner": winner} if each["name"] == field else each for each in entry["fields"]]
    return {**entry, "fields": fields}


def _mapping_html(entry: Entry) -> str:
    states = ", ".join(
        f"{each['name']} (to {SIDES.get(each['to'], each['to'])}) {'on' if each['on'] else 'off'}"
        for each in entry["states"]
    )
    winner = WINNERS.get(entry["winner"], entry["winner"])
    rest = f"{entry['salesforce']} and {entry['quickbooks']}; {states}; winner: {winner}"
    cells = [
        (
            each["name"],
            each["salesforce"],
            ARROWS.get(each["direction"], ""),
            each["quickbooks"],
            "as the mapping" if each["winner"] is None else WINNERS.get(each["winner"], each["winner"]),
        )
        for each in entry["fields"]
    ]
    titles = ["Field", "Salesforce", "", "QuickBooks", "Winner"]
    table = table_html(titles, [[(text, False) for text in row] for row in cells])
    return f"<p><b>{escape(entry['title'])}</b>: {escape(rest)}</p>{table}"
