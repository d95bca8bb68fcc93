"""As strict as the schema, and no stricter: what it refuses is refused, what it takes is read.

Documents are made of elements that this project knows, in random order and number; the published schema is
the judge.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from lxml import etree
from simulator_world import schema

from qbwc.descriptor import CONCRETE, UNIONS, Element, Entity, Union
from qbwc.simulator.grammar import read
from qbwc.simulator.query_form import query_stages
from qbwc.simulator.refusals import QuickBooksRefused

HEAD = '<?xml version="1.0"?><?qbxml version="13.0"?>'
BODIES = {
    "ModifiedDateRangeFilter": "<FromModifiedDate>2026-01-01</FromModifiedDate>",
    "TxnDateRangeFilter": "<FromTxnDate>2026-01-01</FromTxnDate>",
    "DeletedDateRangeFilter": "<FromDeletedDate>2026-01-01</FromDeletedDate>",
    **dict.fromkeys(
        ("EntityFilter", "AccountFilter", "ClassFilter", "CurrencyFilter"), "<FullName>A</FullName>"
    ),
    "RefNumberFilter": "<MatchCriterion>Contains</MatchCriterion><RefNumber>1</RefNumber>",
    "RefNumberRangeFilter": "<FromRefNumber>1</FromRefNumber>",
    "NameFilter": "<MatchCriterion>Contains</MatchCriterion><Name>a</Name>",
    "NameRangeFilter": "<ToName>a</ToName>",
    "TotalBalanceFilter": "<Operator>Equal</Operator><Amount>1.00</Amount>",
    "FromModifiedDate": "2026-01-01", "ToModifiedDate": "2026-01-01", "MaxReturned": "5",
    "ActiveStatus": "All", "AccountType": "Income", "PaidStatus": "All", "IncludeLineItems": "true",
    "IncludeLinkedTxns": "true", "OwnerID": "0", "AssignToObject": "Customer", "ListDelType": "Customer",
    "TxnDelType": "Invoice", "ListID": "8-1", "TxnID": "8-1", "FullName": "A", "RefNumber": "1",
    "RefNumberCaseSensitive": "1", "IncludeRetElement": "Name",
}  # fmt: skip
SAMPLES = {
    "bool": "true", "int": "1", "amount": "1.00", "price": "1.5", "quantity": "1", "percent": "1",
    "rate": "1", "date": "2026-01-01", "guid": "{1F0C6D0B-0D63-4A5C-9D7E-52A7D3F00002}", "id": "8-1",
}  # fmt: skip
QUERIES = [name for name in (*CONCRETE, *UNIONS) if name != "DataExt"]
WRITES = [
    (name, action)
    for name, entity in CONCRETE.items()
    for action in ("add", "mod")
    if action in entity.actions
]


def entity_of(name: str) -> Entity | Union:
    return CONCRETE.get(name) or UNIONS[name]


def judged(request: str) -> tuple[bool, bool]:
    """Whether the schema takes a request, and whether the simulator does."""
    document = f'{HEAD}<QBXML><QBXMLMsgsRq onError="stopOnError">{request}</QBXMLMsgsRq></QBXML>'
    judge = schema("requests")
    if judge is None:
        pytest.skip("oracles not present: qbxml/requests/qbxmlops130.xsd")
    try:
        read(document)
    except QuickBooksRefused:
        return judge.validate(etree.fromstring(document.encode())), False
    return judge.validate(etree.fromstring(document.encode())), True


def shuffled(rng: random.Random, items: list[str]) -> list[str]:
    """Some of the items: mostly in order, sometimes two exchanged or one twice."""
    picked = [item for item in items if rng.random() < 0.4]
    if len(picked) > 1 and rng.random() < 0.4:
        at = rng.randrange(len(picked) - 1)
        picked[at], picked[at + 1] = picked[at + 1], picked[at]
    if picked and rng.random() < 0.3:
        picked.insert(rng.randrange(len(picked)), rng.choice(picked))
    return picked


@pytest.mark.parametrize("name", QUERIES)
def test_queries(name: str) -> None:
    rng = random.Random(name)
    entity = entity_of(name)
    known = [tag for stage in query_stages(entity) for tag in stage]
    verdicts = set()
    for _ in range(120):
        tags = shuffled(rng, known)
        if rng.random() < 0.1:
            tags.insert(rng.randrange(len(tags) + 1), rng.choice(sorted(BODIES)))
        attributes = "".join(
            f' {key}="{value}"'
            for key, value in (("metaData", "MetaDataOnly"), ("iterator", "Start"), ("iteratorID", "{1}"))
            if rng.random() < 0.1
        )
        body = "".join(f"<{tag}>{BODIES[tag]}</{tag}>" for tag in tags)
        request = f"<{name}QueryRq{attributes}>{body}</{name}QueryRq>"
        by_schema, by_simulator = judged(request)
        assert by_simulator is by_schema, request
        verdicts.add(by_schema)
    assert verdicts == {True, False}


def values(rng: random.Random, elements: tuple[Element, ...], action: str) -> list[str]:
    """Every element that the message may hold, with a value."""
    made = []
    for element in elements:
        if not element.takes_part(action):  # type: ignore[arg-type]
            continue
        tag = element.tag(action)  # type: ignore[arg-type]
        if element.kind == "ref":
            inner = "<FullName>A</FullName>"
        elif element.children:
            inner = "".join(shuffled(rng, values(rng, element.children, action)))
        else:
            inner = element.values[0] if element.values else SAMPLES.get(element.kind, "A")
        made.append(f"<{tag}>{inner}</{tag}>")
    return made


def bodies(rng: random.Random, entity: Entity, action: str) -> Iterator[str]:
    # A choice of branches is seldom right by chance.
    for _ in range(120 if entity.key else 1500):
        whole = values(rng, entity.elements, action)
        needed = {
            f"<{element.name}>"
            for element in entity.elements
            if element.required and not element.choice and (action == "add" or not entity.key)
        }
        keep = rng.random() < 0.8
        body = [each for each in whole if (keep and each.split(">")[0] + ">" in needed) or rng.random() < 0.3]
        if rng.random() < 0.3:
            body = shuffled(rng, body)
        if action == "mod" and entity.key:
            head = [f"<{entity.key}>8-1</{entity.key}>", "<EditSequence>1</EditSequence>"]
            body = (head if rng.random() < 0.9 else head[:1]) + body
        if entity.lines and rng.random() < 0.8:
            line = "".join(each for each in values(rng, entity.lines.elements, action) if rng.random() < 0.4)
            head_of_line = "<TxnLineID>-1</TxnLineID>" if action == "mod" else ""
            tag = f"{entity.lines.name}{action.capitalize()}"
            at = len(body) if rng.random() < 0.8 else rng.randrange(len(body) + 1)
            body.insert(at, f"<{tag}>{head_of_line}{line}</{tag}>")
        yield "".join(body)


@pytest.mark.parametrize(("name", "action"), WRITES)
def test_writes(name: str, action: str) -> None:
    rng = random.Random(f"{name}{action}")
    verdicts = set()
    tag = f"{name}{action.capitalize()}"
    for body in bodies(rng, CONCRETE[name], action):
        request = f"<{tag}Rq><{tag}>{body}</{tag}></{tag}Rq>"
        by_schema, by_simulator = judged(request)
        assert by_simulator is by_schema, request
        verdicts.add(by_schema)
    assert verdicts == {True, False}
