"""KeyGuard: keeps JupyterLab's single-key commands away from a widget that has the focus.

Without it, typing `d` `d` while an ipywidgets Button, Dropdown or Checkbox has the focus deletes the
notebook cell (jupyter-widgets/ipywidgets#3912).  JupyterLab looks for the attribute on the focused
element only, so one listener on the page sets it there.  Every widget of the workbench installs it;
show a `KeyGuard()` where only plain ipywidgets are used.
"""

from __future__ import annotations

from typing import Any

from workbench.widgets.assets import script
from workbench.widgets.base import Shown


class KeyGuard(Shown):
    """An invisible widget: once shown, all widgets on the page are guarded."""

    _esm = script("key_guard.js")

    def to_html(self) -> str:
        return ""

    def to_text(self) -> str:
        return "KeyGuard()"

    def handle(self, message: dict[str, Any]) -> None:
        """The browser asks for nothing."""

    def fail(self, message: dict[str, Any], error: str) -> None:
        """Nothing can fail here."""
