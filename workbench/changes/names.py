"""A name that QuickBooks would refuse because another list has it (3100), said before anything is sent.

A name must be unique across customers, vendors, employees and other names together, upper and lower
case alike, inactive ones included; jobs are unique below their parent only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbench.changes.changeset import Change
from workbench.changes.holds import Predict

NAME_LISTS = ("Customer", "Vendor", "Employee", "OtherName")


def name_rule(names: Mapping[str, Iterable[tuple[str, str]]]) -> Predict:
    """Answer a prediction for customers from the names in the company file.

    Args:
        names: By list ('Customer', 'Vendor', ...): (key, name) of its top-level records.
    """
    taken = {name.casefold(): (kind, key, name) for kind in NAME_LISTS for key, name in names.get(kind, ())}

    def predict(change: Change) -> str:
        wanted = change.values.get("Name")
        top_level = not any(api.startswith("ParentRef") and value for api, value in change.values.items())
        if change.object != "Customer" or not isinstance(wanted, str) or not top_level:
            return ""
        if change.action == "update" and change.context.get("Sublevel"):
            return ""
        kind, key, name = taken.get(wanted.casefold(), ("", "", ""))
        if not kind or key == change.record:
            return ""
        return (
            f"QuickBooks would refuse the name (3100): the {kind.lower()} {name!r} has it, "
            "and a name is unique across customers, vendors, employees and other names"
        )

    return predict
