"""The schema plan: custom fields, objects and accounts that mappings want, made only when a person approves.

Nothing here is needed for reconciling: links stand in the crosswalk, and a field that a side does not have is
left out.  `plan` is a pure function of mappings and of what both systems have; `apply` queues the approved
parts for QuickBooks and settles them; `package` writes the Salesforce parts for the administrator.
"""

from workbench.schemaplan.model import Item, Kind, Reason, SchemaPlan, read_plan
from workbench.schemaplan.plan import Inputs, plan

__all__ = ["Inputs", "Item", "Kind", "Reason", "SchemaPlan", "plan", "read_plan"]
