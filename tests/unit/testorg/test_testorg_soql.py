"""The SOQL parser of the embedded org: what it takes, and that it refuses everything else."""

from decimal import Decimal as D

import pytest

from workbench.testorg.errors import OrgError
from workbench.testorg.soql import parse
from workbench.testorg.soql_tree import Both, Compare, Constant, In, Not, Order, Path, Query


def path(text: str) -> Path:
    return Path(tuple(text.split(".")))


def text(value: str) -> Constant:
    return Constant("string", value)


NULL, TRUE = Constant("null", None), Constant("boolean", True)


def query(where: str) -> Query:
    return parse(f"SELECT Id FROM Account WHERE {where}")


#  why                          condition                        meaning
CONDITIONS = [
    ("text",                    "Name = 'Ann'",                  Compare(path("Name"), "=", text("Ann"))),
    ("no blanks",               "Name='Ann'",                    Compare(path("Name"), "=", text("Ann"))),
    ("keywords in small",       "name like 'A%'",                Compare(path("name"), "LIKE", text("A%"))),
    ("the other unequal",       "Name <> 'A'",                   Compare(path("Name"), "!=", text("A"))),
    ("empty text",              "Name = ''",                     Compare(path("Name"), "=", text(""))),
    ("an apostrophe",           r"Name = 'O\'Brien'",            Compare(path("Name"), "=", text("O'Brien"))),
    ("a backslash",             r"Name = 'a\\b'",                Compare(path("Name"), "=", text("a\\b"))),
    ("a line break",            r"Name = 'a\nb'",                Compare(path("Name"), "=", text("a\nb"))),
    ("keyword inside text",     "Name = 'a FROM b'",            Compare(path("Name"), "=", text("a FROM b"))),
    ("an integer",              "Amount > 5",
     Compare(path("Amount"), ">", Constant("number", D(5)))),
    ("a negative number",       "Amount <= -5.25",
     Compare(path("Amount"), "<=", Constant("number", D("-5.25")))),
    ("more than a double",      "Amount = 9007199254740993.01",
     Compare(path("Amount"), "=", Constant("number", D("9007199254740993.01")))),
    ("a date",                  "CloseDate = 2026-03-31",
     Compare(path("CloseDate"), "=", Constant("date", "2026-03-31"))),
    ("a moment in UTC",         "SystemModstamp >= 2026-03-31T10:00:00Z",
     Compare(path("SystemModstamp"), ">=", Constant("datetime", "2026-03-31T10:00:00Z"))),
    ("a moment with an offset", "SystemModstamp < 2026-03-31T10:00:00.000+02:00",
     Compare(path("SystemModstamp"), "<", Constant("datetime", "2026-03-31T10:00:00.000+02:00"))),
    ("true",                    "IsActive = TRUE",               Compare(path("IsActive"), "=", TRUE)),
    ("null",                    "Phone != null",                 Compare(path("Phone"), "!=", NULL)),
    ("a parent",                "Account.Parent.Name = 'x'",
     Compare(path("Account.Parent.Name"), "=", text("x"))),
    ("in",                      "Id IN ('a', 'b')",              In(path("Id"), (text("a"), text("b")))),
    ("not in",                  "Id NOT IN ('a')",               In(path("Id"), (text("a"),), negated=True)),
    ("and, three times",        "A = 'x' AND B = 'y' AND C = 'z'",
     Both("AND", tuple(Compare(path(f), "=", text(v)) for f, v in ("Ax", "By", "Cz")))),
    ("or in parentheses",       "A = 'x' AND (B = 'y' OR C = 'z')",
     Both("AND", (Compare(path("A"), "=", text("x")),
                  Both("OR", tuple(Compare(path(f), "=", text(v)) for f, v in ("By", "Cz")))))),
    ("not",                     "NOT A = 'x'",                   Not(Compare(path("A"), "=", text("x")))),
    ("not before and",          "NOT A = 'x' AND B = 'y'",
     Both("AND", (Not(Compare(path("A"), "=", text("x"))), Compare(path("B"), "=", text("y"))))),
    ("not of parentheses",      "NOT (A = 'x' OR B = 'y')",
     Not(Both("OR", tuple(Compare(path(f), "=", text(v)) for f, v in ("Ax", "By"))))),
]  # fmt: skip


@pytest.mark.parametrize(("why", "condition", "meaning"), CONDITIONS, ids=[c[0] for c in CONDITIONS])
def test_condition(why: str, condition: str, meaning: object) -> None:
    assert query(condition).where == meaning


def test_patterns_keep_what_was_escaped() -> None:
    condition = query(r"Name LIKE '50\% of _x\_y\\%'").where
    assert isinstance(condition, Compare)
    assert condition.value.pattern == r"50\% of _x\_y\\%"
    assert condition.value.value == r"50% of _x_y" + "\\%"


def test_whole_statement() -> None:
    found = parse(
        "select Id, Account.Name from Contact where AccountId != null"
        " order by Account.Name desc nulls last, Id limit 10 offset 5"
    )
    assert found == Query(
        text="",
        select=(path("Id"), path("Account.Name")),
        source=path("Contact"),
        where=Compare(path("AccountId"), "!=", NULL),
        order=(Order(path("Account.Name"), True, True), Order(path("Id"))),
        limit=10,
        offset=5,
    )


def test_count() -> None:
    found = parse("SELECT COUNT() FROM Account")
    assert (found.count, found.select, found.limit) == (True, (), None)


# Nothing here may be taken, least of all with a part of it left out.
#  why                            statement
REFUSED = [
    ("empty",                     ""),
    ("no FROM",                   "SELECT Id"),
    ("no field",                  "SELECT FROM Account"),
    ("star",                      "SELECT * FROM Account"),
    ("trailing comma",            "SELECT Id, FROM Account"),
    ("field twice",               "SELECT Id, Name, id FROM Account"),
    ("alias of an object",        "SELECT Id FROM Account a"),
    ("two objects",               "SELECT Id FROM Account, Contact"),
    ("dotted object",             "SELECT Id FROM Account.Contacts"),
    ("aggregate",                 "SELECT COUNT(Id) FROM Account"),
    ("aggregate with a name",     "SELECT MAX(Amount) m FROM Opportunity"),
    ("FIELDS()",                  "SELECT FIELDS(ALL) FROM Account LIMIT 200"),
    ("child subquery",            "SELECT Id, (SELECT Id FROM Contacts) FROM Account"),
    ("semi-join",                 "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact)"),
    ("TYPEOF",                    "SELECT TYPEOF Owner WHEN User THEN Id END FROM Account"),
    ("GROUP BY",                  "SELECT Name FROM Account GROUP BY Name"),
    ("HAVING",                    "SELECT Name FROM Account HAVING COUNT(Id) > 1"),
    ("date literal",              "SELECT Id FROM Account WHERE CreatedDate = TODAY"),
    ("relative date",             "SELECT Id FROM Account WHERE CreatedDate = LAST_N_DAYS:30"),
    ("bind variable",             "SELECT Id FROM Account WHERE Name = :name"),
    ("INCLUDES",                  "SELECT Id FROM Account WHERE Tags__c INCLUDES ('a')"),
    ("WITH SECURITY_ENFORCED",    "SELECT Id FROM Account WITH SECURITY_ENFORCED"),
    ("FOR VIEW",                  "SELECT Id FROM Account FOR VIEW"),
    ("ALL ROWS",                  "SELECT Id FROM Account ALL ROWS"),
    ("USING SCOPE",               "SELECT Id FROM Account USING SCOPE mine"),
    ("and with or",               "SELECT Id FROM Account WHERE A = 1 AND B = 2 OR C = 3"),
    ("or with and",               "SELECT Id FROM Account WHERE A = 1 OR B = 2 AND C = 3"),
    ("no condition",              "SELECT Id FROM Account WHERE"),
    ("condition cut off",         "SELECT Id FROM Account WHERE Name ="),
    ("no operator",               "SELECT Id FROM Account WHERE IsActive"),
    ("field against field",       "SELECT Id FROM Account WHERE Name = Phone"),
    ("operator ==",               "SELECT Id FROM Account WHERE Name == 'x'"),
    ("double quotes",             'SELECT Id FROM Account WHERE Name = "x"'),
    ("open text",                 "SELECT Id FROM Account WHERE Name = 'x"),
    ("apostrophe not escaped",    "SELECT Id FROM Account WHERE Name = 'O'Brien'"),
    ("unknown escape",            r"SELECT Id FROM Account WHERE Name = '\q'"),
    ("open parenthesis",          "SELECT Id FROM Account WHERE (Name = 'x'"),
    ("closed too often",          "SELECT Id FROM Account WHERE Name = 'x')"),
    ("empty list",                "SELECT Id FROM Account WHERE Id IN ()"),
    ("list without parentheses",  "SELECT Id FROM Account WHERE Id IN 'x'"),
    ("NOT LIKE",                  "SELECT Id FROM Account WHERE Name NOT LIKE 'x'"),
    ("exponent",                  "SELECT Id FROM Account WHERE Amount = 1.5e3"),
    ("date without a day",        "SELECT Id FROM Account WHERE CloseDate = 2026-03"),
    ("moment without a zone",     "SELECT Id FROM Account WHERE CreatedDate > 2026-03-31T10:00:00"),
    ("negative LIMIT",            "SELECT Id FROM Account LIMIT -1"),
    ("LIMIT with a fraction",     "SELECT Id FROM Account LIMIT 1.5"),
    ("LIMIT without a number",    "SELECT Id FROM Account LIMIT"),
    ("OFFSET before LIMIT",       "SELECT Id FROM Account OFFSET 1 LIMIT 1"),
    ("ORDER without BY",          "SELECT Id FROM Account ORDER Name"),
    ("ORDER BY two directions",   "SELECT Id FROM Account ORDER BY Name ASC DESC"),
    ("NULLS without a side",      "SELECT Id FROM Account ORDER BY Name NULLS"),
    ("two statements",            "SELECT Id FROM Account; SELECT Id FROM Contact"),
    ("a comment",                 "SELECT Id FROM Account -- all"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "statement"), REFUSED, ids=[c[0] for c in REFUSED])
def test_refused(why: str, statement: str) -> None:
    with pytest.raises(OrgError) as caught:
        parse(statement)
    assert caught.value.code == "MALFORMED_QUERY"
    assert caught.value.status == 400


def test_an_error_shows_its_place() -> None:
    with pytest.raises(OrgError) as caught:
        parse("SELECT Id\nFROM Account\nWHERE Name == 'x'")
    assert caught.value.message == (
        "\nFROM Account\nWHERE Name == 'x'\n            ^\nERROR at Row:3:Column:13\nunexpected token: '='"
    )


DEEP = "SELECT Id FROM A WHERE "
#  why                      statement                                    code
BOUNDS = [
    ("largest offset",      "SELECT Id FROM Account OFFSET 2000",        None),
    ("offset too large",    "SELECT Id FROM Account OFFSET 2001",        "NUMBER_OUTSIDE_VALID_RANGE"),
    ("100 deep",            f"{DEEP}{'(' * 99}B = 1{')' * 99}",          None),
    ("101 deep",            f"{DEEP}{'(' * 100}B = 1{')' * 100}",        "QUERY_TOO_COMPLICATED"),
    ("many NOTs",           f"{DEEP}{'NOT ' * 9000}B = 1",               "QUERY_TOO_COMPLICATED"),
    ("longest statement",   "SELECT Id FROM A".ljust(100_000),           None),
    ("one character more",  "SELECT Id FROM A".ljust(100_001),           "MALFORMED_QUERY"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "statement", "code"), BOUNDS, ids=[c[0] for c in BOUNDS])
def test_bounds(why: str, statement: str, code: str | None) -> None:
    if code is None:
        parse(statement)
        return
    with pytest.raises(OrgError) as caught:
        parse(statement)
    assert caught.value.code == code
