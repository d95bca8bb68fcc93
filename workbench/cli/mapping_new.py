"""What `workbench mapping new` proposes from: both describes, and records that are the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb

from workbench.connections import quickbooks
from workbench.crosswalk import pairs
from workbench.errors import MappingError, UsageProblem, WorkbenchError
from workbench.mapping.compose import mapping_text
from workbench.mapping.nodes import closest
from workbench.mapping.parts import key_of
from workbench.mapping.propose import Proposal, Row, named, propose
from workbench.mapping.referring import Known, propose_references
from workbench.model import Side
from workbench.normalize import identifier, literal
from workbench.pull.salesforce import describe
from workbench.snapshots import Snapshot, newest, open_reader
from workbench.workspace import Workspace, workspace

SAMPLE = 1_000
"""Matched records that are looked at."""

Described = Mapping[str, Any]
Found = tuple[str, list[Proposal], str]
LABELS = {
    Side.SALESFORCE: ("Name", "LastName", "Subject"),
    Side.QUICKBOOKS: ("FullName", "Name", "RefNumber"),
}


def proposed(
    profile: Path, name: str, salesforce: str, quickbooks_: str, say: Callable[[str], None]
) -> Found:
    """The text of the mapping, its proposals, and which records they were tried on.

    Raises:
        UsageProblem: An object is not there; the closest names are told.
        MappingError: Nothing corresponds.
    """
    with workspace(profile) as opened:
        snapshots = _snapshots(opened)
        left = _salesforce(opened, snapshots.get(Side.SALESFORCE), salesforce)
        right = _quickbooks(snapshots.get(Side.QUICKBOOKS), quickbooks_)
        rows, told = _pairs(opened, snapshots, salesforce, quickbooks_)
        known = _known(opened, salesforce, quickbooks_)
    say(f"looked at {told}")
    references = propose_references(left["fields"], right["fields"], rows, known)
    found = list(named([*references, *propose(left["fields"], right["fields"], rows)]))
    if not found:
        raise MappingError(
            f"no field of {salesforce} corresponds to one of {quickbooks_}",
            fix="Copy another mapping and write the fields yourself: `workbench mapping copy`.",
        )
    text = mapping_text(
        name=name,
        salesforce=salesforce,
        quickbooks=quickbooks_,
        salesforce_label=_label(Side.SALESFORCE, left, "Id"),
        quickbooks_label=_label(Side.QUICKBOOKS, right, key_of(Side.QUICKBOOKS, quickbooks_)),
        proposals=found,
    )
    return text, found, told


def _snapshots(opened: Workspace) -> dict[Side, Snapshot]:
    found = {}
    for side in Side:
        try:
            found[side] = newest(opened.store, side)
        except WorkbenchError:  # a new profile has none yet: names and types alone are told
            continue
    return found


def _salesforce(opened: Workspace, snapshot: Snapshot | None, name: str) -> Described:
    described: Described | None = snapshot.describes.get(name) if snapshot else None
    if described is not None:
        return described
    try:
        connection = opened.salesforce()
        known = connection.describe_objects()
    except WorkbenchError as error:
        if snapshot is None:
            raise
        raise UsageProblem(
            f"the snapshot of Salesforce has no object '{name}', and the org cannot be asked: {error.what}",
            fix=closest(name, snapshot.describes),
        ) from error
    if name not in known:
        raise UsageProblem(f"Salesforce has no object '{name}'", fix=closest(name, known))
    return describe(connection, name)


def _quickbooks(snapshot: Snapshot | None, name: str) -> Described:
    # A snapshot knows the company's custom fields too.
    known = {**quickbooks.describes(), **(snapshot.describes if snapshot else {})}
    if name not in known:
        raise UsageProblem(f"QuickBooks has no entity '{name}'", fix=closest(name, known))
    found: Described = known[name]
    return found


def _known(opened: Workspace, salesforce: str, quickbooks_: str) -> dict[tuple[str, str], Known]:
    """The mappings that a reference may go by; those of the same two objects would wait for themselves."""
    links: dict[str, set[tuple[str, str]]] = {}
    for row in pairs(opened.store):
        link = (str(row["salesforce_id"]), str(row["quickbooks_id"]))
        links.setdefault(str(row["mapping"]), set()).add(link)
    found: dict[tuple[str, str], Known] = {}
    for name, mapping in opened.mappings().items():
        objects = (mapping.salesforce.object, mapping.quickbooks.object)
        known = Known(mapping=name, links=frozenset(links.get(name, ())))
        # Of several for the same objects, such as a copy, the one that is linked is in use.
        if objects != (salesforce, quickbooks_) and len(known.links) >= len(found.get(objects, known).links):
            found[objects] = known
    return found


def _label(side: Side, described: Described, key: str) -> str:
    names = [each["name"] for each in described["fields"]]
    return next((name for name in LABELS[side] if name in names), key)


def _pairs(
    opened: Workspace, snapshots: Mapping[Side, Snapshot], salesforce: str, quickbooks_: str
) -> tuple[list[tuple[Row, Row]], str]:
    """Records that are the same: by the crosswalk of any mapping, and how many they are, in words."""
    if len(snapshots) < 2:
        return [], "names, types and lengths only: there are no snapshots of both sides yet"
    with open_reader(snapshots.values()) as connection:
        if not (_has(connection, "salesforce", salesforce) and _has(connection, "quickbooks", quickbooks_)):
            return [], "names, types and lengths only: the snapshots do not hold both objects"
        connection.execute("CREATE TABLE linked (s VARCHAR, q VARCHAR)")
        links = {(row["salesforce_id"], row["quickbooks_id"]) for row in pairs(opened.store)}
        if links:
            values = ", ".join(
                f"({literal(str(one))}, {literal(str(other))})" for one, other in sorted(links)
            )
            connection.execute(f"INSERT INTO linked VALUES {values}")
        ours = _rows(connection, Side.SALESFORCE, salesforce, "s", "Id")
        theirs = _rows(connection, Side.QUICKBOOKS, quickbooks_, "q", key_of(Side.QUICKBOOKS, quickbooks_))
    both = sorted(ours.keys() & theirs.keys())[:SAMPLE]
    return [(ours[each], theirs[each]) for each in both], f"{len(both):,} records that are matched already"


def _has(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> bool:
    query = "SELECT 1 FROM information_schema.tables WHERE table_schema = ? AND table_name = ?"
    return connection.execute(query, [schema, name]).fetchone() is not None


def _rows(
    connection: duckdb.DuckDBPyConnection, side: Side, table: str, link: str, key: str
) -> dict[tuple[str, str], Row]:
    cursor = connection.execute(
        f"SELECT linked.s, linked.q, r.* FROM {side}.{identifier(table)} AS r "
        f"JOIN linked ON linked.{link} = CAST(r.{identifier(key)} AS VARCHAR) ORDER BY ALL LIMIT {SAMPLE * 2}"
    )
    names = [str(column[0]) for column in cursor.description or ()][2:]
    return {(row[0], row[1]): dict(zip(names, row[2:], strict=True)) for row in cursor.fetchall()}
