"""Records on one side only: new, or linked to one that is deleted, missing or outside the filter."""

from __future__ import annotations

import duckdb

from workbench.diff.gone import LETTER, gone, gone_table
from workbench.diff.pairs import alone_on
from workbench.diff.resolve import verdict
from workbench.diff.states import Open
from workbench.diff.tables import DIFFERENCES, exists
from workbench.model import Mapping, Operation, Side
from workbench.normalize import fingerprint_sql, identifier, literal
from workbench.normalize.sql import canonical

_UNTIL = ", until a person said that they are no match: whether it is to be made is for a person"
_GATED = "no state that is on takes the document of this line"


def record_differences(connection: duckdb.DuckDBPyConnection, opened: Open) -> list[str]:
    """Queries of the records of each side that have no live counterpart."""
    mapping = opened.mapping
    closed = connection.execute(
        "SELECT 1 FROM kept.closed WHERE mapping IN (?, ?)", [mapping.name, mapping.parent or mapping.name]
    ).fetchone()
    alone = [side for side in Side if alone_on(connection, side)]
    return [_only(connection, side, opened, closed=closed is not None) for side in alone]


def _only(connection: duckdb.DuckDBPyConnection, side: Side, opened: Open, *, closed: bool) -> str:
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
    gone(connection, mapping, side)
    given = {"pair", "salesforce_id", "quickbooks_id", "label", "difference", "parent_pair"}
    columns = [known.get(name, name if name in given else "NULL") for name in DIFFERENCES]
    return f"""
WITH alone AS (SELECT * EXCLUDE (id) FROM {gone_table(side)} UNION ALL {_new(mapping, side)}),
facts AS ({_facts(connection, side, opened)}),
final AS (SELECT *, CASE WHEN difference = 'new' THEN {_create(side, opened, closed)}
                         ELSE {_left(side, opened)} END AS verdict FROM facts)
SELECT {", ".join(columns)} FROM final
"""


def _new(mapping: Mapping, side: Side) -> str:
    """Records that never had a partner; lines only where their document has one."""
    lines, mine = mapping.parent is not None, LETTER[side]
    document = f"JOIN diff_documents AS document ON document.{side}_id = r.parent" if lines else ""
    ids = {side: "r.id", side.other: "CAST(NULL AS VARCHAR)"}
    return f"""
  SELECT CAST(NULL AS VARCHAR) AS pair, {ids[Side.SALESFORCE]} AS salesforce_id,
         {ids[Side.QUICKBOOKS]} AS quickbooks_id,
         {"document.pair" if lines else "CAST(NULL AS VARCHAR)"} AS parent_pair, r.place, 'new' AS difference,
         CAST(NULL AS VARCHAR) AS told, false AS edited, false AS inactive
  FROM {canonical(mapping, side)} AS r JOIN diff_touched AS t ON t.{mine}_place = r.place {document}
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
         waiting.names AS waiting, parted.name AS parted, {_source_takes(side, opened)} AS source_taken
  FROM {canonical(mapping, side)} AS r JOIN alone AS a ON a.place = r.place
  LEFT JOIN diff_decisions AS d ON d.field IS NULL
    AND d.salesforce_id IS NOT DISTINCT FROM a.salesforce_id
    AND d.quickbooks_id IS NOT DISTINCT FROM a.quickbooks_id
  LEFT JOIN ({_waiting(connection, mapping, side)}) AS waiting ON waiting.id = r.id
  LEFT JOIN ({_parted(connection, mapping, side)}) AS parted ON parted.id = r.id
  {_source_document(side, opened)}
"""


def _waiting(connection: duckdb.DuckDBPyConnection, mapping: Mapping, side: Side) -> str:
    """Match candidates that wait for a person: what may be there already must not be created."""
    if not exists(connection, "candidates"):
        return "SELECT CAST(NULL AS VARCHAR) AS id, CAST(NULL AS VARCHAR) AS names WHERE false"
    return f"""
    SELECT {side}_id AS id, min({side.other}_label) AS names FROM work.candidates
    WHERE mapping = {literal(mapping.name)} AND status <> 'rejected' GROUP BY ALL
"""


def _parted(connection: duckdb.DuckDBPyConnection, mapping: Mapping, side: Side) -> str:
    """Records that had a partner until a person said that the two are none, with what it is called."""
    try:
        connection.execute("SELECT 1 FROM kept.parted LIMIT 0")
    except duckdb.CatalogException:
        return "SELECT CAST(NULL AS VARCHAR) AS id, CAST(NULL AS VARCHAR) AS name WHERE false"
    return f"""
    SELECT was.{side}_id AS id, min(coalesce(other.label, was.{side.other}_id)) AS name
    FROM kept.parted AS was
    LEFT JOIN {canonical(mapping, side.other)} AS other ON other.id = was.{side.other}_id
    WHERE was.mapping = {literal(mapping.name)} GROUP BY ALL
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
    parted = f"{literal(f'{told}; it was linked to ')} || parted || {literal(_UNTIL)}"
    waiting = f"{literal(f'may be the same as {target.label} ')} || waiting || ': a match waits for review'"
    return f"""CASE {" ".join(cases)}
    WHEN decided = 'create' THEN {verdict(create, decision, "words")}
    WHEN parted IS NOT NULL THEN {verdict(undecided, "NULL", parted)}
    WHEN waiting IS NOT NULL THEN {verdict(undecided, "NULL", waiting)}
    ELSE {verdict(create, literal("state"), literal(told))} END"""


def _left(side: Side, opened: Open) -> str:
    """Its partner was there once: nothing is created again, and without evidence nothing goes either."""
    told = f"its partner in {side.other.label} is "
    why = f"""CASE difference WHEN 'outside' THEN {literal(f"{told}outside the mapping's filter")}
      WHEN 'missing' THEN {literal(f"{told}missing; absence is not deletion")}
      ELSE {literal(f"{told}gone: ")} || told END"""
    undecided = literal("undecided")
    switched_off = verdict(literal("off"), literal("state"), literal("all states are off"))
    off = "" if opened.any else f"WHEN true THEN {switched_off}"
    refused = f"{why} || '; decision ' || decided || ' can not be carried out'"
    return f"""CASE
    WHEN decided IN ('accept', 'refuse', 'ignore') THEN {verdict("decided", literal("decision"), "words")}
    {off}
    WHEN difference = 'deleted' AND coalesce(decided IN ('deactivate', 'delete'), true)
      THEN {_goes(side, opened, why)}
    WHEN decided IS NOT NULL THEN {verdict(undecided, "NULL", refused)}
    ELSE {verdict(undecided, "NULL", why)} END"""


def _goes(side: Side, opened: Open, why: str) -> str:
    """What becomes of a record whose partner was deleted: it goes too where it may, else a person decides."""
    undecided, rule = literal("undecided"), opened.removal(side)
    known, surely = opened.took(side)
    shut = verdict(literal("off"), literal("state"), literal(surely)) if not known else ""
    cases = [f"WHEN true THEN {shut}"] if shut else []
    for word in ("deactivate", "delete"):
        asked = f"WHEN decided = {literal(word)}"
        if opened.may_go(word, side):
            cases.append(f"{asked} THEN {_removed(word, side, 'decision', 'words')}")
        else:
            refused = literal(f"; decision {word}: the mapping may not {word} in {side.label}")
            cases.append(f"{asked} THEN {verdict(undecided, 'NULL', f'{why} || {refused}')}")
    if rule:
        unsure = literal(f"; {surely}")
        changed = literal(f"; but it was changed in {side.label} since both sides agreed")
        cases += [
            f"WHEN source_taken IS NULL THEN {verdict(undecided, 'NULL', f'{why} || {unsure}')}",
            f"WHEN NOT source_taken THEN {verdict(literal('off'), literal('state'), literal(_GATED))}",
            f"WHEN edited AND NOT inactive THEN {verdict(undecided, 'NULL', f'{why} || {changed}')}",
            f"WHEN true THEN {_removed(rule, side, 'state', why)}",
        ]
    return f"CASE {' '.join(cases)} ELSE {verdict(undecided, 'NULL', why)} END"


def _removed(word: str, side: Side, who: str, why: str) -> str:
    """To be removed; nothing is to be done about what would be made inactive and is."""
    gone_already = verdict(literal("none"), literal(who), f"{why} || '; it is inactive already'")
    goes = verdict(literal(f"{word}_{side}"), literal(who), why)
    return f"CASE WHEN inactive AND {literal(word)} = 'deactivate' THEN {gone_already} ELSE {goes} END"


def _source_takes(side: Side, opened: Open) -> str:
    """Whether a state that is on took the partner that is gone; NULL where that cannot be told any more."""
    if opened.mapping.parent is not None:
        return opened.condition(side, "source")
    return "true" if opened.took(side) == (True, "") else "CAST(NULL AS BOOLEAN)"


def _source_document(side: Side, opened: Open) -> str:
    """Of a line that is gone the document is there, and with it the gates of its states."""
    parent = opened.mapping.parent
    if parent is None:
        return ""
    table = f"work.{identifier(f'{parent}.{side.other}')}"
    return (
        f"LEFT JOIN diff_documents AS owner ON owner.pair = a.parent_pair "
        f"LEFT JOIN {table} AS source ON source.id = owner.{side.other}_id"
    )


def _can_not(told: str) -> str:
    return f"{literal(f'{told}; decision ')} || decided || ' can not be carried out on it'"
