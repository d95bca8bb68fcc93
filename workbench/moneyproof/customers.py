"""Whose account a document is on: the top customer, with all its jobs; an account where there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from workbench.model import Mapping as FieldMapping
from workbench.model import Side
from workbench.moneyproof import books
from workbench.moneyproof.figures import Customer, Document
from workbench.moneyproof.subjects import Subject
from workbench.moneyproof.tables import Tables, amount
from workbench.normalize import identifier

NOBODY = Customer(key="", name="(no customer)")


@dataclass(frozen=True, slots=True)
class Accounts:
    """The customers of QuickBooks.

    Attributes:
        top: Customers that are no jobs, by ListID.
        parents: ListID of the customer above, by ListID of the job.
        balances: Whether QuickBooks' own balances were read.
    """

    top: Mapping[str, Customer]
    parents: Mapping[str, str] = field(default_factory=dict)
    balances: bool = False

    def root(self, key: str) -> str:
        """The customer at the top of a job; the key itself where there is nothing above it."""
        seen = {key}
        while (above := self.parents.get(key)) is not None and above not in seen:
            seen.add(above)
            key = above
        return key


def read_accounts(tables: Tables) -> Accounts:
    """All customers with QuickBooks' balance of them, jobs included."""
    side, name = Side.QUICKBOOKS, books.CUSTOMERS
    known = tables.columns(side, name)
    if not known:
        return Accounts({})
    balances = tables.has(side, name, "TotalBalance")
    balance = "TotalBalance" if balances else "NULL"
    currency = books.CURRENCY if books.CURRENCY.lower() in known else "NULL"
    parent = "ParentRef_ListID" if "parentref_listid" in known else "NULL"
    label = "FullName" if "fullname" in known else "Name"
    rows = tables.connection.execute(
        f"SELECT ListID, {label}, {parent}, {balance}, {currency} FROM {tables.live(side, name)}"
    ).fetchall()
    parents = {key: above for key, _, above, _, _ in rows if above}
    top = {
        key: Customer(key=key, name=name or key, currency=currency or "", balance=amount(balance))
        for key, name, _, balance, currency in rows
        if key not in parents
    }
    return Accounts(top, parents, balances)


def concerned(
    tables: Tables,
    accounts: Accounts,
    documents: Iterable[Document],
    subjects: Iterable[Subject],
    mappings: Iterable[FieldMapping],
) -> dict[str, Customer]:
    """By key, those who have a document or a balance; accounts without a customer by their name."""
    keys = {each.customer for each in documents}
    keys |= {key for key, each in accounts.top.items() if each.balance}
    found = {key: accounts.top[key] for key in sorted(keys & accounts.top.keys())}
    names = _names(tables, keys - found.keys(), subjects, mappings)
    others = {key: Customer(key=key, name=names.get(key, key)) for key in sorted(keys - found.keys()) if key}
    return found | others | ({"": NOBODY} if "" in keys else {})


def _names(
    tables: Tables, keys: set[str], subjects: Iterable[Subject], mappings: Iterable[FieldMapping]
) -> dict[str, str]:
    """Names of Salesforce's records that documents name as their customer's."""
    referred = {each.customer.reference for each in subjects if each.customer}
    found: dict[str, str] = {}
    for mapping in mappings:
        spec = mapping.salesforce
        if mapping.name not in referred or not tables.columns(Side.SALESFORCE, spec.object):
            continue
        key, label = identifier(spec.key), identifier(spec.label)
        live = tables.live(Side.SALESFORCE, spec.object)
        query = f"SELECT {key}, {label} FROM {live} AND list_contains(?, {key})"
        rows = tables.connection.execute(query, [sorted(keys)]).fetchall()
        found |= {str(id_): str(name or id_) for id_, name in rows}
    return found
