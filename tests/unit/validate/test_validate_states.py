"""What states need of each other, of other mappings and of the master."""

# ruff: noqa: E501  (tables are read in columns)

from __future__ import annotations

from collections.abc import Mapping as ReadOnly

import pytest

from tests.unit.validate.validate_world import ACCOUNTS, FOLDER, mapping
from workbench.model import Mapping
from workbench.templates import template
from workbench.validate import Check, Verdict
from workbench.validate.states import Dependencies, master
from workbench.validate.today import Today, no_data

E, W, U, V = Verdict.ERROR, Verdict.WARNING, Verdict.UNKNOWN, Verdict.VALID
INVOICES = """\
mapping: opportunity-invoice
salesforce: {object: Opportunity, label: Name}
quickbooks: {object: Invoice, label: RefNumber}
states:
  OpportunityToInvoice: {to: quickbooks}
  InvoiceToOpportunity: {to: salesforce}
  InvoiceLineUpdate: {to: salesforce, fields: [number]}
operations: {salesforce: [add, modify], quickbooks: [add]}
match: [{rule: number, field: number, how: exact, accept: true}]
fields:
  account: {salesforce: AccountId, quickbooks: CustomerRef_ListID, type: reference, reference: account-customer, required: true}
  number: {salesforce: Invoice_Number__c, quickbooks: RefNumber, direction: to_salesforce}
"""


def switched(text: str, *off: str) -> str:
    for name in off:
        line = next(each for each in text.splitlines() if each.strip().startswith(f"{name}:"))
        text = text.replace(line, line.replace("{to:", "{on: false, to:"))
    return text


def between(
    *off: str, accounts: str = ACCOUNTS, linked: ReadOnly[str, int] | None = None, today: Today | None = None
) -> list[Check]:
    mappings = {
        "account-customer": mapping(switched(accounts, *(name for name in off if f"{name}:" in accounts))),
        "opportunity-invoice": mapping(
            switched(INVOICES, *(name for name in off if f"{name}:" in INVOICES)), "opportunity-invoice.yaml"
        ),
    }
    made = Dependencies(mappings=mappings, linked=linked or {}, today=today or no_data("none"), folder=FOLDER)
    return list(made.checks())


def test_with_all_on_every_state_has_what_it_needs() -> None:
    found = between()
    assert {check.verdict for check in found} == {V}
    told = {check.name: check.detail for check in found}
    assert told["OpportunityToInvoice"] == "has linked records of account-customer"
    assert told["InvoiceLineUpdate"] == "has links made by OpportunityToInvoice and InvoiceToOpportunity"
    assert told["AccountToCustomer"] == "needs no other state"


#  why                                       off                                            linked                       name                    verdict  told
NEEDS = [
    ("customers are not created",            ["AccountToCustomer"],                         {},                          "OpportunityToInvoice", W, "AccountToCustomer is off: only the 0 linked ones"),
    ("some are linked",                      ["AccountToCustomer"],                         {"account-customer": 3},     "OpportunityToInvoice", W, "only the 3 linked ones"),
    ("nothing links them any more",          ["AccountToCustomer", "CustomerToAccount"],    {"account-customer": 3},     "OpportunityToInvoice", W, "no new one is ever linked"),
    ("and nothing ever did",                 ["AccountToCustomer", "CustomerToAccount"],    {},                          "OpportunityToInvoice", E, "no new one is ever linked"),
    ("the other way needs accounts",         ["CustomerToAccount"],                         {},                          "InvoiceToOpportunity", W, "CustomerToAccount is off"),
    ("lines without their invoices",         ["OpportunityToInvoice", "InvoiceToOpportunity"], {"opportunity-invoice": 5}, "InvoiceLineUpdate",  W, "5 records linked so far"),
    ("and without any",                      ["OpportunityToInvoice", "InvoiceToOpportunity"], {},                       "InvoiceLineUpdate",    E, "0 records linked so far"),
    ("one of them is enough",                ["OpportunityToInvoice"],                      {},                          "InvoiceLineUpdate",    V, "links made by InvoiceToOpportunity"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("off", "linked", "name", "verdict", "told"),
    [case[1:] for case in NEEDS],
    ids=[case[0] for case in NEEDS],
)
def test_a_state_that_needs_another(
    off: list[str], linked: dict[str, int], name: str, verdict: Verdict, told: str
) -> None:
    (check,) = [each for each in between(*off, linked=linked) if each.name == name]
    assert (check.verdict, told in check.detail) == (verdict, True), check.detail
    assert bool(check.fix) is (verdict is not V)
    assert check.where.startswith("mappings/opportunity-invoice.yaml:")


def test_a_state_that_is_off_needs_nothing() -> None:
    names = {check.name for check in between("OpportunityToInvoice", "AccountToCustomer")}
    assert not names & {"OpportunityToInvoice", "AccountToCustomer"}


def test_a_mapping_that_may_not_add_creates_nothing_to_refer_to() -> None:
    kept = ACCOUNTS.replace("quickbooks: [add, modify]}", "quickbooks: [modify]}")
    (check,) = [each for each in between(accounts=kept) if each.name == "OpportunityToInvoice"]
    assert (check.verdict, "no state creates them" in check.detail) == (W, True)


def test_two_states_of_one_name() -> None:
    twice = ACCOUNTS.replace("AccountToCustomer:", "InvoiceToOpportunity:")
    found = [each for each in between(accounts=twice) if each.verdict is E]
    assert [(each.name, "of this name too" in each.detail) for each in found] == [
        ("InvoiceToOpportunity", True)
    ]


# --- two mappings, one object -----------------------------------------------------------------------------


class Shared(Today):
    """Today's data in which two mappings have so many records in common."""

    def in_both(self, one: Mapping, other: Mapping, side: object) -> int | None:
        return {"quickbooks": 2}.get(str(side), 0)


#  why                             filter of the other            today           verdict  told
SAME = [
    ("both have a filter",         'where: "Sublevel > 0"',      no_data("none"), V, "each to its own records"),
    ("one has none",               "related: {}",                no_data("none"), W, "not both have a filter"),
    ("they share records",         'where: "Sublevel < 9"',      Shared(),        E, "2 QuickBooks Customer records"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("filtered", "today", "verdict", "told"), [case[1:] for case in SAME], ids=[case[0] for case in SAME]
)
def test_two_mappings_that_write_one_object(filtered: str, today: Today, verdict: Verdict, told: str) -> None:
    jobs = ACCOUNTS.replace("mapping: account", "mapping: contact").replace("Account,", "Contact,", 1)
    jobs = (
        jobs.replace("AccountTo", "ContactTo")
        .replace("ToAccount", "ToContact")
        .replace('where: "Sublevel = 0"', filtered)
    )
    mappings = {"account-customer": mapping(), "contact-customer": mapping(jobs, "contact-customer.yaml")}
    made = Dependencies(mappings=mappings, linked={}, today=today, folder=FOLDER).checks()
    (check,) = [each for each in made if " and " in each.name]
    assert (check.verdict, told in check.detail) == (verdict, True), check.detail


# --- the master -------------------------------------------------------------------------------------------

TEMPLATE = template("salesforce-quickbooks-bidirectional")


def states(**on: bool) -> list[Mapping]:
    """Mappings with these states, all to QuickBooks."""
    lines = "".join(f"  {name}: {{to: quickbooks, on: {str(value).lower()}}}\n" for name, value in on.items())
    head, _, tail = ACCOUNTS.partition("states:\n")
    return [
        mapping(
            f"{head}states:\n{lines}operations:{tail.partition('operations:')[2]}".replace(
                "direction: to_salesforce", "direction: compare"
            )
        )
    ]


def of_master(name: str, mappings: list[Mapping], template_name: str = TEMPLATE.name) -> Check:
    return [*master(name, template_name, mappings)][-1]


def test_states_as_the_preset_sets_them() -> None:
    wanted = TEMPLATE.masters["salesforce"].states
    found = of_master("salesforce", states(**{name: name in wanted for name in TEMPLATE.states}))
    assert (found.verdict, "as it sets them" in found.detail) == (V, True)


def test_states_that_differ_from_the_preset_are_named() -> None:
    wanted = TEMPLATE.masters["salesforce"].states
    on = {name: name in wanted for name in TEMPLATE.states} | {
        "AccountToCustomer": False,
        "CustomerToAccount": True,
    }
    found = of_master("salesforce", states(**on))
    assert found.verdict is W
    assert "CustomerToAccount is on besides; AccountToCustomer is off" in found.detail
    assert "workbench master" in found.fix


def test_a_state_of_the_preset_that_no_mapping_has() -> None:
    wanted = TEMPLATE.masters["salesforce"].states
    found = of_master("salesforce", states(**dict.fromkeys(wanted[1:], True)))
    assert f"{wanted[0]} is in no mapping file" in found.detail


@pytest.mark.parametrize(
    ("name", "template_name", "verdict", "told"),
    [
        ("salesfroce", TEMPLATE.name, W, "no preset"),
        ("both", "no-such-template", W, "no template"),
        ("both", "", V, "no preset to hold"),
    ],
)
def test_a_master_or_a_template_that_is_not_there(
    name: str, template_name: str, verdict: Verdict, told: str
) -> None:
    found = of_master(name, [mapping()], template_name)
    assert (found.verdict, told in found.detail) == (verdict, True)


def test_nothing_is_said_of_states_whose_file_cannot_be_read() -> None:
    found = list(master("both", "salesforce-quickbooks-bidirectional", [mapping()], ["opportunity-invoice"]))
    told = found[-1]
    assert "in no mapping file" not in told.detail
    assert (
        "in no mapping file"
        in list(master("both", "salesforce-quickbooks-bidirectional", [mapping()]))[-1].detail
    )
