"""Conditions of sides, states and related records: what they may be made of, and what both systems have."""

from pathlib import Path
from typing import Any

import pytest
from core_world import World, differences, read, tabled
from test_core_mapping_describe import HEAD, NAME, QUICKBOOKS, SALESFORCE, field

from workbench.diff import compute
from workbench.errors import DiffError, MappingError
from workbench.expressions.check import Unreadable
from workbench.expressions.conditions import read_condition
from workbench.mapping import check_fields, load_mapping, read_mapping
from workbench.mapping.conditions import places
from workbench.model import Side
from workbench.normalize import unread

BOOKS = 'Pricebook2Id IN (SELECT Id FROM salesforce."Pricebook2" WHERE IsStandard)'

#  why, condition, the columns that it reads
TAKEN = [
    ("a comparison", "Type IS DISTINCT FROM 'Vendor'", ["Type"]),
    ("two", "Generate__c = 'Invoice' AND IsWon", ["Generate__c", "IsWon"]),
    ("a list", "Type IN ('Service', 'Discount')", ["Type"]),
    ("one of DuckDB's functions", "lower(Type) = 'service' OR concat(A, B) = ''", ["Type", "A", "B"]),
    ("a column with a space", "\"Custom_Vehicle no\" IS NULL", ["Custom_Vehicle no"]),
    ("text that looks like SQL", "Name <> 'a -- b; /* (SELECT 1)'", ["Name"]),
    ("no column", "true", []),
]  # fmt: skip


@tabled("text columns", TAKEN)
def test_a_condition_names_its_columns(text: str, columns: list[str]) -> None:
    read = read_condition(text)
    assert (list(read.columns), read.tables) == (columns, ())
    assert read_condition(text, Side.SALESFORCE) == read


#  why, condition, what it reads of its own record, and of other tables
LOOKED = [
    ("with a condition", BOOKS, ("Pricebook2Id",), (("Pricebook2", ("Id", "IsStandard")),)),
    ("without", 'A NOT IN (SELECT Id FROM salesforce."B")', ("A",), (("B", ("Id",)),)),
    ("no quotes, and more beside it", "A IN (SELECT Id FROM salesforce.B) AND C > 1",
     ("A", "C"), (("B", ("Id",)),)),
    ("two tables",
     "A IN (SELECT Id FROM salesforce.B) OR C IN (SELECT D FROM salesforce.E WHERE F IN (1, 2))",
     ("A", "C"), (("B", ("Id",)), ("E", ("D", "F")))),
]  # fmt: skip


@tabled("text columns tables", LOOKED)
def test_related_records_may_be_chosen_by_another_table_of_their_side(
    text: str, columns: tuple[str, ...], tables: tuple[tuple[str, tuple[str, ...]], ...]
) -> None:
    read = read_condition(text, Side.SALESFORCE)
    assert (read.columns, read.tables) == (columns, tables)
    with pytest.raises(Unreadable, match="a subquery is not allowed"):
        read_condition(text)


#  why, what stands behind `A IN` of a related record of Salesforce
OTHER_FORMS = [
    ("a file", "(SELECT Id FROM 'secret.csv')"),
    ("a file by a function", "(SELECT Id FROM read_csv('secret.csv'))"),
    ("a file's column", "(SELECT content FROM read_text('/etc/passwd'))"),
    ("the network", "(SELECT a FROM 'http://127.0.0.1/x.parquet')"),
    ("the other side", "(SELECT Id FROM quickbooks.Item)"),
    ("what is kept", "(SELECT pair FROM kept.crosswalk)"),
    ("no side", "(SELECT Id FROM Pricebook2)"),
    ("another database", "(SELECT Id FROM x.salesforce.Pricebook2)"),
    ("all columns", "(SELECT * FROM salesforce.Pricebook2)"),
    ("two columns", "(SELECT Id, Name FROM salesforce.Pricebook2)"),
    ("an expression", "(SELECT upper(Id) FROM salesforce.Pricebook2)"),
    ("another name", "(SELECT Id FROM salesforce.Pricebook2 AS p)"),
    ("two tables", "(SELECT Id FROM salesforce.A, salesforce.B)"),
    ("a join", "(SELECT Id FROM salesforce.A JOIN salesforce.B ON true)"),
    ("distinct", "(SELECT DISTINCT Id FROM salesforce.A)"),
    ("a limit", "(SELECT Id FROM salesforce.A LIMIT 1)"),
    ("an order", "(SELECT Id FROM salesforce.A ORDER BY 1)"),
    ("a group", "(SELECT Id FROM salesforce.A GROUP BY Id)"),
    ("a sample", "(SELECT Id FROM salesforce.A TABLESAMPLE 10%)"),
    ("a with", "(WITH t AS (SELECT 1) SELECT Id FROM salesforce.A)"),
    ("a union", "(SELECT Id FROM salesforce.A UNION SELECT Id FROM salesforce.B)"),
    ("from first", "(FROM salesforce.A)"),
    ("within each other", "(SELECT Id FROM salesforce.A WHERE B IN (SELECT Id FROM salesforce.C))"),
    ("a function within", "(SELECT Id FROM salesforce.A WHERE getenv('HOME') = '')"),
    ("values", "(VALUES (1))"),
]  # fmt: skip


@tabled("query", OTHER_FORMS)
def test_no_other_form_looks_anywhere(query: str) -> None:
    for text in (f"A IN {query}", f"B AND NOT (A IN {query})"):
        with pytest.raises(Unreadable, match="not allowed"):
            read_condition(text, Side.SALESFORCE)


#  why, condition, words of the reason, words of the way out
REFUSED = [
    ("nothing", "", "it is empty", ""),
    ("two statements", "1=1); DROP TABLE x; SELECT (1", "", ""),
    ("a comment", "A = 1 -- B", "a comment is not allowed", "behind a #"),
    ("a comment within", "A = /* 1 */ 2", "a comment is not allowed", ""),
    ("a file", "A = read_text('/etc/passwd')", "function 'read_text' is not allowed", ""),
    ("the environment", "getenv('HOME') = A", "function 'getenv' is not allowed", ""),
    ("exists", "EXISTS (SELECT 1)", "not allowed", ""),
    ("a value out of a table", "A = (SELECT max(B) FROM salesforce.C)", "a subquery is not allowed", ""),
    ("any", "A = ANY (SELECT B FROM salesforce.C)", "not allowed", ""),
    ("an aggregate", "sum(A) > 1", "function 'sum' is not allowed", ""),
    ("the package's own function", "clean_name(A) = 'x'", "function 'clean_name' is the workbench's own",
     "workbench mapping functions"),
    ("a slip of the pen", "lowr(A) = 'x'", "function 'lowr' is not allowed", "Closest: lower"),
    ("another table's column", "Account.Name = 'x'", "`Account.Name` is another table's", ""),
    ("the clock", "A < current_date", "not allowed", ""),
    ("a pattern that may run for long", "A ~ '(a+)+$'", "not allowed", ""),
    ("an escaped text", "A = E'it\\'s'", "not allowed", ""),
    ("a text in dollars", "A = $$x$$", "not allowed", ""),
]  # fmt: skip


@tabled("text what fix", REFUSED)
@pytest.mark.parametrize("side", [None, Side.SALESFORCE], ids=["a record", "a related record"])
def test_what_is_not_allowed_says_why(side: Side | None, text: str, what: str, fix: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_condition(text, side)
    assert what in caught.value.what
    assert fix in caught.value.fix


WRONG = """\
mapping: items
salesforce:
  object: Product2
  label: Name
  where: "getenv('HOME') = Name"
  related:
    PricebookEntry:
      key: Product2Id
      where: "Id IN (SELECT a FROM 'x.csv')"
quickbooks: {object: Item, label: FullName, where: "Name = (SELECT 1)"}
states:
  A: {to: quickbooks, where: "lowr(Name) = 'x'"}
match: []
fields:
  name: {salesforce: Name, quickbooks: Name, type: name}
lines:
  salesforce: {object: L, parent: P, where: "A; B"}
  quickbooks: {object: M, parent: P}
  match: []
  fields:
    n: {salesforce: N, quickbooks: N}
"""


def test_all_conditions_that_are_not_allowed_are_told_at_once_with_their_lines() -> None:
    with pytest.raises(MappingError) as caught:
        read_mapping(WRONG, Path("items.yaml"))
    found = [(each.where, each.what) for each in caught.value.problems]
    assert found == [
        ("items.yaml:5", "'where' of salesforce: function 'getenv' is not allowed"),
        ("items.yaml:9", "'where' of related 'PricebookEntry': the subquery "
         "`(SELECT a FROM \"x.csv\")` is not allowed"),
        ("items.yaml:10", "'where' of quickbooks: a subquery is not allowed: "
         "an expression sees one record only"),
        ("items.yaml:12", "'where' of state 'A': function 'lowr' is not allowed"),
        ("items.yaml:17", "'where' of lines.salesforce: "
         "it holds more than one expression, character 2: A; B"),
    ]  # fmt: skip
    assert all(each.values["condition"] for each in caught.value.problems)


# --- against what both systems have ---------------------------------------------------------------------

DESCRIBED: dict[str, Any] = {
    **SALESFORCE,
    "PricebookEntry": {"fields": [*SALESFORCE["PricebookEntry"]["fields"], field("Pricebook2Id")]},
    "Pricebook2": {"fields": [field("Id", "id"), field("IsStandard", "boolean")]},
}
RELATED = "related: {PricebookEntry: {key: Product2Id}}"


def checked(old: str = "", new: str = "") -> list[str]:
    text = (HEAD + NAME + "  type: {salesforce: QuickBooks_Item_Type__c, quickbooks: Type}\n").replace(
        old, new
    )
    mapping = read_mapping(text, Path("items.yaml"))
    return [str(each) for each in check_fields(mapping, DESCRIBED, QUICKBOOKS)]


def related(where: str) -> str:
    return f"related: {{PricebookEntry: {{key: Product2Id, where: '{where}'}}}}"


GATE = "ProductToItem: {to: quickbooks"

#  why, replaced in the mapping, by what, what is said (None: nothing)
AGAINST = [
    ("a filter", "label: FullName", "label: FullName, where: \"Type = 'Service'\"", None),
    ("its column", "label: FullName", "label: FullName, where: \"Typ = 'Service'\"",
     "items.yaml:6: 'where' of quickbooks: QuickBooks's 'Item' has no field 'Typ'\nClosest: Type."),
    ("a gate reads the other side", GATE, f"{GATE}, where: IsActive", None),
    ("its column", GATE, f"{GATE}, where: \"FullName = 'x'\"",
     "items.yaml:7: 'where' of state 'ProductToItem': Salesforce's 'Product2' has no field 'FullName'\n"),
    ("a gate of creates", GATE, f"{GATE}, create_where: Active",
     "items.yaml:7: 'create_where' of state 'ProductToItem': Salesforce's 'Product2' has no field 'Active'\n"
     "Closest: IsActive."),
    ("a related record", RELATED, related(BOOKS), None),
    ("its column", RELATED, related(BOOKS.replace("Pricebook2Id IN", "Pricebok2Id IN")),
     "items.yaml:5: 'where' of related 'PricebookEntry': Salesforce's 'PricebookEntry' has no field "
     "'Pricebok2Id'\nClosest: Pricebook2Id"),
    ("a column of the other table", RELATED, related(BOOKS.replace("IsStandard", "IsStandart")),
     "Salesforce's 'Pricebook2' has no field 'IsStandart'\nClosest: IsStandard."),
    ("the other table", RELATED, related(BOOKS.replace('"Pricebook2"', '"Pricebook"')),
     "unknown object 'Pricebook'\nClosest: Pricebook2"),
    ("a text is no condition", GATE, f"{GATE}, where: Name",
     "it gives VARCHAR, and a condition is true or false\nWrite a comparison"),
    ("types that do not go together", GATE, f"{GATE}, where: \"abs(Name) = 1\"",
     "`abs` does not take text\nMake the text a number: cast(A as decimal(18,2))."),
]  # fmt: skip


@tabled("old new words", AGAINST)
def test_conditions_are_held_against_the_describes(old: str, new: str, words: str | None) -> None:
    assert old in HEAD
    found = checked(old, new)
    assert found == [] if words is None else len(found) == 1 and words in found[0], found


def test_an_unknown_object_is_told_once() -> None:
    found = checked("object: Item, label: FullName", 'object: Itm, label: FullName, where: "X = 1"')
    assert len(found) == 1
    assert "unknown object 'Itm'\nClosest: Item." in found[0]


FOLDER = Path(__file__).parents[3] / "mappings"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_condition_of_a_shipped_mapping_is_read_where_it_stands(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = list(places(load_mapping(path)))
    assert len(found) == text.count("where: "), [each.text for each in found]


# --- on records -----------------------------------------------------------------------------------------

STOCKED = """\
mapping: items
salesforce:
  {object: Product2, label: Name, related: {Price: {key: Product2Id, where: "cast(Kind AS integer) = 1"}}}
quickbooks: {object: Item, label: Name, where: "cast(Stock AS integer) >= 0"}
states:
  ProductToItem: {to: quickbooks}
  ItemToProduct: {to: salesforce, where: "cast(Code AS decimal(9,2)) > 1"}
operations: {salesforce: [add, modify], quickbooks: [add, modify]}
winner: quickbooks
match: []
fields:
  name: {salesforce: Name, quickbooks: Name, type: name}
  price: {salesforce: Price.Amount, quickbooks: Sold, type: price, direction: compare}
"""


def stocked(*items: str, prices: str = "") -> World:
    given = World().table("salesforce.Product2", "Id | Name").close("items")
    given.table("salesforce.Price", "Id | Product2Id | Kind | Amount:D\n" + prices)
    return given.table(
        "quickbooks.Item", "\n".join(["ListID | Name | Stock | Code | Sold:D | EditSequence", *items])
    )


def test_a_record_that_a_condition_fails_on_is_listed_and_the_others_go_on() -> None:
    given = stocked("A | Rope | 5 | 2", "B | Hook | many | 2", "C | Tent | 7 | x", "D | Bare | - | -",
                    prices="1 | P | 1 | 5\n2 | Q | one | 6")  # fmt: skip
    compute(given.connection, read(STOCKED))
    assert differences(given, "label, resolution, reason") == [
        "Rope create_salesforce not in Salesforce",
        "Tent off the condition of ItemToProduct does not take this record",
    ]
    listed = [
        (each["label"], each["field"], each["line"], each["value"]) for each in unread(given.connection)
    ]
    assert listed == [
        ("Hook", "'where' of quickbooks", 4, "Stock = many"),
        ("Tent", "'where' of state 'ItemToProduct'", 7, "Code = x"),
        ("Q", "'where' of related 'Price'", 3, "Kind = one"),
    ]
    reasons = {each["label"]: str(each["reason"]) for each in unread(given.connection)}
    assert all(word in reasons[label] for label, word in (("Hook", "many"), ("Tent", "x"), ("Q", "one")))
    # Corrected, they are no longer listed.
    given.connection.execute("UPDATE quickbooks.\"Item\" SET Stock = '1', Code = '2'")
    given.connection.execute("UPDATE salesforce.\"Price\" SET Kind = '2'")
    compute(given.connection, read(STOCKED))
    assert unread(given.connection) == []
    assert len(differences(given)) == 4


def test_a_condition_on_another_table_runs_beside_one_that_fails() -> None:
    text = STOCKED.replace("cast(Kind AS integer) = 1", "Kind IN (SELECT Id FROM salesforce.Product2)")
    given = stocked("A | Rope | 5 | 2", "B | Hook | many | 2", prices="1 | P | 1 | 5")
    compute(given.connection, read(text))
    assert [each["label"] for each in unread(given.connection)] == ["Hook"]


def test_a_condition_that_no_record_could_be_asked_stops_the_mapping() -> None:
    given = stocked("A | Rope | 5 | 2")
    with pytest.raises(DiffError, match="can't be prepared") as caught:
        compute(given.connection, read(STOCKED.replace("Stock AS", "Stok AS")))
    assert caught.value.values == {"condition 1": "cast(Stok AS integer) >= 0",
                                   "condition 2": "cast(Code AS decimal(9,2)) > 1"}  # fmt: skip
