"""Working through a query job: the rows of a SOQL query as CSV, made by SQLite and never all in memory.

Bulk writes a moment as `2022-10-20T16:46:32.000Z` (REST: `+0000`), null as an empty value, and a parent's
field under its path, `Owner.Name`.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from .bulk_csv import DELIMITERS, LINE_ENDS, RowFile
from .bulk_jobs import Job
from .errors import OrgError
from .query import Plan
from .schema import NUMBERS, FieldDef, Schema
from .soql import parse

if TYPE_CHECKING:
    from .org import TestOrg

PIECE = 5_000  # rows that are written at once


def plan(schema: Schema, soql: str, *, include_deleted: bool) -> Plan:
    """The query of a job, made ready.

    Raises:
        OrgError: what SOQL or Bulk refuses: COUNT(), OFFSET, compound fields.
    """
    statement = parse(soql)
    if statement.count:
        raise _not_in_bulk("Aggregate Relationships not supported in Bulk Query")
    if statement.offset:
        raise _not_in_bulk("OFFSET is not supported in Bulk Query")
    made = Plan(schema, statement, include_deleted=include_deleted)
    if any(column.field.compound for column in made.flat):
        raise _not_in_bulk("Selecting compound data not supported in Bulk Query")
    return made


def _not_in_bulk(message: str) -> OrgError:
    return OrgError("FUNCTIONALITY_NOT_ENABLED", message)


def run(org: TestOrg, job: Job) -> None:
    """Do a query job: all rows as they are at this moment.

    Raises:
        Aborted: somebody aborted it.
    """
    assert job.plan is not None
    quote = '"' + DELIMITERS[job.dialect.delimiter] + '"'
    cells = [_cell(column.field, column.sql) for column in job.plan.flat]
    sql = f"""'"' || {f" || '{quote}' || ".join(cells)} || '"{LINE_ENDS[job.dialect.line_end]}'"""
    results = RowFile(job.dialect, [column.name for column in job.plan.flat])
    job.results = {"results": results}
    with org.db.lock:
        found = job.plan.stream(org.db, sql)
        while rows := list(islice(found, PIECE)):
            job.check_alive()
            results.extend(str(row[0]).encode() for row in rows)
            job.processed = len(results)


def _cell(definition: FieldDef, column: str) -> str:
    """SQL for the text between the quotes."""
    if definition.type == "datetime":
        return f"ifnull(replace({column}, '+0000', 'Z'), '')"
    if definition.type == "boolean":
        return f"CASE {column} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE '' END"
    if definition.type in NUMBERS:
        return _number(column, definition.scale)
    if definition.type in ("int", "id", "reference", "date"):
        return f"ifnull({column}, '')"
    return f"""replace(ifnull({column}, ''), '"', '""')"""


def _number(column: str, scale: int) -> str:
    """Whole units of a scale as a number with a point: at least one digit behind it, no zeros beyond."""
    if not scale:
        return f"ifnull({column} || '.0', '')"
    one = 10**scale
    fraction = f"rtrim(printf('%0{scale}d', abs({column}) % {one}), '0')"
    digits = f"(abs({column}) / {one}) || '.' || ifnull(nullif({fraction}, ''), '0')"
    return f"ifnull(CASE WHEN {column} < 0 THEN '-' ELSE '' END || {digits}, '')"
