"""An embedded Salesforce-like org: real wire formats, real rules, invented data.

It stands alone and imports nothing else of `workbench`, or it would share its mistakes.
"""
