"""What today's data would do: the records that a mapping would refuse, counted, with examples.

Looked at are records that a state that is on would create, and fields of linked records that differ and that
the other side does not win.  Nothing is decided here: whether a record is created or a field written is the
plan's to say; what is listed would be held back there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import duckdb

from workbench.changes import Cell, Change, name_rule
from workbench.changes.names import NAME_LISTS
from workbench.expressions.texts import clean
from workbench.model import FieldMap, FieldType, Mapping, Side
from workbench.normalize import identifier, literal, unread
from workbench.normalize.sql import canonical, raw
from workbench.validate.checks import DATA, Check, Example, Verdict
from workbench.validate.fitting import NOT_LISTED, OUTSIDE, TOO_LONG, Carried, plain_of_read, plain_of_write
from workbench.validate.kinds import foreign
from workbench.validate.known import Known
from workbench.validate.probes import VALUE, probe
from workbench.validate.subjects import Subjects, new_table
from workbench.validate.today import Today
from workbench.validate.wording import counted, failed, whose

LONGEST = 120
"""Characters of a value that an example shows."""

FIXES = {
    TOO_LONG: "Shorten them in {source}, or lengthen the field where that is possible.",
    OUTSIDE: "Write them with characters of CP1252 (Western European); QuickBooks would store a '?'.",
    NOT_LISTED: "Add the values to the picklist, or map them under `values`.",
    "required value missing": "Fill it in in {source}, or give a default under `defaults`.",
    "missing reference": "Link or create the records that they refer to; until then they are held back.",
    "duplicate name": "Rename one of them, or link the record if it is the same.",
    "no line": "Give the document a line in {source}.",
    "no such field": "Empty it in {source}, or choose another type for the record.",
}
HELD = "They are held back one by one; the others go on."


def checks(today: Today, mappings: Iterable[Mapping], known: Known, *, examples: int) -> Iterator[Check]:
    """Every check of the stored snapshots; `examples` records at most are named in each."""
    if today.why_not:
        yield _check("snapshots", today.why_not, Verdict.UNKNOWN, "Run `workbench pull`.")
        return
    for mapping in mappings:
        if not any(state.on for state in mapping.states):
            continue
        if mapping.name in today.failed:
            yield failed(DATA, mapping.name, today.failed[mapping.name], "data")
            continue
        yield from _mapping(today, today.ready.get(mapping.name, mapping), known, examples)
    yield from _unread(today, examples)


def _mapping(today: Today, mapping: Mapping, known: Known, examples: int) -> Iterator[Check]:
    for target in Side:
        if not any(state.on and state.to is target for state in mapping.states):
            continue
        both = [each for each in (mapping, mapping.lines) if each is not None]
        found = [_Direction(today, each, target, known, examples) for each in both]
        today.planned.setdefault(target, set()).update(each.mapping.name for each in found)
        refused = [check for each in found for check in each.checks()]
        yield from refused
        if not refused:
            name = f"{mapping.name} to {target.label}"
            new, object_ = found[0].subjects.new, mapping.side(target.other).object
            told = counted(new, f"new {object_} record") if new else f"no new {object_} record"
            yield _check(name, f"{told}; what would be written fits", count=0)


@dataclass(slots=True)
class _Direction:
    """One mapping (or its lines) in one direction."""

    today: Today
    mapping: Mapping
    target: Side
    known: Known
    examples: int
    subjects: Subjects = field(init=False)

    def __post_init__(self) -> None:
        self.subjects = Subjects.of(self.today.connection, self.mapping, self.target)

    @property
    def source(self) -> Side:
        return self.target.other

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        return self.today.connection

    def checks(self) -> Iterator[Check]:
        for each in self.mapping.fields:
            subjects = self.subjects.of_field(each)
            if subjects is None:
                continue
            if each.type is FieldType.REFERENCE:
                yield from self._reference(each, subjects)
            else:
                yield from self._values(each, subjects)
                yield from self._kinds(each, subjects)
            yield from self._required(each)
        yield from self._names()
        yield from self._lineless()

    # --- values -------------------------------------------------------------------------------------------

    def _values(self, each: FieldMap, subjects: str) -> Iterator[Check]:
        found: dict[str, _Found] = defaultdict(lambda: _Found(most=self.examples))
        for carried, joined in self._carried(each):
            texts = ", ".join(carried.texts.values())
            rows = self.connection.execute(
                f"SELECT [{texts}], count(*), list({{'id': s.id, 'label': s.label}} ORDER BY s.label, s.id)"
                f"[:{self.examples}] FROM ({subjects}) AS s {joined} WHERE {carried.suspicious()} "
                f"GROUP BY ALL ORDER BY min(s.label), 1"
            ).fetchall()
            for values, count, records in rows:
                if told := carried.refused(values):
                    found[told[0]].add(count, records, values, told[1], told[2])
        for kind, these in found.items():
            yield self._of(each.name, kind, these.count, tuple(these.examples))

    def _kinds(self, each: FieldMap, subjects: str) -> Iterator[Check]:
        found = _Found(most=self.examples)
        for carried, joined in self._carried(each):
            for one in foreign(
                self.connection,
                self.mapping,
                carried,
                subjects=subjects,
                joined=joined,
                examples=self.examples,
            ):
                found.add(one.count, one.records, (), one.told, "")
        if found.count:
            yield self._of(each.name, "no such field", found.count, tuple(found.examples))

    def _carried(self, each: FieldMap) -> Iterator[tuple[Carried, str]]:
        """What a field carries over, each with the join that its texts come from."""
        described = {str(one["name"]): one for one in self._described()}
        written = each.write(self.target)
        read = each.read(self.source)
        if not written and read is None:
            texts = {name: f"r.{identifier(f'raw:{name}')}" for name in each.api(self.source)}
            join = f"JOIN {raw(self.mapping, self.source)} AS r ON r.id = s.id"
            plain = replace(each, expressions=())
            yield self._one(each, plain, texts, each.targets(self.target), described), join
        if not written and read is not None:
            text, join = probe(self.connection, self.mapping, self.source, each, read)
            plain = plain_of_read(each, self.target)
            yield self._one(each, plain, {VALUE: text}, each.targets(self.target)[:1], described), join
        for api, expression in written.items():
            text, join = probe(self.connection, self.mapping, self.source, each, expression)
            plain = plain_of_write(each, self.target, api, described.get(api))
            yield self._one(each, plain, {VALUE: text}, (api,), described), join

    def _one(
        self,
        each: FieldMap,
        plain: FieldMap,
        texts: dict[str, str],
        targets: tuple[str, ...],
        described: dict[str, Any],
    ) -> Carried:
        known = {name: described[name] for name in targets if name in described}
        return Carried(field=each, plain=plain, texts=texts, targets=known, side=self.target)

    def _described(self) -> Iterator[Any]:
        """The fields of the target's object, those of related records as `Object.Field`."""
        spec, describes = self.mapping.side(self.target), self.known.describes(self.target)
        yield from describes.get(spec.object, {}).get("fields", ())
        for related in spec.related:
            for one in describes.get(related.object, {}).get("fields", ()):
                yield dict(one) | {"name": f"{related.object}.{one['name']}"}

    # --- what is missing ----------------------------------------------------------------------------------

    def _required(self, each: FieldMap) -> Iterator[Check]:
        """New records without a value that the other side needs."""
        if not self.subjects.new or not (each.required or self._needed(each)):
            return
        texts = [f"r.{identifier(f'raw:{name}')}" for name in each.api(self.source)]
        if each.expressions:
            return  # what an expression gives is seen among the values
        empty = " AND ".join(f"({clean(text)}) IS NULL" for text in texts)
        join = f"JOIN {raw(self.mapping, self.source)} AS r ON r.id = s.id"
        yield from self._counted(each.name, "required value missing", self._new(), join, empty, "''")

    def _needed(self, each: FieldMap) -> bool:
        """Whether the other side refuses a new record without the field, and no default gives it."""
        given = self.mapping.defaults.get(self.target, {})
        described = {str(one["name"]): one for one in self._described()}
        return any(
            name in described and name not in given and _is_needed(described[name])
            for name in each.targets(self.target)
        )

    def _reference(self, each: FieldMap, subjects: str) -> Iterator[Check]:
        """References to records that are neither linked nor would be created."""
        name = str(each.reference)
        if each.unlinked_empty or name not in self.today.ready.keys() | self.today.failed.keys():
            return  # what that mapping would create is not known: its file cannot be read
        text = f"r.{identifier(f'raw:{each.api(self.source)[0]}')}"
        linked = f"SELECT {self.source}_id FROM kept.crosswalk WHERE mapping = {literal(name)}"
        known = f"{text} IN ({linked})"
        if name in self.today.planned.get(self.target, ()):
            known += f" OR {text} IN (SELECT id FROM {new_table(name, self.target)})"
        where = f"{text} IS NOT NULL AND NOT ({known})"
        join = f"JOIN {raw(self.mapping, self.source)} AS r ON r.id = s.id"
        told = f"{text} || {literal(f' has no partner in {self.target.label} ({name})')}"
        yield from self._counted(each.name, "missing reference", subjects, join, where, told)

    def _lineless(self) -> Iterator[Check]:
        """Documents of QuickBooks are made whole, and need a line."""
        lines = self.mapping.lines
        if lines is None or self.target is not Side.QUICKBOOKS or not self.subjects.new:
            return
        where = f"s.id NOT IN (SELECT parent FROM {canonical(lines, self.source)} WHERE parent IS NOT NULL)"
        yield from self._counted(
            "lines", "no line", self._new(), "", where, "'a document needs at least one'"
        )

    # --- names --------------------------------------------------------------------------------------------

    def _names(self) -> Iterator[Check]:
        """Names that another list of QuickBooks has, inactive records too, or that two new records share."""
        spec = self.mapping.side(self.target)
        naming = [each for each in self.mapping.compared if each.targets(self.target) == ("Name",)]
        below = any(
            name.startswith("ParentRef") for each in self.mapping.fields for name in each.targets(self.target)
        )
        if self.target is not Side.QUICKBOOKS or spec.object != "Customer" or below or not naming:
            return
        for each in naming:
            subjects = self.subjects.of_field(each)
            if subjects is not None and each.direction.allows(self.target):
                yield from self._taken(each, subjects)
                yield from self._twice(each)

    def _taken(self, each: FieldMap, subjects: str) -> Iterator[Check]:
        value = f"c.{identifier(f'v:{each.name}')}"
        rows = self.connection.execute(
            f"SELECT s.id, s.label, CAST({value} AS VARCHAR), x.quickbooks_id, n.list, n.key, n.name "
            f"FROM ({subjects}) AS s JOIN {canonical(self.mapping, self.source)} AS c ON c.id = s.id "
            f"JOIN ({_name_lists(self.connection)}) AS n ON {_folded('n.name')} = {_folded(value)} "
            f"LEFT JOIN kept.crosswalk AS x ON x.mapping = {literal(self.mapping.name)} "
            "AND x.salesforce_id = s.id ORDER BY s.label, s.id"
        ).fetchall()
        names: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for row in rows:
            names[row[4]].append((row[5], row[6]))
        predict = name_rule(names)
        found = _Found(most=self.examples)
        for id_, label, name, record in dict.fromkeys(row[:4] for row in rows):
            if told := predict(_named(self.mapping, id_, label, name, record)):
                found.add(1, [{"id": id_, "label": label}], [name], told, "")
        if found.count:
            yield self._of(each.name, "duplicate name", found.count, tuple(found.examples))

    def _twice(self, each: FieldMap) -> Iterator[Check]:
        value = f"c.{identifier(f'v:{each.name}')}"
        source = canonical(self.mapping, self.source)
        shared = (
            f"SELECT {_folded(value)} FROM {self._new_table} AS s JOIN {source} AS c ON c.id = s.id "
            f"WHERE {value} IS NOT NULL GROUP BY 1 HAVING count(*) > 1"
        )
        join, told = f"JOIN {source} AS c ON c.id = s.id", "'another new record has this name too'"
        where = f"{_folded(value)} IN ({shared})"
        yield from self._counted(
            each.name, "duplicate name", self._new(), join, where, told, "another new one has it"
        )

    # --- helpers ------------------------------------------------------------------------------------------

    @property
    def _new_table(self) -> str:
        return new_table(self.mapping.name, self.target)

    def _new(self) -> str:
        return f"SELECT id, label FROM {self._new_table}"

    def _counted(
        self, name: str, kind: str, subjects: str, join: str, where: str, told: str, note: str = ""
    ) -> Iterator[Check]:
        """Records that a condition holds for, with examples; `told` is SQL of what is said of each."""
        row = self.connection.execute(
            f"SELECT count(*), list({{'id': s.id, 'label': s.label, 'told': {told}}} ORDER BY s.label, s.id)"
            f"[:{self.examples}] FROM ({subjects}) AS s {join} WHERE {where}"
        ).fetchone()
        count, records = row or (0, [])
        if count:
            examples = [_example(each["id"], each["label"], "", each["told"] or "") for each in records]
            yield self._of(name, kind, int(count), tuple(examples), note)

    def _of(self, name: str, kind: str, count: int, examples: tuple[Example, ...], note: str = "") -> Check:
        object_ = self.mapping.side(self.source).object
        detail = f"{counted(count, f'{object_} record')} to {self.target.label}: {kind}"
        fix = FIXES.get(kind, "Correct them in {source}.").format(source=self.source.label)
        return _check(
            f"{self.mapping.name}: {name}",
            f"{detail}; {note}" if note else detail,
            Verdict.WARNING,
            f"{fix} {HELD}",
            count,
            examples,
        )


@dataclass(slots=True)
class _Found:
    """What is refused of one field for one reason."""

    most: int
    count: int = 0
    examples: list[Example] = field(default_factory=list)

    def add(
        self, count: int, records: Iterable[Any], values: Iterable[str | None], why: str, would_fit: str
    ) -> None:
        self.count += count
        value = "\n".join(each for each in values if each)
        told = f"{why}; would fit: {would_fit}" if would_fit else why
        for each in records:
            if len(self.examples) < self.most:
                self.examples.append(_example(each["id"], each["label"], value, told))


def _example(id_: str, label: str, value: str, told: str) -> Example:
    return Example(record=id_, label=_short(label), value=_short(value), told=_short(told, 2 * LONGEST))


def _short(text: str, most: int = LONGEST) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _is_needed(described: Any) -> bool:
    needed = not described.get("nillable", True) and described.get("createable", True)
    return bool(needed and not described.get("defaultedOnCreate") and described.get("type") != "boolean")


def _folded(text: str) -> str:
    """A name without upper and lower case: of CP1252 only ß is more than `lower` knows."""
    return f"replace(lower({text}), 'ß', 'ss')"


def _name_lists(connection: duckdb.DuckDBPyConnection) -> str:
    """The names of QuickBooks that exclude each other (list, key, name), inactive ones too."""
    there = {
        str(row[0])
        for row in connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'quickbooks'"
        ).fetchall()
    }
    parts = []
    for name in (each for each in NAME_LISTS if each in there):
        where = " WHERE Sublevel = 0" if name == "Customer" else ""
        parts.append(
            f'SELECT {literal(name)} AS list, "ListID" AS key, "Name" AS name FROM quickbooks."{name}"{where}'
        )
    return " UNION ALL ".join(parts) or "SELECT '' AS list, '' AS key, '' AS name WHERE false"


def _named(mapping: Mapping, source: str, label: str, name: str, record: str | None) -> Change:
    """The change that would give a customer its name, as `name_rule` is asked."""
    return Change(
        id=source,
        mapping=mapping.name,
        side=Side.QUICKBOOKS,
        object="Customer",
        action="update" if record else "create",
        record=record,
        label=label,
        version=None,
        source_id=source,
        cells=(Cell(field="name", api="Name", before=None, after=name, why=""),),
    )


# --- values that cannot be read ---------------------------------------------------------------------------


def _unread(today: Today, examples: int) -> Iterator[Check]:
    """The records that an expression fails on."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in unread(today.connection):
        field_ = "" if row["field"] == VALUE else f": {row['field']}"
        groups[f"{row['mapping']}{field_}", str(row["side"])].append(row)
    for (name, side), rows in groups.items():
        first = rows[0]
        detail = f"the expression of {whose(Side(side))} side fails on {counted(len(rows), 'record')}"
        shown = tuple(
            _example(str(row["id"]), str(row["label"]), str(row["value"]), str(row["value"]))
            for row in rows[:examples]
        )
        fix = f"Correct them, or the expression (line {first['line']}): {first['reason']}. {HELD}"
        yield _check(name, detail, Verdict.WARNING, fix, len(rows), shown)


def _check(
    name: str,
    detail: str,
    verdict: Verdict = Verdict.VALID,
    fix: str = "",
    count: int | None = None,
    examples: tuple[Example, ...] = (),
) -> Check:
    return Check(
        group=DATA,
        kind="data",
        name=name,
        verdict=verdict,
        detail=detail,
        fix=fix,
        count=count,
        examples=examples,
    )
