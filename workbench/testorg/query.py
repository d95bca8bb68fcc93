"""Run a parsed query: names checked against the schema, compiled to SQL, rows built as JSON.

Conditions are compiled by `conditions`; the rest of a statement here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .conditions import Column, Conditions, Source
from .errors import OrgError
from .schema import NAME, NUMBERS, FieldDef, Schema
from .soql_tree import Path, Query, refuse
from .store import Database, chunks, folded, quoted
from .values import Stored, address_value, from_stored

MAX_PARENTS = 5  # steps upwards in one path
Row = dict[str, object]
_Build = Callable[[Sequence[Stored]], object]


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
        self._root = Source(found, "t0")
        self._joins: list[str] = []
        self._columns: list[str] = []
        self._tree = self._select(query.select)
        self.flat = [self._flat(path) for path in query.select]
        alive = not include_deleted and found.field("IsDeleted") is not None
        self._alive = 't0."IsDeleted" = 0' if alive else "1"
        conditions = Conditions(query.text, self._column)
        self._where = conditions.sql(query.where) if query.where else "1"
        self._parameters = conditions.parameters
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
            self._schema, self._root, self._add_column(Column(self._root, self._root.obj.by_name["id"]))
        )
        for path in paths:
            branch, source = tree, self._root
            for name in path.names[:-1]:
                reference = self._reference(path, source, name)
                source = self._join(source, reference)
                if source.alias not in branch.children:
                    key = self._add_column(Column(source, source.obj.by_name["id"]))
                    branch.add_parent(source, str(reference.relation), _Tree(self._schema, source, key))
                branch = branch.children[source.alias]
            branch.add_field(self._build_field(path, source))
        return tree

    def _build_field(self, path: Path, source: Source) -> tuple[str, _Build]:
        definition = self._field(path, source)
        if definition.compound:
            prefix = definition.name.removesuffix("Address")
            parts = [f for f in source.obj.fields if f.part_of == definition.name]
            places = [(f, self._add_column(Column(source, f))) for f in parts]
            return definition.name, lambda row: address_value(
                prefix, {f.name: from_stored(f, row[at]) for f, at in places}
            )
        at = self._add_column(self._resolved(source, definition))
        return definition.name, _reader(definition, at)

    def _add_column(self, column: Column) -> int:
        self._columns.append(column.sql)
        return len(self._columns)  # place 0 is the id of the record

    def _column(self, path: Path) -> Column:
        """The column of a path in WHERE or ORDER BY."""
        source = self._root
        for name in path.names[:-1]:
            source = self._join(source, self._reference(path, source, name))
        return self._resolved(source, self._field(path, source))

    def _resolved(self, source: Source, definition: FieldDef) -> Column:
        """Follow a mirrored field to the parent that holds it."""
        if definition.mirror is None:
            return Column(source, definition)
        reference, shown = definition.mirror
        parent = self._join(source, source.obj.by_name[reference.lower()])
        return Column(parent, parent.obj.by_name[shown.lower()])

    def _field(self, path: Path, source: Source) -> FieldDef:
        definition = source.obj.field(path.names[-1])
        if definition is None:
            raise self._refuse(path, "INVALID_FIELD", _no_column(path.names[-1], source.obj.name))
        return definition

    def _reference(self, path: Path, source: Source, name: str) -> FieldDef:
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

    def _join(self, source: Source, reference: FieldDef) -> Source:
        key = reference.name
        if key not in source.parents:
            target = self._schema.parent_of(reference)
            if target is None:
                raise OrgError("INVALID_TYPE", _no_type(reference.targets[0]))
            alias = f"t{len(self._joins) + 1}"
            source.parents[key] = Source(target, alias)
            self._joins.append(
                f'LEFT JOIN {quoted(target.name)} {alias} ON {alias}."Id" = {source.alias}.{quoted(key)}'
            )
        return source.parents[key]

    def _refuse(self, path: Path, code: str, message: str) -> OrgError:
        return refuse(self.query.text, path.at, code, message)

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

    def __init__(self, schema: Schema, source: Source, key: int) -> None:
        self._schema = schema
        self.source = source
        self.key = key
        self.children: dict[str, _Tree] = {}
        self._members: list[tuple[str, _Build | _Tree]] = []

    def add_field(self, member: tuple[str, _Build]) -> None:
        self._members.append(member)

    def add_parent(self, source: Source, name: str, tree: _Tree) -> None:
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
