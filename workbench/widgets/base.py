"""What all widgets of the workbench share: a table for where no kernel runs, and errors beside the control.

A notebook that was saved, exported or run headless has no kernel behind its widgets.  So a widget
that is shown publishes its content twice: once as escaped HTML, once as the live widget.  The live
one hides the HTML; where there is none, the HTML hides the place where the live one would be (JupyterLab
says "model not found" there).
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from typing import Any

import anywidget
import traitlets
from IPython.display import publish_display_data

from workbench.errors import WorkbenchError

_log = logging.getLogger(__name__)
_VIEW = "application/vnd.jupyter.widget-view+json"
_publish: Callable[..., object] = publish_display_data  # IPython gives it no types


class Shown(anywidget.AnyWidget):
    """Base of the widgets; a child gives `to_html()` and `to_text()`."""

    # Names the HTML twin in the page; nothing else tells the two apart after a reload.
    twin = traitlets.Unicode().tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(twin=uuid.uuid4().hex, **traits)
        self.on_msg(self._receive)

    def to_html(self) -> str:
        """The content as escaped HTML without scripts."""
        raise NotImplementedError

    def to_text(self) -> str:
        """The content in one line."""
        raise NotImplementedError

    def handle(self, message: dict[str, Any]) -> None:
        """Does what the browser asks for; an error is shown by `fail`."""
        raise NotImplementedError

    def fail(self, message: dict[str, Any], error: str) -> None:
        """Shows an error beside the control that the message came from."""
        raise NotImplementedError

    def _receive(self, _widget: object, message: dict[str, Any], _buffers: object) -> None:
        # ipywidgets only logs what a handler raises: a person would see a dead control.
        try:
            self.handle(message)
        except Exception as error:
            _log.debug("a widget's handler failed", exc_info=True)
            self.fail(message, said(error))

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[Any, Any], dict[Any, Any]]:
        """Live view, HTML and text in one bundle, for whoever puts the widget into something larger."""
        return {**self._live(**kwargs), "text/html": self.to_html(), "text/plain": self.to_text()}, {}

    def _ipython_display_(self, **kwargs: Any) -> None:
        _publish({"text/html": _twin(self.twin, self.to_html()), "text/plain": self.to_text()})
        _publish({_VIEW: self._live(**kwargs)[_VIEW]})

    def _live(self, **kwargs: Any) -> dict[Any, Any]:
        bundle = super()._repr_mimebundle_(**kwargs)
        return bundle[0] if bundle else {}


def said(error: BaseException) -> str:
    """An error as a person reads it; the kind is named for errors that nobody foresaw."""
    if isinstance(error, WorkbenchError):
        return str(error)
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def attempt(action: Callable[[], object]) -> str | None:
    """Runs a callback; answers None, or the error as text, to be shown beside the control."""
    try:
        action()
    except Exception as error:
        _log.debug("a callback failed", exc_info=True)
        return said(error)
    return None


def _twin(name: str, content: str) -> str:
    """The HTML with a rule that hides the next output as long as no live widget has claimed this one."""
    waiting = f'.jp-OutputArea-child:has([data-workbench-twin="{name}"]:not([data-live]))'
    return (
        f"<style>{waiting} + .jp-OutputArea-child {{ display: none; }}</style>"
        f'<div data-workbench-twin="{name}">{content}</div>'
    )
