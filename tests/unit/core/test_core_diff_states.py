"""Several states of one direction: those that own fields, and those with a condition of their own."""

from typing import Any

import pytest
from core_invoices import L1
from core_world import World, differences, read, tabled
from test_core_mapping import HEAD, INVOICE, NAME, problems

from workbench.diff import compute
from workbench.errors import MappingError
from workbench.model import Mapping, Side

ITEMS = """\
mapping: items
salesforce: {object: Product2, label: Name}
quickbooks: {object: Item, label: Name}
states:
  ProductToItemService: {to: quickbooks, where: "Kind = 'Service'"}
  ProductToItemInventory: {to: quickbooks, where: "Kind = 'Inventory'"}
  ItemServiceToProduct: {to: salesforce, where: "Type = 'Service'"}
  ItemInventoryToProduct: {to: salesforce, where: "Type = 'Inventory'"}
  IdToProduct: {to: salesforce, fields: [quickbooks_id]}
operations: {salesforce: [add, modify], quickbooks: [add, modify]}
winner: quickbooks
match: []
fields:
  name: {salesforce: Name, quickbooks: Name, type: name}
  kind: {salesforce: Kind, quickbooks: Type}
  quickbooks_id: {salesforce: Id__c, quickbooks: ListID, type: id, direction: to_salesforce}
"""
STATES = ("ProductToItemService", "ProductToItemInventory", "ItemServiceToProduct",
          "ItemInventoryToProduct", "IdToProduct")  # fmt: skip
COLUMNS = "Id | Name | Kind | Id__c", "ListID | Name | Type | EditSequence"


def on(*names: str) -> dict[str, bool]:
    """Only these states."""
    return {name: name in names for name in STATES}


def items(salesforce: str = "", quickbooks: str = "", *, linked: bool = True) -> World:
    given = World().table("salesforce.Product2", f"{COLUMNS[0]}\n{salesforce}")
    given.table("quickbooks.Item", f"{COLUMNS[1]}\n{quickbooks}").close("items")
    return given.pair("items", ("p", "1", "A")) if linked else given


def told(given: World, states: dict[str, bool], text: str = ITEMS) -> list[str]:
    compute(given.connection, read(text), states=states)
    return differences(given, "coalesce(field, kind) AS what, resolution, coalesce(reason, '-')")


WINNER = "no base for it yet: two-way; winner quickbooks"

#  why, states that are on, what comes of a linked pair of services whose name and id differ
LINKED = [
    ("all", STATES, f"name take_quickbooks {WINNER}", f"quickbooks_id take_quickbooks {WINNER}"),
    ("only the owner writes its field", ("IdToProduct",),
     "name off ItemServiceToProduct is off", f"quickbooks_id take_quickbooks {WINNER}"),
    ("its owner is off", ("ItemServiceToProduct",),
     f"name take_quickbooks {WINNER}", "quickbooks_id off IdToProduct is off"),
    ("another kind's state is off", ("ItemServiceToProduct", "IdToProduct"),
     f"name take_quickbooks {WINNER}", f"quickbooks_id take_quickbooks {WINNER}"),
    ("its own kind's state is off", ("ItemInventoryToProduct", "IdToProduct"),
     "name off ItemServiceToProduct is off", f"quickbooks_id take_quickbooks {WINNER}"),
    ("none", (), "name off ItemServiceToProduct is off", "quickbooks_id off IdToProduct is off"),
]  # fmt: skip


@tabled("states name quickbooks_id", LINKED)
def test_a_field_is_written_by_the_state_it_belongs_to(
    states: tuple[str, ...], name: str, quickbooks_id: str
) -> None:
    given = items("1 | Rope | Service | -", "A | Rope, long | Service | 7")
    assert told(given, on(*states)) == [name, quickbooks_id]


#  why, record in QuickBooks only, states that are on, what comes of it
ALONE = [
    ("a service", "A | Rope | Service | 7", STATES, "create_salesforce not in Salesforce"),
    ("of a kind without a state", "A | Rope | Discount | 7", STATES,
     "off the condition of ItemServiceToProduct and ItemInventoryToProduct does not take this record"),
    ("its kind is off", "A | Rope | Service | 7", ("ItemInventoryToProduct",),
     "off ItemServiceToProduct is off"),
    ("its kind is on, its neighbour off", "A | Rope | Service | 7", ("ItemServiceToProduct",),
     "create_salesforce not in Salesforce"),
    ("an owner never creates", "A | Rope | Service | 7", ("IdToProduct",), "off ItemServiceToProduct is off"),
    ("no kind", "A | Rope | - | 7", (),
     "off ItemServiceToProduct and ItemInventoryToProduct are off"),
]  # fmt: skip


@tabled("record states expected", ALONE)
def test_a_record_is_created_by_the_state_of_its_kind(
    record: str, states: tuple[str, ...], expected: str
) -> None:
    assert told(items("", record, linked=False), on(*states)) == [f"only_quickbooks {expected}"]


def test_an_owner_alone_creates_nothing_and_says_so() -> None:
    text = ITEMS.replace("  ItemServiceToProduct", "#").replace("  ItemInventoryToProduct", "#")
    found = told(items("", "A | Rope | Service | 7", linked=False), {}, text)
    assert found == ["only_quickbooks off no state creates in Salesforce"]


def test_a_field_without_a_state_is_off() -> None:
    text = ITEMS.replace("  ItemServiceToProduct", "#").replace("  ItemInventoryToProduct", "#")
    given = items("1 | Rope | Service | A", "A | Rope, long | Service | 7")
    assert told(given, {}, text) == ["name off no state writes this field to Salesforce"]


#  why, gate of the owner, what comes of the id
GATED = [
    ("it takes the record", "Type = 'Service'", f"quickbooks_id take_quickbooks {WINNER}"),
    ("it does not", "Type = 'Discount'",
     "quickbooks_id off the condition of IdToProduct does not take this record"),
    ("empty is no", "Type = NULL",
     "quickbooks_id off the condition of IdToProduct does not take this record"),
]  # fmt: skip


@tabled("gate expected", GATED)
def test_the_owners_condition_holds_for_its_fields_only(gate: str, expected: str) -> None:
    text = ITEMS.replace("fields: [quickbooks_id]", f'where: "{gate}", fields: [quickbooks_id]')
    given = items("1 | Rope | Service | -", "A | Rope, long | Service | 7")
    assert told(given, {}, text) == [f"name take_quickbooks {WINNER}", expected]


#  why, what stands in the mapping for the id, decision, what comes of it while its owner is off
UNDECIDED = [
    ("a person would decide", ", winner: manual}", None, "off IdToProduct is off"),
    ("a person takes the other side", "}", "take_quickbooks", "off IdToProduct is off"),
    ("a person ignores it", "}", "ignore", "ignore maria: because"),
]  # fmt: skip


@tabled("tail decision expected", UNDECIDED)
def test_a_closed_field_asks_nobody(tail: str, decision: str | None, expected: str) -> None:
    text = ITEMS.replace("direction: to_salesforce}", f"direction: to_salesforce{tail}")
    given = items("1 | Rope | Service | -", "A | Rope | Service | 7")
    if decision:
        given.decide("items", decision, "1", "A", "quickbooks_id")
    assert told(given, {"IdToProduct": False}, text) == [f"quickbooks_id {expected}"]


LINE_STATES = """{OpportunityToInvoice: {to: quickbooks}, InvoiceToOpportunity: {to: salesforce},
 InvoiceLineUpdate: {to: salesforce, fields: [lines.line_id]}}"""


def invoices() -> Mapping:
    from core_invoices import INVOICES

    plain = "{OpportunityToInvoice: {to: quickbooks}, InvoiceToOpportunity: {to: salesforce}}"
    text = INVOICES.replace(plain, LINE_STATES)
    line_id = (
        "    line_id: {salesforce: Line__c, quickbooks: TxnLineID, type: id, direction: to_salesforce}\n"
    )
    return read(text + line_id)


#  why, states, what comes of a line whose rate and id differ
LINES = [
    ("both on", {}, ["line_id take_quickbooks", "rate take_quickbooks"]),
    ("line update off", {"InvoiceLineUpdate": False}, ["line_id off", "rate take_quickbooks"]),
    ("line update only", {"InvoiceToOpportunity": False}, ["line_id take_quickbooks", "rate off"]),
]  # fmt: skip


@tabled("states expected", LINES)
def test_a_state_owns_a_field_of_the_lines(states: dict[str, bool], expected: list[str]) -> None:
    from core_invoices import invoices as linked

    given = linked((L1[0], L1[1].replace("5.00", "6.00"))).pair("invoices.lines", ("l", "1", "A"))
    given.connection.execute('ALTER TABLE salesforce."OpportunityLineItem" ADD COLUMN Line__c VARCHAR')
    compute(given.connection, invoices(), states=states)
    assert differences(given, "field, resolution") == expected


def test_what_a_state_that_is_off_would_write_holds_no_create() -> None:
    """A new record comes without the reference then, so it does not wait for the one referred to."""
    text = (
        ITEMS.replace("fields: [quickbooks_id]", "fields: [quickbooks_id, account]")
        + "  account: {salesforce: Account, quickbooks: Ref, type: reference, reference: accounts}\n"
    )
    given = items("", "A | Rope | Service | 7", linked=False)
    given.connection.execute('ALTER TABLE salesforce."Product2" ADD COLUMN Account VARCHAR')
    given.connection.execute("ALTER TABLE quickbooks.\"Item\" ADD COLUMN Ref VARCHAR DEFAULT 'unknown'")
    held = "undecided not in Salesforce; it refers by account to a record that is not linked yet"
    assert told(given, {}, text) == [f"only_quickbooks {held}"]
    created = ["only_quickbooks create_salesforce not in Salesforce"]
    assert told(given, {"IdToProduct": False}, text) == created


def test_a_state_reads_as_what_it_says() -> None:
    states = {each.name: each for each in invoices().states}
    assert states["InvoiceLineUpdate"].fields == ("lines.line_id",)
    assert states["InvoiceToOpportunity"].fields == ()
    lines = invoices().lines
    assert lines is not None
    assert lines.owner(lines.field("line_id"), Side.SALESFORCE) == states["InvoiceLineUpdate"]
    assert lines.owner(lines.field("line_id"), Side.QUICKBOOKS) is None
    assert lines.owner(lines.field("rate"), Side.SALESFORCE) is None


def test_one_name_without_brackets_is_taken_too() -> None:
    assert read(ITEMS.replace("[quickbooks_id]", "quickbooks_id")) == read(ITEMS)


ID = "  id: {salesforce: Id__c, quickbooks: ListID, type: id, direction: to_salesforce}\n"


def states(*given: str) -> str:
    head, _, rest = HEAD.partition("  CustomerToAccount")
    return head + "".join(f"  {each}\n" for each in given) + "  CustomerToAccount" + rest + NAME + ID


#  why, text, line, words that must be there
BROKEN = [
    ("unknown field", states("A: {to: salesforce, fields: [idd]}"), "6", "unknown field 'idd'\nClosest: id."),
    ("a field of the lines without their name", INVOICE.replace("states: {", "states: {A: {to: salesforce, "
     "fields: [rate]}, "), "4", "unknown field 'rate'\nClosest: lines.rate."),
    ("two owners", states("A: {to: salesforce, fields: [id]}", "B: {to: salesforce, fields: [id]}"),
     "7", "states 'A' and 'B' both own field 'id' of Salesforce"),
    ("the wrong way", states("A: {to: quickbooks, fields: [id]}"),
     "6", "writes to QuickBooks, and field 'id' never does: direction to_salesforce"),
    ("named twice", states("A: {to: salesforce, fields: [id, id]}"), "6", "names field 'id' 2 times"),
    ("an empty list", states("A: {to: salesforce, fields: []}"), "6", "'fields' of state 'A' names no field"),
    ("nothing", states("A: {to: salesforce, fields: }"), "6", "names no field"),
    ("a table", states("A: {to: salesforce, fields: {id: true}}"), "6", "not a name or a list of names"),
]  # fmt: skip


@tabled("text line words", BROKEN)
def test_what_a_state_can_not_own(text: str, line: str, words: str) -> None:
    found = problems(text)
    assert len(found) == 1, found
    assert found[0].startswith(f"account-customer.yaml:{line}: ")
    assert words in found[0]


def test_one_field_may_have_an_owner_for_each_direction() -> None:
    given: Any = read(states("A: {to: salesforce, fields: [name]}", "B: {to: quickbooks, fields: [name]}"))
    assert [given.owner(given.field("name"), side).name for side in Side] == ["A", "B"]


def test_the_hash_knows_what_a_state_owns_and_is_as_it_was_without() -> None:
    owned = read(ITEMS)
    assert read(ITEMS.replace(", fields: [quickbooks_id]", "")).hash != owned.hash
    with pytest.raises(MappingError):
        read(ITEMS.replace("[quickbooks_id]", "[name, quickbooks_id, x]"))
