"""Store the comparable columns of one side of a mapping, with a hash of each row.

`prepare` makes the view `work."<mapping>.<side>"`:

| column | |
|---|---|
| id, k | key of the record, unique and never NULL; its `sql.key` |
| version | what a write is checked against; lines: their own, else the document's |
| modified | TIMESTAMP in UTC; NULL for QuickBooks when its time zone is not known |
| label | what a person calls the record |
| parent, position | lines only: the document's id, and the place within it from 1 |
| in_scope | whether the mapping's filter takes it |
| `gate:<state>`, `create gate:<state>` | whether the record passes the state's gate, and that for creates |
| `v:<field>` | comparable value of each compared field |
| told | raw values as a person reads them, where they are other texts than the comparable ones (`told`) |
| `t:<field>`, `u:<field>` | only where an expression is read: its value as text, and whether it fails |
| h, g | UBIGINT hashes of the comparable values, and of all that the row says; not stable between engine |
| | versions, so they are kept with its number only |
| place | of the row in the table behind the view: rows are read by it at half the price |

and the view `work."<mapping>.<side>.raw"` of raw values as text (`raw:<API field>`), read for the few
rows that differ; `raw:=<field>` is the value of an expression.  Deleted Salesforce records (`IsDeleted`)
are left out.

Records that an expression fails on are listed in `work.unread`: mapping, side, id, label, field, line,
expression, value (of its columns) and reason.  A condition that fails on a record is not true there, and the
record is listed too, `field` naming the condition.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace

import duckdb

from workbench.errors import DiffError
from workbench.mapping.typed import mismatch
from workbench.model import FieldMap, FieldType, Mapping, Side, SideSpec
from workbench.normalize import sql
from workbench.normalize.sources import Sources, Tables, split, type_of
from workbench.normalize.sql import identifier
from workbench.normalize.unread import list_failing, list_unread

IN_DATA = (duckdb.ConversionException, duckdb.InvalidInputException, duckdb.OutOfRangeException)
"""What DuckDB raises over a value, not over the query."""
FLOATS = ("FLOAT", "DOUBLE", "REAL")


def prepare(
    connection: duckdb.DuckDBPyConnection,
    mapping: Mapping,
    side: Side,
    *,
    zone: str | None = None,
    narrowed: bool = False,
) -> None:
    """Make the canonical table and raw view of one side of `mapping` (not of its lines).

    Args:
        zone: Time zone of the QuickBooks computer, e.g. 'America/New_York'.  Its times are local and
            carry no usable offset; without the zone they can't be compared with Salesforce's.
        narrowed: Of the records that `only.narrow` has chosen, and no others.

    Raises:
        DiffError: A table or column is not in the snapshot, a key is empty or occurs twice, a condition
            can't be run, a number is a float, or a value can't be read as its type.
    """
    prepare_from(connection, read_sources(connection, mapping, side, zone=zone, narrowed=narrowed))


def read_sources(
    connection: duckdb.DuckDBPyConnection,
    mapping: Mapping,
    side: Side,
    *,
    zone: str | None = None,
    narrowed: bool = False,
) -> Sources:
    """What `prepare` would read, without reading it.

    Raises:
        DiffError: A table or column is not in the snapshot, or a number is a float.
    """
    preparation = _Preparation(connection=connection, mapping=mapping, spec=mapping.side(side))
    tables = preparation.tables()
    return Sources(mapping=mapping, spec=preparation.spec, zone=zone, tables=tables, narrowed=narrowed)


def prepare_from(
    connection: duckdb.DuckDBPyConnection, sources: Sources, *, database: str | None = None
) -> None:
    """Make the canonical table and the views, of what `read_sources` has found.

    Args:
        database: An attached database that the table (`rows`) is made in, instead of schema `work`.

    Raises:
        DiffError: As `prepare`.
    """
    connection.execute("CREATE SCHEMA IF NOT EXISTS work")
    view = sql.canonical(sources.mapping, sources.spec.side)
    rows = f"{database}.rows" if database else sql.rows(view)
    preparation = _Preparation(
        connection=connection, mapping=sources.mapping, spec=sources.spec, rows=rows, view=view
    )
    preparation.run(sources)


def show_raw(connection: duckdb.DuckDBPyConnection, sources: Sources) -> None:
    """Make the view of raw values beside a canonical table that is there already."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS work")
    view = sql.raw(sources.mapping, sources.spec.side)
    connection.execute(f"CREATE OR REPLACE VIEW {view} AS\n{sources.raw()}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Preparation:
    connection: duckdb.DuckDBPyConnection
    mapping: Mapping
    spec: SideSpec
    rows: str = ""
    view: str = ""

    def tables(self) -> Tables:
        """The columns of what is read."""
        spec = self.spec
        names = [spec.object, *(each.object for each in spec.related)]
        names += [spec.parent_object] if spec.parent_object else []
        tables = {name: self._columns(name) for name in names}
        self._need_columns(tables)
        self._need_exact(tables)
        return tables

    def run(self, sources: Sources) -> None:
        mapping, tables = self.mapping, sources.tables
        try:
            self._build(sources)
        except DiffError as error:
            if not isinstance(error.__cause__, IN_DATA):
                raise
            # Perhaps a condition that fails on a few records: all others go on.
            sources = replace(sources, careful=True)
            with sql.failures_kept_apart(self.connection, mapping, conditions=True):
                self._build(sources)
        self._need_keys()
        list_unread(self.connection, sources)
        if sources.careful:
            with sql.failures_kept_apart(self.connection, mapping, conditions=True):
                list_failing(self.connection, sources)
        self._need_readable(tables)

    def _build(self, sources: Sources) -> None:
        """Make the table and the view."""
        spec, mapping = self.spec, self.mapping
        self._need_single_related(sources)
        if sources.read:
            with sql.failures_kept_apart(self.connection, mapping):
                table = sql.computed(mapping, spec.side)
                self._make(f"CREATE OR REPLACE TEMP TABLE {table} AS\n{sources.expressions()}")
        self._make(f"CREATE OR REPLACE TABLE {self.rows} AS\n{sources.hashed()}")
        self._make(sql.placed(self.view, self.rows))
        self._make(f"CREATE OR REPLACE VIEW {sql.raw(mapping, spec.side)} AS\n{sources.raw()}")

    def _columns(self, name: str) -> dict[str, str]:
        """Types by lower-case column name."""
        try:
            return {column.lower(): kind for column, kind in self._described(name)}
        except duckdb.CatalogException as error:
            raise self._error(
                f"the {self.spec.side.label} snapshot has no table '{name}'",
                fix=f"Pull {self.spec.side.label} again; if it stays, check the mapping's object.",
            ) from error

    def _described(self, name: str) -> list[tuple[str, str]]:
        query = f"DESCRIBE SELECT * FROM {self.spec.side}.{identifier(name)}"
        return [(str(row[0]), str(row[1])) for row in self.connection.execute(query).fetchall()]

    def _need_columns(self, tables: Tables) -> None:
        spec = self.spec
        wanted = {name: spec.line for name in (spec.key, spec.label, spec.parent, spec.order) if name}
        for field in self.mapping.fields:
            wanted |= {name: field.line for name in field.needed(spec.side) if name not in wanted}
        for name, line in wanted.items():
            table, column = split(name, spec)
            if column.lower() not in tables[table]:
                raise self._error(
                    f"the {spec.side.label} snapshot of '{table}' has no column '{column}'",
                    fix=self._closest(column, table),
                    line=line,
                )

    def _closest(self, column: str, table: str) -> str:
        known = {name.lower(): name for name, _ in self._described(table)}
        close = [known[name] for name in difflib.get_close_matches(column.lower(), known, n=3)]
        return f"Closest: {', '.join(close)}." if close else "Correct the mapping, or pull again."

    def _need_exact(self, tables: Tables) -> None:
        side = self.spec.side
        for field in self.mapping.fields:
            self._need_fitting(field, tables)
            for name in field.api(side) if field.type.numeric and not field.read(side) else ():
                kind = type_of(name, self.spec, tables)
                if kind in FLOATS:
                    raise self._error(
                        f"cannot compare field '{field.name}': {side.label}'s '{name}' is {kind}, "
                        "expected DECIMAL",
                        fix="Take the snapshot again with exact numbers.",
                    )

    def _need_fitting(self, field: FieldMap, tables: Tables) -> None:
        for each in field.expressions:
            if each.side is self.spec.side:
                types = {name: type_of(name, self.spec, tables) for name in each.columns}
                found = mismatch(field, each, types)
                if found:
                    word = "write" if each.target else "read"
                    raise self._error(
                        f"'{word}' of field '{field.name}': {found[0]}",
                        values={"expression": each.text},
                        fix=found[1] or "Correct the expression in the mapping.",
                        line=each.line,
                    )

    def _need_single_related(self, sources: Sources) -> None:
        for related in self.spec.related:
            key = identifier(related.key)
            found = self._rows(
                f"SELECT {key}, count(*) FROM {sources.related_rows(related)} "
                f"GROUP BY 1 HAVING count(*) > 1 AND {key} IS NOT NULL ORDER BY 1"
            )
            if found:
                raise self._error(
                    f"{len(found)} records have more than one {related.object}",
                    values={str(key): f"{count} times" for key, count in found[:5]},
                    fix=f"Narrow `where` of related '{related.object}' until one is left for each.",
                )

    def _need_keys(self) -> None:
        table, key = sql.canonical(self.mapping, self.spec.side), self.spec.key
        found = f"count(DISTINCT k) = count(*) AND coalesce(min(trim(id)), '-') <> '' FROM {table}"
        if self.connection.execute(f"SELECT {found}").fetchone() == (True,):
            return
        twice = self._rows(
            f"SELECT id, count(*) FROM {table} GROUP BY id "
            "HAVING count(*) > 1 OR id IS NULL OR trim(id) = '' ORDER BY id"
        )
        if twice:
            raise self._error(
                f"{len(twice)} keys of {self.spec.side.label}'s {self.spec.object} are empty or occur twice",
                values={f"{key} {record or '(empty)'}": f"{count} times" for record, count in twice[:5]},
                fix="Records can't be told apart by it. Take the snapshot again.",
            )

    def _need_readable(self, tables: Tables) -> None:
        for field in self.mapping.compared:
            if not (field.type.numeric or field.type in (FieldType.DATE, FieldType.BOOLEAN)):
                continue
            if field.read(self.spec.side):
                continue  # listed record by record
            name = field.api(self.spec.side)[0]
            if type_of(name, self.spec, tables) == "VARCHAR":
                self._need_readable_field(field, identifier(f"raw:{name}"))

    def _need_readable_field(self, field: FieldMap, column: str) -> None:
        side = self.spec.side
        unread = self._rows(
            f"SELECT r.id, r.{column} FROM {sql.raw(self.mapping, side)} AS r "
            f"JOIN {sql.canonical(self.mapping, side)} AS c ON c.id = r.id "
            f"WHERE c.{identifier(f'v:{field.name}')} IS NULL AND trim(r.{column}) <> '' ORDER BY r.id"
        )
        if unread:
            raise self._error(
                f"cannot compare field '{field.name}': {len(unread)} values of {side.label} are "
                f"no {field.type}",
                values={str(record): value for record, value in unread[:5]},
                fix="Correct the values, or give the field another type in the mapping.",
            )

    def _make(self, query: str) -> None:
        try:
            self.connection.execute(query)
        except duckdb.Error as error:
            raise self._failed(error) from error

    def _rows(self, query: str) -> list[tuple[object, object]]:
        try:
            return self.connection.execute(query).fetchall()
        except duckdb.Error as error:
            raise self._failed(error) from error

    def _failed(self, error: duckdb.Error) -> DiffError:
        conditions = [self.spec.where, *(each.where for each in self.spec.related)]
        states = [state for state in self.mapping.states if state.to is self.spec.side.other]
        conditions += [each for state in states for each in state.conditions]
        return self._error(
            f"{self.spec.side.label}'s '{self.spec.object}' can't be prepared: {str(error).splitlines()[0]}",
            values={f"condition {number}": text for number, text in enumerate(filter(None, conditions), 1)},
            fix="Correct the condition in the mapping.",
        )

    def _error(
        self, what: str, *, values: dict[str, object] | None = None, fix: str, line: int | None = None
    ) -> DiffError:
        path = self.mapping.path
        where = f"{path}:{line or self.spec.line}" if path else f"mapping '{self.mapping.name}'"
        return DiffError(what, where=where, values=values, fix=fix)
