"""What both sides agree on becomes the base; and the summary of a diff."""

from typing import Any

from core_invoices import INVOICES, L1, confirmed, invoices
from core_world import World, differences, read, tabled

from workbench.diff import agreed, compute, summary
from workbench.model import Finding, Resolution

ACCOUNTS = """\
mapping: accounts
salesforce: {object: Account, label: Name, where: "Type IS DISTINCT FROM 'Vendor'"}
quickbooks: {object: Customer, label: Name, where: "Sublevel = 0"}
states: {AccountToCustomer: {to: quickbooks}, CustomerToAccount: {to: salesforce}}
operations: {salesforce: [add, modify], quickbooks: [add, modify]}
winner: quickbooks
match:
  - {rule: name, field: name, how: exact, accept: true}
  - {rule: phone, field: phone, how: exact, accept: false}
fields:
  name: {salesforce: Name, quickbooks: Name, type: name, winner: salesforce}
  phone: {salesforce: Phone, quickbooks: Phone, type: phone}
"""


def world(salesforce: str = "", quickbooks: str = "") -> World:
    return (
        World()
        .table("salesforce.Account", "Id | Name | Phone | Type | LastModifiedDate:ts\n" + salesforce)
        .table("quickbooks.Customer", "ListID | Name | Phone | Sublevel:N | EditSequence\n" + quickbooks)
    )


def agreement(given: World, mapping: str = ACCOUNTS) -> list[tuple[Any, ...]]:
    compute(given.connection, read(mapping))
    agreed(given.connection, read(mapping))
    return given.query("SELECT mapping, pair, fields, salesforce, quickbooks FROM work.agreed ORDER BY ALL")


def test_what_is_the_same_becomes_the_base_with_its_raw_values() -> None:
    given = world("1 | Ann | (555) 1", "A | Ann | 5551 | 0").pair("accounts", ("p", "1", "A"))
    assert agreement(given) == [
        (
            "accounts",
            "p",
            ["name", "phone"],
            '{"Name":"Ann","Phone":"(555) 1"}',
            '{"Name":"Ann","Phone":"5551"}',
        )
    ]


def test_what_differs_does_not() -> None:
    given = world("1 | Ann | 5", "A | Ann | 6 | 0").pair("accounts", ("p", "1", "A"))
    assert agreement(given) == [("accounts", "p", ["name"], '{"Name":"Ann"}', '{"Name":"Ann"}')]
    given = world("1 | Ann | 5", "A | Bea | 6 | 0").pair("accounts", ("p", "1", "A"))
    assert agreement(given) == []


def raw(name: str, phone: str | None) -> dict[str, str | None]:
    return {"Name": name, "Phone": phone}


ALL = ["name", "phone"]

#  why                        base: Salesforce, QuickBooks                    its fields  agreed newly
BASES = [
    ("all of it", (raw("Ann", None), raw("Ann", "")), ALL, None),
    ("a field that came later", (raw("Ann", None), raw("Ann", None)), ["name"], ["phone"]),
    ("converged", (raw("Old", None), raw("Old", None)), ALL, ["name"]),
    ("no longer agreeing", (raw("Ann", "1"), raw("Ann", None)), ALL, ["phone"]),
    ("no longer, other side", (raw("Ann", None), raw("Ann", "1")), ALL, ["phone"]),
    ("form only", (raw(" Ann", None), raw("Ann", None)), ALL, None),
]  # fmt: skip


@tabled("base fields expected", BASES)
def test_only_what_is_new_is_agreed(
    base: tuple[Any, Any], fields: list[str], expected: list[str] | None
) -> None:
    given = world("1 | Ann", "A | Ann | - | 0").pair("accounts", ("p", "1", "A"))
    given.base("accounts", "p", *base, *fields)
    assert [row[2] for row in agreement(given)] == ([expected] if expected else [])


def test_empty_values_are_agreed_as_empty() -> None:
    given = world("1 | - | ''", "A | - | - | 0").pair("accounts", ("p", "1", "A"))
    assert agreement(given)[0][2:] == (
        ["name", "phone"],
        '{"Name":null,"Phone":""}',
        '{"Name":null,"Phone":null}',
    )


def test_lines_have_a_base_of_their_own() -> None:
    given = invoices(L1).pair("invoices.lines", ("l", "1", "A"))
    found = {row[0]: row[2:] for row in agreement(given, INVOICES)}
    assert found["invoices.lines"] == (
        ["item", "rate", "text"],
        '{"Description":"x","Product2Id":"prodA","UnitPrice":"5.00000"}',
        '{"Desc":"x","ItemRef_ListID":"itemA","Rate":"5.00000"}',
    )
    assert found["invoices"][0] == ["number", "total", "account"]


def test_with_the_agreed_base_the_next_edit_is_told_from_its_other_side() -> None:
    given = world("1 | Ann | 5", "A | Ann | 5 | 0").pair("accounts", ("p", "1", "A"))
    [(_, pair, fields, salesforce, quickbooks)] = agreement(given)
    given.connection.execute(
        "INSERT INTO kept.base VALUES ('accounts', ?, ?, ?, ?)", [pair, fields, salesforce, quickbooks]
    )
    assert agreement(given) == []
    given.connection.execute("UPDATE salesforce.Account SET Phone = '6'")
    compute(given.connection, read(ACCOUNTS))
    assert differences(given, "field, base, difference, resolution") == [
        "phone 5 take_salesforce take_salesforce"
    ]


def test_the_summary_counts_and_names_what_matters_most() -> None:
    given = world(
        "1 | Ann | 1\n2 | Bo | 2\n3 | Cy | 3\n9 | New | -", "A | Ann | 7 | 0\nB | Bob | 2 | 0\nC | Cy | 3 | 0"
    )
    given.pair("accounts", ("p1", "1", "A"), ("p2", "2", "B"), ("p3", "3", "C"))
    given.base("accounts", "p1", {"Phone": "5"}, {"Phone": "5"}, "phone")
    given.base("accounts", "p3", {"Phone": "5"}, {"Phone": "5"}, "phone")
    given.decide("accounts", "refuse", "2", "B", "name")
    compute(given.connection, read(ACCOUNTS))
    found = summary(given.connection)
    assert (found.total, found.remaining, found.conflicts, found.converged) == (3, 1, 1, 1)
    assert (found.writes, found.accepted, found.refused) == (1, 0, 1)
    assert [(each.label, each.field, each.difference) for each in found.important] == [
        ("Ann", "phone", Finding.CONFLICT),
        ("Bo", "name", Finding.DIFFERS),
        ("New", None, Finding.NEW),
    ]
    assert found.important[1].resolution is Resolution.REFUSE


def test_the_largest_gap_of_money_comes_first_whatever_its_sign() -> None:
    lines = (
        "1 | O | 1 | prodA | 5 | x\n2 | O | 2 | prodB | 1 | y",
        "A | I | 1 | itemA | 5.5 | z\nB | I | 2 | itemB | 3 | y",
    )
    given = confirmed(invoices(lines, ("10", "9")), ("l", "1", "A"), ("m", "2", "B"))
    assert [(each.field, str(each.gap)) for each in summary(given.connection).important] == [
        ("rate", "-2.00000"),
        ("total", "1.00000"),
        ("rate", "-0.50000"),
        ("text", "None"),
    ]


def test_an_empty_diff_has_an_empty_summary() -> None:
    given = world("1 | Ann", "A | Ann | - | 0").pair("accounts", ("p", "1", "A"))
    compute(given.connection, read(ACCOUNTS))
    found = summary(given.connection)
    assert (found.total, found.remaining, found.counts, found.important) == (0, 0, (), ())
