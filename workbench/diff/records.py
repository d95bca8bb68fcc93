"""Records on one side only: new, missing or outside the mapping's filter on the other side."""

from __future__ import annotations

import duckdb

from workbench.diff.resolve import verdict
from workbench.diff.states import Open
from workbench.diff.tables import DIFFERENCES, exists
from workbench.model import Mapping, Operation, Side
from workbench.normalize import fingerprint_sql, literal
from workbench.normalize.sql import canonical

LETTER = {Side.SALESFORCE: "s", Side.QUICKBOOKS: "q"}


def record_rows(connection: duckdb.DuckDBPyConnection, opened: Open) -> None:
    """Put the records of each side that have no live counterpart into `work.differences`."""
    mapping = opened.mapping
    closed = connection.execute(
        "SELECT 1 FROM kept.closed WHERE mapping IN (?, ?)", [mapping.name, mapping.parent or mapping.name]
    ).fetchone()
    for side in Side:
        _only(connection, side, opened, closed=closed is not None)


def _only(connection: duckdb.DuckDBPyConnection, side: Side, opened: Open, *, closed: bool) -> None:
    mapping = opened.mapping
    known = {
        "mapping": literal(mapping.name),
        "kind": literal(f"only_{side}"),
        "resolution": "verdict.what",
        "resolved_by": "verdict.who",
        "reason": "verdict.why",
        f"{side}": "label",
        f"{side}_value": "digest",
        f"{side}_modified": "modified",
        f"{side}_version": "version",
    }
    given = {"pair", "salesforce_id", "quickbooks_id", "label", "difference", "parent_pair"}
    columns = [known.get(name, name if name in given else "NULL") for name in DIFFERENCES]
    connection.execute(
        f"""
INSERT INTO work.differences
WITH alone AS ({_gone(side)} UNION ALL {_new(mapping, side)}),
facts AS ({_facts(connection, side, opened)}),
final AS (SELECT *, CASE WHEN difference = 'new' THEN {_create(side, opened, closed)}
                         ELSE {_missing(side, opened)} END AS verdict FROM facts)
SELECT {", ".join(columns)} FROM final ORDER BY label, salesforce_id, quickbooks_id
"""
    )


def _gone(side: Side) -> str:
    """Records whose linked partner is not there, or outside the mapping's filter."""
    mine, theirs = LETTER[side], LETTER[side.other]
    return f"""
  SELECT pair, salesforce_id, quickbooks_id, parent_pair, {mine}_place AS place,
         CASE WHEN {theirs}_here THEN 'outside' ELSE 'missing' END AS difference
  FROM diff_pairs WHERE {mine}_in AND NOT {theirs}_in
"""


def _new(mapping: Mapping, side: Side) -> str:
    """Records that never had a partner; lines only where their document has one."""
    lines, mine = mapping.parent is not None, LETTER[side]
    document = f"JOIN diff_documents AS document ON document.{side}_id = r.parent" if lines else ""
    ids = {side: "r.id", side.other: "CAST(NULL AS VARCHAR)"}
    return f"""
  SELECT CAST(NULL AS VARCHAR) AS pair, {ids[Side.SALESFORCE]} AS salesforce_id,
         {ids[Side.QUICKBOOKS]} AS quickbooks_id,
         {"document.pair" if lines else "CAST(NULL AS VARCHAR)"} AS parent_pair, r.place, 'new' AS difference
  FROM diff_touched AS t JOIN {canonical(mapping, side)} AS r ON r.place = t.{mine}_place {document}
  WHERE t.p_place IS NULL
"""


def _facts(connection: duckdb.DuckDBPyConnection, side: Side, opened: Open) -> str:
    mapping = opened.mapping
    digest = fingerprint_sql(mapping, "r")
    holds = f"d.decision IS NOT NULL AND (NOT d.pinned OR d.{side}_seen IS NOT DISTINCT FROM {digest})"
    return f"""
  SELECT a.*, r.label, r.modified, r.version, {digest} AS digest,
         {opened.condition(side.other, "r")} AS opened, {opened.why_not(side.other, "r")} AS why_not,
         CASE WHEN {holds} THEN d.decision END AS decided, CASE WHEN {holds} THEN d.words END AS words,
         waiting.names AS waiting
  FROM alone AS a JOIN {canonical(mapping, side)} AS r ON r.place = a.place
  LEFT JOIN diff_decisions AS d ON d.field IS NULL
    AND d.salesforce_id IS NOT DISTINCT FROM a.salesforce_id
    AND d.quickbooks_id IS NOT DISTINCT FROM a.quickbooks_id
  LEFT JOIN ({_waiting(connection, mapping, side)}) AS waiting ON waiting.id = r.id
"""


def _waiting(connection: duckdb.DuckDBPyConnection, mapping: Mapping, side: Side) -> str:
    """Match candidates that wait for a person: what may be there already must not be created."""
    if not exists(connection, "candidates"):
        return "SELECT CAST(NULL AS VARCHAR) AS id, CAST(NULL AS VARCHAR) AS names WHERE false"
    return f"""
    SELECT {side}_id AS id, min({side.other}_label) AS names FROM work.candidates
    WHERE mapping = {literal(mapping.name)} AND status <> 'rejected' GROUP BY ALL
"""


def _create(side: Side, opened: Open, closed: bool) -> str:
    """Create the record on the other side, when a person says so or nothing speaks against it."""
    target = side.other
    undecided, off, decision = literal("undecided"), literal("off"), literal("decision")
    told = f"not in {target.label}"
    cases = [
        f"WHEN decided IN ('accept', 'refuse', 'ignore') THEN {verdict('decided', decision, 'words')}",
        f"WHEN decided IS NOT NULL AND decided <> 'create' THEN {verdict(undecided, 'NULL', _can_not(told))}",
        f"WHEN NOT opened THEN {verdict(off, literal('state'), 'why_not')}",
    ]
    if not opened.may(Operation.ADD, target):
        why = f"{told}, and the mapping may not add to it"
        cases.append(f"WHEN true THEN {verdict(undecided, 'NULL', literal(why))}")
    if not closed:
        why = f"{told}; the first matching of this mapping is not closed"
        cases.append(f"WHEN true THEN {verdict(undecided, 'NULL', literal(why))}")
    create = literal(f"create_{target}")
    waiting = f"{literal(f'may be the same as {target.label} ')} || waiting || ': a match waits for review'"
    return f"""CASE {" ".join(cases)}
    WHEN decided = 'create' THEN {verdict(create, decision, "words")}
    WHEN waiting IS NOT NULL THEN {verdict(undecided, "NULL", waiting)}
    ELSE {verdict(create, literal("state"), literal(told))} END"""


def _missing(side: Side, opened: Open) -> str:
    """Its partner was there once: a person finds out, and nothing is created again."""
    told = f"its partner in {side.other.label} "
    outside, missing = f"{told}is outside the mapping''s filter", f"{told}is missing; absence is not deletion"
    why = f"CASE difference WHEN 'outside' THEN '{outside}' ELSE '{missing}' END"
    undecided = literal("undecided")
    switched_off = verdict(literal("off"), literal("state"), literal("all states are off"))
    off = "" if opened.any else f"WHEN true THEN {switched_off}"
    refused = f"{why} || '; decision ' || decided || ' can not be carried out'"
    return f"""CASE
    WHEN decided IN ('accept', 'refuse', 'ignore') THEN {verdict("decided", literal("decision"), "words")}
    {off}
    WHEN decided IS NOT NULL THEN {verdict(undecided, "NULL", refused)}
    ELSE {verdict(undecided, "NULL", why)} END"""


def _can_not(told: str) -> str:
    return f"{literal(f'{told}; decision ')} || decided || ' can not be carried out on it'"
