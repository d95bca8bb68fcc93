"""What a schema plan is made from: the mappings as they are now, and the newest snapshots.

Objects that the Salesforce snapshot does not hold, because the states that need them were off, are asked of
the org.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import duckdb

from workbench.connections import quickbooks
from workbench.errors import NeedsPerson, WorkbenchError
from workbench.model import Mapping, Side
from workbench.pull.salesforce import describe
from workbench.schemaplan.model import SchemaPlan
from workbench.schemaplan.plan import Inputs, plan
from workbench.schemaplan.requests import refusal
from workbench.snapshots import Snapshot, newest, open_reader
from workbench.workspace import Workspace

Row = dict[str, Any]

TABLES = {
    "DataExtDef": ("OwnerID", "DataExtName", "DataExtType", "AssignToObject"),
    "Account": ("FullName", "AccountType", "IsActive"),
    "Host": ("ProductName",),
}
"""What is read of the QuickBooks snapshot."""


def schema_plan(workspace: Workspace) -> SchemaPlan:
    """The plan for the profile as it is now.

    Raises:
        MappingError: A mapping is wrong.
        NeedsPerson: QuickBooks has not been pulled yet.
        ConnectionProblem: An object is not in the Salesforce snapshot, and the org cannot be asked.
    """
    mappings = workspace.mappings()
    taken = _newest(workspace)
    with open_reader([taken]) as connection:
        found = {name: _rows(connection, name, columns) for name, columns in TABLES.items()}
    return plan(
        Inputs(
            profile=workspace.profile.name,
            mappings=mappings,
            salesforce=_salesforce(workspace, mappings.values()),
            quickbooks=quickbooks.describes(),
            definitions=found["DataExtDef"],
            accounts=found["Account"],
            product=str(found["Host"][0]["ProductName"] or "") if found["Host"] else "",
            refuse=refusal,
        )
    )


def _newest(workspace: Workspace) -> Snapshot:
    try:
        return newest(workspace.store, Side.QUICKBOOKS)
    except WorkbenchError as error:
        raise NeedsPerson(
            "what QuickBooks has is not known yet",
            where=workspace.profile.name,
            fix="Pull it first: `workbench pull --side quickbooks`.",
        ) from error


def _rows(connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str]) -> list[Row]:
    """The rows of a table in the order of their texts; none where the snapshot does not hold it."""
    query = "SELECT 1 FROM information_schema.tables WHERE table_schema = 'quickbooks' AND table_name = ?"
    if connection.execute(query, [table]).fetchone() is None:
        return []
    chosen = ", ".join(f'"{name}"' for name in columns)
    rows = connection.execute(f'SELECT {chosen} FROM quickbooks."{table}" ORDER BY ALL').fetchall()
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _salesforce(workspace: Workspace, mappings: Iterable[Mapping]) -> dict[str, Any]:
    try:
        found = dict(newest(workspace.store, Side.SALESFORCE).describes)
    except WorkbenchError:
        found = {}
    missing = [name for name in _objects(mappings) if name not in found]
    if missing:
        connection = workspace.salesforce()
        known = connection.describe_objects()
        found |= {name: describe(connection, name) for name in missing if name in known}
    return found


def _objects(mappings: Iterable[Mapping]) -> list[str]:
    """The Salesforce objects of the mappings that have a state on."""
    names: list[str] = []
    for mapping in mappings:
        if any(state.on for state in mapping.states):
            for each in filter(None, (mapping, mapping.lines)):
                spec = each.salesforce
                names += [spec.object, *(related.object for related in spec.related)]
    return list(dict.fromkeys(names))
