"""The objects of the embedded org: the standard ones that a sales org has, and our custom fields.

One line a field.  Lengths, precision and access of the standard fields are Salesforce's; the custom
fields (`__c`) are those that the demo org adds for its link with QuickBooks.
"""

from __future__ import annotations

from .objects_customers import ACCOUNT, CONTACT
from .objects_sales import LINE_ITEM, OPPORTUNITY, PRICE_BOOK, PRICE_BOOK_ENTRY, PRODUCT
from .objects_system import GROUP, ORGANIZATION, RECEIVABLE, TASK, USER
from .schema import ObjectDef, Schema

STANDARD = Schema(
    (
        ACCOUNT,
        CONTACT,
        GROUP,
        OPPORTUNITY,
        LINE_ITEM,
        ORGANIZATION,
        PRICE_BOOK,
        PRICE_BOOK_ENTRY,
        PRODUCT,
        TASK,
        USER,
    )
)
"""The schema of a new org."""

CUSTOM: tuple[ObjectDef, ...] = (RECEIVABLE,)
"""Custom objects that an org may be opened with."""
