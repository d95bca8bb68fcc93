"""Decisions written down in a file, by the names people know records by.

    close: [account-customer]
    decisions:
      - {mapping: account-customer, salesforce: Acme, quickbooks: ACME Inc, decision: link, reason: "..."}
      - {mapping: account-customer, salesforce: Acme, quickbooks: ACME Inc, field: phone,
         decision: take_salesforce, reason: "..."}

A record is named by its label, which must be unique in its mapping, or by its id.  What is to be deactivated
or deleted, because its partner is gone, is named alone.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import YAMLError

from workbench.errors import Problem, Problems, WorkbenchError
from workbench.mapping import with_lines
from workbench.model import ABOUT_MATCHING, DecisionKind, Side
from workbench.model import Mapping as FieldMapping

REMOVALS = (DecisionKind.DEACTIVATE, DecisionKind.DELETE)
ABOUT_RECORDS = (*ABOUT_MATCHING, DecisionKind.CREATE, *REMOVALS)
WORDS = ("case", "mapping", "salesforce", "quickbooks", "field", "decision", "value", "reason")
"""What an entry may say; `case` is for its reader, `value` goes with the decision `set`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One decision of a file, its records found.

    Attributes:
        salesforce, quickbooks: What the file calls the records; None where it names none of that side.
        salesforce_id, quickbooks_id: The records.
        value: Of a decision `set`: what both sides shall hold; None empties the field.
    """

    mapping: str
    salesforce: str | None
    quickbooks: str | None
    salesforce_id: str | None
    quickbooks_id: str | None
    field: str | None
    decision: DecisionKind
    reason: str
    value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionFile:
    """What a decisions file says.

    Attributes:
        close: Mappings whose first matching is to be closed.
        rows: The decisions as written.
    """

    path: Path
    close: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]

    def find(
        self, connection: duckdb.DuckDBPyConnection, mappings: Mapping[str, FieldMapping]
    ) -> list[Written]:
        """Find the records that the decisions name in the snapshots of a connection.

        Raises:
            Problems: Names that fit no record or several, unknown mappings, fields or decisions; all listed.
        """
        finder = _Finder(connection, mappings, str(self.path))
        finder.closing(self.close)
        found = [written for row in self.rows if (written := finder.written(row)) is not None]
        finder.contradictions(found)
        if finder.problems:
            raise Problems(finder.problems)
        return found


def read_decisions(path: str | Path) -> DecisionFile:
    """Read a decisions file.

    Raises:
        WorkbenchError: It is missing, broken YAML, or of another form.
    """
    file = Path(path)
    try:
        content = _as_written().load(file.read_text(encoding="utf-8-sig")) or {}
    except OSError as error:
        raise WorkbenchError(
            f"the decisions cannot be read: {error.strerror}",
            where=str(file),
            fix="Name a file of decisions; data/demo/decisions.yaml shows the form.",
        ) from error
    except UnicodeDecodeError as error:
        raise WorkbenchError("this is not UTF-8 text", where=str(file), fix="Save it as UTF-8.") from error
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise WorkbenchError(
            f"broken YAML: {getattr(error, 'problem', None) or 'it cannot be read'}",
            where=f"{file}:{mark.line + 1}" if mark is not None else str(file),
            fix="Correct that line.",
        ) from error
    _refuse_other_forms(content, file)
    return DecisionFile(
        path=file, close=tuple(content.get("close") or ()), rows=tuple(content.get("decisions") or ())
    )


class _Constructor(SafeConstructor):
    """Makes texts of numbers, dates and booleans, as they are written: 02134 is a postal code."""


for _kind in ("int", "float", "bool", "timestamp"):
    _Constructor.add_constructor(f"tag:yaml.org,2002:{_kind}", SafeConstructor.construct_yaml_str)


def _as_written() -> YAML:
    reader = YAML(typ="safe", pure=True)
    reader.Constructor = _Constructor
    return reader


def _refuse_other_forms(content: Any, file: Path) -> None:
    """A file that says nothing because a word in it is misspelt would look as if it had been taken."""
    wrong = ""
    if not isinstance(content, Mapping):
        wrong = "the file must hold `close:` and `decisions:`"
    elif unknown := [str(key) for key in content if key not in ("close", "decisions")]:
        wrong = f"unknown: {', '.join(unknown)}; a file holds `close:` and `decisions:`"
    else:
        for key in ("close", "decisions"):
            if not isinstance(content.get(key) or [], list):
                wrong = f"`{key}` must be a list"
        if not wrong:
            rows = enumerate(content.get("decisions") or (), 1)
            wrong = ", ".join(f"entry {n} is no decision" for n, row in rows if not isinstance(row, Mapping))
    if wrong:
        raise WorkbenchError(wrong, where=str(file), fix="data/demo/decisions.yaml shows the form.")


class _Finder:
    def __init__(
        self, connection: duckdb.DuckDBPyConnection, mappings: Mapping[str, FieldMapping], file: str
    ) -> None:
        self._connection = connection
        self._mappings = {each.name: each for each in with_lines(mappings.values())}
        self._file = file
        self._labels: dict[tuple[str, Side], dict[str, list[str]]] = {}
        self.problems: list[Problem] = []

    def closing(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self._mappings:
                self._problem({}, f"there is no mapping {name!r} to close", name, self._mappings)

    def written(self, row: Mapping[str, Any]) -> Written | None:
        before = len(self.problems)
        mapping = self._mappings.get(str(row.get("mapping")))
        if mapping is None:
            self._problem(
                row, f"there is no mapping {row.get('mapping')!r}", row.get("mapping"), self._mappings
            )
            return None
        if unknown := [str(key) for key in row if key not in WORDS]:
            self._problem(row, f"{', '.join(map(repr, unknown))} is not a word of an entry")
        if str(row.get("decision")) not in {str(kind) for kind in DecisionKind}:
            kinds = [str(kind) for kind in DecisionKind]
            self._problem(row, f"{row.get('decision')!r} is not a decision", row.get("decision"), kinds)
        if not str(row.get("reason") or "").strip():
            self._problem(row, "a decision needs a reason")
        field = row.get("field")
        fields = [each.name for each in mapping.fields]
        if field is not None and field not in fields:
            self._problem(row, f"{mapping.name} has no field {field!r}", field, fields)
        ids = {side: self._id(row, mapping, side) for side in Side}
        if len(self.problems) == before and (wrong := _about(row, [id_ for id_ in ids.values() if id_])):
            self._problem(row, wrong)
        if len(self.problems) > before:
            return None
        return Written(
            mapping=mapping.name,
            salesforce=_name(row, Side.SALESFORCE),
            quickbooks=_name(row, Side.QUICKBOOKS),
            salesforce_id=ids[Side.SALESFORCE],
            quickbooks_id=ids[Side.QUICKBOOKS],
            field=field,
            decision=DecisionKind(row["decision"]),
            reason=str(row["reason"]),
            value=None if row.get("value") is None else str(row["value"]),
        )

    def contradictions(self, found: Sequence[Written]) -> None:
        """Entries that decide the same otherwise: which of them counts must not depend on their order."""
        told: dict[tuple[object, ...], Written] = {}
        for each in found:
            of_matching = each.decision in ABOUT_MATCHING
            about = (each.mapping, each.salesforce_id, each.quickbooks_id, each.field, of_matching)
            first = told.setdefault(about, each)
            if (first.decision, first.value) != (each.decision, each.value):
                self._contradict(first, each)
        self._partners(found)

    def _partners(self, found: Sequence[Written]) -> None:
        """A record has one partner and none to be made beside it; what is no pair has no values to decide."""
        linked: dict[tuple[str, Side, str | None], Written] = {}
        for each in found:
            if each.decision == DecisionKind.LINK:
                for side in Side:
                    first = linked.setdefault((each.mapping, side, getattr(each, f"{side}_id")), each)
                    if (first.salesforce_id, first.quickbooks_id) != (each.salesforce_id, each.quickbooks_id):
                        self._contradict(first, each)
        apart = {
            (each.mapping, each.salesforce_id, each.quickbooks_id): each
            for each in found
            if each.decision == DecisionKind.NOT_A_MATCH
        }
        for each in found:
            if each.decision in ABOUT_MATCHING:
                continue
            if (parted := apart.get((each.mapping, each.salesforce_id, each.quickbooks_id))) is not None:
                self._contradict(parted, each)
            if each.salesforce_id is None or each.quickbooks_id is None:
                side = Side.QUICKBOOKS if each.salesforce_id is None else Side.SALESFORCE
                link = linked.get((each.mapping, side, getattr(each, f"{side}_id")))
                if link is not None:
                    self._contradict(link, each)

    def _contradict(self, first: Written, each: Written) -> None:
        named = {
            "mapping": each.mapping,
            "salesforce": each.salesforce_id,
            "quickbooks": each.quickbooks_id,
            "field": each.field,
        }
        self._problem(named, f"two entries contradict each other: {_told(first)} and {_told(each)}")

    def _id(self, row: Mapping[str, Any], mapping: FieldMapping, side: Side) -> str | None:
        name = row.get(side)
        if name is None:
            return None
        found = self._ids(mapping, side).get(str(name), [])
        if len(found) == 1:
            return found[0]
        many = f"{len(found)} records are" if found else "no record is"
        what = f"{many} called {name!r} in {side.label} ({mapping.side(side).object})"
        self._problem(row, what, name, () if found else self._ids(mapping, side))
        return None

    def _ids(self, mapping: FieldMapping, side: Side) -> dict[str, list[str]]:
        known = self._labels.get((mapping.name, side))
        if known is None:
            spec = mapping.side(side)
            where = f" WHERE {spec.where}" if spec.where else ""
            query = f'SELECT "{spec.key}", "{spec.label}" FROM {side}."{spec.object}"{where}'
            known = {}
            for key, label in self._connection.execute(query).fetchall():
                known.setdefault(key, []).append(key)
                if label is not None and label != key:
                    known.setdefault(label, []).append(key)
            self._labels[(mapping.name, side)] = known
        return known

    def _problem(
        self, row: Mapping[str, Any], what: str, wrong: object = "", known: Iterable[str] = ()
    ) -> None:
        named = {
            key: row[key] for key in ("case", "mapping", "salesforce", "quickbooks", "field") if key in row
        }
        close = difflib.get_close_matches(str(wrong), list(known), n=3)
        fix = f"Closest: {', '.join(close)}." if close else "Correct that entry."
        self.problems.append(Problem(what=what, where=self._file, values=named, fix=fix))


def _name(row: Mapping[str, Any], side: Side) -> str | None:
    return None if row.get(side) is None else str(row[side])


def _told(written: Written) -> str:
    return f"{written.decision} {written.value}" if written.value is not None else str(written.decision)


def _about(row: Mapping[str, Any], ids: list[str]) -> str:
    """Say why a decision does not fit the records that it names; '' when it does."""
    decision = str(row.get("decision"))
    if not ids:
        return "it names no record"
    if decision in ABOUT_MATCHING and len(ids) < len(Side):
        return f"{decision} needs a record of both sides"
    if decision == DecisionKind.CREATE and len(ids) > 1:
        return f"{decision} names one record: the one that is missing on the other side"
    if decision in REMOVALS and len(ids) > 1:
        return f"{decision} names one record: the one whose partner was deleted, and here both are there"
    if decision in ABOUT_RECORDS and row.get("field") is not None:
        return f"{decision} is about a whole record, not about a field"
    if decision == DecisionKind.SET:
        return _about_value(row, ids)
    if "value" in row:
        return f"a value goes with the decision 'set', not with {decision!r}"
    if row.get("field") is not None and len(ids) < len(Side):
        return "a field is one of a pair: name both records"
    return ""


def _about_value(row: Mapping[str, Any], ids: list[str]) -> str:
    if row.get("field") is None or len(ids) < len(Side):
        return "set is about a field of a pair: name both records and the field"
    if "value" not in row:
        return "set needs `value`: what both sides shall hold (empty clears it)"
    return "" if row["value"] is None or isinstance(row["value"], str) else "the value of set is one text"
