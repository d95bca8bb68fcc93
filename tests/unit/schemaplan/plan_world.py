"""Small mappings and lists for tests of the schema plan, in the notation of a mapping file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.connections import quickbooks
from workbench.mapping import read_mapping
from workbench.schemaplan import Inputs, SchemaPlan, plan, requests

HEAD = """\
mapping: {name}
salesforce: {{object: {salesforce}, label: Name{salesforce_more}}}
quickbooks: {{object: {quickbooks}, label: {label}}}
states:
  Out: {{to: quickbooks, on: {out}}}
  In: {{to: salesforce, on: {back}}}
operations: {{salesforce: [add, modify], quickbooks: [add, modify]}}
winner: quickbooks
match:
  - {{rule: name, field: name, how: exact, accept: true}}
fields:
  name: {{salesforce: Name, quickbooks: Name, type: name}}
"""
OBJECTS = ("Account", "Contact", "Product2", "Opportunity", "OpportunityLineItem")
ORG = {name: {"name": name, "fields": [{"name": "Name", "type": "string"}]} for name in OBJECTS}


def text(
    *fields: str,
    name: str = "customers",
    salesforce: str = "Account",
    salesforce_more: str = "",
    quickbooks: str = "Customer",
    label: str = "Name",
    defaults: str = "",
    out: bool = True,
    back: bool = True,
) -> str:
    """A mapping file with these lines below `fields`."""
    head = HEAD.format(
        name=name, salesforce=salesforce, salesforce_more=salesforce_more, quickbooks=quickbooks,
        label=label, out=str(out).lower(), back=str(back).lower(),
    )  # fmt: skip
    tail = f"defaults:\n  {defaults}\n" if defaults else ""
    return head + "".join(f"  {line}\n" for line in fields) + tail


def planned(
    *mappings: str,
    org: Mapping[str, Any] | None = None,
    definitions: Sequence[Mapping[str, Any]] = (),
    accounts: Sequence[Mapping[str, Any]] = (),
    product: str = "QuickBooks Pro 2024",
) -> SchemaPlan:
    """The plan for mapping files and what both systems have."""
    read = [read_mapping(each, Path(f"folder/{number}.yaml")) for number, each in enumerate(mappings, 1)]
    return plan(
        Inputs(
            profile="books",
            mappings={mapping.name: mapping for mapping in read},
            salesforce=ORG if org is None else org,
            quickbooks=quickbooks.describes(),
            definitions=definitions,
            accounts=accounts,
            product=product,
            refuse=requests.refusal,
        )
    )


def definition(
    name: str, to: str = "Customer", type_: str = "STR255TYPE", owner: str = "0"
) -> dict[str, Any]:
    return {"OwnerID": owner, "DataExtName": name, "DataExtType": type_, "AssignToObject": to}


def account(name: str, type_: str = "Income", active: bool = True) -> dict[str, Any]:
    return {"FullName": name, "AccountType": type_, "IsActive": active}


def labels(made: SchemaPlan) -> list[str]:
    return [item.label for item in made.items]


def told(made: SchemaPlan) -> list[str]:
    """The problems, each with its values on one line."""
    return [
        f"{each.what} | {', '.join(f'{name}: {value}' for name, value in each.values.items())}"
        for each in made.problems
    ]
