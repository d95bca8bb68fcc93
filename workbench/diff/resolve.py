"""Decide what is to be done about differing fields: decision, three-way, winner; then what is allowed."""

from __future__ import annotations

from collections.abc import Callable

import duckdb

from workbench.diff.fields import field_rows
from workbench.diff.states import Open
from workbench.diff.tables import DIFFERENCES
from workbench.model import Direction, FieldMap, Mapping, Operation, Side, Winner
from workbench.normalize import literal
from workbench.normalize.told import told, told_path

# Two clocks, and QuickBooks' of minutes at best: a smaller gap does not say who was later.
DOUBT = 300
ONE_WAY = {Direction.TO_SALESFORCE: Winner.QUICKBOOKS, Direction.TO_QUICKBOOKS: Winner.SALESFORCE}
SITUATION = """CASE difference
    WHEN 'conflict' THEN 'both sides changed it'
    WHEN 'differs' THEN CASE WHEN has_base THEN 'its base no longer agrees under this mapping: two-way'
                             ELSE 'no base for it yet: two-way' END
    WHEN 'take_salesforce' THEN 'only Salesforce changed it'
    WHEN 'take_quickbooks' THEN 'only QuickBooks changed it' END"""


def field_differences(connection: duckdb.DuckDBPyConnection, opened: Open) -> str:
    """A query of the differing fields of the live pairs in `diff_pairs`, resolved."""
    mapping = opened.mapping
    _rules(connection, mapping)
    known = {"mapping": literal(mapping.name), "kind": "'field'", "set_value": "NULL", "set_to": "NULL"}
    columns = ", ".join(known.get(name, name) for name in DIFFERENCES)
    return f"""
WITH {field_rows(mapping)},
facts AS ({_facts(opened)}),
told AS (SELECT *, {SITUATION} AS situation FROM facts),
proposed AS (SELECT *, {_proposal()} AS proposal FROM told),
checked AS (SELECT *, {_allowed(opened)} AS verdict FROM proposed),
final AS (
  SELECT * EXCLUDE (verdict, proposal), verdict.what AS resolution, verdict.who AS resolved_by,
         concat_ws('; ', verdict.why,
           CASE WHEN lapsed AND difference <> 'converged' AND verdict.who IS DISTINCT FROM 'decision'
           THEN 'an earlier decision no longer holds, a value has changed' END) AS reason
  FROM checked
)
SELECT {columns} FROM final
"""


def _rules(connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> None:
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE diff_rules "
        "(field VARCHAR, type VARCHAR, direction VARCHAR, winner VARCHAR, own_winner VARCHAR, "
        "path VARCHAR)"
    )
    rules = [
        [
            field.name,
            field.type,
            field.direction,
            _winner(mapping, field),
            field.winner,
            told_path(field.name),
        ]
        for field in mapping.compared
    ]
    marks = ", ".join("(?, ?, ?, ?, ?, ?)" for _ in rules)
    connection.execute(f"INSERT INTO diff_rules VALUES {marks}", [value for rule in rules for value in rule])


def _winner(mapping: Mapping, field: FieldMap) -> Winner:
    """The field's own winner; else its source, when it goes one way; else the mapping's."""
    if field.winner is not None:
        return field.winner
    by_hand = mapping.winner in (Winner.MANUAL, Winner.FILL_EMPTY_ONLY)
    return mapping.winner if by_hand else ONE_WAY.get(field.direction, mapping.winner)


def _facts(opened: Open) -> str:
    open_to = {side: _by_field(opened, side, opened.condition) for side in Side}
    why_not = {side: _by_field(opened, side, opened.why_not) for side in Side}
    # A pinned decision about one field remembers its two values; one about a whole pair has none to
    # remember, so it holds only when it was made to hold whatever the values.
    holds = (
        "d.decision IS NOT NULL AND (NOT d.pinned "
        "OR (d.salesforce_seen IS NOT DISTINCT FROM r.salesforce_value "
        "AND d.quickbooks_seen IS NOT DISTINCT FROM r.quickbooks_value))"
    )
    whole = "w.decision IS NOT NULL AND NOT w.pinned"
    ids = "{0}.salesforce_id = r.salesforce_id AND {0}.quickbooks_id = r.quickbooks_id"
    return f"""
  SELECT r.*, u.type, u.direction, u.winner, u.own_winner,
         {told("r.b_told", "u.path", "r.base_value")} AS base,
         {told("r.s_told", "u.path", "r.salesforce_value")} AS salesforce,
         {told("r.q_told", "u.path", "r.quickbooks_value")} AS quickbooks,
         coalesce(r.s.label, r.q.label) AS label,
         r.s.modified AS salesforce_modified, r.q.modified AS quickbooks_modified,
         r.s.version AS salesforce_version, r.q.version AS quickbooks_version,
         {open_to[Side.SALESFORCE]} AS open_salesforce, {open_to[Side.QUICKBOOKS]} AS open_quickbooks,
         {why_not[Side.SALESFORCE]} AS not_salesforce, {why_not[Side.QUICKBOOKS]} AS not_quickbooks,
         CASE WHEN {holds} THEN d.decision WHEN {whole} THEN w.decision END AS decided,
         CASE WHEN {holds} THEN d.words WHEN {whole} THEN w.words END AS words,
         (d.decision IS NOT NULL AND NOT ({holds})) OR (w.decision IS NOT NULL AND w.pinned) AS lapsed
  FROM field_rows AS r JOIN diff_rules AS u ON u.field = r.field
  LEFT JOIN diff_decisions AS d ON {ids.format("d")} AND d.field = r.field
  LEFT JOIN diff_decisions AS w ON {ids.format("w")} AND w.field IS NULL
"""


def _by_field(opened: Open, target: Side, asked: Callable[[Side, str, FieldMap | None], str]) -> str:
    """What the states that write the row's field to `target` answer; most fields have none of their own."""
    source = "r.q" if target is Side.SALESFORCE else "r.s"
    shared = None
    owned = ""
    for field in opened.mapping.compared:
        if opened.mapping.owner(field, target) is None:
            shared = field
        else:
            owned += f" WHEN {literal(field.name)} THEN {asked(target, source, field)}"
    usual = asked(target, source, shared)
    return f"CASE r.field{owned} ELSE {usual} END" if owned else usual


def verdict(what: str, who: str, why: str) -> str:
    """A struct of resolution, who resolved it and why, from three SQL expressions."""
    return f"{{'what': {what}, 'who': CAST({who} AS VARCHAR), 'why': {why}}}"


def _allows(taken: str) -> str:
    """Whether the field's direction allows writing what `take_salesforce` or `take_quickbooks` would."""
    target = f"CASE {taken} WHEN 'take_salesforce' THEN 'to_quickbooks' ELSE 'to_salesforce' END"
    return f"direction IN ('both', {target})"


def _proposal() -> str:
    set_back = "'take_' || own_winner"
    converged = verdict("'none'", "'three-way'", "'both sides changed it to the same'")
    return f"""CASE
    WHEN difference = 'converged' THEN {converged}
    WHEN decided IN ('accept', 'refuse', 'ignore', 'take_salesforce', 'take_quickbooks')
      THEN {verdict("decided", "'decision'", "words")}
    WHEN decided IS NOT NULL
      THEN {verdict("'undecided'", "NULL", _can_not())}
    WHEN direction = 'compare' THEN {verdict("'undecided'", "NULL", "situation || '; it is only compared'")}
    WHEN difference IN ('take_salesforce', 'take_quickbooks') THEN CASE
      WHEN {_allows("difference")} THEN {verdict("difference", "'three-way'", "situation")}
      WHEN own_winner IN ('salesforce', 'quickbooks')
        THEN {verdict(set_back, "'winner'", "situation || ', and the field goes one way: set back'")}
      ELSE {verdict("'off'", "'state'", "situation || ', and the field goes the other way only'")} END
    ELSE {_won()} END"""


def _can_not() -> str:
    """Why a decision is none for a field; where a value can be set, `set_values` does it later."""
    return """CASE decided
      WHEN 'set' THEN 'no value can be set for this field: it is only compared, stands in several fields, '
        || 'refers to a record, or an expression makes it'
      ELSE 'decision ' || decided || ' can not be carried out on a field' END"""


def _won() -> str:
    """The winner's word on what both sides may be right about."""
    apart = "epoch(salesforce_modified) - epoch(quickbooks_modified)"
    later = f"CASE WHEN {apart} > 0 THEN 'salesforce' ELSE 'quickbooks' END"
    named = "situation || '; winner ' || winner"
    newest = verdict(f"'take_' || {later}", "'winner'", f"{named} || ' is ' || {later}")
    return f"""CASE
      WHEN winner IN ('salesforce', 'quickbooks') THEN {verdict("'take_' || winner", "'winner'", named)}
      WHEN winner = 'newest' AND {apart} IS NULL
        THEN {verdict("'undecided'", "NULL", "situation || '; not known which was modified later'")}
      WHEN winner = 'newest' AND abs({apart}) <= {DOUBT}
        THEN {verdict("'undecided'", "NULL", "situation || '; modified within five minutes of each other'")}
      WHEN winner = 'newest' THEN {newest}
      WHEN winner = 'fill_empty_only' AND quickbooks_value IS NULL
        THEN {verdict("'take_salesforce'", "'winner'", "situation || '; QuickBooks has no value'")}
      WHEN winner = 'fill_empty_only' AND salesforce_value IS NULL
        THEN {verdict("'take_quickbooks'", "'winner'", "situation || '; Salesforce has no value'")}
      WHEN winner = 'fill_empty_only'
        THEN {verdict("'undecided'", "NULL", "situation || '; both sides have a value'")}
      ELSE {verdict("'undecided'", "NULL", "situation || '; a person decides this field'")} END"""


def _goes_to(target: Side) -> str:
    """Whether the field goes to `target`; one that is only compared is of interest as long as any does."""
    return f"direction IN ('both', 'compare', 'to_{target}')"


def _why_closed() -> str:
    """Why no side is written, each reason once."""
    return f"""CASE
      WHEN not_salesforce = not_quickbooks OR NOT {_goes_to(Side.QUICKBOOKS)} THEN not_salesforce
      WHEN NOT {_goes_to(Side.SALESFORCE)} THEN not_quickbooks
      ELSE concat(not_salesforce, '; ', not_quickbooks) END"""


def _allowed(opened: Open) -> str:
    """The proposal, unless what it would write may not be written."""
    cases = []
    for target in Side:
        taken = f"proposal.what = 'take_{target.other}'"
        off = verdict(literal("off"), literal("state"), f"not_{target}")
        cases.append(f"WHEN {taken} AND NOT open_{target} THEN {off}")
        if not opened.may(Operation.MODIFY, target):
            why = f"proposal.why || {literal(f'; but the mapping may not modify {target.label}')}"
            cases.append(f"WHEN {taken} THEN {verdict(literal('undecided'), 'NULL', why)}")
    closed = verdict("'off'", "'state'", _why_closed())
    blocked = "proposal.why || '; but the direction of the field is ' || direction"
    return f"""CASE
    WHEN proposal.what IN ('take_salesforce', 'take_quickbooks') AND NOT {_allows("proposal.what")}
      THEN {verdict("'undecided'", "NULL", blocked)}
    WHEN proposal.what = 'undecided' AND decided IS NULL
      AND NOT (open_salesforce AND {_goes_to(Side.SALESFORCE)})
      AND NOT (open_quickbooks AND {_goes_to(Side.QUICKBOOKS)})
      THEN {closed}
    {" ".join(cases)}
    ELSE proposal END"""
