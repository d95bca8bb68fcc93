"""Run a parsed query: names checked against the schema, compiled to SQL, rows built as JSON.

SOQL's logic has two values: a comparison with null is false, so `!=` and NOT find rows that hold
null.  Text is compared without regard to case, except ids and case-sensitive keys.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from .errors import OrgError
from .ids import long_id
from .schema import NAME, NUMBERS, FieldDef, ObjectDef, Schema
from .soql import TOO_COMPLICATED, Both, Compare, Condition, Constant, In, Not, Path, Query, refuse
from .store import Database, chunks, folded, quoted
from .values import Stored, address_value, from_stored, parse_date, parse_moment

MAX_PARENTS = 5  # steps upwards in one path
MAX_CONDITIONS = 500  # joined by one word; SQLite can't nest more than twice as many
Row = dict[str, object]
_Build = Callable[[Sequence[Stored]], object]


@dataclass(slots=True)
class _Source:
    """One table of the FROM clause: the queried object (t0) or a parent of it."""

    obj: ObjectDef
    alias: str
    parents: dict[str, _Source] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Column:
    """Where a field is found: which table, which field of it."""

    source: _Source
    field: FieldDef

    @property
    def sql(self) -> str:
        return f"{self.source.alias}.{quoted(self.field.name)}"


@dataclass(frozen=True, slots=True)
class FlatColumn:
    """One selected path as a column of a table: its name as a header shows it, its field, its SQL."""

    name: str
    field: FieldDef
    sql: str


class Plan:
    """A query made ready: `ids` says which records, `page` gives some of them as JSON objects."""

    def __init__(self, schema: Schema, query: Query, *, include_deleted: bool = False) -> None:
        """Resolve every name and literal.

        Raises:
            OrgError: INVALID_TYPE, INVALID_FIELD, INVALID_QUERY_FILTER_OPERATOR or
                INVALID_OPERATOR, with the place in the statement.
        """
        self.query = query
        self._schema = schema
        found = schema.object(query.source.names[0])
        if found is None:
            raise refuse(query.text, query.source.at, "INVALID_TYPE", _no_type(query.source.names[0]))
        self.object = found
        self._root = _Source(found, "t0")
        self._joins: list[str] = []
        self._parameters: list[Stored] = []
        self._columns: list[str] = []
        self._tree = self._select(query.select)
        self.flat = [self._flat(path) for path in query.select]
        alive = not include_deleted and found.field("IsDeleted") is not None
        self._alive = 't0."IsDeleted" = 0' if alive else "1"
        self._where = self._condition(query.where) if query.where else "1"
        self._order = self._order_by()

    # --- running -------------------------------------------------------------------------------

    def count(self, db: Database) -> int:
        """How many records match; LIMIT and OFFSET apply."""
        return len(self.ids(db))

    def ids(self, db: Database) -> list[str]:
        """Ids of all matching records, in the order of the query."""
        limit = -1 if self.query.limit is None else self.query.limit
        sql = (
            f'SELECT t0."Id" {self._from()} WHERE ({self._where}) AND {self._alive}'
            f" ORDER BY {self._order} LIMIT {limit} OFFSET {self.query.offset}"
        )
        return [str(row[0]) for row in db.rows(sql, self._parameters)]

    def page(self, db: Database, ids: Sequence[str], version: str) -> list[Row]:
        """These records as JSON objects; one that is gone in the meantime is left out."""
        build = self._tree.builder(f"/services/data/v{version}/sobjects")
        columns = ", ".join(['t0."Id"', *self._columns])
        found: dict[str, object] = {}
        for some in chunks(ids, 10_000):
            marks = ", ".join("?" * len(some))
            sql = f'SELECT {columns} {self._from()} WHERE t0."Id" IN ({marks}) AND {self._alive}'
            found |= {str(row[0]): build(row) for row in db.rows(sql, some)}
        return [row for i in ids if isinstance(row := found.get(i), dict)]

    def stream(self, db: Database, expression: str) -> Iterator[tuple[Stored, ...]]:
        """An SQL expression over the columns of `flat`, for every record; hold `db.lock` meanwhile."""
        limit = -1 if self.query.limit is None else self.query.limit
        sql = (
            f"SELECT {expression} {self._from()} WHERE ({self._where}) AND {self._alive}"
            f" ORDER BY {self._order} LIMIT {limit} OFFSET {self.query.offset}"
        )
        return db.stream(sql, self._parameters)

    def _flat(self, path: Path) -> FlatColumn:
        source, names = self._root, []
        for name in path.names[:-1]:
            reference = self._reference(path, source, name)
            names.append(str(reference.relation))
            source = self._join(source, reference)
        definition = self._field(path, source)
        column = self._resolved(source, definition)
        return FlatColumn(".".join([*names, definition.name]), column.field, column.sql)

    def _from(self) -> str:
        return " ".join([f"FROM {quoted(self.object.name)} t0", *self._joins])

    # --- names ---------------------------------------------------------------------------------

    def _select(self, paths: Sequence[Path]) -> _Tree:
        tree = _Tree(
            self._schema, self._root, self._add_column(_Column(self._root, self._root.obj.by_name["id"]))
        )
        for path in paths:
            branch, source = tree, self._root
            for name in path.names[:-1]:
                reference = self._reference(path, source, name)
                source = self._join(source, reference)
                if source.alias not in branch.children:
                    key = self._add_column(_Column(source, source.obj.by_name["id"]))
                    branch.add_parent(source, str(reference.relation), _Tree(self._schema, source, key))
                branch = branch.children[source.alias]
            branch.add_field(self._build_field(path, source))
        return tree

    def _build_field(self, path: Path, source: _Source) -> tuple[str, _Build]:
        definition = self._field(path, source)
        if definition.compound:
            prefix = definition.name.removesuffix("Address")
            parts = [f for f in source.obj.fields if f.part_of == definition.name]
            places = [(f, self._add_column(_Column(source, f))) for f in parts]
            return definition.name, lambda row: address_value(
                prefix, {f.name: from_stored(f, row[at]) for f, at in places}
            )
        at = self._add_column(self._resolved(source, definition))
        return definition.name, _reader(definition, at)

    def _add_column(self, column: _Column) -> int:
        self._columns.append(column.sql)
        return len(self._columns)  # place 0 is the id of the record

    def _column(self, path: Path) -> _Column:
        """The column of a path in WHERE or ORDER BY."""
        source = self._root
        for name in path.names[:-1]:
            source = self._join(source, self._reference(path, source, name))
        return self._resolved(source, self._field(path, source))

    def _resolved(self, source: _Source, definition: FieldDef) -> _Column:
        """Follow a mirrored field to the parent that holds it."""
        if definition.mirror is None:
            return _Column(source, definition)
        reference, shown = definition.mirror
        parent = self._join(source, source.obj.by_name[reference.lower()])
        return _Column(parent, parent.obj.by_name[shown.lower()])

    def _field(self, path: Path, source: _Source) -> FieldDef:
        definition = source.obj.field(path.names[-1])
        if definition is None:
            raise self._refuse(path, "INVALID_FIELD", _no_column(path.names[-1], source.obj.name))
        return definition

    def _reference(self, path: Path, source: _Source, name: str) -> FieldDef:
        reference = source.obj.relation(name)
        if reference is None or len(path.names) - 1 > MAX_PARENTS:
            raise self._refuse(
                path,
                "INVALID_FIELD",
                f"Didn't understand relationship '{name}' in field path. If you are attempting to use a"
                " custom relationship, be sure to append the '__r' after the custom relationship name."
                " Please reference your WSDL or the describe call for the appropriate names.",
            )
        return reference

    def _join(self, source: _Source, reference: FieldDef) -> _Source:
        key = reference.name
        if key not in source.parents:
            target = self._schema.parent_of(reference)
            if target is None:
                raise OrgError("INVALID_TYPE", _no_type(reference.targets[0]))
            alias = f"t{len(self._joins) + 1}"
            source.parents[key] = _Source(target, alias)
            self._joins.append(
                f'LEFT JOIN {quoted(target.name)} {alias} ON {alias}."Id" = {source.alias}.{quoted(key)}'
            )
        return source.parents[key]

    def _refuse(self, path: Path, code: str, message: str) -> OrgError:
        return refuse(self.query.text, path.at, code, message)

    # --- conditions ----------------------------------------------------------------------------

    def _condition(self, condition: Condition) -> str:
        if isinstance(condition, Both):
            if len(condition.conditions) > MAX_CONDITIONS:
                raise OrgError("QUERY_TOO_COMPLICATED", TOO_COMPLICATED)
            return f" {condition.word} ".join(f"({self._condition(c)})" for c in condition.conditions)
        if isinstance(condition, Not):
            return f"NOT COALESCE(({self._condition(condition.condition)}), 0)"
        column = self._filterable(condition.path)
        if isinstance(condition, In):
            return self._in(condition, column)
        return self._compare(condition, column)

    def _filterable(self, path: Path) -> _Column:
        column = self._column(path)
        if not column.field.filterable or column.field.compound:
            raise self._refuse(
                path, "INVALID_FIELD", f"field '{path.names[-1]}' can not be filtered in a query call"
            )
        return column

    def _compare(self, condition: Compare, column: _Column) -> str:
        operator, value = condition.operator, condition.value
        if operator == "LIKE":
            return self._like(condition, column)
        if value.kind == "null":
            if operator not in ("=", "!="):
                raise self._wrong_operator(condition.path, column)
            return f"{column.sql} IS {'NOT ' if operator == '!=' else ''}NULL"
        if operator not in ("=", "!=") and column.field.type in ("id", "reference", "boolean"):
            raise self._wrong_operator(condition.path, column)
        if column.field.type in NUMBERS or column.field.type == "int":
            return self._compare_number(column, operator, self._number(condition.path, column, value))
        sql = self._comparison(column, operator, self._literal(condition.path, column, value))
        return f"({sql} OR {column.sql} IS NULL)" if operator == "!=" else sql

    def _comparison(self, column: _Column, operator: str, value: Stored) -> str:
        self._parameters.append(value)
        sign = "<>" if operator == "!=" else operator
        if not folded(column.field):
            return f"{column.sql} {sign} ?"
        if operator in ("=", "!=") and str(value).isascii():
            return f"{column.sql} {sign} ? COLLATE NOCASE"
        return f"fold({column.sql}) {sign} fold(?)"

    def _compare_number(self, column: _Column, operator: str, amount: Decimal) -> str:
        """Compare in whole units of the field's scale; a literal between two units equals none."""
        units = amount.scaleb(column.field.scale)
        whole = units == units.to_integral_value()
        if operator in ("=", "!="):
            if not whole:
                return "0" if operator == "=" else "1"
            self._parameters.append(int(units))
            return f"{column.sql} = ?" if operator == "=" else f"{column.sql} IS NOT ?"
        bound = math.ceil(units) if operator in ("<", ">=") else math.floor(units)
        self._parameters.append(max(-(2**63), min(2**63 - 1, bound)))
        return f"{column.sql} {operator} ?"

    def _like(self, condition: Compare, column: _Column) -> str:
        if not folded(column.field) and not column.field.case_sensitive:
            raise self._wrong_operator(condition.path, column)
        if condition.value.kind != "string":
            raise self._wrong_type(condition.path, column)
        pattern = condition.value.pattern
        self._parameters.append(pattern if pattern.isascii() else pattern.lower())
        sql = column.sql if pattern.isascii() else f"fold({column.sql})"
        return f"{sql} LIKE ? ESCAPE '\\'"

    def _in(self, condition: In, column: _Column) -> str:
        plain = [v for v in condition.values if v.kind != "null"]
        parts = [self._in_list(condition.path, column, plain)] if plain else []
        if len(plain) < len(condition.values):
            parts.append(f"{column.sql} IS NULL")
        sql = " OR ".join(parts)
        return f"NOT COALESCE(({sql}), 0)" if condition.negated else f"({sql})"

    def _in_list(self, path: Path, column: _Column, values: Sequence[Constant]) -> str:
        if column.field.type in NUMBERS or column.field.type == "int":
            units = [self._number(path, column, v).scaleb(column.field.scale) for v in values]
            wanted: list[Stored] = [int(u) for u in units if u == u.to_integral_value()]
        else:
            wanted = [self._literal(path, column, v) for v in values]
        left = column.sql
        if folded(column.field):
            ascii_only = all(str(v).isascii() for v in wanted)
            left = f"{left} COLLATE NOCASE" if ascii_only else f"fold({left})"
            wanted = wanted if ascii_only else [str(v).lower() for v in wanted]
        self._parameters.extend(wanted)
        marks = ", ".join("?" * len(wanted))
        return f"{left} IN ({marks})"

    # --- literals ------------------------------------------------------------------------------

    def _literal(self, path: Path, column: _Column, value: Constant) -> Stored:
        kind = column.field.type
        expected = {"boolean": "boolean", "date": "date", "datetime": "datetime"}.get(kind, "string")
        if value.kind != expected:
            raise self._wrong_type(path, column)
        if kind in ("id", "reference"):
            record_id = long_id(str(value.value))
            if record_id is None:
                raise self._refuse(path, "INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {value.value}")
            return record_id
        if kind == "boolean":
            return int(value.value is True)
        text = str(value.value)
        if kind in ("date", "datetime"):
            moment = parse_date(text) if kind == "date" else parse_moment(text)
            if moment is None:
                raise self._wrong_type(path, column)
            return moment
        return text

    def _number(self, path: Path, column: _Column, value: Constant) -> Decimal:
        if not isinstance(value.value, Decimal):
            raise self._wrong_type(path, column)
        return value.value

    def _wrong_type(self, path: Path, column: _Column) -> OrgError:
        kind = column.field.type
        wanted = {"datetime": "dateTime", "id": "string", "reference": "string"}.get(kind, kind)
        plain = kind in NUMBERS or kind in ("int", "boolean", "date", "datetime")
        wanted = wanted if plain else "string"
        tail = "should not be enclosed in quotes" if plain else "should be enclosed in quotes"
        return self._refuse(
            path,
            "INVALID_FIELD",
            f"value of filter criterion for field '{path.names[-1]}' must be of type {wanted} and {tail}",
        )

    def _wrong_operator(self, path: Path, column: _Column) -> OrgError:
        return self._refuse(
            path, "INVALID_QUERY_FILTER_OPERATOR", f"invalid operator on {column.field.type} field"
        )

    # --- order ---------------------------------------------------------------------------------

    def _order_by(self) -> str:
        terms = []
        for order in self.query.order:
            column = self._column(order.path)
            if not column.field.sortable:
                name = order.path.names[-1]
                text = f"field '{name}' can not be sorted in a query call"
                raise self._refuse(order.path, "INVALID_FIELD", text)
            collation = " COLLATE folded" if folded(column.field) else ""
            direction = "DESC" if order.descending else "ASC"
            nulls = "LAST" if order.nulls_last else "FIRST"
            terms.append(f"{column.sql}{collation} {direction} NULLS {nulls}")
        return ", ".join([*terms, 't0."Id"'])


class _Tree:
    """What one JSON object of the answer holds: fields and parents, in the order of the SELECT."""

    def __init__(self, schema: Schema, source: _Source, key: int) -> None:
        self._schema = schema
        self.source = source
        self.key = key
        self.children: dict[str, _Tree] = {}
        self._members: list[tuple[str, _Build | _Tree]] = []

    def add_field(self, member: tuple[str, _Build]) -> None:
        self._members.append(member)

    def add_parent(self, source: _Source, name: str, tree: _Tree) -> None:
        self.children[source.alias] = tree
        self._members.append((name, tree))

    def builder(self, base: str) -> _Build:
        """A function that turns a row of SQL into the JSON object."""
        name, key, by_prefix = self.source.obj.name, self.key, self._schema.by_prefix
        several = self.source.obj is NAME
        members = [(n, m.builder(base) if isinstance(m, _Tree) else m) for n, m in self._members]

        def build(row: Sequence[Stored]) -> object:
            if row[key] is None:
                return None  # no parent
            kind = by_prefix[str(row[key])[:3]].name if several else name
            answer: Row = {"attributes": {"type": name, "url": f"{base}/{kind}/{row[key]}"}}
            for member, value in members:
                answer[member] = value(row)
            return answer

        return build


def _reader(definition: FieldDef, at: int) -> _Build:
    if definition.type in NUMBERS or definition.type == "boolean":
        return lambda row: from_stored(definition, row[at])
    return lambda row: row[at]


def _no_type(name: str) -> str:
    return (
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to"
        " append the '__c' after the entity name. Please reference your WSDL or the describe call for the"
        " appropriate names."
    )


def _no_column(name: str, entity: str) -> str:
    return (
        f"No such column '{name}' on entity '{entity}'. If you are attempting to use a custom field, be sure"
        " to append the '__c' after the custom field name. Please reference your WSDL or the describe call"
        " for the appropriate names."
    )
