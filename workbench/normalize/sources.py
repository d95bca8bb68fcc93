"""The SELECTs behind a canonical table: records, their related records, and the documents of lines."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass

from workbench.mapping.conditions import Place
from workbench.model import FieldMap, Mapping, Related, Side, SideSpec
from workbench.normalize import sql
from workbench.normalize.compare import comparable, comparable_text, compare_sql, computed, raw_text
from workbench.normalize.only import among
from workbench.normalize.sql import identifier, listed, literal
from workbench.normalize.told import told_column

Tables = ReadOnly[str, ReadOnly[str, str]]
"""Types by lower-case column name, by object name."""


def split(name: str, spec: SideSpec) -> tuple[str, str]:
    """Object and column of an API field: `PricebookEntry.UnitPrice` is a column of a related record."""
    head, dot, tail = name.partition(".")
    return (head, tail) if dot else (spec.object, name)


def type_of(name: str, spec: SideSpec, tables: Tables) -> str:
    """The DuckDB type of an API field's column."""
    table, column = split(name, spec)
    return tables[table][column.lower()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The SQL of one side of a mapping.

    Attributes:
        tables: The columns of the objects that are read.
        careful: Let a condition that fails on a record be no more than not true there.
        narrowed: Read the records of `only.only_table` and nothing else.
    """

    mapping: Mapping
    spec: SideSpec
    zone: str | None
    tables: Tables
    careful: bool = False
    narrowed: bool = False

    def hashed(self) -> str:
        """The table behind the canonical view."""
        values = [identifier(f"v:{field.name}") for field in self.mapping.compared]
        hashed = f"hash({', '.join(values)})" if values else "CAST(0 AS UBIGINT)"
        source = self._computed() if self.read else self._canonical()
        chosen = f"SELECT {self._with_told()}, {hashed} AS h FROM (\n{source}\n)"
        return f"SELECT *, hash({', '.join(self._all())}) AS g FROM (\n{chosen}\n)"

    def _all(self) -> list[str]:
        """All that a row says, but for its hashes."""
        names = ["id", "version", "modified", "label", "parent", "position", "in_scope"]
        names += [*(name for name, _ in self._gates()), "told"]
        for field in self.mapping.compared:
            letters = "vtu" if field in self.read else "v"
            names += [identifier(f"{letter}:{field.name}") for letter in letters]
        return names

    def _with_told(self) -> str:
        """All columns, with raw values in one."""
        raws = [_raw(field) for field in self._plain]
        values = [
            (
                field.name,
                identifier(f"t:{field.name}") if field in self.read else _raw(field),
                comparable_text(field, identifier(f"v:{field.name}")),
            )
            for field in self.mapping.compared
        ]
        rest = f"* EXCLUDE ({', '.join(raws)})" if raws else "*"
        return f"{rest}, {told_column(values)} AS told"

    @property
    def _plain(self) -> list[FieldMap]:
        """The compared fields whose value is no expression's on this side."""
        return [field for field in self.mapping.compared if field not in self.read]

    @property
    def read(self) -> list[FieldMap]:
        """The compared fields whose value is an expression's on this side."""
        return [field for field in self.mapping.compared if field.read(self.spec.side)]

    def expressions(self) -> str:
        """The values of the expressions, on their own: only they must be kept apart, at a price in speed."""
        chosen = [f"{self._key()} AS id"]
        chosen += [
            f"{computed(field, self.spec.side, self._column)} AS {_value(field)}" for field in self.read
        ]
        return f"SELECT\n  {listed(chosen)}\n{self._records()}"

    def _computed(self) -> str:
        """The canonical rows, with the comparable values of expressions and whether one failed.

        A record that can't be read is left alone when it is linked: what it holds must be neither
        overwritten nor taken for empty.  One that is not linked stays, so that it is still matched.
        """
        linked = (
            f"id IN (SELECT {self.spec.side}_id FROM kept.crosswalk "
            f"WHERE mapping = {literal(self.mapping.name)})"
        )
        unread = " OR ".join(self._unread(field) for field in self.read)
        chosen = [f"* REPLACE (in_scope AND NOT (({unread}) AND {linked}) AS in_scope)"]
        chosen[0] = chosen[0].replace("* ", f"* EXCLUDE ({', '.join(map(_value, self.read))}) ", 1)
        for field in self.read:
            value = f"{_value(field)}.v"
            chosen += [
                f"{comparable(field, self.spec.side, value)} AS {identifier(f'v:{field.name}')}",
                f"CAST({value} AS VARCHAR) AS {identifier(f't:{field.name}')}",
                f"{self._unread(field)} AS {identifier(f'u:{field.name}')}",
            ]
        return f"SELECT\n  {listed(chosen)}\nFROM (\n{self._canonical()}\n)"

    def _unread(self, field: FieldMap) -> str:
        """Whether the expression fails on the record, or gives what is no value of the field's type."""
        value = f"{_value(field)}.v"
        lost = f"({comparable(field, self.spec.side, value)} IS NULL AND {value} IS NOT NULL)"
        return f"({_value(field)} IS NULL OR {lost})" if field.type.numeric else f"({_value(field)} IS NULL)"

    def raw(self) -> str:
        """The view of raw values as text."""
        names = dict.fromkeys(name for field in self.mapping.fields for name in field.api(self.spec.side))
        chosen = [f"{self._key()} AS id"]
        chosen += [f"CAST({self._column(name)} AS VARCHAR) AS {identifier(f'raw:{name}')}" for name in names]
        if not self.read:
            return f"SELECT\n  {listed(chosen)}\n{self._records()}"
        # Computed once, where failures are kept apart.
        chosen += [
            f"made.{identifier(f't:{field.name}')} AS {identifier(f'raw:={field.name}')}"
            for field in self.read
        ]
        made = f"LEFT JOIN {sql.canonical(self.mapping, self.spec.side)} AS made ON made.id = {self._key()}"
        return f"SELECT\n  {listed(chosen)}\n{self._records()}\n{made}"

    def evaluated(self, field: FieldMap) -> str:
        """The plain value of an expression for one record, its key a parameter; raises where it fails."""
        from workbench.expressions.render import render

        expression = field.read(self.spec.side)
        assert expression is not None
        value = render(expression.text, self._column)
        return f"SELECT {value} {self._records()} WHERE {self._key()} = ?"

    def related_rows(self, related: Related) -> str:
        """Table and condition of related records, behind FROM."""
        live = f"{_live(self.tables[related.object])} AND {self._looked_at(related.key)}"
        where = f"{live} AND {self._condition(related.where)}" if related.where else live
        return f"{self._table(related.object)} {where}"

    def _canonical(self) -> str:
        spec = self.spec
        label = f"nullif(trim(CAST({_own(spec.label)} AS VARCHAR)), '')"
        parent, position = self._place()
        chosen = [
            f"{self._key()} AS id",
            f"{sql.key(self._key())} AS k",
            f"CAST({self._own_or_documents(spec.version)} AS VARCHAR) AS version",
            f"{self._utc(self._own_or_documents(spec.modified))} AS modified",
            f"coalesce({label}, {self._key()}) AS label",
            f"{parent} AS parent",
            f"{position} AS position",
            "record.in_scope AS in_scope",
        ]
        owner = "document" if spec.parent else "record"
        chosen += [f"{owner}.{name} AS {name}" for name, _ in self._gates()]
        for field in self.mapping.compared:
            if field.read(spec.side):
                chosen.append(f"computed.{_value(field)}")
            else:
                plain = compare_sql(field, spec.side, self._column)
                chosen.append(f"{plain} AS {identifier(f'v:{field.name}')}")
                told = raw_text(field, spec.side, self._column)
                chosen.append(f"{told} AS {_raw(field)}")
        joined = ""
        if self.read:
            table = sql.computed(self.mapping, spec.side)
            joined = f"\nLEFT JOIN {table} AS computed ON computed.id = {self._key()}"
        return f"SELECT\n  {listed(chosen)}\n{self._from()}{joined}"

    def _place(self) -> tuple[str, str]:
        """Document of a line, and its place there."""
        spec = self.spec
        if spec.parent is None:
            return "CAST(NULL AS VARCHAR)", "CAST(NULL AS BIGINT)"
        parent = f"CAST({_own(spec.parent)} AS VARCHAR)"
        order = f"{_own(spec.order)} NULLS LAST, " if spec.order else ""
        return parent, f"row_number() OVER (PARTITION BY {parent} ORDER BY {order}{self._key()})"

    def _records(self) -> str:
        """The records with their related ones, for those who ask neither for the scope nor for the gates."""
        spec = self.spec
        record = f"FROM (SELECT * FROM {self._table(spec.object)} {self._chosen()}) AS record"
        return "\n".join([record, *(self._related(each) for each in spec.related)])

    def _chosen(self) -> str:
        """Which records are read at all."""
        return f"{_live(self.tables[self.spec.object])} AND {self._looked_at(self.spec.key)}"

    def _from(self) -> str:
        spec = self.spec
        # The gates of lines are those of their documents.
        gates = "" if spec.parent else self._gate_columns()
        scope = f"coalesce({self._condition(spec.where)}, false)" if spec.where else "true"
        table = f"{self._table(spec.object)} {self._chosen()}"
        record = f"(SELECT *, {scope} AS in_scope{gates} FROM {table})"
        joins = [f"FROM {record} AS record", *(self._related(each) for each in spec.related)]
        if spec.parent:
            joins.append(f"LEFT JOIN {self._documents()} AS document ON document.id = {self._place()[0]}")
        return "\n".join(joins)

    def _related(self, related: Related) -> str:
        table, column = identifier(f"related {related.object}"), identifier("related key")
        key = f"CAST({identifier(related.key)} AS VARCHAR) AS {column}"
        query = f"(SELECT *, {key} FROM {self.related_rows(related)})"
        return f"LEFT JOIN {query} AS {table} ON {table}.{column} = {self._key()}"

    def _documents(self) -> str:
        name = str(self.spec.parent_object)
        chosen = [f"CAST({identifier(str(self.spec.parent_key))} AS VARCHAR) AS id"]
        for column in (self.spec.version, self.spec.modified):
            known = column.lower() in self.tables[name]
            chosen.append(f"{identifier(column) if known else 'NULL'} AS {identifier(column)}")
        where = _live(self.tables[name])
        return f"(SELECT {', '.join(chosen)}{self._gate_columns()} FROM {self._table(name)} {where})"

    def _looked_at(self, key: str) -> str:
        value = f"CAST({identifier(key)} AS VARCHAR)"
        return among(self.mapping, self.spec.side, value, narrowed=self.narrowed)

    def _table(self, name: str) -> str:
        return f"{self.spec.side}.{identifier(name)}"

    def _key(self) -> str:
        return f"CAST({_own(self.spec.key)} AS VARCHAR)"

    def _column(self, name: str) -> str:
        head, dot, tail = name.partition(".")
        return f"{identifier(f'related {head}')}.{identifier(tail)}" if dot else _own(name)

    def _own_or_documents(self, name: str) -> str:
        if name.lower() in self.tables[self.spec.object]:
            return _own(name)
        return f"document.{identifier(name)}" if self.spec.parent else "NULL"

    def _utc(self, value: str) -> str:
        stamp = f"CAST({value} AS TIMESTAMP)"
        if self.spec.side is Side.SALESFORCE:
            return stamp
        if self.zone is None:
            return "CAST(NULL AS TIMESTAMP)"
        return f"timezone('UTC', timezone({literal(self.zone)}, {stamp}))"

    def _gates(self) -> list[tuple[str, str]]:
        gates = sql.gate_columns(self.mapping, self.spec.side)
        return [(identifier(name), gate) for name, gate in gates.items()]

    def _gate_columns(self) -> str:
        return "".join(f", {self._condition(gate)} AS {name}" for name, gate in self._gates())

    def _condition(self, text: str) -> str:
        return sql.tried(text, self.spec.side) if self.careful else f"({text}\n)"

    def looked_into(self) -> list[str]:
        """Tables that a condition looks into besides its own record's."""
        from workbench.expressions.conditions import read_condition

        texts = [self.spec.where, *(each.where for each in self.spec.related)]
        texts += sql.gate_columns(self.mapping, self.spec.side).values()
        found = [read_condition(text, self.spec.side).tables for text in texts if text]
        return sorted({name for tables in found for name, _ in tables})

    def failing(self, place: Place, columns: Iterable[str]) -> str:
        """The SELECT of (id, label, values of the columns) of the records that a condition fails on."""
        related = [each.key for each in self.spec.related if place.related and each.object == place.object]
        key = f"CAST({identifier(related[0] if related else self.spec.key)} AS VARCHAR)"
        label = key if related else f"CAST({identifier(self.spec.label)} AS VARCHAR)"
        shown = [
            f"{literal(f'{name} = ')} || coalesce(CAST({identifier(name)} AS VARCHAR), '(empty)')"
            for name in columns
        ]
        return (
            f"SELECT {key} AS id, coalesce(nullif(trim({label}), ''), {key}) AS label, "
            f"concat_ws('; ', {', '.join(shown) or literal('')}) AS shown "
            f"FROM {self._table(place.object)} {_live(self.tables[place.object])} "
            f"AND TRY({{'v': ({place.text}\n)}}) IS NULL"
        )

    def told(self, place: Place) -> str:
        """The plain value of a condition for one record, its key a parameter; raises where it fails."""
        related = [each.key for each in self.spec.related if place.related and each.object == place.object]
        key = identifier(related[0] if related else self.spec.key)
        return f"SELECT ({place.text}\n) FROM {self._table(place.object)} WHERE CAST({key} AS VARCHAR) = ?"


def _own(name: str | None) -> str:
    return f"record.{identifier(name)}" if name else "NULL"


def _raw(field: FieldMap) -> str:
    return identifier(f"r:{field.name}")


def _value(field: FieldMap) -> str:
    """The column of what an expression gave; NULL where it failed."""
    return identifier(f"x:{field.name}")


def _live(columns: Iterable[str]) -> str:
    """Salesforce keeps deleted records in its recycle bin; a query of all rows shows them."""
    return "WHERE NOT coalesce(IsDeleted, false)" if "isdeleted" in columns else "WHERE true"
