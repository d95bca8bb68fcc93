"""DiffGrid: a table of any length to review and approve, whose rows stay in the kernel.

The browser asks for the rows it shows and for nothing else, so a million rows cost what forty cost,
and a saved notebook keeps no customer rows but the twenty of its HTML form.

Messages from the browser (each names its `view`; a widget shown twice has two windows):

    query   seq, text, equal {column: value}, sort, descending, start, count
    rows    seq, start, count
    mark    seq, ids, approved
    bulk    seq, approved                 all rows that the query `seq` shows
    close

Every answer is a `window`.  `seq` numbers a view's queries: a bulk mark under an older one is refused,
because it would mark other rows than the person saw.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import traitlets

from workbench.errors import WorkbenchError
from workbench.widgets.assets import script, style
from workbench.widgets.base import Shown, attempt
from workbench.widgets.columns import Column
from workbench.widgets.fallback import grid_html, grid_text
from workbench.widgets.rows import Positions, Query, Rows

OnMark = Callable[[list[str], bool], Collection[str] | None]
"""Takes (ids, approved); answers the ids approved from now on, or None when just these have changed."""

_VIEWS_KEPT = 16  # a page that was reloaded never says that its views are gone
_FIRST_WINDOW = 45


@dataclass(slots=True)
class _View:
    """What one view of the grid shows now."""

    seq: int
    query: Query
    positions: Positions
    start: int = 0
    count: int = _FIRST_WINDOW


class DiffGrid(Shown):
    """A table to review and approve.

    Args:
        frame: The rows; any columns.
        columns: Which to show and how (`Column` or a plain name).  Without it: the usual ones of a
            change set, or all.
        key: The column with the change's id; rows that share one are marked together.  None: a table
            to look at, with nothing to mark.
        approved: Ids that are approved already.
        on_mark: Called in the kernel with (ids, approved) before a mark is shown.  What it raises is
            shown in the status line, and the mark is not taken.  It may answer all ids approved from
            now on, where a mark takes others along.
        hold: The column that says why a row can't be approved; empty means it can.
        filters: Columns with a choice of one value each.
        title: What a screen reader calls the grid.
        noun: One and many of what is approved, such as ("change", "changes").
        verbs: The labels of the two buttons, such as ("Approve shown", "Reject shown").

    Raises:
        UsageProblem: A declared column is missing, a row has no id, or money is not Decimal.
    """

    _esm = script("scroll.js", "grid_parts.js", "grid.js")
    _css = style("grid.css")
    columns: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    options: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        frame: pd.DataFrame,
        *,
        columns: Sequence[Column | str] | None = None,
        key: str | None = "change",
        approved: Iterable[str] = (),
        on_mark: OnMark | None = None,
        hold: str = "hold",
        filters: Sequence[str] = ("action", "mapping"),
        title: str = "Change preview",
        noun: tuple[str, str] = ("change", "changes"),
        verbs: tuple[str, str] = ("Approve shown", "Reject shown"),
    ) -> None:
        self._rows = Rows(frame, columns=columns, key=key, hold=hold)
        self._on_mark = on_mark
        self._views: dict[str, _View] = {}
        self._noun = noun
        self._notice = _held_notice(self._rows.replace_approved(approved), noun)
        super().__init__(
            columns=self._describe_columns(),
            options=[
                {"column": name, "values": values} for name in filters if (values := self._rows.values(name))
            ],
            words={
                "title": title,
                "one": noun[0],
                "many": noun[1],
                "approve": verbs[0],
                "reject": verbs[1],
                "marks": key is not None,
            },
        )

    # ---- what Python sees

    @property
    def approved(self) -> frozenset[str]:
        """The ids that are approved now."""
        return self._rows.approved

    @property
    def frame(self) -> pd.DataFrame:
        """The rows, as they were given."""
        return self._rows.frame

    def mark(self, ids: Iterable[str], approved: bool) -> list[str]:
        """The same as a click: calls `on_mark`, then shows the mark.

        Returns:
            The ids held back from approval.

        Raises:
            What `on_mark` raises; the mark is not taken then.
        """
        altered, held = self._rows.to_mark(dict.fromkeys(ids), approved)
        if altered:
            answer = None if self._on_mark is None else self._on_mark(altered, approved)
            if answer is None:
                self._rows.mark(altered, approved)
            else:
                self._rows.replace_approved(answer)
            self._show_all()
        return held

    def show_approved(self, ids: Iterable[str]) -> None:
        """Shows what another cell or process has approved; calls nothing."""
        self._notice = _held_notice(self._rows.replace_approved(ids), self._noun)
        self._show_all()

    def to_html(self) -> str:
        return grid_html(self._rows, noun=self._noun, title=str(self.words["title"]))

    def to_text(self) -> str:
        return grid_text(self._rows, noun=self._noun)

    # ---- what the browser asks for

    def handle(self, message: dict[str, Any]) -> None:
        kind = message["kind"]
        if kind == "close":
            self._views.pop(message["view"], None)
        elif kind == "query":
            self._open(message)
        elif message["view"] not in self._views:
            self.send({"kind": "lost", "view": message["view"]})
        elif kind == "rows":
            self._scroll(message)
        elif kind == "mark":
            self._mark_from(message, message["ids"])
        elif kind == "bulk":
            self._bulk(message)

    def fail(self, message: dict[str, Any], error: str) -> None:
        self.send({"kind": "error", "view": message.get("view"), "text": error})

    def _open(self, message: dict[str, Any]) -> None:
        query = Query(
            text=message.get("text") or "",
            equal={name: value for name, value in (message.get("equal") or {}).items() if value},
            sort=message.get("sort"),
            descending=bool(message.get("descending")),
        )
        name = message["view"]
        self._views.pop(name, None)
        self._views[name] = _View(seq=message["seq"], query=query, positions=self._rows.find(query))
        while len(self._views) > _VIEWS_KEPT:
            self._views.pop(next(iter(self._views)))
        self._scroll(message)

    def _scroll(self, message: dict[str, Any]) -> None:
        view = self._views[message["view"]]
        view.start = max(0, int(message.get("start", 0)))
        view.count = max(1, min(200, int(message.get("count", _FIRST_WINDOW))))
        self._show(message["view"], self._notice)

    def _bulk(self, message: dict[str, Any]) -> None:
        view = self._views[message["view"]]
        if message["seq"] != view.seq:
            raise WorkbenchError(
                "the rows shown have changed since the click; nothing was marked",
                fix="Look at them and click again.",
            )
        self._mark_from(message, self._rows.changes_at(view.positions))

    def _mark_from(self, message: dict[str, Any], ids: Sequence[str]) -> None:
        held: list[str] = []
        error = attempt(lambda: held.extend(self.mark(ids, bool(message["approved"]))))
        if error is not None:
            self.fail(message, error)
        elif held:
            reason = self._rows.hold_of(held[0]) or ""
            self.fail(message, f"{_counted(len(held), self._noun)} held back: {reason}")
        else:
            self.send({"kind": "error", "view": message["view"], "text": ""})

    def _show_all(self) -> None:
        for name in self._views:
            self._show(name, self._notice)

    def _show(self, name: str, notice: str) -> None:
        view, rows = self._views[name], self._rows
        self.send(
            {
                "kind": "window",
                "view": name,
                "seq": view.seq,
                "start": view.start,
                "rows": rows.window(view.positions, view.start, view.count),
                "shown": len(view.positions),
                "total": len(rows.frame),
                "approved": rows.approved_count,
                "changes": len(rows.ids),
                "held": rows.held_count,
                "notice": notice,
            }
        )

    def _describe_columns(self) -> list[dict[str, Any]]:
        return [
            {"name": column.name, "title": column.label, "kind": column.kind, "width": width}
            for column, width in zip(self._rows.columns, self._rows.widths(), strict=True)
        ]


def _counted(number: int, noun: tuple[str, str]) -> str:
    return f"{number:,} {noun[0] if number == 1 else noun[1]}"


def _held_notice(held: Sequence[str], noun: tuple[str, str]) -> str:
    return f"{_counted(len(held), noun)} approved earlier, now held back" if held else ""
