"""Mapping files: how the records of two objects correspond, in YAML that an accountant can read.

`load_mapping` reads one file and raises one MappingError that lists every problem in it; `load_mappings`
reads a folder and orders the mappings so that what a mapping refers to comes before it; `in_use` leaves out
those that are off; `check_fields`
holds a mapping against what both systems say of themselves; `set_state` and `set_winner` change one word
in a file and leave everything else, comments and alignment included, as it was.
"""

from workbench.mapping.describe import check_fields
from workbench.mapping.edit import save, set_state, set_states, set_winner
from workbench.mapping.folder import in_order, in_use, load_mappings, with_lines
from workbench.mapping.reader import load_mapping, read_mapping
from workbench.model import FieldMap, Mapping, MatchRule, Related, SideSpec, State

__all__ = [
    "FieldMap",
    "Mapping",
    "MatchRule",
    "Related",
    "SideSpec",
    "State",
    "check_fields",
    "in_order",
    "in_use",
    "load_mapping",
    "load_mappings",
    "read_mapping",
    "save",
    "set_state",
    "set_states",
    "set_winner",
    "with_lines",
]
