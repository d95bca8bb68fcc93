"""References through the crosswalk: linked, not linked, or to a record that is about to be created."""

from core_world import World, read

from workbench.diff import compute

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


CONTACTS = """\
mapping: contacts
salesforce: {object: Contact, label: Name}
quickbooks: {object: Job, label: Name}
states: {ContactToJob: {to: quickbooks}, JobToContact: {to: salesforce}}
operations: {salesforce: [add, modify], quickbooks: [add, modify]}
winner: salesforce
match: []
fields:
  name: {salesforce: Name, quickbooks: Name, type: name}
  account: {salesforce: AccountId, quickbooks: ParentRef_ListID, type: reference, reference: accounts}
"""


def jobs(salesforce: str, quickbooks: str, accounts: str = "1 | Ann\n2 | Bea") -> World:
    given = world(accounts, "A | Ann | - | 0\nB | Bea | - | 0")
    given.table("salesforce.Contact", "Id | Name | AccountId\n" + salesforce)
    given.table("quickbooks.Job", "ListID | Name | ParentRef_ListID\n" + quickbooks)
    return given.close("accounts", "contacts")


def computed(given: World, *mappings: str) -> World:
    for mapping in mappings:
        compute(given.connection, read(mapping))
    return given


def contacts(given: World, columns: str = "difference, resolution, reason") -> list[str]:
    rows = given.query(f"SELECT {columns} FROM work.differences WHERE mapping = 'contacts' ORDER BY ALL")
    return [" ".join("-" if value is None else str(value) for value in row) for row in rows]


def test_a_reference_to_linked_records_is_the_same() -> None:
    given = (
        jobs("c | Cy | 1", "J | Cy | A").pair("accounts", ("p1", "1", "A")).pair("contacts", ("q", "c", "J"))
    )
    assert contacts(computed(given, ACCOUNTS, CONTACTS)) == []


def test_a_job_that_moved_to_another_linked_customer() -> None:
    given = jobs("c | Cy | 1", "J | Cy | B").pair("accounts", ("p1", "1", "A"), ("p2", "2", "B"))
    given.pair("contacts", ("q", "c", "J")).base(
        "contacts",
        "q",
        {"Name": "Cy", "AccountId": "1"},
        {"Name": "Cy", "ParentRef_ListID": "A"},
        "name",
        "account",
    )
    computed(given, ACCOUNTS, CONTACTS)
    assert contacts(given) == ["take_quickbooks take_quickbooks only QuickBooks changed it"]
    assert contacts(given, "salesforce, quickbooks, salesforce_value, quickbooks_value, base") == [
        "1 B p1 p2 1"
    ]


def test_a_reference_to_a_record_that_is_not_linked_waits_for_a_person() -> None:
    given = jobs("c | Cy | 1", "J | Cy | A").pair("contacts", ("q", "c", "J"))
    compute(given.connection, read(ACCOUNTS), states={"AccountToCustomer": False})
    computed(given, CONTACTS)
    assert contacts(given) == [
        "differs undecided no base for it yet: two-way; winner salesforce; "
        "the record it refers to is not linked yet"
    ]


def test_a_reference_to_a_record_that_will_be_created_goes_with_it() -> None:
    given = jobs("c | Cy | 1", "J | Cy | A").pair("contacts", ("q", "c", "J"))
    computed(given, ACCOUNTS, CONTACTS)
    assert contacts(given, "difference, resolution") == ["differs take_salesforce"]


def test_a_base_taken_before_its_reference_was_linked_counts_once_it_is() -> None:
    given = jobs("c | Cy | 2", "J | Cy | A").pair("accounts", ("p1", "1", "A"), ("p2", "2", "B"))
    given.pair("contacts", ("q", "c", "J")).base(
        "contacts", "q", {"AccountId": "1"}, {"ParentRef_ListID": "A"}, "account"
    )
    assert contacts(computed(given, ACCOUNTS, CONTACTS), "difference, resolution") == [
        "take_salesforce take_salesforce"
    ]


def test_a_new_record_is_held_while_what_it_refers_to_is_neither_linked_nor_planned() -> None:
    given = jobs("c | Cy | 1\nd | Di | 2\ne | Ed | -", "").pair("accounts", ("p1", "1", "A"))
    compute(given.connection, read(ACCOUNTS), states={"AccountToCustomer": False})
    computed(given, CONTACTS)
    assert contacts(given, "salesforce_id, resolution, reason") == [
        "c create_quickbooks not in QuickBooks",
        "d undecided not in QuickBooks; it refers by account to a record that is not linked yet",
        "e create_quickbooks not in QuickBooks",
    ]
    computed(given, ACCOUNTS, CONTACTS)
    assert contacts(given, "salesforce_id, resolution") == [
        "c create_quickbooks",
        "d create_quickbooks",
        "e create_quickbooks",
    ]


def test_a_hold_goes_down_a_chain_of_references_within_a_mapping() -> None:
    tree = CONTACTS.replace("reference: accounts", "reference: contacts")
    given = jobs("a | A | gone\nb | B | a\nc | C | b\nd | D | -", "")
    assert contacts(computed(given, tree), "salesforce_id, resolution") == [
        "a undecided",
        "b undecided",
        "c undecided",
        "d create_quickbooks",
    ]
