"""Try a mapping's match rules in order, on open records, and write the candidates."""

from __future__ import annotations

import duckdb

from workbench.matching.matches import Matches, create_candidates, summarise
from workbench.matching.opened import open_records
from workbench.model import FieldMap, FieldType, How, Mapping, MatchRule, Side
from workbench.normalize import comparable_text, identifier, literal, normalised_name_sql, prepare
from workbench.normalize.sql import canonical

# A key shared by more pairs than this is ambiguous beyond listing: each record is listed once instead.
CROWD = 100


def match(connection: duckdb.DuckDBPyConnection, mapping: Mapping, *, prepared: bool = False) -> Matches:
    """Find the candidates of one mapping; its lines are matched by a call of their own.

    Args:
        prepared: The canonical tables of both sides are up to date.  They hold references as the
            crosswalk had them, so a mapping that others refer to is matched and confirmed before them.

    Raises:
        DiffError: See `workbench.normalize.prepare`.
    """
    if not prepared:
        for side in Side:
            prepare(connection, mapping, side)
    create_candidates(connection)
    connection.execute("DELETE FROM work.candidates WHERE mapping = ?", [mapping.name])
    open_records(connection, mapping)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE match_found (number INTEGER, salesforce_id VARCHAR, "
        "quickbooks_id VARCHAR, rule VARCHAR, status VARCHAR, reason VARCHAR)"
    )
    _link(connection, mapping)
    for number, rule in enumerate(mapping.match, 1):
        if not _any_open(connection):
            break  # to plan a rule for nothing costs as much as for something
        _try(connection, mapping, rule, number)
    connection.execute(_candidates(mapping))
    return summarise(connection, mapping)


def _link(connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> None:
    """A person's links come before all rules, and also re-link records that are in a pair."""
    joined = "JOIN" if mapping.parent else "SEMI JOIN"  # a line is asked for its document
    exists = " ".join(
        f"{joined} {canonical(mapping, side)} AS {side}_record ON {side}_record.id = links.{side}_id"
        for side in Side
    )
    connection.execute(
        "INSERT INTO match_found SELECT 0, links.salesforce_id, links.quickbooks_id, 'decision', 'accepted', "
        f"links.reason FROM match_links AS links {exists} {_in_one_pair(mapping)}"
        f"ANTI JOIN (SELECT * FROM kept.crosswalk WHERE mapping = {literal(mapping.name)}) AS known "
        "ON known.salesforce_id = links.salesforce_id AND known.quickbooks_id = links.quickbooks_id"
    )
    _settle(connection, 0, taint=False)


def _in_one_pair(mapping: Mapping) -> str:
    """Of lines: their documents are a pair; a link across documents would move money from one to another."""
    if mapping.parent is None:
        return ""
    return (
        f"SEMI JOIN (SELECT * FROM kept.crosswalk WHERE mapping = {literal(mapping.parent)}) AS documents "
        "ON documents.salesforce_id = salesforce_record.parent "
        "AND documents.quickbooks_id = quickbooks_record.parent "
    )


def _any_open(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether both sides have records that are open to matching still."""
    left, right = (f"EXISTS (FROM match_open_{side} WHERE NOT taken)" for side in Side)
    row = connection.execute(f"SELECT {left} AND {right}").fetchone()
    return row is not None and bool(row[0])


def _try(connection: duckdb.DuckDBPyConnection, mapping: Mapping, rule: MatchRule, number: int) -> None:
    for side in Side:
        connection.execute(_keys(mapping, rule, side))
    lines = mapping.parent is not None
    query = _line_pairs(rule) if lines else _record_pairs(rule)
    connection.execute(
        f"INSERT INTO match_found SELECT ?, salesforce_id, quickbooks_id, ?, status, reason FROM ({query})",
        [number, rule.rule],
    )
    # A line's key is often not unique, and the next rule is there to tell; a customer's name should be.
    _settle(connection, number, taint=not lines)


def _keys(mapping: Mapping, rule: MatchRule, side: Side) -> str:
    """The keys of open records: a list of texts, how often it occurs, and which of them this is."""
    order = "PARTITION BY parent_pair, key ORDER BY position, id"
    return f"""
CREATE OR REPLACE TEMP TABLE match_keys_{side} AS
SELECT *, count(*) OVER (PARTITION BY parent_pair, key) AS n, row_number() OVER ({order}) AS nth
FROM (
  SELECT opened.id, opened.parent_pair, opened.position, opened.tainted, opened.label,
         {_key(mapping, rule)} AS key
  FROM match_open_{side} AS opened JOIN {canonical(mapping, side)} AS record ON record.id = opened.id
  WHERE NOT opened.taken
)
WHERE key IS NOT NULL
"""


def _key(mapping: Mapping, rule: MatchRule) -> str:
    if rule.how is How.POSITION:
        return "CAST([] AS VARCHAR[])"
    parts = [_part(mapping.field(name), rule.how) for name in rule.fields]
    complete = " AND ".join(f"{part} IS NOT NULL" for part in parts)
    return f"CASE WHEN {complete} THEN [{', '.join(parts)}] END"


def _part(field: FieldMap, how: How) -> str:
    value = f"record.{identifier(f'v:{field.name}')}"
    if how is How.NORMALISED and field.type in (FieldType.NAME, FieldType.TEXT):
        return normalised_name_sql(value)
    return comparable_text(field, value)


def _record_pairs(rule: MatchRule) -> str:
    """Candidates by key; one-to-one is counted on the pairs that a person has not refused."""
    return f"""
WITH joined AS (
  SELECT s.id AS salesforce_id, q.id AS quickbooks_id, s.key, s.n AS salesforce_n, q.n AS quickbooks_n,
         s.tainted OR q.tainted AS tainted, refused.reason AS refused
  FROM match_keys_salesforce AS s JOIN match_keys_quickbooks AS q ON q.key = s.key
  LEFT JOIN match_refused AS refused
    ON refused.salesforce_id = s.id AND refused.quickbooks_id = q.id
  WHERE s.n * q.n <= {CROWD}
), counted AS (
  SELECT *, refused IS NULL
      AND count(*) FILTER (refused IS NULL) OVER (PARTITION BY salesforce_id) = 1
      AND count(*) FILTER (refused IS NULL) OVER (PARTITION BY quickbooks_id) = 1 AS single
  FROM joined
), crowded AS (
  SELECT s.id AS salesforce_id, q.id AS quickbooks_id, s.nth AS salesforce_nth, q.nth AS quickbooks_nth,
         s.key, s.n AS salesforce_n, q.n AS quickbooks_n
  FROM match_keys_salesforce AS s JOIN match_keys_quickbooks AS q
    ON q.key = s.key AND s.n * q.n > {CROWD} AND (s.nth = 1 OR q.nth = 1)
)
SELECT salesforce_id, quickbooks_id,
  CASE WHEN refused IS NOT NULL THEN 'rejected'
       WHEN NOT single THEN 'ambiguous'
       WHEN {_bool(rule.accept)} AND NOT tainted THEN 'accepted'
       ELSE 'review' END AS status,
  CASE WHEN refused IS NOT NULL THEN refused
       WHEN NOT single THEN {_often(rule)}
       WHEN {_bool(rule.accept)} AND NOT tainted THEN {_same(rule)}
       WHEN {_bool(rule.accept)} THEN {_same(rule)} || ', but an earlier rule fits several records'
       ELSE {_same(rule)} || '; this rule only proposes' END AS reason
FROM counted
UNION ALL
SELECT salesforce_id, quickbooks_id, 'ambiguous', {_often(rule)} FROM crowded
"""


def _line_pairs(rule: MatchRule) -> str:
    """Lines of one pair of documents; equally many with the same key pair off in their order."""
    even = "s.n = q.n" if rule.how is not How.POSITION else "true"
    return f"""
WITH joined AS (
  SELECT s.id AS salesforce_id, q.id AS quickbooks_id, s.key, s.n AS salesforce_n, q.n AS quickbooks_n,
         {even} AS single, refused.reason AS refused
  FROM match_keys_salesforce AS s JOIN match_keys_quickbooks AS q
    ON q.parent_pair = s.parent_pair AND q.key = s.key
    AND CASE WHEN {even} THEN q.nth = s.nth ELSE s.n * q.n <= {CROWD} OR s.nth = 1 OR q.nth = 1 END
  LEFT JOIN match_refused AS refused
    ON refused.salesforce_id = s.id AND refused.quickbooks_id = q.id
)
SELECT salesforce_id, quickbooks_id,
  CASE WHEN refused IS NOT NULL THEN 'rejected' WHEN NOT single THEN 'ambiguous'
       WHEN {_bool(rule.accept)} THEN 'accepted' ELSE 'review' END AS status,
  CASE WHEN refused IS NOT NULL THEN refused WHEN NOT single THEN {_often(rule)}
       ELSE {_same(rule)} END AS reason
FROM joined
"""


def _same(rule: MatchRule) -> str:
    if rule.how is How.POSITION:
        return "'same place among the lines that are left'"
    how = "alike" if rule.how is How.NORMALISED else "the same"
    return f"{literal(_names(rule) + f' is {how}: ')} || array_to_string(key, ' / ')"


def _often(rule: MatchRule) -> str:
    return (
        f"{literal(_names(rule) + ' ')} || array_to_string(key, ' / ') || ' occurs ' || salesforce_n || "
        "'x in Salesforce and ' || quickbooks_n || 'x in QuickBooks'"
    )


def _names(rule: MatchRule) -> str:
    return " and ".join(rule.fields)


def _bool(value: bool) -> str:
    return "true" if value else "false"


def _settle(connection: duckdb.DuckDBPyConnection, number: int, *, taint: bool) -> None:
    """Take accepted records out of the game, and mark those that were ambiguous."""
    for side in Side:
        found = f"SELECT {side}_id FROM match_found WHERE number = {number} AND status ="
        connection.execute(f"UPDATE match_open_{side} SET taken = true WHERE id IN ({found} 'accepted')")
        if taint:
            connection.execute(
                f"UPDATE match_open_{side} SET tainted = true WHERE id IN ({found} 'ambiguous')"
            )


def _candidates(mapping: Mapping) -> str:
    """One row a pair: the best status, then the earliest rule; proposals for accepted records are moot."""
    labels = " ".join(
        f"JOIN {canonical(mapping, side)} AS {side}_record ON {side}_record.id = found.{side}_id"
        for side in Side
    )
    certain = [rule.rule for rule in mapping.match if rule.accept and rule.how is How.EXACT]
    sure = ", ".join(literal(name) for name in ["decision", *certain])
    alike = (
        "round(jaro_winkler_similarity(lower(salesforce_record.label), lower(quickbooks_record.label)), 4)"
    )
    return f"""
INSERT INTO work.candidates
SELECT {literal(mapping.name)}, found.salesforce_id, found.quickbooks_id,
       salesforce_record.label, quickbooks_record.label, found.rule,
       CASE WHEN found.status = 'accepted' AND found.rule IN ({sure}) THEN 1.0 ELSE {alike} END,
       found.status, found.reason
FROM match_found AS found {labels}
WHERE found.status IN ('accepted', 'rejected') OR (
  found.salesforce_id NOT IN (SELECT salesforce_id FROM match_found WHERE status = 'accepted')
  AND found.quickbooks_id NOT IN (SELECT quickbooks_id FROM match_found WHERE status = 'accepted'))
QUALIFY row_number() OVER (
  PARTITION BY found.salesforce_id, found.quickbooks_id
  ORDER BY list_position(['accepted', 'rejected', 'review', 'ambiguous'], found.status), found.number) = 1
ORDER BY found.number, found.salesforce_id, found.quickbooks_id
"""
