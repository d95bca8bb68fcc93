"""Random answers: a record made from the schema's own shape reads as the values it was made of.

With the oracles, the shape is the published schema's, elements that we step over included, and each document
is valid by it.  Without them the shape is that of our tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from qbxml_xsd import Group, Node, body, schema

from qbwc.descriptor import CONCRETE, Element, columns
from qbwc.qbxml import Record, parse_records, parse_responses

RECORDS = sorted(
    name for name, entity in CONCRETE.items() if "query" in entity.actions and entity.shape != "deleted"
)
GUID = "{" + "a" * 8 + "-1111-2222-3333-" + "b" * 12 + "}"
# Values in a record in order: path of tags -> value, None for an element that has children.
Values = list[tuple[str, Any]]


def text(random: Random, limit: int | None) -> str:
    length = random.randint(1, min(limit or 30, 30))
    return "x" + "".join(random.choice("aé &<>'\"€:;1") for _ in range(length - 1))


def moment(random: Random) -> datetime:
    return datetime(2020, 1, 1) + timedelta(seconds=random.randrange(10**8))


def number(places: int, decimals: int) -> Callable[[Random, Any], Decimal]:
    return lambda random, _: Decimal(random.randrange(-(10**places), 10**places)).scaleb(-decimals)


MAKE: dict[str, Callable[[Random, Any], Any]] = {
    "STRTYPE": lambda random, node: text(random, node.limit),
    "IDTYPE": lambda random, _: f"{random.randrange(16**6):X}-{random.randrange(10**9)}",
    "GUIDTYPE": lambda random, _: random.choice(["0", GUID]),
    "BOOLTYPE": lambda random, _: random.choice([True, False]),
    "INTTYPE": lambda random, _: random.randint(1, 12),  # Some have bounds: days, months.
    "DATETYPE": lambda random, _: date(2020, 1, 1) + timedelta(days=random.randrange(4000)),
    "DATETIMETYPE": lambda random, _: moment(random),
    "AMTTYPE": number(15, 2),
    "PRICETYPE": number(15, 5),
    "QUANTYPE": number(15, 5),
    "PERCENTTYPE": number(15, 5),
    "FLOATTYPE": number(12, 8),
    "TIMEINTERVALTYPE": lambda _, __: "PT8H30M",
    "ENUMTYPE": lambda random, node: random.choice(node.values),
}
BASES = {
    "text": "STRTYPE", "name": "STRTYPE", "email": "STRTYPE", "edit": "STRTYPE", "id": "IDTYPE",
    "guid": "GUIDTYPE", "bool": "BOOLTYPE", "int": "INTTYPE", "amount": "AMTTYPE", "price": "PRICETYPE",
    "quantity": "QUANTYPE", "percent": "PERCENTTYPE", "rate": "FLOATTYPE", "date": "DATETYPE",
    "time": "DATETIMETYPE", "enum": "ENUMTYPE",
}  # fmt: skip


def written(value: Any) -> str:
    """A value as QuickBooks writes it; a datetime with the offset that ignores daylight saving."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return f"{value.isoformat()}-08:00"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def ours(elements: tuple[Element, ...]) -> tuple[Group | Node, ...]:
    """The shape of an answer by our own tables."""
    return tuple(
        Node(
            tag=element.tag("ret"), base="" if element.children else BASES[element.kind], limit=element.limit,
            values=element.values, required=False, many=element.many, inside=ours(element.children),
        )
        for element in elements
        if element.ret
    )  # fmt: skip


def our_record(name: str) -> tuple[Group | Node, ...]:
    """The shape of a whole record by our own tables: head, body, lines."""
    entity = CONCRETE[name]
    keyed = entity.shape in ("list", "txn")
    head = [(str(entity.key), "IDTYPE"), ("TimeModified", "DATETIMETYPE"), ("EditSequence", "STRTYPE")]
    made = [leaf(tag, base) for tag, base in head if keyed]
    made += ours(entity.elements)  # type: ignore[arg-type]
    if entity.lines:
        inside = (*([leaf("TxnLineID", "IDTYPE")] if entity.lines.key else []), *ours(entity.lines.inner))
        made.append(
            Node(
                tag=entity.lines.ret, base="", limit=None, values=(), required=True, many=True, inside=inside
            )
        )
    return tuple(made)


def leaf(tag: str, base: str) -> Node:
    return Node(tag=tag, base=base, limit=16, values=(), required=True, many=False)


def fill(random: Random, inside: tuple[Group | Node, ...], path: str = "") -> tuple[str, Values]:
    """A random body: its XML, and the values in it by their paths of tags."""
    parts: list[str] = []
    values: Values = []
    for each in inside:
        times = random.randint(1, 2) if each.many else 1
        for _ in range(times if each.required or random.random() < 0.6 else 0):
            made, found = _one(random, each, path)
            parts.append(made)
            values.extend(found)
    return "".join(parts), values


def _one(random: Random, each: Group | Node, path: str) -> tuple[str, Values]:
    if isinstance(each, Group):
        return fill(random, (random.choice(each.inside),) if each.choice else each.inside, path)
    if each.base:
        value = MAKE[each.base](random, each)
        return f"<{each.tag}>{escape(written(value))}</{each.tag}>", [(f"{path}/{each.tag}", value)]
    made, found = fill(random, each.inside, f"{path}/{each.tag}")
    return f"<{each.tag}>{made}</{each.tag}>", [(f"{path}/{each.tag}", None), *found]


def expected(name: str, values: Values) -> tuple[dict[str, Any], list[dict[str, Any]], dict[str, str]]:
    """Fields, lines (without their place) and custom fields that a record of these values must have."""
    entity = CONCRETE[name]
    fields: dict[str, Any] = {}
    lines: list[dict[str, Any]] = []
    own: dict[str, str] = {}
    row: dict[str, Any] = {}  # The custom field whose parts come.
    for path, value in values:
        steps = path.strip("/").split("/")
        if entity.lines and steps == [entity.lines.ret]:
            lines.append({"custom": {}})
            continue
        if entity.lines and steps[0] == entity.lines.ret:
            into, custom = lines[-1], lines[-1]["custom"]
            steps = steps if entity.lines.bare else steps[1:]
        else:
            into, custom = fields, own
        if steps[0] == "DataExtRet":
            row = {} if len(steps) == 1 else {**row, steps[1]: value}
            if steps[-1] == "DataExtValue":
                owner, key = row.get("OwnerID", "0"), row["DataExtName"]
                custom[key if owner == "0" else f"{owner}.{key}"] = value
        elif value is not None:
            put(into, "_".join(steps), value)
    return fields, lines, own


def put(into: dict[str, Any], name: str, value: Any) -> None:
    """Put one value where a record has it: several texts joined, a time also as it was written."""
    into[name] = f"{into[name]};{value}" if name in into and isinstance(value, str) else value
    if isinstance(value, datetime):
        into[f"{name}_Text"] = written(value)


def document(name: str, inside: str) -> str:
    attributes = 'requestID="1" statusCode="0" statusSeverity="Info" statusMessage="OK"'
    record = f"<{name}Ret>{inside}</{name}Ret>"
    return (
        f'<?xml version="1.0" ?><QBXML><QBXMLMsgsRs><{name}QueryRs {attributes}>{record}</{name}QueryRs>'
        "</QBXMLMsgsRs></QBXML>"
    )


def compare(name: str, values: Values, record: Record) -> None:
    """The record holds exactly the values that we describe, and steps over the others."""
    entity = CONCRETE[name]
    fields, lines, own = expected(name, values)
    known = {column.name for column in columns(name)}
    assert record.fields == {key: value for key, value in fields.items() if key in known}
    assert record.custom == own
    if entity.lines is None:
        assert record.lines == {}
        return
    renamed = {each.tag("ret"): each.name for each in entity.lines.elements}
    seen = {column.name for column in columns(entity.lines.name)}
    wanted = []
    for number, line in enumerate(lines, start=1):
        kept = {renamed.get(key, key): value for key, value in line.items() if renamed.get(key, key) in seen}
        custom = {"custom": line["custom"]} if line["custom"] else {}
        wanted.append({**kept, **custom, str(entity.key): fields.get(str(entity.key)), "SeqNo": number})
    assert record.lines[entity.lines.name] == wanted


def hold(name: str, shape: tuple[Group | Node, ...], accept: Callable[[str], None]) -> None:
    @settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None)
    @given(st.integers(0, 2**32))
    def holds(seed: int) -> None:
        made, values = fill(Random(seed), shape)
        text = document(name, made)
        accept(text)
        (record,) = parse_records(text)
        assert (record.entity, record.raw_entity) == (name, name)
        compare(name, values, record)
        (response,) = parse_responses(text)
        assert response.records == [record]

    holds()


@pytest.mark.oracle
@pytest.mark.parametrize("name", RECORDS)
def test_an_answer_of_the_published_shape_reads_as_it_was_made(name: str) -> None:
    valid = schema("responses")
    shape = body("responses", f"{name}Ret")
    assert shape is not None
    hold(name, flat(name, shape), lambda text: valid.assertValid(etree.fromstring(text.encode())))


def flat(name: str, shape: tuple[Group | Node, ...]) -> tuple[Group | Node, ...]:
    """The shape without the bundles of group items, which have a test of their own."""
    lines = CONCRETE[name].lines
    if lines is None or lines.group is None:
        return shape
    made: list[Group | Node] = []
    for each in shape:
        if isinstance(each, Group):
            inside = tuple(
                part
                for part in flat(name, each.inside)
                if not (isinstance(part, Node) and part.tag == f"{lines.group}Ret")
            )
            each = Group(choice=each.choice, required=each.required, many=each.many, inside=inside)
        made.append(each)
    return tuple(made)


@pytest.mark.parametrize("name", RECORDS)
def test_an_answer_of_our_own_shape_reads_as_it_was_made(name: str) -> None:
    hold(name, our_record(name), lambda text: None)


def test_the_shapes_hold_every_column() -> None:
    """What is compared above is not empty: our shape reaches every column of every table."""
    for name in RECORDS:
        tags = set(paths(our_record(name)))
        entity = CONCRETE[name]
        for table in (name, *([entity.lines.name] if entity.lines else [])):
            place = (
                {str(entity.key), "SeqNo", "GroupTxnLineID", "TimeCreated"}
                if table != name
                else {"TimeCreated"}
            )
            for column in columns(table):
                if column.name in place or column.name.endswith("_Text"):
                    continue
                last = {"AppliedTxnID": "TxnID"}.get(column.name, column.name).split("_")[-1]
                assert last in tags, f"{table}.{column.name}"


def paths(inside: tuple[Group | Node, ...]) -> Iterator[str]:
    for each in inside:
        if isinstance(each, Node):
            yield each.tag
        yield from paths(each.inside)
