"""The schema plan: custom fields, objects and accounts that mappings want, made only when a person approves.

Nothing here is needed for reconciling: links stand in the crosswalk, and a field that a side does not have is
left out.  `plan` is a pure function of mappings and of what both systems have, and `schema_plan` gathers that
for a profile; `approve_plan` signs it; `start` and `advance` have QuickBooks make the approved parts.
"""

from workbench.schemaplan.apply import advance, open_steps, start, to_make
from workbench.schemaplan.approving import approve_plan, need_approval, need_same, newest_approval, show
from workbench.schemaplan.gather import schema_plan
from workbench.schemaplan.model import Item, Kind, Reason, SchemaPlan, read_plan
from workbench.schemaplan.package import package_files, write_package
from workbench.schemaplan.plan import Inputs, plan
from workbench.schemaplan.requests import qbxml_of
from workbench.schemaplan.shown import block

__all__ = [
    "Inputs",
    "Item",
    "Kind",
    "Reason",
    "SchemaPlan",
    "advance",
    "approve_plan",
    "block",
    "need_approval",
    "need_same",
    "newest_approval",
    "open_steps",
    "package_files",
    "plan",
    "qbxml_of",
    "read_plan",
    "schema_plan",
    "show",
    "start",
    "to_make",
    "write_package",
]
