"""SOQL: any condition finds what a plain reading of it finds, and no word of a statement is ignored.

The reading here is a second one, made of Python's own comparisons over dictionaries: it shares no code
with the parser or the SQL of the org.
"""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal as D
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from workbench.testorg import OrgError, TestOrg
from workbench.testorg.ids import new_id
from workbench.testorg.soql import parse
from workbench.testorg.soql_tree import Both, Compare, Condition, Constant, In, Not, Query

Row = dict[str, Any]
Reading = Callable[[Row], bool]

NAMES = ("ann", "Ann B", "bob", "Čapek", "čapek_x", "50%", "O'Brien")
ROWS: list[Row] = [
    {
        "Id": new_id("006", i),
        "Name": NAMES[i % len(NAMES)],
        "NextStep": (None, "call", "Call back")[i % 3],
        "Amount": (None, D("-1.50"), D("0.00"), D("2.25"), D("9007199254740993.01"))[i % 5],
        "IsPrivate": i % 2 == 0,
        "CloseDate": f"2026-0{1 + i % 4}-1{i % 3}",
    }
    for i in range(1, 25)
]


@pytest.fixture(scope="module")
def org() -> Iterator[TestOrg]:
    with TestOrg.open(seed={"Opportunity": [{**r, "StageName": "Prospecting"} for r in ROWS]}) as opened:
        yield opened


# --- conditions and what they mean ---------------------------------------------------------------

_ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def quoted(text: str) -> str:
    return "'" + re.sub(r"(['\\])", r"\\\1", text) + "'"


def lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def compared(field: str, operator: str, value: Any) -> Reading:
    """`value` None is null; a comparison with a null in the row is false, unless it is unequal."""

    def read(row: Row) -> bool:
        held = lower(row[field])
        if operator == "=":
            return bool(held == lower(value))
        if operator == "!=":
            return bool(held != lower(value))
        return held is not None and _ORDERED[operator](held, lower(value))

    return read


def written(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    return (
        quoted(value)
        if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d\d-\d\d", value)
        else str(value)
    )


OPERATORS = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
TEXTS = st.one_of(
    st.sampled_from([*NAMES, "call", "", "\\", "x"]), st.text("aAbBčČ'%_ \\", max_size=4).map(str.strip)
)
AMOUNTS = st.sampled_from([D("-1.5"), D("0"), D("2.25"), D("2.255"), D("9007199254740993.01"), D("1")])
DAYS = st.sampled_from(["2026-01-10", "2026-02-11", "2026-03-12", "2025-12-31"])


@st.composite
def comparisons(draw: st.DrawFn) -> tuple[str, Reading]:
    field, values = draw(
        st.sampled_from([("Name", TEXTS), ("NextStep", TEXTS), ("Amount", AMOUNTS), ("CloseDate", DAYS)])
    )
    if draw(st.integers(0, 3)) == 0:
        operator = draw(st.sampled_from(["=", "!="]))
        return f"{field} {operator} null", compared(field, operator, None)
    operator, value = draw(OPERATORS), draw(values)
    return f"{field} {operator} {written(value)}", compared(field, operator, value)


@st.composite
def flags(draw: st.DrawFn) -> tuple[str, Reading]:
    operator, value = draw(st.sampled_from(["=", "!="])), draw(st.booleans())
    return f"IsPrivate {operator} {written(value)}", compared("IsPrivate", operator, value)


@st.composite
def lists(draw: st.DrawFn) -> tuple[str, Reading]:
    field, values = draw(st.sampled_from([("Name", TEXTS), ("NextStep", TEXTS), ("Amount", AMOUNTS)]))
    chosen = draw(st.lists(st.one_of(st.none(), values), min_size=1, max_size=4))
    negated = draw(st.booleans())
    known = {lower(v) for v in chosen}
    text = ", ".join(written(v) for v in chosen)
    return (
        f"{field} {'NOT ' if negated else ''}IN ({text})",
        lambda r: (lower(r[field]) in known) is not negated,
    )


@st.composite
def patterns(draw: st.DrawFn) -> tuple[str, Reading]:
    field = draw(st.sampled_from(["Name", "NextStep"]))
    parts = draw(st.lists(st.sampled_from(["%", "_", "a", "B", "č", "\\%", "\\_", "\\'", " "]), max_size=5))
    meaning = {"%": ".*", "_": ".", "\\%": "%", "\\_": "_", "\\'": "'"}
    expression = re.compile("".join(meaning.get(p, re.escape(p)) for p in parts), re.IGNORECASE | re.DOTALL)
    return (
        f"{field} LIKE '{''.join(parts)}'",
        lambda r: r[field] is not None and expression.fullmatch(r[field]) is not None,
    )


def joined(parts: list[tuple[str, Reading]], word: str) -> tuple[str, Reading]:
    text = f" {word} ".join(f"({t})" for t, _ in parts)
    test = all if word == "AND" else any
    return text, lambda r: test(read(r) for _, read in parts)


def turned(part: tuple[str, Reading]) -> tuple[str, Reading]:
    return f"NOT ({part[0]})", lambda r: not part[1](r)


LEAVES = st.one_of(comparisons(), flags(), lists(), patterns())
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(joined, st.lists(inner, min_size=2, max_size=3), st.sampled_from(["AND", "OR"])),
        inner.map(turned),
    ),
    max_leaves=6,
)


@given(condition=CONDITIONS)
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_condition_finds_what_it_says(org: TestOrg, condition: tuple[str, Reading]) -> None:
    text, reading = condition
    found = [r["Id"] for r in org.query(f"SELECT Id FROM Opportunity WHERE {text} ORDER BY Id")]
    assert found == [r["Id"] for r in ROWS if reading(r)], text


# --- no word is ignored ------------------------------------------------------------------------


def literal(value: Constant) -> str:
    if value.kind == "string":
        return f"string:{value.value}"
    return "null" if value.value is None else str(value.value).lower()


def flat(condition: Condition) -> list[str]:
    """The words of a condition without its parentheses."""
    if isinstance(condition, Not):
        return ["not", *flat(condition.condition)]
    if isinstance(condition, Both):
        first, *rest = (flat(c) for c in condition.conditions)
        return first + [word for each in rest for word in (condition.word.lower(), *each)]
    name = str(condition.path).lower()
    if isinstance(condition, In):
        words = ["not", "in"] if condition.negated else ["in"]
        return [name, *words, *(literal(v) for v in condition.values)]
    assert isinstance(condition, Compare)
    return [name, condition.operator.lower(), literal(condition.value)]


def said(query: Query) -> list[str]:
    """Every word that the parsed statement still knows of."""
    words = ["select", *(["count"] if query.count else [str(p).lower() for p in query.select])]
    words += ["from", str(query.source).lower()]
    words += ["where", *flat(query.where)] if query.where is not None else []
    if query.order:
        words += ["order", "by"]
        for order in query.order:
            words += [str(order.path).lower(), *(["desc"] if order.descending else [])]
            words += ["nulls", "last"] if order.nulls_last else []
    words += [] if query.limit is None else ["limit", str(query.limit)]
    return words + (["offset", str(query.offset)] if query.offset else [])


def words_of(statement: str) -> list[str]:
    """The words as they stand, by a rough cut that knows no grammar; what says nothing is left out."""
    found = re.findall(r"'(?:\\.|[^'\\])*'|[\w.:+-]+|[<>=!]+|[^\s\w]", statement)
    words = [f"string:{w[1:-1]}" if w.startswith("'") else w.lower() for w in found]
    words = ["!=" if w == "<>" else w for w in words if w not in ("(", ")", ",", "asc")]
    text = " ".join(words).replace(" nulls first", "")
    return text.removesuffix(" offset 0").split(" ")


_WORDS = (
    "SELECT FROM WHERE ORDER BY LIMIT OFFSET AND OR NOT IN LIKE ASC DESC NULLS FIRST LAST null true Name"
    " Amount Account.Name Account = != <> < >= ( ) , 'x' 5 0 -1.5 2026-01-31 2026-01-31T00:00:00Z COUNT"
    " GROUP HAVING ALL ROWS WITH SECURITY_ENFORCED USING SCOPE FOR VIEW TYPEOF TODAY LAST_N_DAYS:3 1.5e3 ;"
    " * : -- INCLUDES"
)
_WHOLE = (
    "SELECT Name , Account.Name FROM Account WHERE Name = 'x' AND ( Amount >= 5 OR NOT Name LIKE 'x' )"
    " ORDER BY Name DESC NULLS LAST , Amount LIMIT 5 OFFSET 5"
)
WORDS, WHOLE = st.sampled_from(_WORDS.split()), _WHOLE.split()


@st.composite
def spoilt(draw: st.DrawFn) -> str:
    """The whole statement with a few words taken out, put in or exchanged."""
    words = list(WHOLE)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(words) - 1))
        words[at : at + draw(st.integers(0, 4))] = draw(st.lists(WORDS, max_size=2))
        words = words or ["SELECT"]
    return " ".join(words)


@given(statement=st.one_of(spoilt(), st.lists(WORDS, min_size=3, max_size=12).map(" ".join)))
@example("SELECT Name FROM Account WHERE Name LIKE '%x' AND Name IN ('x', null)")
@example("SELECT COUNT() FROM Account WHERE NOT Amount <> -1.5 ORDER BY Name ASC NULLS FIRST")
@settings(max_examples=1500, deadline=None)
def test_a_statement_is_refused_or_understood_to_its_last_word(statement: str) -> None:
    understood = parsed(statement)
    assert understood is None or said(understood) == words_of(statement)


def parsed(statement: str) -> Query | None:
    """None when it is refused; any other error than the two codes of the parser is a defect."""
    try:
        return parse(statement)
    except OrgError as error:
        if error.code not in ("MALFORMED_QUERY", "NUMBER_OUTSIDE_VALID_RANGE"):
            raise
        return None


def test_most_of_the_whole_statement_is_understood() -> None:
    """The property above says little if everything is refused."""
    assert said(parse(" ".join(WHOLE))) == words_of(" ".join(WHOLE))


@given(statement=st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_is_refused_with_its_place(statement: str) -> None:
    with pytest.raises(OrgError, match="MALFORMED_QUERY"):
        parse(f"SELECT {statement} \x00")
