"""Pull: read a system as it is now into a new snapshot."""

from workbench.pull.quickbooks import QuickBooksPull
from workbench.pull.quickbooks_wanted import quickbooks_columns
from workbench.pull.salesforce import pull_salesforce

__all__ = ["QuickBooksPull", "pull_salesforce", "quickbooks_columns"]
