"""What one planted case is: how it gets into the books, what the diff shows, what a person decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SALESFORCE, QUICKBOOKS = "salesforce", "quickbooks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of an opportunity and its invoice, or of one of them.

    Attributes:
        product: Name of the product.
        quantity: As text; the same on both sides.
        rate: As text; None is the price of the product.
        text: Description on both sides; None is the description of the product.
        side: The only side that has the line; None when both have it.
        salesforce, quickbooks: Values that differ from the above on that side.
    """

    product: str
    quantity: str = "1"
    rate: str | None = None
    text: str | None = None
    side: str | None = None
    salesforce: Mapping[str, object] = field(default_factory=dict)
    quickbooks: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A change made after the first pull: by a sales person in Salesforce, by the bookkeeper in QuickBooks.

    Attributes:
        side: Where.
        fields: New values by API field; None empties the field.
        object: Object or entity, when it is not the one of the case's mapping.
        line: Description of the line that is changed, when it is a line.
    """

    side: str
    fields: Mapping[str, object]
    object: str | None = None
    line: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One row of the diff.

    Attributes:
        kind: 'field', 'only_salesforce' or 'only_quickbooks'.
        field: Name in the mapping; None for a whole record.
        difference: 'differs' (no base), 'take_salesforce', 'take_quickbooks', 'conflict', 'converged';
            'new' for a whole record.
        before: What becomes of it while nobody has decided and no matching is closed.
        after: What becomes of it by `decisions.yaml`; None when the row is gone then (linked, or equal).
        mapping, salesforce, quickbooks: Where, when it is not the case's own record.
        once_linked: The row appears only when the decision `link` has been taken.
    """

    kind: str = "field"
    field: str | None = None
    difference: str | None = None
    before: str | None = None
    after: str | None = None
    mapping: str | None = None
    salesforce: str | None = None
    quickbooks: str | None = None
    once_linked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the analyst decides, and why; `field` is None when it is about the whole record."""

    decision: str
    reason: str
    field: str | None = None
    mapping: str | None = None
    salesforce: str | None = None
    quickbooks: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One planted case.

    Attributes:
        id: P01 and so on.
        what: What is wrong, in a few words.
        mapping: Name of the mapping.
        salesforce, quickbooks: Label of the record on each side (Name; FullName or RefNumber); None where
            it is missing.
        sf, qb: Values on that side which the other side does not share.
        linked: Salesforce holds the QuickBooks id already.
        make: Further facts for `books`: account, product type, lines.
        edits, shows, decisions: See there.
        outcome: 'applied', 'accepted', 'refused', 'ignored' or 'nothing'.
        happens: One sentence for the table.
    """

    id: str
    what: str
    mapping: str
    happens: str
    outcome: str
    salesforce: str | None = None
    quickbooks: str | None = None
    sf: Mapping[str, object] = field(default_factory=dict)
    qb: Mapping[str, object] = field(default_factory=dict)
    linked: bool = True
    make: Mapping[str, object] = field(default_factory=dict)
    edits: tuple[Edit, ...] = ()
    shows: tuple[Shown, ...] = ()
    decisions: tuple[Decision, ...] = ()
