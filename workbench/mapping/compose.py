"""The text of a new mapping file, from what was proposed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from workbench.mapping.propose import Proposal
from workbench.mapping.schema import COMMENT
from workbench.model import Direction, Side

HEAD = """\
# How Salesforce's {salesforce} corresponds to QuickBooks' {quickbooks}.
# Proposed by `workbench mapping new`. Read it and correct it, then `workbench mapping on {name}`.
mapping: {name}
title: {salesforce} and {quickbooks}

salesforce:
  object: {salesforce}
  label: {salesforce_label}
quickbooks:
  object: {quickbooks}
  label: {quickbooks_label}

states:                                         # off until you have read it
{states}
operations:
  salesforce: [add, modify]
  quickbooks: [add, modify]
winner: manual                                  # a person decides, until you say who is right

match:                                          # tried in this order
{rules}
fields:
"""


def mapping_text(
    *,
    name: str,
    salesforce: str,
    quickbooks: str,
    salesforce_label: str,
    quickbooks_label: str,
    proposals: Iterable[Proposal],
) -> str:
    """The file, with a reason beside each field; all its states are off."""
    found = list(proposals)
    head = HEAD.format(
        name=name,
        salesforce=salesforce,
        quickbooks=quickbooks,
        salesforce_label=salesforce_label,
        quickbooks_label=quickbooks_label,
        states="\n".join(_states(found, _word(salesforce), _word(quickbooks))),
        rules="".join(_rules(found)) or "  []\n",
    )
    return COMMENT + head + "".join(_field(each) for each in found)


def _states(found: list[Proposal], salesforce: str, quickbooks: str) -> Iterator[str]:
    """The states that write something; both where nothing is but compared, for a person to choose."""
    lines = {
        Side.QUICKBOOKS: f"  {salesforce}To{quickbooks}: {{to: quickbooks, on: false}}",
        Side.SALESFORCE: f"  {quickbooks}To{salesforce}: {{to: salesforce, on: false}}",
    }
    writing = [side for side in lines if any(each.direction.allows(side) for each in found)]
    yield from (lines[side] for side in writing or lines)


def _rules(found: list[Proposal]) -> Iterator[str]:
    """By name where there is one; a person confirms every match of a mapping that nobody has read."""
    kinds = ("name", "email", "phone")
    known = {each.type.value: each.name for each in reversed(found)}
    for kind in kinds:
        if kind in known:
            yield f"  - {{rule: {kind}, field: {known[kind]}, how: exact, accept: false}}\n"
    if not known.keys() & set(kinds) and found:
        yield f"  - {{rule: {found[0].name}, field: {found[0].name}, how: exact, accept: false}}\n"


def _field(each: Proposal) -> str:
    lines = [
        f"  {each.name}:",
        f"    salesforce: {_scalar(each.salesforce)}",
        f"    quickbooks: {_scalar(each.quickbooks)}",
        f"    type: {each.type}",
    ]
    if each.reference:
        lines.append(f"    reference: {each.reference}")
    if each.direction is not Direction.BOTH:
        lines.append(f"    direction: {each.direction}")
    return "\n".join([*lines, f'    notes: "{each.why}"']) + "\n"


def _scalar(name: str) -> str:
    return name if re.fullmatch(r"[\w.]+", name, re.ASCII) else '"' + name.replace('"', '\\"') + '"'


def _word(name: str) -> str:
    return re.sub(r"\W", "", name.removesuffix("__c"))
