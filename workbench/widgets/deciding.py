"""DecisionGrid: differences to look through and to decide, one by one or all that are shown.

Besides the messages of `DiffGrid` the browser sends

    decide  seq, decision, value, reason, id     the row that is current
    decide  seq, decision, value, reason         all rows that the query `seq` shows

and what was decided stands in the column `decided`.  What becomes of it is seen in the next diff.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import UsageProblem, WorkbenchError
from workbench.model import DecisionKind
from workbench.widgets.assets import script
from workbench.widgets.base import attempt
from workbench.widgets.grid import DiffGrid
from workbench.widgets.rows import Positions

OnDecide = Callable[[pd.DataFrame, str, str, str | None], int]
"""Takes (rows, decision, reason, value) and answers how many were decided."""

CLICKED = "by a click"
"""The reason, where a person has written none."""

WORDS = {
    DecisionKind.TAKE_SALESFORCE: "Take Salesforce's value",
    DecisionKind.TAKE_QUICKBOOKS: "Take QuickBooks' value",
    DecisionKind.SET: "Set another value:",
    DecisionKind.CREATE: "Create it on the other side",
    DecisionKind.DEACTIVATE: "Deactivate it, its partner is gone",
    DecisionKind.DELETE: "Delete it, its partner is gone",
    DecisionKind.ACCEPT: "Accept that they differ",
    DecisionKind.REFUSE: "Refuse: somebody must correct it",
    DecisionKind.IGNORE: "Ignore it",
}


class DecisionGrid(DiffGrid):
    """A table of differences.

    Args:
        frame: The rows, with `kind` ('field', or a record on one side).
        on_decide: Called in the kernel; what it raises is shown, and nothing is decided then.
        grid: As in `DiffGrid`.
    """

    _esm = script("scroll.js", "grid_parts.js", "decide_bar.js", "grid.js")

    def __init__(self, frame: pd.DataFrame, *, on_decide: OnDecide, **grid: Any) -> None:
        self._on_decide = on_decide
        super().__init__(frame.assign(decided=""), key=None, **grid)
        choices = [[str(kind), text] for kind, text in WORDS.items()]
        self.words = {**self.words, "decisions": choices, "reason": CLICKED}

    def decide(self, positions: Positions, decision: str, reason: str = "", value: str | None = None) -> int:
        """The same as a click; answers how many differences were decided.

        Raises:
            UsageProblem: No row is meant.
            What `on_decide` raises, of a decision that is not for such rows; nothing is decided then.
        """
        rows = self.frame.iloc[positions]
        if rows.empty:
            raise UsageProblem("no difference is shown: there is nothing to decide")
        number = self._on_decide(rows, decision, reason.strip() or CLICKED, value)
        shown = f"set {value}" if decision == DecisionKind.SET else decision
        self._rows.write("decided", positions, shown)
        self._notice = f"{int((self.frame['decided'] != '').sum()):,} decided here; take the diff again"
        self._show_all()
        return number

    def handle(self, message: dict[str, Any]) -> None:
        if message["kind"] != "decide" or message["view"] not in self._views:
            super().handle(message)
            return
        view = self._views[message["view"]]
        if message["seq"] != view.seq:
            raise WorkbenchError(
                "the rows shown have changed since the click; nothing was decided",
                fix="Look at them and click again.",
            )
        one = message.get("id")
        positions = view.positions if one is None else np.array([int(one)])
        value = message["value"] if message["decision"] == DecisionKind.SET else None
        error = attempt(
            lambda: self.decide(positions, message["decision"], message.get("reason") or "", value)
        )
        if error is not None:
            self.fail(message, error)
        else:
            self.send({"kind": "error", "view": message["view"], "text": ""})
