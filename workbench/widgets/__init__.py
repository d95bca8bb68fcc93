"""Widgets for JupyterLab: a grid to review and approve, a form for mappings, a button that pushes.

Each is plain JavaScript beside its Python, needs no build step and no address but the server's own,
calls back into tested functions, shows errors beside the control, and has an HTML form for notebooks
without a kernel.
"""

from workbench.widgets.columns import CHANGE_COLUMNS, Column
from workbench.widgets.grid import DiffGrid
from workbench.widgets.guard import KeyGuard

__all__ = ["CHANGE_COLUMNS", "Column", "DiffGrid", "KeyGuard"]
