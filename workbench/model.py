"""The dictionary: one word for one thing, used by every module, table, file and screen.

The words are string enumerations, so the same word stands in Python, in a DuckDB table, in YAML and in
JSON.  The dataclasses below them say how a mapping is held once `workbench.mapping` has read it.  Nothing
here decides anything.
"""

from __future__ import annotations

from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass
from dataclasses import field as _field
from decimal import Decimal
from enum import StrEnum
from pathlib import Path


class Side(StrEnum):
    """One of the two systems."""

    SALESFORCE = "salesforce"
    QUICKBOOKS = "quickbooks"

    @property
    def other(self) -> Side:
        return Side.QUICKBOOKS if self is Side.SALESFORCE else Side.SALESFORCE

    @property
    def label(self) -> str:
        """The name as a person writes it."""
        return "Salesforce" if self is Side.SALESFORCE else "QuickBooks"


class Winner(StrEnum):
    """Who is right when both sides could be, and no person has decided."""

    SALESFORCE = "salesforce"  # Salesforce's value
    QUICKBOOKS = "quickbooks"  # QuickBooks' value
    NEWEST = "newest"  # the record modified later; manual within the doubt of the two clocks
    MANUAL = "manual"  # a person decides each one
    FILL_EMPTY_ONLY = "fill_empty_only"  # the side that has a value, when the other has none; else manual


class Direction(StrEnum):
    """Which way a field's value may be written."""

    BOTH = "both"
    TO_SALESFORCE = "to_salesforce"
    TO_QUICKBOOKS = "to_quickbooks"
    COMPARE = "compare"  # shown, never written: totals and other values that the systems work out

    def allows(self, target: Side) -> bool:
        """Whether a value may be written to `target`."""
        return self is Direction.BOTH or self.value == f"to_{target}"


class Operation(StrEnum):
    """What a mapping may do to the records of a side."""

    ADD = "add"
    MODIFY = "modify"
    DEACTIVATE = "deactivate"  # what was deleted on the other side is made inactive here
    DELETE = "delete"  # what was deleted on the other side goes here too; QuickBooks voids what it can void


class FieldType(StrEnum):
    """How a field's values are compared."""

    TEXT = "text"  # whitespace collapsed, empty is NULL
    NAME = "name"  # the same; a record is known by it
    PHONE = "phone"  # digits and extension
    EMAIL = "email"  # lower case
    MONEY = "money"  # an amount in currency units, exact
    PRICE = "price"  # a price for one, exact
    QUANTITY = "quantity"  # a count or measure, exact
    DATE = "date"
    BOOLEAN = "boolean"
    ID = "id"  # an identifier, case-sensitive
    REFERENCE = "reference"  # a record of another mapping, equal when the crosswalk says so

    @property
    def numeric(self) -> bool:
        return self in (FieldType.MONEY, FieldType.PRICE, FieldType.QUANTITY)


class Transform(StrEnum):
    """How the two sides write the same thing differently."""

    STREET_LINES = "street_lines"  # one text of several lines <-> Addr1, Addr2, ...
    COLON_DASH = "colon_dash"  # Salesforce "A: B" <-> QuickBooks "A - B", which can't hold a colon in a name


class How(StrEnum):
    """How a match rule compares its keys."""

    EXACT = "exact"  # equal comparable values
    NORMALISED = "normalised"  # equal without case, accents, punctuation and legal form
    POSITION = "position"  # lines only: what remains, in order


class MatchStatus(StrEnum):
    """What matching says about two records that may be the same."""

    ACCEPTED = "accepted"  # one to one, by a rule that may accept or by a person's `link`
    REVIEW = "review"  # one to one, by a rule that only proposes
    AMBIGUOUS = "ambiguous"  # the key fits several records
    REJECTED = "rejected"  # a person has said that they are not the same


class Kind(StrEnum):
    """What a difference is about."""

    FIELD = "field"  # one field of a matched pair
    ONLY_SALESFORCE = "only_salesforce"  # a record without a counterpart in QuickBooks
    ONLY_QUICKBOOKS = "only_quickbooks"  # a record without a counterpart in Salesforce


class Finding(StrEnum):
    """What the three-way comparison found (column `difference`); `same` makes no row."""

    TAKE_SALESFORCE = "take_salesforce"  # only Salesforce moved away from the base
    TAKE_QUICKBOOKS = "take_quickbooks"  # only QuickBooks moved away from the base
    CONVERGED = "converged"  # both moved, to the same value
    CONFLICT = "conflict"  # both moved, to different values
    DIFFERS = "differs"  # different, and no base tells who moved: two-way
    NEW = "new"  # a record that never had a counterpart
    MISSING = "missing"  # its linked counterpart is not there; absence is not deletion
    DELETED = "deleted"  # its linked counterpart was deleted, and there is evidence of it
    OUTSIDE = "outside"  # its linked counterpart is there, but outside the mapping's filter


class Resolution(StrEnum):
    """What is to be done about a difference."""

    TAKE_SALESFORCE = "take_salesforce"  # write Salesforce's value to QuickBooks
    TAKE_QUICKBOOKS = "take_quickbooks"  # write QuickBooks' value to Salesforce
    SET = "set"  # write a person's own value to each side that does not hold it
    CREATE_SALESFORCE = "create_salesforce"
    CREATE_QUICKBOOKS = "create_quickbooks"
    DEACTIVATE_SALESFORCE = "deactivate_salesforce"
    DEACTIVATE_QUICKBOOKS = "deactivate_quickbooks"
    DELETE_SALESFORCE = "delete_salesforce"
    DELETE_QUICKBOOKS = "delete_quickbooks"  # voids what QuickBooks can void
    ACCEPT = "accept"  # a person accepts it as it is
    REFUSE = "refuse"  # one side can't hold it; a person has said so
    IGNORE = "ignore"  # a person does not want to see it
    FOLLOWS = "follows"  # a compared-only value that other writes of the record will change
    OFF = "off"  # the state or direction that would write it is switched off
    NONE = "none"  # converged: nothing to do
    UNDECIDED = "undecided"  # a person is needed

    @property
    def writes(self) -> bool:
        """Whether carrying it out writes to a system."""
        return self is Resolution.SET or self.value.startswith(("take_", "create_", "deactivate_", "delete_"))


class ResolvedBy(StrEnum):
    """Who or what chose the resolution; NULL when undecided."""

    THREE_WAY = "three-way"
    WINNER = "winner"
    DECISION = "decision"
    STATE = "state"


class DecisionKind(StrEnum):
    """What a person can decide."""

    TAKE_SALESFORCE = "take_salesforce"
    TAKE_QUICKBOOKS = "take_quickbooks"
    ACCEPT = "accept"
    REFUSE = "refuse"
    IGNORE = "ignore"
    CREATE = "create"
    DEACTIVATE = "deactivate"
    DELETE = "delete"
    LINK = "link"
    NOT_A_MATCH = "not_a_match"
    SET = "set"


ABOUT_MATCHING = (DecisionKind.LINK, DecisionKind.NOT_A_MATCH)
"""Decisions about which records are the same; what is to be done about their values is another matter."""


class Action(StrEnum):
    """What a change does to its record."""

    CREATE = "create"
    UPDATE = "update"  # deactivating is one: of the field that says whether it is active
    DELETE = "delete"
    VOID = "void"  # QuickBooks' transactions: the number stays, the amounts become 0


class UndoCost(StrEnum):
    """What it would take to undo a change once it is applied; marked before anything is written."""

    FREE = "free"  # the values of before are written again, or what was created is deleted
    VOID = "void"  # the transaction that was created stays in the books, void
    DEACTIVATE = "deactivate"  # the record that was created stays, inactive, and keeps its name
    IMPOSSIBLE = "impossible"  # nothing here can take it back


class Loss(StrEnum):
    """What becomes of a value on its way into a system; the first word of `Cell.loss`."""

    TRUNCATION = "truncation"  # the end of a text is cut off
    CHARACTERS = "characters"  # a character that the system does not have
    BLANKS = "blanks"  # at the ends of a text
    CASE = "e-mail case"  # small letters
    FORM = "form"  # the same written otherwise
    ROUNDING = "rounding"
    TIME = "time"  # a date keeps no time of day
    DEFAULT = "default"  # filled by the system
    IGNORED = "ignored"  # the system keeps what it had
    TRIGGER = "trigger"  # something in the org changes it
    DOUBT = "doubt"  # something in the org may change it
    OTHER = "other"


class Outcome(StrEnum):
    """What became of a change that was pushed."""

    WAITING = "waiting"
    APPLIED = "applied"
    FAILED = "failed"
    UNKNOWN = "unknown"  # sent, and no answer: may or may not be written
    STALE = "stale"  # the record moved since it was reviewed; nothing was sent
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One mapping in one direction, on or off; e.g. `AccountToCustomer`.

    Attributes:
        name: As in the process template.
        to: The side it writes to.
        on: Whether it does.
        where: Its gate: a DuckDB condition over the record that is read (the other side of `to`), or None.
        fields: Names of the field maps that only this state writes, `lines.<name>` for one of the lines; it
            then changes linked records and creates none.  Empty: it creates, and writes every field of its
            direction that no other state owns.
        create_where: A second gate, for records that it would create; None: none.
        line: Line in the mapping file.
    """

    name: str
    to: Side
    on: bool = True
    where: str | None = None
    fields: tuple[str, ...] = ()
    create_where: str | None = None
    line: int = 0

    @property
    def conditions(self) -> tuple[str, ...]:
        """Its gates, over the columns of the record that is read."""
        return tuple(each for each in (self.where, self.create_where) if each)


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """A record beside the mapped one, at most one for each, whose fields are mapped as `Object.Field`.

    Attributes:
        object: Its object, e.g. `PricebookEntry`.
        key: Its field that holds the mapped record's key.
        where: DuckDB condition over its table that leaves at most one, or None.
    """

    object: str
    key: str
    where: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SideSpec:
    """Where a mapping's records are on one side, by API names.

    Attributes:
        key: Id / ListID / TxnID / TxnLineID.
        version: What a write is checked against: SystemModstamp / EditSequence.
        modified: When the record was last modified; QuickBooks' is local time without an offset.
        label: Field that a person knows a record by.
        where: DuckDB condition over the snapshot table: which records are in this mapping; None: all.
        parent: Lines only: field that holds the parent's key.
        parent_object, parent_key: Lines only: the parent's object and key field.
        order: Lines only: field that orders the lines within their parent, or None.
        related: Records beside this one.
    """

    side: Side
    object: str
    key: str
    version: str
    modified: str
    label: str
    where: str | None = None
    parent: str | None = None
    parent_object: str | None = None
    parent_key: str | None = None
    order: str | None = None
    related: tuple[Related, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchRule:
    """One way to recognise the same record on both sides.

    Attributes:
        fields: Mapping fields that make the key; all must have a value.
        accept: Whether a one-to-one match counts without a person.
    """

    rule: str
    fields: tuple[str, ...]
    how: How
    accept: bool
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """A SQL expression of a field map, checked by `workbench.expressions`.

    Attributes:
        side: The side whose record it reads.
        target: API field on the other side that its value is written to; None: its value is compared.
        columns: API fields that it reads, `Object.Field` for a related record.
    """

    side: Side
    text: str
    columns: tuple[str, ...]
    target: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMap:
    """How one field corresponds.

    Attributes:
        name: In the mapping; the same on both sides.
        salesforce, quickbooks: API fields (`Object.Field` for a related record); one each, unless
            `transform` or an expression joins several.  Those that a `read` expression needs stand last.
        winner: Its own winner, or None: the mapping's.
        tolerance: Largest gap that counts as equal, in the field's unit.
        values: (Salesforce value, QuickBooks value) pairs; a value in no pair is itself on both sides.
        reference: Name of the mapping whose records a `reference` field points to.
        unlinked_empty: A reference to a record that is not linked counts as none (`unlinked: empty`); else
            what would be written waits until it is.
        required: A record can't be created on the other side without it.
        create_only: Written when a record is created, not compared afterwards (`on: create`).
        expressions: What is compared and written instead of the plain values.
    """

    name: str
    salesforce: tuple[str, ...]
    quickbooks: tuple[str, ...]
    type: FieldType = FieldType.TEXT
    direction: Direction = Direction.BOTH
    winner: Winner | None = None
    transform: Transform | None = None
    tolerance: Decimal = Decimal(0)
    values: tuple[tuple[str, str], ...] = ()
    reference: str | None = None
    unlinked_empty: bool = False
    required: bool = False
    create_only: bool = False
    expressions: tuple[Expression, ...] = ()
    notes: str = ""
    line: int = 0

    def api(self, side: Side) -> tuple[str, ...]:
        """The API fields on one side, all that are read for comparing."""
        return self.salesforce if side is Side.SALESFORCE else self.quickbooks

    def read(self, side: Side) -> Expression | None:
        """The expression whose value is compared on a side; None: the plain value is."""
        return next((each for each in self.expressions if each.target is None and each.side is side), None)

    def write(self, to: Side) -> dict[str, Expression]:
        """By API field of a side, the expressions that give what is written to it."""
        return {each.target: each for each in self.expressions if each.target and each.side is to.other}

    def needed(self, side: Side) -> tuple[str, ...]:
        """All API fields of a side that a snapshot must hold: compared ones, and what is written from."""
        written = [name for each in self.write(side.other).values() for name in each.columns]
        return tuple(dict.fromkeys((*self.api(side), *written)))

    def targets(self, side: Side) -> tuple[str, ...]:
        """The API fields of a side that this field writes, when its direction allows."""
        if written := self.write(side):
            return tuple(written)
        return self.api(side)[:1] if self.read(side) else self.api(side)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """How the records of two objects correspond; read by `workbench.mapping.load_mapping`.

    Attributes:
        fields: In the file's order; names are unique.
        defaults: By side, values by API field that are written on add when no field map gives one.
        lines: The mapping of their lines, named `<name>.lines`, or None.
        parent: For a mapping of lines: the name of the mapping of their parents.
        hash: SHA-256 over everything that decides (not over titles, notes and comments).
    """

    name: str
    title: str
    notes: str
    salesforce: SideSpec
    quickbooks: SideSpec
    states: tuple[State, ...]
    operations: ReadOnly[Side, frozenset[Operation]]
    winner: Winner
    match: tuple[MatchRule, ...]
    fields: tuple[FieldMap, ...]
    defaults: ReadOnly[Side, ReadOnly[str, object]] = _field(default_factory=dict)
    lines: Mapping | None = None
    parent: str | None = None
    path: Path | None = None
    hash: str = ""

    def side(self, side: Side) -> SideSpec:
        return self.salesforce if side is Side.SALESFORCE else self.quickbooks

    def field(self, name: str) -> FieldMap:
        """The field map of that name; KeyError when there is none."""
        for each in self.fields:
            if each.name == name:
                return each
        raise KeyError(name)

    def owner(self, field: FieldMap, to: Side) -> State | None:
        """The one state that writes a field to a side; None: every state does that names no fields."""
        name = f"lines.{field.name}" if self.parent else field.name
        return next((each for each in self.states if each.to is to and name in each.fields), None)

    @property
    def compared(self) -> tuple[FieldMap, ...]:
        """The fields a diff looks at: all but those written on create only."""
        return tuple(each for each in self.fields if not each.create_only)

    @property
    def references(self) -> tuple[str, ...]:
        """Names of the mappings this one (and its lines) refers to, itself left out."""
        return tuple(sorted({str(each.reference) for each in self._referring} - {self.name}))

    @property
    def needed(self) -> frozenset[str]:
        """Those of them whose links it cannot do without."""
        needed = {str(each.reference) for each in self._referring if not each.unlinked_empty}
        return frozenset(needed - {self.name})

    @property
    def _referring(self) -> list[FieldMap]:
        fields = (*self.fields, *(self.lines.fields if self.lines else ()))
        return [each for each in fields if each.reference]
