"""PushButton: pushes what is marked, after a question; running the cell that shows it pushes nothing.

The first click asks, the second pushes.  The push runs in the handler of the click: the kernel is busy
until it ends, as with the plain call, and Interrupt Kernel stops it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from html import escape
from typing import Any, Protocol

import traitlets

from workbench.widgets.assets import script, style
from workbench.widgets.base import Shown, said

_log = logging.getLogger(__name__)
Say = Callable[[str], None]


class _Bench(Protocol):
    """What the button needs of a workbench; `say` is told one line of progress at a time."""

    say: Say

    def push(self, changes: Any, *, execute: bool) -> Any: ...
    def resume(self, changeset_id: str) -> Any: ...


class Pushable(Protocol):
    """What the button needs of a planned change set."""

    @property
    def id(self) -> str: ...
    @property
    def bench(self) -> Any: ...
    @property
    def marked(self) -> Collection[str]: ...
    @property
    def writable(self) -> Sequence[Any]: ...
    @property
    def approval(self) -> Any: ...
    def approve(self) -> object: ...


class PushButton(Shown):
    """A button that approves the marked changes and pushes them.

    Attributes:
        phase: 'ready', 'asking', 'running', 'waiting' (for QuickBooks), 'done' or 'failed'.
        text: The question, the progress, the result or the error.
        result: What the push answered; None before.
    """

    _esm = script("push_button.js")
    _css = style("push_button.css")
    phase = traitlets.Unicode("ready").tag(sync=True)
    text = traitlets.Unicode("").tag(sync=True)
    # Counts what was shown: the same answer twice must still reach the browser, which waits for it.
    answers = traitlets.Int(0).tag(sync=True)

    def __init__(self, changes: Pushable) -> None:
        self._changes = changes
        self.result: Any = None
        self._asked: frozenset[str] = frozenset()
        super().__init__()

    def ask(self) -> None:
        """The first click: says how much would be written where; nothing is written."""
        marked = self._asked = frozenset(self._changes.marked)
        sides = [str(change.side) for change in self._changes.writable if change.id in marked]
        if not sides:
            self._show("ready", "Nothing is approved yet: mark changes in the grid first.")
            return
        parts = [f"{sides.count(side):,} to {_NAMES[side]}" for side in _NAMES if side in sides]
        self._show("asking", f"Write {_changes(len(sides))} now: {', '.join(parts)}?")

    def push(self) -> None:
        """The second click: the same as `changes.approve()` and `bench.push(changes, execute=True)`.

        A change set whose push has begun is carried on (`bench.resume`), never begun twice.  What goes
        wrong is shown.
        """
        self._show("running", "Starting…")
        bench: _Bench = self._changes.bench
        told = bench.say
        bench.say = lambda line: self._show("running", line)
        try:
            self.result = self._run(bench)
        except (Exception, KeyboardInterrupt) as error:
            _log.debug("a push failed", exc_info=True)
            self._show("failed", _INTERRUPTED if isinstance(error, KeyboardInterrupt) else said(error))
        else:
            finished = getattr(self.result, "finished", True)
            self._show("done" if finished else "waiting", _summary(self.result))
        finally:
            bench.say = told

    def _run(self, bench: _Bench) -> Any:
        if self._begun:
            return bench.resume(self._changes.id)
        approval = self._changes.approval
        same = approval is not None and set(approval.changes) == set(self._changes.marked)
        if not same or not approval.usable:
            self._changes.approve()
        return bench.push(self._changes, execute=True)

    @property
    def _begun(self) -> bool:
        approval = self._changes.approval
        return approval is not None and approval.used_at is not None

    def handle(self, message: dict[str, Any]) -> None:
        # A click that arrives late, in another phase than the person saw, does nothing.
        if message["kind"] == "ask" and self.phase in ("ready", "waiting", "failed"):
            if self._begun:
                self.push()  # asked and answered before
            else:
                self.ask()
        elif message["kind"] == "push" and self.phase == "asking":
            if frozenset(self._changes.marked) == self._asked:
                self.push()
            else:
                self.ask()  # marked elsewhere since: this is no answer to that question
        elif message["kind"] == "cancel" and self.phase == "asking":
            self._show("ready", "")

    def fail(self, message: dict[str, Any], error: str) -> None:
        _log.debug("the click %r failed: %s", message.get("kind"), error)
        self._show("failed", error)

    def to_html(self) -> str:
        call = "changes.approve(); bench.push(changes, execute=True)"
        return (
            f"<p>A button that pushes change set {escape(self._changes.id)} when a person clicks it; "
            f"the same as <code>{escape(call)}</code>. {escape(self.text)}</p>"
        )

    def to_text(self) -> str:
        return f"PushButton({self._changes.id}, {self.phase})"

    def _show(self, phase: str, text: str) -> None:
        with self.hold_sync():
            self.phase, self.text = phase, text
            self.answers += 1


_INTERRUPTED = "Interrupted. What has begun goes on: click again to follow it."
_NAMES = {"salesforce": "Salesforce", "quickbooks": "QuickBooks"}


def _changes(number: int) -> str:
    return f"{number:,} {'change' if number == 1 else 'changes'}"


def _summary(result: Any) -> str:
    summary = getattr(result, "summary", None)
    return str(summary()) if callable(summary) else str(result)
