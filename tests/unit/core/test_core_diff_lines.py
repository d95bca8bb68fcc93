"""Lines of linked documents, and totals that follow from what is written."""

from core_invoices import INVOICES, L1, ROWS, confirmed, invoices
from core_world import differences, read, tabled

from workbench.diff import compute


def test_equal_documents_have_no_rows() -> None:
    assert differences(confirmed(invoices(L1), ("l", "1", "A"))) == []


def test_a_line_of_both_sides_is_compared_like_a_record() -> None:
    given = confirmed(invoices((L1[0], "A | I | 1 | itemA | 5.01 | x")), ("l", "1", "A"))
    assert differences(given, f"{ROWS}, gap, parent_pair, quickbooks_version") == [
        "invoices.lines field rate differs take_quickbooks winner -0.01000 d 42"
    ]


def test_half_a_cent_is_within_the_rates_tolerance() -> None:
    assert differences(confirmed(invoices((L1[0], "A | I | 1 | itemA | 5.005 | x")), ("l", "1", "A"))) == []


def test_a_new_line_of_a_linked_document() -> None:
    new_invoice_line = confirmed(invoices((L1[0], L1[1] + "\nB | I | 2 | itemB | 1 | y")), ("l", "1", "A"))
    assert differences(new_invoice_line, f"{ROWS}, parent_pair") == [
        "invoices.lines only_quickbooks - new create_salesforce state d"
    ]
    new_product_line = confirmed(invoices((L1[0] + "\n2 | O | 2 | prodB | 1 | y", L1[1])), ("l", "1", "A"))
    assert differences(new_product_line, f"{ROWS}, reason") == [
        "invoices.lines only_salesforce - new undecided - "
        "not in QuickBooks, and the mapping may not add to it"
    ]


def test_lines_of_a_document_that_is_not_linked_go_with_the_document() -> None:
    given = confirmed(invoices((L1[0], ""), linked=False))
    given.connection.execute("DELETE FROM quickbooks.Invoice")
    compute(given.connection, read(INVOICES))
    assert differences(given, ROWS) == ["invoices only_salesforce - new create_quickbooks state"]


def test_a_document_with_a_line_that_refers_to_nothing_known_is_held() -> None:
    given = invoices(("1 | O | 1 | prodX | 5.00 | x", ""), linked=False)
    given.connection.execute("DELETE FROM quickbooks.Invoice")
    compute(given.connection, read(INVOICES))
    assert differences(given, "resolution, reason") == [
        "undecided not in QuickBooks; a line refers by item to a record that is not linked yet"
    ]


def test_a_total_alone_is_a_persons() -> None:
    given = confirmed(invoices(L1, ("10.01", "10.00")), ("l", "1", "A"))
    assert differences(given, f"{ROWS}, gap") == ["invoices field total differs undecided - 0.01000"]
    given.decide("invoices", "accept", "O", "I", "total")
    compute(given.connection, read(INVOICES))
    assert differences(given, "resolution, resolved_by") == ["accept decision"]


#  why, Salesforce's line, QuickBooks' line, the total
FOLLOWS = [
    ("a price of a line is written", L1[0], "A | I | 1 | itemA | 6 | x", "follows three-way"),
    ("a line comes", L1[0], L1[1] + "\nB | I | 2 | itemB | 1 | y", "follows three-way"),
    ("only a text of a line is written", L1[0], "A | I | 1 | itemA | 5 | y", "undecided -"),
    ("nothing else", L1[0], L1[1], "undecided -"),
]


@tabled("salesforce quickbooks expected", FOLLOWS)
def test_a_total_follows_from_what_changes_it(salesforce: str, quickbooks: str, expected: str) -> None:
    given = confirmed(invoices((salesforce, quickbooks), ("10", "16")), ("l", "1", "A"))
    rows = given.query(
        "SELECT resolution, coalesce(resolved_by, '-') FROM work.differences WHERE field = 'total'"
    )
    assert [" ".join(row) for row in rows] == [expected]


def test_a_total_does_not_follow_where_a_number_of_its_lines_stays() -> None:
    """What comes does not bring it to the other side's total: a part of the gap stays open."""
    given = confirmed(
        invoices((L1[0], "A | I | 1 | itemA | 6 | x\nB | I | 2 | itemB | 1 | y"), ("10", "16")),
        ("l", "1", "A"),
    )
    ((field,),) = given.query(
        "SELECT field FROM work.differences WHERE salesforce_id = '1' AND type = 'price'"
    )
    total = "SELECT resolution FROM work.differences WHERE field = 'total'"
    assert given.query(total) == [("follows",)]
    given.decide("invoices.lines", "accept", "1", "A", field)
    compute(given.connection, read(INVOICES))
    assert given.query(total) == [("undecided",)]


def test_an_item_that_is_only_compared_follows_nothing() -> None:
    """No write of a text changes what a line refers to."""
    compare = INVOICES.replace("reference: products", "reference: products, direction: compare")
    assert compare != INVOICES
    given = confirmed(
        invoices(("1 | O | 1 | prodA | 5.00 | y", "A | I | 1 | itemB | 5.00 | x")), ("l", "1", "A")
    )
    compute(given.connection, read(compare))
    found = dict(given.query("SELECT field, resolution FROM work.differences WHERE kind = 'field'"))
    assert found["item"] == "undecided"
    assert any(each.startswith("take_") for each in found.values()), "a text of the line is written"


def test_a_total_does_not_follow_from_its_number() -> None:
    given = confirmed(invoices(L1, ("10", "16")), ("l", "1", "A"))
    given.connection.execute("UPDATE salesforce.Opportunity SET Number = NULL")
    compute(given.connection, read(INVOICES))
    assert differences(given, "field, resolution") == ["number take_quickbooks", "total undecided"]
