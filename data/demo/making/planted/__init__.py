"""The planted trouble, one module a mapping, in the order in which it must be made."""

from __future__ import annotations

from making.case import Case
from making.planted.accounts import ACCOUNTS
from making.planted.contacts import CONTACTS
from making.planted.products import PRODUCTS
from making.planted.sales import SALES

CASES: tuple[Case, ...] = (*ACCOUNTS, *CONTACTS, *PRODUCTS, *SALES)
