"""Validate Process: one report on every setting, mapping, field, state and gate, and on today's data.

`validate` makes it for a person, `validate_folder` also where settings are wrong, `validate_for_push` the
part that a push needs; `require_valid` stops what must not go on from an invalid profile.  Nothing is changed
in either system or in the store.
"""

from workbench.validate.checks import Check, Example, Verdict
from workbench.validate.gate import refusal, require_valid
from workbench.validate.report import Report
from workbench.validate.run import validate, validate_folder, validate_for_push

__all__ = [
    "Check",
    "Example",
    "Report",
    "Verdict",
    "refusal",
    "require_valid",
    "validate",
    "validate_folder",
    "validate_for_push",
]
