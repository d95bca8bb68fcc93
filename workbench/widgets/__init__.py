"""Widgets for JupyterLab: grids to decide and to approve in, a form for mappings, a button that pushes.

Each is plain JavaScript beside its Python, needs no build step and no address but the server's own,
calls back into tested functions, shows errors beside the control, and has an HTML form for notebooks
without a kernel.
"""

from workbench.widgets.columns import CHANGE_COLUMNS, Column
from workbench.widgets.deciding import DecisionGrid
from workbench.widgets.grid import DiffGrid
from workbench.widgets.guard import KeyGuard
from workbench.widgets.mappings import MappingForm, mapping_entry, mapping_form
from workbench.widgets.pushbutton import PushButton
from workbench.widgets.review import review_changes, review_differences

__all__ = [
    "CHANGE_COLUMNS",
    "Column",
    "DecisionGrid",
    "DiffGrid",
    "KeyGuard",
    "MappingForm",
    "PushButton",
    "mapping_entry",
    "mapping_form",
    "review_changes",
    "review_differences",
]
