"""What is handed to people outside of the workbench: a change set as a workbook."""

from workbench.report.workbook import write_workbook

__all__ = ["write_workbook"]
