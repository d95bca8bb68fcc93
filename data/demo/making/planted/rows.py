"""Short ways to say what the diff shows."""

from __future__ import annotations

from dataclasses import replace

from making.case import Shown

SF, QB = "salesforce", "quickbooks"
TAKE_SF, TAKE_QB = "take_salesforce", "take_quickbooks"
CREATE_SF, CREATE_QB = "create_salesforce", "create_quickbooks"
UNDECIDED = "undecided"
LINES = "opportunity-invoice.lines"


def differs(field: str, before: str, after: str) -> Shown:
    """Two values, and no base that tells who moved."""
    return Shown(field=field, difference="differs", before=before, after=after)


def moved(difference: str, field: str, before: str, after: str) -> Shown:
    """A three-way finding: take_salesforce, take_quickbooks or conflict."""
    return Shown(field=field, difference=difference, before=before, after=after)


def converged(field: str) -> Shown:
    """Both sides moved to the same value: nothing to do, and it becomes the base."""
    return Shown(field=field, difference="converged", before="none", after=None)


def only(side: str, after: str | None) -> Shown:
    """A record without a counterpart; undecided until a person closes the first matching."""
    return Shown(kind=f"only_{side}", difference="new", before=UNDECIDED, after=after)


def line(shown: Shown, salesforce: str | None, quickbooks: str | None) -> Shown:
    """The same row, about a line; by the line's description on each side."""
    return replace(shown, mapping=LINES, salesforce=salesforce, quickbooks=quickbooks)


def once_linked(shown: Shown) -> Shown:
    """The same row, which appears when a person has linked the two records."""
    return replace(shown, once_linked=True)
