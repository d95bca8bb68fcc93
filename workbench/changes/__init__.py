"""From differences to a change set: which records to write, with which values, in which order.

Pure: it takes data and an open DuckDB connection, and neither reads a file nor calls a system.
"""

from workbench.changes.against import Turn, against, unchanged
from workbench.changes.changeset import (
    Answer,
    Cell,
    Change,
    ChangeSet,
    canonical,
    change_id,
    decode,
    encode,
    read_changeset,
)
from workbench.changes.holds import Predict
from workbench.changes.names import name_rule
from workbench.changes.plan import Inputs, plan
from workbench.changes.undoing import undo
from workbench.changes.undowork import UndoInputs, Written

__all__ = [
    "Answer",
    "Cell",
    "Change",
    "ChangeSet",
    "Inputs",
    "Predict",
    "Turn",
    "UndoInputs",
    "Written",
    "against",
    "canonical",
    "change_id",
    "decode",
    "encode",
    "name_rule",
    "plan",
    "read_changeset",
    "unchanged",
    "undo",
]
